// SPDX-License-Identifier: GPL-2.0
/*
 * Runs cmd_record() in a child process: it takes over signal handling and may exit, and the monitor
 * has to be turned off in any case.
 */
#include "mend.h"
#include "../model/event.h"
#include "../monitor/process.h"
#include "record.h"
#include "util/debug.h"
#include "util/evlist.h"
#include "util/perf-hooks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/log2.h>

/* Size of a sample in perf.data. */
#define EVENT_SIZE	112

/*
 * The kdamond emits all regions of a snapshot in a burst, on one CPU. The ring buffer of each has
 * room for two bursts, and at least perf's default size.
 */
static unsigned int ring_buffer_pages(const struct damon_record *record)
{
	const u64 least = 512 << 10, most = 16 << 20;
	u64 burst = most, page_size = sysconf(_SC_PAGESIZE);
	u64 nr_targets = record->settings.nr_pids ?: 1;

	if (record->mmap_pages)
		return record->mmap_pages;
	if (record->settings.max_regions < most / EVENT_SIZE / nr_targets)
		burst = record->settings.max_regions * nr_targets * EVENT_SIZE;
	burst = min(most, max(least, 2 * burst));
	/* The events of -e need as much as they would alone. */
	return roundup_pow_of_two(burst + (record->passed.events ? least : 0)) / page_size;
}

/* perf record's -q would also suppress errors. Those that can still occur here tell of writes. */
static void be_quiet(void *data __maybe_unused)
{
	quiet = true;
}

/* The command line for cmd_record(). The process ends with it, so nothing is freed. */
struct args {
	const char	*argv[40 + ARRAY_SIZE(((struct damon_passed *)0)->arg)];
	int		argc;
};

static void __printf(2, 3) add(struct args *args, const char *fmt, ...)
{
	char *arg;
	va_list list;

	va_start(list, fmt);
	if (vasprintf(&arg, fmt, list) < 0)
		exit(1);
	va_end(list);
	args->argv[args->argc++] = arg;
}

static void add_event(struct args *args, const char *name, const char *filter)
{
	add(args, "-e%s/system-wide,period=1,call-graph=no/", name);
	if (filter)
		add(args, "--filter=%s", filter);
}

/*
 * DAMON's events are recorded on all CPUs, as the kdamond may not have started yet. The dummy event
 * tracks the names and mappings of the targets, and of no other process. Without targets it tracks
 * our own process: perf record would track all processes of the machine. That is wanted only if
 * other events are recorded, too. What is asked for these is not for DAMON's events.
 */
static void add_events(struct args *args, const struct damon_record *record, const char *pids,
		       const char *filter)
{
	bool with_children = record->settings.max_children, others = record->passed.events;

	add(args, with_children ? "-edummy:u" : "-edummy/inherit-thread/u");
	if (record->applied)
		add_event(args, DAMOS_EVENT, filter);
	add_event(args, DAMON_EVENT, filter);
	if (!pids && others) {
		add(args, "-a");
		add(args, "-d");
		return;
	}
	if (!pids) {
		add(args, "-p%d", getppid());
		add(args, "--no-buildid");
		add(args, "--synth=no");
		return;
	}
	add(args, "-p%s", pids);
	/* Also record data mappings, and build IDs, by which changed files are detected. */
	add(args, "-d");
	add(args, "--buildid-mmap");
	/* No sample tells which files are used: list all that are mapped. */
	add(args, "--buildid-all");
	/* Each of several files has them, too. */
	add(args, "--no-no-buildid");
	/* In ms. Mappings not read within perf's default of 500 ms would be missing. */
	add(args, "--proc-map-timeout=10000");
}

/* Those of the user, which are checked by perf record. */
static void add_passed(struct args *args, const struct damon_passed *passed)
{
	size_t i;

	/* The clock is that by which we note when settings have changed. */
	add(args, "-k%s", passed->clock_name ?: "CLOCK_MONOTONIC");
	/* We enable the events, at times that count from the begin of the command. */
	if (passed->delayed)
		add(args, "-D-1");
	for (i = 0; i < passed->nr; i++)
		args->argv[args->argc++] = passed->arg[i];
}

