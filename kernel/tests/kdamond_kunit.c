// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of kdamond.c: start, aggregations, commits and end of monitoring.  Targets
 * are fake things, which do what a test tells them.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "region.h"

#define P	PAGE_SIZE
#define TIMEOUT	(10 * HZ)

/* What a target stands for, and what has been done with it */
struct thing {
	struct damon_range range;
	int err;		/* the next calls return it, if not 0, ... */
	unsigned int lucky;	/* ... but so many of thing_get_ranges() succeed before */
	unsigned int most;	/* ranges that the last of these might have returned */
	unsigned int prepared;	/* regions, since the test began */
	unsigned int checked;
	unsigned long low;	/* lowest start of a region that was sampled */
	struct completion *asked;	/* completed by thing_get_ranges(), ... */
	struct completion *answer;	/* ... which then waits for this one */
	bool late;
	bool idle;
};

static int thing_get_ranges(struct damon_target *t, unsigned int most,
			    struct damon_range **ranges)
{
	struct thing *thing = t->private;
	int err = READ_ONCE(thing->err);

	thing->most = most;
	if (thing->answer) {
		complete(thing->asked);
		thing->late |= !wait_for_completion_timeout(thing->answer,
							    TIMEOUT);
	}
	if (err && !thing->lucky)
		return err;
	if (err)
		thing->lucky--;
	*ranges = kvmalloc(sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	**ranges = thing->range;
	return 1;
}

/* All regions are accessed in each sample, or none.  Returns false if the target has ended. */
static bool thing_sample_target(struct damon_target *t, unsigned int what)
{
	struct thing *thing = t->private;
	struct damon_region *r;

	damon_for_each_region(r, &t->regions) {
		if (what & DAMON_CHECK) {
			thing->checked++;
			r->nr_accesses += !thing->idle;
		}
		if (what & DAMON_PREPARE)
			thing->prepared++;
		thing->low = min(thing->low, r->range.start);
	}
	if (READ_ONCE(thing->err) != -ESRCH)
		return true;
	damon_free_regions(&t->regions);
	return false;
}

static bool thing_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;
	bool alive = false;

	damon_for_each_target(t, ctx)
		alive |= thing_sample_target(t, what);
	return alive;
}

/* Calls of .settle, which is due 100 us after a sample that prepares */
static atomic_t settled;

static bool thing_sample_and_settle(struct damon_ctx *ctx, unsigned int what)
{
	ctx->settle_us = what & DAMON_PREPARE ? 100 : 0;
	return thing_sample(ctx, what);
}

static void thing_settle(struct damon_ctx *ctx)
{
	ctx->settle_us = 0;
	atomic_inc(&settled);
}

static atomic_t freed;

static void thing_free_target(struct damon_target *t)
{
	atomic_inc(&freed);
}

static const struct damon_operations thing_ops = {
	.name = "kunit-things",
	.get_ranges = thing_get_ranges,
	.sample = thing_sample,
};

static const struct damon_operations settling_ops = {
	.name = "kunit-settling-things",
	.get_ranges = thing_get_ranges,
	.sample = thing_sample_and_settle,
	.settle = thing_settle,
	.free_target = thing_free_target,
};

static const struct damon_operations process_ops = {
	.name = "kunit-processes",
	.processes = true,
	.get_ranges = thing_get_ranges,
	.sample = thing_sample,
};

/* What watch_aggregation() finds out while a context runs */
struct watch {
	struct completion aggregated;
	unsigned int wrong;
	unsigned int oldest;	/* if UINT_MAX: gets the highest age of a region */
};

static unsigned int oldest(const struct damon_target *t)
{
	const struct damon_region *r;
	unsigned int age = 0;

	damon_for_each_region(r, &t->regions)
		age = max(age, r->age);
	return age;
}

/* Each region is checked in each sample of an aggregation. */
static void watch_aggregation(const struct damon_ctx *ctx)
{
	unsigned int samples = ctx->attrs.aggr_us / ctx->attrs.sample_us;
	struct watch *watch = ctx->private;
	struct damon_target *t;
	struct damon_region *r;
	unsigned int nr = 0;

	damon_for_each_target(t, ctx) {
		nr += t->regions.nr;
		damon_for_each_region(r, &t->regions)
			watch->wrong += r->nr_accesses != samples;
	}
	watch->wrong += nr > ctx->attrs.max_nr_regions;
	if (watch->oldest == UINT_MAX)
		watch->oldest = oldest(list_first_entry(&ctx->targets, struct damon_target, list));
	complete(&watch->aggregated);
}

