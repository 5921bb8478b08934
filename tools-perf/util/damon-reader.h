/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_READER_H
#define __PERF_DAMON_READER_H

#include "damon-settings.h"
#include "damon-snapshot.h"
#include "tool.h"

#include <stdio.h>

struct damon_tracepoint;
struct perf_session;

/**
 * struct damon_source - what a perf.data tells about itself
 * @settings: how it was recorded, if @has_settings
 * @has_settings: it comes from perf damon record
 * @has_age: its regions have an age, which kernels before 6.1 do not tell
 * @is_cut: settings that were there are in a part of the file that is missing
 * @is_partial: a part of the events was to be recorded only, by a period or a frequency
 * @os_release: kernel that it was recorded on, or NULL
 * @hostname: system that it was recorded on, or NULL
 * @nr_lost: events that were lost
 * @nr_malformed: events that make no sense
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
 * struct damon_reader_ops - who gets what is read
 * @snapshot: a snapshot, by time
 * @incomplete: a snapshot of which events were lost, and when it was taken
 * @end: all has been read; the session still has the names of processes
 *
 * All but @snapshot may be NULL. What is not 0 is returned by damon_reader__run().
 */
struct damon_reader_ops {
	int	(*snapshot)(void *data, pid_t kdamond, unsigned long target_id,
			    const struct damon_snapshot *snapshot);
	int	(*incomplete)(void *data, pid_t kdamond, unsigned long target_id, u64 time);
	int	(*end)(void *data, struct perf_session *session);
};

/**
 * struct damon_reader - reads a perf.data, as often as wanted
 * @path: the file, -: standard input
 * @force: read it whoever owns it
 * @maps: keep the mappings of processes, too
 * @session: what perf knows while it is being read
 * @source: what it tells about itself, once it has been read
 * @nr_gaps: places where events are missing, as far as it has been read
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

	/* private: one run */
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
