// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of evidence.c: which differences between counts are more than chance.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "evidence.h"
#include "region.h"

#define P	PAGE_SIZE
#define SAMPLES	20

static void damon_test_learn(struct kunit *test)
{
	struct damon_region r = { .nr_accesses = 10 };
	int i;

	for (i = 1; i <= 10; i++) {
		damon_update_mean(&r, SAMPLES);
		KUNIT_EXPECT_EQ(test, r.mean, 10 * DAMON_MEAN_ONE);
		KUNIT_EXPECT_EQ(test, r.weight, min(i, 8) * DAMON_MEAN_ONE);
	}
	/* may be chance: the mean moves a bit */
	r.nr_accesses = 14;
	damon_update_mean(&r, SAMPLES);
	KUNIT_EXPECT_EQ(test, r.mean, 10 * DAMON_MEAN_ONE + 4 * DAMON_MEAN_ONE / 8);
	KUNIT_EXPECT_EQ(test, r.weight, 8 * DAMON_MEAN_ONE);
	/* more than chance: a new mean begins */
	r.nr_accesses = 20;
	r.mean = 10 * DAMON_MEAN_ONE;
	damon_update_mean(&r, SAMPLES);
	KUNIT_EXPECT_EQ(test, r.mean, 20 * DAMON_MEAN_ONE);
	KUNIT_EXPECT_EQ(test, r.weight, DAMON_MEAN_ONE);
	r.nr_accesses = 0;
	damon_update_mean(&r, SAMPLES);
	KUNIT_EXPECT_EQ(test, r.mean, 0);
	KUNIT_EXPECT_EQ(test, r.weight, DAMON_MEAN_ONE);
}

/* A count of fewer samples has less weight, and may differ more by chance. */
static void damon_test_learn_unknown(struct kunit *test)
{
	struct damon_region r = {
		.nr_accesses = 5, .nr_unknown = 15,
		.mean = 10 * DAMON_MEAN_ONE, .weight = 4 * DAMON_MEAN_ONE,
	};

	damon_update_mean(&r, SAMPLES);
	KUNIT_EXPECT_EQ(test, r.weight, 4 * DAMON_MEAN_ONE + DAMON_MEAN_ONE / 4);
	KUNIT_EXPECT_EQ(test, r.mean, 10 * DAMON_MEAN_ONE + 160 * 4 / 68);
	/* No sample tells anything: nothing changes */
	r.nr_unknown = SAMPLES;
	damon_update_mean(&r, SAMPLES);
	KUNIT_EXPECT_EQ(test, r.weight, 4 * DAMON_MEAN_ONE + DAMON_MEAN_ONE / 4);
}

/* Two accesses are more than chance, also if a few of the 20 samples tell nothing. */
static void damon_test_learn_few_unknown(struct kunit *test)
{
	const struct damon_region idle = { .weight = 8 * DAMON_MEAN_ONE };
	unsigned int unknown;

	for (unknown = 0; unknown <= 8; unknown++) {
		struct damon_region once = { .nr_accesses = 1, .nr_unknown = unknown };
		struct damon_region twice = { .nr_accesses = 2, .nr_unknown = unknown };

		damon_update_mean(&once, SAMPLES);
		damon_update_mean(&twice, SAMPLES);
		KUNIT_EXPECT_TRUE(test, damon_is_alike(&once, &idle, SAMPLES, 8));
		KUNIT_EXPECT_FALSE_MSG(test, damon_is_alike(&twice, &idle, SAMPLES, 8),
				       "%u unknown", unknown);
	}
}

/* The largest number of samples and the largest change do not overflow. */
static void damon_test_learn_largest(struct kunit *test)
{
	const unsigned int samples = UINT_MAX / DAMON_MEAN_ONE;
	struct damon_region r = { .nr_accesses = samples };

	damon_update_mean(&r, samples);
	KUNIT_EXPECT_EQ(test, r.mean, samples * DAMON_MEAN_ONE);
	r.nr_accesses = 0;
	damon_update_mean(&r, samples);
	KUNIT_EXPECT_EQ(test, r.mean, 0);
	KUNIT_EXPECT_EQ(test, r.weight, DAMON_MEAN_ONE);
}

