// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of va-sample.c, flush.c and scan.c: samples of simulated address spaces, with a
 * TLB that may hide accesses.  It is known what is accessed.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "adapt.h"
#include "context.h"
#include "evidence.h"
#include "hints.h"
#include "random.h"
#include "region.h"
#include "sampling.h"
#include "va-sample.h"

#define P	PAGE_SIZE
#define SAMPLES	20

/* Memory with a hot range: all of its pages are accessed in all samples, or ... */
static struct {
	struct damon_range hot;
	unsigned int period, phase;	/* ... all pages, in one of @period samples */
	unsigned int permille;		/* ... each page by itself, at random */
	bool tlb_hides;

	unsigned int now;		/* number of the sample that is prepared */
	unsigned int all_flushed;	/* last sample for which the whole TLB was flushed */
	unsigned int active;		/* last sample in which the range was accessed */
	struct damon_batch batch;	/* of this sample */
	bool scanning;
	unsigned int scan_began;
	unsigned long limit;

	unsigned int flushes, batches, pages, most_pages, scans;
	struct damon_ctx *ctx;
	struct kunit *test;
} memory;

static bool is_active(unsigned int sample)
{
	return !memory.period || sample % memory.period == memory.phase;
}

/* Whether the TLB hides an access: the page was accessed before, and not flushed since */
static bool is_hidden(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < memory.batch.nr; i++)
		if (memory.batch.addrs[i] == addr)
			return false;
	return memory.tlb_hides && memory.all_flushed < memory.active;
}

static bool memory_accessed(void *arg, unsigned long addr)
{
	if (addr < memory.hot.start || addr >= memory.hot.end ||
	    !is_active(memory.now))
		return false;
	if (memory.permille)
		return damon_random_below(&memory.ctx->random, 1000) <
		       memory.permille;
	return !is_hidden(addr);
}

static bool memory_clear(void *arg, unsigned long addr,
			 struct damon_range *shared)
{
	return true;
}

static void memory_again(void *arg, unsigned long addr)
{
	damon_batch_add(arg, addr);
}

static void memory_resched(void *arg)
{
}

static int memory_probe(struct damon_ctx *ctx, struct damon_target *t,
			struct damon_pass *pass, struct damon_batch *batch)
{
	const struct damon_prober prober = {
		.accessed = memory_accessed,
		.clear = memory_clear,
		.again = memory_again,
		.resched = memory_resched,
		.arg = batch,
	};
	struct damon_region *r;

	damon_probe_regions(ctx, t, pass, &prober);
	if (is_active(memory.now))
		memory.active = memory.now;
	memory.now++;
	damon_for_each_region(r, &t->regions)
		if (pass->kind == DAMON_FLUSH_PAGES && r->probe != DAMON_NO_PROBE)
			damon_batch_add(batch, r->probe);
	memory.batch = *batch;
	if (pass->kind == DAMON_FLUSH_ALL) {
		memory.all_flushed = memory.now;
		memory.flushes++;
	} else if (batch->nr) {
		memory.batches++;
		memory.pages += batch->nr;
		memory.most_pages = max(memory.most_pages, batch->nr);
	}
	return 0;
}

static bool memory_may_scan(void)
{
	return true;
}

static void memory_begin_scan(struct damon_scan *scan)
{
	KUNIT_EXPECT_FALSE(memory.test, memory.scanning);
	memory.scanning = true;
	memory.scan_began = memory.now;
	memory.scans++;
}

static void memory_end_scan(struct damon_scan *scan, struct damon_hints *hints)
{
	bool walked = !memory.tlb_hides || memory.all_flushed > memory.scan_began;
	unsigned int i, j;

	KUNIT_EXPECT_TRUE(memory.test, memory.scanning);
	KUNIT_EXPECT_LE(memory.test, (memory.now - memory.scan_began) *
				     memory.ctx->attrs.sample_us,
			max(DAMON_SCAN_US, memory.ctx->attrs.sample_us));
	memory.scanning = false;
	for (i = 0; walked && i < scan->nr_pieces; i++) {
		const struct damon_scan_piece *piece = &scan->pieces[i];

		for (j = 0; j < piece->nr; j++) {
			unsigned long start = piece->start +
					      ((unsigned long)j << piece->shift);
			unsigned long end = start + (1UL << piece->shift);

			if (start < memory.hot.end && end > memory.hot.start)
				damon_add_hint(hints, piece->target, start, end);
		}
	}
}

