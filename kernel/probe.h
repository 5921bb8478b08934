/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One pass over the regions of a target: check the old probes, prepare new ones.
 *
 * Inline, so that each operation set gets a loop of its own in which its two
 * functions are no indirect calls: this runs every few milliseconds for every
 * region.
 */
#ifndef _MM_DAMON_PROBE_H
#define _MM_DAMON_PROBE_H

#include <linux/damon.h>
#include <linux/mm.h>

#include "adapt.h"

/**
 * struct damon_prober - how to look at a page
 * @accessed:	whether the page at an address has been accessed
 * @clear:	forget that it has; returns whether, and in *@shared, if that is
 *		more than the page, which addresses share its Accessed bit
 * @arg:	for both
 */
struct damon_prober {
	bool (*accessed)(void *arg, unsigned long addr);
	bool (*clear)(void *arg, unsigned long addr,
		      struct damon_range *shared);
	void *arg;
};

/**
 * struct damon_cleared - the Accessed bit of a huge page that was cleared last
 * @range:	addresses that share it
 * @young:	whether it was set
 *
 * Regions may share a huge page.  The first of them that prepares a probe in it
 * clears the bit that the next one still has to check.  As addresses go up, it
 * is enough to remember the last one.
 */
struct damon_cleared {
	struct damon_range range;
	bool young;
};

static __always_inline bool damon_probe_accessed(const struct damon_prober *prober,
						 const struct damon_cleared *cleared,
						 unsigned long addr)
{
	if (cleared->young && addr >= cleared->range.start &&
	    addr < cleared->range.end)
		return true;
	return prober->accessed(prober->arg, addr);
}

static __always_inline void damon_probe_clear(const struct damon_prober *prober,
					      struct damon_cleared *cleared,
					      unsigned long addr)
{
	struct damon_range shared = {};
	bool young = prober->clear(prober->arg, addr, &shared);

	if (!shared.end)
		return;
	if (shared.start == cleared->range.start && cleared->range.end)
		young |= cleared->young;
	cleared->range = shared;
	cleared->young = young;
}

/**
 * damon_probe_regions - do one pass
 * @ctx:	the context
 * @t:		the target
 * @what:	DAMON_CHECK, DAMON_PREPARE or both
 * @prober:	how to look at a page
 */
static __always_inline void damon_probe_regions(struct damon_ctx *ctx,
						struct damon_target *t,
						unsigned int what,
						const struct damon_prober *prober)
{
	struct damon_cleared cleared = {};
	struct damon_region *r;

	damon_for_each_region(r, &t->regions) {
		unsigned long last = what & DAMON_CHECK ? r->probe :
							  DAMON_NO_PROBE;
		unsigned long next = what & DAMON_PREPARE ?
				     damon_random_page(&ctx->random, &r->range) :
				     DAMON_NO_PROBE;

		r->probe = next;
		/* In address order; the same page is first checked. */
		if (next < last)
			damon_probe_clear(prober, &cleared, next);
		if (last != DAMON_NO_PROBE &&
		    damon_probe_accessed(prober, &cleared, last))
			r->nr_accesses++;
		if (next >= last && next != DAMON_NO_PROBE)
			damon_probe_clear(prober, &cleared, next);
	}
}

#endif /* _MM_DAMON_PROBE_H */
