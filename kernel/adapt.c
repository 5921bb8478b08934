// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptation: how many regions there are, and where they end.
 *
 * Neighbours that are accessed alike are merged.  Regions are split where there
 * is evidence that their parts differ, and all others at random places, to look
 * at more pages.  So boundaries come to where accesses really change.  Two
 * things hold whatever happens: merging never leaves fewer regions than the
 * minimum, splitting never more than the maximum.
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "adapt.h"
#include "evidence.h"
#include "region.h"

/* Neighbours that differ by no more than this part of all samples are alike */
#define ALIKE_DIVISOR	40
/* Part of the room for cuts that evidence leaves to chance */
#define EXPLORE_DIVISOR	8
/* A region whose accesses change by more than this part begins a new age */
#define AGE_DIVISOR	10

/**
 * damon_max_accesses - the largest number of accesses a region can show
 * @attrs:	valid attributes
 *
 * Return: the number of samples in an aggregation; at least 1, and a mean of as
 * many can be had in an unsigned int.
 */
unsigned int damon_max_accesses(const struct damon_attrs *attrs)
{
	return min(attrs->aggr_us / attrs->sample_us,
		   (unsigned long)UINT_MAX / DAMON_MEAN_ONE);
}

/**
 * damon_random_below - a random number
 * @random:	generator
 * @limit:	at least 1
 *
 * Return: at least 0, less than @limit, all equally likely.
 */
unsigned long damon_random_below(struct rnd_state *random, unsigned long limit)
{
	u64 r = prandom_u32_state(random);

	if (limit <= U32_MAX)
		return r * limit >> 32;
	r = r << 32 | prandom_u32_state(random);
	return mul_u64_u64_shr(r, limit, 64);
}

/* In pages: several address spaces together may have more than ULONG_MAX bytes */
static unsigned long damon_total_pages(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned long pages = 0;

	damon_for_each_target(t, ctx)
		pages += damon_regions_size(&t->regions) >> PAGE_SHIFT;
	return pages;
}

static unsigned long damon_total_nr(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned long nr = 0;

	damon_for_each_target(t, ctx)
		nr += t->regions.nr;
	return nr;
}

/*
 * The largest region that leaves room for @nr of them.  Total memory below that
 * many pages can't be had in that many regions.
 */
static unsigned long damon_size_limit(struct damon_ctx *ctx, unsigned long nr)
{
	unsigned long pages = damon_total_pages(ctx) / nr;

	return clamp(pages, 1, ULONG_MAX >> PAGE_SHIFT) << PAGE_SHIFT;
}

/* Append @r, cut into @nr pieces of about the same size */
static void damon_append_pieces(struct damon_regions *to,
				const struct damon_region *r, unsigned long nr)
{
	unsigned long pages = damon_nr_pages(r);
	unsigned long start = r->range.start;
	unsigned long i;

	for (i = 1; i <= nr; i++) {
		unsigned long end = mul_u64_u64_div_u64(pages, i, nr);

		to->v[to->nr] = *r;
		to->v[to->nr].range.start = start;
		start = r->range.start + end * PAGE_SIZE;
		to->v[to->nr++].range.end = start;
	}
}

/**
 * damon_divide_regions - cut what is too large for a number of regions
 * @ctx:	the context
 * @at_least:	the number, at most the maximum
 *
 * For memory that was not there before: it comes as one region.  Cuts evenly,
 * as nothing is known yet.
 *
 * Return: 0, or -ENOMEM; then every target still has valid regions.
 */
int damon_divide_regions(struct damon_ctx *ctx, unsigned long at_least)
{
	unsigned long limit = damon_size_limit(ctx, at_least);
	unsigned long nr = damon_total_nr(ctx);
	unsigned long wanted = 0, allowed, seen = 0, done = 0;
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region(r, &t->regions) {
			wanted += (damon_range_size(&r->range) - 1) / limit;
			cond_resched();
		}
	allowed = nr < ctx->attrs.max_nr_regions ?
		  min(ctx->attrs.max_nr_regions - nr, wanted) : 0;
	if (!allowed)
		return 0;

	damon_for_each_target(t, ctx) {
		struct damon_regions *to = &ctx->spare;
		int err = damon_reserve_regions(to, t->regions.nr + allowed);

		if (err)
			return err;
		to->nr = 0;
		damon_for_each_region(r, &t->regions) {
			unsigned long cuts;

			/* Too few cuts for all: spread them over the regions. */
			seen += (damon_range_size(&r->range) - 1) / limit;
			cuts = mul_u64_u64_div_u64(seen, allowed, wanted) - done;
			done += cuts;
			damon_append_pieces(to, r, cuts + 1);
			cond_resched();
		}
		swap(*to, t->regions);
	}
	return 0;
}

