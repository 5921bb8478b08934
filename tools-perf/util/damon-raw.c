// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --raw: every region of every snapshot.
 */
#include "damon-report.h"
#include "damon-table.h"
#include "damon-units.h"

#include <inttypes.h>
#include <stdio.h>
#include <linux/kernel.h>

static const struct damon_column raw_columns[] = {
	{ "start",	DAMON_ADDRESS,	18 },
	{ "end",	DAMON_ADDRESS,	18 },
	{ "size",	DAMON_SIZE,	10 },
	{ "accesses",	DAMON_COUNT,	8 },
	{ "age",	DAMON_COUNT,	6 },
};

static int raw_snapshot(struct damon_report *report, struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	char name[64], time[DAMON_UNIT_LEN];
	size_t i;

	damon_report__scnprintf_target(target, name, sizeof(name));
	damon_time__scnprintf(time, sizeof(time), snapshot->time - report->survey.start);
	printf("\n%s at %s: %zu regions, accesses of %u samples\n", name, time,
	       snapshot->nr_regions, report->survey.max_accesses);
	damon_table__print_head(raw_columns, ARRAY_SIZE(raw_columns));
	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];
		const union damon_value values[] = {
			{ .number = region->start },
			{ .number = region->end },
			{ .number = region->end - region->start },
			{ .number = region->nr_accesses },
			{ .number = region->age },
		};

		damon_table__print_row(raw_columns, ARRAY_SIZE(raw_columns), values);
	}
	return 0;
}

/* Incomplete snapshots are counted for each target. */
static int raw_end(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target)
		damon_report__print_target(report, target);
	return 0;
}

const struct damon_report_ops damon_raw_ops = {
	.snapshot	= raw_snapshot,
	.end		= raw_end,
};
