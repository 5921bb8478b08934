// SPDX-License-Identifier: GPL-2.0
/*
 * Scans for hints: which entries of upper page tables to ask next.
 *
 * Scans go round all memory that seems idle, a part at a time.  Each round begins
 * at a random place: otherwise it might always be the same time, seen from a
 * program with a rhythm of its own, at which a place is scanned.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "adapt.h"
#include "hints.h"
#include "region.h"
#include "scan.h"

/* Entries that a scan asks if it is not to be thorough: in an aggregation of 100 ms as many */
#define FEW_ENTRIES	(DAMON_SCAN_ENTRIES / 5)
/* Regions that one scan passes, so that it comes to its end in time */
#define MAX_REGIONS	32768
/* What one page table of a level covers */
#define TABLE_SIZE(shift) ((unsigned long)PTRS_PER_PTE << (shift))

/*
 * Plan to ask the entries of a span from @addr on: the largest that are whole, if
 * there are two of them.  Returns where the next scan goes on, @end if this one has
 * all.
 */
static unsigned long damon_plan_span(struct damon_scan *scan,
				     struct damon_target *t, unsigned long start,
				     unsigned long end, unsigned long addr,
				     unsigned int budget)
{
	bool large = round_down(end, PUD_SIZE) >= round_up(start, PUD_SIZE) + 2 * PUD_SIZE;
	unsigned long at = round_up(max(addr, start), PMD_SIZE);
	unsigned long last = round_down(end, PMD_SIZE);

	if (last < round_up(start, PMD_SIZE) + 2 * PMD_SIZE)
		return end;
	while (at < last) {
		bool pud = large && at % PUD_SIZE == 0 && last - at >= PUD_SIZE;
		unsigned int shift = pud ? PUD_SHIFT : PMD_SHIFT;
		unsigned long in_table = TABLE_SIZE(shift) - at % TABLE_SIZE(shift);
		unsigned int nr = min(min(last - at, in_table) >> shift,
				      budget - scan->nr_entries);

		if (!nr || scan->nr_pieces == DAMON_SCAN_PIECES)
			return at;
		scan->pieces[scan->nr_pieces++] = (struct damon_scan_piece) {
			.target = t, .start = at, .shift = shift, .nr = nr,
			.first = scan->nr_entries,
		};
		scan->nr_entries += nr;
		at += (unsigned long)nr << shift;
	}
	return end;
}

/* Begin a new round anywhere */
static void damon_begin_round(struct damon_ctx *ctx, struct damon_scan *scan)
{
	struct damon_target *t;
	struct damon_region *r;
	unsigned long page;

	scan->todo = 0;
	damon_for_each_target(t, ctx)
		scan->todo += damon_regions_size(&t->regions) >> PAGE_SHIFT;
	page = damon_random_below(&ctx->random, max(scan->todo, 1));
	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			if (page < damon_nr_pages(r)) {
				scan->target = t->index;
				scan->addr = r->range.start + page * PAGE_SIZE;
				return;
			}
			page -= damon_nr_pages(r);
		}
}

/*
 * The end of a span that begins with @r: itself if nothing is known of it, else with
 * those behind it that are known to be idle, too.
 */
static struct damon_region *damon_span_end(struct damon_region *r,
					   const struct damon_region *end,
					   unsigned int samples)
{
	struct damon_region *last = r;

	while (last->weight && last + 1 < end && last[1].weight &&
	       last[1].range.start == last->range.end &&
	       damon_wants_hints(last + 1, samples)) {
		last++;
		cond_resched();
	}
	return last;
}

/*
 * Plan for one target, from where the scan is on.  Returns whether the scan can go
 * on with the next target.
 */
static bool damon_plan_target(struct damon_ctx *ctx, struct damon_scan *scan,
			      struct damon_target *t, unsigned int budget,
			      unsigned int *regions_left)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	const struct damon_region *end = t->regions.v + t->regions.nr;
	struct damon_region *r = damon_find_region(&t->regions, scan->addr);

	for (; r < end && scan->todo; r++) {
		unsigned long start = r->range.start, from = max(scan->addr, start);
		unsigned long to = r->range.end;

		if (!*regions_left)
			return false;
		--*regions_left;
		cond_resched();
		if (damon_wants_hints(r, samples)) {
			struct damon_region *first = r;

			r = damon_span_end(r, min(end, r + *regions_left + 1),
					   samples);
			*regions_left -= r - first;
			to = damon_plan_span(scan, t, start, r->range.end, from,
					     budget);
		}
		scan->todo -= min((to - from) >> PAGE_SHIFT, scan->todo);
		scan->addr = to;
		if (to < r->range.end)
			return false;
	}
	return scan->todo;
}

/**
 * damon_plan_scan - choose what to scan next
 * @ctx:	the context, after damon_begin_hints()
 * @scan:	gets the pieces
 * @thorough:	as much as there is room for
 *
 * A scan does not go further than its round.  May sleep.
 */
void damon_plan_scan(struct damon_ctx *ctx, struct damon_scan *scan, bool thorough)
{
	unsigned int budget = thorough ? DAMON_SCAN_ENTRIES : FEW_ENTRIES;
	unsigned int regions_left = MAX_REGIONS;
	struct damon_target *t;
	int lap;

	scan->nr_pieces = 0;
	scan->nr_entries = 0;
	if (!scan->todo)
		damon_begin_round(ctx, scan);
	/* From the target where the round is to the last one, and from the first one on */
	for (lap = 0; lap < 2; lap++) {
		damon_for_each_target(t, ctx) {
			if (t->index < scan->target)
				continue;
			if (!damon_plan_target(ctx, scan, t, budget, &regions_left))
				return;
			scan->target = t->index + 1;
			scan->addr = 0;
		}
		scan->target = 0;
	}
}
