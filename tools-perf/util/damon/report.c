// SPDX-License-Identifier: GPL-2.0
/*
 * The parts common to all reports: two passes over the perf.data, headers, and
 * messages about missing data.
 */
#include "errors.h"
#include "report.h"
#include "units.h"
#include "ui/stdio/progress.h"
#include "util/debug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>
#include <subcmd/pager.h>

/**
 * damon_report__scnprintf_target - print which process a target is
 * @target: the target
 * @buf: output buffer
 * @size: size of @buf
 *
 * Return: the number of characters printed.
 */
int damon_report__scnprintf_target(const struct damon_target *target, char *buf, size_t size)
{
	const char *format = damon_target_id__is_address(target->target_id) ?
		"target %#lx of kdamond %d" : "target %lu of kdamond %d";

	if (target->comm && target->pid)
		return scnprintf(buf, size, "%s (pid %d)", target->comm, target->pid);
	if (target->comm)
		return scnprintf(buf, size, "%s", target->comm);
	if (target->pid)
		return scnprintf(buf, size, "pid %d", target->pid);
	return scnprintf(buf, size, format, target->target_id, target->kdamond);
}

/**
 * damon_report__put_time - print a time in the form that --time accepts
 * @report: the report
 * @to: room for %DAMON_UNIT_LEN characters
 * @time: the time
 */
void damon_report__put_time(const struct damon_report *report, char *to, u64 time)
{
	damon_time__put(to, time - report->survey.zero, report->out.raw_numbers);
}

/**
 * damon_report__set_row_head - set the target whose fields start each row with -x
 * @report: the report
 * @target: the target
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_report__set_row_head(struct damon_report *report, const struct damon_target *target)
{
	if (target == report->row_target)
		return 0;
	report->row_target = target;
	return damon_output__set_row_head(&report->out, target->kdamond, target->target_id,
					  target->pid, target->comm);
}

static void print_target_line(struct damon_report *report, const struct damon_target *target)
{
	const struct damon_survey *survey = &report->survey;
	char name[64], duration[DAMON_UNIT_LEN], aggr[DAMON_UNIT_LEN];

	damon_report__scnprintf_target(target, name, sizeof(name));
	damon_time__put(duration, target->last_time - target->start, report->out.raw_numbers);
	damon_time__put(aggr, survey->aggr_ns, report->out.raw_numbers);
	printf("%s%s: %lu snapshot%s in %s, each of %s%s",
	       report->out.format == DAMON_FIELDS ? "# " : "\n", name, target->nr_snapshots,
	       damon_plural(target->nr_snapshots), duration, survey->guessed ? "about " : "", aggr);
	if (target->nr_incomplete)
		printf("; %lu incomplete one%s left out", target->nr_incomplete,
		       damon_plural(target->nr_incomplete));
	printf("\n");
}

/**
 * damon_report__name_target - print the JSON members that identify a target
 * @report: the report
 * @target: the target
 */
void damon_report__name_target(struct damon_report *report, const struct damon_target *target)
{
	struct damon_output *out = &report->out;

	damon_output__number(out, "kdamond", target->kdamond);
	damon_output__target_id(out, target->target_id);
	damon_output__optional(out, "pid", target->pid, target->pid);
	damon_output__text(out, "comm", target->comm);
}

/**
 * damon_report__counted - name what each number of a series belongs to
 * @report: the report
 *
 * Return: the name, in the plural.
 */
const char *damon_report__counted(const struct damon_report *report)
{
	return report->ops->series == DAMON_SERIES_WORKING_SET && report->query.work_ns ?
		"work times" : "snapshots";
}

/**
 * damon_report__print_average - print an average of a series in JSON
 * @report: the report
 * @key: its name
 * @average: the average times damon_series__scale(), or %DAMON_UNKNOWN
 */
void damon_report__print_average(struct damon_report *report, const char *key, u64 average)
{
	if (report->ops->series == DAMON_SERIES_REGIONS && average != DAMON_UNKNOWN)
		damon_output__hundredths(&report->out, key, average);
	else
		damon_output__optional(&report->out, key, average != DAMON_UNKNOWN, average);
}

static void print_target_members(struct damon_report *report, const struct damon_target *target)
{
	const struct damon_survey *survey = &report->survey;
	struct damon_output *out = &report->out;

	damon_report__name_target(report, target);
	damon_output__number(out, "snapshots", target->nr_snapshots);
	damon_output__number(out, "incomplete_snapshots", target->nr_incomplete);
	if (!target->nr_snapshots)
		return;
	damon_output__number(out, "start_ns", target->start - survey->zero);
	damon_output__number(out, "end_ns", target->last_time - survey->zero);
}

static int print_target(struct damon_report *report, struct damon_target *target)
{
	int err = damon_report__set_row_head(report, target);

	if (err)
		return err;
	damon_output__open(&report->out, NULL, '{');
	if (report->out.format == DAMON_JSON)
		print_target_members(report, target);
	else
		print_target_line(report, target);
	/* No regions in the selected address range. In JSON, print the same keys nevertheless. */
	if (target->nr_snapshots && !target->max_bytes && report->out.format != DAMON_JSON)
		printf("%snothing was monitored there\n",
		       report->out.format == DAMON_FIELDS ? "# " : "");
	else if (target->nr_snapshots && report->ops->target)
		err = report->ops->target(report, target);
	damon_output__close(&report->out, '}');
	return err;
}

