/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_FILE_H
#define __PERF_DAMON_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/**
 * damon_file__read - read a small file, such as those of sysfs and procfs
 * @dir: file descriptor of the directory that @path is in, or AT_FDCWD
 * @path: the file
 * @flags: flags for openat(), besides O_RDONLY and O_CLOEXEC
 * @buf: set to its text, truncated if it does not fit
 * @size: size of @buf, with the terminating NUL
 *
 * Return: 0 or a negative error number.
 */
static inline int damon_file__read(int dir, const char *path, int flags, char *buf, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | flags);
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
	return 0;
}

#endif /* __PERF_DAMON_FILE_H */
