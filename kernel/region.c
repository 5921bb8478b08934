// SPDX-License-Identifier: GPL-2.0
/*
 * Regions of a target: one sorted array.
 *
 * Whatever adds regions first reserves room for all of them, so nothing can fail half
 * way.
 */
#include <linux/damon.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "region.h"

/* A larger array consists of pages: the next larger slab object may be twice as large. */
#define LARGEST_SLAB	(2 * PAGE_SIZE)
/* An array of that many bytes is not worth shrinking. */
#define SMALL_ARRAY	512

static void *damon_alloc_array(size_t *size)
{
	if (*size > LARGEST_SLAB) {
		*size = PAGE_ALIGN(*size);
		return __vmalloc(*size, GFP_KERNEL | __GFP_NOWARN);
	}
	*size = kmalloc_size_roundup(*size);
	return kmalloc(*size, GFP_KERNEL | __GFP_NOWARN);
}

/**
 * damon_may_have_regions - ask whether there is memory for more regions
 * @nr:		how many
 *
 * Return: whether it makes sense to try.
 */
bool damon_may_have_regions(size_t nr)
{
	size_t size = nr * sizeof(struct damon_region);

	/* Some functions of the kernel take sizes as an int. */
	if (nr > INT_MAX / sizeof(struct damon_region))
		return false;
	/* To ask for more than is available may invoke the OOM killer. */
	return PFN_UP(size) <= (unsigned long)si_mem_available();
}

/**
 * damon_reserve_regions - make room, or free what is too much
 * @regions:	the array; its regions are kept
 * @nr:		how many regions are to fit, at least as many as there are
 *
 * An array of more than twice the size is replaced by a smaller one.  May sleep.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int damon_reserve_regions(struct damon_regions *regions, size_t nr)
{
	size_t size = max(nr, 1) * sizeof(*regions->v);
	struct damon_region *v, *to, *r;

	if (nr <= regions->capacity &&
	    (regions->capacity <= 2 * nr ||
	     regions->capacity * sizeof(*v) <= SMALL_ARRAY))
		return 0;
	if (!damon_may_have_regions(nr))
		return nr <= regions->capacity ? 0 : -ENOMEM;
	/* Some more, so that slow growth does not copy each time. */
	size += size / 16;
	v = damon_alloc_array(&size);
	if (!v)
		return nr <= regions->capacity ? 0 : -ENOMEM;
	to = v;
	damon_for_each_region_resched(r, regions) {
		*to = *r;
		to++;
	}
	kvfree(regions->v);
	regions->v = v;
	regions->capacity = size / sizeof(*v);
	return 0;
}

/**
 * damon_free_regions - forget the regions and free their memory
 * @regions:	the array; empty afterwards, and still usable
 */
void damon_free_regions(struct damon_regions *regions)
{
	kvfree(regions->v);
	*regions = (struct damon_regions) {};
}

/**
 * damon_append_region - add a region of which nothing is known
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
		.probe = DAMON_NO_PROBE,
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

	damon_for_each_region_resched(r, regions)
		size += damon_range_size(&r->range);
	return size;
}

/**
 * damon_find_region - find a region by address
 * @regions:	the array
 * @addr:	the address
 *
 * Return: the first region that ends above @addr, or the end of the array.
 */
