// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report: what all reports have in common. Two passes over the perf.data, headers,
 * messages about missing data; the options, and which report they choose.
 */
#include "report.h"
#include "browser.h"
#include "../config.h"
#include "../errors.h"
#include "../habits.h"
#include "plot.h"
#include "../monitor/settings.h"
#include "ui/stdio/progress.h"
#include "ui/ui.h"
#include "util/color.h"
#include "util/config.h"
#include "util/debug.h"
#include "util/symbol.h"
#include "util/term.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>
#include <subcmd/pager.h>
#include <subcmd/parse-options.h>

/* More settings than these, and more targets of each, are not printed for people. */
#define MAX_CHANGES	16
#define MAX_LISTED	8

/* A wider column must be a typing mistake. */
#define MAX_WIDTH	1000

/**
 * damon_target__format_name - print which process a target is, for damon_target__name()
 * @buf: output buffer
 * @size: size of @buf
 * @target: the target
 *
 * Return: @buf.
 */
const char *damon_target__format_name(char *buf, size_t size, const struct damon_target *target)
{
	enum damon_kind kind = damon_target_id__kind(target->target_id);

	if (target->comm && target->pid)
		scnprintf(buf, size, "%s (pid %d)", target->comm, target->pid);
	else if (target->comm)
		scnprintf(buf, size, "%s", target->comm);
	else if (target->pid)
		scnprintf(buf, size, "pid %d", target->pid);
	else
		scnprintf(buf, size, "target %s of kdamond %d",
			  damon_number__str(kind, target->target_id, true), target->kdamond);
	return buf;
}

/**
 * damon_report__name_target - print for programs what identifies a target
 * @report: the report
 * @target: the target: members in JSON, or the first fields of all rows that follow
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_report__name_target(struct damon_report *report, const struct damon_target *target)
{
	struct damon_output *out = &report->out;

	if (out->format == DAMON_FIELDS) {
		if (target == report->row_target)
			return 0;
		report->row_target = target;
		return damon_output__set_row_head(out, target->kdamond, target->target_id,
						  target->pid, target->comm);
	}
	damon_output__number(out, "kdamond", target->kdamond);
	damon_output__value(out, "target", damon_target_id__kind(target->target_id),
			    target->target_id);
	damon_output__number(out, "pid", target->pid ? (u64)target->pid : DAMON_UNKNOWN);
	damon_output__text(out, "comm", target->comm);
	return 0;
}

static void print_target_head(struct damon_report *report, const struct damon_target *target)
{
	const struct damon_overview *overview = &report->overview;
	struct damon_output *out = &report->out;
	/* Both are zero if they were a guess, or there is no snapshot. */
	bool known = target->min_aggr_ns;
	u64 min_ns = known ? target->min_aggr_ns : overview->aggr_ns;
	u64 max_ns = known ? target->max_aggr_ns : overview->aggr_ns;

	damon_output__number(out, "snapshots", target->nr_snapshots);
	damon_output__number(out, "incomplete_snapshots", target->nr_incomplete);
	if (target->nr_snapshots) {
		damon_output__number(out, "start_ns", target->start - overview->zero);
		damon_output__number(out, "end_ns", target->last_time - overview->zero);
		damon_output__value(out, "start_timestamp", DAMON_TIMESTAMP, target->start);
		damon_output__value(out, "end_timestamp", DAMON_TIMESTAMP, target->last_time);
	}
	if (out->format == DAMON_JSON || report->groups.by)
		return;
	damon_output__note(out, "\n%s: %lu snapshot%s in %s, each of %s%s",
			   damon_target__name(target), target->nr_snapshots,
			   damon_plural(target->nr_snapshots),
			   damon_output__str(out, DAMON_TIME, target->last_time - target->start),
			   overview->guessed ? "about " : "",
			   damon_output__str(out, DAMON_TIME, min_ns));
	if (min_ns < max_ns)
		printf(" to %s", damon_output__str(out, DAMON_TIME, max_ns));
	if (target->nr_incomplete)
		printf("; %lu incomplete one%s left out", target->nr_incomplete,
		       damon_plural(target->nr_incomplete));
	printf("\n");
}

static int print_target(struct damon_report *report, struct damon_target *target)
{
	struct damon_output *out = &report->out;
	int err;

	damon_output__open(out, NULL, '{');
	err = damon_report__name_target(report, target);
	if (err)
		return err;
	print_target_head(report, target);
	if (report->groups.by) {
		damon_output__close(out, '}');
		return 0;
	}
	/* No regions in the selected address range. In JSON, print the same keys nevertheless. */
	if (target->nr_snapshots && !target->max_bytes && out->format != DAMON_JSON)
		damon_output__note(out, "nothing was monitored there\n");
	else if (target->nr_snapshots && report->ops->target)
		err = report->ops->target(report, target);
	damon_output__close(out, '}');
	return err;
}

/* Nothing to add up for a single target. */
static void print_total(struct damon_report *report)
{
	const struct damon_report_ops *ops = report->ops;
	unsigned int nr = damon_overview__nr_counted(&report->overview);
	struct damon_output *out = &report->out;
	enum damon_kind kind = ops->series == DAMON_SERIES_REGIONS ? DAMON_HUNDREDTHS : DAMON_SIZE;
	u64 average;

	if (!ops->total_key || nr <= 1)
		return;
	average = damon_overview__total_average(&report->overview);
	damon_output__value(out, ops->total_key, kind, average);
	damon_output__note(out, "\ntotal of %u targets: %s %s\n", nr, ops->total_label,
			   damon_output__str(out, kind, average));
	if (ops->series == DAMON_SERIES_WORKING_SET)
		damon_tree__print(report);
}

