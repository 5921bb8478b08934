// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries, under the lock of the entry: clear them, and
 * test later whether they are set again.
 *
 * Reclaim and idle page tracking read the Accessed bit, too.  So that they do not
 * miss an access whose bit is cleared here, it is recorded in the flags of the folio:
 * PG_young is set, PG_idle cleared.  PG_idle is never set here: to idle page tracking,
 * which has not set it, that would mean a page without accesses.
 */
#include <linux/hugetlb.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/pgtable.h>
#include <linux/swap.h>

#include "access.h"
#include "lru.h"

/**
 * damon_folio_set_young - record in the flags of a folio that it has been accessed
 * @folio:	the folio, or NULL
 */
void damon_folio_set_young(struct folio *folio)
{
	if (!folio)
		return;
	/* Mostly nothing changes: do not write to a cache line that other CPUs use. */
	if (folio_test_idle(folio))
		folio_clear_idle(folio);
	if (!folio_test_young(folio))
		folio_set_young(folio);
}

/**
 * damon_folio_set_old - record in the flags of a folio that it is not accessed any more
 * @folio:	the folio, in an LRU list
 *
 * As madvise() does for cold memory: reclaim does not spare it, and if it is read in again, that
 * counts as memory that was missing.
 */
void damon_folio_set_old(struct folio *folio)
{
	folio_clear_referenced(folio);
	folio_test_clear_young(folio);
	if (folio_test_active(folio))
		folio_set_workingset(folio);
}

/* The generation of a folio in MGLRU and the youngest one, as in lru.h; 0 if it is in none */
static u8 damon_folio_gen(struct folio *folio)
{
#ifdef CONFIG_LRU_GEN
	int gen = folio_lru_gen(folio);
	unsigned long max_seq;

	if (gen < 0)
		return 0;
	rcu_read_lock();
	max_seq = READ_ONCE(folio_lruvec(folio)->lrugen.max_seq);
	rcu_read_unlock();
	return (gen + 1) | (max_seq & 7) << DAMON_LRU_MAX_SHIFT;
#else
	return 0;
#endif
}

/**
 * damon_folio_lru - what the LRU lists say of a folio
 * @folio:	mapped, or pinned by the caller
 *
 * Return: flags, see DAMON_LRU_GEN.
 */
u8 damon_folio_lru(struct folio *folio)
{
	u8 lru = damon_folio_gen(folio);

	if (!lru)
		lru = (folio_test_active(folio) ? DAMON_LRU_ACTIVE : 0) |
		      (folio_test_referenced(folio) ? DAMON_LRU_REFERENCED : 0);
	if (folio_test_young(folio))
		lru |= DAMON_LRU_NOTED;
	return lru | DAMON_LRU_KNOWN;
}

/**
 * damon_folio_set_cold - let a folio be one of the next that are reclaimed
 * @folio:	mapped under the page table lock, or pinned; in an LRU list
 *
 * Old accesses that still show in Accessed bits would have reclaim spare it: the caller clears
 * them.  With MGLRU folio_deactivate() puts anonymous folios into the second youngest generation
 * and others into one of the two oldest, wherever they were: those that are older must stay
 * there.  A folio that is moved waits in a batch of this CPU (lru_add_drain()).
 */
void damon_folio_set_cold(struct folio *folio)
{
	damon_folio_set_old(folio);
	if (damon_lru_age_if_any(damon_folio_lru(folio)) <= folio_is_file_lru(folio))
		folio_deactivate(folio);
}

/**
 * damon_entry_lru - what the LRU lists say of the page that an entry maps
 * @entry:	the entry
 *
 * Return: flags as of damon_folio_lru(); or 0 if the page is not in these lists, or
 * shares its place in them with other pages or is mapped by others as well.
 */
