// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of filter.c: which parts of a range the filters by address and by target let pass.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "filter.h"
#include "random.h"

#define P	PAGE_SIZE

static bool passes_one(const struct damon_filter *f, unsigned int index, unsigned long addr)
{
	bool match = f->type == DAMON_FILTER_TARGET ? f->target == index :
		     addr + P > f->range.start && addr < f->range.end;

	return match != f->matching;
}

/* The parts are the pages that each filter lets pass: sorted, apart, and none is left out. */
static void expect_parts(struct kunit *test, const struct damon_scheme *scheme,
			 const struct damon_target *t, struct damon_range range)
{
	unsigned long addr = range.start, last = 0;
	struct damon_range part;
	unsigned int i;

	for (;;) {
		bool more = damon_filter_next(scheme, t, &range, &part);

		if (more) {
			KUNIT_EXPECT_LT(test, part.start, part.end);
			KUNIT_EXPECT_TRUE(test, !last || part.start > last);
			last = part.end;
		}
		for (; addr < (more ? part.end : range.end); addr += P) {
			bool passes = true;

			for (i = 0; i < scheme->nr_filters; i++)
				passes &= passes_one(&scheme->filters[i], t->index, addr);
			KUNIT_EXPECT_EQ(test, passes, more && addr >= part.start);
		}
		if (!more)
			return;
	}
}

static void damon_test_no_filter(struct kunit *test)
{
	struct damon_scheme scheme = {};
	struct damon_target t = {};
	struct damon_range rest = { P, 9 * P }, part;

	KUNIT_EXPECT_TRUE(test, damon_filter_next(&scheme, &t, &rest, &part));
	KUNIT_EXPECT_EQ(test, part.start, P);
	KUNIT_EXPECT_EQ(test, part.end, 9 * P);
	KUNIT_EXPECT_FALSE(test, damon_filter_next(&scheme, &t, &rest, &part));
}

static void damon_test_random_filters(struct kunit *test)
{
	struct damon_filter filters[3];
	struct damon_scheme scheme = { .filters = filters };
	struct damon_target t = {};
	struct rnd_state random;
	unsigned int seed, i;

	for (seed = 1; seed <= 500; seed++) {
		prandom_seed_state(&random, seed * 7919);
		scheme.nr_filters = damon_random_below(&random, 4);
		for (i = 0; i < scheme.nr_filters; i++) {
			unsigned long start = damon_random_below(&random, 40 * P);

			filters[i] = (struct damon_filter) {
				.type = DAMON_FILTER_ADDR,
				.matching = damon_random_below(&random, 2),
				.range = { start, start + 1 +
					   damon_random_below(&random, 20 * P) },
			};
			if (!damon_random_below(&random, 4)) {
				filters[i].type = DAMON_FILTER_TARGET;
				filters[i].target = damon_random_below(&random, 2);
			}
		}
		expect_parts(test, &scheme, &t, (struct damon_range) { P, 50 * P });
	}
}

static void damon_test_check_filters(struct kunit *test)
{
	struct damon_operations none = {}, pages = { .filters = BIT(DAMON_FILTER_ANON) };
	struct damon_filter filter = { .type = DAMON_FILTER_ANON };
	struct damon_scheme scheme = { .filters = &filter, .nr_filters = 1 };

	KUNIT_EXPECT_EQ(test, -EINVAL, damon_check_filters(&scheme, &none));
	KUNIT_EXPECT_EQ(test, 0, damon_check_filters(&scheme, &pages));
	filter.type = DAMON_FILTER_TARGET;
	KUNIT_EXPECT_EQ(test, 0, damon_check_filters(&scheme, &none));
	filter = (struct damon_filter) { .type = DAMON_FILTER_ADDR, .range = { P, P } };
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_check_filters(&scheme, &pages));
	filter.range.end++;
	KUNIT_EXPECT_EQ(test, 0, damon_check_filters(&scheme, &none));
}

/* The highest address there is */
static void damon_test_filter_top(struct kunit *test)
{
	struct damon_filter filter = {
		.type = DAMON_FILTER_ADDR, .matching = true, .range = { 4 * P, ULONG_MAX },
	};
	struct damon_scheme scheme = { .filters = &filter, .nr_filters = 1 };
	struct damon_range rest = { 0, PAGE_ALIGN_DOWN(ULONG_MAX) }, part;
	struct damon_target t = {};

	KUNIT_EXPECT_TRUE(test, damon_filter_next(&scheme, &t, &rest, &part));
	KUNIT_EXPECT_EQ(test, part.end, 4 * P);
	KUNIT_EXPECT_FALSE(test, damon_filter_next(&scheme, &t, &rest, &part));
}

static struct kunit_case damon_filter_cases[] = {
	KUNIT_CASE(damon_test_no_filter),
	KUNIT_CASE(damon_test_random_filters),
	KUNIT_CASE(damon_test_check_filters),
	KUNIT_CASE(damon_test_filter_top),
	{}
};

static struct kunit_suite damon_filter_suite = {
	.name = "damon-filter",
	.test_cases = damon_filter_cases,
};

kunit_test_suite(damon_filter_suite);
