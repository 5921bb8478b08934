// SPDX-License-Identifier: GPL-2.0
/*
 * Configure, run and remove our kdamond, through the files that every kernel with DAMON's sysfs
 * interface has (since 5.18).
 */
#include "errors.h"
#include "monitor.h"
#include "process.h"
#include "sysfs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define CONTEXT	"0/contexts/0/"

/*
 * Writing nr_kdamonds recreates the directories of all kdamonds: never do it while there are any.
 */
static int check_idle(void)
{
	const struct damon_kdamond *first;
	struct damon_kdamonds kdamonds;
	int err;

	err = damon_kdamonds__read(&kdamonds);
	if (err)
		return err;
	first = kdamonds.kdamond;
	if (!kdamonds.nr_sysfs)
		goto out;
	err = -EBUSY;
	if (kdamonds.maker == DAMON_BY_START)
		pr_err("DAMON is in use: perf damon start has made its kdamond%s; perf damon stop ends it\n",
		       first->on ? "" : ", which has ended");
	else if (kdamonds.maker == DAMON_BY_KILLED_RECORD)
		pr_err("DAMON is in use: perf damon record (process %d) was killed, its kdamond %s; perf damon stop puts that right\n",
		       kdamonds.owner, first->on ? "is still running" : "is left");
	else if (first->on)
		pr_err("DAMON is in use: kdamond %d is running for somebody else; wait for its end, or: perf damon stop --others\n",
		       first->pid);
	else
		pr_err("DAMON is in use: somebody has configured %zu kdamond(s); if nobody needs them: perf damon stop --others\n",
		       kdamonds.nr_sysfs);
out:
	damon_kdamonds__exit(&kdamonds);
	return err;
}

/**
 * damon_monitor__check_tracepoint - check that the events of kdamonds can be recorded
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__check_tracepoint(void)
{
	int err = damon_sysfs__find_tracepoint("damon_aggregated", /*mount=*/true);

	if (err == -EACCES)
		pr_err("not allowed to read the tracepoint damon:damon_aggregated: try sudo\n");
	else if (err)
		pr_err("no tracepoint damon:damon_aggregated: it needs CONFIG_FTRACE=y, and tracefs: mount -t tracefs none /sys/kernel/tracing\n");
	return err;
}

/**
 * damon_monitor__claim - lock DAMON's sysfs files, and check that nobody uses them
 * @monitor: our kdamond
 * @by: the command that needs it: record or start
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__claim(struct damon_monitor *monitor, const char *by)
{
	int err;

	memset(monitor, 0, sizeof(*monitor));
	monitor->lock = -1;
	scnprintf(monitor->mark.by, sizeof(monitor->mark.by), "%s", by);
	err = damon_sysfs__check();
	err = err ?: damon_monitor__check_tracepoint();
	if (err)
		return err;
	monitor->lock = damon_sysfs__lock();
	if (monitor->lock < 0) {
		pr_err("DAMON is in use: another perf damon record is running; wait for its end\n");
		return monitor->lock;
	}
	err = check_idle();
	if (err)
		damon_monitor__leave(monitor);
	return err;
}

static int write_ranges(const struct damon_ranges *ranges, size_t target)
{
	size_t i;
	int err;

	err = damon_sysfs__write(CONTEXT "targets/%zu/regions/nr_regions=%zu", target, ranges->nr);
	for (i = 0; !err && i < ranges->nr; i++) {
		err = damon_sysfs__write(CONTEXT "targets/%zu/regions/%zu/start=%llu", target, i,
					 (unsigned long long)ranges->range[i].start);
		err = err ?: damon_sysfs__write(CONTEXT "targets/%zu/regions/%zu/end=%llu", target,
						i, (unsigned long long)ranges->range[i].end);
	}
	return err;
}

/*
 * The number tells others which process it is. When DAMON is turned on, it may belong to another
 * process, which cannot happen to a pidfd; but not every kernel takes one.
 */
