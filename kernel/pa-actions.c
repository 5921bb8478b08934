// SPDX-License-Identifier: GPL-2.0
/*
 * Actions on physical memory: page-outs, the LRU lists, and moves to another node.
 *
 * A folio is acted on as a whole, by the range that it begins in: so each is met once, however
 * regions cut it.  It must end there, too, if bytes are limited, as the range may be all that is
 * left of the limit; and if addresses are filtered, as the range may end where a filter begins.
 */
#include <kunit/visibility.h>
#include <linux/damon.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "access.h"
#include "act.h"
#include "folio.h"
#include "lru.h"
#include "pa-actions.h"
#include "pa-filter.h"
#include "pa-visit.h"
#include "pageout.h"

/* Folios between two questions for the time */
#define FOLIOS_PER_CHECK	32
/* Pages that are moved together, so that their TLB entries are flushed together */
#define MOVED_TOGETHER		512

/**
 * struct damon_pa_work - what a call of damon_pa_act() does
 * @scheme:	the scheme
 * @pageout:	folios that are to be reclaimed
 * @moving:	folios that are to be moved
 * @nr_moving:	pages of these
 * @bytes:	on how many bytes the action worked
 * @err:	why it did not work somewhere, or 0
 */
struct damon_pa_work {
	const struct damon_scheme *scheme;
	struct damon_pageout pageout;
	struct list_head moving;
	unsigned int nr_moving;
	unsigned long bytes;
	int err;
};

static void damon_pa_page_out(struct damon_pa_work *work, struct folio *folio)
{
	damon_pageout_add(&work->pageout, folio);
}

/*
 * Into the youngest generation.  Without MGLRU into the active list, and PG_referenced lets it
 * come back from the inactive one.
 */
static void damon_pa_prioritize(struct damon_pa_work *work, struct folio *folio)
{
	int age = damon_lru_age_if_any(damon_folio_lru(folio));

	if (age)
		folio_activate(folio);
	if (age < 0)
		folio_set_referenced(folio);
	work->bytes += folio_size(folio);
}

static void damon_pa_deprioritize(struct damon_pa_work *work, struct folio *folio)
{
	damon_pa_test_and_clear_young(folio);
	damon_folio_set_cold(folio);
	work->bytes += folio_size(folio);
}

/* Moves take free memory only, and leave as much that kswapd need not wake up. */
static bool damon_has_room(int nid, unsigned int nr_pages)
{
	struct zone *zones = NODE_DATA(nid)->node_zones, *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		if (managed_zone(zone) &&
		    zone_watermark_ok(zone, 0, low_wmark_pages(zone) + nr_pages, ZONE_MOVABLE, 0))
			return true;
	return false;
}

static void damon_pa_migrate(struct damon_pa_work *work, struct folio *folio)
{
	unsigned int nr = work->nr_moving + folio_nr_pages(folio);

	if (folio_nid(folio) == work->scheme->nid)
		return;
	/* migrate_pages() would split a huge page for nothing. */
	if (!damon_has_room(work->scheme->nid, nr))
		work->err = -ENOMEM;
	else if (isolate_folio_to_list(folio, &work->moving))
		work->nr_moving = nr;
}

static void (*const damon_pa_do[DAMON_NR_ACTIONS])(struct damon_pa_work *work,
						   struct folio *folio) = {
	[DAMON_PAGEOUT] = damon_pa_page_out,
	[DAMON_LRU_PRIO] = damon_pa_prioritize,
	[DAMON_LRU_DEPRIO] = damon_pa_deprioritize,
	[DAMON_MIGRATE_HOT] = damon_pa_migrate,
	[DAMON_MIGRATE_COLD] = damon_pa_migrate,
};

/**
 * damon_pa_alloc_target - allocate what a folio is moved to
 * @src:	the folio, not of hugetlb
 * @nid:	the node
 *
 * Neither reclaims nor compacts, nor has kswapd do so, and takes no other node.  Those that
 * mm has for migrate_pages() do for large folios.
 *
 * Return: a folio of the same size, or NULL.
 */
