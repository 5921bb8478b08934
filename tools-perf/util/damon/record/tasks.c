// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes are forked and end, and when snapshots are taken, read by perf events while it
 * happens.
 *
 * The events are those of all CPUs, not inherited by children of some process: forks get no slower,
 * and processes that have another parent are seen, too. Who may record DAMON's tracepoint may do
 * that.
 */
#include "../array.h"
#include "../errors.h"
#include "tasks.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/mmap.h"
#include "util/time-utils.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>
#include <perf/mmap.h>

/* Size of the ring buffer of each CPU: room for 2,000 processes, with fork, exec and exit. */
#define RING_SIZE	(256 << 10)

/* An event has been written so long after its time. */
#define MAX_DELAY_NS	NSEC_PER_MSEC

static int poll_all(struct damon_tasks *tasks)
{
	const struct fdarray *fds = &tasks->evlist->core.pollfd;
	int i;

	tasks->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; tasks->poll_fd >= 0 && i < fds->nr; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		if (epoll_ctl(tasks->poll_fd, EPOLL_CTL_ADD, fds->entries[i].fd, &event))
			return -errno;
	}
	return tasks->poll_fd < 0 ? -errno : 0;
}

/* By the clock of the record, and whoever polls is told at once. */
static void set_attr(struct perf_event_attr *attr)
{
	attr->watermark = 1;
	attr->wakeup_watermark = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC;
}

static int add_events(struct damon_tasks *tasks)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY, .size = sizeof(attr),
		.task = 1, .comm = 1, .comm_exec = 1, .exclude_kernel = 1,
		.sample_type = PERF_SAMPLE_TIME, .sample_id_all = 1,
	};
	struct evsel *forks, *snapshots;

	set_attr(&attr);
	forks = evsel__new(&attr);
	if (!forks)
		return -ENOMEM;
	evlist__add(tasks->evlist, forks);
	snapshots = evsel__newtp("damon", "damon_aggregated");
	if (IS_ERR(snapshots))
		return PTR_ERR(snapshots);
	set_attr(&snapshots->core.attr);
	snapshots->core.attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
	snapshots->core.attr.disabled = 1;
	evlist__add(tasks->evlist, snapshots);
	tasks->snapshots = snapshots;
	return 0;
}

/**
 * damon_tasks__open - begin to watch all processes of the machine
 * @tasks: set up; damon_tasks__close() frees it
 *
 * Return: 0 or a negative error number.
 */
int damon_tasks__open(struct damon_tasks *tasks)
{
	int err;

	*tasks = (struct damon_tasks){ .poll_fd = -1, .evlist = evlist__new() };
	if (!tasks->evlist)
		return -ENOMEM;
	err = add_events(tasks);
	if (!err && evlist__open(tasks->evlist))
		err = -errno;
	if (!err && evlist__mmap(tasks->evlist, RING_SIZE / sysconf(_SC_PAGESIZE)))
		err = -errno;
	err = err ?: poll_all(tasks);
	if (err)
		damon_tasks__close(tasks);
	return err;
}

/**
 * damon_tasks__close - end watching
 * @tasks: what damon_tasks__open() has set up, or zeroes
 */
void damon_tasks__close(struct damon_tasks *tasks)
{
	if (!tasks->evlist)
		return;
	if (tasks->poll_fd >= 0)
		close(tasks->poll_fd);
	tasks->poll_fd = -1;
	evlist__delete(tasks->evlist);
	tasks->evlist = NULL;
	zfree(&tasks->event);
	tasks->nr = 0;
	tasks->capacity = 0;
}

/* Behind what is of its type, as set by sample_id_all */
static u64 time_of(const union perf_event *event)
{
	return *(const u64 *)((const char *)event + event->header.size - sizeof(u64));
}

/* Return: whether the event is one of those that are looked for. */
static bool parse(struct damon_tasks *tasks, const union perf_event *event,
		  struct damon_task_event *task)
{
	switch (event->header.type) {
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		*task = (struct damon_task_event){
			.time = time_of(event), .pid = event->fork.pid,
			.parent = event->fork.ppid,
			.kind = event->header.type == PERF_RECORD_FORK ? DAMON_TASK_FORK :
									 DAMON_TASK_EXIT,
		};
		/* Not of a thread, and not of a process that has no number here. */
		return task->pid > 0 && event->fork.tid == event->fork.pid;
	case PERF_RECORD_COMM:
		*task = (struct damon_task_event){
			.time = time_of(event), .pid = event->comm.pid, .kind = DAMON_TASK_EXEC,
		};
		return task->pid > 0 && event->header.misc & PERF_RECORD_MISC_COMM_EXEC;
	case PERF_RECORD_SAMPLE:
		*task = (struct damon_task_event){
			.time = time_of(event), .kind = DAMON_TASK_SNAPSHOT,
		};
		/* First the ID of the process, which is that of the thread, too. */
		memcpy(&task->pid, event->sample.array, sizeof(u32));
		return !tasks->kdamond || task->pid == tasks->kdamond;
	case PERF_RECORD_LOST:
		tasks->nr_lost += event->lost.lost;
		return false;
	default:
		return false;
	}
}

static int read_ring(struct damon_tasks *tasks, struct perf_mmap *ring)
{
	union perf_event *event;
	int err = 0;

	if (perf_mmap__read_init(ring))
		return 0;
	while (!err && (event = perf_mmap__read_event(ring))) {
		if (tasks->nr == tasks->capacity)
			err = damon_array__grow(&tasks->event, &tasks->capacity);
		if (!err && parse(tasks, event, &tasks->event[tasks->nr]))
			tasks->nr++;
		perf_mmap__consume(ring);
	}
	perf_mmap__read_done(ring);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct damon_task_event *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

/**
 * damon_tasks__read - read what has happened
 * @tasks: the events
 * @fn: called for each, in order of time; a non-zero result ends the reading
 * @data: passed to @fn
 *
 * Each CPU has a ring buffer of its own, which are read one after the other: what is so new that an
 * older event may be in one that was read before is left for the next call.
 *
 * Return: 0, -ENOMEM or the non-zero result of @fn.
 */
int damon_tasks__read(struct damon_tasks *tasks,
		      int (*fn)(void *data, const struct damon_task_event *event), void *data)
{
	u64 until = rdclock() - MAX_DELAY_NS;
	size_t done = 0, before = tasks->nr;
	int i, err = 0;

	for (i = 0; !err && i < tasks->evlist->core.nr_mmaps; i++)
		err = read_ring(tasks, &tasks->evlist->mmap[i].core);
	tasks->nr_read = tasks->nr - before;
	qsort(tasks->event, tasks->nr, sizeof(*tasks->event), by_time);
	while (!err && done < tasks->nr && tasks->event[done].time <= until)
		err = fn(data, &tasks->event[done++]);
	tasks->nr -= done;
	memmove(tasks->event, tasks->event + done, tasks->nr * sizeof(*tasks->event));
	return err;
}

/**
 * damon_tasks__watch_snapshots - begin or end to read when snapshots are taken
 * @tasks: the events
 * @begin: begin
 *
 * Return: 0 or a negative error number.
 */
int damon_tasks__watch_snapshots(struct damon_tasks *tasks, bool begin)
{
	return begin ? evsel__enable(tasks->snapshots) : evsel__disable(tasks->snapshots);
}
