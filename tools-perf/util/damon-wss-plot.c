// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --wss --plot: the working set over time, and its distribution.
 */
#include "damon-plot.h"
#include "damon-report.h"
#include "debug.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define MIB	(1024.0 * 1024)

/**
 * struct working_sets - size of the working set in each snapshot, by time
 * @time: when
 * @mib: how large
 * @nr: number of snapshots
 */
struct working_sets {
	double	*time;
	double	*mib;
	u64	nr;
};

static int plot_begin(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		struct working_sets *sets = zalloc(sizeof(*sets));

		target->priv = sets;
		if (sets) {
			sets->time = calloc(target->nr_snapshots, sizeof(*sets->time));
			sets->mib = calloc(target->nr_snapshots, sizeof(*sets->mib));
		}
		if (!sets || (target->nr_snapshots && (!sets->time || !sets->mib))) {
			pr_err("out of memory\n");
			return -ENOMEM;
		}
	}
	return 0;
}

static int plot_snapshot(struct damon_report *report, struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	struct working_sets *sets = target->priv;

	/* A file that has grown since the first look. */
	if (sets->nr == target->nr_snapshots)
		return 0;
	sets->time[sets->nr] = (double)(snapshot->time - report->survey.start) / NSEC_PER_SEC;
	sets->mib[sets->nr] = damon_snapshot__working_set(snapshot) / MIB;
	sets->nr++;
	return 0;
}

static void plot_over_time(FILE *out, const struct working_sets *sets)
{
	u64 i;

	fprintf(out, "$over_time << END\n");
	for (i = 0; i < sets->nr; i++)
		fprintf(out, "%.9g %.9g\n", sets->time[i], sets->mib[i]);
	fprintf(out, "END\n");
	fprintf(out, "set xlabel 'time (s)'\nset xrange [0:*]\n");
	fprintf(out, "plot $over_time using 1:2 with steps notitle\n");
}

static void plot_distribution(FILE *out, struct damon_distribution *dist)
{
	unsigned int percent;

	fprintf(out, "$distribution << END\n");
	for (percent = 0; percent <= 100; percent++)
		fprintf(out, "%u %.9g\n", percent,
			damon_distribution__percentile(dist, percent) / MIB);
	fprintf(out, "END\n");
	fprintf(out, "set xlabel 'percentile of snapshots'\nset xrange [0:100]\n");
	fprintf(out, "plot $distribution using 1:2 with steps notitle\n");
}

static void plot_target(struct damon_plot *plot, struct damon_target *target)
{
	char name[64], title[160];

	damon_report__scnprintf_target(target, name, sizeof(name));
	fprintf(plot->out, "set ylabel 'working set (MiB)'\nset yrange [0:*]\nset grid\n");

	scnprintf(title, sizeof(title), "%s: working set over time", name);
	damon_plot__title(plot, title);
	plot_over_time(plot->out, target->priv);

	scnprintf(title, sizeof(title), "%s: distribution of the working set", name);
	damon_plot__title(plot, title);
	plot_distribution(plot->out, &target->working_set);
}

static int plot_end(struct damon_report *report)
{
	struct damon_plot plot;
	struct damon_target *target;
	int err;

	err = damon_plot__open(&plot, report->plot, 2 * report->survey.nr_targets);
	if (err)
		return err;
	damon_survey__for_each_target(&report->survey, target) {
		if (target->nr_snapshots)
			plot_target(&plot, target);
	}
	return damon_plot__close(&plot);
}

static void plot_exit(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		struct working_sets *sets = target->priv;

		if (sets) {
			free(sets->time);
			free(sets->mib);
		}
		zfree(&target->priv);
	}
}

const struct damon_report_ops damon_wss_plot_ops = {
	.begin		= plot_begin,
	.snapshot	= plot_snapshot,
	.end		= plot_end,
	.exit		= plot_exit,
};
