// SPDX-License-Identifier: GPL-2.0
/*
 * Properties that hold for any regions, whatever is done with them: thousands of
 * random histories of fitting, dividing, merging and splitting.
 *
 * Address spaces are so small that a table of all their pages shows what is
 * right.  A history depends only on its seed; a failure reports seed and step.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/mm.h>

#include "adapt.h"
#include "evidence.h"
#include "random.h"
#include "region.h"

#define NR_HISTORIES	2000
#define NR_STEPS	12
#define NR_TARGETS	3
#define NR_PAGES	128
#define NR_SAMPLES	20

/* What the regions of a target say about a page */
struct page_state {
	bool watched;
	bool first;		/* the first page of its region */
	unsigned int nr_accesses;
	unsigned int age;
};

/* A target: which of its pages are mapped; what is known of them before and after a step */
struct space {
	struct damon_target *t;
	unsigned long base;
	bool mapped[NR_PAGES];
	struct page_state before[NR_PAGES];
	struct page_state after[NR_PAGES];
};

struct history {
	struct kunit *test;
	unsigned int seed;
	unsigned int step;
	const char *what;
	bool failed;
	struct rnd_state random;
	struct damon_ctx *ctx;
	struct space spaces[NR_TARGETS];
	unsigned int nr_spaces;
	unsigned long nr_before;
};

#define for_each_space(s, h) \
	for (s = (h)->spaces; s < (h)->spaces + (h)->nr_spaces; s++)

#define expect(h, condition) do {					\
	struct history *_h = (h);					\
									\
	if (!(condition) && !_h->failed) {				\
		_h->failed = true;					\
		KUNIT_FAIL(_h->test, "seed %u, step %u, %s: not %s",	\
			   _h->seed, _h->step, _h->what, #condition);	\
	}								\
} while (0)

static unsigned int below(struct history *h, unsigned int limit)
{
	return damon_random_below(&h->random, limit);
}

static unsigned long nr_regions(struct history *h)
{
	unsigned long nr = 0;
	struct space *s;

	for_each_space(s, h)
		nr += s->t->regions.nr;
	return nr;
}

static unsigned long nr_mapped(struct history *h)
{
	unsigned long nr = 0;
	struct space *s;
	int i;

	for_each_space(s, h)
		for (i = 0; i < NR_PAGES; i++)
			nr += s->mapped[i];
	return nr;
}

/* The least number of regions, as none goes across a gap */
static unsigned long nr_pieces(struct history *h)
{
	unsigned long nr = 0;
	struct space *s;
	int i;

	for_each_space(s, h)
		for (i = 0; i < NR_PAGES; i++)
			nr += s->mapped[i] && (!i || !s->mapped[i - 1]);
	return nr;
}

/* Turn regions into pages; check that they are sorted, disjoint, not empty, whole pages. */
static void unfold(struct history *h, struct space *s, struct page_state *pages)
{
	unsigned long end = s->base;
	struct damon_region *r;

	memset(pages, 0, NR_PAGES * sizeof(*pages));
	damon_for_each_region(r, &s->t->regions) {
		unsigned long addr;

		expect(h, r->range.start >= end);
		expect(h, r->range.start < r->range.end);
		expect(h, r->range.end - s->base <= NR_PAGES * PAGE_SIZE);
		expect(h, PAGE_ALIGNED(r->range.start));
		expect(h, PAGE_ALIGNED(r->range.end));
		if (h->failed)
			return;
		end = r->range.end;
		for (addr = r->range.start; addr < end; addr += PAGE_SIZE)
			pages[(addr - s->base) / PAGE_SIZE] = (struct page_state) {
				.watched = true,
				.first = addr == r->range.start,
				.nr_accesses = r->nr_accesses,
				.age = r->age,
			};
	}
}

/* Map or unmap some adjacent pages */
static void remap(struct history *h, struct space *s)
{
	unsigned int start = below(h, NR_PAGES);
	unsigned int end = start + below(h, NR_PAGES - start + 1);
	bool mapped = below(h, 2);

	while (start < end)
		s->mapped[start++] = mapped;
}

