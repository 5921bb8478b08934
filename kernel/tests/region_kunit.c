// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of region.c: room for regions, and fitting them to changed ranges.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "region.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

/* A row of a table: regions that there were, ranges that there are, result */
struct fit_case {
	const char *name;
	struct damon_range from[4];
	struct damon_range ranges[4];
	struct damon_range to[8];
	/* whether a resulting region was there before */
	bool known[8];
};

static const struct fit_case fit_cases[] = {
	{ "nothing to nothing" },
	{ "nothing to one range",
	  {}, { { 4 * P, 8 * P } }, { { 4 * P, 8 * P } } },
	{ "everything unmapped",
	  { { 4 * P, 8 * P } }, {}, {} },
	{ "no change",
	  { { P, 2 * P }, { 2 * P, 5 * P } }, { { P, 5 * P } },
	  { { P, 2 * P }, { 2 * P, 5 * P } }, { true, true } },
	{ "grown at both ends",
	  { { 4 * P, 8 * P } }, { { 2 * P, 9 * P } },
	  { { 2 * P, 4 * P }, { 4 * P, 8 * P }, { 8 * P, 9 * P } },
	  { false, true, false } },
	{ "shrunk at both ends",
	  { { 4 * P, 8 * P } }, { { 5 * P, 7 * P } },
	  { { 5 * P, 7 * P } }, { true } },
	{ "a hole in a region",
	  { { 2 * P, 9 * P } }, { { 2 * P, 4 * P }, { 6 * P, 9 * P } },
	  { { 2 * P, 4 * P }, { 6 * P, 9 * P } }, { true, true } },
	{ "two holes in a region",
	  { { 0, 9 * P } },
	  { { 0, P }, { 2 * P, 3 * P }, { 8 * P, 10 * P } },
	  { { 0, P }, { 2 * P, 3 * P }, { 8 * P, 9 * P }, { 9 * P, 10 * P } },
	  { true, true, true, false } },
	{ "a hole closed",
	  { { 2 * P, 4 * P }, { 6 * P, 9 * P } }, { { 2 * P, 9 * P } },
	  { { 2 * P, 4 * P }, { 4 * P, 6 * P }, { 6 * P, 9 * P } },
	  { true, false, true } },
	{ "moved away altogether",
	  { { 2 * P, 4 * P } }, { { 4 * P, 6 * P } }, { { 4 * P, 6 * P } } },
	{ "an empty range",
	  { { 2 * P, 4 * P } }, { { 2 * P, 2 * P }, { 3 * P, 4 * P } },
	  { { 3 * P, 4 * P } }, { true } },
	{ "an empty range inside a region",
	  { { 0, 4 * P } }, { { 2 * P, 2 * P }, { 3 * P, 4 * P } },
	  { { 3 * P, 4 * P } }, { true } },
	{ "one page at address 0",
	  { { 0, P } }, { { 0, P } }, { { 0, P } }, { true } },
	{ "the top of the address space",
	  { { TOP - 2 * P, TOP - P } }, { { 0, TOP } },
	  { { 0, TOP - 2 * P }, { TOP - 2 * P, TOP - P }, { TOP - P, TOP } },
	  { false, true, false } },
};

static void fit_case_name(const struct fit_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fit, fit_cases, fit_case_name);

/* Ranges in the tables end at the first that is all zero */
static unsigned int nr_ranges(const struct damon_range *ranges,
			      unsigned int max)
{
	unsigned int nr = 0;

	while (nr < max && ranges[nr].end)
		nr++;
	return nr;
}

static void damon_test_fit(struct kunit *test)
{
	const struct fit_case *c = test->param_value;
	unsigned int nr_from = nr_ranges(c->from, ARRAY_SIZE(c->from));
	unsigned int nr_to = nr_ranges(c->to, ARRAY_SIZE(c->to));
	struct damon_regions from = {}, to = {};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&from, 4));
	for (i = 0; i < nr_from; i++)
		damon_append_region(&from, c->from[i].start,
				    c->from[i].end)->age = 7;

	KUNIT_ASSERT_EQ(test, 0,
			damon_fit_regions(&to, &from, c->ranges,
					  nr_ranges(c->ranges,
						    ARRAY_SIZE(c->ranges))));

	KUNIT_EXPECT_EQ(test, to.nr, nr_to);
	for (i = 0; i < min(to.nr, nr_to); i++) {
		KUNIT_EXPECT_EQ(test, to.v[i].range.start, c->to[i].start);
		KUNIT_EXPECT_EQ(test, to.v[i].range.end, c->to[i].end);
		KUNIT_EXPECT_EQ(test, to.v[i].age, c->known[i] ? 7 : 0);
	}
	damon_free_regions(&from);
	damon_free_regions(&to);
}

static void damon_test_reserve(struct kunit *test)
{
	struct damon_regions regions = {};
	struct damon_region *v;

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 1));
	damon_append_region(&regions, P, 2 * P);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 1000));
	KUNIT_EXPECT_GE(test, regions.capacity, 1000);
	KUNIT_EXPECT_EQ(test, regions.nr, 1);
	KUNIT_EXPECT_EQ(test, regions.v[0].range.end, 2 * P);

	/* What there is room for already costs nothing ... */
	v = regions.v;
	KUNIT_EXPECT_EQ(test, 0, damon_reserve_regions(&regions, 1000));
	KUNIT_EXPECT_PTR_EQ(test, v, regions.v);

	/* ... and what can't be had changes nothing, and does not warn. */
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			damon_reserve_regions(&regions, SIZE_MAX));
	KUNIT_EXPECT_PTR_EQ(test, v, regions.v);
	KUNIT_EXPECT_EQ(test, regions.nr, 1);

	damon_free_regions(&regions);
	KUNIT_EXPECT_EQ(test, regions.nr, 0);
	KUNIT_EXPECT_EQ(test, 0, damon_reserve_regions(&regions, 1));
	damon_free_regions(&regions);
}

static void damon_test_append(struct kunit *test)
{
	struct damon_regions regions = {};
	struct damon_region *r;

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 2));
	r = damon_append_region(&regions, P, 3 * P);
	KUNIT_EXPECT_EQ(test, r->nr_accesses, 0);
	KUNIT_EXPECT_EQ(test, r->age, 0);
	KUNIT_EXPECT_EQ(test, r->probes[0], DAMON_NO_PROBE);
	KUNIT_EXPECT_EQ(test, damon_nr_pages(r), 2);
	damon_append_region(&regions, 3 * P, 4 * P);
	KUNIT_EXPECT_EQ(test, damon_regions_size(&regions), 3 * P);
	damon_free_regions(&regions);
}

static struct kunit_case damon_region_cases[] = {
	KUNIT_CASE(damon_test_reserve),
	KUNIT_CASE(damon_test_append),
	KUNIT_CASE_PARAM(damon_test_fit, fit_gen_params),
	{}
};

static struct kunit_suite damon_region_suite = {
	.name = "damon-region",
	.test_cases = damon_region_cases,
};

kunit_test_suite(damon_region_suite);
