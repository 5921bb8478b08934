// SPDX-License-Identifier: GPL-2.0
/*
 * Walks over the page tables of an address space, from page to page.
 *
 * A sample checks one page of each region, in the order of their addresses.  So this
 * is one walk and not one for each page: it keeps the mmap lock, and the lock of a page
 * table as long as the pages are in that.  It is for what lockless.c can't tell.
 */
#include <linux/hugetlb.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "arch.h"
#include "lockless.h"
#include "walk.h"

/**
 * damon_walk_begin - start a walk
 * @walk:	the walk
 * @mm:		address space; the caller has it pinned until damon_walk_end()
 *
 * A kernel thread uses @mm until then, if it has to for lockless reads.
 */
void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm)
{
	*walk = (struct damon_walk) {
		.mm = mm,
		.uses_mm = !current->mm && damon_lockless_needs_mm(),
	};
	if (walk->uses_mm)
		kthread_use_mm(mm);
}

/* Pointers that were found before may be invalid now.  Returns false if killed meanwhile. */
static bool damon_walk_lock(struct damon_walk *walk)
{
	if (mmap_read_lock_killable(walk->mm))
		return false;
	walk->locked = true;
	walk->vma_from = ULONG_MAX;
	vma_iter_init(&walk->vmi, walk->mm, 0);
	return true;
}

static void damon_walk_unlock(struct damon_walk *walk)
{
	if (walk->locked)
		mmap_read_unlock(walk->mm);
	walk->locked = false;
}

static void damon_walk_drop(struct damon_walk *walk)
{
	if (walk->ptes)
		pte_unmap_unlock(walk->ptes, walk->ptl);
	else if (walk->ptl)
		spin_unlock(walk->ptl);
	if (walk->hugetlb)
		hugetlb_vma_unlock_read(walk->hugetlb);
	walk->ptes = NULL;
	walk->ptl = NULL;
	walk->hugetlb = NULL;
}

/**
 * damon_walk_end - end a walk
 * @walk:	the walk
 *
 * Releases what the walk holds, the mmap lock and the address space too.
 */
void damon_walk_end(struct damon_walk *walk)
{
	damon_walk_drop(walk);
	damon_walk_unlock(walk);
	if (walk->uses_mm)
		kthread_unuse_mm(walk->mm);
}

/**
 * damon_walk_resched - drop the lock of the page table, and the mmap lock if others wait
 * @walk:	the walk
 *
 * May sleep.
 */
void damon_walk_resched(struct damon_walk *walk)
{
	damon_walk_drop(walk);
	if (!need_resched() &&
	    !(walk->locked && mmap_lock_is_contended(walk->mm)))
		return;
	damon_walk_unlock(walk);
	cond_resched();
}

/* The first mapping that ends above @addr; often the one after the last */
static noinline void damon_walk_find_vma(struct damon_walk *walk, unsigned long addr)
{
	if (addr >= walk->vma_from)
		walk->vma = vma_next(&walk->vmi);
	if (addr < walk->vma_from || (walk->vma && addr >= walk->vma->vm_end)) {
		vma_iter_set(&walk->vmi, addr);
		walk->vma = vma_next(&walk->vmi);
	}
	walk->vma_from = addr;
}

/*
 * The mapping at @addr, or NULL.  Page tables of unmapped addresses may be
 * freed under the mmap lock held for reading, so these must not be walked.
 */
static inline struct vm_area_struct *damon_walk_vma(struct damon_walk *walk,
						    unsigned long addr)
{
	if (addr < walk->vma_from ||
	    (walk->vma && addr >= walk->vma->vm_end))
		damon_walk_find_vma(walk, addr);
	return walk->vma && addr >= walk->vma->vm_start ? walk->vma : NULL;
}

/**
 * damon_find_pud - find an entry of an upper directory
 * @mm:		the address space, the mmap lock of which is held
 * @addr:	an address that is mapped, so that page tables are kept
 *
 * Return: the entry, or NULL if there is no such directory.
 */
