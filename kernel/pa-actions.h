/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_PA_ACTIONS_H
#define _MM_DAMON_PA_ACTIONS_H

#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/kconfig.h>

struct folio;

/* What can be done with physical memory */
#define DAMON_PA_MIGRATION	(IS_ENABLED(CONFIG_MIGRATION) ? \
				 BIT(DAMON_MIGRATE_HOT) | BIT(DAMON_MIGRATE_COLD) : 0)
#define DAMON_PA_ACTIONS	(BIT(DAMON_PAGEOUT) | BIT(DAMON_LRU_PRIO) | \
				 BIT(DAMON_LRU_DEPRIO) | DAMON_PA_MIGRATION)

long damon_pa_act(struct damon_target *t, const struct damon_scheme *scheme,
		  struct damon_range *range);

#if IS_ENABLED(CONFIG_KUNIT)
struct folio *damon_pa_alloc_target(struct folio *src, unsigned long nid);
#endif

#endif /* _MM_DAMON_PA_ACTIONS_H */
