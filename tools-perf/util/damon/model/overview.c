// SPDX-License-Identifier: GPL-2.0
/*
 * An overview of a perf.data: a first pass finds the targets, their areas, times and intervals.
 * Reports such as heat maps need these bounds for a second pass, which gets the selected snapshots.
 * What matches nothing in the record is an error, instead of an empty table.
 */
#include "overview.h"
#include "../errors.h"
#include "../name.h"
#include "session.h"
#include "tree.h"
#include "util/debug.h"
#include "util/intlist.h"
#include "util/machine.h"
#include "util/session.h"
#include "util/thread.h"
#include "util/time-utils.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Maximum number of intervals that are used to guess the aggregation interval. */
#define MAX_SPACINGS	4096

#define MILLION		1000000ULL
#define BILLION		1000000000ULL

#define ALL_LOST	"events of each were lost; " DAMON_LOSS_REMEDY

/* So many snapshots in a row that are so many times too late are not only late. */
#define VERY_LATE	5
#define MANY_LATE	4

static size_t hash_target(long key, void *ctx __maybe_unused)
{
	const struct damon_target *target = (const void *)key;

	return (target->target_id * 31 + target->kdamond) * 31 + target->pid;
}

static bool same_target(long a, long b, void *ctx __maybe_unused)
{
	const struct damon_target *x = (const void *)a, *y = (const void *)b;

	return x->target_id == y->target_id && x->kdamond == y->kdamond && x->pid == y->pid;
}

/* If a kdamond gets another process as its target, that is another target for reports. */
static struct damon_target *find_target(struct damon_overview *overview,
					const struct damon_snapshot *snapshot)
{
	const struct damon_target key = {
		.kdamond = snapshot->kdamond, .target_id = snapshot->target_id,
		.pid = snapshot->pid,
	};
	struct damon_target *target;

	return hashmap__find(&overview->by_id, &key, &target) ? target : NULL;
}

/**
 * damon_overview__find - find the target of an event
 * @overview: the overview
 * @event: the event
 *
 * Return: the target, or NULL: it is not selected, or has no snapshot.
 */
struct damon_target *damon_overview__find(struct damon_overview *overview,
					  const struct damon_event *event)
{
	const struct damon_history *history = &overview->session->source.history;
	const struct damon_snapshot key = {
		.kdamond = event->kdamond, .target_id = event->target_id,
		.pid = damon_history__find_pid(history, event->kdamond, event->time,
					       event->target_id),
	};
	struct damon_target *target = find_target(overview, &key);

	return target && !list_empty(&target->list) ? target : NULL;
}

static struct damon_target *findnew_target(struct damon_overview *overview,
					   const struct damon_snapshot *snapshot)
{
	struct damon_target *target = find_target(overview, snapshot);

	if (target)
		return target;
	target = zalloc(sizeof(*target));
	if (target) {
		INIT_LIST_HEAD(&target->list);
		target->kdamond = snapshot->kdamond;
		target->target_id = snapshot->target_id;
		target->pid = snapshot->pid;
		if (snapshot->settings && damon_settings__is_physical(snapshot->settings))
			target->comm = strdup("physical memory");
		target->series.timed = overview->query->timed;
		target->gaps.timed = true;
	}
	if (!target || hashmap__add(&overview->by_id, target, target)) {
		free(target);
		damon_out_of_memory();
		return NULL;
	}
	return target;
}

static void choose_target(struct damon_overview *overview, struct damon_target *target)
{
	if (!list_empty(&target->list))
		return;
	list_add_tail(&target->list, &overview->targets);
	overview->nr_targets++;
}

static u64 begin_of(u64 time, u64 aggr_ns)
{
	return time - min(time, aggr_ns);
}

static u32 threshold_of(const struct damon_overview *overview, u32 samples)
{
	const struct damon_quantity *threshold = &overview->query->threshold;

	if (threshold->given == DAMON_GIVEN_PERCENT)
		return DIV_ROUND_UP(threshold->value * samples, MILLION);
	return threshold->given ? min_t(u64, UINT_MAX, threshold->value) : 1;
}

