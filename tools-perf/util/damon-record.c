// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor: it starts the monitor, the recorder and the program, waits for the first end of
 * any of them, and leaves nothing behind.
 */
#include "damon-record.h"
#include "damon-command.h"
#include "damon-pidfd.h"
#include "damon-recorder.h"
#include "damon-sysfs.h"
#include "damon-targets.h"
#include "damon-units.h"
#include "debug.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/**
 * struct supervisor - everything that runs, or has to be put back
 * @record: what was asked for
 * @sysfs: the monitor
 * @recorder: perf record
 * @command: the program that is recorded
 * @kdamond: process file descriptor of the monitor's thread
 * @signals: signals that end the recording are read here
 * @end_signal: the one that did
 * @old_mask: signals that were blocked before
 * @targets: process file descriptors of the targets, -1 where one has ended
 * @on_ns: when the monitor was turned on
 * @ready_ns: when the recorder was attached to it
 */
struct supervisor {
	struct damon_record	*record;
	struct damon_sysfs	sysfs;
	struct damon_recorder	recorder;
	struct damon_command	command;
	int			kdamond;
	int			signals;
	int			end_signal;
	sigset_t		old_mask;
	struct pollfd		*targets;
	u64			on_ns;
	u64			ready_ns;
};

static u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/*
 * Whatever ends perf ends the monitor first. A message that nobody reads must not end perf.
 */
static int catch_signals(struct supervisor *sv)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGQUIT);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &mask, &sv->old_mask);

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
		err = damon_command__hold(&sv->command, record->command, &sv->old_mask);
		if (err)
			return err;
	}
	/* With both, the program only says for how long. */
	if (!record->pids)
		return damon_settings__add_pid(&record->settings, sv->command.pid);
	return 0;
}

/*
 * Targets are watched here as well: the kdamond finds out only at its next look that they are gone.
 */
static int watch_targets(struct supervisor *sv)
{
	const struct damon_settings *settings = &sv->record->settings;
	size_t i;

	sv->targets = calloc(settings->nr_pids, sizeof(*sv->targets));
	if (!sv->targets)
		return -ENOMEM;
	for (i = 0; i < settings->nr_pids; i++) {
		sv->targets[i].fd = -1;
		sv->targets[i].events = POLLIN;
	}
	for (i = 0; i < settings->nr_pids; i++) {
		sv->targets[i].fd = damon_pidfd_open(settings->pids[i]);
		if (sv->targets[i].fd < 0) {
			int err = -errno;

			pr_err("cannot watch process %d: %m\n", settings->pids[i]);
			return err;
		}
	}
	return 0;
}

static int start_monitor(struct supervisor *sv)
{
	pid_t kdamond;
	int err;

	err = damon_sysfs__configure(&sv->sysfs, &sv->record->settings);
	if (err)
		return err;
	sv->on_ns = now_ns();
	kdamond = damon_sysfs__turn_on(&sv->sysfs);
	if (kdamond < 0)
		return kdamond;
	sv->kdamond = damon_pidfd_open(kdamond);
	if (sv->kdamond < 0) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	return kdamond;
}

/* What has ended, or happened, first. */
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

