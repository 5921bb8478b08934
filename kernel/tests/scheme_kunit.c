// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of scheme.c: which memory is acted on, and what becomes of its regions.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/numa.h>

#include "evidence.h"
#include "quota.h"
#include "random.h"
#include "region.h"
#include "scheme.h"

#define P	PAGE_SIZE
/* Pages of the memory that is acted on */
#define PAGES	4096

/* What has been done to the memory of a target */
struct memory {
	DECLARE_BITMAP(acted, PAGES);
	unsigned int most;	/* pages that a call acts on */
	unsigned int calls;
	unsigned int twice;	/* pages that were acted on again */
	unsigned int ms;	/* that a call takes */
	long err;
};

static long memory_act(struct damon_target *t, const struct damon_scheme *scheme,
		       struct damon_range *range)
{
	struct memory *memory = t->private;
	unsigned long first = range->start / P;
	unsigned long nr = min((range->end - range->start) / P, memory->most), i;

	memory->calls++;
	for (i = first; i < first + nr; i++)
		memory->twice += __test_and_set_bit(i, memory->acted);
	range->start += nr * P;
	mdelay(memory->ms);
	return memory->err ?: nr * P;
}

static const struct damon_operations memory_ops = {
	.name = "memory",
	.actions = BIT(DAMON_PAGEOUT) | BIT(DAMON_HUGEPAGE),
	.act = memory_act,
};

static struct damon_ctx *new_ctx(struct kunit *test, unsigned int seed)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->ops = &memory_ops;
	prandom_seed_state(&ctx->random, hash_64(seed, 64));
	return ctx;
}

static struct damon_target *add_target(struct kunit *test, struct damon_ctx *ctx)
{
	struct memory *memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	struct damon_target *t = damon_add_target(ctx, NULL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, PAGES));
	memory->most = PAGES;
	t->private = memory;
	t->index = list_count_nodes(&ctx->targets) - 1;
	return t;
}

static struct damon_region *add(struct damon_target *t, unsigned long start, unsigned long end,
				unsigned int nr_accesses, unsigned int age)
{
	struct damon_region *r = damon_append_region(&t->regions, start * P, end * P);

	r->nr_accesses = nr_accesses;
	r->last_nr_accesses = nr_accesses;
	r->weight = DAMON_MEAN_ONE;
	r->age = age;
	return r;
}

static struct damon_scheme *add_scheme(struct kunit *test, struct damon_ctx *ctx,
				       enum damon_action action, unsigned long max_nr_accesses,
				       unsigned long min_age)
{
	struct damon_scheme *scheme = damon_add_scheme(ctx);

	KUNIT_ASSERT_NOT_NULL(test, scheme);
	scheme->action = action;
	scheme->pattern = (struct damon_pattern) {
		.max_size = ULONG_MAX, .max_nr_accesses = max_nr_accesses,
		.min_age = min_age, .max_age = ULONG_MAX,
	};
	return scheme;
}

/* The end of an aggregation */
static void apply(struct damon_ctx *ctx)
{
	damon_apply_schemes(ctx, damon_max_accesses(&ctx->attrs));
}

static unsigned int nr_acted(struct damon_target *t)
{
	return bitmap_weight(((struct memory *)t->private)->acted, PAGES);
}

static void expect_region(struct kunit *test, struct damon_target *t, unsigned int i,
			  unsigned long start, unsigned long end, unsigned int age)
{
	KUNIT_ASSERT_LT(test, i, t->regions.nr);
	KUNIT_EXPECT_EQ(test, t->regions.v[i].range.start, start * P);
	KUNIT_EXPECT_EQ(test, t->regions.v[i].range.end, end * P);
	KUNIT_EXPECT_EQ(test, t->regions.v[i].age, age);
}

