// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --wss: how large the working set is, as a distribution over all snapshots.
 */
#include "damon-report.h"
#include "damon-table.h"
#include "damon-units.h"

#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>

#define BAR_WIDTH	40

static const unsigned int percentiles[] = { 0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100 };

static const struct damon_column wss_columns[] = {
	{ "percentile",	DAMON_TEXT,	10 },
	{ "working set", DAMON_SIZE,	11 },
	{ "",		DAMON_TEXT,	BAR_WIDTH },
};

static void print_row(const char *name, u64 bytes, u64 greatest)
{
	char bar[BAR_WIDTH + 1];
	size_t len = greatest ? (double)bytes / greatest * BAR_WIDTH + 0.5 : 0;
	const union damon_value values[] = {
		{ .text = name },
		{ .number = bytes },
		{ .text = bar },
	};

	/* What is there, however little, shows. */
	if (bytes && !len)
		len = 1;
	memset(bar, '#', len);
	bar[len] = '\0';
	damon_table__print_row(wss_columns, ARRAY_SIZE(wss_columns), values);
}

static void print_target(const struct damon_report *report, struct damon_target *target)
{
	u64 greatest = damon_distribution__percentile(&target->working_set, 100);
	char name[16];
	size_t i;

	damon_report__print_target(report, target);
	if (!target->nr_snapshots)
		return;
	damon_table__print_head(wss_columns, ARRAY_SIZE(wss_columns));
	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		scnprintf(name, sizeof(name), "p%u", percentiles[i]);
		print_row(name, damon_distribution__percentile(&target->working_set,
							       percentiles[i]), greatest);
	}
	print_row("average", damon_distribution__average(&target->working_set), greatest);
}

static int wss_end(struct damon_report *report)
{
	struct damon_target *target;

	printf("# working set: regions with at least one access in the aggregation interval\n");
	printf("# percentile: at least so many of 100 snapshots have this working set, or less\n");
	damon_survey__for_each_target(&report->survey, target)
		print_target(report, target);
	return 0;
}

const struct damon_report_ops damon_wss_ops = {
	.end	= wss_end,
};
