// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report: one page with the monitored memory, the working set, the
 * areas and a heat map. With --guide, only the times and areas that --time and
 * --addr can select.
 */
#include "heats.h"
#include "report.h"
#include "units.h"
#include "util/time-utils.h"

#include <stdio.h>
#include <linux/kernel.h>

#define MAP_ROWS	8

static const unsigned int percentiles[] = { 0, 25, 50, 75, 100 };

static const struct damon_column area_columns[] = {
	{ "area",	DAMON_COUNT,	4,	"area" },
	{ "start",	DAMON_ADDRESS,	18,	"start" },
	{ "end",	DAMON_ADDRESS,	18,	"end" },
	{ "size",	DAMON_SIZE,	10,	"size_bytes" },
	{ "accesses",	DAMON_RATIO,	8,	"accesses_percent" },
};

static void print_working_set(struct damon_report *report, struct damon_target *target)
{
	char key[16], size[DAMON_UNIT_LEN];
	u64 bytes;
	size_t i;

	damon_output__open(&report->out, "wss_bytes", '{');
	damon_output__note(&report->out, "working set:");
	for (i = 0; i < ARRAY_SIZE(percentiles); i++) {
		bytes = damon_distribution__percentile(&target->series, percentiles[i]);
		scnprintf(key, sizeof(key), "p%u", percentiles[i]);
		damon_output__number(&report->out, key, target->max_bytes ? bytes : DAMON_UNKNOWN);
		damon_size__put(size, bytes, report->out.raw_numbers);
		if (report->out.format != DAMON_JSON)
			printf("  %s %s", key, size);
	}
	damon_output__close(&report->out, '}');
	if (report->out.format != DAMON_JSON)
		printf("\n");
}

static void print_regions(struct damon_report *report, const struct damon_target *target)
{
	char size[DAMON_UNIT_LEN], least[DAMON_UNIT_LEN] = "";

	damon_output__number(&report->out, "max_bytes", target->max_bytes);
	damon_output__number(&report->out, "min_regions", target->min_regions);
	damon_output__number(&report->out, "max_regions", target->max_regions);
	damon_size__put(size, target->max_bytes, report->out.raw_numbers);
	if (target->min_regions < target->max_regions)
		scnprintf(least, sizeof(least), "%lu to ", target->min_regions);
	damon_output__note(&report->out, "monitored:    up to %s in %s%lu region%s\n", size, least,
			   target->max_regions, damon_plural(target->max_regions));
}

static void print_areas(struct damon_report *report, const struct damon_target *target)
{
	double heat = damon_areas__heat(&target->areas);
	struct damon_table table;
	size_t i;

	damon_table__init(&table, &report->out, "areas", area_columns, ARRAY_SIZE(area_columns));
	damon_table__open(&table);
	for (i = 0; i < target->areas.nr; i++) {
		const struct damon_area *area = &target->areas.area[i];
		const union damon_value values[] = {
			{ .number = i + 1 },
			{ .number = area->start },
			{ .number = area->end },
			{ .number = area->bytes },
			{ .ratio = heat ? area->heat / heat : 0 },
		};

		damon_table__print_row(&table, values);
	}
	damon_table__close(&table);
}

static int summary_begin(struct damon_report *report)
{
	unsigned int nr_cols, nr_rows;

	damon_heats__size(report, &nr_cols, &nr_rows);
	return damon_heats__begin(report, nr_cols, MAP_ROWS);
}

static int print_summary(struct damon_report *report, struct damon_target *target)
{
	print_regions(report, target);
	print_working_set(report, target);
	print_areas(report, target);
	if (report->out.format == DAMON_FOR_PEOPLE)
		damon_heats__print(report, target);
	return 0;
}

const struct damon_report_ops damon_summary_ops = {
	.series		= DAMON_SERIES_WORKING_SET,
	.total		= { "total_average_wss_bytes", "average working set" },
	.begin		= summary_begin,
	.snapshot	= damon_heats__snapshot,
	.target		= print_summary,
	.exit		= damon_heats__exit,
};

/* In seconds, but exact: rounded times would include or exclude snapshots at both ends. */
static void put_seconds(char *to, u64 ns)
{
	int len = timestamp__scnprintf_nsec(ns, to, DAMON_UNIT_LEN);

	while (to[len - 1] == '0')
		len--;
	len -= to[len - 1] == '.';
	to[len] = 's';
	to[len + 1] = '\0';
}

static void print_times(const struct damon_report *report, const struct damon_target *target)
{
	u64 since = target->start - report->survey.zero;
	u64 until = target->last_time - report->survey.zero;
	char start[DAMON_UNIT_LEN], end[DAMON_UNIT_LEN];

	if (report->out.raw_numbers) {
		damon_time__put(start, since, true);
		damon_time__put(end, until, true);
	} else {
		put_seconds(start, since);
		put_seconds(end, until);
	}
	damon_output__note(&report->out, "time: %s-%s\n", start, end);
}

static int print_guide(struct damon_report *report, struct damon_target *target)
{
	print_times(report, target);
	print_areas(report, target);
	return 0;
}

const struct damon_report_ops damon_guide_ops = {
	.target	= print_guide,
};
