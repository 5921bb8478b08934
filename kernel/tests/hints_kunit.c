// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of hints.c: which cuts follow from hints, and how many hints are followed.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "evidence.h"
#include "hints.h"
#include "region.h"

#define P	PAGE_SIZE
#define SAMPLES	20

KUNIT_DEFINE_ACTION_WRAPPER(free_ctx, damon_free_ctx, struct damon_ctx *);

static struct damon_ctx *new_ctx(struct kunit *test)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_ctx, ctx));
	return ctx;
}

static void free_cuts(void *hints)
{
	damon_free_cuts(&((struct damon_hints *)hints)->cuts);
}

static struct damon_hints *new_hints(struct kunit *test)
{
	struct damon_hints *hints = kunit_kzalloc(test, sizeof(*hints), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, hints);
	damon_init_hints(hints);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_cuts, hints));
	return hints;
}

/* A target with a hot region and two of which nothing is known, 1000 pages each */
static struct damon_target *new_target(struct kunit *test, struct damon_ctx *ctx,
				       unsigned int index)
{
	struct damon_target *t = damon_add_target(ctx, NULL);
	struct damon_region *r;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->index = index;
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 3));
	r = damon_append_region(&t->regions, 0, 1000 * P);
	r->nr_accesses = SAMPLES;
	damon_append_region(&t->regions, 1000 * P, 2000 * P);
	damon_append_region(&t->regions, 2000 * P, 3000 * P);
	return t;
}

/* Expect exactly the cuts of @want, in pages, which ends with a zero */
static void expect_cuts(struct kunit *test, const struct damon_cuts *cuts,
			const unsigned long *want, const char *what)
{
	unsigned int i;

	for (i = 0; i < cuts->nr && want[i]; i++)
		KUNIT_EXPECT_EQ_MSG(test, cuts->v[i], want[i] * P, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, i, cuts->nr, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, want[i], 0, "%s", what);
}

/* Hints in the regions of new_target(), in pages; zero ends a list */
static void damon_test_hints(struct kunit *test)
{
	static const struct {
		const char *what;
		struct damon_range hints[7];
		unsigned long cuts[5], followed[4];
	} cases[] = {
		{ "two scans; the first region is known to be accessed",
		  { { 100, 200 }, { 1100, 1200 }, { 1500, 2000 }, { 1100, 1200 },
		    { 1200, 1300 }, { 2900, 3000 } },
		  { 1100, 1300, 1500, 2900 }, { 1100, 1500, 2900 } },
		{ "on both sides of a boundary; behind the last region is nothing",
		  { { 1900, 2000 }, { 2000, 2100 }, { 900, 1000 }, { 3000, 3100 } },
		  { 1900, 2100 }, { 1900, 2000 } },
		{ "all, and beyond", { { 0, 4000 } }, { 0 }, { 1000, 2000 } },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test);
		struct damon_hints *hints = new_hints(test);
		struct damon_target *t = new_target(test, ctx, 0);
		const struct damon_range *hint;
		unsigned int j;

		for (hint = cases[i].hints; hint->end; hint++)
			damon_add_hint(hints, t, hint->start * P, hint->end * P);
		damon_end_hints(hints, ctx);
		expect_cuts(test, damon_get_hinted_cuts(hints, ctx, t), cases[i].cuts,
			    cases[i].what);
		for (j = 0; j < hints->nr_followed; j++)
			KUNIT_EXPECT_EQ_MSG(test, cases[i].followed[j] * P,
					    hints->followed[j].start, "%s", cases[i].what);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].followed[j], 0, "%s", cases[i].what);
		damon_begin_hints(hints);
		KUNIT_EXPECT_EQ(test, hints->nr_found, 0);
	}
}

/* Each target gets its own cuts. */
static void damon_test_hints_targets(struct kunit *test)
{
	static const unsigned long want[3][5] = { { 1100, 1200 }, {}, { 1200, 1300, 1500, 1600 } };
	struct damon_hints *hints = new_hints(test);
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t[3];
	int i;

	for (i = 0; i < 3; i++)
		t[i] = new_target(test, ctx, i);
	damon_add_hint(hints, t[2], 1500 * P, 1600 * P);
	damon_add_hint(hints, t[0], 1100 * P, 1200 * P);
	damon_add_hint(hints, t[2], 1200 * P, 1300 * P);
	damon_end_hints(hints, ctx);
	for (i = 0; i < 3; i++)
		expect_cuts(test, damon_get_hinted_cuts(hints, ctx, t[i]), want[i], "");
}

/* Regions that were cut out are checked for accesses in their own targets. */
static void damon_test_hints_targets_hit(struct kunit *test)
{
	struct damon_hints *hints = new_hints(test);
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t[2];
	unsigned int budget;
	int i;

	for (i = 0; i < 2; i++) {
		t[i] = new_target(test, ctx, i);
		damon_add_hint(hints, t[i], 1000 * P, (1100 + i) * P);
	}
	damon_end_hints(hints, ctx);
	budget = hints->budget;
	for (i = 0; i < 2; i++)
		damon_get_hinted_cuts(hints, ctx, t[i]);
	t[1]->regions.v[1].nr_accesses = 1;
	damon_begin_hints(hints);
	damon_end_hints(hints, ctx);
	KUNIT_EXPECT_EQ(test, hints->budget, budget + 2 - 1);
	KUNIT_EXPECT_FALSE(test, hints->no_hits);
}