static void damon_test_alike(struct kunit *test)
{
	static const struct {
		const char *what;
		unsigned int a, a_windows, b, b_windows;	/* means in sixteenths */
		bool alike;
	} cases[] = {
		{ "the same", 0, 1, 0, 1, true },
		{ "idle and always", 0, 1, 320, 1, false },
		{ "one aggregation is mostly chance", 128, 1, 192, 1, true },
		{ "eight are not", 128, 8, 192, 8, false },
		{ "always and almost always", 320, 8, 312, 8, true },
		{ "never and now and then", 0, 8, 22, 8, false },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_region a = { .mean = cases[i].a,
					  .weight = cases[i].a_windows * DAMON_MEAN_ONE };
		struct damon_region b = { .mean = cases[i].b,
					  .weight = cases[i].b_windows * DAMON_MEAN_ONE };

		KUNIT_EXPECT_EQ_MSG(test, cases[i].alike,
				    damon_is_alike(&a, &b, SAMPLES, 8), "%s",
				    cases[i].what);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].alike,
				    damon_is_alike(&b, &a, SAMPLES, 8), "%s, turned",
				    cases[i].what);
		/* Enough tolerance makes anything alike. */
		KUNIT_EXPECT_TRUE(test, damon_is_alike(&a, &b, SAMPLES,
						       SAMPLES * DAMON_MEAN_ONE));
	}
}

static struct damon_ctx *new_ctx(struct kunit *test, const struct damon_operations *ops)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->ops = ops;
	return ctx;
}

/* An operation set that knows of no cuts */
static const struct damon_operations no_ops;

/* A target with one region that has these hits.  20 samples are 2 or 3 for each part. */
static struct damon_target *new_target(struct kunit *test, struct damon_ctx *ctx,
				       const u8 hits[DAMON_NR_PARTS])
{
	static const u8 probed[DAMON_NR_PARTS] = { 3, 3, 2, 3, 2, 2, 3, 2 };
	struct damon_target *t = damon_add_target(ctx, NULL);
	struct damon_region *r;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	memcpy(t->probed, probed, sizeof(probed));
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1));
	r = damon_append_region(&t->regions, 800 * P, 1600 * P);
	for (i = 0; i < DAMON_NR_PARTS; i++) {
		r->hits[i] = hits[i];
		r->nr_accesses += hits[i];
	}
	return t;
}

static void damon_test_find_cuts(struct kunit *test)
{
	/* Parts 0, 3, 6, 1 have three samples, the others two. */
	static const struct {
		const char *what;
		u8 hits[DAMON_NR_PARTS];
		unsigned int from, to;		/* parts; none if equal */
	} cases[] = {
		{ "idle", { 0 }, 0, 0 },
		{ "always accessed", { 3, 3, 2, 3, 2, 2, 3, 2 }, 0, 0 },
		{ "first half", { 3, 3, 2, 3 }, 0, 4 },
		{ "second half", { 0, 0, 0, 0, 2, 2, 3, 2 }, 4, 8 },
		{ "in the middle", { 0, 0, 2, 3, 2 }, 2, 5 },
		{ "all but the middle", { 3, 3, 0, 0, 0, 2, 3, 2 }, 2, 5 },
		{ "one part", { 0, 0, 0, 0, 0, 0, 3 }, 6, 7 },
		{ "a single hit", { 0, 0, 0, 0, 1 }, 4, 5 },
		{ "a single miss", { 3, 3, 2, 3, 1, 2, 3, 2 }, 4, 5 },
		{ "half of the time, everywhere", { 2, 1, 1, 2, 1, 1, 1, 1 }, 0, 0 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, &no_ops);
		unsigned int from = cases[i].from, to = cases[i].to;
		unsigned long want[2];
		struct damon_target *t;
		int nr = 0;

		t = new_target(test, ctx, cases[i].hits);
		if (from != to && from)
			want[nr++] = (800 + from * 100) * P;
		if (from != to && to < DAMON_NR_PARTS)
			want[nr++] = (800 + to * 100) * P;
		damon_find_cuts(ctx);
		KUNIT_EXPECT_EQ_MSG(test, nr, ctx->cuts.nr, "%s", cases[i].what);
		KUNIT_EXPECT_EQ(test, nr, t->nr_cuts);
		if (nr && nr == ctx->cuts.nr)
			KUNIT_EXPECT_MEMEQ_MSG(test, ctx->cuts.v, want,
					       nr * sizeof(*want), "%s",
					       cases[i].what);
		/* Hits are reset for the next aggregation. */
		KUNIT_EXPECT_EQ(test, t->regions.v[0].hits[4], 0);
		damon_free_ctx(ctx);
	}
}

