/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Monitoring of data accesses: the interface for users inside the kernel.
 *
 * A context has targets, intervals and bounds, and is run by a thread of its own, the
 * kdamond.  The memory of a target is divided into regions, and accesses to one page of a
 * region stand for the region.  See Documentation/mm/damon/design.rst.
 */
#ifndef _LINUX_DAMON_H
#define _LINUX_DAMON_H

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/types.h>

struct damon_ctx;
struct damon_target;
struct pid;
struct task_struct;

/**
 * struct damon_range - a range of addresses, [start, end)
 * @start:	first byte, a multiple of PAGE_SIZE
 * @end:	first byte behind the range, a multiple of PAGE_SIZE
 */
struct damon_range {
	unsigned long start;
	unsigned long end;
};

/**
 * define DAMON_NR_PARTS - number of equal parts of a region
 *
 * Each sample probes one part, so counts by part show where in the region accesses are.
 * A power of two.
 */
#define DAMON_NR_PARTS		8

/**
 * struct damon_region - neighbouring pages that seem to be accessed equally often
 * @range:		the addresses; never empty
 * @probe:		the page that is checked next, or DAMON_NO_PROBE
 * @nr_accesses:	samples of this aggregation that saw their probe accessed
 * @last_nr_accesses:	@nr_accesses of the aggregation before
 * @age:		aggregations since @nr_accesses last changed by more than a tenth
 * @nr_unknown:		samples of this aggregation without a result for the region; at
 *			its end @nr_accesses is scaled to all samples
 * @mean:		running mean of @nr_accesses since the region began or its
 *			accesses changed, in sixteenths
 * @probe_young:	the Accessed bit of @probe was set when it was prepared
 * @probe_lru:		what the LRU lists said of @probe then, if the sampling interval
 *			is long
 * @weight:		number of aggregations that @mean is of, in sixteenths; 0: no mean
 * @hits:		@nr_accesses by parts of the region; 0 with operation sets that do
 *			not probe by parts
 */
struct damon_region {
	struct damon_range range;
	unsigned long probe;
	unsigned int nr_accesses;
	unsigned int last_nr_accesses;
	unsigned int age;
	unsigned int nr_unknown;
	unsigned int mean;
	bool probe_young;
	u8 probe_lru;
	u8 weight;
	u8 hits[DAMON_NR_PARTS];
};

/**
 * DAMON_NO_PROBE - no page has been prepared
 *
 * No multiple of PAGE_SIZE, so it can't be the address of a page.
 */
#define DAMON_NO_PROBE	ULONG_MAX

/**
 * struct damon_regions - regions, sorted by address and disjoint
 * @v:		the regions
 * @nr:		how many there are
 * @capacity:	how many fit into @v
 *
 * An array and not a list, since a sample visits every region every few milliseconds,
 * and regions are adjusted in one pass.
 */
struct damon_regions {
	struct damon_region *v;
	unsigned int nr;
	unsigned int capacity;
};

/**
 * struct damon_cuts - addresses where regions are to be cut
 * @v:		addresses of pages, ascending
 * @nr:		how many there are
 * @capacity:	how many fit into @v
 */
struct damon_cuts {
	unsigned long *v;
	unsigned int nr;
	unsigned int capacity;
};

/**
 * struct damon_target - a process, or other memory, that is watched
 * @list:	in &damon_ctx.targets
 * @pid:	the process, for operation sets that watch address spaces;
 *		the target holds a reference
 * @ranges:	the ranges that the owner has set, see damon_set_ranges()
 * @nr_ranges:	number of @ranges
 * @regions:	what is known of its memory; the kdamond's while one runs
 * @private:	for the owner, if it has an operation set of its own; NULL in a new
 *		target.  The core only compares it: targets that differ in it are not
 *		the same.
 * @state:	what the operation set remembers of the target as long as @regions are
 *		kept; NULL: nothing yet
 */
struct damon_target {
	struct list_head list;
	struct pid *pid;
	struct damon_range *ranges;
	unsigned int nr_ranges;
	struct damon_regions regions;
	void *private;
	void *state;

	/* private: ranges have been looked up since the start */
	bool begun;
	/* place in the context; the tracepoint's target_id */
	unsigned int index;
	/* how many of &damon_ctx.cuts are the target's */
	unsigned int nr_cuts;
	/* samples of this aggregation that tell something, by part */
	u8 probed[DAMON_NR_PARTS];
};

