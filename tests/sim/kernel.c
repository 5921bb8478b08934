// SPDX-License-Identifier: GPL-2.0
/* What the core of the monitor asks of the kernel, counted. */
#include <stdlib.h>

#include <linux/damon.h>

#include "sim.h"

size_t sim_allocated;
unsigned long sim_longest;

/* Blocks of code that ran since the last cond_resched() */
static unsigned long steps;

/* What the kernel's allocator takes for so much */
size_t kmalloc_size_roundup(size_t size)
{
	size_t power = 8;

	if (size > 2 * PAGE_SIZE)
		return PAGE_ALIGN(size);
	while (power < size)
		power *= 2;
	return size > 64 && size <= 96 ? 96 : size > 128 && size <= 192 ? 192 : power;
}

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
	size_t *before = (size_t *)p - 1;

	if (!p)
		return;
	sim_allocated -= *before;
	free(before);
}

/* The core is compiled so that each block of its code calls this first. */
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

void damon_put_ops(const struct damon_operations *ops)
{
}
