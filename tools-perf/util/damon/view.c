// SPDX-License-Identifier: GPL-2.0
/*
 * The selected part of a record: times, addresses and targets. Snapshots are
 * clipped to the view before the reports get them.
 */
#include "view.h"
#include "units.h"
#include "util/debug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>
#include <subcmd/parse-options.h>

#define WHOLE	1000000		/* in millionths */

/**
 * damon_view__init - select everything
 * @view: the view
 */
void damon_view__init(struct damon_view *view)
{
	memset(view, 0, sizeof(*view));
	view->addr_max.value = -1ULL;
	view->end = -1ULL;
}

/**
 * damon_view__exit - free everything
 * @view: the view
 */
void damon_view__exit(struct damon_view *view)
{
	zfree(&view->pids);
	zfree(&view->targets);
	zfree(&view->regions);
	view->capacity = 0;
}

/* Parses a percentage, or a number with @parse. */
static int parse_quantity(const char *str, struct damon_quantity *quantity,
			  int (*parse)(const char *str, u64 *value))
{
	int err;

	if (!strchr(str, '%')) {
		quantity->given = DAMON_GIVEN_NUMBER;
		return parse(str, &quantity->value);
	}
	quantity->given = DAMON_GIVEN_PERCENT;
	err = damon_percent__parse(str, &quantity->value);
	return err ?: quantity->value > WHOLE ? -ERANGE : 0;
}

static int parse_moment(const char *str, struct damon_quantity *moment)
{
	return parse_quantity(str, moment, damon_time__parse);
}

static int parse_address(const char *str, struct damon_quantity *address)
{
	address->given = DAMON_GIVEN_NUMBER;
	return damon_address__parse(str, &address->value);
}

/**
 * struct bound - how to parse times or addresses
 * @parse: parses one value
 * @what: description of a value, for error messages
 * @range: description of a range, for error messages
 */
struct bound {
	int		(*parse)(const char *str, struct damon_quantity *quantity);
	const char	*what;
	const char	*range;
};

static const struct bound moments = {
	.parse	= parse_moment,
	.what	= "a time: give a number with ns, us, ms, s, min or h, or up to 100%",
	.range	= "a range of times such as 1.5s-3s",
};

static const struct bound addresses = {
	.parse	= parse_address,
	.what	= "an address: give one such as 0x7f0012340000, 4096 or 1.5GiB",
	.range	= "a range of addresses such as 0x7f0012340000-0x7f0012380000",
};

static int parse_bound(const struct option *opt, const char *str, const struct bound *bound,
		       struct damon_quantity *quantity)
{
	if (!bound->parse(str, quantity))
		return 0;
	pr_err("--%s: '%s' is not %s\n", opt->long_name, str, bound->what);
	return -1;
}

/* Splits START-END. Both strings may be empty. */
static int split_range(const char *str, char **start, char **end)
{
	const char *dash = strchr(str, '-');

	*start = NULL;
	*end = NULL;
	if (!dash || strchr(dash + 1, '-'))
		return -EINVAL;
	*start = strndup(str, dash - str);
	*end = strdup(dash + 1);
	return *start && *end ? 0 : -ENOMEM;
}

static int parse_range(const struct option *opt, const char *str, const struct bound *bound,
		       struct damon_quantity *min, struct damon_quantity *max)
{
	char *start, *end;
	int ret = 0;

	if (split_range(str, &start, &end)) {
		pr_err("--%s: '%s' is not %s\n", opt->long_name, str, bound->range);
		ret = -1;
	}
	if (!ret && *start)
		ret = parse_bound(opt, start, bound, min);
	if (!ret && *end)
		ret = parse_bound(opt, end, bound, max);
	if (!ret && *start && *end && min->given == max->given && min->value >= max->value) {
		pr_err("--%s: '%s' does not end behind its begin\n", opt->long_name, str);
		ret = -1;
	}
	free(start);
	free(end);
	return ret;
}

/**
 * damon_view__parse_time - parse --tmin and --tmax
 * @opt: the option; its value is the &struct damon_quantity
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_time(const struct option *opt, const char *str, int unset __maybe_unused)
{
	return parse_bound(opt, str, &moments, opt->value);
}

/**
 * damon_view__parse_times - parse --time
 * @opt: the option; its value is the &struct damon_view
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_times(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_view *view = opt->value;

	return parse_range(opt, str, &moments, &view->time_min, &view->time_max);
}

/**
 * damon_view__parse_addr - parse --amin and --amax
 * @opt: the option; its value is the &struct damon_quantity
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_addr(const struct option *opt, const char *str, int unset __maybe_unused)
{
	return parse_bound(opt, str, &addresses, opt->value);
}

/**
 * damon_view__parse_addrs - parse --addr
 * @opt: the option; its value is the &struct damon_view
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_addrs(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_view *view = opt->value;

	return parse_range(opt, str, &addresses, &view->addr_min, &view->addr_max);
}

static bool in_list(const u64 *list, size_t nr, u64 number)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (list[i] == number)
			return true;
	}
	return false;
}

/* Adds a number, unless it is already in the list. */
static int add_to_list(u64 **list, size_t *nr, u64 number)
{
	u64 *new;

	if (in_list(*list, *nr, number))
		return 0;
	new = reallocarray(*list, *nr + 1, sizeof(**list));
	if (!new)
		return -ENOMEM;
	new[(*nr)++] = number;
	*list = new;
	return 0;
}

/* Numbers with commas between them, decimal or hexadecimal. */
static int parse_list(const char *str, u64 **list, size_t *nr)
{
	char *copy = strdup(str), *rest = copy, *word;
	int err = copy ? 0 : -ENOMEM;
	u64 number;

	while (!err && (word = strsep(&rest, ","))) {
		if (strncmp(word, "0x", 2))
			err = damon_count__parse(word, &number);
		else
			err = damon_address__parse(word, &number);
		err = err ?: add_to_list(list, nr, number);
	}
	free(copy);
	return err;
}

