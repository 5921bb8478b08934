// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_RECLAIM: reclaim memory that has not been accessed for long, before it is needed.
 *
 * One scheme.  See Documentation/admin-guide/mm/damon/reclaim.rst.
 */
#include <linux/container_of.h>
#include <linux/damon.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "module.h"
#include "reclaim.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "damon_reclaim."

/* What users take as "just right", see quota_autotune_feedback */
#define FEEDBACK_TARGET	10000

static struct damon_reclaim reclaim = {
	.module = {
		DAMON_MODULE_DEFAULTS,
		.name = "damon_reclaim",
		.add_schemes = damon_reclaim_add_schemes,
		.quota = {
			.ms = 10,
			.bytes = SZ_128M,
			.window_ms = 1000,
		},
		.watermarks = {
			.interval_us = 5 * USEC_PER_SEC,
			.high = 500,
			.mid = 400,
			.low = 200,
		},
	},
	.min_age_us = 120 * USEC_PER_SEC,
};

DAMON_MODULE_PARAMS(reclaim.module);
module_param_named(min_age, reclaim.min_age_us, ulong, 0600);
module_param_named(quota_sz, reclaim.module.quota.bytes, ulong, 0600);
module_param_named(quota_mem_pressure_us, reclaim.pressure_us, ulong, 0600);
module_param_named(quota_autotune_feedback, reclaim.feedback, ulong, 0600);
module_param_named(skip_anon, reclaim.skip_anon, bool, 0600);
DAMON_MODULE_STATS(reclaim.module.stats[0], reclaim_tried, reclaimed, nr_quota_exceeds);

static int damon_reclaim_add_goals(const struct damon_reclaim *r, struct damon_quota *quota)
{
	unsigned int nr = !!r->pressure_us + !!r->feedback;
	struct damon_goal *goal;

	if (!nr)
		return 0;
	goal = kvcalloc(nr, sizeof(*goal), GFP_KERNEL);
	if (!goal)
		return -ENOMEM;
	quota->goals = goal;
	quota->nr_goals = nr;
	if (r->pressure_us)
		*goal++ = (struct damon_goal) {
			.metric = DAMON_GOAL_SOME_MEM_PSI_US,
			.target = r->pressure_us,
		};
	if (r->feedback)
		*goal = (struct damon_goal) {
			.metric = DAMON_GOAL_USER_INPUT,
			.target = FEEDBACK_TARGET,
			.current_value = r->feedback,
		};
	return 0;
}

static int damon_reclaim_add_filters(const struct damon_reclaim *r, struct damon_scheme *scheme)
{
	if (!r->skip_anon)
		return 0;
	scheme->filters = kvzalloc(sizeof(*scheme->filters), GFP_KERNEL);
	if (!scheme->filters)
		return -ENOMEM;
	scheme->filters->type = DAMON_FILTER_ANON;
	scheme->filters->matching = true;
	scheme->nr_filters = 1;
	return 0;
}

/**
 * damon_reclaim_add_schemes - add the scheme of DAMON_RECLAIM
 * @m:		the member of a struct damon_reclaim
 * @ctx:	a context with valid attributes and without a running kdamond
 *
 * If the quota is not enough, what has not been accessed for longest comes first.  All that the
 * scheme is for has no accesses, so age alone decides.  May sleep.
 *
 * Return: 0, or -ENOMEM with what there is left to damon_free_ctx().
 */
int damon_reclaim_add_schemes(const struct damon_module *m, struct damon_ctx *ctx)
{
	const struct damon_reclaim *r = container_of(m, struct damon_reclaim, module);
	/* At age 0 a region has been without accesses for one aggregation already. */
	const struct damon_pattern pattern = {
		.min_size = PAGE_SIZE,
		.max_size = ULONG_MAX,
		.min_age = r->min_age_us / ctx->attrs.aggr_us,
		.max_age = ULONG_MAX,
	};
	struct damon_scheme *scheme = damon_module_add_scheme(m, ctx, DAMON_PAGEOUT, &pattern);

	if (!scheme)
		return -ENOMEM;
	scheme->quota.age_weight = 1;
	return damon_reclaim_add_goals(r, &scheme->quota) ?: damon_reclaim_add_filters(r, scheme);
}

static int __init damon_reclaim_init(void)
{
	return damon_module_init(&reclaim.module);
}
late_initcall(damon_reclaim_init);
