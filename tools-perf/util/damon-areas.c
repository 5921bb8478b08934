// SPDX-License-Identifier: GPL-2.0
/*
 * Where a target's memory is: everything that was ever monitored, without the big gaps.
 *
 * An address space is nearly empty: program and heap, mappings, and stack are terabytes apart. A
 * picture of all of it would show nothing, so each area is looked at by itself.
 */
#include "damon-areas.h"
#include "damon-snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * damon_areas__exit - free all areas
 * @areas: the areas
 */
void damon_areas__exit(struct damon_areas *areas)
{
	zfree(&areas->area);
	areas->nr = 0;
	areas->capacity = 0;
}

/* The first area that ends at @address or above. */
static size_t find_area(const struct damon_areas *areas, u64 address)
{
	size_t low = 0, high = areas->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (areas->area[mid].end < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int insert_area(struct damon_areas *areas, size_t at, const struct damon_area *area)
{
	if (areas->nr == areas->capacity) {
		size_t capacity = max(8UL, 2 * areas->capacity);
		void *new = reallocarray(areas->area, capacity, sizeof(*area));

		if (!new)
			return -ENOMEM;
		areas->area = new;
		areas->capacity = capacity;
	}
	memmove(&areas->area[at + 1], &areas->area[at], (areas->nr - at) * sizeof(*area));
	areas->area[at] = *area;
	areas->nr++;
	return 0;
}

static void remove_areas(struct damon_areas *areas, size_t from, size_t to)
{
	memmove(&areas->area[from], &areas->area[to], (areas->nr - to) * sizeof(*areas->area));
	areas->nr -= to - from;
}

static void merge_area(struct damon_area *area, const struct damon_area *other)
{
	area->start = min(area->start, other->start);
	area->end = max(area->end, other->end);
	area->heat += other->heat;
}

/* One with all those that it touches. */
static int add_area(struct damon_areas *areas, const struct damon_area *new)
{
	size_t first = find_area(areas, new->start), last = first;

	if (first == areas->nr || areas->area[first].start > new->end)
		return insert_area(areas, first, new);
	merge_area(&areas->area[first], new);
	while (last + 1 < areas->nr && areas->area[last + 1].start <= areas->area[first].end)
		merge_area(&areas->area[first], &areas->area[++last]);
	remove_areas(areas, first + 1, last + 1);
	return 0;
}

/**
 * damon_areas__add - add what a snapshot covers
 * @areas: the areas
 * @snapshot: the snapshot
 *
 * Return: 0 or -ENOMEM.
 */
int damon_areas__add(struct damon_areas *areas, const struct damon_snapshot *snapshot)
{
	struct damon_area run = {};
	size_t i;
	int err;

	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];
		struct damon_area area = {
			.start	= region->start,
			.end	= region->end,
			.heat	= (double)(region->end - region->start) * region->nr_accesses,
		};

		if (run.end == area.start) {
			merge_area(&run, &area);
			continue;
		}
		if (i) {
			err = add_area(areas, &run);
			if (err)
				return err;
		}
		run = area;
	}
	return snapshot->nr_regions ? add_area(areas, &run) : 0;
}

static u64 area_size(const struct damon_area *area)
{
	return area->end - area->start;
}

/**
 * damon_areas__join - join areas that are close to each other
 * @areas: the areas, complete
 *
 * A gap that is smaller than the area beside it leaves a picture of both readable.
 */
void damon_areas__join(struct damon_areas *areas)
{
	size_t i = 0;

	while (i + 1 < areas->nr) {
		struct damon_area *area = &areas->area[i], *next = area + 1;

		if (next->start - area->end < max(area_size(area), area_size(next))) {
			merge_area(area, next);
			remove_areas(areas, i + 1, i + 2);
		} else {
			i++;
		}
	}
}

/**
 * damon_areas__hottest - find the area with the most accesses
 * @areas: the areas
 *
 * Return: the area, the biggest one if there were no accesses, NULL if there is none.
 */
const struct damon_area *damon_areas__hottest(const struct damon_areas *areas)
{
	const struct damon_area *area, *hottest = NULL;

	for (area = areas->area; area < areas->area + areas->nr; area++) {
		if (!hottest || area->heat > hottest->heat ||
		    (area->heat == hottest->heat && area_size(area) > area_size(hottest)))
			hottest = area;
	}
	return hottest;
}

/**
 * damon_areas__bytes - add up the sizes of all areas
 * @areas: the areas
 *
 * Return: the sum.
 */
u64 damon_areas__bytes(const struct damon_areas *areas)
{
	u64 bytes = 0;
	size_t i;

	for (i = 0; i < areas->nr; i++)
		bytes += area_size(&areas->area[i]);
	return bytes;
}

/**
 * damon_areas__heat - add up the heat of all areas
 * @areas: the areas
 *
 * Return: the sum.
 */
double damon_areas__heat(const struct damon_areas *areas)
{
	double heat = 0;
	size_t i;

	for (i = 0; i < areas->nr; i++)
		heat += areas->area[i].heat;
	return heat;
}
