/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SCHEME_H
#define _MM_DAMON_SCHEME_H

#include <linux/damon.h>

int damon_check_schemes(const struct damon_ctx *ctx);
void damon_begin_schemes(struct damon_ctx *ctx);
void damon_keep_schemes(struct damon_ctx *old, struct damon_ctx *new);
void damon_free_schemes(struct damon_ctx *ctx);
bool damon_apply_schemes(struct damon_ctx *ctx, unsigned int done);
bool damon_update_schemes(struct damon_ctx *ctx, ktime_t now, ktime_t *next);

#endif /* _MM_DAMON_SCHEME_H */
