// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of probe.h: which pages are chosen for their regions, and that each probe
 * counts only accesses since it was prepared.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "evidence.h"
#include "probe.h"
#include "random.h"
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

/* Expect that @addr is a page of @range, and in its part @part */
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

/* The chosen page is in the region, whether this is one page or as large as possible. */
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
 * The choices of one pass are spread: twice as many choices as a part has pages
 * are enough to choose each page.
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

/* Over many passes each page is chosen equally often, in regions of any size. */
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
						 i % DAMON_NR_PARTS) / P - 1;
			KUNIT_ASSERT_LT(test, page, pages);
			seen[pages][page]++;
		}
	}
	for (pages = 1; pages < ARRAY_SIZE(seen); pages++) {
		/* five standard deviations */
		unsigned int mean = passes / pages, far = 5 * int_sqrt(mean);

		for (page = 0; page < pages; page++) {
			KUNIT_EXPECT_GE(test, seen[pages][page] + far, mean);
			KUNIT_EXPECT_LE(test, seen[pages][page], mean + far + 1);
		}
	}
}

/* Passes are independent: the next choice may be any page. */
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

/*
 * Memory with Accessed bits.  Pages 16 to 47 are a huge page with a single bit,
 * pages 48 to 55 another one.
 */
#define NR_PAGES	64

struct memory {
	bool young[NR_PAGES];		/* Accessed bits; of a huge page, at its first page */
	unsigned int again;
	unsigned int looks;		/* pages tested or cleared since the last .resched */
	unsigned int most_looks;	/* maximum of @looks */
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

static void memory_look(struct memory *memory)
{
	memory->looks++;
	memory->most_looks = max(memory->most_looks, memory->looks);
}

static bool memory_accessed(void *arg, unsigned long addr)
{
	memory_look(arg);
	return *memory_bit(arg, addr);
}

static bool memory_clear(void *arg, unsigned long addr,
			 struct damon_range *shared)
{
	struct damon_range page = memory_page(addr);
	bool *bit = memory_bit(arg, addr), young = *bit;

	memory_look(arg);
	*bit = false;
	if (damon_range_size(&page) > P)
		*shared = page;
	return young;
}

static void memory_again(void *arg, unsigned long addr)
{
	struct memory *memory = arg;

	memory->again++;
}

static void memory_resched(void *arg)
{
	struct memory *memory = arg;

	memory->looks = 0;
}

static struct damon_prober memory_prober(struct memory *memory)
{
	return (struct damon_prober) {
		.accessed = memory_accessed, .clear = memory_clear,
		.again = memory_again, .resched = memory_resched, .arg = memory,
	};
}

/* Memory with random regions, and gaps between some of them */
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

/* Add what the current probe of each region will see to ->last_nr_accesses */
static void foresee(struct memory *memory)
{
	struct damon_region *r;

	damon_for_each_region(r, &memory->t.regions)
		if (r->probe != DAMON_NO_PROBE)
			r->last_nr_accesses += *memory_bit(memory, r->probe);
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
		KUNIT_EXPECT_EQ(test, !hits, !r->hit);
		KUNIT_EXPECT_LE(test, r->range.start + r->hit * P, r->range.end);
	}
}

/* Prepared probes are in their regions, and their Accessed bits are clear. */
static void expect_prepared(struct kunit *test, struct memory *memory)
{
	struct damon_region *r;

	damon_for_each_region(r, &memory->t.regions) {
		if (r->probe == DAMON_NO_PROBE)
			continue;
		KUNIT_ASSERT_GE(test, r->probe, r->range.start);
		KUNIT_ASSERT_LT(test, r->probe, r->range.end);
		KUNIT_EXPECT_FALSE(test, *memory_bit(memory, r->probe));
	}
}

