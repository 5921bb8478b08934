/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_OVERVIEW_H
#define __PERF_DAMON_OVERVIEW_H

#include "areas.h"
#include "series.h"
#include "selection.h"
#include "util/hashmap.h"

#include <stdbool.h>
#include <sys/types.h>
#include <linux/list.h>

struct damon_session;
struct damon_target;
struct intlist;

/**
 * struct damon_query - parameters of an overview
 * @selection: the selected part of the record
 * @uncut: regions are not cut to mappings
 * @each: called for each selected snapshot: by damon_overview__read_again(), or in the first pass
 *	  if the session reads only once
 * @data: passed to @each
 * @series: the number of each snapshot that is kept
 * @timed: also keep the time of each number, and keep them in order of time
 * @threshold: minimum number of accesses for a region to be part of the working set
 * @work_ns: work time: time over which a working set is counted, 0: that of each snapshot
 */
struct damon_query {
	struct damon_selection	selection;
	bool			uncut;
	int			(*each)(void *data, struct damon_target *target,
					const struct damon_snapshot *snapshot);
	void			*data;
	enum damon_series	series;
	bool			timed;
	struct damon_quantity	threshold;
	u64			work_ns;
};

/**
 * struct damon_target - a monitoring target, and results of one pass over its snapshots
 * @list: in the list of selected targets
 * @kdamond: the kdamond that has monitored it
 * @target_id: index of the target in that kdamond
 * @pid: the process, 0: unknown
 * @comm: name of the process, or of what else was monitored, or NULL
 * @nr_snapshots: number of complete snapshots
 * @nr_incomplete: number of snapshots with lost events
 * @start: start of the first snapshot's time
 * @first_time: time of the first snapshot
 * @last_time: time of the last snapshot
 * @last_event: time of its last event
 * @previous_time: time of the previous snapshot, even if that is not selected, 0: none
 * @previous_gaps: number of places with missing events up to that
 * @nr_late: number of snapshots in a row that were very late
 * @nearest_time: time of the snapshot nearest to the end of the selected time
 * @min_aggr_ns: the shortest aggregation interval
 * @max_aggr_ns: the longest aggregation interval
 * @min_regions: minimum number of monitored regions in a snapshot
 * @max_regions: maximum number of monitored regions in a snapshot
 * @max_bytes: maximum size of the monitored memory in a snapshot
 * @series: the numbers that the query asks for
 * @gaps: for a timed series, times between two numbers that neither of them covers: @time is the
 *	  start of such a gap, @value its end
 * @working_set: the working set of the current work time
 * @mapped: only what is ever mapped counts as its memory
 * @areas: the areas of its memory
 * @priv: private data of the report
 */
struct damon_target {
	struct list_head		list;
	pid_t				kdamond;
	unsigned long			target_id;
	pid_t				pid;
	char				*comm;
	unsigned long			nr_snapshots;
	unsigned long			nr_incomplete;
	u64				start;
	u64				first_time;
	u64				last_time;
	u64				last_event;
	u64				previous_time;
	unsigned long			previous_gaps;
	unsigned int			nr_late;
	u64				nearest_time;
	u64				min_aggr_ns;
	u64				max_aggr_ns;
	unsigned long			min_regions;
	unsigned long			max_regions;
	u64				max_bytes;
	struct damon_distribution	series;
	struct damon_distribution	gaps;
	struct damon_working_set	working_set;
	bool				mapped;
	struct damon_areas		areas;
	void				*priv;
};

/**
 * struct damon_overview - results of a pass over a perf.data
 * @targets: the selected targets
 * @nr_targets: number of selected targets
 * @zero: start of the aggregation interval of the record's first snapshot, even if that is not
 *	  selected: reported times are relative to it
 * @start: start of the selected time
 * @end: end of the selected time
 * @aggr_ns: the aggregation interval, the first known one
 * @max_accesses: number of samples in it
 * @least_samples: the least samples of a snapshot
 * @most_samples: the most samples of a snapshot
 * @threshold: minimum number of accesses for a region to be part of the working set
 * @guessed: @aggr_ns and @max_accesses are guesses from the snapshots
 * @changed: other snapshots than the settings allow: these have changed while it was recorded
 * @tree: the tree of all processes, see damon_tree__print()
 */
struct damon_overview {
	struct list_head	targets;
	unsigned int		nr_targets;
	u64			zero;
	u64			start;
	u64			end;
	u64			aggr_ns;
	u32			max_accesses;
	u32			least_samples;
	u32			most_samples;
	u32			threshold;
	bool			guessed;
	bool			changed;
	struct intlist		*tree;

	/*
	 * private: @by_id also has targets that are not selected; @first_time is the start of the
	 * first of all snapshots, @last_time the time of the last one
	 */
	struct hashmap			by_id;
	struct damon_session		*session;
	struct damon_query		*query;
	struct damon_distribution	spacing;
	u64				first_time;
	u64				last_time;
};

/**
 * damon_target__is_counted - check whether a target is included in totals
 * @target: the target
 *
 * Return: false if it has no regions in the selected address range, or no numbers.
 */
static inline bool damon_target__is_counted(const struct damon_target *target)
{
	return target->max_bytes && target->series.nr;
}

#define damon_overview__for_each_target(overview, target)	\
	list_for_each_entry(target, &(overview)->targets, list)

int damon_overview__run(struct damon_overview *overview, struct damon_session *session,
			struct damon_query *query);
int damon_overview__read_again(struct damon_overview *overview);
void damon_overview__exit(struct damon_overview *overview);
int damon_overview__clip(const struct damon_overview *overview, struct damon_target *target,
			 struct damon_snapshot *snapshot, const struct damon_snapshot **clipped);
struct damon_target *damon_overview__find(struct damon_overview *overview,
					  const struct damon_event *event);
unsigned int damon_overview__nr_counted(const struct damon_overview *overview);
u64 damon_overview__share_of_time(const struct damon_overview *overview,
				  const struct damon_target *target);
u64 damon_overview__average(const struct damon_overview *overview,
			    const struct damon_target *target);
u64 damon_overview__total_average(const struct damon_overview *overview);

#endif /* __PERF_DAMON_OVERVIEW_H */