/* Wait for @nr aggregations, all of which begin after this call */
static bool wait_aggregations(struct damon_ctx *ctx, unsigned int nr)
{
	struct watch *watch = ctx->private;

	reinit_completion(&watch->aggregated);
	for (nr++; nr--;)
		if (!wait_for_completion_timeout(&watch->aggregated, TIMEOUT))
			return false;
	return true;
}

static bool wait_end(struct damon_ctx *ctx)
{
	unsigned long until = jiffies + TIMEOUT;

	while (damon_kdamond_pid(ctx) != -1) {
		if (time_after(jiffies, until))
			return false;
		usleep_range(100, 200);
	}
	return true;
}

/* A context for @nr things: 4 samples of 200 us, an update after each aggregation */
static struct damon_ctx *new_ctx(struct kunit *test, struct thing *things,
				 unsigned int nr)
{
	struct watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, watch);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	init_completion(&watch->aggregated);
	ctx->private = watch;
	ctx->aggregated = watch_aggregation;
	ctx->ops = &thing_ops;
	ctx->attrs = (struct damon_attrs) { 200, 800, 1, 3, 20 };
	for (; nr--; things++) {
		struct damon_target *t = damon_add_target(ctx, NULL);

		KUNIT_ASSERT_NOT_NULL(test, t);
		t->private = things;
		things->low = ULONG_MAX;
	}
	return ctx;
}

static struct damon_target *nth_target(struct damon_ctx *ctx, unsigned int n)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		if (!n--)
			return t;
	return NULL;
}

static void damon_test_refused(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 0);

	KUNIT_EXPECT_EQ(test, -EINVAL, damon_start(ctx, false));	/* no target */
	damon_free_ctx(ctx);

	ctx = new_ctx(test, &thing, 1);
	KUNIT_EXPECT_EQ(test, -1, damon_kdamond_pid(ctx));
	KUNIT_EXPECT_EQ(test, -EPERM, damon_stop(ctx));

	ctx->attrs.aggr_us = ctx->attrs.sample_us - 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_start(ctx, false));
	ctx->attrs.aggr_us = ctx->attrs.sample_us;

	thing.err = -ENOMEM;
	KUNIT_EXPECT_EQ(test, -ENOMEM, damon_start(ctx, false));
	thing.err = -ESRCH;
	KUNIT_EXPECT_EQ(test, -ESRCH, damon_start(ctx, false));
	thing.err = 0;
	thing.range.end = 0;
	KUNIT_EXPECT_EQ(test, -ESRCH, damon_start(ctx, false));

	ctx->ops = &process_ops;
	thing.range.end = P;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_start(ctx, false));	/* no pid */
	ctx->ops = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, -1, damon_kdamond_pid(ctx));
	KUNIT_EXPECT_EQ(test, 0, thing.prepared);
	damon_free_ctx(ctx);
}

/* All targets together have ranges for at most half of the regions, but each at least 3. */
static void damon_test_most_ranges(struct kunit *test)
{
	static const struct {
		u64 max;
		unsigned int nr, most;
	} cases[] = {
		{ 20, 1, 10 }, { 20, 2, 5 }, { 20, 4, 3 }, { 3, 1, 3 },
		{ 1ULL << 33, 1, INT_MAX }, { ULONG_MAX, 2, INT_MAX },
	};
	struct thing things[4] = {};
	struct damon_ctx *ctx;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].max > ULONG_MAX)
			continue;
		for (j = 0; j < ARRAY_SIZE(things); j++)
			things[j].range.end = 100 * P;
		ctx = new_ctx(test, things, cases[i].nr);
		ctx->attrs.max_nr_regions = cases[i].max;
		KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
		KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
		for (j = 0; j < cases[i].nr; j++)
			KUNIT_EXPECT_EQ_MSG(test, things[j].most,
					    min(cases[i].most, ULONG_MAX / 2 / cases[i].nr),
					    "case %u", i);
		damon_free_ctx(ctx);
	}
}

