// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of watermark.c: when a scheme is active.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/ktime.h>

#include "watermark.h"

static struct damon_watermarks new_watermarks(void)
{
	struct damon_watermarks w = {
		.metric = DAMON_WATERMARK_FREE_MEM_RATE, .interval_us = 5000,
		.high = 600, .mid = 500, .low = 300,
	};

	damon_begin_watermarks(&w);
	return w;
}

static void damon_test_hysteresis(struct kunit *test)
{
	static const struct {
		unsigned long value;
		bool inactive;
	} steps[] = {
		{ 550, true }, { 500, false }, { 550, false }, { 600, false }, { 601, true },
		{ 501, true }, { 300, false }, { 299, true }, { 300, false }, { 1000, true },
	};
	struct damon_watermarks w = new_watermarks();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		damon_set_active(&w, steps[i].value);
		KUNIT_EXPECT_EQ_MSG(test, steps[i].inactive, w.inactive, "step %u", i);
	}
}

/* The value is looked up when its time has come, and not before. */
static void damon_test_interval(struct kunit *test)
{
	struct damon_watermarks w = new_watermarks();
	ktime_t now = ms_to_ktime(1000);

	w.low = 0;
	w.mid = 1000;
	w.high = 1000;
	damon_update_watermarks(&w, now);
	KUNIT_EXPECT_FALSE(test, w.inactive);
	KUNIT_EXPECT_EQ(test, w.next, ms_to_ktime(1005));
	w.mid = 0;
	w.high = 0;
	damon_update_watermarks(&w, ms_to_ktime(1004));
	KUNIT_EXPECT_FALSE(test, w.inactive);
	damon_update_watermarks(&w, ms_to_ktime(1005));
	KUNIT_EXPECT_TRUE(test, w.inactive);

	/* Intervals of 0 would keep a kdamond busy; the longest mean never. */
	w.interval_us = 0;
	damon_update_watermarks(&w, ms_to_ktime(2000));
	KUNIT_EXPECT_GT(test, w.next, ms_to_ktime(2000));
	w.interval_us = ULONG_MAX;
	damon_update_watermarks(&w, ms_to_ktime(3000));
	KUNIT_EXPECT_EQ(test, w.next, KTIME_MAX);
}

static void damon_test_check_watermarks(struct kunit *test)
{
	struct damon_watermarks w = new_watermarks(), none = { .high = 1, .mid = 2, .low = 3 };

	KUNIT_EXPECT_EQ(test, 0, damon_check_watermarks(&w));
	w.mid = 601;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_check_watermarks(&w));
	w.mid = 299;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_check_watermarks(&w));
	KUNIT_EXPECT_EQ(test, 0, damon_check_watermarks(&none));
	damon_begin_watermarks(&none);
	KUNIT_EXPECT_FALSE(test, none.inactive);
}

static struct kunit_case damon_watermark_cases[] = {
	KUNIT_CASE(damon_test_hysteresis),
	KUNIT_CASE(damon_test_interval),
	KUNIT_CASE(damon_test_check_watermarks),
	{}
};

static struct kunit_suite damon_watermark_suite = {
	.name = "damon-watermark",
	.test_cases = damon_watermark_cases,
};

kunit_test_suite(damon_watermark_suite);
