/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_PA_FILTER_H
#define _MM_DAMON_PA_FILTER_H

#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/kconfig.h>

struct folio;

/* What folios can be filtered by */
#define DAMON_PA_FILTERS	(BIT(DAMON_FILTER_ANON) | BIT(DAMON_FILTER_YOUNG) | \
				 (IS_ENABLED(CONFIG_MEMCG) ? BIT(DAMON_FILTER_MEMCG) : 0))

bool damon_pa_filter_passes(const struct damon_scheme *scheme, struct folio *folio);

#endif /* _MM_DAMON_PA_FILTER_H */
