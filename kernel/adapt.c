// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptation: how many regions there are, and where they end.
 *
 * Neighbours that are accessed equally often are merged.  Regions are split where
 * there is evidence that their parts differ, and all others at random, so that other
 * pages are probed.  So boundaries move to where accesses really change.  Merging never
 * leaves fewer regions than the minimum, splitting never more than the maximum.
 */
#include <linux/damon.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "adapt.h"
#include "evidence.h"
#include "random.h"
#include "region.h"

/* One in so many of the cuts that the maximum allows is random */
#define EXPLORE_DIVISOR	8
/* Memory for more cuts than this is freed after each use */
#define MANY_CUTS	1024
/* At most so many certain regions are cut at random, or this part of the maximum if it is more */
#define CERTAIN_REGIONS	100
#define CERTAIN_DIVISOR	10
/* A change of accesses by more than this part of the samples begins a new age */
#define AGE_DIVISOR	10
/* The maximum allows so many times as many regions as mixed memory is cut into, at least */
#define MIXED_DIVISOR	10
/* If schemes act, neighbours whose ages differ by more than this part are not merged */
#define SAME_AGE_DIVISOR	4

/* In pages: several address spaces together may be larger than ULONG_MAX bytes */
static unsigned long damon_total_pages(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned long pages = 0;

	damon_for_each_target(t, ctx)
		pages += damon_regions_size(&t->regions) >> PAGE_SHIFT;
	return pages;
}

/*
 * The largest size of a region if there are to be at least @nr, or a page if there is
 * less memory than that.
 */
static unsigned long damon_size_limit(struct damon_ctx *ctx, unsigned long nr)
{
	unsigned long pages = damon_total_pages(ctx) / nr;

	return clamp(pages, 1, ULONG_MAX >> PAGE_SHIFT) << PAGE_SHIFT;
}

/**
 * struct damon_share - a number of cuts, spread evenly over more that want one
 * @some:	number of cuts
 * @many:	how many want one; at least 1
 * @asked:	how many have asked; begins at random, so that it is chance which of
 *		them get one
 * @given:	how many have been given
 */
struct damon_share {
	unsigned long some;
	unsigned long many;
	unsigned long asked;
	unsigned long given;
};

/* Returns how many cuts the next @nr of them get */
static unsigned long damon_next_share(struct damon_share *share, unsigned long nr)
{
	unsigned long before = share->given;

	share->asked += nr;
	share->given = mul_u64_u64_div_u64(share->asked, share->some, share->many);
	return share->given - before;
}

static struct damon_share damon_new_share(struct damon_ctx *ctx,
					  unsigned long some, unsigned long many)
{
	struct damon_share share = { .some = some, .many = max(many, 1) };

	damon_next_share(&share, damon_random_below(&ctx->random, share.many));
	return share;
}

/* Plan @nr cuts of @r into pieces of about the same size */
static void damon_plan_even_cuts(struct damon_cuts *plan,
				 const struct damon_region *r, unsigned long nr)
{
	unsigned long pages = damon_nr_pages(r), i;

	for (i = 1; i <= nr; i++)
		damon_add_cut(plan, r->range.start +
			      mul_u64_u64_div_u64(pages, i, nr + 1) * PAGE_SIZE);
}

/**
 * damon_divide_regions - cut what is too large for a number of regions
 * @ctx:	the context
 * @at_least:	the number, at most the maximum
 *
 * New memory comes as one region, and nothing is known of it: it is cut evenly.  May
 * sleep.
 *
 * Return: 0, or -ENOMEM; then every target still has valid regions.
 */
