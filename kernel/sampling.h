/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SAMPLING_H
#define _MM_DAMON_SAMPLING_H

#include <linux/damon.h>

void damon_begin_samples(struct damon_ctx *ctx);
bool damon_sample(struct damon_ctx *ctx, unsigned int left);
void damon_end_samples(struct damon_ctx *ctx);
void damon_abandon_samples(struct damon_ctx *ctx);

#endif /* _MM_DAMON_SAMPLING_H */
