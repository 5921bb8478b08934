/* SPDX-License-Identifier: GPL-2.0 */
/* A model of the data TLB of a real CPU */
#ifndef TLB_H
#define TLB_H

#include "memory.h"

#define TLB_MAX_ID	65535

/*
 * An address space, as the TLB knows it
 * @id:		1 to TLB_MAX_ID
 * @pgd:	the kernel's address of its page tables
 * @accesses:	loads and stores
 * @hits:	of these, those that only the second level had
 * @walks:	those that no level had: of small pages, and of huge ones
 */
struct tlb_space {
	unsigned int id;
	unsigned long pgd;
	unsigned long accesses, hits, walks[2];
};

void tlb_access(struct tlb_space *space, unsigned long address);
void tlb_drop_stale(const struct tlb_space *space);

#endif /* TLB_H */
