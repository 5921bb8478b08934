// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of sampling.c and of the whole loop from samples to regions, over
 * memory that is only imagined: what is hot in it is known.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "adapt.h"
#include "evidence.h"
#include "hints.h"
#include "probe.h"
#include "region.h"
#include "sampling.h"

#define P	PAGE_SIZE
#define MIB	SZ_1M
#define HUGE	(2UL * MIB)
#define SAMPLES	20

/* One target's memory.  Pages in @hot are accessed in each interval, or ... */
static struct {
	struct damon_range hot;
	unsigned int rate;		/* ... in this share, in thousandths */
	bool together;			/* all in the same intervals */
	bool awake;			/* this is one of these */
	struct damon_range hidden;	/* of it, unless the TLB was flushed */
	bool tlb_hides;			/* all of it */
	bool flushed;			/* after the last DAMON_PREPARE */
	bool sleeps;			/* nobody runs: nothing is accessed */
	unsigned int asked;		/* whether somebody does */
	unsigned int flushes;
	unsigned int last_flush;	/* number of the sample */
	unsigned int checks;
	bool scanning;			/* for hints */
	unsigned int scans;
	unsigned int last_scan;		/* number of the sample */
	struct damon_ctx *ctx;
	struct kunit *test;
} memory;

static bool is_in(unsigned long addr, const struct damon_range *range)
{
	return addr >= range->start && addr < range->end;
}

static bool memory_is_hot_now(void)
{
	return !memory.rate ||
	       damon_random_below(&memory.ctx->random, 1000) < memory.rate;
}

static bool memory_accessed(void *arg, unsigned long addr)
{
	memory.checks++;
	if (memory.sleeps ||
	    (memory.together ? !memory.awake : !memory_is_hot_now()))
		return false;
	return is_in(addr, &memory.hot) &&
	       (memory.flushed ||
		!(memory.tlb_hides || is_in(addr, &memory.hidden)));
}

static bool memory_clear(void *arg, unsigned long addr,
			 struct damon_range *shared)
{
	return false;
}

static int memory_sample(struct damon_ctx *ctx, struct damon_target *t,
			 unsigned int what)
{
	static const struct damon_prober prober = {
		.accessed = memory_accessed,
		.clear = memory_clear,
	};

	if (what & DAMON_BURST)
		damon_probe_burst(ctx, t, what, &prober);
	else
		damon_probe_regions(ctx, t, what, &prober);
	if (what & (DAMON_PREPARE | DAMON_REPEAT)) {
		memory.flushed = false;
		memory.awake = memory_is_hot_now();
	}
	return 0;
}

static void memory_flush(struct damon_target *t)
{
	unsigned int sample = memory.ctx->sample;

	if (memory.flushes)
		KUNIT_EXPECT_GE(memory.test, sample - memory.last_flush, 4);
	memory.flushed = true;
	memory.flushes++;
	memory.last_flush = sample;
}

/* An upper level of page tables: which 2 MiB of a region have anything hot */
static void memory_add_hints(struct damon_hints *hints,
			     const struct damon_range *r)
{
	unsigned long start = max(round_down(memory.hot.start, HUGE),
				  round_up(r->start, HUGE));
	unsigned long end = min(round_up(memory.hot.end, HUGE),
				round_down(r->end, HUGE));

	if (memory.tlb_hides && !memory.flushed)
		return;
	for (; start < end; start += HUGE)
		damon_add_hint(hints, start, start + HUGE);
}

static void memory_hint(struct damon_ctx *ctx, struct damon_target *t,
			unsigned int what)
{
	struct damon_region *r;

	if (!t->hints)
		t->hints = damon_new_hints();
	KUNIT_ASSERT_NOT_NULL(memory.test, t->hints);
	KUNIT_EXPECT_EQ(memory.test, memory.scanning, what == DAMON_CHECK);
	memory.scanning = what == DAMON_PREPARE;
	if (memory.scanning) {
		memory.scans++;
		memory.last_scan = ctx->sample;
		return;
	}
	KUNIT_EXPECT_EQ(memory.test, ctx->sample, memory.last_scan + 1);
	damon_for_each_region(r, &t->regions)
		if (damon_wants_hints(r, SAMPLES))
			memory_add_hints(t->hints, &r->range);
}

static bool memory_has_run(struct damon_target *t)
{
	memory.asked++;
	return !memory.sleeps;
}

static const struct damon_operations memory_ops = {
	.name = "imagined",
	.sample = memory_sample,
	.flush = memory_flush,
	.has_run = memory_has_run,
};

static const struct damon_operations hinting_ops = {
	.name = "imagined, with upper levels",
	.sample = memory_sample,
	.hint = memory_hint,
};

