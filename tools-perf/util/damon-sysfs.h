/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SYSFS_H
#define __PERF_DAMON_SYSFS_H

#include <stdbool.h>
#include <sys/types.h>

struct damon_settings;

/**
 * struct damon_sysfs - the monitor of this system, seen through sysfs
 * @kdamonds: directory /sys/kernel/mm/damon/admin/kdamonds, locked while it is ours
 * @ours: the kdamond in there was made by us
 */
struct damon_sysfs {
	int	kdamonds;
	bool	ours;
};

int damon_sysfs__open(struct damon_sysfs *sysfs);
int damon_sysfs__configure(struct damon_sysfs *sysfs, const struct damon_settings *settings);
pid_t damon_sysfs__turn_on(struct damon_sysfs *sysfs);
int damon_sysfs__close(struct damon_sysfs *sysfs);

#endif /* __PERF_DAMON_SYSFS_H */
