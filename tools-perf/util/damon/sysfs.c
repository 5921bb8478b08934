// SPDX-License-Identifier: GPL-2.0
/*
 * Access to DAMON's sysfs files.
 */
#include "file.h"
#include "sysfs.h"
#include "util/debug.h"

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

/**
 * damon_sysfs__read - read a file
 * @sysfs: the monitor
 * @file: the file, below the directory kdamonds
 * @buf: set to the content, without the newline
 * @size: size of @buf
 *
 * Return: 0 or a negative error number.
 */
int damon_sysfs__read(const struct damon_sysfs *sysfs, const char *file, char *buf, size_t size)
{
	int err = damon_file__read(sysfs->kdamonds, file, 0, buf, size);

	if (!err)
		strim(buf);
	return err;
}

/**
 * damon_sysfs__read_u64 - read a file that contains a number
 * @sysfs: the monitor
 * @file: the file, below the directory kdamonds
 * @value: set to the number
 *
 * Return: 0 or a negative error number, -ERANGE for a negative one.
 */
int damon_sysfs__read_u64(const struct damon_sysfs *sysfs, const char *file, u64 *value)
{
	char buf[32], *end;
	int err = damon_sysfs__read(sysfs, file, buf, sizeof(buf));

	if (err)
		return err;
	if (*buf == '-')
		return -ERANGE;
	*value = strtoull(buf, &end, 10);
	return *end || end == buf ? -EINVAL : 0;
}

/**
 * damon_sysfs__write - write a file
 * @sysfs: the monitor
 * @file: the file, below the directory kdamonds
 * @fmt: format of the value
 *
 * Return: 0 or a negative error number.
 */
int damon_sysfs__write(const struct damon_sysfs *sysfs, const char *file, const char *fmt, ...)
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

/**
 * damon_sysfs__has - check whether a file exists
 * @sysfs: the monitor
 * @file: the file, below the directory kdamonds
 */
bool damon_sysfs__has(const struct damon_sysfs *sysfs, const char *file)
{
	return !faccessat(sysfs->kdamonds, file, F_OK, 0);
}

/**
 * damon_sysfs__have_tracepoint - check whether the kernel has a tracepoint of DAMON
 * @name: name of the tracepoint
 */
bool damon_sysfs__have_tracepoint(const char *name)
{
	char file[64], *id;
	bool have;

	scnprintf(file, sizeof(file), "events/damon/%s/id", name);
	id = get_tracing_file(file);
	have = id && !access(id, R_OK);
	put_tracing_file(id);
	return have;
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
	else if (damon_sysfs__have_tracepoint("damon_aggregated"))
		pr_err("this kernel has DAMON without its sysfs interface: it needs Linux 5.18 or later with CONFIG_DAMON_SYSFS=y\n");
	else
		pr_err("this kernel has no DAMON: it needs Linux 5.18 or later with CONFIG_DAMON_VADDR=y and CONFIG_DAMON_SYSFS=y\n");
	return -ENOENT;
}

/**
 * damon_sysfs__open - open the directory of DAMON's sysfs files
 * @sysfs: the monitor
 * @needs_tracepoint: fail if damon:damon_aggregated does not exist
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_sysfs__open(struct damon_sysfs *sysfs, bool needs_tracepoint)
{
	int err;

	sysfs->kdamonds = -1;
	if (geteuid()) {
		pr_err("only root can monitor memory: try sudo\n");
		return -EPERM;
	}
	err = open_kdamonds(sysfs);
	if (err)
		return err;
	if (needs_tracepoint && !damon_sysfs__have_tracepoint("damon_aggregated")) {
		pr_err("no tracepoint damon:damon_aggregated: it needs CONFIG_FTRACE=y, and tracefs: mount -t tracefs none /sys/kernel/tracing\n");
		damon_sysfs__close(sysfs);
		return -ENOENT;
	}
	return 0;
}

/**
 * damon_sysfs__lock - prevent other perf damon commands from changing anything
 * @sysfs: the monitor
 *
 * Without the lock, two commands that find no kdamond would overwrite each other's.
 *
 * Return: 0, or -EBUSY if another command holds the lock.
 */
int damon_sysfs__lock(const struct damon_sysfs *sysfs)
{
	return flock(sysfs->kdamonds, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

/**
 * damon_sysfs__close - close the directory and release the lock
 * @sysfs: the monitor
 */
void damon_sysfs__close(struct damon_sysfs *sysfs)
{
	if (sysfs->kdamonds >= 0)
		close(sysfs->kdamonds);
	sysfs->kdamonds = -1;
}
