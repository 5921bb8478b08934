// SPDX-License-Identifier: GPL-2.0
/*
 * The targets of our kdamond, while processes come and go.
 *
 * All changes of about an aggregation interval are joined in one commit. It takes effect when the
 * next snapshot has been emitted. So the note of it has a time half an interval after that. No
 * other change is made until then.
 *
 * On kernels whose targets cannot be changed, each child has a kdamond of its own.
 */
#include "../errors.h"
#include "../monitor/kdamond.h"
#include "members.h"
#include "../monitor/process.h"
#include "targets.h"
#include "util/time-utils.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>

/* After an update there is a pause of so many times its CPU time: a fifth of a CPU at most. */
#define PAUSE		4

/* A kdamond may be late. If it takes longer than that, it has ended, or somebody has changed it. */
#define TIMEOUT_NS	(2 * (u64)NSEC_PER_SEC)

/* What is forked and ends within a quarter of an aggregation interval never becomes a target. */
static u64 min_age(const struct damon_targets *targets)
{
	return max(targets->settings->aggr_ns / 4, (u64)NSEC_PER_MSEC);
}

static int add_member(void *children, pid_t pid)
{
	return damon_children__add(children, pid, rdclock());
}

static int choose_members(struct damon_settings *settings, struct damon_children *children)
{
	size_t i;
	int err;

	err = damon_children__choose(children, settings, -1ULL, damon_process__cpu_ns);
	for (i = 0; !err && i < children->nr; i++)
		err = damon_settings__add_pid(settings, children->target[i]);
	return err;
}

/**
 * damon_targets__find - find the processes that are monitored first
 * @members: whose processes
 * @settings: set to them; without children, all of them
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_targets__find(const struct damon_members *members, struct damon_settings *settings)
{
	struct damon_children children;
	int err;

	err = damon_children__init(&children, settings->max_children ?: SIZE_MAX);
	err = err ?: damon_members__list(members, add_member, &children);
	err = err ?: choose_members(settings, &children);
	damon_children__exit(&children);
	if (err)
		return damon_out_of_memory();
	if (settings->nr_pids)
		return 0;
	if (members->cgroup)
		pr_err("-G: no process is in cgroup '%s' yet: record once there is one\n",
		       members->cgroup);
	else
		pr_err("-u: no process of user '%s' is running yet: record once there is one\n",
		       members->user);
	return -ESRCH;
}

/**
 * damon_targets__open - begin to watch which processes come and go
 * @targets: the targets, with @monitor, @settings and @processes set
 * @max: how many children may be targets
 *
 * If that is not possible, they are not monitored, which is said.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_targets__open(struct damon_targets *targets, size_t max)
{
	const struct damon_settings *settings = targets->settings;
	u64 now = rdclock();
	size_t i;
	int err;

	targets->next_ns = 0;
	if (max && !damon_monitor__can_commit())
		targets->nr_shared = settings->nr_pids;
	err = damon_children__init(&targets->children, max);
	for (i = 0; !err && i < settings->nr_pids; i++)
		err = damon_children__give(&targets->children, settings->pids[i], now,
					   !targets->members || !max || targets->nr_shared);
	if (err)
		return damon_out_of_memory();
	err = damon_tasks__open(&targets->tasks);
	if (err)
		damon_warning("child processes are neither monitored nor counted: %s\n",
			      strerror(-err));
	return 0;
}

/* Other kernels may find its new memory late, or never: see damon_monitor__can_commit(). */
static void note_exec(struct damon_targets *targets, pid_t pid)
{
	const struct damon_processes *processes = targets->processes;
	size_t i;

	for (i = targets->nr_shared; targets->nr_shared && i < processes->nr; i++) {
		if (processes->process[i].pid != pid)
			continue;
		processes->process[i].has_new_image = true;
		targets->failed = true;
	}
}

static int process_event(void *data, const struct damon_task_event *event)
{
	struct damon_targets *targets = data;
	struct damon_children *children = &targets->children;

	switch (event->kind) {
	case DAMON_TASK_FORK:
		return damon_children__fork(children, event->parent, event->pid, event->time);
	case DAMON_TASK_EXIT:
		/* The end of a target is told by its pidfd first: other threads may go on. */
		if (!damon_children__is_target(children, event->pid))
			damon_children__end(children, event->pid);
		break;
	case DAMON_TASK_EXEC:
		note_exec(targets, event->pid);
		break;
	case DAMON_TASK_SNAPSHOT:
		if (!targets->snapshot_ns && event->time > targets->commit_ns)
			targets->snapshot_ns = event->time;
		break;
	default:
		break;
	}
	return 0;
}

/**
 * damon_targets__ended - note that the process of a target has ended
 * @targets: the targets
 * @pid: the process
 */
