/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_EVIDENCE_H
#define _MM_DAMON_EVIDENCE_H

#include <linux/damon.h>

/* What &damon_region.mean counts in */
#define DAMON_MEAN_ONE	16

/*
 * The part of each region that a sample probes.  A step of three goes to all of
 * them, and two samples in a row to distant ones.
 */
#define DAMON_PART_STEP	3

static inline unsigned int damon_part(unsigned int sample)
{
	return sample * DAMON_PART_STEP % DAMON_NR_PARTS;
}

void damon_learn(struct damon_region *r, unsigned int samples, unsigned int at_once);
bool damon_alike(const struct damon_region *a, const struct damon_region *b,
		 unsigned int samples, unsigned int tolerance);
void damon_find_cuts(struct damon_ctx *ctx);
void damon_add_cut(struct damon_cuts *cuts, unsigned long addr);
void damon_sort_cuts(struct damon_cuts *cuts);
void damon_free_cuts(struct damon_cuts *cuts);

#endif /* _MM_DAMON_EVIDENCE_H */
