// SPDX-License-Identifier: GPL-2.0
/*
 * Assembles snapshots from events.
 *
 * A kdamond emits one event for each region, target by target and in order of addresses. Each event
 * has the number of regions in the snapshot. Events may be lost: a snapshot that may be incomplete
 * is not called whole, and parts of two snapshots are never combined into one.
 */
#include "../array.h"
#include "../errors.h"
#include "history.h"
#include "snapshot.h"
#include "util/intlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* DAMON's default aggregation interval. */
#define DEFAULT_AGGR_NS	(100 * NSEC_PER_MSEC)

/**
 * struct assembly - state of the assembler for one kdamond
 * @open: a snapshot is under construction
 * @nr_losses: number of losses when it was opened
 * @expected: its number of regions, according to the events
 * @last_time: time of its last event
 * @whole_target: target whose complete snapshots are used to learn the interval
 * @whole_time: time of its last complete snapshot, 0: none
 * @snapshot: the snapshot under construction
 * @capacity: number of regions that are allocated for it
 */
struct assembly {
	bool			open;
	unsigned long		nr_losses;
	u32			expected;
	u64			last_time;
	unsigned long		whole_target;
	u64			whole_time;
	struct damon_snapshot	snapshot;
	size_t			capacity;
};

/**
 * damon_assembler__init - initialize an assembler
 * @assembler: the assembler
 * @fn: called for each snapshot
 * @data: passed to @fn
 * @history: the settings of all kdamonds
 *
 * Return: 0, or -ENOMEM after printing an error.
 */
int damon_assembler__init(struct damon_assembler *assembler, damon_snapshot_fn fn, void *data,
			  const struct damon_history *history)
{
	*assembler = (struct damon_assembler){
		.fn = fn, .data = data, .history = history, .aggr_ns = DEFAULT_AGGR_NS,
		.kdamonds = intlist__new(NULL),
	};
	return assembler->kdamonds ? 0 : damon_out_of_memory();
}

/**
 * damon_assembler__exit - free everything
 * @assembler: the assembler
 */
void damon_assembler__exit(struct damon_assembler *assembler)
{
	struct int_node *node;

	intlist__for_each_entry(node, assembler->kdamonds) {
		struct assembly *assembly = node->priv;

		if (assembly)
			free(assembly->snapshot.regions);
		free(assembly);
	}
	intlist__delete(assembler->kdamonds);
}

/* Nearly always the same kdamond as for the previous event. */
static struct assembly *findnew_assembly(struct damon_assembler *assembler, pid_t kdamond)
{
	struct assembly *assembly = assembler->last;
	struct int_node *node;

	if (assembly && assembly->snapshot.kdamond == kdamond)
		return assembly;
	node = intlist__findnew(assembler->kdamonds, kdamond);
	if (!node)
		return NULL;
	if (!node->priv)
		node->priv = zalloc(sizeof(*assembly));
	assembly = node->priv;
	if (assembly)
		assembly->snapshot.kdamond = kdamond;
	assembler->last = assembly;
	return assembly;
}

/*
 * The regions of a snapshot are emitted within microseconds, and the snapshots of a target are an
 * aggregation interval apart. A limit of half an interval allows for delays of the kdamond.
 */
static bool is_pause(const struct damon_assembler *assembler, const struct assembly *assembly,
		     const struct damon_event *event)
{
	const struct damon_settings *settings = damon_history__find(assembler->history,
								    event->kdamond, event->time);
	u64 aggr_ns = settings ? settings->aggr_ns : assembler->aggr_ns;

	return event->time - assembly->last_time >= aggr_ns / 2;
}

static bool is_broken(const struct damon_assembler *assembler, const struct assembly *assembly)
{
	return assembly->nr_losses != assembler->nr_losses;
}

/*
 * Does the event belong to the open snapshot? Another target or number of regions, or a lower
 * address, shows that a new one begins. So does a pause, if events may be missing without a word;
 * else a kdamond that was held up has lost nothing. What is broken need not be broken once more.
 */
static bool continues(const struct damon_assembler *assembler, const struct assembly *assembly,
		      const struct damon_event *event)
{
	const struct damon_snapshot *snapshot = &assembly->snapshot;
	const struct damon_region *last = &snapshot->regions[snapshot->nr_regions - 1];

	if (event->target_id != snapshot->target_id || event->nr_regions != assembly->expected ||
	    event->region.start < last->end)
		return false;
	switch (assembler->missing) {
	case DAMON_MISSING_TOLD:
		return true;
	case DAMON_MISSING_ANY:
		return is_broken(assembler, assembly) || !is_pause(assembler, assembly, event);
	case DAMON_MISSING_FILTERED:
	default:
		return !is_pause(assembler, assembly, event);
	}
}

/*
 * If the aggregation interval is unknown, use the shortest time between two complete snapshots of a
 * target: a kdamond may be late, but never early.
 */
