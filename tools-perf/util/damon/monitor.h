/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_MONITOR_H
#define __PERF_DAMON_MONITOR_H

#include "kdamond.h"

struct damon_processes;

/**
 * struct damon_monitor - the kdamond that we make, run and remove
 * @lock: file descriptor that keeps other perf damon commands away, -1: none
 * @made: the kdamond there was made by us
 * @mark: identifies it to later commands if we are killed
 */
struct damon_monitor {
	int			lock;
	bool			made;
	struct damon_mark	mark;
};

int damon_monitor__check_tracepoint(void);
int damon_monitor__claim(struct damon_monitor *monitor, const char *by);
int damon_monitor__configure(struct damon_monitor *monitor, const struct damon_settings *settings,
			     const struct damon_processes *processes);
pid_t damon_monitor__turn_on(struct damon_monitor *monitor, struct damon_settings *settings);
int damon_monitor__release(struct damon_monitor *monitor);
void damon_monitor__leave(struct damon_monitor *monitor);

int damon_monitor__stop_all(void);

#endif /* __PERF_DAMON_MONITOR_H */
