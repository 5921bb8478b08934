// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory. It is one piece of QEMU's own, and up to 2 GiB the physical address is the
 * offset in it. QEMU tells where the bytes of an instruction are; an instruction of the kernel's
 * text, whose physical address is known without KASLR, tells where the piece begins.
 */
#include "memory.h"

#include <string.h>

/* Where x86-64 maps all memory, and the kernel's text, with four levels and without KASLR */
#define DIRECT_MAP	0xffff888000000000UL
#define KERNEL_TEXT	0xffffffff80000000UL

#define ENTRY_PRESENT	1UL
#define ENTRY_HUGE	0x80UL
#define ENTRY_ADDRESS	0x000ffffffffff000UL

static const char *base;

bool memory_known(void)
{
	return base;
}

void memory_found(const void *host, unsigned long kernel_text)
{
	base = (const char *)host - (kernel_text - KERNEL_TEXT);
}

unsigned long memory_physical(const void *host)
{
	return (const char *)host - base;
}

/* Zeroes are read where no memory is. */
static unsigned long read_physical(unsigned long physical)
{
	unsigned long value = 0;

	if (physical <= MEMORY_MAX - sizeof(value))
		memcpy(&value, base + physical, sizeof(value));
	return value;
}

static unsigned long physical_of(unsigned long kernel_address)
{
	return kernel_address - (kernel_address >= KERNEL_TEXT ? KERNEL_TEXT : DIRECT_MAP);
}

unsigned long memory_read(unsigned long kernel_address)
{
	return read_physical(physical_of(kernel_address));
}

unsigned int memory_read32(unsigned long kernel_address)
{
	return memory_read(kernel_address);
}

void memory_copy(char *to, unsigned long kernel_address, unsigned int size)
{
	unsigned long from = physical_of(kernel_address);

	memset(to, 0, size);
	if (from <= MEMORY_MAX - size)
		memcpy(to, base + from, size);
}

/* @pgd: the kernel's address of the top level. This sets no Accessed bit. */
bool memory_translate(unsigned long pgd, unsigned long address, struct translation *found)
{
	unsigned long table = physical_of(pgd);

	for (unsigned int shift = 39; ; shift -= 9) {
		unsigned long index = address >> shift & 511;
		unsigned long entry = read_physical(table + index * sizeof(entry));

		if (!(entry & ENTRY_PRESENT))
			return false;
		table = entry & ENTRY_ADDRESS;
		if (shift == PAGE_SHIFT || (shift < 39 && entry & ENTRY_HUGE)) {
			found->shift = shift;
			found->physical = table & -(1UL << shift);
			return true;
		}
	}
}