int damon_divide_regions(struct damon_ctx *ctx, unsigned long at_least)
{
	unsigned long limit = damon_size_limit(ctx, at_least);
	unsigned long nr = damon_total_nr(ctx), wanted = 0;
	struct damon_share share;
	struct damon_target *t;
	struct damon_region *r;
	int err = 0;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions)
			wanted += (damon_range_size(&r->range) - 1) / limit;
	if (!wanted || nr >= ctx->attrs.max_nr_regions)
		return 0;
	/* Too few cuts for all: spread them over the regions. */
	share = damon_new_share(ctx, min(ctx->attrs.max_nr_regions - nr, wanted),
				wanted);
	if (!damon_may_have_regions(nr + share.some))
		return -ENOMEM;
	damon_for_each_target(t, ctx) {
		ctx->plan.nr = 0;
		damon_for_each_region_resched(r, &t->regions) {
			unsigned long cuts = (damon_range_size(&r->range) - 1) / limit;

			damon_plan_even_cuts(&ctx->plan, r,
					     damon_next_share(&share, cuts));
		}
		err = damon_cut_regions(&t->regions, &ctx->plan);
		if (err)
			break;
	}
	damon_free_cuts(&ctx->plan);
	return err;
}

/*
 * The mean of @a and @b, weighted by the sizes of their regions, rounded.  Sizes are
 * shifted to at most 31 bits, so that the sum fits into 64.
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
static void damon_merge_into(struct damon_region *into, const struct damon_region *r)
{
	unsigned long into_pages = damon_nr_pages(into);
	unsigned long pages = damon_nr_pages(r);

	into->nr_accesses = damon_weighted_mean(into->nr_accesses, into_pages,
						r->nr_accesses, pages);
	into->age = damon_weighted_mean(into->age, into_pages, r->age, pages);
	into->mean = damon_weighted_mean(into->mean, into_pages, r->mean, pages);
	into->weight = damon_weighted_mean(into->weight, into_pages,
					   r->weight, pages);
	into->range.end = r->range.end;
}

/**
 * struct damon_merge - which neighbours are merged
 * @samples:	samples in an aggregation
 * @tolerance:	difference of their means that does not matter
 * @limit:	the largest size of both together
 * @mixed_limit: the same if one of them is mixed, and it is smaller
 * @by_age:	only such of about the same age
 */
struct damon_merge {
	unsigned int samples;
	unsigned int tolerance;
	unsigned long limit;
	unsigned long mixed_limit;
	bool by_age;
};

/* Ages grow together, so what was of different age at first may be merged later. */
static bool damon_is_as_old(const struct damon_region *a, const struct damon_region *b)
{
	return abs_diff(a->age, b->age) <= max(a->age, b->age) / SAME_AGE_DIVISOR + 1;
}

/*
 * A region counts as a whole, so a hit in a large one that is mixed is a large error of what
 * is accessed.  Many small ones err less, as chance averages out; but not where the TLB leaves
 * so few probes that each would have fewer.
 */
static unsigned long damon_merge_limit(const struct damon_target *t,
				       const struct damon_merge *merge,
				       const struct damon_region *a,
				       const struct damon_region *b)
{
	bool mixed = damon_is_mixed(a, merge->samples) || damon_is_mixed(b, merge->samples);

	return mixed && !t->few_probes ? min(merge->mixed_limit, merge->limit) : merge->limit;
}

/* Merge neighbours, no more than @budget times.  Returns how often it did. */
static unsigned long damon_merge_alike(struct damon_target *t,
				       const struct damon_merge *merge,
				       unsigned long budget)
{
	struct damon_regions *regions = &t->regions;
	struct damon_region *into = regions->v, *r;
	unsigned long nr = regions->nr;

	if (!nr)
		return 0;
	for (r = into + 1; r < regions->v + nr; r++) {
		cond_resched();
		if (budget && into->range.end == r->range.start &&
		    r->range.end - into->range.start <= damon_merge_limit(t, merge, into, r) &&
		    (!merge->by_age || damon_is_as_old(into, r)) &&
		    damon_is_alike(into, r, merge->samples, merge->tolerance)) {
			damon_merge_into(into, r);
			budget--;
		} else {
			*++into = *r;
		}
	}
	regions->nr = into - regions->v + 1;
	return nr - regions->nr;
}

