/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_EVIDENCE_H
#define _MM_DAMON_EVIDENCE_H

#include <linux/damon.h>

/* What &damon_region.mean and &damon_region.weight count in */
#define DAMON_MEAN_ONE	16

/* Neighbours that differ by no more than this part of all samples are alike */
#define DAMON_ALIKE_DIVISOR	40

/**
 * damon_is_idle - ask whether any access would be news
 * @r:		a region
 * @samples:	samples in an aggregation
 *
 * Return: whether it is known, and known not to be accessed.
 */
static inline bool damon_is_idle(const struct damon_region *r, unsigned int samples)
{
	return r->weight && r->mean <= samples * DAMON_MEAN_ONE / DAMON_ALIKE_DIVISOR;
}

/**
 * damon_is_certain - ask whether more samples would tell nothing new
 * @r:		a region
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

/* Samples of this aggregation that tell something about the region */
static inline unsigned int damon_nr_known(const struct damon_region *r, unsigned int samples)
{
	return samples - min(r->nr_unknown, samples);
}

void damon_learn(struct damon_region *r, unsigned int samples);
bool damon_alike(const struct damon_region *a, const struct damon_region *b,
		 unsigned int samples, unsigned int tolerance);
unsigned int damon_nr_told(const struct damon_target *t, unsigned int samples);
void damon_find_cuts(struct damon_ctx *ctx);

#endif /* _MM_DAMON_EVIDENCE_H */