static int write_process(size_t target, pid_t pid, int pidfd)
{
	int err = damon_sysfs__write(CONTEXT "targets/%zu/pid_target=%d", target, pid);

	err = err ?: damon_sysfs__write(CONTEXT "targets/%zu/pidfd_target=%d", target, pidfd);
	return err == -ENOENT ? 0 : err;
}

static int write_targets(const struct damon_settings *settings,
			 const struct damon_processes *processes)
{
	/* Physical memory is one target, which has no process. */
	size_t i, nr = settings->nr_pids ?: 1;
	int err;

	err = damon_sysfs__write(CONTEXT "targets/nr_targets=%zu", nr);
	for (i = 0; !err && i < nr; i++) {
		if (settings->nr_pids)
			err = write_process(i, settings->pids[i], processes->process[i].pidfd);
		if (!err && settings->ranges.nr)
			err = write_ranges(&settings->ranges, i);
	}
	if (err)
		pr_err("the kernel refuses what is to be monitored: %s\n", strerror(-err));
	return err;
}

/* An attribute that was not given stays as the kernel has it. */
static int write_attr(const struct damon_attr *attr, u64 value)
{
	int err = 0;

	if (value != DAMON_ATTR_NONE)
		err = damon_sysfs__write(CONTEXT "monitoring_attrs/%s=%llu", attr->file,
					 (unsigned long long)value / attr->unit);
	if (err == -ENOENT && attr->initial == DAMON_ATTR_NONE)
		pr_err("--%s: this kernel's DAMON has no monitoring_attrs/%s: leave the option out\n",
		       attr->name, attr->file);
	else if (err)
		pr_err("the kernel refuses --%s: %s\n", attr->name, strerror(-err));
	return err;
}

/*
 * Write the mark before the kdamond is made, and again with its directory. If we are killed in
 * between, the kdamond is known to be ours by having no contexts.
 */
static int make_kdamond(struct damon_monitor *monitor)
{
	struct damon_mark *mark = &monitor->mark;
	int err;

	mark->owner = getpid();
	mark->owner_start = damon_process__start(mark->owner);
	damon_mark__write(mark);
	err = damon_sysfs__write("nr_kdamonds=1");
	if (err) {
		damon_mark__remove();
		goto out;
	}
	monitor->made = true;
	mark->directory = damon_sysfs__inode("0");
	damon_mark__write(mark);
	err = damon_sysfs__write("0/contexts/nr_contexts=1");
out:
	if (err)
		pr_err("cannot configure DAMON: %s%s\n", strerror(-err),
		       err == -EACCES || err == -EPERM ? ": try sudo" : "");
	return err;
}

static int write_operations(const char *ops)
{
	int err = damon_sysfs__write(CONTEXT "operations=%s", ops);
	char available[64];

	if (!err)
		return 0;
	if (damon_sysfs__read(available, sizeof(available), CONTEXT "avail_operations"))
		scnprintf(available, sizeof(available), "unknown");
	strreplace(available, '\n', ' ');
	pr_err("this kernel's DAMON has no operations '%s': it has %s; vaddr and fvaddr need CONFIG_DAMON_VADDR=y, paddr CONFIG_DAMON_PADDR=y\n",
	       ops, available);
	return err;
}

/**
 * damon_monitor__configure - make a kdamond with one context, and configure it
 * @monitor: our kdamond
 * @settings: what to monitor, and how
 * @processes: the processes in @settings
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__configure(struct damon_monitor *monitor, const struct damon_settings *settings,
			     const struct damon_processes *processes)
{
	int err = make_kdamond(monitor) ?: write_operations(settings->ops);
	const struct damon_attr *attr;

	damon_attr__for_each(attr)
		err = err ?: write_attr(attr, damon_attr__value(attr, settings));
	return err ?: write_targets(settings, processes);
}

/*
 * Linux 6.1 and 6.12 accept only one range. For all of memory join the ranges then: the gaps
 * between System RAM are never accessed, while any one range that we chose could be the wrong one.
 */
