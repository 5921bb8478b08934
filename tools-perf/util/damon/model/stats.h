/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_STATS_H
#define __PERF_DAMON_STATS_H

#include "../monitor/damos.h"

#include <sys/types.h>

/**
 * struct damon_stat - what a scheme has done up to some time
 * @kdamond: the thread of its kdamond
 * @scheme: its index
 * @time: the time, of perf's clock
 * @stats: what it has done since the kdamond was turned on
 */
struct damon_stat {
	pid_t			kdamond;
	u32			scheme;
	u64			time;
	struct damos_stats	stats;
};

/**
 * struct damon_stats - what all schemes of a perf.data have done, over time
 * @stat: in the order of time
 * @nr: how many there are
 */
struct damon_stats {
	struct damon_stat	*stat;
	size_t			nr;

	/* private */
	size_t			capacity;
};

int damon_stat__write(const struct damon_stat *stat, int (*note)(void *data, const char *text),
		      void *data);
int damon_stats__read(struct damon_stats *stats, const char *note);
void damon_stats__exit(struct damon_stats *stats);

#endif /* __PERF_DAMON_STATS_H */
