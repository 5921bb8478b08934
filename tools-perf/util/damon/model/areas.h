/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_AREAS_H
#define __PERF_DAMON_AREAS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_snapshot;

/**
 * struct damon_area - a range of addresses that was monitored
 * @start: start address
 * @end: end address, exclusive
 * @bytes: how much of that is memory, set by damon_areas__join()
 * @heat: number of accesses times bytes, summed over all snapshots
 */
struct damon_area {
	u64	start;
	u64	end;
	u64	bytes;
	double	heat;
};

/**
 * struct damon_areas - the areas of a target
 * @area: the areas
 * @nr: number of areas that are sorted by address
 * @nr_new: number of new areas behind them, which are not sorted yet
 * @capacity: number of areas allocated
 * @part: what the areas were joined from: memory without gaps; NULL: gaps are not left out
 * @nr_parts: how many there are
 * @heat: the heat of all areas, set by damon_areas__join()
 * @hottest: the area with the most accesses, the biggest one if there were none; NULL: no areas
 */
struct damon_areas {
	struct damon_area	*area;
	size_t			nr;
	size_t			nr_new;
	size_t			capacity;
	struct damon_area	*part;
	size_t			nr_parts;
	double			heat;
	const struct damon_area	*hottest;
};

void damon_areas__exit(struct damon_areas *areas);
int damon_areas__add(struct damon_areas *areas, const struct damon_snapshot *snapshot,
		     u32 threshold);
int damon_areas__join(struct damon_areas *areas, bool sparse);
u64 damon_areas__bytes(struct damon_areas *areas);

#endif /* __PERF_DAMON_AREAS_H */