static unsigned long memory_limit(bool wanted, unsigned long *last)
{
	return memory.limit;
}

static const struct damon_va_hw mechanisms = {
	.probe = memory_probe,
	.may_scan = memory_may_scan,
	.begin_scan = memory_begin_scan,
	.end_scan = memory_end_scan,
	.limit = memory_limit,
};

static bool memory_sample(struct damon_ctx *ctx, unsigned int what)
{
	return damon_va_take_sample(ctx, what, &mechanisms);
}

static void memory_settle(struct damon_ctx *ctx)
{
	damon_va_stop_scan(ctx, &mechanisms);
}

static const struct damon_operations memory_ops = {
	.name = "simulated",
	.sample = memory_sample,
	.get_cuts = damon_va_get_cuts,
	.settle = memory_settle,
	.free_target = damon_va_free_target,
	.free_ctx = damon_va_free_ctx,
};

static struct damon_target *begin(struct kunit *test, u64 seed, unsigned long size)
{
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_range all = { 0, size };
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	prandom_seed_state(&ctx->random, hash_64(seed, 64));
	ctx->ops = &memory_ops;
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&t->regions, &all, 1));
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(ctx, 80));
	memset(&memory, 0, sizeof(memory));
	memory.ctx = ctx;
	memory.test = test;
	memory.limit = 200;
	memory.now = 1;
	return t;
}

static void end(void)
{
	KUNIT_EXPECT_FALSE(memory.test, memory.scanning);
	damon_free_ctx(memory.ctx);
}

/* Run an aggregation up to the point where it is reported */
static void aggregate(void)
{
	struct damon_ctx *ctx = memory.ctx;
	unsigned int left = damon_max_accesses(&ctx->attrs);
	struct damon_target *t;
	struct damon_region *r;

	damon_split_regions(ctx);
	damon_for_each_target(t, ctx)
		damon_for_each_region(r, &t->regions) {
			r->last_nr_accesses = r->nr_accesses;
			r->nr_accesses = 0;
		}
	damon_begin_samples(ctx);
	while (damon_sample(ctx, left) && left)
		left--;
	damon_find_cuts(ctx);
	damon_merge_regions(ctx);
}

static void aggregate_times(int nr)
{
	while (nr--)
		aggregate();
}

static enum damon_flush_mode mode_of(const struct damon_target *t)
{
	return ((const struct damon_va_target *)t->state)->flush.mode;
}

/* Number of aggregations until the mode is @mode, at most 500 */
static unsigned int aggregate_until(struct damon_target *t,
				    enum damon_flush_mode mode)
{
	unsigned int nr = 0;

	for (; mode_of(t) != mode && nr < 500; nr++)
		aggregate();
	return nr;
}

/* The reported number of accesses of the hot range, in tenths: the mean of its regions */
static unsigned int said(const struct damon_target *t)
{
	const struct damon_region *r;
	unsigned long sum = 0;

	damon_for_each_region(r, &t->regions) {
		unsigned long start = max(r->range.start, memory.hot.start);
		unsigned long end = min(r->range.end, memory.hot.end);

		if (start < end)
			sum += (end - start) / P * r->nr_accesses;
	}
	return 10 * sum / (damon_range_size(&memory.hot) / P);
}

/* Number of pages that are reported as accessed but are not hot, or the other way round */
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
	return (seen + damon_range_size(&memory.hot) - 2 * right) / P;
}

/*
 * 8 MiB of 256 are found in few aggregations and with few regions, whether or not the
 * TLB hides them.  The edges may be a bit off.
 */
static void damon_test_finds_hot_spot(struct kunit *test)
{
	int seed, wrong = 0;

	for (seed = 0; seed < 40; seed++) {
		struct damon_target *t = begin(test, seed, SZ_256M);
		unsigned long start = hash_64(seed + 1, 32) % (62 * 1024) * P;

		memory.tlb_hides = seed % 2;
		memory.hot = (struct damon_range) { start, start + SZ_8M };
		aggregate_times(12);
		wrong += mistaken(t) >= 128;
		KUNIT_EXPECT_LT_MSG(test, t->regions.nr, 30, "seed %d", seed);
		end();
	}
	KUNIT_EXPECT_LE(test, wrong, 1);
}

