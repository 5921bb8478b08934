// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a user of the monitor inside the kernel, and a test of it.
 *
 * It needs linux/damon.h and nothing else.  It has an operation set of its own,
 * for example for the memory of a device that tells which of its pages have been
 * accessed.  Here the device is simulated, so that the truth is known.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>

/* The device: some pages, of which those in @hot are accessed all the time */
struct device_memory {
	struct damon_range all;
	struct damon_range hot;
	struct rnd_state random;
};

static bool device_accessed(const struct device_memory *memory,
			    unsigned long addr)
{
	return addr >= memory->hot.start && addr < memory->hot.end;
}

/* [operations] */

static int device_get_ranges(struct damon_target *t, unsigned int most,
			     struct damon_range **ranges)
{
	struct device_memory *memory = t->private;

	*ranges = kvmalloc(sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	**ranges = memory->all;
	return 1;
}

static unsigned long device_random_page(struct device_memory *memory,
					const struct damon_range *range)
{
	u32 nr = damon_range_size(range) / PAGE_SIZE;

	return range->start +
	       prandom_u32_state(&memory->random) % nr * PAGE_SIZE;
}

static bool device_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx) {
		struct device_memory *memory = t->private;

		damon_for_each_region(r, &t->regions) {
			if (what & DAMON_CHECK && device_accessed(memory, r->probe))
				r->nr_accesses++;
			if (what & DAMON_PREPARE)
				r->probe = device_random_page(memory, &r->range);
		}
	}
	return true;
}

static const struct damon_operations device_ops = {
	.name = "device",
	.get_ranges = device_get_ranges,
	.sample = device_sample,
};

/* [/operations] */

/* [results] */

struct client {
	unsigned int left;		/* aggregations to wait for */
	struct completion done;
	unsigned long seen_hot;		/* bytes seen hot in the last of them */
	unsigned long right;		/* how many of these are hot */
};

static unsigned long overlap(const struct damon_range *a,
			     const struct damon_range *b)
{
	unsigned long start = max(a->start, b->start);
	unsigned long end = min(a->end, b->end);

	return end > start ? end - start : 0;
}

/* Called by the kdamond: add up what was accessed in at least half the samples */
static void client_aggregated(const struct damon_ctx *ctx)
{
	unsigned int half = ctx->attrs.aggr_us / ctx->attrs.sample_us / 2;
	struct client *client = ctx->private;
	struct damon_target *t;
	struct damon_region *r;

	if (!client->left || --client->left)
		return;
	damon_for_each_target(t, ctx) {
		struct device_memory *memory = t->private;

		damon_for_each_region(r, &t->regions) {
			if (r->nr_accesses < half)
				continue;
			client->seen_hot += damon_range_size(&r->range);
			client->right += overlap(&r->range, &memory->hot);
		}
	}
	complete(&client->done);
}

/* [/results] */

/* [watch] */

static int client_watch(struct device_memory *memory, struct client *client)
{
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_target *t;
	int err = -ENOMEM;

	if (!ctx)
		return err;
	ctx->ops = &device_ops;
	ctx->attrs.sample_us = 500;
	ctx->attrs.aggr_us = 10 * ctx->attrs.sample_us;
	ctx->attrs.max_nr_regions = 100;
	ctx->aggregated = client_aggregated;
	ctx->private = client;

	t = damon_add_target(ctx, NULL);
	if (t) {
		t->private = memory;
		err = damon_start(ctx, false);
	}
	if (!err) {
		wait_for_completion(&client->done);
		err = damon_stop(ctx);
	}
	damon_free_ctx(ctx);
	return err;
}

/* [/watch] */

/* An eighth of the memory is hot: it is found, and little else. */
static void damon_test_client(struct kunit *test)
{
	struct device_memory memory = {
		.all = { 0, 10000 * PAGE_SIZE },
		.hot = { 6000 * PAGE_SIZE, 7250 * PAGE_SIZE },
	};
	struct client client = { .left = 60 };
	unsigned long hot = damon_range_size(&memory.hot);

	prandom_seed_state(&memory.random, 0x2545f4914f6cdd1dULL);
	init_completion(&client.done);

	KUNIT_EXPECT_EQ(test, 0, client_watch(&memory, &client));
	KUNIT_EXPECT_GE(test, client.right, hot / 10 * 9);
	KUNIT_EXPECT_LE(test, client.seen_hot, hot / 10 * 11);
}

static struct kunit_case damon_client_cases[] = {
	KUNIT_CASE(damon_test_client),
	{}
};

static struct kunit_suite damon_client_suite = {
	.name = "damon-client",
	.test_cases = damon_client_cases,
};

kunit_test_suite(damon_client_suite);
