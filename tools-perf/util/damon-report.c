// SPDX-License-Identifier: GPL-2.0
/*
 * What all reports have in common: two looks at the perf.data, and saying what is not in it.
 */
#include "damon-report.h"
#include "damon-units.h"
#include "debug.h"

#include <stdio.h>
#include <linux/kernel.h>

/**
 * damon_report__scnprintf_target - print which process a target is
 * @target: the target
 * @buf: where to
 * @size: how much fits
 *
 * Return: the number of characters printed.
 */
int damon_report__scnprintf_target(const struct damon_target *target, char *buf, size_t size)
{
	if (target->comm)
		return scnprintf(buf, size, "%s (pid %d)", target->comm, target->pid);
	if (target->pid)
		return scnprintf(buf, size, "pid %d", target->pid);
	return scnprintf(buf, size, "target %lu of kdamond %d", target->target_id,
			 target->kdamond);
}

/**
 * damon_report__print_target - print the line that each target's part of a report begins with
 * @report: the report
 * @target: the target
 */
void damon_report__print_target(const struct damon_report *report,
				const struct damon_target *target)
{
	char name[64], duration[DAMON_UNIT_LEN], aggr[DAMON_UNIT_LEN];
	u64 start = damon_survey__since(&report->survey, 0, target->first_time);

	damon_report__scnprintf_target(target, name, sizeof(name));
	damon_time__scnprintf(duration, sizeof(duration), target->last_time - start);
	damon_time__scnprintf(aggr, sizeof(aggr), report->survey.aggr_ns);
	printf("\n%s: %lu snapshots in %s, each of %s%s", name, target->nr_snapshots,
	       duration, report->survey.guessed ? "about " : "", aggr);
	if (target->nr_incomplete)
		printf("; %lu incomplete ones left out", target->nr_incomplete);
	printf("\n");
}

static void print_head(const struct damon_report *report)
{
	const struct damon_source *source = &report->reader.source;
	char settings[DAMON_SETTINGS_LEN];

	printf("# recorded on: %s, Linux %s\n", source->hostname ?: "unknown",
	       source->os_release ?: "unknown");
	if (source->has_settings) {
		damon_settings__scnprintf(&source->settings, settings, sizeof(settings));
		printf("# settings: %s\n", settings);
	} else {
		printf("# settings: unknown, as this is not from 'perf damon record';");
		printf(" intervals and accesses are guesses\n");
	}
	if (source->nr_lost)
		printf("# lost: %lu events; record with larger intervals or fewer regions\n",
		       source->nr_lost);
	if (source->nr_malformed)
		printf("# malformed: %lu events left out\n", source->nr_malformed);
}

static int report_snapshot(void *data, pid_t kdamond, unsigned long target_id,
			   const struct damon_snapshot *snapshot)
{
	struct damon_report *report = data;
	struct damon_target *target = damon_survey__find(&report->survey, kdamond, target_id);

	/* A file that changed since the first look. */
	if (!target)
		return 0;
	return report->ops->snapshot(report, target, snapshot);
}

static const struct damon_reader_ops report_reader_ops = {
	.snapshot = report_snapshot,
};

static int print_report(struct damon_report *report)
{
	int err = 0;

	if (!report->plot)
		print_head(report);
	if (report->ops->begin)
		err = report->ops->begin(report);
	if (!err && report->ops->snapshot)
		err = damon_reader__run(&report->reader, &report_reader_ops, report);
	if (!err && report->ops->end)
		err = report->ops->end(report);
	if (report->ops->exit)
		report->ops->exit(report);
	return err;
}

/**
 * damon_report__run - read the perf.data and report
 * @report: the report, with its reader
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_report__run(struct damon_report *report)
{
	int err = damon_survey__run(&report->survey, &report->reader);

	if (!err)
		err = print_report(report);
	damon_survey__exit(&report->survey);
	return err;
}
