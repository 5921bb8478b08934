/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_WORKING_SET_H
#define __PERF_DAMON_WORKING_SET_H

#include "areas.h"
#include "distribution.h"

struct damon_snapshot;

/**
 * struct damon_working_set - memory that was accessed within the current work time
 * @accessed: the accessed memory
 * @nr_snapshots: number of snapshots in this work time so far
 * @since: start of this work time, if there are any snapshots
 */
struct damon_working_set {
	struct damon_areas	accessed;
	unsigned long		nr_snapshots;
	u64			since;
};

void damon_working_set__exit(struct damon_working_set *set);
int damon_working_set__add(struct damon_working_set *set, struct damon_distribution *sizes,
			   const struct damon_snapshot *snapshot, u32 threshold, u64 work_ns);

#endif /* __PERF_DAMON_WORKING_SET_H */
