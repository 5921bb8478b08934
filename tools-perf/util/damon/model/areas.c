// SPDX-License-Identifier: GPL-2.0
/*
 * The areas of a target: all addresses that were ever monitored, without the big gaps.
 *
 * Most of an address space is unmapped: program and heap, mappings, and stack are terabytes
 * apart. A heat map of all of it would show nothing, so each area is shown separately.
 */
#include "areas.h"
#include "../array.h"
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>

/* Sort new areas in batches: sorting after each one takes too long if there are many. */
#define MIN_NEW		128

/**
 * damon_areas__exit - free all areas
 * @areas: the areas
 */
void damon_areas__exit(struct damon_areas *areas)
{
	free(areas->area);
	free(areas->part);
	memset(areas, 0, sizeof(*areas));
}

static void merge_area(struct damon_area *area, const struct damon_area *other)
{
	area->start = min(area->start, other->start);
	area->end = max(area->end, other->end);
	area->heat += other->heat;
}

static int compare_areas(const void *a, const void *b)
{
	const struct damon_area *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Sort by address, and merge areas that overlap or are adjacent. */
static void settle(struct damon_areas *areas)
{
	size_t i, nr = areas->nr + areas->nr_new, last = 0;

	if (!areas->nr_new)
		return;
	qsort(areas->area, nr, sizeof(*areas->area), compare_areas);
	for (i = 1; i < nr; i++) {
		if (areas->area[i].start <= areas->area[last].end)
			merge_area(&areas->area[last], &areas->area[i]);
		else
			areas->area[++last] = areas->area[i];
	}
	areas->nr = last + 1;
	areas->nr_new = 0;
}

/*
 * Most addresses were monitored before. A batch of others is at least as big as the sorted part, so
 * each area is sorted only a few times.
 */
static int add_area(struct damon_areas *areas, const struct damon_area *area)
{
	size_t i = damon_array__count_until(areas->area, areas->nr, start, area->start);

	if (i && area->end <= areas->area[i - 1].end) {
		areas->area[i - 1].heat += area->heat;
		return 0;
	}
	if (areas->nr_new >= max_t(size_t, MIN_NEW, areas->nr))
		settle(areas);
	if (areas->nr + areas->nr_new == areas->capacity &&
	    damon_array__grow(&areas->area, &areas->capacity))
		return -ENOMEM;
	areas->area[areas->nr + areas->nr_new++] = *area;
	return 0;
}

/**
 * damon_areas__add - add the addresses of a snapshot
 * @areas: the areas
 * @snapshot: the snapshot
 * @threshold: minimum number of accesses of a region
 *
 * Return: 0 or -ENOMEM.
 */
int damon_areas__add(struct damon_areas *areas, const struct damon_snapshot *snapshot,
		     u32 threshold)
{
	struct damon_area run = {};
	int err = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_regions && !err; i++) {
		const struct damon_region *region = &snapshot->regions[i];
		struct damon_area area = {
			.start	= region->start,
			.end	= region->end,
			.heat	= (double)(region->end - region->start) * region->nr_accesses,
		};

		if (region->nr_accesses < threshold)
			continue;
		if (run.end == area.start) {
			merge_area(&run, &area);
			continue;
		}
		if (run.end)
			err = add_area(areas, &run);
		run = area;
	}
	return err ?: run.end ? add_area(areas, &run) : 0;
}

static u64 area_size(const struct damon_area *area)
{
	return area->end - area->start;
}

static bool is_hotter(const struct damon_area *a, const struct damon_area *b)
{
	return a->heat > b->heat || (a->heat == b->heat && a->bytes > b->bytes);
}

static void sum_up(struct damon_areas *areas)
{
	size_t i;

	areas->heat = 0;
	areas->hottest = areas->area;
	for (i = 0; i < areas->nr; i++) {
		areas->heat += areas->area[i].heat;
		if (is_hotter(&areas->area[i], areas->hottest))
			areas->hottest = &areas->area[i];
	}
}

/**
 * damon_areas__join - join areas that are close to each other
 * @areas: the areas, complete
 * @sparse: what is between them is no memory, and to be left out
 *
 * Two areas are joined if the gap is smaller than the bigger one: a heat map of both is then
 * still readable.
 *
 * Return: 0 or -ENOMEM.
 */
int damon_areas__join(struct damon_areas *areas, bool sparse)
{
	struct damon_area *area = areas->area;
	size_t i, last = 0;

	settle(areas);
	if (!areas->nr)
		return 0;
	if (sparse) {
		free(areas->part);
		areas->part = memdup(area, areas->nr * sizeof(*area));
		if (!areas->part)
			return -ENOMEM;
		areas->nr_parts = areas->nr;
	}
	for (i = 0; i < areas->nr; i++) {
		u64 size = area_size(&area[i]), gap = i ? area[i].start - area[last].end : 0;

		area[i].bytes = size;
		if (i && gap < max(area_size(&area[last]), size)) {
			merge_area(&area[last], &area[i]);
			area[last].bytes += sparse ? size : gap + size;
		} else {
			last += !!i;
			area[last] = area[i];
		}
	}
	areas->nr = last + 1;
	sum_up(areas);
	return 0;
}

/**
 * damon_areas__bytes - add up the sizes of all areas
 * @areas: the areas
 *
 * Return: the sum.
 */
u64 damon_areas__bytes(struct damon_areas *areas)
{
	u64 bytes = 0;
	size_t i;

	settle(areas);
	for (i = 0; i < areas->nr; i++)
		bytes += area_size(&areas->area[i]);
	return bytes;
}