/* Rows of all targets, below a line instead of the head of each. */
static int print_groups(struct damon_report *report)
{
	unsigned long nr_snapshots = 0, nr_incomplete = 0;
	struct damon_output *out = &report->out;
	struct damon_target *target;

	damon_overview__for_each_target(&report->overview, target) {
		nr_snapshots += target->nr_snapshots;
		nr_incomplete += target->nr_incomplete;
	}
	damon_output__note(out, "\n%u target%s: %lu snapshot%s in %s", report->overview.nr_targets,
			   damon_plural(report->overview.nr_targets), nr_snapshots,
			   damon_plural(nr_snapshots),
			   damon_output__str(out, DAMON_TIME,
					     report->overview.end - report->overview.start));
	if (nr_incomplete && out->format != DAMON_JSON)
		printf("; %lu incomplete one%s left out", nr_incomplete,
		       damon_plural(nr_incomplete));
	if (out->format != DAMON_JSON)
		printf("\n");
	out->of_all = true;
	return report->ops->all(report);
}

static int print_targets(struct damon_report *report)
{
	struct damon_target *target;
	int err;

	damon_output__open(&report->out, "targets", '[');
	damon_overview__for_each_target(&report->overview, target) {
		err = print_target(report, target);
		if (err)
			return err;
	}
	damon_output__close(&report->out, ']');
	if (report->groups.by)
		return print_groups(report);
	print_total(report);
	return 0;
}

/* Since when a kdamond had these settings: the first ones from the start of the record on. */
static u64 settings_since(const struct damon_report *report, size_t i)
{
	struct damon_settings_since **entry = &report->session.source.history.entry[i];

	if (!i || entry[0]->kdamond != entry[-1]->kdamond)
		return 0;
	return entry[0]->time - min(entry[0]->time, report->overview.zero);
}

static bool has_other_targets(const struct damon_settings *a, const struct damon_settings *b)
{
	return a->nr_pids != b->nr_pids || a->ranges.nr != b->ranges.nr ||
	       (a->nr_pids && memcmp(a->pids, b->pids, a->nr_pids * sizeof(*a->pids))) ||
	       (a->ranges.nr && memcmp(a->ranges.range, b->ranges.range,
				       a->ranges.nr * sizeof(*a->ranges.range)));
}

static bool targets_changed(const struct damon_history *history)
{
	size_t i;

	for (i = 1; i < history->nr; i++) {
		const struct damon_settings_since *entry = history->entry[i];
		const struct damon_settings_since *previous = history->entry[i - 1];

		if (entry->kdamond == previous->kdamond &&
		    has_other_targets(&entry->settings, &previous->settings))
			return true;
	}
	return false;
}

/* Only other targets, as processes have come or gone. */
static bool only_children_changed(const struct damon_history *history, size_t i)
{
	const struct damon_settings_since *entry = history->entry[i];
	char settings[DAMON_SETTINGS_LEN], previous[DAMON_SETTINGS_LEN];

	/* A child may also have a kdamond of its own. */
	if (!i || !entry->settings.max_children)
		return false;
	damon_settings__scnprintf(&entry->settings, settings, sizeof(settings));
	damon_settings__scnprintf(&history->entry[i - 1]->settings, previous, sizeof(previous));
	return !strcmp(settings, previous);
}

static void list_targets(const struct damon_settings *settings)
{
	const struct damon_ranges *ranges = &settings->ranges;
	size_t i;

	for (i = 0; i < min_t(size_t, settings->nr_pids, MAX_LISTED); i++)
		printf("%s%d", i ? "," : " -p ", settings->pids[i]);
	printf("%s", i < settings->nr_pids ? ",..." : "");
	for (i = 0; i < min_t(size_t, ranges->nr, MAX_LISTED); i++)
		printf("%s%#" PRIx64 "-%#" PRIx64, i ? "," : " --ranges ", ranges->range[i].start,
		       ranges->range[i].end);
	printf("%s", i < ranges->nr ? ",..." : "");
}

static void print_entry(const struct damon_report *report, size_t i, bool several,
			bool with_targets)
{
	const struct damon_settings_since *entry = report->session.source.history.entry[i];
	u64 since = settings_since(report, i);
	char settings[DAMON_SETTINGS_LEN];

	printf("# settings");
	if (several)
		printf(" of kdamond %d", entry->kdamond);
	if (since)
		printf(" since %s", damon_output__str(&report->out, DAMON_TIME, since));
	damon_settings__scnprintf(&entry->settings, settings, sizeof(settings));
	printf(": %s", settings);
	if (with_targets && !entry->settings.max_children)
		list_targets(&entry->settings);
	printf("\n");
}

/* A line for each change, and for each kdamond if there are several. */
static void print_settings(const struct damon_report *report)
{
	const struct damon_history *history = &report->session.source.history;
	bool several = history->entry[0]->kdamond != history->entry[history->nr - 1]->kdamond &&
		       !history->entry[0]->settings.max_children;
	size_t i, nr = 0, nr_more = 0, nr_targets = 0;
	bool with_targets = targets_changed(history);

	if (report->out.format == DAMON_JSON)
		return;
	for (i = 0; i < history->nr; i++) {
		if (only_children_changed(history, i))
			nr_targets++;
		else if (nr++ < MAX_CHANGES)
			print_entry(report, i, several, with_targets);
		else
			nr_more++;
	}
	if (nr_more)
		printf("# settings: %zu more are in -j\n", nr_more);
	if (nr_targets)
		printf("# targets: changed %zu time%s, as children came and went; -j lists them\n",
		       nr_targets, damon_plural(nr_targets));
}

static bool has_changes(const struct damon_source *source)
{
	const struct damon_history *history = &source->history;
	size_t i;

	for (i = 1; i < history->nr; i++) {
		if (history->entry[i]->kdamond == history->entry[i - 1]->kdamond &&
		    !only_children_changed(history, i))
			return true;
	}
	return false;
}