/* A page that was hit alone is cut out, beside its part. */
static void damon_test_cut_out_hit(struct kunit *test)
{
	static const struct {
		u16 hit;
		unsigned int accesses;		/* in part 2 */
		bool few_probes;
		unsigned int nr;		/* cuts that are found */
		unsigned long cuts[4];
	} cases[] = {
		{ 251, 1, false, 4, { 1000 * P, 1050 * P, 1051 * P, 1100 * P } },
		{ 251, 2, false, 4, { 1000 * P, 1050 * P, 1051 * P, 1100 * P } },
		{ 1, 1, false, 3, { 801 * P, 1000 * P, 1100 * P } },
		{ 800, 1, false, 3, { 1000 * P, 1100 * P, 1599 * P } },
		/* It is not known which page it was. */
		{ 0, 1, false, 2, { 1000 * P, 1100 * P } },
		{ 251, 1, true, 2, { 1000 * P, 1100 * P } },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const u8 hits[DAMON_NR_PARTS] = { [2] = cases[i].accesses };
		struct damon_ctx *ctx = new_ctx(test, &no_ops);
		struct damon_target *t = new_target(test, ctx, hits);

		t->regions.v[0].hit = cases[i].hit;
		t->few_probes = cases[i].few_probes;
		damon_find_cuts(ctx);
		KUNIT_EXPECT_EQ(test, t->regions.v[0].hit, 0);
		KUNIT_ASSERT_EQ_MSG(test, ctx->cuts.nr, cases[i].nr, "case %d", i);
		KUNIT_EXPECT_MEMEQ_MSG(test, ctx->cuts.v, cases[i].cuts,
				       cases[i].nr * sizeof(*ctx->cuts.v), "case %d", i);
		damon_free_ctx(ctx);
	}
}

/* Where many samples have hits, a page that was hit is nothing special. */
static void damon_test_many_hits(struct kunit *test)
{
	static const u8 hits[DAMON_NR_PARTS] = { 1, 1, 1, 1, 0, 1, 1, 0 };
	struct damon_ctx *ctx = new_ctx(test, &no_ops);
	struct damon_target *t = new_target(test, ctx, hits);

	t->regions.v[0].hit = 251;
	damon_find_cuts(ctx);
	KUNIT_EXPECT_EQ(test, ctx->cuts.nr, 0);
	damon_free_ctx(ctx);
}

/* In a small region evidence by parts finds the page soon. */
static void damon_test_small_region(struct kunit *test)
{
	static const u8 hits[DAMON_NR_PARTS] = { [7] = 1 };
	struct damon_ctx *ctx = new_ctx(test, &no_ops);
	struct damon_target *t = new_target(test, ctx, hits);
	unsigned int i;

	t->regions.v[0].range.end = 863 * P;
	t->regions.v[0].hit = 41;
	damon_find_cuts(ctx);
	for (i = 0; i < ctx->cuts.nr; i++) {
		KUNIT_EXPECT_NE(test, ctx->cuts.v[i], 840 * P);
		KUNIT_EXPECT_NE(test, ctx->cuts.v[i], 841 * P);
	}
	damon_free_ctx(ctx);
}

