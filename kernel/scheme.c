// SPDX-License-Identifier: GPL-2.0
/*
 * Schemes: what to do with which regions.
 *
 * A scheme that is due passes over all regions once: those that fit its pattern, and that its
 * filters and its quota let pass, are acted on, neighbours together.  After that regions are
 * cut where only a part of them was.
 */
#include <linux/damon.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <trace/events/damon.h>

#include "call.h"
#include "evidence.h"
#include "filter.h"
#include "priority.h"
#include "quota.h"
#include "region.h"
#include "scheme.h"
#include "watermark.h"

#define FIRST_PLACE	((struct damon_place) {})
#define LAST_PLACE	((struct damon_place) { UINT_MAX, ULONG_MAX })
/* Neighbours are acted on together up to that many bytes */
#define RUN_BYTES	SZ_64M
/* After failures in a row, at most 2 to the power of this passes less one are left out */
#define MAX_FAILED	6

/**
 * damon_add_scheme - add a scheme
 * @ctx:	the context, without a running kdamond
 *
 * It is for regions of size, accesses and age 0, that is for none, and does DAMON_STAT
 * without a quota.  May sleep.
 *
 * Return: the scheme, freed with @ctx, or NULL if there is no memory.
 */
struct damon_scheme *damon_add_scheme(struct damon_ctx *ctx)
{
	struct damon_scheme *scheme = kzalloc(sizeof(*scheme), GFP_KERNEL);

	if (!scheme)
		return NULL;
	scheme->action = DAMON_STAT;
	scheme->nid = NUMA_NO_NODE;
	list_add_tail(&scheme->list, &ctx->schemes);
	return scheme;
}

static void damon_free_filters(struct damon_scheme *scheme)
{
	struct damon_filter *f = scheme->filters;

	for (; f < scheme->filters + scheme->nr_filters; f++)
		if (f->type == DAMON_FILTER_MEMCG)
			mem_cgroup_put(f->memcg);
	kvfree(scheme->filters);
}

/**
 * damon_free_schemes - free all schemes of a context
 * @ctx:	the context
 */
void damon_free_schemes(struct damon_ctx *ctx)
{
	struct damon_scheme *scheme, *next;

	list_for_each_entry_safe(scheme, next, &ctx->schemes, list) {
		list_del(&scheme->list);
		damon_free_filters(scheme);
		kvfree(scheme->quota.goals);
		kfree(scheme);
	}
}

static bool damon_has_node(int nid)
{
	return nid >= 0 && nid < MAX_NUMNODES && node_state(nid, N_MEMORY);
}

static int damon_check_scheme(const struct damon_scheme *scheme,
			      const struct damon_operations *ops)
{
	if (!((BIT(DAMON_STAT) | ops->actions) & BIT(scheme->action)))
		return -EINVAL;
	if ((scheme->action == DAMON_MIGRATE_HOT || scheme->action == DAMON_MIGRATE_COLD) &&
	    !damon_has_node(scheme->nid))
		return -EINVAL;
	return damon_check_quota(&scheme->quota) ?: damon_check_watermarks(&scheme->watermarks) ?:
	       damon_check_filters(scheme, ops);
}

/**
 * damon_check_schemes - check whether all schemes of a context can work
 * @ctx:	the context
 *
 * Return: 0, or -EINVAL if the operation set has not the action of one of them or can't
 * filter like that, a goal can't be measured, watermarks are not in their order, or there is
 * no such node.
 */
int damon_check_schemes(const struct damon_ctx *ctx)
{
	struct damon_scheme *scheme;
	int err = 0;

	damon_for_each_scheme(scheme, ctx)
		err = err ?: damon_check_scheme(scheme, ctx->ops);
	return err;
}

/* Samples between two passes; 0: a pass at the end of each aggregation */
static unsigned long damon_apply_samples(const struct damon_ctx *ctx,
					 const struct damon_scheme *scheme)
{
	if (!scheme->apply_interval_us)
		return 0;
	return max(scheme->apply_interval_us / ctx->attrs.sample_us, 1);
}

/**
 * damon_begin_schemes - let schemes begin without a past
 * @ctx:	the context
 */
void damon_begin_schemes(struct damon_ctx *ctx)
{
	struct damon_scheme *scheme;

	damon_for_each_scheme(scheme, ctx) {
		damon_reset_quota(&scheme->quota);
		scheme->stats = (struct damon_scheme_stats) {};
		scheme->samples_left = damon_apply_samples(ctx, scheme);
		scheme->nr_failed = 0;
		scheme->nr_skips = 0;
		damon_begin_watermarks(&scheme->watermarks);
	}
}

