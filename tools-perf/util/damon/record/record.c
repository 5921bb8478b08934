// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor of perf damon record: starts the monitor, perf record and the command, watches
 * them until the first of them ends, and cleans up.
 *
 * perf record's hooks, record_start and record_end, do not serve: the monitor has to be turned off
 * also when perf record is killed, exits on an error, or hangs in a write, and before the last read
 * of the ring buffers. And while perf record waits for events, settings and mappings are watched.
 */
#include "control.h"
#include "../errors.h"
#include "../model/event.h"
#include "../model/history.h"
#include "../monitor/kdamond.h"
#include "../monitor/process.h"
#include "record.h"
#include "../model/stats.h"
#include "../monitor/sysfs.h"
#include "targets.h"
#include "../units.h"
#include "util/intlist.h"
#include "util/strbuf.h"
#include "util/time-utils.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <api/fs/fs.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Fixed slots of the array for poll(); the pidfds of the processes follow. */
enum {
	POLL_SIGNAL, POLL_RECORDER, POLL_COMMAND, POLL_CONTROL, POLL_USER, POLL_TASKS, NR_POLL
};

/* The settings of a kdamond as they were last noted. */
struct noted {
	u64		since;
	unsigned long	round;
	char		settings[];
};

/* After so many notes of new kdamonds, those of what has ended are left out of further files. */
#define MANY_NOTES	16

/**
 * struct supervisor - everything that runs or has to be restored
 * @record: options of the recording
 * @is_ours: we make the monitor; otherwise those that run already are recorded, and left alone
 * @monitor: our kdamond
 * @recorded: the threads of the kdamonds that are recorded, each with its struct noted, or NULL
 * @round: how often the kdamonds have been looked at; the round of a struct noted is the last one
 *         in which its kdamond was on
 * @nr_noted: number of notes that files begin with, without those of changes
 * @kept: processes whose mappings are in each file, if there are several
 * @processes: the processes that they monitor
 * @targets: which processes of ours these are to be
 * @current: the current settings of our kdamond; lists and ranges belong to others
 * @recorder: perf record
 * @control: commands of the user to it
 * @nr_toggled: how often its events have been enabled or disabled at times that were given
 * @command: the command that is recorded
 * @fds: what poll() waits for
 * @signals: signalfd of the signals that end the recording
 * @end_signal: the signal that ended it
 * @old_mask: the original signal mask
 * @has_schemes: there are schemes, so there are statistics to note
 * @aggr_ns: the aggregation interval, 0: unknown
 * @on_ns: start time of the recording, 0: it has not started, and the file is not worth keeping
 * @next_ns: time to look at the kdamonds again
 * @end_ns: time to end
 */
struct supervisor {
	struct damon_record	*record;
	bool			is_ours;
	struct damon_monitor	monitor;
	struct intlist		*recorded;
	unsigned long		round;
	unsigned int		nr_noted;
	struct intlist		*kept;
	struct damon_processes	processes;
	struct damon_targets	targets;
	struct damon_settings	current;
	struct damon_recorder	recorder;
	struct damon_control	control;
	size_t			nr_toggled;
	struct damon_command	command;
	struct pollfd		*fds;
	int			signals;
	int			end_signal;
	sigset_t		old_mask;
	bool			has_schemes;
	u64			aggr_ns;
	u64			on_ns;
	u64			next_ns;
	u64			end_ns;
};

/* Such as perf, perf_6.12 or perf-6.1: not a program of somebody that is called perf-collect. */
static bool is_name_of_perf(const char *name)
{
	return strstarts(name, "perf") && (!name[4] || (strchr("_-", name[4]) && isdigit(name[5])));
}

/*
 * A distribution's perf may run this one as perf-damon, without forwarding signals: end when that
 * ends. SIGTERM is blocked already, and stays pending until the signalfd is read.
 */
