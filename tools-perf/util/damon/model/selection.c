// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a record that is reported: times, addresses and targets. Reports get snapshots that
 * are clipped to it.
 */
#include "../errors.h"
#include "selection.h"
#include "../units.h"
#include "util/debug.h"
#include "util/intlist.h"
#include "util/time-utils.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
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
	zfree(&selection->ranges);
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

/* START,STOP of perf script, as many of them as there are, with blanks between them. */
static int parse_timestamps(struct perf_time_interval *ranges, const char *str)
{
	char *copy = strdup(str), *rest = copy, *word;
	int nr = copy ? 0 : -ENOMEM;

	while (nr >= 0 && (word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		/* One for each comma, so there is room for all. */
		if (!strchr(word, ',') || perf_time__parse_str(&ranges[nr], word))
			nr = -EINVAL;
		else
			nr++;
	}
	free(copy);
	return nr ?: -EINVAL;
}

/* Percentages are of the time from @start to @end. */
static int parse_perf_times(struct damon_selection *selection, u64 start, u64 end)
{
	const char *str = selection->perf_times;
	int nr, size;

	free(selection->ranges);
	selection->ranges = perf_time__range_alloc(str, &size);
	if (!selection->ranges)
		return -ENOMEM;
	if (strchr(str, '%'))
		nr = perf_time__percent_parse_str(selection->ranges, size, str, start, end);
	else
		nr = parse_timestamps(selection->ranges, str);
	selection->nr_ranges = max(nr, 0);
	return nr < 0 ? -EINVAL : 0;
}

/**
 * damon_selection__parse_times - parse a range of times
 * @str: START-END or START,END relative to the start of the record, with units or percentages; or a
 *	 form of perf's own: timestamps without units, or parts of the record
 * @value: the &struct damon_selection
 *
 * Return: 0, -EDOM if the end is not behind the start, or another negative error number.
 */
int damon_selection__parse_times(const char *str, void *value)
{
	struct damon_selection *selection = value, parsed = { .time_max.value = -1ULL };
	char *copy = strdup(str);
	int err;

	if (!copy)
		return -ENOMEM;
	strreplace(copy, ',', '-');
	err = damon_quantity__parse_range(&parsed.time_min, &parsed.time_max, copy, DAMON_TIME,
					  DAMON_RATIO);
	free(copy);
	selection->perf_times = NULL;
	if (err && err != -EDOM) {
		selection->perf_times = str;
		/* Only to check it, as the record is not known yet. */
		err = parse_perf_times(selection, 0, NSEC_PER_SEC);
		selection->nr_ranges = 0;
		parsed = (struct damon_selection){ .time_max.value = -1ULL };
	}
	selection->time_min = parsed.time_min;
	selection->time_max = parsed.time_max;
	return err;
}

static u64 moment_since(const struct damon_quantity *moment, u64 start, u64 end,
			const struct perf_time_interval *samples)
{
	u64 offset = moment->value;

	/* No overflow if the record is shorter than 500 years. */
	if (moment->given == DAMON_GIVEN_PERCENT) {
		offset = (double)(samples->end - samples->start) * moment->value / WHOLE;
		return clamp(samples->start + offset, start, end);
	}
	return offset > end - start ? end : start + offset;
}

/* The start of the first range, and the end of the last one. */
static int set_perf_times(struct damon_selection *selection,
			  const struct perf_time_interval *samples)
{
	int i, err = parse_perf_times(selection, samples->start, samples->end);

	selection->start = -1ULL;
	selection->end = 0;
	for (i = 0; i < selection->nr_ranges; i++) {
		const struct perf_time_interval *range = &selection->ranges[i];

		selection->start = min(selection->start, range->start);
		selection->end = max(selection->end, range->end ?: (u64)-1);
	}
	return err;
}

static int say_nothing_is_left(const struct damon_selection *selection, u64 start, u64 end)
{
	bool perf = selection->perf_times;

	pr_err("nothing is left at these times: the record is of %s%c%s\n",
	       perf ? damon_number__str(DAMON_TIMESTAMP, start, true) : "0s", perf ? ',' : '-',
	       perf ? damon_number__str(DAMON_TIMESTAMP, end, true) :
		      damon_number__str(DAMON_TIME, end - start, /*exact=*/false));
	return -EINVAL;
}

/**
 * damon_selection__set_times - compute the limits of time from those of the record
 * @selection: the selection
 * @start: start of the record
 * @end: end of the record
 * @samples: the times that percentages are of
 *
 * Return: 0, or -EINVAL after printing an error, if no time is left.
 */
int damon_selection__set_times(struct damon_selection *selection, u64 start, u64 end,
			       const struct perf_time_interval *samples)
{
	if (!selection->perf_times) {
		selection->start = moment_since(&selection->time_min, start, end, samples);
		selection->end = moment_since(&selection->time_max, start, end, samples);
	} else if (set_perf_times(selection, samples)) {
		return damon_out_of_memory();
	}
	if (selection->perf_times ? selection->start <= end && selection->end >= start :
				    selection->start < selection->end)
		return 0;
	return say_nothing_is_left(selection, start, end);
}

/**
 * damon_selection__has_time - check whether a snapshot is of the selected time
 * @selection: the selection
 * @since: start of the snapshot's time
 * @time: end of the snapshot's time, when its events are
 *
 * Return: true if they overlap, or in a form of perf's own if the events are in a range, as in all
 * of perf.
 */
bool damon_selection__has_time(const struct damon_selection *selection, u64 since, u64 time)
{
	if (selection->nr_ranges)
		return !perf_time__ranges_skip_sample(selection->ranges, selection->nr_ranges,
						      time);
	return time > selection->start && since < selection->end;
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