/* The interval and the number of samples of a snapshot: zero as long as they are not guessed. */
static void set_intervals(const struct damon_overview *overview, struct damon_snapshot *snapshot)
{
	const struct damon_settings *settings = snapshot->settings;

	snapshot->aggr_ns = settings ? settings->aggr_ns : overview->aggr_ns;
	snapshot->samples = settings ? damon_settings__samples(settings) : overview->max_accesses;
}

static bool has_gap(const struct damon_overview *overview, const struct damon_target *target,
		    const struct damon_snapshot *snapshot)
{
	return snapshot->nr_gaps != target->previous_gaps ||
	       damon_history__was_enabled(&overview->session->source.history,
					  target->previous_time, snapshot->time);
}

/*
 * Start of the time over which a snapshot counted accesses. A kdamond is often late, but never
 * early, so that is all time since the previous snapshot; but if events in between are missing and
 * the time is long enough for another snapshot, only the last interval.
 */
static u64 since_of(const struct damon_overview *overview, const struct damon_target *target,
		    const struct damon_snapshot *snapshot)
{
	u64 aggr_ns = snapshot->aggr_ns, time = snapshot->time;
	bool lost;

	if (!target->previous_time)
		return begin_of(time, aggr_ns);
	/* Nearly two intervals are enough: a guessed interval may be a little too long. */
	lost = aggr_ns && has_gap(overview, target, snapshot) &&
	       (time - target->previous_time) / 2 >= aggr_ns - aggr_ns / 8;
	return lost ? time - aggr_ns : target->previous_time;
}

static void set_previous(struct damon_target *target, const struct damon_snapshot *snapshot)
{
	target->previous_time = snapshot->time;
	target->previous_gaps = snapshot->nr_gaps;
}

/**
 * damon_overview__clip - clip the next snapshot of a target to the selection and to mappings
 * @overview: the overview
 * @target: the target; its previous snapshot is this one afterwards
 * @snapshot: the snapshot; what is not known from its events alone is set
 * @clipped: set to the clipped snapshot, valid until the next call, or to NULL
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_overview__clip(const struct damon_overview *overview, struct damon_target *target,
			 struct damon_snapshot *snapshot, const struct damon_snapshot **clipped)
{
	int err;

	set_intervals(overview, snapshot);
	snapshot->since = since_of(overview, target, snapshot);
	/* Settings are noted after a change. There are never more accesses than samples. */
	snapshot->samples = max(snapshot->samples, snapshot->max_accesses);
	snapshot->threshold = threshold_of(overview, snapshot->samples);
	set_previous(target, snapshot);
	err = damon_selection__clip(&overview->query->selection, snapshot, clipped);
	if (!err && *clipped && !overview->query->uncut)
		err = damon_mappings__cut(&overview->session->mappings, target->pid, *clipped,
					  clipped);
	return err ? damon_out_of_memory() : 0;
}

/*
 * If the record has no settings, guess the interval and the number of samples from the whole
 * record, even if only a part is selected. Then the frequencies of all parts are comparable.
 */
static int guess_intervals(struct damon_overview *overview, const struct damon_target *target,
			   const struct damon_snapshot *snapshot)
{
	u64 previous = target->previous_time;

	overview->max_accesses = max(overview->max_accesses, snapshot->max_accesses);
	if (!previous || overview->spacing.nr >= MAX_SPACINGS ||
	    !damon_distribution__add(&overview->spacing, 0, snapshot->time - previous))
		return 0;
	return damon_out_of_memory();
}

/*
 * Find out whether the settings have changed before that was noted, or without a note. Kernels may
 * take one sample more than fits into an interval. Snapshots are never early, but often late if the
 * machine is busy: that tells of a longer interval only if nobody has noted changes.
 */
