// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of region.c: room for regions, and fitting them to changed ranges.
 */
#include <kunit/test.h>
#include <linux/mm.h>

#include "region.h"

#define P	PAGE_SIZE
#define TOP	PAGE_ALIGN_DOWN(ULONG_MAX)

/* A row of a table: old regions, new ranges, new regions */
struct fit_case {
	const char *name;
	struct damon_range from[4];
	struct damon_range ranges[4];
	struct damon_range to[8];
	/* whether a new region keeps what was known */
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

/* A list of ranges in the tables ends at the first that is all zero */
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
	struct damon_regions regions = {};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 4));
	for (i = 0; i < nr_from; i++)
		damon_append_region(&regions, c->from[i].start,
				    c->from[i].end)->age = 7;

	KUNIT_ASSERT_EQ(test, 0,
			damon_fit_regions(&regions, c->ranges,
					  nr_ranges(c->ranges,
						    ARRAY_SIZE(c->ranges))));

	KUNIT_EXPECT_EQ(test, regions.nr, nr_to);
	for (i = 0; i < min(regions.nr, nr_to); i++) {
		KUNIT_EXPECT_EQ(test, regions.v[i].range.start, c->to[i].start);
		KUNIT_EXPECT_EQ(test, regions.v[i].range.end, c->to[i].end);
		KUNIT_EXPECT_EQ(test, regions.v[i].age, c->known[i] ? 7 : 0);
	}
	damon_free_regions(&regions);
}

/* A row of a table, in pages: regions, cuts, resulting regions */
struct cut_case {
	const char *name;
	struct damon_range from[3];
	unsigned long cuts[5];
	struct damon_range to[8];
};

static const struct cut_case cut_cases[] = {
	{ "nothing", { { 0, 10 } }, {}, { { 0, 10 } } },
	{ "one", { { 0, 10 } }, { 4 }, { { 0, 4 }, { 4, 10 } } },
	{ "into single pages", { { 7, 10 } }, { 8, 9 },
	  { { 7, 8 }, { 8, 9 }, { 9, 10 } } },
	{ "the last of three", { { 0, 10 }, { 10, 20 }, { 30, 40 } }, { 35 },
	  { { 0, 10 }, { 10, 20 }, { 30, 35 }, { 35, 40 } } },
	{ "the first of three", { { 0, 10 }, { 10, 20 }, { 30, 40 } }, { 1, 9 },
	  { { 0, 1 }, { 1, 9 }, { 9, 10 }, { 10, 20 }, { 30, 40 } } },
	{ "all", { { 0, 10 }, { 10, 20 }, { 30, 40 } }, { 5, 11, 12, 31, 39 },
	  { { 0, 5 }, { 5, 10 }, { 10, 11 }, { 11, 12 }, { 12, 20 }, { 30, 31 },
	    { 31, 39 }, { 39, 40 } } },
};

static void cut_case_name(const struct cut_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cut, cut_cases, cut_case_name);

static void damon_test_cut(struct kunit *test)
{
	const struct cut_case *c = test->param_value;
	struct damon_regions regions = {};
	struct damon_cuts cuts = {};
	unsigned int i, nr_to = nr_ranges(c->to, ARRAY_SIZE(c->to));

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 3));
	for (i = 0; i < nr_ranges(c->from, ARRAY_SIZE(c->from)); i++)
		damon_append_region(&regions, c->from[i].start * P,
				    c->from[i].end * P)->age = c->from[i].end;
	for (i = 0; i < ARRAY_SIZE(c->cuts) && c->cuts[i]; i++)
		damon_add_cut(&cuts, c->cuts[i] * P);
	KUNIT_EXPECT_EQ(test, 0, damon_cut_regions(&regions, &cuts));
	KUNIT_ASSERT_EQ(test, nr_to, regions.nr);
	for (i = 0; i < nr_to; i++) {
		const struct damon_region *r = &regions.v[i];

		KUNIT_EXPECT_EQ(test, r->range.start, c->to[i].start * P);
		KUNIT_EXPECT_EQ(test, r->range.end, c->to[i].end * P);
		/* Each piece keeps the age of the whole. */
		KUNIT_EXPECT_GE(test, r->age, c->to[i].end);
	}
	damon_free_regions(&regions);
	damon_free_cuts(&cuts);
}