static void damon_merge_targets(struct damon_ctx *ctx, const struct damon_merge *merge,
				unsigned long budget)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		budget -= damon_merge_alike(t, merge, budget);
}

/* Scale the count to all samples, if some tell nothing of the region */
static void damon_scale_accesses(struct damon_region *r, unsigned int samples)
{
	unsigned int known = damon_nr_known(r, samples);

	if (!known)
		r->nr_accesses = r->last_nr_accesses;
	else if (r->nr_unknown)
		r->nr_accesses = DIV_U64_ROUND_CLOSEST((u64)r->nr_accesses *
						       samples, known);
}

/*
 * By how much more or less accesses begin a new age.  If some samples tell nothing, each other
 * one stands for several, and a single one is chance.
 */
static unsigned int damon_same_age(const struct damon_region *r, unsigned int samples)
{
	unsigned int known = damon_nr_known(r, samples), same = samples / AGE_DIVISOR;

	return known && known < samples ? max(same, DIV_ROUND_UP(samples, known)) : same;
}

static void damon_age_regions(struct damon_ctx *ctx)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			damon_update_mean(r, samples);
			damon_scale_accesses(r, samples);
			if (abs_diff(r->nr_accesses, r->last_nr_accesses) >
			    damon_same_age(r, samples))
				r->age = 0;
			else if (r->age < UINT_MAX)
				r->age++;
		}
}

/* What is acted on begins a new age, which a merge would forget. */
static bool damon_has_acting_scheme(const struct damon_ctx *ctx)
{
	const struct damon_scheme *scheme;

	damon_for_each_scheme(scheme, ctx)
		if (scheme->action != DAMON_STAT)
			return true;
	return false;
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
	unsigned int samples = damon_max_accesses(&ctx->attrs), all = samples * DAMON_MEAN_ONE;
	unsigned long mixed = max(ctx->attrs.min_nr_regions,
				  ctx->attrs.max_nr_regions / MIXED_DIVISOR);
	struct damon_merge merge = {
		.samples = samples,
		.tolerance = max(all / DAMON_ALIKE_DIVISOR, 1),
		.limit = damon_size_limit(ctx, ctx->attrs.min_nr_regions),
		.mixed_limit = damon_size_limit(ctx, mixed),
		.by_age = damon_has_acting_scheme(ctx),
	};
	unsigned long nr = damon_total_nr(ctx);

	damon_age_regions(ctx);
	if (nr > ctx->attrs.min_nr_regions)
		damon_merge_targets(ctx, &merge, nr - ctx->attrs.min_nr_regions);

	/*
	 * New ranges may have made too many: accept differences of age, large regions that
	 * are mixed, larger and larger differences of accesses, and then larger regions.
	 */
	while ((nr = damon_total_nr(ctx)) > ctx->attrs.max_nr_regions) {
		if (merge.by_age)
			merge.by_age = false;
		else if (merge.mixed_limit < merge.limit)
			merge.mixed_limit = ULONG_MAX;
		else if (merge.tolerance < all)
			merge.tolerance = min(merge.tolerance * 2ULL, all);
		else if (merge.limit < ULONG_MAX)
			merge.limit = merge.limit > ULONG_MAX / 2 ? ULONG_MAX : merge.limit * 2;
		else
			break;
		damon_merge_targets(ctx, &merge, nr - ctx->attrs.max_nr_regions);
	}
}

/* Plan up to @nr cuts of @r at random places, fewer if it has not the pages */
static void damon_plan_random_cuts(struct damon_ctx *ctx,
				   const struct damon_region *r, unsigned long nr)
{
	unsigned long at = r->range.start;
	unsigned long pages = damon_nr_pages(r);

	for (; nr && pages > 1; nr--) {
		unsigned long n = 1 + damon_random_below(&ctx->random, pages - 1);

		at += n * PAGE_SIZE;
		pages -= n;
		damon_add_cut(&ctx->plan, at);
	}
}

