/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_WALK_H
#define _MM_DAMON_WALK_H

#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "access.h"

/**
 * struct damon_walk - a walk over an address space, from low to high addresses
 * @mm:		whose
 * @uses_mm:	whether kthread_use_mm() was called for the walk
 * @locked:	whether the walk holds the mmap lock of @mm, for reading
 * @vmi:	where @vma is in the tree of mappings
 * @vma:	mapping found last, the first that ends above @vma_from
 * @vma_from:	address that @vma was looked up for; ULONG_MAX: look up anew
 * @entry:	entry that the walk stands at
 * @ptl:	lock of the entry or of all of its page table, or NULL
 * @ptes:	page table that the walk holds, under @ptl; NULL at a huge entry
 * @table:	first address that @ptes covers
 * @hugetlb:	mapping whose page tables are locked against sharing, or NULL
 */
struct damon_walk {
	struct mm_struct *mm;
	bool uses_mm;
	bool locked;
	struct vma_iterator vmi;
	struct vm_area_struct *vma;
	unsigned long vma_from;
	struct damon_entry entry;
	spinlock_t *ptl;	/* of entry */
	pte_t *ptes;
	unsigned long table;
	struct vm_area_struct *hugetlb;
};

/* Whether the walk holds the page table of @addr */
static inline bool damon_walk_is_at(const struct damon_walk *walk,
				    unsigned long addr)
{
	return walk->ptes && (addr & PMD_MASK) == walk->table;
}

pud_t *damon_find_pud(struct mm_struct *mm, unsigned long addr);
pmd_t *damon_find_pmd(struct mm_struct *mm, unsigned long addr);

void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm);
const struct damon_entry *damon_walk_to(struct damon_walk *walk,
					unsigned long addr);
void damon_walk_resched(struct damon_walk *walk);
void damon_walk_end(struct damon_walk *walk);

/**
 * damon_walk_leave_table - unlock the page table of the walk, unless @addr is in it
 * @walk:	the walk
 * @addr:	address of the next page
 *
 * May sleep.
 *
 * Return: whether no page table is locked now, and a lockless read is worth a try.
 */
static inline bool damon_walk_leave_table(struct damon_walk *walk,
					  unsigned long addr)
{
	if (likely(!walk->locked))
		return true;
	if (damon_walk_is_at(walk, addr))
		return false;
	damon_walk_resched(walk);
	return true;
}

#endif /* _MM_DAMON_WALK_H */