static void find_changes(struct damon_overview *overview, struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	bool noted = damon_history__has_notes(&overview->session->source.history);
	u64 distance = snapshot->time - target->previous_time;

	if (snapshot->max_accesses > snapshot->samples + 1)
		overview->changed = true;
	if (!target->previous_time || has_gap(overview, target, snapshot))
		return;
	target->nr_late = distance / VERY_LATE > snapshot->aggr_ns ? target->nr_late + 1 : 0;
	if (distance < snapshot->aggr_ns / 2 || (!noted && target->nr_late == MANY_LATE))
		overview->changed = true;
}

/* Add to the series, and note the time between two of its numbers that neither of them covers. */
static int add_number(struct damon_overview *overview, struct damon_target *target,
		      const struct damon_snapshot *snapshot)
{
	struct damon_distribution *series = &target->series;
	u64 work_ns = overview->query->work_ns, since;
	size_t nr = series->nr;
	int err = 0;

	if (overview->query->series == DAMON_SERIES_WORKING_SET)
		err = damon_working_set__add(&target->working_set, series, snapshot, work_ns);
	else if (overview->query->series == DAMON_SERIES_REGIONS)
		err = damon_distribution__add(series, snapshot->time,
					      100 * snapshot->nr_monitored);
	since = work_ns ? target->working_set.since : snapshot->since;
	if (err || !series->timed || !nr || series->nr == nr || since <= series->time[nr - 1])
		return err;
	return damon_distribution__add(&target->gaps, series->time[nr - 1], since);
}

static u64 distance(u64 a, u64 b)
{
	return max(a, b) - min(a, b);
}

static void note_snapshot(struct damon_overview *overview, struct damon_target *target,
			  const struct damon_snapshot *snapshot)
{
	unsigned long nr_regions = snapshot->nr_monitored;
	u64 end = overview->query->selection.end;

	if (!target->nr_snapshots++) {
		target->start = snapshot->since;
		target->first_time = snapshot->time;
		target->nearest_time = snapshot->time;
		target->min_regions = nr_regions;
	}
	/* It may be before or after --tmax, which may be a rounded time. */
	if (distance(snapshot->time, end) < distance(target->nearest_time, end))
		target->nearest_time = snapshot->time;
	target->last_time = snapshot->time;
	target->last_event = snapshot->last_event;
	if (!target->min_aggr_ns || snapshot->aggr_ns < target->min_aggr_ns)
		target->min_aggr_ns = snapshot->aggr_ns;
	target->max_aggr_ns = max(target->max_aggr_ns, snapshot->aggr_ns);
	target->min_regions = min(target->min_regions, nr_regions);
	target->max_regions = max(target->max_regions, nr_regions);
	target->max_bytes = max(target->max_bytes, damon_snapshot__bytes(snapshot, 0));
	if (!overview->least_samples || snapshot->samples < overview->least_samples)
		overview->least_samples = snapshot->samples;
	overview->most_samples = max(overview->most_samples, snapshot->samples);
}

static void name_target(struct damon_target *target, const struct damon_overview *overview)
{
	struct machine *host = &overview->session->perf->machines.host;
	struct thread *thread;
	char comm[64];

	if (target->comm || !target->pid)
		return;
	thread = machine__find_thread(host, target->pid, target->pid);
	if (thread && thread__comm_set(thread)) {
		/* At most 16 characters in the kernel, but a file may contain any name. */
		scnprintf(comm, sizeof(comm), "%s", thread__comm_str(thread));
		target->comm = damon_name__printable(comm);
	}
	thread__put(thread);
}

static int add_snapshot(struct damon_overview *overview, struct damon_target *target,
			struct damon_snapshot *snapshot)
{
	const struct damon_snapshot *clipped;
	int err;