static void damon_test_pattern(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 2, 10);

	scheme->pattern.min_nr_accesses = 1;
	scheme->pattern.max_age = 20;
	scheme->pattern.min_size = 2 * P;
	scheme->pattern.max_size = 4 * P;
	add(t, 0, 2, 1, 10);	/* all at their lower limits */
	add(t, 2, 6, 2, 20);	/* all at their upper ones */
	add(t, 6, 8, 0, 10);
	add(t, 8, 10, 3, 10);
	add(t, 10, 12, 1, 9);
	add(t, 12, 14, 1, 21);
	add(t, 14, 15, 1, 10);
	add(t, 15, 20, 1, 10);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, nr_acted(t), 6);
	KUNIT_EXPECT_EQ(test, find_first_bit(((struct memory *)t->private)->acted, PAGES), 0);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_tried, 2);
	KUNIT_EXPECT_EQ(test, scheme->stats.sz_tried, 6 * P);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_applied, 2);
	KUNIT_EXPECT_EQ(test, scheme->stats.sz_applied, 6 * P);
	/* Neighbours together */
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->calls, 1);
	expect_region(test, t, 0, 0, 2, 0);
	expect_region(test, t, 1, 2, 6, 0);
	expect_region(test, t, 2, 6, 8, 10);
	damon_free_ctx(ctx);
}

/* A region that a filter cuts is cut there, and only what was acted on gets a new age. */
static void damon_test_filter_cuts(struct kunit *test)
{
	struct damon_filter filter = {
		.type = DAMON_FILTER_ADDR, .range = { 10 * P, 20 * P },
	};
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);

	scheme->filters = kvmemdup(&filter, sizeof(filter), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, scheme->filters);
	scheme->nr_filters = 1;
	add(t, 0, 100, 0, 50);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, t->regions.nr, 3);
	expect_region(test, t, 0, 0, 10, 50);
	expect_region(test, t, 1, 10, 20, 0);
	expect_region(test, t, 2, 20, 100, 50);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_tried, 1);
	KUNIT_EXPECT_EQ(test, scheme->stats.sz_tried, 10 * P);
	damon_free_ctx(ctx);
}

/* Each window goes on behind the last one, and then from the beginning. */
static void damon_test_quota_goes_on(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 0);
	unsigned int i;

	scheme->quota.bytes = 30 * P;
	add(t, 0, 100, 0, 50);
	damon_begin_schemes(ctx);
	for (i = 1; i <= 3; i++) {
		apply(ctx);
		KUNIT_EXPECT_EQ(test, nr_acted(t), 30 * i);
		KUNIT_EXPECT_EQ(test, t->regions.v[t->regions.nr - 1].range.start, 30 * i * P);
	}
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->twice, 0);
	KUNIT_EXPECT_EQ(test, scheme->stats.qt_exceeds, 3);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, nr_acted(t), 100);
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->twice, 20);
	damon_free_ctx(ctx);
}

/* The oldest first, if that is what the weights say */
static void damon_test_quota_priority(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 0);

	scheme->quota.bytes = 15 * P;
	scheme->quota.age_weight = 1;
	add(t, 0, 10, 0, 10);
	add(t, 10, 20, 0, 1000);
	add(t, 20, 30, 0, 100);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, t->regions.nr, 4);
	expect_region(test, t, 0, 0, 10, 10);
	expect_region(test, t, 1, 10, 20, 0);
	expect_region(test, t, 2, 20, 25, 0);
	expect_region(test, t, 3, 25, 30, 100);
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->twice, 0);
	damon_free_ctx(ctx);
}

static void damon_test_stat_changes_nothing(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_STAT, 20, 0);

	scheme->quota.bytes = 30 * P;
	add(t, 0, 100, 7, 50);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, t->regions.nr, 1);
	expect_region(test, t, 0, 0, 100, 50);
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->calls, 0);
	KUNIT_EXPECT_EQ(test, scheme->stats.sz_tried, 30 * P);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_applied, 0);
	damon_free_ctx(ctx);
}

/* No cut above the maximum: then what was acted on in part keeps its age. */
static void damon_test_maximum(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);

	ctx->attrs.min_nr_regions = 3;
	ctx->attrs.max_nr_regions = 3;
	scheme->quota.bytes = 15 * P;
	add(t, 0, 10, 0, 50);
	add(t, 10, 20, 0, 50);
	add(t, 20, 30, 0, 50);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, t->regions.nr, 3);
	expect_region(test, t, 0, 0, 10, 0);
	expect_region(test, t, 1, 10, 20, 50);
	KUNIT_EXPECT_EQ(test, nr_acted(t), 15);
	damon_free_ctx(ctx);
}