static int turn_on_joined(struct damon_settings *settings)
{
	int err;

	damon_ranges__join(&settings->ranges);
	err = write_ranges(&settings->ranges, 0);
	err = err ?: damon_sysfs__write("0/state=on");
	if (!err)
		damon_warning("this kernel's DAMON takes one range only: what is between parts of the memory is monitored, too; --ranges chooses a part\n");
	return err;
}

static const char *explain(int err, const struct damon_settings *settings)
{
	if (err == -EBUSY)
		return ": another part of the kernel uses it, such as DAMON_RECLAIM: turn that off";
	if (err == -EINVAL && settings->ranges.nr > 1)
		return ": some kernels take one range only, choose it with --ranges";
	if (err == -ESRCH || (err == -EINVAL && settings->nr_pids))
		return ": a process to be monitored is gone";
	return "";
}

/**
 * damon_monitor__turn_on - start monitoring
 * @monitor: our kdamond
 * @settings: what it monitors; the ranges are joined if the kernel takes only one
 *
 * Return: the thread ID of the kdamond as the kernel numbers it, or a negative error number; errors
 * are printed.
 */
pid_t damon_monitor__turn_on(struct damon_monitor *monitor, struct damon_settings *settings)
{
	int err = damon_sysfs__write("0/state=on");
	struct damon_kdamond kdamond;

	if (err == -EINVAL && settings->all_memory && settings->ranges.nr > 1)
		err = turn_on_joined(settings);
	if (err) {
		pr_err("cannot turn DAMON on: %s%s\n", strerror(-err), explain(err, settings));
		return err;
	}
	damon_kdamond__read(&kdamond, 0);
	damon_settings__exit(&kdamond.settings);
	if (!kdamond.on) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	monitor->mark.kdamond = kdamond.tid;
	monitor->mark.kdamond_start = kdamond.tid ? damon_process__start(kdamond.tid) : 0;
	damon_mark__write(&monitor->mark);
	return kdamond.pid;
}

static bool is_on(unsigned int index)
{
	char state[16];

	return !damon_sysfs__read(state, sizeof(state), "%u/state", index) && !strcmp(state, "on");
}

/* It is no error if the kdamond has ended by itself, as all its targets have exited. */
static int turn_off(unsigned int index)
{
	int err = is_on(index) ? damon_sysfs__write("%u/state=off", index) : 0;

	if (!err || !is_on(index))
		return 0;
	pr_err("cannot turn DAMON off: %s; echo off > /sys/kernel/mm/damon/admin/kdamonds/%u/state\n",
	       strerror(-err), index);
	return err;
}

/**
 * damon_monitor__stop_all - stop and remove all kdamonds, whoever has configured them
 *
 * If this returns 0, they emit no more events.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__stop_all(void)
{
	unsigned int i;
	int err;
	u64 nr;

	err = damon_sysfs__read_u64(&nr, "nr_kdamonds");
	for (i = 0; !err && i < nr; i++) {
		err = turn_off(i);
		if (err)
			return err;
	}
	if (!err)
		err = damon_sysfs__write("nr_kdamonds=0");
	if (err)
		pr_err("cannot remove the kdamond: %s; echo 0 > /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds\n",
		       strerror(-err));
	else
		damon_mark__remove();
	return err;
}

/**
 * damon_monitor__release - stop and remove our kdamond, and unlock the sysfs files
 * @monitor: our kdamond
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__release(struct damon_monitor *monitor)
{
	int err = 0;

	/* Once our kdamond has ended, others may configure theirs in its place. */
	if (monitor->made && damon_sysfs__inode("0") != monitor->mark.directory) {
		damon_warning("somebody else has configured DAMON meanwhile, which is left as it is\n");
		damon_mark__remove();
	} else if (monitor->made) {
		err = damon_monitor__stop_all();
	}
	damon_monitor__leave(monitor);
	return err;
}

/**
 * damon_monitor__leave - leave our kdamond as it is, and unlock the sysfs files
 * @monitor: our kdamond
 */
void damon_monitor__leave(struct damon_monitor *monitor)
{
	if (monitor->lock >= 0)
		close(monitor->lock);
	monitor->lock = -1;
	monitor->made = false;
}