static void damon_test_side_by_side(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 50 * P } } };
	struct damon_ctx *a = new_ctx(test, &things[0], 1);
	struct damon_ctx *b = new_ctx(test, &things[1], 1);

	KUNIT_EXPECT_EQ(test, 0, damon_start(a, false));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(a, false));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(b, true));
	KUNIT_EXPECT_EQ(test, 0, damon_start(b, false));
	KUNIT_EXPECT_GT(test, damon_kdamond_pid(a), 0);
	KUNIT_EXPECT_NE(test, damon_kdamond_pid(a), damon_kdamond_pid(b));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(a, 1));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(b, 1));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(a));
	KUNIT_EXPECT_EQ(test, -1, damon_kdamond_pid(a));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(a, true));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(b));

	KUNIT_EXPECT_EQ(test, 0, damon_start(a, true));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(b, false));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(b, true));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(a));
	KUNIT_EXPECT_EQ(test, 0, damon_start(b, false));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(b));
	KUNIT_EXPECT_EQ(test, -EPERM, damon_stop(b));
	damon_free_ctx(a);
	damon_free_ctx(b);
}

static void damon_test_aggregations(struct kunit *test)
{
	struct thing things[2] = { { { 0, 1000 * P } }, { { 7 * P, 8 * P } } };
	struct damon_ctx *ctx = new_ctx(test, things, 2);
	struct watch *watch = ctx->private;

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 20));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 0, watch->wrong);
	/* The first count, 4 after 0, is a change; after that nothing changes. */
	KUNIT_EXPECT_GE(test, oldest(nth_target(ctx, 0)), 19);

	/* At the next start nothing is known. */
	ctx->attrs.sample_us = ULONG_MAX;
	ctx->attrs.aggr_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 0, oldest(nth_target(ctx, 0)));
	damon_free_ctx(ctx);
}

/* .settle is called in time, even if no sample follows. */
static void damon_test_settle(struct kunit *test)
{
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	int before;

	ctx->ops = &settling_ops;
	atomic_set(&settled, 0);
	/* Samples are longer than settle_us: one call for each sample that prepares */
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 4));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_GE(test, atomic_read(&settled), 16);
	KUNIT_EXPECT_EQ(test, 0, ((struct watch *)ctx->private)->wrong);

	ctx->attrs.sample_us = ULONG_MAX;
	ctx->attrs.aggr_us = ULONG_MAX;
	before = atomic_read(&settled);
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	msleep(20);
	KUNIT_EXPECT_EQ(test, atomic_read(&settled), before + 1);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));

	/* Samples are shorter: only when the kdamond is stopped */
	ctx->attrs = (struct damon_attrs) { 50, 500, 1, 3, 20 };
	before = atomic_read(&settled);
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 4));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_LE(test, atomic_read(&settled), before + 1);
	damon_free_ctx(ctx);
}

/* A target's state is kept in a commit together with its regions, and is freed once. */
static void damon_test_state(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 100 * P } } };
	struct damon_ctx *ctx = new_ctx(test, things, 2), *new;

	ctx->ops = &settling_ops;
	atomic_set(&freed, 0);
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	nth_target(ctx, 0)->state = &things[0];
	nth_target(ctx, 1)->state = &things[1];
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	new = new_ctx(test, &things[1], 1);
	new->ops = &settling_ops;
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&freed));
	KUNIT_EXPECT_PTR_EQ(test, nth_target(ctx, 0)->state, &things[1]);
	/* The next start begins without the state. */
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&freed));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&freed));
}

/* The longest intervals do not overflow, and damon_stop() does not wait for their end. */
static void damon_test_longest_intervals(struct kunit *test)
{
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	unsigned long begin = jiffies;

	ctx->attrs.sample_us = ULONG_MAX;
	ctx->attrs.aggr_us = ULONG_MAX;
	ctx->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	msleep(20);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 0, thing.checked);
	KUNIT_EXPECT_LT(test, jiffies - begin, TIMEOUT);
	damon_free_ctx(ctx);
}

static void damon_test_stop_at_once(struct kunit *test)
{
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	int i, err = 0;

	for (i = 0; !err && i < 100; i++)
		err = damon_start(ctx, i % 2) ?: damon_stop(ctx);
	KUNIT_EXPECT_EQ(test, 0, err);
	damon_free_ctx(ctx);
}

static int start(void *ctx)
{
	return damon_start(ctx, false);
}

