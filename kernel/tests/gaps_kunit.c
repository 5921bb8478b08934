// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of three-ranges.c.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "three-ranges.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

struct three_case {
	const char *name;
	struct damon_range mappings[6];
	struct damon_range ranges[3];
};

static const struct three_case three_cases[] = {
	{ "nothing mapped" },
	{ "one page",
	  { { 7 * P, 8 * P } }, { { 7 * P, 8 * P } } },
	{ "one page at address 0",
	  { { 0, P } }, { { 0, P } } },
	{ "address 0 and the top",
	  { { 0, P }, { TOP - P, TOP } }, { { 0, P }, { TOP - P, TOP } } },
	{ "no gap",
	  { { P, 2 * P }, { 2 * P, 5 * P } }, { { P, 5 * P } } },
	{ "an empty mapping",
	  { { P, 2 * P }, { 3 * P, 3 * P }, { 4 * P, 5 * P } },
	  { { P, 2 * P }, { 4 * P, 5 * P } } },
	{ "the larger gap first",
	  { { P, 2 * P }, { 9 * P, 10 * P }, { 11 * P, 12 * P } },
	  { { P, 2 * P }, { 9 * P, 10 * P }, { 11 * P, 12 * P } } },
	{ "the smallest gap in the middle",
	  { { 0, P }, { 4 * P, 5 * P }, { 6 * P, 7 * P }, { 11 * P, 12 * P } },
	  { { 0, P }, { 4 * P, 7 * P }, { 11 * P, 12 * P } } },
	{ "the smallest gap last",
	  { { 0, P }, { 4 * P, 5 * P }, { 9 * P, 10 * P }, { 11 * P, 12 * P } },
	  { { 0, P }, { 4 * P, 5 * P }, { 9 * P, 12 * P } } },
	{ "gaps that grow and shrink",
	  { { 0, P }, { 2 * P, 3 * P }, { 5 * P, 6 * P }, { 20 * P, 21 * P },
	    { 24 * P, 25 * P }, { 26 * P, 27 * P } },
	  { { 0, 6 * P }, { 20 * P, 21 * P }, { 24 * P, 27 * P } } },
	{ "gaps of the same size",
	  { { 0, P }, { 2 * P, 3 * P }, { 4 * P, 5 * P }, { 6 * P, 7 * P } },
	  { { 0, P }, { 2 * P, 3 * P }, { 4 * P, 7 * P } } },
};

static void three_case_name(const struct three_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(three, three_cases, three_case_name);

static void damon_test_three_ranges(struct kunit *test)
{
	const struct three_case *c = test->param_value;
	struct damon_three_ranges three = {};
	struct damon_range ranges[3] = {};
	unsigned int nr, i;

	for (i = 0; i < ARRAY_SIZE(c->mappings) && c->mappings[i].end; i++)
		damon_three_ranges_add(&three, c->mappings[i].start,
				       c->mappings[i].end);
	nr = damon_three_ranges_get(&three, ranges);

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		KUNIT_EXPECT_EQ(test, ranges[i].start, c->ranges[i].start);
		KUNIT_EXPECT_EQ(test, ranges[i].end, c->ranges[i].end);
		KUNIT_EXPECT_EQ(test, i < nr, c->ranges[i].end > 0);
	}
}

static unsigned long gap(const struct damon_range *mappings, int i)
{
	return mappings[i].start - mappings[i - 1].end;
}

/* The most that can be left out by two gaps, found by trying all */
static unsigned long two_gaps(const struct damon_range *mappings, int nr)
{
	unsigned long most = 0;
	int i, j;

	for (i = 1; i < nr; i++) {
		most = max(most, gap(mappings, i));
		for (j = i + 1; j < nr; j++)
			most = max(most, gap(mappings, i) + gap(mappings, j));
	}
	return most;
}

/* All mappings are inside the ranges, and only the two largest gaps outside. */
static void damon_test_random_mappings(struct kunit *test)
{
	struct rnd_state random;
	int round;

	prandom_seed_state(&random, 0x5851f42d4c957f2dULL);
	for (round = 0; round < 1000; round++) {
		int nr = 1 + prandom_u32_state(&random) % 12, i, j;
		struct damon_three_ranges three = {};
		struct damon_range mappings[12], ranges[3];
		unsigned long at = 0, left_out;
		unsigned int nr_ranges;

		for (i = 0; i < nr; i++) {
			mappings[i].start = at + prandom_u32_state(&random) % 6 * P;
			at = mappings[i].start + (1 + prandom_u32_state(&random) % 4) * P;
			mappings[i].end = at;
			damon_three_ranges_add(&three, mappings[i].start, at);
		}
		nr_ranges = damon_three_ranges_get(&three, ranges);

		left_out = at - mappings[0].start;
		for (i = 0, j = 0; j < nr_ranges; j++) {
			KUNIT_ASSERT_EQ_MSG(test, ranges[j].start,
					    mappings[i].start, "round %d", round);
			while (i < nr && mappings[i].end <= ranges[j].end)
				i++;
			KUNIT_ASSERT_EQ_MSG(test, ranges[j].end,
					    mappings[i - 1].end, "round %d", round);
			left_out -= damon_range_size(&ranges[j]);
		}
		KUNIT_ASSERT_EQ_MSG(test, i, nr, "round %d", round);
		KUNIT_ASSERT_EQ_MSG(test, left_out, two_gaps(mappings, nr),
				    "round %d", round);
	}
}

static struct kunit_case damon_three_ranges_cases[] = {
	KUNIT_CASE_PARAM(damon_test_three_ranges, three_gen_params),
	KUNIT_CASE(damon_test_random_mappings),
	{}
};

static struct kunit_suite damon_three_ranges_suite = {
	.name = "damon-three-ranges",
	.test_cases = damon_three_ranges_cases,
};

kunit_test_suite(damon_three_ranges_suite);
