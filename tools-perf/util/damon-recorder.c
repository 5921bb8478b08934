// SPDX-License-Identifier: GPL-2.0
/*
 * perf record, in-process but in a child: cmd_record() owns signals and exit of the process it
 * runs in, and the monitor has to be turned off whatever becomes of it.
 */
#include "damon-recorder.h"
#include "damon-pidfd.h"
#include "damon-settings.h"
#include "damon-units.h"
#include "debug.h"
#include "env.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/zalloc.h>

/* An event as it is in perf.data: measured, with the fields that perf record asks for. */
#define EVENT_SIZE	136

/*
 * Size of each CPU's ring buffer. All regions of a snapshot come in a burst, on one CPU: there is
 * room for two bursts, and no less than perf's default. The top keeps machines with many CPUs sane.
 */
static u64 ring_buffer_pages(const struct damon_settings *settings)
{
	const u64 least = 512 << 10, most = 16 << 20;
	u64 burst = most, page_size = sysconf(_SC_PAGESIZE);

	if (settings->max_regions < most / EVENT_SIZE / settings->nr_pids)
		burst = settings->max_regions * settings->nr_pids * EVENT_SIZE;
	return roundup_pow_of_two(min(most, max(least, 2 * burst))) / page_size;
}

/*
 * The targets are recorded beside the kdamond: the event never fires there, but it comes with
 * their names and mappings (-d: of data, too). BPF programs and build IDs would only cost time.
 */
static int record(const struct damon_recording *recording, int control)
{
	const struct damon_settings *settings = recording->settings;
	size_t size = 11 * (settings->nr_pids + 1) + 1;
	char pages[32], ctl[64], *pids = malloc(size);
	const char **argv = (const char *[]) {
		"record", "-e", "damon:damon_aggregated", "-p", pids, "-d",
		"--no-buildid", "--no-bpf-event", "-m", pages, "--control", ctl,
		"-o", recording->output, NULL
	};
	int len, argc = 0;

	if (!pids)
		return -ENOMEM;
	len = scnprintf(pids, size, "%d,", recording->kdamond);
	damon_settings__scnprintf_pids(settings, pids + len, size - len);
	damon_count__scnprintf(pages, sizeof(pages), ring_buffer_pages(settings));
	scnprintf(ctl, sizeof(ctl), "fd:%d,%d", control, control);
	while (argv[argc])
		argc++;
	return recording->cmd_record(argc, argv);
}

static int set_cmdline(const struct damon_recording *recording)
{
	int argc;
	const char **argv = damon_settings__cmdline(recording->settings, recording->output,
						    recording->command, &argc);

	if (!argv)
		return -ENOMEM;
	zfree(&perf_env.cmdline_argv);
	return perf_env__set_cmdline(&perf_env, argc, argv);
}

static void __noreturn run_child(const struct damon_recording *recording, int control, pid_t parent)
{
	sigset_t mask;

	/*
	 * The end comes through the control socket alone: a ^C goes to the whole terminal, and
	 * would end the recording before the monitor. SIGCHLD is how perf record learns that its
	 * workload is gone: it writes everything and exits well. So it shall without a parent.
	 */
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGQUIT);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	prctl(PR_SET_PDEATHSIG, SIGCHLD);
	if (getppid() != parent)
		_exit(1);

	if (set_cmdline(recording))
		exit(1);
	exit(record(recording, control) ? 1 : 0);
}

/**
 * damon_recorder__start - start perf record
 * @recorder: the recorder
 * @recording: what to record
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_recorder__start(struct damon_recorder *recorder, const struct damon_recording *recording)
{
	pid_t parent = getpid();
	int control[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control)) {
		err = -errno;
		pr_err("cannot talk to perf record: %m\n");
		return err;
	}
	fflush(NULL);
	recorder->pid = fork();
	/* The child keeps both ends: perf record gives up, its file unfinished, on a hangup. */
	if (!recorder->pid)
		run_child(recording, control[1], parent);
	close(control[1]);
	recorder->control = control[0];
	if (recorder->pid > 0)
		recorder->pidfd = damon_pidfd_open(recorder->pid);
	if (recorder->pid > 0 && recorder->pidfd >= 0)
		return 0;

	err = -errno;
	pr_err("cannot start perf record: %m\n");
	if (recorder->pid < 0)
		recorder->pid = 0;
	damon_recorder__stop(recorder);
	return err;
}

static int send_command(struct damon_recorder *recorder, const char *command)
{
	return send(recorder->control, command, strlen(command), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/**
 * damon_recorder__ping - ask for an acknowledgment
 * @recorder: the recorder
 *
 * perf record reads commands after it has enabled its events: then the socket becomes readable.
 *
 * Return: 0 or a negative error number.
 */
int damon_recorder__ping(struct damon_recorder *recorder)
{
	return send_command(recorder, "ping\n");
}

/**
 * damon_recorder__acknowledged - read an acknowledgment
 * @recorder: the recorder, whose socket is readable
 *
 * Return: 0 or a negative error number when the recorder has gone instead.
 */
int damon_recorder__acknowledged(struct damon_recorder *recorder)
{
	char ack[16];

	return recv(recorder->control, ack, sizeof(ack), 0) > 0 ? 0 : -EPIPE;
}

/**
 * damon_recorder__stop - let perf record write everything, and wait for it
 * @recorder: the recorder
 *
 * Return: 0 when the file is complete.
 */
int damon_recorder__stop(struct damon_recorder *recorder)
{
	int status = 0;

	if (recorder->pid) {
		/* It may have ended by itself, with its last target. */
		send_command(recorder, "stop\n");
		while (waitpid(recorder->pid, &status, 0) < 0 && errno == EINTR)
			;
		recorder->pid = 0;
	}
	if (recorder->pidfd >= 0)
		close(recorder->pidfd);
	if (recorder->control >= 0)
		close(recorder->control);
	recorder->pidfd = -1;
	recorder->control = -1;
	return status ? -EIO : 0;
}
