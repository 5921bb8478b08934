/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_WALK_H
#define _MM_DAMON_WALK_H

#include <linux/mm.h>
#include <linux/pgtable.h>

#include "access.h"

/**
 * struct damon_walk - a walk over an address space, from low to high addresses
 * @mm:		whose; the walk holds its mmap lock for reading
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
void damon_walk_end(struct damon_walk *walk);

#endif /* _MM_DAMON_WALK_H */
