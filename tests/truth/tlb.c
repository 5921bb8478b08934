// SPDX-License-Identifier: GPL-2.0
/*
 * A model of the data TLB of a real CPU, since the emulator's own is not like any. It is that of
 * Skylake, by table 2-15 of Intel's Optimization Reference Manual (248966-045): the first level has
 * entries of its own for small and for huge pages, the second shares its entries. Each of them
 * belongs to an address space, so nothing is lost at a switch. The least recently used entry of a
 * set is replaced, and sets are chosen by the lower bits of a page's number; what the CPU does is
 * not documented.
 *
 * Left out: code, the kernel's own memory, pages of 1 GiB, flushes of what is still mapped, the
 * limit of six address spaces, a second thread of the core, and loads ahead of time.
 */
#include "tlb.h"

#include <string.h>

#define MAX_SETS	128
#define MAX_WAYS	12

/* Tags of entries, in each set in the order in which they were used; 0 is no entry */
struct level {
	unsigned int sets, ways;
	unsigned long tags[MAX_SETS][MAX_WAYS];
};

/* The first two are the first level, for small and for huge pages. */
enum { FIRST_SMALL, FIRST_HUGE, SECOND, NR_LEVELS };

static struct level levels[NR_LEVELS] = {
	{ .sets = 16, .ways = 4 }, { .sets = 8, .ways = 4 }, { .sets = 128, .ways = 12 },
};

/* A tag is the number of a page, whether it is huge, and the number of an address space. */
#define TAG_HUGE	(TLB_MAX_ID + 1UL)
#define TAG_PAGE	(2 * TAG_HUGE)

static unsigned int shift_of(bool huge)
{
	return huge ? HUGE_SHIFT : PAGE_SHIFT;
}

static unsigned long tag_of(unsigned int id, unsigned long address, bool huge)
{
	return (address >> shift_of(huge)) * TAG_PAGE + huge * TAG_HUGE + id;
}

/* Have @tag be the one that was used last, in place of the one at @way */
static void use(unsigned long *set, unsigned int way, unsigned long tag)
{
	memmove(set + 1, set, way * sizeof(*set));
	*set = tag;
}

static unsigned long *set_of(struct level *level, unsigned long tag)
{
	return level->tags[tag / TAG_PAGE % level->sets];
}

static bool find(struct level *level, unsigned long tag)
{
	unsigned long *set = set_of(level, tag);

	for (unsigned int way = 0; way < level->ways; way++)
		if (set[way] == tag) {
			use(set, way, tag);
			return true;
		}
	return false;
}

static void add(struct level *level, unsigned long tag)
{
	unsigned long *set = set_of(level, tag);
	unsigned int way = 0;

	while (set[way] && way < level->ways - 1)
		way++;
	use(set, way, tag);
}

void tlb_access(struct tlb_space *space, unsigned long address)
{
	unsigned long tags[] = { tag_of(space->id, address, false),
				 tag_of(space->id, address, true) };
	struct translation found;
	bool huge;

	space->accesses++;
	for (int i = 0; i < 2; i++)
		if (find(&levels[i], tags[i]))
			return;
	for (int i = 0; i < 2; i++)
		if (find(&levels[SECOND], tags[i])) {
			space->hits++;
			add(&levels[i], tags[i]);
			return;
		}
	if (!memory_translate(space->pgd, address, &found))
		return;
	huge = found.shift == HUGE_SHIFT;
	space->walks[huge]++;
	add(&levels[SECOND], tags[huge]);
	add(&levels[huge], tags[huge]);
}

static bool holds(const struct tlb_space *space, unsigned long tag)
{
	unsigned int shift = shift_of(tag & TAG_HUGE);
	struct translation found;

	return memory_translate(space->pgd, tag / TAG_PAGE << shift, &found) &&
	       found.shift == shift;
}

/*
 * Drop entries of pages that are not mapped any more, or not by pages of this size. The kernel has
 * invalidated these.
 */
void tlb_drop_stale(const struct tlb_space *space)
{
	for (struct level *level = levels; level < levels + NR_LEVELS; level++)
		for (unsigned int i = 0; i < level->sets * MAX_WAYS; i++) {
			unsigned long *tag = &level->tags[i / MAX_WAYS][i % MAX_WAYS];

			if (*tag % TAG_HUGE == space->id && !holds(space, *tag))
				*tag = 0;
		}
}
