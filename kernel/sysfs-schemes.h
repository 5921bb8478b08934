/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SYSFS_SCHEMES_H
#define _MM_DAMON_SYSFS_SCHEMES_H

#include <linux/damon.h>

#include "sysfs.h"

/**
 * struct damon_tried_region - a region, or a part of one, that a scheme was going to act on
 * @range:		the addresses
 * @nr_accesses:	of the region
 * @age:		of the region
 */
struct damon_tried_region {
	struct damon_range range;
	unsigned int nr_accesses;
	unsigned int age;
};

/**
 * struct damon_tried_regions - what a scheme was going to act on in one pass
 * @v:			the regions
 * @nr:			how many there are
 * @capacity:		how many fit into @v
 * @total_bytes:	of all of them, whether or not they are in @v
 */
struct damon_tried_regions {
	struct damon_tried_region *v;
	unsigned int nr;
	unsigned int capacity;
	unsigned long total_bytes;
};

extern const struct damon_dir_type damon_schemes_type;

int damon_schemes_from_dir(struct damon_dir *dir, struct damon_ctx *ctx);
int damon_goals_from_dir(struct damon_dir *scheme, struct damon_goal **goals,
			 unsigned int *nr_goals);

void damon_stats_to_dir(struct damon_dir *scheme, const struct damon_scheme_stats *stats);
void damon_effective_bytes_to_dir(struct damon_dir *scheme, unsigned long bytes);
void damon_tried_bytes_to_dir(struct damon_dir *scheme, unsigned long bytes);
struct damon_dir *damon_get_tried_dir(struct damon_dir *scheme);
int damon_tried_regions_to_dir(struct damon_dir *tried, u64 serial,
			       const struct damon_tried_regions *regions);

#endif /* _MM_DAMON_SYSFS_SCHEMES_H */
