// SPDX-License-Identifier: GPL-2.0
/*
 * The monitor's files in sysfs: only those that every kernel with the interface has (5.18).
 */
#include "damon-sysfs.h"
#include "damon-settings.h"
#include "debug.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <api/fs/fs.h>
#include <api/fs/tracing_path.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>

#define CONTEXT	"0/contexts/0/"

static int sysfs_read(const struct damon_sysfs *sysfs, const char *file, char *buf, size_t size)
{
	int fd = openat(sysfs->kdamonds, file, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	buf[len] = '\0';
	strim(buf);
	return 0;
}

static int __printf(3, 4) sysfs_write(const struct damon_sysfs *sysfs, const char *file,
				      const char *fmt, ...)
{
	char value[64];
	va_list args;
	int fd, len, err = 0;

	va_start(args, fmt);
	len = vscnprintf(value, sizeof(value), fmt, args);
	va_end(args);

	fd = openat(sysfs->kdamonds, file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, len) < 0)
		err = -errno;
	close(fd);
	pr_debug("damon: %s = %s: %d\n", file, value, err);
	return err;
}

static long sysfs_read_number(const struct damon_sysfs *sysfs, const char *file)
{
	char buf[32];

	return sysfs_read(sysfs, file, buf, sizeof(buf)) ? -1 : atol(buf);
}

static bool have_tracepoint(void)
{
	char *id = get_tracing_file("events/damon/damon_aggregated/id");
	bool have = id && !access(id, R_OK);

	put_tracing_file(id);
	return have;
}

static bool is_on(const struct damon_sysfs *sysfs)
{
	char state[32];

	return !sysfs_read(sysfs, "0/state", state, sizeof(state)) && !strcmp(state, "on");
}

/*
 * Writing nr_kdamonds makes the files of all users anew: never while somebody has any.
 */
static int check_idle(const struct damon_sysfs *sysfs)
{
	long nr = sysfs_read_number(sysfs, "nr_kdamonds");

	if (nr < 0) {
		pr_err("cannot read nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds\n");
		return -EIO;
	}
	if (!nr)
		return 0;
	if (is_on(sysfs))
		pr_err("DAMON is in use: kdamond %ld is running for somebody else; wait for its end, or: echo off > /sys/kernel/mm/damon/admin/kdamonds/0/state\n",
		       sysfs_read_number(sysfs, "0/pid"));
	else
		pr_err("DAMON is in use: %ld kdamond(s) are configured; if nobody needs them: echo 0 > /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds\n",
		       nr);
	return -EBUSY;
}

static int open_kdamonds(struct damon_sysfs *sysfs)
{
	char path[PATH_MAX];
	const char *mountpoint = sysfs__mountpoint();

	if (!mountpoint) {
		pr_err("sysfs is not mounted: mount -t sysfs none /sys\n");
		return -ENOENT;
	}
	scnprintf(path, sizeof(path), "%s/kernel/mm/damon/admin/kdamonds", mountpoint);
	sysfs->kdamonds = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sysfs->kdamonds >= 0)
		return 0;

	if (errno != ENOENT)
		pr_err("cannot open %s: %m\n", path);
	else if (have_tracepoint())
		pr_err("this kernel has DAMON without its sysfs interface: it needs Linux 5.18 or later with CONFIG_DAMON_SYSFS=y\n");
	else
		pr_err("this kernel has no DAMON: it needs Linux 5.18 or later with CONFIG_DAMON_VADDR=y and CONFIG_DAMON_SYSFS=y\n");
	return -ENOENT;
}

/**
 * damon_sysfs__open - find the monitor's files, and see that nobody uses them
 * @sysfs: the monitor
 *
 * What is wrong has been said when this fails.
 *
 * Return: 0 or a negative error number.
 */
int damon_sysfs__open(struct damon_sysfs *sysfs)
{
	int err;

	sysfs->kdamonds = -1;
	sysfs->ours = false;

	if (geteuid()) {
		pr_err("only root can monitor memory: try sudo perf damon record\n");
		return -EPERM;
	}
	err = open_kdamonds(sysfs);
	if (err)
		return err;
	if (!have_tracepoint()) {
		pr_err("no tracepoint damon:damon_aggregated: it needs CONFIG_FTRACE=y, and tracefs: mount -t tracefs none /sys/kernel/tracing\n");
		err = -ENOENT;
	} else if (flock(sysfs->kdamonds, LOCK_EX | LOCK_NB)) {
		/* Of two that find no kdamond, one would take the other's away. */
		pr_err("DAMON is in use: another perf damon record is running; wait for its end\n");
		err = -EBUSY;
	} else {
		err = check_idle(sysfs);
	}
	if (err) {
		close(sysfs->kdamonds);
		sysfs->kdamonds = -1;
	}
	return err;
}

