// SPDX-License-Identifier: GPL-2.0
/*
 * Runs cmd_record() in a child process: it takes over signal handling and may
 * exit, and the monitor has to be turned off in any case.
 */
#include "recorder.h"
#include "errors.h"
#include "pidfd.h"
#include "settings.h"
#include "signals.h"
#include "util/debug.h"
#include "util/env.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/perf-hooks.h"
#include "util/record.h"
#include "util/symbol_conf.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <internal/xyarray.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/zalloc.h>
#include <perf/evsel.h>

/* Size of a sample in perf.data, with the fields that tune_events() keeps. */
#define EVENT_SIZE	88

/* The events of the recording, for say_lost_events(). */
static struct evlist *recorded_events;

/* perf record's -q would also suppress errors, so it is set after most of them can occur. */
static bool be_quiet;

/* Record the mappings and names of the targets with this event, or not. */
static void track(struct perf_event_attr *attr, bool on)
{
	attr->mmap = on;
	attr->mmap2 = on;
	attr->mmap_data = on;
	attr->comm = on;
	attr->comm_exec = on;
	attr->task = on;
	attr->build_id = on;
	attr->ksymbol = false;
	/* Include threads, which share the target's memory, but not child processes. */
	attr->inherit_thread = on;
}

/*
 * DAMON's event is recorded on all CPUs, so that nothing is missed although the
 * kdamond may not have started yet. Of the sample fields, only those that differ
 * between events, such as time and thread, are kept. The event fires in the
 * kdamond, so a dummy event tracks the mappings of the targets.
 */
static void tune_events(struct evlist *evlist)
{
	struct evsel *evsel, *dummy = NULL;

	evlist__for_each_entry(evlist, evsel) {
		if (evsel__is_dummy_event(evsel))
			dummy = evsel;
		evsel__reset_sample_bit(evsel, IP);
		evsel__reset_sample_bit(evsel, ADDR);
		evsel__reset_sample_bit(evsel, CPU);
		evsel__reset_sample_bit(evsel, PERIOD);
		evsel__reset_sample_bit(evsel, DATA_SRC);
		track(&evsel->core.attr, evsel == dummy);
	}
	recorded_events = evlist;
	quiet = be_quiet;
	if (!dummy)
		return;
	evlist__set_tracking_event(evlist, dummy);
	evlist__first(evlist)->core.system_wide = true;
	perf_evlist__set_maps(&evlist->core, evlist->core.user_requested_cpus,
			      evlist->core.threads);
}

/* Kernels before 6.0 only write PERF_RECORD_LOST, which perf damon report counts. */
static void say_lost_events(void *data __maybe_unused)
{
	struct perf_counts_values count;
	struct evsel *evsel;
	u64 lost = 0;
	int x, y;

	evlist__for_each_entry(recorded_events, evsel) {
		struct xyarray *fds = evsel->core.fd;

		if (!fds || !(evsel->core.attr.read_format & PERF_FORMAT_LOST))
			continue;
		for (x = 0; x < xyarray__max_x(fds); x++) {
			for (y = 0; y < xyarray__max_y(fds); y++) {
				if (!perf_evsel__read(&evsel->core, x, y, &count))
					lost += count.lost;
			}
		}
	}
	if (lost && !quiet)
		fprintf(stderr,
			"[ perf damon record: %llu events were lost: " DAMON_LOSS_REMEDY " ]\n",
			(unsigned long long)lost);
}

/*
 * Size of each CPU's ring buffer. The kdamond emits all regions of a snapshot in
 * a burst, on one CPU. The buffer has room for two bursts, and at least perf's
 * default size. The maximum limits the memory use on machines with many CPUs.
 */
static unsigned int ring_buffer_pages(const struct damon_recording *recording)
{
	const u64 least = 512 << 10, most = 16 << 20;
	const struct damon_settings *settings = recording->settings;
	u64 burst = most, page_size = sysconf(_SC_PAGESIZE), nr_targets;

	if (recording->options.mmap_pages)
		return recording->options.mmap_pages;
	if (!settings)
		return least / page_size;
	nr_targets = settings->nr_pids ?: 1;
	if (settings->max_regions < most / EVENT_SIZE / nr_targets)
		burst = settings->max_regions * nr_targets * EVENT_SIZE;
	return roundup_pow_of_two(min(most, max(least, 2 * burst))) / page_size;
}

/* The command line for cmd_record(). */
struct record_args {
	const char	*argv[40];
	int		argc;
};

static void add(struct record_args *args, const char *option, const char *value)
{
	args->argv[args->argc++] = option;
	if (value)
		args->argv[args->argc++] = value;
}

