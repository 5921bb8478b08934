// SPDX-License-Identifier: GPL-2.0
/*
 * Simulated memory.  A CPU sets the Accessed bit of a page when it loads the page's entry into
 * its TLB.  So an access sets the bit unless the entry is in the TLB already.  With "tlb hides"
 * it stays there from the first access on until it is flushed; without, it is evicted at once.
 */
#include <string.h>

#include "memory.h"

/* The state of 2^16 pages is kept, in sets by their hash: of a full set the oldest is lost. */
#define SET_BITS	13
#define WAYS		8

static struct page_state {
	unsigned long addr;
	u64 cleared;		/* when the Accessed bit was cleared; 0: never */
	u64 invalidated;	/* when only its entry was flushed from the TLB */
} states[1 << SET_BITS][WAYS];

static const struct pattern *pattern;
static u64 now;
static u64 moved;	/* when the hot places moved last */
static u64 flushed;	/* when the whole TLB was flushed last */

struct effort effort;
unsigned long memory_act_ns;

void memory_begin(const struct pattern *p)
{
	pattern = p;
	/* Hot memory is hot already when the monitor begins. */
	moved = 0;
	now = NSEC_PER_SEC;
	flushed = 0;
	memset(states, 0, sizeof(states));
	effort = (struct effort) {};
}

unsigned long memory_page(void)
{
	return pattern->page;
}

u64 memory_now(void)
{
	return now;
}

void memory_advance(u64 ns)
{
	now += ns;
}

void memory_moved(void)
{
	moved = now;
}

static u64 later(u64 a, u64 b)
{
	return a > b ? a : b;
}

static unsigned long page_of(unsigned long addr)
{
	return addr - addr % pattern->page;
}

static struct page_state *state_of(unsigned long addr)
{
	unsigned long page = page_of(addr);
	u64 hash = page / pattern->page * 0x9e3779b97f4a7c15;
	struct page_state *set = states[hash >> (64 - SET_BITS)], *oldest = set;

	for (struct page_state *s = set; s < set + WAYS; s++) {
		if (s->addr == page)
			return s;
		if (s->cleared < oldest->cleared)
			oldest = s;
	}
	*oldest = (struct page_state) { .addr = page };
	return oldest;
}

/* Whether the entry of the page of @s was loaded into the TLB since @since */
static bool was_loaded(const struct page_state *s, u64 since)
{
	const struct place *place = pattern_find(pattern, s->addr);
	unsigned long addr = s->addr;
	u64 empty = later(later(moved, flushed), s->invalidated);

	since = later(since, moved);
	if (!place || !place_accesses(place, addr, since, now))
		return false;
	if (!pattern->tlb_hides)
		return true;
	/* Of the accesses since the TLB was emptied, only the first one loads the entry. */
	return empty >= since ? place_accesses(place, addr, empty, now) :
				!place_accesses(place, addr, empty, since);
}

bool memory_clear(unsigned long addr)
{
	struct page_state *s = state_of(addr);
	/* Faulting a page in sets its bit. */
	bool young = !s->cleared || was_loaded(s, s->cleared);

	s->cleared = now;
	return young;
}

bool memory_accessed(unsigned long addr, u64 since)
{
	return was_loaded(state_of(addr), since);
}

bool memory_walked(unsigned long start, unsigned long end, u64 since)
{
	u64 empty = later(moved, flushed);

	/* As in was_loaded(), but for whole places */
	since = later(since, moved);
	for (unsigned int i = 0; i < pattern->nr_places; i++) {
		const struct place *p = &pattern->places[i];

		if (p->start >= end || p->end <= start || !place_active(p, since, now))
			continue;
		if (!pattern->tlb_hides)
			return true;
		if (empty >= since ? place_active(p, empty, now) : !place_active(p, empty, since))
			return true;
	}
	return false;
}

void memory_act(unsigned long start, unsigned long end)
{
	u64 ns = (end - start) / PAGE_SIZE * memory_act_ns;

	effort.acted += end - start;
	effort.acted_ns += ns;
	memory_advance(ns);
	for (unsigned int i = 0; i < pattern->nr_places; i++) {
		const struct place *p = &pattern->places[i];

		if (p->start < end && p->end > start)
			effort.acted_hot += min(p->end, end) - max(p->start, start);
	}
}

void memory_flush(void)
{
	flushed = now;
	effort.flushes++;
}

void memory_invalidate(const unsigned long *addrs, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		state_of(addrs[i])->invalidated = now;
	effort.invalidations++;
	effort.addresses += nr;
}
