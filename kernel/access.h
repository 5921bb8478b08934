/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_ACCESS_H
#define _MM_DAMON_ACCESS_H

#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/mm_types.h>
#include <linux/spinlock_types.h>

/**
 * struct damon_entry - a page table entry that maps a page, locked
 * @vma:	the mapping
 * @range:	addresses that share the entry, and so one Accessed bit
 * @addr:	the one of them that is asked for: a secondary MMU may have smaller
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

/**
 * DOC: What the LRU lists say of a page
 *
 * Reclaim clears Accessed bits as well.  What it has seen shows in what it does with the
 * page, if that is asked before and after.
 *
 * * DAMON_LRU_GEN: 1 + the generation of MGLRU, or 0
 * * DAMON_LRU_YOUNG: that is one of the two youngest generations
 * * DAMON_LRU_ACTIVE, DAMON_LRU_REFERENCED: the flags, without MGLRU
 * * DAMON_LRU_KNOWN: there is such a page
 * * DAMON_LRU_NOTED: reclaim has not taken the note yet that it was accessed before
 */
#define DAMON_LRU_GEN		0x07
#define DAMON_LRU_YOUNG		BIT(3)
#define DAMON_LRU_ACTIVE	BIT(4)
#define DAMON_LRU_REFERENCED	BIT(5)
#define DAMON_LRU_KNOWN		BIT(6)
#define DAMON_LRU_NOTED		BIT(7)

/* Sampling intervals in which reclaim may come across a page, in microseconds */
#define DAMON_LRU_SAMPLE_US	100000UL

/**
 * damon_lru_says_accessed - compare what the LRU lists say of a page
 * @before:	when its Accessed bit was cleared
 * @now:	when it is asked
 *
 * Return: whether reclaim has seen an access in between.  It keeps no trace of all; and
 * if it has taken a note (see damon_keep_access()), that may be all that it has seen.
 */
static inline bool damon_lru_says_accessed(u8 before, u8 now)
{
	u8 gen = now & DAMON_LRU_GEN, last_gen = before & DAMON_LRU_GEN;

	if (!(before & now & DAMON_LRU_KNOWN) || !gen != !last_gen ||
	    (before & ~now & DAMON_LRU_NOTED))
		return false;
	if (gen)
		return gen != last_gen && (now & DAMON_LRU_YOUNG);
	return now & ~before & (DAMON_LRU_ACTIVE | DAMON_LRU_REFERENCED);
}

int damon_glance(struct mm_struct *mm, unsigned long addr);
int damon_glance_clear(struct mm_struct *mm, unsigned long addr,
		       struct damon_range *shared);
void damon_keep_access(struct folio *folio);
u8 damon_folio_lru(struct folio *folio);
u8 damon_entry_lru(const struct damon_entry *entry);
bool damon_entry_accessed(const struct damon_entry *entry);
bool damon_entry_clear(const struct damon_entry *entry);

#endif /* _MM_DAMON_ACCESS_H */
