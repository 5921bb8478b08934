// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of adapt.c: merging, splitting, and the bounds on the number of
 * regions.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/mm.h>

#include "adapt.h"
#include "evidence.h"
#include "random.h"
#include "region.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

/* A context whose random choices are the same in each run */
static struct damon_ctx *new_ctx(struct kunit *test, u64 seed)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	/* Small seeds make this generator begin with small numbers. */
	prandom_seed_state(&ctx->random, hash_64(seed, 64));
	return ctx;
}

static struct damon_regions *new_regions(struct kunit *test,
					 struct damon_ctx *ctx, size_t capacity)
{
	struct damon_target *t = damon_add_target(ctx, NULL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, capacity));
	return &t->regions;
}

static struct damon_region *add(struct damon_regions *regions,
				unsigned long start, unsigned long end,
				unsigned int nr_accesses)
{
	struct damon_region *r = damon_append_region(regions, start, end);

	r->nr_accesses = nr_accesses;
	/* A mean of full weight: the count is not chance. */
	r->mean = nr_accesses * DAMON_MEAN_ONE;
	r->weight = 8 * DAMON_MEAN_ONE;
	return r;
}

static void expect_range(struct kunit *test, const struct damon_region *r,
			 unsigned long start, unsigned long end)
{
	KUNIT_EXPECT_EQ(test, r->range.start, start);
	KUNIT_EXPECT_EQ(test, r->range.end, end);
}

static void damon_test_max_accesses(struct kunit *test)
{
	struct damon_attrs attrs = { .sample_us = 5000, .aggr_us = 100000 };

	KUNIT_EXPECT_EQ(test, damon_max_accesses(&attrs), 20);
	attrs.aggr_us = 5000;
	KUNIT_EXPECT_EQ(test, damon_max_accesses(&attrs), 1);
	attrs = (struct damon_attrs) { .sample_us = 1, .aggr_us = ULONG_MAX };
	KUNIT_EXPECT_EQ(test, damon_max_accesses(&attrs),
			UINT_MAX / DAMON_MEAN_ONE);
}

static void damon_test_merge_alike(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 8);

	/* With 20 samples in 8 aggregations a difference of 1 may be chance. */
	ctx->attrs.min_nr_regions = 3;
	ctx->attrs.max_nr_regions = 30;
	add(regions, 0, 10 * P, 10);
	add(regions, 10 * P, 40 * P, 11);
	add(regions, 40 * P, 50 * P, 15);
	add(regions, 50 * P, 60 * P, 0);
	/* behind a gap, across which nothing is merged */
	add(regions, 70 * P, 80 * P, 0);
	/* makes the others small enough to be merged */
	add(regions, 100 * P, 200 * P, 20);

	damon_merge_regions(ctx);

	KUNIT_ASSERT_EQ(test, regions->nr, 5);
	expect_range(test, &regions->v[0], 0, 40 * P);
	/* (10 * 10 + 30 * 11) / 40, to the nearest */
	KUNIT_EXPECT_EQ(test, regions->v[0].nr_accesses, 11);
	expect_range(test, &regions->v[1], 40 * P, 50 * P);
	expect_range(test, &regions->v[2], 50 * P, 60 * P);
	expect_range(test, &regions->v[3], 70 * P, 80 * P);
	expect_range(test, &regions->v[4], 100 * P, 200 * P);
	damon_free_ctx(ctx);
}

/* Memory that is always accessed a little is not merged with idle memory. */
static void damon_test_merge_little_is_not_nothing(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 5);

	ctx->attrs.min_nr_regions = 3;
	ctx->attrs.max_nr_regions = 30;
	add(regions, 0, 10 * P, 0);
	add(regions, 10 * P, 20 * P, 0);
	add(regions, 20 * P, 30 * P, 1);
	add(regions, 30 * P, 40 * P, 1);
	add(regions, 100 * P, 200 * P, 20);
	damon_merge_regions(ctx);
	KUNIT_ASSERT_EQ(test, regions->nr, 3);
	expect_range(test, &regions->v[0], 0, 20 * P);
	expect_range(test, &regions->v[1], 20 * P, 40 * P);
	damon_free_ctx(ctx);
}

