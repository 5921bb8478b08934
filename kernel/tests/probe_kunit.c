// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of probe.h: which pages stand for their regions, and that each probe
 * counts just what has been accessed since it was prepared.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "adapt.h"
#include "evidence.h"
#include "probe.h"
#include "region.h"

#define P	PAGE_SIZE

static struct damon_ctx *new_ctx(struct kunit *test, u64 seed)
{
	struct damon_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	prandom_seed_state(&ctx->random, seed);
	ctx->attrs.sample_us = 1;
	ctx->attrs.aggr_us = 20;
	return ctx;
}

/* Where in [start, end) a page may be chosen, if @part is the part's turn */
static void expect_in_part(struct kunit *test, const struct damon_range *range,
			   unsigned int part, unsigned long addr)
{
	unsigned long pages = damon_range_size(range) / P;
	unsigned long page = (addr - range->start) / P;

	KUNIT_ASSERT_TRUE(test, PAGE_ALIGNED(addr));
	KUNIT_ASSERT_GE(test, addr, range->start);
	KUNIT_ASSERT_LT(test, addr, range->end);
	KUNIT_ASSERT_GE(test, page, pages * part / DAMON_NR_PARTS);
	KUNIT_ASSERT_LE(test, page,
			(pages * (part + 1) - 1) / DAMON_NR_PARTS);
}

/* Never outside, whatever the region: one page, or as large as can be */
static void damon_test_choice_inside(struct kunit *test)
{
	const unsigned long top = PAGE_ALIGN_DOWN(ULONG_MAX);
	struct damon_ctx *ctx = new_ctx(test, 1);
	int i;

	for (i = 0; i < 20000; i++) {
		struct damon_choice choice = damon_new_choice(ctx);
		unsigned int bits = prandom_u32_state(&ctx->random) %
				    (BITS_PER_LONG - PAGE_SHIFT);
		unsigned long pages = 1 + damon_random_below(&ctx->random,
							     1UL << bits);
		unsigned long start = damon_random_below(&ctx->random,
							 top / P - pages + 1) * P;
		struct damon_range range = { start, start + pages * P };
		unsigned int part = i % DAMON_NR_PARTS;

		expect_in_part(test, &range, part,
			       damon_choose_page(&choice, &range, part));
		range = (struct damon_range) { top - pages * P, top };
		expect_in_part(test, &range, part,
			       damon_choose_page(&choice, &range, part));
	}
}

/*
 * The picks of one pass are spread: of all pages of the part each is picked
 * before any number of picks is twice that of pages.
 */
static void damon_test_choice_spread(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 2);
	unsigned int pages, i;

	for (pages = 1; pages <= BITS_PER_LONG; pages++) {
		struct damon_range range = { 0, pages * DAMON_NR_PARTS * P };
		unsigned int part = pages % DAMON_NR_PARTS;
		struct damon_choice choice = damon_new_choice(ctx);
		unsigned long seen = 0;

		for (i = 0; i < 2 * pages; i++) {
			unsigned long addr = damon_choose_page(&choice, &range,
							       part);

			expect_in_part(test, &range, part, addr);
			seen |= BIT(addr / P - pages * part);
		}
		KUNIT_EXPECT_EQ_MSG(test, pages, hweight_long(seen),
				    "%d pages", pages);
	}
}

/* No page is favoured, by regions of any size, over many passes */
static void damon_test_choice_even(struct kunit *test)
{
	static const unsigned int passes = 10000;
	static unsigned int seen[33][33];
	struct damon_ctx *ctx = new_ctx(test, 3);
	unsigned int pages, page, i;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < passes; i++) {
		struct damon_choice choice = damon_new_choice(ctx);

		for (pages = 1; pages < ARRAY_SIZE(seen); pages++) {
			struct damon_range range = { P, (1 + pages) * P };

			page = damon_choose_page(&choice, &range,
						 damon_part(i)) / P - 1;
			KUNIT_ASSERT_LT(test, page, pages);
			seen[pages][page]++;
		}
	}
	for (pages = 1; pages < ARRAY_SIZE(seen); pages++) {
		/* five standard deviations of chance */
		unsigned int mean = passes / pages, far = 5 * int_sqrt(mean);

		for (page = 0; page < pages; page++) {
			KUNIT_EXPECT_GE(test, seen[pages][page] + far, mean);
			KUNIT_EXPECT_LE(test, seen[pages][page], mean + far + 1);
		}
	}
}

