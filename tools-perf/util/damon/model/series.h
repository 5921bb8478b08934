/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SERIES_H
#define __PERF_DAMON_SERIES_H

#include "areas.h"

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_snapshot;

/* The number of each snapshot whose distribution is reported. */
enum damon_series {
	DAMON_SERIES_NONE,
	DAMON_SERIES_WORKING_SET,
	/* In hundredths, as averages have two decimals. */
	DAMON_SERIES_REGIONS,
};

/**
 * struct damon_distribution - numbers, to compute their percentiles
 * @value: the numbers
 * @time: the time of each number, if @timed
 * @nr: how many there are
 * @greatest: the greatest one, 0: none
 * @capacity: number of elements allocated
 * @timed: keep the time of each number
 * @sorted: @value is sorted, and no longer in the order of @time
 */
struct damon_distribution {
	u64	*value;
	u64	*time;
	size_t	nr;
	u64	greatest;
	size_t	capacity;
	bool	timed;
	bool	sorted;
};

void damon_distribution__exit(struct damon_distribution *dist);
int damon_distribution__add(struct damon_distribution *dist, u64 time, u64 value);
u64 damon_distribution__percentile(struct damon_distribution *dist, unsigned int percent);
size_t damon_distribution__rank(const struct damon_distribution *dist, unsigned int percent);
u64 damon_distribution__average(const struct damon_distribution *dist);

/**
 * struct damon_working_set - memory that was accessed within the current work time
 * @accessed: the accessed memory
 * @nr_snapshots: number of snapshots in this work time so far
 * @since: start of this work time, if there are any snapshots
 */
struct damon_working_set {
	struct damon_areas	accessed;
	unsigned long		nr_snapshots;
	u64			since;
};

int damon_working_set__add(struct damon_working_set *set, struct damon_distribution *sizes,
			   const struct damon_snapshot *snapshot, u64 work_ns);

#endif /* __PERF_DAMON_SERIES_H */
