// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of module.c: a module that counts some memory is turned on and off, and changed, by its
 * parameters.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "module.h"

static int counter_add_schemes(const struct damon_module *m, struct damon_ctx *ctx)
{
	static const struct damon_pattern all = {
		.max_size = ULONG_MAX,
		.max_nr_accesses = ULONG_MAX,
		.max_age = ULONG_MAX,
	};

	return damon_module_add_scheme(m, ctx, DAMON_STAT, &all) ? 0 : -ENOMEM;
}

/* Its watermarks let it always be active. */
static const struct damon_module counter = {
	DAMON_MODULE_DEFAULTS,
	.name = "damon_kunit",
	.add_schemes = counter_add_schemes,
	.range = { 0, 256 * PAGE_SIZE },
	.quota = { .window_ms = 1000 },
	.watermarks = { .interval_us = 1000, .high = 1000, .mid = 1000, .low = 0 },
};

static const char *no_fault(const struct damon_module *m)
{
	return NULL;
}

static const char *some_fault(const struct damon_module *m)
{
	return "a fault";
}

/* Each case is the counter with one change.  The first six work. */
static void damon_test_module_faults(struct kunit *test)
{
	const unsigned int nr = 16, nr_work = 6;
	struct damon_module *c = kunit_kcalloc(test, nr, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (i = 0; i < nr; i++)
		c[i] = counter;
	c[1].range = (struct damon_range) {};
	c[2].attrs.sample_us = c[2].attrs.aggr_us;
	c[3].attrs.min_nr_regions = c[3].attrs.max_nr_regions;
	c[4].watermarks.high = ULONG_MAX;
	c[5].find_fault = no_fault;
	c[6].find_fault = some_fault;
	c[7].attrs.sample_us = 0;
	c[8].attrs.aggr_us = 0;
	c[9].attrs.aggr_us = c[9].attrs.sample_us - 1;
	c[10].attrs.min_nr_regions = 2;
	c[11].attrs.max_nr_regions = c[11].attrs.min_nr_regions - 1;
	c[12].watermarks.high = c[12].watermarks.mid - 1;
	c[13].watermarks.low = c[13].watermarks.mid + 1;
	c[14].range.start = c[14].range.end;
	c[15].range.end = ULONG_MAX;
	for (i = 0; i < nr; i++) {
		struct damon_ctx *ctx = damon_module_new_ctx(&c[i]);

		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(ctx), i < nr_work ? 0 : -EINVAL,
				    "case %u", i);
		if (!IS_ERR(ctx))
			damon_free_ctx(ctx);
	}
}

static void damon_test_module_ctx(struct kunit *test)
{
	struct damon_ctx *ctx = damon_module_new_ctx(&counter);
	struct damon_scheme *scheme;
	struct damon_target *t;

	KUNIT_ASSERT_FALSE(test, IS_ERR(ctx));
	KUNIT_EXPECT_PTR_EQ(test, ctx->ops, damon_find_ops("paddr"));
	KUNIT_EXPECT_MEMEQ(test, &ctx->attrs, &counter.attrs, sizeof(ctx->attrs));
	KUNIT_ASSERT_EQ(test, list_count_nodes(&ctx->targets), 1);
	t = list_first_entry(&ctx->targets, struct damon_target, list);
	KUNIT_ASSERT_EQ(test, t->nr_ranges, 1);
	KUNIT_EXPECT_EQ(test, t->ranges->end, counter.range.end);

	KUNIT_ASSERT_EQ(test, list_count_nodes(&ctx->schemes), 1);
	scheme = list_first_entry(&ctx->schemes, struct damon_scheme, list);
	KUNIT_EXPECT_EQ(test, scheme->quota.window_ms, 1000);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.metric, DAMON_WATERMARK_FREE_MEM_RATE);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.interval_us, 1000);
	KUNIT_EXPECT_EQ(test, scheme->watermarks.high, 1000);
	damon_free_ctx(ctx);
}

/* Write to a parameter, as sysfs does */
static int write_param(struct damon_module *m, const struct kernel_param_ops *ops, const char *val)
{
	struct kernel_param kp = { .arg = m };
	int err;

	kernel_param_lock(THIS_MODULE);
	err = ops->set(val, &kp);
	kernel_param_unlock(THIS_MODULE);
	return err;
}

static int enable(struct damon_module *m, const char *val)
{
	return write_param(m, &damon_module_enabled_ops, val);
}

static int commit(struct damon_module *m, const char *val)
{
	return write_param(m, &damon_module_commit_ops, val);
}

static const char *read_param(struct kunit *test, struct damon_module *m,
			      const struct kernel_param_ops *ops)
{
	struct kernel_param kp = { .arg = m };
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	kernel_param_lock(THIS_MODULE);
	ops->get(page, &kp);
	kernel_param_unlock(THIS_MODULE);
	return page;
}

static void expect_on(struct kunit *test, struct damon_module *m, bool on)
{
	const char *pid = read_param(test, m, &damon_module_pid_ops);

	KUNIT_EXPECT_STREQ(test, read_param(test, m, &damon_module_enabled_ops),
			   on ? "Y\n" : "N\n");
	KUNIT_EXPECT_STREQ(test, read_param(test, m, &damon_module_commit_ops), "N\n");
	KUNIT_EXPECT_EQ(test, !strcmp(pid, "-1\n"), !on);
}

static struct damon_module *new_module(struct kunit *test)
{
	struct damon_module *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	*m = counter;
	m->attrs.sample_us = 1000;
	m->attrs.aggr_us = 5000;
	KUNIT_ASSERT_EQ(test, 0, damon_module_init(m));
	expect_on(test, m, false);
	return m;
}