/* 1 MiB of 64 GiB: pages chosen at random are not in it, so hints have to lead there. */
static void damon_test_finds_by_hints(struct kunit *test)
{
	int seed, late = 0;

	if (BITS_PER_LONG < 64)
		kunit_skip(test, "not so much memory");
	for (seed = 0; seed < 40; seed++) {
		struct damon_target *t = begin(test, seed, 64UL * SZ_1G);
		unsigned long start = hash_64(seed + 1, 34) / P * P;

		memory.tlb_hides = seed % 2;
		memory.hot = (struct damon_range) { start, start + SZ_1M };
		aggregate_times(8);
		late += mistaken(t) >= 128;
		end();
	}
	KUNIT_EXPECT_LE(test, late, 4);
}

/*
 * A program that is active in every second or fourth sample, at any phase: the reported
 * counts are right, and its idle samples are not taken for accesses hidden by the TLB.
 */
static void damon_test_periodic(struct kunit *test)
{
	unsigned int period, phase;

	for (period = 2; period <= 4; period += 2)
		for (phase = 0; phase < period; phase++) {
			struct damon_target *t = begin(test, phase, SZ_256M);
			unsigned int sum = 0, zero = 0, i;

			memory.period = period;
			memory.phase = phase;
			memory.hot = (struct damon_range) { SZ_64M, SZ_64M + SZ_32M };
			aggregate_times(10);
			KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY),
					100);
			memory.flushes = 0;
			memory.batches = 0;
			for (i = 0; i < 100; i++) {
				aggregate();
				sum += said(t);
				zero += !said(t);
			}
			/* 10 seconds, with half a flush in each on average */
			KUNIT_EXPECT_LE(test, memory.flushes + memory.batches, 20);
			KUNIT_EXPECT_EQ(test, zero, 0);
			KUNIT_EXPECT_GE(test, sum, 100 * (200 / period - 5));
			KUNIT_EXPECT_LE(test, sum, 100 * (200 / period + 5));
			end();
		}
}

static void damon_test_periodic_hidden(struct kunit *test)
{
	unsigned int phase;

	for (phase = 0; phase < 4; phase++) {
		struct damon_target *t = begin(test, phase, SZ_256M);
		unsigned int sum = 0, zero = 0, i;

		memory.tlb_hides = true;
		memory.period = 4;
		memory.phase = phase;
		memory.hot = (struct damon_range) { SZ_64M, SZ_64M + SZ_32M };
		aggregate_times(50);
		for (i = 0; i < 100; i++) {
			aggregate();
			sum += said(t);
			zero += !said(t);
		}
		KUNIT_EXPECT_LE(test, zero, 1);
		KUNIT_EXPECT_GE(test, sum, 100 * 45);
		KUNIT_EXPECT_LE(test, sum, 100 * 55);
		end();
	}
}

/* Random accesses of any rate are not taken for hidden ones. */
static void damon_test_chance(struct kunit *test)
{
	static const unsigned int rates[] = { 50, 100, 300, 500, 700, 900 };
	int i;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		struct damon_target *t = begin(test, i, SZ_256M);

		memory.hot.end = SZ_256M;
		memory.permille = rates[i];
		aggregate_times(10);
		KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY), 100);
		memory.flushes = 0;
		memory.batches = 0;
		aggregate_times(500);
		/* 50 seconds, with half a flush in each on average, and perhaps an alarm */
		KUNIT_EXPECT_LE_MSG(test, memory.flushes + memory.batches, 80,
				    "rate %u", rates[i]);
		end();
	}
}

/* A program that often becomes idle does not cause flushes each time. */
static void damon_test_pauses(struct kunit *test)
{
	unsigned int total = 0, seed;
	int i;

	for (seed = 1; seed <= 4; seed++) {
		struct damon_target *t = begin(test, seed, SZ_256M);

		memory.hot = (struct damon_range) { 0, SZ_64M };
		aggregate_times(10);
		KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY), 100);
		memory.flushes = 0;
		memory.batches = 0;
		for (i = 0; i < 25; i++) {
			memory.hot.end = 0;
			aggregate_times(10);
			memory.hot.end = SZ_64M;
			aggregate_times(10);
		}
		total += memory.flushes + memory.batches;
		end();
	}
	/* Four times 50 seconds, with little more than two flushes in each on average */
	KUNIT_EXPECT_LE(test, total, 4 * 120);
}

