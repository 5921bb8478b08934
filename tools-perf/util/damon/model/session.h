/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SESSION_H
#define __PERF_DAMON_SESSION_H

#include "clock.h"
#include "history.h"
#include "mappings.h"
#include "snapshot.h"
#include "stats.h"
#include "util/data.h"
#include "util/tool.h"

#include <stdio.h>

struct perf_session;

/**
 * struct damon_source - how a perf.data was recorded
 * @history: the settings of each kdamond over time
 * @settings: the first known settings, if @has_settings; owned by @history
 * @has_settings: the file is from perf damon record
 * @has_age: regions have an age: not with kernels before 6.1
 * @has_applied: it was recorded on what schemes were tried: not with kernels before 6.7
 * @is_cut: the file is truncated, and the settings are in the missing part
 * @is_partial: a sample period or a frequency was set, so events are missing
 * @stats: what the schemes have done, over time
 * @filter: the filter that events had to pass to be recorded, or NULL: none, or it is not known
 * @clock: the clock of the times of events
 * @first_sample: time of the first sample as noted in the header, 0: it is not
 * @last_sample: time of the last sample
 * @os_release: kernel of the recording, or NULL
 * @hostname: host of the recording, or NULL
 * @nr_lost: number of lost events
 * @nr_malformed: number of invalid events
 */
struct damon_source {
	struct damon_history	history;
	struct damon_settings	settings;
	bool			has_settings;
	bool			has_age;
	bool			has_applied;
	bool			is_cut;
	bool			is_partial;
	struct damon_stats	stats;
	char			*filter;
	struct damon_clock	clock;
	u64			first_sample;
	u64			last_sample;
	char			*os_release;
	char			*hostname;
	unsigned long		nr_lost;
	unsigned long		nr_malformed;
};

/**
 * struct damon_session - a perf.data that is read in one or more passes
 * @path: the file, -: standard input
 * @force: do not check the owner of the file
 * @once: one pass is enough: read the standard input as it comes
 * @header: print the header of the file in the next pass
 * @applied: called for each region on which a scheme is going to act, or NULL
 * @applied_data: passed to @applied
 * @maps: also track the mappings of processes
 * @mappings: the mappings of processes, if @maps
 * @perf: perf's session, from damon_session__read() to damon_session__close()
 * @source: how the file was recorded; complete after a pass
 * @missing: which events may be missing, as far as known
 * @assembler: makes snapshots of the events
 */
struct damon_session {
	const char			*path;
	bool				force;
	bool				once;
	enum show_feature_header	header;
	int				(*applied)(void *data, const struct damon_event *event);
	void				*applied_data;
	bool				maps;
	struct damon_mappings		mappings;
	struct perf_session		*perf;
	struct damon_source		source;
	enum damon_missing		missing;
	struct damon_assembler		assembler;

	/* private */
	char				*file;
	FILE				*spool;
	struct perf_data		data;
	struct perf_tool		tool;
	struct damon_event_format	*formats;
	unsigned long			nr_lost_events;
	unsigned long			nr_lost_samples;
	bool				knows_lost_samples;
	unsigned int			nr_passes;
	bool				has_late_note;
	bool				only_header;
	int				err;
};

void damon_session__init(struct damon_session *session, const char *path, bool force);
void damon_session__exit(struct damon_session *session);
bool damon_session__is_pipe(const struct damon_session *session);
int damon_session__read(struct damon_session *session, damon_snapshot_fn fn, void *data);
int damon_session__print_header(struct damon_session *session);
void damon_session__close(struct damon_session *session);
int damon_session__read_mappings(struct damon_session *session);
const struct damon_layout *damon_session__layout(struct damon_session *session, pid_t pid,
						 u64 time);
bool damon_session__find_missing(struct damon_session *session);

#endif /* __PERF_DAMON_SESSION_H */
