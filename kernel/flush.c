// SPDX-License-Identifier: GPL-2.0
/*
 * Flushes of the TLB: an experiment tells whether they show more accesses.
 *
 * Memory whose entries stay in the TLB looks idle.  If there is such memory, samples for
 * which the TLB was flushed have a higher hit rate than others.  Chance decides for each
 * sample whether it is flushed for.  So if the TLB hides nothing, both kinds have the
 * same hit rate on average, whatever the rhythm of the program; and the difference is
 * what has been hidden.
 *
 * Mostly only the pages that a sample prepares are invalidated.  All entries are flushed
 * where that is not enough: for scans for hints, and for some time after much has
 * changed.
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "flush.h"
#include "probe.h"
#include "random.h"
#include "region.h"

/* Unit of hit rates */
#define SHARE_ONE	1024
/* Unit of weights */
#define WEIGHT_ONE	16
/* Unit of variances of means */
#define VARIANCE_ONE	256
/* Maximum weight of all comparisons */
#define MAX_WEIGHT	(50 * WEIGHT_ONE)
/* Weight of comparisons at which a mode ends, and at which it does in any case */
#define COMPARE_WEIGHT	(11 * WEIGHT_ONE)
#define LONGEST_WEIGHT	(3 * COMPARE_WEIGHT)
#define MOSTLY_WEIGHT	(8 * WEIGHT_ONE)
/* Weight that is enough if there was no hit at all */
#define NOTHING_WEIGHT	(2 * WEIGHT_ONE)
/* Aggregations after a flush of all entries whose samples are not compared */
#define SETTLING	2
/* Aggregations at first, when nothing is known, that may flush all entries */
#define FIRST_SEARCHES	6
/* Samples of each kind that are enough to be compared, and of both that always are */
#define MIN_OF_KIND	4
#define MAX_SAMPLES	1000

/* While the TLB hides nothing, a flush in so many microseconds on average */
#define RARELY_US	(2 * USEC_PER_SEC)
/* An alarm because of fewer accesses: once in that time, and what can be saved up */
#define ALARM_US	(20 * USEC_PER_SEC)
#define MAX_ALARM_US	(2 * ALARM_US)
/* An extra flush of all entries: once in that time, and what can be saved up */
#define FLUSH_US	(USEC_PER_SEC / 2)
#define MAX_CREDIT_US	(240 * FLUSH_US)
/* Mean number of pages in a batch */
#define MEAN_BATCH	64
/* If a sample is expected to have more pages of uncertain regions, all entries are flushed */
#define MANY_UNCERTAIN	26

/**
 * damon_init_flush - begin an experiment
 * @flush:	of the target, all zero
 */
void damon_init_flush(struct damon_flush *flush)
{
	flush->credit_us = MAX_CREDIT_US;
	flush->alarm_us = MAX_ALARM_US;
}

/* --- Modes --- */

static void damon_begin_mode(struct damon_flush *flush, enum damon_flush_mode mode)
{
	flush->mode = mode;
	flush->nr_aggregations = 0;
	flush->alarmed = false;
	/* Pages whose bits were cleared without a flush would look idle. */
	flush->stale = mode == DAMON_FLUSH_MOSTLY;
	flush->more = 0;
	flush->variance = 0;
	flush->seen = 0;
	flush->weight = 0;
	flush->usual = 0;
	flush->nr_less = 0;
}

/**
 * damon_alarm_flush - have samples compared, since the TLB may hide something
 * @flush:	of the target
 *
 * Before that, all is flushed once, for pages whose bits were cleared without a flush.
 */
void damon_alarm_flush(struct damon_flush *flush)
{
	if (flush->mode != DAMON_FLUSH_RARELY)
		return;
	flush->alarmed = true;
	flush->stale = true;
	flush->settling = SETTLING;
}

/* Pages that a sample of the last aggregation saw accessed on average */
static u64 damon_pages_seen(const struct damon_ctx *ctx, const struct damon_target *t)
{
	const struct damon_region *r;
	u64 sum = 0;

	damon_for_each_region_resched(r, &t->regions)
		sum += (u64)damon_nr_pages(r) * r->last_nr_accesses;
	return div_u64(sum, damon_max_accesses(&ctx->attrs));
}

/*
 * If there are suddenly much fewer accesses, the program has become idle, or its memory
 * stays in the TLB now.  The next trial would tell, but trials are rare.
 */
