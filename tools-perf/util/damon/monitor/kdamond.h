/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_KDAMOND_H
#define __PERF_DAMON_KDAMOND_H

#include "settings.h"

struct damon_process;
struct damon_processes;

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
 * @settings: its settings and targets
 * @has_settings: the settings could be read
 * @has_schemes: the settings have all schemes
 */
struct damon_kdamond {
	unsigned int		index;
	const char		*module;
	bool			on;
	pid_t			pid;
	struct damon_settings	settings;
	bool			has_settings;
	bool			has_schemes;
};

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
int damon_kdamonds__stop(void);
void damon_mark__remove(void);

/**
 * struct damon_monitor - the kdamond that we make, run and remove
 * @lock: file descriptor that keeps other perf damon commands away, -1: none
 * @by: the command that makes it: record or start
 * @directory: inode number of its directory in sysfs, 0: it is not made yet
 * @pid: its thread, if it is running, as the kernel numbers it
 * @tid: the thread, as /proc numbers it, 0: not on, or not known, in a container
 * @unmarked: the mark could not be written, and that was said
 */
struct damon_monitor {
	int		lock;
	const char	*by;
	u64		directory;
	pid_t		pid;
	pid_t		tid;
	bool		unmarked;
};

int damon_monitor__claim(struct damon_monitor *monitor, const char *by);
int damon_monitor__configure(struct damon_monitor *monitor, const struct damon_settings *settings,
			     const struct damon_processes *processes);
int damon_monitor__turn_on(struct damon_monitor *monitor, struct damon_settings *settings,
			   const struct damon_processes *processes);
bool damon_monitor__can_commit(void);
int damon_monitor__add(unsigned int index, const struct damon_settings *settings,
		       struct damon_process *process);
void damon_monitor__remove(unsigned int index);
int damon_monitor__commit(const struct damon_settings *settings,
			  const struct damon_processes *processes);
int damon_monitor__restart(struct damon_monitor *monitor, const struct damon_settings *settings,
			   const struct damon_processes *processes);
bool damon_monitor__is_on(void);
int damon_monitor__release(struct damon_monitor *monitor);
void damon_monitor__leave(struct damon_monitor *monitor);

#endif /* __PERF_DAMON_KDAMOND_H */