/* Where only some samples see accesses, regions stay small. */
static void damon_test_merge_mixed(struct kunit *test)
{
	static const struct {
		unsigned int samples, accesses;
		unsigned long min, max, nr;
		bool few_probes;
	} cases[] = {
		{ 20, 0, 10, 1000, 10 }, { 20, 20, 10, 1000, 10 },
		{ 20, 1, 10, 1000, 100 }, { 20, 10, 10, 1000, 100 }, { 20, 19, 10, 1000, 100 },
		{ 20, 10, 10, 200, 20 }, { 20, 10, 10, 100, 10 }, { 20, 10, 25, 200, 25 },
		{ 1, 0, 10, 1000, 10 }, { 1, 1, 10, 1000, 10 },
		{ 20, 10, 10, 1000, 10, true },
	};
	int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 200);

		ctx->attrs.aggr_us = cases[i].samples * ctx->attrs.sample_us;
		ctx->attrs.min_nr_regions = cases[i].min;
		ctx->attrs.max_nr_regions = cases[i].max;
		for (j = 0; j < 200; j++)
			add(regions, j * P, (j + 1) * P, cases[i].accesses);
		container_of(regions, struct damon_target, regions)->few_probes =
			cases[i].few_probes;
		damon_merge_regions(ctx);
		KUNIT_EXPECT_EQ_MSG(test, regions->nr, cases[i].nr, "case %d", i);
		damon_free_ctx(ctx);
	}
}

/* Cuts with evidence come before random ones, and are exactly where the evidence is. */
static void damon_test_split_at_cuts(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 3);
	struct damon_target *t = list_first_entry(&ctx->targets,
						  struct damon_target, list);

	add(regions, 0, 100 * P, 10);
	add(regions, 100 * P, 101 * P, 0);
	add(regions, 200 * P, 300 * P, 10);
	/* those at ends of regions, in gaps, and repeated ones have no effect */
	damon_add_cut(&ctx->cuts, 40 * P);
	damon_add_cut(&ctx->cuts, 40 * P);
	damon_add_cut(&ctx->cuts, 70 * P);
	damon_add_cut(&ctx->cuts, 100 * P);
	damon_add_cut(&ctx->cuts, 150 * P);
	damon_add_cut(&ctx->cuts, 200 * P);
	damon_add_cut(&ctx->cuts, 250 * P);
	t->nr_cuts = ctx->cuts.nr;
	damon_split_regions(ctx);

	KUNIT_ASSERT_EQ(test, regions->nr, 6);
	expect_range(test, &regions->v[0], 0, 40 * P);
	expect_range(test, &regions->v[1], 40 * P, 70 * P);
	expect_range(test, &regions->v[2], 70 * P, 100 * P);
	expect_range(test, &regions->v[3], 100 * P, 101 * P);
	expect_range(test, &regions->v[4], 200 * P, 250 * P);
	expect_range(test, &regions->v[5], 250 * P, 300 * P);
	/* Pieces begin a new mean: the old one was of the whole region. */
	KUNIT_EXPECT_EQ(test, regions->v[0].weight, 0);
	KUNIT_EXPECT_EQ(test, regions->v[2].weight, 0);
	KUNIT_EXPECT_EQ(test, regions->v[3].weight, 8 * DAMON_MEAN_ONE);
	damon_free_ctx(ctx);
}

static void damon_test_merge_keeps_min(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 100);
	int i;

	ctx->attrs.min_nr_regions = 10;
	for (i = 0; i < 100; i++)
		add(regions, i * P, (i + 1) * P, 0);
	damon_merge_regions(ctx);

	KUNIT_EXPECT_EQ(test, regions->nr, 10);
	for (i = 0; i < regions->nr; i++)
		expect_range(test, &regions->v[i], i * 10 * P, (i + 1) * 10 * P);
	damon_free_ctx(ctx);
}

