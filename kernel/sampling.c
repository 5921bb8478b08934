// SPDX-License-Identifier: GPL-2.0
/*
 * Sampling: what each sample of an aggregation does for a target.
 *
 * Mostly it checks one page of each region and prepares another one.  Now and
 * then it also scans for hints.  And where the TLB hides accesses, four samples
 * are taken at once after a flush of the TLB.
 */
#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/time64.h>

#include "adapt.h"
#include "evidence.h"
#include "hints.h"
#include "region.h"
#include "sampling.h"

/* One scan for hints in so many samples, while there is something to be found */
#define SCAN_EVERY	4
/* A flush at most in so many samples, which then are taken at once */
#define FLUSH_EVERY	DAMON_MAX_PROBES
/* Tests, one in an aggregation, after which it is judged whether flushes pay on */
#define ON_TESTS	4
/* All regions of a target together weigh about so many bits */
#define WEIGHT_BITS	12
/* Aggregations between two trials whether a flush pays, at most */
#define MAX_BACKOFF	64

/* Whether a flush would be within the limits, which hold over all aggregations */
static bool damon_may_flush(const struct damon_ctx *ctx,
			    const struct damon_target *t)
{
	unsigned long distance;

	if (!ctx->ops->flush || !ctx->attrs.max_tlb_flushes)
		return false;
	distance = DIV_ROUND_UP(DIV_ROUND_UP(USEC_PER_SEC,
					     ctx->attrs.max_tlb_flushes),
				ctx->attrs.sample_us);
	return ctx->sample - t->flush.sample >= max(distance, FLUSH_EVERY);
}

/* A test takes two samples, or is none. */
static bool damon_wants_flush(const struct damon_ctx *ctx,
			      const struct damon_target *t, unsigned int left)
{
	const struct damon_flush *flush = &t->flush;

	return (flush->on || (left > 1 && !flush->wait && !flush->tested)) &&
	       damon_may_flush(ctx, t);
}

/* Since a target last ran, its TLBs have hidden nothing.  Asking counts, too. */
static bool damon_has_run(const struct damon_ctx *ctx, struct damon_target *t)
{
	t->flush.sample = ctx->sample;
	return !ctx->ops->has_run || ctx->ops->has_run(t);
}

static void damon_forget_tests(struct damon_flush *flush)
{
	flush->nr_tests = 0;
	flush->by_rate = 0;
	flush->by_others = 0;
	flush->again = 0;
	flush->variance = 0;
	flush->seen = 0;
	flush->seen_rate = 0;
}

/**
 * damon_note_repeated - take a region into a test whether a flush pays
 * @ctx:	the context
 * @t:		the target
 * @r:		the region
 * @seen:	probes that were seen accessed after a flush, at least 1
 * @again:	how many of these were again, without one
 *
 * They should be seen again as often as the region was before, or if that may be
 * little because it was hidden, as often as the other probes were.  That says too
 * much where one access is to all of them, so it is to begin with only.  To go by
 * these probes themselves says even more, as it is them because they were seen.  It
 * is done for new regions at first, since small ones would be found too late else.
 */
void damon_note_repeated(struct damon_ctx *ctx, struct damon_target *t,
			 const struct damon_region *r, unsigned int seen,
			 unsigned int again)
{
	struct damon_flush *flush = &t->flush;
	u64 weight = max(damon_nr_pages(r) >> flush->shift, 1);
	unsigned int n = t->nr_probes, by_rate, by_others;

	if (n < 2)
		return;
	flush->again += weight * again * 1000;
	if (r->windows < 2 && !flush->on) {
		by_others = 1000 * seen / n;
		by_rate = by_others;
	} else {
		by_others = 1000 * (seen - 1) / (n - 1);
		by_rate = r->windows < 2 ? by_others :
			  div_u64(1000ULL * r->mean,
				  damon_max_accesses(&ctx->attrs) * DAMON_MEAN_ONE);
		if (flush->on) {
			/* The rate is of flushes, too, and of more moments than one. */
			by_others = by_rate;
			flush->seen += weight * seen;
			flush->seen_rate += weight * seen * by_rate;
		} else {
			/* Twice seen * p (1 - p): p is a guess, too, but never 0 or 1. */
			flush->variance += weight * weight *
					   (2000000 * seen * (seen + 1) * (n + 1 - seen) /
					    ((n + 2) * (n + 2)));
		}
	}
	flush->by_rate += weight * seen * by_rate;
	flush->by_others += weight * seen * by_others;
}

