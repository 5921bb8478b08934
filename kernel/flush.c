// SPDX-License-Identifier: GPL-2.0
/*
 * Flushes of the TLB: where it hides accesses, and so they pay.
 *
 * A test asks pages that were seen accessed after a flush once more, without one.
 * If they are seen less often than they should be, the TLB has hidden the rest.
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
#include "flush.h"
#include "hints.h"
#include "region.h"

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
	return ctx->sample - t->flush->sample >= max(distance, FLUSH_EVERY);
}

/* A test takes two samples, or is none. */
static bool damon_wants_flush(const struct damon_target *t, unsigned int left)
{
	const struct damon_flush *flush = t->flush;

	return flush->on || (left > 1 && !flush->wait && !flush->tested);
}

/**
 * damon_take_flush - ask for one of the flushes that the limits allow
 * @ctx:	the context
 * @t:		the target
 * @left:	samples that are left to be prepared in this aggregation
 *
 * It is taken, as far as the limits go, also if the target has not run since the
 * last one: its TLBs hide nothing then.
 *
 * Return: whether to flush now.
 */
bool damon_take_flush(const struct damon_ctx *ctx, struct damon_target *t,
		      unsigned int left)
{
	if (!damon_wants_flush(t, left) || !damon_may_flush(ctx, t))
		return false;
	t->flush->sample = ctx->sample;
	return !ctx->ops->has_run || ctx->ops->has_run(t);
}

/* The weights of regions are such that their squares leave room in 64 bits. */
static unsigned int damon_weight_shift(const struct damon_target *t)
{
	unsigned long pages = damon_regions_size(&t->regions) >> PAGE_SHIFT;

	return max(fls_long(pages), WEIGHT_BITS) - WEIGHT_BITS;
}

/**
 * damon_begin_test - begin the test of this aggregation
 * @t:		the target, a burst of which is to be checked
 */
void damon_begin_test(struct damon_target *t)
{
	t->flush->shift = damon_weight_shift(t);
	t->flush->tested = true;
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
	struct damon_flush *flush = t->flush;
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

static void damon_forget_tests(struct damon_flush *flush)
{
	flush->nr_tests = 0;
	flush->by_rate = 0;
	flush->by_others = 0;
	flush->again = 0;
	flush->variance = 0;
}

/*
 * All that a test asks again it asks at one moment.  What is used now and then may
 * all be used then, or nothing of it: as if it were a single page.
 */
static void damon_add_test(struct damon_flush *flush)
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

	if (flush->nr_tests < (flush->on ? ON_TESTS : 1))
		return;
	pays = hidden * (flush->on ? 8 : 4) > expected &&
	       hidden > int_sqrt64(2 * flush->variance);
	if (flush->on && pays)
		flush->backoff = 0;
	flush->on = pays;
	damon_forget_tests(flush);
}

/**
 * damon_end_test - take note of a test, and judge by it
 * @t:		the target, all regions of which went through damon_note_repeated()
 */
void damon_end_test(struct damon_target *t)
{
	damon_add_test(t->flush);
	damon_judge_flush(t->flush);
}

/* How much memory is accessed how much, whatever the regions */
static u64 damon_heat(const struct damon_target *t, unsigned int samples)
{
	const struct damon_region *r;
	u64 heat = 0;

	damon_for_each_region(r, &t->regions) {
		heat += mul_u64_u32_div(damon_nr_pages(r), r->nr_accesses,
					samples);
		cond_resched();
	}
	return heat;
}

/* There was a test, and flushes do not pay: wait longer and longer. */
static void damon_back_off(struct damon_target *t)
{
	struct damon_flush *flush = t->flush;

	/* What only a flush has shown to a scan can be judged only with one, too. */
	flush->hinted = !flush->hinted && t->hints && t->hints->nr_found;
	if (!flush->hinted)
		flush->backoff = clamp(flush->backoff * 2, 1, MAX_BACKOFF);
	flush->wait = flush->hinted ? 0 : flush->backoff;
}

/**
 * damon_plan_flush - decide when to test next whether flushes pay
 * @t:		the target, with all samples of an aggregation
 * @samples:	how many these are
 *
 * At once, if much less was seen than before, or there are hints to follow; else
 * less and less often, until flushes have been confirmed.
 */
void damon_plan_flush(struct damon_target *t, unsigned int samples)
{
	struct damon_flush *flush = t->flush;
	u64 heat = damon_heat(t, samples);

	if (heat * 2 < flush->heat) {
		flush->backoff = 0;
		flush->wait = 0;
	} else if (flush->on) {
		flush->wait = 0;
	} else if (flush->tested) {
		damon_back_off(t);
	} else if (flush->wait) {
		flush->wait--;
	}
	flush->heat = heat;
}