static void damon_test_merge_reaches_max(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 100);
	int i;

	/* No two neighbours are alike, but there are more than the maximum. */
	ctx->attrs.min_nr_regions = 10;
	ctx->attrs.max_nr_regions = 20;
	for (i = 0; i < 100; i++)
		add(regions, i * P, (i + 1) * P, i % 2 ? 20 : 0);
	damon_merge_regions(ctx);

	KUNIT_EXPECT_LE(test, regions->nr, 20);
	KUNIT_EXPECT_GE(test, regions->nr, 10);
	KUNIT_EXPECT_EQ(test, damon_regions_size(regions), 100 * P);
	damon_free_ctx(ctx);
}

static void damon_test_merge_more_ranges_than_max(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 10);
	int i;

	ctx->attrs.min_nr_regions = 3;
	ctx->attrs.max_nr_regions = 3;
	for (i = 0; i < 10; i++)
		add(regions, 2 * i * P, (2 * i + 1) * P, 0);
	damon_merge_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 10);
	damon_free_ctx(ctx);
}

static void damon_test_age(struct kunit *test)
{
	static const struct {
		unsigned int samples, last, now, age, unknown;
	} cases[] = {
		/* A difference of more than a tenth of the samples is a change. */
		{ 20, 12, 10, 6 }, { 20, 0, 3, 0 }, { 20, 0, 2, 6 },
		{ 10, 3, 4, 6 }, { 10, 3, 5, 0 },
		/* With fewer than ten samples a single one is more than a tenth. */
		{ 9, 3, 4, 0 }, { 5, 0, 1, 0 }, { 5, 1, 1, 6 },
		{ 2, 1, 2, 0 }, { 1, 0, 1, 0 }, { 1, 1, 0, 0 },
		{ 1, 1, 1, 6 },
		/* One of five samples that tell something, or of one, is chance. */
		{ 20, 0, 1, 6, 15 }, { 20, 20, 4, 6, 15 }, { 20, 0, 2, 0, 15 },
		{ 20, 0, 1, 6, 19 }, { 20, 0, 2, 6, 1 }, { 20, 0, 3, 0, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 1);
		struct damon_region *r;

		ctx->attrs.aggr_us = cases[i].samples * ctx->attrs.sample_us;
		r = add(regions, 0, P, cases[i].now);
		r->last_nr_accesses = cases[i].last;
		r->age = 5;
		r->nr_unknown = cases[i].unknown;
		damon_merge_regions(ctx);
		KUNIT_EXPECT_EQ_MSG(test, r->age, cases[i].age, "%u to %u of %u, %u unknown",
				    cases[i].last, cases[i].now, cases[i].samples,
				    cases[i].unknown);
		damon_free_ctx(ctx);
	}
}

/* Where schemes act, neighbours are merged only if the difference of their ages does not matter. */
static void damon_test_same_age(struct kunit *test)
{
	static const struct {
		enum damon_action action;
		unsigned int ages[2];
		unsigned int nr;
	} cases[] = {
		{ DAMON_STAT, { 1, 1000 }, 1 },
		{ DAMON_COLD, { 1, 2 }, 1 }, { DAMON_COLD, { 1, 3 }, 2 },
		{ DAMON_COLD, { 76, 100 }, 1 }, { DAMON_COLD, { 100, 74 }, 1 },
		{ DAMON_COLD, { 100, 73 }, 2 }, { DAMON_COLD, { 1, UINT_MAX }, 2 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 2);
		struct damon_scheme *scheme = damon_add_scheme(ctx);

		KUNIT_ASSERT_NOT_NULL(test, scheme);
		scheme->action = cases[i].action;
		ctx->attrs.min_nr_regions = 1;
		/* They grow by one. */
		add(regions, 0, P, 0)->age = cases[i].ages[0] - 1;
		add(regions, P, 2 * P, 0)->age = cases[i].ages[1] - 1;
		damon_merge_regions(ctx);
		KUNIT_EXPECT_EQ_MSG(test, regions->nr, cases[i].nr, "%u and %u",
				    cases[i].ages[0], cases[i].ages[1]);
		damon_free_ctx(ctx);
	}
}

