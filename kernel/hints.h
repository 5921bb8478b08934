/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_HINTS_H
#define _MM_DAMON_HINTS_H

#include <linux/damon.h>

/* Hints of one aggregation, of all targets together */
#define DAMON_MAX_HINTS		1024

/**
 * struct damon_hint - something is accessed somewhere in a range of a target
 * @target:	the target
 * @range:	the range
 */
struct damon_hint {
	struct damon_target *target;
	struct damon_range range;
};

/**
 * struct damon_followed_hint - what a hint has cut out
 * @index:	&damon_target.index of the target, which may have gone meanwhile
 * @state:	&damon_target.state of the target, only to be compared
 * @start:	first byte
 */
struct damon_followed_hint {
	unsigned int index;
	const void *state;
	unsigned long start;
};

/**
 * struct damon_hints - where in regions that seem idle something is accessed
 * @found:	ranges that scans of this aggregation have found
 * @nr_found:	number of @found
 * @nr_done:	how many of @found damon_get_hinted_cuts() has processed
 * @followed:	ranges that were cut out at the end of the last aggregation, to be
 *		regions of this one
 * @nr_followed: number of @followed
 * @budget:	ranges that may be cut out: fewer if those before were not accessed
 * @no_hits:	none of the ranges that were cut out last was accessed
 * @complete:	all memory has been scanned since the beginning
 * @thorough:	whether scans are to be thorough: the last ones found something new, or
 *		it is the beginning
 * @cuts:	where to cut one target
 */
struct damon_hints {
	struct damon_hint found[DAMON_MAX_HINTS];
	unsigned int nr_found;
	unsigned int nr_done;
	struct damon_followed_hint followed[DAMON_MAX_HINTS];
	unsigned int nr_followed;
	unsigned int budget;
	bool no_hits;
	bool complete;
	bool thorough;
	struct damon_cuts cuts;
};

void damon_init_hints(struct damon_hints *hints);
void damon_begin_hints(struct damon_hints *hints);
bool damon_wants_hints(const struct damon_region *r, unsigned int samples);
void damon_add_hint(struct damon_hints *hints, struct damon_target *t,
		    unsigned long start, unsigned long end);
void damon_end_hints(struct damon_hints *hints, const struct damon_ctx *ctx);
const struct damon_cuts *damon_get_hinted_cuts(struct damon_hints *hints,
					       const struct damon_ctx *ctx,
					       const struct damon_target *t);

#endif /* _MM_DAMON_HINTS_H */
