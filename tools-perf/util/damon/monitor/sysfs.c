// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON's sysfs files, which are named here by their path below the directory kdamonds.
 */
#include "sysfs.h"
#include "util/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <api/fs/tracing_path.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define KDAMONDS	"/kernel/mm/damon/admin/kdamonds"

/* The path of a file. damon_sysfs__check() has found sysfs. */
static void make_path(char path[PATH_MAX], const char *fmt, va_list args)
{
	int len = scnprintf(path, PATH_MAX, "%s" KDAMONDS "/", sysfs__mountpoint());

	vscnprintf(path + len, PATH_MAX - len, fmt, args);
}

/**
 * damon_sysfs__read - read a file
 * @buf: set to the content, without the newline
 * @size: size of @buf
 * @fmt: format of the name of the file
 *
 * Return: 0 or a negative error number.
 */
int damon_sysfs__read(char *buf, size_t size, const char *fmt, ...)
{
	char path[PATH_MAX], *text;
	va_list args;
	size_t len;
	int err;

	va_start(args, fmt);
	make_path(path, fmt, args);
	va_end(args);
	err = filename__read_str(path, &text, &len);
	if (err)
		return err;
	scnprintf(buf, size, "%s", strim(text));
	free(text);
	return 0;
}

/**
 * damon_sysfs__read_u64 - read a file that contains a number
 * @value: set to the number
 * @fmt: format of the name of the file
 *
 * Return: 0 or a negative error number, -EINVAL for a negative number.
 */
int damon_sysfs__read_u64(u64 *value, const char *fmt, ...)
{
	char file[PATH_MAX], buf[32], *end;
	va_list args;
	int err;

	va_start(args, fmt);
	vscnprintf(file, sizeof(file), fmt, args);
	va_end(args);
	err = damon_sysfs__read(buf, sizeof(buf), "%s", file);
	if (err)
		return err;
	*value = strtoull(buf, &end, 10);
	return *end || end == buf || *buf == '-' ? -EINVAL : 0;
}

/**
 * damon_sysfs__write - write a file
 * @fmt: format of the name of the file and of what to write, such as 0/state=off
 *
 * Return: 0 or a negative error number.
 */
int damon_sysfs__write(const char *fmt, ...)
{
	char path[PATH_MAX], *value;
	int fd, err = 0;
	va_list args;

	va_start(args, fmt);
	make_path(path, fmt, args);
	va_end(args);
	value = strchr(path, '=');
	*value++ = '\0';
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	pr_debug("damon: %s = %s: %d\n", path, value, err);
	return err;
}

/**
 * damon_sysfs__inode - the inode number of a file
 * @file: the file
 *
 * Return: the number, 0 if there is no such file.
 */
u64 damon_sysfs__inode(const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	scnprintf(path, sizeof(path), "%s" KDAMONDS "/%s", sysfs__mountpoint(), file);
	return stat(path, &st) ? 0 : st.st_ino;
}

/**
 * damon_sysfs__find_tracepoint - check whether the kernel has a tracepoint of DAMON
 * @name: name of the tracepoint
 * @mount: mount tracefs if it is not
 *
 * Return: 0, -ENOENT, or -EACCES if it is not known.
 */
int damon_sysfs__find_tracepoint(const char *name, bool mount)
{
	const char *tracefs = mount ? tracing_path_mount() : tracefs__mountpoint();
	const char *debugfs = tracefs ? NULL : debugfs__mountpoint();
	char path[PATH_MAX];

	if (!tracefs && !debugfs)
		return -ENOENT;
	scnprintf(path, sizeof(path), "%s%s/events/damon/%s/id", tracefs ?: debugfs,
		  tracefs ? "" : "/tracing", name);
	return access(path, R_OK) ? -errno : 0;
}

/**
 * damon_sysfs__check - check that DAMON's sysfs files are there, and can be read
 * @and_events: also that the events of kdamonds can be recorded
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_sysfs__check(bool and_events)
{
	u64 nr;
	int err;

	if (!sysfs__mountpoint()) {
		pr_err("sysfs is not mounted: mount -t sysfs none /sys\n");
		return -ENOENT;
	}
	err = damon_sysfs__read_u64(&nr, "nr_kdamonds");
	if (err == -EACCES || err == -EPERM)
		pr_err("not allowed to read how DAMON is used, in /sys/kernel/mm/damon: try sudo\n");
	else if (err && err != -ENOENT)
		pr_err("cannot read nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds: %s\n",
		       strerror(-err));
	else if (err && damon_sysfs__find_tracepoint("damon_aggregated", /*mount=*/false) == 0)
		pr_err("this kernel has DAMON without its sysfs interface: it needs Linux 5.18 or later with CONFIG_DAMON_SYSFS=y\n");
	else if (err)
		pr_err("this kernel has no DAMON: it needs Linux 5.18 or later with CONFIG_DAMON_VADDR=y and CONFIG_DAMON_SYSFS=y\n");
	if (err || !and_events)
		return err;

	err = damon_sysfs__find_tracepoint("damon_aggregated", /*mount=*/true);
	if (err == -EACCES)
		pr_err("not allowed to read the tracepoint damon:damon_aggregated: try sudo\n");
	else if (err)
		pr_err("no tracepoint damon:damon_aggregated: it needs CONFIG_FTRACE=y, and tracefs: mount -t tracefs none /sys/kernel/tracing\n");
	return err;
}

/**
 * damon_sysfs__lock - prevent other perf damon commands from changing anything
 *
 * Without the lock, two commands that find no kdamond would overwrite each other's.
 *
 * Return: a file descriptor that holds the lock until it is closed, or a negative error number,
 * -EBUSY if another command holds the lock.
 */
int damon_sysfs__lock(void)
{
	char path[PATH_MAX];
	int fd;

	scnprintf(path, sizeof(path), "%s" KDAMONDS, sysfs__mountpoint());
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	close(fd);
	return -EBUSY;
}
