// SPDX-License-Identifier: GPL-2.0
/*
 * Filters: memory that a scheme leaves alone although its accesses fit.
 *
 * Filters by address and by target are answered here, with the ranges that are left.
 * Those by page are the operation set's, which visits the pages.
 */
#include <linux/bits.h>
#include <linux/damon.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "filter.h"

/* What is answered here */
#define RANGE_FILTERS	(BIT(DAMON_FILTER_ADDR) | BIT(DAMON_FILTER_TARGET))

/**
 * damon_check_filters - check whether all filters of a scheme can be answered
 * @scheme:	the scheme
 * @ops:	the operation set
 *
 * Return: 0, or -EINVAL if there is one that can't, or one for an empty range.
 */
int damon_check_filters(const struct damon_scheme *scheme, const struct damon_operations *ops)
{
	const struct damon_filter *f = scheme->filters;

	for (; f < scheme->filters + scheme->nr_filters; f++) {
		if (!((RANGE_FILTERS | ops->filters) & BIT(f->type)))
			return -EINVAL;
		if (f->type == DAMON_FILTER_ADDR && f->range.start >= f->range.end)
			return -EINVAL;
	}
	return 0;
}

/*
 * Whether a filter is for the page at @addr.  Lowers *@end to where that changes.  A page of
 * which a range has only a part is in the range.
 */
static bool damon_filter_matches(const struct damon_filter *f, const struct damon_target *t,
				 unsigned long addr, unsigned long *end)
{
	unsigned long change;

	if (f->type == DAMON_FILTER_TARGET)
		return t->index == f->target;
	change = PAGE_ALIGN_DOWN(f->range.start);
	if (addr < change) {
		*end = min(*end, change);
		return false;
	}
	/* The last page has no end that is an address. */
	if (f->range.end > PAGE_ALIGN_DOWN(ULONG_MAX))
		return true;
	change = PAGE_ALIGN(f->range.end);
	if (addr >= change)
		return false;
	*end = min(*end, change);
	return true;
}

/* Whether all filters let the page at @addr pass.  Lowers *@end to where that may change. */
static bool damon_filter_passes(const struct damon_scheme *scheme, const struct damon_target *t,
				unsigned long addr, unsigned long *end)
{
	const struct damon_filter *f = scheme->filters;

	for (; f < scheme->filters + scheme->nr_filters; f++)
		if (BIT(f->type) & RANGE_FILTERS &&
		    damon_filter_matches(f, t, addr, end) == f->matching)
			return false;
	return true;
}

/**
 * damon_filter_next - find the next part of a range that the filters let pass
 * @scheme:	the scheme, see damon_check_filters()
 * @t:		the target
 * @rest:	the range, in pages; made to begin behind the part
 * @part:	gets the part
 *
 * May sleep.
 *
 * Return: whether there is one; none if the kdamond is to stop.
 */
bool damon_filter_next(const struct damon_scheme *scheme, const struct damon_target *t,
		       struct damon_range *rest, struct damon_range *part)
{
	*part = (struct damon_range) {};
	/* There may be many filters, each with another range. */
	while (rest->start < rest->end && !kthread_should_stop()) {
		unsigned long end = rest->end;
		bool passes = damon_filter_passes(scheme, t, rest->start, &end);

		if (passes && !part->end)
			part->start = rest->start;
		if (!passes && part->end)
			break;
		if (passes)
			part->end = end;
		rest->start = end;
		cond_resched();
	}
	return part->end;
}