static void learn_interval(struct damon_assembler *assembler, struct assembly *assembly)
{
	u64 time = assembly->snapshot.time;

	if (!assembly->whole_time)
		assembly->whole_target = assembly->snapshot.target_id;
	else if (assembly->whole_target != assembly->snapshot.target_id)
		return;
	else if (time > assembly->whole_time)
		assembler->aggr_ns = min(assembler->aggr_ns, time - assembly->whole_time);
	assembly->whole_time = time;
}

static int close_snapshot(struct damon_assembler *assembler, struct assembly *assembly)
{
	struct damon_snapshot *snapshot = &assembly->snapshot;
	bool filtered = assembler->missing == DAMON_MISSING_FILTERED;

	assembly->open = false;
	snapshot->last_event = assembly->last_time;
	snapshot->settings = damon_history__find(assembler->history, snapshot->kdamond,
						 snapshot->time);
	snapshot->pid = damon_history__find_pid(assembler->history, snapshot->kdamond,
						snapshot->time, snapshot->target_id);
	/* The process has ended, and the kdamond still has its regions. */
	if (snapshot->pid < 0)
		return 0;
	snapshot->whole = !is_broken(assembler, assembly) &&
			  (filtered || snapshot->nr_regions == assembly->expected);
	assembler->nr_whole += snapshot->whole;
	/* Snapshots of which nothing has passed the filter are missing. */
	assembler->nr_gaps += filtered || !snapshot->whole;
	snapshot->nr_gaps = assembler->nr_gaps;
	if (snapshot->whole && !snapshot->settings)
		learn_interval(assembler, assembly);
	return assembler->fn(assembler->data, snapshot);
}

static void open_snapshot(struct assembly *assembly, const struct damon_assembler *assembler,
			  const struct damon_event *event)
{
	assembly->open = true;
	assembly->nr_losses = assembler->nr_losses;
	assembly->expected = event->nr_regions;
	assembly->snapshot.target_id = event->target_id;
	assembly->snapshot.time = event->time;
	assembly->snapshot.max_accesses = 0;
	assembly->snapshot.nr_regions = 0;
}

/**
 * damon_assembler__add - process the next event
 * @assembler: the assembler
 * @event: the event; events are added in order of time
 *
 * Return: 0, a non-zero result of the callback, or -ENOMEM after printing an error.
 */
int damon_assembler__add(struct damon_assembler *assembler, const struct damon_event *event)
{
	struct assembly *assembly = findnew_assembly(assembler, event->kdamond);
	struct damon_snapshot *snapshot;
	int err;

	if (!assembly)
		return damon_out_of_memory();
	snapshot = &assembly->snapshot;
	if (assembly->open && !continues(assembler, assembly, event)) {
		err = close_snapshot(assembler, assembly);
		if (err)
			return err;
	}
	if (!assembly->open)
		open_snapshot(assembly, assembler, event);
	if (snapshot->nr_regions == assembly->capacity &&
	    damon_array__grow(&snapshot->regions, &assembly->capacity))
		return damon_out_of_memory();
	snapshot->regions[snapshot->nr_regions++] = event->region;
	snapshot->max_accesses = max(snapshot->max_accesses, event->region.nr_accesses);
	assembly->last_time = event->time;
	return snapshot->nr_regions < assembly->expected ? 0 : close_snapshot(assembler, assembly);
}

/**
 * damon_assembler__lost - note that events were lost
 * @assembler: the assembler
 *
 * They may belong to any kdamond: all open snapshots are broken. If regions of a later snapshot
 * were lost, its number of regions shows that.
 */
void damon_assembler__lost(struct damon_assembler *assembler)
{
	assembler->nr_gaps++;
	assembler->nr_losses++;
}

/**
 * damon_assembler__is_open - check whether a snapshot has begun whose end was not seen yet
 * @assembler: the assembler
 */
bool damon_assembler__is_open(const struct damon_assembler *assembler)
{
	struct int_node *node;

	intlist__for_each_entry(node, assembler->kdamonds) {
		const struct assembly *assembly = node->priv;

		if (assembly && assembly->open)
			return true;
	}
	return false;
}

/**
 * damon_assembler__flush - close open snapshots after the last event
 * @assembler: the assembler
 *
 * Return: 0, or a non-zero result of the callback.
 */
int damon_assembler__flush(struct damon_assembler *assembler)
{
	struct int_node *node;
	int err = 0;

	intlist__for_each_entry(node, assembler->kdamonds) {
		struct assembly *assembly = node->priv;

		if (!err && assembly && assembly->open)
			err = close_snapshot(assembler, assembly);
	}
	return err;
}

/**
 * damon_snapshot__bytes - get the size of the monitored, or of the accessed memory
 * @snapshot: the snapshot
 * @threshold: minimum number of accesses of a region, 0: all memory
 *
 * Return: the size in bytes.
 */
u64 damon_snapshot__bytes(const struct damon_snapshot *snapshot, u32 threshold)
{
	u64 bytes = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		if (snapshot->regions[i].nr_accesses >= threshold)
			bytes += snapshot->regions[i].end - snapshot->regions[i].start;
	}
	return bytes;
}