/* A start that waits for its target does not block calls for other contexts. */
static void damon_test_start_waits(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(asked);
	DECLARE_COMPLETION_ONSTACK(answer);
	struct thing things[2] = {
		{ { 0, 100 * P }, .asked = &asked, .answer = &answer },
		{ { 0, 100 * P } },
	};
	struct damon_ctx *slow = new_ctx(test, &things[0], 1);
	struct damon_ctx *other = new_ctx(test, &things[1], 1);
	struct task_struct *starter = kthread_run(start, slow, "kunit-starter");

	KUNIT_ASSERT_FALSE(test, IS_ERR(starter));
	get_task_struct(starter);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&asked, TIMEOUT), 0);

	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(slow, false));
	KUNIT_EXPECT_EQ(test, -1, damon_kdamond_pid(slow));
	KUNIT_EXPECT_EQ(test, -EPERM, damon_stop(slow));
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_start(other, true));
	KUNIT_EXPECT_EQ(test, 0, damon_start(other, false));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(other));

	complete_all(&answer);
	KUNIT_EXPECT_EQ(test, 0, kthread_stop_put(starter));
	KUNIT_EXPECT_FALSE(test, things[0].late);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(slow, 1));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(slow));
	/* It no longer counts as running. */
	KUNIT_EXPECT_EQ(test, 0, damon_start(other, true));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(other));
	damon_free_ctx(slow);
	damon_free_ctx(other);
}

static void damon_test_end(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 100 * P } } };
	struct damon_ctx *ctx = new_ctx(test, things, 2);
	unsigned int prepared;

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	WRITE_ONCE(things[0].err, -ESRCH);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	prepared = things[0].prepared;
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	/* The first target has ended, the other one is still watched ... */
	KUNIT_EXPECT_EQ(test, prepared, things[0].prepared);
	KUNIT_EXPECT_GT(test, things[1].prepared, prepared);

	/* ... until it ends, too, and the kdamond with it. */
	WRITE_ONCE(things[1].err, -ESRCH);
	KUNIT_EXPECT_TRUE(test, wait_end(ctx));
	KUNIT_EXPECT_EQ(test, -EPERM, damon_stop(ctx));
	damon_free_ctx(ctx);
}

/* A target that has ended is not watched, even if ranges were set for it. */
static void damon_test_end_with_ranges(struct kunit *test)
{
	static const struct damon_range given = { 10 * P, 20 * P };
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 100 * P } } };
	struct damon_ctx *ctx = new_ctx(test, things, 2);
	unsigned int prepared;

	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(nth_target(ctx, 0), &given, 1));
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	WRITE_ONCE(things[0].err, -ESRCH);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	prepared = things[0].prepared;
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 5));
	KUNIT_EXPECT_EQ(test, prepared, things[0].prepared);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));

	/* Nor can it be started */
	WRITE_ONCE(things[1].err, -ESRCH);
	KUNIT_EXPECT_EQ(test, -ESRCH, damon_start(ctx, false));
	damon_free_ctx(ctx);
}

/* Ranges that were set are watched until the first update ... */
static void damon_test_given_ranges(struct kunit *test)
{
	static const struct damon_range given = { 10 * P, 20 * P };
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);

	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(nth_target(ctx, 0), &given, 1));
	ctx->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, given.start, thing.low);

	ctx->attrs.update_us = 1;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, thing.range.start, thing.low);
	damon_free_ctx(ctx);
}

/* ... and again after a commit. */
static void damon_test_commit_given_ranges(struct kunit *test)
{
	static const struct damon_range given = { 10 * P, 20 * P };
	static const struct damon_range others = { 50 * P, 60 * P };
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1), *new;

	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(nth_target(ctx, 0), &given, 1));
	ctx->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));

	new = new_ctx(test, &thing, 1);
	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(nth_target(new, 0), &given, 1));
	new->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, given.start, thing.low);

	new = new_ctx(test, &thing, 1);
	KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(nth_target(new, 0), &others, 1));
	new->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, others.start,
			nth_target(ctx, 0)->regions.v[0].range.start);
	damon_free_ctx(ctx);
}

