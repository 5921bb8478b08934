// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON_LRU_SORT: sort the LRU lists by accesses, so that reclaim finds cold memory at once and
 * leaves hot memory alone.
 *
 * Two schemes.  See Documentation/admin-guide/mm/damon/lru_sort.rst.
 */
#include <linux/container_of.h>
#include <linux/damon.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/time64.h>

#include "lru-sort.h"
#include "module.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "damon_lru_sort."

/* In this order */
enum { HOT, COLD };

static struct damon_lru_sort lru_sort = {
	.module = {
		DAMON_MODULE_DEFAULTS,
		.name = "damon_lru_sort",
		.add_schemes = damon_lru_sort_add_schemes,
		.find_fault = damon_lru_sort_find_fault,
		.quota = {
			.ms = 10,
			.window_ms = 1000,
		},
		.watermarks = {
			.interval_us = 5 * USEC_PER_SEC,
			.high = 200,
			.mid = 150,
			.low = 50,
		},
	},
	.hot_permil = 500,
	.cold_min_age_us = 120 * USEC_PER_SEC,
};

DAMON_MODULE_PARAMS(lru_sort.module);
module_param_named(hot_thres_access_freq, lru_sort.hot_permil, ulong, 0600);
module_param_named(cold_min_age, lru_sort.cold_min_age_us, ulong, 0600);
DAMON_MODULE_STATS(lru_sort.module.stats[HOT], lru_sort_tried_hot, lru_sorted_hot,
		   nr_hot_quota_exceeds);
DAMON_MODULE_STATS(lru_sort.module.stats[COLD], lru_sort_tried_cold, lru_sorted_cold,
		   nr_cold_quota_exceeds);

/**
 * damon_lru_sort_find_fault - say which parameters of DAMON_LRU_SORT alone can't work
 * @m:		the member of a struct damon_lru_sort
 *
 * Return: a text, or NULL if there are none.
 */
const char *damon_lru_sort_find_fault(const struct damon_module *m)
{
	const struct damon_lru_sort *l = container_of(m, struct damon_lru_sort, module);

	return l->hot_permil > 1000 ? "hot_thres_access_freq is above 1000" : NULL;
}

static int damon_lru_sort_add_hot(const struct damon_lru_sort *l, struct damon_ctx *ctx)
{
	u64 all = damon_max_accesses(&ctx->attrs);
	const struct damon_pattern pattern = {
		.min_size = PAGE_SIZE,
		.max_size = ULONG_MAX,
		/* What has no accesses is not hot, whatever the threshold. */
		.min_nr_accesses = max(DIV_ROUND_UP_ULL(all * l->hot_permil, 1000), 1),
		.max_nr_accesses = ULONG_MAX,
		.max_age = ULONG_MAX,
	};
	struct damon_scheme *scheme;

	scheme = damon_module_add_scheme(&l->module, ctx, DAMON_LRU_PRIO, &pattern);
	if (!scheme)
		return -ENOMEM;
	scheme->quota.accesses_weight = 1;
	return 0;
}

static int damon_lru_sort_add_cold(const struct damon_lru_sort *l, struct damon_ctx *ctx)
{
	/* At age 0 a region has been without accesses for one aggregation already. */
	const struct damon_pattern pattern = {
		.min_size = PAGE_SIZE,
		.max_size = ULONG_MAX,
		.min_age = l->cold_min_age_us / ctx->attrs.aggr_us,
		.max_age = ULONG_MAX,
	};
	struct damon_scheme *scheme;

	scheme = damon_module_add_scheme(&l->module, ctx, DAMON_LRU_DEPRIO, &pattern);
	if (!scheme)
		return -ENOMEM;
	scheme->quota.age_weight = 1;
	return 0;
}

/**
 * damon_lru_sort_add_schemes - add the schemes of DAMON_LRU_SORT
 * @m:		the member of a struct damon_lru_sort
 * @ctx:	a context with valid attributes and without a running kdamond
 *
 * Each scheme has half of the time, since they do not share a quota.  A quota of 0 would be no
 * limit, so that of 1 ms is one for each.  May sleep.
 *
 * Return: 0, or -ENOMEM with what there is left to damon_free_ctx().
 */
int damon_lru_sort_add_schemes(const struct damon_module *m, struct damon_ctx *ctx)
{
	const struct damon_lru_sort *l = container_of(m, struct damon_lru_sort, module);
	int err = damon_lru_sort_add_hot(l, ctx) ?: damon_lru_sort_add_cold(l, ctx);
	struct damon_scheme *scheme;

	damon_for_each_scheme(scheme, ctx)
		if (scheme->quota.ms)
			scheme->quota.ms = max(scheme->quota.ms / 2, 1);
	return err;
}

static int __init damon_lru_sort_init(void)
{
	return damon_module_init(&lru_sort.module);
}
late_initcall(damon_lru_sort_init);
