// SPDX-License-Identifier: GPL-2.0
/*
 * Gaps between the mappings of an address space, and which of them are not watched.
 *
 * Two gaps are huge: between the heap and mapped files, and between these and the stack.
 * They are never watched.  Others may still be much larger than all that is mapped, for
 * example between a program and its heap.  Small ones do not matter: they are watched as
 * memory that is never accessed.
 */
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "gaps.h"

/* A large gap is larger than this, and than this share of what is mapped */
#define MIN_GAP		SZ_16M
#define MAPPED_SHARE	10

/**
 * damon_gaps_add - add a mapping, and the gap before it
 * @gaps:	all zero before the first mapping, but for @v and @capacity
 * @start:	first byte of the mapping; mappings come in address order
 * @end:	first byte behind it; an empty mapping changes nothing
 */
void damon_gaps_add(struct damon_gaps *gaps, unsigned long start, unsigned long end)
{
	struct damon_range gap;

	if (start >= end)
		return;
	if (!gaps->all.end)
		gaps->all = (struct damon_range) { start, start };
	gap = (struct damon_range) { gaps->all.end, start };
	gaps->all.end = end;
	gaps->mapped += end - start;

	/* Of gaps of equal size, keep the first. */
	if (damon_range_size(&gap) > damon_range_size(&gaps->largest[0])) {
		gaps->largest[1] = gaps->largest[0];
		gaps->largest[0] = gap;
	} else if (damon_range_size(&gap) > damon_range_size(&gaps->largest[1])) {
		gaps->largest[1] = gap;
	}
	if (damon_range_size(&gap) > MIN_GAP && gaps->nr < gaps->capacity)
		gaps->v[gaps->nr++] = gap;
}

/*
 * Whether a gap, or enough of it, was a gap at the last update, too: what is mapped and
 * unmapped by turns is watched all the time.  To be called in address order, with *@at
 * zero at first.
 */
static bool damon_gap_lasts(const struct damon_gaps *gaps, const struct damon_range *gap,
			    const struct damon_gaps *last, unsigned int *at)
{
	const unsigned long large = max(MIN_GAP, gaps->mapped / MAPPED_SHARE);
	unsigned long start, end;
	unsigned int i;

	while (*at < last->nr && last->v[*at].end <= gap->start)
		++*at;
	for (i = *at; i < last->nr && last->v[i].start < gap->end; i++) {
		start = max(gap->start, last->v[i].start);
		end = min(gap->end, last->v[i].end);
		if (end > start && end - start > large)
			return true;
	}
	return false;
}

static int damon_larger_first(const void *a, const void *b)
{
	const struct damon_range *x = a, *y = b;

	if (damon_range_size(x) != damon_range_size(y))
		return damon_range_size(x) > damon_range_size(y) ? -1 : 1;
	return x->start < y->start ? -1 : 1;
}

static int damon_lower_first(const void *a, const void *b)
{
	const struct damon_range *x = a, *y = b;

	return x->start < y->start ? -1 : 1;
}

/* Store the gaps that are not watched, in address order, and return their number */
static unsigned int damon_choose_gaps(const struct damon_gaps *gaps,
				      const struct damon_gaps *last, unsigned int most,
				      struct damon_range *chosen)
{
	const struct damon_range *largest = gaps->largest;
	unsigned int nr = 0, at = 0, i;

	while (nr < 2 && damon_range_size(&largest[nr])) {
		chosen[nr] = largest[nr];
		nr++;
	}
	for (i = 0; i < gaps->nr; i++)
		if (gaps->v[i].start != largest[0].start &&
		    gaps->v[i].start != largest[1].start &&
		    damon_gap_lasts(gaps, &gaps->v[i], last, &at))
			chosen[nr++] = gaps->v[i];
	if (nr >= most) {
		sort(chosen, nr, sizeof(*chosen), damon_larger_first, NULL);
		nr = most - 1;
	}
	sort(chosen, nr, sizeof(*chosen), damon_lower_first, NULL);
	return nr;
}

/**
 * damon_gaps_get_ranges - the ranges of an address space that are to be watched
 * @gaps:	after all mappings
 * @last:	the same of the last update; all zero at the first one
 * @most:	the most ranges, at least 3
 * @ranges:	gets a new array of the ranges, which the caller kvfree()s; they are sorted
 *		and disjoint, and none of them is empty
 *
 * All that is mapped, without the two largest gaps, and without others that are large
 * and were there at the last update.  If these are too many, the largest of them are left
 * out.  May sleep.
 *
 * Return: the number of ranges, 0 without any mapping, or -ENOMEM.
 */
int damon_gaps_get_ranges(const struct damon_gaps *gaps, const struct damon_gaps *last,
			  unsigned int most, struct damon_range **ranges)
{
	unsigned long start = gaps->all.start;
	unsigned int nr, i;

	/* First the gaps; then the range below each one takes its place. */
	*ranges = kvmalloc_array(gaps->nr + 3, sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	nr = damon_choose_gaps(gaps, last, most, *ranges);
	for (i = 0; i < nr; i++) {
		struct damon_range gap = (*ranges)[i];

		(*ranges)[i] = (struct damon_range) { start, gap.start };
		start = gap.end;
	}
	if (gaps->mapped)
		(*ranges)[nr++] = (struct damon_range) { start, gaps->all.end };
	return nr;
}
