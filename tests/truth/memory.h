/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's memory, read while the guest stands still */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

#define PAGE_SHIFT	12
#define HUGE_SHIFT	21
#define PAGE_SIZE	4096UL
#define MEMORY_MAX	(2UL << 30)

/* A translation by page tables: a page of 1 << shift bytes */
struct translation {
	unsigned long physical;
	unsigned int shift;
};

bool memory_known(void);
void memory_found(const void *host, unsigned long kernel_text);
unsigned long memory_physical(const void *host);
unsigned long memory_read(unsigned long kernel_address);
unsigned int memory_read32(unsigned long kernel_address);
void memory_copy(char *to, unsigned long kernel_address, unsigned int size);
bool memory_translate(unsigned long pgd, unsigned long address, struct translation *found);

#endif /* MEMORY_H */