/* If some samples tell nothing, the count of the others is scaled up. */
static void damon_test_unknown(struct kunit *test)
{
	static const struct {
		unsigned int seen, unknown, last, scaled;
	} cases[] = {
		{ 10, 0, 0, 10 }, { 5, 10, 0, 10 }, { 0, 19, 7, 0 },
		{ 1, 19, 0, 20 }, { 19, 1, 0, 20 }, { 7, 1, 0, 7 },
		/* No sample tells anything: the last count is kept */
		{ 0, 20, 7, 7 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 1);
		struct damon_region *r = add(regions, 0, P, cases[i].seen);

		r->nr_unknown = cases[i].unknown;
		r->last_nr_accesses = cases[i].last;
		damon_merge_regions(ctx);
		KUNIT_EXPECT_EQ(test, r->nr_accesses, cases[i].scaled);
		damon_free_ctx(ctx);
	}
}

static void damon_test_divide(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 2);
	int i;

	ctx->attrs.min_nr_regions = 10;
	add(regions, 0, 1005 * P, 0);
	add(regions, 2000 * P, 2001 * P, 0);
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));

	KUNIT_EXPECT_GE(test, regions->nr, 10);
	KUNIT_EXPECT_EQ(test, damon_regions_size(regions), 1006 * P);
	for (i = 0; i < regions->nr; i++)
		KUNIT_EXPECT_LE(test, damon_nr_pages(&regions->v[i]), 101);
	damon_free_ctx(ctx);
}

static void damon_test_static_granularity(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 3);
	struct damon_range before[10];
	int i, round;

	/* min == max: once divided, nothing ever changes */
	ctx->attrs.min_nr_regions = 10;
	ctx->attrs.max_nr_regions = 10;
	add(regions, 0, 100 * P, 0);
	add(regions, 200 * P, 201 * P, 0);
	add(regions, 300 * P, 333 * P, 0);
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	KUNIT_ASSERT_EQ(test, regions->nr, 10);
	for (i = 0; i < 10; i++)
		before[i] = regions->v[i].range;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 10; i++)
			regions->v[i].nr_accesses = round % 3 ? 0 : i;
		damon_merge_regions(ctx);
		damon_split_regions(ctx);
		KUNIT_ASSERT_EQ(test, regions->nr, 10);
		for (i = 0; i < 10; i++)
			expect_range(test, &regions->v[i], before[i].start,
				     before[i].end);
	}
	damon_free_ctx(ctx);
}

static void damon_test_more_regions_than_pages(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 3);
	int i;

	ctx->attrs.min_nr_regions = 100;
	ctx->attrs.max_nr_regions = 1000;
	add(regions, 0, 10 * P, 0);
	add(regions, TOP - 5 * P, TOP, 0);
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	KUNIT_EXPECT_EQ(test, regions->nr, 15);
	for (i = 0; i < 3; i++) {
		damon_split_regions(ctx);
		KUNIT_EXPECT_EQ(test, regions->nr, 15);
		damon_merge_regions(ctx);
		KUNIT_EXPECT_EQ(test, regions->nr, 15);
	}
	expect_range(test, &regions->v[0], 0, P);
	expect_range(test, &regions->v[14], TOP - P, TOP);
	damon_free_ctx(ctx);
}

/* Where probes are few, regions that had one in half of the samples that tell something are cut. */
static void damon_test_split_with_few_samples(struct kunit *test)
{
	unsigned int few_probes;

	for (few_probes = 0; few_probes < 2; few_probes++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 2);
		struct damon_target *t = list_first_entry(&ctx->targets, struct damon_target, list);
		unsigned int samples = damon_max_accesses(&ctx->attrs);

		add(regions, 0, 100 * P, 0)->nr_unknown = samples - 4;
		add(regions, 200 * P, 300 * P, 0)->nr_unknown = samples - 1;
		t->few_probes = few_probes;
		t->probed[0] = 2;
		t->probed[7] = 2;
		damon_split_regions(ctx);
		KUNIT_ASSERT_EQ(test, regions->nr, few_probes ? 3 : 4);
		if (few_probes)
			expect_range(test, &regions->v[2], 200 * P, 300 * P);
		damon_free_ctx(ctx);
	}
}

