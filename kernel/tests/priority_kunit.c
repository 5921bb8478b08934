// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of priority.c: which regions come first.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>

#include "priority.h"

#define P	PAGE_SIZE

static unsigned int priority(enum damon_action action, unsigned int nr_accesses,
			     unsigned int age, unsigned long pages)
{
	struct damon_scheme scheme = {
		.action = action,
		.quota = { .size_weight = 1, .accesses_weight = 1000, .age_weight = 1000 },
	};
	struct damon_region r = {
		.range = { P, (1 + pages) * P }, .nr_accesses = nr_accesses, .age = age,
	};
	unsigned int priority = damon_priority(&scheme, &r, 20);

	return min(priority, DAMON_NR_PRIORITIES);
}

static void damon_test_hot_and_cold(struct kunit *test)
{
	static const enum damon_action hot[] = {
		DAMON_WILLNEED, DAMON_HUGEPAGE, DAMON_LRU_PRIO, DAMON_MIGRATE_HOT, DAMON_STAT,
	};
	static const enum damon_action cold[] = {
		DAMON_COLD, DAMON_PAGEOUT, DAMON_NOHUGEPAGE, DAMON_LRU_DEPRIO, DAMON_MIGRATE_COLD,
	};
	unsigned int i;

	/* Accesses, and age, which makes hot hotter and cold colder */
	for (i = 0; i < ARRAY_SIZE(hot); i++) {
		KUNIT_EXPECT_GT(test, priority(hot[i], 20, 0, 1), priority(hot[i], 0, 0, 1));
		KUNIT_EXPECT_GT(test, priority(hot[i], 20, 99, 1), priority(hot[i], 20, 9, 1));
		KUNIT_EXPECT_GT(test, priority(hot[i], 0, 9, 1), priority(hot[i], 0, 99, 1));
		KUNIT_EXPECT_GT(test, priority(cold[i], 0, 0, 1), priority(cold[i], 20, 0, 1));
		KUNIT_EXPECT_GT(test, priority(cold[i], 0, 99, 1), priority(cold[i], 0, 9, 1));
		KUNIT_EXPECT_GT(test, priority(cold[i], 20, 9, 1), priority(cold[i], 20, 99, 1));
	}
}

static void damon_test_extremes(struct kunit *test)
{
	struct damon_scheme scheme = { .action = DAMON_PAGEOUT };
	struct damon_region r = {
		.range = { 0, PAGE_ALIGN_DOWN(ULONG_MAX) },
		.nr_accesses = UINT_MAX / 16, .age = UINT_MAX,
	};

	KUNIT_EXPECT_EQ(test, 0, damon_priority(&scheme, &r, UINT_MAX / 16));
	scheme.quota.age_weight = ULONG_MAX;
	KUNIT_EXPECT_LT(test, damon_priority(&scheme, &r, UINT_MAX / 16), DAMON_NR_PRIORITIES);
	scheme.quota.size_weight = ULONG_MAX;
	scheme.quota.accesses_weight = ULONG_MAX;
	KUNIT_EXPECT_LT(test, damon_priority(&scheme, &r, UINT_MAX / 16), DAMON_NR_PRIORITIES);
	/* More accesses than there are samples, after a change of attributes */
	KUNIT_EXPECT_LT(test, damon_priority(&scheme, &r, 1), DAMON_NR_PRIORITIES);
	scheme.quota.size_weight = 0;
	scheme.quota.age_weight = 0;
	r.nr_accesses = 0;
	KUNIT_EXPECT_EQ(test, DAMON_NR_PRIORITIES - 1, damon_priority(&scheme, &r, 20));
}

static void damon_test_lowest(struct kunit *test)
{
	unsigned long pages[DAMON_NR_PRIORITIES] = { [99] = 3, [98] = 1, [50] = 10, [10] = 1 };

	KUNIT_EXPECT_EQ(test, 99, damon_lowest_priority(pages, 0));
	KUNIT_EXPECT_EQ(test, 99, damon_lowest_priority(pages, 3 * P - 1));
	KUNIT_EXPECT_EQ(test, 98, damon_lowest_priority(pages, 3 * P));
	KUNIT_EXPECT_EQ(test, 50, damon_lowest_priority(pages, 4 * P));
	KUNIT_EXPECT_EQ(test, 50, damon_lowest_priority(pages, 13 * P));
	KUNIT_EXPECT_EQ(test, 10, damon_lowest_priority(pages, 14 * P));
	KUNIT_EXPECT_EQ(test, 0, damon_lowest_priority(pages, 15 * P));
	KUNIT_EXPECT_EQ(test, 0, damon_lowest_priority(pages, ULONG_MAX));
}

static struct kunit_case damon_priority_cases[] = {
	KUNIT_CASE(damon_test_hot_and_cold),
	KUNIT_CASE(damon_test_extremes),
	KUNIT_CASE(damon_test_lowest),
	{}
};

static struct kunit_suite damon_priority_suite = {
	.name = "damon-priority",
	.test_cases = damon_priority_cases,
};

kunit_test_suite(damon_priority_suite);
