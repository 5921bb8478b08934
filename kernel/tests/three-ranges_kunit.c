// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of three-ranges.c.
 */
#include <kunit/test.h>
#include <linux/mm.h>

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

static struct kunit_case damon_three_ranges_cases[] = {
	KUNIT_CASE_PARAM(damon_test_three_ranges, three_gen_params),
	{}
};

static struct kunit_suite damon_three_ranges_suite = {
	.name = "damon-three-ranges",
	.test_cases = damon_three_ranges_cases,
};

kunit_test_suite(damon_three_ranges_suite);
