// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries, read and cleared without any lock.
 *
 * Page tables may be read as long as interrupts are off, which keeps them from
 * being freed: get_user_pages_fast() finds pages like this.  Most pages that a
 * sample checks are each in a page table of its own, in large memory each in a
 * mapping of its own.  To find and lock these takes longer than to check the page.
 *
 * Where page tables are freed as soon as the CPUs that use the address space have
 * answered an interrupt, the caller has to be one of them.
 *
 * Why an Accessed bit may be cleared without the page table lock is told in
 * Documentation/mm/damon/design.rst.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "access.h"
#include "lockless.h"

#ifdef DAMON_LOCKLESS_TEST

/*
 * Whether the page at @addr may be read locklessly.  It must be a user address, as fixed
 * ranges may contain any.  access_ok() is not enough: it may ignore upper bits.
 */
static inline bool damon_may_read_lockless(struct mm_struct *mm, unsigned long addr)
{
	return (current->mm == mm || !damon_lockless_needs_mm()) &&
	       addr < TASK_SIZE_MAX && damon_has_tables_for(mm, addr);
}

/**
 * struct damon_lockless_entry - an entry, which may change at any time
 * @pmdp:	where it is, for a huge page or where there is no page table
 * @ptep:	where it is, or NULL if it is *@pmdp
 * @pmd:	what *@pmdp was
 * @pte:	what *@ptep was
 */
struct damon_lockless_entry {
	pmd_t *pmdp;
	pte_t *ptep;
	pmd_t pmd;
	pte_t pte;
};

/* Otherwise the generic pmd_young() returns 0, for hugetlb pages too. */
#ifdef pmd_young
#define DAMON_PMD_YOUNG 1
#endif

/*
 * Find the entry for @addr, with interrupts off.  Returns 1 if it maps a page, 0
 * if nothing is mapped there, or -EAGAIN where it takes a walk to see that.
 */
static __always_inline int damon_find_entry(struct mm_struct *mm, unsigned long addr,
					    struct damon_lockless_entry *found)
{
	pgd_t *pgdp = pgd_offset(mm, addr), pgd = READ_ONCE(*pgdp);
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;

	if (!pgd_present(pgd))
		return 0;
	p4dp = p4d_offset_lockless(pgdp, pgd, addr);
	p4d = READ_ONCE(*p4dp);
	if (!p4d_present(p4d))
		return 0;
	pudp = pud_offset_lockless(p4dp, p4d, addr);
	pud = READ_ONCE(*pudp);
	if (!pud_present(pud))
		return 0;
	/* A PUD-sized page, or device memory, which is not watched */
	if (pud_leaf(pud))
		return -EAGAIN;
	found->pmdp = pmd_offset_lockless(pudp, pud, addr);
	found->pmd = pmdp_get_lockless(found->pmdp);
	found->ptep = NULL;
	if (!pmd_present(found->pmd))
		return 0;
	if (pmd_leaf(found->pmd))
		return __is_defined(DAMON_PMD_YOUNG) ? 1 : -EAGAIN;
	found->ptep = pte_offset_kernel(&found->pmd, addr);
	found->pte = ptep_get_lockless(found->ptep);
	return !!pte_present(found->pte);
}

static __always_inline bool damon_lockless_young(const struct damon_lockless_entry *entry)
{
	return entry->ptep ? pte_young(entry->pte) : pmd_young(entry->pmd);
}

/**
 * damon_lockless_test_young - ask whether a page has been accessed
 * @mm:		its address space, pinned by the caller, which has to use it if
 *		damon_lockless_needs_mm()
 * @addr:	address in the page
 *
 * For pages whose Accessed bit was cleared by damon_entry_test_and_clear_young() or
 * damon_lockless_test_and_clear_young().
 *
 * Return: 1 if it has, 0 if not, or -EAGAIN where it takes a walk to see that.
 */
int damon_lockless_test_young(struct mm_struct *mm, unsigned long addr)
{
	struct damon_lockless_entry entry;
	unsigned long flags;
	int mapped, young;

	if (!damon_may_read_lockless(mm, addr))
		return -EAGAIN;
	local_irq_save(flags);
	mapped = damon_find_entry(mm, addr, &entry);
	young = mapped > 0 ? damon_lockless_young(&entry) : mapped;
	local_irq_restore(flags);
	return mapped > 0 && !young ? mmu_notifier_test_young(mm, addr) : young;
}

#ifdef damon_ptep_try_mkold

/* The page that is mapped, if the flags of its folio can be set; or NULL */
static struct page *damon_lockless_page(const struct damon_lockless_entry *entry)
{
	if (entry->ptep)
		return pte_special(entry->pte) || pte_devmap(entry->pte) ?
		       NULL : pte_page(entry->pte);
	return pmd_special(entry->pmd) || pmd_devmap(entry->pmd) ||
	       is_huge_zero_pmd(entry->pmd) ? NULL : pmd_page(entry->pmd);
}

/*
 * Clear the Accessed bit of an entry.  The folio is pinned before: if the entry is
 * still the same then, it is this folio that it maps.  Returns false if nothing has
 * been changed.  The caller puts *@pinned once interrupts are on, as that may free it.
 */
static noinline bool damon_lockless_clear_young(const struct damon_lockless_entry *entry,
						struct folio **pinned)
{
	struct page *page = damon_lockless_page(entry);
	struct folio *folio;
	bool cleared;

	if (!page)
		return false;
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return false;
	*pinned = folio;
	cleared = folio == page_folio(page) &&
		  (entry->ptep ? damon_ptep_try_mkold(entry->ptep, entry->pte) :
				 damon_pmdp_try_mkold(entry->pmdp, entry->pmd));
	if (cleared)
		damon_folio_set_young(folio);
	return cleared;
}

/**
 * damon_lockless_test_and_clear_young - clear an Accessed bit
 * @mm:		address space, as for damon_lockless_test_young()
 * @addr:	address in the page
 * @shared:	set to the addresses that share the bit, if these are more than the
 *		page, and the bit was set
 *
 * Does what damon_entry_test_and_clear_young() does, most of the time.
 *
 * Return: 1 if the page was accessed before, 0 if not, or -EAGAIN if nothing has
 * been done, and it takes a walk.
 */
int damon_lockless_test_and_clear_young(struct mm_struct *mm, unsigned long addr,
					struct damon_range *shared)
{
	struct damon_lockless_entry entry;
	struct folio *pinned = NULL;
	unsigned long flags;
	int mapped, young;

	/* A secondary MMU has to clear its Accessed bits, too. */
	if (!damon_may_read_lockless(mm, addr) || mm_has_notifiers(mm))
		return -EAGAIN;
	local_irq_save(flags);
	mapped = damon_find_entry(mm, addr, &entry);
	young = mapped > 0 ? damon_lockless_young(&entry) : mapped;
	if (young > 0 && !damon_lockless_clear_young(&entry, &pinned))
		young = -EAGAIN;
	local_irq_restore(flags);
	if (pinned)
		folio_put(pinned);
	if (young > 0 && !entry.ptep)
		*shared = (struct damon_range) {
			addr & PMD_MASK, (addr & PMD_MASK) + PMD_SIZE,
		};
	return young;
}

#endif /* damon_ptep_try_mkold */
#endif /* DAMON_LOCKLESS_TEST */
