// SPDX-License-Identifier: GPL-2.0
/*
 * Pages from which programs are executed. QEMU tells of a block of instructions when it
 * translates it, and executes it later wherever the same physical page is mapped: a library has
 * other addresses in another process. So that is looked up in page tables.
 */
#include "code.h"

#include <stdlib.h>

#include "mappings.h"

#define CODE_BUCKETS	65536

/* Physical and virtual page of a block; @both: it goes on in the next page */
struct code {
	struct code *next;
	struct code_place place;
	bool both;
	unsigned int last;
	struct space *space;
};

static struct code *codes[CODE_BUCKETS];

struct code *code_find(unsigned long virtual, unsigned long physical, bool both)
{
	struct code **bucket = &codes[(virtual ^ physical << 5) % CODE_BUCKETS], *code;

	for (code = *bucket; code; code = code->next)
		if (code->place.virtual == virtual && code->place.physical == physical &&
		    code->both == both)
			return code;
	code = calloc(1, sizeof(*code));
	if (!code)
		abort();
	code->place = (struct code_place) { .virtual = virtual, .physical = physical };
	code->both = both;
	code->next = *bucket;
	*bucket = code;
	return code;
}

static bool is_at(struct space *space, unsigned long physical, unsigned long virtual)
{
	unsigned long within = virtual << PAGE_SHIFT;
	struct translation found;

	if (!memory_translate(space->pgd, virtual << PAGE_SHIFT, &found))
		return false;
	within &= (1UL << found.shift) - 1;
	return (found.physical + within) >> PAGE_SHIFT == physical;
}

struct search {
	struct space *space;
	struct code_place place;
};

static bool search_mapping(const struct mapping *mapping, void *data)
{
	struct search *search = data;

	if (!mapping->executable)
		return false;
	for (unsigned long at = mapping->start; at < mapping->end; at += PAGE_SIZE)
		if (is_at(search->space, search->place.physical, at >> PAGE_SHIFT)) {
			search->place.virtual = at >> PAGE_SHIFT;
			return true;
		}
	return false;
}

/* Where a space has a block; returns whether it was found */
static bool code_locate(const struct code *code, struct space *space, unsigned long *virtual)
{
	struct code_place *recent = &space->code[code->place.physical % RECENT_CODE];
	struct search search = { .space = space, .place = code->place };

	*virtual = code->place.virtual;
	if (is_at(space, code->place.physical, *virtual))
		return true;
	*virtual = recent->virtual;
	if (recent->physical == code->place.physical &&
	    is_at(space, code->place.physical, *virtual))
		return true;
	if (!mappings_visit(space->mm, search_mapping, &search))
		return false;
	*recent = search.place;
	*virtual = recent->virtual;
	return true;
}

void code_execute(struct code *code, struct space *space)
{
	unsigned long virtual;

	if (code->last == this_slot && code->space == space)
		return;
	code->last = this_slot;
	code->space = space;
	if (!code_locate(code, space, &virtual))
		return;
	space_access(space, virtual << PAGE_SHIFT);
	if (code->both)
		space_access(space, (virtual + 1) << PAGE_SHIFT);
}