/* Ten times the sampling interval means a tenth of the hits, which is no reason for an alarm. */
static void damon_test_new_intervals(struct kunit *test)
{
	struct damon_target *t = begin(test, 1, SZ_256M);
	struct damon_attrs attrs = memory.ctx->attrs;
	int i;

	memory.hot = (struct damon_range) { 0, SZ_64M };
	aggregate_times(10);
	KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY), 100);
	aggregate_times(20);
	attrs.sample_us *= 10;
	damon_set_attrs(memory.ctx, &attrs);
	for (i = 0; i < 20; i++) {
		aggregate();
		KUNIT_EXPECT_EQ(test, mode_of(t), DAMON_FLUSH_RARELY);
	}
	end();
}

/* The TLB begins to hide accesses, and later stops: both changes are noticed. */
static void damon_test_changes(struct kunit *test)
{
	struct damon_target *t = begin(test, 1, SZ_256M);

	memory.hot = (struct damon_range) { 0, SZ_64M };
	aggregate_times(10);
	KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY), 100);
	memory.tlb_hides = true;
	/* No access is seen any more: the alarm does not wait for trials, one in two seconds. */
	KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_MOSTLY), 15);
	aggregate_times(3);
	KUNIT_EXPECT_GE(test, said(t), 195);
	memory.tlb_hides = false;
	KUNIT_EXPECT_LT(test, aggregate_until(t, DAMON_FLUSH_RARELY), 400);
	aggregate();
	KUNIT_EXPECT_EQ(test, said(t), 200);
	end();
}

/* Of many regions that are certain a part has a probe, also if nothing is flushed. */
static void damon_test_shares_probes(struct kunit *test)
{
	struct damon_target *t = begin(test, 1, P);
	unsigned int i, probes = 0;
	struct damon_region *r;

	t->regions.nr = 0;
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 1000));
	for (i = 0; i < 1000; i++)
		damon_append_region(&t->regions, i * P, (i + 1) * P)->weight = DAMON_MEAN_ONE;
	memory.limit = 0;
	damon_begin_samples(memory.ctx);
	memory_sample(memory.ctx, DAMON_PREPARE);
	damon_for_each_region(r, &t->regions)
		probes += r->probe != DAMON_NO_PROBE;
	/* 300 and 10 standard deviations */
	KUNIT_EXPECT_GT(test, probes, 300 - 145);
	KUNIT_EXPECT_LT(test, probes, 300 + 145);
	memory_settle(memory.ctx);
	end();
}

