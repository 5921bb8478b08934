// SPDX-License-Identifier: GPL-2.0
/*
 * Quotas: how much a scheme may do in a time window.
 *
 * Three limits, of which the smallest counts: bytes, time, and what the goals allow.  Time is
 * converted to bytes by how fast the action was until now, to know beforehand which regions
 * come first; and it is measured.
 */
#include <kunit/visibility.h>
#include <linux/damon.h>
#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/psi.h>

#include "quota.h"

/* A goal that is just reached */
#define REACHED			10000
/* Bytes to begin with if it is not known yet what the goals allow, or how fast the action is */
#define FIRST_BYTES		(256 * PAGE_SIZE)
/* Times above that, 49 days, need not be told apart, and can be multiplied */
#define LONGEST_MS		U32_MAX
/* If the total of the pressure has not moved for so long, there was none */
#define PSI_MS			2500
/* How fast the action is, is of so many times the time that a window has */
#define SPEED_WINDOWS		8

static bool damon_has_psi(void)
{
#ifdef CONFIG_PSI
	return !static_branch_likely(&psi_disabled);
#else
	return false;
#endif
}

/**
 * damon_check_quota - check whether a quota's goals can be measured
 * @quota:	the quota
 *
 * Return: 0, or -EINVAL if there is a goal that this kernel can't measure.
 */
int damon_check_quota(const struct damon_quota *quota)
{
	const struct damon_goal *goal = quota->goals;

	for (; goal < quota->goals + quota->nr_goals; goal++)
		if (goal->metric == DAMON_GOAL_SOME_MEM_PSI_US && !damon_has_psi())
			return -EINVAL;
	return 0;
}

/* Microseconds in which some task waited for memory, since the system started */
static u64 damon_psi_total_us(void)
{
#ifdef CONFIG_PSI
	return div_u64(psi_system.total[PSI_AVGS][PSI_MEM_SOME], NSEC_PER_USEC);
#else
	return 0;
#endif
}

/**
 * damon_measure_psi - measure a goal of pressure
 * @goal:	the goal
 * @total_us:	for how long some task waited for memory, since the system started
 * @window_ms:	length of a quota's window; 0: a window is as long as the pressure is measured
 * @now:	the time
 *
 * The total moves every two seconds only, unless somebody reads it.  So what was added is
 * spread over the time since it moved last.
 *
 * Return: whether the goal has a new value.
 */
VISIBLE_IF_KUNIT bool damon_measure_psi(struct damon_goal *goal, u64 total_us,
					unsigned long window_ms, ktime_t now)
{
	u64 added = goal->measured ? total_us - goal->last_total_us : 0;
	u64 ms = goal->measured ? max(ktime_ms_delta(now, goal->measured), 1) : 1;

	if (goal->measured && !added && ms <= PSI_MS)
		return false;
	goal->current_value = mul_u64_u64_div_u64(added, min(window_ms ?: ms, ms), ms);
	goal->last_total_us = total_us;
	goal->measured = now;
	return true;
}

/* Returns whether the goal has a new value. */
static bool damon_measure_goal(struct damon_goal *goal, unsigned long window_ms, ktime_t now)
{
	return goal->metric != DAMON_GOAL_SOME_MEM_PSI_US ||
	       damon_measure_psi(goal, damon_psi_total_us(), window_ms, now);
}

/* How far a goal is reached, in ten thousandths, up to twice as far as it should be */
static unsigned int damon_goal_score(const struct damon_goal *goal)
{
	if (goal->current_value / 2 >= goal->target)
		return 2 * REACHED;
	return mul_u64_u64_div_u64(goal->current_value, REACHED, goal->target);
}

static u64 damon_quota_ns(const struct damon_quota *quota)
{
	return min_t(u64, quota->ms, LONGEST_MS) * NSEC_PER_MSEC;
}

static unsigned long damon_time_bytes(const struct damon_quota *quota)
{
	u64 ns = damon_quota_ns(quota);

	if (!quota->total_bytes)
		return FIRST_BYTES;
	/* What is not there is acted on in no time, and so is what is only counted. */
	if (!quota->total_ns)
		return ULONG_MAX;
	if (div64_u64(quota->total_bytes, quota->total_ns) >= div64_u64(ULONG_MAX, max(ns, 1)))
		return ULONG_MAX;
	return max(mul_u64_u64_div_u64(quota->total_bytes, ns, quota->total_ns), PAGE_SIZE);
}

/* What bytes and time allow; ULONG_MAX: no limit */
static unsigned long damon_fixed_bytes(const struct damon_quota *quota)
{
	unsigned long bytes = quota->bytes ?: ULONG_MAX;

	return quota->ms ? min(bytes, damon_time_bytes(quota)) : bytes;
}

static void damon_set_effective_bytes(struct damon_quota *quota)
{
	quota->effective_bytes = damon_fixed_bytes(quota);
	if (quota->nr_goals)
		quota->effective_bytes = min(quota->effective_bytes, quota->goal_bytes);
}

/*
 * Allow twice as much as before if nothing of the goal is reached, as much if it is reached, and
 * half as much if it is exceeded by half or more: what one window took away, the next one can
 * give back.  But no more than before if that was not used up, nor more than the other limits:
 * the goal would be exceeded for long until less is allowed again.
 */
