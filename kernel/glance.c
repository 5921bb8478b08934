// SPDX-License-Identifier: GPL-2.0
/*
 * Glances: Accessed bits of page table entries, without any lock.
 *
 * Page tables may be read as long as interrupts are off, which keeps them from
 * being freed: this is how get_user_pages_fast() finds pages.  Most pages that a
 * sample looks at are each in a page table of its own, in large memory each in a
 * mapping of its own.  To find and lock these takes longer than to look.
 *
 * This is for who runs in the address space only: on many machines page tables
 * are freed as soon as the CPUs that do have answered an interrupt.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "access.h"

/* Some address spaces have fewer levels of tables than addresses have bits for. */
static inline bool damon_has_tables_for(unsigned long addr)
{
#ifdef gup_fast_permitted
	return gup_fast_permitted(addr, addr + PAGE_SIZE);
#else
	return true;
#endif
}

/*
 * Whether the page at @addr may be looked at from here: of a process, as who sets
 * fixed ranges may set any, and of the one that we run in.  Not access_ok(), which
 * may accept what CPUs ignore the upper bits of.
 */
static inline bool damon_may_glance(struct mm_struct *mm, unsigned long addr)
{
	return current->mm == mm && addr < TASK_SIZE_MAX &&
	       damon_has_tables_for(addr);
}

/* Where a huge page has several entries, one alone does not tell. */
#if defined(CONFIG_HAVE_GUP_FAST) && !defined(__HAVE_ARCH_HUGE_PTEP_GET) && \
	!defined(CONFIG_HIGHPTE)

/**
 * struct damon_glanced - an entry, which may change at any time
 * @pmdp:	where it is, for a huge page or where there is no page table
 * @ptep:	where it is, or NULL if it is *@pmdp
 * @pmd:	what *@pmdp was
 * @pte:	what *@ptep was
 */
struct damon_glanced {
	pmd_t *pmdp;
	pte_t *ptep;
	pmd_t pmd;
	pte_t pte;
};

/*
 * Find the entry for @addr, with interrupts off.  Returns 1 if it maps a page, 0
 * if nothing is mapped there, or -EAGAIN where it takes a walk to see that.
 */
static __always_inline int damon_find_entry(struct mm_struct *mm,
					    unsigned long addr,
					    struct damon_glanced *found)
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
	/* A huge page, or memory of a device that is not watched */
	if (pud_leaf(pud))
		return -EAGAIN;
	found->pmdp = pmd_offset_lockless(pudp, pud, addr);
	found->pmd = pmdp_get_lockless(found->pmdp);
	found->ptep = NULL;
	if (!pmd_present(found->pmd))
		return 0;
	if (pmd_leaf(found->pmd))
		return 1;
	found->ptep = pte_offset_kernel(&found->pmd, addr);
	found->pte = ptep_get_lockless(found->ptep);
	return !!pte_present(found->pte);
}

static __always_inline bool damon_glanced_young(const struct damon_glanced *entry)
{
	return entry->ptep ? pte_young(entry->pte) : pmd_young(entry->pmd);
}

/**
 * damon_glance - ask without any lock whether a page has been accessed
 * @mm:		its address space, pinned by the caller
 * @addr:	address in the page
 *
 * For pages that were prepared with damon_entry_clear() or damon_glance_clear().
 *
 * Return: 1 if it has, 0 if not, or -EAGAIN where it takes a walk to see that.
 */
int damon_glance(struct mm_struct *mm, unsigned long addr)
{
	struct damon_glanced entry;
	unsigned long flags;
	int mapped, young;

	if (!damon_may_glance(mm, addr))
		return -EAGAIN;
	local_irq_save(flags);
	mapped = damon_find_entry(mm, addr, &entry);
	young = mapped > 0 ? damon_glanced_young(&entry) : mapped;
	local_irq_restore(flags);
	return mapped > 0 && !young ? mmu_notifier_test_young(mm, addr) : young;
}

#else

int damon_glance(struct mm_struct *mm, unsigned long addr)
{
	return -EAGAIN;
}

#endif

/* Where an entry is one word, which can be compared and exchanged as a whole */
#if defined(CONFIG_X86_64) && defined(CONFIG_HAVE_GUP_FAST)

/* Clear the Accessed bit, unless the entry is another one by now */
static bool damon_glanced_clear(struct damon_glanced *entry)
{
	if (entry->ptep)
		return try_cmpxchg(&entry->ptep->pte, &entry->pte.pte,
				   pte_mkold(entry->pte).pte);
	return try_cmpxchg(&entry->pmdp->pmd, &entry->pmd.pmd,
			   pmd_mkold(entry->pmd).pmd);
}

/* The page that is mapped, if its folio is one to leave a note with */
static struct page *damon_glanced_page(const struct damon_glanced *entry)
{
	if (entry->ptep)
		return pte_special(entry->pte) || pte_devmap(entry->pte) ?
		       NULL : pte_page(entry->pte);
	return pmd_special(entry->pmd) || pmd_devmap(entry->pmd) ||
	       is_huge_zero_pmd(entry->pmd) ? NULL : pmd_page(entry->pmd);
}

/*
 * Clear the Accessed bit and leave a note that it was set, as damon_entry_clear()
 * does.  The folio is held before, and if then the entry is still the same, it is
 * this folio that it maps.  Returns false if nothing has been changed.  *@held is
 * for the caller to put once interrupts are on, as that may free it.
 */
static noinline bool damon_glanced_take(struct damon_glanced *entry, struct folio **held)
{
	struct page *page = damon_glanced_page(entry);
	struct folio *folio;
	bool taken;

	if (!page)
		return false;
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return false;
	*held = folio;
	taken = folio == page_folio(page) && damon_glanced_clear(entry);
	if (taken)
		damon_keep_access(folio);
	return taken;
}

/**
 * damon_glance_clear - clear an Accessed bit without any lock
 * @mm:		address space, pinned by the caller
 * @addr:	address in the page
 * @shared:	set to the addresses that share the bit, if these are more than the
 *		page, and the bit was set
 *
 * Does what damon_entry_clear() does, most of the time.
 *
 * Return: 1 if the page was accessed before, 0 if not, or -EAGAIN if nothing has
 * been done, and it takes a walk.
 */
int damon_glance_clear(struct mm_struct *mm, unsigned long addr,
		       struct damon_range *shared)
{
	struct folio *held = NULL;
	struct damon_glanced entry;
	unsigned long flags;
	int mapped, young;

	/* It is them who have to be told, or who remember an access. */
	if (!damon_may_glance(mm, addr) || mm_has_notifiers(mm))
		return -EAGAIN;
	local_irq_save(flags);
	mapped = damon_find_entry(mm, addr, &entry);
	young = mapped > 0 ? damon_glanced_young(&entry) : mapped;
	if (young > 0 && !damon_glanced_take(&entry, &held))
		young = -EAGAIN;
	local_irq_restore(flags);
	if (held)
		folio_put(held);
	if (young > 0 && !entry.ptep)
		*shared = (struct damon_range) {
			addr & PMD_MASK, (addr & PMD_MASK) + PMD_SIZE,
		};
	return young;
}

#else

int damon_glance_clear(struct mm_struct *mm, unsigned long addr,
		       struct damon_range *shared)
{
	return -EAGAIN;
}

#endif