void damon_targets__ended(struct damon_targets *targets, pid_t pid)
{
	if (targets->tasks.poll_fd < 0)
		return;
	damon_children__retire(&targets->children, pid);
	targets->changed = true;
	targets->next_ns = 0;
}

static int open_process(struct damon_process *process, pid_t pid)
{
	if (damon_process__open(process, pid) || process->pid != pid)
		return -ESRCH;
	process->is_new = true;
	return 0;
}

/* Begin to watch those that are new, and end it for those that are targets no more. */
static int open_processes(struct damon_targets *targets)
{
	struct damon_children *children = &targets->children;
	struct damon_processes *processes = targets->processes;
	size_t i, nr = max(children->nr, processes->nr);

	for (i = 0; i < nr; i++) {
		struct damon_process *process = &processes->process[i];
		pid_t pid = i < children->nr ? children->target[i] : 0;

		if (i >= processes->nr)
			*process = (struct damon_process){ .pidfd = -1 };
		if (process->pid != pid)
			damon_process__close(process);
		if (pid && process->pid != pid && open_process(process, pid)) {
			damon_process__close(process);
			damon_children__end(children, pid);
			pid = 0;
		}
		process->pid = pid;
		if (!pid && !targets->nr_shared && damon_processes__add_nobody(processes))
			return -ENOMEM;
	}
	processes->nr = children->nr;
	return 0;
}

static int set_pids(struct damon_targets *targets)
{
	const struct damon_children *children = &targets->children;
	struct damon_settings *settings = targets->settings;
	size_t i;
	int err = 0;

	damon_settings__clear_pids(settings);
	for (i = 0; !err && i < children->nr; i++)
		err = damon_settings__append_pid(settings, children->target[i]);
	return err;
}

static void begin_commit(struct damon_targets *targets)
{
	targets->snapshot_ns = 0;
	targets->tasks.kdamond = targets->monitor->tid;
	targets->failed = damon_tasks__watch_snapshots(&targets->tasks, true);
	targets->commit_ns = rdclock();
	if (!targets->failed)
		targets->failed = damon_monitor__commit(targets->settings, targets->processes);
}

/* If it has failed, processes have ended meanwhile: it is tried again without these. */
static void end_commit(struct damon_targets *targets, u64 now)
{
	u64 half = targets->settings->aggr_ns / 2;
	bool late = now - targets->commit_ns > 4 * half + TIMEOUT_NS;

	if (!targets->failed && !targets->snapshot_ns && !late)
		return;
	damon_tasks__watch_snapshots(&targets->tasks, false);
	targets->free_ns = now;
	if (!targets->failed) {
		targets->since_ns = (targets->snapshot_ns ?: targets->commit_ns) + half;
		targets->free_ns = targets->since_ns;
	}
	targets->commit_ns = 0;
}

/* Stop kdamonds of their own, and start others. */
static void change_kdamonds(struct damon_targets *targets)
{
	struct damon_children *children = &targets->children;
	struct damon_processes *processes = targets->processes;
	const struct damon_settings *settings = targets->settings;
	size_t i, nr = max(children->nr, settings->nr_pids);

	for (i = targets->nr_shared; i < nr; i++) {
		pid_t was = i < settings->nr_pids ? settings->pids[i] : 0;
		pid_t pid = i < children->nr ? children->target[i] : 0;
		struct damon_process *process = &processes->process[i];
		unsigned int index = i - targets->nr_shared + 1;

		if (was == pid && !(pid && process->has_new_image))
			continue;
		if (was)
			damon_monitor__remove(index);
		process->has_new_image = false;
		process->is_new = pid;
		if (!pid || !damon_monitor__add(index, settings, process))
			continue;
		damon_process__close(process);
		process->pid = 0;
		damon_children__end(children, pid);
	}
	processes->nr = children->nr;
	targets->failed = false;
}

/* If all targets have ended, so has our kdamond: begin once more, with the new ones. */
static void restart(struct damon_targets *targets)
{
	targets->since_ns = rdclock();
	targets->free_ns = targets->since_ns;
	targets->failed = damon_monitor__restart(targets->monitor, targets->settings,
						 targets->processes);
}

/* Some may have ended, and the caller does not know it yet. */
static bool is_alive(const struct damon_processes *processes)
{
	size_t i;

	for (i = 0; i < processes->nr; i++) {
		struct pollfd pollfd = { .fd = processes->process[i].pidfd, .events = POLLIN };

		if (pollfd.fd >= 0 && !poll(&pollfd, 1, 0))
			return true;
	}
	return false;
}

static int change(struct damon_targets *targets, bool is_on)
{
	struct damon_children *children = &targets->children;
	int err = open_processes(targets);

	if (!err && targets->nr_shared)
		change_kdamonds(targets);
	/* If all have ended, let our kdamond end, too. */
	if (err || targets->nr_shared)
		return err ?: set_pids(targets) ?: 1;
	if (!children->nr ||
	    (!targets->failed && !damon_children__differ(children, targets->settings)))
		return 0;
	err = set_pids(targets);
	if (err)
		return err;
	if (is_on)
		begin_commit(targets);
	else
		restart(targets);
	return 1;
}

