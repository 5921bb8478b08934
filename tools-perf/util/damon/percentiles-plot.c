// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --wss --plot and --nr-regions --plot: the number over time, and its
 * distribution.
 */
#include "plot.h"
#include "report.h"

#include <stdio.h>
#include <linux/kernel.h>
#include <linux/time64.h>

/* More points could not be seen. */
#define MAX_POINTS	2048

/**
 * struct axis - the axis of a series
 * @label: its label
 * @what: name of the number in titles
 * @unit: the number that is 1 on the axis
 */
struct axis {
	const char	*label;
	const char	*what;
	double		unit;
};

static const struct axis axes[] = {
	[DAMON_SERIES_WORKING_SET]	= { "working set (MiB)", "working set", 1 << 20 },
	[DAMON_SERIES_REGIONS]		= { "regions", "number of regions", 1 },
};

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
			   const struct damon_survey *survey, double unit)
{
	fprintf(out, "$over_time << END\n");
	print_points(out, target, survey->zero, unit);
	fprintf(out, "END\n");
	fprintf(out, "set xlabel 'time (s)'\nset xrange [%.9g:*]\n",
		(double)(survey->start - survey->zero) / NSEC_PER_SEC);
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
	const struct axis *axis = &axes[report->ops->series];
	char name[64], title[160];

	damon_report__scnprintf_target(target, name, sizeof(name));
	fprintf(plot->out, "set ylabel '%s'\nset yrange [0:%s]\nset grid\n", axis->label,
		damon_distribution__greatest(&target->series) ? "*" : "1");

	scnprintf(title, sizeof(title), "%s: %s over time", name, axis->what);
	damon_plot__title(plot, title);
	plot_over_time(plot->out, target, &report->survey, axis->unit);

	scnprintf(title, sizeof(title), "%s: distribution of the %s", name, axis->what);
	damon_plot__title(plot, title);
	plot_distribution(plot->out, &target->series, damon_report__counted(report), axis->unit);
}

static int plot_end(struct damon_report *report)
{
	struct damon_plot plot;
	struct damon_target *target;
	unsigned int nr = damon_survey__nr_counted(&report->survey);
	int err;

	err = damon_plot__open(&plot, report->plot, 2 * nr);
	if (err)
		return err;
	damon_survey__for_each_target(&report->survey, target) {
		if (damon_target__is_counted(target))
			plot_target(&plot, report, target);
	}
	return damon_plot__close(&plot);
}

const struct damon_report_ops damon_wss_plot_ops = {
	.series	= DAMON_SERIES_WORKING_SET,
	.end	= plot_end,
};

const struct damon_report_ops damon_nr_regions_plot_ops = {
	.series	= DAMON_SERIES_REGIONS,
	.end	= plot_end,
};
