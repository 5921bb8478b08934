/* SPDX-License-Identifier: GPL-2.0 */
/* Simulated memory that a pattern accesses: its clock, its Accessed bits and its TLB */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include "pattern.h"

/* What the monitor did to the target */
struct effort {
	unsigned long flushes;		/* of the whole TLB */
	unsigned long invalidations;	/* of some pages: one interrupt each */
	unsigned long addresses;	/* pages in all invalidations */
	unsigned long acted;		/* bytes that schemes acted on */
	unsigned long acted_hot;	/* of these, bytes of hot places */
	unsigned long acted_ns;		/* how long that took */
};

extern struct effort effort;

void memory_begin(const struct pattern *p);
/* Bytes for each Accessed bit */
unsigned long memory_page(void);

u64 memory_now(void);
void memory_advance(u64 ns);
/* To be called after places of the pattern have moved */
void memory_moved(void);

/* Clear an Accessed bit, and return whether it was set */
bool memory_clear(unsigned long addr);
/* Whether an Accessed bit that was cleared at @since has been set again */
bool memory_accessed(unsigned long addr, u64 since);
/* Whether the CPU has walked the page tables for any address in the range since @since */
bool memory_walked(unsigned long start, unsigned long end, u64 since);

/* Time that an action on a page takes */
extern unsigned long memory_act_ns;
/* Act on memory as a scheme does */
void memory_act(unsigned long start, unsigned long end);

void memory_flush(void);
void memory_invalidate(const unsigned long *addrs, unsigned int nr);

#endif /* SIM_MEMORY_H */
