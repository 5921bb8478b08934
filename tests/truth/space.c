// SPDX-License-Identifier: GPL-2.0
/* Address spaces, and in how many slots each of their pages was accessed */
#include "space.h"

#include <stdlib.h>

#include "layout.h"
#include "mappings.h"

#define SPACE_BUCKETS	256

unsigned int this_slot, this_aggregation;
bool study_huge_pages;

static struct space *spaces[SPACE_BUCKETS];

/* All of memory, for which the mm is 0 and addresses are physical */
static struct space physical;

static void *must_allocate(size_t size)
{
	void *found = calloc(1, size);

	if (!found)
		abort();
	return found;
}

/* --- Counting --- */

static struct chunk *chunk_find(struct space *space, unsigned long number)
{
	struct chunk **bucket = &space->chunks[number % CHUNK_BUCKETS];
	struct chunk *chunk;

	for (chunk = *bucket; chunk; chunk = chunk->next)
		if (chunk->number == number)
			break;
	if (!chunk) {
		chunk = must_allocate(sizeof(*chunk));
		chunk->number = number;
		chunk->next = *bucket;
		*bucket = chunk;
	}
	if (chunk->aggregation != this_aggregation) {
		chunk->aggregation = this_aggregation;
		chunk->huge = false;
		for (int i = 0; i < CHUNK_PAGES; i++)
			chunk->slots[i] = 0;
	}
	space->recent[number % RECENT_CHUNKS] = chunk;
	return chunk;
}

/* A page is counted once a slot, by the unit that has an Accessed bit; or a part of it. */
static void count(struct space *space, unsigned long address, unsigned int shift)
{
	struct chunk *chunk = chunk_find(space, address >> CHUNK_SHIFT);
	unsigned int page = address >> PAGE_SHIFT & (CHUNK_PAGES - 1);

	if (chunk->last[page] == this_slot)
		return;
	chunk->last[page] = this_slot;
	if (shift == PAGE_SHIFT || study_huge_pages) {
		chunk->slots[page]++;
		return;
	}
	chunk->huge = true;
	if (chunk->last_huge != this_slot) {
		chunk->last_huge = this_slot;
		chunk->slots[0]++;
	}
}

/* The page was perhaps not accessed in this slot before. */
void space_access_slowly(struct space *space, unsigned long address)
{
	struct translation found;

	/* What was accessed is mapped, unless another CPU has just unmapped it. */
	if (!memory_translate(space->pgd, address, &found))
		return;
	count(space, address, found.shift);
	if (!study_huge_pages)
		count(&physical, found.physical + (address & ((1UL << found.shift) - 1)),
		      found.shift);
}

/* @address is loaded or stored. */
void space_load_tlb(struct space *space, unsigned long address)
{
	unsigned long generation = memory_read(space->mm + layout.mm_tlb_generation);

	if (space->tlb_generation != generation) {
		space->tlb_generation = generation;
		tlb_drop_stale(&space->tlb);
	}
	tlb_access(&space->tlb, address);
}

/* --- Which spaces there are --- */

/* A space is forgotten when another process has the memory of its mm_struct. */
static void forget(struct space *space)
{
	for (int i = 0; i < CHUNK_BUCKETS; i++)
		while (space->chunks[i]) {
			struct chunk *chunk = space->chunks[i];

			space->chunks[i] = chunk->next;
			free(chunk);
		}
	for (int i = 0; i < RECENT_CHUNKS; i++)
		space->recent[i] = NULL;
	for (int i = 0; i < RECENT_CODE; i++)
		space->code[i] = (struct code_place) { };
}

/* Entries of an earlier space with this number will have been replaced. */
static struct tlb_space new_tlb_space(unsigned long pgd)
{
	static unsigned int last;

	last = last % TLB_MAX_ID + 1;
	return (struct tlb_space) { .id = last, .pgd = pgd };
}

struct space *space_find(unsigned long mm)
{
	struct space **bucket = &spaces[mm / 64 % SPACE_BUCKETS], *space;
	unsigned long pgd = memory_read(mm + layout.mm_pgd);
	unsigned long owner = memory_read(mm + layout.mm_owner);
	unsigned int tgid = memory_read32(owner + layout.task_tgid);

	for (space = *bucket; space; space = space->next)
		if (space->mm == mm)
			break;
	if (space && space->tgid == tgid && space->pgd == pgd)
		return space;
	if (space) {
		forget(space);
	} else {
		space = must_allocate(sizeof(*space));
		space->mm = mm;
		space->next = *bucket;
		*bucket = space;
	}
	space->tgid = tgid;
	space->pgd = pgd;
	space->tlb = new_tlb_space(pgd);
	return space;
}