	if (overview->session->source.has_settings)
		find_changes(overview, target, snapshot);
	err = damon_overview__clip(overview, target, snapshot, &clipped);
	if (err || !clipped)
		return err;
	choose_target(overview, target);
	if (add_number(overview, target, clipped) || damon_areas__add(&target->areas, clipped, 0))
		return damon_out_of_memory();
	note_snapshot(overview, target, clipped);
	if (!overview->session->once)
		return 0;
	/* What the whole record would tell, such as an interval to guess, is not known yet. */
	overview->zero = overview->first_time;
	name_target(target, overview);
	return overview->query->each(overview->query->data, target, clipped);
}

static void add_incomplete(struct damon_overview *overview, struct damon_target *target,
			   const struct damon_snapshot *snapshot)
{
	u64 since = since_of(overview, target, snapshot);

	if (!damon_selection__has_time(&overview->query->selection, since, snapshot->time))
		return;
	choose_target(overview, target);
	target->nr_incomplete++;
}

static void use_settings(struct damon_overview *overview, const struct damon_settings *settings)
{
	overview->aggr_ns = settings->aggr_ns;
	overview->max_accesses = damon_settings__samples(settings);
}

/* The settings are known before the first snapshot, while a guess needs all snapshots. */
static void note_record(struct damon_overview *overview, struct damon_snapshot *snapshot)
{
	const struct damon_source *source = &overview->session->source;

	if (!overview->aggr_ns && source->has_settings)
		use_settings(overview, &source->settings);
	set_intervals(overview, snapshot);
	if (!snapshot->whole)
		return;
	overview->first_time = min(overview->first_time,
				   begin_of(snapshot->time, snapshot->aggr_ns));
	overview->last_time = max(overview->last_time, snapshot->time);
}

static int overview_snapshot(void *data, struct damon_snapshot *snapshot)
{
	struct damon_overview *overview = data;
	bool guess, chosen = damon_selection__has_target(&overview->query->selection,
							 snapshot->target_id, snapshot->pid);
	struct damon_target *target;
	int err = 0;

	note_record(overview, snapshot);
	guess = !overview->aggr_ns && snapshot->whole;
	if (!guess && !chosen)
		return 0;
	target = findnew_target(overview, snapshot);
	if (!target)
		return -ENOMEM;
	if (guess)
		err = guess_intervals(overview, target, snapshot);
	if (!chosen)
		set_previous(target, snapshot);
	else if (!snapshot->whole)
		add_incomplete(overview, target, snapshot);
	else if (!err)
		err = add_snapshot(overview, target, snapshot);
	return err;
}

/* One pass. Perf knows the names of processes until the end. */
static int read_record(struct damon_overview *overview)
{
	int err = damon_session__read(overview->session, overview_snapshot, overview);
	struct perf_session *perf = overview->session->perf;
	struct damon_target *target;

	damon_overview__for_each_target(overview, target) {
		name_target(target, overview);
		if (!err)
			err = damon_tree__add(&overview->tree, target, &perf->machines.host);
		target->mapped = !overview->query->uncut &&
				 damon_mappings__know(&overview->session->mappings, target->pid);
		if (!err && damon_areas__join(&target->areas, target->mapped))
			err = damon_out_of_memory();
	}
	if (!err)
		err = damon_tree__join(overview->tree, &perf->machines.host);
	damon_session__close(overview->session);
	return err;
}

static int pass_on(void *data, struct damon_snapshot *snapshot)
{
	struct damon_overview *overview = data;
	struct damon_target *target = find_target(overview, snapshot);
	const struct damon_snapshot *clipped;
	int err;

	/* Not selected, or the file has changed since the first pass. */
	if (!snapshot->whole || !target || list_empty(&target->list))
		return 0;
	err = damon_overview__clip(overview, target, snapshot, &clipped);
	if (err || !clipped)
		return err;
	return overview->query->each(overview->query->data, target, clipped);
}

/**
 * damon_overview__read_again - pass all selected snapshots on to @each of the query
 * @overview: the overview, complete
 *
 * Return: 0, a non-zero result of @each, or a negative error number after printing an error.
 */
