/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SURVEY_H
#define __PERF_DAMON_SURVEY_H

#include "damon-areas.h"
#include "damon-distribution.h"
#include "damon-view.h"
#include "damon-working-set.h"
#include "hashmap.h"

#include <stdbool.h>
#include <sys/types.h>
#include <linux/list.h>

struct damon_reader;

/* A number of each snapshot, of which a report wants to know the distribution. */
enum damon_series {
	DAMON_SERIES_NONE,
	DAMON_SERIES_WORKING_SET,
	DAMON_SERIES_REGIONS,
};

/* Bytes are fine enough; of regions there are few, and an average is in hundredths. */
static inline unsigned int damon_series__scale(enum damon_series series)
{
	return series == DAMON_SERIES_REGIONS ? 100 : 1;
}

/**
 * struct damon_query - what a survey is to find out
 * @view: the part of the record that it is about
 * @series: the number of each snapshot that is kept
 * @timed: in the order of time, and with it
 * @threshold: accesses that make a region part of the working set
 * @work_ns: time for which a working set is counted, 0: each snapshot
 */
struct damon_query {
	struct damon_view	view;
	enum damon_series	series;
	bool			timed;
	struct damon_quantity	threshold;
	u64			work_ns;
};

/**
 * struct damon_moment - when a snapshot was taken, by the clock and in the record
 * @time: its time, 0: there was none
 * @nr_gaps: places where events are missing until then
 */
struct damon_moment {
	u64		time;
	unsigned long	nr_gaps;
};

/**
 * struct damon_target - a process, and what one look at its snapshots tells
 * @list: of all targets that are looked at
 * @kdamond: thread that monitored it
 * @target_id: index of the target there
 * @pid: the process, 0: not known
 * @comm: its name, that of what is not a process, or NULL
 * @nr_snapshots: complete ones
 * @nr_incomplete: those of which events were lost
 * @start: since when the first snapshot has counted
 * @last_time: of the last snapshot
 * @previous: the last snapshot, whether it is looked at or not
 * @nearest_time: of the snapshot that is nearest to the end of what is looked at
 * @min_regions: the least number of regions in a snapshot
 * @max_regions: the greatest number of regions in a snapshot
 * @max_bytes: the most memory that was monitored in a snapshot
 * @series: the number of each snapshot that was asked for
 * @gaps: of a series that is in the order of time, places that are between two of its numbers and
 *	  of neither: their begin, as the time, and their end
 * @working_set: the one that is being counted
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
	u64				start;
	u64				last_time;
	struct damon_moment		previous;
	u64				nearest_time;
	unsigned long			min_regions;
	unsigned long			max_regions;
	u64				max_bytes;
	struct damon_distribution	series;
	struct damon_distribution	gaps;
	struct damon_working_set	working_set;
	struct damon_areas		areas;
	void				*priv;
};

/**
 * struct damon_survey - what one look at a whole perf.data tells
 * @targets: those that are looked at
 * @nr_targets: how many there are
 * @zero: when the aggregation interval of the record's first snapshot began, whether that is
 *	  looked at or not: times are relative to it
 * @start: begin of the part that is looked at
 * @end: its end
 * @aggr_ns: the aggregation interval
 * @max_accesses: number of samples in it
 * @threshold: accesses that make a region part of the working set
 * @guessed: the interval and the samples are not known, but were found in the snapshots
 */
struct damon_survey {
	struct list_head	targets;
	unsigned int		nr_targets;
	u64			zero;
	u64			start;
	u64			end;
	u64			aggr_ns;
	u32			max_accesses;
	u32			threshold;
	bool			guessed;

	/*
	 * private: @by_id has targets that are not looked at, too; @first_time and @last_time are
	 * of all snapshots
	 */
	struct hashmap			by_id;
	struct damon_reader		*reader;
	struct damon_query		*query;
	struct damon_distribution	spacing;
	u64				first_time;
	u64				last_time;
};

/**
 * damon_target__is_counted - has a target something to show of the number that was asked for?
 * @target: the target
 *
 * Return: false if it has not: nothing of it was at the addresses that are looked at.
 */
static inline bool damon_target__is_counted(const struct damon_target *target)
{
	return target->max_bytes && target->series.nr;
}

#define damon_survey__for_each_target(survey, target)	\
	list_for_each_entry(target, &(survey)->targets, list)

int damon_survey__run(struct damon_survey *survey, struct damon_reader *reader,
		      struct damon_query *query);
void damon_survey__exit(struct damon_survey *survey);
struct damon_target *damon_survey__find(struct damon_survey *survey, pid_t kdamond,
					unsigned long target_id);
void damon_survey__rewind(struct damon_survey *survey);
int damon_survey__clip(const struct damon_survey *survey, struct damon_target *target,
		       const struct damon_snapshot *snapshot,
		       const struct damon_snapshot **clipped);
unsigned int damon_survey__nr_counted(const struct damon_survey *survey);
u64 damon_survey__total_average(const struct damon_survey *survey);
struct damon_moment damon_survey__moment(const struct damon_survey *survey, u64 time);
u64 damon_survey__since(const struct damon_survey *survey, const struct damon_moment *previous,
			u64 time);

int damon_survey__check_whole(const struct damon_survey *survey);
int damon_survey__check_part(const struct damon_survey *survey);
int damon_survey__check_query(const struct damon_survey *survey);

#endif /* __PERF_DAMON_SURVEY_H */
