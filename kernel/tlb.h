/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_TLB_H
#define _MM_DAMON_TLB_H

#include <linux/damon.h>
#include <linux/mm_types.h>

#include "flush.h"

unsigned long damon_tlb_limit(bool wanted, unsigned long *last);
bool damon_tlb_may_invalidate(struct mm_struct *mm);
void damon_tlb_invalidate(struct mm_struct *mm, const struct damon_batch *batch);

#endif /* _MM_DAMON_TLB_H */
