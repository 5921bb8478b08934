/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_DISTRIBUTION_H
#define __PERF_DAMON_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct damon_distribution - numbers, to compute their percentiles
 * @value: the numbers
 * @time: the time of each number, if @timed
 * @nr: how many there are
 * @capacity: number of elements allocated
 * @timed: keep the time of each number
 * @sorted: @value is sorted, and no longer in the order of @time
 */
struct damon_distribution {
	u64	*value;
	u64	*time;
	size_t	nr;
	size_t	capacity;
	bool	timed;
	bool	sorted;
};

void damon_distribution__exit(struct damon_distribution *dist);
int damon_distribution__add(struct damon_distribution *dist, u64 time, u64 value);
u64 damon_distribution__percentile(struct damon_distribution *dist, unsigned int percent);
size_t damon_distribution__rank(const struct damon_distribution *dist, unsigned int percent);
u64 damon_distribution__greatest(const struct damon_distribution *dist);
u64 damon_distribution__average(const struct damon_distribution *dist, unsigned int scale);

#endif /* __PERF_DAMON_DISTRIBUTION_H */
