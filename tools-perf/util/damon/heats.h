/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HEATS_H
#define __PERF_DAMON_HEATS_H

#include "heatmap.h"
#include "report.h"

/**
 * struct damon_heat - a heat map of an area
 * @map: the grid
 * @area: the area that it shows, NULL: the addresses in --addr
 */
struct damon_heat {
	struct damon_heatmap		map;
	const struct damon_area		*area;
};

/**
 * struct damon_heats - heat maps of a target
 * @heat: the maps
 * @nr: how many there are
 */
struct damon_heats {
	struct damon_heat	*heat;
	size_t			nr;
};

int damon_heats__begin(struct damon_report *report, unsigned int max_cols, unsigned int max_rows);
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot);
void damon_heats__exit(struct damon_report *report);
int damon_resolution__parse(struct damon_resolution *resolution, const char *str,
			    int (*parse_unit)(const char *str, u64 *unit));

void damon_heats__size(const struct damon_report *report, unsigned int *nr_cols,
		       unsigned int *nr_rows);
void damon_heats__print(const struct damon_report *report, const struct damon_target *target);

void damon_areas__print(struct damon_report *report, const struct damon_target *target);

#endif /* __PERF_DAMON_HEATS_H */