static void damon_keep_scheme(struct damon_scheme *old, struct damon_scheme *new)
{
	damon_keep_quota(&old->quota, &new->quota);
	new->stats = old->stats;
	new->nr_passes = old->nr_passes;
	/* Commits that come often must not keep a scheme from being applied. */
	if (old->samples_left)
		new->samples_left = min(old->samples_left, new->samples_left);
	if (new->watermarks.metric == old->watermarks.metric)
		new->watermarks.inactive = old->watermarks.inactive;
}

/**
 * damon_keep_schemes - let schemes go on that new ones replace
 * @old:	the context that they are in
 * @new:	the context of the new ones, with the attributes that they will have
 *
 * Those at the same place that have the same action keep their statistics and what is left
 * of their quota.
 */
void damon_keep_schemes(struct damon_ctx *old, struct damon_ctx *new)
{
	struct damon_scheme *from = list_first_entry(&old->schemes, struct damon_scheme, list);
	struct damon_scheme *to;

	damon_begin_schemes(new);
	damon_for_each_scheme(to, new) {
		if (list_entry_is_head(from, &old->schemes, list))
			return;
		if (from->action == to->action)
			damon_keep_scheme(from, to);
		from = list_next_entry(from, list);
	}
}

/**
 * damon_update_schemes - decide which schemes are active
 * @ctx:	the context
 * @now:	the time
 * @next:	gets the time of the next decision
 *
 * Return: whether there are schemes and none is active, so that nobody needs results.
 */
bool damon_update_schemes(struct damon_ctx *ctx, ktime_t now, ktime_t *next)
{
	struct damon_scheme *scheme;
	bool inactive = !list_empty(&ctx->schemes);

	*next = KTIME_MAX;
	damon_for_each_scheme(scheme, ctx) {
		damon_update_watermarks(&scheme->watermarks, now);
		inactive &= scheme->watermarks.inactive;
		*next = min(*next, scheme->watermarks.next);
	}
	return inactive;
}

/**
 * struct damon_scheme_pass - one pass of a scheme over all regions
 * @ctx:	the context
 * @scheme:	the scheme
 * @index:	its place in the context
 * @samples:	samples in an aggregation
 * @done:	how many of them there have been; all: regions have their final counts
 * @limited:	the quota may not be enough: priorities count, and what has been tried
 *		before in this pass is left alone
 * @low:	the lowest priority of regions to act on now
 * @high:	the highest one
 * @target:	the target that the pass is at
 * @run:	neighbouring memory that is to be acted on together
 * @counted:	end of the last region of the target on which the action worked
 * @stop:	whether the quota is used up, or the kdamond is to stop
 * @worked:	whether the action worked anywhere
 * @failed:	whether it failed anywhere
 */
struct damon_scheme_pass {
	struct damon_ctx *ctx;
	struct damon_scheme *scheme;
	unsigned int index;
	unsigned int samples;
	unsigned int done;
	bool limited;
	unsigned int low;
	unsigned int high;
	struct damon_target *target;
	struct damon_range run;
	unsigned long counted;
	bool stop;
	bool worked;
	bool failed;
};

/*
 * How often a region is accessed in a whole aggregation.  In the middle of one: what was counted
 * until now, and for the rest of it what was counted in the last one, see damon_is_known().
 */
static unsigned int damon_accesses_now(const struct damon_scheme_pass *pass,
				       const struct damon_region *r)
{
	unsigned int rest = pass->samples - pass->done, known;
	u64 counted;

	if (!rest)
		return r->nr_accesses;
	known = pass->done - min(r->nr_unknown, pass->done);
	if (!known)
		return r->last_nr_accesses;
	counted = div_u64((u64)r->nr_accesses * pass->done * DAMON_MEAN_ONE, known);
	counted += div_u64((u64)r->last_nr_accesses * rest * DAMON_MEAN_ONE, pass->samples);
	return DIV_U64_ROUND_CLOSEST(counted, DAMON_MEAN_ONE);
}

/* In its first aggregation a region has been sampled too few times to tell how hot it is. */
static bool damon_is_known(const struct damon_scheme_pass *pass, const struct damon_region *r)
{
	return r->weight || pass->done == pass->samples;
}

/* Whether a region fits the pattern; *@now gets it with its accesses as of now */
static bool damon_fits(const struct damon_scheme_pass *pass, const struct damon_region *r,
		       struct damon_region *now)
{
	const struct damon_pattern *p = &pass->scheme->pattern;
	unsigned long size = damon_range_size(&r->range);