static void print_targets_members(struct damon_output *out, const struct damon_settings *settings)
{
	size_t i;

	damon_output__open(out, "pids", '[');
	for (i = 0; i < settings->nr_pids; i++)
		damon_output__number(out, NULL,
				     settings->pids[i] ? (u64)settings->pids[i] : DAMON_UNKNOWN);
	damon_output__close(out, ']');
	damon_output__open(out, "ranges", '[');
	for (i = 0; i < settings->ranges.nr; i++) {
		damon_output__open(out, NULL, '{');
		damon_output__value(out, "start", DAMON_ADDRESS,
				    settings->ranges.range[i].start);
		damon_output__value(out, "end", DAMON_ADDRESS,
				    settings->ranges.range[i].end);
		damon_output__close(out, '}');
	}
	damon_output__close(out, ']');
}

/* Only if there are several: the settings are a member of their own. */
static void print_settings_members(struct damon_report *report)
{
	const struct damon_history *history = &report->session.source.history;
	char settings[DAMON_SETTINGS_LEN];
	size_t i;

	if (history->nr < 2)
		return;
	damon_output__open(&report->out, "all_settings", '[');
	for (i = 0; i < history->nr; i++) {
		const struct damon_settings_since *entry = history->entry[i];

		damon_settings__scnprintf(&entry->settings, settings, sizeof(settings));
		damon_output__open(&report->out, NULL, '{');
		damon_output__number(&report->out, "kdamond", entry->kdamond);
		damon_output__number(&report->out, "since_ns", settings_since(report, i));
		damon_output__text(&report->out, "settings", settings);
		print_targets_members(&report->out, &entry->settings);
		damon_output__close(&report->out, '}');
	}
	damon_output__close(&report->out, ']');
}

/* What other tools call the time from which reports count. */
static void print_clock(struct damon_report *report)
{
	const struct damon_clock *clock = &report->session.source.clock;
	u64 zero = report->overview.zero, tod_ns = damon_clock__tod(clock, zero);
	struct damon_output *out = &report->out;
	char tod[64];

	damon_output__text(out, "clock", clock->name);
	damon_output__value(out, "zero_timestamp", DAMON_TIMESTAMP, zero);
	damon_output__value(out, "zero_time_of_day", DAMON_TIMESTAMP, tod_ns);
	damon_output__note(out, "# clock: %s, 0s is %s%s%s\n", clock->name,
			   damon_output__str(out, DAMON_TIMESTAMP, zero),
			   clock->has_tod ? ", " : "",
			   clock->has_tod ? damon_tod__format(tod, sizeof(tod), tod_ns) : "");
}

static void print_head(struct damon_report *report)
{
	const struct damon_source *source = &report->session.source;
	struct damon_output *out = &report->out;
	const char *why = source->is_cut ? "the end of the file is missing" :
					   "this is not from 'perf damon record'";
	const char *filter = source->filter ?:
		"unknown, as parts of all snapshots are missing, and none was lost";
	char settings[DAMON_SETTINGS_LEN];

	damon_output__text(out, "hostname", source->hostname);
	damon_output__text(out, "os_release", source->os_release);
	damon_output__note(out, "# recorded on: %s, Linux %s\n", source->hostname ?: "unknown",
			   source->os_release ?: "unknown");
	print_clock(report);
	if (source->has_settings) {
		damon_settings__scnprintf(&source->settings, settings, sizeof(settings));
		print_settings(report);
	} else {
		damon_output__note(out, "# settings: unknown, as %s; %s\n", why,
				   "intervals and accesses are guesses");
	}
	damon_output__text(out, "settings", source->has_settings ? settings : NULL);
	if (report->session.missing == DAMON_MISSING_FILTERED)
		damon_output__note(out, "# filter: %s; only regions that pass it were recorded\n",
				   filter);
}

/* What is known only at the end of the record: behind the rows if these are printed as it comes. */
static void print_rest_of_head(struct damon_report *report)
{
	const struct damon_source *source = &report->session.source;
	const struct damon_overview *overview = &report->overview;
	struct damon_output *out = &report->out;

	damon_output__number(out, "aggr_ns", overview->aggr_ns);
	damon_output__number(out, "samples", overview->max_accesses);
	damon_output__bool(out, "guessed", overview->guessed);
	damon_output__bool(out, "settings_changed", overview->changed || has_changes(source));
	print_settings_members(report);
	damon_output__text(out, "filter", source->filter);
	damon_output__number(out, "lost_events", source->nr_lost);
	damon_output__number(out, "malformed_events", source->nr_malformed);
	if (overview->changed)
		damon_output__note(out, "# settings changed while it was recorded\n");
	if (source->nr_lost)
		damon_output__note(out, "# lost: %lu event%s; " DAMON_LOSS_REMEDY "\n",
				   source->nr_lost, damon_plural(source->nr_lost));
	if (source->nr_malformed)
		damon_output__note(out, "# malformed: %lu event%s left out\n",
				   source->nr_malformed, damon_plural(source->nr_malformed));
}

static int begin_targets(struct damon_report *report)
{
	struct damon_target *target;
	int err;

	if (!report->ops->begin)
		return 0;
	damon_overview__for_each_target(&report->overview, target) {
		err = report->ops->begin(report, target);
		if (err)
			return err;
	}
	return 0;
}

static void exit_targets(struct damon_report *report)
{
	struct damon_target *target;

	damon_overview__for_each_target(&report->overview, target) {
		if (target->priv)
			report->ops->exit(target);
		zfree(&target->priv);
	}
}

static int start_report(struct damon_report *report)
{
	int err = begin_targets(report);

	if (err)
		return err;
	report->started = true;
	if (report->plot || report->browses)
		return 0;
	damon_output__open(&report->out, NULL, '{');
	print_head(report);
	if (!report->session.once)
		print_rest_of_head(report);
	if (report->ops->head)
		report->ops->head(report);
	return 0;
}

