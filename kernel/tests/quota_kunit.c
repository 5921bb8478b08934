// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of quota.c: limits of bytes, time and goals.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "quota.h"

static void damon_test_no_limit(struct kunit *test)
{
	struct damon_quota none = {}, *quota = &none;

	damon_begin_window(quota, ms_to_ktime(1));
	KUNIT_EXPECT_EQ(test, quota->effective_bytes, ULONG_MAX);
	damon_charge_quota(quota, SZ_1G, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), ULONG_MAX);
}

static void damon_test_bytes(struct kunit *test)
{
	struct damon_quota bytes = { .window_ms = 100, .bytes = SZ_1M + 5 }, *quota = &bytes;

	damon_begin_window(quota, ms_to_ktime(1000));
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), SZ_1M);
	damon_charge_quota(quota, SZ_64K, 0);
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), SZ_1M - SZ_64K);
	damon_charge_quota(quota, SZ_1M, 0);
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), 0);
	KUNIT_EXPECT_TRUE(test, damon_exceed_quota(quota));
	KUNIT_EXPECT_FALSE(test, damon_exceed_quota(quota));

	damon_begin_window(quota, ms_to_ktime(1099));
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), 0);
	damon_begin_window(quota, ms_to_ktime(1100));
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), SZ_1M);
	KUNIT_EXPECT_TRUE(test, damon_exceed_quota(quota));
}

/* Without a length each pass is a window. */
static void damon_test_no_window(struct kunit *test)
{
	struct damon_quota bytes = { .bytes = SZ_1M }, *quota = &bytes;

	damon_begin_window(quota, ms_to_ktime(1000));
	damon_charge_quota(quota, SZ_1M, 0);
	damon_begin_window(quota, ms_to_ktime(1000));
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), SZ_1M);
}

static void damon_test_time(struct kunit *test)
{
	struct damon_quota time = { .window_ms = 1000, .ms = 10 }, *quota = &time;
	unsigned int i;

	damon_begin_window(quota, ms_to_ktime(1000));
	KUNIT_EXPECT_LT(test, quota->effective_bytes, ULONG_MAX);
	KUNIT_EXPECT_GT(test, quota->effective_bytes, 0);
	damon_charge_quota(quota, SZ_16M, 9 * NSEC_PER_MSEC);
	KUNIT_EXPECT_GT(test, damon_quota_left(quota), 0);
	damon_charge_quota(quota, SZ_2M, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), 0);

	/* 18 MiB in 10 ms */
	damon_begin_window(quota, ms_to_ktime(2000));
	KUNIT_EXPECT_EQ(test, quota->effective_bytes, 18 * SZ_1M);
	/* Suddenly ten times slower: known after some windows */
	for (i = 2; i < 30; i++) {
		damon_begin_window(quota, ms_to_ktime(1000 * i));
		damon_charge_quota(quota, 18 * SZ_1M / 10, 10 * NSEC_PER_MSEC);
	}
	damon_begin_window(quota, ms_to_ktime(1000 * i));
	KUNIT_EXPECT_LE(test, quota->effective_bytes, 2 * SZ_1M);
	KUNIT_EXPECT_GE(test, quota->effective_bytes, SZ_1M);
}

/* However long the time, and however fast the action: nothing overflows, which traps on x86. */
static void damon_test_fast_action(struct kunit *test)
{
	struct damon_quota time = { .window_ms = 1000, .ms = ULONG_MAX }, *quota = &time;
	unsigned int i, now = 0;

	quota->total_ns = 1;
	quota->total_bytes = 1ULL << 47;
	damon_begin_window(quota, ms_to_ktime(++now * 1000));
	KUNIT_EXPECT_EQ(test, quota->effective_bytes, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, damon_quota_left(quota), ULONG_MAX);
	for (i = 0; i < 64; i++) {
		quota->total_ns = 1 + i / 16;
		quota->total_bytes = 1ULL << i;
		damon_begin_window(quota, ms_to_ktime(++now * 1000));
		KUNIT_EXPECT_GE(test, quota->effective_bytes, PAGE_SIZE);
	}
	quota->ms = 1;
	quota->total_ns = NSEC_PER_MSEC;
	quota->total_bytes = SZ_1M;
	damon_begin_window(quota, ms_to_ktime(++now * 1000));
	KUNIT_EXPECT_EQ(test, quota->effective_bytes, SZ_1M);
}