	if (r->age < p->min_age || r->age > p->max_age ||
	    size < p->min_size || size > p->max_size || !damon_is_known(pass, r))
		return false;
	*now = *r;
	now->nr_accesses = damon_accesses_now(pass, r);
	return now->nr_accesses >= p->min_nr_accesses && now->nr_accesses <= p->max_nr_accesses;
}

static unsigned int damon_priority_of(const struct damon_scheme_pass *pass,
				      const struct damon_region *now)
{
	return damon_priority(pass->scheme, now, pass->samples);
}

static void damon_count_exceeded(struct damon_scheme *scheme)
{
	if (damon_exceed_quota(&scheme->quota))
		scheme->stats.qt_exceeds++;
}

/* Stop here; the next window goes on at @addr. */
static void damon_stop_at(struct damon_scheme_pass *pass, unsigned long addr)
{
	damon_count_exceeded(pass->scheme);
	pass->scheme->quota.next = (struct damon_place) { pass->target->index, addr };
	pass->stop = true;
}

/* Remember a range that the action was tried on, for damon_mark_tried() */
static void damon_add_tried(struct damon_cuts *tried, unsigned long start, unsigned long end)
{
	if (tried->nr && tried->v[tried->nr - 1] == start) {
		tried->v[tried->nr - 1] = end;
		return;
	}
	damon_add_cut(tried, start);
	damon_add_cut(tried, end);
	/* Without memory for the second one */
	tried->nr &= ~1U;
}

/* Count the regions on which the action worked, each one once */
static void damon_count_applied(struct damon_scheme_pass *pass, unsigned long start,
				unsigned long end, unsigned long bytes)
{
	struct damon_regions *regions = &pass->target->regions;
	struct damon_region *r = damon_find_region(regions, max(start, pass->counted));

	for (; r < regions->v + regions->nr && r->range.start < end; r++) {
		pass->scheme->stats.nr_applied++;
		pass->counted = r->range.end;
		cond_resched();
	}
	pass->scheme->stats.sz_applied += bytes;
	pass->worked = true;
}

/* Part of a run was not tried after all: take back what damon_before_act() has counted. */
static void damon_uncount_tried(struct damon_scheme_pass *pass, const struct damon_range *rest)
{
	struct damon_scheme_stats *stats = &pass->scheme->stats;
	struct damon_regions *regions = &pass->target->regions;
	struct damon_region *r = damon_find_region(regions, rest->start);

	stats->sz_tried -= damon_range_size(rest);
	for (; r < regions->v + regions->nr && r->range.start < rest->end; r++) {
		if (max(r->range.start, pass->run.start) >= rest->start)
			stats->nr_tried--;
		cond_resched();
	}
}

/* Act on the run as long as there is time, and begin a new one */
static void damon_end_run(struct damon_scheme_pass *pass)
{
	struct damon_scheme *scheme = pass->scheme;
	const struct damon_operations *ops = pass->ctx->ops;
	struct damon_range run = pass->run;

	/* What must not last until the next sample must not last until this has ended, either. */
	if (pass->ctx->settle_us && run.start < run.end)
		ops->settle(pass->ctx);
	while (run.start < run.end && !pass->stop) {
		unsigned long start = run.start;
		ktime_t begun = ktime_get();
		long bytes = ops->act(pass->target, scheme, &run);

		damon_charge_quota(&scheme->quota, run.start - start,
				   ktime_to_ns(ktime_sub(ktime_get(), begun)));
		pass->failed |= bytes < 0;
		if (bytes > 0)
			damon_count_applied(pass, start, run.start, bytes);
		damon_add_tried(&pass->ctx->tried, start, run.start);
		cond_resched();
		if (kthread_should_stop())
			pass->stop = true;
		else if (run.start < run.end && !damon_quota_left(&scheme->quota))
			damon_stop_at(pass, run.start);
	}
	damon_uncount_tried(pass, &run);
	pass->run = (struct damon_range) {};
}

static void damon_before_act(struct damon_scheme_pass *pass, const struct damon_region *now)
{
	trace_damos_before_apply(0, pass->index, pass->target->index, now,
				 pass->target->regions.nr);
	damon_call_before_act(pass->ctx, pass->scheme, now);
	pass->scheme->stats.nr_tried++;
	pass->scheme->stats.sz_tried += damon_range_size(&now->range);
}

