// SPDX-License-Identifier: GPL-2.0
/*
 * Hints: where in regions that seem idle something is accessed.
 *
 * A small hot place in much memory is hard to meet by chance.  Upper levels of page
 * tables, where one entry stands for MiBs or GiBs, show where it is, but not how
 * often it is accessed.  So a hint cuts its range out of the regions around it, and
 * no more; the samples of the next aggregation tell how hot it is.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "evidence.h"
#include "hints.h"
#include "region.h"

/* A region that was accessed in more than this part of the samples needs no hint */
#define KNOWN_DIVISOR		4
/* Hints that are followed at first, and at least */
#define FIRST_BUDGET		256
#define MIN_BUDGET		4

/**
 * damon_init_hints - prepare for the first hint
 * @hints:	the hints, all zero
 */
void damon_init_hints(struct damon_hints *hints)
{
	hints->budget = FIRST_BUDGET;
	hints->thorough = true;
}

/**
 * damon_begin_hints - begin an aggregation
 * @hints:	the hints
 */
void damon_begin_hints(struct damon_hints *hints)
{
	hints->nr_found = 0;
}

/**
 * damon_wants_hints - ask whether an access to a region would be news
 * @r:		the region
 * @samples:	samples in an aggregation
 *
 * Return: whether it has been accessed rarely or never, as far as is known.
 */
bool damon_wants_hints(const struct damon_region *r, unsigned int samples)
{
	return !r->weight || r->mean <= samples / KNOWN_DIVISOR * DAMON_MEAN_ONE;
}

/**
 * damon_add_hint - note that something was accessed
 * @hints:	the hints; if there is no room for another, it is dropped
 * @t:		the target
 * @start:	first byte of the range
 * @end:	first byte behind it; there may be several regions in it, and gaps
 */
void damon_add_hint(struct damon_hints *hints, struct damon_target *t,
		    unsigned long start, unsigned long end)
{
	struct damon_hint *last = hints->found + hints->nr_found - 1;

	if (hints->nr_found && last->target == t && last->range.end == start)
		last->range.end = end;
	else if (hints->nr_found < DAMON_MAX_HINTS)
		hints->found[hints->nr_found++] = (struct damon_hint) {
			.target = t, .range = { start, end },
		};
}

static int damon_compare_hints(const void *a, const void *b)
{
	const struct damon_hint *x = a, *y = b;

	if (x->target != y->target)
		return x->target->index < y->target->index ? -1 : 1;
	return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

/* Sort what several scans have found, and merge what overlaps or touches */
static void damon_merge_hints(struct damon_hints *hints)
{
	struct damon_hint *last = hints->found, *next;

	hints->nr_done = 0;
	if (!hints->nr_found)
		return;
	sort(hints->found, hints->nr_found, sizeof(*last), damon_compare_hints, NULL);
	for (next = last + 1; next < hints->found + hints->nr_found; next++) {
		if (next->target == last->target && next->range.start <= last->range.end)
			last->range.end = max(last->range.end, next->range.end);
		else
			*++last = *next;
	}
	hints->nr_found = last - hints->found + 1;
}

/* Whether a region begins at @start, and was accessed.  None does if there was no room. */
static bool damon_has_hit(const struct damon_regions *regions, unsigned long start)
{
	const struct damon_region *r = damon_find_region(regions, start);

	return r < regions->v + regions->nr && r->range.start == start && r->nr_accesses;
}

/**
 * damon_end_hints - end an aggregation
 * @hints:	the hints
 * @ctx:	the context, before its regions are merged
 *
 * Follow more hints next time if those that were followed last were accessed, and
 * fewer if not.
 */
void damon_end_hints(struct damon_hints *hints, const struct damon_ctx *ctx)
{
	unsigned int hits = 0, misses = 0, i = 0;
	const struct damon_followed_hint *hint;
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		for (; i < hints->nr_followed && hints->followed[i].index == t->index; i++) {
			hint = &hints->followed[i];
			/* After a commit it may be another target. */
			if (hint->state != t->state)
				continue;
			if (damon_has_hit(&t->regions, hint->start))
				hits++;
			else
				misses++;
		}
		cond_resched();
	}
	hints->no_hits = misses && !hits;
	hints->nr_followed = 0;
	hints->budget = min(hints->budget + 2 * hits, DAMON_MAX_HINTS);
	hints->budget = max_t(int, hints->budget - misses, MIN_BUDGET);
	hints->thorough = !hints->complete;
	damon_merge_hints(hints);
}

/* Cut out what is hinted at of @r, from @start to @end */
static void damon_follow_hint(struct damon_hints *hints, const struct damon_target *t,
			      const struct damon_region *r,
			      unsigned long start, unsigned long end)
{
	if (start > r->range.start)
		damon_add_cut(&hints->cuts, start);
	if (end < r->range.end)
		damon_add_cut(&hints->cuts, end);
	hints->followed[hints->nr_followed++] = (struct damon_followed_hint) {
		.index = t->index, .state = t->state, .start = start,
	};
}

/* A hint may span several regions, for example around a boundary. */
static void damon_follow_in_regions(struct damon_hints *hints, const struct damon_target *t,
				    const struct damon_range *range, unsigned int room,
				    unsigned int samples)
{
	const struct damon_region *end = t->regions.v + t->regions.nr;
	const struct damon_region *r = damon_find_region(&t->regions, range->start);

	for (; r < end && r->range.start < range->end; r++) {
		cond_resched();
		if (damon_is_idle(r, samples) && !hints->no_hits)
			hints->thorough = true;
		if (hints->nr_followed < room && r->nr_accesses <= samples / KNOWN_DIVISOR)
			damon_follow_hint(hints, t, r, max(range->start, r->range.start),
					  min(range->end, r->range.end));
	}
}

/**
 * damon_get_hinted_cuts - turn the hints of a target into cuts
 * @hints:	the hints, after damon_end_hints()
 * @ctx:	the context
 * @t:		the target; each one in turn
 *
 * May sleep.
 *
 * Return: the cuts, valid until the next call.
 */
const struct damon_cuts *damon_get_hinted_cuts(struct damon_hints *hints,
					       const struct damon_ctx *ctx,
					       const struct damon_target *t)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);

	hints->cuts.nr = 0;
	for (; hints->nr_done < hints->nr_found; hints->nr_done++) {
		const struct damon_hint *hint = &hints->found[hints->nr_done];
		/* If there are more than the budget, follow an even share over all addresses. */
		unsigned int room = (hints->nr_done + 1) * hints->budget / hints->nr_found;

		if (hint->target != t)
			break;
		damon_follow_in_regions(hints, t, &hint->range, room, samples);
	}
	return &hints->cuts;
}
