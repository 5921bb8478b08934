// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of sampling.c: which samples an aggregation consists of.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "evidence.h"
#include "region.h"
#include "sampling.h"

#define P	PAGE_SIZE
#define SAMPLES	20

/* What the operation set was asked to do, sample by sample */
static struct {
	unsigned int what[SAMPLES + 1];
	unsigned int part[SAMPLES + 1];
	unsigned int next_part[SAMPLES + 1];
	unsigned int nr;
} asked;

static bool note_sample(struct damon_ctx *ctx, unsigned int what)
{
	if (asked.nr > SAMPLES)
		return false;
	asked.what[asked.nr] = what;
	asked.part[asked.nr] = ctx->part;
	asked.next_part[asked.nr++] = ctx->next_part;
	return true;
}

static const struct damon_operations noting_ops = {
	.name = "notes", .sample = note_sample,
};

static void aggregate(struct kunit *test, struct damon_ctx *ctx)
{
	unsigned int left = SAMPLES;

	asked.nr = 0;
	damon_begin_samples(ctx);
	do {
		KUNIT_ASSERT_TRUE(test, damon_sample(ctx, left));
	} while (left--);
	KUNIT_ASSERT_EQ(test, asked.nr, SAMPLES + 1);
}

static struct damon_ctx *new_ctx(struct kunit *test)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	prandom_seed_state(&ctx->random, 1);
	ctx->ops = &noting_ops;
	return ctx;
}

static void free_ctx(struct damon_ctx *ctx)
{
	/* noting_ops was never registered */
	ctx->ops = NULL;
	damon_free_ctx(ctx);
}

/* The first sample only prepares, the last one only checks. */
static void damon_test_samples(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test);
	int round, i;

	for (round = 0; round < 3; round++) {
		aggregate(test, ctx);
		for (i = 0; i <= SAMPLES; i++) {
			KUNIT_EXPECT_EQ(test, asked.what[i] & DAMON_CHECK,
					i ? DAMON_CHECK : 0);
			KUNIT_EXPECT_EQ(test, asked.what[i] & DAMON_PREPARE,
					i < SAMPLES ? DAMON_PREPARE : 0);
			/* The part that was prepared is checked. */
			if (i)
				KUNIT_EXPECT_EQ(test, asked.part[i],
						asked.next_part[i - 1]);
		}
	}
	free_ctx(ctx);
}

/*
 * All parts are sampled equally often, each time in another order.  So whatever
 * samples a program is active in, these are spread over all parts.
 */
static void damon_test_parts(struct kunit *test)
{
	unsigned int seen[DAMON_NR_PARTS][DAMON_NR_PARTS] = {};
	struct damon_ctx *ctx = new_ctx(test);
	unsigned int nr = 0, i, part;
	int round;

	for (round = 0; round < 400; round++) {
		unsigned int turns[DAMON_NR_PARTS] = {};

		aggregate(test, ctx);
		for (i = 0; i < SAMPLES; i++) {
			part = asked.next_part[i];
			KUNIT_ASSERT_LT(test, part, DAMON_NR_PARTS);
			turns[part]++;
			seen[nr++ % DAMON_NR_PARTS][part]++;
		}
		for (part = 0; part < DAMON_NR_PARTS; part++) {
			KUNIT_EXPECT_GE(test, turns[part], 1);
			KUNIT_EXPECT_LE(test, turns[part], 4);
		}
	}
	/* 8,000 samples: 125 of each part at each of the eight places in the order */
	for (i = 0; i < DAMON_NR_PARTS; i++)
		for (part = 0; part < DAMON_NR_PARTS; part++) {
			KUNIT_EXPECT_GT(test, seen[i][part], 70);
			KUNIT_EXPECT_LT(test, seen[i][part], 180);
		}
	free_ctx(ctx);
}