/* Act on a region, or a part of one, together with its neighbours */
static void damon_act_on(struct damon_scheme_pass *pass, const struct damon_region *now)
{
	const struct damon_range *range = &now->range;

	damon_before_act(pass, now);
	if (pass->scheme->action == DAMON_STAT) {
		damon_charge_quota(&pass->scheme->quota, damon_range_size(range), 0);
		return;
	}
	if (pass->run.end != range->start || damon_range_size(&pass->run) >= RUN_BYTES) {
		damon_end_run(pass);
		pass->run.start = range->start;
	}
	pass->run.end = range->end;
}

/* Act on those parts of a region that filters and quota let pass */
static void damon_pass_region(struct damon_scheme_pass *pass, struct damon_region *now)
{
	const struct damon_quota *quota = &pass->scheme->quota;
	struct damon_range rest = now->range, part;

	while (!pass->stop && damon_filter_next(pass->scheme, pass->target, &rest, &part)) {
		unsigned long left = damon_quota_left(quota), end = part.end;

		/* The run is not charged yet. */
		left -= min(left, damon_range_size(&pass->run));
		part.end = min(end - part.start, left) + part.start;
		now->range = part;
		if (part.start < part.end)
			damon_act_on(pass, now);
		if (part.end < end)
			damon_end_run(pass);
		if (part.end < end && !pass->stop)
			damon_stop_at(pass, part.end);
	}
}

/* Plan to cut @regions at an end of a range that was tried */
static void damon_plan_tried_cut(struct damon_cuts *plan, const struct damon_regions *regions,
				 unsigned long addr)
{
	const struct damon_region *r = damon_find_region(regions, addr);

	if (r < regions->v + regions->nr && r->range.start < addr)
		damon_add_cut(plan, addr);
}

/*
 * Cut regions of which only a part was tried, if the maximum allows, and let those that were
 * begin a new age, whether the action worked or not: what is known of them is of the time
 * before, and what can't be acted on must not keep using up the quota as the oldest memory.
 */
static void damon_mark_tried(struct damon_scheme_pass *pass)
{
	struct damon_regions *regions = &pass->target->regions;
	struct damon_ctx *ctx = pass->ctx;
	const unsigned long *addr = ctx->tried.v, *end = addr + ctx->tried.nr;
	struct damon_region *r;

	ctx->plan.nr = 0;
	for (; addr < end; addr++)
		damon_plan_tried_cut(&ctx->plan, regions, *addr);
	if (ctx->plan.nr &&
	    damon_total_nr(ctx) + ctx->plan.nr <= ctx->attrs.max_nr_regions)
		damon_cut_regions(regions, &ctx->plan);

	for (addr = ctx->tried.v; addr < end; addr += 2) {
		r = damon_find_region(regions, addr[0]);
		for (; r < regions->v + regions->nr && r->range.end <= addr[1]; r++) {
			if (r->range.start < addr[0])
				continue;
			r->age = 0;
			r->tried = true;
			cond_resched();
		}
	}
}

/* Act on what fits of a target's regions between two addresses */
static void damon_pass_target(struct damon_scheme_pass *pass, unsigned long start,
			      unsigned long end)
{
	struct damon_regions *regions = &pass->target->regions;
	struct damon_region *r = damon_find_region(regions, start), now;

	pass->ctx->tried.nr = 0;
	pass->counted = 0;
	for (; r < regions->v + regions->nr && r->range.start < end && !pass->stop; r++) {
		unsigned int priority;

		cond_resched();
		if (!damon_fits(pass, r, &now))
			continue;
		if (pass->limited) {
			priority = damon_priority_of(pass, &now);
			if (r->tried || priority < pass->low || priority > pass->high)
				continue;
		}
		now.range.start = max(now.range.start, start);
		now.range.end = min(now.range.end, end);
		damon_pass_region(pass, &now);
	}
	damon_end_run(pass);
	damon_mark_tried(pass);
}

/* Act on regions of some priorities, from one place to another one */
static void damon_pass_between(struct damon_scheme_pass *pass, unsigned int low,
			       unsigned int high, struct damon_place from, struct damon_place to)
{
	pass->low = low;
	pass->high = high;
	damon_for_each_target(pass->target, pass->ctx) {
		unsigned int index = pass->target->index;

		if (pass->stop || index > to.target)
			return;
		if (index >= from.target)
			damon_pass_target(pass, index == from.target ? from.addr : 0,
					  index == to.target ? to.addr : ULONG_MAX);
	}
}

static void damon_pass_all(struct damon_scheme_pass *pass, unsigned int low,
			   unsigned int high)
{
	damon_pass_between(pass, low, high, FIRST_PLACE, LAST_PLACE);
}

