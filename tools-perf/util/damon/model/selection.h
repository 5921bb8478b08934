/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SELECTION_H
#define __PERF_DAMON_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#include "snapshot.h"
#include "../units.h"

struct intlist;
struct perf_time_interval;

/* How a limit, a threshold or a resolution was given. */
enum damon_given {
	DAMON_GIVEN_NONE,
	DAMON_GIVEN_NUMBER,
	DAMON_GIVEN_PERCENT,
	DAMON_GIVEN_UNIT,
};

/**
 * struct damon_quantity - a number, or what it is computed from when more is known
 * @given: which of them
 * @value: the number, a percentage in millionths of the total, or the time or bytes of each
 */
struct damon_quantity {
	enum damon_given	given;
	u64			value;
};

/**
 * struct damon_selection - the part of a record that is reported
 * @time_min: start time, relative to the start of the record
 * @time_max: end time, relative to the start of the record
 * @addr_min: start address
 * @addr_max: end address, exclusive
 * @pids: processes, NULL: all
 * @targets: targets by their target_id, NULL: all
 * @perf_times: the times of events in a form of perf's own, NULL: @time_min and @time_max
 * @start: start time as an event time
 * @end: end time as an event time
 */
struct damon_selection {
	struct damon_quantity	time_min;
	struct damon_quantity	time_max;
	struct damon_quantity	addr_min;
	struct damon_quantity	addr_max;
	struct intlist		*pids;
	struct intlist		*targets;
	const char		*perf_times;
	u64			start;
	u64			end;

	/* private: several ranges of times, the clipped snapshot, and a buffer for its regions */
	struct perf_time_interval *ranges;
	int			nr_ranges;
	struct damon_snapshot	part;
	struct damon_region	*regions;
	size_t			capacity;
};

void damon_selection__init(struct damon_selection *selection);
void damon_selection__exit(struct damon_selection *selection);

int damon_quantity__parse(struct damon_quantity *quantity, const char *str,
			  enum damon_kind number, enum damon_kind other);
int damon_quantity__parse_range(struct damon_quantity *start, struct damon_quantity *end,
				const char *str, enum damon_kind number, enum damon_kind other);
int damon_selection__parse_list(const char *str, void *list);
int damon_selection__parse_times(const char *str, void *selection);

/* They are relative to the start of the record, which has to be found first. */
static inline bool damon_selection__has_times(const struct damon_selection *selection)
{
	return selection->perf_times || selection->time_min.given || selection->time_max.given;
}

int damon_selection__set_times(struct damon_selection *selection, u64 start, u64 end,
			       const struct perf_time_interval *samples);
bool damon_selection__has_time(const struct damon_selection *selection, u64 since, u64 time);
bool damon_selection__has_target(const struct damon_selection *selection, unsigned long target_id,
				 pid_t pid);
int damon_selection__clip(struct damon_selection *selection, const struct damon_snapshot *snapshot,
			  const struct damon_snapshot **clipped);

#endif /* __PERF_DAMON_SELECTION_H */
