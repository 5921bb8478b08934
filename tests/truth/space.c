// SPDX-License-Identifier: GPL-2.0
/* Address spaces, and in how many slots each of their pages was accessed */
#include "space.h"

#include <stdlib.h>

#include "layout.h"
#include "mappings.h"

#define SPACE_BUCKETS	256

unsigned int this_slot, this_aggregation;

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

/* A page is counted once a slot, by the unit that has an Accessed bit. */
static void count(struct space *space, unsigned long address, unsigned int shift)
{
	struct chunk *chunk = chunk_find(space, address >> CHUNK_SHIFT);
	unsigned int page = address >> PAGE_SHIFT & (CHUNK_PAGES - 1);

	if (chunk->last[page] == this_slot)
		return;
	chunk->last[page] = this_slot;
	if (shift == PAGE_SHIFT) {
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
	count(&physical, found.physical + (address & ((1UL << found.shift) - 1)), found.shift);
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

struct space *space_find(unsigned long mm)
{
	struct space **bucket = &spaces[mm / 64 % SPACE_BUCKETS], *space;
	unsigned long pgd = memory_read(mm + layout.mm_pgd);
	unsigned long owner = memory_read(mm + layout.mm_owner);
	unsigned int tgid = memory_read32(owner + layout.task_tgid);

	for (space = *bucket; space; space = space->next)
		if (space->mm == mm)
			break;
	if (!space) {
		space = must_allocate(sizeof(*space));
		space->mm = mm;
		space->next = *bucket;
		*bucket = space;
	} else if (space->tgid != tgid || space->pgd != pgd) {
		forget(space);
	}
	space->tgid = tgid;
	space->pgd = pgd;
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

		if (chunks[i]->huge) {
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

static void print_process(struct space *space, FILE *out)
{
	unsigned long owner = memory_read(space->mm + layout.mm_owner);
	char name[16 + 1] = "";

	/* One that has ended accessed memory, but there is nothing left to read. */
	if (memory_read(owner + layout.task_mm) != space->mm) {
		fprintf(out, "process %u ended\n", space->tgid);
		return;
	}
	memory_copy(name, owner + layout.task_comm, sizeof(name) - 1);
	for (char *c = name; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	fprintf(out, "process %u %s\n", space->tgid, name);
	mappings_visit(space->mm, print_mapping, out);
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
