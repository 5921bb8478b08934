/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Monitoring of data accesses: the interface for users inside the kernel.
 *
 * A context says what to watch and how (targets, intervals, bounds); a thread
 * of its own, the kdamond, does the watching.  The targets' memory is kept as
 * regions, and the access of one page is taken for the access of its region.
 * Documentation/mm/damon/design.rst tells the whole story.
 */
#ifndef _LINUX_DAMON_H
#define _LINUX_DAMON_H

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/prandom.h>
#include <linux/types.h>

struct damon_ctx;
struct damon_flush;
struct damon_hints;
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
 * define DAMON_NR_PARTS - equal parts of a region that samples take turns at
 *
 * Its accesses then say not only how many there are but also where.  A power of
 * two.
 */
#define DAMON_NR_PARTS		8

/**
 * define DAMON_MAX_PROBES - samples that can be taken at once
 */
#define DAMON_MAX_PROBES	4

/**
 * struct damon_region - neighbouring pages that seem to be accessed alike
 * @range:		the addresses; never empty
 * @probes:		pages whose accesses stand for the region's in the current
 *			sample, or DAMON_NO_PROBE: one, or after a flush
 *			of the TLB those of several samples at once
 * @nr_accesses:	samples of this aggregation that saw their probe accessed
 * @last_nr_accesses:	@nr_accesses of the aggregation before
 * @age:		aggregations since @nr_accesses last changed notably
 * @mean:		mean of @nr_accesses over the last @windows aggregations,
 *			in sixteenths
 * @windows:		aggregations that @mean is of, since what the region is
 *			or does last changed; 0 if there has been none
 * @hits:		@nr_accesses by parts of the region; may be left alone by
 *			operation sets that do not take turns at them
 */
struct damon_region {
	struct damon_range range;
	unsigned long probes[DAMON_MAX_PROBES];
	unsigned int nr_accesses;
	unsigned int last_nr_accesses;
	unsigned int age;
	unsigned int mean;
	unsigned int windows;
	u16 hits[DAMON_NR_PARTS];
};

/**
 * DAMON_NO_PROBE - instead of the address of a page: none has been prepared
 *
 * No page begins there, as it is no multiple of PAGE_SIZE.
 */
#define DAMON_NO_PROBE	ULONG_MAX

/**
 * struct damon_regions - regions, sorted by address and disjoint
 * @v:		the regions
 * @nr:		how many there are
 * @capacity:	how many fit into @v
 *
 * An array and not a list: a sample visits every region every few
 * milliseconds, and adjusting them is one pass from end to end.
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
 * struct damon_target - something whose memory is watched
 * @list:	in &damon_ctx.targets
 * @pid:	the process, for operation sets that watch address spaces;
 *		the target holds a reference
 * @private:	for the operation set, should it need more than @pid; NULL in a
 *		new target, and nothing to the core but what tells targets apart
 * @ranges:	the ranges that the owner wants watched, see damon_set_ranges()
 * @nr_ranges:	number of @ranges
 * @regions:	what is known of its memory; the kdamond's while one runs
 */
struct damon_target {
	struct list_head list;
	struct pid *pid;
	void *private;
	struct damon_range *ranges;
	unsigned int nr_ranges;
	struct damon_regions regions;

	/* private: the ranges to watch have been looked up since the start */
	bool begun;
	/* where accesses seem to change inside regions */
	struct damon_cuts cuts;
	/* of &damon_operations.hint, NULL before the first */
	struct damon_hints *hints;
	/* whether &damon_operations.flush pays */
	struct damon_flush *flush;
	/* of &damon_operations.has_run */
	unsigned long switches;
	/* the sample prepared last, and how many were prepared at once with it */
	unsigned int sample;
	unsigned int nr_samples;
	/* moments at which the samples of this aggregation were prepared */
	unsigned int nr_looks;
	/* probes of each region that wait to be checked */
	unsigned int nr_probes;
	/* these are pages that were seen accessed before */
	bool repeated;
	/* a scan for hints waits to be ended */
	bool scanning;
};

/**
 * struct damon_attrs - how finely, how often and at what cost to watch
 * @sample_us:	time between two samples, in microseconds; at least 1
 * @aggr_us:	time over which samples are counted before regions are reported
 *		and adjusted; at least @sample_us
 * @update_us:	time between two looks at which memory the targets have, at
 *		least 1; looked at between two aggregations only
 * @min_nr_regions: fewest regions, all targets together; at least 3
 * @max_nr_regions: most regions, all targets together; at least
 *		@min_nr_regions
 * @max_tlb_flushes: most flushes of a target's TLB entries in a second, of
 *		those operation sets that do so; 0: none.  There is also at
 *		most one in four samples.
 *
 * Each sample checks one page a region, so @max_nr_regions / @sample_us bounds
 * the cost, whatever the size of the targets.
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
 * DAMON_DEFAULT_MAX_TLB_FLUSHES, in a second: 5 ms, 100 ms, 60 s, 10, 1,000 and 50.
 */
