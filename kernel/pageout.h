/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_PAGEOUT_H
#define _MM_DAMON_PAGEOUT_H

#include <linux/kconfig.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/swap.h>
#include <linux/types.h>

/**
 * struct damon_pageout - folios that are to be reclaimed together
 * @folios:	the folios, isolated from the LRU lists
 * @pfns:	their first page frames, in the order they were added
 * @orders:	their orders
 * @nr:		how many there are
 * @bytes:	their size
 * @failed:	something could not be reclaimed
 */
struct damon_pageout {
	struct list_head folios;
	unsigned long pfns[SWAP_CLUSTER_MAX];
	u8 orders[SWAP_CLUSTER_MAX];
	unsigned int nr;
	unsigned long bytes;
	bool failed;
};

void damon_pageout_begin(struct damon_pageout *pageout);
void damon_pageout_add(struct damon_pageout *pageout, struct folio *folio);
bool damon_pageout_is_full(const struct damon_pageout *pageout);
unsigned long damon_pageout_end(struct damon_pageout *pageout);

#if IS_ENABLED(CONFIG_KUNIT)
bool damon_is_swapped_out(const struct folio *folio);
#endif

#endif /* _MM_DAMON_PAGEOUT_H */