/* If several targets watch one thing, a commit finds each of them by its ranges. */
static void damon_test_commit_parts(struct kunit *test)
{
	static const struct damon_range parts[] = {
		{ 0, 100 * P }, { 100 * P, 200 * P }, { 200 * P, 300 * P },
	};
	struct thing thing = { { 0, 300 * P } }, new_thing = { { 0, 300 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1), *new;
	struct damon_target *t;
	int i;

	new = new_ctx(test, &thing, 1);
	for (i = 1; i < ARRAY_SIZE(parts); i++) {
		damon_add_target(ctx, NULL)->private = &thing;
		damon_add_target(new, NULL)->private = &thing;
	}
	/* The first two targets swap places, the third one gets a new thing. */
	nth_target(new, 2)->private = &new_thing;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		t = nth_target(ctx, i);
		KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(t, &parts[i], 1));
		t = nth_target(new, (4 - i) % 3);
		KUNIT_ASSERT_EQ(test, 0, damon_set_ranges(t, &parts[i], 1));
	}
	ctx->attrs.update_us = ULONG_MAX;
	new->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 30));
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));

	KUNIT_EXPECT_GE(test, oldest(nth_target(ctx, 0)), 30);
	KUNIT_EXPECT_GE(test, oldest(nth_target(ctx, 1)), 30);
	KUNIT_EXPECT_LT(test, oldest(nth_target(ctx, 2)), 30);
	damon_free_ctx(ctx);
}

static void damon_test_commit(struct kunit *test)
{
	struct thing things[3] = {
		{ { 0, 100 * P } }, { { 0, 200 * P } }, { { 0, 300 * P } }
	};
	struct damon_ctx *ctx = new_ctx(test, &things[0], 2), *new, *ended;
	unsigned int old_samples;

	new = new_ctx(test, &things[1], 2);
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_commit(ctx, new));	/* not running */

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 10));

	new->attrs.max_nr_regions = 2;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_commit(ctx, new));
	new->attrs.max_nr_regions = 30;
	/* What could not be started is refused by damon_commit(), not later by the kdamond. */
	things[2].err = -EINVAL;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_commit(ctx, new));
	things[2].err = -ESRCH;
	ended = new_ctx(test, &things[2], 1);
	KUNIT_EXPECT_EQ(test, -ESRCH, damon_commit(ctx, ended));
	damon_free_ctx(ended);
	things[2].err = 0;
	new->attrs.aggr_us = 8 * new->attrs.sample_us;
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 1));
	old_samples = things[0].prepared;
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 1));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));

	/* The first target is gone, the second is now the first and known, the third is new */
	KUNIT_EXPECT_EQ(test, old_samples, things[0].prepared);
	KUNIT_EXPECT_PTR_EQ(test, nth_target(ctx, 0)->private, &things[1]);
	KUNIT_EXPECT_PTR_EQ(test, nth_target(ctx, 1)->private, &things[2]);
	KUNIT_EXPECT_GT(test, things[2].prepared, 0);
	/* ten aggregations are five of the new ones, which are twice as long */
	KUNIT_EXPECT_GE(test, oldest(nth_target(ctx, 0)),
			oldest(nth_target(ctx, 1)) + 5);
	KUNIT_EXPECT_EQ(test, 0, ((struct watch *)ctx->private)->wrong);
	KUNIT_EXPECT_EQ(test, ctx->attrs.aggr_us, 1600);
	damon_free_ctx(ctx);
}

/* A commit that is replaced or never used is freed with all its references. */
static void damon_test_commit_pending(struct kunit *test)
{
	struct thing thing = { { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);

	ctx->attrs.sample_us = ULONG_MAX;
	ctx->attrs.aggr_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new_ctx(test, &thing, 1)));
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new_ctx(test, &thing, 1)));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	/* The next start drops it */
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new_ctx(test, &thing, 1)));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
}

/* The last target ends just after another one was committed. */
static void damon_test_commit_at_the_end(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 200 * P } } };
	struct damon_ctx *ctx = new_ctx(test, &things[0], 1);

	ctx->attrs.sample_us = 200 * USEC_PER_MSEC;
	ctx->attrs.aggr_us = 400 * USEC_PER_MSEC;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	/* Commit first: the kdamond may notice the end of the target at any time. */
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new_ctx(test, &things[1], 1)));
	WRITE_ONCE(things[0].err, -ESRCH);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_GT(test, things[1].prepared, 0);

	WRITE_ONCE(things[1].err, -ESRCH);
	KUNIT_EXPECT_TRUE(test, wait_end(ctx));
	KUNIT_EXPECT_EQ(test, 0, ((struct watch *)ctx->private)->wrong);
	damon_free_ctx(ctx);
}

