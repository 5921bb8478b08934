/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PROCESS_H
#define __PERF_DAMON_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct damon_settings;
struct evlist;

/**
 * struct damon_process - a process that is monitored
 * @pid: the process
 * @pidfd: its pidfd, which is readable once it has ended; -1: it has ended
 * @tid: a thread of it that has its memory: the first thread may have ended before the others
 * @maps: checksum of its mappings, when they were last read
 * @next_ns: time to read them again
 */
struct damon_process {
	pid_t	pid;
	int	pidfd;
	pid_t	tid;
	u64	maps;
	u64	next_ns;
};

void damon_process__close(struct damon_process *process);
bool damon_process__check_maps(struct damon_process *process, size_t nr, bool now);

/**
 * struct damon_processes - all processes that are monitored
 * @nr: number of processes
 * @process: the processes, indexed by target_id
 * @forks: list with a counter of their children, or NULL
 */
struct damon_processes {
	size_t			nr;
	struct damon_process	*process;
	struct evlist		*forks;
};

int damon_processes__open(struct damon_processes *processes, struct damon_settings *settings,
			  bool must_exist);
void damon_processes__close(struct damon_processes *processes);
void damon_processes__count_forks(struct damon_processes *processes, const char *pids);
u64 damon_processes__nr_forks(const struct damon_processes *processes);

void damon_process__name(pid_t pid, char *buf, size_t size);
u64 damon_process__start(pid_t pid);
int damon_pidfd_open(pid_t pid);
void damon_signals__that_end(sigset_t *mask);

#endif /* __PERF_DAMON_PROCESS_H */
