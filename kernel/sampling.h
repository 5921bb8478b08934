/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SAMPLING_H
#define _MM_DAMON_SAMPLING_H

#include <linux/damon.h>

void damon_begin_samples(struct damon_ctx *ctx);
void damon_skip_sample(struct damon_target *t);
bool damon_sample(struct damon_ctx *ctx, unsigned int left);

#endif /* _MM_DAMON_SAMPLING_H */
