/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_HINTS_H
#define _MM_DAMON_HINTS_H

#include <linux/damon.h>
#include <linux/pgtable.h>

/* Hints that fit between two adjustments */
#define DAMON_MAX_HINTS		1024
/* Page tables that one scan can borrow from, and entries of them all */
#define DAMON_MAX_LOANS		8
#define DAMON_MAX_LENT		2048

/**
 * struct damon_loan - Accessed bits borrowed from entries of one page table
 * @start:	first address that the table covers
 * @shift:	each entry covers 1 << @shift bytes
 * @watched:	entries that now have no Accessed bit
 * @lent:	those of them that had one, and get it back
 */
struct damon_loan {
	unsigned long start;
	unsigned int shift;
	DECLARE_BITMAP(watched, PTRS_PER_PTE);
	DECLARE_BITMAP(lent, PTRS_PER_PTE);
};

/**
 * struct damon_hints - where in regions that seem idle something is accessed
 * @loans:	what a scan has borrowed
 * @nr_loans:	number of @loans
 * @resume:	address where the next scan begins; the last one went that far
 * @found:	ranges below which something was accessed
 * @nr_found:	number of @found
 * @tried:	where those ranges start that became regions of this aggregation
 * @nr_tried:	number of @tried
 * @budget:	ranges that may become regions: few, if those before were
 *		not worth it
 * @eager:	scan more than once in an aggregation
 */
struct damon_hints {
	struct damon_loan loans[DAMON_MAX_LOANS];
	unsigned int nr_loans;
	unsigned long resume;
	struct damon_range found[DAMON_MAX_HINTS];
	unsigned int nr_found;
	unsigned long tried[DAMON_MAX_HINTS];
	unsigned int nr_tried;
	unsigned int budget;
	bool eager;
};

struct damon_hints *damon_new_hints(void);
bool damon_wants_hints(const struct damon_region *r, unsigned int samples);
void damon_add_hint(struct damon_hints *hints, unsigned long start,
		    unsigned long end);
void damon_judge_hints(struct damon_target *t);
void damon_take_hints(struct damon_target *t, unsigned int samples);

#endif /* _MM_DAMON_HINTS_H */