static int record(const struct damon_recording *recording, int control)
{
	const struct damon_recorder_options *options = &recording->options;
	char pages[32], level[32], size[32], ctl[64];
	struct record_args args = {};

	add(&args, "record", NULL);
	add(&args, "-e", "damon:damon_aggregated");
	if (recording->filter)
		add(&args, "--filter", recording->filter);
	if (recording->pids) {
		add(&args, "-e", "dummy:u");
		add(&args, "-p", recording->pids);
		/* Also record data mappings. */
		add(&args, "-d", NULL);
		/* In ms. Mappings not read within perf's default of 500 ms would be missing. */
		add(&args, "--proc-map-timeout", "10000");
	} else {
		add(&args, "-a", NULL);
		add(&args, "--synth", "no");
	}
	/* Save time: BPF programs and build IDs collected at the end are not used. */
	add(&args, "--no-buildid", NULL);
	add(&args, "--no-bpf-event", NULL);
	add(&args, "--sample-identifier", NULL);
	scnprintf(pages, sizeof(pages), "%u", ring_buffer_pages(recording));
	add(&args, "-m", pages);
	scnprintf(ctl, sizeof(ctl), "fd:%d,%d", control, control);
	add(&args, "--control", ctl);
	if (options->comp_level) {
		scnprintf(level, sizeof(level), "--compression-level=%u", options->comp_level);
		add(&args, level, NULL);
	}
	if (options->max_size) {
		scnprintf(size, sizeof(size), "--max-size=%lluB",
			  (unsigned long long)options->max_size);
		add(&args, size, NULL);
	}
	add(&args, "-o", recording->output);

	/*
	 * Record build IDs with the mappings, so that changed files are
	 * detected. --buildid-mmap would do the same, but first probes the
	 * kernel, which takes a while. A kernel with DAMON's sysfs interface
	 * supports it.
	 */
	symbol_conf.buildid_mmap2 = true;
	be_quiet = quiet;
	quiet = false;
	evlist__config_hook = tune_events;
	perf_hooks__set_hook("record_end", say_lost_events, NULL);
	return recording->cmd_record(args.argc, args.argv);
}

static int set_cmdline(const struct damon_recording *recording)
{
	int argc;
	const char **argv = damon_settings__cmdline(recording->settings, recording->output,
						    recording->command, &argc);

	int err = -ENOMEM;

	if (argv) {
		zfree(&perf_env.cmdline_argv);
		err = perf_env__set_cmdline(&perf_env, argc, argv);
	}
	if (err)
		pr_err("out of memory\n");
	return err;
}

static void __noreturn run_child(const struct damon_recording *recording, int control, pid_t parent)
{
	/*
	 * Stop only on a command from the control socket: a ^C reaches all
	 * processes of the terminal, and would stop the recording before the
	 * monitor. On SIGCHLD, perf record assumes that its workload has
	 * exited, writes everything and exits normally. Use that for the death
	 * of the parent, too.
	 */
	damon_signals__block(SIG_SETMASK, NULL);
	prctl(PR_SET_PDEATHSIG, SIGCHLD);
	if (getppid() != parent)
		_exit(1);
	/* Do not keep the lock after the parent has been killed. */
	if (recording->lock >= 0)
		close(recording->lock);

	if (set_cmdline(recording))
		exit(1);
	exit(record(recording, control) ? 1 : 0);
}

/**
 * damon_recorder__start - start perf record
 * @recorder: the recorder
 * @recording: what to record
 *
 * Return: 0 or a negative error number; errors are printed.
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
	/* The child keeps both ends: on a hangup, perf record would leave the file unfinished. */
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
 * perf record reads commands only after it has enabled its events. Then its answer makes the
 * socket readable.
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
 * Return: 0, or -EPIPE if perf record has exited.
 */
int damon_recorder__acknowledged(struct damon_recorder *recorder)
{
	char ack[16];

	return recv(recorder->control, ack, sizeof(ack), 0) > 0 ? 0 : -EPIPE;
}

/**
 * damon_recorder__was_killed - check whether perf record was killed by a signal
 * @recorder: the recorder, which has ended
 *
 * For all other errors, perf record prints a message itself.
 */
bool damon_recorder__was_killed(struct damon_recorder *recorder)
{
	siginfo_t info;

	return !waitid(P_PID, recorder->pid, &info, WEXITED | WNOWAIT) &&
	       info.si_code != CLD_EXITED;
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
		/* It may already have exited with its last target. */
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

/**
 * damon_recorder__discard - kill perf record before it reports a written file
 * @recorder: the recorder of a recording that has not started; its file will be removed
 */
void damon_recorder__discard(struct damon_recorder *recorder)
{
	if (recorder->pid)
		kill(recorder->pid, SIGKILL);
	damon_recorder__stop(recorder);
}
