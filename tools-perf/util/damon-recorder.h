/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORDER_H
#define __PERF_DAMON_RECORDER_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

struct damon_settings;

/**
 * struct damon_recorder - perf record in a process of its own, under our control
 * @pid: the process, 0: none
 * @pidfd: readable when it has ended
 * @control: socket to it: commands there, acknowledgments back
 */
struct damon_recorder {
	pid_t	pid;
	int	pidfd;
	int	control;
};

/**
 * struct damon_recorder_options - what perf record itself can be told
 * @mmap_pages: size of each CPU's ring buffer, 0: enough for the settings
 * @comp_level: level of compression, 0: none
 * @max_size: the file's size that ends the recording, 0: none does
 */
struct damon_recorder_options {
	unsigned int	mmap_pages;
	unsigned int	comp_level;
	u64		max_size;
};

/**
 * struct damon_recording - what is recorded
 * @settings: how memory is monitored, and whose; NULL: unknown
 * @pids: processes whose names and mappings are recorded, 123,456, or NULL
 * @filter: of events, or NULL: all kdamonds'
 * @output: name of the perf.data, "-": the standard output
 * @command: program that is recorded, or NULL
 * @options: for perf record
 * @lock: file descriptor that is not to be held by perf record
 * @cmd_record: perf record's main function
 */
struct damon_recording {
	const struct damon_settings	*settings;
	const char			*pids;
	const char			*filter;
	const char			*output;
	const char			**command;
	struct damon_recorder_options	options;
	int				lock;
	int				(*cmd_record)(int argc, const char **argv);
};

int damon_recorder__start(struct damon_recorder *recorder, const struct damon_recording *recording);
int damon_recorder__ping(struct damon_recorder *recorder);
int damon_recorder__acknowledged(struct damon_recorder *recorder);
bool damon_recorder__was_killed(struct damon_recorder *recorder);
int damon_recorder__stop(struct damon_recorder *recorder);
void damon_recorder__discard(struct damon_recorder *recorder);

#endif /* __PERF_DAMON_RECORDER_H */
