// SPDX-License-Identifier: GPL-2.0
/*
 * Walks over the page tables of an address space, from page to page.
 *
 * A sample looks at one page of each region, regions being in address order.
 * So this is a walk, not single look-ups: one hold of the mmap lock, one of
 * each page table's lock, and the position is carried from page to page.  Most
 * pages are idle and stay so: to see that takes a glance, and no lock at all.
 */
#include <linux/hugetlb.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "walk.h"

/**
 * damon_walk_begin - start a walk
 * @walk:	the walk
 * @mm:		address space; the caller has it pinned until damon_walk_end()
 *
 * A kernel thread runs in @mm until then, as glances ask for that.
 */
void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm)
{
	*walk = (struct damon_walk) { .mm = mm, .borrowed = !current->mm };
	if (walk->borrowed)
		kthread_use_mm(mm);
}

/*
 * Nothing that was found under the lock before is known to be still there.  Returns
 * false if the wait for it was ended.
 */
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
	if (walk->borrowed)
		kthread_unuse_mm(walk->mm);
}

/* Between two page tables: let those go first who wait for lock or CPU */
static void damon_walk_breathe(struct damon_walk *walk)
{
	if (!need_resched() &&
	    !(walk->locked && mmap_lock_is_contended(walk->mm)))
		return;
	damon_walk_unlock(walk);
	cond_resched();
}

/**
 * damon_walk_rest - let others go first, between two glances
 * @walk:	the walk, which is not on its way in a page table any more
 *
 * May sleep.
 */
void damon_walk_rest(struct damon_walk *walk)
{
	damon_walk_drop(walk);
	damon_walk_breathe(walk);
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

/* The entry of the middle directory for a mapped @addr, or NULL */
static pmd_t *damon_walk_pmd(struct damon_walk *walk, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(walk->mm, addr);
	p4d_t *p4d;
	pud_t *pudp, pud;

	if (!pgd_present(pgdp_get(pgd)))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (!p4d_present(p4dp_get(p4d)))
		return NULL;
	pudp = pud_offset(p4d, addr);
	/* Read once: a leaf may be taken away meanwhile, a table may not. */
	pud = pudp_get(pudp);
	if (!pud_present(pud) || pud_leaf(pud))
		return NULL;
	return pmd_offset(pudp, addr);
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
	return damon_walk_set(walk, addr, PAGE_SIZE,
			      walk->ptes + pte_index(addr), NULL);
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

	damon_walk_rest(walk);
	if (!walk->locked && !damon_walk_lock(walk))
		return NULL;

	vma = damon_walk_vma(walk, addr);
	if (!vma)
		return NULL;
	if (is_vm_hugetlb_page(vma))
		return damon_walk_to_hugetlb(walk, addr);
	pmd = damon_walk_pmd(walk, addr);
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