/**
 * damon_recorder__check - let perf record check the options that are passed on
 * @record: what will be recorded, and how
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_recorder__check(const struct damon_record *record)
{
	struct args args = { .argv = { "record", "--dry-run", "-m1" }, .argc = 3 };
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		add_passed(&args, &record->passed);
		exit(record->cmd_record(args.argc, args.argv) ? 1 : 0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		return status ? -EINVAL : 0;
	pr_err("cannot check the options for perf record: %m\n");
	return -errno;
}

/*
 * The child stops only on a command from the control socket: a ^C reaches all processes of the
 * terminal, and would stop the recording before the monitor. When the parent dies, it gets SIGCHLD:
 * as if its workload had exited, perf record writes everything.
 */
static int run_record(const struct damon_record *record, const char *pids, const char *filter,
		      int control, pid_t parent)
{
	/* DAMON's event has its CPU in any case: let all have it, or perf script -C fails. */
	struct args args = {
		.argv = { "record", "--no-bpf-event", "--sample-identifier", "--sample-cpu" },
		.argc = 4,
	};
	sigset_t mask;

	damon_signals__that_end(&mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	prctl(PR_SET_PDEATHSIG, SIGCHLD);
	if (getppid() != parent)
		_exit(1);
	add_events(&args, record, pids, filter);
	add(&args, "-m%u", ring_buffer_pages(record));
	add(&args, "--control=fd:%d,%d", control, control);
	if (record->comp_level)
		add(&args, "--compression-level=%u", record->comp_level);
	if (record->max_size)
		add(&args, "--max-size=%lluB", (unsigned long long)record->max_size);
	add(&args, "-o%s", record->output);
	/* Somebody may be waiting for each snapshot. */
	if (!strcmp(record->output, "-"))
		add(&args, "--no-buffering");
	add_passed(&args, &record->passed);
	if (quiet)
		perf_hooks__set_hook("record_start", be_quiet, NULL);
	quiet = false;
	return record->cmd_record(args.argc, args.argv);
}

/**
 * damon_recorder__start - start perf record
 * @recorder: the recorder
 * @pids: processes whose names and mappings are recorded, such as 123,456, or NULL
 * @filter: filter of DAMON's events, NULL: those of all kdamonds
 * @lock: file descriptor that the child closes, because it holds the lock
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_recorder__start(struct damon_recorder *recorder, const char *pids, const char *filter,
			  int lock)
{
	pid_t parent = getpid();
	int control[2], err;
	struct stat st;

	/* perf record does not rename an empty file, but writes to it. */
	recorder->old = !stat(recorder->record->output, &st) && st.st_size ? st.st_ino : 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control)) {
		err = -errno;
		pr_err("cannot talk to perf record: %m\n");
		return err;
	}
	fflush(NULL);
	recorder->pid = fork();
	if (!recorder->pid) {
		/* Do not keep the lock after the parent has been killed. */
		if (lock >= 0)
			close(lock);
		/* Keep both ends: on a hangup, perf record would leave the file unfinished. */
		exit(run_record(recorder->record, pids, filter, control[1], parent) ? 1 : 0);
	}
	close(control[1]);
	recorder->control = control[0];
	if (recorder->pid > 0)
		recorder->pidfd = damon_pidfd_open(recorder->pid);
	if (recorder->pidfd >= 0)
		return 0;
	err = -errno;
	pr_err("cannot start perf record: %m\n");
	damon_recorder__discard(recorder);
	return err;
}

/**
 * damon_recorder__command - give perf record a command; see its --control
 * @recorder: the recorder
 * @fmt: format of the command, without a newline
 *
 * perf record reads commands, and answers, only after it has enabled its events.
 *
 * Return: 0 or a negative error number, -EAGAIN if perf record is held up, such as by a pipe that
 * nobody reads.
 */
