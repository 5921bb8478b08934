// SPDX-License-Identifier: GPL-2.0
/*
 * Configure, run and remove our kdamond, through the files that every kernel with DAMON's sysfs
 * interface has (since 5.18).
 */
#include "attr.h"
#include "errors.h"
#include "kdamond.h"
#include "running.h"
#include "settings.h"
#include "util/debug.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define CONTEXT	"0/contexts/0/"

/*
 * Writing nr_kdamonds recreates the directories of all kdamonds: never do it while there are any.
 */
static int check_idle(const struct damon_sysfs *sysfs)
{
	struct damon_running first;
	struct damon_mark mark;
	unsigned int nr;
	int err;

	err = damon_running__count(sysfs, &nr);
	if (err) {
		pr_err("cannot read nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds: %s\n",
		       strerror(-err));
		return err;
	}
	if (!nr)
		return 0;

	damon_running__read(&first, sysfs, 0);
	switch (damon_running__whose(sysfs, &mark)) {
	case DAMON_STARTED:
		pr_err("DAMON is in use: perf damon start has made its kdamond%s; perf damon stop ends it\n",
		       first.on ? "" : ", which has ended");
		break;
	case DAMON_LEFT:
		pr_err("DAMON is in use: perf damon record (process %d) was killed, its kdamond %s; perf damon stop puts that right\n",
		       mark.owner.pid, first.on ? "is still running" : "is left");
		break;
	case DAMON_RECORD:
	case DAMON_OTHERS:
	default:
		if (first.on)
			pr_err("DAMON is in use: kdamond %d is running for somebody else; wait for its end, or: perf damon stop --others\n",
			       first.pid);
		else
			pr_err("DAMON is in use: somebody has configured %u kdamond(s); if nobody needs them: perf damon stop --others\n",
			       nr);
		break;
	}
	damon_running__exit(&first);
	return -EBUSY;
}

/**
 * damon_kdamond__claim - open and lock DAMON's sysfs files, and check that nobody uses them
 * @kdamond: our kdamond
 * @by: the command that needs it: record or start
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamond__claim(struct damon_kdamond *kdamond, const char *by)
{
	int err;

	memset(kdamond, 0, sizeof(*kdamond));
	scnprintf(kdamond->mark.by, sizeof(kdamond->mark.by), "%s", by);
	err = damon_sysfs__open(&kdamond->sysfs, /*needs_tracepoint=*/true);
	if (err)
		return err;
	err = damon_sysfs__lock(&kdamond->sysfs);
	if (err)
		pr_err("DAMON is in use: another perf damon record is running; wait for its end\n");
	else
		err = check_idle(&kdamond->sysfs);
	if (err)
		damon_sysfs__close(&kdamond->sysfs);
	return err;
}

static int write_ranges(const struct damon_sysfs *sysfs, const struct damon_ranges *ranges,
			size_t target)
{
	char file[96];
	size_t i;
	int err;

	scnprintf(file, sizeof(file), CONTEXT "targets/%zu/regions/nr_regions", target);
	err = damon_sysfs__write(sysfs, file, "%zu", ranges->nr);
	for (i = 0; !err && i < ranges->nr; i++) {
		scnprintf(file, sizeof(file), CONTEXT "targets/%zu/regions/%zu/start", target, i);
		err = damon_sysfs__write(sysfs, file, "%llu",
					 (unsigned long long)ranges->range[i].start);
		scnprintf(file, sizeof(file), CONTEXT "targets/%zu/regions/%zu/end", target, i);
		if (!err)
			err = damon_sysfs__write(sysfs, file, "%llu",
						 (unsigned long long)ranges->range[i].end);
	}
	return err;
}

static int write_targets(const struct damon_sysfs *sysfs, const struct damon_settings *settings)
{
	/* Physical memory is one target, which has no process. */
	size_t i, nr = settings->nr_pids ?: 1;
	char file[64];
	int err;

	err = damon_sysfs__write(sysfs, CONTEXT "targets/nr_targets", "%zu", nr);
	for (i = 0; !err && i < nr; i++) {
		scnprintf(file, sizeof(file), CONTEXT "targets/%zu/pid_target", i);
		if (settings->nr_pids)
			err = damon_sysfs__write(sysfs, file, "%d", settings->pids[i]);
		if (!err && settings->ranges.nr)
			err = write_ranges(sysfs, &settings->ranges, i);
	}
	return err;
}