static void damon_test_split(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 4);
	unsigned long size = 100000 * P;
	struct damon_region *r;
	int i;

	for (i = 0; i < 4; i++) {
		r = add(regions, i * size, (i + 1) * size, 0);
		r->age = i;
		r->last_nr_accesses = 10 + i;
	}
	damon_split_regions(ctx);

	/* Each region is cut in two, and both pieces keep its age and last count. */
	KUNIT_ASSERT_EQ(test, regions->nr, 8);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, regions->v[i].age, i / 2);
		KUNIT_EXPECT_EQ(test, regions->v[i].last_nr_accesses, 10 + i / 2);
	}
	expect_range(test, &regions->v[0], 0, regions->v[1].range.start);
	KUNIT_EXPECT_EQ(test, regions->v[1].range.end, size);

	damon_split_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 16);
	/* As if all of these cuts had been merged again: now each is cut in three */
	ctx->settled_nr = 16;
	damon_split_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 48);
	damon_free_ctx(ctx);
}

/* Of the regions that are certain, 100 or a tenth of the maximum are cut; of the others all. */
static void damon_test_split_certain(struct kunit *test)
{
	static const struct {
		unsigned long max, settled_nr, certain, others;
	} cases[] = {
		{ 1000, 0, 360 + 100, 40 + 40 }, { 5000, 0, 360 + 360, 40 + 40 },
		{ 2000, 0, 360 + 200, 40 + 40 },
		{ 2000, 400, 360 + 2 * 200, 40 + 2 * 40 },
		/* no room */
		{ 400, 0, 360, 40 },
	};
	/* large, so that there is always room for two cuts */
	unsigned long size = 100000 * P;
	struct damon_region *r;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_regions *regions = new_regions(test, ctx, 400);

		ctx->attrs.max_nr_regions = cases[i].max;
		ctx->settled_nr = cases[i].settled_nr;
		for (j = 0; j < 400; j++)
			add(regions, j * size, (j + 1) * size, 0)->weight =
				j % 10 ? DAMON_MEAN_ONE : 0;
		damon_split_regions(ctx);
		j = 0;
		damon_for_each_region(r, regions)
			j += !!r->weight;
		KUNIT_EXPECT_EQ_MSG(test, j, cases[i].certain, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, regions->nr - j, cases[i].others, "case %u", i);
		damon_free_ctx(ctx);
	}
}

/* An eighth of the possible cuts is left to regions without evidence. */
static void damon_test_split_explores(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 60);
	struct damon_target *t = list_first_entry(&ctx->targets,
						  struct damon_target, list);
	int evident = 0, random = 0, i;

	/* Room for 40 cuts; there is evidence for 60, all in the first half. */
	ctx->attrs.max_nr_regions = 100;
	for (i = 0; i < 60; i++) {
		add(regions, i * 100 * P, (i + 1) * 100 * P, 0);
		if (i >= 30)
			continue;
		damon_add_cut(&ctx->cuts, (i * 100 + 30) * P);
		damon_add_cut(&ctx->cuts, (i * 100 + 60) * P);
	}
	t->nr_cuts = ctx->cuts.nr;
	damon_split_regions(ctx);
	for (i = 0; i < regions->nr; i++) {
		if (regions->v[i].range.start >= 3000 * P)
			random++;
		else
			evident++;
	}
	KUNIT_EXPECT_GE(test, evident, 30 + 35);
	KUNIT_EXPECT_GE(test, random, 30 + 2);
	KUNIT_EXPECT_LE(test, evident + random, 100);
	damon_free_ctx(ctx);
}

static void damon_test_split_reaches_max(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 70);
	int i;

	/* 30 of 70 regions can be cut: these are spread over all, not the first ones. */
	ctx->attrs.max_nr_regions = 100;
	for (i = 0; i < 70; i++)
		add(regions, i * 100 * P, (i + 1) * 100 * P, 0);
	damon_split_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 100);
	for (i = 1; i < 99; i++)
		KUNIT_EXPECT_TRUE(test,
				  damon_nr_pages(&regions->v[i - 1]) < 100 ||
				  damon_nr_pages(&regions->v[i]) < 100 ||
				  damon_nr_pages(&regions->v[i + 1]) < 100);

	damon_split_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 100);
	damon_free_ctx(ctx);
}

