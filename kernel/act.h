/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_ACT_H
#define _MM_DAMON_ACT_H

#include <linux/ktime.h>

/**
 * damon_act_is_over - whether a call of &damon_operations.act has taken its time
 * @begun:	when it began
 *
 * The core charges quotas, and asks whether the kdamond is to stop, between two calls only.
 *
 * Return: whether a millisecond is over.
 */
static inline bool damon_act_is_over(ktime_t begun)
{
	return ktime_get() - begun >= NSEC_PER_MSEC;
}

#endif /* _MM_DAMON_ACT_H */
