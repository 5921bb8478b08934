/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's memory, read while the guest stands still */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_SHIFT	12
#define HUGE_SHIFT	21
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define MEMORY_MAX	(2UL << 30)

/* A translation by page tables: a page of 1 << shift bytes */
struct translation {
	uint64_t physical;
	unsigned int shift;
};

bool memory_known(void);
void memory_found(void *host, uint64_t kernel_text);
uint64_t memory_physical(const void *host);
uint64_t memory_read(uint64_t kernel_address);
uint32_t memory_read32(uint64_t kernel_address);
void memory_copy(char *to, uint64_t kernel_address, unsigned int size);
bool memory_translate(uint64_t pgd, uint64_t address, struct translation *found);

#endif /* MEMORY_H */
