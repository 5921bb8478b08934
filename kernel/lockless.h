/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_LOCKLESS_H
#define _MM_DAMON_LOCKLESS_H

#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/hugetlb.h>
#include <linux/mm_types.h>

#include "arch.h"

/* Not where a hugetlb page may have several entries, as each may have the Accessed bit. */
#if defined(CONFIG_HAVE_GUP_FAST) && !defined(__HAVE_ARCH_HUGE_PTEP_GET) && \
	!defined(CONFIG_HIGHPTE)
#define DAMON_LOCKLESS_TEST 1
#endif

#ifdef DAMON_LOCKLESS_TEST
int damon_lockless_test_young(struct mm_struct *mm, unsigned long addr);
#else
static inline int damon_lockless_test_young(struct mm_struct *mm, unsigned long addr)
{
	return -EAGAIN;
}
#endif

#if defined(DAMON_LOCKLESS_TEST) && defined(damon_ptep_try_mkold)
int damon_lockless_test_and_clear_young(struct mm_struct *mm, unsigned long addr,
					struct damon_range *shared);
#else
static inline int damon_lockless_test_and_clear_young(struct mm_struct *mm,
						      unsigned long addr,
						      struct damon_range *shared)
{
	return -EAGAIN;
}
#endif

/* Whether a kernel thread has to use the address space that it reads locklessly */
static inline bool damon_lockless_needs_mm(void)
{
	return __is_defined(DAMON_LOCKLESS_TEST) && damon_tables_freed_by_ipi();
}

#endif /* _MM_DAMON_LOCKLESS_H */