static void damon_compare_with_usual(struct damon_flush *flush, const struct damon_ctx *ctx,
				     const struct damon_target *t)
{
	u64 seen = damon_pages_seen(ctx, t);

	if (seen >= flush->usual / 4) {
		flush->usual = (3 * flush->usual + seen) / 4;
		flush->nr_less = 0;
	} else if (++flush->nr_less > 1 && flush->alarm_us >= ALARM_US &&
		   flush->mode == DAMON_FLUSH_RARELY) {
		damon_alarm_flush(flush);
		flush->alarm_us -= ALARM_US;
		flush->usual = 0;
	}
}

/* --- What a pass does --- */

/* The share of samples, of 2^32, that is one sample in @us */
static u64 damon_share_of_samples(const struct damon_ctx *ctx, unsigned long us)
{
	return div64_u64((u64)U32_MAX * min(ctx->attrs.sample_us, us), us);
}

/* Whether the hit rate with a flush is higher by so many standard deviations */
static bool damon_is_more_by(const struct damon_flush *flush, unsigned int deviations)
{
	return flush->more > 0 && flush->more * flush->more >=
	       (u64)deviations * deviations * flush->variance;
}

/* The share of samples that is flushed for, of 2^32 */
static u64 damon_flush_share(const struct damon_flush *flush,
			     const struct damon_ctx *ctx, unsigned long limit)
{
	u64 share = U32_MAX / 100 * 99;

	if (flush->flushes_all)
		share = U32_MAX;
	else if (flush->mode == DAMON_FLUSH_COMPARE)
		share = U32_MAX / 4 * 3;
	else if (flush->weight < MOSTLY_WEIGHT || !damon_is_more_by(flush, 3))
		share = U32_MAX / 20 * 19;
	return min(share, damon_share_of_samples(ctx, USEC_PER_SEC /
						 clamp(limit, 1, USEC_PER_SEC)));
}

/**
 * damon_is_trial - ask whether all targets are flushed for a sample
 * @ctx:	the context
 * @draw:	a random number for the sample
 * @limit:	samples in a second that may be flushed for, on average
 *
 * Return: whether it is.
 */
bool damon_is_trial(const struct damon_ctx *ctx, u32 draw, unsigned long limit)
{
	return limit && draw < min(damon_share_of_samples(ctx, RARELY_US), U32_MAX / 8);
}

/*
 * Pages of a sample whose Accessed bit is expected to be set, in regions that are
 * certain or in the others: as many as in the last aggregation, for the number of
 * regions that there is now.
 */
static unsigned int damon_expect_young(const struct damon_flush *flush,
				       const struct damon_target *t, bool certain)
{
	if (!flush->nr_passes || !flush->nr_regions)
		return certain ? 0 : t->regions.nr;
	return div64_u64(flush->young[certain] * t->regions.nr,
			 (u64)flush->nr_passes * flush->nr_regions);
}

/**
 * damon_begin_flushes - begin an aggregation
 * @flush:	of the target
 * @ctx:	the context
 * @t:		the target, with a region
 * @thorough:	scans for hints are expected to find something
 *
 * May sleep.
 */
void damon_begin_flushes(struct damon_flush *flush, const struct damon_ctx *ctx,
			 const struct damon_target *t, bool thorough)
{
	u64 cost_us = (u64)damon_max_accesses(&ctx->attrs) * FLUSH_US;
	unsigned int certain = damon_expect_young(flush, t, true);
	unsigned int uncertain = damon_expect_young(flush, t, false);

	flush->credit_us = min(flush->credit_us + ctx->attrs.aggr_us, MAX_CREDIT_US);
	flush->alarm_us = min(flush->alarm_us + ctx->attrs.aggr_us, MAX_ALARM_US);
	damon_compare_with_usual(flush, ctx, t);
	flush->flushes_all = flush->mode == DAMON_FLUSH_MOSTLY &&
			  flush->credit_us >= cost_us &&
			  (thorough || uncertain > MANY_UNCERTAIN) &&
			  (flush->known ? flush->weight >= MOSTLY_WEIGHT :
					  flush->nr_aggregations < FIRST_SEARCHES);
	flush->nr_aggregations++;
	/* What a flush has invalidated is accessed once more without one. */
	if (flush->flushes_all)
		flush->settling = SETTLING;

	/* So many probes that batches are not too large: uncertain regions first */
	flush->chance[false] = damon_chance(MEAN_BATCH, uncertain);
	uncertain = min(uncertain, MEAN_BATCH / 4 * 3);
	flush->chance[true] = damon_chance(MEAN_BATCH - uncertain, certain);

	flush->nr_regions = t->regions.nr;
	flush->nr_passes = 0;
	memset(flush->young, 0, sizeof(flush->young));
}

