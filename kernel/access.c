// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries: clear them, and see who set them again.
 *
 * A sample looks at one page of each region, regions being in address order.
 * So this is a walk, not single look-ups: one hold of the mmap lock, one of
 * each page table's lock, and the position is carried from page to page.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "access.h"

/**
 * damon_walk_begin - start a walk
 * @walk:	the walk
 * @mm:		address space; the caller has it pinned until damon_walk_end()
 *
 * Takes the mmap lock for reading.  May sleep.
 */
void damon_walk_begin(struct damon_walk *walk, struct mm_struct *mm)
{
	*walk = (struct damon_walk) { .mm = mm, .vma_from = ULONG_MAX };
	mmap_read_lock(mm);
}

static void damon_walk_drop_table(struct damon_walk *walk)
{
	if (walk->ptes)
		pte_unmap_unlock(walk->ptes, walk->ptl);
	walk->ptes = NULL;
}

/**
 * damon_walk_end - end a walk
 * @walk:	the walk
 *
 * Releases what the walk holds, the mmap lock too.
 */
void damon_walk_end(struct damon_walk *walk)
{
	damon_walk_drop_table(walk);
	mmap_read_unlock(walk->mm);
}

/* Between two page tables: let those go first who wait for lock or CPU */
static void damon_walk_breathe(struct damon_walk *walk)
{
	if (!mmap_lock_is_contended(walk->mm) && !need_resched())
		return;
	mmap_read_unlock(walk->mm);
	cond_resched();
	mmap_read_lock(walk->mm);
	/* Nothing that was found under the lock is known to be still there. */
	walk->vma_from = ULONG_MAX;
}

/*
 * The mapping at @addr, or NULL.  Page tables of unmapped addresses may be
 * freed under the mmap lock held for reading, so these must not be walked.
 */
static struct vm_area_struct *damon_walk_vma(struct damon_walk *walk,
					     unsigned long addr)
{
	struct vm_area_struct *vma = walk->vma;

	if (addr < walk->vma_from || (vma && addr >= vma->vm_end)) {
		vma = find_vma(walk->mm, addr);
		walk->vma = vma;
		walk->vma_from = addr;
	}
	return vma && addr >= vma->vm_start ? vma : NULL;
}

/* The entry of the middle directory for a mapped @addr, or NULL */
static pmd_t *damon_walk_pmd(struct damon_walk *walk, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(walk->mm, addr);
	p4d_t *p4d;
	pud_t *pud;

	if (!pgd_present(pgdp_get(pgd)))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (!p4d_present(p4dp_get(p4d)))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (!pud_present(pudp_get(pud)) || pud_leaf(pudp_get(pud)))
		return NULL;
	return pmd_offset(pud, addr);
}

/*
 * Go to @addr.  The answer is its mapping, with either the page table in hand
 * (walk->ptes) or *@pmd a huge entry, locked by *@pmd_ptl, which the caller
 * unlocks.  NULL if no page is mapped there, or of a kind that is not watched.
 */
static struct vm_area_struct *damon_walk_to(struct damon_walk *walk,
					    unsigned long addr, pmd_t **pmd,
					    spinlock_t **pmd_ptl)
{
	struct vm_area_struct *vma;

	*pmd_ptl = NULL;
	if (walk->ptes && (addr & PMD_MASK) == walk->table)
		return damon_walk_vma(walk, addr);

	damon_walk_drop_table(walk);
	damon_walk_breathe(walk);

	vma = damon_walk_vma(walk, addr);
	if (!vma || is_vm_hugetlb_page(vma))
		return NULL;
	*pmd = damon_walk_pmd(walk, addr);
	if (!*pmd)
		return NULL;
	*pmd_ptl = pmd_trans_huge_lock(*pmd, vma);
	if (*pmd_ptl)
		return vma;

	/* Fails if there is no table, or not any more. */
	walk->ptes = pte_offset_map_lock(walk->mm, *pmd, addr & PMD_MASK,
					 &walk->ptl);
	walk->table = addr & PMD_MASK;
	return walk->ptes ? vma : NULL;
}

/*
 * Reclaim and idle page tracking ask the Accessed bit too.  Who takes an access
 * away from it leaves a note for them.
 */
static void damon_keep_access(struct folio *folio)
{
	if (!folio)
		return;
	folio_clear_idle(folio);
	folio_set_young(folio);
}

static bool damon_pmd_accessed(struct damon_walk *walk, unsigned long addr,
			       pmd_t *pmdp)
{
	pmd_t pmd = pmdp_get(pmdp);

	if (!pmd_present(pmd))
		return false;
	/*
	 * Another region in the same huge page may have cleared the bit in
	 * this very pass; then the bit as it was before is the answer.
	 */
	if (addr >= walk->huge.start && addr < walk->huge.end &&
	    walk->huge_young)
		return true;
	return pmd_young(pmd) || mmu_notifier_test_young(walk->mm, addr);
}

static void damon_pmd_clear(struct damon_walk *walk, struct vm_area_struct *vma,
			    unsigned long addr, pmd_t *pmdp)
{
	pmd_t pmd = pmdp_get(pmdp);
	unsigned long start = addr & PMD_MASK;
	bool young;

	if (!pmd_present(pmd))
		return;
	young = pmdp_clear_young_notify(vma, start, pmdp);
	if (young)
		damon_keep_access(vm_normal_folio_pmd(vma, addr, pmd));

	if (walk->huge.start == start && walk->huge.end)
		young |= walk->huge_young;
	walk->huge = (struct damon_range) { start, start + PMD_SIZE };
	walk->huge_young = young;
}

/**
 * damon_walk_accessed - ask whether a page has been accessed
 * @walk:	the walk
 * @addr:	address in the page; not below the addresses asked for or
 *		cleared before, but for addresses in the same page
 *
 * Return: whether it has been since damon_walk_clear().  A page that is not
 * mapped has not.
 */
bool damon_walk_accessed(struct damon_walk *walk, unsigned long addr)
{
	spinlock_t *pmd_ptl;	/* of *pmd, if that is huge */
	pmd_t *pmd;
	pte_t pte;

	if (!damon_walk_to(walk, addr, &pmd, &pmd_ptl))
		return false;

	if (pmd_ptl) {
		bool accessed = damon_pmd_accessed(walk, addr, pmd);

		spin_unlock(pmd_ptl);
		return accessed;
	}

	pte = ptep_get(walk->ptes + pte_index(addr));
	return pte_present(pte) &&
	       (pte_young(pte) || mmu_notifier_test_young(walk->mm, addr));
}

/**
 * damon_walk_clear - clear the Accessed bit of a page
 * @walk:	the walk
 * @addr:	address in the page; see damon_walk_accessed()
 *
 * The next damon_walk_accessed(), in a later walk, tells whether the page was
 * accessed in between.
 */
void damon_walk_clear(struct damon_walk *walk, unsigned long addr)
{
	struct vm_area_struct *vma;
	spinlock_t *pmd_ptl;	/* of *pmd, if that is huge */
	pmd_t *pmd;
	pte_t *ptep, pte;

	vma = damon_walk_to(walk, addr, &pmd, &pmd_ptl);
	if (!vma)
		return;

	if (pmd_ptl) {
		damon_pmd_clear(walk, vma, addr, pmd);
		spin_unlock(pmd_ptl);
		return;
	}

	ptep = walk->ptes + pte_index(addr);
	pte = ptep_get(ptep);
	if (pte_present(pte) && ptep_clear_young_notify(vma, addr, ptep))
		damon_keep_access(vm_normal_folio(vma, addr, pte));
}