int damon_overview__read_again(struct damon_overview *overview)
{
	struct damon_target *target;
	int err;

	damon_overview__for_each_target(overview, target)
		target->previous_time = 0;
	err = damon_session__read(overview->session, pass_on, overview);
	damon_session__close(overview->session);
	return err;
}

static void set_all_intervals(struct damon_overview *overview)
{
	const struct damon_source *source = &overview->session->source;

	overview->guessed = !source->has_settings;
	if (source->has_settings) {
		use_settings(overview, &source->settings);
	} else {
		/* A single snapshot does not show the interval: assume DAMON's default. */
		overview->aggr_ns = damon_distribution__percentile(&overview->spacing, 50) ?:
				  100 * NSEC_PER_MSEC;
		overview->max_accesses = max(overview->max_accesses, 1U);
	}
	overview->threshold = threshold_of(overview, overview->max_accesses);
}

static void set_bounds(struct damon_overview *overview)
{
	/* Still unknown at the first snapshots: subtract it now, unless they have been printed. */
	u64 guess = overview->guessed && !overview->session->once ? overview->aggr_ns : 0;
	struct damon_target *target;

	overview->zero = begin_of(overview->first_time, guess);
	overview->start = -1ULL;
	overview->end = 0;
	damon_overview__for_each_target(overview, target) {
		if (!target->nr_snapshots)
			continue;
		target->start = begin_of(target->start, guess);
		overview->start = min(overview->start, target->start);
		overview->end = max(overview->end, target->last_time);
	}
}

static void free_target(struct damon_target *target)
{
	damon_distribution__exit(&target->series);
	damon_distribution__exit(&target->gaps);
	damon_areas__exit(&target->working_set.accessed);
	damon_areas__exit(&target->areas);
	free(target->comm);
	free(target);
}

/**
 * damon_overview__exit - free everything
 * @overview: the overview
 */
void damon_overview__exit(struct damon_overview *overview)
{
	struct hashmap *targets = &overview->by_id;
	struct hashmap_entry *entry;
	size_t bucket;

	hashmap__for_each_entry(targets, entry, bucket)
		free_target(entry->pvalue);
	hashmap__clear(targets);
	INIT_LIST_HEAD(&overview->targets);
	overview->nr_targets = 0;
	damon_distribution__exit(&overview->spacing);
	damon_tree__exit(&overview->tree);
}

static void init(struct damon_overview *overview, struct damon_session *session,
		 struct damon_query *query)
{
	*overview = (struct damon_overview){
		.session = session, .query = query, .first_time = -1ULL,
	};
	INIT_LIST_HEAD(&overview->targets);
	hashmap__init(&overview->by_id, hash_target, same_target, NULL);
}

/*
 * Times are relative to the whole record, so they need a pass over it first. So do percentages of
 * samples, work times and gaps, if the interval and the number of samples have to be guessed from
 * the record.
 */
static bool needs_whole_record(const struct damon_overview *overview)
{
	const struct damon_query *query = overview->query;

	if (damon_selection__has_times(&query->selection))
		return true;
	return overview->guessed &&
	       (query->threshold.given == DAMON_GIVEN_PERCENT || query->work_ns ||
		(query->timed && overview->session->assembler.nr_gaps));
}

static int read_selected(struct damon_overview *overview)
{
	struct perf_time_interval samples = { overview->zero, overview->last_time };
	struct damon_selection *selection = &overview->query->selection;
	const struct damon_source *source = &overview->session->source;
	int err;

	/* As other commands of perf do, if the file tells of its samples. */
	if (source->first_sample && source->first_sample < source->last_sample)
		samples = (struct perf_time_interval){ source->first_sample, source->last_sample };
	err = damon_selection__set_times(selection, overview->zero, overview->last_time, &samples);
	if (err)
		return err;
	damon_overview__exit(overview);
	err = read_record(overview);
	/* perf's are limits of events. Others apply even if the snapshots do not reach them. */
	if (selection->perf_times)
		return err;
	if (selection->time_min.given)
		overview->start = selection->start;
	if (selection->time_max.given)
		overview->end = selection->end;
	return err;
}