/* What is only counted takes no time: then there is no limit. */
static void damon_test_no_time(struct kunit *test)
{
	struct damon_quota quota = { .window_ms = 100, .ms = 1 };

	damon_begin_window(&quota, ms_to_ktime(100));
	KUNIT_EXPECT_LT(test, quota.effective_bytes, ULONG_MAX);
	damon_charge_quota(&quota, SZ_1M, 0);
	damon_begin_window(&quota, ms_to_ktime(200));
	KUNIT_EXPECT_EQ(test, quota.effective_bytes, ULONG_MAX);
}

/* The next window of 100 ms, after one that was not enough if @exceeded */
static unsigned long next_window(struct damon_quota *quota, bool exceeded)
{
	if (exceeded)
		damon_exceed_quota(quota);
	damon_begin_window(quota, ktime_add_ms(quota->begun, 100));
	return quota->effective_bytes;
}

/* Twice as much if nothing is reached, half as much if half as much again is reached */
static void damon_test_goal(struct kunit *test)
{
	struct damon_goal goals[2] = { { .target = 10000 }, { .target = 100 } };
	struct damon_quota quota = { .window_ms = 100, .goals = goals, .nr_goals = 1 };
	unsigned long last;
	unsigned int i;

	damon_reset_quota(&quota);
	last = next_window(&quota, false);
	KUNIT_EXPECT_GE(test, last, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), 2 * last);
	/* What was not used up is not raised. */
	KUNIT_EXPECT_EQ(test, next_window(&quota, false), 2 * last);
	goals[0].current_value = 10000;
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), 2 * last);
	goals[0].current_value = 15000;
	KUNIT_EXPECT_EQ(test, next_window(&quota, false), last);
	/* The other goal is nearer to being reached. */
	quota.nr_goals = 2;
	goals[0].current_value = 0;
	goals[1].current_value = 100;
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), last);
	/* At most halved in a window, however much is reached, and never less than a page */
	goals[1].current_value = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), last / 2);
	goals[1].target = 0;
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), last / 4);
	for (i = 0; i < 100; i++)
		next_window(&quota, true);
	KUNIT_EXPECT_EQ(test, quota.effective_bytes, PAGE_SIZE);
}

/* A goal does not allow more than other limits, and so limits at once when it is exceeded. */
static void damon_test_goal_and_limits(struct kunit *test)
{
	struct damon_goal goal = { .target = 10 };
	struct damon_quota quota = { .window_ms = 100, .goals = &goal, .nr_goals = 1 };
	unsigned int i;

	damon_reset_quota(&quota);
	quota.bytes = SZ_16M;
	for (i = 0; i < 100; i++)
		next_window(&quota, true);
	KUNIT_EXPECT_EQ(test, quota.effective_bytes, SZ_16M);
	KUNIT_EXPECT_EQ(test, damon_quota_left(&quota), SZ_16M);
	goal.current_value = 15;
	KUNIT_EXPECT_EQ(test, next_window(&quota, true), SZ_8M);

	/* Nor more than there is memory */
	goal.current_value = 0;
	quota.bytes = 0;
	for (i = 0; i < 100; i++)
		next_window(&quota, true);
	KUNIT_EXPECT_EQ(test, quota.effective_bytes, totalram_pages() << PAGE_SHIFT);
}

