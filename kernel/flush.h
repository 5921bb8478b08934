/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_FLUSH_H
#define _MM_DAMON_FLUSH_H

#include <linux/damon.h>

/**
 * struct damon_flush - whether to flush the TLB for a target
 * @on:		do so, until it is judged next
 * @tested:	it has been tested in this aggregation whether that pays
 * @hinted:	the last test has given hints, and the next one is for these
 * @wait:	aggregations until the next test, if not @on
 * @backoff:	what @wait was last
 * @sample:	number of the sample that was flushed for last, or would have been
 *		if the target had run
 * @nr_tests:	tests since it was judged last
 * @shift:	what pages are divided by for weights, as a power of 2
 * @by_rate:	accesses that these should have seen without a flush, going by
 *		what regions did before; in thousandths, each weighted with the
 *		size of its region
 * @by_others:	the same, going by the other probes of the region
 * @again:	accesses that they have seen
 * @variance:	what of the square of the difference may be chance
 * @seen:	accesses of this test that were asked for again, weighted, if @on
 * @seen_rate:	these, each times the rate of its region
 * @heat:	pages times rate of accesses, in the last aggregation
 */
struct damon_flush {
	bool on;
	bool tested;
	bool hinted;
	unsigned int wait;
	unsigned int backoff;
	unsigned int sample;
	unsigned int nr_tests;
	unsigned int shift;
	u64 by_rate;
	u64 by_others;
	u64 again;
	u64 variance;
	u64 seen;
	u64 seen_rate;
	u64 heat;
};

bool damon_take_flush(const struct damon_ctx *ctx, struct damon_target *t,
		      unsigned int left);
void damon_begin_test(struct damon_target *t);
void damon_note_repeated(struct damon_ctx *ctx, struct damon_target *t,
			 const struct damon_region *r, unsigned int seen,
			 unsigned int again);
void damon_end_test(struct damon_target *t);
void damon_plan_flush(struct damon_target *t, unsigned int samples);

#endif /* _MM_DAMON_FLUSH_H */