/*
 * Linux 6.1 and 6.12 accept only one range, and refuse more when DAMON is turned on. Then join the
 * ranges: the gaps between System RAM are never accessed, while any one range that we chose could
 * be the wrong one.
 */
static int fit_memory(const struct damon_sysfs *sysfs, struct damon_settings *settings)
{
	int err = damon_sysfs__write(sysfs, "0/state", "on");

	if (!err)
		return damon_sysfs__write(sysfs, "0/state", "off");
	/* damon_kdamond__turn_on() reports all other errors. */
	if (err != -EINVAL)
		return 0;
	damon_ranges__join(&settings->ranges);
	damon_warning("this kernel's DAMON takes one range only: what is between parts of the memory is monitored, too; --ranges chooses a part\n");
	return write_ranges(sysfs, &settings->ranges, 0);
}

static int write_attr(const struct damon_sysfs *sysfs, const struct damon_attr *attr, u64 value)
{
	char file[96];
	int err;

	scnprintf(file, sizeof(file), CONTEXT "monitoring_attrs/%s", attr->file);
	err = damon_sysfs__write(sysfs, file, "%llu", (unsigned long long)value);
	if (err == -ENOENT && damon_attr__is_optional(attr))
		pr_err("--%s: this kernel's DAMON has no monitoring_attrs/%s: leave the option out\n",
		       attr->name, attr->file);
	else if (err)
		pr_err("the kernel refuses %llu for monitoring_attrs/%s: %s\n",
		       (unsigned long long)value, attr->file, strerror(-err));
	return err;
}

/* Write the attributes that were given, then read all of them back from the kernel. */
static int write_attrs(const struct damon_sysfs *sysfs, struct damon_settings *settings)
{
	const struct damon_attr *attr;
	u64 value;
	int err;

	damon_attr__for_each(attr) {
		value = damon_attr__get(attr, settings);
		if (value == DAMON_ATTR_NONE)
			continue;
		err = write_attr(sysfs, attr, value / attr->unit);
		if (err)
			return err;
	}
	err = damon_running__read_attrs(settings, sysfs, "0/contexts/0");
	if (err)
		pr_err("cannot read how DAMON monitors: %s\n", strerror(-err));
	return err;
}

/*
 * Write the mark before the kdamond is created, and again with its directory. If we are killed in
 * between, the kdamond is known to be ours by having no contexts.
 */
static int make_kdamond(struct damon_kdamond *kdamond)
{
	int err = damon_process__find(&kdamond->mark.owner, getpid());

	if (err)
		goto out;
	err = damon_mark__write(&kdamond->mark);
	if (err)
		return err;
	err = damon_sysfs__write(&kdamond->sysfs, "nr_kdamonds", "1");
	if (err) {
		damon_mark__remove();
		goto out;
	}
	kdamond->ours = true;
	kdamond->mark.directory = damon_running__directory(&kdamond->sysfs);
	err = damon_mark__write(&kdamond->mark);
	if (err)
		return err;
	err = damon_sysfs__write(&kdamond->sysfs, "0/contexts/nr_contexts", "1");
out:
	if (err)
		pr_err("cannot configure DAMON: %s\n", strerror(-err));
	return err;
}

/**
 * damon_kdamond__configure - create a kdamond with one context, and configure it
 * @kdamond: our kdamond
 * @settings: what to monitor, and how; attributes not given are set to the kernel's defaults
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamond__configure(struct damon_kdamond *kdamond, struct damon_settings *settings)
{
	const struct damon_sysfs *sysfs = &kdamond->sysfs;
	char available[64];
	int err;

	err = make_kdamond(kdamond);
	if (err)
		return err;
	err = damon_sysfs__write(sysfs, CONTEXT "operations", "%s", settings->ops);
	if (err) {
		if (damon_sysfs__read(sysfs, CONTEXT "avail_operations", available,
				      sizeof(available)))
			scnprintf(available, sizeof(available), "unknown");
		strreplace(available, '\n', ' ');
		pr_err("this kernel's DAMON has no operations '%s': it has %s; vaddr and fvaddr need CONFIG_DAMON_VADDR=y, paddr CONFIG_DAMON_PADDR=y\n",
		       settings->ops, available);
		return err;
	}
	err = write_attrs(sysfs, settings);
	if (err)
		return err;
	err = write_targets(sysfs, settings);
	if (!err && settings->all_memory && settings->ranges.nr > 1)
		err = fit_memory(sysfs, settings);
	if (err)
		pr_err("the kernel refuses what is to be monitored: %s\n", strerror(-err));
	kdamond->has_many_ranges = settings->ranges.nr > 1;
	return err;
}

/**
 * damon_kdamond__turn_on - start monitoring
 * @kdamond: our kdamond
 *
 * Return: the thread ID of the kdamond, or a negative error number; errors are printed.
 */