static void damon_test_random_below(struct kunit *test)
{
	struct rnd_state random;
	bool seen[3] = {};
	int i;

	prandom_seed_state(&random, 1);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, damon_random_below(&random, 1), 0);
		seen[damon_random_below(&random, 3)] = true;
		KUNIT_EXPECT_LT(test, damon_random_below(&random, ULONG_MAX),
				ULONG_MAX);
	}
	KUNIT_EXPECT_TRUE(test, seen[0] && seen[1] && seen[2]);
	if (IS_ENABLED(CONFIG_64BIT)) {
		unsigned long top = 0;

		/* The upper half of a large limit is reached, too. */
		for (i = 0; i < 100; i++)
			top = max(top, damon_random_below(&random, ULONG_MAX));
		KUNIT_EXPECT_GT(test, top, ULONG_MAX / 2);
	}
}

static void damon_test_divide_without_memory(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 2);

	/* More than can be allocated: the regions stay as they are */
	ctx->attrs.min_nr_regions = INT_MAX;
	ctx->attrs.max_nr_regions = INT_MAX;
	add(regions, 0, 3 * P, 5);
	add(regions, 4 * P, TOP, 0);
	KUNIT_EXPECT_EQ(test, -ENOMEM, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	KUNIT_ASSERT_EQ(test, regions->nr, 2);
	expect_range(test, &regions->v[0], 0, 3 * P);
	expect_range(test, &regions->v[1], 4 * P, TOP);
	KUNIT_EXPECT_EQ(test, regions->v[0].nr_accesses, 5);
	damon_free_ctx(ctx);
}

static void damon_test_nothing(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions;

	/* No target, and then a target without memory */
	KUNIT_EXPECT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	damon_merge_regions(ctx);
	damon_split_regions(ctx);
	regions = new_regions(test, ctx, 0);
	KUNIT_EXPECT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	damon_merge_regions(ctx);
	damon_split_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 0);
	damon_free_ctx(ctx);
}

/* The largest values: neither means nor ages overflow. */
static void damon_test_largest_values(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_regions *regions = new_regions(test, ctx, 5);
	struct damon_region *r;
	int i;

	ctx->attrs.sample_us = 1;
	ctx->attrs.aggr_us = ULONG_MAX;
	ctx->attrs.min_nr_regions = 3;
	ctx->attrs.max_nr_regions = 3;
	for (i = 0; i < 5; i++) {
		r = add(regions, i * (TOP / 8), (i + 1) * (TOP / 8), UINT_MAX);
		r->range.start = PAGE_ALIGN_DOWN(r->range.start);
		r->range.end = PAGE_ALIGN_DOWN(r->range.end);
		r->last_nr_accesses = UINT_MAX;
		r->age = UINT_MAX;
	}
	damon_merge_regions(ctx);
	KUNIT_EXPECT_EQ(test, regions->nr, 3);
	damon_for_each_region(r, regions) {
		KUNIT_EXPECT_EQ(test, r->nr_accesses, UINT_MAX);
		KUNIT_EXPECT_EQ(test, r->age, UINT_MAX);
	}
	damon_free_ctx(ctx);
}

/* Random targets: up to 3, each with up to 4 ranges of one region each */
static void add_random_targets(struct kunit *test, struct damon_ctx *ctx,
			       struct rnd_state *random)
{
	int targets = 1 + damon_random_below(random, 3);

	while (targets--) {
		struct damon_regions *regions = new_regions(test, ctx, 4);
		unsigned long at = damon_random_below(random, 10) * P;
		int ranges = 1 + damon_random_below(random, 4);

		while (ranges--) {
			unsigned long end = at + (1 + damon_random_below(random,
								1000)) * P;

			damon_append_region(regions, at, end);
			at = end + (1 + damon_random_below(random, 50)) * P;
		}
	}
}

