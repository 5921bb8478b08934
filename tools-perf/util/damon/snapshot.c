// SPDX-License-Identifier: GPL-2.0
/*
 * Assembles snapshots from events.
 *
 * A kdamond emits one event for each region, target by target and in order of
 * addresses. Each event contains the number of regions in the snapshot. Events
 * may be lost. A snapshot that may be incomplete is counted, but not reported:
 * parts of two snapshots must not be combined into one.
 */
#include "array.h"
#include "errors.h"
#include "snapshot.h"
#include "util/hashmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* DAMON's default aggregation interval. */
#define DEFAULT_AGGR_NS	(100 * NSEC_PER_MSEC)

/**
 * struct assembly - state of the assembler for one kdamond
 * @list: in the list of all kdamonds
 * @open: a snapshot is under construction
 * @broken: events were lost since it was opened
 * @expected: its number of regions, according to the events
 * @last_time: time of its last event
 * @whole_target: target whose complete snapshots are used to learn the interval
 * @whole_time: time of its last complete snapshot, 0: none
 * @snapshot: the snapshot under construction
 * @capacity: number of regions that are allocated for it
 */
struct assembly {
	struct list_head	list;
	bool			open;
	bool			broken;
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
 * @aggr_ns: the aggregation interval, 0: unknown
 */
void damon_assembler__init(struct damon_assembler *assembler, damon_snapshot_fn fn, void *data,
			   u64 aggr_ns)
{
	memset(assembler, 0, sizeof(*assembler));
	assembler->fn = fn;
	assembler->data = data;
	INIT_LIST_HEAD(&assembler->kdamonds);
	damon_assembler__set_interval(assembler, aggr_ns);
}

/**
 * damon_assembler__set_interval - set the aggregation interval
 * @assembler: the assembler
 * @aggr_ns: the aggregation interval, 0: unknown
 */
void damon_assembler__set_interval(struct damon_assembler *assembler, u64 aggr_ns)
{
	assembler->guess = !aggr_ns;
	assembler->aggr_ns = aggr_ns ?: DEFAULT_AGGR_NS;
}

/**
 * damon_assembler__exit - free everything
 * @assembler: the assembler
 */
void damon_assembler__exit(struct damon_assembler *assembler)
{
	struct assembly *assembly, *next;

	list_for_each_entry_safe(assembly, next, &assembler->kdamonds, list) {
		list_del(&assembly->list);
		free(assembly->snapshot.regions);
		free(assembly);
	}
	hashmap__free(assembler->by_kdamond);
}

static size_t hash_kdamond(long kdamond, void *ctx __maybe_unused)
{
	return kdamond;
}

static bool same_kdamond(long a, long b, void *ctx __maybe_unused)
{
	return a == b;
}

static struct assembly *new_assembly(struct damon_assembler *assembler, pid_t kdamond)
{
	struct assembly *assembly = zalloc(sizeof(*assembly));

	if (assembly && !hashmap__add(assembler->by_kdamond, kdamond, assembly)) {
		assembly->snapshot.kdamond = kdamond;
		list_add_tail(&assembly->list, &assembler->kdamonds);
		return assembly;
	}
	free(assembly);
	return NULL;
}

/* Nearly always the same kdamond as for the previous event. */
static struct assembly *find_assembly(struct damon_assembler *assembler, pid_t kdamond)
{
	struct assembly *assembly = assembler->last;

