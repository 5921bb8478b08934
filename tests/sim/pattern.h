/* SPDX-License-Identifier: GPL-2.0 */
/* Patterns: which memory there is, and when what of it is accessed. */
#ifndef SIM_PATTERN_H
#define SIM_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/time64.h>

#define MAX_PLACES	4096

/* All times are in nanoseconds, of a clock that begins at 0 with the monitor. */
#define SLOT		(5 * NSEC_PER_MSEC)

/* When a place is accessed */
enum rhythm {
	ALWAYS,
	PERIODIC,	/* @use of each @period, from @offset on */
	TURNS,		/* in @permille of the slots, spread evenly */
	CHANCE,		/* in each slot with a chance of @permille, all pages at once */
	EACH_CHANCE,	/* the same, but each page for itself */
};

struct place {
	unsigned long start, end;
	bool fixed;		/* does not move */
	enum rhythm rhythm;
	uint64_t period, use, offset;
	unsigned int permille;
	uint64_t seed;		/* of CHANCE */
};

struct pattern {
	unsigned long memory;
	unsigned long page;	/* what one Accessed bit stands for */
	struct place places[MAX_PLACES];
	unsigned int nr_places;
	uint64_t moves;		/* how long hot places stay where they are; 0: for ever */
	uint64_t lasts;
	bool tlb_hides;
	uint64_t seed;
};

/* A pattern from a line of text, which is cut up; a mistake ends the program. */
void pattern_parse(struct pattern *p, char *line);

/* Choose random places and phases for the first time, or places once more. */
void pattern_begin(struct pattern *p, uint64_t seed);
void pattern_move(struct pattern *p);

/* The hot place at @addr, or NULL */
const struct place *pattern_find(const struct pattern *p, unsigned long addr);

/* Whether the page at @addr of a place, or any page of it, is accessed from @from on, before @to */
bool place_accesses(const struct place *place, unsigned long addr, uint64_t from, uint64_t to);
bool place_active(const struct place *place, uint64_t from, uint64_t to);
/* In how many slots of any phase, of 1000, a page is accessed on average */
unsigned int place_permille(const struct place *place);

#endif /* SIM_PATTERN_H */
