// SPDX-License-Identifier: GPL-2.0
/*
 * The schemes of kdamonds in sysfs: DAMON-based operation schemes, DAMOS.
 */
#include "damos.h"
#include "../errors.h"
#include "settings.h"
#include "sysfs.h"
#include "util/debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>

#define MILLION	1000000

/* Room for the path of a scheme. */
#define PATH_LEN	64

/* The files of a pattern, by property. */
static const char * const pattern_files[DAMON_NR_PROPERTIES] = {
	[DAMON_REGION_SIZE]	 = "sz",
	[DAMON_REGION_FREQUENCY] = "nr_accesses",
	[DAMON_REGION_AGE]	 = "age",
};

/* Not every kernel has all files: what is missing is the first component of the name. */
static int explain(int err, const char *name, const char *value)
{
	if (err == -ENOENT)
		pr_err("--scheme: this kernel's DAMON has no %s of schemes\n", name);
	else if (err)
		pr_err("--scheme: this kernel's DAMON does not take '%s' as %s: %s\n", value, name,
		       strerror(-err));
	return err;
}

static int write_text(const char *scheme, const char *name, const char *value)
{
	return explain(damon_sysfs__write("%s/%s=%s", scheme, name, value), name, value);
}

static int write_number(const char *scheme, const char *name, u64 value)
{
	char text[DAMON_UNIT_LEN];

	return write_text(scheme, name, damon_number__format(text, DAMON_COUNT, value, true));
}

static int write_pattern(const char *scheme, const struct damon_pattern *pattern)
{
	char name[64];
	size_t i;
	int err = 0;

	for (i = 0; !err && i < DAMON_NR_PROPERTIES; i++) {
		scnprintf(name, sizeof(name), "access_pattern/%s/min", pattern_files[i]);
		err = write_number(scheme, name, pattern->min[i]);
		scnprintf(name, sizeof(name), "access_pattern/%s/max", pattern_files[i]);
		err = err ?: write_number(scheme, name, pattern->max[i]);
	}
	return err;
}

static int write_quota(const char *scheme, const struct damon_quota *quota)
{
	int err;

	if (!quota->window_ns)
		return 0;
	err = write_number(scheme, "quotas/bytes", quota->bytes);
	err = err ?: write_number(scheme, "quotas/ms", quota->time_ns / NSEC_PER_MSEC);
	return err ?: write_number(scheme, "quotas/reset_interval_ms",
				   quota->window_ns / NSEC_PER_MSEC);
}

/* With Y in matching it leaves alone what is of its type, with N all else. */
static int write_filter(const char *scheme, size_t i, const struct damon_filter *filter)
{
	char dir[PATH_LEN + 32];
	int err;

	scnprintf(dir, sizeof(dir), "%s/filters/%zu", scheme, i);
	err = write_text(dir, "type", filter->type);
	err = err ?: write_text(dir, "matching", filter->only ? "N" : "Y");
	if (filter->path)
		err = err ?: write_text(dir, "memcg_path", filter->path);
	if (filter->end)
		err = err ?: write_number(dir, "addr_start", filter->start) ?:
		      write_number(dir, "addr_end", filter->end);
	if (!strcmp(filter->type, "target"))
		err = err ?: write_number(dir, "damon_target_idx", filter->target);
	return err;
}

static int write_scheme(unsigned int index, size_t i, const struct damon_scheme *scheme,
			const struct damon_settings *settings)
{
	struct damon_pattern pattern;
	char dir[PATH_LEN];
	size_t j;
	int err;

	damon_scheme__pattern(scheme, settings->aggr_ns, damon_settings__samples(settings),
			      &pattern);
	scnprintf(dir, sizeof(dir), "%u/contexts/0/schemes/%zu", index, i);
	err = write_text(dir, "action", scheme->action);
	if (damon_scheme__takes_node(scheme))
		err = err ?: write_number(dir, "target_nid", scheme->node);
	err = err ?: write_pattern(dir, &pattern);
	err = err ?: write_quota(dir, &scheme->quota);
	if (scheme->apply_ns)
		err = err ?: write_number(dir, "apply_interval_us",
					  scheme->apply_ns / NSEC_PER_USEC);
	if (scheme->nr_filters)
		err = err ?: write_number(dir, "filters/nr_filters", scheme->nr_filters);
	for (j = 0; !err && j < scheme->nr_filters; j++)
		err = write_filter(dir, j, &scheme->filter[j]);
	return err;
}

