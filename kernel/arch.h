/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between architectures for which mm has no helper.  Those of TLB flushes
 * are in tlb.c.
 */
#ifndef _MM_DAMON_ARCH_H
#define _MM_DAMON_ARCH_H

#include <linux/kconfig.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

#include <asm/tlb.h>

#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)

/*
 * Clear the Accessed bit of an entry without the page table lock, if the entry is still
 * @old.  Returns whether it was.  Only where an entry is one word.
 */
#define damon_ptep_try_mkold damon_ptep_try_mkold
static inline bool damon_ptep_try_mkold(pte_t *ptep, pte_t old)
{
	return try_cmpxchg(&ptep->pte, &old.pte, pte_mkold(old).pte);
}

static inline bool damon_pmdp_try_mkold(pmd_t *pmdp, pmd_t old)
{
	return try_cmpxchg(&pmdp->pmd, &old.pmd, pmd_mkold(old).pmd);
}

#endif

/*
 * The size of the memory whose entries have their Accessed bits cleared together with
 * that of @ptep: more than a page for contiguous entries of arm64.
 */
static inline unsigned long damon_ptep_young_size(pte_t *ptep)
{
#ifdef CONFIG_ARM64_CONTPTE
	if (pte_valid_cont(__ptep_get(ptep)))
		return CONT_PTE_SIZE;
#endif
	return PAGE_SIZE;
}

/*
 * Whether page tables may be freed as soon as the CPUs that have the address space
 * loaded have answered an interrupt.  Not where all of them are freed by RCU: on x86
 * that is under hypervisors that flush for their guests.
 */
static inline bool damon_tables_freed_by_ipi(void)
{
#if defined(CONFIG_X86) && defined(CONFIG_PARAVIRT)
	return pv_ops.mmu.tlb_remove_table != tlb_remove_table;
#elif defined(CONFIG_ARM64) || defined(CONFIG_PPC) || defined(CONFIG_S390)
	return !IS_ENABLED(CONFIG_MMU_GATHER_RCU_TABLE_FREE);
#else
	return true;
#endif
}

/* Whether the page tables of an address space have enough levels for the page at @addr */
static inline bool damon_has_tables_for(const struct mm_struct *mm, unsigned long addr)
{
#if defined(CONFIG_S390)
	return addr + PAGE_SIZE <= READ_ONCE(mm->context.asce_limit);
#elif defined(gup_fast_permitted)
	return gup_fast_permitted(addr, addr + PAGE_SIZE);
#else
	return true;
#endif
}

#endif /* _MM_DAMON_ARCH_H */