static void damon_test_find_region(struct kunit *test)
{
	static const struct {
		unsigned long addr;
		unsigned int found;
	} cases[] = { { 0, 0 }, { 4, 0 }, { 5, 1 }, { 9, 1 }, { 19, 1 },
		      { 20, 2 }, { 29, 2 }, { 30, 3 }, { 99, 3 } };
	struct damon_regions regions = {};
	int i;

	KUNIT_EXPECT_PTR_EQ(test, damon_find_region(&regions, P), regions.v);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 3));
	damon_append_region(&regions, P, 5 * P);
	damon_append_region(&regions, 10 * P, 20 * P);
	damon_append_region(&regions, 20 * P, 30 * P);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ(test, cases[i].found,
				damon_find_region(&regions, cases[i].addr * P) -
				regions.v);
	damon_free_regions(&regions);
}

/* Memory is freed when fewer regions are needed. */
static void damon_test_give_back(struct kunit *test)
{
	struct damon_regions regions = {};
	struct damon_range range = { 0, P };

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 100000));
	damon_append_region(&regions, 0, P)->age = 5;
	KUNIT_EXPECT_LT(test, regions.capacity, 110000);
	/* Not if a bit fewer are needed, ... */
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 60000));
	KUNIT_EXPECT_GE(test, regions.capacity, 100000);
	/* ... but if less than half are. */
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 40000));
	KUNIT_EXPECT_LT(test, regions.capacity, 45000);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 1));
	KUNIT_EXPECT_LT(test, regions.capacity, 20);
	KUNIT_ASSERT_EQ(test, regions.nr, 1);
	KUNIT_EXPECT_EQ(test, regions.v[0].age, 5);

	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&regions, 100000));
	KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&regions, &range, 1));
	KUNIT_EXPECT_LT(test, regions.capacity, 20);
	KUNIT_EXPECT_EQ(test, regions.v[0].age, 5);
	KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&regions, NULL, 0));
	KUNIT_EXPECT_EQ(test, regions.capacity, 0);
}

/* eval.rst reports bytes a region: these cannot be less than this size. */
static void damon_test_region_size(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, sizeof(struct damon_region), 56);
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

	/* Nothing is allocated if there is room already ... */
	v = regions.v;
	KUNIT_EXPECT_EQ(test, 0, damon_reserve_regions(&regions, 1000));
	KUNIT_EXPECT_PTR_EQ(test, v, regions.v);

	/* ... and a failed allocation changes nothing and does not warn. */
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
	KUNIT_EXPECT_EQ(test, r->probe, DAMON_NO_PROBE);
	KUNIT_EXPECT_EQ(test, damon_nr_pages(r), 2);
	damon_append_region(&regions, 3 * P, 4 * P);
	KUNIT_EXPECT_EQ(test, damon_regions_size(&regions), 3 * P);
	damon_free_regions(&regions);
}

static struct kunit_case damon_region_cases[] = {
	KUNIT_CASE(damon_test_reserve),
	KUNIT_CASE(damon_test_append),
	KUNIT_CASE_PARAM(damon_test_fit, fit_gen_params),
	KUNIT_CASE_PARAM(damon_test_cut, cut_gen_params),
	KUNIT_CASE(damon_test_find_region),
	KUNIT_CASE(damon_test_give_back),
	KUNIT_CASE(damon_test_region_size),
	{}
};

static struct kunit_suite damon_region_suite = {
	.name = "damon-region",
	.test_cases = damon_region_cases,
};

kunit_test_suite(damon_region_suite);
