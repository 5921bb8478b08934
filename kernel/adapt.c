// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptation: how many regions there are, and where they end.
 *
 * Regions whose neighbours are accessed alike are merged, and all are split at
 * random places again, to see in the next aggregation whether their parts
 * differ.  So boundaries wander to where accesses really change.  Two things
 * hold whatever happens: merging never leaves fewer regions than the minimum,
 * splitting never more than the maximum.
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/mm.h>

#include "adapt.h"
#include "region.h"

/* Neighbours that differ by no more than this part of all samples are alike */
#define ALIKE_DIVISOR	10

/**
 * damon_max_accesses - the largest number of accesses a region can show
 * @attrs:	valid attributes
 *
 * Return: the number of samples in an aggregation; at least 1.
 */
unsigned int damon_max_accesses(const struct damon_attrs *attrs)
{
	return min(attrs->aggr_us / attrs->sample_us, (unsigned long)UINT_MAX);
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

/**
 * damon_random_page - a random page
 * @random:	generator
 * @range:	not empty
 *
 * Return: the address of a page in @range, all equally likely.
 */
unsigned long damon_random_page(struct rnd_state *random,
				const struct damon_range *range)
{
	unsigned long pages = damon_range_size(range) >> PAGE_SHIFT;

	return range->start + damon_random_below(random, pages) * PAGE_SIZE;
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
 * The largest region that leaves room for the minimum number of them.  Total
 * memory below that many pages can't be had in that many regions.
 */
static unsigned long damon_size_limit(struct damon_ctx *ctx)
{
	unsigned long pages = damon_total_pages(ctx) / ctx->attrs.min_nr_regions;

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
 * damon_divide_regions - cut what is too large for the minimum number
 * @ctx:	the context
 *
 * For memory that was not there before: it comes as one region.  Cuts evenly,
 * as nothing is known yet.
 *
 * Return: 0, or -ENOMEM; then every target still has valid regions.
 */
int damon_divide_regions(struct damon_ctx *ctx)
{
	unsigned long limit = damon_size_limit(ctx);
	unsigned long nr = damon_total_nr(ctx);
	unsigned long wanted = 0, allowed, seen = 0, done = 0;
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region(r, &t->regions)
			wanted += (damon_range_size(&r->range) - 1) / limit;
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
	into->range.end = r->range.end;
}

/*
 * Merge neighbours that differ by at most @threshold and are together at most
 * @limit large; no more than @budget times.  Returns how often it did.
 */
static unsigned long damon_merge_alike(struct damon_regions *regions,
				       unsigned int threshold,
				       unsigned long limit,
				       unsigned long budget)
{
	struct damon_region *into = regions->v, *r;
	unsigned long nr = regions->nr;

	if (!nr)
		return 0;
	for (r = into + 1; r < regions->v + nr; r++) {
		if (budget && into->range.end == r->range.start &&
		    abs_diff(into->nr_accesses, r->nr_accesses) <= threshold &&
		    r->range.end - into->range.start <= limit) {
			damon_absorb(into, r);
			budget--;
		} else {
			*++into = *r;
		}
	}
	regions->nr = into - regions->v + 1;
	return nr - regions->nr;
}

static void damon_merge_targets(struct damon_ctx *ctx, unsigned int threshold,
				unsigned long limit, unsigned long budget)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		budget -= damon_merge_alike(&t->regions, threshold, limit,
					    budget);
}

static void damon_age_regions(struct damon_ctx *ctx, unsigned int threshold)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx) {
		damon_for_each_region(r, &t->regions) {
			if (abs_diff(r->nr_accesses, r->last_nr_accesses) >
			    threshold)
				r->age = 0;
			else if (r->age < UINT_MAX)
				r->age++;
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
	unsigned int max_accesses = damon_max_accesses(&ctx->attrs);
	unsigned int threshold = max(max_accesses / ALIKE_DIVISOR, 1);
	unsigned long limit = damon_size_limit(ctx);
	unsigned long nr = damon_total_nr(ctx);

	damon_age_regions(ctx, threshold);
	if (nr > ctx->attrs.min_nr_regions)
		damon_merge_targets(ctx, threshold, limit,
				    nr - ctx->attrs.min_nr_regions);

	/*
	 * Ranges that came since may have made too many: be less and less
	 * particular, first about accesses and then about size.
	 */
	while ((nr = damon_total_nr(ctx)) > ctx->attrs.max_nr_regions) {
		if (threshold < max_accesses)
			threshold = min(threshold * 2ULL, max_accesses);
		else if (limit < ULONG_MAX)
			limit = limit > ULONG_MAX / 2 ? ULONG_MAX : limit * 2;
		else
			break;
		damon_merge_targets(ctx, threshold, limit,
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

/**
 * damon_split_regions - cut regions at random places
 * @ctx:	the context, after damon_merge_regions()
 *
 * Each region is cut in two; or in three, if the last cuts changed nothing for
 * good, since then two parts were perhaps too few to meet a small hot spot.
 * Where the maximum does not allow that many cuts, as many as it does are
 * spread over all regions alike.  Without memory nothing is cut.
 */
void damon_split_regions(struct damon_ctx *ctx)
{
	unsigned long nr = damon_total_nr(ctx);
	unsigned long max_nr = ctx->attrs.max_nr_regions;
	unsigned long cuts = nr == ctx->settled_nr ? 2 * nr : nr;
	unsigned long credit;
	struct damon_target *t;
	struct damon_region *r;

	ctx->settled_nr = nr;
	if (!nr || nr >= max_nr)
		return;
	cuts = min(cuts, max_nr - nr);

	/* Each region earns cuts / nr of a cut; who comes first is chance. */
	credit = damon_random_below(&ctx->random, nr);
	damon_for_each_target(t, ctx) {
		struct damon_regions *to = &ctx->spare;

		if (damon_reserve_regions(to, t->regions.nr + cuts))
			return;
		to->nr = 0;
		damon_for_each_region(r, &t->regions) {
			credit += cuts;
			damon_append_split(ctx, to, r, credit / nr);
			credit %= nr;
		}
		swap(*to, t->regions);
	}
}
