/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HEATMAP_H
#define __PERF_DAMON_HEATMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* The value of a cell that was not monitored. */
#define DAMON_HEATMAP_NONE	-1.0

/**
 * struct damon_heatmap_cell - a stretch of time and a range of addresses
 * @heat: access rate times bytes times nanoseconds, summed over all regions
 * @seen: bytes times nanoseconds that were monitored
 * @marked: damon_heatmap__mark() was called for a part of it
 */
struct damon_heatmap_cell {
	double	heat;
	double	seen;
	bool	marked;
};

/**
 * struct damon_stretch - addresses that a heat map shows
 * @start: start address
 * @end: end address, exclusive
 * @offset: bytes that are shown below it
 */
struct damon_stretch {
	u64	start;
	u64	end;
	u64	offset;
};

/**
 * struct damon_heatmap - access rates by time and address
 * @time_start: start of the first column
 * @time_end: end of the last column
 * @stretch: what the rows show, by address: what is between two stretches is left out
 * @nr_stretches: how many there are
 * @bytes: size of all stretches
 * @nr_cols: columns, by time
 * @nr_rows: rows, by address
 * @cell: the cells, one row after the other
 */
struct damon_heatmap {
	u64				time_start;
	u64				time_end;
	struct damon_stretch		*stretch;
	size_t				nr_stretches;
	u64				bytes;
	unsigned int			nr_cols;
	unsigned int			nr_rows;
	struct damon_heatmap_cell	*cell;

	/* private */
	size_t				capacity;
};

int damon_heatmap__show(struct damon_heatmap *map, u64 start, u64 end);
int damon_heatmap__init(struct damon_heatmap *map, unsigned int nr_cols, unsigned int nr_rows);
void damon_heatmap__exit(struct damon_heatmap *map);
void damon_heatmap__add(struct damon_heatmap *map, u64 time_start, u64 time_end,
			u64 addr_start, u64 addr_end, double rate);
void damon_heatmap__mark(struct damon_heatmap *map, u64 time, u64 addr_start, u64 addr_end);
bool damon_heatmap__is_marked(const struct damon_heatmap *map, unsigned int col, unsigned int row);
double damon_heatmap__value(const struct damon_heatmap *map, unsigned int col, unsigned int row);
double damon_heatmap__max(const struct damon_heatmap *map);
u64 damon_heatmap__col_time(const struct damon_heatmap *map, unsigned int col);
u64 damon_heatmap__row_addr(const struct damon_heatmap *map, unsigned int row);
bool damon_heatmap__is_break(const struct damon_heatmap *map, size_t i);
bool damon_heatmap__has_break(const struct damon_heatmap *map, unsigned int row);

#endif /* __PERF_DAMON_HEATMAP_H */
