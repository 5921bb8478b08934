// SPDX-License-Identifier: GPL-2.0
/*
 * The kdamond: the thread that runs a context.  Its clock, start, stop and commit.
 */
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/list_sort.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "adapt.h"
#include "call.h"
#include "context.h"
#include "evidence.h"
#include "kdamond.h"
#include "region.h"
#include "sampling.h"
#include "scheme.h"

#define CREATE_TRACE_POINTS
#include <trace/events/damon.h>

/* Regions at first, as a multiple of the minimum */
#define FIRST_FACTOR	8
/* Ranges that a target may always have, whatever the maximum number of regions */
#define MIN_RANGES	3

/*
 * Any number of kdamonds run at the same time, or one that is exclusive.  The lock also
 * protects &damon_ctx.kdamond, &damon_ctx.next and &damon_ctx.call of all contexts.  It can't be
 * in the context, as its owner may free that as soon as the kdamond is seen to have ended.
 */
DEFINE_MUTEX(damon_lock);
static unsigned int damon_nr_running;
static bool damon_running_exclusive;

/*
 * The maximum number of ranges of a target.  Each needs a region, and half of the
 * regions of all targets are to be left for adaptation.
 */
static unsigned int damon_most_ranges(struct damon_ctx *ctx)
{
	return clamp(ctx->attrs.max_nr_regions / 2 / max(list_count_nodes(&ctx->targets), 1),
		     MIN_RANGES, INT_MAX);
}

/* Get the ranges to watch.  The first time those that the owner has set come first. */
static int damon_get_ranges(struct damon_ctx *ctx, struct damon_target *t,
			    unsigned int most, struct damon_range **ranges)
{
	int nr = ctx->ops->get_ranges(t, most, ranges);

	if (nr < 0 || t->begun || !t->nr_ranges)
		return nr;
	kvfree(*ranges);
	return damon_copy_ranges(t, ranges);
}

/*
 * Fit the regions to the memory that the targets have now, and cut them into at least
 * so many, as far as the maximum allows.  A target that has ended loses its regions.
 * Returns the first error; regions that were not updated then are still valid.
 */
static int damon_update_regions(struct damon_ctx *ctx, unsigned long at_least)
{
	unsigned int most = damon_most_ranges(ctx);
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		struct damon_range *ranges;
		int nr, err;

		nr = damon_get_ranges(ctx, t, most, &ranges);
		if (nr == -ESRCH) {
			damon_free_regions(&t->regions);
			continue;
		}
		if (nr < 0)
			return nr;
		err = damon_fit_regions(&t->regions, ranges, nr);
		kvfree(ranges);
		if (err)
			return err;
		t->begun = true;
		cond_resched();
	}
	return damon_divide_regions(ctx, at_least);
}

static void damon_report(struct damon_ctx *ctx)
{
	struct damon_target *t;
	struct damon_region *r;
	unsigned long id = 0;

	if (ctx->aggregated)
		ctx->aggregated(ctx);
	if (!trace_damon_aggregated_enabled())
		return;
	damon_for_each_target(t, ctx) {
		damon_for_each_region_resched(r, &t->regions)
			trace_damon_aggregated(id, t->regions.nr, r);
		id++;
	}
}

static void damon_forget_accesses(struct damon_ctx *ctx)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->last_nr_accesses = r->nr_accesses;
			r->nr_accesses = 0;
		}
}

/*
 * Sleep until @when, a bit longer if that saves a wake-up, or until kthread_stop(), or
 * until damon_commit() if @or_commit.  Do meanwhile what damon_queue_call() asks for.
 * Returns whether to go on.
 */
static bool damon_sleep_until(struct damon_ctx *ctx, ktime_t when, ktime_t interval,
			      bool or_commit)
{
	for (;;) {
		int timed_out = 0;

		/* Frozen here during suspend, as an action may do I/O. */
		set_current_state(TASK_IDLE | TASK_FREEZABLE);
		if (!kthread_should_stop() && !damon_has_new_call(ctx) &&
		    !(or_commit && READ_ONCE(ctx->next)))
			timed_out = !schedule_hrtimeout_range(&when, interval / 128,
							      HRTIMER_MODE_ABS);
		__set_current_state(TASK_RUNNING);
		if (kthread_should_stop())
			return false;
		if (damon_has_new_call(ctx))
			damon_answer_call(ctx);
		if (timed_out || ktime_get() >= when || (or_commit && READ_ONCE(ctx->next)))
			return true;
	}
}

