// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: what /proc tells of those that are monitored, and of our own.
 */
#include "../errors.h"
#include "../name.h"
#include "process.h"
#include "settings.h"
#include "util/rlimit.h"
#include "util/thread_map.h"
#include "util/time-utils.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <api/fs/fs.h>
#include <api/io.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Missing in perf's copy of the system call numbers, and in some libcs. */
#ifndef __NR_pidfd_open
#ifdef __alpha__
#define __NR_pidfd_open	544
#else
#define __NR_pidfd_open	434
#endif
#endif

/**
 * damon_pidfd_open - get a file descriptor that becomes readable when a process ends
 * @pid: the process
 *
 * Return: the file descriptor, or -1 with errno set.
 */
int damon_pidfd_open(pid_t pid)
{
	return syscall(__NR_pidfd_open, pid, 0);
}

/**
 * damon_signals__that_end - the signals that normally end a program
 * @mask: set to them; SIGHUP is one if it is not ignored (nohup)
 */
void damon_signals__that_end(sigset_t *mask)
{
	struct sigaction hangup;

	sigemptyset(mask);
	sigaddset(mask, SIGINT);
	sigaddset(mask, SIGTERM);
	sigaddset(mask, SIGQUIT);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(mask, SIGHUP);
}

/* A file of /proc/PID as text, which the caller frees, or NULL. */
static char *read_proc(pid_t pid, const char *file)
{
	char path[64], *text;
	size_t size;

	scnprintf(path, sizeof(path), "%d/%s", pid, file);
	return procfs__read_str(path, &text, &size) ? NULL : text;
}

/* The value of a line of /proc/PID/status, 0: there is no such line. */
static unsigned long read_status(pid_t pid, const char *line)
{
	char *text = read_proc(pid, "status"), *at = text ? strstr(text, line) : NULL;
	unsigned long value = at ? strtoul(at + strlen(line), NULL, 10) : 0;

	free(text);
	return value;
}

/**
 * damon_process__name - find the name of a process
 * @pid: the process
 * @buf: set to the name, without control characters
 * @size: size of @buf
 */
void damon_process__name(pid_t pid, char *buf, size_t size)
{
	char *comm = read_proc(pid, "comm");

	scnprintf(buf, size, "%.*s", comm ? (int)strcspn(comm, "\n") : INT_MAX,
		  comm ?: "has ended");
	damon_name__make_printable(buf);
	free(comm);
}

/* A number in /proc/PID/stat, 0 if there is no such process, or if it is a zombie. */
static unsigned long long read_stat(pid_t pid, int field)
{
	/* The second field, the name in parentheses, may have any characters in it. */
	char *stat = read_proc(pid, "stat"), *fields = stat ? strrchr(stat, ')') : NULL;
	unsigned long long value = 0;
	int i;

	if (fields && fields[1] && !strchr("ZXx", fields[2])) {
		for (i = 2; fields && i < field; i++)
			fields = strchr(fields + 1, ' ');
		value = fields ? strtoull(fields, NULL, 10) : 0;
	}
	free(stat);
	return value;
}

/**
 * damon_process__start - find the start time of a process, by which it differs from later ones
 * @pid: the process
 *
 * Return: the time as in /proc/PID/stat, or 0 if there is no such process, or if it is a zombie.
 */
u64 damon_process__start(pid_t pid)
{
	return read_stat(pid, 22);
}

/**
 * damon_process__cpu_ns - find how much CPU time a process has used, with all its threads
 * @pid: the process
 *
 * Return: the time, 0 also if there is no such process.
 */
