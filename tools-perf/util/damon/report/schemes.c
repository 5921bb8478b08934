// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --schemes: what each scheme did, when, and to whose memory. Events tell on
 * which memory it was tried; statistics, which were noted about once a second, where it worked and
 * whether its quota was enough. These are of all targets of the kdamond.
 */
#include "../array.h"
#include "../errors.h"
#include "../model/mappings.h"
#include "report.h"
#include "timeline.h"
#include "util/strbuf.h"

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

enum sum { TRIED, APPLIED, EXCEEDED, NR_SUMS };

static const struct damon_column columns[DAMON_TIMELINE_SUMS + NR_SUMS + 2] = {
	[DAMON_TIMELINE_TIME] = { "time", DAMON_TIME, 10, "time_ns" },
	[DAMON_TIMELINE_SUMS + TRIED] = { "tried on", DAMON_SIZE, 10, "tried_bytes" },
	[DAMON_TIMELINE_SUMS + APPLIED] = { "applied to", DAMON_SIZE, 10, "applied_bytes" },
	[DAMON_TIMELINE_SUMS + EXCEEDED] = { "over quota", DAMON_COUNT, 10, "qt_exceeds" },
	[DAMON_TIMELINE_SUMS + NR_SUMS] = { "scheme", DAMON_COUNT, 6, "scheme" },
	[DAMON_TIMELINE_SUMS + NR_SUMS + 1] = { "mapping", DAMON_TEXT, 24, "mapping" },
};

/* Columns that do not tell of mappings. */
#define OF_ALL	(1U << (DAMON_TIMELINE_SUMS + APPLIED) | 1U << (DAMON_TIMELINE_SUMS + EXCEEDED))

/* What was done to the memory of a target: a timeline for each scheme. */
struct done {
	struct damon_timeline	*timeline;
	size_t			nr;
	size_t			capacity;
};

static struct damon_timeline *find_timeline(struct damon_report *report,
					    struct damon_target *target, u32 scheme)
{
	struct done *done = target->priv;

	while (done->nr <= scheme) {
		struct damon_timeline *timeline;

		if (done->nr == done->capacity &&
		    damon_array__grow(&done->timeline, &done->capacity)) {
			damon_out_of_memory();
			return NULL;
		}
		timeline = &done->timeline[done->nr];
		*timeline = (struct damon_timeline){
			.columns = columns, .nr_sums = NR_SUMS, .numbered = true,
			.number = done->nr, .sort = "tried_bytes,mapping",
		};
		if (damon_timeline__init(timeline, report, target))
			return NULL;
		done->nr++;
	}
	return &done->timeline[scheme];
}

/* The layout of now, for all schemes of the target. */
static int update_layout(struct damon_report *report, struct damon_target *target, u64 time)
{
	struct done *done = target->priv;
	const struct damon_layout *layout;
	size_t i;

	layout = damon_session__layout(&report->session, target->pid, time);
	for (i = 0; i < done->nr; i++)
		done->timeline[i].layout = layout;
	return layout ? 0 : -ENOMEM;
}

/* Schemes are applied behind a snapshot, so also behind the last one. */
static bool is_selected(const struct damon_report *report, u64 time)
{
	const struct damon_selection *selection = &report->query.selection;

	return !damon_selection__has_times(selection) ||
	       damon_selection__has_time(selection, time, time);
}

/* Called for each event of a scheme. */
static int add_applied(void *data, const struct damon_event *event)
{
	struct damon_report *report = data;
	struct damon_target *target = damon_overview__find(&report->overview, event);
	struct damon_timeline *timeline;

	if (!target || !is_selected(report, event->time) || event->scheme >= DAMON_MAX_SCHEMES)
		return 0;
	timeline = find_timeline(report, target, event->scheme);
	if (!timeline || update_layout(report, target, event->time))
		return -ENOMEM;
	return damon_timeline__add(timeline, event->time, TRIED, &event->region, 1);
}

/* The statistic of the same scheme before @stat, or NULL. */
static const struct damon_stat *find_previous(const struct damon_stats *stats,
					      const struct damon_stat *stat)
{
	const struct damon_stat *previous = stat;

	while (previous-- > stats->stat) {
		if (previous->kdamond == stat->kdamond && previous->scheme == stat->scheme)
			return previous;
	}
	return NULL;
}

/* A statistic is of all time since the one before. */
static int add_stat(struct damon_report *report, struct damon_target *target,
		    const struct damon_stat *stat)
{
	const struct damon_stat *previous = find_previous(&report->session.source.stats, stat);
	const struct damos_stats none = {}, *since = previous ? &previous->stats : &none;
	struct damon_timeline *timeline = find_timeline(report, target, stat->scheme);

	if (!timeline)
		return -ENOMEM;
	/* The monitor was turned on again. */
	if (stat->stats.nr_tried < since->nr_tried)
		since = &none;
	return damon_timeline__add_number(timeline, stat->time, APPLIED,
				       stat->stats.sz_applied - since->sz_applied) ?:
	       damon_timeline__add_number(timeline, stat->time, EXCEEDED,
					  stat->stats.qt_exceeds - since->qt_exceeds);
}

