// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of ops.c: exactly the operation sets of this kernel are found.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/string.h>

#include "ops.h"

static void damon_test_find(struct kunit *test)
{
	static const struct {
		const char *name;
		bool built;
	} sets[] = {
		{ "vaddr", IS_ENABLED(CONFIG_DAMON_VADDR) },
		{ "fvaddr", IS_ENABLED(CONFIG_DAMON_VADDR) },
		{ "paddr", IS_ENABLED(CONFIG_DAMON_PADDR) },
	};
	char line[16];
	int i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		const struct damon_operations *ops = damon_find_ops(sets[i].name);

		KUNIT_EXPECT_EQ(test, sets[i].built, !!ops);
		if (ops)
			KUNIT_EXPECT_STREQ(test, ops->name, sets[i].name);
		/* As written to a sysfs file */
		snprintf(line, sizeof(line), "%s\n", sets[i].name);
		KUNIT_EXPECT_PTR_EQ(test, ops, damon_find_ops(line));
	}
	KUNIT_EXPECT_NULL(test, damon_find_ops(""));
	KUNIT_EXPECT_NULL(test, damon_find_ops("addr"));
	KUNIT_EXPECT_NULL(test, damon_find_ops("vaddr "));
	KUNIT_EXPECT_NULL(test, damon_find_ops("vaddrs"));
}

/* Each is found by its name, so no two have the same. */
static void damon_test_nth(struct kunit *test)
{
	const struct damon_operations *ops;
	unsigned int n;

	for (n = 0; (ops = damon_nth_ops(n)); n++)
		KUNIT_EXPECT_PTR_EQ(test, ops, damon_find_ops(ops->name));
	KUNIT_EXPECT_EQ(test, n, 2 * IS_ENABLED(CONFIG_DAMON_VADDR) +
				 IS_ENABLED(CONFIG_DAMON_PADDR));
	KUNIT_EXPECT_NULL(test, damon_nth_ops(UINT_MAX));
}

static struct kunit_case damon_ops_cases[] = {
	KUNIT_CASE(damon_test_find),
	KUNIT_CASE(damon_test_nth),
	{}
};

static struct kunit_suite damon_ops_suite = {
	.name = "damon-ops",
	.test_cases = damon_ops_cases,
};

kunit_test_suite(damon_ops_suite);
