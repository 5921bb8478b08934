/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CONTROL_H
#define __PERF_DAMON_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

struct damon_recorder;

/* What a command of the user means to us, beyond that perf record has got it */
enum damon_control_kind { DAMON_CONTROL_NONE, DAMON_CONTROL_ENABLE, DAMON_CONTROL_STOP };

/**
 * struct damon_control - the user's end of --control: commands, and their acknowledgments
 * @fd: commands come from it, -1: there are none
 * @ack_fd: acknowledgments go there, -1: nowhere
 * @command: the command that is being read
 * @len: its length
 * @awaits: the number of acknowledgments of perf record up to that of the command, 0: none is due
 */
struct damon_control {
	int		fd;
	int		ack_fd;
	char		command[256];
	size_t		len;
	unsigned long	awaits;
};

int damon_control__poll_fd(const struct damon_control *control);
enum damon_control_kind damon_control__read(struct damon_control *control,
					    struct damon_recorder *recorder);
void damon_control__ack(struct damon_control *control, const struct damon_recorder *recorder);

#endif /* __PERF_DAMON_CONTROL_H */
