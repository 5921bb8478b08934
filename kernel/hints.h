/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_HINTS_H
#define _MM_DAMON_HINTS_H

#include <linux/damon.h>

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
 * struct damon_hints - where in regions that seem idle something is accessed
 * @found:	ranges that scans of this aggregation have found
 * @nr_found:	number of @found
 * @nr_followed: how many of @found have been dealt with
 * @tried:	ranges that were to become regions of this aggregation
 * @nr_tried:	number of @tried
 * @budget:	ranges that may become regions: few, if those before were
 *		not worth it
 * @in_vain:	nothing was accessed in any of @tried
 * @complete:	all memory has been scanned since the beginning
 * @eager:	scans may find something: the last ones did, or it is the beginning
 */
struct damon_hints {
	struct damon_hint *found;
	unsigned int nr_found;
	unsigned int nr_followed;
	struct damon_hint *tried;
	unsigned int nr_tried;
	unsigned int budget;
	bool in_vain;
	bool complete;
	bool eager;
};

void damon_begin_hints(struct damon_ctx *ctx);
void damon_free_hints(struct damon_hints *hints);
bool damon_wants_hints(const struct damon_region *r, unsigned int samples);
void damon_add_hint(struct damon_hints *hints, struct damon_target *t,
		    unsigned long start, unsigned long end);
void damon_judge_hints(struct damon_ctx *ctx);
void damon_follow_hints(struct damon_ctx *ctx, const struct damon_target *t,
			const struct damon_region *r);

#endif /* _MM_DAMON_HINTS_H */
