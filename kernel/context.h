/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_CONTEXT_H
#define _MM_DAMON_CONTEXT_H

#include <linux/damon.h>
#include <linux/ktime.h>
#include <linux/minmax.h>

/**
 * damon_us_to_ktime - an interval of the attributes as a ktime_t
 * @us:	microseconds
 *
 * Return: the interval; of the longest ones, which mean never, as much as does not overflow.
 */
static inline ktime_t damon_us_to_ktime(unsigned long us)
{
	return min_t(u64, us, KTIME_MAX / NSEC_PER_USEC) * NSEC_PER_USEC;
}

void damon_forget_ctx(struct damon_ctx *ctx);
void damon_forget_target(struct damon_ctx *ctx, struct damon_target *t);

#endif /* _MM_DAMON_CONTEXT_H */
