/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_PRIORITY_H
#define _MM_DAMON_PRIORITY_H

#include <linux/damon.h>

#define DAMON_MAX_PRIORITY	(DAMON_NR_PRIORITIES - 1)

unsigned int damon_priority(const struct damon_scheme *scheme, const struct damon_region *r,
			    unsigned int max_nr_accesses);
unsigned int damon_lowest_priority(const unsigned long *pages, unsigned long bytes);

#endif /* _MM_DAMON_PRIORITY_H */