static void damon_test_begin(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		t = damon_add_target(ctx, NULL);
		KUNIT_ASSERT_NOT_NULL(test, t);
		t->probed[3] = 7;
	}
	damon_begin_samples(ctx);
	i = 0;
	damon_for_each_target(t, ctx) {
		KUNIT_EXPECT_EQ(test, t->index, i++);
		KUNIT_EXPECT_EQ(test, t->probed[3], 0);
	}
	free_ctx(ctx);
}

/* The more regions are certain, the smaller the share of them that has a probe. */
static void damon_test_certain_chance(struct kunit *test)
{
	static const struct {
		unsigned int samples, nr;
		u32 chance;
	} cases[] = {
		{ 20, 0, U32_MAX }, { 20, 300, U32_MAX },
		{ 20, 600, 1U << 31 }, { 20, 1200, 1U << 30 },
		/* at least a quarter of the samples, and five of them */
		{ 20, 1300, 1U << 30 }, { 200, 1300, 1U << 30 },
		{ 10, 1200, 1U << 31 }, { 5, 1300, U32_MAX }, { 1, 1300, U32_MAX },
		/* more than a region can count */
		{ 65536, 1300, U32_MAX },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test);
		struct damon_target *t = damon_add_target(ctx, NULL);
		struct damon_region *r;

		KUNIT_ASSERT_NOT_NULL(test, t);
		ctx->attrs.aggr_us = cases[i].samples * ctx->attrs.sample_us;
		KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1300));
		for (j = 0; j < 1300; j++) {
			r = damon_append_region(&t->regions, j * P, (j + 1) * P);
			if (j < cases[i].nr)
				r->weight = DAMON_MEAN_ONE;
		}
		damon_begin_samples(ctx);
		KUNIT_EXPECT_EQ_MSG(test, ctx->certain_chance, cases[i].chance, "case %u", i);
		free_ctx(ctx);
	}
}

/* Of many regions that are certain the operation set gives a part a probe. */
static void damon_test_paddr_shares_probes(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t = damon_add_target(ctx, NULL);
	unsigned int i, probes = 0;
	struct damon_region *r;

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1000));
	ctx->ops = damon_find_ops("paddr");
	if (!ctx->ops) {
		free_ctx(ctx);
		kunit_skip(test, "not in this kernel");
	}
	for (i = 0; i < 1000; i++)
		damon_append_region(&t->regions, i * P, (i + 1) * P)->weight = DAMON_MEAN_ONE;
	damon_begin_samples(ctx);
	ctx->ops->sample(ctx, DAMON_PREPARE);
	damon_for_each_region(r, &t->regions)
		probes += r->probe != DAMON_NO_PROBE;
	/* 300 and 10 standard deviations */
	KUNIT_EXPECT_GT(test, probes, 300 - 145);
	KUNIT_EXPECT_LT(test, probes, 300 + 145);
	free_ctx(ctx);
}

static void damon_test_skip(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t = damon_add_target(ctx, NULL);
	struct damon_region *r;

	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1));
	r = damon_append_region(&t->regions, 0, P);
	r->probe = 0;
	damon_skip_sample(t);
	KUNIT_EXPECT_EQ(test, r->probe, DAMON_NO_PROBE);
	KUNIT_EXPECT_EQ(test, r->nr_unknown, 1);
	KUNIT_EXPECT_EQ(test, r->nr_accesses, 0);
	free_ctx(ctx);
}

static struct kunit_case damon_sampling_cases[] = {
	KUNIT_CASE(damon_test_samples),
	KUNIT_CASE(damon_test_parts),
	KUNIT_CASE(damon_test_begin),
	KUNIT_CASE(damon_test_certain_chance),
	KUNIT_CASE(damon_test_paddr_shares_probes),
	KUNIT_CASE(damon_test_skip),
	{}
};

static struct kunit_suite damon_sampling_suite = {
	.name = "damon-sampling",
	.test_cases = damon_sampling_cases,
};

kunit_test_suite(damon_sampling_suite);