/* As print_target() does, but for JSON. */
static bool has_table(const struct damon_target *target)
{
	return target->nr_snapshots && target->max_bytes;
}

/* The next one that has a table, or the previous one, around the end; or the same. */
static struct damon_target *step(struct damon_overview *overview, struct damon_target *target,
				 bool forwards)
{
	struct list_head *node = &target->list;

	do {
		node = forwards ? node->next : node->prev;
		if (node == &overview->targets)
			node = forwards ? node->next : node->prev;
		target = list_entry(node, struct damon_target, list);
	} while (!has_table(target));
	return target;
}

/* There is a table: damon_overview__run() would have found nothing otherwise. */
static int browse_targets(struct damon_report *report, struct damon_browser *browser)
{
	struct damon_overview *overview = &report->overview;
	struct damon_target *target;
	int err = 0;

	target = list_last_entry(&overview->targets, struct damon_target, list);
	target = step(overview, target, /*forwards=*/true);
	if (overview->nr_targets > 1)
		browser->help = "? - help, TAB - next process";
	while (!err && !browser->quit) {
		browser->target = target;
		damon_target__format_name(browser->name, sizeof(browser->name), target);
		err = report->ops->target(report, target);
		target = step(overview, target, browser->step >= 0);
	}
	return err;
}

static int browse(struct damon_report *report)
{
	struct damon_browser browser = { .report = report, .help = "? - help" };
	int err = damon_browser__init();

	report->out.browser = &browser;
	if (!err && report->groups.by) {
		scnprintf(browser.name, sizeof(browser.name), "%u target%s",
			  report->overview.nr_targets, damon_plural(report->overview.nr_targets));
		err = report->ops->all(report);
	} else if (!err) {
		err = browse_targets(report, &browser);
	}
	report->out.browser = NULL;
	return err;
}

static int end_report(struct damon_report *report, int err)
{
	const struct damon_report_ops *ops = report->ops;

	if (!err && ops->end)
		err = ops->end(report);
	if (!err && report->session.once)
		print_rest_of_head(report);
	if (!err)
		err = report->plot ? ops->plot(report) :
		      report->browses ? browse(report) : print_targets(report);
	exit_targets(report);
	if (!err)
		damon_output__close(&report->out, '}');
	return err;
}

/* A progress bar would appear between the rows, also if a pager prints them. */
static void stop_progress(const struct damon_report *report)
{
	if (report->ops->streams && (isatty(STDOUT_FILENO) || pager_in_use()))
		stdio_progress__stop();
}

static int print_report(struct damon_report *report)
{
	int err = start_report(report);

	report->session.maps = report->ops->maps;
	stop_progress(report);
	if (!err && report->ops->snapshot)
		err = damon_overview__read_again(&report->overview);
	return end_report(report, err);
}

/* The output is buffered, so an error is that of an earlier row: there is no use in more. */
static int report_snapshot(void *data, struct damon_target *target,
			   const struct damon_snapshot *snapshot)
{
	struct damon_report *report = data;
	int err = report->started ? 0 : start_report(report);

	err = err ?: report->ops->snapshot(report, target, snapshot);
	if (report->session.once)
		fflush(stdout);
	return err ?: ferror(stdout) ? -EIO : 0;
}

/* Print as the record comes, which is read only once. Times may be parts of all of it. */
static void try_to_stream(struct damon_report *report)
{
	if (!report->ops->streams || damon_selection__has_times(&report->query.selection) ||
	    !damon_session__is_pipe(&report->session))
		return;
	report->session.once = true;
	stop_progress(report);
}

/* There is no message for a closed pipe. An error that a later flush does not repeat is EIO. */
static int finish_output(int err)
{
	int failed = fflush(stdout) ? -errno : ferror(stdout) ? -EIO : 0;

	if (failed && failed != -EPIPE)
		pr_err("cannot write the report: %s\n", strerror(-failed));
	return failed ?: err;
}

/**
 * damon_report__run - read the perf.data and report
 * @report: the report, with its session
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_report__run(struct damon_report *report)
{
	int err = 0;

	report->query.series = report->ops->series;
	report->query.timed = report->by_time || report->plot;
	report->query.uncut = report->ops->uncut;
	report->query.each = report_snapshot;
	damon_groups__init(&report->groups);
	report->query.data = report;
	try_to_stream(report);
	if (report->ops->maps || !report->ops->uncut)
		err = damon_session__read_mappings(&report->session);
	err = err ?: damon_overview__run(&report->overview, &report->session, &report->query);
	if (!report->session.once)
		err = err ?: print_report(report);
	else if (report->started)
		err = end_report(report, err);
	err = finish_output(err);
	damon_zoom__exit(&report->zoom);
	damon_groups__exit(&report->groups);
	damon_overview__exit(&report->overview);
	return err;
}

/* Reports by their options; the first is the default. */
enum report {
	SUMMARY, RAW, HEATS, GUIDE, POINTS, WSS, NR_REGIONS, REGIONS, MAPPINGS, SCHEMES,
	WHAT_IF, NR_REPORTS
};

static const struct damon_report_ops * const reports[NR_REPORTS] = {
	[SUMMARY]	= &damon_summary_ops,
	[RAW]		= &damon_raw_ops,
	[HEATS]		= &damon_heats_ops,
	[GUIDE]		= &damon_guide_ops,
	[POINTS]	= &damon_points_ops,
	[WSS]		= &damon_wss_ops,
	[NR_REGIONS]	= &damon_nr_regions_ops,
	[REGIONS]	= &damon_regions_ops,
	[MAPPINGS]	= &damon_mappings_ops,
	[SCHEMES]	= &damon_schemes_ops,
	[WHAT_IF]	= &damon_what_if_ops,
};

static const char * const report_usage[] = {
	"perf damon report [<options>] [--heats | --wss | --mappings | --regions | ...]",
	NULL
};