pid_t damon_kdamond__turn_on(struct damon_kdamond *kdamond)
{
	u64 pid;
	int err = damon_sysfs__write(&kdamond->sysfs, "0/state", "on");

	if (err == -EBUSY) {
		pr_err("DAMON is in use by another part of the kernel, such as DAMON_RECLAIM: turn that off\n");
		return err;
	}
	if (err) {
		pr_err("cannot turn DAMON on: %s%s\n", strerror(-err),
		       err == -EINVAL && kdamond->has_many_ranges ?
		       ": some kernels take one range only, choose it with --ranges" : "");
		return err;
	}
	if (damon_sysfs__read_u64(&kdamond->sysfs, "0/pid", &pid) ||
	    damon_process__find(&kdamond->mark.kdamond, pid)) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	err = damon_mark__write(&kdamond->mark);
	return err ?: (pid_t)pid;
}

/* It is no error if the kdamond has ended by itself, as all its targets have exited. */
static int turn_off(const struct damon_sysfs *sysfs, unsigned int index)
{
	struct damon_running running;
	char file[32];
	int err = 0;

	damon_running__read(&running, sysfs, index);
	if (running.on) {
		scnprintf(file, sizeof(file), "%u/state", index);
		err = damon_sysfs__write(sysfs, file, "off");
		damon_running__exit(&running);
		damon_running__read(&running, sysfs, index);
		if (err && !running.on)
			err = 0;
	}
	damon_running__exit(&running);
	if (err)
		pr_err("cannot turn DAMON off: %s; echo off > /sys/kernel/mm/damon/admin/kdamonds/%u/state\n",
		       strerror(-err), index);
	return err;
}

/**
 * damon_kdamond__stop - stop and remove all kdamonds, whoever has configured them
 * @sysfs: DAMON's sysfs files
 *
 * If this returns 0, they emit no more events.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamond__stop(const struct damon_sysfs *sysfs)
{
	unsigned int i, nr;
	int err;

	err = damon_running__count(sysfs, &nr);
	for (i = 0; !err && i < nr; i++) {
		err = turn_off(sysfs, i);
		if (err)
			return err;
	}
	if (!err)
		err = damon_sysfs__write(sysfs, "nr_kdamonds", "0");
	if (err)
		pr_err("cannot remove the kdamond: %s; echo 0 > /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds\n",
		       strerror(-err));
	else
		damon_mark__remove();
	return err;
}

/**
 * damon_kdamond__release - stop and remove our kdamond, and unlock the sysfs files
 * @kdamond: our kdamond
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamond__release(struct damon_kdamond *kdamond)
{
	int err = 0;

	/* Once our kdamond has ended, others may configure theirs in its place. */
	if (kdamond->ours &&
	    damon_running__directory(&kdamond->sysfs) != kdamond->mark.directory) {
		damon_warning("somebody else has configured DAMON meanwhile, which is left as it is\n");
		kdamond->ours = false;
		damon_mark__remove();
	}
	if (kdamond->ours)
		err = damon_kdamond__stop(&kdamond->sysfs);
	kdamond->ours = false;
	damon_sysfs__close(&kdamond->sysfs);
	return err;
}

/**
 * damon_kdamond__leave - leave our kdamond running, and unlock the sysfs files
 * @kdamond: our kdamond
 */
void damon_kdamond__leave(struct damon_kdamond *kdamond)
{
	kdamond->ours = false;
	damon_sysfs__close(&kdamond->sysfs);
}
