// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of gaps.c.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "gaps.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

struct gap_case {
	const char *name;
	struct damon_range mappings[6];
	struct damon_range ranges[3];
};

static const struct gap_case gap_cases[] = {
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

static void gap_case_name(const struct gap_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(gap, gap_cases, gap_case_name);

#define MAX_GAPS	12

/* The gaps between mappings, which end at the first empty one */
static struct damon_gaps look(struct kunit *test, const struct damon_range *mappings,
			      unsigned int nr)
{
	struct damon_gaps gaps = { .capacity = MAX_GAPS };
	unsigned int i;

	gaps.v = kunit_kcalloc(test, MAX_GAPS, sizeof(*gaps.v), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, gaps.v);
	for (i = 0; i < nr && mappings[i].end; i++)
		damon_gaps_add(&gaps, mappings[i].start, mappings[i].end);
	return gaps;
}

/* The ranges that follow from the gaps found now and the last time */
static unsigned int get_ranges(struct kunit *test, const struct damon_gaps *gaps,
			       const struct damon_gaps *last, unsigned int most,
			       struct damon_range *ranges)
{
	struct damon_range *got;
	int nr = damon_gaps_get_ranges(gaps, last, most, &got);

	KUNIT_ASSERT_GE(test, nr, 0);
	KUNIT_ASSERT_LE(test, nr, most);
	memcpy(ranges, got, nr * sizeof(*got));
	kvfree(got);
	return nr;
}

static void damon_test_two_gaps(struct kunit *test)
{
	const struct gap_case *c = test->param_value;
	struct damon_gaps gaps = look(test, c->mappings, ARRAY_SIZE(c->mappings));
	struct damon_range ranges[3] = {};
	unsigned int nr, i;

	nr = get_ranges(test, &gaps, &gaps, 3, ranges);
	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		KUNIT_EXPECT_EQ(test, ranges[i].start, c->ranges[i].start);
		KUNIT_EXPECT_EQ(test, ranges[i].end, c->ranges[i].end);
		KUNIT_EXPECT_EQ(test, i < nr, c->ranges[i].end > 0);
	}
}

#define M	SZ_1M

/* A program, a hole, its heap, and the two largest gaps, which are always left out; in MiB */
static const struct large_case {
	const char *name;
	struct damon_range last[6], now[6];
	unsigned int most;
	struct damon_range ranges[6];
} large_cases[] = {
	{ "at the first look only two gaps",
	  { },
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 110 }, { 400, 410 }, { 1000, 1001 } } },
	{ "at the second one the hole, too",
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } } },
	{ "whatever has grown into it",
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 4 }, { 60, 110 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 4 }, { 60, 110 }, { 400, 410 }, { 1000, 1001 } } },
	{ "unless little is left of what was seen",
	  { { 1, 2 }, { 19, 110 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 4 }, { 60, 110 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 110 }, { 400, 410 }, { 1000, 1001 } } },
	{ "something was in the middle of it: both sides were seen",
	  { { 1, 2 }, { 51, 60 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 } } },
	{ "16 MiB are not large",
	  { { 1, 2 }, { 18, 20 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 18, 20 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 20 }, { 400, 410 }, { 1000, 1001 } } },
	{ "17 MiB are",
	  { { 1, 2 }, { 19, 20 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 19, 20 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 2 }, { 19, 20 }, { 400, 410 }, { 1000, 1001 } } },
	{ "but not beside 200 MiB that are mapped",
	  { { 1, 2 }, { 19, 220 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 19, 220 }, { 400, 410 }, { 1000, 1001 } }, 100,
	  { { 1, 220 }, { 400, 410 }, { 1000, 1001 } } },
	{ "of too many the largest",
	  { { 1, 2 }, { 40, 50 }, { 80, 90 }, { 130, 140 }, { 400, 410 }, { 1000, 1001 } },
	  { { 1, 2 }, { 40, 50 }, { 80, 90 }, { 130, 140 }, { 400, 410 }, { 1000, 1001 } }, 5,
	  { { 1, 2 }, { 40, 90 }, { 130, 140 }, { 400, 410 }, { 1000, 1001 } } },
};

