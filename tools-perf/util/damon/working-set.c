// SPDX-License-Identifier: GPL-2.0
/*
 * The working set as defined by Denning: the memory that was accessed within a
 * window of time, here called the work time. The shortest window is one
 * snapshot. A longer one has all memory that was accessed in any of its
 * snapshots.
 */
#include "working-set.h"
#include "snapshot.h"

#include <linux/kernel.h>

/**
 * damon_working_set__exit - free everything
 * @set: the working set
 */
void damon_working_set__exit(struct damon_working_set *set)
{
	damon_areas__exit(&set->accessed);
}

static int add_accessed(struct damon_areas *areas, const struct damon_snapshot *snapshot,
			u32 threshold)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < snapshot->nr_regions; i++) {
		struct damon_snapshot one = {
			.nr_regions	= 1,
			.regions	= &snapshot->regions[i],
		};

		if (one.regions->nr_accesses >= threshold)
			err = damon_areas__add(areas, &one);
	}
	return err;
}

/**
 * damon_working_set__add - add a snapshot
 * @set: the working set
 * @sizes: the size of the working set is added here at the end of each work time
 * @snapshot: the snapshot
 * @threshold: minimum number of accesses for a region to be part of the working set
 * @work_ns: the work time, 0: that of each snapshot
 *
 * Return: 0 or -ENOMEM.
 */
int damon_working_set__add(struct damon_working_set *set, struct damon_distribution *sizes,
			   const struct damon_snapshot *snapshot, u32 threshold, u64 work_ns)
{
	u64 bytes;
	int err;

	if (!work_ns)
		return damon_distribution__add(sizes, snapshot->time,
					       damon_snapshot__working_set(snapshot, threshold));
	if (!set->nr_snapshots++)
		set->since = snapshot->since;
	err = add_accessed(&set->accessed, snapshot, threshold);
	if (err || snapshot->time - set->since < work_ns)
		return err;
	bytes = damon_areas__bytes(&set->accessed);
	set->nr_snapshots = 0;
	damon_areas__exit(&set->accessed);
	return damon_distribution__add(sizes, snapshot->time, bytes);
}