u64 damon_process__cpu_ns(pid_t pid)
{
	return (read_stat(pid, 14) + read_stat(pid, 15)) * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

/* The first thread that has memory; 0: a kernel thread, or a process that has ended. */
static pid_t find_thread_with_memory(pid_t pid)
{
	struct perf_thread_map *threads = thread_map__new_by_pid(pid);
	pid_t tid = 0;
	int i;

	for (i = 0; threads && !tid && i < perf_thread_map__nr(threads); i++) {
		if (read_status(perf_thread_map__pid(threads, i), "\nVmSize:"))
			tid = perf_thread_map__pid(threads, i);
	}
	perf_thread_map__put(threads);
	return tid;
}

/**
 * damon_process__has_memory - check whether a process can be monitored
 * @pid: the process
 *
 * Return: false if it is a kernel thread, or has ended.
 */
bool damon_process__has_memory(pid_t pid)
{
	return find_thread_with_memory(pid);
}

/* Mappings are recorded again at most so fast. */
#define MAPS_BYTES_PER_SEC	16384

/* Return: a checksum of the mappings, 0 if the process has ended. */
static u64 checksum_maps(const struct damon_process *process, u64 *bytes)
{
	char path[PATH_MAX], buf[BUFSIZ];
	u64 sum = 1;
	struct io io;
	int ch;

	*bytes = 0;
	scnprintf(path, sizeof(path), "%s/%d/task/%d/maps", procfs__mountpoint(), process->pid,
		  process->tid);
	io__init(&io, open(path, O_RDONLY | O_CLOEXEC), buf, sizeof(buf));
	if (io.fd < 0)
		return 0;
	while ((ch = io__get_char(&io)) >= 0) {
		sum = 31 * sum + ch;
		++*bytes;
	}
	close(io.fd);
	return *bytes ? sum : 0;
}

/**
 * damon_process__check_maps - check whether the mappings have changed since the last call
 * @process: the process
 * @nr: number of processes that are watched
 * @now: also if they were read a short time ago
 *
 * There is no event for what mremap() does, so this has to be polled.
 */
bool damon_process__check_maps(struct damon_process *process, size_t nr, bool now)
{
	u64 begin = rdclock(), bytes, old = process->maps, sum;

	if (!process->tid || process->pidfd < 0 || (!now && begin < process->next_ns))
		return false;
	sum = checksum_maps(process, &bytes);
	/* Its thread may have ended before others. */
	if (!sum)
		process->tid = find_thread_with_memory(process->pid);
	else
		process->maps = sum;
	process->next_ns = begin + max((u64)NSEC_PER_SEC,
				       nr * NSEC_PER_SEC * bytes / MAPS_BYTES_PER_SEC);
	return sum && old && sum != old;
}

/**
 * damon_process__open - begin to watch a process
 * @process: set to it
 * @tid: a thread of it
 *
 * Return: 0, -ESRCH: there is no such process, -EINVAL: it has no memory, or another error.
 */
int damon_process__open(struct damon_process *process, pid_t tid)
{
	*process = (struct damon_process){ .pidfd = -1, .pid = read_status(tid, "\nTgid:") };
	if (!process->pid)
		return -ESRCH;
	/* First this, so that the process that is looked at is the one that will be monitored. */
	process->pidfd = damon_pidfd_open(process->pid);
	if (process->pidfd < 0)
		return -errno;
	process->tid = find_thread_with_memory(process->pid);
	if (process->tid) {
		damon_process__check_maps(process, 1, /*now=*/true);
		return 0;
	}
	damon_process__close(process);
	return -EINVAL;
}

/**
 * damon_process__close - stop watching a process
 * @process: the process
 */
void damon_process__close(struct damon_process *process)
{
	if (process->pidfd >= 0)
		close(process->pidfd);
	process->pidfd = -1;
}

static void say_not_opened(pid_t tid, int err)
{
	if (err == -ESRCH)
		pr_err("no such process: %d\n", tid);
	else if (err == -EINVAL)
		pr_err("process %d has no memory of its own: it is a kernel thread, or has ended\n",
		       tid);
	else
		pr_err("cannot watch process %d: %s\n", tid, strerror(-err));
}

/**
 * damon_processes__open - find all processes that are monitored
 * @processes: set to them; damon_processes__close() closes and frees them
 * @settings: their IDs, or those of threads, which are replaced by their processes
 * @must_exist: fail if one does not exist, or has no memory, rather than leave it out
 * @nr_more: room for so many more
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_processes__open(struct damon_processes *processes, struct damon_settings *settings,
			  bool must_exist, size_t nr_more)
{
	size_t i, nr = settings->nr_pids;
	enum rlimit_action action = NO_CHANGE;
	struct damon_process *process;
	pid_t *tids = settings->pids;
	int err = 0;

	/* Each has a pidfd. */
	rlimit__increase_nofile(&action);
	processes->process = calloc(nr + nr_more + 1, sizeof(*process));
	settings->pids = NULL;
	settings->max_pids = 0;
	damon_settings__clear_pids(settings);
	if (!processes->process)
		err = damon_out_of_memory();
	for (i = 0; !err && i < nr; i++) {
		process = &processes->process[processes->nr];
		err = damon_process__open(process, tids[i]);
		if (err && must_exist)
			say_not_opened(tids[i], err);
		if (err) {
			err = must_exist ? err : 0;
			continue;
		}
		if (damon_settings__add_pid(settings, process->pid))
			err = damon_out_of_memory();
		/* Unless another of its threads was given before. */
		if (settings->nr_pids > processes->nr)
			processes->nr++;
		else
			damon_process__close(process);
	}
	free(tids);
	return err;
}

/**
 * damon_processes__add_nobody - make a process that has ended, for targets that are none
 * @processes: the processes, which get it if they have none yet
 *
 * Until it is waited for, at our end, its number belongs to no other process.
 *
 * Return: 0 or a negative error number.
 */
int damon_processes__add_nobody(struct damon_processes *processes)
{
	struct damon_process *nobody = &processes->nobody;
	pid_t pid;

	if (nobody->pid)
		return 0;
	pid = fork();
	if (!pid) {
		/* For perf damon status, which lists all targets. */
		prctl(PR_SET_NAME, "nobody");
		_exit(0);
	}
	if (pid < 0)
		return -errno;
	*nobody = (struct damon_process){ .pid = pid, .pidfd = damon_pidfd_open(pid) };
	return nobody->pidfd < 0 ? -errno : 0;
}

/**
 * damon_processes__close - stop watching all processes
 * @processes: the processes
 */
void damon_processes__close(struct damon_processes *processes)
{
	while (processes->nr)
		damon_process__close(&processes->process[--processes->nr]);
	zfree(&processes->process);
	if (!processes->nobody.pid)
		return;
	damon_process__close(&processes->nobody);
	waitpid(processes->nobody.pid, NULL, 0);
	processes->nobody.pid = 0;
}
