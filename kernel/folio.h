/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_FOLIO_H
#define _MM_DAMON_FOLIO_H

#include <linux/memory_hotplug.h>
#include <linux/mm.h>

#include "../internal.h"

/*
 * Whether the reverse map of a folio may be walked.  The folio lock keeps the mapping of
 * page cache, but not that of driver memory which only looks like it.
 */
static inline bool damon_folio_may_walk(const struct folio *folio)
{
	return folio_test_lru(folio) || folio_test_hugetlb(folio) ||
	       (folio_test_anon(folio) && !folio_test_slab(folio));
}

/**
 * damon_get_folio - get the folio of a page frame
 * @pfn:	page frame number; any
 *
 * Return: the folio, with a reference, if it is memory of processes or page cache; or NULL.
 * Whatever else is there (free memory, slab, page tables, memory that has gone offline or
 * never was RAM) is not touched.
 */
static inline struct folio *damon_get_folio(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	struct folio *folio = page ? page_folio(page) : NULL;

	if (!folio || !damon_folio_may_walk(folio) || !folio_try_get(folio))
		return NULL;
	/* It may have been freed and used for something else before it was pinned. */
	if (page_folio(page) == folio && damon_folio_may_walk(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

/**
 * damon_folio_is_evictable - whether reclaim may come to a folio
 * @folio:	pinned, or mapped under the page table lock
 *
 * Return: whether it is in an LRU list, but for that of mlocked and other unevictable folios.
 */
static inline bool damon_folio_is_evictable(struct folio *folio)
{
	return folio_test_lru(folio) && !folio_test_unevictable(folio) && folio_evictable(folio);
}

#endif /* _MM_DAMON_FOLIO_H */
