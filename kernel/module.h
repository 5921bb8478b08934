/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Users of the monitor inside the kernel that module parameters control.
 *
 * Each of them watches physical memory, and has schemes of its own.  What they have in common is
 * here: the parameters of monitoring, quota and watermarks, statistics, and on and off.
 */
#ifndef _MM_DAMON_MODULE_H
#define _MM_DAMON_MODULE_H

#include <linux/damon.h>
#include <linux/moduleparam.h>

/**
 * define DAMON_MODULE_SCHEMES - the most schemes that a module has
 */
#define DAMON_MODULE_SCHEMES	2

/**
 * struct damon_module - a module
 * @name:		what it is called in /sys/module
 * @add_schemes:	add the module's schemes, with damon_module_add_scheme(), to a context
 *			that has its attributes; returns 0 or -ENOMEM
 * @find_fault:		optional: say which of the module's own parameters can't work, or
 *			return NULL
 * @attrs:		parameters, but for &damon_attrs.update_us and
 *			&damon_attrs.max_tlb_flushes
 * @range:		parameter: the memory to watch; 0 to 0: all System RAM
 * @quota:		parameters: the time and the bytes for all schemes together
 * @watermarks:		parameters, but for the metric
 * @stats:		what the schemes have done since the module was last enabled
 * @ready:		the kernel is so far that a kdamond can run
 * @at_boot:		enable the module then
 * @ctx:		since the module was last enabled, or NULL
 * @count:		has the kdamond keep @stats
 * @counting:		@count is in use
 *
 * The lock of module parameters protects it: it is held when a parameter is read or written.
 * Only @stats are written without, by the kdamond.
 */
struct damon_module {
	const char *name;
	int (*add_schemes)(const struct damon_module *m, struct damon_ctx *ctx);
	const char *(*find_fault)(const struct damon_module *m);
	struct damon_attrs attrs;
	struct damon_range range;
	struct damon_quota quota;
	struct damon_watermarks watermarks;
	struct damon_scheme_stats stats[DAMON_MODULE_SCHEMES];
	bool ready;
	bool at_boot;
	struct damon_ctx *ctx;
	struct damon_call count;
	bool counting;
};

/**
 * define DAMON_MODULE_DEFAULTS - members of a struct damon_module that begin alike
 */
#define DAMON_MODULE_DEFAULTS						\
	.attrs = {							\
		.sample_us = DAMON_DEFAULT_SAMPLE_US,			\
		.aggr_us = DAMON_DEFAULT_AGGR_US,			\
		.update_us = DAMON_DEFAULT_UPDATE_US,			\
		.min_nr_regions = DAMON_DEFAULT_MIN_NR_REGIONS,		\
		.max_nr_regions = DAMON_DEFAULT_MAX_NR_REGIONS,		\
		.max_tlb_flushes = DAMON_DEFAULT_MAX_TLB_FLUSHES,	\
	}

/**
 * DAMON_MODULE_PARAMS - the parameters that all modules have
 * @m:		the struct damon_module
 */
#define DAMON_MODULE_PARAMS(m)							\
	module_param_cb(enabled, &damon_module_enabled_ops, &(m), 0600);	\
	module_param_cb(commit_inputs, &damon_module_commit_ops, &(m), 0600);	\
	module_param_cb(kdamond_pid, &damon_module_pid_ops, &(m), 0400);	\
	module_param_named(sample_interval, (m).attrs.sample_us, ulong, 0600);	\
	module_param_named(aggr_interval, (m).attrs.aggr_us, ulong, 0600);	\
	module_param_named(min_nr_regions, (m).attrs.min_nr_regions, ulong, 0600); \
	module_param_named(max_nr_regions, (m).attrs.max_nr_regions, ulong, 0600); \
	module_param_named(monitor_region_start, (m).range.start, ulong, 0600);	\
	module_param_named(monitor_region_end, (m).range.end, ulong, 0600);	\
	module_param_named(quota_ms, (m).quota.ms, ulong, 0600);		\
	module_param_named(quota_reset_interval_ms, (m).quota.window_ms, ulong, 0600); \
	module_param_named(wmarks_interval, (m).watermarks.interval_us, ulong, 0600); \
	module_param_named(wmarks_high, (m).watermarks.high, ulong, 0600);	\
	module_param_named(wmarks_mid, (m).watermarks.mid, ulong, 0600);	\
	module_param_named(wmarks_low, (m).watermarks.low, ulong, 0600)

/**
 * DAMON_MODULE_STATS - the parameters that show what a scheme has done
 * @s:		its struct damon_scheme_stats
 * @tried:	what their names call memory that the scheme was to act on
 * @applied:	what they call memory on which the action worked
 * @exceeds:	the name of the one that counts windows in which the quota was not enough
 */
#define DAMON_MODULE_STATS(s, tried, applied, exceeds)				\
	module_param_named(nr_##tried##_regions, (s).nr_tried, ulong, 0400);	\
	module_param_named(bytes_##tried##_regions, (s).sz_tried, ulong, 0400);	\
	module_param_named(nr_##applied##_regions, (s).nr_applied, ulong, 0400); \
	module_param_named(bytes_##applied##_regions, (s).sz_applied, ulong, 0400); \
	module_param_named(exceeds, (s).qt_exceeds, ulong, 0400)

extern const struct kernel_param_ops damon_module_enabled_ops;
extern const struct kernel_param_ops damon_module_commit_ops;
extern const struct kernel_param_ops damon_module_pid_ops;

struct damon_ctx *damon_module_new_ctx(const struct damon_module *m);
struct damon_scheme *damon_module_add_scheme(const struct damon_module *m, struct damon_ctx *ctx,
					     enum damon_action action,
					     const struct damon_pattern *pattern);
int damon_module_init(struct damon_module *m);

#endif /* _MM_DAMON_MODULE_H */
