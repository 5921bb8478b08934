// SPDX-License-Identifier: GPL-2.0
/*
 * Evidence: which differences between counts of accesses are more than chance.
 *
 * A region's count comes from a few random pages, so it has an error.  Of n samples
 * that each see an access with probability p, n p do on average, with a variance of
 * n p (1 - p).
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "evidence.h"
#include "region.h"

/* Aggregations that a mean is of at most: older counts have less and less weight */
#define MAX_WEIGHT	(8 * DAMON_MEAN_ONE)
/* Squares of the numbers of standard deviations that are more than chance */
#define CHANGED		9
#define DIFFERENT	2
/* Chi-squared of the best of all cuts that is more than chance */
#define CUT		8
/* What it is counted in */
#define CUT_ONE		16
/* At most one in so many samples: few hits */
#define FEW_HITS	4
/* Pages: evidence soon finds the page in a smaller region */
#define LARGE		64
/* Maximum number of samples that the u8 counters of parts can hold */
#define MAX_SAMPLES	(DAMON_NR_PARTS * (U8_MAX - 1))

/*
 * The variance of a mean of @weight aggregations, in the square of the unit of @mean.
 * The fewer samples have a result, the smaller the weight and the larger the variance.
 */
static u64 damon_variance(unsigned int mean, unsigned int samples,
			  unsigned int weight)
{
	u64 all = (u64)samples * DAMON_MEAN_ONE;

	return div_u64(mean * (all - min(mean, all)), samples) *
	       DAMON_MEAN_ONE / weight;
}

/**
 * damon_nr_certain - count the regions for which damon_is_certain()
 * @ctx:	the context
 *
 * May sleep.
 *
 * Return: their number, of all targets.
 */
unsigned long damon_nr_certain(const struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	const struct damon_region *r;
	const struct damon_target *t;
	unsigned long nr = 0;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions)
			nr += damon_is_certain(r, samples);
	return nr;
}

/**
 * damon_update_mean - add the count of an aggregation to the mean
 * @r:		the region, with the accesses that were counted, not scaled yet
 * @samples:	samples in an aggregation
 *
 * A count that is far from the mean begins a new mean.  The count is scaled to all samples
 * and rounded to sixteenths, not to whole accesses: if there are few, half an access
 * decides whether they are chance.
 */
void damon_update_mean(struct damon_region *r, unsigned int samples)
{
	unsigned int known = damon_nr_known(r, samples);
	unsigned int weight = max(mul_u64_u32_div(DAMON_MEAN_ONE, known, samples), 1);
	s64 now = div_u64((u64)r->nr_accesses * DAMON_MEAN_ONE * samples, max(known, 1));
	/* Its square does not overflow, and is more than any chance */
	s64 limit = 1LL << 31, change = clamp(now - r->mean, -limit, limit);

	if (!known)
		return;
	/* One access more or less is no change, however small the variance. */
	if (change * change > CHANGED * (DAMON_MEAN_ONE * DAMON_MEAN_ONE +
					 damon_variance(r->mean, samples, weight)))
		r->weight = 0;
	r->weight = min(r->weight + weight, MAX_WEIGHT);
	r->mean = r->weight == weight ? now :
		  r->mean + div_s64((now - r->mean) * weight, r->weight);
}

/**
 * damon_is_alike - ask whether two regions may be accessed equally often
 * @a:		a region, after damon_update_mean()
 * @b:		another one, after damon_update_mean()
 * @samples:	samples in an aggregation
 * @tolerance:	difference of their means that does not matter
 *
 * Return: whether their means differ by no more than @tolerance, or by chance.
 */
bool damon_is_alike(const struct damon_region *a, const struct damon_region *b,
		    unsigned int samples, unsigned int tolerance)
{
	u64 difference = abs_diff(a->mean, b->mean);

	return difference <= tolerance ||
	       difference * difference <= DIFFERENT *
	       (damon_variance(a->mean, samples, a->weight ?: 1) +
		damon_variance(b->mean, samples, b->weight ?: 1));
}

/*
 * Pearson's chi-squared of a table of two rows, for samples inside and outside
 * of a range, and two columns, for hits and misses: how much they differ.
 */
static u64 damon_chi_squared(u64 hits_in, u64 in, u64 hits_out, u64 out)
{
	u64 all = in + out, hits = hits_in + hits_out;
	u64 d = abs_diff(hits_in * (out - hits_out), hits_out * (in - hits_in));

	/* d is at most in * out: nothing overflows below 2^16 samples. */
	return div64_u64(div64_u64(d * d, in * out) * CUT_ONE * all,
			 hits * (all - hits));
}

static unsigned int damon_nr_probed(const struct damon_target *t)
{
	unsigned int nr = 0, i;

	for (i = 0; i < DAMON_NR_PARTS; i++)
		nr += t->probed[i];
	return nr;
}

/**
 * damon_nr_telling - samples of the aggregation that tell something about a target
 * @t:		the target
 * @samples:	samples in an aggregation
 *
 * Return: their number; @samples if they are not counted.
 */
unsigned int damon_nr_telling(const struct damon_target *t, unsigned int samples)
{
	unsigned int nr = samples <= MAX_SAMPLES ? damon_nr_probed(t) : 0;

	return nr ?: samples;
}

/* Samples and hits of the parts before each one, and of all */
struct damon_parts {
	unsigned int probes[DAMON_NR_PARTS + 1];
	unsigned int hits[DAMON_NR_PARTS + 1];
};