static int write_targets(struct damon_sysfs *sysfs, const struct damon_settings *settings)
{
	char file[PATH_MAX];
	size_t i;
	int err;

	err = sysfs_write(sysfs, CONTEXT "targets/nr_targets", "%zu", settings->nr_pids);
	for (i = 0; !err && i < settings->nr_pids; i++) {
		scnprintf(file, sizeof(file), CONTEXT "targets/%zu/pid_target", i);
		err = sysfs_write(sysfs, file, "%d", settings->pids[i]);
	}
	return err;
}

static int write_attrs(struct damon_sysfs *sysfs, const struct damon_settings *settings)
{
	const struct {
		const char	*file;
		unsigned long	value;
	} attrs[] = {
		{ "intervals/sample_us",	settings->sample_ns / NSEC_PER_USEC },
		{ "intervals/aggr_us",		settings->aggr_ns / NSEC_PER_USEC },
		{ "intervals/update_us",	settings->update_ns / NSEC_PER_USEC },
		{ "nr_regions/max",		settings->max_regions },
		{ "nr_regions/min",		settings->min_regions },
	};
	char file[PATH_MAX];
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		scnprintf(file, sizeof(file), CONTEXT "monitoring_attrs/%s", attrs[i].file);
		err = sysfs_write(sysfs, file, "%lu", attrs[i].value);
		if (err) {
			pr_err("the kernel refuses %lu for monitoring_attrs/%s: %s\n",
			       attrs[i].value, attrs[i].file, strerror(-err));
			return err;
		}
	}
	return 0;
}

/**
 * damon_sysfs__configure - make a kdamond with one context for the settings
 * @sysfs: the monitor
 * @settings: how to monitor, and what
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_sysfs__configure(struct damon_sysfs *sysfs, const struct damon_settings *settings)
{
	int err;

	err = sysfs_write(sysfs, "nr_kdamonds", "1");
	if (err)
		goto out;
	sysfs->ours = true;
	err = sysfs_write(sysfs, "0/contexts/nr_contexts", "1");
	if (err)
		goto out;
	err = sysfs_write(sysfs, CONTEXT "operations", "%s", settings->ops);
	if (err) {
		pr_err("this kernel's DAMON has no operations '%s': it needs CONFIG_DAMON_VADDR=y\n",
		       settings->ops);
		return err;
	}
	err = write_attrs(sysfs, settings);
	if (err)
		return err;
	err = write_targets(sysfs, settings);
out:
	if (err)
		pr_err("cannot configure DAMON: %s\n", strerror(-err));
	return err;
}

/**
 * damon_sysfs__turn_on - start monitoring
 * @sysfs: the monitor
 *
 * Return: the kdamond's process ID, or a negative error number, which has been said.
 */
pid_t damon_sysfs__turn_on(struct damon_sysfs *sysfs)
{
	int err = sysfs_write(sysfs, "0/state", "on");
	long pid;

	if (err == -EBUSY) {
		pr_err("DAMON is in use by another part of the kernel, such as DAMON_RECLAIM: turn that off\n");
		return err;
	}
	if (err) {
		pr_err("cannot turn DAMON on: %s\n", strerror(-err));
		return err;
	}
	pid = sysfs_read_number(sysfs, "0/pid");
	if (pid <= 0) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	return pid;
}

/*
 * A monitor that has ended by itself, as all its targets are gone, is fine.
 */
static int turn_off(const struct damon_sysfs *sysfs)
{
	int err;

	if (!sysfs->ours || !is_on(sysfs))
		return 0;
	err = sysfs_write(sysfs, "0/state", "off");
	if (err && is_on(sysfs)) {
		pr_err("cannot turn DAMON off: %s; echo off > /sys/kernel/mm/damon/admin/kdamonds/0/state\n",
		       strerror(-err));
		return err;
	}
	return 0;
}

/**
 * damon_sysfs__close - stop monitoring and leave sysfs as it was found
 * @sysfs: the monitor
 *
 * When this returns 0 the kdamond has emitted its last event.
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_sysfs__close(struct damon_sysfs *sysfs)
{
	int err = turn_off(sysfs);

	if (sysfs->kdamonds < 0)
		return err;
	if (sysfs->ours && !err) {
		err = sysfs_write(sysfs, "nr_kdamonds", "0");
		if (err)
			pr_err("cannot remove our kdamond: %s; echo 0 > /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds\n",
			       strerror(-err));
	}
	close(sysfs->kdamonds);
	sysfs->kdamonds = -1;
	return err;
}
