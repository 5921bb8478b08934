/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORD_H
#define __PERF_DAMON_RECORD_H

#include "settings.h"

/**
 * struct damon_record - options of perf damon record
 * @settings: what to monitor, and how; nothing: what is monitored already
 * @output: name of the perf.data, "-": the standard output
 * @command: command to run and its arguments, or NULL
 * @duration_ns: time limit, 0: none
 * @mmap_pages: size of each CPU's ring buffer in pages, 0: computed from the settings
 * @comp_level: compression level, 0: none
 * @max_size: maximum size of the file in bytes, 0: unlimited
 * @cmd_record: perf record's main function
 */
struct damon_record {
	struct damon_settings	settings;
	const char		*output;
	const char		**command;
	u64			duration_ns;
	unsigned int		mmap_pages;
	unsigned int		comp_level;
	u64			max_size;
	int			(*cmd_record)(int argc, const char **argv);
};

int damon_record__run(struct damon_record *record);

#endif /* __PERF_DAMON_RECORD_H */
