/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_FOUND_H
#define __PERF_DAMON_FOUND_H

#include <sys/types.h>
#include "damon-running.h"

/**
 * struct damon_found - kdamonds that are running already, to be recorded
 * @nr: their number
 * @kdamond: the last of them
 * @filter: for perf record: their events
 * @pids: processes that they monitor and that are there, 123,456, or NULL
 * @running: the one whose settings are known, if it is the only one
 * @settings: these, or NULL
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
