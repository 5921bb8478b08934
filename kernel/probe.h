/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One pass over the regions of a target: check the old probes, prepare new ones.
 *
 * Inline, so that each operation set has a loop of its own without indirect calls: this
 * runs every few milliseconds for every region.
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
#include "lru.h"
#include "region.h"

/**
 * struct damon_prober - how to test and clear the Accessed bit of a page
 * @accessed:	test it
 * @clear:	test and clear it; returns whether it was set, and in *@shared the addresses
 *		that share it, if these are more than the page
 * @lru:	what the LRU lists say of the page, see damon_lru_says_accessed(); for
 *		&damon_pass.lru
 * @again:	see &damon_pass.again
 * @resched:	drop locks, and call cond_resched(); called every few regions
 * @arg:	argument of all these
 */
struct damon_prober {
	bool (*accessed)(void *arg, unsigned long addr);
	bool (*clear)(void *arg, unsigned long addr,
		      struct damon_range *shared);
	u8 (*lru)(void *arg, unsigned long addr);
	void (*again)(void *arg, unsigned long addr);
	void (*resched)(void *arg);
	void *arg;
};

/* Regions between two calls of @resched: each checks a page and prepares another one */
#define DAMON_RESCHED_REGIONS	32

/**
 * struct damon_cleared - the Accessed bit of a huge page that was cleared last
 * @range:	addresses that share it
 * @young:	whether it was set
 *
 * Regions may share a huge page.  The first of them that prepares a probe there clears
 * the bit that the next one still has to check.  As a pass goes up the addresses, it is
 * enough to remember the last one.
 */
struct damon_cleared {
	struct damon_range range;
	bool young;
};

static __always_inline bool damon_probe_accessed(const struct damon_prober *prober,
						 const struct damon_cleared *cleared,
						 unsigned long addr)
{
	if (unlikely(cleared->young) && addr >= cleared->range.start &&
	    addr < cleared->range.end)
		return true;
	return prober->accessed(prober->arg, addr);
}

static __always_inline void damon_probe_clear(const struct damon_prober *prober,
					      struct damon_cleared *cleared,
					      struct damon_region *r, bool lru)
{
	struct damon_range shared = {};

	r->probe_young = prober->clear(prober->arg, r->probe, &shared);
	if (lru)
		r->probe_lru = prober->lru(prober->arg, r->probe);
	if (!shared.end)
		return;
	cleared->young = r->probe_young ||
			 (cleared->young && cleared->range.end &&
			  shared.start == cleared->range.start);
	cleared->range = shared;
}

/**
 * struct damon_choice - a sequence of random numbers, one for each region
 * @random:	a fraction of 2^64
 *
 * Begins at random with each pass and goes on in steps of the golden ratio: a Weyl
 * sequence.  So all pages are equally likely, and passes are independent.  Neighbours in
 * one pass are not, which does no harm.
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

/* Choose a page of a part of @range: all in the part are equally likely */
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
 * struct damon_pass - one pass over the regions of a target
 * @what:	DAMON_CHECK, DAMON_PREPARE or both
 * @tells:	whether the results of the sample that is checked count
 * @kind:	what is to be invalidated for the sample that is prepared
 * @again:	call &damon_prober.again for pages that were prepared for the sample that is
 *		checked, and whose Accessed bit was set then
 * @lru:	use the LRU lists, too: the sampling interval is long
 * @limited:	not all regions get a probe
 * @max_young:	none gets one after so many pages whose Accessed bit was set, as then the
 *		batch is full
 * @chance:	the share of regions that get one, of 2^32: of those that are not certain,
 *		and of those that are, see damon_is_certain()
 * @young:	pages whose Accessed bit was set, in the same two kinds of regions
 * @hits:	probes that were accessed
 * @probes:	probes that were checked
 */
struct damon_pass {
	unsigned int what;
	bool tells;
	enum damon_flush_kind kind;
	bool again;
	bool lru;
	bool limited;
	unsigned int max_young;
	u32 chance[2];
	unsigned int young[2];
	unsigned int hits;
	unsigned int probes;
};

/* Nothing has to fit into a batch: only regions that are certain may have to share */
static inline void damon_share_probes(const struct damon_ctx *ctx, struct damon_pass *pass)
{
	pass->limited = ctx->certain_chance < U32_MAX;
	pass->max_young = UINT_MAX;
	pass->chance[false] = U32_MAX;
	pass->chance[true] = ctx->certain_chance;
}