/* Memory on which nothing can be done does not use up the quota for ever. */
static void damon_test_failed_in_turn(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);

	scheme->quota.bytes = 20 * P;
	scheme->quota.age_weight = 1;
	add(t, 0, 20, 0, 1000);
	add(t, 20, 40, 0, 10);
	damon_begin_schemes(ctx);
	((struct memory *)t->private)->err = -EAGAIN;
	apply(ctx);
	expect_region(test, t, 0, 0, 20, 0);
	expect_region(test, t, 1, 20, 40, 10);
	scheme->nr_skips = 0;
	apply(ctx);
	expect_region(test, t, 1, 20, 40, 0);
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->twice, 0);
	damon_free_ctx(ctx);
}

/* When the time is over in the middle of a run, what is left of it has not been tried. */
static void damon_test_time_is_over(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);
	struct memory *memory = t->private;

	scheme->quota.ms = 1;
	scheme->quota.window_ms = 3600 * MSEC_PER_SEC;
	memory->most = 10;
	memory->ms = 2;
	add(t, 0, 7, 0, 50);
	add(t, 7, 20, 0, 50);
	add(t, 20, 30, 0, 50);
	damon_begin_schemes(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, memory->calls, 1);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_tried, 2);
	KUNIT_EXPECT_EQ(test, scheme->stats.sz_tried, 10 * P);
	KUNIT_EXPECT_EQ(test, scheme->stats.qt_exceeds, 1);
	expect_region(test, t, 1, 7, 10, 0);
	expect_region(test, t, 2, 10, 20, 50);
	damon_free_ctx(ctx);
}

/* A window that has nothing left is not enough if there is something to do, and else it is. */
static void damon_test_nothing_left(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);

	scheme->quota.bytes = 20 * P;
	scheme->quota.window_ms = 3600 * MSEC_PER_SEC;
	add(t, 0, 20, 0, 50);
	damon_begin_schemes(ctx);
	apply(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, scheme->stats.qt_exceeds, 0);
	t->regions.v[0].age = 50;
	apply(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, scheme->stats.qt_exceeds, 1);
	KUNIT_EXPECT_EQ(test, ((struct memory *)t->private)->calls, 1);
	damon_free_ctx(ctx);
}

/* Later passes of a window choose by what it has left. */
static void damon_test_rest_of_window(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 5);

	scheme->quota.bytes = 30 * P;
	scheme->quota.window_ms = 3600 * MSEC_PER_SEC;
	scheme->quota.age_weight = 1;
	add(t, 0, 10, 0, 10);
	add(t, 10, 20, 0, 1000);
	damon_begin_schemes(ctx);
	damon_begin_window(&scheme->quota, ktime_get());
	damon_charge_quota(&scheme->quota, 20 * P, 0);
	apply(ctx);
	expect_region(test, t, 0, 0, 10, 10);
	expect_region(test, t, 1, 10, 20, 0);
	damon_free_ctx(ctx);
}

/* An action that fails is tried less and less often, and at once again when it works. */
static void damon_test_back_off(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 0);
	struct memory *memory = t->private;
	unsigned int i;

	add(t, 0, 100, 0, 50);
	damon_begin_schemes(ctx);
	memory->err = -EAGAIN;
	for (i = 0; i < 1000; i++)
		apply(ctx);
	KUNIT_EXPECT_GT(test, memory->calls, 1000 / 64);
	KUNIT_EXPECT_LT(test, memory->calls, 1000 / 64 + 8);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_applied, 0);
	KUNIT_EXPECT_EQ(test, scheme->nr_passes, 1000);
	memory->err = 0;
	for (i = 0; i < 64; i++)
		apply(ctx);
	i = memory->calls;
	apply(ctx);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, memory->calls, i + 2);

	/* Passes that find the quota used up say nothing of the action. */
	memory->err = -EAGAIN;
	scheme->quota.bytes = 100 * P;
	scheme->quota.window_ms = 3600 * MSEC_PER_SEC;
	damon_begin_schemes(ctx);
	for (i = 0; i < 10; i++)
		apply(ctx);
	KUNIT_EXPECT_EQ(test, scheme->nr_failed, 1);
	damon_free_ctx(ctx);
}

