/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_FLUSH_H
#define _MM_DAMON_FLUSH_H

#include <linux/damon.h>

struct damon_pass;

/* Pages that one interrupt invalidates at most, as it should be short */
#define DAMON_MAX_BATCH	64

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
 * enum damon_flush_mode - what is thought of what the TLB hides
 * @DAMON_FLUSH_MOSTLY: it hides something, or nothing is known yet; few samples
 *		are not flushed for, to see whether that holds
 * @DAMON_FLUSH_COMPARE: it is being found out; some are not flushed for
 * @DAMON_FLUSH_RARELY: it hides nothing; few are, to see whether that holds
 */
enum damon_flush_mode {
	DAMON_FLUSH_MOSTLY,
	DAMON_FLUSH_COMPARE,
	DAMON_FLUSH_RARELY,
};

/**
 * enum damon_flush_kind - what is done for a sample before accesses to it count
 * @DAMON_FLUSH_NOTHING: nothing
 * @DAMON_FLUSH_PAGES: the TLB entries of the pages are invalidated
 * @DAMON_FLUSH_ALL: all TLB entries of the target are
 */
enum damon_flush_kind {
	DAMON_FLUSH_NOTHING,
	DAMON_FLUSH_PAGES,
	DAMON_FLUSH_ALL,
};

/**
 * struct damon_tally - samples of one kind, and the share of probes that each hit
 * @nr:		how many there are
 * @sum:	sum of the shares
 * @squares:	sum of the squares of the shares
 */
struct damon_tally {
	unsigned int nr;
	u64 sum;
	u64 squares;
};

/**
 * struct damon_flush - an experiment: do samples see more if the TLB is flushed?
 * @mode:	what is thought
 * @kind:	what was done for the sample that was prepared last
 * @nr_aggregations: in this mode
 * @settling:	aggregations until samples are compared
 * @known:	whether samples were compared before
 * @searches:	all TLB entries are flushed for each sample of this aggregation
 * @alarmed:	what is thought may be wrong: compare when settled
 * @stale:	Accessed bits were cleared of pages that may be in the TLB
 * @nr_less:	aggregations since there were a quarter of @usual or more
 * @credit_us:	time in which flushes of all entries were saved
 * @alarm_us:	time in which alarms were saved
 * @usual:	pages that samples in this mode saw accessed, a mean in which the last
 *		aggregations count most
 * @chance:	of this aggregation, see &damon_pass.chance
 * @nr_regions:	of the target, in this aggregation
 * @nr_passes:	passes of this aggregation
 * @young:	sum of &damon_pass.young over these, as if none was limited
 * @tally:	samples since they were compared last, without and with a flush
 * @probes:	probes of the last sample
 * @weight:	sum of the weights
 * @more:	how much more those with a flush saw, of all comparisons in this
 *		mode; each is weighted, older ones count less and less
 * @variance:	of @more
 * @seen:	what those with a flush saw, weighted likewise
 */
struct damon_flush {
	enum damon_flush_mode mode;
	enum damon_flush_kind kind;
	unsigned int nr_aggregations;
	unsigned int settling;
	bool known;
	bool searches;
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