/* --- What is told of an aggregation --- */

/* Pages one after the other that were accessed as often */
struct run {
	FILE *out;
	unsigned long start, end;
	unsigned int slots;
};

static void run_end(struct run *run)
{
	if (run->slots)
		fprintf(run->out, "heat %lx-%lx %u\n", run->start, run->end, run->slots);
	run->slots = 0;
}

static void run_add(struct run *run, unsigned long start, unsigned long size, unsigned int slots)
{
	if (start != run->end || slots != run->slots) {
		run_end(run);
		run->start = start;
		run->slots = slots;
	}
	run->end = start + size;
}

static int by_number(const void *a, const void *b)
{
	const struct chunk * const *x = a, * const *y = b;

	return (*x)->number < (*y)->number ? -1 : (*x)->number > (*y)->number;
}

/* Chunks that were accessed in this aggregation, sorted; to be freed by the caller */
static struct chunk **chunks_of(struct space *space, size_t *nr)
{
	struct chunk **found = NULL, *chunk;
	size_t room = 0;

	*nr = 0;
	for (int i = 0; i < CHUNK_BUCKETS; i++)
		for (chunk = space->chunks[i]; chunk; chunk = chunk->next) {
			if (chunk->aggregation != this_aggregation)
				continue;
			if (*nr == room) {
				room = room ? 2 * room : 64;
				found = realloc(found, room * sizeof(*found));
				if (!found)
					abort();
			}
			found[(*nr)++] = chunk;
		}
	if (*nr)
		qsort(found, *nr, sizeof(*found), by_number);
	return found;
}

static void print_heat(struct chunk **chunks, size_t nr, FILE *out)
{
	struct run run = { .out = out };

	for (size_t i = 0; i < nr; i++) {
		unsigned long start = chunks[i]->number << CHUNK_SHIFT;

		if (chunks[i]->huge && !study_huge_pages) {
			run_add(&run, start, 1UL << CHUNK_SHIFT, chunks[i]->slots[0]);
			continue;
		}
		for (int page = 0; page < CHUNK_PAGES; page++)
			if (chunks[i]->slots[page])
				run_add(&run, start + page * PAGE_SIZE, PAGE_SIZE,
					chunks[i]->slots[page]);
	}
	run_end(&run);
}

static bool print_mapping(const struct mapping *mapping, void *data)
{
	FILE *out = data;

	fprintf(out, "mapped %lx-%lx\n", mapping->start, mapping->end);
	return false;
}

struct huge_search {
	struct space *space;
	FILE *out;
};

static bool print_huge_pages(const struct mapping *mapping, void *data)
{
	const unsigned long size = 1UL << HUGE_SHIFT;
	struct huge_search *search = data;
	struct translation found;

	for (unsigned long at = (mapping->start + size - 1) & -size; at + size <= mapping->end;
	     at += size)
		if (memory_translate(search->space->pgd, at, &found) && found.shift == HUGE_SHIFT)
			fprintf(search->out, "huge %lx-%lx\n", at, at + size);
	return false;
}

static void print_tlb(struct space *space, FILE *out)
{
	struct tlb_space *tlb = &space->tlb;

	fprintf(out, "tlb %lu %lu %lu %lu\n", tlb->accesses, tlb->hits, tlb->walks[false],
		tlb->walks[true]);
}

static void print_process(struct space *space, FILE *out)
{
	struct huge_search search = { .space = space, .out = out };
	unsigned long owner = memory_read(space->mm + layout.mm_owner);
	char name[16 + 1] = "";

	/* One that has ended accessed memory, but there is nothing left to read. */
	if (memory_read(owner + layout.task_mm) != space->mm) {
		fprintf(out, "process %u ended\n", space->tgid);
		if (study_huge_pages)
			print_tlb(space, out);
		return;
	}
	memory_copy(name, owner + layout.task_comm, sizeof(name) - 1);
	for (char *c = name; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	fprintf(out, "process %u %s\n", space->tgid, name);
	mappings_visit(space->mm, print_mapping, out);
	if (study_huge_pages) {
		print_tlb(space, out);
		mappings_visit(space->mm, print_huge_pages, &search);
	}
}

static void print_space(struct space *space, FILE *out)
{
	size_t nr;
	struct chunk **chunks = chunks_of(space, &nr);

	if (nr && space->mm)
		print_process(space, out);
	else if (nr)
		fprintf(out, "physical\n");
	print_heat(chunks, nr, out);
	free(chunks);
}

void space_print_all(FILE *out)
{
	for (int i = 0; i < SPACE_BUCKETS; i++)
		for (struct space *space = spaces[i]; space; space = space->next)
			print_space(space, out);
	print_space(&physical, out);
}
