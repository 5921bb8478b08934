// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of walk.c: a kdamond that waits for an mmap lock can be stopped.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/slab.h>

#include "mapping.h"
#include "walk.h"

#define TIMEOUT	(10 * HZ)

/* Memory of the test's own address space, which each sample walks to */
struct walked {
	struct mm_struct *mm;
	struct damon_range range;
	struct completion walks;
};

static int walked_get_ranges(struct damon_target *t, unsigned int most,
			     struct damon_range **ranges)
{
	struct walked *walked = t->private;

	*ranges = kvmalloc(sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	**ranges = walked->range;
	return 1;
}

static bool walked_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t = list_first_entry(&ctx->targets, struct damon_target, list);
	struct walked *walked = t->private;
	struct damon_walk walk;

	complete(&walked->walks);
	damon_walk_begin(&walk, walked->mm);
	damon_walk_to(&walk, walked->range.start);
	damon_walk_end(&walk);
	return true;
}

static const struct damon_operations walked_ops = {
	.name = "kunit-walked",
	.get_ranges = walked_get_ranges,
	.sample = walked_sample,
};

static void damon_test_stop_locked(struct kunit *test)
{
	unsigned long addr = damon_test_map_page(test, 0);
	struct walked walked = { current->mm, { addr, addr + PAGE_SIZE } };
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->ops = &walked_ops;
	ctx->attrs.sample_us = 200;
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->private = &walked;
	init_completion(&walked.walks);
	KUNIT_ASSERT_EQ(test, 0, damon_start(ctx, false));
	KUNIT_EXPECT_GT(test, wait_for_completion_timeout(&walked.walks, TIMEOUT), 0);

	mmap_write_lock(current->mm);
	/* The kdamond waits for the lock already, or does in its next sample. */
	reinit_completion(&walked.walks);
	wait_for_completion_timeout(&walked.walks, HZ / 10);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	mmap_write_unlock(current->mm);
	damon_free_ctx(ctx);
}

static struct kunit_case damon_walk_cases[] = {
	KUNIT_CASE(damon_test_stop_locked),
	{}
};

static struct kunit_suite damon_walk_suite = {
	.name = "damon-walk",
	.test_cases = damon_walk_cases,
};

kunit_test_suite(damon_walk_suite);
