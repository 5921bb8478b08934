// SPDX-License-Identifier: GPL-2.0
/*
 * A sample of address spaces: passes over regions, flushes of the TLB and scans for
 * hints, in the right order.
 *
 * A scan begins before the pages of a sample are prepared, and the TLB is flushed after
 * that.  So one flush serves both.
 */
#include <linux/damon.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "random.h"
#include "region.h"
#include "sampling.h"
#include "va-sample.h"

/* If for so many aggregations only scans after a flush have found something: an alarm */
#define QUIET	8
/* While something is hidden, one scan in that time begins with a flush, on average */
#define FLUSHED_SCAN_US	(1 * USEC_PER_SEC)

/*
 * Accesses to an idle region that a scan without a flush has found show that the TLB
 * does not hide them all.  If only scans with a flush find some, it may.
 */
static void damon_va_hint_found(struct damon_va *va, const struct damon_hint *hint,
				unsigned int samples)
{
	const struct damon_regions *regions = &hint->target->regions;
	const struct damon_region *r = damon_find_region(regions, hint->range.start);
	struct damon_va_target *vt = hint->target->state;

	if (!vt || r == regions->v + regions->nr || !damon_is_idle(r, samples))
		return;
	if (!va->scan_trial)
		vt->nr_quiet = 0;
	else if (vt->nr_quiet >= QUIET)
		damon_alarm_flush(&vt->flush);
}

/**
 * damon_va_stop_scan - end a scan for hints, if there is one
 * @ctx:	the context
 * @hw:		what to do to page tables and TLBs
 *
 * May sleep.
 */
void damon_va_stop_scan(struct damon_ctx *ctx, const struct damon_va_hw *hw)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs), i;
	struct damon_va *va = ctx->state;

	ctx->settle_us = 0;
	if (!va || !va->scan_left)
		return;
	va->scan_left = 0;
	i = va->hints.nr_found;
	hw->end_scan(&va->scan, &va->hints);
	for (; i < va->hints.nr_found; i++)
		damon_va_hint_found(va, &va->hints.found[i], samples);
}

/*
 * Begin the next scan when the last one has ended; at once if all targets are flushed for
 * this sample.  Returns whether one begins that needs a flush if something is hidden.
 */
static bool damon_va_scan(struct damon_ctx *ctx, struct damon_va *va, bool trial,
			  const struct damon_va_hw *hw)
{
	bool flush;

	if (trial || va->scan_left == 1)
		damon_va_stop_scan(ctx, hw);
	if (va->scan_left) {
		va->scan_left--;
		return false;
	}
	if (!hw->may_scan())
		return false;
	flush = va->flushes && damon_random_below(&ctx->random, FLUSHED_SCAN_US) <
				max(ctx->attrs.sample_us, DAMON_SCAN_US);
	damon_plan_scan(ctx, &va->scan, trial || flush || va->hints.thorough);
	hw->begin_scan(&va->scan);
	va->hints.complete |= !va->scan.todo && !va->scan.skipped;
	va->scan_trial = trial;
	va->scan_left = DAMON_SCAN_US / min(ctx->attrs.sample_us, DAMON_SCAN_US);
	ctx->settle_us = DAMON_SCAN_US;
	return flush;
}

/**
 * damon_va_get_target - get what is known of an address space, or begin with nothing
 * @t:		the target
 *
 * Return: &damon_target.state, or NULL without memory for it.
 */
struct damon_va_target *damon_va_get_target(struct damon_target *t)
{
	struct damon_va_target *vt = t->state;

	if (vt)
		return vt;
	vt = kzalloc(sizeof(*vt), GFP_KERNEL);
	if (vt) {
		damon_init_flush(&vt->flush);
		vt->may_flush = true;
	}
	t->state = vt;
	return vt;
}