static const struct damon_settings *settings_of(const struct damon_report *report,
						const struct damon_target *target)
{
	return damon_history__find(&report->session.source.history, target->kdamond,
				   target->last_time);
}

static int begin(struct damon_report *report, struct damon_target *target)
{
	const struct damon_stats *stats = &report->session.source.stats;
	const struct damon_settings *settings = settings_of(report, target);
	size_t i;
	int err = 0;

	target->priv = zalloc(sizeof(struct done));
	if (!target->priv)
		return damon_out_of_memory();
	report->session.applied = add_applied;
	report->session.applied_data = report;
	if (settings && settings->nr_schemes &&
	    !find_timeline(report, target, min(settings->nr_schemes, DAMON_MAX_SCHEMES) - 1))
		return -ENOMEM;
	for (i = 0; !err && i < stats->nr; i++) {
		const struct damon_stat *stat = &stats->stat[i];

		if (stat->kdamond == target->kdamond && is_selected(report, stat->time) &&
		    stat->scheme < DAMON_MAX_SCHEMES)
			err = add_stat(report, target, stat);
	}
	return err;
}

static void exit_target(struct damon_target *target)
{
	struct done *done = target->priv;

	while (done->nr)
		damon_timeline__exit(&done->timeline[--done->nr]);
	free(done->timeline);
}

/* Events come before their snapshot: also if there are none, the layout has the owners' names. */
static int add_snapshot(struct damon_report *report, struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	return update_layout(report, target, snapshot->since);
}

static void print_name(struct damon_report *report, struct damon_target *target, size_t i)
{
	const struct damon_settings *settings = settings_of(report, target);
	struct strbuf text = STRBUF_INIT;
	struct damon_output *out = &report->out;

	damon_output__number(out, "scheme", i);
	if (!settings || i >= settings->nr_schemes) {
		damon_output__note(out, "scheme %zu: unknown\n", i);
	} else if (!damon_scheme__print(&settings->scheme[i], &text)) {
		damon_output__text(out, "spec", text.buf);
		damon_output__note(out, "scheme %zu: %s\n", i, text.buf);
	}
	strbuf_release(&text);
}

/* The last statistics tell of all time since the monitor was turned on. */
static void print_stats(struct damon_report *report, const struct damon_target *target, size_t i)
{
	const struct damon_stats *stats = &report->session.source.stats;
	const struct damon_stat *stat = stats->stat + stats->nr;
	struct damon_output *out = &report->out;

	while (stat-- > stats->stat) {
		if (stat->kdamond == target->kdamond && stat->scheme == i)
			break;
	}
	if (!stats->nr || stat < stats->stat)
		return;
	damon_output__number(out, "nr_tried", stat->stats.nr_tried);
	damon_output__number(out, "sz_tried", stat->stats.sz_tried);
	damon_output__number(out, "nr_applied", stat->stats.nr_applied);
	damon_output__number(out, "sz_applied", stat->stats.sz_applied);
	damon_output__number(out, "qt_exceeds", stat->stats.qt_exceeds);
	damon_output__note(out, "tried on %s in %llu regions, applied to %s; %s %llu windows\n",
			   damon_output__str(out, DAMON_SIZE, stat->stats.sz_tried),
			   (unsigned long long)stat->stats.nr_tried,
			   damon_output__str(out, DAMON_SIZE, stat->stats.sz_applied),
			   "over quota in", (unsigned long long)stat->stats.qt_exceeds);
}

/* Stock DAMON has regions where nothing is mapped. */
static void print_unmapped(struct damon_report *report, const struct damon_timeline *timeline)
{
	struct damon_output *out = &report->out;

	damon_output__number(out, "unmapped_bytes", timeline->unmapped);
	if (timeline->unmapped)
		damon_output__note(out, "of this, %s were where nothing is mapped\n",
				   damon_output__str(out, DAMON_SIZE, timeline->unmapped));
}

static int print_target(struct damon_report *report, struct damon_target *target)
{
	const struct done *done = target->priv;
	size_t i;
	int err = 0;

	if (!done->nr)
		damon_output__note(&report->out, "no scheme: record with --scheme\n");
	damon_output__open(&report->out, "schemes", '[');
	for (i = 0; !err && i < done->nr; i++) {
		damon_output__open(&report->out, NULL, '{');
		print_name(report, target, i);
		print_stats(report, target, i);
		print_unmapped(report, &done->timeline[i]);
		err = damon_timeline__print(&done->timeline[i], report, OF_ALL);
		damon_output__close(&report->out, '}');
	}
	damon_output__close(&report->out, ']');
	return err;
}

static void head(struct damon_report *report)
{
	damon_output__note(&report->out,
			   "# tried on: what met the pattern, within the quota; applied to: where the action worked\n");
	if (!report->session.source.has_applied)
		damon_output__note(&report->out,
				   "# tried on: on which memory is not in the record, as there is no %s\n",
				   DAMOS_EVENT);
}

const struct damon_report_ops damon_schemes_ops = {
	.name		= "schemes",
	.options	= (const char * const []) { "tres", "raw-numbers", NULL },
	.maps		= true,
	.uncut		= true,
	.begin		= begin,
	.head		= head,
	.snapshot	= add_snapshot,
	.target		= print_target,
	.exit		= exit_target,
};
