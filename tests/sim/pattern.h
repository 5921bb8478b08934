/* SPDX-License-Identifier: GPL-2.0 */
/* Patterns: how much memory there is, and which of it is accessed when */
#ifndef SIM_PATTERN_H
#define SIM_PATTERN_H

#include <stdbool.h>

#include <linux/time64.h>
#include <linux/types.h>

#define MAX_PLACES	4096

/* All times are in nanoseconds, of the clock of memory.c. */
#define SLOT		(5 * NSEC_PER_MSEC)

/* When a place is accessed */
enum rhythm {
	ALWAYS,
	PERIODIC,	/* for @use of each @period, from @offset on */
	TURNS,		/* in @permille of the slots, spread evenly */
	CHANCE,		/* in @permille of the slots, at random; all pages in the same slots */
	EACH_CHANCE,	/* the same, but each page in other slots */
};

struct place {
	unsigned long start, end;
	bool fixed;		/* does not move */
	enum rhythm rhythm;
	u64 period, use, offset;
	unsigned int permille;
	u64 seed;		/* of CHANCE */
};

struct pattern {
	unsigned long memory;
	unsigned long page;	/* bytes for each Accessed bit */
	struct place places[MAX_PLACES];
	unsigned int nr_places;
	u64 moves;		/* time between two moves of hot places; 0: they don't move */
	u64 lasts;
	bool tlb_hides;
	u64 seed;
};

/* Read a pattern from @line, and leave only its name there; a mistake ends the program */
void pattern_parse(struct pattern *p, char *line);

/* Choose at random where places are, and at which phase rhythms begin */
void pattern_begin(struct pattern *p, u64 seed);
/* Choose again where places are */
void pattern_move(struct pattern *p);

/* The hot place at @addr, or NULL */
const struct place *pattern_find(const struct pattern *p, unsigned long addr);

/* Whether the page at @addr of a place is accessed in [from, to) */
bool place_accesses(const struct place *place, unsigned long addr, u64 from, u64 to);
/* Whether any page of the place is accessed in [from, to) */
bool place_active(const struct place *place, u64 from, u64 to);
/* When the next use of a PERIODIC place after @time begins */
u64 place_next_use(const struct place *place, u64 time);
/* In how many of 1000 slots a page is accessed, on average over all phases of the rhythm */
unsigned int place_permille(const struct place *place);

#endif /* SIM_PATTERN_H */
