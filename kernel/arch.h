/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What architectures do differently and mm has no helper for, but for TLB entries:
 * these are in tlb.c.
 */
#ifndef _MM_DAMON_ARCH_H
#define _MM_DAMON_ARCH_H

#include <linux/kconfig.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

#include <asm/tlb.h>

#ifdef CONFIG_X86_64

/*
 * Clear the Accessed bit of an entry without the page table lock, unless it is not
 * @old any more.  Returns whether it has been cleared.  An entry is one word here.
 */
#define ptep_try_mkold ptep_try_mkold
static inline bool ptep_try_mkold(pte_t *ptep, pte_t old)
{
	return try_cmpxchg(&ptep->pte, &old.pte, pte_mkold(old).pte);
}

static inline bool pmdp_try_mkold(pmd_t *pmdp, pmd_t old)
{
	return try_cmpxchg(&pmdp->pmd, &old.pmd, pmd_mkold(old).pmd);
}

#endif

/*
 * The size of the memory whose entries have their Accessed bits cleared together with
 * that of @ptep: more than a page for contiguous entries of arm64.
 */
static inline unsigned long ptep_young_size(pte_t *ptep)
{
#ifdef CONFIG_ARM64_CONTPTE
	if (pte_valid_cont(__ptep_get(ptep)))
		return CONT_PTE_SIZE;
#endif
	return PAGE_SIZE;
}

/*
 * Whether page tables may be freed as soon as the CPUs that have the address space
 * loaded have answered an interrupt; otherwise they are freed by RCU.  With PARAVIRT,
 * x86 has both: by RCU where a hypervisor flushes for its guests.
 */
static inline bool arch_frees_tables_by_ipi(void)
{
#if defined(CONFIG_X86) && defined(CONFIG_PARAVIRT)
	return pv_ops.mmu.tlb_remove_table != tlb_remove_table;
#else
	return IS_ENABLED(CONFIG_X86) || !IS_ENABLED(CONFIG_MMU_GATHER_RCU_TABLE_FREE);
#endif
}

#endif /* _MM_DAMON_ARCH_H */