int damon_recorder__command(struct damon_recorder *recorder, const char *fmt, ...)
{
	char text[EVLIST_CTL_CMD_MAX_LEN];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(text, sizeof(text) - 1, fmt, args);
	va_end(args);
	text[len++] = '\n';
	/* So short a text is sent as a whole, or not at all. */
	if (send(recorder->control, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return -errno;
	recorder->nr_commands++;
	return 0;
}

/**
 * damon_recorder__read_acks - read acknowledgments
 * @recorder: the recorder, whose socket is readable
 *
 * Return: false if there are none, as perf record has exited.
 */
bool damon_recorder__read_acks(struct damon_recorder *recorder)
{
	char acks[256];
	ssize_t i, size = recv(recorder->control, acks, sizeof(acks), MSG_DONTWAIT);

	for (i = 0; i < size; i++)
		recorder->nr_acks += acks[i] == '\n';
	return size > 0;
}

/**
 * damon_recorder__wait - wait for perf record, and read its acknowledgments meanwhile
 * @recorder: the recorder
 * @signals: signalfd of the signals that end the wait
 * @event: POLLOUT: until it takes commands, 0: until its end
 *
 * It takes no more commands while nobody reads its acknowledgments.
 *
 * Return: the event, or POLLHUP if it has ended, or 0 if there was a signal.
 */
short damon_recorder__wait(struct damon_recorder *recorder, int signals, short event)
{
	struct pollfd fds[] = {
		{ .fd = recorder->control, .events = POLLIN | event },
		{ .fd = recorder->pidfd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	do {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[1].revents)
			return POLLHUP;
		if (fds[0].revents & event)
			return event;
		if (fds[0].revents)
			damon_recorder__read_acks(recorder);
	} while (!fds[2].revents);
	return 0;
}

/* Return: its status, as from waitpid(). */
static int reap(struct damon_recorder *recorder)
{
	int status = 0;

	if (recorder->pid > 0)
		waitpid(recorder->pid, &status, 0);
	if (recorder->pidfd >= 0)
		close(recorder->pidfd);
	close(recorder->control);
	recorder->pid = 0;
	return status;
}

/* Finish the file after an error. */
static void mend_output(const struct damon_record *record)
{
	u32 mmap_len = (ring_buffer_pages(record) + 1) * sysconf(_SC_PAGESIZE);
	int err;

	if (!strcmp(record->output, "-"))
		return;
	err = damon_mend(record->output, record->comp_level ? mmap_len : 0);
	if (!err)
		pr_err("%s has what was recorded until then\n", record->output);
	else if (err != -EEXIST)
		pr_err("%s is kept, but it is not complete, and perf cannot read it: %s\n",
		       record->output, strerror(-err));
}

/**
 * damon_recorder__stop - let perf record write everything, and wait for it
 * @recorder: the recorder
 * @signals: signalfd of the signals that end the wait, and perf record
 *
 * Return: 0 when the file is complete, or a negative error number; errors are printed, by perf
 * record itself unless it was killed.
 */
int damon_recorder__stop(struct damon_recorder *recorder, int signals)
{
	int status, err = 0;

	/* It may already have exited with its last target, or be held up. */
	if (damon_recorder__wait(recorder, signals, POLLOUT) == POLLOUT)
		damon_recorder__command(recorder, "stop");
	if (!damon_recorder__wait(recorder, signals, 0)) {
		kill(recorder->pid, SIGKILL);
		err = -EIO;
	}
	status = reap(recorder);
	if (!err && WIFSIGNALED(status)) {
		pr_err("perf record was killed before the monitor was stopped\n");
		err = -EPIPE;
	}
	if (status)
		mend_output(recorder->record);
	return err ?: status ? -EIO : 0;
}

/* Remove the file that perf record has begun, and restore an older one that it has renamed. */
static void restore_output(const struct damon_recorder *recorder)
{
	const char *output = recorder->record->output;
	char *backup;
	struct stat st;

	if (!strcmp(output, "-"))
		return;
	if (!stat(output, &st)) {
		/* Such as a device, or what perf record has not come to rename. */
		if (!S_ISREG(st.st_mode) || st.st_ino == recorder->old)
			return;
		unlink(output);
	}
	if (recorder->old && asprintf(&backup, "%s.old", output) >= 0) {
		rename(backup, output);
		free(backup);
	}
}

/**
 * damon_recorder__discard - kill perf record, and remove what it has written
 * @recorder: the recorder of a recording that has not begun
 */
void damon_recorder__discard(struct damon_recorder *recorder)
{
	if (!recorder->pid)
		return;
	if (recorder->pid > 0)
		kill(recorder->pid, SIGKILL);
	reap(recorder);
	restore_output(recorder);
}