/* Nothing to add up for a single target. */
static void print_total(struct damon_report *report, const char *key, const char *label)
{
	unsigned int nr = damon_survey__nr_counted(&report->survey);
	char buf[DAMON_UNIT_LEN];
	u64 average;

	if (nr <= 1)
		return;
	average = damon_survey__total_average(&report->survey);
	damon_report__print_average(report, key, average);
	if (report->out.format == DAMON_JSON)
		return;
	if (report->ops->series == DAMON_SERIES_REGIONS)
		damon_hundredths__put(buf, average);
	else
		damon_size__put(buf, average, report->out.raw_numbers);
	printf("%stotal of %u targets: %s %s\n",
	       report->out.format == DAMON_FIELDS ? "# " : "\n", nr, label, buf);
}

static int print_targets(struct damon_report *report)
{
	struct damon_target *target;
	int err;

	damon_output__open(&report->out, "targets", '[');
	damon_survey__for_each_target(&report->survey, target) {
		err = print_target(report, target);
		if (err)
			return err;
	}
	damon_output__close(&report->out, ']');
	if (report->ops->total.key)
		print_total(report, report->ops->total.key, report->ops->total.label);
	return 0;
}

static void print_head(const struct damon_report *report)
{
	const struct damon_source *source = &report->session.source;
	char settings[DAMON_SETTINGS_LEN];

	printf("# recorded on: %s, Linux %s\n", source->hostname ?: "unknown",
	       source->os_release ?: "unknown");
	if (source->has_settings) {
		damon_settings__scnprintf(&source->settings, settings, sizeof(settings));
		printf("# settings: %s\n", settings);
	} else {
		printf("# settings: unknown, as %s; intervals and accesses are guesses\n",
		       source->is_cut ? "the end of the file is missing" :
					"this is not from 'perf damon record'");
	}
	if (source->nr_lost)
		printf("# lost: %lu event%s; " DAMON_LOSS_REMEDY "\n", source->nr_lost,
		       damon_plural(source->nr_lost));
	if (source->nr_malformed)
		printf("# malformed: %lu event%s left out\n", source->nr_malformed,
		       damon_plural(source->nr_malformed));
}

static void print_head_members(struct damon_report *report)
{
	const struct damon_source *source = &report->session.source;
	const struct damon_survey *survey = &report->survey;
	struct damon_output *out = &report->out;
	char settings[DAMON_SETTINGS_LEN];

	damon_output__text(out, "hostname", source->hostname);
	damon_output__text(out, "os_release", source->os_release);
	if (source->has_settings)
		damon_settings__scnprintf(&source->settings, settings, sizeof(settings));
	damon_output__text(out, "settings", source->has_settings ? settings : NULL);
	damon_output__number(out, "aggr_ns", survey->aggr_ns);
	damon_output__number(out, "samples", survey->max_accesses);
	damon_output__bool(out, "guessed", survey->guessed);
	damon_output__number(out, "lost_events", source->nr_lost);
	damon_output__number(out, "malformed_events", source->nr_malformed);
}

static int report_snapshot(void *data, const struct damon_snapshot *snapshot)
{
	struct damon_report *report = data;
	struct damon_target *target;
	int err;

	if (!snapshot->whole)
		return 0;
	target = damon_survey__find(&report->survey, snapshot->kdamond, snapshot->target_id);
	/* Not selected, or the file has changed since the first pass. */
	if (!target)
		return 0;
	err = damon_survey__clip(&report->survey, target, snapshot, &snapshot);
	if (err || !snapshot)
		return err;
	err = report->ops->snapshot(report, target, snapshot);
	/* finish_output() prints the error. */
	return err ?: report->out.err;
}

static void print_heads(struct damon_report *report)
{
	damon_output__open(&report->out, NULL, '{');
	if (report->out.format == DAMON_JSON)
		print_head_members(report);
	else if (!report->plot)
		print_head(report);
	if (report->ops->head)
		report->ops->head(report);
}

/* A progress bar would appear between the rows, also if a pager prints them. */
static bool prints_on_terminal(void)
{
	return isatty(STDOUT_FILENO) || pager_in_use();
}

static int print_report(struct damon_report *report)
{
	const struct damon_report_ops *ops = report->ops;
	int err = 0;

	if (ops->begin)
		err = ops->begin(report);
	if (!err)
		print_heads(report);
	report->session.maps = ops->maps;
	if (ops->streams && prints_on_terminal())
		stdio_progress__stop();
	damon_survey__rewind(&report->survey);
	if (!err && ops->snapshot) {
		err = damon_session__read(&report->session, report_snapshot, report);
		damon_session__close(&report->session);
	}
	if (!err && ops->end)
		err = ops->end(report);
	if (!err && !report->plot)
		err = print_targets(report);
	if (ops->exit)
		ops->exit(report);
	if (!err)
		damon_output__close(&report->out, '}');
	return err;
}

/*
 * There is no message for a closed pipe. What was printed as text, and could not be written, sets
 * an error indicator, which does not tell the reason.
 */
static int finish_output(struct damon_report *report, int err)
{
	int failed = report->out.err;

	if (fflush(stdout) && !failed)
		failed = -errno;
	if (!failed && ferror(stdout))
		failed = -EIO;
	if (!failed)
		return err;
	if (failed != -EPIPE)
		pr_err("cannot write the report: %s\n", strerror(-failed));
	return failed;
}

/**
 * damon_report__run - read the perf.data and report
 * @report: the report, with its session
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_report__run(struct damon_report *report)
{
	int err;

	report->query.series = report->ops->series;
	report->query.timed = report->by_time || report->plot;
	err = damon_survey__run(&report->survey, &report->session, &report->query);
	if (!err)
		err = print_report(report);
	err = finish_output(report, err);
	damon_survey__exit(&report->survey);
	return err;
}