/* What the command line asks for */
static struct {
	struct damon_report	report;
	bool			chosen[NR_REPORTS];
	const char		*input;
	const char		*order;
	const char		*symfs;
	bool			force;
	bool			header;
	bool			header_only;
	bool			full_header;
	bool			json;
	bool			use_stdio;
	bool			use_tui;
} args;

/**
 * struct value_type - how the value of an option is parsed
 * @parse: parses it; returns 0 or an error; NULL: the value is a &struct damon_quantity
 * @number: of this kind
 * @other: or of this one
 * @what: what it should have been, behind "is"
 */
struct value_type {
	int		(*parse)(const char *str, void *value);
	enum damon_kind	number;
	enum damon_kind	other;
	const char	*what;
};

static int parse_value(const struct option *opt, const char *str, int unset __maybe_unused)
{
	const struct value_type *type = opt->data;
	int err = type->parse ? type->parse(str, opt->value) :
		  damon_quantity__parse(opt->value, str, type->number, type->other);

	if (err)
		pr_err("--%s: '%s' %s%s\n", opt->long_name, str, err == -EDOM ? "" : "is ",
		       err == -EDOM ? "does not end behind its begin" : type->what);
	return err ? -1 : 0;
}

/* The value of an option that is not given is zero: is_given() needs its size. */
#define OPT_TYPE(_name, _value, _argh, _help, ...)					\
	OPT_TYPE_LETTER(0, _name, _value, _argh, _help, __VA_ARGS__)
#define OPT_TYPE_LETTER(_letter, _name, _value, _argh, _help, ...)			\
	{ .type = OPTION_CALLBACK, .short_name = _letter, .long_name = _name,		\
	  .value = (_value), .argh = _argh, .help = _help, .callback = parse_value,	\
	  .flags = PARSE_OPT_NONEG, .defval = sizeof(*(_value)),			\
	  .data = &(struct value_type){ __VA_ARGS__ } }
#define OPT_VALUE(_name, _value, _argh, _help, _parse, _what)				\
	OPT_TYPE(_name, _value, _argh, _help, .parse = _parse, .what = _what)
#define OPT_QUANTITY(_name, _value, _argh, _help, _number, _other, _what)		\
	OPT_TYPE(_name, _value, _argh, _help, .number = _number, .other = _other, .what = _what)

#define A_TIME		"not a time: give a number with ns, us, ms, s, min or h, or up to 100%"
#define AN_ADDRESS	"not an address: give one such as 0x7f0012340000, 4096 or 1.5GiB"

static int parse_addrs(const char *str, void *value)
{
	struct damon_selection *selection = value;

	return damon_quantity__parse_range(&selection->addr_min, &selection->addr_max, str,
					   DAMON_ADDRESS, DAMON_ADDRESS);
}

/**
 * damon_percents__parse - parse START,STOP,STEP of percentiles
 * @str: the text
 * @value: a &struct damon_percents that is set to it
 *
 * Return: 0, or -EINVAL if @str is something else or selects no percentile.
 */
int damon_percents__parse(const char *str, void *value)
{
	struct damon_percents *percents = value;
	u64 *number[] = { &percents->start, &percents->stop, &percents->step };
	char *copy = strdup(str), *rest = copy;
	bool bad = !copy;
	size_t i;

	for (i = 0; !bad && i < ARRAY_SIZE(number); i++)
		bad = !rest || damon_number__parse(DAMON_COUNT, strsep(&rest, ","), number[i]);
	free(copy);
	bad = bad || rest || percents->start >= percents->stop || percents->stop > 101;
	/* A step of more than 101 would be useless, and adding it could overflow. */
	return bad || !percents->step || percents->step > 101 ? -EINVAL : 0;
}

static int parse_what_if(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_scheme *scheme = opt->value;

	damon_scheme__exit(scheme);
	args.chosen[WHAT_IF] = true;
	return damon_scheme__parse(scheme, str) ? -1 : 0;
}

static int parse_palette(const char *str, void *value)
{
	const struct damon_palette **palette = value;

	*palette = damon_palette__find(str);
	return *palette ? 0 : -EINVAL;
}

/* As perf's own option, which takes anything else for auto. */
static int parse_color(const struct option *opt, const char *mode, int unset)
{
	if (unset || !strcmp(mode, "always") || !strcmp(mode, "never") || !strcmp(mode, "auto"))
		return stdio__config_color(opt, mode, unset);
	pr_err("--stdio-color: '%s' is neither always, never nor auto\n", mode);
	return -1;
}

static int parse_order(const char *str, void *value)
{
	const char **order = value;

	*order = str;
	return strcmp(str, "size") && strcmp(str, "time") ? -EINVAL : 0;
}

static int parse_work_time(const char *str, void *value)
{
	u64 *ns = value;
	int err = damon_number__parse(DAMON_TIME, str, ns);

	return err ?: *ns ? 0 : -EINVAL;
}

static int parse_widths(const char *str, void *value)
{
	const char **widths = value, *pos;
	char *end = NULL;

	*widths = str;
	for (pos = str; isdigit(*pos) && strtoul(pos, &end, 10) <= MAX_WIDTH; pos = end + 1) {
		if (!*end)
			return 0;
		if (*end != ',')
			break;
	}
	return -EINVAL;
}

static int parse_percent_limit(const char *str, void *value)
{
	double *limit = value;
	char *end;

	*limit = strtod(str, &end);
	if (end == str || end[*end == '%'] || !(*limit >= 0 && *limit <= 100))
		return -EINVAL;
	return 0;
}

