// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --wss and --nr-regions: percentiles of a number of each snapshot, by size or
 * by time. With --plot, the number over time, and its distribution.
 */
#include "plot.h"
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#define BAR_WIDTH	40

/* More points could not be seen. */
#define MAX_POINTS	2048

/* By size, the ends matter most; by time, all parts are alike. */
static const unsigned char size_percents[] = { 0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100 };
#define TIME_PERCENTS	5

/* Times are left out if percentiles are by size, and TIMESTAMP is for programs only. */
enum { PERCENTILE, TIME, VALUE, BAR, TIMESTAMP, NR_COLUMNS };

#define COLUMNS(_title, _kind, _key)	{						\
	[PERCENTILE]	= { "percentile",	DAMON_TEXT,	10,		"percentile" },	\
	[TIME]		= { "time",		DAMON_TIME,	10,		"time_ns" },	\
	[VALUE]		= { _title,		_kind,		11,		_key },		\
	[BAR]		= { "",			DAMON_TEXT,	BAR_WIDTH,	NULL },		\
	[TIMESTAMP]	= { "timestamp",	DAMON_TIMESTAMP, 16,		"timestamp" },	\
}

/**
 * struct measure - how a series is printed and drawn
 * @columns: columns of its table
 * @label: label of its axis
 * @what: name of the number in titles
 * @unit: the number that is 1 on the axis
 */
struct measure {
	struct damon_column	columns[NR_COLUMNS];
	const char		*label;
	const char		*what;
	double			unit;
};

static const struct measure measures[] = {
	[DAMON_SERIES_WORKING_SET] = {
		.columns	= COLUMNS("working set", DAMON_SIZE, "wss_bytes"),
		.label		= "working set (MiB)",
		.what		= "working set",
		.unit		= 1 << 20,
	},
	[DAMON_SERIES_REGIONS] = {
		.columns	= COLUMNS("regions", DAMON_HUNDREDTHS, "nr_regions"),
		.label		= "regions",
		.what		= "number of regions",
		.unit		= 100,
	},
};