static const struct damon_operations all_ops = {
	.name = "imagined, with upper levels and a TLB",
	.sample = memory_sample,
	.hint = memory_hint,
	.flush = memory_flush,
};

static struct damon_target *begin_ops(struct kunit *test, u64 seed,
				      const struct damon_operations *ops,
				      unsigned long size)
{
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	prandom_seed_state(&ctx->random, hash_64(seed, 64));
	ctx->ops = ops;
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1));
	damon_append_region(&t->regions, 0, size);
	KUNIT_ASSERT_EQ(test, 0,
			damon_divide_regions(ctx, ctx->attrs.min_nr_regions));
	memset(&memory, 0, sizeof(memory));
	memory.ctx = ctx;
	memory.test = test;
	return t;
}

static struct damon_target *begin(struct kunit *test, u64 seed)
{
	struct damon_target *t = begin_ops(test, seed, &memory_ops, 256 * MIB);

	/* as many as the kdamond begins with */
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(memory.ctx, 80));
	return t;
}

static void end(void)
{
	/* which was never registered */
	memory.ctx->ops = NULL;
	damon_free_ctx(memory.ctx);
}

/* An aggregation, up to where it is reported */
static void aggregate(struct damon_ctx *ctx)
{
	unsigned int left = damon_max_accesses(&ctx->attrs);
	struct damon_target *t;
	struct damon_region *r;

	damon_split_regions(ctx);
	damon_for_each_target(t, ctx)
		damon_for_each_region(r, &t->regions)
			r->nr_accesses = 0;
	damon_begin_samples(ctx);
	while (damon_sample(ctx, left) && left)
		left--;
	damon_end_samples(ctx);
	damon_find_cuts(ctx);
	damon_merge_regions(ctx);
}

/* Bytes that are seen as hot but are not, or the other way round */
static unsigned long mistaken(const struct damon_target *t)
{
	const struct damon_region *r;
	unsigned long seen = 0, right = 0;

	damon_for_each_region(r, &t->regions) {
		unsigned long start = max(r->range.start, memory.hot.start);
		unsigned long end = min(r->range.end, memory.hot.end);

		if (!r->nr_accesses)
			continue;
		seen += damon_range_size(&r->range);
		if (start < end)
			right += end - start;
	}
	return seen - right + damon_range_size(&memory.hot) - right;
}

/* 8 MiB of 256: found in few aggregations, to the page, with few regions */
static void expect_found(struct kunit *test, bool tlb_hides)
{
	int seed, i;

	for (seed = 0; seed < 50; seed++) {
		struct damon_target *t = begin(test, seed);
		unsigned long start = hash_64(seed + 1, 32) % (62 * 1024) * P;

		memory.tlb_hides = tlb_hides;
		memory.hot = (struct damon_range) { start, start + 8 * MIB };
		for (i = 0; i < 8; i++)
			aggregate(memory.ctx);
		KUNIT_EXPECT_LT_MSG(test, mistaken(t), 2 * MIB, "seed %d", seed);
		for (; i < 12; i++)
			aggregate(memory.ctx);
		KUNIT_EXPECT_LT_MSG(test, mistaken(t), 256 * 1024, "seed %d",
				    seed);
		KUNIT_EXPECT_LT_MSG(test, t->regions.nr, 30, "seed %d", seed);
		end();
	}
}

static void damon_test_finds_hot_spot(struct kunit *test)
{
	expect_found(test, false);
}

static void damon_test_finds_what_tlb_hides(struct kunit *test)
{
	expect_found(test, true);
}

/* 1 MiB of 64 GiB: what no page chosen at random meets, hints lead to */
static void expect_found_by_hints(struct kunit *test,
				  const struct damon_operations *ops,
				  bool tlb_hides)
{
	int seed, i;

	for (seed = 0; seed < 50; seed++) {
		struct damon_target *t = begin_ops(test, seed, ops, 64UL * SZ_1G);
		unsigned long start = hash_64(seed + 1, 34) / P * P;

		memory.tlb_hides = tlb_hides;
		memory.hot = (struct damon_range) { start, start + MIB };
		for (i = 0; i < 8; i++)
			aggregate(memory.ctx);
		KUNIT_EXPECT_LT_MSG(test, mistaken(t), 256 * 1024, "seed %d",
				    seed);
		KUNIT_EXPECT_FALSE(test, memory.scanning);
		end();
	}
}

static void damon_test_finds_by_hints(struct kunit *test)
{
	expect_found_by_hints(test, &hinting_ops, false);
}