/* Passes know nothing of each other: the next time it may be any page again */
static void damon_test_choice_independent(struct kunit *test)
{
	static const struct damon_range range = { 0, 16 * DAMON_NR_PARTS * P };
	static const unsigned int passes = 16 * 1000;
	struct damon_ctx *ctx = new_ctx(test, 4);
	unsigned int steps[16] = {}, i;
	unsigned long last = 0;

	for (i = 0; i < passes; i++) {
		struct damon_choice choice = damon_new_choice(ctx);
		unsigned long page = damon_choose_page(&choice, &range, 0) / P;

		steps[(page - last) % 16]++;
		last = page;
	}
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KUNIT_EXPECT_GT(test, steps[i], 1000 - 160);
		KUNIT_EXPECT_LT(test, steps[i], 1000 + 160);
	}
}

/* Samples that are taken at once probe in address order, so walks go one way */
static void damon_test_burst_parts(struct kunit *test)
{
	struct damon_target t = {};
	unsigned int parts[DAMON_MAX_PROBES], i;

	for (t.sample = 0; t.sample < 100; t.sample++) {
		for (t.nr_samples = 1; t.nr_samples <= DAMON_MAX_PROBES;
		     t.nr_samples++) {
			unsigned long want = 0, got = 0;

			damon_burst_parts(&t, parts);
			for (i = 0; i < t.nr_samples; i++) {
				want |= BIT(damon_part(t.sample + i));
				got |= BIT(parts[i]);
				if (i)
					KUNIT_EXPECT_LT(test, parts[i - 1],
							parts[i]);
			}
			KUNIT_EXPECT_EQ(test, want, got);
		}
	}
}

/*
 * Memory with Accessed bits, some of which are of several pages: pages 16 to 47
 * are a huge one, and 48 to 55 another one.
 */
#define NR_PAGES	64

struct memory {
	bool young[NR_PAGES];		/* by the first page of each */
	struct damon_ctx *ctx;
	struct damon_target t;
};

static struct damon_range memory_page(unsigned long addr)
{
	if (addr >= 16 * P && addr < 48 * P)
		return (struct damon_range) { 16 * P, 48 * P };
	if (addr >= 48 * P && addr < 56 * P)
		return (struct damon_range) { 48 * P, 56 * P };
	return (struct damon_range) { addr, addr + P };
}

static bool *memory_bit(struct memory *memory, unsigned long addr)
{
	return &memory->young[memory_page(addr).start / P];
}

static bool memory_accessed(void *arg, unsigned long addr)
{
	return *memory_bit(arg, addr);
}

static bool memory_clear(void *arg, unsigned long addr,
			 struct damon_range *shared)
{
	struct damon_range page = memory_page(addr);
	bool *bit = memory_bit(arg, addr), young = *bit;

	*bit = false;
	if (damon_range_size(&page) > P)
		*shared = page;
	return young;
}

static struct damon_prober memory_prober(struct memory *memory)
{
	return (struct damon_prober) { memory_accessed, memory_clear, memory };
}

/* Memory with random regions, some of its pages between them in none */
static struct memory *new_memory(struct kunit *test, u64 seed)
{
	struct memory *memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	unsigned int page = 0;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	memory->ctx = new_ctx(test, seed);
	KUNIT_ASSERT_EQ(test, 0,
			damon_reserve_regions(&memory->t.regions, NR_PAGES));
	while (page < NR_PAGES) {
		unsigned int end = page + 1 +
				   damon_random_below(&memory->ctx->random, 12);

		end = min(end, NR_PAGES);
		if (damon_random_below(&memory->ctx->random, 5))
			damon_append_region(&memory->t.regions, page * P,
					    end * P);
		page = end;
	}
	return memory;
}

static void free_memory(struct kunit *test, struct memory *memory)
{
	damon_free_regions(&memory->t.regions);
	kunit_kfree(test, memory->ctx);
	kunit_kfree(test, memory);
}