/**
 * damon_view__parse_pids - parse --pid
 * @opt: the option; its value is the &struct damon_view
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_pids(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_view *view = opt->value;

	if (!parse_list(str, &view->pids, &view->nr_pids))
		return 0;
	pr_err("--pid: '%s' is not a list of processes such as 17,42\n", str);
	return -1;
}

/**
 * damon_view__parse_targets - parse --target
 * @opt: the option; its value is the &struct damon_view
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_view__parse_targets(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_view *view = opt->value;

	if (!parse_list(str, &view->targets, &view->nr_targets))
		return 0;
	pr_err("--target: '%s' is not a list of targets such as 0,1\n", str);
	return -1;
}

/**
 * damon_quantity__parse_threshold - parse --threshold
 * @opt: the option; its value is the &struct damon_quantity
 * @str: the text
 * @unset: there is no negated form
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_quantity__parse_threshold(const struct option *opt, const char *str,
				    int unset __maybe_unused)
{
	struct damon_quantity *threshold = opt->value;

	/* With a threshold of 0, all memory would be in the working set. */
	if (!parse_quantity(str, threshold, damon_count__parse) && threshold->value)
		return 0;
	pr_err("--threshold: '%s' is neither a number of accesses, 1 or more, nor up to 100%% of the samples\n",
	       str);
	return -1;
}

/**
 * damon_view__has_times - check whether limits of time are given
 * @view: the view
 *
 * They are relative to the start of the record, which has to be found first.
 *
 * Return: true if at least one limit is given.
 */
bool damon_view__has_times(const struct damon_view *view)
{
	return view->time_min.given || view->time_max.given;
}

/**
 * damon_view__has_addrs - check whether both limits of addresses are given
 * @view: the view
 *
 * Return: true if both are given.
 */
bool damon_view__has_addrs(const struct damon_view *view)
{
	return view->addr_min.given && view->addr_max.given;
}

static u64 moment_since(const struct damon_quantity *moment, u64 start, u64 end)
{
	u64 offset = moment->value;

	/* No overflow if the record is shorter than 500 years. */
	if (moment->given == DAMON_GIVEN_PERCENT)
		offset = (double)(end - start) * moment->value / WHOLE;
	return offset > end - start ? end : start + offset;
}

/**
 * damon_view__set_times - compute the limits of time from those of the record
 * @view: the view
 * @start: start of the record
 * @end: end of the record
 *
 * Return: 0, or -EINVAL after printing an error, if no time is left.
 */
int damon_view__set_times(struct damon_view *view, u64 start, u64 end)
{
	char length[DAMON_UNIT_LEN];

	view->start = start;
	view->end = end;
	if (view->time_min.given)
		view->start = moment_since(&view->time_min, start, end);
	if (view->time_max.given)
		view->end = moment_since(&view->time_max, start, end);
	if (view->start < view->end)
		return 0;
	damon_time__put(length, end - start, /*exact=*/false);
	pr_err("nothing is left at these times: the record is of 0s-%s\n", length);
	return -EINVAL;
}

/**
 * damon_view__chooses - check whether a target is selected
 * @view: the view
 * @target_id: index of the target
 * @pid: process of the target, 0: unknown
 *
 * Return: true if it is selected.
 */
bool damon_view__chooses(const struct damon_view *view, unsigned long target_id, pid_t pid)
{
	if (view->nr_targets && !in_list(view->targets, view->nr_targets, target_id))
		return false;
	return !view->nr_pids || (pid && in_list(view->pids, view->nr_pids, pid));
}

static int clip_regions(struct damon_view *view, const struct damon_snapshot *snapshot)
{
	struct damon_snapshot *part = &view->part;
	size_t i;

	if (view->capacity < snapshot->nr_regions) {
		void *regions = reallocarray(view->regions, snapshot->nr_regions,
					     sizeof(*view->regions));

		if (!regions)
			return -ENOMEM;
		view->regions = regions;
		view->capacity = snapshot->nr_regions;
	}
	part->regions = view->regions;
	part->nr_regions = 0;
	for (i = 0; i < snapshot->nr_regions; i++) {
		struct damon_region region = snapshot->regions[i];

		region.start = max(region.start, view->addr_min.value);
		region.end = min(region.end, view->addr_max.value);
		if (region.start < region.end)
			part->regions[part->nr_regions++] = region;
	}
	return 0;
}

/**
 * damon_view__is_of_time - check whether a snapshot overlaps the selected time
 * @view: the view
 * @since: start of the time over which it counted accesses
 * @time: when it was taken
 *
 * Return: true if it does.
 */
bool damon_view__is_of_time(const struct damon_view *view, u64 since, u64 time)
{
	return time > view->start && since < view->end;
}

/**
 * damon_view__clip - clip a snapshot to the selected times and addresses
 * @view: the view
 * @snapshot: the snapshot
 * @since: start of the time over which it counted accesses
 * @clipped: set to the clipped snapshot, valid until the next call, or to NULL if it is outside of
 *	     the selected time
 *
 * Return: 0 or -ENOMEM.
 */
int damon_view__clip(struct damon_view *view, const struct damon_snapshot *snapshot, u64 since,
		     const struct damon_snapshot **clipped)
{
	*clipped = NULL;
	if (!damon_view__is_of_time(view, since, snapshot->time))
		return 0;
	view->part = *snapshot;
	view->part.since = since;
	*clipped = &view->part;
	if (!view->addr_min.given && !view->addr_max.given)
		return 0;
	return clip_regions(view, snapshot);
}
