/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_REGION_H
#define _MM_DAMON_REGION_H

#include <linux/damon.h>

bool damon_may_have_regions(size_t nr);
int damon_reserve_regions(struct damon_regions *regions, size_t nr);
void damon_free_regions(struct damon_regions *regions);
struct damon_region *damon_append_region(struct damon_regions *regions,
					 unsigned long start,
					 unsigned long end);
struct damon_region *damon_find_region(const struct damon_regions *regions,
				       unsigned long addr);
unsigned long damon_regions_size(const struct damon_regions *regions);
int damon_fit_regions(struct damon_regions *regions,
		      const struct damon_range *ranges, unsigned int nr_ranges);
unsigned long damon_total_nr(struct damon_ctx *ctx);
int damon_cut_regions(struct damon_regions *regions,
		      const struct damon_cuts *cuts);

void damon_add_cut(struct damon_cuts *cuts, unsigned long addr);
void damon_free_cuts(struct damon_cuts *cuts);

/* Go through regions as damon_for_each_region() does, and let others run */
#define damon_for_each_region_resched(r, regions)			\
	for (r = (regions)->v; r < (regions)->v + (regions)->nr;	\
	     r++, cond_resched())

static inline unsigned long damon_nr_pages(const struct damon_region *r)
{
	return damon_range_size(&r->range) >> PAGE_SHIFT;
}

#endif /* _MM_DAMON_REGION_H */