/* Whether a region gets a probe in a pass that does not give one to all */
static __always_inline bool damon_is_chosen(const struct damon_pass *pass,
					    const struct damon_choice *choice,
					    bool certain)
{
	return pass->young[false] + pass->young[true] < pass->max_young &&
	       hash_64(choice->random, 32) < pass->chance[certain];
}

/* Choose the page of a region to be prepared, or none */
static __always_inline unsigned long damon_choose_probe(const struct damon_pass *pass,
							struct damon_choice *choice,
							const struct damon_region *r,
							unsigned int part,
							unsigned int samples)
{
	unsigned long page = damon_choose_page(choice, &r->range, part);

	if (pass->limited && !damon_is_chosen(pass, choice, damon_is_certain(r, samples)))
		return DAMON_NO_PROBE;
	return page;
}

/* The number of a page in its region as &damon_region.hit has it */
static __always_inline u16 damon_page_number(const struct damon_region *r, unsigned long page)
{
	unsigned long before = (page - r->range.start) >> PAGE_SHIFT;

	return before < U16_MAX ? before + 1 : 0;
}

/* Count the sample that was checked, of @page if there was one, and if it counts at all */
static __always_inline void damon_count_sample(struct damon_region *r,
					       const struct damon_pass *pass,
					       unsigned long page, bool accessed,
					       unsigned int part)
{
	if (!(pass->what & DAMON_CHECK)) {
		r->nr_unknown = 0;
	} else if (page == DAMON_NO_PROBE || !pass->tells) {
		damon_add_unknown(r);
	} else if (accessed) {
		r->nr_accesses++;
		r->hits[part]++;
		r->hit = damon_page_number(r, page);
	}
}

/**
 * damon_probe_regions - do one pass
 * @ctx:	the context
 * @t:		the target
 * @pass:	what to do, and what comes of it
 * @prober:	how to test and clear Accessed bits
 */
static __always_inline void damon_probe_regions(struct damon_ctx *ctx,
						struct damon_target *t,
						struct damon_pass *pass,
						const struct damon_prober *prober)
{
	const bool check = pass->what & DAMON_CHECK;
	const bool prepare = pass->what & DAMON_PREPARE;
	const bool lru = pass->lru;
	const struct damon_region *end = t->regions.v + t->regions.nr;
	const unsigned int samples = damon_max_accesses(&ctx->attrs);
	const unsigned int part = ctx->part, next_part = ctx->next_part;
	struct damon_choice choice = damon_new_choice(ctx);
	struct damon_cleared cleared = {};
	unsigned int left = DAMON_RESCHED_REGIONS, probes = 0, hits = 0;
	struct damon_region *r;

	for (r = t->regions.v; r < end; r++) {
		unsigned long last = check ? r->probe : DAMON_NO_PROBE;
		unsigned long next = DAMON_NO_PROBE;
		bool was_young = r->probe_young, accessed = false, first;
		u8 last_lru = r->probe_lru;

		if (!--left) {
			prober->resched(prober->arg);
			left = DAMON_RESCHED_REGIONS;
		}
		if (prepare)
			next = damon_choose_probe(pass, &choice, r, next_part, samples);
		r->probe = next;
		r->probe_young = false;
		/* In address order.  If both are the same page, check it first. */
		first = next < last;
		if (first)
			damon_probe_clear(prober, &cleared, r, lru);
		if (last != DAMON_NO_PROBE) {
			accessed = damon_probe_accessed(prober, &cleared, last) ||
				   (lru && damon_lru_says_accessed(last_lru,
						prober->lru(prober->arg, last)));
			probes++;
			hits += accessed;
			if (was_young && pass->again)
				prober->again(prober->arg, last);
		}
		if (!first && next != DAMON_NO_PROBE)
			damon_probe_clear(prober, &cleared, r, lru);
		if (r->probe_young)
			pass->young[damon_is_certain(r, samples)]++;
		damon_count_sample(r, pass, last, accessed, part);
	}
	pass->probes = probes;
	pass->hits = hits;
	if (check && pass->tells)
		t->probed[part]++;
}

#endif /* _MM_DAMON_PROBE_H */
