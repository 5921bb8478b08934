/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SNAPSHOT_H
#define __PERF_DAMON_SNAPSHOT_H

#include "event.h"

#include <stddef.h>

struct assembly;
struct damon_history;
struct damon_settings;
struct intlist;

/**
 * struct damon_snapshot - all regions of a target at the end of an aggregation interval
 * @kdamond: the kdamond that has taken it
 * @target_id: index of the target in that kdamond
 * @time: when it was taken, that is the time of its first event
 * @last_event: time of its last event
 * @settings: the settings of the kdamond then, NULL: unknown
 * @pid: the process that the target was then, 0: unknown, or none
 * @whole: no event of it was lost; a filter may have left out regions
 * @nr_gaps: number of places with missing events before it in the record; a snapshot that is not
 *	     whole is one of them
 * @max_accesses: the most accesses of a region
 * @nr_regions: number of regions
 * @regions: the regions, by address
 * @since: start of the time over which accesses were counted
 * @aggr_ns: the aggregation interval then
 * @samples: number of samples in it
 * @threshold: accesses that make a region part of the working set
 * @nr_monitored: number of regions before they were cut to mappings
 *
 * @since and what follows is set by damon_overview__clip().
 */
struct damon_snapshot {
	pid_t				kdamond;
	unsigned long			target_id;
	u64				time;
	u64				last_event;
	const struct damon_settings	*settings;
	pid_t				pid;
	bool				whole;
	unsigned long			nr_gaps;
	u32				max_accesses;
	size_t				nr_regions;
	struct damon_region		*regions;
	u64				since;
	u64				aggr_ns;
	u32				samples;
	u32				threshold;
	size_t				nr_monitored;
};

/* Which events may be missing from a record */
enum damon_missing {
	/* Only those that a PERF_RECORD_LOST tells of */
	DAMON_MISSING_TOLD,
	/* Any: a pause within a snapshot may be the end of one and the begin of another */
	DAMON_MISSING_ANY,
	/* Those that did not pass a filter: a snapshot is what comes without a pause */
	DAMON_MISSING_FILTERED,
};

/* Called for each snapshot, in order of time. A non-zero result ends the pass. */
typedef int (*damon_snapshot_fn)(void *data, struct damon_snapshot *snapshot);

/**
 * struct damon_assembler - assembles snapshots from events
 * @fn: called for each snapshot
 * @data: passed to @fn
 * @history: the settings of all kdamonds
 * @missing: which events may be missing
 * @nr_whole: number of whole snapshots so far
 * @nr_gaps: number of places with missing events so far
 */
struct damon_assembler {
	damon_snapshot_fn		fn;
	void				*data;
	const struct damon_history	*history;
	enum damon_missing		missing;
	unsigned long			nr_whole;
	unsigned long			nr_gaps;

	/* private: the interval of unknown settings, and a struct assembly for each kdamond */
	u64				aggr_ns;
	unsigned long			nr_losses;
	struct intlist			*kdamonds;
	struct assembly			*last;
};

int damon_assembler__init(struct damon_assembler *assembler, damon_snapshot_fn fn, void *data,
			  const struct damon_history *history);
void damon_assembler__exit(struct damon_assembler *assembler);
int damon_assembler__add(struct damon_assembler *assembler, const struct damon_event *event);
void damon_assembler__lost(struct damon_assembler *assembler);
bool damon_assembler__is_open(const struct damon_assembler *assembler);
int damon_assembler__flush(struct damon_assembler *assembler);

u64 damon_snapshot__bytes(const struct damon_snapshot *snapshot, u32 threshold);

#endif /* __PERF_DAMON_SNAPSHOT_H */
