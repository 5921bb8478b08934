// SPDX-License-Identifier: GPL-2.0
/*
 * Sampling: what each sample of an aggregation does for a target.
 *
 * Mostly it checks one page of each region and prepares another one.  Now and
 * then it also scans for hints.  And where the TLB hides accesses, four samples
 * are taken at once after a flush of the TLB.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "adapt.h"
#include "flush.h"
#include "hints.h"
#include "sampling.h"

/* One scan for hints in so many samples, while there is something to be found */
#define SCAN_EVERY	4

/*
 * Check a burst, or pages of it that were asked again.  The first burst of an
 * aggregation tests whether flushes pay: are pages that it saw accessed seen
 * again without a flush as often as they should be?
 */
static int damon_check_burst(struct damon_ctx *ctx, struct damon_target *t,
			     bool time_left)
{
	bool repeat = time_left && !t->flush->tested;
	int err;

	if (repeat)
		damon_begin_test(t);
	err = ctx->ops->sample(ctx, t, DAMON_CHECK | DAMON_BURST |
			       (repeat ? DAMON_REPEAT : 0));
	if (t->repeated)
		damon_end_test(t);
	t->repeated = repeat;
	if (!repeat)
		t->nr_probes = 0;
	return err;
}

static int damon_prepare_burst(struct damon_ctx *ctx, struct damon_target *t,
			       unsigned int left)
{
	t->sample = ctx->sample;
	t->nr_looks++;
	t->nr_samples = min(left, DAMON_MAX_PROBES);
	t->nr_probes = t->nr_samples;
	return ctx->ops->sample(ctx, t, DAMON_PREPARE | DAMON_BURST);
}

static int damon_sample_plainly(struct damon_ctx *ctx, struct damon_target *t,
				bool prepare)
{
	int err;

	err = ctx->ops->sample(ctx, t, (t->nr_probes ? DAMON_CHECK : 0) |
				       (prepare ? DAMON_PREPARE : 0));
	t->nr_probes = 0;
	if (prepare) {
		t->sample = ctx->sample;
		t->nr_looks++;
		t->nr_samples = 1;
		t->nr_probes = 1;
	}
	return err;
}

/* Scans come with the samples that may flush, and before the flush. */
static bool damon_wants_scan(const struct damon_ctx *ctx,
			     const struct damon_target *t)
{
	unsigned int nr = ctx->sample - ctx->first_sample;

	return ctx->ops->hint && nr % SCAN_EVERY == 0 &&
	       (!nr || !t->hints || t->hints->eager);
}

/* One pass for a target; @left samples of the aggregation are to be prepared. */
static int damon_sample_target(struct damon_ctx *ctx, struct damon_target *t,
			       unsigned int left)
{
	bool due = left && ctx->sample - t->sample >= t->nr_samples;
	bool flush = due && damon_take_flush(ctx, t, left);
	bool burst = t->repeated || t->nr_probes > 1;
	int err = 0;

	if (t->scanning)
		ctx->ops->hint(ctx, t, DAMON_CHECK);
	t->scanning = false;

	if (burst)
		err = damon_check_burst(ctx, t, left);
	if (!err && ((t->nr_probes && !burst) || (due && !flush)))
		err = damon_sample_plainly(ctx, t, due && !flush);
	if (!err && flush)
		err = damon_prepare_burst(ctx, t, left);
	if (err || !left)
		return err;

	if (damon_wants_scan(ctx, t)) {
		ctx->ops->hint(ctx, t, DAMON_PREPARE);
		t->scanning = true;
	}
	if (flush)
		ctx->ops->flush(t);
	return 0;
}

/**
 * damon_begin_samples - begin an aggregation
 * @ctx:	the context
 */
void damon_begin_samples(struct damon_ctx *ctx)
{
	struct damon_target *t;

	ctx->first_sample = ctx->sample;
	damon_for_each_target(t, ctx) {
		t->nr_probes = 0;
		t->nr_samples = 0;
		t->nr_looks = 0;
		t->repeated = false;
		t->scanning = false;
		t->flush->tested = false;
	}
}

/**
 * damon_sample - take a sample
 * @ctx:	the context
 * @left:	samples that are left to be prepared in this aggregation: the
 *		last call only checks
 *
 * Targets that have ended lose their regions.  May sleep.
 *
 * Return: whether any target is still there.
 */
bool damon_sample(struct damon_ctx *ctx, unsigned int left)
{
	struct damon_target *t;
	bool alive = false;

	damon_for_each_target(t, ctx) {
		if (damon_sample_target(ctx, t, left) == -ESRCH)
			t->regions.nr = 0;
		else
			alive = true;
		cond_resched();
	}
	if (left)
		ctx->sample++;
	return alive;
}

/**
 * damon_end_samples - end an aggregation
 * @ctx:	the context, with all samples taken
 */
void damon_end_samples(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		damon_plan_flush(t, damon_max_accesses(&ctx->attrs));
}

/**
 * damon_abandon_samples - give back what an aggregation has borrowed
 * @ctx:	the context, whose aggregation does not go on
 *
 * May sleep.
 */
void damon_abandon_samples(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		if (t->scanning)
			ctx->ops->hint(ctx, t, DAMON_CHECK);
		t->scanning = false;
	}
}
