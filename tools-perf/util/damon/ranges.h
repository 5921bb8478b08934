/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RANGES_H
#define __PERF_DAMON_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

/**
 * struct damon_range - an address range
 * @start: start address
 * @end: end address, exclusive
 */
struct damon_range {
	u64	start;
	u64	end;
};

/**
 * struct damon_ranges - ranges in ascending order, without overlaps
 * @nr: number of ranges
 * @range: the ranges
 */
struct damon_ranges {
	size_t			nr;
	struct damon_range	*range;
};

void damon_ranges__exit(struct damon_ranges *ranges);
int damon_ranges__add(struct damon_ranges *ranges, u64 start, u64 end);
int damon_ranges__parse(struct damon_ranges *ranges, const char *str);
int damon_ranges__read_iomem(struct damon_ranges *ranges, FILE *iomem);
int damon_ranges__system_ram(struct damon_ranges *ranges);
void damon_ranges__join(struct damon_ranges *ranges);
char *damon_ranges__str(const struct damon_ranges *ranges);

#endif /* __PERF_DAMON_RANGES_H */