u8 damon_entry_lru(const struct damon_entry *entry)
{
	struct folio *folio = NULL;

	if (is_vm_hugetlb_page(entry->vma))
		return 0;
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) || entry->pte) {
		pte_t pte = ptep_get(entry->pte);

		if (pte_present(pte))
			folio = vm_normal_folio(entry->vma, entry->addr, pte);
	} else {
		pmd_t pmd = pmdp_get(entry->pmd);

		if (pmd_present(pmd))
			folio = vm_normal_folio_pmd(entry->vma, entry->range.start, pmd);
	}
	if (!folio || folio_likely_mapped_shared(folio) ||
	    (folio_test_large(folio) && entry->pte))
		return 0;
	return damon_folio_lru(folio);
}

#ifdef CONFIG_HUGETLB_PAGE

/* What ptep_clear_young_notify() does for ordinary pages */
static bool damon_clear_young_notify(struct mm_struct *mm,
				     const struct damon_range *range)
{
#ifdef CONFIG_MMU_NOTIFIER
	return mmu_notifier_clear_young(mm, range->start, range->end);
#else
	return false;
#endif
}

static bool damon_hugetlb_clear(const struct damon_entry *entry)
{
	struct vm_area_struct *vma = entry->vma;
	unsigned long addr = entry->range.start;
	pte_t pte = huge_ptep_get(vma->vm_mm, addr, entry->pte);
	bool young;

	if (!pte_present(pte))
		return false;

	young = pte_young(pte);
	if (young) {
		/* A plain read and write could lose a Dirty bit that the CPU sets in between. */
		pte = huge_ptep_modify_prot_start(vma, addr, entry->pte);
		huge_ptep_modify_prot_commit(vma, addr, entry->pte, pte,
					     pte_mkold(pte));
	}
	young |= damon_clear_young_notify(vma->vm_mm, &entry->range);
	if (young)
		damon_folio_set_young(page_folio(pte_page(pte)));
	return young;
}

#else

static bool damon_hugetlb_clear(const struct damon_entry *entry)
{
	return false;
}

#endif

static bool damon_pmd_clear(const struct damon_entry *entry)
{
	struct vm_area_struct *vma = entry->vma;
	unsigned long addr = entry->range.start;
	pmd_t pmd = pmdp_get(entry->pmd);

	if (!pmd_present(pmd) || !pmdp_clear_young_notify(vma, addr, entry->pmd))
		return false;
	damon_folio_set_young(vm_normal_folio_pmd(vma, addr, pmd));
	return true;
}

static bool damon_pte_clear(const struct damon_entry *entry)
{
	struct vm_area_struct *vma = entry->vma;
	unsigned long addr = entry->addr;
	pte_t pte = ptep_get(entry->pte);

	if (!pte_present(pte) || !ptep_clear_young_notify(vma, addr, entry->pte))
		return false;
	damon_folio_set_young(vm_normal_folio(vma, addr, pte));
	return true;
}

/**
 * damon_entry_test_and_clear_young - clear the Accessed bit
 * @entry:	the entry
 *
 * The next damon_entry_test_young() tells whether the page was accessed in
 * between.  Secondary MMUs clear their Accessed bits, too.
 *
 * Return: whether the page was accessed before.
 */
bool damon_entry_test_and_clear_young(const struct damon_entry *entry)
{
	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && !entry->pte)
		return damon_pmd_clear(entry);
	return is_vm_hugetlb_page(entry->vma) ? damon_hugetlb_clear(entry) :
						damon_pte_clear(entry);
}

/**
 * damon_entry_test_young - ask whether a page has been accessed
 * @entry:	its entry
 *
 * Return: whether it has been, by this MMU or a secondary one, since
 * damon_entry_test_and_clear_young().  What is not mapped has not.
 */
bool damon_entry_test_young(const struct damon_entry *entry)
{
	struct mm_struct *mm = entry->vma->vm_mm;
	unsigned long addr = entry->range.start;
	bool present, young;

	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && !entry->pte) {
		pmd_t pmd = pmdp_get(entry->pmd);

		present = pmd_present(pmd);
		young = present && pmd_young(pmd);
	} else {
		pte_t pte = is_vm_hugetlb_page(entry->vma) ?
			    huge_ptep_get(mm, addr, entry->pte) :
			    ptep_get(entry->pte);

		present = pte_present(pte);
		young = present && pte_young(pte);
	}
	return young || (present && mmu_notifier_test_young(mm, entry->addr));
}
