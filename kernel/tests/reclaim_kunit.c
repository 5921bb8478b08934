// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of reclaim.c: the scheme that is made of the parameters.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "reclaim.h"

static const struct damon_reclaim example = {
	.module = {
		DAMON_MODULE_DEFAULTS,
		.name = "damon_reclaim",
		.add_schemes = damon_reclaim_add_schemes,
		.quota = { .ms = 20, .bytes = 30 * PAGE_SIZE, .window_ms = 40 },
		.watermarks = { .interval_us = 5, .high = 4, .mid = 3, .low = 2 },
	},
	.min_age_us = 70 * DAMON_DEFAULT_AGGR_US,
};

/* A context of parameters, with one scheme */
static struct damon_ctx *new_ctx(struct kunit *test, const struct damon_reclaim *r)
{
	struct damon_ctx *ctx = damon_module_new_ctx(&r->module);

	KUNIT_ASSERT_FALSE(test, IS_ERR(ctx));
	KUNIT_ASSERT_EQ(test, list_count_nodes(&ctx->schemes), 1);
	return ctx;
}

static struct damon_scheme *scheme_of(struct damon_ctx *ctx)
{
	return list_first_entry(&ctx->schemes, struct damon_scheme, list);
}

static void damon_test_reclaim_scheme(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, &example);
	const struct damon_scheme *scheme = scheme_of(ctx);
	const struct damon_pattern *p = &scheme->pattern;

	KUNIT_EXPECT_EQ(test, scheme->action, DAMON_PAGEOUT);
	KUNIT_EXPECT_EQ(test, p->min_size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, p->max_size, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, p->min_nr_accesses, 0);
	KUNIT_EXPECT_EQ(test, p->max_nr_accesses, 0);
	KUNIT_EXPECT_EQ(test, p->min_age, 70);
	KUNIT_EXPECT_EQ(test, p->max_age, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, scheme->apply_interval_us, 0);
	KUNIT_EXPECT_EQ(test, scheme->nr_filters, 0);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.metric, DAMON_WATERMARK_FREE_MEM_RATE);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.low, 2);
	damon_free_ctx(ctx);
}

static void damon_test_reclaim_quota(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, &example);
	const struct damon_quota *quota = &scheme_of(ctx)->quota;

	KUNIT_EXPECT_EQ(test, quota->ms, 20);
	KUNIT_EXPECT_EQ(test, quota->bytes, 30 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, quota->window_ms, 40);
	KUNIT_EXPECT_EQ(test, quota->size_weight, 0);
	KUNIT_EXPECT_EQ(test, quota->accesses_weight, 0);
	KUNIT_EXPECT_GT(test, quota->age_weight, 0);
	KUNIT_EXPECT_EQ(test, quota->nr_goals, 0);
	damon_free_ctx(ctx);
}

static void damon_test_reclaim_min_age(struct kunit *test)
{
	static const struct {
		unsigned long min_age_us, aggr_us, age;
	} cases[] = {
		{ 0, 100000, 0 },
		{ 99999, 100000, 0 },
		{ 100000, 100000, 1 },
		{ 120000000, 100000, 1200 },
		{ ULONG_MAX, 5000, ULONG_MAX / 5000 },
		{ ULONG_MAX, ULONG_MAX, 1 },
	};
	struct damon_reclaim r = example;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx;

		r.min_age_us = cases[i].min_age_us;
		r.module.attrs.aggr_us = cases[i].aggr_us;
		ctx = new_ctx(test, &r);
		KUNIT_EXPECT_EQ_MSG(test, scheme_of(ctx)->pattern.min_age, cases[i].age,
				    "case %u", i);
		damon_free_ctx(ctx);
	}
}

/* Each parameter that is not 0 is a goal. */
static void damon_test_reclaim_goals(struct kunit *test)
{
	static const struct {
		unsigned long pressure_us, feedback;
	} cases[] = { { 0, 0 }, { 300, 0 }, { 0, 9000 }, { 300, 9000 } };
	struct damon_reclaim r = example;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct damon_quota *quota;
		const struct damon_goal *goal;
		struct damon_ctx *ctx;

		r.pressure_us = cases[i].pressure_us;
		r.feedback = cases[i].feedback;
		ctx = new_ctx(test, &r);
		quota = &scheme_of(ctx)->quota;
		KUNIT_ASSERT_EQ(test, quota->nr_goals, !!r.pressure_us + !!r.feedback);
		for (goal = quota->goals; goal < quota->goals + quota->nr_goals; goal++) {
			bool psi = goal == quota->goals && r.pressure_us;

			KUNIT_EXPECT_EQ(test, goal->metric, psi ? DAMON_GOAL_SOME_MEM_PSI_US :
								  DAMON_GOAL_USER_INPUT);
			KUNIT_EXPECT_EQ(test, goal->target, psi ? 300 : 10000);
			KUNIT_EXPECT_EQ(test, goal->current_value, psi ? 0 : 9000);
		}
		damon_free_ctx(ctx);
	}
}

static void damon_test_reclaim_skip_anon(struct kunit *test)
{
	struct damon_reclaim r = example;
	struct damon_scheme *scheme;
	struct damon_ctx *ctx;

	r.skip_anon = true;
	ctx = new_ctx(test, &r);
	scheme = scheme_of(ctx);
	KUNIT_ASSERT_EQ(test, scheme->nr_filters, 1);
	KUNIT_EXPECT_EQ(test, scheme->filters->type, DAMON_FILTER_ANON);
	KUNIT_EXPECT_TRUE(test, scheme->filters->matching);
	damon_free_ctx(ctx);
}

static struct kunit_case damon_reclaim_cases[] = {
	KUNIT_CASE(damon_test_reclaim_scheme),
	KUNIT_CASE(damon_test_reclaim_quota),
	KUNIT_CASE(damon_test_reclaim_min_age),
	KUNIT_CASE(damon_test_reclaim_goals),
	KUNIT_CASE(damon_test_reclaim_skip_anon),
	{}
};

static struct kunit_suite damon_reclaim_suite = {
	.name = "damon-reclaim",
	.test_cases = damon_reclaim_cases,
};

kunit_test_suite(damon_reclaim_suite);