/**
 * damos__write - configure the schemes of a kdamond
 * @index: the kdamond
 * @settings: its settings, with the schemes
 *
 * Return: 0 or a negative error number, also if this kernel lacks what a scheme needs; errors are
 * printed.
 */
int damos__write(unsigned int index, const struct damon_settings *settings)
{
	char context[PATH_LEN];
	size_t i;
	int err;

	if (!settings->nr_schemes)
		return 0;
	scnprintf(context, sizeof(context), "%u/contexts/0", index);
	err = write_number(context, "schemes/nr_schemes", settings->nr_schemes);
	for (i = 0; !err && i < settings->nr_schemes; i++)
		err = write_scheme(index, i, &settings->scheme[i], settings);
	return err;
}

/* What sysfs has in numbers of samples and intervals, as people give it. */
static int read_bound(struct damon_bound *bound, const struct damon_settings *settings,
		      enum damon_property i, const char *scheme, const char *end)
{
	u64 samples = damon_settings__samples(settings), value;
	int err = damon_sysfs__read_u64(&value, "%s/access_pattern/%s/%s", scheme,
					pattern_files[i], end);

	if (err)
		return err;
	*bound = (struct damon_bound){ .kind = DAMON_SIZE, .value = value };
	if (i == DAMON_REGION_FREQUENCY) {
		bound->kind = MILLION * value % samples ? DAMON_COUNT : DAMON_RATIO;
		bound->value = bound->kind == DAMON_RATIO ? MILLION * value / samples : value;
	} else if (i == DAMON_REGION_AGE) {
		bound->kind = DAMON_TIME;
		if (__builtin_mul_overflow(value, settings->aggr_ns, &bound->value))
			*bound = (struct damon_bound){ .kind = DAMON_COUNT, .value = value };
	}
	return 0;
}

/* All that a property can be is no bound. */
static int read_pattern(struct damon_scheme *scheme, const struct damon_settings *settings,
			const char *dir)
{
	struct damon_pattern pattern, any;
	const struct damon_scheme none = {};
	size_t i;
	int err = 0;

	for (i = 0; !err && i < DAMON_NR_PROPERTIES; i++) {
		err = read_bound(&scheme->min[i], settings, i, dir, "min");
		err = err ?: read_bound(&scheme->max[i], settings, i, dir, "max");
	}
	if (err)
		return err;
	damon_scheme__pattern(scheme, settings->aggr_ns, damon_settings__samples(settings),
			      &pattern);
	damon_scheme__pattern(&none, settings->aggr_ns, damon_settings__samples(settings), &any);
	for (i = 0; i < DAMON_NR_PROPERTIES; i++) {
		if (pattern.min[i] <= any.min[i])
			scheme->min[i].kind = DAMON_TEXT;
		if (pattern.max[i] >= any.max[i])
			scheme->max[i].kind = DAMON_TEXT;
	}
	return 0;
}

/* Files that not every kernel has are 0. */
static u64 read_optional(const char *scheme, const char *name)
{
	u64 value;

	return damon_sysfs__read_u64(&value, "%s/%s", scheme, name) ? 0 : value;
}

