/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ZOOM_H
#define __PERF_DAMON_ZOOM_H

#include <stddef.h>
#include <linux/types.h>

struct damon_browser;
struct damon_layout;
struct damon_snapshot;
struct damon_target;

/**
 * struct damon_zoom - the regions of mappings, for the browser
 * @part: parts of regions that each lie in one mapping, or in none
 * @nr: how many there are
 * @capacity: how many are allocated
 */
struct damon_zoom {
	struct damon_part	*part;
	size_t			nr;
	size_t			capacity;
};

/**
 * struct damon_zoom_row - a row to zoom into
 * @pid: the process of its regions, 0: any; DAMON_UNKNOWN: one that is not known
 * @comm: name of the process, NULL: any
 * @mapping: name of the mapping, NULL: any
 * @symbol: the variable in it, or "", NULL: any
 */
struct damon_zoom_row {
	u64		pid;
	const char	*comm;
	const char	*mapping;
	const char	*symbol;
};

int damon_zoom__keep(struct damon_zoom *zoom, const struct damon_target *target,
		     const struct damon_snapshot *snapshot, const struct damon_layout *layout);
int damon_zoom__show(struct damon_browser *browser, const struct damon_zoom_row *zoomed);
void damon_zoom__exit(struct damon_zoom *zoom);

#endif /* __PERF_DAMON_ZOOM_H */
