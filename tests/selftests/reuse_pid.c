// SPDX-License-Identifier: GPL-2.0
/*
 * reuse_pid: processes with the same process id, one after the other.
 *
 * Starts a child that does nothing and prints its process id.  For each line on its
 * standard input it replaces the child by another one with the same process id, and
 * prints this again.  Exits with 4 if the process id can't be chosen.
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = pid ? (uintptr_t)&pid : 0,
		.set_tid_size = pid ? 1 : 0,
	};
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (child < 0)
		err(4, "clone3");
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

int main(void)
{
	pid_t child = start(0);

	printf("%d\n", child);
	fflush(stdout);
	while (getchar() != EOF) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		child = start(child);
		printf("%d\n", child);
		fflush(stdout);
	}
	return 0;
}
