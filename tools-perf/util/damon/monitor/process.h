/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PROCESS_H
#define __PERF_DAMON_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct damon_settings;

/**
 * struct damon_process - a process that is monitored
 * @pid: the process
 * @pidfd: its pidfd, which is readable once it has ended; -1: it has ended
 * @tid: a thread of it that has its memory: the first thread may have ended before the others
 * @maps: checksum of its mappings, when they were last read
 * @next_ns: time to read them again
 * @is_new: perf record has to be told to record its mappings
 * @has_new_image: it has called exec() since it is monitored
 * @kdamond: the kdamond that monitors nothing else, as the kernel numbers it, 0: it has none
 */
struct damon_process {
	pid_t			pid;
	int			pidfd;
	pid_t			tid;
	u64			maps;
	u64			next_ns;
	bool			is_new;
	bool			has_new_image;
	pid_t			kdamond;
};

int damon_process__open(struct damon_process *process, pid_t tid);
void damon_process__close(struct damon_process *process);
bool damon_process__check_maps(struct damon_process *process, size_t nr, bool now);

/**
 * struct damon_processes - all processes that are monitored
 * @nr: number of processes
 * @process: the processes, indexed by target_id; @pid is 0 if a target is none
 * @nobody: a process that has ended, for targets that are none; @pid is 0 as long as there are none
 */
struct damon_processes {
	size_t			nr;
	struct damon_process	*process;
	struct damon_process	nobody;
};

int damon_processes__open(struct damon_processes *processes, struct damon_settings *settings,
			  bool must_exist, size_t nr_more);
int damon_processes__add_nobody(struct damon_processes *processes);
void damon_processes__close(struct damon_processes *processes);

void damon_process__name(pid_t pid, char *buf, size_t size);
u64 damon_process__start(pid_t pid);
u64 damon_process__cpu_ns(pid_t pid);
bool damon_process__has_memory(pid_t pid);
int damon_pidfd_open(pid_t pid);
void damon_signals__that_end(sigset_t *mask);

#endif /* __PERF_DAMON_PROCESS_H */
