/* SPDX-License-Identifier: GPL-2.0 */
/* Address spaces, and in how many slots each of their pages was accessed */
#ifndef SPACE_H
#define SPACE_H

#include <stdio.h>

#include "memory.h"
#include "tlb.h"

#define CHUNK_SHIFT	HUGE_SHIFT
#define CHUNK_PAGES	(1 << (CHUNK_SHIFT - PAGE_SHIFT))

/*
 * The pages of 2 MiB of addresses, or of physical memory
 * @last:	for each page the last slot in which it was accessed
 * @slots:	for each page the slots of this aggregation in which it was; of a huge page the
 *		first has them
 * @last_huge:	as @last, of a huge page
 * @huge:	it was one when it was accessed in this aggregation
 */
struct chunk {
	struct chunk *next;
	unsigned long number;
	unsigned int aggregation, last_huge;
	_Bool huge;
	unsigned int last[CHUNK_PAGES];
	unsigned char slots[CHUNK_PAGES];
};

#define CHUNK_BUCKETS	1024
#define RECENT_CHUNKS	256
#define RECENT_CODE	1024

/* A page of code: physical and virtual page numbers */
struct code_place {
	unsigned long physical, virtual;
};

struct space {
	struct space *next;
	unsigned long mm, pgd;
	unsigned int tgid;
	struct tlb_space tlb;
	unsigned long tlb_generation;
	struct chunk *chunks[CHUNK_BUCKETS];
	struct chunk *recent[RECENT_CHUNKS];
	struct code_place code[RECENT_CODE];
};

/* The slot and the aggregation that are counted; none if 0 */
extern unsigned int this_slot, this_aggregation;

/*
 * Count each small part of a huge page, tell where huge pages are, and have a model of a TLB; do
 * not count physical memory
 */
extern bool study_huge_pages;

struct space *space_find(unsigned long mm);
void space_access_slowly(struct space *space, unsigned long address);
void space_load_tlb(struct space *space, unsigned long address);
void space_print_all(FILE *out);

static inline void space_access(struct space *space, unsigned long address)
{
	unsigned long number = address >> CHUNK_SHIFT;
	struct chunk *chunk = space->recent[number % RECENT_CHUNKS];

	if (!chunk || chunk->number != number ||
	    chunk->last[address >> PAGE_SHIFT & (CHUNK_PAGES - 1)] != this_slot)
		space_access_slowly(space, address);
}

#endif /* SPACE_H */