/* The ranges that are mapped; a few are split into adjacent ones, and a few are empty */
static unsigned int make_ranges(struct history *h, struct space *s,
				struct damon_range *ranges)
{
	unsigned int nr = 0, i;

	for (i = 0; i < NR_PAGES; i++) {
		unsigned long addr = s->base + i * PAGE_SIZE;

		if (!s->mapped[i])
			continue;
		if (!below(h, 16))
			ranges[nr++] = (struct damon_range) { addr, addr };
		if (nr && ranges[nr - 1].end == addr && below(h, 16))
			ranges[nr - 1].end += PAGE_SIZE;
		else
			ranges[nr++] = (struct damon_range) { addr,
							      addr + PAGE_SIZE };
	}
	return nr;
}

/* Everything mapped is watched; what was known of it is kept. */
static void fit(struct history *h)
{
	struct damon_range *ranges = h->test->priv;
	struct page_state *p;
	struct space *s;
	int i;

	for_each_space(s, h) {
		remap(h, s);
		remap(h, s);
		expect(h, !damon_fit_regions(&s->t->regions,
					     ranges, make_ranges(h, s, ranges)));
		unfold(h, s, s->after);
		for (i = 0, p = s->after; i < NR_PAGES; i++, p++) {
			bool known = p->watched && s->before[i].watched;

			expect(h, p->watched == s->mapped[i]);
			expect(h, p->age == (known ? s->before[i].age : 0));
			expect(h, p->nr_accesses ==
				  (known ? s->before[i].nr_accesses : 0));
		}
	}
}

/* Regions were only cut: what is known of pages is unchanged, old boundaries are kept. */
static void expect_only_cut(struct history *h)
{
	struct space *s;
	int i;

	for_each_space(s, h) {
		for (i = 0; i < NR_PAGES; i++) {
			const struct page_state *a = &s->before[i];
			const struct page_state *b = &s->after[i];

			expect(h, b->watched == a->watched);
			expect(h, b->age == a->age);
			expect(h, b->nr_accesses == a->nr_accesses);
			expect(h, b->first || !a->first);
		}
	}
	expect(h, nr_regions(h) <=
		  max(h->nr_before, h->ctx->attrs.max_nr_regions));
}

static void divide(struct history *h)
{
	struct space *s;

	expect(h, !damon_divide_regions(h->ctx, h->ctx->attrs.min_nr_regions));
	for_each_space(s, h)
		unfold(h, s, s->after);
	expect_only_cut(h);
	expect(h, nr_regions(h) >=
		  min(nr_mapped(h), h->ctx->attrs.min_nr_regions));
}

/* Cuts with evidence: at some pages, also in gaps and at boundaries */
static void add_cuts(struct history *h, struct space *s)
{
	unsigned int one_in = below(h, 2) ? 3 : 50;
	int i;

	s->t->nr_cuts = h->ctx->cuts.nr;
	for (i = 0; i < NR_PAGES; i++)
		if (!below(h, one_in))
			damon_add_cut(&h->ctx->cuts, s->base + i * PAGE_SIZE);
	s->t->nr_cuts = h->ctx->cuts.nr - s->t->nr_cuts;
}

static void split(struct history *h)
{
	struct space *s;

	h->ctx->cuts.nr = 0;
	for_each_space(s, h)
		add_cuts(h, s);
	damon_split_regions(h->ctx);
	for_each_space(s, h)
		unfold(h, s, s->after);
	expect_only_cut(h);
}

/* The count of a merged region is between the counts of the regions it was made of. */
static void expect_mean(struct history *h, const struct space *s,
			unsigned int i)
{
	const struct page_state *mean = &s->after[i];
	unsigned int least = UINT_MAX, most = 0, oldest = 0;

	do {
		least = min(least, s->before[i].nr_accesses);
		most = max(most, s->before[i].nr_accesses);
		oldest = max(oldest, s->before[i].age);
		i++;
	} while (i < NR_PAGES && s->after[i].watched && !s->after[i].first);
	expect(h, mean->nr_accesses >= least);
	expect(h, mean->nr_accesses <= most);
	expect(h, mean->age <= oldest + 1);
}

