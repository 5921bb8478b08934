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
#include <linux/hash.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "evidence.h"
#include "flush.h"

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
 * struct damon_choice - where in each region to probe
 * @random:	a fraction of 2^64, different for each region
 *
 * Begins at random with each pass and goes on in steps of the golden ratio, a
 * Weyl sequence.  So every page is as likely as any other, and passes know
 * nothing of each other; that neighbours in one pass do is of no harm.
 */
struct damon_choice {
	u64 random;
};

static inline struct damon_choice damon_new_choice(struct damon_ctx *ctx)
{
	u64 high = prandom_u32_state(&ctx->random);

	return (struct damon_choice) {
		.random = high << 32 | prandom_u32_state(&ctx->random),
	};
}

/* A page of a part of @range: all of the part are equally likely */
static __always_inline unsigned long
damon_choose_page(struct damon_choice *choice, const struct damon_range *range,
		  unsigned int part)
{
	unsigned long pages = damon_range_size(range) >> PAGE_SHIFT;
	unsigned long page;

	choice->random += GOLDEN_RATIO_64;
	page = pages * part + mul_u64_u64_shr(choice->random, pages, 64);
	return range->start + page / DAMON_NR_PARTS * PAGE_SIZE;
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
	unsigned int part = damon_part(t->sample);
	unsigned int next_part = damon_part(ctx->sample);
	struct damon_choice choice = damon_new_choice(ctx);
	struct damon_cleared cleared = {};
	struct damon_region *r;

	damon_for_each_region(r, &t->regions) {
		unsigned long last = what & DAMON_CHECK ? r->probes[0] :
							  DAMON_NO_PROBE;
		unsigned long next = what & DAMON_PREPARE ?
				     damon_choose_page(&choice, &r->range,
						       next_part) :
				     DAMON_NO_PROBE;

		r->probes[0] = next;
		/* In address order; the same page is first checked. */
		if (next < last)
			damon_probe_clear(prober, &cleared, next);
		if (last != DAMON_NO_PROBE &&
		    damon_probe_accessed(prober, &cleared, last)) {
			r->nr_accesses++;
			r->hits[part]++;
		}
		if (next >= last && next != DAMON_NO_PROBE)
			damon_probe_clear(prober, &cleared, next);
	}
}

/* The parts that samples taken at once probe, in address order */
static inline void damon_burst_parts(const struct damon_target *t,
				     unsigned int parts[DAMON_MAX_PROBES])
{
	unsigned int i, j;

	for (i = 0; i < t->nr_samples; i++) {
		unsigned int part = damon_part(t->sample + i);

		for (j = i; j && parts[j - 1] > part; j--)
			parts[j] = parts[j - 1];
		parts[j] = part;
	}
}

/*
 * Check the probes of a region; with DAMON_REPEAT prepare those that were seen
 * accessed again, and forget the others.
 */
static __always_inline void damon_check_burst_of(struct damon_target *t,
						 struct damon_region *r,
						 const unsigned int *parts,
						 bool repeat,
						 const struct damon_prober *prober,
						 struct damon_cleared *cleared)
{
	unsigned int i;

	for (i = 0; i < t->nr_probes; i++) {
		if (damon_probe_accessed(prober, cleared, r->probes[i])) {
			r->nr_accesses++;
			r->hits[parts[i]]++;
		} else {
			r->probes[i] = DAMON_NO_PROBE;
		}
	}
	/* After all checks, as two probes may be one page. */
	for (i = 0; repeat && i < t->nr_probes; i++)
		if (r->probes[i] != DAMON_NO_PROBE)
			damon_probe_clear(prober, cleared, r->probes[i]);
}

/* Ask the pages again that were seen accessed after a flush */
static __always_inline void damon_check_repeated(struct damon_ctx *ctx,
						 struct damon_target *t,
						 const struct damon_region *r,
						 const struct damon_prober *prober,
						 const struct damon_cleared *cleared)
{
	unsigned int i, seen = 0, again = 0;

	for (i = 0; i < t->nr_probes; i++) {
		if (r->probes[i] == DAMON_NO_PROBE)
			continue;
		seen++;
		if (damon_probe_accessed(prober, cleared, r->probes[i]))
			again++;
	}
	if (seen)
		damon_note_repeated(ctx, t, r, seen, again);
}

/**
 * damon_probe_burst - do one pass for samples that are taken at once
 * @ctx:	the context
 * @t:		the target
 * @what:	DAMON_CHECK, with or without DAMON_REPEAT, or DAMON_PREPARE
 * @prober:	how to look at a page
 */
static __always_inline void damon_probe_burst(struct damon_ctx *ctx,
					      struct damon_target *t,
					      unsigned int what,
					      const struct damon_prober *prober)
{
	struct damon_choice choice = damon_new_choice(ctx);
	unsigned int parts[DAMON_MAX_PROBES], i;
	struct damon_cleared cleared = {};
	struct damon_region *r;

	damon_burst_parts(t, parts);
	damon_for_each_region(r, &t->regions) {
		if (what & DAMON_PREPARE) {
			for (i = 0; i < t->nr_samples; i++) {
				r->probes[i] = damon_choose_page(&choice,
								 &r->range,
								 parts[i]);
				damon_probe_clear(prober, &cleared,
						  r->probes[i]);
			}
		} else if (t->repeated) {
			damon_check_repeated(ctx, t, r, prober, &cleared);
		} else {
			damon_check_burst_of(t, r, parts, what & DAMON_REPEAT,
					     prober, &cleared);
		}
	}
}

#endif /* _MM_DAMON_PROBE_H */
