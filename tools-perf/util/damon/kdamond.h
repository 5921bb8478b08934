/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_KDAMOND_H
#define __PERF_DAMON_KDAMOND_H

#include "settings.h"

/**
 * enum damon_maker - the command that has made the kdamonds that are configured
 * @DAMON_BY_OTHERS: not perf damon
 * @DAMON_BY_RECORD: a perf damon record that is still running
 * @DAMON_BY_START: perf damon start
 * @DAMON_BY_KILLED_RECORD: a perf damon record that was killed
 */
enum damon_maker {
	DAMON_BY_OTHERS,
	DAMON_BY_RECORD,
	DAMON_BY_START,
	DAMON_BY_KILLED_RECORD,
};

/**
 * struct damon_kdamond - a kdamond
 * @index: index of its directory in sysfs
 * @module: name of the kernel module that runs it, such as damon_reclaim, or NULL: one of sysfs
 * @on: it is running
 * @pid: its thread, if it is running, as the kernel numbers it
 * @tid: the thread, as perf's events have it: 0 in a container, in which @pid means nothing
 * @settings: its settings and targets
 * @has_settings: the settings could be read
 */
struct damon_kdamond {
	unsigned int		index;
	const char		*module;
	bool			on;
	pid_t			pid;
	pid_t			tid;
	struct damon_settings	settings;
	bool			has_settings;
};

void damon_kdamond__read(struct damon_kdamond *kdamond, unsigned int index);

/**
 * struct damon_kdamonds - all kdamonds
 * @kdamond: the kdamonds of sysfs, then those of modules
 * @nr: number of kdamonds
 * @nr_sysfs: number of those of sysfs
 * @maker: the command that has made those of sysfs
 * @owner: its process, if @maker is not DAMON_BY_OTHERS
 */
struct damon_kdamonds {
	struct damon_kdamond	*kdamond;
	size_t			nr;
	size_t			nr_sysfs;
	enum damon_maker	maker;
	pid_t			owner;
};

int damon_kdamonds__read(struct damon_kdamonds *kdamonds);
void damon_kdamonds__exit(struct damon_kdamonds *kdamonds);

/**
 * struct damon_mark - what a command leaves behind to know its kdamond again
 * @by: the command: record or start
 * @owner: its process
 * @owner_start: start time of that
 * @directory: inode number of the kdamond's directory in sysfs, 0: not known yet
 * @kdamond: the thread, 0: it is not on, or not known, in a container
 * @kdamond_start: start time of that
 * @said: it could not be written, and that was said
 */
struct damon_mark {
	char	by[16];
	pid_t	owner;
	u64	owner_start;
	u64	directory;
	pid_t	kdamond;
	u64	kdamond_start;
	bool	said;
};

void damon_mark__write(struct damon_mark *mark);
void damon_mark__remove(void);

#endif /* __PERF_DAMON_KDAMOND_H */
