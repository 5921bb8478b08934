// SPDX-License-Identifier: GPL-2.0
/*
 * Imagined memory.  The kernel sets an Accessed bit when a CPU loads an entry into its TLB.  So a
 * page that is accessed has its bit set then, unless it is in the TLB already: since its last
 * access, if it was not thrown out in between.
 */
#include <string.h>

#include "memory.h"

#define PAGE	4096UL
/* Pages of which something is remembered; with more of them, what is oldest is forgotten */
#define NR_PAGES	(1UL << 16)

static struct page_state {
	unsigned long addr;
	uint64_t cleared;	/* when the Accessed bit was */
	uint64_t invalidated;	/* when it was thrown out of the TLB alone */
} pages[NR_PAGES];

static const struct pattern *pattern;
static uint64_t now;
static uint64_t moved;		/* when hot places became what they are */
static uint64_t flushed;	/* when all of the TLB was */

struct effort effort;

void memory_begin(const struct pattern *p)
{
	pattern = p;
	/* Hot memory is hot already when the monitor begins. */
	moved = 0;
	now = 1000 * NSEC_PER_MSEC;
	flushed = 0;
	memset(pages, 0, sizeof(pages));
	effort = (struct effort) {};
}

/* What one Accessed bit stands for */
unsigned long memory_page(void)
{
	return pattern->page;
}

void memory_advance(uint64_t ns)
{
	now += ns;
}

uint64_t memory_now(void)
{
	return now;
}

void memory_moved(void)
{
	moved = now;
}

static uint64_t later(uint64_t a, uint64_t b)
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
	struct page_state *s = &pages[page / PAGE * 0x9e3779b97f4a7c15 >> 48];

	if (s->addr != page)
		*s = (struct page_state) { .addr = page };
	return s;
}

/* Whether an entry was loaded for the page since @since */
static bool loaded(unsigned long addr, const struct page_state *s, uint64_t since)
{
	const struct place *place = pattern_find(pattern, page_of(addr));
	uint64_t empty = later(later(moved, flushed), s->invalidated);

	addr = page_of(addr);
	since = later(since, moved);
	if (!place || !place_accesses(place, addr, since, now))
		return false;
	if (!pattern->tlb_hides)
		return true;
	return empty >= since ? place_accesses(place, addr, empty, now) :
				!place_accesses(place, addr, empty, since);
}

bool memory_clear(unsigned long addr)
{
	struct page_state *s = state_of(addr);
	/* It was when the page was filled. */
	bool young = !s->cleared || loaded(addr, s, s->cleared);

	s->cleared = now;
	return young;
}

bool memory_accessed(unsigned long addr, uint64_t since)
{
	return loaded(addr, state_of(addr), since);
}

bool memory_walked(unsigned long start, unsigned long end, uint64_t since)
{
	uint64_t empty = later(moved, flushed);

	since = later(since, moved);
	for (unsigned int i = 0; i < pattern->nr_places; i++) {
		const struct place *p = &pattern->places[i];

		if (p->start >= end || p->end <= start || !place_active(p, since, now))
			continue;
		if (!pattern->tlb_hides ||
		    (empty >= since ? place_active(p, empty, now) : !place_active(p, empty, since)))
			return true;
	}
	return false;
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
