// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor of perf damon record. It starts the monitor, perf record and
 * the command, waits until the first of them ends, and cleans up.
 */
#include "errors.h"
#include "record.h"
#include "command.h"
#include "found.h"
#include "kdamond.h"
#include "pidfd.h"
#include "signals.h"
#include "targets.h"
#include "units.h"
#include "util/debug.h"
#include "util/header.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/**
 * struct supervisor - everything that runs or has to be restored
 * @record: options of the recording
 * @monitor: our kdamond
 * @found: kdamonds that were already running, which are left alone
 * @recorder: perf record
 * @command: the command that is recorded
 * @kdamond: pidfd of the kdamond
 * @signals: signalfd of the signals that end the recording
 * @end_signal: the signal that ended it
 * @old_mask: the original signal mask
 * @targets: pidfds of the targets, -1 for a target that has exited
 * @nr_targets: number of targets, 0: the exit of targets does not end the recording
 * @on_ns: start time of the recording
 * @has_begun: the recording has started, so the file may be worth keeping
 */
struct supervisor {
	struct damon_record	*record;
	struct damon_kdamond	monitor;
	struct damon_found	found;
	struct damon_recorder	recorder;
	struct damon_command	command;
	int			kdamond;
	int			signals;
	int			end_signal;
	sigset_t		old_mask;
	struct pollfd		*targets;
	size_t			nr_targets;
	u64			on_ns;
	bool			has_begun;
};

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/*
 * A distribution's perf may run this one as perf-damon, without forwarding
 * signals. End when that perf ends. SIGTERM is already blocked here, so it
 * stays pending until the signalfd is read.
 */
static void end_with_perf(void)
{
	pid_t parent = getppid();
	char name[32];

	damon_target__name(parent, name, sizeof(name));
	if (!strstarts(name, "perf"))
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

/*
 * A signal that ends perf must turn off the monitor first. SIGPIPE from
 * printing a message must not end perf.
 */
static int catch_signals(struct supervisor *sv)
{
	sigset_t mask;

	signal(SIGPIPE, SIG_IGN);
	damon_signals__block(SIG_BLOCK, &sv->old_mask);
	end_with_perf();

	damon_signals__that_end(&mask);
	sv->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sv->signals < 0) {
		int err = -errno;

		pr_err("cannot wait for signals: %m\n");
		return err;
	}
	return 0;
}

static void read_signal(struct supervisor *sv)
{
	struct signalfd_siginfo info;

	if (read(sv->signals, &info, sizeof(info)) == sizeof(info) && !sv->end_signal)
		sv->end_signal = info.ssi_signo;
}

static bool is_pipe(const struct damon_record *record)
{
	return !strcmp(record->output, "-");
}

static int find_targets(struct supervisor *sv)
{
	struct damon_record *record = sv->record;
	int err;

	if (record->pids) {
		err = damon_targets__resolve(&record->settings, record->pids);
		if (err)
			return err;
	}
	if (record->command) {
		err = damon_command__hold(&sv->command, record->command, &sv->old_mask,
					  is_pipe(record));
		if (err)
			return err;
	}
	if (damon_settings__is_physical(&record->settings))
		return damon_targets__find_ranges(&record->settings);
	/* With both -p and a command, the command only sets the duration. */
	if (!record->pids && damon_settings__add_pid(&record->settings, sv->command.pid))
		return damon_out_of_memory();
	return 0;
}

/*
 * Also watch the targets here: the kdamond notices their exit only at its next
 * check.
 */
static int watch_targets(struct supervisor *sv)
{
	const struct damon_settings *settings = &sv->record->settings;
	size_t i;

	sv->targets = calloc(settings->nr_pids ?: 1, sizeof(*sv->targets));
	if (!sv->targets)
		return damon_out_of_memory();
	for (i = 0; i < settings->nr_pids; i++) {
		int fd = damon_pidfd_open(settings->pids[i]);

		if (fd < 0) {
			int err = -errno;

			pr_err("cannot watch process %d: %m\n", settings->pids[i]);
			return err;
		}
		sv->targets[i].fd = fd;
		sv->targets[i].events = POLLIN;
		sv->nr_targets++;
	}
	return 0;
}