	if (assembly && assembly->snapshot.kdamond == kdamond)
		return assembly;
	if (!assembler->by_kdamond) {
		struct hashmap *map = hashmap__new(hash_kdamond, same_kdamond, NULL);

		if (IS_ERR(map))
			return NULL;
		assembler->by_kdamond = map;
	}
	if (!hashmap__find(assembler->by_kdamond, kdamond, &assembly))
		assembly = new_assembly(assembler, kdamond);
	assembler->last = assembly;
	return assembly;
}

/*
 * The regions of a snapshot are emitted within microseconds, and the snapshots of a
 * target are an aggregation interval apart. A limit of half an interval allows
 * for delays of the kdamond.
 */
static bool is_pause(const struct damon_assembler *assembler, const struct assembly *assembly,
		     const struct damon_event *event)
{
	return event->time - assembly->last_time >= assembler->aggr_ns / 2;
}

/*
 * Does the event belong to the open snapshot? Another target or number of regions,
 * or a lower address, shows that a new snapshot begins. So does a pause, if events
 * may be missing without a word; else a kdamond that was held up has lost nothing. A
 * snapshot that is known to be broken need not be broken once more.
 */
static bool continues(const struct damon_assembler *assembler, const struct assembly *assembly,
		      const struct damon_event *event)
{
	const struct damon_snapshot *snapshot = &assembly->snapshot;
	const struct damon_region *last = &snapshot->regions[snapshot->nr_regions - 1];

	if (event->target_id != snapshot->target_id || event->nr_regions != assembly->expected)
		return false;
	if (event->region.start < last->end)
		return false;
	switch (assembler->missing) {
	case DAMON_MISSING_TOLD:
		return true;
	case DAMON_MISSING_ANY:
		return assembly->broken || !is_pause(assembler, assembly, event);
	case DAMON_MISSING_FILTERED:
	default:
		return !is_pause(assembler, assembly, event);
	}
}

/*
 * If the aggregation interval is unknown, use the shortest time between two
 * complete snapshots of a target: a kdamond may be late, but never early.
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
	snapshot->whole = !assembly->broken &&
			  (filtered || snapshot->nr_regions == assembly->expected);
	assembler->nr_whole += snapshot->whole;
	/* Snapshots of which nothing has passed the filter are missing. */
	assembler->nr_gaps += filtered || !snapshot->whole;
	snapshot->nr_gaps = assembler->nr_gaps;
	if (snapshot->whole && assembler->guess)
		learn_interval(assembler, assembly);
	return assembler->fn(assembler->data, snapshot);
}

static int add_region(struct assembly *assembly, const struct damon_region *region)
{
	struct damon_snapshot *snapshot = &assembly->snapshot;

	if (snapshot->nr_regions == assembly->capacity &&
	    damon_array__grow(&snapshot->regions, &assembly->capacity))
		return -ENOMEM;
	snapshot->regions[snapshot->nr_regions++] = *region;
	return 0;
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
	struct assembly *assembly = find_assembly(assembler, event->kdamond);
	int err;

	if (!assembly)
		return damon_out_of_memory();
	if (assembly->open && !continues(assembler, assembly, event)) {
		err = close_snapshot(assembler, assembly);
		if (err)
			return err;
	}
	if (!assembly->open) {
		assembly->open = true;
		assembly->broken = false;
		assembly->expected = event->nr_regions;
		assembly->snapshot.target_id = event->target_id;
		assembly->snapshot.time = event->time;
		assembly->snapshot.nr_regions = 0;
	}
	if (add_region(assembly, &event->region))
		return damon_out_of_memory();
	assembly->last_time = event->time;
	if (assembly->snapshot.nr_regions < assembly->expected)
		return 0;
	return close_snapshot(assembler, assembly);
}

/**
 * damon_assembler__lost - note that events were lost
 * @assembler: the assembler
 *
 * They may belong to any kdamond. If regions of a later snapshot were lost, its number of regions
 * shows that.
 */
void damon_assembler__lost(struct damon_assembler *assembler)
{
	struct assembly *assembly;

	assembler->nr_gaps++;
	list_for_each_entry(assembly, &assembler->kdamonds, list)
		assembly->broken = true;
}

/**
 * damon_assembler__flush - close open snapshots after the last event
 * @assembler: the assembler
 *
 * Return: 0, or a non-zero result of the callback.
 */
int damon_assembler__flush(struct damon_assembler *assembler)
{
	struct assembly *assembly;
	int err = 0;

	list_for_each_entry(assembly, &assembler->kdamonds, list) {
		if (assembly->open && !err)
			err = close_snapshot(assembler, assembly);
	}
	return err;
}

/**
 * damon_snapshot__max_accesses - find the most accesses of a region
 * @snapshot: the snapshot
 *
 * Return: the number of samples that found them.
 */
u32 damon_snapshot__max_accesses(const struct damon_snapshot *snapshot)
{
	u32 most = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++)
		most = max(most, snapshot->regions[i].nr_accesses);
	return most;
}

/**
 * damon_snapshot__bytes - get the size of the monitored memory
 * @snapshot: the snapshot
 *
 * Return: the size of all regions in bytes.
 */
u64 damon_snapshot__bytes(const struct damon_snapshot *snapshot)
{
	u64 bytes = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++)
		bytes += snapshot->regions[i].end - snapshot->regions[i].start;
	return bytes;
}

/**
 * damon_snapshot__working_set - get the size of the accessed memory
 * @snapshot: the snapshot
 * @threshold: minimum number of accesses of a region
 *
 * Return: the size of the regions with at least @threshold accesses, in bytes.
 */
u64 damon_snapshot__working_set(const struct damon_snapshot *snapshot, u32 threshold)
{
	u64 bytes = 0;
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		if (snapshot->regions[i].nr_accesses >= threshold)
			bytes += snapshot->regions[i].end - snapshot->regions[i].start;
	}
	return bytes;
}
