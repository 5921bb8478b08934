// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report: one page with the monitored memory, the working set, the
 * areas and a heat map. With --guide, only the times and areas that --time and
 * --addr can select.
 */
#include "report.h"
#include "util/time-utils.h"

#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>

static const struct damon_column area_columns[] = {
	{ "area",	DAMON_COUNT,	4,	"area" },
	{ "start",	DAMON_ADDRESS,	18,	"start" },
	{ "end",	DAMON_ADDRESS,	18,	"end" },
	{ "size",	DAMON_SIZE,	10,	"size_bytes" },
	{ "accesses",	DAMON_RATIO,	8,	"accesses_percent" },
};

static void print_working_set(struct damon_report *report, struct damon_target *target)
{
	struct damon_output *out = &report->out;
	unsigned int percent;
	char key[16];
	u64 bytes;

	damon_output__open(out, "wss_bytes", '{');
	damon_output__note(out, "working set:");
	for (percent = 0; percent <= 100; percent += 25) {
		bytes = damon_distribution__percentile(&target->series, percent);
		scnprintf(key, sizeof(key), "p%u", percent);
		damon_output__number(out, key, target->max_bytes ? bytes : DAMON_UNKNOWN);
		if (out->format != DAMON_JSON)
			printf("  %s %s%s", key, damon_output__str(out, DAMON_SIZE, bytes),
			       percent < 100 ? "" : "\n");
	}
	damon_output__close(out, '}');
}

static void print_regions(struct damon_report *report, const struct damon_target *target)
{
	struct damon_output *out = &report->out;
	char least[32] = "";

	damon_output__number(out, "max_bytes", target->max_bytes);
	damon_output__number(out, "min_regions", target->min_regions);
	damon_output__number(out, "max_regions", target->max_regions);
	if (target->min_regions < target->max_regions)
		scnprintf(least, sizeof(least), "%lu to ", target->min_regions);
	damon_output__note(out, "monitored:    up to %s in %s%lu region%s\n",
			   damon_output__str(out, DAMON_SIZE, target->max_bytes), least,
			   target->max_regions, damon_plural(target->max_regions));
}

static void print_areas(struct damon_report *report, const struct damon_target *target)
{
	double heat = target->areas.heat;
	struct damon_table table;
	size_t i;

	damon_table__init(&table, &report->out, "areas", area_columns, ARRAY_SIZE(area_columns), 0);
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

static int print_numbers(struct damon_report *report, struct damon_target *target)
{
	print_regions(report, target);
	print_working_set(report, target);
	print_areas(report, target);
	return 0;
}

static int print_summary(struct damon_report *report, struct damon_target *target)
{
	print_numbers(report, target);
	return damon_heats__print(report, target);
}

/* Programs get no map of characters. */
static const struct damon_report_ops numbers_ops = {
	.options	= (const char * const []) { "raw-numbers", NULL },
	.series		= DAMON_SERIES_WORKING_SET,
	.total_key	= "total_average_wss_bytes",
	.total_label	= "average working set",
	.target		= print_numbers,
};

const struct damon_report_ops damon_summary_ops = {
	.options	= (const char * const []) {
		"all-areas", "tres", "ares", "palette", "raw-numbers", NULL },
	.for_programs	= &numbers_ops,
	.series		= DAMON_SERIES_WORKING_SET,
	.total_key	= "total_average_wss_bytes",
	.total_label	= "average working set",
	.map_rows	= 8,
	.begin		= damon_heats__begin,
	.snapshot	= damon_heats__snapshot,
	.target		= print_summary,
	.plot		= damon_heats__plot,
	.exit		= damon_heats__exit,
};

/* In seconds, but exact: rounded times would include or exclude snapshots at both ends. */
static void put_seconds(char *to, const struct damon_report *report, u64 ns)
{
	int len;

	if (report->out.raw_numbers) {
		damon_number__put(to, DAMON_TIME, ns, true);
		return;
	}
	len = timestamp__scnprintf_nsec(ns, to, DAMON_UNIT_LEN);
	while (to[len - 1] == '0')
		len--;
	len -= to[len - 1] == '.';
	stpcpy(to + len, "s");
}

static int print_guide(struct damon_report *report, struct damon_target *target)
{
	char start[DAMON_UNIT_LEN], end[DAMON_UNIT_LEN];
	u64 zero = report->overview.zero;

	put_seconds(start, report, target->start - zero);
	put_seconds(end, report, target->last_time - zero);
	damon_output__note(&report->out, "time: %s-%s\n", start, end);
	damon_output__note(&report->out, "clock: %s,%s\n",
			   damon_number__str(DAMON_TIMESTAMP, target->first_time, true),
			   damon_number__str(DAMON_TIMESTAMP, target->last_event, true));
	print_areas(report, target);
	return 0;
}

const struct damon_report_ops damon_guide_ops = {
	.name		= "guide",
	.options	= (const char * const []) { "raw-numbers", NULL },
	.target		= print_guide,
};