/*
 * The mean of @a and @b, weighted by the sizes of their regions, to the nearest.
 * Of large sizes the upper 31 bits do: with them the sum fits into 64.
 */
static unsigned int damon_weighted_mean(unsigned int a, unsigned long a_pages,
					unsigned int b, unsigned long b_pages)
{
	unsigned int shift = max(fls64(a_pages | b_pages), 31) - 31;
	u64 a_weight = a_pages >> shift;
	u64 b_weight = b_pages >> shift;

	return div64_u64(a * a_weight + b * b_weight + (a_weight + b_weight) / 2,
			 a_weight + b_weight);
}

/* Make @into, which ends where @r begins, cover @r too */
static void damon_absorb(struct damon_region *into, const struct damon_region *r)
{
	unsigned long into_pages = damon_nr_pages(into);
	unsigned long pages = damon_nr_pages(r);

	into->nr_accesses = damon_weighted_mean(into->nr_accesses, into_pages,
						r->nr_accesses, pages);
	into->age = damon_weighted_mean(into->age, into_pages, r->age, pages);
	into->mean = damon_weighted_mean(into->mean, into_pages, r->mean, pages);
	into->windows = damon_weighted_mean(into->windows, into_pages,
					    r->windows, pages);
	into->range.end = r->range.end;
}

/*
 * Merge neighbours that are alike and together at most @limit large; no more
 * than @budget times.  Returns how often it did.
 */
static unsigned long damon_merge_alike(struct damon_regions *regions,
				       unsigned int samples,
				       unsigned int tolerance,
				       unsigned long limit,
				       unsigned long budget)
{
	struct damon_region *into = regions->v, *r;
	unsigned long nr = regions->nr;

	if (!nr)
		return 0;
	for (r = into + 1; r < regions->v + nr; r++) {
		cond_resched();
		if (budget && into->range.end == r->range.start &&
		    r->range.end - into->range.start <= limit &&
		    damon_alike(into, r, samples, tolerance)) {
			damon_absorb(into, r);
			budget--;
		} else {
			*++into = *r;
		}
	}
	regions->nr = into - regions->v + 1;
	return nr - regions->nr;
}

static void damon_merge_targets(struct damon_ctx *ctx, unsigned int tolerance,
				unsigned long limit, unsigned long budget)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		budget -= damon_merge_alike(&t->regions, samples, tolerance,
					    limit, budget);
}

/* How many samples of the last aggregation were one look, taken at once */
static unsigned int damon_samples_at_once(const struct damon_target *t,
					  unsigned int samples)
{
	return clamp(samples / (t->nr_looks ?: samples), 1, DAMON_MAX_PROBES);
}

static void damon_age_regions(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	unsigned int threshold = max(samples / AGE_DIVISOR, 1);
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx) {
		unsigned int at_once = damon_samples_at_once(t, samples);

		damon_for_each_region(r, &t->regions) {
			damon_learn(r, samples, at_once);
			if (abs_diff(r->nr_accesses, r->last_nr_accesses) >
			    threshold)
				r->age = 0;
			else if (r->age < UINT_MAX)
				r->age++;
			cond_resched();
		}
	}
}

/**
 * damon_merge_regions - end an aggregation: age the regions, merge those alike
 * @ctx:	the context, with the number of accesses of each region complete
 *
 * Leaves at least the minimum and, unless the targets' memory is in more
 * separate ranges than that, at most the maximum number of regions.
 */
void damon_merge_regions(struct damon_ctx *ctx)
{
	unsigned int all = damon_max_accesses(&ctx->attrs) * DAMON_MEAN_ONE;
	unsigned int tolerance = max(all / ALIKE_DIVISOR, 1);
	unsigned long limit = damon_size_limit(ctx, ctx->attrs.min_nr_regions);
	unsigned long nr = damon_total_nr(ctx);

	damon_age_regions(ctx);
	if (nr > ctx->attrs.min_nr_regions)
		damon_merge_targets(ctx, tolerance, limit,
				    nr - ctx->attrs.min_nr_regions);

	/*
	 * Ranges that came since may have made too many: be less and less
	 * particular, first about accesses and then about size.
	 */
	while ((nr = damon_total_nr(ctx)) > ctx->attrs.max_nr_regions) {
		if (tolerance < all)
			tolerance = min(tolerance * 2ULL, all);
		else if (limit < ULONG_MAX)
			limit = limit > ULONG_MAX / 2 ? ULONG_MAX : limit * 2;
		else
			break;
		damon_merge_targets(ctx, tolerance, limit,
				    nr - ctx->attrs.max_nr_regions);
	}
}