struct damon_region *damon_find_region(const struct damon_regions *regions,
				       unsigned long addr)
{
	unsigned int low = 0, high = regions->nr;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (regions->v[middle].range.end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return regions->v + low;
}

/* Append a copy of @r with another range, or only count it if there is no array yet */
static void damon_append_piece(struct damon_regions *to,
			       const struct damon_region *r,
			       unsigned long start, unsigned long end)
{
	if (to->v) {
		to->v[to->nr] = *r;
		to->v[to->nr].range = (struct damon_range) { start, end };
	}
	to->nr++;
}

static void damon_fit_into(struct damon_regions *to,
			   const struct damon_regions *from,
			   const struct damon_range *ranges,
			   unsigned int nr_ranges)
{
	const struct damon_region new = { .probe = DAMON_NO_PROBE };
	const struct damon_region *r = from->v;
	const struct damon_region *last = r + from->nr;
	const struct damon_range *range;

	for (range = ranges; range < ranges + nr_ranges; range++) {
		unsigned long done = range->start;

		if (range->start >= range->end)
			continue;
		for (; r < last && r->range.start < range->end; r++) {
			unsigned long start = max(r->range.start, done);
			unsigned long end = min(r->range.end, range->end);

			cond_resched();
			if (r->range.end <= done)
				continue;
			if (start > done)
				damon_append_piece(to, &new, done, start);
			damon_append_piece(to, r, start, end);
			done = end;
			if (r->range.end > end)
				break;	/* the next range may have the rest */
		}
		if (done < range->end)
			damon_append_piece(to, &new, done, range->end);
	}
}

/**
 * damon_fit_regions - adjust regions to memory that came and went
 * @regions:	the regions
 * @ranges:	the memory there is now, sorted and disjoint; empty ones are
 *		passed over
 * @nr_ranges:	number of @ranges
 *
 * Memory that is still there keeps its regions.  New memory becomes regions of its
 * own, since nothing is known of it: to extend a neighbour over it would claim that it
 * was accessed as often as the neighbour.  May sleep.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int damon_fit_regions(struct damon_regions *regions,
		      const struct damon_range *ranges, unsigned int nr_ranges)
{
	struct damon_regions count = {}, to = {};
	int err;

	damon_fit_into(&count, regions, ranges, nr_ranges);
	err = damon_reserve_regions(&to, count.nr);
	if (err)
		return err;
	damon_fit_into(&to, regions, ranges, nr_ranges);
	damon_free_regions(regions);
	*regions = to;
	return 0;
}

/**
 * damon_total_nr - the number of regions of all targets
 * @ctx:	the context
 *
 * Return: the number.
 */
unsigned long damon_total_nr(struct damon_ctx *ctx)
{
	struct damon_target *t;
	unsigned long nr = 0;

	damon_for_each_target(t, ctx)
		nr += t->regions.nr;
	return nr;
}

/* A piece of a region that was cut: what is not known of it is left out. */
static void damon_begin_piece(struct damon_region *r)
{
	memset(r->hits, 0, sizeof(r->hits));
	r->hit = 0;
	if (r->probe < r->range.start || r->probe >= r->range.end)
		r->probe = DAMON_NO_PROBE;
}

/**
 * damon_cut_regions - cut regions in two, or in more pieces
 * @regions:	the regions
 * @cuts:	where to; each inside a region, not at its beginning
 *
 * Each piece begins with what was known of its region, but for what was counted by parts;
 * and the page that is prepared belongs to one of them only.  May sleep.
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
int damon_cut_regions(struct damon_regions *regions,
		      const struct damon_cuts *cuts)
{
	const unsigned long *cut = cuts->v + cuts->nr;
	struct damon_region *from, *to;
	int err;

	err = damon_reserve_regions(regions, (size_t)regions->nr + cuts->nr);
	if (err)
		return err;
	from = regions->v + regions->nr;
	to = from + cuts->nr;
	regions->nr += cuts->nr;
	/* In place, so from the end: as long as there are cuts left, @to is behind @from. */
	while (to > from) {
		struct damon_region r = *--from;
		bool whole = true;

		for (; cut > cuts->v && cut[-1] > r.range.start; cut--) {
			*--to = r;
			to->range.start = cut[-1];
			damon_begin_piece(to);
			r.range.end = cut[-1];
			whole = false;
			cond_resched();
		}
		*--to = r;
		if (!whole)
			damon_begin_piece(to);
		cond_resched();
	}
	return 0;
}

/**
 * damon_add_cut - add an address where a region is to be cut
 * @cuts:	the cuts
 * @addr:	a page
 *
 * Without memory the cut is dropped; the next aggregation finds it again.
 * May sleep.
 */
void damon_add_cut(struct damon_cuts *cuts, unsigned long addr)
{
	cond_resched();
	if (cuts->nr == cuts->capacity) {
		unsigned int capacity = max(2 * cuts->capacity, 32);
		unsigned long *v = kvrealloc(cuts->v, capacity * sizeof(*v),
					     GFP_KERNEL | __GFP_NOWARN);

		if (!v)
			return;
		cuts->v = v;
		cuts->capacity = capacity;
	}
	cuts->v[cuts->nr++] = addr;
}

/**
 * damon_free_cuts - forget cuts and free their memory
 * @cuts:	the cuts; empty afterwards, and still usable
 */
void damon_free_cuts(struct damon_cuts *cuts)
{
	kvfree(cuts->v);
	*cuts = (struct damon_cuts) {};
}
