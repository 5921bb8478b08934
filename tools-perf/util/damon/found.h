/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_FOUND_H
#define __PERF_DAMON_FOUND_H

#include <sys/types.h>
#include "running.h"

/**
 * struct damon_found - kdamonds that are running already, to be recorded
 * @nr: their number
 * @kdamond: thread ID of the last one found
 * @filter: event filter of perf record that selects their events
 * @pids: comma-separated list of the processes that they monitor and that still exist, or NULL
 * @running: the first one, if it has files in sysfs
 * @settings: its settings if it is the only one and they are known, else NULL
 */
struct damon_found {
	unsigned int		nr;
	pid_t			kdamond;
	char			*filter;
	char			*pids;
	struct damon_running	running;
	struct damon_settings	*settings;
};

int damon_found__find(struct damon_found *found);
void damon_found__exit(struct damon_found *found);

#endif /* __PERF_DAMON_FOUND_H */
