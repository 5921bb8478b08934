/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_GROUPS_H
#define __PERF_DAMON_GROUPS_H

#include "../model/mappings.h"
#include "util/hashmap.h"

#include <stddef.h>
#include <linux/types.h>

struct damon_region;
struct damon_target;

/* What rows of all targets can be grouped by: bits for a mask. */
enum damon_group_key {
	DAMON_KEY_PID		= 1,
	DAMON_KEY_COMM		= 2,
	DAMON_KEY_SYMBOL		= 4,
	DAMON_KEY_MAPPING	= 8,
	DAMON_KEY_START		= 16,
	DAMON_KEY_END		= 32,
};

/* Addresses alone are not worth a group: processes have the same ones by chance. */
#define DAMON_KEY_NAMES	(DAMON_KEY_PID | DAMON_KEY_COMM | DAMON_KEY_SYMBOL | DAMON_KEY_MAPPING)

/**
 * struct damon_tally - sums over all snapshots, for an owner or a group
 * @heat: number of accesses times bytes
 * @rate: share of the samples with an access, times bytes
 * @bytes: monitored bytes
 * @accessed: bytes in the working set
 * @max_accessed: the greatest working set in a snapshot
 * @max_bytes: the most bytes monitored in a snapshot
 * @now_bytes: monitored bytes in the snapshot that is being added; of a group, in the latest
 *	       snapshots of all its targets
 * @now_accessed: bytes in its working set
 * @group: number of the group, if there are any
 * @counted_bytes: @now_bytes that are counted in the group
 * @counted_accessed: @now_accessed that is counted there
 */
struct damon_tally {
	double		heat;
	double		rate;
	double		bytes;
	double		accessed;
	u64		max_accessed;
	u64		max_bytes;
	u64		now_bytes;
	u64		now_accessed;
	unsigned int	group;
	u64		counted_bytes;
	u64		counted_accessed;
};

/**
 * struct damon_group - a row for all that agrees in what is grouped by
 * @target: a target of it
 * @owner: an owner of it: what is not grouped by may be of any
 * @start: lowest address
 * @end: highest address
 * @age: ages of regions times bytes
 * @age_ns: the same in nanoseconds
 * @tally: sums of all of it
 */
struct damon_group {
	const struct damon_target	*target;
	struct damon_owner		owner;
	u64				start;
	u64				end;
	double				age;
	double				age_ns;
	struct damon_tally		tally;
};

/**
 * struct damon_groups - groups of rows of all targets
 * @by: mask of &enum damon_group_key, 0: each target has rows of its own
 * @group: the groups
 * @nr: how many there are
 */
struct damon_groups {
	unsigned int		by;
	struct damon_group	*group;
	size_t			nr;

	/* private: the number of each group by its key */
	size_t			capacity;
	struct hashmap		numbers;
};

const char *damon_key__find(const char *key);
unsigned int damon_key__group(const char *key);

void damon_groups__init(struct damon_groups *groups);
void damon_groups__exit(struct damon_groups *groups);
int damon_groups__findnew(struct damon_groups *groups, const struct damon_target *target,
			  const struct damon_owner *owner, const struct damon_region *region);

#endif /* __PERF_DAMON_GROUPS_H */