/* Meanwhile targets may have been removed, or replaced by others. */
static void damon_test_hints_other_targets(struct kunit *test)
{
	struct damon_hints *hints = new_hints(test);
	struct damon_ctx *ctx = new_ctx(test), *other = new_ctx(test);
	struct damon_target *t[3];
	unsigned int budget;
	int i;

	for (i = 0; i < 3; i++) {
		t[i] = new_target(test, ctx, i);
		t[i]->state = test;
		damon_add_hint(hints, t[i], 1000 * P, 1100 * P);
	}
	damon_end_hints(hints, ctx);
	for (i = 0; i < 3; i++)
		damon_get_hinted_cuts(hints, ctx, t[i]);
	KUNIT_EXPECT_EQ(test, hints->nr_followed, 3);
	budget = hints->budget;
	new_target(test, other, 0);
	new_target(test, other, 1)->regions.v[1].nr_accesses = SAMPLES;
	damon_begin_hints(hints);
	damon_end_hints(hints, other);
	KUNIT_EXPECT_EQ(test, hints->nr_followed, 0);
	KUNIT_EXPECT_FALSE(test, hints->no_hits);
	KUNIT_EXPECT_EQ(test, hints->budget, budget);
	for (i = 0; i < 3; i++)
		t[i]->state = NULL;
}

/* Follow 400 hints; the regions that they become have @nr_accesses each */
static void follow_many_hints(struct damon_hints *hints, struct damon_ctx *ctx,
			      struct damon_target *t, unsigned int nr_accesses)
{
	int i;

	damon_begin_hints(hints);
	for (i = 0; i < 400; i++)
		damon_add_hint(hints, t, (1001 + 2 * i) * P, (1002 + 2 * i) * P);
	t->regions.nr = 1;
	damon_append_region(&t->regions, 1000 * P, 2000 * P);
	damon_end_hints(hints, ctx);
	damon_get_hinted_cuts(hints, ctx, t);
	t->regions.nr = 1;
	for (i = 0; i < 400; i++)
		damon_append_region(&t->regions, (1001 + 2 * i) * P,
				    (1002 + 2 * i) * P)->nr_accesses = nr_accesses;
	damon_begin_hints(hints);
	damon_end_hints(hints, ctx);
}

static void damon_test_hints_budget(struct kunit *test)
{
	struct damon_hints *hints = new_hints(test);
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t = new_target(test, ctx, 0);
	int round;

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 600));
	/* The budget shrinks if hints lead to nothing ... */
	for (round = 0; round < 20; round++)
		follow_many_hints(hints, ctx, t, 0);
	KUNIT_EXPECT_EQ(test, hints->budget, 4);
	/* ... and grows if they lead to accesses. */
	for (round = 0; round < 10; round++)
		follow_many_hints(hints, ctx, t, 5);
	KUNIT_EXPECT_GE(test, hints->budget, 400);
}

/* Scans are thorough as long as they find accesses in regions known to be idle. */
static void damon_test_hints_thorough(struct kunit *test)
{
	struct damon_hints *hints = new_hints(test);
	struct damon_ctx *ctx = new_ctx(test);
	struct damon_target *t = new_target(test, ctx, 0);
	int i;

	for (i = 0; i < 3; i++)
		t->regions.v[i].weight = DAMON_MEAN_ONE;
	/* At first they are, until all memory has been scanned. */
	damon_end_hints(hints, ctx);
	KUNIT_EXPECT_TRUE(test, hints->thorough);
	hints->complete = true;
	damon_end_hints(hints, ctx);
	KUNIT_EXPECT_FALSE(test, hints->thorough);
	damon_begin_hints(hints);
	damon_add_hint(hints, t, 1100 * P, 1200 * P);
	damon_end_hints(hints, ctx);
	damon_get_hinted_cuts(hints, ctx, t);
	KUNIT_EXPECT_TRUE(test, hints->thorough);
	/* A region that is known to be accessed a bit is not idle. */
	t->regions.v[1].mean = 2 * DAMON_MEAN_ONE;
	damon_begin_hints(hints);
	damon_add_hint(hints, t, 1100 * P, 1200 * P);
	damon_end_hints(hints, ctx);
	damon_get_hinted_cuts(hints, ctx, t);
	KUNIT_EXPECT_FALSE(test, hints->thorough);
}

static struct kunit_case damon_hints_cases[] = {
	KUNIT_CASE(damon_test_hints),
	KUNIT_CASE(damon_test_hints_targets),
	KUNIT_CASE(damon_test_hints_targets_hit),
	KUNIT_CASE(damon_test_hints_other_targets),
	KUNIT_CASE(damon_test_hints_budget),
	KUNIT_CASE(damon_test_hints_thorough),
	{}
};

static struct kunit_suite damon_hints_suite = {
	.name = "damon-hints",
	.test_cases = damon_hints_cases,
};

kunit_test_suite(damon_hints_suite);