pud_t *damon_find_pud(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;

	if (!pgd_present(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	return p4d_present(*p4d) ? pud_offset(p4d, addr) : NULL;
}

/**
 * damon_find_pmd - find an entry of a middle directory
 * @mm:		as for damon_find_pud()
 * @addr:	as for damon_find_pud()
 *
 * As mm_find_pmd(), but there may be a huge page in place of the directory.
 *
 * Return: the entry, or NULL if there is no such directory.
 */
pmd_t *damon_find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pud_t *pudp = damon_find_pud(mm, addr), pud;

	if (!pudp)
		return NULL;
	/* Read once: a leaf may be removed meanwhile, a directory may not. */
	pud = pudp_get(pudp);
	return pud_present(pud) && !pud_leaf(pud) ? pmd_offset(pudp, addr) : NULL;
}

static const struct damon_entry *damon_walk_set(struct damon_walk *walk,
						unsigned long addr,
						unsigned long size,
						pte_t *pte, pmd_t *pmd)
{
	unsigned long start = ALIGN_DOWN(addr, size);

	walk->entry = (struct damon_entry) {
		.vma = walk->vma,
		.range = { start, start + size },
		.addr = addr,
		.pte = pte,
		.pmd = pmd,
	};
	return &walk->entry;
}

static const struct damon_entry *damon_walk_to_hugetlb(struct damon_walk *walk,
						       unsigned long addr)
{
	struct hstate *h = hstate_vma(walk->vma);
	pte_t *pte;

	/* Page tables can be shared between processes, and unshared. */
	walk->hugetlb = walk->vma;
	hugetlb_vma_lock_read(walk->hugetlb);
	pte = hugetlb_walk(walk->hugetlb, addr & huge_page_mask(h),
			   huge_page_size(h));
	if (!pte)
		return NULL;
	walk->ptl = huge_pte_lock(h, walk->mm, pte);
	return damon_walk_set(walk, addr, huge_page_size(h), pte, NULL);
}

static const struct damon_entry *damon_walk_to_pte(struct damon_walk *walk,
						   unsigned long addr)
{
	pte_t *pte = walk->ptes + pte_index(addr);

	return damon_walk_set(walk, addr, damon_ptep_young_size(pte), pte, NULL);
}

/**
 * damon_walk_to - go to a page
 * @walk:	the walk
 * @addr:	address in the page.  To go back is allowed, but slow.
 *
 * May sleep.
 *
 * Return: the entry that maps the page, or could map it, locked until the walk
 * goes on or ends; or NULL if there is none, or one of a kind that has no
 * Accessed bit of use (memory of devices that is mapped by upper directories), or
 * the caller was killed.
 */
const struct damon_entry *damon_walk_to(struct damon_walk *walk,
					unsigned long addr)
{
	struct vm_area_struct *vma;
	pmd_t *pmd;

	if (damon_walk_is_at(walk, addr)) {
		vma = damon_walk_vma(walk, addr);
		if (!vma)
			return NULL;
		/* Some machines have hugetlb pages smaller than a table. */
		if (!is_vm_hugetlb_page(vma))
			return damon_walk_to_pte(walk, addr);
	}

	damon_walk_resched(walk);
	if (!walk->locked && !damon_walk_lock(walk))
		return NULL;

	vma = damon_walk_vma(walk, addr);
	if (!vma)
		return NULL;
	if (is_vm_hugetlb_page(vma))
		return damon_walk_to_hugetlb(walk, addr);
	pmd = damon_find_pmd(walk->mm, addr);
	if (!pmd)
		return NULL;
	walk->ptl = pmd_trans_huge_lock(pmd, vma);
	if (walk->ptl)
		return damon_walk_set(walk, addr, PMD_SIZE, NULL, pmd);

	/* Fails if there is no table, or not any more. */
	walk->table = addr & PMD_MASK;
	walk->ptes = pte_offset_map_lock(walk->mm, pmd, walk->table,
					 &walk->ptl);
	if (!walk->ptes) {
		walk->ptl = NULL;
		return NULL;
	}
	return damon_walk_to_pte(walk, addr);
}