static int start_monitor(struct supervisor *sv)
{
	pid_t kdamond = damon_kdamond__turn_on(&sv->monitor);

	sv->on_ns = now_ns();
	if (kdamond < 0)
		return kdamond;
	sv->kdamond = damon_pidfd_open(kdamond);
	if (sv->kdamond < 0) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	return 0;
}

/* Fixed slots of the array for poll(); the pidfds of the targets follow. */
enum { POLL_SIGNAL, POLL_RECORDER, POLL_KDAMOND, POLL_COMMAND, POLL_CONTROL, NR_POLL };

static void init_poll(const struct supervisor *sv, struct pollfd *fds)
{
	int i;

	fds[POLL_SIGNAL].fd = sv->signals;
	fds[POLL_RECORDER].fd = sv->recorder.pidfd;
	fds[POLL_KDAMOND].fd = sv->kdamond;
	fds[POLL_COMMAND].fd = sv->command.pidfd;
	fds[POLL_CONTROL].fd = sv->recorder.control;
	for (i = 0; i < NR_POLL; i++)
		fds[i].events = POLLIN;
}

/* perf record answers when its events are enabled. */
static int wait_for_recorder(struct supervisor *sv)
{
	struct pollfd fds[NR_POLL];

	init_poll(sv, fds);
	/* A failure means that perf record has exited, which poll() reports. */
	damon_recorder__ping(&sv->recorder);
	while (poll(fds, NR_POLL, -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (fds[POLL_SIGNAL].revents) {
		read_signal(sv);
		return -EINTR;
	}
	if (fds[POLL_CONTROL].revents && !damon_recorder__acknowledged(&sv->recorder))
		return 0;
	if (fds[POLL_RECORDER].revents || fds[POLL_CONTROL].revents) {
		pr_err("perf record could not begin to write %s\n",
		       is_pipe(sv->record) ? "to the pipe" : sv->record->output);
		return -EPIPE;
	}
	pr_err("what is to be recorded has ended before perf record was ready\n");
	return -ESRCH;
}

static int start_recorder(struct supervisor *sv, const struct damon_settings *settings,
			  const char *pids, const char *filter)
{
	struct damon_record *record = sv->record;
	const struct damon_recording recording = {
		.settings	= settings,
		.pids		= pids,
		.filter		= filter,
		.output		= record->output,
		.command	= record->command,
		.options	= record->options,
		.lock		= sv->monitor.sysfs.kdamonds,
		.cmd_record	= record->cmd_record,
	};
	int err = damon_recorder__start(&sv->recorder, &recording);

	return err ?: wait_for_recorder(sv);
}

/* Closes the pidfds of targets that have exited. */
static bool targets_left(struct supervisor *sv)
{
	size_t i, left = 0;

	if (!sv->nr_targets || poll(sv->targets, sv->nr_targets, 0) < 0)
		return true;
	for (i = 0; i < sv->nr_targets; i++) {
		if (sv->targets[i].fd >= 0 && sv->targets[i].revents) {
			close(sv->targets[i].fd);
			sv->targets[i].fd = -1;
		}
		left += sv->targets[i].fd >= 0;
	}
	return left;
}

/* Rounded up, so that poll() does not spin during the last millisecond. */
static int remaining_ms(const struct supervisor *sv)
{
	u64 end_ns = sv->on_ns + sv->record->duration_ns, ns = now_ns();

	if (!sv->record->duration_ns)
		return -1;
	return ns < end_ns ? min_t(u64, INT_MAX, DIV_ROUND_UP(end_ns - ns, NSEC_PER_MSEC)) : 0;
}

static bool is_over(const struct supervisor *sv)
{
	return sv->record->duration_ns && !remaining_ms(sv);
}

/* perf record exits by itself with its last target, at --max-size, or on an error. */
static int recorder_ended(struct supervisor *sv)
{
	if (!damon_recorder__was_killed(&sv->recorder))
		return 0;
	pr_err("perf record was killed before the monitor was stopped\n");
	return -EPIPE;
}

/*
 * Return: 0 at a normal end, or a negative error number, for example if perf
 * record was killed.
 */
static int wait_for_end(struct supervisor *sv)
{
	struct pollfd *fds = calloc(NR_POLL + sv->nr_targets, sizeof(*fds));
	int err = 0;

	if (!fds)
		return damon_out_of_memory();
	do {
		init_poll(sv, fds);
		if (sv->nr_targets)
			memcpy(fds + NR_POLL, sv->targets, sv->nr_targets * sizeof(*fds));
		if (poll(fds, NR_POLL + sv->nr_targets, remaining_ms(sv)) < 0) {
			if (errno == EINTR)
				continue;
			err = -errno;
			break;
		}
		if (fds[POLL_SIGNAL].revents) {
			read_signal(sv);
			break;
		}
		if (fds[POLL_KDAMOND].revents || fds[POLL_COMMAND].revents)
			break;
		if (fds[POLL_RECORDER].revents) {
			err = recorder_ended(sv);
			break;
		}
	} while (targets_left(sv) && !is_over(sv));
	free(fds);
	return err;
}

static void say_end(const struct supervisor *sv, u64 duration_ns)
{
	const struct damon_settings *settings = &sv->record->settings;
	char duration[DAMON_UNIT_LEN], aggr[DAMON_UNIT_LEN];

	if (quiet)
		return;
	damon_time__put(duration, duration_ns, /*exact=*/false);
	if (sv->found.nr)
		fprintf(stderr,
			"[ perf damon record: Recorded %u kdamond%s for %s, left running ]\n",
			sv->found.nr, sv->found.nr == 1 ? "" : "s", duration);
	else if (damon_settings__is_physical(settings))
		fprintf(stderr, "[ perf damon record: Monitored physical memory for %s ]\n",
			duration);
	else
		fprintf(stderr, "[ perf damon record: Monitored %zu process%s for %s ]\n",
			settings->nr_pids, settings->nr_pids == 1 ? "" : "es", duration);
	if (duration_ns < settings->aggr_ns) {
		damon_time__put(aggr, settings->aggr_ns, /*exact=*/false);
		pr_warning("that is less than the aggregation interval, %s: there is no snapshot\n",
			   aggr);
	}
}

/*
 * If a recording fails, its perf.data is removed, and an older file that
 * perf record has renamed is restored.
 */
struct old_output {
	struct stat	stat;
	bool		exists;
};

static void remember_output(struct old_output *old, const char *output)
{
	old->exists = !stat(output, &old->stat);
}

static void restore_output(const struct old_output *old, const char *output)
{
	char *backup;
	struct stat st;

	if (!strcmp(output, "-"))
		return;
	if (!stat(output, &st)) {
		if (!S_ISREG(st.st_mode))
			return;
		if (old->exists && st.st_dev == old->stat.st_dev && st.st_ino == old->stat.st_ino) {
			/* perf record does not rename empty files, but writes to them. */
			if (!old->stat.st_size && truncate(output, 0))
				pr_warning("%s is not complete: %m\n", output);
			return;
		}
		unlink(output);
	}
	if (old->exists && asprintf(&backup, "%s.old", output) >= 0) {
		rename(backup, output);
		free(backup);
	}
}

/* perf record sets the data size at its end; without it, the file cannot be read. */
static bool is_readable(const char *output)
{
	struct perf_file_header header = {};
	FILE *file = fopen(output, "r");
	bool readable;

	if (!file)
		return false;
	readable = fread(&header, sizeof(header), 1, file) == 1 && header.data.size;
	fclose(file);
	return readable;
}

static int start_ours(struct supervisor *sv)
{
	struct damon_settings *settings = &sv->record->settings;
	char *pids = NULL;
	int err;

	err = damon_kdamond__claim(&sv->monitor, "record");
	if (err)
		return err;
	err = find_targets(sv);
	if (err)
		return err;
	err = watch_targets(sv);
	if (err)
		return err;
	err = damon_kdamond__configure(&sv->monitor, settings);
	if (err)
		return err;
	if (settings->nr_pids) {
		pids = damon_settings__pids(settings);
		if (!pids)
			return damon_out_of_memory();
	}
	err = start_recorder(sv, settings, pids, NULL);
	free(pids);
	return err ?: start_monitor(sv);
}

/* The settings are unknown with several kdamonds: the file has room for one set. */
static int start_with_found(struct supervisor *sv)
{
	struct damon_settings *settings;
	int err;

	err = damon_found__find(&sv->found);
	if (err)
		return err;
	settings = sv->found.settings;
	sv->record->settings.aggr_ns = settings ? settings->aggr_ns : 0;
	if (sv->found.nr == 1)
		sv->kdamond = damon_pidfd_open(sv->found.kdamond);
	err = start_recorder(sv, settings, sv->found.pids, sv->found.filter);
	sv->on_ns = now_ns();
	return err;
}

static bool nothing_to_monitor(const struct damon_record *record)
{
	return !record->pids && !record->command && !damon_settings__is_physical(&record->settings);
}

static int run_all(struct supervisor *sv)
{
	int err = nothing_to_monitor(sv->record) ? start_with_found(sv) : start_ours(sv);

	if (err)
		return err;
	sv->has_begun = true;
	err = damon_command__start(&sv->command);
	return err ?: wait_for_end(sv);
}

/*
 * Stop the monitor first, so that perf record reads all of its events. Stop the
 * command last, because it may take long to exit.
 */
static int stop_all(struct supervisor *sv, int err, int *command_status)
{
	u64 end_ns;
	size_t i;
	int ret;

	ret = damon_kdamond__release(&sv->monitor);
	err = err ?: ret;
	end_ns = now_ns();
	if (sv->has_begun)
		ret = damon_recorder__stop(&sv->recorder);
	else
		damon_recorder__discard(&sv->recorder);
	err = err ?: ret;
	*command_status = damon_command__end(&sv->command);

	if (!err)
		say_end(sv, end_ns - sv->on_ns);
	if (sv->kdamond >= 0)
		close(sv->kdamond);
	for (i = 0; i < sv->nr_targets; i++) {
		if (sv->targets[i].fd >= 0)
			close(sv->targets[i].fd);
	}
	zfree(&sv->targets);
	damon_found__exit(&sv->found);
	return err;
}

/* Like perf record: die by the signal that ended the recording or the command. */
static void die_by_signal(struct supervisor *sv, int sig)
{
	signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &sv->old_mask, NULL);
	raise(sig);
}

/**
 * damon_record__run - monitor and record until the targets, the command or the user end it
 * @record: the options
 *
 * Return: the exit status, that of the command if there is one, as with perf record. Errors are
 * printed.
 */
int damon_record__run(struct damon_record *record)
{
	struct supervisor sv = {
		.record		= record,
		.monitor	= { .sysfs = { .kdamonds = -1 } },
		.recorder	= { .pidfd = -1, .control = -1 },
		.command	= { .pidfd = -1 },
		.kdamond	= -1,
	};
	struct old_output old;
	int err, status;

	err = catch_signals(&sv);
	if (err)
		return err;
	remember_output(&old, record->output);
	err = run_all(&sv);
	err = stop_all(&sv, err, &status);
	if (err && !(sv.has_begun && is_readable(record->output)))
		restore_output(&old, record->output);

	if (sv.end_signal)
		die_by_signal(&sv, sv.end_signal);
	if (!err && WIFSIGNALED(status))
		die_by_signal(&sv, WTERMSIG(status));
	close(sv.signals);
	return err ?: WEXITSTATUS(status);
}
