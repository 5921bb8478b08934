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
	selection->time_max.value = -1ULL;
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

/**
 * damon_quantity__parse - parse a number, or what it is computed from
 * @quantity: set to it
 * @str: the text
 * @number: kind of the number; a count is at least 1
 * @other: %DAMON_RATIO: also a percentage of the whole; another kind: also the size of each part
 *
 * Return: 0, -EINVAL if it is neither, -ERANGE if it is too big.
 */
int damon_quantity__parse(struct damon_quantity *quantity, const char *str,
			  enum damon_kind number, enum damon_kind other)
{
	u64 max = other == DAMON_RATIO ? WHOLE : -1ULL, min = number == DAMON_COUNT;

	quantity->given = DAMON_GIVEN_NUMBER;
	if (damon_number__parse(number, str, &quantity->value)) {
		int err = damon_number__parse(other, str, &quantity->value);

		quantity->given = other == DAMON_RATIO ? DAMON_GIVEN_PERCENT : DAMON_GIVEN_UNIT;
		if (err || quantity->value > max)
			return err ?: -ERANGE;
	}
	return quantity->value < min ? -EINVAL : 0;
}

/**
 * damon_quantity__parse_range - parse START-END: each may be missing, but not the dash
 * @start: set to the start, unless it is missing
 * @end: set to the end, unless it is missing
 * @str: the text
 * @number: a kind of both, as in damon_quantity__parse()
 * @other: the other kind
 *
 * Return: 0, -EDOM if the end is not behind the start, or another negative error number.
 */
int damon_quantity__parse_range(struct damon_quantity *start, struct damon_quantity *end,
				const char *str, enum damon_kind number, enum damon_kind other)
{
	char *first = strdup(str), *last = first ? damon_range__split(first) : NULL;
	int err = !first ? -ENOMEM : !last ? -EINVAL : 0;

	if (!err && *first)
		err = damon_quantity__parse(start, first, number, other);
	if (!err && *last)
		err = damon_quantity__parse(end, last, number, other);
	if (!err && *first && *last && start->given == end->given && start->value >= end->value)
		err = -EDOM;
	free(first);
	return err;
}

/* Decimal, or hexadecimal as the target_id of kernels before 6.1. */
static int add_number(struct intlist *list, const char *str)
{
	enum damon_kind kind = strncmp(str, "0x", 2) ? DAMON_COUNT : DAMON_ADDRESS;
	u64 number;
	int err = damon_number__parse(kind, str, &number);

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
	selection->start = moment_since(&selection->time_min, start, end);
	selection->end = moment_since(&selection->time_max, start, end);
	if (selection->start < selection->end)
		return 0;
	pr_err("nothing is left at these times: the record is of 0s-%s\n",
	       damon_number__str(DAMON_TIME, end - start, /*exact=*/false));
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
