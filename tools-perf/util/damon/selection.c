// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a record that is reported: times, addresses and targets. Reports get snapshots that
 * are clipped to it.
 */
#include "selection.h"
#include "units.h"
#include "util/debug.h"
#include "util/intlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

#define WHOLE	1000000		/* in millionths */

/**
 * damon_selection__init - select everything
 * @selection: the selection
 */
void damon_selection__init(struct damon_selection *selection)
{
	memset(selection, 0, sizeof(*selection));
	selection->addr_max.value = -1ULL;
	selection->end = -1ULL;
}

/**
 * damon_selection__exit - free everything
 * @selection: the selection
 */
void damon_selection__exit(struct damon_selection *selection)
{
	intlist__delete(selection->pids);
	intlist__delete(selection->targets);
	selection->pids = NULL;
	selection->targets = NULL;
	zfree(&selection->regions);
	selection->capacity = 0;
}

/* Parses a percentage, or a number with @parse. */
static int parse_quantity(struct damon_quantity *quantity, const char *str,
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

/**
 * damon_quantity__parse_time - parse a time, or a percentage of the record
 * @str: the text
 * @limit: a &struct damon_quantity that is set to it
 *
 * Return: 0 or a negative error number.
 */
int damon_quantity__parse_time(const char *str, void *limit)
{
	return parse_quantity(limit, str, damon_time__parse);
}

/**
 * damon_quantity__parse_address - parse an address
 * @str: the text
 * @limit: a &struct damon_quantity that is set to it
 *
 * Return: 0 or a negative error number.
 */
int damon_quantity__parse_address(const char *str, void *limit)
{
	struct damon_quantity *address = limit;

	address->given = DAMON_GIVEN_NUMBER;
	return damon_address__parse(str, &address->value);
}

/**
 * damon_quantity__parse_threshold - parse a number of accesses, or a percentage of the samples
 * @str: the text
 * @threshold: a &struct damon_quantity that is set to it
 *
 * Return: 0 or a negative error number.
 */
int damon_quantity__parse_threshold(const char *str, void *threshold)
{
	struct damon_quantity *accesses = threshold;
	int err = parse_quantity(accesses, str, damon_count__parse);

	/* With a threshold of 0, all memory would be in the working set. */
	return err ?: accesses->value ? 0 : -EINVAL;
}

/* START-END. Each may be missing, but not the dash. */
static int parse_range(const char *str, struct damon_quantity *min, struct damon_quantity *max,
		       int (*parse)(const char *str, void *limit))
{
	char *start = strdup(str), *end;
	int err;

	if (!start)
		return -ENOMEM;
	end = damon_range__split(start);
	err = end ? 0 : -EINVAL;
	if (!err && *start)
		err = parse(start, min);
	if (!err && *end)
		err = parse(end, max);
	if (!err && *start && *end && min->given == max->given && min->value >= max->value)
		err = -EDOM;
	free(start);
	return err;
}

/**
 * damon_selection__parse_times - parse START-END, each as damon_quantity__parse_time(), or missing
 * @str: the text
 * @selection: a &struct damon_selection whose times are set to it
 *
 * Return: 0, -EDOM if the end is not behind the start, or another negative error number.
 */
int damon_selection__parse_times(const char *str, void *selection)
{
	struct damon_selection *part = selection;

	return parse_range(str, &part->time_min, &part->time_max, damon_quantity__parse_time);
}

/**
 * damon_selection__parse_addrs - parse START-END of addresses, of which one may be missing
 * @str: the text
 * @selection: a &struct damon_selection whose addresses are set to it
 *
 * Return: 0, -EDOM if the end is not behind the start, or another negative error number.
 */
int damon_selection__parse_addrs(const char *str, void *selection)
{
	struct damon_selection *part = selection;

	return parse_range(str, &part->addr_min, &part->addr_max, damon_quantity__parse_address);
}

/* Decimal, or hexadecimal as the target_id of kernels before 6.1. */
static int add_number(struct intlist *list, const char *str)
{
	u64 number;
	int err = strncmp(str, "0x", 2) ? damon_count__parse(str, &number) :
					  damon_address__parse(str, &number);

	if (!err && number != (unsigned long)number)
		err = -ERANGE;
	err = err ?: intlist__add(list, number);
	return err == -EEXIST ? 0 : err;
}

/**
 * damon_selection__parse_list - parse numbers of processes or targets with commas between them
 * @str: the text
 * @list: a pointer to the &struct intlist, which is made if that is NULL
 *
 * Return: 0 or a negative error number.
 */
int damon_selection__parse_list(const char *str, void *list)
{
	char *copy = strdup(str), *rest = copy, *word;
	struct intlist **numbers = list;
	int err = 0;

	if (!*numbers)
		*numbers = intlist__new(NULL);
	if (!copy || !*numbers)
		err = -ENOMEM;
	while (!err && (word = strsep(&rest, ",")))
		err = add_number(*numbers, word);
	free(copy);
	return err;
}

/**
 * damon_selection__has_times - check whether limits of time are given
 * @selection: the selection
 *
 * They are relative to the start of the record, which has to be found first.
 *
 * Return: true if at least one limit is given.
 */
bool damon_selection__has_times(const struct damon_selection *selection)
{
	return selection->time_min.given || selection->time_max.given;
}

/**
 * damon_selection__has_addrs - check whether both limits of addresses are given
 * @selection: the selection
 *
 * Return: true if both are given.
 */
bool damon_selection__has_addrs(const struct damon_selection *selection)
{
	return selection->addr_min.given && selection->addr_max.given;
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
 * damon_selection__set_times - compute the limits of time from those of the record
 * @selection: the selection
 * @start: start of the record
 * @end: end of the record
 *
 * Return: 0, or -EINVAL after printing an error, if no time is left.
 */
int damon_selection__set_times(struct damon_selection *selection, u64 start, u64 end)
{
	char length[DAMON_UNIT_LEN];

	selection->start = start;
	selection->end = end;
	if (selection->time_min.given)
		selection->start = moment_since(&selection->time_min, start, end);
	if (selection->time_max.given)
		selection->end = moment_since(&selection->time_max, start, end);
	if (selection->start < selection->end)
		return 0;
	damon_time__put(length, end - start, /*exact=*/false);
	pr_err("nothing is left at these times: the record is of 0s-%s\n", length);
	return -EINVAL;
}

/**
 * damon_selection__has_target - check whether a target is selected
 * @selection: the selection
 * @target_id: index of the target
 * @pid: process of the target, 0: unknown
 *
 * Return: true if it is selected.
 */
bool damon_selection__has_target(const struct damon_selection *selection, unsigned long target_id,
				 pid_t pid)
{
	if (selection->targets && !intlist__has_entry(selection->targets, target_id))
		return false;
	return !selection->pids || (pid && intlist__has_entry(selection->pids, pid));
}

static int clip_regions(struct damon_selection *selection, const struct damon_snapshot *snapshot)
{
	struct damon_snapshot *part = &selection->part;
	size_t i;

	if (selection->capacity < snapshot->nr_regions) {
		void *regions = reallocarray(selection->regions, snapshot->nr_regions,
					     sizeof(*selection->regions));

		if (!regions)
			return -ENOMEM;
		selection->regions = regions;
		selection->capacity = snapshot->nr_regions;
	}
	part->regions = selection->regions;
	part->nr_regions = 0;
	for (i = 0; i < snapshot->nr_regions; i++) {
		struct damon_region region = snapshot->regions[i];

		region.start = max(region.start, selection->addr_min.value);
		region.end = min(region.end, selection->addr_max.value);
		if (region.start < region.end)
			part->regions[part->nr_regions++] = region;
	}
	return 0;
}

/**
 * damon_selection__has_time - check whether a snapshot overlaps the selected time
 * @selection: the selection
 * @since: start of the time over which it counted accesses
 * @time: when it was taken
 *
 * Return: true if it does.
 */
bool damon_selection__has_time(const struct damon_selection *selection, u64 since, u64 time)
{
	return time > selection->start && since < selection->end;
}

/**
 * damon_selection__clip - clip a snapshot to the selected times and addresses
 * @selection: the selection
 * @snapshot: the snapshot
 * @clipped: set to the clipped snapshot, valid until the next call, or to NULL if it is outside of
 *	     the selected time
 *
 * Return: 0 or -ENOMEM.
 */
int damon_selection__clip(struct damon_selection *selection, const struct damon_snapshot *snapshot,
			  const struct damon_snapshot **clipped)
{
	*clipped = NULL;
	if (!damon_selection__has_time(selection, snapshot->since, snapshot->time))
		return 0;
	selection->part = *snapshot;
	*clipped = &selection->part;
	if ((selection->addr_min.given || selection->addr_max.given) &&
	    clip_regions(selection, snapshot))
		return -ENOMEM;
	selection->part.nr_monitored = selection->part.nr_regions;
	return 0;
}
