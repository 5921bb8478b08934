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
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/types.h>

struct damon_call;
struct damon_ctx;
struct damon_target;
struct mem_cgroup;
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
 * @nr_unknown:		samples of this aggregation without a result for the region, or
 *			U16_MAX if more; at its end @nr_accesses is scaled to all samples
 * @hit:		which of its pages was seen accessed last in this aggregation, from
 *			1 on; 0: none, or one too far from its beginning
 * @mean:		running mean of @nr_accesses since the region began or its
 *			accesses changed, in sixteenths
 * @probe_young:	the Accessed bit of @probe was set when it was prepared
 * @probe_lru:		what the LRU lists said of @probe then, if the sampling interval
 *			is long
 * @weight:		number of aggregations that @mean is of, in sixteenths; 0: no mean
 * @tried:		the current pass of a scheme has tried to act on it
 * @hits:		@nr_accesses by parts of the region; 0 with operation sets that do
 *			not probe by parts
 */
struct damon_region {
	struct damon_range range;
	unsigned long probe;
	unsigned int nr_accesses;
	unsigned int last_nr_accesses;
	unsigned int age;
	u16 nr_unknown;
	u16 hit;
	unsigned int mean;
	bool probe_young;
	u8 probe_lru;
	u8 weight;
	bool tried;
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
	/* the more regions there are, the fewer samples each has */
	bool few_probes;
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
 * Each sample checks at most one page of a region, so @max_nr_regions / @sample_us bounds the
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
 * enum damon_action - what a scheme does with memory
 * @DAMON_WILLNEED:	read it in, as madvise(MADV_WILLNEED) does
 * @DAMON_COLD:		let it be the first to be reclaimed, as madvise(MADV_COLD) does
 * @DAMON_PAGEOUT:	reclaim it
 * @DAMON_HUGEPAGE:	let it have transparent huge pages, as madvise(MADV_HUGEPAGE) does
 * @DAMON_NOHUGEPAGE:	let it have none, as madvise(MADV_NOHUGEPAGE) does
 * @DAMON_LRU_PRIO:	let it be the last to be reclaimed
 * @DAMON_LRU_DEPRIO:	let it be the first to be reclaimed
 * @DAMON_MIGRATE_HOT:	move it to another NUMA node, the hottest memory first
 * @DAMON_MIGRATE_COLD:	move it to another NUMA node, the coldest memory first
 * @DAMON_STAT:		nothing; it is only counted
 * @DAMON_NR_ACTIONS:	number of actions
 */
enum damon_action {
	DAMON_WILLNEED,
	DAMON_COLD,
	DAMON_PAGEOUT,
	DAMON_HUGEPAGE,
	DAMON_NOHUGEPAGE,
	DAMON_LRU_PRIO,
	DAMON_LRU_DEPRIO,
	DAMON_MIGRATE_HOT,
	DAMON_MIGRATE_COLD,
	DAMON_STAT,
	DAMON_NR_ACTIONS,
};

/**
 * struct damon_pattern - which regions a scheme is for
 * @min_size:		bytes
 * @max_size:		bytes
 * @min_nr_accesses:	in samples of an aggregation
 * @max_nr_accesses:	in samples of an aggregation
 * @min_age:		in aggregations
 * @max_age:		in aggregations
 *
 * Each pair is a range that both values belong to.
 */
struct damon_pattern {
	unsigned long min_size;
	unsigned long max_size;
	unsigned long min_nr_accesses;
	unsigned long max_nr_accesses;
	unsigned long min_age;
	unsigned long max_age;
};

/**
 * define DAMON_NR_PRIORITIES - the number of priorities that a region can have
 */
#define DAMON_NR_PRIORITIES	100

/**
 * enum damon_filter_type - what a filter goes by
 * @DAMON_FILTER_ANON:		whether a page is anonymous
 * @DAMON_FILTER_MEMCG:		the memory cgroup that a page is charged to
 * @DAMON_FILTER_YOUNG:		whether a page has been accessed since the filter last asked
 * @DAMON_FILTER_ADDR:		addresses
 * @DAMON_FILTER_TARGET:	the target
 * @DAMON_NR_FILTER_TYPES:	number of types
 */
enum damon_filter_type {
	DAMON_FILTER_ANON,
	DAMON_FILTER_MEMCG,
	DAMON_FILTER_YOUNG,
	DAMON_FILTER_ADDR,
	DAMON_FILTER_TARGET,
	DAMON_NR_FILTER_TYPES,
};

/**
 * struct damon_filter - which memory a scheme leaves alone
 * @type:	what it goes by
 * @matching:	leave alone what is of that kind; else what is not
 * @memcg:	for DAMON_FILTER_MEMCG: the group, to which the filter holds a reference, or
 *		NULL.  Its address is not used again as long as that is held.
 * @range:	for DAMON_FILTER_ADDR
 * @target:	for DAMON_FILTER_TARGET: its place in the context, from 0 on
 */
struct damon_filter {
	enum damon_filter_type type;
	bool matching;
	union {
		struct mem_cgroup *memcg;
		struct damon_range range;
		unsigned long target;
	};
};

/**
 * enum damon_goal_metric - what a goal is measured in
 * @DAMON_GOAL_USER_INPUT:	whatever the owner says
 * @DAMON_GOAL_SOME_MEM_PSI_US:	microseconds of a quota's window in which some task waited
 *				for memory
 * @DAMON_NR_GOAL_METRICS:	number of metrics
 */
enum damon_goal_metric {
	DAMON_GOAL_USER_INPUT,
	DAMON_GOAL_SOME_MEM_PSI_US,
	DAMON_NR_GOAL_METRICS,
};

/**
 * struct damon_goal - a value that a quota is tuned towards
 * @metric:	what is measured
 * @target:	the value to reach
 * @current_value: the value now; of DAMON_GOAL_USER_INPUT the owner sets it
 */
struct damon_goal {
	enum damon_goal_metric metric;
	unsigned long target;
	unsigned long current_value;

