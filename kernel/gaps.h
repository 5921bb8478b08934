/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_GAPS_H
#define _MM_DAMON_GAPS_H

#include <linux/damon.h>

/**
 * struct damon_gaps - what is not mapped of an address space
 * @all:	from the first mapping to the end of the last
 * @mapped:	bytes that are mapped
 * @largest:	the two largest gaps, the larger one first; empty where there were fewer
 * @v:		gaps that may be large, in address order
 * @nr:		number of @v
 * @capacity:	how many fit into @v; gaps for which there is no room do not count
 */
struct damon_gaps {
	struct damon_range all;
	unsigned long mapped;
	struct damon_range largest[2];
	struct damon_range *v;
	unsigned int nr;
	unsigned int capacity;
};

void damon_gaps_add(struct damon_gaps *gaps, unsigned long start, unsigned long end);
int damon_gaps_get_ranges(const struct damon_gaps *gaps, const struct damon_gaps *last,
			  unsigned int most, struct damon_range **ranges);

#endif /* _MM_DAMON_GAPS_H */