static enum damon_flush_kind damon_choose_kind(struct damon_flush *flush,
					       const struct damon_ctx *ctx, u32 draw,
					       unsigned long limit, bool scan_wants_flush)
{
	bool all = flush->flushes_all || flush->stale;

	if (flush->mode == DAMON_FLUSH_RARELY) {
		all = limit && (damon_is_trial(ctx, draw, limit) || flush->stale);
		flush->stale &= !all;
		return all ? DAMON_FLUSH_ALL : DAMON_FLUSH_NOTHING;
	}
	if (draw >= damon_flush_share(flush, ctx, limit))
		return DAMON_FLUSH_NOTHING;
	if (flush->mode == DAMON_FLUSH_MOSTLY)
		all |= scan_wants_flush;
	flush->stale = false;
	return all ? DAMON_FLUSH_ALL : DAMON_FLUSH_PAGES;
}

/**
 * damon_plan_pass - decide what a pass over the regions of a target does
 * @flush:	of the target
 * @ctx:	the context
 * @draw:	a random number, the same for all targets, so that they flush at the
 *		same samples: a CPU is interrupted once
 * @limit:	samples in a second that may be flushed for, on average
 * @scan_wants_flush: a scan for hints has begun that needs a flush of all entries
 * @pass:	&damon_pass.what is given, the rest is set
 *
 * Pages that were prepared without a flush, for comparison, may still be in the TLB with
 * a clear Accessed bit.  They go into the next batch, so that accesses are seen when they
 * are chosen again.  There has to be room for them.
 */
void damon_plan_pass(struct damon_flush *flush, struct damon_ctx *ctx, u32 draw,
		     unsigned long limit, bool scan_wants_flush, struct damon_pass *pass)
{
	unsigned int i, shift;

	if (!limit)
		flush->mode = DAMON_FLUSH_RARELY;
	pass->tells = flush->kind || flush->mode == DAMON_FLUSH_RARELY;
	if (!(pass->what & DAMON_PREPARE))
		return;
	pass->kind = damon_choose_kind(flush, ctx, draw, limit, scan_wants_flush);
	pass->again = pass->kind == DAMON_FLUSH_PAGES && !pass->tells;
	if (flush->mode == DAMON_FLUSH_RARELY) {
		damon_share_probes(ctx, pass);
		return;
	}
	pass->limited = !flush->flushes_all;
	pass->max_young = DAMON_MAX_BATCH;
	shift = pass->kind == DAMON_FLUSH_NOTHING || pass->again;
	for (i = 0; i < 2; i++)
		pass->chance[i] = flush->chance[i] >> shift;
}

/* --- Comparisons --- */

/* Which regions had a probe does not depend on whether there was a flush. */
static void damon_tally_sample(struct damon_flush *flush,
			       const struct damon_pass *pass)
{
	struct damon_tally *tally = &flush->tally[flush->kind != DAMON_FLUSH_NOTHING];
	u64 share = div_u64((u64)pass->hits * SHARE_ONE, pass->probes);

	tally->nr++;
	tally->sum += share;
	tally->squares += share * share;
	flush->probes = pass->probes;
}

/*
 * The variance of the hit rate of a sample.  Also if all samples have had the same, it is
 * at least that of half a hit: there are too few of them for less.
 */
static u64 damon_sample_variance(const struct damon_flush *flush,
				 const struct damon_tally *tally)
{
	u64 scatter = tally->squares - div_u64(tally->sum * tally->sum, tally->nr);
	u64 hit = SHARE_ONE / min(flush->probes, SHARE_ONE);

	return max(div_u64(scatter, max(tally->nr, 2) - 1), hit * hit / 4);
}

/*
 * Add by how much the hit rate with a flush was higher.  Weights are as if all samples
 * had the same variance, but nothing relies on that: if the TLB hides everything, samples
 * without a flush have none.
 */