/*
 * When to check what has just been prepared: an interval after the last time.  After a
 * delay, an interval from now, as the pages are to have a whole one to be accessed in.
 */
static ktime_t damon_next_sample(ktime_t when, ktime_t interval)
{
	ktime_t now = ktime_get();

	return ktime_add_safe(now - when > interval / 8 ? now : when, interval);
}

/*
 * Wait for the next sample.  What must not last that long is settled in between.
 * Returns whether to go on.
 */
static bool damon_wait_for_sample(struct damon_ctx *ctx, ktime_t when,
				  ktime_t interval)
{
	ktime_t settle = damon_us_to_ktime(ctx->settle_us);

	if (settle && settle < interval) {
		if (!damon_sleep_until(ctx, ktime_get() + settle, settle, false))
			return false;
		ctx->ops->settle(ctx);
	}
	return damon_sleep_until(ctx, when, interval, false);
}

/* After a sample: apply the schemes that are due, and tell who waits for that */
static void damon_pass_schemes(struct damon_ctx *ctx, unsigned int done)
{
	if (damon_apply_schemes(ctx, done) || list_empty(&ctx->schemes))
		damon_answer_call(ctx);
}

/*
 * Take the samples of an aggregation.  It is a number of samples, not a time: a sample
 * that is late makes it last longer, and counts like any other.  Returns false on
 * kthread_stop(), or if no target is left.
 */
static bool damon_aggregate(struct damon_ctx *ctx, ktime_t *when)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs), left = samples;
	ktime_t interval = damon_us_to_ktime(ctx->attrs.sample_us);

	damon_begin_samples(ctx);
	while (damon_sample(ctx, left)) {
		if (!left)
			return true;
		if (left < samples)
			damon_pass_schemes(ctx, samples - left);
		left--;
		*when = damon_next_sample(*when, interval);
		if (!damon_wait_for_sample(ctx, *when, interval))
			break;
	}
	if (ctx->ops->settle)
		ctx->ops->settle(ctx);
	return false;
}

/* Compare targets by process, and by the ranges that were set if @ranges */
static int damon_compare_targets(const struct damon_target *a,
				 const struct damon_target *b, bool ranges)
{
	unsigned int i;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->private != b->private)
		return a->private < b->private ? -1 : 1;
	if (!ranges)
		return 0;
	if (a->nr_ranges != b->nr_ranges)
		return a->nr_ranges < b->nr_ranges ? -1 : 1;
	for (i = 0; i < a->nr_ranges; i++) {
		if (a->ranges[i].start != b->ranges[i].start)
			return a->ranges[i].start < b->ranges[i].start ? -1 : 1;
		if (a->ranges[i].end != b->ranges[i].end)
			return a->ranges[i].end < b->ranges[i].end ? -1 : 1;
	}
	return 0;
}

static int damon_by_ranges(void *priv, const struct list_head *a,
			   const struct list_head *b)
{
	return damon_compare_targets(list_entry(a, struct damon_target, list),
				     list_entry(b, struct damon_target, list), true);
}

static int damon_by_index(void *priv, const struct list_head *a,
			  const struct list_head *b)
{
	return list_entry(a, struct damon_target, list)->index >
	       list_entry(b, struct damon_target, list)->index;
}

/* Move what is known of @t to @n.  Ranges that were set come first again. */
static void damon_keep_target(struct damon_target *t, struct damon_target *n)
{
	swap(t->regions, n->regions);
	swap(t->state, n->state);
	n->begun = !n->nr_ranges;
}

/*
 * Move what is known of targets of @ctx to targets of @new of the same process, and with
 * the same ranges if @ranges.  Both lists are sorted by that.
 */
