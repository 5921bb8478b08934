/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_THREE_RANGES_H
#define _MM_DAMON_THREE_RANGES_H

#include <linux/damon.h>

/**
 * struct damon_three_ranges - the two largest gaps met so far
 * @mapped:	from the first mapping to the end of the last
 * @gaps:	the gaps, in address order; empty where there were fewer
 */
struct damon_three_ranges {
	struct damon_range mapped;
	struct damon_range gaps[2];
};

void damon_three_ranges_add(struct damon_three_ranges *three,
			    unsigned long start, unsigned long end);
unsigned int damon_three_ranges_get(const struct damon_three_ranges *three,
				    struct damon_range ranges[3]);

#endif /* _MM_DAMON_THREE_RANGES_H */
