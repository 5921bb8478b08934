// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report: on one page what was monitored, how much of it is used, and where.
 */
#include "damon-heats.h"
#include "damon-table.h"
#include "damon-units.h"

#include <stdio.h>
#include <linux/kernel.h>

#define MAP_ROWS	8

static const unsigned int percentiles[] = { 0, 25, 50, 75, 100 };

static const struct damon_column area_columns[] = {
	{ "area",	DAMON_COUNT,	4 },
	{ "start",	DAMON_ADDRESS,	18 },
	{ "end",	DAMON_ADDRESS,	18 },
	{ "size",	DAMON_SIZE,	10 },
	{ "accesses",	DAMON_RATIO,	8 },
};

static void print_working_set(struct damon_target *target)
{
	char size[DAMON_UNIT_LEN];
	size_t i;

	printf("working set:");
	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		damon_size__scnprintf(size, sizeof(size),
				      damon_distribution__percentile(&target->working_set,
								     percentiles[i]));
		printf("  p%u %s", percentiles[i], size);
	}
	printf("\n");
}

static void print_regions(const struct damon_target *target)
{
	char size[DAMON_UNIT_LEN];

	damon_size__scnprintf(size, sizeof(size), target->max_bytes);
	printf("monitored:    up to %s in %lu to %lu regions\n", size,
	       target->min_regions, target->max_regions);
}

static void print_areas(const struct damon_target *target)
{
	double heat = damon_areas__heat(&target->areas);
	size_t i;

	damon_table__print_head(area_columns, ARRAY_SIZE(area_columns));
	for (i = 0; i < target->areas.nr; i++) {
		const struct damon_area *area = &target->areas.area[i];
		const union damon_value values[] = {
			{ .number = i + 1 },
			{ .number = area->start },
			{ .number = area->end },
			{ .number = area->end - area->start },
			{ .ratio = heat ? area->heat / heat : 0 },
		};

		damon_table__print_row(area_columns, ARRAY_SIZE(area_columns), values);
	}
}

static int summary_begin(struct damon_report *report)
{
	unsigned int nr_cols, nr_rows;

	damon_heats__size(report, &nr_cols, &nr_rows);
	return damon_heats__begin(report, nr_cols, MAP_ROWS);
}

static int summary_end(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		damon_report__print_target(report, target);
		if (!target->nr_snapshots)
			continue;
		print_regions(target);
		print_working_set(target);
		print_areas(target);
		damon_heats__print(target);
	}
	return 0;
}

const struct damon_report_ops damon_summary_ops = {
	.begin		= summary_begin,
	.snapshot	= damon_heats__snapshot,
	.end		= summary_end,
	.exit		= damon_heats__exit,
};
