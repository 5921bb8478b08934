// SPDX-License-Identifier: GPL-2.0
/*
 * Hints: where it may be worth to look, in regions that seem idle.
 *
 * Little heat in much memory is hard to meet by chance.  Upper levels of page
 * tables, where one entry stands for MiBs or GiBs, know where it is.  They know
 * nothing of how much: a hint makes a region of its range and no more, and the
 * samples of the next aggregation judge it.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "evidence.h"
#include "hints.h"

/* Regions that more than this part of the samples found accessed are known */
#define KNOWN_DIVISOR	4
/* Hints that are followed at first, and however few were worth it */
#define FIRST_BUDGET	256
#define LEAST_BUDGET	4

/**
 * damon_new_hints - allocate what a target needs for hints
 *
 * May sleep.
 *
 * Return: the hints, for the caller to kvfree(), or NULL without memory.
 */
struct damon_hints *damon_new_hints(void)
{
	struct damon_hints *hints = kvzalloc(sizeof(*hints), GFP_KERNEL);

	if (hints) {
		hints->budget = FIRST_BUDGET;
		hints->eager = true;
	}
	return hints;
}

/**
 * damon_wants_hints - ask whether accesses in a region would be news
 * @r:		the region
 * @samples:	samples in an aggregation
 *
 * Return: whether it has been accessed little or not at all, as far as is known.
 */
bool damon_wants_hints(const struct damon_region *r, unsigned int samples)
{
	return !r->windows ||
	       r->mean <= samples / KNOWN_DIVISOR * DAMON_MEAN_ONE;
}

/**
 * damon_add_hint - say that something was accessed
 * @hints:	the hints of a target; full ones stay as they are
 * @start:	first byte of the range
 * @end:	first byte behind the range, which is inside one region
 */
void damon_add_hint(struct damon_hints *hints, unsigned long start,
		    unsigned long end)
{
	unsigned int nr = hints->nr_found;

	if (nr && hints->found[nr - 1].end == start)
		hints->found[nr - 1].end = end;
	else if (nr < DAMON_MAX_HINTS)
		hints->found[hints->nr_found++] = (struct damon_range) { start, end };
}

/**
 * damon_judge_hints - learn from the last hints how many to follow
 * @t:		the target, at the end of an aggregation, before merging
 */
void damon_judge_hints(struct damon_target *t)
{
	struct damon_hints *hints = t->hints;
	const struct damon_region *r;
	unsigned int i = 0, good = 0, bad = 0;

	damon_for_each_region(r, &t->regions) {
		while (i < hints->nr_tried && hints->tried[i] < r->range.start)
			i++;
		if (i == hints->nr_tried)
			break;
		if (hints->tried[i] != r->range.start)
			continue;
		if (r->nr_accesses)
			good++;
		else
			bad++;
	}
	hints->nr_tried = 0;
	hints->budget = min(hints->budget + 2 * good, DAMON_MAX_HINTS);
	hints->budget = max_t(int, hints->budget - bad, LEAST_BUDGET);
}

static int damon_compare_ranges(const void *a, const void *b)
{
	const struct damon_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Sort what several scans have found, and make one of what touches */
static void damon_unite_hints(struct damon_hints *hints)
{
	struct damon_range *last = hints->found, *next;

	if (!hints->nr_found)
		return;
	sort(hints->found, hints->nr_found, sizeof(*last), damon_compare_ranges,
	     NULL);
	for (next = last + 1; next < hints->found + hints->nr_found; next++) {
		if (next->start <= last->end)
			last->end = max(last->end, next->end);
		else
			*++last = *next;
	}
	hints->nr_found = last - hints->found + 1;
}

/* Cut what is hinted at, @start to @end, from @r, and see what becomes of it */
static void damon_follow_hint(struct damon_target *t, const struct damon_region *r,
			      unsigned long start, unsigned long end)
{
	struct damon_hints *hints = t->hints;

	if (start > r->range.start)
		damon_add_cut(&t->cuts, start);
	if (end < r->range.end)
		damon_add_cut(&t->cuts, end);
	hints->tried[hints->nr_tried++] = start;
}

/**
 * damon_take_hints - turn hints into cuts
 * @t:		the target, at the end of an aggregation, before merging
 * @samples:	samples in an aggregation
 *
 * Adds to &damon_target.cuts, sorted, and forgets the hints.
 */
void damon_take_hints(struct damon_target *t, unsigned int samples)
{
	const struct damon_region *r = t->regions.v, *last = r + t->regions.nr;
	struct damon_hints *hints = t->hints;
	unsigned int i;

	damon_unite_hints(hints);
	hints->eager = hints->nr_found;
	for (i = 0; i < hints->nr_found; i++) {
		const struct damon_range *range = &hints->found[i];
		/* Many hints and a small budget: the ones here and there. */
		unsigned int room = (i + 1) * hints->budget / hints->nr_found;

		while (r < last && r->range.end <= range->start)
			r++;
		/* What was found from both sides of a boundary is in two regions. */
		for (; r < last && r->range.start < range->end; r++) {
			if (hints->nr_tried < room &&
			    r->nr_accesses <= samples / KNOWN_DIVISOR)
				damon_follow_hint(t, r,
						  max(range->start, r->range.start),
						  min(range->end, r->range.end));
			if (r->range.end > range->end)
				break;
		}
	}
	hints->nr_found = 0;
	damon_sort_cuts(&t->cuts);
}