/* A region does not lose an access if another one clears the bit of a shared huge page. */
static void damon_test_passes(struct kunit *test)
{
	int seed, i;

	for (seed = 0; seed < 1000; seed++) {
		struct memory *memory = new_memory(test, seed);
		struct damon_prober prober = memory_prober(memory);
		struct damon_ctx *ctx = memory->ctx;

		for (i = 0; i < 20; i++) {
			struct damon_pass pass = {
				.what = i ? DAMON_CHECK | DAMON_PREPARE :
					    DAMON_PREPARE,
				.tells = true,
			};

			ctx->next_part = i % DAMON_NR_PARTS;
			damon_probe_regions(ctx, &memory->t, &pass, &prober);
			ctx->part = ctx->next_part;
			KUNIT_EXPECT_EQ(test, pass.probes,
					i ? memory->t.regions.nr : 0);
			expect_foreseen(test, memory);
			expect_prepared(test, memory);
			access_some(memory);
			foresee(memory);
		}
		damon_probe_regions(ctx, &memory->t,
				    &(struct damon_pass) {
					.what = DAMON_CHECK, .tells = true,
				    }, &prober);
		expect_foreseen(test, memory);
		KUNIT_EXPECT_EQ(test, memory->t.probed[0], 3);
		KUNIT_EXPECT_EQ(test, memory->t.probed[7], 2);
		KUNIT_EXPECT_EQ(test, memory->again, 0);
		free_memory(test, memory);
	}
}

/* 60 regions; every third one is known to be idle */
static struct memory *new_many(struct kunit *test)
{
	struct memory *memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	memory->ctx = new_ctx(test, 5);
	KUNIT_ASSERT_EQ(test, 0,
			damon_reserve_regions(&memory->t.regions, NR_PAGES));
	for (i = 0; i < 60; i++) {
		struct damon_region *r;

		r = damon_append_region(&memory->t.regions, i * P, (i + 1) * P);
		r->weight = i % 3 ? 0 : DAMON_MEAN_ONE;
	}
	return memory;
}

/* Samples that tell nothing, or have no probe in a region, are counted as unknown. */
static void damon_test_unknown(struct kunit *test)
{
	struct memory *memory = new_many(test);
	struct damon_prober prober = memory_prober(memory);
	unsigned int unknown[2] = {}, young[2] = {}, i;
	struct damon_region *r;

	memory->young[3] = true;
	memory->young[4] = true;
	memory->young[5] = true;
	for (i = 0; i <= 400; i++) {
		struct damon_pass pass = {
			.what = (i ? DAMON_CHECK : 0) | DAMON_PREPARE,
			.tells = i % 4, .limited = true, .max_young = UINT_MAX,
			/* half of the uncertain regions, an eighth of the certain ones */
			.chance = { 1U << 31, 1U << 29 },
		};

		damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
		young[0] += pass.young[0];
		young[1] += pass.young[1];
	}
	/* Region 3 is certain, 4 and 5 are not; each bit was set once. */
	KUNIT_EXPECT_EQ(test, young[0], 2);
	KUNIT_EXPECT_EQ(test, young[1], 1);
	damon_for_each_region(r, &memory->t.regions)
		unknown[!!r->weight] += r->nr_unknown;
	/* 300 samples tell something, 100 do not. */
	KUNIT_EXPECT_GT(test, unknown[0], 40 * (100 + 130));
	KUNIT_EXPECT_LT(test, unknown[0], 40 * (100 + 170));
	KUNIT_EXPECT_GT(test, unknown[1], 20 * (100 + 245));
	KUNIT_EXPECT_LT(test, unknown[1], 20 * (100 + 280));
	free_memory(test, memory);
}

