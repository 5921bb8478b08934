// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --wss and --nr-regions: percentiles of a number of each snapshot, by size or
 * by time.
 */
#include "report.h"
#include "units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

#define BAR_WIDTH	40

/* By size, the ends matter most; by time, all parts are alike. */
static const unsigned int size_percents[] = { 0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100 };
static const struct damon_percents time_percents = { 0, 101, 5 };

/* TIME is left out if percentiles are by size. */
enum { PERCENTILE, TIME, VALUE, BAR, NR_COLUMNS };

static const struct damon_column wss_columns[NR_COLUMNS] = {
	[PERCENTILE]	= { "percentile",	DAMON_TEXT,	10,		"percentile" },
	[TIME]		= { "time",		DAMON_TIME,	10,		"time_ns" },
	[VALUE]		= { "working set",	DAMON_SIZE,	11,		"wss_bytes" },
	[BAR]		= { "",			DAMON_TEXT,	BAR_WIDTH,	NULL },
};

static const struct damon_column nr_regions_columns[NR_COLUMNS] = {
	[PERCENTILE]	= { "percentile",	DAMON_TEXT,	10,		"percentile" },
	[TIME]		= { "time",		DAMON_TIME,	10,		"time_ns" },
	[VALUE]		= { "regions",		DAMON_HUNDREDTHS, 11,		"nr_regions" },
	[BAR]		= { "",			DAMON_TEXT,	BAR_WIDTH,	NULL },
};

static const struct damon_column *columns_of(const struct damon_report *report)
{
	return report->ops->series == DAMON_SERIES_REGIONS ? nr_regions_columns : wss_columns;
}

/**
 * damon_percents__parse - parse --range
 * @percents: set to it
 * @str: the text: START,STOP,STEP
 *
 * Return: 0, or -EINVAL if @str is something else or selects no percentile.
 */
int damon_percents__parse(struct damon_percents *percents, const char *str)
{
	char *copy = strdup(str), *rest = copy;
	u64 *number[] = { &percents->start, &percents->stop, &percents->step };
	bool bad = !copy;
	size_t i;

	for (i = 0; !bad && i < ARRAY_SIZE(number); i++)
		bad = !rest || damon_count__parse(strsep(&rest, ","), number[i]);
	free(copy);
	/* A step of more than 101 would be useless, and adding it could overflow. */
	if (bad || rest || !percents->step || percents->step > 101 || percents->stop > 101)
		return -EINVAL;
	return percents->start < percents->stop ? 0 : -EINVAL;
}

/* Every value above 0 has a bar. */
static void fill_bar(char *bar, u64 value, u64 greatest)
{
	size_t len = greatest ? (double)value / greatest * BAR_WIDTH + 0.5 : 0;

	if (value && greatest && !len)
		len = 1;
	memset(bar, '#', len);
	bar[len] = '\0';
}

static void print_row(const struct damon_table *table, const char *name, u64 time, u64 value,
		      u64 greatest)
{
	char bar[BAR_WIDTH + 1];
	const union damon_value values[NR_COLUMNS] = {
		[PERCENTILE]	= { .text = name },
		[TIME]		= { .number = time },
		[VALUE]		= { .number = value },
		[BAR]		= { .text = bar },
	};

	fill_bar(bar, value, greatest);
	damon_table__print_row(table, values);
}

static void print_percentile(const struct damon_report *report, const struct damon_table *table,
			     struct damon_target *target, unsigned int percent, u64 greatest)
{
	struct damon_distribution *series = &target->series;
	unsigned int scale = damon_series__scale(report->ops->series);
	u64 time = 0, value;
	char name[16];
	size_t rank;

	if (report->by_time) {
		rank = damon_distribution__rank(series, percent);
		time = series->time[rank] - report->survey.zero;
		value = series->value[rank];
	} else {
		value = damon_distribution__percentile(series, percent);
	}
	scnprintf(name, sizeof(name), "p%u", percent);
	print_row(table, name, time, value * scale, greatest);
}

static void print_range(const struct damon_report *report, const struct damon_table *table,
			struct damon_target *target, const struct damon_percents *percents,
			u64 greatest)
{
	u64 percent;

	for (percent = percents->start; percent < percents->stop; percent += percents->step)
		print_percentile(report, table, target, percent, greatest);
}

