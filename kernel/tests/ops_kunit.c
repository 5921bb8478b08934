// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of ops.c: operation sets come, are found, and go when nobody has them.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/kthread.h>
#include <linux/pid.h>
#include <linux/sched.h>

static int no_ranges(struct damon_target *t, struct damon_range **ranges)
{
	return -ESRCH;
}

static int no_sample(struct damon_ctx *ctx, struct damon_target *t,
		     unsigned int what)
{
	return -ESRCH;
}

static const struct damon_operations ops_a = {
	.name = "kunit-a", .get_ranges = no_ranges, .sample = no_sample,
};

static const struct damon_operations ops_b = {
	.name = "kunit-b", .get_ranges = no_ranges, .sample = no_sample,
};

static const struct damon_operations other_ops_a = {
	.name = "kunit-a", .get_ranges = no_ranges, .sample = no_sample,
};

static void damon_test_register(struct kunit *test)
{
	static const struct damon_operations bad[] = {
		{ .get_ranges = no_ranges, .sample = no_sample },
		{ .name = "kunit-c", .sample = no_sample },
		{ .name = "kunit-c", .get_ranges = no_ranges },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, -EINVAL, damon_register_ops(&bad[i]));
	KUNIT_EXPECT_NULL(test, damon_find_ops("kunit-c"));

	KUNIT_EXPECT_EQ(test, -EINVAL, damon_unregister_ops(&ops_a));
	KUNIT_EXPECT_EQ(test, 0, damon_register_ops(&ops_a));
	KUNIT_EXPECT_EQ(test, -EEXIST, damon_register_ops(&ops_a));
	KUNIT_EXPECT_EQ(test, -EEXIST, damon_register_ops(&other_ops_a));
	/* Only the name is the same */
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_unregister_ops(&other_ops_a));
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&ops_a));
	KUNIT_EXPECT_NULL(test, damon_find_ops("kunit-a"));

	/* The name is free again */
	KUNIT_EXPECT_EQ(test, 0, damon_register_ops(&other_ops_a));
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&other_ops_a));
}

static void damon_test_references(struct kunit *test)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_ASSERT_EQ(test, 0, damon_register_ops(&ops_a));
	KUNIT_EXPECT_NULL(test, damon_find_ops("kunit"));
	KUNIT_EXPECT_NULL(test, damon_find_ops("kunit-a-"));
	KUNIT_EXPECT_NULL(test, damon_find_ops(""));

	/* As it comes from a file of sysfs */
	ctx->ops = damon_find_ops("kunit-a\n");
	KUNIT_EXPECT_PTR_EQ(test, ctx->ops, &ops_a);
	KUNIT_EXPECT_PTR_EQ(test, damon_get_ops(ctx->ops), &ops_a);
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_unregister_ops(&ops_a));
	damon_put_ops(&ops_a);
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_unregister_ops(&ops_a));
	damon_free_ctx(ctx);
	damon_put_ops(NULL);
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&ops_a));
}

static void damon_test_next(struct kunit *test)
{
	const struct damon_operations *ops = NULL;
	unsigned int a = 0, b = 0, nr = 0;

	KUNIT_ASSERT_EQ(test, 0, damon_register_ops(&ops_a));
	KUNIT_ASSERT_EQ(test, 0, damon_register_ops(&ops_b));
	while ((ops = damon_next_ops(ops))) {
		nr++;
		if (ops == &ops_a)
			a = nr;
		if (ops == &ops_b)
			b = nr;
	}
	/* In the order of registration, behind those of the monitor */
	KUNIT_EXPECT_EQ(test, a, nr - 1);
	KUNIT_EXPECT_EQ(test, b, nr);

	/* No reference is left over. */
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&ops_a));
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&ops_b));
}

static int sleep_until_woken(void *data)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static void wait_asleep(struct task_struct *thread)
{
	while (!wait_task_inactive(thread, TASK_IDLE))
		schedule_timeout_uninterruptible(1);
}

/* Of the monitor's own sets: who runs, or has since he was asked for last */
static void damon_test_has_run(struct kunit *test)
{
	const struct damon_operations *ops = damon_find_ops("vaddr");
	struct damon_target runner = {}, sleeper = {};
	struct task_struct *thread;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	thread = kthread_run(sleep_until_woken, NULL, "damon-kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	runner.pid = get_pid(task_pid(current));
	sleeper.pid = get_pid(task_pid(thread));

	KUNIT_EXPECT_TRUE(test, ops->has_run(&runner));
	KUNIT_EXPECT_TRUE(test, ops->has_run(&runner));
	wait_asleep(thread);
	KUNIT_EXPECT_TRUE(test, ops->has_run(&sleeper));
	KUNIT_EXPECT_FALSE(test, ops->has_run(&sleeper));
	KUNIT_EXPECT_FALSE(test, ops->has_run(&sleeper));
	wake_up_process(thread);
	wait_asleep(thread);
	KUNIT_EXPECT_TRUE(test, ops->has_run(&sleeper));
	KUNIT_EXPECT_FALSE(test, ops->has_run(&sleeper));

	kthread_stop(thread);
	put_pid(runner.pid);
	put_pid(sleeper.pid);
	damon_put_ops(ops);
}

static struct kunit_case damon_ops_cases[] = {
	KUNIT_CASE(damon_test_register),
	KUNIT_CASE(damon_test_references),
	KUNIT_CASE(damon_test_next),
	KUNIT_CASE(damon_test_has_run),
	{}
};

static struct kunit_suite damon_ops_suite = {
	.name = "damon-ops",
	.test_cases = damon_ops_cases,
};

kunit_test_suite(damon_ops_suite);