static int wait_for_recorder(struct supervisor *sv)
{
	struct pollfd fds[NR_POLL];

	init_poll(sv, fds);
	/* If it cannot be asked it has gone, which poll() tells as well. */
	damon_recorder__ping(&sv->recorder);
	while (poll(fds, NR_POLL, -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (fds[POLL_SIGNAL].revents) {
		read_signal(sv);
		return -EINTR;
	}
	if (fds[POLL_CONTROL].revents && !damon_recorder__acknowledged(&sv->recorder)) {
		sv->ready_ns = now_ns();
		return 0;
	}
	if (fds[POLL_RECORDER].revents || fds[POLL_CONTROL].revents)
		pr_err("perf record could not attach to the monitor\n");
	else
		pr_err("the process to be monitored has ended before perf record was ready\n");
	return -ESRCH;
}

static void say_missed(const struct supervisor *sv)
{
	u64 attach_ns = sv->ready_ns - sv->on_ns;
	unsigned long missed = attach_ns / sv->record->settings.aggr_ns;
	char attach[DAMON_UNIT_LEN];

	/* A program that is held until now has not missed anything. */
	if (!missed || !sv->record->pids)
		return;
	damon_time__scnprintf(attach, sizeof(attach), attach_ns);
	fprintf(stderr, "[ perf damon record: Attaching took %s: %lu snapshot(s) missed ]\n",
		attach, missed);
}

static int start_recorder(struct supervisor *sv, pid_t kdamond)
{
	struct damon_record *record = sv->record;
	const struct damon_recording recording = {
		.settings	= &record->settings,
		.kdamond	= kdamond,
		.output		= record->output,
		.command	= record->command,
		.cmd_record	= record->cmd_record,
	};
	int err = damon_recorder__start(&sv->recorder, &recording);

	if (err)
		return err;
	err = wait_for_recorder(sv);
	if (!err)
		say_missed(sv);
	return err;
}

/* All targets are gone when no file descriptor is left. */
static bool targets_left(struct supervisor *sv)
{
	size_t i, left = 0;

	if (poll(sv->targets, sv->record->settings.nr_pids, 0) < 0)
		return true;
	for (i = 0; i < sv->record->settings.nr_pids; i++) {
		if (sv->targets[i].fd >= 0 && sv->targets[i].revents) {
			close(sv->targets[i].fd);
			sv->targets[i].fd = -1;
		}
		left += sv->targets[i].fd >= 0;
	}
	return left;
}

/*
 * Return: 0 at a proper end, or -EPIPE if the recorder was the first to go.
 */
static int wait_for_end(struct supervisor *sv)
{
	size_t nr_targets = sv->record->settings.nr_pids;
	struct pollfd *fds = calloc(NR_POLL + nr_targets, sizeof(*fds));
	int err = 0;

	if (!fds)
		return -ENOMEM;
	do {
		init_poll(sv, fds);
		memcpy(fds + NR_POLL, sv->targets, nr_targets * sizeof(*fds));
		if (poll(fds, NR_POLL + nr_targets, -1) < 0) {
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
		/* It ends by itself, but only with the last of all threads. */
		if (fds[POLL_RECORDER].revents) {
			err = targets_left(sv) ? -EPIPE : 0;
			break;
		}
	} while (targets_left(sv));
	free(fds);
	return err;
}

static void say_end(const struct supervisor *sv, u64 duration_ns)
{
	const struct damon_settings *settings = &sv->record->settings;
	char duration[DAMON_UNIT_LEN], aggr[DAMON_UNIT_LEN];

	damon_time__scnprintf(duration, sizeof(duration), duration_ns);
	fprintf(stderr, "[ perf damon record: Monitored %zu process%s for %s ]\n",
		settings->nr_pids, settings->nr_pids == 1 ? "" : "es", duration);
	if (duration_ns < settings->aggr_ns) {
		damon_time__scnprintf(aggr, sizeof(aggr), settings->aggr_ns);
		pr_warning("that is less than the aggregation interval, %s: there is no snapshot\n",
			   aggr);
	}
}

/*
 * The perf.data of a recording that failed is of no use. perf record has moved an older one away.
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

	if (!stat(output, &st)) {
		if (!S_ISREG(st.st_mode))
			return;
		if (old->exists && st.st_dev == old->stat.st_dev && st.st_ino == old->stat.st_ino) {
			/* perf record moves no empty file away: it is to be empty again. */
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

static int run_all(struct supervisor *sv)
{
	pid_t kdamond;
	int err;

	err = damon_sysfs__open(&sv->sysfs);
	if (err)
		return err;
	err = find_targets(sv);
	if (err)
		return err;
	err = watch_targets(sv);
	if (err)
		return err;
	kdamond = start_monitor(sv);
	if (kdamond < 0)
		return kdamond;
	err = start_recorder(sv, kdamond);
	if (err)
		return err;
	err = damon_command__start(&sv->command);
	if (err)
		return err;
	err = wait_for_end(sv);
	if (err)
		pr_err("perf record has ended before the monitor\n");
	return err;
}

/*
 * The monitor first, as the recorder reads to the end of what there is; the program last, as it may
 * take its time.
 */
static int stop_all(struct supervisor *sv, int err, int *command_status)
{
	u64 end_ns;
	size_t i;
	int ret;

	ret = damon_sysfs__close(&sv->sysfs);
	err = err ?: ret;
	end_ns = now_ns();
	ret = damon_recorder__stop(&sv->recorder);
	err = err ?: ret;
	*command_status = damon_command__end(&sv->command);

	if (!err)
		say_end(sv, end_ns - sv->ready_ns);
	if (sv->kdamond >= 0)
		close(sv->kdamond);
	for (i = 0; sv->targets && i < sv->record->settings.nr_pids; i++) {
		if (sv->targets[i].fd >= 0)
			close(sv->targets[i].fd);
	}
	zfree(&sv->targets);
	return err;
}

/* As perf record does: a signal that has ended it, or its program, ends perf, too. */
static void die_by_signal(struct supervisor *sv, int sig)
{
	signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &sv->old_mask, NULL);
	raise(sig);
}

/**
 * damon_record__run - monitor and record until the targets, the program or the user end it
 * @record: what to do
 *
 * Return: the exit status: the program's if there is one, as of perf record; what is wrong has been
 * said.
 */
int damon_record__run(struct damon_record *record)
{
	struct supervisor sv = {
		.record		= record,
		.sysfs		= { .kdamonds = -1 },
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
	if (err)
		restore_output(&old, record->output);

	if (sv.end_signal)
		die_by_signal(&sv, sv.end_signal);
	if (!err && WIFSIGNALED(status))
		die_by_signal(&sv, WTERMSIG(status));
	close(sv.signals);
	return err ?: WEXITSTATUS(status);
}
