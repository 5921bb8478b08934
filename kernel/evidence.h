/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_EVIDENCE_H
#define _MM_DAMON_EVIDENCE_H

#include <linux/damon.h>

/* What &damon_region.mean and &damon_region.weight count in */
#define DAMON_MEAN_ONE	16

/* Neighbours whose means differ by no more than this part of all samples are alike */
#define DAMON_ALIKE_DIVISOR	40

/**
 * damon_is_idle - ask whether a region is known not to be accessed
 * @r:		the region
 * @samples:	samples in an aggregation
 *
 * Return: whether it is; not of a region of which nothing is known.
 */
static inline bool damon_is_idle(const struct damon_region *r, unsigned int samples)
{
	return r->weight && r->mean <= samples * DAMON_MEAN_ONE / DAMON_ALIKE_DIVISOR;
}

/**
 * damon_is_certain - ask whether all samples of a region say the same
 * @r:		the region
 * @samples:	samples in an aggregation
 *
 * Return: whether it has been accessed in all samples for some time, or in none.
 */
static inline bool damon_is_certain(const struct damon_region *r, unsigned int samples)
{
	unsigned int all = samples * DAMON_MEAN_ONE;
	unsigned int little = all / DAMON_ALIKE_DIVISOR;

	return r->weight >= DAMON_MEAN_ONE && (r->mean <= little || r->mean >= all - little);
}

/**
 * damon_is_mixed - ask whether the samples of a region say different things
 * @r:		the region
 * @samples:	samples in an aggregation
 *
 * Return: whether some of the last aggregations have seen it accessed, but not always.  Then its
 * pages are likely to differ, or chance decides what each aggregation sees.
 */
static inline bool damon_is_mixed(const struct damon_region *r, unsigned int samples)
{
	unsigned int all = samples * DAMON_MEAN_ONE;

	return r->mean && r->mean < all - all / DAMON_ALIKE_DIVISOR;
}

/* Samples of this aggregation that have a result for the region */
static inline unsigned int damon_nr_known(const struct damon_region *r, unsigned int samples)
{
	return samples - min(r->nr_unknown, samples);
}

/* A sample has no result for the region. */
static inline void damon_add_unknown(struct damon_region *r)
{
	if (r->nr_unknown < U16_MAX)
		r->nr_unknown++;
}

unsigned long damon_nr_certain(const struct damon_ctx *ctx);
void damon_update_mean(struct damon_region *r, unsigned int samples);
bool damon_is_alike(const struct damon_region *a, const struct damon_region *b,
		    unsigned int samples, unsigned int tolerance);
unsigned int damon_nr_telling(const struct damon_target *t, unsigned int samples);
void damon_find_cuts(struct damon_ctx *ctx);

#endif /* _MM_DAMON_EVIDENCE_H */
