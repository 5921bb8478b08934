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
 * @borrowed:	whether a kernel thread runs in @mm for the time of the walk
 * @locked:	whether the walk holds the mmap lock of @mm, for reading
 * @vmi:	where @vma is in the tree of mappings
 * @vma:	mapping found last, the first that ends above @vma_from
 * @vma_from:	address that @vma was looked up for; ULONG_MAX: look up anew
 * @entry:	entry that the walk stands at
 * @ptl:	lock of the entry or of all of its page table, or NULL
 * @ptes:	page table in hand, under @ptl; NULL at a huge entry
 * @table:	first address that @ptes covers
 * @hugetlb:	mapping whose page tables are locked against sharing, or NULL
 */
struct damon_walk {
	struct mm_struct *mm;
	bool borrowed;
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

/* Whether the page table of @addr is in hand */
static inline bool damon_walk_is_at(const struct damon_walk *walk,
				    unsigned long addr)
{
	return walk->ptes && (addr & PMD_MASK) == walk->table;
}

void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm);
const struct damon_entry *damon_walk_to(struct damon_walk *walk,
					unsigned long addr);
void damon_walk_rest(struct damon_walk *walk);
void damon_walk_end(struct damon_walk *walk);

/**
 * damon_walk_may_glance - ask whether to look at a page without the walk
 * @walk:	the walk
 * @addr:	address in the page
 *
 * Not where the walk is on its way anyway; elsewhere it lets go of its locks first.
 * May sleep.
 */
static inline bool damon_walk_may_glance(struct damon_walk *walk,
					 unsigned long addr)
{
	if (likely(!walk->locked))
		return true;
	if (damon_walk_is_at(walk, addr))
		return false;
	damon_walk_rest(walk);
	return true;
}

#endif /* _MM_DAMON_WALK_H */