static void large_case_name(const struct large_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(large, large_cases, large_case_name);

/* Convert to bytes */
static void from_mib(struct damon_range *to, const struct damon_range *mib, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		to[i] = (struct damon_range) { mib[i].start * M, mib[i].end * M };
}

static void damon_test_large_gaps(struct kunit *test)
{
	const struct large_case *c = test->param_value;
	struct damon_range last_mappings[6], mappings[6], wanted[6], ranges[6];
	struct damon_gaps last, now;
	unsigned int nr, i;

	from_mib(last_mappings, c->last, 6);
	from_mib(mappings, c->now, 6);
	from_mib(wanted, c->ranges, 6);
	last = look(test, last_mappings, 6);
	now = look(test, mappings, 6);
	KUNIT_ASSERT_LE(test, c->most == 100 ? now.nr + 1 : c->most, 6);
	nr = get_ranges(test, &now, &last, c->most, ranges);
	for (i = 0; i < 6; i++)
		KUNIT_ASSERT_EQ(test, i < nr, wanted[i].end > 0);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, ranges[i].start, wanted[i].start);
		KUNIT_EXPECT_EQ(test, ranges[i].end, wanted[i].end);
	}
}

/* Without memory for more gaps, only the two largest are left out. */
static void damon_test_no_room(struct kunit *test)
{
	static const struct damon_range mib[] = {
		{ 1, 2 }, { 101, 110 }, { 400, 410 }, { 1000, 1001 },
	};
	struct damon_range mappings[4], ranges[4];
	struct damon_gaps gaps = {};
	unsigned int i;

	from_mib(mappings, mib, 4);
	for (i = 0; i < 4; i++)
		damon_gaps_add(&gaps, mappings[i].start, mappings[i].end);
	KUNIT_EXPECT_EQ(test, gaps.nr, 0);
	KUNIT_EXPECT_EQ(test, get_ranges(test, &gaps, &gaps, 4, ranges), 3);
}

static unsigned long gap(const struct damon_range *mappings, int i)
{
	return mappings[i].start - mappings[i - 1].end;
}

/* The most that two gaps can leave out, by brute force */
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

/* All mappings are inside the ranges, and only the two largest gaps are outside. */
static void damon_test_random_mappings(struct kunit *test)
{
	struct rnd_state random;
	int round;

	prandom_seed_state(&random, 0x5851f42d4c957f2dULL);
	for (round = 0; round < 1000; round++) {
		int nr = 1 + prandom_u32_state(&random) % MAX_GAPS, i, j;
		struct damon_range mappings[MAX_GAPS], ranges[3];
		struct damon_gaps gaps;
		unsigned long at = 0, left_out;
		unsigned int nr_ranges;

		for (i = 0; i < nr; i++) {
			mappings[i].start = at + prandom_u32_state(&random) % 6 * P;
			at = mappings[i].start + (1 + prandom_u32_state(&random) % 4) * P;
			mappings[i].end = at;
		}
		gaps = look(test, mappings, nr);
		nr_ranges = get_ranges(test, &gaps, &gaps, 3, ranges);

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

static struct kunit_case damon_gaps_cases[] = {
	KUNIT_CASE_PARAM(damon_test_two_gaps, gap_gen_params),
	KUNIT_CASE(damon_test_random_mappings),
	KUNIT_CASE_PARAM(damon_test_large_gaps, large_gen_params),
	KUNIT_CASE(damon_test_no_room),
	{}
};

static struct kunit_suite damon_gaps_suite = {
	.name = "damon-gaps",
	.test_cases = damon_gaps_cases,
};

kunit_test_suite(damon_gaps_suite);