/* Within an aggregation, and at its end, counted in samples */
static void damon_test_apply_interval(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *at_end = add_scheme(test, ctx, DAMON_STAT, 20, 0);
	struct damon_scheme *often = add_scheme(test, ctx, DAMON_STAT, ULONG_MAX, 0);
	struct damon_scheme *rarely = add_scheme(test, ctx, DAMON_STAT, ULONG_MAX, 0);
	unsigned int i, done;

	often->apply_interval_us = 2 * ctx->attrs.sample_us;
	rarely->apply_interval_us = 3 * ctx->attrs.aggr_us;
	add(t, 0, 100, 20, 50);
	damon_begin_schemes(ctx);
	for (i = 0; i < 6; i++)
		for (done = 1; done <= 20; done++)
			damon_apply_schemes(ctx, done);
	KUNIT_EXPECT_EQ(test, at_end->stats.nr_tried, 6);
	KUNIT_EXPECT_EQ(test, often->stats.nr_tried, 60);
	KUNIT_EXPECT_EQ(test, rarely->stats.nr_tried, 2);
	damon_free_ctx(ctx);
}

/* In the middle of an aggregation the count is what it would be at its end. */
static void damon_test_moving_count(struct kunit *test)
{
	static const struct {
		unsigned int last, now, unknown, done, expected;
	} cases[] = {
		{ 20, 0, 0, 1, 19 }, { 20, 5, 0, 5, 20 }, { 0, 5, 0, 10, 5 }, { 20, 0, 0, 19, 1 },
		/* Half of ten samples have no result: five of five are ten of ten. */
		{ 0, 5, 5, 10, 10 },
		/* None has one. */
		{ 7, 0, 10, 10, 7 }, { 7, 13, 0, 20, 13 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_ctx *ctx = new_ctx(test, 1);
		struct damon_target *t = add_target(test, ctx);
		struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_STAT,
							 cases[i].expected, 0);
		struct damon_region *r = add(t, 0, 1, cases[i].now, 50);

		scheme->apply_interval_us = 1;
		scheme->pattern.min_nr_accesses = cases[i].expected;
		r->last_nr_accesses = cases[i].last;
		r->nr_unknown = cases[i].unknown;
		damon_begin_schemes(ctx);
		damon_apply_schemes(ctx, cases[i].done);
		KUNIT_EXPECT_EQ_MSG(test, scheme->stats.nr_tried, 1, "case %u", i);
		damon_free_ctx(ctx);
	}
}

/* A new region is not idle just because nothing has been counted yet. */
static void damon_test_unknown_region(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 1, 0);

	scheme->apply_interval_us = 1;
	add(t, 0, 10, 1, 0)->last_nr_accesses = 0;
	t->regions.v[0].weight = 0;
	damon_begin_schemes(ctx);
	damon_apply_schemes(ctx, 1);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_tried, 0);
	apply(ctx);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_tried, 1);
	damon_free_ctx(ctx);
}

/* A cut in the middle of an aggregation: the prepared page stays with its piece. */
static void damon_test_cut_keeps_probe(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_target *t = add_target(test, ctx);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 20, 0);
	struct damon_region *r = add(t, 0, 100, 3, 50);

	scheme->apply_interval_us = 1;
	scheme->quota.bytes = 40 * P;
	r->probe = 50 * P;
	r->hits[1] = 3;
	damon_begin_schemes(ctx);
	damon_apply_schemes(ctx, 5);
	expect_region(test, t, 0, 0, 40, 0);
	expect_region(test, t, 1, 40, 100, 50);
	KUNIT_EXPECT_EQ(test, t->regions.v[0].probe, DAMON_NO_PROBE);
	KUNIT_EXPECT_EQ(test, t->regions.v[1].probe, 50 * P);
	KUNIT_EXPECT_EQ(test, t->regions.v[0].hits[1], 0);
	KUNIT_EXPECT_EQ(test, t->regions.v[1].nr_accesses, 3);
	damon_free_ctx(ctx);
}

