// SPDX-License-Identifier: GPL-2.0
/*
 * Page-outs: folios that are isolated under the locks of whoever finds them, and reclaimed
 * together when these are dropped, since to swap out may take long.
 */
#include <kunit/visibility.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/swap.h>

#include "../internal.h"
#include "access.h"
#include "folio.h"
#include "pageout.h"

/**
 * damon_pageout_begin - begin a page-out
 * @pageout:	gets no folios
 */
void damon_pageout_begin(struct damon_pageout *pageout)
{
	INIT_LIST_HEAD(&pageout->folios);
	pageout->nr = 0;
	pageout->bytes = 0;
	pageout->failed = false;
}

/* Without enough swap a huge page would be split for nothing. */
static bool damon_has_swap_for(struct folio *folio)
{
	struct mem_cgroup *memcg;
	long pages;

	if (!folio_test_swapbacked(folio) || folio_test_swapcache(folio))
		return true;
	rcu_read_lock();
	memcg = folio_memcg(folio);
	pages = memcg ? mem_cgroup_get_nr_swap_pages(memcg) : get_nr_swap_pages();
	rcu_read_unlock();
	return pages >= folio_nr_pages(folio);
}

/**
 * damon_pageout_add - isolate a folio, to be reclaimed
 * @pageout:	the page-out, not full
 * @folio:	evictable; mapped under the page table lock, or pinned; if pinned the caller has to
 *		drop its reference before damon_pageout_end()
 *
 * Accessed bits stay as they are: reclaim does not ask them here.
 */
void damon_pageout_add(struct damon_pageout *pageout, struct folio *folio)
{
	/* Reclaim does nothing to a folio that is being written. */
	if (folio_test_writeback(folio) || !damon_has_swap_for(folio)) {
		pageout->failed = true;
		return;
	}
	/* As MADV_PAGEOUT does: what stays in memory after all is cold. */
	damon_folio_set_old(folio);
	if (!folio_isolate_lru(folio))
		return;
	/* mlock() may have been faster. */
	if (folio_test_unevictable(folio)) {
		folio_putback_lru(folio);
		return;
	}
	list_add_tail(&folio->lru, &pageout->folios);
	pageout->pfns[pageout->nr] = folio_pfn(folio);
	pageout->orders[pageout->nr] = folio_order(folio);
	pageout->nr++;
	pageout->bytes += folio_size(folio);
}

/**
 * damon_pageout_is_full - whether the folios should be reclaimed before others are added
 * @pageout:	the page-out
 *
 * Return: whether there are as many as reclaim isolates at a time, or a huge page.
 */
bool damon_pageout_is_full(const struct damon_pageout *pageout)
{
	return pageout->nr == ARRAY_SIZE(pageout->pfns) || pageout->bytes >= PMD_SIZE;
}

/**
 * damon_is_swapped_out - whether a folio that reclaim has put back can be freed once it is written
 * @folio:	the folio
 *
 * Nobody maps it any more, and it is in the swap cache, under writeback or written.  If that has
 * failed it is dirty.  Page cache does not count: only kswapd and writeback write it, some time
 * later.
 *
 * Return: whether that is so.
 */
VISIBLE_IF_KUNIT bool damon_is_swapped_out(const struct folio *folio)
{
	return !folio_mapped(folio) && folio_test_swapcache(folio) &&
	       (folio_test_writeback(folio) || !folio_test_dirty(folio));
}

/* How much of one folio, or of what it was split into, is in swap but not freed, in bytes */
static unsigned long damon_bytes_swapped_out(unsigned long pfn, unsigned int order)
{
	unsigned long end = pfn + (1UL << order), bytes = 0, nr;

	for (; pfn < end; pfn += nr) {
		struct folio *folio = damon_get_folio(pfn);

		nr = 1;
		if (!folio)
			continue;
		nr = folio_nr_pages(folio);
		if (damon_is_swapped_out(folio))
			bytes += folio_size(folio);
		folio_put(folio);
	}
	return bytes;
}

/**
 * damon_pageout_end - reclaim the folios
 * @pageout:	the page-out; has no folios after that
 *
 * A swap device that writes asynchronously goes on when this has returned.  Folios in the swap
 * cache count, although it takes the next reclaim to free them.  They are searched for only if
 * not all are reclaimed, so that a device that writes at once costs nothing.  May sleep.
 *
 * Return: how much is reclaimed or swapped out, in bytes.
 */
unsigned long damon_pageout_end(struct damon_pageout *pageout)
{
	unsigned long bytes = reclaim_pages(&pageout->folios) << PAGE_SHIFT;
	unsigned int i;

	if (bytes < pageout->bytes) {
		/* What was put back is found in the LRU lists only. */
		lru_add_drain();
		for (i = 0; i < pageout->nr; i++)
			bytes += damon_bytes_swapped_out(pageout->pfns[i], pageout->orders[i]);
		bytes = min(bytes, pageout->bytes);
	}
	pageout->failed |= bytes < pageout->bytes;
	pageout->nr = 0;
	pageout->bytes = 0;
	return bytes;
}
