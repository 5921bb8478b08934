/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORDER_H
#define __PERF_DAMON_RECORDER_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

struct damon_settings;

/**
 * struct damon_recorder - perf record in a child process
 * @pid: the process, 0: none
 * @pidfd: its pidfd, readable when it has ended
 * @control: socket for commands to perf record, and its acknowledgments
 */
struct damon_recorder {
	pid_t	pid;
	int	pidfd;
	int	control;
};

/**
 * struct damon_recorder_options - options passed to perf record
 * @mmap_pages: size of each CPU's ring buffer in pages, 0: computed from the settings
 * @comp_level: compression level, 0: none
 * @max_size: maximum size of the file in bytes, 0: unlimited
 */
struct damon_recorder_options {
	unsigned int	mmap_pages;
	unsigned int	comp_level;
	u64		max_size;
};

/**
 * struct damon_recording - what is recorded
 * @settings: DAMON's settings and targets, NULL: unknown
 * @pids: processes whose names and mappings are recorded, such as 123,456, or NULL
 * @filter: event filter, NULL: events of all kdamonds
 * @output: name of the perf.data, "-": the standard output
 * @command: command that is recorded, or NULL
 * @options: for perf record
 * @lock: file descriptor that the child closes, because it holds the lock
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