/* What the window has left, as far as that is known: time as the bytes derived from it */
static unsigned long damon_window_left(const struct damon_quota *quota)
{
	unsigned long bytes = quota->effective_bytes;

	return min(bytes - min(bytes, quota->charged_bytes), damon_quota_left(quota));
}

/* Returns the lowest priority of which some regions may be acted on */
static unsigned int damon_count_priorities(struct damon_scheme_pass *pass)
{
	unsigned long *pages = pass->ctx->pages;
	struct damon_region *r, now;
	struct damon_target *t;

	memset(pages, 0, sizeof(pass->ctx->pages));
	damon_for_each_target(t, pass->ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->tried = false;
			if (damon_fits(pass, r, &now))
				pages[damon_priority_of(pass, &now)] += damon_nr_pages(r);
		}
	return damon_lowest_priority(pages, damon_window_left(&pass->scheme->quota));
}

/*
 * If the quota is not enough: first the priorities for which it is; then the next one, from
 * where the last window stopped; and if there is still time, the others.
 */
static void damon_pass_limited(struct damon_scheme_pass *pass)
{
	unsigned int lowest = damon_count_priorities(pass);
	struct damon_place next = pass->scheme->quota.next;

	if (lowest < DAMON_MAX_PRIORITY)
		damon_pass_all(pass, lowest + 1, DAMON_MAX_PRIORITY);
	damon_pass_between(pass, lowest, lowest, next, LAST_PLACE);
	damon_pass_between(pass, lowest, lowest, FIRST_PLACE, next);
	if (lowest)
		damon_pass_all(pass, 0, lowest - 1);
}

static bool damon_fits_anywhere(struct damon_scheme_pass *pass)
{
	struct damon_region *r, now;
	struct damon_target *t;

	damon_for_each_target(t, pass->ctx)
		damon_for_each_region_resched(r, &t->regions)
			if (damon_fits(pass, r, &now))
				return true;
	return false;
}

/* If an action works nowhere, it is tried less and less often. */
static void damon_back_off(struct damon_scheme_pass *pass)
{
	struct damon_scheme *scheme = pass->scheme;

	if (pass->worked) {
		scheme->nr_failed = 0;
	} else if (pass->failed) {
		scheme->nr_failed = min(scheme->nr_failed + 1, MAX_FAILED);
		scheme->nr_skips = (1U << scheme->nr_failed) - 1;
	}
}

static void damon_apply_scheme(struct damon_scheme_pass *pass)
{
	struct damon_scheme *scheme = pass->scheme;
	struct damon_quota *quota = &scheme->quota;

	scheme->nr_passes++;
	if (scheme->nr_skips) {
		scheme->nr_skips--;
		return;
	}
	damon_begin_window(quota, ktime_get());
	pass->limited = quota->effective_bytes != ULONG_MAX;
	if (!damon_quota_left(quota)) {
		if (damon_fits_anywhere(pass))
			damon_count_exceeded(scheme);
	} else if (pass->limited) {
		damon_pass_limited(pass);
	} else {
		damon_pass_all(pass, 0, DAMON_MAX_PRIORITY);
	}
	damon_back_off(pass);
}

static bool damon_is_due(const struct damon_ctx *ctx, struct damon_scheme *scheme, bool end)
{
	if (!scheme->apply_interval_us)
		return end;
	if (scheme->samples_left > 1) {
		scheme->samples_left--;
		return false;
	}
	scheme->samples_left = damon_apply_samples(ctx, scheme);
	return true;
}

/**
 * damon_apply_schemes - let each scheme that is due pass over the regions
 * @ctx:	the context, after a sample; after the last one of an aggregation, its regions
 *		merged
 * @done:	samples of the aggregation until now
 *
 * May sleep.
 *
 * Return: whether any was due.
 */
bool damon_apply_schemes(struct damon_ctx *ctx, unsigned int done)
{
	bool any = false;
	struct damon_scheme_pass pass = {
		.ctx = ctx,
		.samples = damon_max_accesses(&ctx->attrs),
		.done = done,
	};

	damon_for_each_scheme(pass.scheme, ctx) {
		pass.stop = kthread_should_stop();
		pass.worked = false;
		pass.failed = false;
		if (damon_is_due(ctx, pass.scheme, done == pass.samples) && !pass.stop) {
			any = true;
			damon_update_watermarks(&pass.scheme->watermarks, ktime_get());
			if (!pass.scheme->watermarks.inactive)
				damon_apply_scheme(&pass);
		}
		pass.index++;
	}
	return any;
}
