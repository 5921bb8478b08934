/* SPDX-License-Identifier: GPL-2.0 */
/* Imagined memory: Accessed bits and a TLB that hides, as a pattern accesses it. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include "pattern.h"

/* What the monitor did to the target */
struct effort {
	unsigned long flushes;		/* of all of its TLB entries */
	unsigned long invalidations;	/* of some pages: one interrupt each */
	unsigned long addresses;	/* pages, all of these together */
};

extern struct effort effort;

void memory_begin(const struct pattern *p);
unsigned long memory_page(void);
void memory_advance(uint64_t ns);
uint64_t memory_now(void);
void memory_moved(void);

/* Clear an Accessed bit, and return whether it was set; see whether it has been set again since. */
bool memory_clear(unsigned long addr);
bool memory_accessed(unsigned long addr, uint64_t since);
/* Whether anything between two addresses was looked up in the page tables since @since */
bool memory_walked(unsigned long start, unsigned long end, uint64_t since);

void memory_flush(void);
void memory_invalidate(const unsigned long *addrs, unsigned int nr);

#endif /* SIM_MEMORY_H */