	/* private: the total of the pressure when it moved last, in microseconds, and when */
	u64 last_total_us;
	ktime_t measured;
};

/**
 * struct damon_place - an address in one of several targets
 * @target:	the target's place in the context, from 0 on
 * @addr:	the address
 */
struct damon_place {
	unsigned int target;
	unsigned long addr;
};

/**
 * struct damon_quota - how much a scheme may do in a time window
 * @window_ms:		length of a window, in milliseconds; 0: each pass is a window
 * @ms:			time to spend, in milliseconds; 0: no limit
 * @bytes:		memory to act on; 0: no limit
 * @size_weight:	weight of a region's size when the quota is not enough for all
 * @accesses_weight:	weight of how often it is accessed
 * @age_weight:		weight of its age
 * @goals:		what the quota is tuned towards; of several, the one that is nearest to
 *			being reached, or most exceeded, counts
 * @nr_goals:		number of @goals
 */
struct damon_quota {
	unsigned long window_ms;
	unsigned long ms;
	unsigned long bytes;
	unsigned long size_weight;
	unsigned long accesses_weight;
	unsigned long age_weight;
	struct damon_goal *goals;
	unsigned int nr_goals;

	/* private: bytes that this window allows; ULONG_MAX: no limit */
	unsigned long effective_bytes;
	/* what the goals allow */
	unsigned long goal_bytes;
	/* of this window */
	ktime_t begun;
	unsigned long charged_bytes;
	u64 charged_ns;
	bool exceeded;
	/* since the goals were measured last: it was not enough */
	bool wanted_more;
	/* since the start, to convert time to bytes */
	u64 total_bytes;
	u64 total_ns;
	/* where to go on */
	struct damon_place next;
};

/**
 * enum damon_watermark_metric - what watermarks are measured in
 * @DAMON_WATERMARK_NONE:		nothing: the scheme is always active
 * @DAMON_WATERMARK_FREE_MEM_RATE:	free memory, in thousandths of all memory
 * @DAMON_NR_WATERMARK_METRICS:		number of metrics
 */
enum damon_watermark_metric {
	DAMON_WATERMARK_NONE,
	DAMON_WATERMARK_FREE_MEM_RATE,
	DAMON_NR_WATERMARK_METRICS,
};

/**
 * struct damon_watermarks - when a scheme is active
 * @metric:		what is measured
 * @interval_us:	shortest time between two checks, in microseconds
 * @high:		above it the scheme becomes inactive
 * @mid:		at it or below, down to @low, the scheme becomes active
 * @low:		below it the scheme becomes inactive
 */
struct damon_watermarks {
	enum damon_watermark_metric metric;
	unsigned long interval_us;
	unsigned long high;
	unsigned long mid;
	unsigned long low;

	/* private: */
	bool inactive;
	ktime_t next;
};

/**
 * struct damon_scheme_stats - what a scheme has done
 * @nr_tried:	how many times a region was to be acted on
 * @sz_tried:	bytes of these
 * @nr_applied:	on how many regions the action worked, at most: neighbours are acted on
 *		together, and each counts if it worked anywhere in what was acted on at once
 * @sz_applied:	bytes on which it did
 * @qt_exceeds:	windows in which the quota was not enough
 */
struct damon_scheme_stats {
	unsigned long nr_tried;
	unsigned long sz_tried;
	unsigned long nr_applied;
	unsigned long sz_applied;
	unsigned long qt_exceeds;
};

/**
 * struct damon_scheme - what to do with which memory
 * @list:		in &damon_ctx.schemes
 * @pattern:		which regions
 * @action:		what to do with them
 * @nid:		NUMA node for DAMON_MIGRATE_HOT and DAMON_MIGRATE_COLD
 * @apply_interval_us:	how often, in microseconds; 0: at the end of each aggregation
 * @quota:		how much
 * @watermarks:		when
 * @filters:		memory to leave alone; the scheme's, kvfree()d with it after dropping
 *			their references
 * @nr_filters:		number of @filters
 * @stats:		what it has done; kept by damon_commit() if the scheme at the same
 *			place has the same action
 */
struct damon_scheme {
	struct list_head list;
	struct damon_pattern pattern;
	enum damon_action action;
	int nid;
	unsigned long apply_interval_us;
	struct damon_quota quota;
	struct damon_watermarks watermarks;
	struct damon_filter *filters;
	unsigned int nr_filters;
	struct damon_scheme_stats stats;

