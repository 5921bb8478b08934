/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_REGION_H
#define _MM_DAMON_REGION_H

#include <linux/damon.h>

int damon_reserve_regions(struct damon_regions *regions, size_t capacity);
void damon_free_regions(struct damon_regions *regions);
struct damon_region *damon_append_region(struct damon_regions *regions,
					 unsigned long start,
					 unsigned long end);
unsigned long damon_regions_size(const struct damon_regions *regions);
int damon_fit_regions(struct damon_regions *to,
		      const struct damon_regions *from,
		      const struct damon_range *ranges, unsigned int nr_ranges);

static inline unsigned long damon_nr_pages(const struct damon_region *r)
{
	return damon_range_size(&r->range) >> PAGE_SHIFT;
}

#endif /* _MM_DAMON_REGION_H */