static void end_with_perf(void)
{
	char path[PATH_MAX], exe[PATH_MAX];
	pid_t parent = getppid();
	ssize_t len;

	scnprintf(path, sizeof(path), "%s/%d/exe", procfs__mountpoint(), parent);
	len = readlink(path, exe, sizeof(exe) - 1);
	exe[max_t(ssize_t, len, 0)] = '\0';
	if (strcmp(program_invocation_short_name, "perf-damon") ||
	    !is_name_of_perf(basename(exe)))
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

/* A signal must turn off the monitor first. SIGPIPE from printing a message must not end perf. */
static int catch_signals(struct supervisor *sv)
{
	sigset_t mask;
	int err;

	signal(SIGPIPE, SIG_IGN);
	damon_signals__that_end(&mask);
	/* As to perf record, it means: begin a new file. */
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, &sv->old_mask);
	end_with_perf();
	sv->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sv->signals >= 0)
		return 0;
	err = -errno;
	pr_err("cannot wait for signals: %m\n");
	return err;
}

static void read_signal(struct supervisor *sv)
{
	struct signalfd_siginfo info;

	if (read(sv->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGUSR2)
		sv->end_signal = info.ssi_signo;
	else if (sv->on_ns)
		kill(sv->recorder.pid, SIGUSR2);
}

/* From now on a signal means: do not wait any longer. The end of the outer perf means nothing. */
static void forget_signals(struct supervisor *sv)
{
	struct signalfd_siginfo info;
	sigset_t mask;

	damon_signals__that_end(&mask);
	signalfd(sv->signals, &mask, 0);
	prctl(PR_SET_PDEATHSIG, 0);
	while (read(sv->signals, &info, sizeof(info)) > 0)
		;
}

static int find_targets(struct supervisor *sv)
{
	struct damon_record *record = sv->record;
	struct damon_settings *settings = &record->settings;
	bool has_members = damon_members__are_given(&record->members);
	int err = 0;

	if (has_members)
		err = damon_members__find(&record->members) ?:
		      damon_targets__find(&record->members, settings);
	/* With both -p and a command, the command only sets the duration. */
	if (!err && record->command)
		err = damon_command__hold(&sv->command, record->command, &sv->old_mask,
					  !strcmp(record->output, "-"), record->user);
	if (!err && !settings->nr_pids && !damon_settings__is_physical(settings) &&
	    damon_settings__add_pid(settings, sv->command.pid))
		err = damon_out_of_memory();
	err = err ?: damon_processes__open(&sv->processes, settings, /*must_exist=*/!has_members,
					   settings->max_children);
	return err ?: damon_settings__find_memory(settings);
}

static void set_process_fds(struct supervisor *sv)
{
	size_t i;

	for (i = 0; i < sv->processes.nr; i++)
		sv->fds[NR_POLL + i].fd = sv->processes.process[i].pidfd;
}

static int init_poll(struct supervisor *sv)
{
	size_t i, most = NR_POLL + sv->processes.nr + sv->record->settings.max_children;

	sv->fds = calloc(most, sizeof(*sv->fds));
	if (!sv->fds)
		return damon_out_of_memory();
	sv->fds[POLL_SIGNAL].fd = sv->signals;
	sv->fds[POLL_RECORDER].fd = sv->recorder.pidfd;
	sv->fds[POLL_COMMAND].fd = sv->command.pidfd;
	sv->fds[POLL_CONTROL].fd = sv->recorder.control;
	sv->fds[POLL_TASKS].fd = -1;
	for (i = 0; i < most; i++)
		sv->fds[i].events = POLLIN;
	set_process_fds(sv);
	return 0;
}

/*
 * Wait for anything to happen, read a signal, and close the pidfds of processes that have ended.
 *
 * Return: the ID of a process that has ended, 0: none, or a negative error number.
 */
static int poll_all(struct supervisor *sv, int timeout_ms)
{
	size_t i, nr = sv->processes.nr;
	struct pollfd *fds = sv->fds;
	pid_t ended = 0;

	fds[POLL_USER].fd = sv->on_ns ? damon_control__poll_fd(&sv->control) : -1;
	while (poll(fds, NR_POLL + nr, timeout_ms) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (fds[POLL_SIGNAL].revents)
		read_signal(sv);
	for (i = 0; i < nr; i++) {
		if (fds[NR_POLL + i].revents) {
			ended = sv->processes.process[i].pid;
			damon_process__close(&sv->processes.process[i]);
			fds[NR_POLL + i].fd = -1;
			damon_targets__ended(&sv->targets, ended);
		}
	}
	return ended;
}

/* The end of the last process ends the recording of our monitor, unless it has left children. */
static bool processes_left(struct supervisor *sv)
{
	size_t i;

	if (!sv->is_ours || !sv->processes.nr)
		return true;
	for (i = 0; i < sv->processes.nr; i++) {
		if (sv->processes.process[i].pidfd >= 0)
			return true;
	}
	return damon_targets__expect(&sv->targets);
}

/* perf record answers when its events are enabled. */
static int wait_for_recorder(struct supervisor *sv)
{
	int ended;

	/* A failure means that perf record has exited, which poll() reports. */
	damon_recorder__command(&sv->recorder, "ping");
	do {
		ended = poll_all(sv, -1);
	} while (ended > 0 && !sv->is_ours);
	if (ended < 0)
		return ended;
	if (sv->end_signal)
		return -EINTR;
	if (ended || sv->fds[POLL_COMMAND].revents) {
		pr_err("process %d has ended before perf record was ready\n",
		       ended ?: sv->command.pid);
		return -ESRCH;
	}
	if (sv->fds[POLL_CONTROL].revents && damon_recorder__read_acks(&sv->recorder))
		return 0;
	pr_err("perf record could not begin to write to %s\n",
	       strcmp(sv->record->output, "-") ? sv->record->output : "the pipe");
	return -EPIPE;
}

static int start_recorder(struct supervisor *sv, const char *filter)
{
	const struct damon_settings *settings = &sv->record->settings;
	struct strbuf pids = STRBUF_INIT;
	int err;

	err = damon_settings__print_pids(settings, &pids);
	if (err) {
		damon_out_of_memory();
	} else {
		if (settings->nr_pids)
			err = damon_targets__open(&sv->targets, settings->max_children);
		err = err ?: damon_recorder__start(&sv->recorder,
						   settings->nr_pids ? pids.buf : NULL, filter,
						   sv->monitor.lock);
		sv->record->members.recorder = sv->recorder.pid;
	}
	strbuf_release(&pids);
	return err ?: init_poll(sv) ?: wait_for_recorder(sv);
}

/* Linux before 6.7 does not tell on what a scheme is tried, only how much that is. */
static void expect_schemes(struct supervisor *sv, size_t nr_schemes)
{
	if (!nr_schemes || sv->has_schemes)
		return;
	sv->has_schemes = true;
	sv->record->applied = !damon_sysfs__find_tracepoint("damos_before_apply", /*mount=*/true);
	if (!sv->record->applied)
		damon_warning("this kernel has no tracepoint %s, only statistics of schemes: they do not tell of which memory\n",
			      DAMOS_EVENT);
}

static int start_ours(struct supervisor *sv)
{
	struct damon_settings *settings = &sv->record->settings;
	int err;

	err = damon_monitor__claim(&sv->monitor, "record");
	err = err ?: find_targets(sv);
	err = err ?: damon_monitor__configure(&sv->monitor, settings, &sv->processes);
	expect_schemes(sv, settings->nr_schemes);
	err = err ?: start_recorder(sv, NULL);
	err = err ?: damon_monitor__turn_on(&sv->monitor, settings, &sv->processes);
	if (err)
		return err;
	sv->aggr_ns = settings->aggr_ns;
	return intlist__add(sv->recorded, sv->monitor.pid) ? damon_out_of_memory() : 0;
}

/* Nobody uses the kdamond of a killed perf damon record any more: tell how to stop it. */
static int check_found(const struct damon_kdamonds *kdamonds, bool found)
{
	bool is_left = kdamonds->maker == DAMON_BY_KILLED_RECORD;

	if (found && is_left)
		damon_warning("perf damon record (process %d) was killed, its kdamond is left: perf damon stop ends it\n",
			      kdamonds->owner);
	else if (is_left)
		pr_err("nothing to record: perf damon record (process %d) was killed, and its kdamond has ended; perf damon stop removes it\n",
		       kdamonds->owner);
	else if (!found)
		pr_err("nothing to record: no DAMON is running; give a process with -p, all memory with -a, or a command\n");
	return found ? 0 : -ESRCH;
}

/* Find what runs already: @filter is set to a filter of its events. */
static int find_running(struct supervisor *sv, struct strbuf *filter)
{
	struct damon_settings *settings = &sv->record->settings;
	struct damon_kdamonds kdamonds;
	size_t i, j;
	int err;

	err = damon_kdamonds__read(&kdamonds);
	if (err)
		return err;
	for (i = 0; !err && i < kdamonds.nr; i++) {
		const struct damon_kdamond *kdamond = &kdamonds.kdamond[i];

		if (!kdamond->on)
			continue;
		if (!sv->aggr_ns && kdamond->has_settings)
			sv->aggr_ns = kdamond->settings.aggr_ns;
		/* The ring buffers are made for them. */
		settings->max_regions = max(settings->max_regions, kdamond->settings.max_regions);
		expect_schemes(sv, kdamond->settings.nr_schemes);
		err = strbuf_addf(filter, "%scommon_pid == %d", filter->len ? " || " : "",
				  kdamond->pid);
		for (j = 0; !err && j < kdamond->settings.nr_pids; j++)
			err = damon_settings__add_pid(settings, kdamond->settings.pids[j]);
		if (err || intlist__add(sv->recorded, kdamond->pid) == -ENOMEM)
			err = damon_out_of_memory();
	}
	err = err ?: check_found(&kdamonds, filter->len);
	damon_kdamonds__exit(&kdamonds);
	return err;
}

static int start_with_found(struct supervisor *sv)
{
	struct strbuf filter = STRBUF_INIT;
	int err;

	err = damon_sysfs__check(/*and_events=*/true);
	err = err ?: find_running(sv, &filter);
	/* Settings list processes that have ended, too. */
	err = err ?: damon_processes__open(&sv->processes, &sv->record->settings,
					   /*must_exist=*/false, 0);
	err = err ?: start_recorder(sv, filter.buf);
	strbuf_release(&filter);
	return err;
}

static int write_note(void *recorder, const char *text)
{
	return damon_recorder__command(recorder, "note %s", text);
}

static int write_noted(struct supervisor *sv, const struct int_node *recorded)
{
	const struct noted *noted = recorded->priv;

	return damon_history__write(noted->settings, recorded->i, noted->since, write_note,
				    &sv->recorder);
}

/*
 * Each file of --switch-output begins with the notes that came since the last one without a text:
 * note the settings of all kdamonds again if those of one have changed. If it is a new one, its
 * note is one more.
 */
static int write_all_noted(struct supervisor *sv, const struct int_node *changed, bool is_new)
{
	struct int_node *recorded;
	int err;

	if (!sv->record->passed.switches || (is_new && ++sv->nr_noted < MANY_NOTES))
		return write_noted(sv, changed);
	err = damon_recorder__command(&sv->recorder, "note");
	intlist__for_each_entry(recorded, sv->recorded) {
		const struct noted *noted = recorded->priv;

		if (noted && noted->round + 1 >= sv->round)
			err = err ?: write_noted(sv, recorded);
	}
	/* Otherwise all of them are written later. */
	if (!err)
		sv->nr_noted = 0;
	return err;
}

/* Each of these files has the mappings of processes that became targets later, too. */
static void keep_mappings(struct supervisor *sv, const struct damon_settings *settings)
{
	size_t i;

	for (i = 0; sv->record->passed.switches && i < settings->nr_pids; i++) {
		if (!intlist__has_entry(sv->kept, settings->pids[i]) &&
		    !damon_recorder__command(&sv->recorder, "maps %d", settings->pids[i]))
			intlist__add(sv->kept, settings->pids[i]);
	}
}

static struct noted *new_noted(const struct supervisor *sv, const struct damon_settings *settings,
			       u64 since)
{
	struct strbuf text = STRBUF_INIT;
	struct noted *noted = NULL;

	if (!damon_settings__print(settings, &text))
		noted = malloc(sizeof(*noted) + text.len + 1);
	if (noted) {
		noted->since = damon_passed__time(&sv->record->passed, since);
		noted->round = sv->round;
		memcpy(noted->settings, text.buf, text.len + 1);
	}
	strbuf_release(&text);
	return noted;
}

static void see_kdamond(const struct supervisor *sv, pid_t kdamond)
{
	struct noted *noted = intlist__find(sv->recorded, kdamond)->priv;

	if (noted)
		noted->round = sv->round;
}

/* If perf record is held up, it has to be done later. */
static int write_settings(struct supervisor *sv, struct int_node *recorded, struct noted *noted)
{
	struct noted *before = recorded->priv;
	int err;

	recorded->priv = noted;
	err = write_all_noted(sv, recorded, /*is_new=*/!before);
	if (err) {
		recorded->priv = before;
		free(noted);
		return err;
	}
	/* Its name is known as soon as its settings, for which a small file must not wait. */
	if (!before)
		damon_recorder__command(&sv->recorder, "maps %lu", recorded->i);
	free(before);
	return 0;
}

/*
 * Note the settings of a kdamond if they have changed.
 *
 * Return: false if it has to be done later.
 */
static bool note_settings(struct supervisor *sv, const struct damon_settings *settings,
			  pid_t kdamond, u64 since)
{
	struct int_node *recorded = intlist__find(sv->recorded, kdamond);
	struct noted *noted = new_noted(sv, settings, since), *before = recorded->priv;

	if (!noted)
		return false;
	if (before && !strcmp(noted->settings, before->settings))
		free(noted);
	else if (write_settings(sv, recorded, noted))
		return false;
	keep_mappings(sv, settings);
	return true;
}

static void set_current_pids(struct supervisor *sv)
{
	sv->current.pids = sv->record->settings.pids;
	sv->current.nr_pids = sv->record->settings.nr_pids;
	if (sv->targets.nr_shared)
		sv->current.nr_pids = min(sv->current.nr_pids, sv->targets.nr_shared);
}

/* Somebody may change the settings of our kdamond. Its targets are what we know better. */
static const struct damon_settings *settings_of(struct supervisor *sv,
						const struct damon_kdamond *kdamond)
{
	const struct damon_settings *ours = &sv->record->settings;

	if (!sv->is_ours || !ours->nr_pids)
		return &kdamond->settings;
	sv->current = kdamond->settings;
	sv->current.max_children = ours->max_children;
	sv->current.ranges = ours->ranges;
	sv->current.scheme = ours->scheme;
	sv->current.nr_schemes = ours->nr_schemes;
	if (kdamond->pid == sv->monitor.pid)
		set_current_pids(sv);
	return &sv->current;
}

/* Note what the schemes of a kdamond have done, unless it answers somebody else just now. */
static void note_stats(struct supervisor *sv, const struct damon_kdamond *kdamond)
{
	struct damon_stat stat = {
		.kdamond = kdamond->pid, .time = damon_passed__time(&sv->record->passed, rdclock()),
	};
	size_t nr = kdamond->settings.nr_schemes;
	struct damos_stats *stats = calloc(nr + 1, sizeof(*stats));

	if (nr && stats && !damos__read_stats(stats, kdamond->index, nr)) {
		/* A new file gets all of the notes, and does not need old statistics. */
		sv->nr_noted += nr;
		if (sv->record->passed.switches && sv->nr_noted >= MANY_NOTES)
			write_all_noted(sv, NULL, /*is_new=*/false);
		for (; stat.scheme < nr; stat.scheme++) {
			stat.stats = stats[stat.scheme];
			damon_stat__write(&stat, write_note, &sv->recorder);
		}
	}
	free(stats);
}

/* Return: whether any of the kdamonds is still on. */
static bool watch_kdamonds(struct supervisor *sv)
{
	struct damon_kdamonds kdamonds;
	bool left = false;
	size_t i;

	if (damon_kdamonds__read(&kdamonds))
		return false;
	sv->round++;
	for (i = 0; i < kdamonds.nr; i++) {
		const struct damon_kdamond *kdamond = &kdamonds.kdamond[i];

		if (!kdamond->on || !intlist__has_entry(sv->recorded, kdamond->pid))
			continue;
		see_kdamond(sv, kdamond->pid);
		left = true;
		if (kdamond->has_settings && !damon_targets__are_changing(&sv->targets))
			note_settings(sv, settings_of(sv, kdamond), kdamond->pid, rdclock());
		note_stats(sv, kdamond);
	}
	damon_kdamonds__exit(&kdamonds);
	return left;
}

/*
 * Record mappings again that have changed, at the end also if they were read just before. If perf
 * record is held up, do it later, and wait at the end.
 */
static void watch_maps(struct supervisor *sv, bool at_end)
{
	size_t i, nr = sv->processes.nr;

	for (i = 0; i < nr; i++) {
		struct damon_process *process = &sv->processes.process[i];

		if (!damon_process__check_maps(process, nr, at_end))
			continue;
		if (at_end &&
		    damon_recorder__wait(&sv->recorder, sv->signals, POLLOUT) != POLLOUT)
			break;
		if (damon_recorder__command(&sv->recorder, "maps %d", process->pid))
			process->maps = ~process->maps;
	}
}

/*
 * About once a second, and in no more than 1 % of the time.
 *
 * Return: whether there is anything left to record.
 */
static bool watch(struct supervisor *sv)
{
	u64 begin = rdclock();
	bool left;

	if (begin < sv->next_ns)
		return true;
	watch_maps(sv, /*at_end=*/false);
	left = watch_kdamonds(sv) || damon_targets__expect(&sv->targets);
	sv->next_ns = begin + max((u64)NSEC_PER_SEC, 100 * (u64)(rdclock() - begin));
	return left;
}

/* If there are no events for some time, that is not because a kdamond was late. */
static int note_enabled(struct supervisor *sv, u64 time)
{
	return damon_history__write_enabled(damon_passed__time(&sv->record->passed, time),
					    write_note, &sv->recorder);
}

static int enable_events(struct supervisor *sv, bool enable)
{
	int err = enable ? note_enabled(sv, rdclock()) : 0;

	return err ?: damon_recorder__command(&sv->recorder, enable ? "enable" : "disable");
}

/* The time to enable or to disable events, as -D says. */
static u64 next_toggle(const struct supervisor *sv)
{
	const struct damon_passed *passed = &sv->record->passed;

	return sv->nr_toggled < passed->nr_toggles ?
	       sv->on_ns + passed->toggle_ns[sv->nr_toggled] : UINT64_MAX;
}

/* Return: whether a period of -D is left. If perf record is held up, it is toggled later. */
static bool toggle_events(struct supervisor *sv)
{
	const struct damon_passed *passed = &sv->record->passed;

	while (rdclock() >= next_toggle(sv) && !enable_events(sv, sv->nr_toggled % 2 == 0))
		sv->nr_toggled++;
	return passed->nr_toggles < 2 || sv->nr_toggled < passed->nr_toggles;
}

/* Return: false if the user has said stop. */
static bool read_control(struct supervisor *sv)
{
	u64 time = rdclock();
	enum damon_control_kind kind = damon_control__read(&sv->control, &sv->recorder);

	if (kind == DAMON_CONTROL_ENABLE)
		note_enabled(sv, time);
	return kind != DAMON_CONTROL_STOP;
}

/* Note the settings of a kdamond that monitors one process, which are otherwise those of ours. */
static int note_own_kdamond(struct supervisor *sv, struct damon_process *process)
{
	if (intlist__add(sv->recorded, process->kdamond) == -ENOMEM)
		return damon_out_of_memory();
	sv->current.pids = &process->pid;
	sv->current.nr_pids = 1;
	note_settings(sv, &sv->current, process->kdamond, rdclock());
	return 0;
}

/* Begin to record what processes have mapped that have become targets. */
static int record_new_processes(struct supervisor *sv)
{
	size_t i;
	int err = 0;

	set_process_fds(sv);
	for (i = 0; !err && i < sv->processes.nr; i++) {
		struct damon_process *process = &sv->processes.process[i];

		if (!process->is_new)
			continue;
		process->is_new = false;
		if (process->kdamond)
			err = note_own_kdamond(sv, process);
		if (damon_recorder__command(&sv->recorder, "maps %d", process->pid))
			process->maps = ~process->maps;
	}
	return err;
}

/* Change the targets, and note them when they have changed. */
static int follow_processes(struct supervisor *sv)
{
	struct damon_targets *targets = &sv->targets;
	pid_t kdamond = sv->monitor.pid;
	int ret = 0;

	if (rdclock() >= targets->next_ns || sv->fds[POLL_TASKS].revents)
		ret = damon_targets__update(targets);
	sv->fds[POLL_TASKS].fd = targets->waits ? targets->tasks.poll_fd : -1;
	if (ret > 0)
		ret = record_new_processes(sv);
	if (kdamond != sv->monitor.pid && intlist__add(sv->recorded, sv->monitor.pid) == -ENOMEM)
		return damon_out_of_memory();
	if (targets->since_ns) {
		set_current_pids(sv);
		if (note_settings(sv, &sv->current, sv->monitor.pid, targets->since_ns))
			targets->since_ns = 0;
	}
	return ret < 0 ? ret : 0;
}

/* Until the end of the recording, or the next look. Rounded up, so that poll() does not spin. */
static int remaining_ms(const struct supervisor *sv)
{
	u64 ns = rdclock(), end_ns = min(sv->next_ns, sv->end_ns), toggle_ns = next_toggle(sv);

	if (ns < toggle_ns)
		end_ns = min(end_ns, toggle_ns);

	end_ns = min(end_ns, sv->targets.next_ns);

	return ns < end_ns ? min_t(u64, INT_MAX, DIV_ROUND_UP(end_ns - ns, NSEC_PER_MSEC)) : 0;
}

/* perf record exits by itself with its last target, at --max-size, or on an error. */
static int wait_for_end(struct supervisor *sv)
{
	const struct pollfd *fds = sv->fds;
	int ended;

	while (!sv->end_signal && watch(sv) && toggle_events(sv)) {
		ended = poll_all(sv, remaining_ms(sv));
		if (ended < 0)
			return ended;
		if (fds[POLL_CONTROL].revents && damon_recorder__read_acks(&sv->recorder))
			damon_control__ack(&sv->control, &sv->recorder);
		if (fds[POLL_USER].revents && !read_control(sv))
			break;
		ended = follow_processes(sv);
		if (ended < 0)
			return ended;
		if (fds[POLL_COMMAND].revents || fds[POLL_RECORDER].revents ||
		    !processes_left(sv) || rdclock() >= sv->end_ns)
			break;
	}
	return 0;
}

static const char *plural_of_process(u64 nr)
{
	return nr == 1 ? "" : "es";
}

/* Which child processes were not monitored, and why */
static void say_children(const struct supervisor *sv)
{
	const struct damon_children *children = &sv->targets.children;
	u64 nr = children->nr_short, left_out = children->nr_left_out;

	if (!children->max)
		nr += left_out;
	if (nr)
		fprintf(stderr, "[ perf damon record: %" PRIu64 " child process%s %s ]\n", nr,
			plural_of_process(nr),
			!children->max ? nr == 1 ? "was not monitored" : "were not monitored" :
			nr == 1 ? "was too short to be monitored" :
				  "were too short to be monitored");
	if (children->max && left_out)
		fprintf(stderr,
			"[ perf damon record: %" PRIu64 " child process%s not monitored, %s%zu ]\n",
			left_out, left_out == 1 ? " was" : "es were", "by --max-children ",
			children->max);
	if (sv->targets.tasks.nr_lost)
		pr_warning("%" PRIu64 " forks or ends of processes were not seen in time\n",
			   sv->targets.tasks.nr_lost);
}

static void say_end(const struct supervisor *sv, u64 duration_ns)
{
	const struct damon_settings *settings = &sv->record->settings;
	const char *duration = damon_number__str(DAMON_TIME, duration_ns, /*exact=*/false);
	u64 nr_processes = sv->targets.children.nr_monitored;
	unsigned int nr = intlist__nr_entries(sv->recorded);

	if (quiet)
		return;
	if (!sv->is_ours)
		fprintf(stderr,
			"[ perf damon record: Recorded %u kdamond%s for %s, left running ]\n",
			nr, damon_plural(nr), duration);
	else if (damon_settings__is_physical(settings))
		fprintf(stderr, "[ perf damon record: Monitored physical memory for %s ]\n",
			duration);
	else
		fprintf(stderr, "[ perf damon record: Monitored %" PRIu64 " process%s for %s ]\n",
			nr_processes, plural_of_process(nr_processes), duration);
	say_children(sv);
	if (duration_ns < sv->aggr_ns)
		pr_warning("that is less than the aggregation interval, %s: there is no snapshot\n",
			   damon_number__str(DAMON_TIME, sv->aggr_ns, /*exact=*/false));
}

static int run_all(struct supervisor *sv)
{
	int err = sv->is_ours ? start_ours(sv) : start_with_found(sv);

	if (err)
		return err;
	sv->on_ns = rdclock();
	sv->end_ns = UINT64_MAX;
	if (sv->record->duration_ns)
		sv->end_ns = (sv->record->passed.nr_toggles ? next_toggle(sv) : sv->on_ns) +
			     sv->record->duration_ns;
	damon_command__start(&sv->command);
	return wait_for_end(sv);
}

/*
 * Stop the monitor first, so that perf record reads all of its events. Stop the command last,
 * because it may take long to exit.
 */
static int stop_all(struct supervisor *sv, int err, int *command_status)
{
	u64 end_ns;
	int ret;

	forget_signals(sv);
	/* The last statistics. */
	if (sv->on_ns && sv->has_schemes)
		watch_kdamonds(sv);
	ret = damon_monitor__release(&sv->monitor);
	err = err ?: ret;
	damon_targets__close(&sv->targets);
	end_ns = rdclock();
	if (sv->on_ns) {
		watch_maps(sv, /*at_end=*/true);
		ret = damon_recorder__stop(&sv->recorder, sv->signals);
		err = err ?: ret;
	} else {
		damon_recorder__discard(&sv->recorder);
	}
	*command_status = damon_command__end(&sv->command, sv->signals);
	if (!err)
		say_end(sv, end_ns - sv->on_ns);
	return err;
}

static void free_all(struct supervisor *sv)
{
	struct int_node *recorded;

	intlist__for_each_entry(recorded, sv->recorded)
		zfree(&recorded->priv);
	intlist__delete(sv->recorded);
	intlist__delete(sv->kept);
	damon_processes__close(&sv->processes);
	free(sv->fds);
	close(sv->signals);
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
	const struct damon_settings *settings = &record->settings;
	struct supervisor sv = {
		.record		= record,
		.is_ours	= settings->nr_pids || record->command ||
				  damon_members__are_given(&record->members) ||
				  damon_settings__is_physical(settings),
		.monitor	= { .lock = -1 },
		.recorded	= intlist__new(NULL),
		.kept		= intlist__new(NULL),
		.control	= { .fd = record->passed.ctl_fd, .ack_fd = record->passed.ack_fd },
		.recorder	= { .record = record, .pidfd = -1 },
		.command	= { .pidfd = -1 },
		.targets	= { .tasks = { .poll_fd = -1 }, .waits = true, .next_ns = -1ULL },
	};
	int err, status;

	sv.targets.monitor = &sv.monitor;
	sv.targets.settings = &record->settings;
	sv.targets.processes = &sv.processes;
	if (damon_members__are_given(&record->members))
		sv.targets.members = &record->members;
	if (!sv.recorded || !sv.kept)
		return damon_out_of_memory();
	err = catch_signals(&sv);
	if (err)
		return err;
	err = run_all(&sv);
	err = stop_all(&sv, err, &status);
	free_all(&sv);
	if (sv.end_signal)
		die_by_signal(&sv, sv.end_signal);
	if (!err && WIFSIGNALED(status))
		die_by_signal(&sv, WTERMSIG(status));
	return err ?: WEXITSTATUS(status);
}
