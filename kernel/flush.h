/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_FLUSH_H
#define _MM_DAMON_FLUSH_H

#include <linux/damon.h>

struct damon_pass;

/* Maximum number of pages that one interrupt invalidates, as it should be short */
#define DAMON_MAX_BATCH	128

/**
 * struct damon_batch - pages whose TLB entries are to be invalidated
 * @nr:		number of @addrs
 * @addrs:	the pages
 */
struct damon_batch {
	unsigned int nr;
	unsigned long addrs[DAMON_MAX_BATCH];
};

static inline void damon_batch_add(struct damon_batch *batch, unsigned long addr)
{
	if (batch->nr < DAMON_MAX_BATCH)
		batch->addrs[batch->nr++] = addr;
}

/**
 * enum damon_flush_mode - for how many samples the TLB is flushed
 * @DAMON_FLUSH_MOSTLY: for most, since it hides something or nothing is known yet; the
 *		others show whether that is still so
 * @DAMON_FLUSH_COMPARE: for some, to find out whether it hides something
 * @DAMON_FLUSH_RARELY: for few, to find out whether it still hides nothing
 */
enum damon_flush_mode {
	DAMON_FLUSH_MOSTLY,
	DAMON_FLUSH_COMPARE,
	DAMON_FLUSH_RARELY,
};

/**
 * enum damon_flush_kind - what is invalidated when a sample has been prepared
 * @DAMON_FLUSH_NOTHING: nothing
 * @DAMON_FLUSH_PAGES: the TLB entries of its pages
 * @DAMON_FLUSH_ALL: all TLB entries of the target
 */
enum damon_flush_kind {
	DAMON_FLUSH_NOTHING,
	DAMON_FLUSH_PAGES,
	DAMON_FLUSH_ALL,
};

/**
 * struct damon_tally - samples of one kind, and their hit rates
 * @nr:		how many there are
 * @sum:	sum of the hit rates
 * @squares:	sum of the squares of the hit rates
 */
struct damon_tally {
	unsigned int nr;
	u64 sum;
	u64 squares;
};

/**
 * struct damon_flush - an experiment: is the hit rate higher if the TLB is flushed?
 * @mode:	how often it is flushed
 * @kind:	what was invalidated for the sample that was prepared last
 * @nr_aggregations: in this mode
 * @settling:	aggregations until samples are compared
 * @known:	samples were compared before
 * @flushes_all: all TLB entries are flushed for each sample of this aggregation
 * @alarmed:	the mode may be wrong: compare samples when settled
 * @stale:	Accessed bits were cleared of pages that may be in the TLB
 * @nr_less:	aggregations in turn with less than a quarter of @usual
 * @credit_us:	time in which flushes of all entries were saved
 * @alarm_us:	time in which alarms were saved
 * @usual:	pages that samples in this mode saw accessed, a mean in which the last
 *		aggregations have most weight
 * @chance:	of this aggregation, see &damon_pass.chance
 * @nr_regions:	of the target, in this aggregation
 * @nr_passes:	passes of this aggregation
 * @young:	sum of &damon_pass.young over these, as if none was limited
 * @tally:	samples since they were compared last, without and with a flush
 * @probes:	probes of the last sample
 * @weight:	sum of the weights
 * @more:	by how much the hit rate with a flush was higher: the weighted sum of all
 *		comparisons in this mode, older ones with less and less weight
 * @variance:	variance of @more
 * @seen:	hit rates with a flush, weighted likewise
 */
struct damon_flush {
	enum damon_flush_mode mode;
	enum damon_flush_kind kind;
	unsigned int nr_aggregations;
	unsigned int settling;
	bool known;
	bool flushes_all;
	bool alarmed;
	bool stale;
	unsigned int nr_less;
	unsigned long credit_us;
	unsigned long alarm_us;
	u64 usual;
	u32 chance[2];
	unsigned int nr_regions;
	unsigned int nr_passes;
	u64 young[2];
	struct damon_tally tally[2];
	unsigned int probes;
	unsigned int weight;
	s64 more;
	u64 variance;
	u64 seen;
};

void damon_init_flush(struct damon_flush *flush);
void damon_begin_flushes(struct damon_flush *flush, const struct damon_ctx *ctx,
			 const struct damon_target *t, bool thorough);
bool damon_is_trial(const struct damon_ctx *ctx, u32 draw, unsigned long limit);
void damon_plan_pass(struct damon_flush *flush, struct damon_ctx *ctx, u32 draw,
		     unsigned long limit, bool scan_wants_flush,
		     struct damon_pass *pass);
void damon_alarm_flush(struct damon_flush *flush);
void damon_end_pass(struct damon_flush *flush, const struct damon_pass *pass);

#endif /* _MM_DAMON_FLUSH_H */
