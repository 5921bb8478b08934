// SPDX-License-Identifier: GPL-2.0
/*
 * Priorities: which regions come first if a quota is not enough for all.
 */
#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "priority.h"
#include "region.h"

/* More does not change the order, and sums of products do not overflow. */
#define MAX_WEIGHT	BIT(20)

/* Actions for which cold memory comes first */
#define COLD_FIRST	(BIT(DAMON_COLD) | BIT(DAMON_PAGEOUT) | BIT(DAMON_NOHUGEPAGE) | \
			 BIT(DAMON_LRU_DEPRIO) | BIT(DAMON_MIGRATE_COLD))

/*
 * 0 to DAMON_MAX_PRIORITY on a scale of logarithms, three steps for each power of two: to be twice
 * as old, or as large, matters equally wherever one begins.
 */
static unsigned int damon_log_score(unsigned long n)
{
	unsigned int power = n ? ilog2(n) : 0;
	/* How far it is to the next one, in quarters */
	unsigned int quarter = power >= 2 ? n >> (power - 2) & 3 : n << (2 - power) & 3;

	return min(3 * power + quarter * 3 / 4 + !!n, DAMON_MAX_PRIORITY);
}

/* Age makes a region that is accessed hotter, and one that is not colder. */
static unsigned int damon_age_score(const struct damon_region *r)
{
	unsigned int score = damon_log_score(r->age) / 2;

	return r->nr_accesses ? DAMON_MAX_PRIORITY / 2 + score : DAMON_MAX_PRIORITY / 2 - score;
}

/**
 * damon_priority - the priority of a region for a scheme
 * @scheme:	the scheme
 * @r:		the region
 * @max_nr_accesses: samples in an aggregation
 *
 * The mean of what size, accesses and age say, by the quota's weights.  Without weights all
 * regions are equal.
 *
 * Return: 0 to DAMON_NR_PRIORITIES - 1, the higher the sooner.
 */
unsigned int damon_priority(const struct damon_scheme *scheme, const struct damon_region *r,
			    unsigned int max_nr_accesses)
{
	const struct damon_quota *quota = &scheme->quota;
	u64 size = min(quota->size_weight, MAX_WEIGHT);
	u64 accesses = min(quota->accesses_weight, MAX_WEIGHT);
	u64 age = min(quota->age_weight, MAX_WEIGHT);
	u64 hot = accesses * div_u64(min(r->nr_accesses, max_nr_accesses) * (u64)DAMON_MAX_PRIORITY,
				     max_nr_accesses) +
		  age * damon_age_score(r);

	if (BIT(scheme->action) & COLD_FIRST)
		hot = (accesses + age) * DAMON_MAX_PRIORITY - hot;
	return div64_u64(hot + size * damon_log_score(damon_nr_pages(r)),
			 max(size + accesses + age, 1));
}

/**
 * damon_lowest_priority - the lowest priority for which a number of bytes is enough
 * @pages:	pages by priority
 * @bytes:	how many bytes there are
 *
 * Return: the priority of which not all pages may fit, all that have a higher one do; or 0.
 */
unsigned int damon_lowest_priority(const unsigned long *pages, unsigned long bytes)
{
	unsigned long left = bytes >> PAGE_SHIFT;
	unsigned int priority = DAMON_MAX_PRIORITY;

	for (; priority && pages[priority] <= left; priority--)
		left -= pages[priority];
	return priority;
}
