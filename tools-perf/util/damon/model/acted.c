// SPDX-License-Identifier: GPL-2.0
/*
 * On which memory a scheme would have acted, and when that was used again: found from snapshots of
 * a monitor that had no scheme.
 */
#include "acted.h"
#include "../array.h"
#include "../monitor/scheme.h"
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * damon_pattern__matches - check whether a scheme is for a region
 * @pattern: what it asks of regions
 * @region: the region
 */
bool damon_pattern__matches(const struct damon_pattern *pattern, const struct damon_region *region)
{
	const u64 value[DAMON_NR_PROPERTIES] = {
		[DAMON_REGION_SIZE]	 = region->end - region->start,
		[DAMON_REGION_FREQUENCY] = region->nr_accesses,
		[DAMON_REGION_AGE]	 = region->age,
	};
	size_t i;

	for (i = 0; i < DAMON_NR_PROPERTIES; i++) {
		if (value[i] < pattern->min[i] || value[i] > pattern->max[i])
			return false;
	}
	return true;
}

/**
 * struct update - the pass over one snapshot
 * @acted: memory on which the scheme has acted; its next ranges are being made
 * @nr: how many of these there are
 * @now: the time of the snapshot
 * @fn: called for each part
 * @data: passed to @fn
 */
struct update {
	struct damon_acted	*acted;
	size_t			nr;
	u64			now;
	damon_acted_fn		fn;
	void			*data;
};

/* Parts of one time that are side by side are one range. */
static int add_range(struct update *update, u64 start, u64 end, u64 time)
{
	struct damon_acted *acted = update->acted;
	struct damon_acted_range *last = update->nr ? &acted->next[update->nr - 1] : NULL;

	if (last && last->end == start && last->time == time) {
		last->end = end;
		return 0;
	}
	if (update->nr == acted->next_capacity &&
	    damon_array__grow(&acted->next, &acted->next_capacity))
		return -ENOMEM;
	acted->next[update->nr++] = (struct damon_acted_range){ start, end, time };
	return 0;
}

static int act(struct update *update, u64 start, u64 end)
{
	if (start >= end)
		return 0;
	update->fn(update->data, start, end, 0, 0);
	return add_range(update, start, end, update->now);
}

/*
 * Go on with a region: it was used if there was any access. Ranges begin with @range, which may
 * begin before the region.
 */
static int update_region(struct update *update, const struct damon_region *region, bool matches,
			 const struct damon_acted_range *range,
			 const struct damon_acted_range *end_of_ranges)
{
	u64 at = region->start;
	int err = 0;

	for (; !err && range < end_of_ranges && range->start < region->end; range++) {
		u64 start = max(range->start, region->start), end = min(range->end, region->end);

		if (matches)
			err = act(update, at, start);
		at = end;
		if (!region->nr_accesses) {
			err = err ?: add_range(update, start, end, range->time);
			continue;
		}
		update->fn(update->data, start, end, range->time, region->nr_accesses);
		if (matches)
			err = err ?: act(update, start, end);
	}
	return err ?: matches ? act(update, at, region->end) : 0;
}

static void exchange(struct damon_acted *acted)
{
	struct damon_acted_range *range = acted->range;
	size_t capacity = acted->capacity;

	acted->range = acted->next;
	acted->capacity = acted->next_capacity;
	acted->next = range;
	acted->next_capacity = capacity;
}

/**
 * damon_acted__update - go on with the next snapshot
 * @acted: memory on which the scheme has acted before; what is not monitored any more is forgotten
 * @snapshot: the snapshot
 * @pattern: the pattern of the scheme
 * @fn: called for each part of a region on which the scheme acts for the first time since it was
 *	used, and for each part that was used again
 * @data: passed to @fn
 *
 * Return: 0 or -ENOMEM.
 */
int damon_acted__update(struct damon_acted *acted, const struct damon_snapshot *snapshot,
			const struct damon_pattern *pattern, damon_acted_fn fn, void *data)
{
	struct update update = {
		.acted = acted, .now = snapshot->time, .fn = fn, .data = data,
	};
	const struct damon_acted_range *range = acted->range;
	const struct damon_acted_range *end = acted->nr ? range + acted->nr : range;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		while (range < end && range->end <= region->start)
			range++;
		err = update_region(&update, region, damon_pattern__matches(pattern, region),
				    range, end);
	}
	acted->nr = update.nr;
	exchange(acted);
	return err;
}

/**
 * damon_acted__exit - free everything
 * @acted: the memory
 */
void damon_acted__exit(struct damon_acted *acted)
{
	zfree(&acted->range);
	zfree(&acted->next);
}