static int parse_directory(const char *str, void *value)
{
	const char **directory = value;
	struct stat st;

	*directory = str;
	return !stat(str, &st) && S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* perf report's letter for something that another command does here. */
static int dump_raw_trace(const struct option *opt __maybe_unused, const char *str __maybe_unused,
			  int unset __maybe_unused)
{
	pr_err("-D: 'perf script -D' prints the records as they are in the file\n");
	return -1;
}

static const struct option report_options[] = {
	OPT_STRING('i', "input", &args.input, "file",
		   "input file name, -: standard input (default: a pipe there, or perf.data)"),
	OPT_BOOLEAN_FLAG(0, "raw", &args.chosen[RAW], "print every region of every snapshot",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "heats", &args.chosen[HEATS], "print a heat map of the hottest area",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "wss", &args.chosen[WSS],
			 "print the distribution of the working set", PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "nr-regions", &args.chosen[NR_REGIONS],
			 "print the distribution of the number of regions", PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "mappings", &args.chosen[MAPPINGS],
			 "print whose memory is hot: heap, stack, files, symbols",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "regions", &args.chosen[REGIONS],
			 "print the regions of the last snapshot, or that nearest to --tmax",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "schemes", &args.chosen[SCHEMES],
			 "print what schemes did, when, and to whose memory",
			 PARSE_OPT_EXCLUSIVE),
	{ .type = OPTION_CALLBACK, .long_name = "what-if", .value = &args.report.what_if,
	  .argh = "scheme", .callback = parse_what_if, .flags = PARSE_OPT_NONEG,
	  .defval = sizeof(args.report.what_if),
	  .help = "print what a scheme would have done, such as pageout,age>=7s" },
	OPT_BOOLEAN(0, "guide", &args.chosen[GUIDE], "print which areas and times there are"),
	OPT_BOOLEAN(0, "points", &args.chosen[POINTS],
		    "print the points of the heat map: time, address, frequency"),
	OPT_STRING(0, "plot", &args.report.plot, "file",
		   "draw with gnuplot instead: .png, .svg, .pdf or .jpeg"),

	OPT_VALUE("time", &args.report.query.selection, "start-end|start,end",
		  "only this time, such as 1.5s-3s, or 12.6,13.1 of perf script",
		  damon_selection__parse_times,
		  "not a range of times such as 1.5s-3s, or 12.6,13.1 of perf script"),
	OPT_QUANTITY("tmin", &args.report.query.selection.time_min, "time", "only since then",
		     DAMON_TIME, DAMON_RATIO, A_TIME),
	OPT_QUANTITY("tmax", &args.report.query.selection.time_max, "time", "only until then",
		     DAMON_TIME, DAMON_RATIO, A_TIME),
	OPT_VALUE("addr", &args.report.query.selection, "start-end", "only these addresses",
		  parse_addrs,
		  "not a range of addresses such as 0x7f0012340000-0x7f0012380000"),
	OPT_QUANTITY("amin", &args.report.query.selection.addr_min, "address",
		     "only from there on", DAMON_ADDRESS, DAMON_ADDRESS, AN_ADDRESS),
	OPT_QUANTITY("amax", &args.report.query.selection.addr_max, "address", "only below there",
		     DAMON_ADDRESS, DAMON_ADDRESS, AN_ADDRESS),
	OPT_VALUE("pid", &args.report.query.selection.pids, "pid", "only these processes",
		  damon_selection__parse_list, "not a list of processes such as 17,42"),
	OPT_VALUE("target", &args.report.query.selection.targets, "n", "only these targets",
		  damon_selection__parse_list, "not a list of targets such as 0,1"),

	OPT_BOOLEAN(0, "all-areas", &args.report.all_areas, "heat maps of all areas"),
	OPT_QUANTITY("tres", &args.report.time_resolution, "n|time",
		     "columns of the heat map, or time of each", DAMON_COUNT, DAMON_TIME,
		     "neither a number of columns nor a time such as 100ms"),
	OPT_QUANTITY("ares", &args.report.addr_resolution, "n|size",
		     "rows of the heat map, or bytes of each", DAMON_COUNT, DAMON_SIZE,
		     "neither a number of rows nor a size such as 2MiB"),
	OPT_VALUE("palette", &args.report.palette, "name",
		  "colors of the heat map: heat (default), gray, viridis or paper", parse_palette,
		  DAMON_NO_PALETTE),

	OPT_VALUE("range", &args.report.percents, "start,stop,step",
		  "which percentiles, such as 0,101,25", damon_percents__parse,
		  "not START,STOP,STEP of percentiles such as 0,101,25"),
	OPT_VALUE("sortby", &args.order, "size|time",
		  "percentiles by size (default), or by time", parse_order,
		  "neither size nor time"),
	OPT_QUANTITY("threshold", &args.report.query.threshold, "n|percent",
		     "accesses that make memory part of the working set (default: 1)",
		     DAMON_COUNT, DAMON_RATIO,
		     "neither a number of accesses, 1 or more, nor up to 100% of the samples"),
	OPT_VALUE("work-time", &args.report.query.work_ns, "time",
		  "time for which a working set is counted (default: each snapshot)",
		  parse_work_time, "not a time such as 1s"),

	OPT_STRING('F', "fields", &args.report.fields, "[+]key[,key...]",
		   "columns to print, +: more of them"),
	OPT_STRING('s', "sort", &args.report.sort, "[+]key[,key...]",
		   "columns to sort by, +: more of them"),
	OPT_TYPE_LETTER('w', "column-widths", &args.report.out.widths, "width[,width...]",
			"widths of columns, 0: as wide as what is in it", .parse = parse_widths,
			.what = "not a list of widths such as 0,20"),
	OPT_VALUE("percent-limit", &args.report.percent_limit, "percent",
		  "only mappings with so many percent of the accesses", parse_percent_limit,
		  "not a percentage such as 0.5"),
	OPT_VALUE("symfs", &args.symfs, "directory", "look for files with symbols below there",
		  parse_directory, "no directory"),
	OPT_BOOLEAN(0, "tui", &args.use_tui, "browse --mappings or --regions on the terminal"),
	OPT_BOOLEAN(0, "stdio", &args.use_stdio, "print to the standard output (default)"),
	OPT_CALLBACK_DEFAULT(0, "stdio-color", NULL, "mode",
			     "colors: always (default), never or auto", parse_color,
			     "always"),
	OPT_BOOLEAN(0, "header", &args.header, "print the header of the file, too"),
	OPT_BOOLEAN(0, "header-only", &args.header_only, "print only the header of the file"),
	OPT_BOOLEAN('I', "show-info", &args.full_header,
		    "print the header with the CPUs and the topology"),
	OPT_STRING('x', "field-separator", &args.report.out.separator, "separator",
		   "print fields with this between them, and exact numbers"),
	/* perf report's letter */
	OPT_STRING('t', NULL, &args.report.out.separator, "separator", "the same as -x"),
	OPT_BOOLEAN('j', "json", &args.json, "print JSON, and exact numbers"),
	OPT_BOOLEAN(0, "raw-numbers", &args.report.out.raw_numbers, "print exact numbers"),
	OPT_CALLBACK_NOOPT('D', NULL, NULL, NULL, "see perf script -D", dump_raw_trace),
	OPT_BOOLEAN('f', "force", &args.force, "read the file whoever owns it"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(damon_report_habits)
};

/* A letter if there is one: a long name also lists all options that start with it. */
static int show_usage(const char *option)
{
	parse_options_usage(report_usage, report_options, option, strlen(option) == 1);
	return EXIT_USAGE;
}

#define refuse(option, ...)	({ pr_err(__VA_ARGS__); show_usage(option); })

/* --guide and --points may be combined with --heats. */
static enum report choose_report(void)
{
	enum report i;

	if (args.chosen[GUIDE] || args.chosen[POINTS])
		args.chosen[HEATS] = false;
	for (i = NR_REPORTS - 1; i > SUMMARY; i--) {
		if (args.chosen[i])
			break;
	}
	return i;
}

static bool is_given(const struct option *opt)
{
	if (opt->type == OPTION_BOOLEAN)
		return *(bool *)opt->value;
	if (opt->type == OPTION_STRING)
		return *(const char **)opt->value;
	if (!opt->value)
		return false;
	return memchr_inv(opt->value, 0, opt->defval);
}

static int check_combination(enum report which)
{
	enum report other;

	for (other = RAW; other < NR_REPORTS; other++) {
		if (args.chosen[other] && other != which)
			return refuse(reports[which]->name, "--%s cannot be used with --%s\n",
				      reports[other]->name, reports[which]->name);
	}
	return 0;
}

/* Those of the special options that matter for pictures, too. */
static const char * const drawn_options[] = {
	"all-areas", "tres", "ares", "palette", "threshold", "work-time", NULL
};

static bool has_option(const char * const *options, const char *name)
{
	while (options && *options && strcmp(*options, name))
		options++;
	return options && *options;
}

/* Either it is not for this report, or not for how it is printed. */
static int refuse_special(const struct damon_report_ops *usual, const char *name,
			  const char *option)
{
	const char *with = args.report.plot ? " with --plot" : args.json ? " with -j" : " with -x";
	const char *but = ", but for";
	enum report i;

	pr_err("--%s is not for %s%s", name, usual->name ? "--" : "the summary", usual->name ?: "");
	if (has_option(usual->options, name))
		return refuse(option, "%s\n", with);
	for (i = RAW; i < NR_REPORTS; i++) {
		if (!has_option(reports[i]->options, name))
			continue;
		pr_err("%s --%s", but, reports[i]->name);
		but = " and";
	}
	return refuse(option, "\n");
}

/* Refuse options that would have no effect: a report accepts those that no report names. */
static int check_special_options(const struct damon_report_ops *usual)
{
	const struct option *opt;
	size_t i;

	for (opt = report_options; opt->type != OPTION_END; opt++) {
		const char *name = opt->long_name, letter[] = { opt->short_name, '\0' };

		if (!name || !is_given(opt) ||
		    (has_option(args.report.ops->options, name) &&
		     (!args.report.plot || has_option(drawn_options, name))))
			continue;
		for (i = 0; i < NR_REPORTS; i++) {
			if (has_option(reports[i]->options, name))
				return refuse_special(usual, name, *letter ? letter : name);
		}
	}
	return 0;
}

static int check_keys(const char *option, const char *letter, const char *keys)
{
	const struct damon_report_ops *ops = args.report.ops;

	if (!keys || !damon_columns__check_keys(ops->columns, ops->nr_columns, option, keys))
		return 0;
	return show_usage(letter);
}

/* As in perf report: the names among the keys of -s, and then those of -F, too, make a row. */
static void choose_groups(void)
{
	const struct damon_report_ops *ops = args.report.ops;
	const char *sort = args.report.sort, *fields = args.report.fields;
	unsigned int *by = &args.report.groups.by;

	/* Without the usual columns, which may have names. */
	if (!sort || !(damon_columns__by(ops->columns, ops->nr_columns, NULL,
					 sort + (*sort == '+')) & DAMON_KEY_NAMES))
		return;
	*by = damon_columns__by(ops->columns, ops->nr_columns, ops->sort, sort);
	if (fields)
		*by |= damon_columns__by(ops->columns, ops->nr_columns, NULL,
					 fields + (*fields == '+')) & DAMON_KEY_NAMES;
}

static int check_selection(void)
{
	const struct damon_selection *selection = &args.report.query.selection;

	if (selection->addr_min.value >= selection->addr_max.value)
		return refuse("amax", "--amax is not above --amin\n");
	if (selection->perf_times && (selection->time_min.given || selection->time_max.given))
		return refuse("time", "--time: '%s' has both ends: leave out --tmin and --tmax\n",
			      selection->perf_times);
	if (selection->time_min.given && selection->time_min.given == selection->time_max.given &&
	    selection->time_min.value >= selection->time_max.value)
		return refuse("tmax", "--tmax is not after --tmin\n");
	return 0;
}

static int check_browser(void)
{
	if (!args.use_tui || damon_browser__is_built())
		return 0;
	pr_err("--tui: this perf was built without the library of its browser, libslang2\n");
	return EXIT_USAGE;
}

static int choose_format(void)
{
	struct damon_output *out = &args.report.out;

	if (args.json && (args.header || args.header_only || args.full_header))
		return refuse("header", "--header is text, not JSON: leave out -j\n");
	if (out->separator && args.json)
		return refuse("j", "-j and -x are two formats: choose one\n");
	if (out->separator && !*out->separator)
		return refuse("x", "-x: the separator is empty\n");
	if (out->separator && strlen(out->separator) > DAMON_MAX_SEPARATOR)
		return refuse("x", "-x: the separator is longer than %d characters\n",
			      DAMON_MAX_SEPARATOR);
	if ((out->separator || args.json) && args.report.plot)
		return refuse("plot", "--plot draws: there is nothing to print with -x or -j\n");
	if (args.use_tui && (out->separator || args.json))
		return refuse("tui", "--tui browses: there is nothing to print with -x or -j\n");
	if (args.report.plot && damon_plot__check_path(args.report.plot))
		return show_usage("plot");
	if (args.report.plot && !args.report.ops->plot)
		return refuse("plot", "--plot: there is no picture of --%s\n",
			      args.report.ops->name);
	if (!args.json && !out->separator)
		return 0;
	out->format = args.json ? DAMON_JSON : DAMON_FIELDS;
	out->raw_numbers = true;
	args.report.ops = args.report.ops->for_programs ?: args.report.ops;
	/* A tab is hard to type. */
	if (out->separator && !strcmp(out->separator, "\\t"))
		out->separator = "\t";
	return 0;
}

/* Check for a terminal, and its size, before the pager replaces stdout. */
static void setup_output(void)
{
	const char *no_color = getenv("NO_COLOR");
	int chosen = perf_use_color_default;

	perf_config(perf_color_default_config, NULL);
	if (chosen >= 0)
		perf_use_color_default = chosen;
	else if (no_color && *no_color)
		perf_use_color_default = 0;
	else if (perf_use_color_default < 0)
		perf_use_color_default = isatty(STDOUT_FILENO);
	get_term_dimensions(&args.report.terminal);
	setup_pager();
	/* A report on a long record is some 100 MB long. */
	setvbuf(stdout, NULL, _IOFBF, 64 << 10);
}

/* Like perf report: print if there is no terminal, or if the keys would come from the record. */
static bool can_browse(const char *path)
{
	return !args.use_stdio && strcmp(path, "-") && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO);
}

/* Like perf report: read a pipe on stdin, if there is one. Returns NULL after printing an error. */
static const char *choose_input(void)
{
	struct stat st;

	if (args.input)
		return args.input;
	if (!fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode))
		return "-";
	if (!access("perf.data", F_OK) || errno != ENOENT)
		return "perf.data";
	pr_err("no perf.data here: 'perf damon record' makes one, -i names another\n");
	return NULL;
}