static void damon_test_commit_keeps(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1), *new = new_ctx(test, 2);
	struct damon_scheme *old[2], *next[3];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		old[i] = add_scheme(test, ctx, i ? DAMON_STAT : DAMON_PAGEOUT, 20, 0);
		old[i]->quota.bytes = 10 * P;
	}
	damon_begin_schemes(ctx);
	for (i = 0; i < 2; i++) {
		old[i]->stats.nr_tried = 5 + i;
		old[i]->nr_failed = 6;
		old[i]->quota.charged_bytes = 4 * P;
	}
	for (i = 0; i < 3; i++)
		next[i] = add_scheme(test, new, i ? DAMON_HUGEPAGE : DAMON_PAGEOUT, 3, 0);
	damon_keep_schemes(ctx, new);
	KUNIT_EXPECT_EQ(test, next[0]->stats.nr_tried, 5);
	KUNIT_EXPECT_EQ(test, next[0]->quota.charged_bytes, 4 * P);
	KUNIT_EXPECT_EQ(test, next[0]->pattern.max_nr_accesses, 3);
	/* What made it fail may have been mended. */
	KUNIT_EXPECT_EQ(test, next[0]->nr_failed, 0);
	/* Another action is another scheme. */
	KUNIT_EXPECT_EQ(test, next[1]->stats.nr_tried, 0);
	KUNIT_EXPECT_EQ(test, next[2]->stats.nr_tried, 0);
	damon_free_ctx(ctx);
	damon_free_ctx(new);
}

static void damon_test_check_schemes(struct kunit *test)
{
	struct damon_ctx *ctx = new_ctx(test, 1);
	struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_STAT, 20, 0);
	enum damon_action action;

	for (action = 0; action < DAMON_NR_ACTIONS; action++) {
		scheme->action = action;
		KUNIT_EXPECT_EQ(test, damon_check_schemes(ctx),
				action == DAMON_STAT || action == DAMON_PAGEOUT ||
				action == DAMON_HUGEPAGE ? 0 : -EINVAL);
	}
	scheme->action = DAMON_STAT;
	scheme->watermarks = (struct damon_watermarks) {
		.metric = DAMON_WATERMARK_FREE_MEM_RATE, .low = 2, .mid = 1, .high = 3,
	};
	KUNIT_EXPECT_EQ(test, damon_check_schemes(ctx), -EINVAL);
	damon_free_ctx(ctx);
}

/* What was acted on and what was not, page by page, in all targets */
static void expect_ages(struct kunit *test, struct damon_ctx *ctx, unsigned int seed)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx) {
		struct memory *memory = t->private;
		unsigned long last = 0;

		damon_for_each_region(r, &t->regions) {
			unsigned long start = r->range.start / P, end = r->range.end / P;
			unsigned long other;	/* the first page that age tells wrongly of */

			KUNIT_ASSERT_LE_MSG(test, last, start, "seed %u", seed);
			KUNIT_ASSERT_LT_MSG(test, start, end, "seed %u", seed);
			last = end;
			if (r->age)
				other = find_next_bit(memory->acted, PAGES, start);
			else
				other = find_next_zero_bit(memory->acted, PAGES, start);
			KUNIT_EXPECT_GE_MSG(test, other, end, "seed %u", seed);
		}
	}
}

/*
 * Random regions, patterns, quotas and filters: memory is conserved, a quota never exceeded,
 * nothing acted on twice in a pass, and the ages say just what was acted on.
 */
