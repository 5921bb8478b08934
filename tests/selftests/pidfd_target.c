// SPDX-License-Identifier: GPL-2.0
/*
 * The file pidfd_target: a process is pinned at the write, by a file descriptor
 * of the writer, until something else is written or the target is removed.
 *
 * This file is no part of the interface of Linux 6.12: without it all is skipped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"

#define KDAMONDS	"/sys/kernel/mm/damon/admin/kdamonds/"
#define KDAMOND		KDAMONDS "0/"
#define TARGETS		KDAMOND "contexts/0/targets/"
#define PIDFD_TARGET	TARGETS "0/pidfd_target"

/* Write @value; 0, or the errno */
static int put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

static int put_number(const char *file, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	return put(file, text);
}

/* Read a number; -2 if that fails */
static int get(const char *file)
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

static int pidfd_open(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

static pid_t start_idle(void)
{
	pid_t child = fork();

	if (child)
		return child;
	for (;;)
		pause();
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void clean_up(void)
{
	put(KDAMOND "state", "off");
	put(KDAMONDS "nr_kdamonds", "0");
}

int main(void)
{
	char closed[16];
	pid_t child;
	int pidfd;

	ksft_print_header();
	if (get(KDAMONDS "nr_kdamonds") != 0)
		ksft_exit_skip("no DAMON, not root, or in use\n");
	atexit(clean_up);
	if (put(KDAMONDS "nr_kdamonds", "1") ||
	    put(KDAMOND "contexts/nr_contexts", "1") ||
	    put(TARGETS "nr_targets", "1"))
		ksft_exit_fail_msg("can't set DAMON up\n");
	if (access(PIDFD_TARGET, F_OK))
		ksft_exit_skip("no " PIDFD_TARGET "\n");
	ksft_set_plan(14);

	child = start_idle();
	pidfd = pidfd_open(child);
	snprintf(closed, sizeof(closed), "%d", dup(pidfd));
	close(atoi(closed));

	ksft_test_result(get(PIDFD_TARGET) == -1, "reads -1 at first\n");
	ksft_test_result(put(PIDFD_TARGET, "x") == EINVAL, "no number: EINVAL\n");
	ksft_test_result(put(PIDFD_TARGET, "-1") == EINVAL, "negative: EINVAL\n");
	ksft_test_result(put(PIDFD_TARGET, "99999999999") == ERANGE,
			 "huge: ERANGE\n");
	ksft_test_result(put(PIDFD_TARGET, closed) == EBADF, "closed: EBADF\n");
	ksft_test_result(put(PIDFD_TARGET, "1") == EBADF, "no pidfd: EBADF\n");
	ksft_test_result(get(PIDFD_TARGET) == -1, "which changes nothing\n");

	ksft_test_result(!put_number(PIDFD_TARGET, pidfd), "a pidfd\n");
	ksft_test_result(get(PIDFD_TARGET) == child, "reads the process id\n");
	close(pidfd);
	ksft_test_result(!put(KDAMOND "state", "on"), "on, with the pidfd closed\n");
	put(KDAMOND "state", "off");

	end(child);
	ksft_test_result(put(KDAMOND "state", "on") == ESRCH,
			 "the process has ended: ESRCH\n");
	ksft_test_result(put(PIDFD_TARGET, "1") == EBADF && get(PIDFD_TARGET) == child,
			 "a bad write keeps it pinned\n");

	child = start_idle();
	put_number(TARGETS "0/pid_target", child);
	ksft_test_result(get(PIDFD_TARGET) == -1, "pid_target takes over\n");
	ksft_test_result(!put(KDAMOND "state", "on"), "on by pid_target\n");
	end(child);
	ksft_finished();
}