static void damon_test_limits(struct kunit *test)
{
	static const struct {
		unsigned long sample_us, max, limit;
		unsigned int least, most;	/* in 20 aggregations */
	} cases[] = {
		{ 5000, 0, 200, 0, 0 },
		{ 5000, 200, 0, 0, 0 },
		{ 5000, 1, 200, 0, 10 },
		{ 5000, 10, 200, 5, 40 },
		{ 5000, 200, 50, 60, 150 },
		{ 5000, 200, 200, 250, 400 },
		{ 5000, ULONG_MAX, ULONG_MAX, 250, 400 },
		{ 1000, 200, 200, 40, 130 },
		{ 100000, 50, 200, 250, 400 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(test, i, SZ_256M);
		memory.tlb_hides = true;
		memory.hot.end = SZ_64M;
		memory.limit = cases[i].limit;
		memory.ctx->attrs.sample_us = cases[i].sample_us;
		memory.ctx->attrs.aggr_us = cases[i].sample_us * SAMPLES;
		memory.ctx->attrs.max_tlb_flushes = cases[i].max;
		if (cases[i].sample_us <= DAMON_SCAN_US / 4)
			aggregate_times(20);
		else
			/* Scans take 20 ms: less than a sample */
			for (int j = 0; j < 20; j++) {
				unsigned int left = SAMPLES;

				damon_begin_samples(memory.ctx);
				do {
					damon_sample(memory.ctx, left);
					KUNIT_EXPECT_EQ(test, memory.ctx->settle_us,
							left ? DAMON_SCAN_US : 0);
					if (left)
						memory_settle(memory.ctx);
				} while (left--);
				damon_find_cuts(memory.ctx);
				damon_merge_regions(memory.ctx);
			}
		KUNIT_EXPECT_GE_MSG(test, memory.flushes + memory.batches,
				    cases[i].least, "case %d", i);
		KUNIT_EXPECT_LE_MSG(test, memory.flushes + memory.batches,
				    cases[i].most, "case %d", i);
		end();
	}
}

/* Many regions: no batch is too large, and no region is left out. */
static void damon_test_batches(struct kunit *test)
{
	struct damon_target *t = begin(test, 1, SZ_256M);
	struct damon_region *r;
	unsigned int i, low = 0;

	memory.ctx->attrs.min_nr_regions = 1000;
	KUNIT_ASSERT_EQ(test, 0, damon_divide_regions(memory.ctx, 1000));
	memory.tlb_hides = true;
	memory.hot.end = SZ_256M;
	for (i = 0; i < 100; i++)
		aggregate();
	KUNIT_EXPECT_LE(test, memory.most_pages, DAMON_MAX_BATCH);
	KUNIT_EXPECT_LE(test, memory.pages, memory.batches * 80);
	damon_for_each_region(r, &t->regions)
		low += r->nr_accesses < 15;
	KUNIT_EXPECT_LE(test, low, t->regions.nr / 20);
	end();
}

/* Scans follow each other without a pause, and end when monitoring ends. */
static void damon_test_scans(struct kunit *test)
{
	begin(test, 1, SZ_256M);
	aggregate_times(20);
	KUNIT_EXPECT_GE(test, memory.scans, 20 * SAMPLES / 4);
	/* and perhaps some more, for trials */
	KUNIT_EXPECT_LE(test, memory.scans, 20 * SAMPLES / 4 + 10);

	damon_begin_samples(memory.ctx);
	damon_sample(memory.ctx, SAMPLES);
	KUNIT_EXPECT_TRUE(test, memory.scanning);
	memory_settle(memory.ctx);
	KUNIT_EXPECT_FALSE(test, memory.scanning);
	memory_settle(memory.ctx);
	end();
}

/* --- Which entries a scan covers --- */

static struct damon_scan *new_scan(struct kunit *test)
{
	struct damon_scan *scan = kunit_kzalloc(test, sizeof(*scan), GFP_KERNEL);
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, scan);
	/* Begin a round at the first region, not at a random place */
	damon_for_each_target(t, memory.ctx)
		scan->todo += damon_regions_size(&t->regions) / P;
	return scan;
}

/* Number of entries that two pieces share: at most one, where a round begins and ends */
static unsigned long overlap(const struct damon_scan_piece *a, const struct damon_scan_piece *b)
{
	unsigned long start = max(a->start, b->start);
	unsigned long end = min(a->start + ((unsigned long)a->nr << a->shift),
				b->start + ((unsigned long)b->nr << b->shift));

	return a->target == b->target && start < end ? (end - start) >> a->shift : 0;
}

static void plan(struct kunit *test, struct damon_scan *scan, bool thorough)
{
	unsigned int i, j, nr = 0;

	damon_plan_scan(memory.ctx, scan, thorough);
	for (i = 0; i < scan->nr_pieces; i++) {
		const struct damon_scan_piece *piece = &scan->pieces[i];
		unsigned long size = (unsigned long)piece->nr << piece->shift;
		unsigned long table = DAMON_TABLE_SIZE(piece->shift);

		KUNIT_EXPECT_GT(test, piece->nr, 0);
		KUNIT_EXPECT_EQ(test, piece->first, nr);
		nr += piece->nr;
		/* whole entries of one table */
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(piece->start, 1UL << piece->shift));
		KUNIT_EXPECT_EQ(test, piece->start / table,
				(piece->start + size - 1) / table);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_LE(test, overlap(&scan->pieces[j], piece), 1);
	}
	KUNIT_EXPECT_EQ(test, nr, scan->nr_entries);
	KUNIT_EXPECT_LE(test, nr, DAMON_SCAN_ENTRIES);
}

