/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORD_H
#define __PERF_DAMON_RECORD_H

#include "recorder.h"
#include "settings.h"

/**
 * struct damon_record - options of perf damon record
 * @settings: how to monitor; damon_record__run() adds the processes
 * @pids: processes to monitor, as given with -p, or NULL: monitor @command
 * @output: name of the perf.data, "-": the standard output
 * @command: command to run and its arguments, or NULL
 * @duration_ns: time limit, 0: none
 * @options: for perf record
 * @cmd_record: perf record's main function
 */
struct damon_record {
	struct damon_settings	settings;
	const char		*pids;
	const char		*output;
	const char		**command;
	u64			duration_ns;
	struct damon_recorder_options options;
	int			(*cmd_record)(int argc, const char **argv);
};

int damon_record__run(struct damon_record *record);

#endif /* __PERF_DAMON_RECORD_H */
