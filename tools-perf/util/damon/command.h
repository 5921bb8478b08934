/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_COMMAND_H
#define __PERF_DAMON_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct damon_command - a program that is run to be recorded
 * @pid: its process ID, 0: none
 * @pidfd: its pidfd, which is readable once it has ended
 * @held: it has not executed its first instruction yet
 */
struct damon_command {
	pid_t	pid;
	int	pidfd;
	bool	held;
};

int damon_command__hold(struct damon_command *command, const char **argv, const sigset_t *mask,
			bool stdout_is_taken);
void damon_command__start(struct damon_command *command);
int damon_command__end(struct damon_command *command, int signals);

#endif /* __PERF_DAMON_COMMAND_H */