static void damon_test_plan(struct kunit *test)
{
	static const struct {
		const char *what;
		struct { unsigned long start, end; int mean; } regions[5];	/* MiB; 0 ends */
		bool fixed;
		struct { unsigned long pmds, puds; } few, thorough;
	} cases[] = {
		{ "two entries", { { 0, 4, -1 } }, false, { 2, 0 }, { 2, 0 } },
		{ "parts of entries, as nothing else is there",
		  { { 1, 5, -1 } }, false, { 3, 0 }, { 3, 0 } },
		{ "but edges that the owner chose are edges",
		  { { 1, 5, -1 } }, true, { 1, 0 }, { 1, 0 } },
		{ "nor is what is hot to be asked",
		  { { 1, 9, -1 }, { 9, 16, 20 } }, false, { 4, 0 }, { 4, 0 } },
		{ "what is known to be accessed is no news",
		  { { 0, 8, 6 }, { 8, 16, 0 }, { 16, 24, 20 } }, false, { 4, 0 }, { 4, 0 } },
		{ "nothing is known of these: each for itself",
		  { { 0, 1026, -1 }, { 1026, 2048, -1 } }, false,
		  { 513 + 511, 0 }, { 513 + 511, 0 } },
		{ "all known to be idle: together",
		  { { 0, 1025, 0 }, { 1025, 2048, 0 } }, false, { 0, 2 }, { 0, 2 } },
		{ "across a gap, but not what is hot",
		  { { 0, 1022, 0 }, { 1024, 2048, 0 }, { 2048, 2050, 20 },
		    { 2050, 3072, 0 } }, false, { 511, 2 }, { 511 + 512 + 511, 0 } },
		{ "large entries inside, for a thorough scan small ones at the edges",
		  { { 1000, 5000, 0 } }, false, { 0, 5 }, { 12 + 452, 3 } },
	};
	int i, j;

	if (BITS_PER_LONG < 64 || PMD_SIZE != SZ_2M)
		kunit_skip(test, "other sizes");
	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		struct damon_target *t = begin(test, i, P);
		const typeof(cases[0]) *c = &cases[i / 2];
		unsigned long pmds = 0, puds = 0;
		struct damon_scan *scan;

		t->nr_ranges = c->fixed;
		t->regions.nr = 0;
		KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 4));
		for (j = 0; c->regions[j].end; j++) {
			struct damon_region *r;

			r = damon_append_region(&t->regions,
						c->regions[j].start * SZ_1M,
						c->regions[j].end * SZ_1M);
			if (c->regions[j].mean < 0)
				continue;
			r->weight = DAMON_MEAN_ONE;
			r->mean = c->regions[j].mean * DAMON_MEAN_ONE;
		}
		scan = new_scan(test);
		do {
			plan(test, scan, i % 2);
			for (j = 0; j < scan->nr_pieces; j++)
				if (scan->pieces[j].shift == PMD_SHIFT)
					pmds += scan->pieces[j].nr;
				else
					puds += scan->pieces[j].nr;
		} while (scan->todo);
		KUNIT_EXPECT_EQ_MSG(test, pmds, (i % 2 ? c->thorough : c->few).pmds,
				    "%s", c->what);
		KUNIT_EXPECT_EQ_MSG(test, puds, (i % 2 ? c->thorough : c->few).puds,
				    "%s", c->what);
		end();
	}
}