/* Append @r, cut at random places into @cuts + 1 pieces, if it has the pages */
static void damon_append_split(struct damon_ctx *ctx, struct damon_regions *to,
			       const struct damon_region *r, unsigned long cuts)
{
	struct damon_region *rest = &to->v[to->nr++];

	*rest = *r;
	for (; cuts && damon_nr_pages(rest) > 1; cuts--) {
		unsigned long pages = 1 + damon_random_below(&ctx->random,
						damon_nr_pages(rest) - 1);
		unsigned long at = rest->range.start + pages * PAGE_SIZE;

		to->v[to->nr] = *rest;
		rest->range.end = at;
		rest = &to->v[to->nr++];
		rest->range.start = at;
	}
}

static unsigned long damon_total_cuts(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned long nr = 0;

	damon_for_each_target(t, ctx)
		nr += t->cuts.nr;
	return nr;
}

/**
 * struct damon_share - cuts for some of many, spread over all of them alike
 * @some:	how many there are to be given
 * @many:	how many ask; at least 1
 * @credit:	what is left of one; who comes first is chance
 */
struct damon_share {
	unsigned long some;
	unsigned long many;
	unsigned long credit;
};

static struct damon_share damon_new_share(struct damon_ctx *ctx,
					  unsigned long some, unsigned long many)
{
	return (struct damon_share) {
		.some = some,
		.many = many,
		.credit = damon_random_below(&ctx->random, many),
	};
}

/* How many the next one gets */
static unsigned long damon_take_share(struct damon_share *share)
{
	unsigned long got;

	share->credit += share->some;
	got = share->credit / share->many;
	share->credit %= share->many;
	return got;
}

/*
 * Append @r, cut where there is evidence.  Its pieces are new: what was counted
 * before was of them all.  Returns where the cuts go on.
 */
static const unsigned long *damon_append_cut(struct damon_regions *to,
					     const struct damon_region *r,
					     const unsigned long *cut,
					     const unsigned long *end,
					     struct damon_share *share)
{
	struct damon_region *rest = &to->v[to->nr++];

	*rest = *r;
	while (cut < end && *cut <= r->range.start)
		cut++;
	for (; cut < end && *cut < r->range.end; cut++) {
		if (!damon_take_share(share) || *cut == rest->range.start)
			continue;
		rest->windows = 0;
		to->v[to->nr] = *rest;
		rest->range.end = *cut;
		rest = &to->v[to->nr++];
		rest->range.start = *cut;
	}
	return cut;
}

/**
 * damon_split_regions - cut regions where there is evidence, or at random
 * @ctx:	the context, after damon_find_cuts() and damon_merge_regions()
 *
 * Regions without evidence are each cut in two; or in three, if the last cuts
 * changed nothing for good, since then two parts were perhaps too few to meet a
 * small hot spot.  Where the maximum does not allow that many cuts, as many as
 * it does are spread over all regions alike; an eighth is left to those without
 * evidence, since where nobody looks there is none.  Without memory nothing is cut.
 */
void damon_split_regions(struct damon_ctx *ctx)
{
	unsigned long nr = damon_total_nr(ctx);
	unsigned long nr_cuts = damon_total_cuts(ctx);
	unsigned long room, wanted = nr == ctx->settled_nr ? 2 * nr : nr;
	struct damon_share evident, random;
	struct damon_target *t;

	ctx->settled_nr = nr;
	if (!nr || nr >= ctx->attrs.max_nr_regions)
		return;
	room = ctx->attrs.max_nr_regions - nr;
	evident = damon_new_share(ctx, min(nr_cuts, room - room / EXPLORE_DIVISOR),
				  max(nr_cuts, 1));
	room -= evident.some;
	random = damon_new_share(ctx, min(wanted, room), nr);

	damon_for_each_target(t, ctx) {
		const unsigned long *cut = t->cuts.v, *end = cut + t->cuts.nr;
		struct damon_regions *to = &ctx->spare;
		struct damon_region *r;

		if (damon_reserve_regions(to, t->regions.nr + evident.some +
					      random.some))
			return;
		to->nr = 0;
		damon_for_each_region(r, &t->regions) {
			unsigned long cuts = damon_take_share(&random);
			unsigned int first = to->nr;

			cut = damon_append_cut(to, r, cut, end, &evident);
			if (to->nr - first == 1) {
				to->nr = first;
				damon_append_split(ctx, to, r, cuts);
			}
			cond_resched();
		}
		swap(*to, t->regions);
	}
}
