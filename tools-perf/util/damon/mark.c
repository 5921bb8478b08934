// SPDX-License-Identifier: GPL-2.0
/*
 * The mark: a small file that identifies our kdamond, and persists if we are killed.
 *
 * A killed perf damon cannot remove its kdamond. The next command has to know whether a kdamond is
 * such a leftover or in use by somebody else. The files in sysfs do not tell, but the inode number
 * of the kdamond's directory does: when somebody configures kdamonds, the kernel recreates all
 * directories, with new inode numbers. If somebody else turns on our kdamond again, the directory
 * stays the same, but the start time of the thread is different.
 */
#include "file.h"
#include "mark.h"
#include "util/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define MARK	"/run/perf-damon"

/* Maximum length of a mark as text. */
#define MARK_LEN	512

static int read_file(const char *path, char *buf, size_t size)
{
	return damon_file__read(AT_FDCWD, path, O_NOFOLLOW, buf, size);
}

/* Inode numbers and process IDs are only valid for one boot; /run may outlast it. */
static int read_boot_id(char *buf, size_t size)
{
	char path[PATH_MAX];
	int err;

	scnprintf(path, sizeof(path), "%s/sys/kernel/random/boot_id", procfs__mountpoint());
	err = read_file(path, buf, size);
	if (!err)
		strim(buf);
	return err;
}

/**
 * damon_process__find - find a process and its start time
 * @process: set to the process
 * @pid: its ID
 *
 * Return: 0, or -ESRCH if there is no such process, or if it is a zombie.
 */
int damon_process__find(struct damon_process *process, pid_t pid)
{
	char path[PATH_MAX], stat[1024], state;
	const char *fields;
	char *end;
	u64 start;
	int i;

	scnprintf(path, sizeof(path), "%s/%d/stat", procfs__mountpoint(), pid);
	if (read_file(path, stat, sizeof(stat)))
		return -ESRCH;
	/* The second field, the name in parentheses, may have any characters in it. */
	fields = strrchr(stat, ')');
	if (!fields || sscanf(fields, ") %c", &state) != 1 || strchr("ZXx", state))
		return -ESRCH;
	/* The start time is field 22. */
	for (i = 2; fields && i < 22; i++)
		fields = strchr(fields + 1, ' ');
	if (!fields)
		return -ESRCH;
	start = strtoull(fields, &end, 10);
	if (*end != ' ')
		return -ESRCH;
	process->pid = pid;
	process->start = start;
	return 0;
}

/**
 * damon_process__is_alive - tell whether a process still exists
 * @process: the process
 */
bool damon_process__is_alive(const struct damon_process *process)
{
	struct damon_process now;

	return process->pid && !damon_process__find(&now, process->pid) &&
	       now.start == process->start;
}

/**
 * damon_mark__write - write the mark, and replace an older one
 * @mark: the mark
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_mark__write(const struct damon_mark *mark)
{
	char text[MARK_LEN], boot_id[64];
	int fd, len, err;
	ssize_t written;

	err = read_boot_id(boot_id, sizeof(boot_id));
	if (err)
		goto out;
	len = scnprintf(text, sizeof(text),
			"perf damon %s\nboot %s\nowner %d %llu\ndirectory %llu\nkdamond %d %llu\n",
			mark->by, boot_id, mark->owner.pid, (unsigned long long)mark->owner.start,
			(unsigned long long)mark->directory, mark->kdamond.pid,
			(unsigned long long)mark->kdamond.start);
	/* Replace it atomically: others read either the old mark or the new one. */
	unlink(MARK ".new");
	fd = open(MARK ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	written = write(fd, text, len);
	if (written != len)
		err = written < 0 ? -errno : -ENOSPC;
	close(fd);
	if (!err && rename(MARK ".new", MARK))
		err = -errno;
	if (err)
		unlink(MARK ".new");
out:
	if (err)
		pr_err("cannot write %s, by which we know our kdamond: %s\n", MARK, strerror(-err));
	return err;
}

static bool is_ours(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode) && !st.st_uid && !(st.st_mode & 0022);
}

/**
 * damon_mark__read - read the mark that was left
 * @mark: set to the mark
 *
 * Return: 0, or a negative error number if there is none from this boot.
 */
int damon_mark__read(struct damon_mark *mark)
{
	char text[MARK_LEN], boot_id[64], marked_id[64];
	unsigned long long owner_start, kdamond_start, directory;
	int err;

	memset(mark, 0, sizeof(*mark));
	if (!is_ours(MARK))
		return -ENOENT;
	err = read_file(MARK, text, sizeof(text));
	if (err)
		return err;
	err = read_boot_id(boot_id, sizeof(boot_id));
	if (err)
		return err;
	if (sscanf(text, "perf damon %15s boot %63s owner %d %llu directory %llu kdamond %d %llu",
		   mark->by, marked_id, &mark->owner.pid, &owner_start, &directory,
		   &mark->kdamond.pid, &kdamond_start) != 7)
		return -EINVAL;
	mark->owner.start = owner_start;
	mark->kdamond.start = kdamond_start;
	mark->directory = directory;
	return strcmp(boot_id, marked_id) ? -ENOENT : 0;
}

/**
 * damon_mark__remove - remove the mark
 */
void damon_mark__remove(void)
{
	unlink(MARK);
	/* Left by a perf damon that was killed while writing a mark. */
	unlink(MARK ".new");
}
