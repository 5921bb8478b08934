/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORDER_H
#define __PERF_DAMON_RECORDER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <linux/compiler.h>

struct damon_record;

/**
 * struct damon_recorder - perf record in a child process
 * @record: what it records, and how
 * @pid: the process, 0: none
 * @pidfd: its pidfd, readable when it has ended
 * @control: socket for commands to perf record, and its acknowledgments
 * @old: the file that had the name before, if @has_old
 * @has_old: there was one
 */
struct damon_recorder {
	const struct damon_record	*record;
	pid_t				pid;
	int				pidfd;
	int				control;
	struct stat			old;
	bool				has_old;
};

int damon_recorder__start(struct damon_recorder *recorder, const char *pids, const char *filter,
			  int lock);
int damon_recorder__command(struct damon_recorder *recorder, const char *fmt, ...) __printf(2, 3);
bool damon_recorder__acknowledged(struct damon_recorder *recorder);
short damon_recorder__wait(struct damon_recorder *recorder, int signals, short event);
int damon_recorder__stop(struct damon_recorder *recorder, int signals);
void damon_recorder__discard(struct damon_recorder *recorder);

#endif /* __PERF_DAMON_RECORDER_H */