static void damon_add_comparison(struct damon_flush *flush)
{
	const struct damon_tally *without = &flush->tally[false];
	const struct damon_tally *with = &flush->tally[true];
	u64 seen = div_u64(with->sum, with->nr);
	s64 more = seen - div_u64(without->sum, without->nr);
	u64 variance = damon_sample_variance(flush, without);
	u32 weight = min(div_u64((u64)WEIGHT_ONE * with->nr * without->nr,
				 with->nr + without->nr), MAX_WEIGHT / 2);

	variance = div_u64(variance * VARIANCE_ONE, without->nr) +
		   div_u64((with->nr < MIN_OF_KIND ? variance :
			    damon_sample_variance(flush, with)) * VARIANCE_ONE, with->nr);
	flush->more += more * weight;
	flush->variance += variance * weight * weight / VARIANCE_ONE;
	flush->seen += seen * weight;
	flush->weight += weight;
	if (flush->weight > MAX_WEIGHT) {
		flush->more /= 2;
		flush->variance /= 4;
		flush->seen /= 2;
		flush->weight /= 2;
	}
}

/* Whether this part of the accesses, or more, seems to be hidden */
static bool damon_is_hidden(const struct damon_flush *flush, unsigned int divisor)
{
	return flush->more > 0 && divisor * (u64)flush->more >= flush->seen;
}

/* Whether it is certain that less than a quarter is hidden */
static bool damon_is_visible(const struct damon_flush *flush)
{
	s64 rest = flush->seen - 4 * flush->more;

	return rest > 0 && rest * rest >= 9 * 16 * (s64)flush->variance;
}

static void damon_decide_mode(struct damon_flush *flush)
{
	bool hidden = damon_is_hidden(flush, 4);
	bool sure = hidden && damon_is_more_by(flush, 3);

	switch (flush->mode) {
	case DAMON_FLUSH_RARELY:
		if (sure)
			damon_alarm_flush(flush);
		break;
	case DAMON_FLUSH_COMPARE:
		if (sure && flush->weight >= MOSTLY_WEIGHT)
			damon_begin_mode(flush, DAMON_FLUSH_MOSTLY);
		else if (flush->weight >= LONGEST_WEIGHT && damon_is_more_by(flush, 2))
			damon_begin_mode(flush, DAMON_FLUSH_MOSTLY);
		else if (damon_is_visible(flush) ||
			 (!flush->seen && flush->weight >= NOTHING_WEIGHT) ||
			 flush->weight >= (damon_is_hidden(flush, 2) ? LONGEST_WEIGHT :
								       COMPARE_WEIGHT))
			damon_begin_mode(flush, DAMON_FLUSH_RARELY);
		break;
	case DAMON_FLUSH_MOSTLY:
		if ((!hidden && flush->weight >= MOSTLY_WEIGHT) ||
		    (!sure && flush->weight >= LONGEST_WEIGHT))
			damon_begin_mode(flush, DAMON_FLUSH_COMPARE);
		break;
	}
}

/*
 * Compare samples with and without a flush, if there are enough of each kind.  In the
 * mode where flushes are rare a single one is enough: the variance is that of the others,
 * and these are of the same time.
 */
static void damon_compare_flushes(struct damon_flush *flush)
{
	const struct damon_tally *without = &flush->tally[false];
	const struct damon_tally *with = &flush->tally[true];
	bool rare = flush->mode == DAMON_FLUSH_RARELY;

	if (without->nr + with->nr < MAX_SAMPLES &&
	    (without->nr < MIN_OF_KIND || (!rare && with->nr < MIN_OF_KIND)))
		return;
	if (without->nr && with->nr) {
		damon_add_comparison(flush);
		damon_decide_mode(flush);
	}
	memset(flush->tally, 0, sizeof(flush->tally));
}

static void damon_end_flushes(struct damon_flush *flush)
{
	damon_compare_flushes(flush);
	if (flush->settling && --flush->settling)
		return;
	if (flush->alarmed || !flush->known)
		damon_begin_mode(flush, DAMON_FLUSH_COMPARE);
	flush->known = true;
}

/**
 * damon_end_pass - add a pass to the experiment
 * @flush:	of the target
 * @pass:	of damon_plan_pass(), after damon_probe_regions()
 */
void damon_end_pass(struct damon_flush *flush, const struct damon_pass *pass)
{
	unsigned int i;

	if (pass->probes && !flush->settling)
		damon_tally_sample(flush, pass);
	flush->kind = pass->kind;
	if (flush->flushes_all && pass->kind == DAMON_FLUSH_ALL)
		flush->credit_us -= FLUSH_US;
	if (pass->what & DAMON_PREPARE) {
		for (i = 0; i < 2; i++)
			flush->young[i] += pass->limited ?
				div_u64((u64)pass->young[i] << 32, max(pass->chance[i], 1)) :
				pass->young[i];
		flush->nr_passes++;
	} else {
		damon_end_flushes(flush);
	}
}
