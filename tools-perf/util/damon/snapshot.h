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
 * struct damon_region - an address range and its access frequency
 * @start: start address
 * @end: end address, exclusive
 * @nr_accesses: number of samples in the aggregation interval that found an access
 * @age: number of aggregation intervals for which @nr_accesses has been about the same
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
 * @since: start of the time over which accesses were counted, set by damon_survey__clip()
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
 * struct damon_event - a decoded damon:damon_aggregated event
 * @kdamond: the kdamond that has emitted it
 * @target_id: index of the target in that kdamond
 * @time: time of the event
 * @nr_regions: number of regions in the snapshot
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
 * struct damon_assembler_ops - callbacks for snapshots
 * @complete: called for a snapshot with all its regions
 * @incomplete: called for a snapshot with lost events
 */
struct damon_assembler_ops {
	int	(*complete)(void *data, pid_t kdamond, unsigned long target_id,
			    const struct damon_snapshot *snapshot);
	int	(*incomplete)(void *data, pid_t kdamond, unsigned long target_id, u64 time);
};

/**
 * struct damon_assembler - assembles snapshots from events
 * @ops: callbacks for the snapshots
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