/**
 * struct damon_attrs - how finely, how often and at what cost to watch
 * @sample_us:	time between two samples, in microseconds; at least 1
 * @aggr_us:	time over which samples are counted before regions are reported
 *		and adjusted; at least @sample_us
 * @update_us:	time between two updates of which memory the targets have, at least 1;
 *		updates are between two aggregations only
 * @min_nr_regions: fewest regions, all targets together; at least 3
 * @max_nr_regions: most regions, all targets together; at least
 *		@min_nr_regions
 * @max_tlb_flushes: most samples in a second for which CPUs that run a target
 *		are interrupted to invalidate TLB entries, by those operation
 *		sets that do so; 0: none
 *
 * Each sample checks one page of a region, so @max_nr_regions / @sample_us bounds the
 * cost, whatever the size of the targets.
 */
struct damon_attrs {
	unsigned long sample_us;
	unsigned long aggr_us;
	unsigned long update_us;
	unsigned long min_nr_regions;
	unsigned long max_nr_regions;
	unsigned long max_tlb_flushes;
};

/**
 * DOC: Attributes of a new context
 *
 * DAMON_DEFAULT_SAMPLE_US, DAMON_DEFAULT_AGGR_US and DAMON_DEFAULT_UPDATE_US, in
 * microseconds; DAMON_DEFAULT_MIN_NR_REGIONS and DAMON_DEFAULT_MAX_NR_REGIONS; and
 * DAMON_DEFAULT_MAX_TLB_FLUSHES, in a second: 5 ms, 100 ms, 60 s, 10, 1,000 and 200.
 */
#define DAMON_DEFAULT_SAMPLE_US		5000UL
#define DAMON_DEFAULT_AGGR_US		100000UL
#define DAMON_DEFAULT_UPDATE_US		60000000UL
#define DAMON_DEFAULT_MIN_NR_REGIONS	10UL
#define DAMON_DEFAULT_MAX_NR_REGIONS	1000UL
#define DAMON_DEFAULT_MAX_TLB_FLUSHES	200UL

/**
 * DOC: What a pass over the regions does
 *
 * &damon_operations.sample gets a set of these:
 *
 * * DAMON_CHECK: see whether the page that was prepared last has been accessed
 * * DAMON_PREPARE: prepare the next one
 */
#define DAMON_CHECK	BIT(0)
#define DAMON_PREPARE	BIT(1)

/**
 * struct damon_operations - how to watch one kind of memory
 * @name:	what users select it by; one word
 * @processes:	whether targets are processes, and need a pid
 * @get_ranges:	store the ranges of @t that are to be watched, sorted and
 *		disjoint, into a newly allocated *@ranges, which the caller
 *		kvfree()s: at most @most, which is 3 or more, if it is the set
 *		that chooses what to leave out.  Returns their number, -ESRCH once
 *		there is no @t any more, or another negative errno.  May sleep.
 * @sample:	do @what (DAMON_CHECK, DAMON_PREPARE) for each region of each target:
 *		add to &damon_region.nr_accesses, set &damon_region.probe.  The
 *		first call of an aggregation only prepares, the last one only
 *		checks.  Targets that have ended lose their regions.  Returns
 *		whether any target is left.  May sleep.
 * @get_cuts:	optional: return the addresses, ascending, at which the operation set
 *		knows that accesses to @t change; never NULL.  Called at the end of an
 *		aggregation, before regions are merged, for each target in turn.  The
 *		result is used before the next call.  May sleep.
 * @settle:	optional: end what must not last until the next sample.  Called
 *		&damon_ctx.settle_us after @sample if that has set it and a sample
 *		takes longer, and if no sample is going to follow.  May sleep.
 * @free_target: free &damon_target.state; needed if that is ever set.  May sleep.
 * @free_ctx:	free &damon_ctx.state; needed if that is ever set.  May sleep.
 *
 * All but the last two are called by the context's kdamond, one after the other and
 * without a lock.  @get_ranges is called by damon_start() and damon_commit(), too.  The
 * latter calls it for its new targets while the kdamond runs, so it may run at the same
 * time as the other functions.  A function that may wait long, for example for a lock of
 * the target, should do so killably: damon_stop() sends SIGKILL to the kdamond.  Ranges
 * are multiples of PAGE_SIZE.
 */
struct damon_operations {
	const char *name;
	bool processes;
	int (*get_ranges)(struct damon_target *t, unsigned int most,
			  struct damon_range **ranges);
	bool (*sample)(struct damon_ctx *ctx, unsigned int what);
	const struct damon_cuts *(*get_cuts)(struct damon_ctx *ctx,
					     const struct damon_target *t);
	void (*settle)(struct damon_ctx *ctx);
	void (*free_target)(struct damon_target *t);
	void (*free_ctx)(struct damon_ctx *ctx);
};

