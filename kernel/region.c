// SPDX-License-Identifier: GPL-2.0
/*
 * Regions of a target: one sorted array.
 *
 * Whatever changes the number of regions builds them anew, in one pass from
 * one array into another, after the room that the result needs at most has
 * been reserved.  So nothing can fail half way.
 */
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "region.h"

/**
 * damon_reserve_regions - make room
 * @regions:	the array; its regions are kept
 * @capacity:	how many regions are to fit
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int damon_reserve_regions(struct damon_regions *regions, size_t capacity)
{
	struct damon_region *v;

	if (capacity <= regions->capacity)
		return 0;
	/* More than the allocator can give in one piece */
	if (capacity > INT_MAX / sizeof(*v))
		return -ENOMEM;
	/* More than there is: others would be killed for it. */
	if (PFN_UP(capacity * sizeof(*v)) > (unsigned long)si_mem_available())
		return -ENOMEM;

	/* Half again as much, so that slow growth does not copy each time. */
	capacity = min(max(capacity, regions->capacity * 3UL / 2),
		       INT_MAX / sizeof(*v));
	v = kvrealloc(regions->v, capacity * sizeof(*v),
		      GFP_KERNEL | __GFP_NOWARN);
	if (!v)
		return -ENOMEM;
	regions->v = v;
	regions->capacity = capacity;
	return 0;
}

/**
 * damon_free_regions - forget the regions and give their memory back
 * @regions:	the array; empty afterwards, and still usable
 */
void damon_free_regions(struct damon_regions *regions)
{
	kvfree(regions->v);
	*regions = (struct damon_regions) {};
}

/**
 * damon_append_region - add a region that nothing is known of
 * @regions:	with room for it, and all its regions before @start
 * @start:	first byte
 * @end:	first byte behind
 *
 * Return: the region, valid until the array is changed.
 */
struct damon_region *damon_append_region(struct damon_regions *regions,
					 unsigned long start, unsigned long end)
{
	struct damon_region *r = &regions->v[regions->nr++];

	*r = (struct damon_region) {
		.range = { start, end },
		.probes[0 ... DAMON_MAX_PROBES - 1] = DAMON_NO_PROBE,
	};
	return r;
}

/**
 * damon_regions_size - sum of the sizes
 * @regions:	the array
 *
 * Return: bytes.
 */
unsigned long damon_regions_size(const struct damon_regions *regions)
{
	const struct damon_region *r;
	unsigned long size = 0;

	damon_for_each_region(r, regions)
		size += damon_range_size(&r->range);
	return size;
}

/**
 * damon_fit_regions - adjust regions to memory that came and went
 * @to:		gets the result; its former regions are forgotten
 * @from:	the regions so far
 * @ranges:	the memory there is now, sorted and disjoint; empty ones are
 *		passed over
 * @nr_ranges:	number of @ranges
 *
 * What is still there keeps what is known of it.  What is new becomes regions
 * of its own, since nothing is known of it: to stretch a neighbour over it
 * would claim that it was accessed like the neighbour.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int damon_fit_regions(struct damon_regions *to,
		      const struct damon_regions *from,
		      const struct damon_range *ranges, unsigned int nr_ranges)
{
	const struct damon_region *r = from->v;
	const struct damon_region *last = r + from->nr;
	const struct damon_range *range;
	int err;

	/*
	 * Kept pieces: one for each region, and one more for each range whose
	 * end cuts a region in two.  New regions: at most one before the first
	 * piece of each region, and one at the end of each range.
	 */
	err = damon_reserve_regions(to, 2 * ((size_t)from->nr + nr_ranges));
	if (err)
		return err;

	to->nr = 0;
	for (range = ranges; range < ranges + nr_ranges; range++) {
		unsigned long done = range->start;

		if (range->start >= range->end)
			continue;
		while (r < last && r->range.end <= done)
			r++;
		while (r < last && r->range.start < range->end) {
			unsigned long start = max(r->range.start, done);
			unsigned long end = min(r->range.end, range->end);

			if (start > done)
				damon_append_region(to, done, start);
			to->v[to->nr] = *r;
			to->v[to->nr++].range = (struct damon_range) { start, end };
			done = end;
			if (r->range.end > end)
				break;	/* the next range may have the rest */
			r++;
		}
		if (done < range->end)
			damon_append_region(to, done, range->end);
	}
	return 0;
}
