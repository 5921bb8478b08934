/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_VA_SAMPLE_H
#define _MM_DAMON_VA_SAMPLE_H

#include <linux/damon.h>

#include "flush.h"
#include "gaps.h"
#include "hints.h"
#include "probe.h"
#include "scan.h"

/**
 * struct damon_va_target - what is known of an address space: &damon_target.state
 * @flush:	whether its TLB entries hide something
 * @may_flush:	whether they may be invalidated
 * @gaps:	what was not mapped of it at the last update
 * @nr_quiet:	aggregations since a scan without a flush has found something
 */
struct damon_va_target {
	struct damon_flush flush;
	bool may_flush;
	struct damon_gaps gaps;
	unsigned int nr_quiet;
};

/**
 * struct damon_va - samples of address spaces: &damon_ctx.state
 * @batch:	pages of one target whose TLB entries are to be invalidated
 * @hints:	what scans of upper page tables have found
 * @scan:	of upper page tables
 * @scan_left:	samples until it has to end; 0: there is none
 * @scan_trial:	it began with a flush of the TLB that is a trial
 * @flushes:	a target is in a mode with many flushes
 * @flush_second: for damon_tlb_limit()
 */
struct damon_va {
	struct damon_batch batch;
	struct damon_hints hints;
	struct damon_scan scan;
	unsigned int scan_left;
	bool scan_trial;
	bool flushes;
	unsigned long flush_second;
};

/**
 * struct damon_va_hw - what samples do to page tables and TLBs
 * @probe:	do a pass over the regions of a target, fill the batch, and invalidate
 *		what &damon_pass.kind says.  Returns 0, or -ESRCH once there is no target
 *		any more.
 * @may_scan:	whether there are upper page tables with Accessed bits
 * @begin_scan:	clear the Accessed bits of the entries of a scan
 * @end_scan:	add hints where they are set again, and restore the others
 * @limit:	see damon_tlb_limit()
 *
 * @probe, @begin_scan and @end_scan may sleep.
 */
struct damon_va_hw {
	int (*probe)(struct damon_ctx *ctx, struct damon_target *t,
		     struct damon_pass *pass, struct damon_batch *batch);
	bool (*may_scan)(void);
	void (*begin_scan)(struct damon_scan *scan);
	void (*end_scan)(struct damon_scan *scan, struct damon_hints *hints);
	unsigned long (*limit)(bool wanted, unsigned long *last);
};

bool damon_va_take_sample(struct damon_ctx *ctx, unsigned int what,
			  const struct damon_va_hw *hw);
void damon_va_stop_scan(struct damon_ctx *ctx,
			const struct damon_va_hw *hw);
struct damon_va_target *damon_va_get_target(struct damon_target *t);
void damon_va_free_target(struct damon_target *t);
const struct damon_cuts *damon_va_get_cuts(struct damon_ctx *ctx,
					   const struct damon_target *t);
void damon_va_free_ctx(struct damon_ctx *ctx);

#endif /* _MM_DAMON_VA_SAMPLE_H */
