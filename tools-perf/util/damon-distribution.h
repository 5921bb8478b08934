/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_DISTRIBUTION_H
#define __PERF_DAMON_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct damon_distribution - numbers, of which percentiles are wanted
 * @value: the numbers
 * @time: when each of them was, if @timed
 * @nr: how many there are
 * @capacity: how many fit
 * @timed: they stay in the order in which they came
 * @sorted: they are in order of size; @time is not
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
