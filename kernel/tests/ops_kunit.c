// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of ops.c: operation sets come, are found, and go when nobody has them.
 */
#include <kunit/test.h>
#include <linux/damon.h>

static int no_ranges(struct damon_target *t, unsigned int most,
		     struct damon_range **ranges)
{
	return -ESRCH;
}

static bool no_sample(struct damon_ctx *ctx, unsigned int what)
{
	return false;
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
	damon_put_ops(&ops_b);
	KUNIT_EXPECT_EQ(test, 0, damon_unregister_ops(&ops_a));
}

static void damon_test_next(struct kunit *test)
{
	const struct damon_operations *ops = NULL;
	unsigned int a = 0, b = 0, nr = 0;

	KUNIT_EXPECT_NULL(test, damon_next_ops(&ops_a));
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

static struct kunit_case damon_ops_cases[] = {
	KUNIT_CASE(damon_test_register),
	KUNIT_CASE(damon_test_references),
	KUNIT_CASE(damon_test_next),
	{}
};

static struct kunit_suite damon_ops_suite = {
	.name = "damon-ops",
	.test_cases = damon_ops_cases,
};

kunit_test_suite(damon_ops_suite);