/* What each number of the series belongs to, in the plural. */
static const char *windows(const struct damon_report *report)
{
	return report->ops->series == DAMON_SERIES_WORKING_SET && report->query.work_ns ?
		"work times" : "snapshots";
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

static void print_row(const struct damon_table *table, const char *name, u64 time, u64 zero,
		      u64 value, u64 greatest)
{
	char bar[BAR_WIDTH + 1];
	const union damon_value values[NR_COLUMNS] = {
		[PERCENTILE]	= { .text = name },
		[TIME]		= { .number = time == DAMON_UNKNOWN ? time : time - zero },
		[TIMESTAMP]	= { .number = time },
		[VALUE]		= { .number = value },
		[BAR]		= { .text = bar },
	};

	fill_bar(bar, value, greatest);
	damon_table__print_row(table, values);
}

static bool is_chosen(const struct damon_report *report, unsigned int percent)
{
	const struct damon_percents *percents = &report->percents;

	if (percents->step)
		return percent >= percents->start && percent < percents->stop &&
		       (percent - percents->start) % percents->step == 0;
	if (report->by_time)
		return percent % TIME_PERCENTS == 0;
	return memchr(size_percents, percent, sizeof(size_percents));
}

static void print_percentiles(const struct damon_report *report, const struct damon_table *table,
			      struct damon_target *target, u64 greatest)
{
	struct damon_distribution *series = &target->series;
	unsigned int percent;
	u64 time = 0, zero = report->overview.zero, value;
	char name[16];

	for (percent = 0; percent <= 100; percent++) {
		if (!is_chosen(report, percent))
			continue;
		if (report->by_time) {
			size_t rank = damon_distribution__rank(series, percent);

			time = series->time[rank];
			value = series->value[rank];
		} else {
			value = damon_distribution__percentile(series, percent);
		}
		scnprintf(name, sizeof(name), "p%u", percent);
		print_row(table, name, time, zero, value, greatest);
	}
}

/* Snapshots at the end that do not fill a work time are left out. */
static void say_rest(struct damon_report *report, const struct damon_target *target)
{
	unsigned long nr = target->working_set.nr_snapshots;

	damon_output__number(&report->out, "snapshots_short_of_work_time", nr);
	if (nr)
		damon_output__note(&report->out,
				   "# left out, as less than a work time: %s %lu snapshot%s\n",
				   target->series.nr ? "the last" : "all", nr, damon_plural(nr));
}

/* Without any numbers there are neither percentiles nor an average. */
static int print_target(struct damon_report *report, struct damon_target *target)
{
	struct damon_distribution *series = &target->series;
	u64 greatest = series->greatest;
	bool counted = damon_target__is_counted(target);
	u64 average = counted ? damon_distribution__average(series) : DAMON_UNKNOWN;
	struct damon_table table;
	unsigned int hidden = 0;
	char key[32];

	if (report->query.work_ns)
		say_rest(report, target);
	if (!report->by_time)
		hidden |= 1U << TIME;
	if (!report->by_time || report->out.format == DAMON_FOR_PEOPLE)
		hidden |= 1U << TIMESTAMP;
	damon_table__init(&table, &report->out, "percentiles",
			  measures[report->ops->series].columns, NR_COLUMNS, hidden);
	damon_table__open(&table);
	if (counted)
		print_percentiles(report, &table, target, greatest);
	if (report->out.format != DAMON_JSON)
		print_row(&table, "average", DAMON_UNKNOWN, 0, average, greatest);
	damon_table__close(&table);
	scnprintf(key, sizeof(key), "average_%s", table.columns[VALUE].key);
	damon_output__value(&report->out, key, table.columns[VALUE].kind, average);
	return 0;
}

static void say_percentiles(const struct damon_report *report, const char *what)
{
	damon_output__note(&report->out, report->by_time ?
			   "# percentile: of the %s by time: when that is, and the %s then\n" :
			   "# percentile: at least so many of 100 %s have this %s, or less\n",
			   windows(report), what);
}

/* What a region of the working set has to have; in percent if the snapshots have unlike samples. */
static void describe_threshold(const struct damon_overview *overview, char *buf, size_t size)
{
	const struct damon_quantity *threshold = &overview->query->threshold;

	if (threshold->given == DAMON_GIVEN_PERCENT && !overview->guessed &&
	    overview->least_samples != overview->most_samples)
		scnprintf(buf, size, "accesses in at least %g%% of the samples",
			  threshold->value / 1e4);
	else if (overview->threshold != 1)
		scnprintf(buf, size, "at least %u accesses of %u samples", overview->threshold,
			  overview->max_accesses);
	else
		scnprintf(buf, size, "at least one access");
}

static void wss_head(struct damon_report *report)
{
	const struct damon_overview *overview = &report->overview;
	u64 work_ns = report->query.work_ns;
	struct damon_output *out = &report->out;
	char least[64];

	damon_output__number(out, "threshold", overview->threshold);
	damon_output__number(out, "work_time_ns", work_ns);
	describe_threshold(overview, least, sizeof(least));
	damon_output__note(out, "# working set: regions with %s in %s%s%s\n", least,
			   "the aggregation interval",
			   work_ns ? ", in any snapshot of a work time of " : "",
			   work_ns ? damon_output__str(out, DAMON_TIME, work_ns) : "");
	say_percentiles(report, "working set");
}

static void nr_regions_head(struct damon_report *report)
{
	damon_output__note(&report->out,
			   "# regions: how many the monitor divided the memory into\n");
	say_percentiles(report, "number");
}

static void print_point(FILE *out, u64 time, double value)
{
	fprintf(out, "%.9g %.9g\n", (double)time / NSEC_PER_SEC, value);
}

/*
 * A number covers the time up to its own, from the time of the number before, or from the end of
 * the gap between them. If several share a point, both their minimum and their maximum are drawn.
 */
static void print_points(FILE *out, const struct damon_target *target, u64 zero, double unit)
{
	const struct damon_distribution *series = &target->series, *gaps = &target->gaps;
	size_t nr_each = DIV_ROUND_UP(series->nr, MAX_POINTS), i, j, gap = 0;
	u64 since = target->start, least, greatest, time;

	for (i = 0; i < series->nr; i = j) {
		if (since)
			print_point(out, since - zero, series->value[i] / unit);
		since = 0;
		least = -1ULL;
		greatest = 0;
		for (j = i; j < min(i + nr_each, series->nr) && !since; j++) {
			least = min(least, series->value[j]);
			greatest = max(greatest, series->value[j]);
			if (gap < gaps->nr && gaps->time[gap] == series->time[j])
				since = gaps->value[gap++];
		}
		time = series->time[j - 1];
		print_point(out, time - zero, least / unit);
		if (greatest > least)
			print_point(out, time - zero, greatest / unit);
		if (since)
			fprintf(out, "\n");
	}
}

static void plot_over_time(FILE *out, const struct damon_target *target,
			   const struct damon_overview *overview, double unit)
{
	fprintf(out, "$over_time << END\n");
	print_points(out, target, overview->zero, unit);
	fprintf(out, "END\n");
	fprintf(out, "set xlabel 'time (s)'\nset xrange [%.9g:*]\n",
		(double)(overview->start - overview->zero) / NSEC_PER_SEC);
	fprintf(out, "plot $over_time using 1:2 with fsteps notitle\n");
}

/* A percentile covers the ranks up to its own. */
static void plot_distribution(FILE *out, struct damon_distribution *series, const char *what,
			      double unit)
{
	unsigned int percent;

	fprintf(out, "$distribution << END\n");
	for (percent = 0; percent <= 100; percent++)
		fprintf(out, "%u %.9g\n", percent,
			damon_distribution__percentile(series, percent) / unit);
	fprintf(out, "END\n");
	fprintf(out, "set xlabel 'percentile of %s'\nset xrange [0:100]\n", what);
	fprintf(out, "plot $distribution using 1:2 with fsteps notitle\n");
}

/* Over time first: computing the distribution sorts the numbers. */
static void plot_target(struct damon_plot *plot, const struct damon_report *report,
			struct damon_target *target)
{
	const struct measure *measure = &measures[report->ops->series];
	const char *name = damon_target__name(target);

	fprintf(plot->out, "set ylabel '%s'\nset yrange [0:%s]\nset grid\n", measure->label,
		target->series.greatest ? "*" : "1");
	damon_plot__title(plot, "%s: %s over time", name, measure->what);
	plot_over_time(plot->out, target, &report->overview, measure->unit);
	damon_plot__title(plot, "%s: distribution of the %s", name, measure->what);
	plot_distribution(plot->out, &target->series, windows(report), measure->unit);
}

static int plot(struct damon_report *report)
{
	struct damon_plot plot;
	struct damon_target *target;
	int err = damon_plot__open(&plot, report->plot,
				   2 * damon_overview__nr_counted(&report->overview));

	if (err)
		return err;
	damon_overview__for_each_target(&report->overview, target) {
		if (damon_target__is_counted(target))
			plot_target(&plot, report, target);
	}
	return damon_plot__close(&plot);
}

const struct damon_report_ops damon_wss_ops = {
	.name		= "wss",
	.options	= (const char * const []) {
		"range", "sortby", "threshold", "work-time", "raw-numbers", NULL },
	.series		= DAMON_SERIES_WORKING_SET,
	.total_key	= "total_average_wss_bytes",
	.total_label	= "average",
	.head		= wss_head,
	.target		= print_target,
	.plot		= plot,
};

const struct damon_report_ops damon_nr_regions_ops = {
	.name		= "nr-regions",
	.options	= (const char * const []) { "range", "sortby", "raw-numbers", NULL },
	.series		= DAMON_SERIES_REGIONS,
	.uncut		= true,
	.total_key	= "total_average_nr_regions",
	.total_label	= "average",
	.head		= nr_regions_head,
	.target		= print_target,
	.plot		= plot,
};