/*
 * Plan those cuts of @r for which there is evidence, as many as the share allows.  The
 * pieces begin a new mean: the old one is of all of them.  Returns the next cut.
 */
static const unsigned long *damon_plan_evident_cuts(struct damon_cuts *plan,
						    struct damon_region *r,
						    const unsigned long *cut,
						    const unsigned long *end,
						    struct damon_share *share)
{
	unsigned long last = r->range.start;

	for (; cut < end && *cut < r->range.end; cut++) {
		if (*cut <= last || !damon_next_share(share, 1))
			continue;
		damon_add_cut(plan, *cut);
		last = *cut;
		r->weight = 0;
	}
	return cut;
}

static void damon_shrink_cuts(struct damon_cuts *cuts)
{
	if (cuts->capacity > MANY_CUTS)
		damon_free_cuts(cuts);
}

/**
 * damon_split_regions - cut regions where there is evidence, or at random
 * @ctx:	the context, after damon_find_cuts() and damon_merge_regions()
 *
 * Regions without evidence are cut in two each; or in three if all of the last cuts were
 * merged again, since two parts may be too large for a probe to meet a small hot place.
 * If the maximum does not allow that many cuts, those that it allows are spread evenly
 * over all regions.  An eighth is left to regions without evidence, since there is none
 * where no page was probed.  Of regions that are certain, see damon_is_certain(), some are
 * cut at random, others in the next aggregations: each piece costs a probe, and hardly any
 * tells something new.  Without memory nothing is cut.  May sleep.
 */
void damon_split_regions(struct damon_ctx *ctx)
{
	const unsigned long *cut = ctx->cuts.v;
	unsigned long nr = damon_total_nr(ctx), nr_certain, room;
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	unsigned int wanted = nr == ctx->settled_nr ? 2 : 1;
	struct damon_share evident, certain, random;
	struct damon_target *t;
	struct damon_region *r;

	ctx->settled_nr = nr;
	if (!nr || nr >= ctx->attrs.max_nr_regions)
		return;
	room = ctx->attrs.max_nr_regions - nr;
	evident = damon_new_share(ctx, min(ctx->cuts.nr,
					   room - room / EXPLORE_DIVISOR),
				  ctx->cuts.nr);
	room -= evident.some;
	nr_certain = damon_nr_certain(ctx);
	certain = damon_new_share(ctx, min(nr_certain,
					   max(ctx->attrs.max_nr_regions / CERTAIN_DIVISOR,
					       CERTAIN_REGIONS)), nr_certain);
	nr -= nr_certain - certain.some;
	random = damon_new_share(ctx, min(wanted * nr, room), nr);

	damon_for_each_target(t, ctx) {
		const unsigned long *end = cut + t->nr_cuts;
		unsigned int told = damon_nr_telling(t, samples);

		ctx->plan.nr = 0;
		damon_for_each_region_resched(r, &t->regions) {
			unsigned int before = ctx->plan.nr;
			unsigned long nr_cuts = 0;

			if (!damon_is_certain(r, samples) || damon_next_share(&certain, 1))
				nr_cuts = damon_next_share(&random, 1);
			cut = damon_plan_evident_cuts(&ctx->plan, r, cut, end,
						      &evident);
			/* Where probes are few, pieces of a region with few have fewer still. */
			if (ctx->plan.nr == before &&
			    (!t->few_probes || 2 * damon_nr_known(r, samples) >= told))
				damon_plan_random_cuts(ctx, r, nr_cuts);
		}
		cut = end;
		t->nr_cuts = 0;
		if (damon_cut_regions(&t->regions, &ctx->plan))
			break;
	}
	damon_shrink_cuts(&ctx->plan);
	damon_shrink_cuts(&ctx->cuts);
	damon_shrink_cuts(&ctx->tried);
}