static void damon_tune(struct damon_quota *quota, ktime_t now)
{
	u64 most = min_t(u64, (u64)totalram_pages() << PAGE_SHIFT, PAGE_ALIGN_DOWN(ULONG_MAX));
	struct damon_goal *goal = quota->goals;
	unsigned int score = 0, factor;
	bool measured = false;

	for (; goal < quota->goals + quota->nr_goals; goal++) {
		measured |= damon_measure_goal(goal, quota->window_ms, now);
		score = max(score, damon_goal_score(goal));
	}
	if (!measured || (score < REACHED && !quota->wanted_more))
		return;
	most = max(min(most, damon_fixed_bytes(quota)), PAGE_SIZE);
	factor = max(2 * REACHED - score, REACHED / 2);
	quota->goal_bytes = clamp(mul_u64_u64_div_u64(quota->goal_bytes, factor, REACHED),
				  PAGE_SIZE, most);
	quota->wanted_more = false;
}

/* Old times count less and less, so that a change of speed is soon known. */
static void damon_age_speed(struct damon_quota *quota)
{
	while (quota->total_ns > SPEED_WINDOWS * damon_quota_ns(quota)) {
		quota->total_ns /= 2;
		quota->total_bytes /= 2;
	}
}

/* When the window that @now is in has begun.  The first one begins with the first pass. */
static ktime_t damon_window_at(const struct damon_quota *quota, ktime_t now)
{
	u64 ms;

	if (!quota->begun || !quota->window_ms)
		return now;
	ms = ktime_ms_delta(now, quota->begun);
	return ktime_add_ms(quota->begun, div64_ul(ms, quota->window_ms) * quota->window_ms);
}

/**
 * damon_begin_window - begin a new window if the last one is over
 * @quota:	the quota
 * @now:	the time
 *
 * One window begins where the last one ends, or a multiple of its length later.
 */
void damon_begin_window(struct damon_quota *quota, ktime_t now)
{
	ktime_t begun = damon_window_at(quota, now);

	if (quota->begun && quota->window_ms && begun == quota->begun)
		return;
	quota->begun = begun;
	quota->charged_bytes = 0;
	quota->charged_ns = 0;
	quota->exceeded = false;
	if (quota->ms)
		damon_age_speed(quota);
	if (quota->nr_goals)
		damon_tune(quota, now);
	damon_set_effective_bytes(quota);
}

/**
 * damon_quota_left - how much of the window's quota is left
 * @quota:	the quota
 *
 * Time is a limit of its own here: bytes that were derived from it are a guess.
 *
 * Return: bytes, ULONG_MAX if there is no limit.
 */
unsigned long damon_quota_left(const struct damon_quota *quota)
{
	unsigned long limit = quota->bytes ?: ULONG_MAX;

	if (quota->ms && quota->charged_ns >= damon_quota_ns(quota))
		return 0;
	if (quota->nr_goals)
		limit = min(limit, quota->goal_bytes);
	if (limit == ULONG_MAX)
		return ULONG_MAX;
	return PAGE_ALIGN_DOWN(limit - min(limit, quota->charged_bytes));
}

/**
 * damon_charge_quota - count what was done
 * @quota:	the quota
 * @bytes:	on how many bytes the action was tried
 * @ns:		how long it took, in nanoseconds
 */
void damon_charge_quota(struct damon_quota *quota, unsigned long bytes, u64 ns)
{
	quota->charged_bytes += bytes;
	quota->charged_ns += ns;
	quota->total_bytes += bytes;
	quota->total_ns += ns;
}

/**
 * damon_exceed_quota - note that the quota was not enough
 * @quota:	the quota
 *
 * Return: whether that is new in this window.
 */
bool damon_exceed_quota(struct damon_quota *quota)
{
	bool first = !quota->exceeded;

	quota->exceeded = true;
	quota->wanted_more = true;
	return first;
}

/* What the owner says counts from now on, what is measured goes on. */
static void damon_keep_goal(const struct damon_goal *old, struct damon_goal *new)
{
	if (new->metric == DAMON_GOAL_USER_INPUT)
		return;
	new->current_value = old->current_value;
	new->last_total_us = old->last_total_us;
	new->measured = old->measured;
}

/**
 * damon_keep_quota - go on with the window of a scheme that another one replaces
 * @old:	its quota
 * @new:	the other one's
 *
 * Goals at the same place that have the same metric go on, too.
 */
void damon_keep_quota(const struct damon_quota *old, struct damon_quota *new)
{
	unsigned int i;

	new->goal_bytes = old->goal_bytes ?: FIRST_BYTES;
	new->begun = old->begun;
	new->charged_bytes = old->charged_bytes;
	new->charged_ns = old->charged_ns;
	new->exceeded = old->exceeded;
	new->wanted_more = old->wanted_more;
	new->total_bytes = old->total_bytes;
	new->total_ns = old->total_ns;
	new->next = old->next;
	for (i = 0; i < min(old->nr_goals, new->nr_goals); i++)
		if (old->goals[i].metric == new->goals[i].metric)
			damon_keep_goal(&old->goals[i], &new->goals[i]);
	damon_set_effective_bytes(new);
}

/**
 * damon_reset_quota - let a quota begin without a past
 * @quota:	the quota
 */
void damon_reset_quota(struct damon_quota *quota)
{
	struct damon_quota none = {};
	unsigned int i;

	damon_keep_quota(&none, quota);
	for (i = 0; i < quota->nr_goals; i++)
		quota->goals[i].measured = 0;
}
