/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_RANDOM_H
#define _MM_DAMON_RANDOM_H

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/prandom.h>

/**
 * damon_random_below - a random number
 * @random:	generator
 * @limit:	at least 1
 *
 * Return: at least 0, less than @limit, all equally likely.
 */
static inline unsigned long damon_random_below(struct rnd_state *random,
					       unsigned long limit)
{
	u64 r = prandom_u32_state(random);

	if (limit <= U32_MAX)
		return r * limit >> 32;
	r = r << 32 | prandom_u32_state(random);
	return mul_u64_u64_shr(r, limit, 64);
}

/**
 * damon_chance - the chance of each, if some of many are to be chosen
 * @some:	how many, less than 2^32
 * @many:	of how many
 *
 * Return: a fraction of 2^32, or U32_MAX for all.
 */
static inline u32 damon_chance(u64 some, u64 many)
{
	return some >= many ? U32_MAX : div64_u64(some << 32, many);
}

#endif /* _MM_DAMON_RANDOM_H */
