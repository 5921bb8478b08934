/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_ACCESS_H
#define _MM_DAMON_ACCESS_H

#include <linux/damon.h>
#include <linux/mm_types.h>
#include <linux/spinlock_types.h>

/**
 * struct damon_entry - a page table entry that maps a page, locked
 * @vma:	the mapping
 * @range:	addresses that share the entry, or whose Accessed bits are cleared together
 * @addr:	the page that is asked for, one of these: a secondary MMU may have smaller
 *		pages
 * @pte:	the entry of a page, or of a hugetlb page; or NULL
 * @pmd:	the entry of a transparent huge page, if @pte is NULL
 */
struct damon_entry {
	struct vm_area_struct *vma;
	struct damon_range range;
	unsigned long addr;
	pte_t *pte;
	pmd_t *pmd;
};

void damon_folio_set_young(struct folio *folio);
void damon_folio_set_old(struct folio *folio);
void damon_folio_set_cold(struct folio *folio);
u8 damon_folio_lru(struct folio *folio);
u8 damon_entry_lru(const struct damon_entry *entry);
bool damon_entry_test_young(const struct damon_entry *entry);
bool damon_entry_test_and_clear_young(const struct damon_entry *entry);

#endif /* _MM_DAMON_ACCESS_H */
