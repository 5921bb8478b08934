/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_READER_H
#define __PERF_DAMON_READER_H

#include "settings.h"
#include "snapshot.h"
#include "util/tool.h"

#include <stdio.h>

struct damon_tracepoint;
struct perf_session;

/**
 * struct damon_source - how a perf.data was recorded
 * @settings: DAMON's settings, if @has_settings
 * @has_settings: the file is from perf damon record
 * @has_age: regions have an age: not with kernels before 6.1
 * @is_cut: the file is truncated, and the settings are in the missing part
 * @is_partial: a sample period or a frequency was set, so events are missing
 * @os_release: kernel of the recording, or NULL
 * @hostname: host of the recording, or NULL
 * @nr_lost: number of lost events
 * @nr_malformed: number of invalid events
 */
struct damon_source {
	struct damon_settings	settings;
	bool			has_settings;
	bool			has_age;
	bool			is_cut;
	bool			is_partial;
	char			*os_release;
	char			*hostname;
	unsigned long		nr_lost;
	unsigned long		nr_malformed;
};

/**
 * struct damon_reader_ops - callbacks of damon_reader__run()
 * @snapshot: called for each complete snapshot, in order of time
 * @incomplete: called for each snapshot with lost events
 * @end: called at the end; the session still has the names of processes
 *
 * All except @snapshot may be NULL. A non-zero result ends the pass, and damon_reader__run()
 * returns it.
 */
struct damon_reader_ops {
	int	(*snapshot)(void *data, pid_t kdamond, unsigned long target_id,
			    const struct damon_snapshot *snapshot);
	int	(*incomplete)(void *data, pid_t kdamond, unsigned long target_id, u64 time);
	int	(*end)(void *data, struct perf_session *session);
};

/**
 * struct damon_reader - reads a perf.data, in one or more passes
 * @path: the file, -: standard input
 * @force: do not check the owner of the file
 * @maps: also track the mappings of processes
 * @session: perf's session, during a pass
 * @source: how the file was recorded; complete after a pass
 * @nr_gaps: number of places with missing events, up to the current position
 */
struct damon_reader {
	const char		*path;
	bool			force;
	bool			maps;
	struct perf_session	*session;
	struct damon_source	source;
	unsigned long		nr_gaps;

	/* private */
	char			*file;
	FILE			*spool;

	/* private: one pass */
	struct perf_tool		tool;
	const struct damon_reader_ops	*ops;
	void				*data;
	struct damon_assembler		assembler;
	struct damon_tracepoint		*tracepoints;
	unsigned long			nr_lost_events;
	unsigned long			nr_lost_samples;
};

void damon_reader__init(struct damon_reader *reader, const char *path, bool force);
void damon_reader__exit(struct damon_reader *reader);
int damon_reader__run(struct damon_reader *reader, const struct damon_reader_ops *ops, void *data);

#endif /* __PERF_DAMON_READER_H */
