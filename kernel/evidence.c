// SPDX-License-Identifier: GPL-2.0
/*
 * Evidence: what the counts of accesses say, and what is chance.
 *
 * A region's count is a few looks at random pages.  So it is a number with an
 * error, which statistics of counts tell: of n samples that each see an access
 * with probability p, n p do, with a variance of n p (1 - p).
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "adapt.h"
#include "evidence.h"
#include "hints.h"
#include "region.h"

/* Aggregations that a mean is of at most: what is older counts less and less */
#define MAX_WINDOWS	8
/* Squares of how many standard deviations are no chance any more */
#define CHANGED		9
#define DIFFERENT	2
/* Chi-squared of the best of all cuts that is no chance any more */
#define CUT		8
/* What it is counted in */
#define CUT_ONE		16

/* The variance of one count, in the square of what @mean is in */
static u64 damon_variance(unsigned int mean, unsigned int samples)
{
	u64 all = (u64)samples * DAMON_MEAN_ONE;

	return div_u64(mean * (all - min(mean, all)), samples);
}

/**
 * damon_learn - take the count of an aggregation into the mean
 * @r:		the region, with its number of accesses complete
 * @samples:	samples in an aggregation
 * @at_once:	how many of these look at the same moment, and see the same; 1 to
 *		%DAMON_MAX_PROBES
 *
 * A count that is far from the mean begins a new one.
 */
void damon_learn(struct damon_region *r, unsigned int samples, unsigned int at_once)
{
	s64 now = (s64)r->nr_accesses * DAMON_MEAN_ONE;
	s64 change = now - r->mean;

	/* One count more or less is no change, whatever the variance says. */
	if (change * change > CHANGED * (DAMON_MEAN_ONE * DAMON_MEAN_ONE +
					 damon_variance(r->mean, samples) * at_once))
		r->windows = 0;
	r->windows = min(r->windows + 1, MAX_WINDOWS);
	r->mean = r->windows == 1 ? now : r->mean + div_s64(change, r->windows);
}

/**
 * damon_alike - ask whether two regions may be accessed alike
 * @a:		a region, after damon_learn()
 * @b:		another one, after damon_learn()
 * @samples:	samples in an aggregation
 * @tolerance:	difference of their means that is of no interest
 *
 * Return: whether they differ by no more than @tolerance, or than may be chance.
 */
bool damon_alike(const struct damon_region *a, const struct damon_region *b,
		 unsigned int samples, unsigned int tolerance)
{
	u64 difference = abs_diff(a->mean, b->mean);

	return difference <= tolerance ||
	       difference * difference <= DIFFERENT *
	       (div_u64(damon_variance(a->mean, samples), a->windows) +
		div_u64(damon_variance(b->mean, samples), b->windows));
}

/* Set @below[i] to how many samples of an aggregation probe the parts before i */
static void damon_count_probes(const struct damon_ctx *ctx, unsigned int samples,
			       unsigned int below[DAMON_NR_PARTS + 1])
{
	unsigned int probes[DAMON_NR_PARTS] = {};
	unsigned int i;

	for (i = 0; i < samples % DAMON_NR_PARTS; i++)
		probes[damon_part(ctx->first_sample + i)]++;
	below[0] = 0;
	for (i = 0; i < DAMON_NR_PARTS; i++)
		below[i + 1] = below[i] + probes[i] + samples / DAMON_NR_PARTS;
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

/*
 * The parts *@from to *@to - 1 that differ most from the rest of @r.  Returns
 * false if that may be chance.  A single hit or miss is worth a closer look.
 */
static bool damon_find_odd_parts(const struct damon_region *r,
				 const unsigned int probes[DAMON_NR_PARTS + 1],
				 unsigned int *from, unsigned int *to)
{
	unsigned int samples = probes[DAMON_NR_PARTS];
	unsigned int hits[DAMON_NR_PARTS + 1], a, b;
	u64 best = CUT * CUT_ONE;
	bool found = false;

	if (!r->nr_accesses || r->nr_accesses >= samples ||
	    damon_nr_pages(r) == 1)
		return false;
	hits[0] = 0;
	for (a = 0; a < DAMON_NR_PARTS; a++)
		hits[a + 1] = hits[a] + r->hits[a];
	if (hits[DAMON_NR_PARTS] != r->nr_accesses)
		return false;
	if (r->nr_accesses == 1 || r->nr_accesses == samples - 1)
		best = 0;

	for (a = 0; a < DAMON_NR_PARTS; a++) {
		for (b = a + 1; b <= DAMON_NR_PARTS; b++) {
			unsigned int hits_in = hits[b] - hits[a];
			unsigned int in = probes[b] - probes[a];
			u64 odd;

			if (!in || in == samples)
				continue;
			odd = damon_chi_squared(hits_in, in,
						r->nr_accesses - hits_in,
						samples - in);
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

/**
 * damon_add_cut - say where to cut
 * @cuts:	the cuts
 * @addr:	a page
 *
 * Without memory there is one cut less; the next aggregation finds it again.
 * May sleep.
 */
void damon_add_cut(struct damon_cuts *cuts, unsigned long addr)
{
	if (cuts->nr == cuts->capacity) {
		unsigned int capacity = max(2 * cuts->capacity, 32);
		unsigned long *v = kvrealloc(cuts->v, capacity * sizeof(*v),
					     GFP_KERNEL | __GFP_NOWARN);

		if (!v)
			return;
		cuts->v = v;
		cuts->capacity = capacity;
	}
	cuts->v[cuts->nr++] = addr;
}

static int damon_compare_cuts(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/**
 * damon_sort_cuts - bring cuts into the order of addresses
 * @cuts:	the cuts
 */
void damon_sort_cuts(struct damon_cuts *cuts)
{
	sort(cuts->v, cuts->nr, sizeof(*cuts->v), damon_compare_cuts, NULL);
}

/* Add a cut before a part of @r, unless that is where @r begins or ends */
static void damon_cut_before_part(struct damon_cuts *cuts,
				  const struct damon_region *r, unsigned int part)
{
	unsigned long pages = damon_nr_pages(r) * part / DAMON_NR_PARTS;

	if (pages && part < DAMON_NR_PARTS)
		damon_add_cut(cuts, r->range.start + pages * PAGE_SIZE);
}

/**
 * damon_find_cuts - find where accesses change inside regions
 * @ctx:	the context, at the end of an aggregation
 *
 * Stores it in &damon_target.cuts, together with what hints say, and makes
 * &damon_region.hits ready for the next aggregation.
 */
void damon_find_cuts(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	unsigned int probes[DAMON_NR_PARTS + 1];
	struct damon_target *t;
	struct damon_region *r;

	damon_count_probes(ctx, samples, probes);
	damon_for_each_target(t, ctx) {
		t->cuts.nr = 0;
		damon_for_each_region(r, &t->regions) {
			unsigned int from, to;

			/* Parts count no further. */
			if (samples <= U16_MAX &&
			    damon_find_odd_parts(r, probes, &from, &to)) {
				damon_cut_before_part(&t->cuts, r, from);
				damon_cut_before_part(&t->cuts, r, to);
			}
			memset(r->hits, 0, sizeof(r->hits));
			cond_resched();
		}
		if (t->hints) {
			damon_judge_hints(t);
			damon_take_hints(t, samples);
		}
	}
}

/**
 * damon_free_cuts - forget cuts and give their memory back
 * @cuts:	the cuts; empty afterwards, and still usable
 */
void damon_free_cuts(struct damon_cuts *cuts)
{
	kvfree(cuts->v);
	*cuts = (struct damon_cuts) {};
}
