// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of context.c: attributes, and ranges set by the owner of a context.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include <linux/damon.h>

#include "region.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

static void damon_test_check_attrs(struct kunit *test)
{
	static const struct {
		struct damon_attrs attrs;
		int err;
	} cases[] = {
		{ { 5000, 100000, 1000000, 10, 1000 }, 0 },
		{ { 1, 1, 1, 3, 3 }, 0 },
		{ { 1, ULONG_MAX, ULONG_MAX, 3, ULONG_MAX }, 0 },
		{ { 0, 100000, 1000000, 10, 1000 }, -EINVAL },
		{ { 5000, 4999, 1000000, 10, 1000 }, -EINVAL },
		{ { 5000, 100000, 0, 10, 1000 }, -EINVAL },
		{ { 5000, 100000, 1000000, 2, 1000 }, -EINVAL },
		{ { 5000, 100000, 1000000, 10, 9 }, -EINVAL },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, damon_check_attrs(&cases[i].attrs),
				    cases[i].err, "case %d", i);
}

/* New intervals: counts are scaled to the new number of samples, ages to the new interval. */
static void damon_test_set_attrs(struct kunit *test)
{
	static const struct {
		unsigned long sample_us, aggr_us;
		unsigned int last, age, mean;
	} cases[] = {
		{ 5000, 100000, 10, 36000, 160 },	/* unchanged */
		{ 50000, 1000000, 10, 3600, 160 },	/* an hour is an hour */
		{ 5000, 1000000, 100, 3600, 1600 },
		{ 5000, 50000, 5, 72000, 80 },
		{ 100000, 100000, 0, 36000, 8 },	/* one sample */
		{ 1, 10, 5, 360000000, 80 },
		{ 1, 1, 0, 3600000000U, 8 },
		{ 5000, ULONG_MAX, UINT_MAX / 32, 0, UINT_MAX / 2 - 7 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = damon_new_ctx();
		struct damon_attrs attrs = {
			cases[i].sample_us, cases[i].aggr_us, 1, 3, 3,
		};
		struct damon_target *t;
		struct damon_region *r;

		KUNIT_ASSERT_NOT_NULL(test, ctx);
		t = damon_add_target(ctx, NULL);
		KUNIT_ASSERT_NOT_NULL(test, t);
		KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1));
		r = damon_append_region(&t->regions, 0, P);
		r->last_nr_accesses = 10;
		r->age = 36000;
		r->mean = 160;
		damon_set_attrs(ctx, &attrs);
		KUNIT_EXPECT_EQ_MSG(test, r->last_nr_accesses, cases[i].last,
				    "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, r->age, cases[i].age, "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, r->mean, cases[i].mean, "case %d", i);
		KUNIT_EXPECT_EQ(test, ctx->attrs.aggr_us, cases[i].aggr_us);
		damon_free_ctx(ctx);
	}
}

/* The largest age stays the largest: it does not wrap. */
static void damon_test_set_attrs_oldest(struct kunit *test)
{
	struct damon_attrs attrs = { 1, 1, 1, 3, 3 };
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1));
	damon_append_region(&t->regions, 0, P)->age = UINT_MAX;
	damon_set_attrs(ctx, &attrs);
	KUNIT_EXPECT_EQ(test, t->regions.v[0].age, UINT_MAX);
	/* From the longest intervals to the shortest */
	attrs.aggr_us = ULONG_MAX;
	damon_set_attrs(ctx, &attrs);
	t->regions.v[0].age = 2;
	attrs.sample_us = 1;
	attrs.aggr_us = 1;
	damon_set_attrs(ctx, &attrs);
	KUNIT_EXPECT_EQ(test, t->regions.v[0].age, UINT_MAX);
	damon_free_ctx(ctx);
}

/* A row of a table: ranges to set, and the errno or the resulting ranges */
struct ranges_case {
	const char *name;
	struct damon_range given[4];
	int err;
	struct damon_range ranges[4];
};

static const struct ranges_case ranges_cases[] = {
	{ "none" },
	{ "whole pages",
	  { { P, 2 * P }, { 2 * P, 9 * P } }, 0,
	  { { P, 2 * P }, { 2 * P, 9 * P } } },
	{ "one byte",
	  { { P + 5, P + 6 } }, 0, { { P, 2 * P } } },
	{ "a page in common",
	  { { 0, P + 1 }, { P + 1, 3 * P } }, 0, { { 0, 2 * P }, { 2 * P, 3 * P } } },
	{ "three in one page",
	  { { 1, 2 }, { 2, 3 }, { 4, P } }, 0, { { 0, P } } },
	{ "all there is",
	  { { 0, TOP } }, 0, { { 0, TOP } } },
	{ "an empty one", { { P, P } }, -EINVAL },
	{ "one that ends before it starts", { { 2 * P, P } }, -EINVAL },
	{ "out of order", { { 3 * P, 4 * P }, { P, 2 * P } }, -EINVAL },
	{ "an overlap", { { P, 3 * P }, { 2 * P, 4 * P } }, -EINVAL },
	{ "past the top", { { 0, TOP + 1 } }, -EINVAL },
};

static void ranges_case_name(const struct ranges_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ranges, ranges_cases, ranges_case_name);

static unsigned int nr_ranges(const struct damon_range ranges[4])
{
	unsigned int nr = 0;

	while (nr < 4 && ranges[nr].end)
		nr++;
	return nr;
}

static void damon_test_set_ranges(struct kunit *test)
{
	static const struct damon_range before = { 7 * P, 8 * P };
	const struct ranges_case *c = test->param_value;
	const struct damon_range *want = c->err ? &before : c->ranges;
	unsigned int nr = c->err ? 1 : nr_ranges(c->ranges), i;
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_range *copy;
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(t, &before, 1));

	KUNIT_EXPECT_EQ(test, c->err,
			damon_set_ranges(t, c->given, nr_ranges(c->given)));

	KUNIT_ASSERT_EQ(test, nr, damon_copy_ranges(t, &copy));
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, copy[i].start, want[i].start);
		KUNIT_EXPECT_EQ(test, copy[i].end, want[i].end);
	}
	kvfree(copy);
	damon_free_ctx(ctx);
}

static struct kunit_case damon_context_cases[] = {
	KUNIT_CASE(damon_test_check_attrs),
	KUNIT_CASE(damon_test_set_attrs),
	KUNIT_CASE(damon_test_set_attrs_oldest),
	KUNIT_CASE_PARAM(damon_test_set_ranges, ranges_gen_params),
	{}
};

static struct kunit_suite damon_context_suite = {
	.name = "damon-context",
	.test_cases = damon_context_cases,
};

kunit_test_suite(damon_context_suite);