/* What only a flush has shown is looked at after a flush, too. */
static void damon_test_finds_by_hints_what_tlb_hides(struct kunit *test)
{
	expect_found_by_hints(test, &all_ops, true);
}

static void damon_test_scans(struct kunit *test)
{
	unsigned int left = SAMPLES, i;

	/* One scan an aggregation, as long as it finds nothing, ... */
	begin_ops(test, 1, &hinting_ops, 256 * MIB);
	aggregate(memory.ctx);
	memory.scans = 0;
	for (i = 0; i < 10; i++)
		aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, 10, memory.scans);

	/* ... one in four samples after it has found something, ... */
	memory.hot = (struct damon_range) { 100 * MIB, 104 * MIB };
	aggregate(memory.ctx);
	memory.scans = 0;
	memory.hot = (struct damon_range) { 200 * MIB, 204 * MIB };
	aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, SAMPLES / 4, memory.scans);

	/* ... and what goes on when the kdamond has to stop comes to its end. */
	damon_begin_samples(memory.ctx);
	damon_sample(memory.ctx, left);
	KUNIT_EXPECT_TRUE(test, memory.scanning);
	damon_abandon_samples(memory.ctx);
	KUNIT_EXPECT_FALSE(test, memory.scanning);
	damon_abandon_samples(memory.ctx);
	end();
}

static void damon_test_checks(struct kunit *test)
{
	struct damon_target *t = begin(test, 1);
	struct damon_region *r;
	unsigned int nr;

	/* Every sample checks every region once, ... */
	aggregate(memory.ctx);
	aggregate(memory.ctx);
	memory.ctx->attrs.max_nr_regions = t->regions.nr;
	nr = t->regions.nr;
	memory.checks = 0;
	aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, memory.checks, nr * SAMPLES);

	/* ... and so a region that is always accessed has all of them. */
	memory.hot.end = 256 * MIB;
	aggregate(memory.ctx);
	damon_for_each_region(r, &t->regions)
		KUNIT_EXPECT_EQ(test, r->nr_accesses, SAMPLES);
	end();
}

static void damon_test_flush_pays(struct kunit *test)
{
	struct damon_target *t = begin(test, 1);
	struct damon_region *r;
	int i;

	memory.tlb_hides = true;
	memory.hot.end = 256 * MIB;
	aggregate(memory.ctx);
	for (i = 0; i < 10; i++) {
		unsigned int before = memory.flushes;

		aggregate(memory.ctx);
		KUNIT_EXPECT_EQ(test, memory.flushes - before, SAMPLES / 4);
		KUNIT_EXPECT_EQ(test, t->nr_looks, SAMPLES / 4);
		damon_for_each_region(r, &t->regions)
			KUNIT_EXPECT_EQ(test, r->nr_accesses, SAMPLES);
	}

	/* Nothing is hidden any more: that is seen in some aggregations. */
	memory.tlb_hides = false;
	for (i = 0; i < 16; i++)
		aggregate(memory.ctx);
	memory.flushes = 0;
	aggregate(memory.ctx);
	KUNIT_EXPECT_LE(test, memory.flushes, 1);
	end();
}

/* Part of what is accessed is always seen, and the rest has never been. */
static void damon_test_flush_pays_for_a_part(struct kunit *test)
{
	int seed, i;

	for (seed = 0; seed < 20; seed++) {
		struct damon_target *t = begin(test, seed);

		memory.hot = (struct damon_range) { 64 * MIB, 96 * MIB };
		memory.hidden = (struct damon_range) { 84 * MIB, 96 * MIB };
		for (i = 0; i < 20; i++)
			aggregate(memory.ctx);
		KUNIT_EXPECT_LT_MSG(test, mistaken(t), 2 * MIB, "seed %d", seed);
		end();
	}
}

static void damon_test_flush_does_not_pay(struct kunit *test)
{
	int i;

	begin(test, 1);

	/* tested after 1, 2, 4, ... 64 aggregations */
	memory.hot.end = 256 * MIB;
	for (i = 0; i < 500; i++)
		aggregate(memory.ctx);
	KUNIT_EXPECT_GE(test, memory.flushes, 7 + (500 - 128) / 65 - 1);
	KUNIT_EXPECT_LE(test, memory.flushes, 15);

	/* Hidden all of a sudden: nothing seen where there was a lot. */
	memory.tlb_hides = true;
	aggregate(memory.ctx);
	memory.flushes = 0;
	aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, memory.flushes, SAMPLES / 4);
	end();
}

