/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_ADAPT_H
#define _MM_DAMON_ADAPT_H

#include <linux/damon.h>

int damon_divide_regions(struct damon_ctx *ctx, unsigned long at_least);
void damon_merge_regions(struct damon_ctx *ctx);
void damon_split_regions(struct damon_ctx *ctx);

#endif /* _MM_DAMON_ADAPT_H */