/* Boundaries are only removed; the number of regions is within its bounds. */
static void merge(struct history *h)
{
	unsigned int kind = below(h, 3), hits = below(h, NR_SAMPLES + 1);
	struct damon_region *r;
	struct space *s;
	int i;

	for_each_space(s, h) {
		damon_for_each_region(r, &s->t->regions) {
			/* all alike, a bit different, or at random */
			if (kind == 1)
				hits = clamp_t(int, hits + 2 - below(h, 5), 0,
					       NR_SAMPLES);
			if (kind == 2)
				hits = below(h, NR_SAMPLES + 1);
			r->last_nr_accesses = r->nr_accesses;
			r->nr_accesses = hits;
		}
		unfold(h, s, s->before);
	}
	damon_merge_regions(h->ctx);
	for_each_space(s, h) {
		unfold(h, s, s->after);
		for (i = 0; i < NR_PAGES; i++) {
			expect(h, s->after[i].watched == s->before[i].watched);
			expect(h, s->before[i].first || !s->after[i].first);
			if (s->after[i].first)
				expect_mean(h, s, i);
		}
	}
	expect(h, nr_regions(h) >=
		  min(h->nr_before, h->ctx->attrs.min_nr_regions));
	expect(h, nr_regions(h) <=
		  max(nr_pieces(h), h->ctx->attrs.max_nr_regions));
}

static void change_bounds(struct history *h)
{
	h->ctx->attrs.min_nr_regions = 3 + below(h, 30);
	h->ctx->attrs.max_nr_regions = h->ctx->attrs.min_nr_regions +
				       below(h, below(h, 2) ? 100 : 2);
}

static const struct {
	const char *what;
	void (*run)(struct history *h);
} steps[] = {
	{ "fit", fit },
	{ "divide", divide },
	{ "merge", merge },
	{ "split", split },
	{ "change_bounds", change_bounds },
	/* more often than the others, as in practice */
	{ "merge", merge },
	{ "split", split },
};

static void begin(struct history *h, unsigned int seed)
{
	struct kunit *test = h->test;
	struct space *s;

	memset(h, 0, sizeof(*h));
	h->test = test;
	h->seed = seed;
	prandom_seed_state(&h->random, hash_64(seed + 1, 64));
	h->ctx = damon_new_ctx();
	KUNIT_ASSERT_NOT_NULL(test, h->ctx);
	prandom_seed_state(&h->ctx->random, hash_64(~(u64)seed, 64));
	h->ctx->attrs.sample_us = 1;
	h->ctx->attrs.aggr_us = NR_SAMPLES;
	change_bounds(h);
	h->nr_spaces = 1 + below(h, NR_TARGETS);
	for_each_space(s, h) {
		s->t = damon_add_target(h->ctx, NULL);
		KUNIT_ASSERT_NOT_NULL(test, s->t);
		/* At the bottom, in the middle or at the top of all addresses */
		s->base = below(h, 3) * (PAGE_ALIGN_DOWN(ULONG_MAX / 2) -
					 NR_PAGES * PAGE_SIZE / 2);
	}
}

static void damon_test_histories(struct kunit *test)
{
	struct history *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	unsigned int seed;

	KUNIT_ASSERT_NOT_NULL(test, h);
	test->priv = kunit_kcalloc(test, NR_PAGES, 2 * sizeof(struct damon_range),
				   GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	h->test = test;
	for (seed = 0; seed < NR_HISTORIES && !h->failed; seed++) {
		begin(h, seed);
		while (h->step < NR_STEPS && !h->failed) {
			/* First get memory, then do any step */
			int next = h->step ? below(h, ARRAY_SIZE(steps)) : 0;
			struct space *s;

			for_each_space(s, h)
				unfold(h, s, s->before);
			h->nr_before = nr_regions(h);
			h->step++;
			h->what = steps[next].what;
			steps[next].run(h);
		}
		damon_free_ctx(h->ctx);
		cond_resched();
	}
}

static struct kunit_case damon_random_cases[] = {
	KUNIT_CASE(damon_test_histories),
	{}
};

static struct kunit_suite damon_random_suite = {
	.name = "damon-random",
	.test_cases = damon_random_cases,
};

kunit_test_suite(damon_random_suite);
