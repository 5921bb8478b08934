/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_ACCESS_H
#define _MM_DAMON_ACCESS_H

#include <linux/damon.h>
#include <linux/mm_types.h>

/**
 * struct damon_walk - a walk over an address space, from low to high addresses
 * @mm:		whose; the walk holds its mmap lock for reading
 * @vma:	mapping found last, the first that ends above @vma_from
 * @vma_from:	address that @vma was looked up for; ULONG_MAX: look up anew
 * @ptes:	page table in hand, mapped and locked, or NULL
 * @ptl:	its lock
 * @table:	first address that @ptes covers
 * @huge:	huge entry that was cleared last
 * @huge_young:	whether that was accessed before
 */
struct damon_walk {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long vma_from;
	pte_t *ptes;
	spinlock_t *ptl;	/* of ptes */
	unsigned long table;
	struct damon_range huge;
	bool huge_young;
};

void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm);
bool damon_walk_accessed(struct damon_walk *walk, unsigned long addr);
void damon_walk_clear(struct damon_walk *walk, unsigned long addr);
void damon_walk_end(struct damon_walk *walk);

#endif /* _MM_DAMON_ACCESS_H */