/* In one line, what to type instead. */
static int refuse_word(const char *word)
{
	enum report i;

	for (i = RAW; i < NR_REPORTS && strcmp(reports[i]->name, word); i++)
		;
	if (i < NR_REPORTS)
		pr_err("what is '%s'? A report is chosen by --%s\n", word, word);
	else if (*word == '-')
		pr_err("what is '%s'? 'perf damon help report' lists the options\n", word);
	else
		pr_err("what is '%s'? A file to read is given with -i\n", word);
	return EXIT_USAGE;
}

static int parse_report_options(int argc, const char **argv)
{
	enum report which;
	int ret;

	damon_selection__init(&args.report.query.selection);
	argc = parse_options(argc, argv, report_options, report_usage, PARSE_OPT_KEEP_UNKNOWN);
	if (argc)
		return refuse_word(argv[0]);
	which = choose_report();
	args.report.ops = reports[which];
	ret = check_combination(which);
	ret = ret ?: check_browser();
	ret = ret ?: choose_format();
	ret = ret ?: check_special_options(reports[which]);
	ret = ret ?: check_keys("fields", "F", args.report.fields);
	ret = ret ?: check_keys("sort", "s", args.report.sort);
	ret = ret ?: check_selection();
	if (!ret && !args.report.palette && damon_config__read_palette(&args.report.palette))
		ret = EXIT_USAGE;
	if (!ret)
		choose_groups();
	args.report.by_time = args.order && !strcmp(args.order, "time");
	if (!ret && args.symfs && symbol__config_symfs(NULL, args.symfs, 0))
		ret = damon_out_of_memory();
	return ret;
}

static int run(void)
{
	struct damon_session *session = &args.report.session;

	if (args.full_header)
		session->header = SHOW_FEAT_HEADER_FULL_INFO;
	else if (args.header || args.header_only)
		session->header = SHOW_FEAT_HEADER;
	if (!args.header_only)
		return damon_report__run(&args.report);
	return finish_output(damon_session__print_header(session));
}

/**
 * damon_report__main - run perf damon report
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status. Errors are printed.
 */
int damon_report__main(int argc, const char **argv)
{
	int ret = parse_report_options(argc, argv);
	const char *path = ret ? NULL : choose_input();

	if (!ret && !path)
		ret = -ENOENT;
	if (!ret) {
		damon_session__init(&args.report.session, path, args.force);
		stdio_progress__init();
		args.report.browses = args.use_tui && can_browse(path);
		if (!args.report.plot && !args.report.browses)
			setup_output();
		ret = run();
		damon_session__exit(&args.report.session);
	}
	damon_selection__exit(&args.report.query.selection);
	damon_scheme__exit(&args.report.what_if);
	return ret;
}
