/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HEATS_H
#define __PERF_DAMON_HEATS_H

#include "damon-heatmap.h"
#include "damon-report.h"

/**
 * struct damon_heats - heat map of a target
 * @map: the grid
 * @area: the area that it shows
 * @previous: time of the snapshot before
 */
struct damon_heats {
	struct damon_heatmap		map;
	const struct damon_area		*area;
	u64				previous;
};

int damon_heats__begin(struct damon_report *report, unsigned int max_cols, unsigned int max_rows);
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot);
void damon_heats__exit(struct damon_report *report);

void damon_heats__size(const struct damon_report *report, unsigned int *nr_cols,
		       unsigned int *nr_rows);
void damon_heats__print(const struct damon_target *target);

#endif /* __PERF_DAMON_HEATS_H */