VISIBLE_IF_KUNIT struct folio *damon_pa_alloc_target(struct folio *src, unsigned long nid)
{
	return __folio_alloc((GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | __GFP_THISNODE |
			     __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN,
			     folio_order(src), nid, NULL);
}

static void damon_pa_move(struct damon_pa_work *work)
{
	unsigned int moved = 0;
	int err;

	if (!work->nr_moving)
		return;
	err = migrate_pages(&work->moving, damon_pa_alloc_target, NULL, work->scheme->nid,
			    MIGRATE_ASYNC, MR_DAMON, &moved);
	putback_movable_pages(&work->moving);
	if (err)
		work->err = min(err, 0) ?: -EAGAIN;
	work->nr_moving = 0;
	work->bytes += moved * PAGE_SIZE;
}

static bool damon_pa_is_full(const struct damon_pa_work *work)
{
	return damon_pageout_is_full(&work->pageout) || work->nr_moving >= MOVED_TOGETHER;
}

static void damon_pa_finish(struct damon_pa_work *work)
{
	work->bytes += damon_pageout_end(&work->pageout);
	damon_pa_move(work);
}

/* Whether folios must end in the range that they begin in */
static bool damon_pa_has_limit(const struct damon_scheme *scheme)
{
	const struct damon_filter *f = scheme->filters;

	for (; f < scheme->filters + scheme->nr_filters; f++)
		if (f->type == DAMON_FILTER_ADDR)
			return true;
	return scheme->quota.bytes || scheme->quota.nr_goals;
}

/*
 * Act on the folio that begins at a page frame, and ends at @limit at the latest.  Returns the
 * next page frame at which one may begin.
 */
static unsigned long damon_pa_act_at(struct damon_pa_work *work, unsigned long pfn,
				     unsigned long limit)
{
	struct folio *folio = damon_get_folio(pfn);
	unsigned long next;

	if (!folio)
		return pfn + 1;
	next = folio_pfn(folio) + folio_nr_pages(folio);
	if (folio_pfn(folio) == pfn && next <= limit && damon_folio_is_evictable(folio) &&
	    damon_pa_filter_passes(work->scheme, folio))
		damon_pa_do[work->scheme->action](work, folio);
	folio_put(folio);
	return next;
}

/* Act on page frames from @pfn up to @end for about a millisecond; returns where that ended */
static unsigned long damon_pa_act_from(struct damon_pa_work *work, unsigned long pfn,
				       unsigned long end)
{
	unsigned long limit = damon_pa_has_limit(work->scheme) ? end : ULONG_MAX;
	ktime_t begun = ktime_get();
	unsigned int nr = 0;
	bool over = false;

	while (pfn < end && !over) {
		bool full;

		pfn = damon_pa_act_at(work, pfn, limit);
		full = damon_pa_is_full(work);
		if (full)
			damon_pa_finish(work);
		/* A huge page alone may have taken longer than that. */
		if (!full && ++nr % FOLIOS_PER_CHECK)
			continue;
		cond_resched();
		over = damon_act_is_over(begun);
	}
	damon_pa_finish(work);
	return min(pfn, end);
}

/**
 * damon_pa_act - do the action of a scheme to physical memory
 * @t:		not used
 * @scheme:	the scheme, with one of DAMON_PA_ACTIONS
 * @range:	addresses, of which a beginning is acted on; made to begin behind it
 *
 * As &damon_operations.act.  A folio that ends behind the range is left alone if the quota
 * limits bytes, or addresses are filtered; else it is acted on, and only the part in the range
 * counts.  Folios that can't be evicted and hugetlb pages are left alone.  May sleep.
 *
 * Return: on how many bytes the action worked, or if on none
 *
 * * 0: there was nothing to act on
 * * -EAGAIN: no folio could be reclaimed or moved, for now, or without swap
 * * -ENOMEM: there is no memory in the node
 */
long damon_pa_act(struct damon_target *t, const struct damon_scheme *scheme,
		  struct damon_range *range)
{
	struct damon_pa_work work = {
		.scheme = scheme,
		.moving = LIST_HEAD_INIT(work.moving),
	};
	unsigned long start = range->start;

	damon_pageout_begin(&work.pageout);
	/* Changes of LRU lists wait in a batch of this CPU: those before, and those made here. */
	lru_add_drain();
	range->start = PFN_PHYS(damon_pa_act_from(&work, PHYS_PFN(start), PHYS_PFN(range->end)));
	lru_add_drain();
	if (work.pageout.failed)
		work.err = -EAGAIN;
	return min(work.bytes, range->start - start) ?: work.err;
}
