/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TASKS_H
#define __PERF_DAMON_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct evlist;
struct evsel;

/* What a &struct damon_task_event tells of */
enum damon_task_kind {
	/* A process was forked */
	DAMON_TASK_FORK,
	/* The first thread of a process has ended */
	DAMON_TASK_EXIT,
	/* A process has called exec() */
	DAMON_TASK_EXEC,
	/* A region of a snapshot was emitted */
	DAMON_TASK_SNAPSHOT,
};

/**
 * struct damon_task_event - what has happened
 * @time: when it was
 * @kind: what it was
 * @pid: the process, if it is of one
 * @parent: the process that has forked it
 */
struct damon_task_event {
	u64			time;
	enum damon_task_kind	kind;
	pid_t			pid;
	pid_t			parent;
};

/**
 * struct damon_tasks - reads which processes are forked and end, of the whole machine
 * @poll_fd: file descriptor that is readable when something has happened, -1: nothing is read
 * @kdamond: the thread whose snapshots are watched, as /proc numbers it, 0: those of all
 * @nr: number of events that were read, but are too new to be in order
 * @nr_read: number of events that were read the last time
 * @nr_lost: number of events that were lost
 */
struct damon_tasks {
	int			poll_fd;
	pid_t			kdamond;
	size_t			nr;
	size_t			nr_read;
	u64			nr_lost;

	/* private */
	struct evlist		*evlist;
	struct evsel		*snapshots;
	struct damon_task_event	*event;
	size_t			capacity;
};

int damon_tasks__open(struct damon_tasks *tasks);
void damon_tasks__close(struct damon_tasks *tasks);
int damon_tasks__read(struct damon_tasks *tasks,
		      int (*fn)(void *data, const struct damon_task_event *event), void *data);
int damon_tasks__watch_snapshots(struct damon_tasks *tasks, bool begin);

#endif /* __PERF_DAMON_TASKS_H */
