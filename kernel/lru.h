/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_LRU_H
#define _MM_DAMON_LRU_H

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * DOC: What the LRU lists say of a page
 *
 * Reclaim clears Accessed bits, too.  Whether one was set shows in what it does with the
 * page, if the state of the page is read before and after.
 *
 * * DAMON_LRU_GEN: 1 + the generation of MGLRU, or 0
 * * three bits from DAMON_LRU_MAX_SHIFT on: the number of the youngest generation, if
 *   there is one
 * * DAMON_LRU_ACTIVE, DAMON_LRU_REFERENCED: the flags, if there is none
 * * DAMON_LRU_KNOWN: there is such a page
 * * DAMON_LRU_NOTED: PG_young is still set, for an access before
 */
#define DAMON_LRU_GEN		0x07
#define DAMON_LRU_MAX_SHIFT	3
#define DAMON_LRU_ACTIVE	BIT(3)
#define DAMON_LRU_REFERENCED	BIT(4)
#define DAMON_LRU_KNOWN		BIT(6)
#define DAMON_LRU_NOTED		BIT(7)

/* Sampling intervals in which reclaim may well come across a page, in microseconds */
#define DAMON_LRU_SAMPLE_US	500000UL

/* How many generations of the @lru are younger than that of the page: 0 to 3 */
static inline unsigned int damon_lru_age(u8 lru)
{
	return ((lru >> DAMON_LRU_MAX_SHIFT) - ((lru & DAMON_LRU_GEN) - 1)) & 3;
}

/* The same, or -1 if there is no MGLRU */
static inline int damon_lru_age_if_any(u8 lru)
{
	return lru & DAMON_LRU_GEN ? (int)damon_lru_age(lru) : -1;
}

/*
 * Whether a page is in a younger generation than it would be without an access: then it
 * gets older with each new generation, up to the oldest of four.  A page that is only
 * moved, for example to another node, is in one that is older than the youngest was.
 */
static inline bool damon_lru_is_younger(u8 before, u8 now)
{
	unsigned int new = ((now >> DAMON_LRU_MAX_SHIFT) - (before >> DAMON_LRU_MAX_SHIFT)) & 7;
	unsigned int age = damon_lru_age(now);

	return age < min(damon_lru_age(before) + new, 3) && age <= new;
}

/**
 * damon_lru_says_accessed - compare what the LRU lists say of a page
 * @before:	when its Accessed bit was cleared
 * @now:	when it is asked
 *
 * Return: whether reclaim has seen an access in between.  Not all accesses show; and if
 * reclaim has cleared PG_young (see damon_folio_set_young()), it may have been an earlier
 * one.
 */
static inline bool damon_lru_says_accessed(u8 before, u8 now)
{
	if (!(before & now & DAMON_LRU_KNOWN) || (before & ~now & DAMON_LRU_NOTED) ||
	    !(now & DAMON_LRU_GEN) != !(before & DAMON_LRU_GEN))
		return false;
	if (now & DAMON_LRU_GEN)
		return damon_lru_is_younger(before, now);
	return now & ~before & (DAMON_LRU_ACTIVE | DAMON_LRU_REFERENCED);
}

#endif /* _MM_DAMON_LRU_H */
