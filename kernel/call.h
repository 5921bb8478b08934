/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_CALL_H
#define _MM_DAMON_CALL_H

#include <linux/damon.h>

void damon_answer_call(struct damon_ctx *ctx);
bool damon_has_new_call(const struct damon_ctx *ctx);
void damon_call_before_act(struct damon_ctx *ctx, const struct damon_scheme *scheme,
			   const struct damon_region *r);
struct damon_call *damon_complete_call(struct damon_ctx *ctx, int err);
void damon_release_call(struct damon_call *call);

#endif /* _MM_DAMON_CALL_H */
