/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HEATMAP_H
#define __PERF_DAMON_HEATMAP_H

#include <linux/types.h>

/* The value of a cell that was not monitored. */
#define DAMON_HEATMAP_NONE	-1.0

/**
 * struct damon_heatmap_cell - a stretch of time and a range of addresses
 * @heat: access rate times bytes times nanoseconds, summed over all regions
 * @seen: bytes times nanoseconds that were monitored
 */
struct damon_heatmap_cell {
	double	heat;
	double	seen;
};

/**
 * struct damon_heatmap - access rates by time and address
 * @time_start: start of the first column
 * @time_end: end of the last column
 * @addr_start: start of the first row
 * @addr_end: end of the last row
 * @nr_cols: columns, by time
 * @nr_rows: rows, by address
 * @cell: the cells, one row after the other
 */
struct damon_heatmap {
	u64				time_start;
	u64				time_end;
	u64				addr_start;
	u64				addr_end;
	unsigned int			nr_cols;
	unsigned int			nr_rows;
	struct damon_heatmap_cell	*cell;
};

int damon_heatmap__init(struct damon_heatmap *map, unsigned int nr_cols, unsigned int nr_rows);
void damon_heatmap__exit(struct damon_heatmap *map);
void damon_heatmap__add(struct damon_heatmap *map, u64 time_start, u64 time_end,
			u64 addr_start, u64 addr_end, double rate);
double damon_heatmap__value(const struct damon_heatmap *map, unsigned int col, unsigned int row);
double damon_heatmap__max(const struct damon_heatmap *map);
u64 damon_heatmap__col_time(const struct damon_heatmap *map, unsigned int col);
u64 damon_heatmap__row_addr(const struct damon_heatmap *map, unsigned int row);

#endif /* __PERF_DAMON_HEATMAP_H */