static void damon_keep_targets(struct damon_ctx *ctx, struct damon_ctx *new,
			       bool ranges)
{
	struct damon_target *n = list_first_entry(&new->targets,
						  struct damon_target, list);
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		cond_resched();
		if (!t->regions.nr)
			continue;
		while (!list_entry_is_head(n, &new->targets, list) &&
		       (n->regions.nr || damon_compare_targets(n, t, ranges) < 0))
			n = list_next_entry(n, list);
		if (list_entry_is_head(n, &new->targets, list))
			return;
		if (!damon_compare_targets(n, t, ranges))
			damon_keep_target(t, n);
	}
}

/*
 * A target that @ctx and @new have in common keeps what is known of it.  Several targets
 * may be of one process: those with the same ranges are matched first.
 */
static void damon_keep_regions(struct damon_ctx *ctx, struct damon_ctx *new)
{
	struct damon_target *t;
	unsigned int index = 0;

	damon_for_each_target(t, new)
		t->index = index++;
	list_sort(NULL, &new->targets, damon_by_ranges);
	list_sort(NULL, &ctx->targets, damon_by_ranges);
	damon_keep_targets(ctx, new, true);
	damon_keep_targets(ctx, new, false);
	list_sort(NULL, &new->targets, damon_by_index);
}

/*
 * Take over what damon_commit() has left, and return whether there was anything.
 * Mostly there is not, and no reason to wait for the lock.
 */
static bool damon_take_over(struct damon_ctx *ctx)
{
	struct damon_ctx *new;
	LIST_HEAD(old);

	if (!READ_ONCE(ctx->next))
		return false;
	mutex_lock(&damon_lock);
	new = ctx->next;
	WRITE_ONCE(ctx->next, NULL);
	mutex_unlock(&damon_lock);

	ctx->nr_commits++;
	/* The cuts are of targets that are going to be freed. */
	ctx->cuts.nr = 0;
	damon_set_attrs(ctx, &new->attrs);
	damon_keep_schemes(ctx, new);
	if (ctx->ops == new->ops)
		damon_keep_regions(ctx, new);
	else
		swap(ctx->state, new->state);
	swap(ctx->ops, new->ops);
	list_splice_init(&ctx->targets, &old);
	list_splice_init(&new->targets, &ctx->targets);
	list_splice_init(&old, &new->targets);
	list_splice_init(&ctx->schemes, &old);
	list_splice_init(&new->schemes, &ctx->schemes);
	list_splice(&old, &new->schemes);
	damon_free_ctx(new);
	return true;
}

/*
 * End, unless there is something new from damon_commit() to go on with.  Returns whether
 * the kdamond ends; the context is not its any more then.
 */
static bool damon_end(struct damon_ctx *ctx)
{
	struct damon_call *left = NULL;
	bool end;

	mutex_lock(&damon_lock);
	end = kthread_should_stop() || !ctx->next;
	if (end) {
		ctx->kdamond = NULL;
		damon_nr_running--;
		left = damon_complete_call(ctx, -ECANCELED);
	}
	mutex_unlock(&damon_lock);
	damon_release_call(left);
	return end;
}

/* With few regions at first it takes long to find hot places. */
static unsigned long damon_first_nr(const struct damon_attrs *attrs)
{
	return attrs->min_nr_regions < attrs->max_nr_regions / FIRST_FACTOR ?
	       attrs->min_nr_regions * FIRST_FACTOR : attrs->max_nr_regions;
}

/* How many regions there are to be at least: many if nothing is known yet */
static unsigned long damon_at_least(struct damon_ctx *ctx)
{
	struct damon_target *t;

	damon_for_each_target(t, ctx)
		if (t->regions.nr)
			return ctx->attrs.min_nr_regions;
	return damon_first_nr(&ctx->attrs);
}

/* After a time in which nothing was sampled: what is known is not of now. */
static int damon_begin_anew(struct damon_ctx *ctx)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->age = 0;
			r->weight = 0;
			r->last_nr_accesses = 0;
		}
	return damon_update_regions(ctx, damon_at_least(ctx));
}

/*
 * Wait as long as there are schemes and no watermarks let one of them be active.  Returns
 * whether to go on.  *@due is set if the regions could not be updated then.
 */