/**
 * struct damon_ctx - one monitoring: targets, attributes and their kdamond
 * @attrs:	set by the owner, see damon_check_attrs()
 * @ops:	set by the owner before the first start, mostly to what damon_find_ops()
 *		returns; not freed
 * @targets:	of struct damon_target, see damon_add_target()
 * @aggregated:	set by the owner if it wants the results, or NULL: called by the kdamond
 *		at the end of each aggregation, after regions are merged and before they
 *		are cut for the next one
 * @private:	for the owner
 *
 * The owner may change a context only while no kdamond runs it.
 *
 * @aggregated is called without a lock and may sleep, but meanwhile nothing is
 * sampled.  It may read @targets, their regions and @attrs, which are valid
 * until it returns, and call damon_commit() and damon_kdamond_pid().  It must
 * change nothing of the context, and must not call damon_stop(), which would
 * wait for its own caller.  After damon_stop() it is not called any more, nor
 * once damon_kdamond_pid() says that no kdamond runs.
 */
struct damon_ctx {
	struct damon_attrs attrs;
	const struct damon_operations *ops;
	struct list_head targets;
	void (*aggregated)(const struct damon_ctx *ctx);
	void *private;

	/* private: what the operation set remembers, or NULL */
	void *state;
	/* for the choice of pages and splits */
	struct rnd_state random;
	/* microseconds until &damon_operations.settle is to be called; 0: need not be */
	unsigned long settle_us;
	/* parts that the current sample and the next one probe, and their order */
	unsigned int part;
	unsigned int next_part;
	unsigned int nr_parts_left;
	u8 parts[DAMON_NR_PARTS];
	/* where accesses seem to change inside regions, of all targets in turn */
	struct damon_cuts cuts;
	/* where regions are being cut */
	struct damon_cuts plan;
	/* pages are prepared, to be checked by the next sample */
	bool prepared;
	/* number of regions after the last merge */
	unsigned int settled_nr;
	/* the kdamond has begun */
	struct completion started;
	/* what is to be taken over at the end of this aggregation, or NULL */
	struct damon_ctx *next;
	/* damon_start() is at it */
	bool starting;
	/* NULL while none runs */
	struct task_struct *kdamond;
};

/**
 * damon_for_each_target - go through the targets of a context
 * @t:		the current one, a pointer
 * @ctx:	the context
 */
#define damon_for_each_target(t, ctx) \
	list_for_each_entry(t, &(ctx)->targets, list)

/**
 * damon_for_each_region - go through regions in the order of their addresses
 * @r:		the current one, a pointer
 * @regions:	the regions
 */
#define damon_for_each_region(r, regions) \
	for (r = (regions)->v; r < (regions)->v + (regions)->nr; r++)

/**
 * damon_range_size - the size of a range
 * @r:		the range
 *
 * Return: bytes.
 */
static inline unsigned long damon_range_size(const struct damon_range *r)
{
	return r->end - r->start;
}

/**
 * damon_max_accesses - the largest number of accesses a region can show
 * @attrs:	valid attributes
 *
 * Return: the number of samples in an aggregation; at least 1, and a mean of as
 * many in sixteenths fits into an unsigned int.
 */
static inline unsigned int damon_max_accesses(const struct damon_attrs *attrs)
{
	return min(attrs->aggr_us / attrs->sample_us,
		   (unsigned long)UINT_MAX / 16);
}

const struct damon_operations *damon_find_ops(const char *name);

/* Contexts and their targets */
struct damon_ctx *damon_new_ctx(void);
void damon_free_ctx(struct damon_ctx *ctx);
int damon_check_attrs(const struct damon_attrs *attrs);
void damon_set_attrs(struct damon_ctx *ctx, const struct damon_attrs *attrs);
struct damon_target *damon_add_target(struct damon_ctx *ctx, struct pid *pid);
int damon_set_ranges(struct damon_target *t, const struct damon_range *ranges,
		     unsigned int nr);
int damon_copy_ranges(const struct damon_target *t, struct damon_range **ranges);

/* Monitoring */
int damon_start(struct damon_ctx *ctx, bool exclusive);
int damon_stop(struct damon_ctx *ctx);
int damon_commit(struct damon_ctx *ctx, struct damon_ctx *new);
pid_t damon_kdamond_pid(struct damon_ctx *ctx);

#endif /* _LINUX_DAMON_H */
