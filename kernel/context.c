// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts: what to watch, and how.
 */
#include <linux/damon.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "region.h"

/**
 * damon_new_ctx - make a context
 *
 * It has the default attributes, no operation set and no target.  May sleep.
 *
 * Return: the context, for the caller to damon_free_ctx(), or NULL if there is
 * no memory.
 */
struct damon_ctx *damon_new_ctx(void)
{
	struct damon_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);

	if (!ctx)
		return NULL;
	ctx->attrs = (struct damon_attrs) {
		.sample_us = DAMON_DEFAULT_SAMPLE_US,
		.aggr_us = DAMON_DEFAULT_AGGR_US,
		.update_us = DAMON_DEFAULT_UPDATE_US,
		.min_nr_regions = DAMON_DEFAULT_MIN_NR_REGIONS,
		.max_nr_regions = DAMON_DEFAULT_MAX_NR_REGIONS,
	};
	INIT_LIST_HEAD(&ctx->targets);
	init_completion(&ctx->started);
	prandom_seed_state(&ctx->random, get_random_u64());
	return ctx;
}

/**
 * damon_free_ctx - free a context with all its targets
 * @ctx:	the context, without a running kdamond; NULL is fine
 */
void damon_free_ctx(struct damon_ctx *ctx)
{
	struct damon_target *t, *next;

	if (!ctx)
		return;
	list_for_each_entry_safe(t, next, &ctx->targets, list) {
		damon_free_regions(&t->regions);
		put_pid(t->pid);
		kfree(t);
	}
	damon_free_regions(&ctx->spare);
	kfree(ctx);
}

/**
 * damon_check_attrs - say whether attributes can work
 * @attrs:	the attributes
 *
 * Return: 0, or -EINVAL if an interval is 0, aggregation is shorter than
 * sampling, the minimum number of regions is below 3 (an address space has
 * three ranges) or above the maximum.
 */
int damon_check_attrs(const struct damon_attrs *attrs)
{
	if (!attrs->sample_us || attrs->aggr_us < attrs->sample_us ||
	    !attrs->update_us)
		return -EINVAL;
	if (attrs->min_nr_regions < 3 ||
	    attrs->min_nr_regions > attrs->max_nr_regions)
		return -EINVAL;
	return 0;
}

/**
 * damon_add_target - watch one more thing
 * @ctx:	the context, without a running kdamond
 * @pid:	the process, or NULL for operation sets that need none; the
 *		target takes a reference of its own
 *
 * The tracepoint tells targets apart by their order of addition, from 0 on.
 * May sleep.
 *
 * Return: the target, freed with @ctx, or NULL if there is no memory.
 */
struct damon_target *damon_add_target(struct damon_ctx *ctx, struct pid *pid)
{
	struct damon_target *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->pid = get_pid(pid);
	list_add_tail(&t->list, &ctx->targets);
	return t;
}