static bool has_snapshot(const struct damon_overview *overview)
{
	const struct damon_target *target;

	if (overview->start >= overview->end)
		return false;
	damon_overview__for_each_target(overview, target) {
		if (target->nr_snapshots)
			return true;
	}
	return false;
}

/*
 * Warn of processes or targets without snapshots: they are mistyped or were not recorded. Not if
 * both --pid and --target are given: one option may exclude what the other one selects.
 */
static void warn_of_choices(const struct damon_overview *overview)
{
	struct intlist *pids = overview->query->selection.pids;
	struct intlist *targets = overview->query->selection.targets;
	const struct damon_target *target;
	struct int_node *node;

	if (!pids == !targets)
		return;
	intlist__for_each_entry(node, pids ?: targets) {
		bool found = false;

		damon_overview__for_each_target(overview, target) {
			unsigned long number = target->target_id;

			if (pids)
				number = target->pid;
			found |= target->nr_snapshots && number == node->i;
		}
		if (!found)
			pr_warning("--%s: no snapshot of %lu\n", pids ? "pid" : "target", node->i);
	}
}

/* Only the settings contain process IDs, if processes were monitored. */
static int say_why_empty(const struct damon_overview *overview)
{
	const struct damon_source *source = &overview->session->source;
	const struct damon_selection *selection = &overview->query->selection;
	const char *path = overview->session->path;

	if (source->is_partial)
		pr_err("no whole snapshot in %s: it has a part of the events only; record without -c and -F\n",
		       path);
	else if (selection->pids && source->has_settings &&
		 damon_settings__is_physical(&source->settings))
		pr_err("--pid: %s is of physical memory, which belongs to no process\n", path);
	else if (selection->pids && !source->settings.nr_pids)
		pr_err("--pid: %s does not tell of processes: --target chooses by number, 'perf damon report' lists them\n",
		       path);
	else if (selection->pids || selection->targets)
		pr_err("no snapshot of this --pid or --target in %s: 'perf damon report' lists what it has\n",
		       path);
	else if (overview->nr_targets)
		pr_err("no whole snapshot in %s: " ALL_LOST "\n", path);
	else
		pr_err("no snapshot in %s: it was recorded for less than an aggregation interval, or DAMON has found no memory\n",
		       path);
	return -ENODATA;
}

static int say_why_part_is_empty(const struct damon_overview *overview)
{
	if (overview->nr_targets)
		pr_err("no whole snapshot at these times in %s: " ALL_LOST "\n",
		       overview->session->path);
	else
		pr_err("no snapshot at these times in %s: 'perf damon report --raw' lists when they are\n",
		       overview->session->path);
	return -ENODATA;
}

/* Only clipping to the selected addresses can leave a target without regions. */
static int check_memory(const struct damon_overview *overview)
{
	const struct damon_target *target;
	bool has_times;

	damon_overview__for_each_target(overview, target) {
		if (target->max_bytes)
			return 0;
	}
	has_times = damon_selection__has_times(&overview->query->selection);
	pr_err("nothing was monitored at these addresses%s: --guide%s lists those that were\n",
	       has_times ? " in this time" : "", has_times ? " with the same times" : "");
	return -ENODATA;
}

/* A threshold above the number of samples is an error, but the number may be a guess. */
static int check_threshold(const struct damon_overview *overview)
{
	const struct damon_quantity *threshold = &overview->query->threshold;
	unsigned long long value = threshold->value;

	if (threshold->given != DAMON_GIVEN_NUMBER || value <= overview->most_samples)
		return 0;
	if (overview->guessed) {
		pr_warning("--threshold: %llu is more than the %u samples of a snapshot, which is a guess\n",
			   value, overview->most_samples);
		return 0;
	}
	pr_err("--threshold: %llu is more than the %u samples of a snapshot\n", value,
	       overview->most_samples);
	return -EINVAL;
}

