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
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "adapt.h"
#include "evidence.h"
#include "hints.h"
#include "region.h"

/* Hints that fit between two adjustments */
#define MAX_HINTS		1024
/* Regions that more than this part of the samples found accessed are known */
#define KNOWN_DIVISOR		4
/* Hints that are followed at first, and however few were worth it */
#define FIRST_BUDGET		256
#define LEAST_BUDGET		4

static struct damon_hints *damon_new_hints(void)
{
	struct damon_hints *hints = kzalloc(sizeof(*hints), GFP_KERNEL);

	if (!hints)
		return NULL;
	hints->found = kvmalloc_array(MAX_HINTS, sizeof(*hints->found), GFP_KERNEL);
	hints->tried = kvmalloc_array(MAX_HINTS, sizeof(*hints->tried), GFP_KERNEL);
	if (!hints->found || !hints->tried) {
		damon_free_hints(hints);
		return NULL;
	}
	hints->budget = FIRST_BUDGET;
	hints->eager = true;
	return hints;
}

/**
 * damon_free_hints - free what damon_begin_hints() has allocated
 * @hints:	the hints; NULL is fine
 */
void damon_free_hints(struct damon_hints *hints)
{
	if (!hints)
		return;
	kvfree(hints->found);
	kvfree(hints->tried);
	kfree(hints);
}

/**
 * damon_begin_hints - make ready for the hints of an aggregation
 * @ctx:	the context
 *
 * Without memory there are no hints.  May sleep.
 */
void damon_begin_hints(struct damon_ctx *ctx)
{
	if (!ctx->hints)
		ctx->hints = damon_new_hints();
	if (ctx->hints)
		ctx->hints->nr_found = 0;
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
	return !r->weight || r->mean <= samples / KNOWN_DIVISOR * DAMON_MEAN_ONE;
}

/**
 * damon_add_hint - say that something was accessed
 * @hints:	the hints of the context; full ones stay as they are
 * @t:		the target
 * @start:	first byte of the range
 * @end:	first byte behind the range, which may have several regions, and gaps
 */
void damon_add_hint(struct damon_hints *hints, struct damon_target *t,
		    unsigned long start, unsigned long end)
{
	struct damon_hint *last = hints->found + hints->nr_found - 1;

	if (hints->nr_found && last->target == t && last->range.end == start)
		last->range.end = end;
	else if (hints->nr_found < MAX_HINTS)
		hints->found[hints->nr_found++] = (struct damon_hint) {
			.target = t, .range = { start, end },
		};
}

static int damon_compare_hints(const void *a, const void *b)
{
	const struct damon_hint *x = a, *y = b;

	if (x->target != y->target)
		return x->target->index < y->target->index ? -1 : 1;
	return x->range.start < y->range.start ? -1 :
	       x->range.start > y->range.start;
}

/* Sort what several scans have found, and make one of what touches */
static void damon_unite_hints(struct damon_hints *hints)
{
	struct damon_hint *last = hints->found, *next;

	hints->nr_followed = 0;
	if (!hints->nr_found)
		return;
	sort(hints->found, hints->nr_found, sizeof(*last), damon_compare_hints,
	     NULL);
	for (next = last + 1; next < hints->found + hints->nr_found; next++) {
		if (next->target == last->target &&
		    next->range.start <= last->range.end)
			last->range.end = max(last->range.end, next->range.end);
		else
			*++last = *next;
	}
	hints->nr_found = last - hints->found + 1;
}

/**
 * damon_judge_hints - learn from the last hints how many to follow
 * @ctx:	the context, at the end of an aggregation, before merging
 */
void damon_judge_hints(struct damon_ctx *ctx)
{
	struct damon_hints *hints = ctx->hints;
	unsigned int i, good = 0, bad = 0;

	if (!hints)
		return;
	for (i = 0; i < hints->nr_tried; i++) {
		const struct damon_regions *regions = &hints->tried[i].target->regions;
		unsigned long start = hints->tried[i].range.start;
		const struct damon_region *r = damon_find_region(regions, start);

		/* Without room for a cut, it was in vain, too. */
		if (r < regions->v + regions->nr && r->range.start == start &&
		    r->nr_accesses)
			good++;
		else
			bad++;
	}
	hints->in_vain = hints->nr_tried && !good;
	hints->nr_tried = 0;
	hints->budget = min(hints->budget + 2 * good, MAX_HINTS);
	hints->budget = max_t(int, hints->budget - bad, LEAST_BUDGET);
	damon_unite_hints(hints);
	hints->eager = !hints->complete;
}

/* Cut what is hinted at, @start to @end, from @r, and see what becomes of it */
static void damon_follow_hint(struct damon_ctx *ctx, struct damon_target *t,
			      const struct damon_region *r,
			      unsigned long start, unsigned long end)
{
	struct damon_hints *hints = ctx->hints;

	if (start > r->range.start)
		damon_add_cut(&ctx->cuts, start);
	if (end < r->range.end)
		damon_add_cut(&ctx->cuts, end);
	hints->tried[hints->nr_tried++] = (struct damon_hint) {
		.target = t, .range = { start, end },
	};
}

/**
 * damon_follow_hints - turn hints into cuts of a region
 * @ctx:	the context, after damon_judge_hints()
 * @t:		a target; all targets in turn
 * @r:		a region of it; all regions in turn
 *
 * Adds to &damon_ctx.cuts.
 */
void damon_follow_hints(struct damon_ctx *ctx, const struct damon_target *t,
			const struct damon_region *r)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	struct damon_hints *hints = ctx->hints;

	if (!hints)
		return;
	for (; hints->nr_followed < hints->nr_found; hints->nr_followed++) {
		const struct damon_hint *hint = &hints->found[hints->nr_followed];
		/* Many hints and a small budget: the ones here and there. */
		unsigned int room = (hints->nr_followed + 1) * hints->budget /
				    hints->nr_found;

		if (hint->target->index < t->index ||
		    (hint->target == t && hint->range.end <= r->range.start))
			continue;
		if (hint->target != t || hint->range.start >= r->range.end)
			break;
		if (damon_is_idle(r, samples) && !hints->in_vain)
			hints->eager = true;
		if (hints->nr_tried < room && r->nr_accesses <= samples / KNOWN_DIVISOR)
			damon_follow_hint(ctx, hint->target, r,
					  max(hint->range.start, r->range.start),
					  min(hint->range.end, r->range.end));
		/* What was found from both sides of a boundary is in two regions. */
		if (hint->range.end > r->range.end)
			break;
	}
}