/* Who sleeps accesses nothing: there is no flush, and plain samples go on. */
static void damon_test_no_flush_while_asleep(struct kunit *test)
{
	struct damon_target *t = begin(test, 1);
	int i;

	memory.tlb_hides = true;
	memory.hot.end = 256 * MIB;
	for (i = 0; i < 3; i++)
		aggregate(memory.ctx);
	memory.flushes = 0;
	memory.asked = 0;
	memory.sleeps = true;
	for (i = 0; i < 10; i++)
		aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, memory.flushes, 0);
	KUNIT_EXPECT_EQ(test, t->nr_looks, SAMPLES);
	/* Within the same limits, as to ask many threads takes time */
	KUNIT_EXPECT_GT(test, memory.asked, 0);
	KUNIT_EXPECT_LE(test, memory.asked, 10 * SAMPLES / 4);

	memory.sleeps = false;
	aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, memory.flushes, SAMPLES / 4);
	end();
}

/* Nothing is hidden, and what is accessed now and then looks only sometimes so. */
static void expect_few_flushes(struct kunit *test, bool together,
			       unsigned int most)
{
	static const unsigned int rates[] = { 50, 100, 300, 500, 700, 900 };
	int i, j;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		begin(test, i);
		memory.hot.end = 256 * MIB;
		memory.rate = rates[i];
		memory.together = together;
		for (j = 0; j < 500; j++)
			aggregate(memory.ctx);
		/* of 2,500; most for rates that hardly differ from none */
		KUNIT_EXPECT_LT_MSG(test, memory.flushes, most, "rate %u",
				    rates[i]);
		end();
	}
}

static void damon_test_flush_does_not_pay_for_chance(struct kunit *test)
{
	expect_few_flushes(test, false, 750);
}

/* Four pages that are seen after a flush may be one access, to all of them. */
static void damon_test_flush_does_not_pay_for_bursts(struct kunit *test)
{
	expect_few_flushes(test, true, 1000);
}

/* With one sample an aggregation nothing can be tested. */
static void damon_test_flush_without_test(struct kunit *test)
{
	int i;

	begin(test, 1);
	memory.tlb_hides = true;
	memory.hot.end = 256 * MIB;
	memory.ctx->attrs.aggr_us = memory.ctx->attrs.sample_us;
	for (i = 0; i < 100; i++)
		aggregate(memory.ctx);
	KUNIT_EXPECT_EQ(test, memory.flushes, 0);
	end();
}

static void damon_test_flush_limits(struct kunit *test)
{
	static const struct {
		unsigned long sample_us, max, flushes;	/* in 20 aggregations */
	} cases[] = {
		{ 5000, 0, 0 },
		{ 5000, 1, 2 },
		{ 5000, 10, 20 },
		{ 5000, 50, 100 },
		{ 5000, 10000, 100 },
		{ 1000, 50, 20 },
		{ 100000, 50, 100 },
		{ 5000, ULONG_MAX, 100 },
	};
	int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_target *t = begin(test, i);

		memory.tlb_hides = true;
		memory.hot.end = 256 * MIB;
		memory.ctx->attrs.sample_us = cases[i].sample_us;
		memory.ctx->attrs.aggr_us = cases[i].sample_us * SAMPLES;
		memory.ctx->attrs.max_tlb_flushes = cases[i].max;
		for (j = 0; j < 20; j++)
			aggregate(memory.ctx);
		KUNIT_EXPECT_LE(test, memory.flushes, cases[i].flushes);
		KUNIT_EXPECT_GE(test, memory.flushes, cases[i].flushes / 2);
		if (!cases[i].flushes)
			KUNIT_EXPECT_EQ(test, t->nr_looks, SAMPLES);
		end();
	}
}

static struct kunit_case damon_sampling_cases[] = {
	KUNIT_CASE(damon_test_finds_hot_spot),
	KUNIT_CASE(damon_test_finds_what_tlb_hides),
	KUNIT_CASE(damon_test_finds_by_hints),
	KUNIT_CASE(damon_test_finds_by_hints_what_tlb_hides),
	KUNIT_CASE(damon_test_scans),
	KUNIT_CASE(damon_test_checks),
	KUNIT_CASE(damon_test_flush_pays),
	KUNIT_CASE(damon_test_flush_pays_for_a_part),
	KUNIT_CASE(damon_test_flush_does_not_pay),
	KUNIT_CASE(damon_test_no_flush_while_asleep),
	KUNIT_CASE(damon_test_flush_does_not_pay_for_chance),
	KUNIT_CASE(damon_test_flush_does_not_pay_for_bursts),
	KUNIT_CASE(damon_test_flush_without_test),
	KUNIT_CASE(damon_test_flush_limits),
	{}
};

static struct kunit_suite damon_sampling_suite = {
	.name = "damon-sampling",
	.test_cases = damon_sampling_cases,
};

kunit_test_suite(damon_sampling_suite);