/* Pressure is of the time in which it arose, and no pressure is a value, too. */
static void damon_test_pressure(struct kunit *test)
{
	struct damon_goal goal = { .metric = DAMON_GOAL_SOME_MEM_PSI_US };
	ktime_t begin = ms_to_ktime(1000);

	KUNIT_EXPECT_TRUE(test, damon_measure_psi(&goal, 77, 1000, begin));
	KUNIT_EXPECT_EQ(test, goal.current_value, 0);
	/* 500 ms of two seconds are 250 ms of each */
	KUNIT_EXPECT_FALSE(test, damon_measure_psi(&goal, 77, 1000, ktime_add_ms(begin, 1000)));
	KUNIT_EXPECT_TRUE(test, damon_measure_psi(&goal, 500077, 1000,
						  ktime_add_ms(begin, 2000)));
	KUNIT_EXPECT_EQ(test, goal.current_value, 250000);
	/* Old until the total has to have moved */
	KUNIT_EXPECT_FALSE(test, damon_measure_psi(&goal, 500077, 1000,
						   ktime_add_ms(begin, 4400)));
	KUNIT_EXPECT_EQ(test, goal.current_value, 250000);
	KUNIT_EXPECT_TRUE(test, damon_measure_psi(&goal, 500077, 1000,
						  ktime_add_ms(begin, 98000)));
	KUNIT_EXPECT_EQ(test, goal.current_value, 0);
	/* A quiet time before does not count. */
	KUNIT_EXPECT_TRUE(test, damon_measure_psi(&goal, 1000077, 1000,
						  ktime_add_ms(begin, 100000)));
	KUNIT_EXPECT_EQ(test, goal.current_value, 250000);
	/* A window as long as the measurement */
	KUNIT_EXPECT_TRUE(test, damon_measure_psi(&goal, 1200077, 0,
						  ktime_add_ms(begin, 102000)));
	KUNIT_EXPECT_EQ(test, goal.current_value, 200000);
}

static void damon_test_keep_quota(struct kunit *test)
{
	struct damon_goal goals[] = {
		{ .metric = DAMON_GOAL_SOME_MEM_PSI_US, .target = 5, .current_value = 7,
		  .last_total_us = 8, .measured = 9 },
		{ .target = 5, .current_value = 7 },
	}, new_goals[] = {
		{ .metric = DAMON_GOAL_SOME_MEM_PSI_US, .target = 6 },
		{ .target = 6, .current_value = 1 },
	};
	struct damon_quota old = { .window_ms = 1000, .bytes = SZ_1M };
	struct damon_quota new = { .window_ms = 1000, .bytes = SZ_2M };

	damon_begin_window(&old, ms_to_ktime(1000));
	damon_charge_quota(&old, SZ_512K, 77);
	damon_keep_quota(&old, &new);
	KUNIT_EXPECT_EQ(test, damon_quota_left(&new), SZ_2M - SZ_512K);
	KUNIT_EXPECT_EQ(test, new.effective_bytes, SZ_2M);
	KUNIT_EXPECT_EQ(test, new.total_ns, 77);

	/* What is measured goes on, what the owner says is new. */
	old.goals = goals;
	old.nr_goals = ARRAY_SIZE(goals);
	new.goals = new_goals;
	new.nr_goals = ARRAY_SIZE(new_goals);
	damon_keep_quota(&old, &new);
	KUNIT_EXPECT_EQ(test, new_goals[0].target, 6);
	KUNIT_EXPECT_EQ(test, new_goals[0].current_value, 7);
	KUNIT_EXPECT_EQ(test, new_goals[0].last_total_us, 8);
	KUNIT_EXPECT_EQ(test, new_goals[0].measured, 9);
	KUNIT_EXPECT_EQ(test, new_goals[1].current_value, 1);
	damon_reset_quota(&new);
	KUNIT_EXPECT_EQ(test, new_goals[0].measured, 0);
}

static struct kunit_case damon_quota_cases[] = {
	KUNIT_CASE(damon_test_no_limit),
	KUNIT_CASE(damon_test_bytes),
	KUNIT_CASE(damon_test_no_window),
	KUNIT_CASE(damon_test_time),
	KUNIT_CASE(damon_test_fast_action),
	KUNIT_CASE(damon_test_no_time),
	KUNIT_CASE(damon_test_goal),
	KUNIT_CASE(damon_test_goal_and_limits),
	KUNIT_CASE(damon_test_pressure),
	KUNIT_CASE(damon_test_keep_quota),
	{}
};

static struct kunit_suite damon_quota_suite = {
	.name = "damon-quota",
	.test_cases = damon_quota_cases,
};

kunit_test_suite(damon_quota_suite);
