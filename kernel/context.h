/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_CONTEXT_H
#define _MM_DAMON_CONTEXT_H

#include <linux/damon.h>

void damon_forget_ctx(struct damon_ctx *ctx);
void damon_forget_target(struct damon_ctx *ctx, struct damon_target *t);

#endif /* _MM_DAMON_CONTEXT_H */
