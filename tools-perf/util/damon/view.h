/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_VIEW_H
#define __PERF_DAMON_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#include "snapshot.h"

struct damon_source;
struct option;

/* How a limit or a threshold was given. */
enum damon_given {
	DAMON_GIVEN_NONE,
	DAMON_GIVEN_NUMBER,
	DAMON_GIVEN_PERCENT,
};

/**
 * struct damon_quantity - a number, or a percentage of a total that is known only later
 * @given: which of them
 * @value: the number, or the percentage in millionths of the total
 */
struct damon_quantity {
	enum damon_given	given;
	u64			value;
};

/**
 * struct damon_view - the selected part of a record
 * @time_min: start time, relative to the start of the record
 * @time_max: end time, relative to the start of the record
 * @addr_min: start address
 * @addr_max: end address, exclusive
 * @pids: selected processes
 * @nr_pids: number of selected processes, 0: all
 * @targets: selected targets, by their target_id
 * @nr_targets: number of selected targets, 0: all
 * @start: @time_min as an event time
 * @end: @time_max as an event time
 */
struct damon_view {
	struct damon_quantity	time_min;
	struct damon_quantity	time_max;
	struct damon_quantity	addr_min;
	struct damon_quantity	addr_max;
	u64			*pids;
	size_t			nr_pids;
	u64			*targets;
	size_t			nr_targets;
	u64			start;
	u64			end;

	/* private: the clipped snapshot, and a buffer for its regions */
	struct damon_snapshot	part;
	struct damon_region	*regions;
	size_t			capacity;
};

void damon_view__init(struct damon_view *view);
void damon_view__exit(struct damon_view *view);

int damon_view__parse_time(const struct option *opt, const char *str, int unset);
int damon_view__parse_times(const struct option *opt, const char *str, int unset);
int damon_view__parse_addr(const struct option *opt, const char *str, int unset);
int damon_view__parse_addrs(const struct option *opt, const char *str, int unset);
int damon_view__parse_pids(const struct option *opt, const char *str, int unset);
int damon_view__parse_targets(const struct option *opt, const char *str, int unset);
int damon_quantity__parse_threshold(const struct option *opt, const char *str, int unset);

bool damon_view__has_times(const struct damon_view *view);
bool damon_view__has_addrs(const struct damon_view *view);
int damon_view__set_times(struct damon_view *view, u64 start, u64 end);
bool damon_view__chooses(const struct damon_view *view, unsigned long target_id, pid_t pid);
bool damon_view__is_of_time(const struct damon_view *view, u64 since, u64 time);
int damon_view__clip(struct damon_view *view, const struct damon_snapshot *snapshot, u64 since,
		     const struct damon_snapshot **clipped);

#endif /* __PERF_DAMON_VIEW_H */