/* Wait until *@p is @value, or not 0 if @value is 0 */
static bool comes(const unsigned long *p, unsigned long value)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		unsigned long now = READ_ONCE(*p);

		if (value ? now == value : now)
			return true;
		msleep(20);
	}
	return false;
}

static void damon_test_module_enabled(struct kunit *test)
{
	struct damon_module *m = new_module(test);
	const char *pid;

	KUNIT_EXPECT_EQ(test, -EINVAL, enable(m, "maybe"));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	expect_on(test, m, false);

	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));
	expect_on(test, m, true);
	pid = read_param(test, m, &damon_module_pid_ops);
	KUNIT_EXPECT_EQ(test, 0, enable(m, "Y"));
	KUNIT_EXPECT_STREQ(test, pid, read_param(test, m, &damon_module_pid_ops));
	KUNIT_EXPECT_EQ(test, -EINVAL, enable(m, "maybe"));
	expect_on(test, m, true);

	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	expect_on(test, m, false);
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));

	/* Without a value, as on the command line */
	KUNIT_EXPECT_EQ(test, 0, enable(m, NULL));
	expect_on(test, m, true);
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
}

/* What can't work is not enabled, nor is anything beside it. */
static void damon_test_module_refused(struct kunit *test)
{
	struct damon_module *m = new_module(test), *other = new_module(test);

	m->attrs.sample_us = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, enable(m, "Y"));
	expect_on(test, m, false);
	m->attrs.sample_us = 1000;
	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));

	KUNIT_EXPECT_EQ(test, -EBUSY, enable(other, "Y"));
	expect_on(test, other, false);
	expect_on(test, m, true);
	KUNIT_EXPECT_EQ(test, 0, enable(other, "N"));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	KUNIT_EXPECT_EQ(test, 0, enable(other, "Y"));
	KUNIT_EXPECT_EQ(test, 0, enable(other, "N"));
}

/* Statistics are there while a kdamond runs and afterwards, and begin again with it. */
static void damon_test_module_stats(struct kunit *test)
{
	struct damon_module *m = new_module(test);
	unsigned long seen;

	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));
	KUNIT_EXPECT_TRUE(test, comes(&m->stats[0].nr_tried, 0));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	KUNIT_EXPECT_GE(test, m->stats[0].sz_tried, 256 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, m->stats[1].nr_tried, 0);
	seen = m->stats[0].nr_tried;

	/* None of the samples of this one is ever taken. */
	m->attrs.sample_us = ULONG_MAX;
	m->attrs.aggr_us = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, m->stats[0].nr_tried, seen);
	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	KUNIT_EXPECT_EQ(test, m->stats[0].nr_tried, 0);
}

static void damon_test_module_commit(struct kunit *test)
{
	struct damon_module *m = new_module(test);
	const char *pid;

	KUNIT_EXPECT_EQ(test, 0, commit(m, "Y"));
	expect_on(test, m, false);

	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));
	pid = read_param(test, m, &damon_module_pid_ops);
	m->attrs.aggr_us = 7000;
	KUNIT_EXPECT_EQ(test, -EINVAL, commit(m, "maybe"));
	KUNIT_EXPECT_EQ(test, 0, commit(m, "N"));
	KUNIT_EXPECT_EQ(test, 0, commit(m, "Y"));
	KUNIT_EXPECT_TRUE(test, comes(&m->ctx->attrs.aggr_us, 7000));
	KUNIT_EXPECT_STREQ(test, pid, read_param(test, m, &damon_module_pid_ops));
	expect_on(test, m, true);

	m->watermarks.low = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, -EINVAL, commit(m, "Y"));
	expect_on(test, m, false);
}

/* A kdamond that has ended by itself is no obstacle. */
static void damon_test_module_ended(struct kunit *test)
{
	struct damon_module *m = new_module(test);

	KUNIT_ASSERT_EQ(test, 0, enable(m, "Y"));
	KUNIT_ASSERT_EQ(test, 0, damon_stop(m->ctx));
	expect_on(test, m, false);
	KUNIT_EXPECT_EQ(test, 0, commit(m, "Y"));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "Y"));
	expect_on(test, m, true);
	KUNIT_ASSERT_EQ(test, 0, damon_stop(m->ctx));
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));
	expect_on(test, m, false);
}

/* What the command line says waits until the kernel is so far. */
static void damon_test_module_boot(struct kunit *test)
{
	struct damon_module *m = new_module(test);

	m->ready = false;
	KUNIT_EXPECT_EQ(test, 0, enable(m, "Y"));
	KUNIT_EXPECT_EQ(test, 0, commit(m, "Y"));
	expect_on(test, m, false);
	KUNIT_EXPECT_EQ(test, 0, damon_module_init(m));
	expect_on(test, m, true);
	KUNIT_EXPECT_EQ(test, 0, enable(m, "N"));

	m->ready = false;
	m->attrs.sample_us = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_module_init(m));
	expect_on(test, m, false);
}

static struct kunit_case damon_module_cases[] = {
	KUNIT_CASE(damon_test_module_faults),
	KUNIT_CASE(damon_test_module_ctx),
	KUNIT_CASE(damon_test_module_enabled),
	KUNIT_CASE(damon_test_module_refused),
	KUNIT_CASE(damon_test_module_stats),
	KUNIT_CASE(damon_test_module_commit),
	KUNIT_CASE(damon_test_module_ended),
	KUNIT_CASE(damon_test_module_boot),
	{}
};

static struct kunit_suite damon_module_suite = {
	.name = "damon-module",
	.test_cases = damon_module_cases,
};

kunit_test_suite(damon_module_suite);