static int read_filter(struct damon_scheme *scheme, const char *dir, size_t i)
{
	char filter[PATH_LEN + 32], type[16], matching[4], path[128], spec[192];
	int err;

	scnprintf(filter, sizeof(filter), "%s/filters/%zu", dir, i);
	err = damon_sysfs__read(type, sizeof(type), "%s/type", filter);
	err = err ?: damon_sysfs__read(matching, sizeof(matching), "%s/matching", filter);
	if (err)
		return err;
	if (damon_sysfs__read(path, sizeof(path), "%s/memcg_path", filter))
		*path = '\0';
	if (!strcmp(type, "addr"))
		scnprintf(spec, sizeof(spec), "addr:%" PRIu64 "-%" PRIu64,
			  read_optional(filter, "addr_start"), read_optional(filter, "addr_end"));
	else if (!strcmp(type, "target"))
		scnprintf(spec, sizeof(spec), "target:%" PRIu64,
			  read_optional(filter, "damon_target_idx"));
	else
		scnprintf(spec, sizeof(spec), "%s%s%s", type, *path ? ":" : "", path);
	return damon_scheme__add_filter(scheme, spec, *matching == 'N');
}

static int read_scheme(struct damon_scheme *scheme, const struct damon_settings *settings,
		       const char *dir)
{
	size_t i, nr = read_optional(dir, "filters/nr_filters");
	char action[32];
	int err = damon_sysfs__read(action, sizeof(action), "%s/action", dir);

	if (err)
		return err;
	/* A kernel that is newer than we are may have others. */
	scheme->action = damon_scheme__find_action(action);
	if (!scheme->action)
		return -EINVAL;
	scheme->node = read_optional(dir, "target_nid");
	err = read_pattern(scheme, settings, dir);
	if (err)
		return err;
	scheme->apply_ns = read_optional(dir, "apply_interval_us") * NSEC_PER_USEC;
	scheme->quota.bytes = read_optional(dir, "quotas/bytes");
	scheme->quota.time_ns = read_optional(dir, "quotas/ms") * NSEC_PER_MSEC;
	scheme->quota.window_ns = read_optional(dir, "quotas/reset_interval_ms") * NSEC_PER_MSEC;
	for (i = 0; !err && i < nr; i++)
		err = read_filter(scheme, dir, i);
	return err;
}

/**
 * damos__read - read the schemes of a kdamond
 * @settings: its settings, to which they are added
 * @index: the kdamond
 *
 * Return: 0 or a negative error number.
 */
int damos__read(struct damon_settings *settings, unsigned int index)
{
	char dir[PATH_LEN];
	size_t i;
	u64 nr;
	int err = damon_sysfs__read_u64(&nr, "%u/contexts/0/schemes/nr_schemes", index);

	if (err == -ENOENT)
		return 0;
	for (i = 0; !err && i < nr; i++) {
		struct damon_scheme scheme = {};

		scnprintf(dir, sizeof(dir), "%u/contexts/0/schemes/%zu", index, i);
		err = read_scheme(&scheme, settings, dir);
		err = err ?: damon_settings__add_scheme(settings, &scheme);
		if (err)
			damon_scheme__exit(&scheme);
	}
	return err;
}

/**
 * damos__read_stats - read what the schemes of a kdamond have done
 * @stats: set to that of each scheme
 * @index: the kdamond, which is on
 * @nr: number of schemes
 *
 * Return: 0 or a negative error number, such as -EBUSY if the kdamond answers somebody else.
 */
int damos__read_stats(struct damos_stats *stats, unsigned int index, size_t nr)
{
	static const struct {
		const char	*name;
		size_t		offset;
	} files[] = {
		{ "nr_tried", offsetof(struct damos_stats, nr_tried) },
		{ "sz_tried", offsetof(struct damos_stats, sz_tried) },
		{ "nr_applied", offsetof(struct damos_stats, nr_applied) },
		{ "sz_applied", offsetof(struct damos_stats, sz_applied) },
		{ "qt_exceeds", offsetof(struct damos_stats, qt_exceeds) },
	};
	size_t i, j;
	int err;

	/* Ask nothing of a kdamond that has no schemes. */
	if (!nr)
		return 0;
	err = damon_sysfs__write("%u/state=update_schemes_stats", index);
	for (i = 0; !err && i < nr; i++) {
		for (j = 0; !err && j < ARRAY_SIZE(files); j++)
			err = damon_sysfs__read_u64((void *)&stats[i] + files[j].offset,
						    "%u/contexts/0/schemes/%zu/stats/%s", index, i,
						    files[j].name);
	}
	return err;
}