/* A working set is only counted for a complete work time. */
static int check_work_time(const struct damon_overview *overview)
{
	const struct damon_query *query = overview->query;

	if (!query->work_ns || query->series != DAMON_SERIES_WORKING_SET ||
	    damon_overview__nr_counted(overview))
		return 0;
	pr_err("no --work-time is over in what is looked at: choose a shorter one%s\n",
	       damon_selection__has_times(&query->selection) ? ", or more of the record" : "");
	return -ENODATA;
}

/**
 * damon_overview__run - overview a perf.data
 * @overview: the overview
 * @session: reads the perf.data
 * @query: parameters of the overview
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_overview__run(struct damon_overview *overview, struct damon_session *session,
			struct damon_query *query)
{
	int err;

	init(overview, session, query);
	err = read_record(overview);
	if (!err && !session->once && damon_session__find_missing(session)) {
		damon_overview__exit(overview);
		init(overview, session, query);
		err = read_record(overview);
	}
	if (err)
		return err;
	set_all_intervals(overview);
	set_bounds(overview);
	if (!has_snapshot(overview))
		return say_why_empty(overview);
	warn_of_choices(overview);
	if (needs_whole_record(overview)) {
		err = read_selected(overview);
		if (err)
			return err;
		if (!has_snapshot(overview))
			return say_why_part_is_empty(overview);
	}
	err = check_memory(overview);
	err = err ?: check_threshold(overview);
	return err ?: check_work_time(overview);
}

/**
 * damon_overview__nr_counted - count the targets that are included in a total
 * @overview: the overview
 *
 * Return: their number.
 */
unsigned int damon_overview__nr_counted(const struct damon_overview *overview)
{
	struct damon_target *target;
	unsigned int nr = 0;

	damon_overview__for_each_target(overview, target)
		nr += damon_target__is_counted(target);
	return nr;
}

/**
 * damon_overview__share_of_time - get the share of time in which a target was monitored
 * @overview: the overview
 * @target: the target
 *
 * Return: billionths of the selected time.
 */
u64 damon_overview__share_of_time(const struct damon_overview *overview,
				  const struct damon_target *target)
{
	u64 start = max(target->start, overview->start);
	u64 end = min(target->last_time, overview->end);

	/* Times may be out of order in a malicious file. */
	if (start >= end)
		return 0;
	return (double)(end - start) / (overview->end - overview->start) * BILLION + 0.5;
}

/* The average of a target, weighted by its share of time, in bytes and billionths of them. */
static u64 weigh(const struct damon_overview *overview, const struct damon_target *target,
		 u64 *billionths)
{
	u64 average = damon_distribution__average(&target->series);
	u64 share = damon_overview__share_of_time(overview, target);

	/* average * share may overflow. */
	*billionths += average % BILLION * share % BILLION;
	return average / BILLION * share + average % BILLION * share / BILLION;
}

/**
 * damon_overview__average - get what a target adds to damon_overview__total_average()
 * @overview: the overview
 * @target: the target, which is counted
 *
 * Return: its average, weighted by the share of the selected time in which it was monitored.
 */
u64 damon_overview__average(const struct damon_overview *overview,
			    const struct damon_target *target)
{
	u64 rest = BILLION / 2, average = weigh(overview, target, &rest);

	return average + rest / BILLION;
}

/**
 * damon_overview__total_average - get the average sum over all targets
 * @overview: the overview
 *
 * Percentiles of several targets cannot be added up, but averages can. They are weighted by the
 * share of time in which each target was monitored: targets may have run one after the other.
 *
 * Return: the average over the selected time.
 */
u64 damon_overview__total_average(const struct damon_overview *overview)
{
	struct damon_target *target;
	u64 sum = 0, rest = BILLION / 2;

	damon_overview__for_each_target(overview, target) {
		if (damon_target__is_counted(target))
			sum += weigh(overview, target, &rest);
	}
	return sum + rest / BILLION;
}