/* Check regions.  Returns a checksum of the ranges that they cover. */
static unsigned long check_regions(struct kunit *test,
				   const struct damon_regions *regions)
{
	unsigned long end = 0, sum = 0;
	const struct damon_region *r;

	damon_for_each_region(r, regions) {
		/* sorted, disjoint, whole pages, none of them empty */
		if (r->range.start < end || r->range.end <= r->range.start ||
		    !PAGE_ALIGNED(r->range.start) ||
		    !PAGE_ALIGNED(r->range.end)) {
			KUNIT_FAIL(test, "bad region %lx-%lx behind %lx",
				   r->range.start, r->range.end, end);
			return 0;
		}
		/* boundaries between neighbours do not count, ends of ranges do */
		sum += r->range.end * 31 - r->range.start * 31;
		if (r->range.start != end || !end)
			sum += hash_long(r->range.start, BITS_PER_LONG) -
			       hash_long(end, BITS_PER_LONG);
		end = r->range.end;
	}
	return sum - hash_long(end, BITS_PER_LONG);
}

/*
 * For any regions and any accesses: the memory covered stays the same, and the
 * bounds hold.
 */
static void damon_test_properties(struct kunit *test)
{
	struct rnd_state random;
	int seed;

	prandom_seed_state(&random, 42);
	for (seed = 0; seed < 1000; seed++) {
		struct damon_ctx *ctx = new_ctx(test, seed);
		unsigned long sums[3], pages = 0, nr, ranges = 0;
		struct damon_target *t;
		int round, i = 0;

		ctx->attrs.min_nr_regions = 3 + damon_random_below(&random, 20);
		ctx->attrs.max_nr_regions = ctx->attrs.min_nr_regions +
					    damon_random_below(&random, 100);
		add_random_targets(test, ctx, &random);
		damon_for_each_target(t, ctx) {
			pages += damon_regions_size(&t->regions) / P;
			ranges += t->regions.nr;
			sums[i++] = check_regions(test, &t->regions);
		}
		KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(ctx, ctx->attrs.min_nr_regions));

		for (round = 0; round < 5; round++) {
			struct damon_region *r;

			damon_split_regions(ctx);
			damon_for_each_target(t, ctx)
				damon_for_each_region(r, &t->regions)
					r->nr_accesses =
						damon_random_below(&random, 21);
			damon_merge_regions(ctx);

			nr = 0;
			i = 0;
			damon_for_each_target(t, ctx) {
				nr += t->regions.nr;
				KUNIT_EXPECT_EQ(test, sums[i++],
						check_regions(test, &t->regions));
			}
			KUNIT_EXPECT_GE(test, nr,
					min(pages, ctx->attrs.min_nr_regions));
			KUNIT_EXPECT_LE(test, nr,
					max(ranges, ctx->attrs.max_nr_regions));
		}
		damon_free_ctx(ctx);
	}
}

static struct kunit_case damon_adapt_cases[] = {
	KUNIT_CASE(damon_test_max_accesses),
	KUNIT_CASE(damon_test_merge_alike),
	KUNIT_CASE(damon_test_merge_little_is_not_nothing),
	KUNIT_CASE(damon_test_merge_mixed),
	KUNIT_CASE(damon_test_split_at_cuts),
	KUNIT_CASE(damon_test_merge_keeps_min),
	KUNIT_CASE(damon_test_merge_reaches_max),
	KUNIT_CASE(damon_test_merge_more_ranges_than_max),
	KUNIT_CASE(damon_test_age),
	KUNIT_CASE(damon_test_same_age),
	KUNIT_CASE(damon_test_unknown),
	KUNIT_CASE(damon_test_divide),
	KUNIT_CASE(damon_test_static_granularity),
	KUNIT_CASE(damon_test_more_regions_than_pages),
	KUNIT_CASE(damon_test_split_with_few_samples),
	KUNIT_CASE(damon_test_split),
	KUNIT_CASE(damon_test_split_certain),
	KUNIT_CASE(damon_test_split_explores),
	KUNIT_CASE(damon_test_split_reaches_max),
	KUNIT_CASE(damon_test_random_below),
	KUNIT_CASE(damon_test_divide_without_memory),
	KUNIT_CASE(damon_test_nothing),
	KUNIT_CASE(damon_test_largest_values),
	KUNIT_CASE(damon_test_properties),
	{}
};

static struct kunit_suite damon_adapt_suite = {
	.name = "damon-adapt",
	.test_cases = damon_adapt_cases,
};

kunit_test_suite(damon_adapt_suite);