/* Snapshots at the end that do not fill a work time are left out. */
static void say_rest(struct damon_report *report, const struct damon_target *target)
{
	unsigned long nr = target->working_set.nr_snapshots;

	if (report->out.format == DAMON_JSON)
		damon_output__number(&report->out, "snapshots_short_of_work_time", nr);
	else if (nr)
		printf("# left out, as less than a work time: %s %lu snapshot%s\n",
		       target->series.nr ? "the last" : "all", nr, damon_plural(nr));
}

static void init_table(struct damon_table *table, struct damon_report *report)
{
	damon_table__init(table, &report->out, "percentiles", columns_of(report), NR_COLUMNS);
	if (report->by_time)
		return;
	memmove(&table->shown[TIME], &table->shown[TIME + 1],
		(table->nr_shown - TIME - 1) * sizeof(*table->shown));
	table->nr_shown--;
}

static void print_percentiles(const struct damon_report *report, const struct damon_table *table,
			      struct damon_target *target, u64 greatest)
{
	size_t i;

	if (report->percents.step) {
		print_range(report, table, target, &report->percents, greatest);
	} else if (report->by_time) {
		print_range(report, table, target, &time_percents, greatest);
	} else {
		for (i = 0; i < ARRAY_SIZE(size_percents); i++)
			print_percentile(report, table, target, size_percents[i], greatest);
	}
}

/* Without any numbers there are neither percentiles nor an average. */
static int print_target(struct damon_report *report, struct damon_target *target)
{
	struct damon_distribution *series = &target->series;
	unsigned int scale = damon_series__scale(report->ops->series);
	u64 greatest = damon_distribution__greatest(series) * scale;
	bool counted = damon_target__is_counted(target);
	u64 average = counted ? damon_distribution__average(series, scale) : DAMON_UNKNOWN;
	struct damon_table table;
	char key[32];

	if (report->query.work_ns)
		say_rest(report, target);
	init_table(&table, report);
	damon_table__open(&table);
	if (counted)
		print_percentiles(report, &table, target, greatest);
	if (report->out.format != DAMON_JSON)
		print_row(&table, "average", DAMON_UNKNOWN, average, greatest);
	damon_table__close(&table);
	scnprintf(key, sizeof(key), "average_%s", table.columns[VALUE].key);
	damon_report__print_average(report, key, average);
	return 0;
}

static void say_percentiles(const struct damon_report *report, const char *what)
{
	const char *counted = damon_report__counted(report);

	if (report->by_time)
		printf("# percentile: of the %s by time: when that is, and the %s then\n",
		       counted, what);
	else
		printf("# percentile: at least so many of 100 %s have this %s, or less\n",
		       counted, what);
}

static void wss_head(struct damon_report *report)
{
	const struct damon_survey *survey = &report->survey;
	char work[DAMON_UNIT_LEN];

	damon_output__number(&report->out, "threshold", survey->threshold);
	damon_output__number(&report->out, "work_time_ns", report->query.work_ns);
	if (report->out.format == DAMON_JSON)
		return;
	printf("# working set: regions with at least ");
	if (survey->threshold == 1)
		printf("one access");
	else
		printf("%u accesses of %u samples", survey->threshold, survey->max_accesses);
	printf(" in the aggregation interval");
	if (report->query.work_ns) {
		damon_time__put(work, report->query.work_ns, report->out.raw_numbers);
		printf(", in any snapshot of a work time of %s", work);
	}
	printf("\n");
	say_percentiles(report, "working set");
}

static void nr_regions_head(struct damon_report *report)
{
	if (report->out.format == DAMON_JSON)
		return;
	printf("# regions: how many the monitor divided the memory into\n");
	say_percentiles(report, "number");
}

const struct damon_report_ops damon_wss_ops = {
	.series	= DAMON_SERIES_WORKING_SET,
	.total	= { "total_average_wss_bytes", "average" },
	.head	= wss_head,
	.target	= print_target,
};

const struct damon_report_ops damon_nr_regions_ops = {
	.series	= DAMON_SERIES_REGIONS,
	.total	= { "total_average_nr_regions", "average" },
	.head	= nr_regions_head,
	.target	= print_target,
};
