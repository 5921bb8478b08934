/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_FILTER_H
#define _MM_DAMON_FILTER_H

#include <linux/damon.h>

int damon_check_filters(const struct damon_scheme *scheme, const struct damon_operations *ops);
bool damon_filter_next(const struct damon_scheme *scheme, const struct damon_target *t,
		       struct damon_range *rest, struct damon_range *part);

#endif /* _MM_DAMON_FILTER_H */