/* A new target is watched as soon as there is memory for it. */
static void damon_test_commit_without_memory(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 200 * P } } };
	struct damon_ctx *ctx = new_ctx(test, things, 1), *new;
	unsigned int prepared;

	ctx->attrs.update_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	new = new_ctx(test, things, 2);
	new->attrs.update_us = ULONG_MAX;
	/* The check by damon_commit() still succeeds, calls by the kdamond fail. */
	things[1].lucky = 1;
	things[1].err = -ENOMEM;
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	prepared = things[0].prepared;
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_GT(test, things[0].prepared, prepared);
	KUNIT_EXPECT_EQ(test, 0, things[1].prepared);

	WRITE_ONCE(things[1].err, 0);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_GT(test, things[1].prepared, 0);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 0, ((struct watch *)ctx->private)->wrong);
	damon_free_ctx(ctx);
}

/* What poll_until() and note_region() are to do, and have done */
struct answer {
	unsigned int polls;
	unsigned int regions;
	unsigned int enough;	/* polls */
};

static bool poll_until(struct damon_ctx *ctx, void *arg)
{
	struct answer *answer = arg;

	return ++answer->polls >= answer->enough;
}

static void note_region(const struct damon_scheme *scheme, const struct damon_region *r, void *arg)
{
	struct answer *answer = arg;

	answer->regions++;
}

static struct damon_scheme *add_stat(struct kunit *test, struct damon_ctx *ctx)
{
	struct damon_scheme *scheme = damon_add_scheme(ctx);

	KUNIT_ASSERT_NOT_NULL(test, scheme);
	scheme->pattern.max_size = ULONG_MAX;
	scheme->pattern.max_nr_accesses = ULONG_MAX;
	scheme->pattern.max_age = ULONG_MAX;
	return scheme;
}

/* A call is answered at once, however long it is until the next sample. */
static void damon_test_call(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	struct answer answer = { .enough = 1 };
	struct damon_call call = { .poll = poll_until, .arg = &answer };

	KUNIT_EXPECT_EQ(test, -EINVAL, damon_queue_call(ctx, &call));
	ctx->attrs.sample_us = 3600UL * USEC_PER_SEC;
	ctx->attrs.aggr_us = ctx->attrs.sample_us;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
	KUNIT_EXPECT_EQ(test, 1, answer.polls);

	/* One at a time; one that is waiting when the kdamond ends is told so. */
	answer.enough = UINT_MAX;
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			damon_queue_call(ctx, &(struct damon_call) { .poll = poll_until }));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, -ECANCELED, damon_wait_call(&call));
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_queue_call(ctx, &call));
	damon_free_ctx(ctx);
}

/* A call that waits for passes is told each region of them. */
static void damon_test_call_of_passes(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	struct damon_scheme *scheme = add_stat(test, ctx);
	struct answer answer = { .enough = 4 };
	struct damon_call call = {
		.poll = poll_until, .before_act = note_region, .arg = &answer,
	};

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	/* A poll within a pass, and one after each of three: at least 3 regions each */
	KUNIT_EXPECT_EQ(test, 4, answer.polls);
	KUNIT_EXPECT_GE(test, answer.regions, 9);
	KUNIT_EXPECT_GE(test, scheme->stats.nr_tried, answer.regions);
	KUNIT_EXPECT_EQ(test, scheme->stats.nr_applied, 0);
	damon_free_ctx(ctx);
}

static bool poll_has_scheme(struct damon_ctx *ctx, void *arg)
{
	*(bool *)arg = !list_empty(&ctx->schemes);
	return true;
}

/* A call after a commit is about what was committed. */
static void damon_test_call_after_commit(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	struct damon_ctx *new = new_ctx(test, &thing, 1);
	bool seen = false;
	struct damon_call call = { .poll = poll_has_scheme, .arg = &seen };

	add_stat(test, new);
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
	KUNIT_EXPECT_TRUE(test, seen);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
}

/* A call, and how it ends */
struct left_call {
	struct damon_call call;
	struct answer answer;
	struct completion waited;
	struct completion released;
	int err;
};

static void release_left(struct damon_call *call)
{
	complete(&container_of(call, struct left_call, call)->released);
}

static int wait_killed(void *arg)
{
	struct left_call *left = arg;

	allow_kernel_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	left->err = damon_wait_call(&left->call);
	complete(&left->waited);
	return 0;
}

