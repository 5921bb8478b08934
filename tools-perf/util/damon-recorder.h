/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORDER_H
#define __PERF_DAMON_RECORDER_H

#include <sys/types.h>

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
 * struct damon_recording - what is recorded
 * @settings: how memory is monitored, and whose
 * @kdamond: thread whose events are recorded
 * @output: name of the perf.data
 * @command: program that is recorded, or NULL
 * @cmd_record: perf record's main function
 */
struct damon_recording {
	const struct damon_settings	*settings;
	pid_t				kdamond;
	const char			*output;
	const char			**command;
	int				(*cmd_record)(int argc, const char **argv);
};

int damon_recorder__start(struct damon_recorder *recorder, const struct damon_recording *recording);
int damon_recorder__ping(struct damon_recorder *recorder);
int damon_recorder__acknowledged(struct damon_recorder *recorder);
int damon_recorder__stop(struct damon_recorder *recorder);

#endif /* __PERF_DAMON_RECORDER_H */