static bool damon_wait_until_active(struct damon_ctx *ctx, ktime_t *when, bool *due)
{
	bool waited = false;
	ktime_t next;

	while (damon_update_schemes(ctx, ktime_get(), &next)) {
		damon_answer_call(ctx);
		if (!damon_sleep_until(ctx, next, 0, true))
			return false;
		damon_take_over(ctx);
		waited = true;
	}
	if (waited) {
		*when = ktime_get();
		*due |= damon_begin_anew(ctx);
	}
	return true;
}

static int kdamond_fn(void *data)
{
	struct damon_ctx *ctx = data;
	ktime_t when = ktime_get();
	ktime_t updated = when;
	bool due = false;

	/* Sent by damon_stop(), to end a wait for a lock of a target. */
	allow_kernel_signal(SIGKILL);
	set_freezable();
	complete(&ctx->started);
	for (;;) {
		if (damon_wait_until_active(ctx, &when, &due) && damon_aggregate(ctx, &when)) {
			damon_find_cuts(ctx);
			damon_merge_regions(ctx);
			damon_report(ctx);
			damon_pass_schemes(ctx, damon_max_accesses(&ctx->attrs));
			damon_forget_accesses(ctx);
		} else if (damon_end(ctx)) {
			return 0;
		}

		/*
		 * Only between two aggregations, so that all regions have been
		 * sampled equally often.  If it fails the regions stay as they are
		 * until the end of the next one.
		 */
		due |= damon_take_over(ctx);
		due |= when - updated >= damon_us_to_ktime(ctx->attrs.update_us);
		if (due) {
			due = damon_update_regions(ctx, damon_at_least(ctx));
			updated = when;
		}
		/* At the end, as it uses all regions that the maximum leaves. */
		damon_split_regions(ctx);
	}
}

/* Set up the regions of all targets; nothing is known of them */
static int damon_init_regions(struct damon_ctx *ctx)
{
	struct damon_target *t;
	int err;

	ctx->settled_nr = 0;
	damon_free_ctx(ctx->next);
	ctx->next = NULL;
	damon_for_each_target(t, ctx)
		damon_forget_target(ctx, t);
	damon_forget_ctx(ctx);
	damon_begin_schemes(ctx);
	err = damon_update_regions(ctx, damon_at_least(ctx));
	damon_for_each_target(t, ctx)
		if (!err && t->regions.nr)
			return 0;
	damon_for_each_target(t, ctx)
		damon_forget_target(ctx, t);
	return err ?: -ESRCH;
}

/* Check whether a context can run, as far as that is known before */
static int damon_check_ctx(struct damon_ctx *ctx)
{
	struct damon_target *t;

	if (!ctx->ops || list_empty(&ctx->targets))
		return -EINVAL;
	damon_for_each_target(t, ctx)
		if (ctx->ops->processes && !t->pid)
			return -EINVAL;
	return damon_check_attrs(&ctx->attrs) ?: damon_check_schemes(ctx);
}

/* Reserve a place among the running kdamonds, under damon_lock */
static int damon_claim(struct damon_ctx *ctx, bool exclusive)
{
	int err;

	/* First, as a context that runs is the kdamond's and must not be read. */
	if (ctx->starting || ctx->kdamond)
		return -EBUSY;
	err = damon_check_ctx(ctx);
	if (err)
		return err;
	if (damon_nr_running && (exclusive || damon_running_exclusive))
		return -EBUSY;
	ctx->starting = true;
	damon_nr_running++;
	damon_running_exclusive = exclusive;
	return 0;
}

/* Start the thread, under damon_lock.  It needs the lock only to end. */
static int damon_run(struct damon_ctx *ctx)
{
	static unsigned int nr_started;
	struct task_struct *kdamond;

	reinit_completion(&ctx->started);
	kdamond = kthread_run(kdamond_fn, ctx, "kdamond.%u", nr_started);
	if (IS_ERR(kdamond))
		return PTR_ERR(kdamond);
	/* A thread that is stopped before it has begun would never call damon_end(). */
	wait_for_completion(&ctx->started);

	ctx->kdamond = kdamond;
	nr_started++;
	return 0;
}