/* An operation set that does not count hits by part gives no evidence. */
static void damon_test_no_parts(struct kunit *test)
{
	static const u8 none[DAMON_NR_PARTS];
	struct damon_ctx *ctx = new_ctx(test, &no_ops);
	struct damon_target *t;

	t = new_target(test, ctx, none);
	t->regions.v[0].nr_accesses = 7;
	damon_find_cuts(ctx);
	KUNIT_EXPECT_EQ(test, ctx->cuts.nr, 0);
	damon_free_ctx(ctx);
}

/* If some samples tell nothing, the others still give evidence. */
static void damon_test_find_cuts_unknown(struct kunit *test)
{
	static const u8 hits[DAMON_NR_PARTS] = { 2, 2, 1, 1 };
	struct damon_ctx *ctx = new_ctx(test, &no_ops);
	struct damon_target *t;

	/* Ten samples have six hits, all in the first half: the same cut as of 20 samples */
	t = new_target(test, ctx, hits);
	t->regions.v[0].nr_unknown = 10;
	damon_find_cuts(ctx);
	KUNIT_ASSERT_EQ(test, ctx->cuts.nr, 1);
	KUNIT_EXPECT_EQ(test, ctx->cuts.v[0], 1200 * P);
	damon_free_ctx(ctx);
}

/* Known cuts of two targets, each with one region from page 800 to 1600 */
static const struct damon_cuts *get_cuts(struct damon_ctx *ctx,
					 const struct damon_target *t)
{
	static unsigned long known[2][4] = {
		{ 900 * P, 1200 * P, 1250 * P, 1600 * P },
		{ 700 * P, 1000 * P },
	};
	static struct damon_cuts cuts[2] = { { known[0], 4 }, { known[1], 2 } };

	return &cuts[t != list_first_entry(&ctx->targets, struct damon_target, list)];
}

/* Cuts known to the operation set are added to those with evidence. */
static void damon_test_known_cuts(struct kunit *test)
{
	static const struct damon_operations ops = { .get_cuts = get_cuts };
	static const u8 first_half[DAMON_NR_PARTS] = { 3, 3, 2, 3 }, idle[DAMON_NR_PARTS];
	static const unsigned long want[] = { 900 * P, 1200 * P, 1200 * P, 1250 * P, 1000 * P };
	struct damon_ctx *ctx = new_ctx(test, &ops);
	struct damon_target *t[2];

	t[0] = new_target(test, ctx, first_half);
	t[1] = new_target(test, ctx, idle);
	damon_find_cuts(ctx);
	/* Cuts below the region are still there: damon_split_regions() skips them. */
	KUNIT_EXPECT_EQ(test, t[0]->nr_cuts, 4);
	KUNIT_EXPECT_EQ(test, t[1]->nr_cuts, 2);
	KUNIT_ASSERT_EQ(test, ctx->cuts.nr, 6);
	KUNIT_EXPECT_MEMEQ(test, ctx->cuts.v, want, 4 * sizeof(*want));
	KUNIT_EXPECT_EQ(test, ctx->cuts.v[5], want[4]);
	damon_free_ctx(ctx);
}

static struct kunit_case damon_evidence_cases[] = {
	KUNIT_CASE(damon_test_learn),
	KUNIT_CASE(damon_test_learn_unknown),
	KUNIT_CASE(damon_test_learn_few_unknown),
	KUNIT_CASE(damon_test_learn_largest),
	KUNIT_CASE(damon_test_alike),
	KUNIT_CASE(damon_test_find_cuts),
	KUNIT_CASE(damon_test_find_cuts_unknown),
	KUNIT_CASE(damon_test_cut_out_hit),
	KUNIT_CASE(damon_test_many_hits),
	KUNIT_CASE(damon_test_small_region),
	KUNIT_CASE(damon_test_no_parts),
	KUNIT_CASE(damon_test_known_cuts),
	{}
};

static struct kunit_suite damon_evidence_suite = {
	.name = "damon-evidence",
	.test_cases = damon_evidence_cases,
};

kunit_test_suite(damon_evidence_suite);