static void damon_test_random_passes(struct kunit *test)
{
	unsigned int seed, i;

	for (seed = 1; seed <= 200; seed++) {
		struct damon_ctx *ctx = new_ctx(test, seed);
		struct damon_scheme *scheme = add_scheme(test, ctx, DAMON_PAGEOUT, 0, 0);
		struct rnd_state random = ctx->random;
		unsigned long before = 0, after = 0, acted = 0;
		struct damon_target *t;

		scheme->pattern.max_nr_accesses = damon_random_below(&random, 21);
		scheme->pattern.min_age = damon_random_below(&random, 10);
		scheme->quota.size_weight = damon_random_below(&random, 3);
		scheme->quota.accesses_weight = damon_random_below(&random, 3);
		scheme->quota.age_weight = damon_random_below(&random, 3);
		if (damon_random_below(&random, 2))
			scheme->quota.bytes = 1 + damon_random_below(&random, PAGES * P);
		if (damon_random_below(&random, 2)) {
			scheme->filters = kvzalloc(sizeof(*scheme->filters), GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, scheme->filters);
			scheme->nr_filters = 1;
			scheme->filters->type = DAMON_FILTER_ADDR;
			scheme->filters->matching = damon_random_below(&random, 2);
			scheme->filters->range.start = damon_random_below(&random, PAGES) * P;
			scheme->filters->range.end = scheme->filters->range.start +
						     (1 + damon_random_below(&random, PAGES)) * P;
		}
		for (i = 0; i < 3; i++) {
			unsigned long at = damon_random_below(&random, 10);

			t = add_target(test, ctx);
			((struct memory *)t->private)->most = 1 + damon_random_below(&random, 600);
			while (at < PAGES - 200) {
				unsigned long end = at + 1 + damon_random_below(&random, 200);

				add(t, at, end, damon_random_below(&random, 21),
				    1 + damon_random_below(&random, 20));
				at = end + (damon_random_below(&random, 3) ? 0 : 7);
			}
			before += damon_regions_size(&t->regions);
		}
		damon_begin_schemes(ctx);
		scheme->quota.next.target = damon_random_below(&random, 4);
		scheme->quota.next.addr = damon_random_below(&random, PAGES) * P;
		apply(ctx);
		damon_for_each_target(t, ctx) {
			after += damon_regions_size(&t->regions);
			acted += nr_acted(t) * P;
			KUNIT_EXPECT_EQ_MSG(test, ((struct memory *)t->private)->twice, 0,
					    "seed %u", seed);
		}
		KUNIT_EXPECT_EQ_MSG(test, before, after, "seed %u", seed);
		KUNIT_EXPECT_EQ_MSG(test, scheme->stats.sz_tried, acted, "seed %u", seed);
		KUNIT_EXPECT_EQ_MSG(test, scheme->quota.charged_bytes, acted, "seed %u", seed);
		if (scheme->quota.bytes)
			KUNIT_EXPECT_LE_MSG(test, acted, scheme->quota.bytes, "seed %u", seed);
		if (scheme->quota.exceeded)
			KUNIT_EXPECT_EQ_MSG(test, acted, PAGE_ALIGN_DOWN(scheme->quota.bytes),
					    "seed %u", seed);
		expect_ages(test, ctx, seed);
		damon_free_ctx(ctx);
	}
}

static struct kunit_case damon_scheme_cases[] = {
	KUNIT_CASE(damon_test_pattern),
	KUNIT_CASE(damon_test_filter_cuts),
	KUNIT_CASE(damon_test_quota_goes_on),
	KUNIT_CASE(damon_test_quota_priority),
	KUNIT_CASE(damon_test_stat_changes_nothing),
	KUNIT_CASE(damon_test_maximum),
	KUNIT_CASE(damon_test_failed_in_turn),
	KUNIT_CASE(damon_test_time_is_over),
	KUNIT_CASE(damon_test_nothing_left),
	KUNIT_CASE(damon_test_rest_of_window),
	KUNIT_CASE(damon_test_back_off),
	KUNIT_CASE(damon_test_apply_interval),
	KUNIT_CASE(damon_test_moving_count),
	KUNIT_CASE(damon_test_unknown_region),
	KUNIT_CASE(damon_test_cut_keeps_probe),
	KUNIT_CASE(damon_test_commit_keeps),
	KUNIT_CASE(damon_test_check_schemes),
	KUNIT_CASE(damon_test_random_passes),
	{}
};

static struct kunit_suite damon_scheme_suite = {
	.name = "damon-scheme",
	.test_cases = damon_scheme_cases,
};

kunit_test_suite(damon_scheme_suite);