#define DAMON_DEFAULT_SAMPLE_US		5000UL
#define DAMON_DEFAULT_AGGR_US		100000UL
#define DAMON_DEFAULT_UPDATE_US		60000000UL
#define DAMON_DEFAULT_MIN_NR_REGIONS	10UL
#define DAMON_DEFAULT_MAX_NR_REGIONS	1000UL
#define DAMON_DEFAULT_MAX_TLB_FLUSHES	50UL

/**
 * DOC: What a pass over the regions does
 *
 * &damon_operations.sample gets a set of these:
 *
 * * DAMON_CHECK: look whether the page that was prepared last has been accessed
 * * DAMON_PREPARE: prepare the next one
 * * DAMON_BURST: do so with one page for each of &damon_target.nr_samples
 * * DAMON_REPEAT: prepare what was just found accessed once more
 *
 * The last two are asked only of operation sets that can flush, and
 * &damon_operations.hint gets one of the first two.
 */
#define DAMON_CHECK	BIT(0)
#define DAMON_PREPARE	BIT(1)
#define DAMON_BURST	BIT(2)
#define DAMON_REPEAT	BIT(3)

/**
 * struct damon_operations - how to watch one kind of memory
 * @name:	what users select it by; unique, one word
 * @processes:	whether targets are processes, and need a pid
 * @get_ranges:	store the ranges of @t that are to be watched, sorted and
 *		disjoint, into a newly allocated *@ranges, which the caller
 *		kvfree()s.  Returns their number, -ESRCH once there is no @t any
 *		more, or another negative errno.  May sleep.
 * @sample:	do @what (DAMON_CHECK, DAMON_PREPARE) for each region of @t: add
 *		to &damon_region.nr_accesses, set &damon_region.probes.  Returns
 *		0, or -ESRCH once there is no @t any more.  May sleep.
 * @hint:	optional: find where in regions that seem idle something is
 *		accessed, between DAMON_PREPARE and DAMON_CHECK, which are one
 *		sample apart.  May sleep.
 * @flush:	optional: flush what the target's TLBs have, so that accesses
 *		to pages that were just prepared are seen.  May sleep.
 * @has_run:	optional, with @flush: whether the target runs, or has since the
 *		call before; if not there is nothing to flush for
 *
 * All are called by the context's kdamond, one after the other and without a
 * lock.  @get_ranges is called by damon_start() and damon_commit(), too: by the
 * latter for targets that are new, while the kdamond runs, so it must bear to run
 * beside the other functions.  Who waits long, for a lock of the target for one,
 * should do so killably: damon_stop() sends the kdamond a SIGKILL.  Ranges are
 * multiples of PAGE_SIZE.
 */
struct damon_operations {
	const char *name;
	bool processes;
	int (*get_ranges)(struct damon_target *t, struct damon_range **ranges);
	int (*sample)(struct damon_ctx *ctx, struct damon_target *t,
		      unsigned int what);
	void (*hint)(struct damon_ctx *ctx, struct damon_target *t,
		     unsigned int what);
	void (*flush)(struct damon_target *t);
	bool (*has_run)(struct damon_target *t);
};

/**
 * struct damon_ctx - one monitoring: targets, attributes and their kdamond
 * @attrs:	set by the owner, see damon_check_attrs()
 * @ops:	set by the owner, with the reference of damon_find_ops(), which is
 *		the context's then
 * @targets:	of struct damon_target, see damon_add_target()
 * @aggregated:	set by the owner if it wants the results, else NULL: called by
 *		the kdamond at the end of each aggregation, when regions are
 *		merged, and not yet cut again for the next one
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

	/* private: for the choice of pages and splits */
	struct rnd_state random;
	/* the regions of a target are rebuilt into this */
	struct damon_regions spare;
	/* number of this sample, counted since the context was made */
	unsigned int sample;
	/* number of the first of this aggregation */
	unsigned int first_sample;
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
 * @t:		struct damon_target *, the current one
 * @ctx:	the context
 */
#define damon_for_each_target(t, ctx) \
	list_for_each_entry(t, &(ctx)->targets, list)

/**
 * damon_for_each_region - go through regions in the order of their addresses
 * @r:		struct damon_region *, the current one
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

/* Operation sets */
int damon_register_ops(const struct damon_operations *ops);
int damon_unregister_ops(const struct damon_operations *ops);
const struct damon_operations *damon_find_ops(const char *name);
const struct damon_operations *damon_get_ops(const struct damon_operations *ops);
void damon_put_ops(const struct damon_operations *ops);
const struct damon_operations *damon_next_ops(const struct damon_operations *ops);

/* Contexts and their targets */
struct damon_ctx *damon_new_ctx(void);
void damon_free_ctx(struct damon_ctx *ctx);
int damon_check_attrs(const struct damon_attrs *attrs);
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