/* Check whether there is memory to watch, for a context that never ran */
static int damon_check_ranges(struct damon_ctx *ctx)
{
	struct damon_target *t;
	int err = -ESRCH;

	damon_for_each_target(t, ctx) {
		struct damon_range *ranges;
		int nr = damon_get_ranges(ctx, t, MIN_RANGES, &ranges);

		damon_forget_target(ctx, t);
		if (nr < 0 && nr != -ESRCH)
			return nr;
		if (nr >= 0)
			kvfree(ranges);
		if (nr > 0)
			err = 0;
	}
	return err;
}

/**
 * damon_start - start a kdamond
 * @ctx:	the context, with an operation set, attributes and targets
 * @exclusive:	no other kdamond may run at the same time
 *
 * It knows nothing from an earlier start, and ends by itself when no target is left.
 * May sleep.
 *
 * Return: 0, or with nothing started
 *
 * * -EINVAL: the attributes or a scheme can't work, or there is no operation set or target
 * * -EBUSY: it runs already, or another one does and one of the two is exclusive
 * * -ESRCH: no target has memory to watch
 * * -ENOMEM: there is no memory
 * * -EAGAIN: there are too many threads
 * * -EINTR: the caller was killed
 */
int damon_start(struct damon_ctx *ctx, bool exclusive)
{
	int err;

	mutex_lock(&damon_lock);
	err = damon_claim(ctx, exclusive);
	mutex_unlock(&damon_lock);
	if (err)
		return err;

	/* Without the lock: this may wait long, for the lock of a target. */
	err = damon_init_regions(ctx);

	mutex_lock(&damon_lock);
	if (!err)
		err = damon_run(ctx);
	if (err)
		damon_nr_running--;
	ctx->starting = false;
	mutex_unlock(&damon_lock);
	return err;
}

/**
 * damon_commit - change what a running kdamond watches, and how
 * @ctx:	the context that runs
 * @new:	targets, operation set, attributes and schemes to go on with; if this
 *		succeeds the kdamond's, which frees it
 *
 * Takes effect when the current aggregation has ended, or at once while no scheme is
 * active; until then another commit replaces @new.  If the operation set stays, targets with
 * the same &damon_target.pid and &damon_target.private as before keep their regions,
 * wherever they stand in the new context; of several, first the one with the same
 * ranges.  Ranges that @new gives are watched as at a start.  What @ctx calls when
 * an aggregation ends stays as it is.  May sleep.
 *
 * Return: 0, or with nothing changed
 *
 * * -EINVAL: no kdamond runs, or the attributes or a scheme can't work, or there is no
 *   operation set or target
 * * -ESRCH: no target has memory to watch
 * * -ENOMEM: there is no memory
 * * -EINTR: the caller was killed
 */
int damon_commit(struct damon_ctx *ctx, struct damon_ctx *new)
{
	int err = damon_check_ctx(new) ?: damon_check_ranges(new);
	struct damon_ctx *old = NULL;

	if (err)
		return err;
	mutex_lock(&damon_lock);
	if (ctx->kdamond) {
		old = ctx->next;
		WRITE_ONCE(ctx->next, new);
		wake_up_process(ctx->kdamond);
	} else {
		err = -EINVAL;
	}
	mutex_unlock(&damon_lock);
	damon_free_ctx(old);
	return err;
}

/**
 * damon_stop - stop the kdamond
 * @ctx:	the context
 *
 * The kdamond has ended when this returns.  May sleep.
 *
 * Return: 0, or -EPERM if none runs.
 */
int damon_stop(struct damon_ctx *ctx)
{
	struct task_struct *kdamond;

	mutex_lock(&damon_lock);
	kdamond = ctx->kdamond;
	if (kdamond)
		get_task_struct(kdamond);
	mutex_unlock(&damon_lock);

	if (!kdamond)
		return -EPERM;
	send_sig(SIGKILL, kdamond, 1);
	kthread_stop_put(kdamond);
	return 0;
}

/**
 * damon_kdamond_pid - the process id of the kdamond
 * @ctx:	the context
 *
 * May sleep.
 *
 * Return: the id, or -1 if none runs.
 */
pid_t damon_kdamond_pid(struct damon_ctx *ctx)
{
	pid_t pid;

	mutex_lock(&damon_lock);
	pid = ctx->kdamond ? ctx->kdamond->pid : -1;
	mutex_unlock(&damon_lock);
	return pid;
}