	/* private: samples until it is applied */
	unsigned long samples_left;
	/* passes over all regions */
	unsigned long nr_passes;
	/* passes to leave out, as nothing could be done in the last ones */
	unsigned int nr_failed;
	unsigned int nr_skips;
};

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
 * @actions:	BIT(enum damon_action) of what @act can do
 * @filters:	BIT(enum damon_filter_type) of what @act can filter by, beside addresses and
 *		targets
 * @act:	for @actions: do @scheme->action to the beginning of @range, memory of @t, as
 *		much as takes about a millisecond, and make @range begin behind that, at
 *		another page.  Returns on how many bytes the action worked, or a negative
 *		errno if it worked nowhere although there was something to act on.  May
 *		sleep.
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
	unsigned int actions;
	unsigned int filters;
	long (*act)(struct damon_target *t, const struct damon_scheme *scheme,
		    struct damon_range *range);
	void (*settle)(struct damon_ctx *ctx);
	void (*free_target)(struct damon_target *t);
	void (*free_ctx)(struct damon_ctx *ctx);
};

/**
 * struct damon_call - something that the kdamond is to do for another thread
 * @poll:	called by the kdamond, as soon as it has time, and then each time after it has
 *		applied schemes, or while none is active has checked watermarks, until it
 *		returns true; may read and change the context's schemes, not
 *		its list of them.  May sleep.
 * @before_act:	or NULL: called by the kdamond for each region, or part of one, that a
 *		scheme is going to act on, from the first @poll to the last one; must change
 *		nothing.  May sleep.
 * @arg:	argument of both
 * @release:	or NULL: called by the kdamond, as the last thing, if the caller was killed and
 *		has left the call behind, to free it.  The context may be gone then.  May
 *		sleep.
 */
struct damon_call {
	bool (*poll)(struct damon_ctx *ctx, void *arg);
	void (*before_act)(const struct damon_scheme *scheme,
			   const struct damon_region *r, void *arg);
	void *arg;
	void (*release)(struct damon_call *call);

	/* private: NULL as soon as the call has ended */
	struct damon_ctx *ctx;
	struct completion done;
	bool polled;
	bool cancelled;
	int err;
};

/**
 * struct damon_ctx - one monitoring: targets, attributes and their kdamond
 * @attrs:	set by the owner, see damon_check_attrs()
 * @ops:	set by the owner before the first start, mostly to what damon_find_ops()
 *		returns; not freed
 * @targets:	of struct damon_target, see damon_add_target()
 * @schemes:	of struct damon_scheme, see damon_add_scheme()
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
	struct list_head schemes;
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
	/* the share of regions whose accesses are certain that get a probe in a sample, of 2^32 */
	u32 certain_chance;
	/* where accesses seem to change inside regions, of all targets in turn */
	struct damon_cuts cuts;
	/* where regions are being cut */
	struct damon_cuts plan;
	/* ranges that a scheme has tried to act on, as pairs of addresses */
	struct damon_cuts tried;
	/* pages that a scheme is for, by priority */
	unsigned long pages[DAMON_NR_PRIORITIES];
	/* pages are prepared, to be checked by the next sample */
	bool prepared;
	/* number of regions after the last merge */
	unsigned int settled_nr;
	/* the kdamond has begun */
	struct completion started;
	/* what is to be taken over at the end of this aggregation, or NULL */
	struct damon_ctx *next;
	/* how many times that was done */
	unsigned long nr_commits;
	/* what damon_queue_call() has left, or NULL */
	struct damon_call *call;
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
 * damon_for_each_scheme - go through the schemes of a context
 * @s:		the current one, a pointer
 * @ctx:	the context
 */
#define damon_for_each_scheme(s, ctx) \
	list_for_each_entry(s, &(ctx)->schemes, list)

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

/* Schemes */
struct damon_scheme *damon_add_scheme(struct damon_ctx *ctx);

/* Monitoring */
int damon_start(struct damon_ctx *ctx, bool exclusive);
int damon_stop(struct damon_ctx *ctx);
int damon_commit(struct damon_ctx *ctx, struct damon_ctx *new);
int damon_queue_call(struct damon_ctx *ctx, struct damon_call *call);
int damon_wait_call(struct damon_call *call);
pid_t damon_kdamond_pid(struct damon_ctx *ctx);

#endif /* _LINUX_DAMON_H */
