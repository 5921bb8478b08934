// SPDX-License-Identifier: GPL-2.0
/* Functions of the kernel that the core of the monitor calls, with counters */
#include <stdlib.h>

#include <linux/damon.h>

#include "sim.h"

size_t sim_allocated;
unsigned long sim_longest;

/* Blocks of code that ran since the last cond_resched() */
static unsigned long steps;

/* Bytes that the kernel allocates for @size: a slab object, or whole pages */
size_t kmalloc_size_roundup(size_t size)
{
	size_t power = 8;

	if (size > 2 * PAGE_SIZE)
		return PAGE_ALIGN(size);
	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	while (power < size)
		power *= 2;
	return power;
}

/* The size of an object is stored in front of it. */
void *kvrealloc(const void *p, size_t size, int flags)
{
	size_t *before = p ? (size_t *)p - 1 : NULL, *new;

	size = kmalloc_size_roundup(size);
	sim_allocated += size - (before ? *before : 0);
	new = realloc(before, size + sizeof(*new));
	if (!new)
		abort();
	*new = size;
	return new + 1;
}

void kvfree(const void *p)
{
	size_t *before;

	if (!p)
		return;
	before = (size_t *)p - 1;
	sim_allocated -= *before;
	free(before);
}

/* The core is compiled with -fsanitize-coverage=trace-pc: each basic block calls this. */
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

void cond_resched(void)
{
	if (steps > sim_longest)
		sim_longest = steps;
	steps = 0;
}