/* The pass over one target.  Without memory for its state the sample is skipped. */
static int damon_va_sample_target(struct damon_ctx *ctx, struct damon_target *t,
				  unsigned int what, u32 draw, unsigned long limit,
				  bool scan_wants_flush,
				  const struct damon_va_hw *hw)
{
	struct damon_pass pass = { .what = what };
	struct damon_va *va = ctx->state;
	struct damon_va_target *vt;
	int err;

	vt = damon_va_get_target(t);
	if (!vt) {
		damon_skip_sample(t);
		return 0;
	}
	if (!(what & DAMON_CHECK)) {
		vt->nr_quiet++;
		damon_begin_flushes(&vt->flush, ctx, t, va->hints.thorough);
		t->few_probes = vt->flush.mode != DAMON_FLUSH_RARELY;
	}
	damon_plan_pass(&vt->flush, ctx, draw, vt->may_flush ? limit : 0,
			scan_wants_flush, &pass);
	va->batch.nr = 0;
	err = hw->probe(ctx, t, &pass, &va->batch);
	if (err)
		return err;
	damon_end_pass(&vt->flush, &pass);
	va->flushes |= vt->flush.mode != DAMON_FLUSH_RARELY;
	return 0;
}

/* Get what is remembered of the context, or begin with nothing; NULL without memory */
static struct damon_va *damon_va_get_state(struct damon_ctx *ctx)
{
	struct damon_va *va = ctx->state;

	if (va)
		return va;
	va = kvzalloc(sizeof(*va), GFP_KERNEL);
	if (va)
		damon_init_hints(&va->hints);
	ctx->state = va;
	return va;
}

/* The number of samples in a second that may be flushed for */
static unsigned long damon_va_limit(struct damon_ctx *ctx, struct damon_va *va,
				    const struct damon_va_hw *hw)
{
	unsigned long limit = 0;

	if (ctx->attrs.max_tlb_flushes)
		limit = hw->limit(va->flushes, &va->flush_second);
	return min(limit, ctx->attrs.max_tlb_flushes);
}

/**
 * damon_va_take_sample - take a sample
 * @ctx:	the context
 * @what:	DAMON_CHECK, DAMON_PREPARE or both
 * @hw:		what to do to page tables and TLBs
 *
 * May sleep.
 *
 * Return: whether any target is left.
 */
bool damon_va_take_sample(struct damon_ctx *ctx, unsigned int what,
			  const struct damon_va_hw *hw)
{
	u32 draw = prandom_u32_state(&ctx->random);
	bool scan_wants_flush = false, alive = false;
	struct damon_va *va = damon_va_get_state(ctx);
	struct damon_target *t;
	unsigned long limit;

	if (!va) {
		damon_for_each_target(t, ctx)
			damon_skip_sample(t);
		return true;
	}
	limit = damon_va_limit(ctx, va, hw);
	if (!(what & DAMON_CHECK))
		damon_begin_hints(&va->hints);
	if (!(what & DAMON_PREPARE))
		damon_va_stop_scan(ctx, hw);
	else
		scan_wants_flush = damon_va_scan(ctx, va, damon_is_trial(ctx, draw, limit),
						 hw);

	va->flushes = false;
	damon_for_each_target(t, ctx) {
		if (damon_va_sample_target(ctx, t, what, draw, limit,
					   scan_wants_flush, hw) == -ESRCH)
			damon_free_regions(&t->regions);
		else
			alive = true;
		cond_resched();
	}
	if (!(what & DAMON_PREPARE))
		damon_end_hints(&va->hints, ctx);
	return alive;
}

/**
 * damon_va_get_cuts - where scans found that accesses change
 * @ctx:	the context, at the end of an aggregation
 * @t:		the target; each one in turn
 *
 * May sleep.
 *
 * Return: the cuts, valid until the next call.
 */
const struct damon_cuts *damon_va_get_cuts(struct damon_ctx *ctx,
					   const struct damon_target *t)
{
	static const struct damon_cuts none;
	struct damon_va *va = ctx->state;

	return va ? damon_get_hinted_cuts(&va->hints, ctx, t) : &none;
}

/**
 * damon_va_free_target - free &damon_target.state
 * @t:		the target
 */
void damon_va_free_target(struct damon_target *t)
{
	struct damon_va_target *vt = t->state;

	kvfree(vt->gaps.v);
	kfree(vt);
}

/**
 * damon_va_free_ctx - free &damon_ctx.state
 * @ctx:	the context
 */
void damon_va_free_ctx(struct damon_ctx *ctx)
{
	struct damon_va *va = ctx->state;

	damon_free_cuts(&va->hints.cuts);
	kvfree(va);
}
