/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SURVEY_H
#define __PERF_DAMON_SURVEY_H

#include "damon-areas.h"
#include "damon-distribution.h"

#include <stdbool.h>
#include <sys/types.h>
#include <linux/list.h>

struct damon_reader;

/**
 * struct damon_target - a process, and what one look at its snapshots tells
 * @list: of all targets
 * @kdamond: thread that monitored it
 * @target_id: index of the target there
 * @pid: the process, 0: not known
 * @comm: its name, or NULL
 * @nr_snapshots: complete ones
 * @nr_incomplete: those of which events were lost
 * @first_time: of the first snapshot
 * @last_time: of the last snapshot
 * @min_regions: the least number of regions in a snapshot
 * @max_regions: the greatest number of regions in a snapshot
 * @max_nr_accesses: the greatest number of accesses to a region
 * @max_bytes: the most memory that was monitored in a snapshot
 * @working_set: size of the working set in each snapshot
 * @areas: where its memory is
 * @priv: the report's own
 */
struct damon_target {
	struct list_head		list;
	pid_t				kdamond;
	unsigned long			target_id;
	pid_t				pid;
	char				*comm;
	unsigned long			nr_snapshots;
	unsigned long			nr_incomplete;
	u64				first_time;
	u64				last_time;
	unsigned long			min_regions;
	unsigned long			max_regions;
	u32				max_nr_accesses;
	u64				max_bytes;
	struct damon_distribution	working_set;
	struct damon_areas		areas;
	void				*priv;
};

/**
 * struct damon_survey - what one look at a whole perf.data tells
 * @targets: those that were monitored
 * @nr_targets: how many there are
 * @start: when the first snapshot's aggregation interval began
 * @end: of the last snapshot
 * @aggr_ns: the aggregation interval
 * @max_accesses: number of samples in it
 * @guessed: both are not known, but were found in the snapshots
 */
struct damon_survey {
	struct list_head	targets;
	unsigned int		nr_targets;
	u64			start;
	u64			end;
	u64			aggr_ns;
	u32			max_accesses;
	bool			guessed;

	/* private */
	struct damon_reader		*reader;
	struct damon_distribution	spacing;
};

#define damon_survey__for_each_target(survey, target)	\
	list_for_each_entry(target, &(survey)->targets, list)

int damon_survey__run(struct damon_survey *survey, struct damon_reader *reader);
void damon_survey__exit(struct damon_survey *survey);
struct damon_target *damon_survey__find(struct damon_survey *survey, pid_t kdamond,
					unsigned long target_id);
u64 damon_survey__since(const struct damon_survey *survey, u64 previous, u64 time);

#endif /* __PERF_DAMON_SURVEY_H */
