/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SNAPSHOT_H
#define __PERF_DAMON_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/list.h>
#include <linux/types.h>

struct assembly;
struct hashmap;

/**
 * struct damon_region - a range of addresses and how often it was accessed
 * @start: first address
 * @end: first address behind it
 * @nr_accesses: samples of the aggregation interval in which it was accessed
 * @age: aggregation intervals for which that has been about the same
 */
struct damon_region {
	u64	start;
	u64	end;
	u32	nr_accesses;
	u32	age;
};

/**
 * struct damon_snapshot - all regions of a target at the end of an aggregation interval
 * @time: when it was taken
 * @since: since when its accesses were counted; only damon_survey__clip() knows
 * @nr_regions: number of regions
 * @regions: the regions, by address
 */
struct damon_snapshot {
	u64			time;
	u64			since;
	size_t			nr_regions;
	struct damon_region	*regions;
};

/**
 * struct damon_event - what one damon:damon_aggregated tells
 * @kdamond: thread of the monitor
 * @target_id: index of the target there
 * @time: of the event
 * @nr_regions: regions in the snapshot that this one belongs to
 * @region: the region
 */
struct damon_event {
	pid_t			kdamond;
	unsigned long		target_id;
	u64			time;
	u32			nr_regions;
	struct damon_region	region;
};

/**
 * struct damon_assembler_ops - who gets the snapshots
 * @complete: a snapshot with all its regions
 * @incomplete: a snapshot of which events were lost, and when it was taken
 */
struct damon_assembler_ops {
	int	(*complete)(void *data, pid_t kdamond, unsigned long target_id,
			    const struct damon_snapshot *snapshot);
	int	(*incomplete)(void *data, pid_t kdamond, unsigned long target_id, u64 time);
};

/**
 * struct damon_assembler - makes snapshots of events
 * @ops: who gets them
 * @data: passed to @ops
 */
struct damon_assembler {
	const struct damon_assembler_ops	*ops;
	void					*data;

	/* private */
	u64					aggr_ns;
	bool					guess;
	struct list_head			kdamonds;
	struct hashmap				*by_kdamond;
	struct assembly				*last;
};

void damon_assembler__init(struct damon_assembler *assembler,
			   const struct damon_assembler_ops *ops, void *data, u64 aggr_ns);
void damon_assembler__set_interval(struct damon_assembler *assembler, u64 aggr_ns);
void damon_assembler__exit(struct damon_assembler *assembler);
int damon_assembler__add(struct damon_assembler *assembler, const struct damon_event *event);
void damon_assembler__lost(struct damon_assembler *assembler);
int damon_assembler__flush(struct damon_assembler *assembler);

u64 damon_snapshot__bytes(const struct damon_snapshot *snapshot);
u64 damon_snapshot__working_set(const struct damon_snapshot *snapshot, u32 threshold);

#endif /* __PERF_DAMON_SNAPSHOT_H */
