/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_KDAMOND_H
#define __PERF_DAMON_KDAMOND_H

#include "mark.h"
#include "sysfs.h"

struct damon_settings;

/**
 * struct damon_kdamond - the kdamond that we create, run and remove
 * @sysfs: DAMON's sysfs files, locked against other perf damon commands
 * @ours: the kdamond there was created by us
 * @mark: identifies it to later commands if we are killed
 * @has_many_ranges: it has more than one address range
 */
struct damon_kdamond {
	struct damon_sysfs	sysfs;
	bool			ours;
	struct damon_mark	mark;
	bool			has_many_ranges;
};

int damon_kdamond__claim(struct damon_kdamond *kdamond, const char *by);
int damon_kdamond__configure(struct damon_kdamond *kdamond, struct damon_settings *settings);
pid_t damon_kdamond__turn_on(struct damon_kdamond *kdamond);
int damon_kdamond__release(struct damon_kdamond *kdamond);
void damon_kdamond__leave(struct damon_kdamond *kdamond);

int damon_kdamond__stop(const struct damon_sysfs *sysfs);

#endif /* __PERF_DAMON_KDAMOND_H */
