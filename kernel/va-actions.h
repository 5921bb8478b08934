/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_VA_ACTIONS_H
#define _MM_DAMON_VA_ACTIONS_H

#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/kconfig.h>

struct mm_struct;
struct super_block;

/* What can be done with memory of processes */
#define DAMON_VA_ADVICE		(IS_ENABLED(CONFIG_ADVISE_SYSCALLS) ? BIT(DAMON_WILLNEED) : 0)
#define DAMON_VA_HUGE_ADVICE	(IS_ENABLED(CONFIG_ADVISE_SYSCALLS) && \
				 IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) ? \
				 BIT(DAMON_HUGEPAGE) | BIT(DAMON_NOHUGEPAGE) : 0)
#define DAMON_VA_ACTIONS	(BIT(DAMON_PAGEOUT) | BIT(DAMON_COLD) | DAMON_VA_ADVICE | \
				 DAMON_VA_HUGE_ADVICE)

long damon_mm_act(struct mm_struct *mm, enum damon_action action, struct damon_range *range);

#if IS_ENABLED(CONFIG_KUNIT)
struct damon_range damon_whole_huge_pages(const struct damon_range *range);
bool damon_is_on_disk(const struct super_block *sb);
#endif

#endif /* _MM_DAMON_VA_ACTIONS_H */
