// SPDX-License-Identifier: GPL-2.0
/*
 * Sampling: the samples of an aggregation, and which part of each region they probe.
 *
 * A sample checks one page of each region and prepares another one, in one pass.  The
 * first pass of an aggregation only prepares, the last one only checks.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "evidence.h"
#include "random.h"
#include "region.h"
#include "sampling.h"

/* Probes of a sample that are enough for all regions whose accesses are certain */
#define CERTAIN_PROBES	300
/* But on average each has one in so many samples of an aggregation, or in a quarter if more */
#define MIN_SAMPLES	5

/*
 * Draw the part of each region that the next sample probes.  Eight samples in a row
 * cover all parts, in random order: otherwise a program that is active in every eighth
 * interval would always be seen in the same part.
 */
static unsigned int damon_draw_part(struct damon_ctx *ctx)
{
	unsigned int i;

	if (!ctx->nr_parts_left) {
		for (i = 0; i < DAMON_NR_PARTS; i++)
			ctx->parts[i] = i;
		ctx->nr_parts_left = DAMON_NR_PARTS;
	}
	i = damon_random_below(&ctx->random, ctx->nr_parts_left--);
	swap(ctx->parts[i], ctx->parts[ctx->nr_parts_left]);
	return ctx->parts[ctx->nr_parts_left];
}

/*
 * The share of regions that are certain that get a probe in each sample.  If there are many
 * they are small, and what they say hardly changes: a few samples are enough to see that it did.
 */
static u32 damon_certain_chance(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	unsigned long nr = damon_nr_certain(ctx);

	/* Samples without a probe could not be counted. */
	if (samples > U16_MAX)
		return U32_MAX;
	return max(damon_chance(CERTAIN_PROBES, nr),
		   damon_chance(max(samples / 4, MIN_SAMPLES), samples));
}

/**
 * damon_begin_samples - begin an aggregation
 * @ctx:	the context
 *
 * May sleep.
 */
void damon_begin_samples(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned int index = 0;

	damon_for_each_target(t, ctx) {
		t->index = index++;
		memset(t->probed, 0, sizeof(t->probed));
	}
	ctx->certain_chance = damon_certain_chance(ctx);
	ctx->prepared = false;
}

/**
 * damon_skip_sample - neither check the last probe of any region, nor prepare one
 * @t:		the target
 */
void damon_skip_sample(struct damon_target *t)
{
	struct damon_region *r;

	damon_for_each_region_resched(r, &t->regions) {
		r->probe = DAMON_NO_PROBE;
		damon_add_unknown(r);
	}
}

/**
 * damon_sample - take a sample
 * @ctx:	the context
 * @left:	samples that are left to be prepared in this aggregation: the
 *		last call only checks
 *
 * May sleep.
 *
 * Return: whether any target is still there.
 */
bool damon_sample(struct damon_ctx *ctx, unsigned int left)
{
	unsigned int what = (ctx->prepared ? DAMON_CHECK : 0) |
			    (left ? DAMON_PREPARE : 0);
	bool alive;

	if (left)
		ctx->next_part = damon_draw_part(ctx);
	alive = ctx->ops->sample(ctx, what);
	ctx->part = ctx->next_part;
	ctx->prepared = left;
	return alive;
}