static void access_some(struct memory *memory)
{
	unsigned int page;

	for (page = 0; page < NR_PAGES; page++)
		if (damon_random_below(&memory->ctx->random, 2))
			*memory_bit(memory, page * P) = true;
}

/* What the last @nr probes of each region will see goes to ->last_nr_accesses */
static void foresee(struct memory *memory, unsigned int nr)
{
	struct damon_region *r;
	unsigned int i;

	damon_for_each_region(r, &memory->t.regions)
		for (i = 0; i < nr; i++)
			r->last_nr_accesses += *memory_bit(memory, r->probes[i]);
}

static void expect_foreseen(struct kunit *test, struct memory *memory)
{
	struct damon_region *r;

	damon_for_each_region(r, &memory->t.regions) {
		unsigned int hits = 0, i;

		for (i = 0; i < DAMON_NR_PARTS; i++)
			hits += r->hits[i];
		KUNIT_EXPECT_EQ(test, r->last_nr_accesses, r->nr_accesses);
		KUNIT_EXPECT_EQ(test, r->nr_accesses, hits);
	}
}

/* Probes that wait are in their regions, and not accessed yet */
static void expect_prepared(struct kunit *test, struct memory *memory,
			    unsigned int nr)
{
	struct damon_region *r;
	unsigned int i;

	damon_for_each_region(r, &memory->t.regions) {
		for (i = 0; i < nr; i++) {
			KUNIT_ASSERT_GE(test, r->probes[i], r->range.start);
			KUNIT_ASSERT_LT(test, r->probes[i], r->range.end);
			KUNIT_EXPECT_FALSE(test, *memory_bit(memory,
							     r->probes[i]));
		}
	}
}

/* Regions that share a huge page take no access from each other. */
static void damon_test_passes(struct kunit *test)
{
	int seed, i;

	for (seed = 0; seed < 1000; seed++) {
		struct memory *memory = new_memory(test, seed);
		struct damon_prober prober = memory_prober(memory);
		struct damon_target *t = &memory->t;

		for (i = 0; i < 20; i++) {
			damon_probe_regions(memory->ctx, t,
					    i ? DAMON_CHECK | DAMON_PREPARE :
						DAMON_PREPARE, &prober);
			t->sample = memory->ctx->sample++;
			expect_foreseen(test, memory);
			expect_prepared(test, memory, 1);
			access_some(memory);
			foresee(memory, 1);
		}
		damon_probe_regions(memory->ctx, t, DAMON_CHECK, &prober);
		expect_foreseen(test, memory);
		free_memory(test, memory);
	}
}

static void damon_test_bursts(struct kunit *test)
{
	int seed, i;

	for (seed = 0; seed < 1000; seed++) {
		struct memory *memory = new_memory(test, seed);
		struct damon_prober prober = memory_prober(memory);
		struct damon_target *t = &memory->t;

		for (i = 0; i < 10; i++) {
			t->sample = memory->ctx->sample;
			t->nr_samples = 1 + i % DAMON_MAX_PROBES;
			t->nr_probes = t->nr_samples;
			damon_probe_burst(memory->ctx, t, DAMON_PREPARE,
					  &prober);
			expect_prepared(test, memory, t->nr_probes);
			access_some(memory);
			foresee(memory, t->nr_probes);
			damon_probe_burst(memory->ctx, t,
					  i % 3 ? DAMON_CHECK :
						  DAMON_CHECK | DAMON_REPEAT,
					  &prober);
			expect_foreseen(test, memory);
			memory->ctx->sample += t->nr_samples;
		}
		free_memory(test, memory);
	}
}

static struct kunit_case damon_probe_cases[] = {
	KUNIT_CASE(damon_test_choice_inside),
	KUNIT_CASE(damon_test_choice_spread),
	KUNIT_CASE(damon_test_choice_even),
	KUNIT_CASE(damon_test_choice_independent),
	KUNIT_CASE(damon_test_burst_parts),
	KUNIT_CASE(damon_test_passes),
	KUNIT_CASE(damon_test_bursts),
	{}
};

static struct kunit_suite damon_probe_suite = {
	.name = "damon-probe",
	.test_cases = damon_probe_cases,
};

kunit_test_suite(damon_probe_suite);