/* Queue a call that is never answered, and wait for it in a thread that is killed */
static void leave_call(struct kunit *test, struct damon_ctx *ctx, struct left_call *left)
{
	struct task_struct *waiter;

	init_completion(&left->waited);
	init_completion(&left->released);
	left->answer = (struct answer) { .enough = UINT_MAX };
	left->call.poll = poll_until;
	left->call.arg = &left->answer;
	KUNIT_ASSERT_EQ(test, 0, damon_queue_call(ctx, &left->call));
	waiter = kthread_run(wait_killed, left, "kunit-waiter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(waiter));
	wait_for_completion(&left->waited);
	KUNIT_EXPECT_EQ(test, -EINTR, left->err);
}

static bool wait_released(struct left_call *left)
{
	return wait_for_completion_timeout(&left->released, TIMEOUT);
}

/* A caller that is killed does not wait for a kdamond that hangs, which releases the call later. */
static void damon_test_call_left(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(asked);
	DECLARE_COMPLETION_ONSTACK(answer);
	struct thing thing = { { 0, 100 * P }, .asked = &asked };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	struct left_call *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, left);
	left->call.release = release_left;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	WRITE_ONCE(thing.answer, &answer);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&asked, TIMEOUT), 0);
	leave_call(test, ctx, left);
	KUNIT_EXPECT_FALSE(test, completion_done(&left->released));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			damon_queue_call(ctx, &(struct damon_call) { .poll = poll_until }));
	complete_all(&answer);
	KUNIT_EXPECT_TRUE(test, wait_released(left));
	KUNIT_EXPECT_EQ(test, 0, left->answer.polls);

	/* It is released if the kdamond ends before it has noticed, too. */
	reinit_completion(&asked);
	reinit_completion(&answer);
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&asked, TIMEOUT), 0);
	leave_call(test, ctx, left);
	WRITE_ONCE(thing.err, -ESRCH);
	complete_all(&answer);
	KUNIT_EXPECT_TRUE(test, wait_released(left));
	KUNIT_EXPECT_TRUE(test, wait_end(ctx));
	KUNIT_EXPECT_FALSE(test, thing.late);
	damon_free_ctx(ctx);
}

/* It does not wait for the next sample, and who can't leave the call does not either. */
static void damon_test_call_cancelled(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_ctx(test, &thing, 1);
	struct left_call *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);
	struct answer answer = { .enough = 1 };
	struct damon_call call = { .poll = poll_until, .arg = &answer };

	KUNIT_ASSERT_NOT_NULL(test, left);
	ctx->attrs.sample_us = 3600UL * USEC_PER_SEC;
	ctx->attrs.aggr_us = ctx->attrs.sample_us;
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	leave_call(test, ctx, left);
	KUNIT_EXPECT_FALSE(test, completion_done(&left->released));

	left->call.release = release_left;
	leave_call(test, ctx, left);
	KUNIT_EXPECT_TRUE(test, wait_released(left));
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
}

/* While no scheme is active nothing is sampled, but calls, commits and a stop work at once. */
static void damon_test_inactive(struct kunit *test)
{
	struct thing things[2] = { { { 0, 100 * P } }, { { 0, 50 * P } } };
	struct damon_ctx *ctx = new_ctx(test, &things[0], 1);
	struct damon_ctx *new = new_ctx(test, &things[1], 1);
	struct damon_scheme *scheme = add_stat(test, ctx);
	struct answer answer = { .enough = 1 };
	struct damon_call call = { .poll = poll_until, .arg = &answer };

	/* There is never that little free memory. */
	scheme->watermarks = (struct damon_watermarks) {
		.metric = DAMON_WATERMARK_FREE_MEM_RATE, .interval_us = 3600UL * USEC_PER_SEC,
	};
	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
	usleep_range(5000, 6000);
	KUNIT_EXPECT_EQ(test, 0, things[0].prepared);
	KUNIT_EXPECT_TRUE(test, scheme->watermarks.inactive);

	add_stat(test, new);
	KUNIT_EXPECT_EQ(test, 0, damon_commit(ctx, new));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 2));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	/* There was no aggregation with what was before. */
	KUNIT_EXPECT_EQ(test, 0, things[0].prepared);
	KUNIT_EXPECT_GT(test, things[1].prepared, 0);

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
}

/* Let any amount of free memory make the scheme active, or none */
static bool poll_activate(struct damon_ctx *ctx, void *arg)
{
	const bool *active = arg;
	struct damon_scheme *scheme;

	damon_for_each_scheme(scheme, ctx)
		scheme->watermarks = (struct damon_watermarks) {
			.metric = DAMON_WATERMARK_FREE_MEM_RATE,
			.interval_us = 1000,
			.high = *active ? ULONG_MAX : 0,
			.mid = *active ? ULONG_MAX : 0,
			.inactive = scheme->watermarks.inactive,
		};
	return true;
}

