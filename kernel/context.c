// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts: what to watch, and how.
 */
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "context.h"
#include "region.h"
#include "scheme.h"

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
		.max_tlb_flushes = DAMON_DEFAULT_MAX_TLB_FLUSHES,
	};
	INIT_LIST_HEAD(&ctx->targets);
	INIT_LIST_HEAD(&ctx->schemes);
	init_completion(&ctx->started);
	prandom_seed_state(&ctx->random, get_random_u64());
	return ctx;
}

/**
 * damon_forget_target - forget what is known of a target
 * @ctx:	its context
 * @t:		the target
 */
void damon_forget_target(struct damon_ctx *ctx, struct damon_target *t)
{
	damon_free_regions(&t->regions);
	t->begun = false;
	if (t->state)
		ctx->ops->free_target(t);
	t->state = NULL;
}

/**
 * damon_forget_ctx - forget what the operation set remembers of a context
 * @ctx:	the context
 */
void damon_forget_ctx(struct damon_ctx *ctx)
{
	if (ctx->state)
		ctx->ops->free_ctx(ctx);
	ctx->state = NULL;
}

/**
 * damon_free_ctx - free a context with all its targets
 * @ctx:	the context, without a running kdamond; NULL is fine
 *
 * May sleep.
 */
void damon_free_ctx(struct damon_ctx *ctx)
{
	struct damon_target *t, *next;

	if (!ctx)
		return;
	list_for_each_entry_safe(t, next, &ctx->targets, list) {
		damon_forget_target(ctx, t);
		kvfree(t->ranges);
		put_pid(t->pid);
		kfree(t);
	}
	damon_free_schemes(ctx);
	damon_free_cuts(&ctx->cuts);
	damon_free_cuts(&ctx->plan);
	damon_free_cuts(&ctx->tried);
	damon_forget_ctx(ctx);
	damon_free_ctx(ctx->next);
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

/* A number of accesses, or a mean, converted to another number of samples */
static unsigned int damon_convert(unsigned int nr, unsigned int to,
				  unsigned int from)
{
	return mul_u64_u32_div(nr, to, from);
}

/* An age, converted to aggregations of another length */
static unsigned int damon_convert_age(unsigned int age, unsigned long to_us,
				      unsigned long from_us)
{
	if (age && from_us / to_us >= UINT_MAX)
		return UINT_MAX;
	return min(mul_u64_u64_div_u64(age, from_us, to_us), UINT_MAX);
}

/**
 * damon_set_attrs - give a context new attributes
 * @ctx:	the context; if a kdamond runs it, only the kdamond itself may call
 *		this, between two aggregations
 * @attrs:	valid attributes
 *
 * What is known of the targets is converted: accesses and means to the new number
 * of samples, ages to the new length of an aggregation.  May sleep.
 */
void damon_set_attrs(struct damon_ctx *ctx, const struct damon_attrs *attrs)
{
	unsigned int from = damon_max_accesses(&ctx->attrs);
	unsigned int to = damon_max_accesses(attrs);
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->age = damon_convert_age(r->age, attrs->aggr_us,
						   ctx->attrs.aggr_us);
			r->nr_accesses = damon_convert(r->nr_accesses, to, from);
			r->last_nr_accesses = damon_convert(r->last_nr_accesses,
							    to, from);
			r->mean = damon_convert(r->mean, to, from);
		}
	ctx->attrs = *attrs;
}

/**
 * damon_add_target - add a target
 * @ctx:	the context, without a running kdamond
 * @pid:	the process, or NULL for operation sets that need none; the target gets
 *		its own reference
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

/**
 * damon_set_ranges - set which memory of a target to watch
 * @t:		the target, of a context without a running kdamond
 * @ranges:	sorted by address, disjoint and none of them empty, in bytes;
 *		what is not a whole page is made one
 * @nr:		number of @ranges; with 0 the target has none, as at first
 *
 * "fvaddr" watches just these.  "paddr" does, or all RAM if there are none.
 * "vaddr" begins with them, until the first update.  May sleep.
 *
 * Return: 0, or with nothing changed -EINVAL if the ranges are not as they
 * should be, or -ENOMEM.
 */
int damon_set_ranges(struct damon_target *t, const struct damon_range *ranges,
		     unsigned int nr)
{
	struct damon_range *copy = NULL;
	unsigned int nr_copied = 0, i;

	for (i = 0; i < nr; i++)
		if (ranges[i].start >= ranges[i].end ||
		    ranges[i].end > PAGE_ALIGN_DOWN(ULONG_MAX) ||
		    (i && ranges[i].start < ranges[i - 1].end))
			return -EINVAL;
	if (nr) {
		copy = kvmalloc_array(nr, sizeof(*copy), GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	for (i = 0; i < nr; i++) {
		unsigned long start = PAGE_ALIGN_DOWN(ranges[i].start);
		unsigned long end = PAGE_ALIGN(ranges[i].end);

		/* Two ranges may have had a page in common. */
		if (nr_copied)
			start = max(start, copy[nr_copied - 1].end);
		if (start < end)
			copy[nr_copied++] = (struct damon_range) { start, end };
	}
	kvfree(t->ranges);
	t->ranges = copy;
	t->nr_ranges = nr_copied;
	return 0;
}

/**
 * damon_copy_ranges - the ranges of damon_set_ranges(), for get_ranges()
 * @t:		the target
 * @ranges:	gets a copy, for the caller to kvfree()
 *
 * May sleep.
 *
 * Return: the number of ranges, or -ENOMEM.
 */
int damon_copy_ranges(const struct damon_target *t, struct damon_range **ranges)
{
	*ranges = kvmemdup(t->ranges, t->nr_ranges * sizeof(**ranges),
			   GFP_KERNEL);
	return *ranges || !t->nr_ranges ? t->nr_ranges : -ENOMEM;
}
