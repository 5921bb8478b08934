/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ACTED_H
#define __PERF_DAMON_ACTED_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_pattern;
struct damon_region;
struct damon_snapshot;

/**
 * struct damon_acted_range - addresses on which a scheme has acted
 * @start: start address
 * @end: end address, exclusive
 * @time: when that was
 */
struct damon_acted_range {
	u64	start;
	u64	end;
	u64	time;
};

/**
 * struct damon_acted - memory on which a scheme has acted, and that was not used since
 * @range: the ranges, by address
 * @nr: how many there are
 */
struct damon_acted {
	struct damon_acted_range	*range;
	size_t				nr;

	/* private: room for the ranges after the next snapshot */
	size_t				capacity;
	struct damon_acted_range	*next;
	size_t				next_capacity;
};

/*
 * Called for memory on which the scheme acts now (@acted is 0), or which was used again by
 * @nr_accesses of the samples since then.
 */
typedef void (*damon_acted_fn)(void *data, u64 start, u64 end, u64 acted, u32 nr_accesses);

bool damon_pattern__matches(const struct damon_pattern *pattern, const struct damon_region *region);

int damon_acted__update(struct damon_acted *acted, const struct damon_snapshot *snapshot,
			const struct damon_pattern *pattern, damon_acted_fn fn, void *data);
void damon_acted__exit(struct damon_acted *acted);

#endif /* __PERF_DAMON_ACTED_H */