/* Somebody else may have turned our kdamond off: then there is nothing to change. */
static int choose(struct damon_targets *targets, u64 now)
{
	struct damon_children *children = &targets->children;
	u64 age = min_age(targets);
	bool is_on;
	int err;

	if (!targets->changed && !targets->failed &&
	    damon_children__next(children, age, targets->again_ns) > now)
		return 0;
	is_on = targets->nr_shared || damon_monitor__is_on();
	if (!is_on && is_alive(targets->processes))
		return 0;
	targets->changed = false;
	targets->again_ns = now + NSEC_PER_SEC;
	err = damon_children__choose(children, targets->settings, now - age, damon_process__cpu_ns);
	if (err || (!targets->failed && !damon_children__differ(children, targets->settings)))
		return err;
	return change(targets, is_on);
}

/* About once a second, and in no more than 10 % of the time: some may have come from elsewhere. */
static int list_members(struct damon_targets *targets, u64 now)
{
	int err;

	err = damon_members__list(targets->members, add_member, &targets->children);
	damon_children__end_unseen(&targets->children, now);
	targets->members_ns = now + max((u64)NSEC_PER_SEC, 10 * (u64)(rdclock() - now));
	targets->changed = true;
	return err;
}

static bool follows_members(const struct damon_targets *targets)
{
	return targets->members && targets->children.max;
}

/* When to do something, if nothing happens, -1ULL: never */
static u64 next_time(const struct damon_targets *targets)
{
	u64 next;

	if (!targets->children.max)
		return -1ULL;
	if (targets->commit_ns || targets->tasks.nr)
		return 0;
	if (targets->changed || targets->failed)
		return targets->free_ns;
	next = damon_children__next(&targets->children, min_age(targets), targets->again_ns);
	next = max(targets->free_ns, next);
	return targets->members ? min(next, targets->members_ns) : next;
}

/* Events that come one by one are read together. */
static void set_next_time(struct damon_targets *targets, u64 cpu_ns)
{
	u64 age = min_age(targets), pause = max(age, (u64)PAUSE * cpu_ns);

	targets->waits = pause == age && !targets->tasks.nr_read;
	targets->next_ns = targets->waits ? next_time(targets) : 0;
	if (targets->next_ns != -1ULL)
		targets->next_ns = max(targets->next_ns, (u64)rdclock() + pause);
}

static u64 cpu_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/**
 * damon_targets__are_changing - check whether the targets are being changed
 * @targets: the targets
 *
 * Return: true also if the change has not been noted.
 */
bool damon_targets__are_changing(const struct damon_targets *targets)
{
	return targets->commit_ns || targets->since_ns;
}

/**
 * damon_targets__update - change the targets if processes have come or gone
 * @targets: the targets
 *
 * Called when it is time, or when the events of processes can be read.
 *
 * Return: 1 if the processes have changed, 0 if not, or a negative error number; errors are
 * printed.
 */
int damon_targets__update(struct damon_targets *targets)
{
	u64 now = rdclock(), begin = cpu_clock();
	int ret;

	if (targets->tasks.poll_fd < 0)
		return 0;
	ret = damon_tasks__read(&targets->tasks, process_event, targets);
	if (!ret && follows_members(targets) && now >= targets->members_ns)
		ret = list_members(targets, now);
	if (!ret && targets->commit_ns)
		end_commit(targets, now);
	if (!ret && targets->children.max && !damon_targets__are_changing(targets) &&
	    now >= targets->free_ns)
		ret = choose(targets, now);
	if (ret < 0)
		pr_err("cannot follow child processes: %s\n", strerror(-ret));
	set_next_time(targets, cpu_clock() - begin);
	return ret;
}

/**
 * damon_targets__expect - check whether there may be more targets when all have ended
 * @targets: the targets
 */
bool damon_targets__expect(struct damon_targets *targets)
{
	struct damon_children *children = &targets->children;

	if (targets->tasks.poll_fd < 0 || !children->max || is_alive(targets->processes))
		return false;
	if (damon_tasks__read(&targets->tasks, process_event, targets))
		return false;
	if (targets->tasks.nr)
		return true;
	return damon_children__sweep(children, damon_process__start);
}

/**
 * damon_targets__close - stop watching, and count what was not monitored
 * @targets: the targets
 */
void damon_targets__close(struct damon_targets *targets)
{
	if (targets->tasks.poll_fd >= 0)
		damon_tasks__read(&targets->tasks, process_event, targets);
	damon_tasks__close(&targets->tasks);
	if (targets->children.known)
		damon_children__exit(&targets->children);
}