/* Scans of several targets: each scan continues where the last one ended. */
static void damon_test_plan_targets(struct kunit *test)
{
	struct damon_range all = { 0, SZ_1G };
	unsigned int thorough, i, j;

	if (BITS_PER_LONG < 64 || PMD_SIZE != SZ_2M)
		kunit_skip(test, "other sizes");
	for (thorough = 0; thorough < 2; thorough++) {
		unsigned int most = thorough ? DAMON_SCAN_ENTRIES :
					       DAMON_SCAN_ENTRIES / 5;
		static unsigned int seen[5][512];
		struct damon_scan *scan;
		unsigned int scans = 0;

		memset(seen, 0, sizeof(seen));
		begin(test, 1, SZ_1G)->regions.nr = 0;
		for (i = 0; i < 5; i++) {
			struct damon_target *t = damon_add_target(memory.ctx, NULL);

			KUNIT_ASSERT_NOT_NULL(test, t);
			KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&t->regions, &all, 1));
		}
		damon_begin_samples(memory.ctx);
		scan = new_scan(test);
		do {
			plan(test, scan, thorough);
			KUNIT_EXPECT_LE(test, scan->nr_entries, most);
			scans++;
			for (i = 0; i < scan->nr_pieces; i++)
				for (j = 0; j < scan->pieces[i].nr; j++)
					seen[scan->pieces[i].target->index - 1]
					    [scan->pieces[i].start / PMD_SIZE + j]++;
		} while (scan->todo);
		KUNIT_EXPECT_EQ(test, scans, DIV_ROUND_UP(5 * 512, most));
		for (i = 0; i < 5; i++)
			for (j = 0; j < 512; j++)
				KUNIT_EXPECT_EQ(test, seen[i][j], 1);
		end();
	}
}

/* Each round begins at a random place. */
static void damon_test_plan_anywhere(struct kunit *test)
{
	unsigned int seen[8] = {}, round, i;
	struct damon_scan *scan;

	if (BITS_PER_LONG < 64 || PMD_SIZE != SZ_2M)
		kunit_skip(test, "other sizes");
	begin(test, 1, SZ_1G);
	scan = new_scan(test);
	for (round = 0; round < 400; round++) {
		scan->todo = 0;
		plan(test, scan, true);
		seen[scan->pieces[0].start / (SZ_1G / 8)]++;
	}
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_GT(test, seen[i], 20);
		KUNIT_EXPECT_LT(test, seen[i], 90);
	}
	end();
}

/* A range that ends at the top of all addresses, as [vsyscall] nearly does */
static void damon_test_plan_top(struct kunit *test)
{
	static const struct damon_range ranges[] = {
		{ -10UL * SZ_1M, -9UL * SZ_1M }, { -3UL * SZ_1M, -P }, { -4UL * SZ_1G, -P },
	};
	unsigned int i, j;

	if (BITS_PER_LONG < 64 || PMD_SIZE != SZ_2M)
		kunit_skip(test, "other sizes");
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (j = 0; j < 2; j++) {
			struct damon_target *t = begin(test, i, P);
			struct damon_scan *scan;

			KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&t->regions, &ranges[i], 1));
			t->regions.v[0].weight = j;
			scan = new_scan(test);
			do {
				plan(test, scan, false);
			} while (scan->todo);
			end();
		}
}

/* A process may have no mapping at all for a while. */
static void damon_test_no_regions(struct kunit *test)
{
	struct damon_range all = { 0, SZ_64M };
	struct damon_target *t = begin(test, 1, SZ_64M);

	aggregate_times(2);
	damon_free_regions(&t->regions);
	aggregate_times(3);
	KUNIT_ASSERT_EQ(test, 0, damon_fit_regions(&t->regions, &all, 1));
	memory.hot.end = SZ_64M;
	aggregate_times(10);
	KUNIT_EXPECT_GT(test, said(t), 15);
	end();
}

static struct kunit_case damon_va_sample_cases[] = {
	KUNIT_CASE(damon_test_finds_hot_spot),
	KUNIT_CASE(damon_test_finds_by_hints),
	KUNIT_CASE(damon_test_periodic),
	KUNIT_CASE(damon_test_periodic_hidden),
	KUNIT_CASE(damon_test_chance),
	KUNIT_CASE(damon_test_pauses),
	KUNIT_CASE(damon_test_new_intervals),
	KUNIT_CASE(damon_test_changes),
	KUNIT_CASE(damon_test_shares_probes),
	KUNIT_CASE(damon_test_limits),
	KUNIT_CASE(damon_test_batches),
	KUNIT_CASE(damon_test_scans),
	KUNIT_CASE(damon_test_plan),
	KUNIT_CASE(damon_test_plan_targets),
	KUNIT_CASE(damon_test_plan_anywhere),
	KUNIT_CASE(damon_test_plan_top),
	KUNIT_CASE(damon_test_no_regions),
	{}
};

static struct kunit_suite damon_va_sample_suite = {
	.name = "damon-va-sample",
	.test_cases = damon_va_sample_cases,
};

kunit_test_suite(damon_va_sample_suite);