static bool poll_inactive(struct damon_ctx *ctx, void *arg)
{
	return list_first_entry(&ctx->schemes, struct damon_scheme, list)->watermarks.inactive;
}

static void call_kdamond(struct kunit *test, struct damon_ctx *ctx,
			 bool (*poll)(struct damon_ctx *ctx, void *arg), bool arg)
{
	struct damon_call call = { .poll = poll, .arg = &arg };

	KUNIT_EXPECT_EQ(test, 0, damon_queue_call(ctx, &call));
	KUNIT_EXPECT_EQ(test, 0, damon_wait_call(&call));
}

/* Start a context with a scheme, let it run for 30 aggregations and become inactive then */
static struct damon_ctx *new_inactive_ctx(struct kunit *test, struct thing *thing)
{
	struct damon_ctx *ctx = new_ctx(test, thing, 1);

	add_stat(test, ctx);
	KUNIT_ASSERT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 30));
	call_kdamond(test, ctx, poll_activate, false);
	call_kdamond(test, ctx, poll_inactive, false);
	/* A call that comes later is answered when the kdamond has nothing else to do. */
	call_kdamond(test, ctx, poll_inactive, false);
	return ctx;
}

/* Memory that was idle before a time without samples is not known to have been idle since. */
static void damon_test_active_again(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P }, .idle = true };
	struct damon_ctx *ctx = new_inactive_ctx(test, &thing);
	struct watch *watch = ctx->private;
	unsigned int prepared = thing.prepared;

	usleep_range(5000, 6000);
	KUNIT_EXPECT_EQ(test, prepared, thing.prepared);
	KUNIT_EXPECT_GE(test, oldest(nth_target(ctx, 0)), 30);
	watch->oldest = UINT_MAX;
	call_kdamond(test, ctx, poll_activate, true);
	KUNIT_EXPECT_TRUE(test, wait_aggregations(ctx, 1));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	/* The first aggregation adds one to the age of what it finds idle. */
	KUNIT_EXPECT_LE(test, watch->oldest, 1);
	damon_free_ctx(ctx);
}

/* A target that ends in such a time is missed when a scheme becomes active. */
static void damon_test_end_while_inactive(struct kunit *test)
{
	struct thing thing = { .range = { 0, 100 * P } };
	struct damon_ctx *ctx = new_inactive_ctx(test, &thing);

	WRITE_ONCE(thing.err, -ESRCH);
	usleep_range(5000, 6000);
	KUNIT_EXPECT_NE(test, -1, damon_kdamond_pid(ctx));
	call_kdamond(test, ctx, poll_activate, true);
	KUNIT_EXPECT_TRUE(test, wait_end(ctx));
	damon_free_ctx(ctx);
}

static struct kunit_case damon_kdamond_cases[] = {
	KUNIT_CASE(damon_test_refused),
	KUNIT_CASE(damon_test_most_ranges),
	KUNIT_CASE(damon_test_side_by_side),
	KUNIT_CASE(damon_test_aggregations),
	KUNIT_CASE(damon_test_settle),
	KUNIT_CASE(damon_test_state),
	KUNIT_CASE(damon_test_longest_intervals),
	KUNIT_CASE(damon_test_stop_at_once),
	KUNIT_CASE(damon_test_start_waits),
	KUNIT_CASE(damon_test_end),
	KUNIT_CASE(damon_test_end_with_ranges),
	KUNIT_CASE(damon_test_given_ranges),
	KUNIT_CASE(damon_test_commit_given_ranges),
	KUNIT_CASE(damon_test_commit_parts),
	KUNIT_CASE(damon_test_commit),
	KUNIT_CASE(damon_test_commit_pending),
	KUNIT_CASE(damon_test_commit_at_the_end),
	KUNIT_CASE(damon_test_commit_without_memory),
	KUNIT_CASE(damon_test_call),
	KUNIT_CASE(damon_test_call_of_passes),
	KUNIT_CASE(damon_test_call_after_commit),
	KUNIT_CASE(damon_test_call_left),
	KUNIT_CASE(damon_test_call_cancelled),
	KUNIT_CASE(damon_test_inactive),
	KUNIT_CASE(damon_test_active_again),
	KUNIT_CASE(damon_test_end_while_inactive),
	{}
};

static struct kunit_suite damon_kdamond_suite = {
	.name = "damon-kdamond",
	.test_cases = damon_kdamond_cases,
};

kunit_test_suite(damon_kdamond_suite);
