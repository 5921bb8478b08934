/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_MARK_H
#define __PERF_DAMON_MARK_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

/**
 * struct damon_process - identifies a process or thread, even if its ID is reused
 * @pid: its ID, 0: none
 * @start: its start time, as in /proc/PID/stat
 */
struct damon_process {
	pid_t	pid;
	u64	start;
};

/**
 * struct damon_mark - identifies our kdamond
 * @by: the command that has created it: record or start
 * @owner: the process of that command
 * @directory: inode number of the kdamond's directory in sysfs, 0: not known yet
 * @kdamond: the thread; none before it is turned on
 */
struct damon_mark {
	char			by[16];
	struct damon_process	owner;
	u64			directory;
	struct damon_process	kdamond;
};

int damon_process__find(struct damon_process *process, pid_t pid);
bool damon_process__is_alive(const struct damon_process *process);

int damon_mark__write(const struct damon_mark *mark);
int damon_mark__read(struct damon_mark *mark);
void damon_mark__remove(void);

#endif /* __PERF_DAMON_MARK_H */
