// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of lru-sort.c: the two schemes that are made of the parameters.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "lru-sort.h"

static const struct damon_lru_sort example = {
	.module = {
		DAMON_MODULE_DEFAULTS,
		.name = "damon_lru_sort",
		.add_schemes = damon_lru_sort_add_schemes,
		.find_fault = damon_lru_sort_find_fault,
		.quota = { .ms = 20, .window_ms = 40 },
		.watermarks = { .interval_us = 5, .high = 4, .mid = 3, .low = 2 },
	},
	.hot_permil = 500,
	.cold_min_age_us = 70 * DAMON_DEFAULT_AGGR_US,
};

/* A context of parameters, with two schemes */
static struct damon_ctx *new_ctx(struct kunit *test, const struct damon_lru_sort *l)
{
	struct damon_ctx *ctx = damon_module_new_ctx(&l->module);

	KUNIT_ASSERT_FALSE(test, IS_ERR(ctx));
	KUNIT_ASSERT_EQ(test, list_count_nodes(&ctx->schemes), 2);
	return ctx;
}

static struct damon_scheme *hot_of(struct damon_ctx *ctx)
{
	return list_first_entry(&ctx->schemes, struct damon_scheme, list);
}

static struct damon_scheme *cold_of(struct damon_ctx *ctx)
{
	return list_last_entry(&ctx->schemes, struct damon_scheme, list);
}

static void damon_test_lru_sort_hot(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, &example);
	const struct damon_scheme *scheme = hot_of(ctx);
	const struct damon_pattern *p = &scheme->pattern;

	KUNIT_EXPECT_EQ(test, scheme->action, DAMON_LRU_PRIO);
	KUNIT_EXPECT_EQ(test, p->min_size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, p->max_size, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, p->min_nr_accesses, 10);
	KUNIT_EXPECT_EQ(test, p->max_nr_accesses, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, p->min_age, 0);
	KUNIT_EXPECT_EQ(test, p->max_age, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, scheme->quota.size_weight, 0);
	KUNIT_EXPECT_GT(test, scheme->quota.accesses_weight, 0);
	KUNIT_EXPECT_EQ(test, scheme->quota.age_weight, 0);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.metric, DAMON_WATERMARK_FREE_MEM_RATE);
	damon_free_ctx(ctx);
}

static void damon_test_lru_sort_cold(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, &example);
	const struct damon_scheme *scheme = cold_of(ctx);
	const struct damon_pattern *p = &scheme->pattern;

	KUNIT_EXPECT_EQ(test, scheme->action, DAMON_LRU_DEPRIO);
	KUNIT_EXPECT_EQ(test, p->min_size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, p->max_size, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, p->min_nr_accesses, 0);
	KUNIT_EXPECT_EQ(test, p->max_nr_accesses, 0);
	KUNIT_EXPECT_EQ(test, p->min_age, 70);
	KUNIT_EXPECT_EQ(test, p->max_age, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, scheme->quota.size_weight, 0);
	KUNIT_EXPECT_EQ(test, scheme->quota.accesses_weight, 0);
	KUNIT_EXPECT_GT(test, scheme->quota.age_weight, 0);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.metric, DAMON_WATERMARK_FREE_MEM_RATE);
	damon_free_ctx(ctx);
}

/* The threshold is met, not only nearly, and never by what has no accesses. */
static void damon_test_lru_sort_threshold(struct kunit *test)
{
	static const struct {
		unsigned long permil, sample_us, aggr_us, nr_accesses;
	} cases[] = {
		{ 0, 5000, 100000, 1 },
		{ 1, 5000, 100000, 1 },
		{ 50, 5000, 100000, 1 },
		{ 51, 5000, 100000, 2 },
		{ 500, 5000, 100000, 10 },
		{ 501, 5000, 100000, 11 },
		{ 1000, 5000, 100000, 20 },
		{ 500, 1, 1, 1 },
		{ 1000, 1, ULONG_MAX, UINT_MAX / 16 },
	};
	struct damon_lru_sort l = example;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx;

		l.hot_permil = cases[i].permil;
		l.module.attrs.sample_us = cases[i].sample_us;
		l.module.attrs.aggr_us = cases[i].aggr_us;
		ctx = new_ctx(test, &l);
		KUNIT_EXPECT_EQ_MSG(test, hot_of(ctx)->pattern.min_nr_accesses,
				    cases[i].nr_accesses, "case %u", i);
		damon_free_ctx(ctx);
	}
	l.hot_permil = 1001;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(damon_module_new_ctx(&l.module)), -EINVAL);
}

/* Half of the time for each.  0 is no limit, and nothing else becomes 0. */
static void damon_test_lru_sort_quota(struct kunit *test)
{
	static const struct {
		unsigned long ms, half;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 10, 5 },
		      { ULONG_MAX, ULONG_MAX / 2 } };
	struct damon_lru_sort l = example;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx;

		l.module.quota.ms = cases[i].ms;
		ctx = new_ctx(test, &l);
		KUNIT_EXPECT_EQ_MSG(test, hot_of(ctx)->quota.ms, cases[i].half, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, cold_of(ctx)->quota.ms, cases[i].half, "case %u", i);
		KUNIT_EXPECT_EQ(test, hot_of(ctx)->quota.window_ms, 40);
		damon_free_ctx(ctx);
	}
}

static struct kunit_case damon_lru_sort_cases[] = {
	KUNIT_CASE(damon_test_lru_sort_hot),
	KUNIT_CASE(damon_test_lru_sort_cold),
	KUNIT_CASE(damon_test_lru_sort_threshold),
	KUNIT_CASE(damon_test_lru_sort_quota),
	{}
};

static struct kunit_suite damon_lru_sort_suite = {
	.name = "damon-lru-sort",
	.test_cases = damon_lru_sort_cases,
};

kunit_test_suite(damon_lru_sort_suite);