/* A pass prepares probes until a batch is full, and not longer. */
static void damon_test_full_batch(struct kunit *test)
{
	struct memory *memory = new_many(test);
	struct damon_prober prober = memory_prober(memory);
	struct damon_pass pass = {
		.what = DAMON_PREPARE, .limited = true, .max_young = DAMON_MAX_BATCH,
		.chance = { U32_MAX, U32_MAX },
		.young = { DAMON_MAX_BATCH - 12, 0 },
	};
	struct damon_region *r;
	int i = 0;

	for (i = 0; i < NR_PAGES; i++)
		*memory_bit(memory, i * P) = true;
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	i = 0;
	damon_for_each_region(r, &memory->t.regions)
		i += r->probe_young;
	KUNIT_EXPECT_EQ(test, i, 12);
	KUNIT_EXPECT_EQ(test, pass.young[0] + pass.young[1], DAMON_MAX_BATCH);
	free_memory(test, memory);
}

/* Without a batch each region has a probe, but for certain ones if these are many. */
static void damon_test_share_probes(struct kunit *test)
{
	struct memory *memory = new_many(test);
	struct damon_prober prober = memory_prober(memory);
	struct damon_pass pass = { .what = DAMON_PREPARE, .limited = true };
	unsigned int nr[2] = {}, i;
	struct damon_region *r;

	memory->ctx->certain_chance = U32_MAX;
	damon_share_probes(memory->ctx, &pass);
	KUNIT_EXPECT_FALSE(test, pass.limited);

	memory->ctx->certain_chance = U32_MAX / 4;
	damon_share_probes(memory->ctx, &pass);
	for (i = 0; i < 100; i++) {
		memset(memory->young, true, sizeof(memory->young));
		damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
		damon_for_each_region(r, &memory->t.regions)
			nr[!!r->weight] += r->probe != DAMON_NO_PROBE;
	}
	/* 40 are uncertain, 20 certain. */
	KUNIT_EXPECT_EQ(test, nr[0], 40 * 100);
	KUNIT_EXPECT_GT(test, nr[1], 20 * 20);
	KUNIT_EXPECT_LT(test, nr[1], 20 * 30);
	free_memory(test, memory);
}

/* Pages whose bit was set when they were prepared go to .again, if the pass wants that. */
static void damon_test_again(struct kunit *test)
{
	struct memory *memory = new_many(test);
	struct damon_prober prober = memory_prober(memory);
	struct damon_pass pass = { .what = DAMON_PREPARE };

	memory->young[3] = true;
	memory->young[57] = true;
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	pass = (struct damon_pass) {
		.what = DAMON_CHECK | DAMON_PREPARE, .again = true,
	};
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	KUNIT_EXPECT_EQ(test, memory->again, 2);
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	KUNIT_EXPECT_EQ(test, memory->again, 2);
	free_memory(test, memory);
}

/* Locks can be dropped at least every 64 pages. */
static void damon_test_resched(struct kunit *test)
{
	struct memory *memory = new_many(test);
	struct damon_prober prober = memory_prober(memory);
	struct damon_pass pass = { .what = DAMON_PREPARE };

	KUNIT_ASSERT_GT(test, 2 * memory->t.regions.nr, 64);
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	memory_resched(memory);
	pass.what |= DAMON_CHECK;
	damon_probe_regions(memory->ctx, &memory->t, &pass, &prober);
	KUNIT_EXPECT_LE(test, memory->most_looks, 64);
	KUNIT_EXPECT_GT(test, memory->most_looks, 32);
	free_memory(test, memory);
}

static struct kunit_case damon_probe_cases[] = {
	KUNIT_CASE(damon_test_choice_inside),
	KUNIT_CASE(damon_test_choice_spread),
	KUNIT_CASE(damon_test_choice_even),
	KUNIT_CASE(damon_test_choice_independent),
	KUNIT_CASE(damon_test_passes),
	KUNIT_CASE(damon_test_unknown),
	KUNIT_CASE(damon_test_full_batch),
	KUNIT_CASE(damon_test_share_probes),
	KUNIT_CASE(damon_test_again),
	KUNIT_CASE(damon_test_resched),
	{}
};

static struct kunit_suite damon_probe_suite = {
	.name = "damon-probe",
	.test_cases = damon_probe_cases,
};

kunit_test_suite(damon_probe_suite);
