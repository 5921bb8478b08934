// SPDX-License-Identifier: GPL-2.0
/*
 * The file pidfd_target: a process is pinned at the write, by a file descriptor
 * of the writer, until something else is written or the target is removed.
 *
 * Linux 6.12 does not have this file: without it all tests are skipped.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>

#include "damon_sysfs.h"

#define PIDFD_TARGET	TARGETS "0/pidfd_target"

static int pidfd_open(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

/* Read a process id in another pid namespace, where the process does not have one */
static int get_elsewhere(const char *file)
{
	pid_t child;
	int status;

	if (unshare(CLONE_NEWPID))
		return -2;
	child = fork();
	if (!child)
		_exit(get(file) & 0xff);
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

int main(void)
{
	char closed[16];
	pid_t child;
	int pidfd;

	begin();
	if (access(PIDFD_TARGET, F_OK))
		ksft_exit_skip("no " PIDFD_TARGET "\n");
	ksft_set_plan(15);

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
	put(KDAMOND "state", "off");

	/* Last, as all later children are in the new namespace. */
	put_number(PIDFD_TARGET, pidfd_open(child));
	ksft_test_result(get(PIDFD_TARGET) == child && !get_elsewhere(PIDFD_TARGET),
			 "reads 0 in another pid namespace\n");
	end(child);
	ksft_finished();
}
