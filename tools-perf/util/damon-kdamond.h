/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_KDAMOND_H
#define __PERF_DAMON_KDAMOND_H

#include "damon-mark.h"
#include "damon-sysfs.h"

struct damon_settings;

/**
 * struct damon_kdamond - the kdamond that we make, run and remove
 * @sysfs: the monitor, which other perf damon commands leave alone meanwhile
 * @ours: the kdamond in there was made by us
 * @mark: what tells the next command so if we are killed
 * @has_many_ranges: it has been given more than one range of addresses
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
