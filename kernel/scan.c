// SPDX-License-Identifier: GPL-2.0
/*
 * Scans for hints: which entries of upper page tables are scanned next.
 *
 * Scans go round all memory that seems idle, a part at a time.  Each round begins at a
 * random place.  Otherwise a place might always be scanned at the same time of a
 * program's rhythm.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "hints.h"
#include "random.h"
#include "region.h"
#include "scan.h"

/* Entries of a scan that is not thorough: five, in 100 ms, cover as many as a thorough one */
#define FEW_ENTRIES	(DAMON_SCAN_ENTRIES / 5)
/* Regions that one scan passes, so that planning it does not take long */
#define MAX_REGIONS	32768

/**
 * struct damon_span - memory to be scanned
 * @start:	first byte
 * @end:	first byte behind
 * @free_start:	entries may cover more than the span, from here on ...
 * @free_end:	... up to here: all in between that is watched is known to be idle
 * @is_idle:	the span is known to be idle
 */
struct damon_span {
	unsigned long start;
	unsigned long end;
	unsigned long free_start;
	unsigned long free_end;
	bool is_idle;
};

/* Whether to scan the one entry for the GiB at @start, and not those for its parts */
static bool damon_span_has_pud(const struct damon_span *span, unsigned long start,
			       bool thorough)
{
	if (span->is_idle && !thorough)
		return start >= span->free_start && span->free_end - start >= PUD_SIZE;
	/* Small spans are scanned by PMD entries, for more precise hints. */
	return start >= span->start && span->end - start >= PUD_SIZE &&
	       round_down(span->end, PUD_SIZE) >= round_up(span->start, PUD_SIZE) + 2 * PUD_SIZE;
}

/* Add a piece, as far as there is room.  Returns where the piece ends. */
static unsigned long damon_add_piece(struct damon_scan *scan, struct damon_target *t,
				     unsigned long start, unsigned long end,
				     unsigned int shift, unsigned int budget)
{
	unsigned int nr = min((end - start) >> shift, budget - scan->nr_entries);

	if (!nr || scan->nr_pieces == DAMON_SCAN_PIECES)
		return start;
	scan->pieces[scan->nr_pieces++] = (struct damon_scan_piece) {
		.target = t, .start = start, .shift = shift, .nr = nr,
		.first = scan->nr_entries,
	};
	scan->nr_entries += nr;
	return start + ((unsigned long)nr << shift);
}

/*
 * Plan to scan a span from @addr on, by the largest entries that cover nothing else.
 * Returns where the next scan goes on, @span->end if this one covers all.
 */
static unsigned long damon_plan_span(struct damon_scan *scan, struct damon_target *t,
				     const struct damon_span *span, unsigned long addr,
				     unsigned int budget, bool thorough)
{
	while (addr < span->end) {
		unsigned long block = round_down(addr, PUD_SIZE), next = block;
		unsigned long start = block, end, done;
		unsigned int shift = PUD_SHIFT;

		while (next < span->end && damon_span_has_pud(span, next, thorough) &&
		       next - block < DAMON_TABLE_SIZE(PUD_SHIFT) -
				      block % DAMON_TABLE_SIZE(PUD_SHIFT))
			next += PUD_SIZE;
		end = next;
		if (next == block) {
			shift = PMD_SHIFT;
			/* Not beyond the top of all addresses */
			next = min(block, ULONG_MAX - PUD_SIZE) + PUD_SIZE;
			start = max(round_down(addr, PMD_SIZE),
				    round_up(span->free_start, PMD_SIZE));
			end = min3(next, round_up(span->end, PMD_SIZE),
				   round_down(span->free_end, PMD_SIZE));
		}
		if (start < end) {
			done = damon_add_piece(scan, t, start, end, shift, budget);
			if (done < end)
				return max(addr, done);
		}
		addr = next;
	}
	return span->end;
}

/* Begin a new round anywhere */
static void damon_begin_round(struct damon_ctx *ctx, struct damon_scan *scan)
{
	struct damon_target *t;
	struct damon_region *r;
	unsigned long page;

	scan->skipped = false;
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
 * The last region of the span that begins with @r: @r itself if nothing is known of it,
 * else the last of those behind it that are known to be idle, too.
 */
static const struct damon_region *damon_span_last(const struct damon_region *r,
						  const struct damon_region *end,
						  unsigned int samples)
{
	while (r->weight && r + 1 < end && r[1].weight &&
	       r[1].range.start == r->range.end && damon_wants_hints(r + 1, samples)) {
		r++;
		cond_resched();
	}
	return r;
}

/* The span of these regions.  Beyond ranges that the owner has set nothing is watched. */
static struct damon_span damon_new_span(const struct damon_target *t,
					const struct damon_region *first,
					const struct damon_region *last)
{
	const struct damon_region *end = t->regions.v + t->regions.nr;
	struct damon_span span = {
		.start = first->range.start,
		.end = last->range.end,
		.is_idle = first->weight,
	};

	span.free_start = t->nr_ranges ? span.start :
			  first > t->regions.v ? first[-1].range.end : 0;
	span.free_end = t->nr_ranges ? span.end :
			last + 1 < end ? last[1].range.start : ULONG_MAX;
	return span;
}

/*
 * Plan for one target, from the place of the scan on.  Returns whether the scan goes on
 * with the next target.
 */
static bool damon_plan_target(struct damon_ctx *ctx, struct damon_scan *scan,
			      struct damon_target *t, unsigned int budget,
			      bool thorough, unsigned int *regions_left)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs);
	const struct damon_region *end = t->regions.v + t->regions.nr;
	const struct damon_region *r = damon_find_region(&t->regions, scan->addr);

	for (; r < end && scan->todo; r++) {
		unsigned long from = max(scan->addr, r->range.start);
		unsigned long to = r->range.end;

		if (!*regions_left)
			return false;
		--*regions_left;
		cond_resched();
		if (damon_wants_hints(r, samples)) {
			const struct damon_region *first = r;
			struct damon_span span;

			r = damon_span_last(first, min(end, first + *regions_left + 1),
					    samples);
			*regions_left -= r - first;
			span = damon_new_span(t, first, r);
			/* A round ends where it began, so nothing is scanned twice. */
			if ((span.end - from) >> PAGE_SHIFT > scan->todo)
				span.end = from + scan->todo * PAGE_SIZE;
			to = damon_plan_span(scan, t, &span, from, budget, thorough);
		}
		scan->todo -= min((to - from) >> PAGE_SHIFT, scan->todo);
		scan->addr = to;
		if (to < r->range.end)
			return false;
	}
	return scan->todo;
}

/**
 * damon_plan_scan - choose the pieces of the next scan
 * @ctx:	the context
 * @scan:	gets the pieces
 * @thorough:	as many entries as there is room for
 *
 * A scan does not go further than its round.  May sleep.
 */
void damon_plan_scan(struct damon_ctx *ctx, struct damon_scan *scan, bool thorough)
{
	unsigned int regions_left = MAX_REGIONS;
	unsigned int budget = thorough ? DAMON_SCAN_ENTRIES : FEW_ENTRIES;
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
			if (!damon_plan_target(ctx, scan, t, budget, thorough,
					       &regions_left))
				return;
			scan->target = t->index + 1;
			scan->addr = 0;
		}
		scan->target = 0;
	}
}