/* The weights of regions are such that their squares leave room in 64 bits. */
static unsigned int damon_weight_shift(const struct damon_target *t)
{
	unsigned long pages = damon_regions_size(&t->regions) >> PAGE_SHIFT;

	return max(fls_long(pages), WEIGHT_BITS) - WEIGHT_BITS;
}

/*
 * All that a test asks again it asks at one moment.  What is used now and then may
 * all be used then, or nothing of it: as if it were a single page.
 */
static void damon_end_test(struct damon_flush *flush)
{
	u64 rate = flush->seen ? div64_u64(flush->seen_rate, flush->seen) : 0;

	flush->variance += flush->seen * flush->seen * rate * (1000 - rate);
	flush->seen = 0;
	flush->seen_rate = 0;
	flush->nr_tests++;
}

/*
 * Whether notably more is seen with flushes than without, and more than chance may
 * do.  One test is enough to begin.  To go on, it takes several, and a smaller part
 * is notable, so that flushes do not go off and on by chance.
 */
static void damon_judge_flush(struct damon_flush *flush)
{
	u64 expected = max(flush->by_rate, flush->by_others);
	u64 hidden = expected - min(flush->again, expected);
	bool pays;

	damon_end_test(flush);
	if (flush->nr_tests < (flush->on ? ON_TESTS : 1))
		return;
	pays = hidden * (flush->on ? 8 : 4) > expected &&
	       hidden > int_sqrt64(2 * flush->variance);
	if (flush->on && pays)
		flush->backoff = 0;
	flush->on = pays;
	damon_forget_tests(flush);
}

/*
 * Check a burst, or pages of it that were asked again.  The first burst of an
 * aggregation tests whether flushes pay: are pages that it saw accessed seen
 * again without a flush as often as they should be?
 */
static int damon_check_burst(struct damon_ctx *ctx, struct damon_target *t,
			     bool time_left)
{
	struct damon_flush *flush = &t->flush;
	bool repeat = time_left && !flush->tested;
	int err;

	if (repeat)
		flush->shift = damon_weight_shift(t);
	err = ctx->ops->sample(ctx, t, DAMON_CHECK | DAMON_BURST |
			       (repeat ? DAMON_REPEAT : 0));
	if (t->repeated)
		damon_judge_flush(flush);
	if (repeat)
		flush->tested = true;
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
	bool flush = due && damon_wants_flush(ctx, t, left) &&
		     damon_has_run(ctx, t);
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
		t->flush.tested = false;
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

/* How much memory is accessed how much, whatever the regions */
static u64 damon_heat(const struct damon_target *t, unsigned int samples)
{
	const struct damon_region *r;
	u64 heat = 0;

	damon_for_each_region(r, &t->regions)
		heat += mul_u64_u32_div(damon_nr_pages(r), r->nr_accesses,
					samples);
	return heat;
}

/* What only a flush has shown to a scan can be judged only with one, too. */
static bool damon_test_hints(struct damon_target *t)
{
	struct damon_flush *flush = &t->flush;

	flush->hinted = !flush->hinted && t->hints && t->hints->nr_found;
	return flush->hinted;
}

/**
 * damon_end_samples - end an aggregation
 * @ctx:	the context, with all samples taken
 *
 * Decides when to test next whether to flush: at once, if much less was seen than
 * before, or there are hints to follow; else less and less often, until flushes
 * have been confirmed.
 */
void damon_end_samples(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		struct damon_flush *flush = &t->flush;
		u64 heat = damon_heat(t, samples);

		if (heat * 2 < flush->heat) {
			flush->backoff = 0;
			flush->wait = 0;
		} else if (flush->on || (flush->tested && damon_test_hints(t))) {
			flush->wait = 0;
		} else if (flush->tested) {
			flush->backoff = clamp(flush->backoff * 2, 1, MAX_BACKOFF);
			flush->wait = flush->backoff;
		} else if (flush->wait) {
			flush->wait--;
		}
		flush->heat = heat;
	}
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
