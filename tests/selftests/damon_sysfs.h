/* SPDX-License-Identifier: GPL-2.0 */
/* The sysfs files of the first kdamond, for the C programs of this directory */
#ifndef DAMON_SYSFS_H
#define DAMON_SYSFS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"

#define KDAMONDS	"/sys/kernel/mm/damon/admin/kdamonds/"
#define KDAMOND		KDAMONDS "0/"
#define CONTEXT		KDAMOND "contexts/0/"
#define TARGETS		CONTEXT "targets/"

/* Write @value; returns 0 or the errno */
static inline int put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

static inline int put_number(const char *file, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	return put(file, text);
}

/* Read a number; returns -2 if that fails */
static inline int get(const char *file)
{
	FILE *f = fopen(file, "r");
	int number = -2;

	if (!f)
		return -2;
	if (fscanf(f, "%d", &number) != 1)
		number = -2;
	fclose(f);
	return number;
}

static inline pid_t start_idle(void)
{
	pid_t child = fork();

	if (child)
		return child;
	for (;;)
		pause();
}

static inline void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static inline void clean_up(void)
{
	put(KDAMOND "state", "off");
	put(KDAMONDS "nr_kdamonds", "0");
}

/* To be called first; leaves one kdamond with one target */
static inline void begin(void)
{
	ksft_print_header();
	if (get(KDAMONDS "nr_kdamonds") != 0)
		ksft_exit_skip("no DAMON, not root, or in use\n");
	atexit(clean_up);
	if (put(KDAMONDS "nr_kdamonds", "1") ||
	    put(KDAMOND "contexts/nr_contexts", "1") ||
	    put(TARGETS "nr_targets", "1"))
		ksft_exit_fail_msg("can't set DAMON up\n");
}

#endif /* DAMON_SYSFS_H */
