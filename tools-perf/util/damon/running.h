/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RUNNING_H
#define __PERF_DAMON_RUNNING_H

#include "mark.h"
#include "settings.h"

struct damon_sysfs;

/**
 * enum damon_whose - the command that has created the configured kdamonds
 * @DAMON_OTHERS: not perf damon
 * @DAMON_RECORD: a perf damon record that is still running
 * @DAMON_STARTED: perf damon start
 * @DAMON_LEFT: a perf damon record that was killed
 */
enum damon_whose { DAMON_OTHERS, DAMON_RECORD, DAMON_STARTED, DAMON_LEFT };

/**
 * struct damon_running - state of a kdamond
 * @index: index of its directory in sysfs
 * @on: it is running
 * @pid: its thread, if it is running
 * @settings: its settings and targets
 * @has_settings: the settings could be read
 */
struct damon_running {
	unsigned int		index;
	bool			on;
	pid_t			pid;
	struct damon_settings	settings;
	bool			has_settings;
};

/* The kdamond of a kernel module, such as DAMON_RECLAIM. */
struct damon_module {
	const char	*name;
	pid_t		kdamond;
};

#define DAMON_NR_MODULES	3

int damon_running__count(const struct damon_sysfs *sysfs, unsigned int *nr);
void damon_running__read(struct damon_running *running, const struct damon_sysfs *sysfs,
			 unsigned int index);
void damon_running__exit(struct damon_running *running);
int damon_running__read_attrs(struct damon_settings *settings, const struct damon_sysfs *sysfs,
			      const char *context);

enum damon_whose damon_running__whose(const struct damon_sysfs *sysfs, struct damon_mark *mark);
u64 damon_running__directory(const struct damon_sysfs *sysfs);

size_t damon_running__modules(struct damon_module modules[DAMON_NR_MODULES]);

#endif /* __PERF_DAMON_RUNNING_H */