/*
 * Sum up the parts of @r.  If it had no probe in some samples of the target, the others
 * are taken to be spread over the parts evenly.
 */
static void damon_sum_parts(const struct damon_target *t,
			    const struct damon_region *r, unsigned int known,
			    struct damon_parts *sum)
{
	unsigned int all = damon_nr_probed(t), before = 0, i;

	known = min(known, all);
	*sum = (struct damon_parts) {};
	for (i = 0; i < DAMON_NR_PARTS; i++) {
		before += t->probed[i];
		sum->probes[i + 1] = max(DIV_ROUND_CLOSEST(before * known, max(all, 1)),
					 sum->probes[i] + r->hits[i]);
		sum->hits[i + 1] = sum->hits[i] + r->hits[i];
	}
}

/*
 * Find the parts *@from to *@to - 1 that differ most from the rest of @r.  Returns
 * false if that may be chance.  A single hit or miss is enough.
 */
static bool damon_find_odd_parts(const struct damon_target *t,
				 const struct damon_region *r,
				 unsigned int known,
				 unsigned int *from, unsigned int *to)
{
	u64 best = CUT * CUT_ONE;
	struct damon_parts sum;
	unsigned int all, hits, a, b;
	bool found = false;

	if (!r->nr_accesses || r->nr_accesses >= known || damon_nr_pages(r) == 1)
		return false;
	damon_sum_parts(t, r, known, &sum);
	all = sum.probes[DAMON_NR_PARTS];
	hits = sum.hits[DAMON_NR_PARTS];
	if (hits != r->nr_accesses || hits >= all)
		return false;
	if (r->nr_accesses == 1 || r->nr_accesses == known - 1)
		best = 0;

	for (a = 0; a < DAMON_NR_PARTS; a++) {
		for (b = a + 1; b <= DAMON_NR_PARTS; b++) {
			unsigned int hits_in = sum.hits[b] - sum.hits[a];
			unsigned int in = sum.probes[b] - sum.probes[a];
			u64 odd;

			if (!in || in == all)
				continue;
			odd = damon_chi_squared(hits_in, in, hits - hits_in,
						all - in);
			if (odd <= best)
				continue;
			best = odd;
			*from = a;
			*to = b;
			found = true;
		}
	}
	return found;
}

/* Add a cut before a part of @r, unless that is where @r begins or ends */
static void damon_cut_before_part(struct damon_cuts *cuts,
				  const struct damon_region *r, unsigned int part)
{
	unsigned long pages = damon_nr_pages(r) * part / DAMON_NR_PARTS;

	if (pages && part < DAMON_NR_PARTS)
		damon_add_cut(cuts, r->range.start + pages * PAGE_SIZE);
}

/*
 * If @r is large and has few hits, cut out the last one.  Hot pages may be alone among cold
 * ones: then the next samples of the part would hardly meet that page again.  Those of the page
 * alone tell how hot it is, and if it is not, it is merged again.
 */
static void damon_cut_out_hit(struct damon_cuts *cuts, const struct damon_region *r,
			      unsigned int known)
{
	unsigned long after = r->range.start + r->hit * PAGE_SIZE;

	if (!r->hit || r->nr_accesses > known / FEW_HITS || damon_nr_pages(r) < LARGE)
		return;
	if (r->hit > 1)
		damon_add_cut(cuts, after - PAGE_SIZE);
	if (after < r->range.end)
		damon_add_cut(cuts, after);
}

static int damon_compare_cuts(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static const struct damon_cuts *damon_get_known_cuts(struct damon_ctx *ctx,
						     const struct damon_target *t)
{
	static const struct damon_cuts none;

	return ctx->ops->get_cuts ? ctx->ops->get_cuts(ctx, t) : &none;
}

/**
 * damon_find_cuts - find where accesses change inside regions
 * @ctx:	the context, at the end of an aggregation
 *
 * Stores it in &damon_ctx.cuts, together with what the operation set knows, and
 * makes &damon_region.hits ready for the next aggregation.
 */
void damon_find_cuts(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	struct damon_cuts *cuts = &ctx->cuts;
	struct damon_target *t;
	struct damon_region *r;

	cuts->nr = 0;
	damon_for_each_target(t, ctx) {
		const struct damon_cuts *known_cuts = damon_get_known_cuts(ctx, t);
		const unsigned long *cut = known_cuts->v, *end = cut + known_cuts->nr;

		t->nr_cuts = cuts->nr;
		damon_for_each_region_resched(r, &t->regions) {
			unsigned int known = damon_nr_known(r, samples);
			unsigned int first = cuts->nr, from, to;

			if (samples <= MAX_SAMPLES &&
			    damon_find_odd_parts(t, r, known, &from, &to)) {
				damon_cut_before_part(cuts, r, from);
				damon_cut_before_part(cuts, r, to);
			}
			if (!t->few_probes)
				damon_cut_out_hit(cuts, r, known);
			r->hit = 0;
			memset(r->hits, 0, sizeof(r->hits));
			for (; cut < end && *cut < r->range.end; cut++)
				damon_add_cut(cuts, *cut);
			if (cuts->nr > first + 1)
				sort(cuts->v + first, cuts->nr - first,
				     sizeof(*cuts->v), damon_compare_cuts, NULL);
		}
		t->nr_cuts = cuts->nr - t->nr_cuts;
	}
}
