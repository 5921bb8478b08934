// SPDX-License-Identifier: GPL-2.0
/*
 * An address space in three ranges.
 *
 * Almost all of an address space is unmapped, above all two gaps: between heap
 * and mapped files, and between these and the stack.  Without the two largest
 * gaps three ranges are left.  The small gaps in them do not matter: they are
 * found never to be accessed, like any other idle memory.
 */
#include "three-ranges.h"

/**
 * damon_three_ranges_add - take a mapping into account
 * @three:	all zero before the first mapping
 * @start:	first byte of the mapping; mappings come in address order
 * @end:	first byte behind it; an empty mapping changes nothing
 */
void damon_three_ranges_add(struct damon_three_ranges *three,
			    unsigned long start, unsigned long end)
{
	struct damon_range *gaps = three->gaps;
	struct damon_range gap = { three->mapped.end, start };

	if (start >= end)
		return;
	if (!three->mapped.end) {
		three->mapped = (struct damon_range) { start, end };
		return;
	}
	three->mapped.end = end;

	/*
	 * The later gap always belongs behind the earlier ones, so the smaller
	 * of the two goes and the others move up.  Of equals the first stay.
	 */
	if (damon_range_size(&gaps[0]) < damon_range_size(&gaps[1])) {
		if (damon_range_size(&gap) > damon_range_size(&gaps[0])) {
			gaps[0] = gaps[1];
			gaps[1] = gap;
		}
	} else if (damon_range_size(&gap) > damon_range_size(&gaps[1])) {
		gaps[1] = gap;
	}
}

/**
 * damon_three_ranges_get - what the mappings leave without the largest gaps
 * @three:	after all mappings
 * @ranges:	gets the ranges, sorted, disjoint and none of them empty
 *
 * Return: the number of ranges: one more than there were gaps, 3 at most; 0
 * without any mapping.
 */
unsigned int damon_three_ranges_get(const struct damon_three_ranges *three,
				    struct damon_range ranges[3])
{
	unsigned long start = three->mapped.start;
	unsigned int nr = 0, i;

	if (!damon_range_size(&three->mapped))
		return 0;
	for (i = 0; i < 2; i++) {
		if (!damon_range_size(&three->gaps[i]))
			continue;
		ranges[nr++] = (struct damon_range) { start, three->gaps[i].start };
		start = three->gaps[i].end;
	}
	ranges[nr++] = (struct damon_range) { start, three->mapped.end };
	return nr;
}
