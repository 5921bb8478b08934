// SPDX-License-Identifier: GPL-2.0
/*
 * The first pass over a perf.data. It finds the targets, their areas, the times
 * and the intervals. Reports such as heat maps need these bounds for a second
 * pass.
 */
#include "survey.h"
#include "errors.h"
#include "output.h"
#include "session.h"
#include "util/machine.h"
#include "util/session.h"
#include "util/thread.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Maximum number of intervals that are used to guess the aggregation interval. */
#define MAX_SPACINGS	4096

#define BILLION		1000000000ULL

/* So many snapshots in a row that are so many times too late are not only late. */
#define VERY_LATE	5
#define MANY_LATE	4

static size_t hash_target(long key, void *ctx __maybe_unused)
{
	const struct damon_target *target = (const void *)key;

	return target->target_id * 31 + target->kdamond;
}

static bool same_target(long a, long b, void *ctx __maybe_unused)
{
	const struct damon_target *x = (const void *)a, *y = (const void *)b;

	return x->target_id == y->target_id && x->kdamond == y->kdamond;
}

static struct damon_target *find_target(struct damon_survey *survey, pid_t kdamond,
					unsigned long target_id)
{
	const struct damon_target key = { .kdamond = kdamond, .target_id = target_id };
	struct damon_target *target;

	return hashmap__find(&survey->by_id, &key, &target) ? target : NULL;
}

/**
 * damon_survey__find - find a selected target
 * @survey: the survey
 * @kdamond: the kdamond that has monitored it
 * @target_id: index of the target in that kdamond
 *
 * Return: the target or NULL.
 */
struct damon_target *damon_survey__find(struct damon_survey *survey, pid_t kdamond,
					unsigned long target_id)
{
	struct damon_target *target = find_target(survey, kdamond, target_id);

	return target && !list_empty(&target->list) ? target : NULL;
}

/* The settings that held at this time, NULL: unknown. */
static const struct damon_settings *settings_of(const struct damon_survey *survey, pid_t kdamond,
						u64 time)
{
	if (!survey->session)
		return NULL;
	return damon_history__find(&survey->session->source.history, kdamond, time);
}

static u64 begin_of(u64 time, u64 aggr_ns)
{
	return time - min(time, aggr_ns);
}

static u32 samples_of(const struct damon_settings *settings)
{
	return min_t(u64, UINT_MAX, settings->aggr_ns / settings->sample_ns);
}

/* target_id is the index of the process. */
static pid_t find_pid(const struct damon_settings *settings, unsigned long target_id)
{
	return settings && target_id < settings->nr_pids ? settings->pids[target_id] : 0;
}

static struct damon_target *findnew_target(struct damon_survey *survey,
					   const struct damon_snapshot *snapshot)
{
	struct damon_target *target = find_target(survey, snapshot->kdamond, snapshot->target_id);

	if (target)
		return target;
	target = zalloc(sizeof(*target));
	if (target) {
		INIT_LIST_HEAD(&target->list);
		target->kdamond = snapshot->kdamond;
		target->target_id = snapshot->target_id;
		target->pid = find_pid(settings_of(survey, target->kdamond, snapshot->time),
				       target->target_id);
		target->series.timed = survey->query->timed;
		target->gaps.timed = true;
	}
	if (!target || hashmap__add(&survey->by_id, target, target)) {
		free(target);
		damon_out_of_memory();
		return NULL;
	}
	return target;
}

static void choose_target(struct damon_survey *survey, struct damon_target *target)
{
	if (!list_empty(&target->list))
		return;
	list_add_tail(&target->list, &survey->targets);
	survey->nr_targets++;
}

/*
 * If the record has no settings, guess the interval and the number of samples
 * from the whole record, even if only a part is selected. Then the frequencies of
 * all parts are comparable.
 */
static int survey_guess(struct damon_survey *survey, const struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	u64 previous = target->previous.time;
	int err = 0;
	size_t i;

	if (previous && survey->spacing.nr < MAX_SPACINGS)
		err = damon_distribution__add(&survey->spacing, snapshot->time,
					      snapshot->time - previous);
	for (i = 0; i < snapshot->nr_regions; i++)
		survey->max_accesses = max(survey->max_accesses,
					   snapshot->regions[i].nr_accesses);
	return err ? damon_out_of_memory() : 0;
}

/* Notes the time between the last two numbers of a series that neither of them covers. */
static int survey_gap(const struct damon_survey *survey, struct damon_target *target,
		      const struct damon_snapshot *snapshot)
{
	const struct damon_distribution *series = &target->series;
	u64 since = survey->query->work_ns ? target->working_set.since : snapshot->since;

	if (!series->timed || series->nr < 2 || since <= series->time[series->nr - 2])
		return 0;
	return damon_distribution__add(&target->gaps, series->time[series->nr - 2], since);
}

static int add_number(struct damon_survey *survey, struct damon_target *target,
		      const struct damon_snapshot *snapshot)
{
	switch (survey->query->series) {
	case DAMON_SERIES_WORKING_SET:
		return damon_working_set__add(&target->working_set, &target->series, snapshot,
					      survey->query->work_ns);
	case DAMON_SERIES_REGIONS:
		return damon_distribution__add(&target->series, snapshot->time,
					       100 * snapshot->nr_monitored);
	case DAMON_SERIES_NONE:
	default:
		return 0;
	}
}

static int survey_series(struct damon_survey *survey, struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	size_t nr = target->series.nr;
	int err = add_number(survey, target, snapshot);

	if (err || target->series.nr == nr)
		return err;
	return survey_gap(survey, target, snapshot);
}

static u64 distance(u64 a, u64 b)
{
	return max(a, b) - min(a, b);
}

/* The nearest snapshot may be before or after --tmax, which may be a rounded time. */
static void survey_times(struct damon_survey *survey, struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	u64 end = survey->query->selection.end, time = snapshot->time;

	if (!target->nr_snapshots)
		target->start = snapshot->since;
	if (!target->nr_snapshots || distance(time, end) < distance(target->nearest_time, end))
		target->nearest_time = time;
	target->last_time = time;
}

static void survey_regions(struct damon_target *target, const struct damon_snapshot *snapshot)
{
	unsigned long nr = snapshot->nr_monitored;

	if (!target->nr_snapshots || nr < target->min_regions)
		target->min_regions = nr;
	target->max_regions = max(target->max_regions, nr);
	target->max_bytes = max(target->max_bytes, damon_snapshot__bytes(snapshot));
}

static bool is_chosen(const struct damon_survey *survey, const struct damon_snapshot *snapshot)
{
	const struct damon_settings *settings = settings_of(survey, snapshot->kdamond,
							    snapshot->time);

	return damon_selection__has_target(&survey->query->selection, snapshot->target_id,
					   find_pid(settings, snapshot->target_id));
}

/* The interval and the number of samples of a snapshot: zero as long as they are not guessed. */
static void set_intervals(const struct damon_survey *survey, struct damon_snapshot *snapshot)
{
	const struct damon_settings *settings = settings_of(survey, snapshot->kdamond,
							    snapshot->time);

	snapshot->aggr_ns = settings ? settings->aggr_ns : survey->aggr_ns;
	snapshot->samples = settings ? samples_of(settings) : survey->max_accesses;
}

/**
 * damon_survey__rewind - prepare for another pass from the first snapshot on
 * @survey: the survey
 */
void damon_survey__rewind(struct damon_survey *survey)
{
	struct damon_target *target;

	damon_survey__for_each_target(survey, target)
		target->previous = (struct damon_moment){};
}

static u32 percent_of(u64 millionths, u32 samples)
{
	return DIV_ROUND_UP(millionths * samples, 1000000);
}

/**
 * damon_survey__clip - clip the next snapshot of a target to the selected times and addresses, and
 *			to mappings
 * @survey: the survey
 * @target: the target; @previous is updated in any case
 * @snapshot: the snapshot
 * @clipped: set to the clipped snapshot with its @since, valid until the next call, or to NULL
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_survey__clip(const struct damon_survey *survey, struct damon_target *target,
		       const struct damon_snapshot *snapshot,
		       const struct damon_snapshot **clipped)
{
	struct damon_snapshot copy = *snapshot;
	int err;

	set_intervals(survey, &copy);
	copy.since = damon_survey__since(&target->previous, &copy);
	/* Settings are noted after a change. There are never more accesses than samples. */
	copy.samples = max(copy.samples, damon_snapshot__max_accesses(snapshot));
	copy.threshold = survey->threshold;
	if (survey->query->threshold.given == DAMON_GIVEN_PERCENT)
		copy.threshold = percent_of(survey->query->threshold.value, copy.samples);
	target->previous = damon_moment(snapshot);
	err = damon_selection__clip(&survey->query->selection, &copy, clipped);
	if (!err && *clipped && !survey->query->uncut)
		err = damon_mappings__cut(&survey->session->mappings, target->pid, *clipped,
					  clipped);
	return err ? damon_out_of_memory() : 0;
}

static void survey_threshold(struct damon_survey *survey)
{
	const struct damon_quantity *threshold = &survey->query->threshold;

	survey->threshold = 1;
	if (threshold->given == DAMON_GIVEN_NUMBER)
		survey->threshold = min_t(u64, UINT_MAX, threshold->value);
	else if (threshold->given == DAMON_GIVEN_PERCENT)
		survey->threshold = percent_of(threshold->value, survey->max_accesses);
}

static void survey_settings(struct damon_survey *survey)
{
	const struct damon_settings *settings = &survey->session->source.settings;

	survey->aggr_ns = settings->aggr_ns;
	survey->max_accesses = samples_of(settings);
	survey_threshold(survey);
}

/*
 * Find out whether the settings have changed before that was noted, or without a note. Kernels may
 * take one sample more than fits into an interval. Snapshots are never early, but often late if the
 * machine is busy.
 */
static void survey_changes(struct damon_survey *survey, struct damon_target *target,
			   const struct damon_snapshot *snapshot)
{
	const struct damon_moment *previous = &target->previous;
	u64 distance = snapshot->time - previous->time;

	if (damon_snapshot__max_accesses(snapshot) > snapshot->samples + 1)
		survey->changed = true;
	if (!previous->time || previous->nr_gaps != snapshot->nr_gaps)
		return;
	target->nr_late = distance / VERY_LATE > snapshot->aggr_ns ? target->nr_late + 1 : 0;
	if (distance < snapshot->aggr_ns / 2 || target->nr_late == MANY_LATE)
		survey->changed = true;
}

static void note_intervals(struct damon_survey *survey, struct damon_target *target,
			   const struct damon_snapshot *snapshot)
{
	survey->most_samples = max(survey->most_samples, snapshot->samples);
	if (!target->min_aggr_ns || snapshot->aggr_ns < target->min_aggr_ns)
		target->min_aggr_ns = snapshot->aggr_ns;
	target->max_aggr_ns = max(target->max_aggr_ns, snapshot->aggr_ns);
}

static void name_target(struct damon_target *target, const struct damon_survey *survey)
{
	const struct damon_settings *settings = settings_of(survey, target->kdamond,
							    target->last_time);
	struct machine *host = &survey->session->perf->machines.host;
	struct thread *thread;
	char comm[64];

	if (target->comm)
		return;
	if (settings && damon_settings__is_physical(settings))
		target->comm = strdup("physical memory");
	if (!target->pid)
		return;
	thread = machine__find_thread(host, target->pid, target->pid);
	if (thread && thread__comm_set(thread)) {
		/* At most 16 characters in the kernel, but a file may contain any name. */
		scnprintf(comm, sizeof(comm), "%s", thread__comm_str(thread));
		target->comm = damon_output__printable(comm);
	}
	thread__put(thread);
}

/* What the whole record would tell, such as a name or an interval to guess, is not known yet. */
static int pass_on(struct damon_survey *survey, struct damon_target *target,
		   const struct damon_snapshot *snapshot)
{
	survey->zero = survey->first_time;
	name_target(target, survey);
	return survey->query->each(survey->query->data, target, snapshot);
}

static int survey_part(struct damon_survey *survey, struct damon_target *target,
		       const struct damon_snapshot *snapshot)
{
	struct damon_snapshot copy = *snapshot;
	int err;

	set_intervals(survey, &copy);
	if (survey->session->source.has_settings)
		survey_changes(survey, target, &copy);
	err = damon_survey__clip(survey, target, snapshot, &snapshot);
	if (err || !snapshot)
		return err;
	choose_target(survey, target);
	survey_times(survey, target, snapshot);
	note_intervals(survey, target, snapshot);
	err = survey_series(survey, target, snapshot);
	if (!err)
		err = damon_areas__add(&target->areas, snapshot);
	if (err)
		return damon_out_of_memory();
	survey_regions(target, snapshot);
	target->nr_snapshots++;
	return survey->query->each ? pass_on(survey, target, snapshot) : 0;
}

static int survey_whole(struct damon_survey *survey, const struct damon_snapshot *snapshot)
{
	struct damon_snapshot copy = *snapshot;
	bool chosen = is_chosen(survey, snapshot);
	struct damon_target *target;
	int err = 0;

	/* The settings are known before the first snapshot, while a guess needs all snapshots. */
	if (!survey->aggr_ns && survey->session->source.has_settings)
		survey_settings(survey);
	set_intervals(survey, &copy);
	survey->first_time = min(survey->first_time, begin_of(snapshot->time, copy.aggr_ns));
	survey->last_time = max(survey->last_time, snapshot->time);
	if (survey->aggr_ns && !chosen)
		return 0;
	target = findnew_target(survey, snapshot);
	if (!target)
		return -ENOMEM;
	if (!survey->aggr_ns)
		err = survey_guess(survey, target, snapshot);
	if (err || chosen)
		return err ?: survey_part(survey, target, snapshot);
	target->previous = damon_moment(snapshot);
	return 0;
}

static int survey_incomplete(struct damon_survey *survey, const struct damon_snapshot *snapshot)
{
	struct damon_snapshot copy = *snapshot;
	struct damon_target *target;
	u64 since;

	if (!is_chosen(survey, snapshot))
		return 0;
	target = findnew_target(survey, snapshot);
	if (!target)
		return -ENOMEM;
	set_intervals(survey, &copy);
	since = damon_survey__since(&target->previous, &copy);
	if (!damon_selection__has_time(&survey->query->selection, since, snapshot->time))
		return 0;
	choose_target(survey, target);
	target->nr_incomplete++;
	return 0;
}

static int survey_snapshot(void *data, const struct damon_snapshot *snapshot)
{
	return snapshot->whole ? survey_whole(data, snapshot) : survey_incomplete(data, snapshot);
}

/* One pass. Perf knows the names of processes until the end. */
static int read_record(struct damon_survey *survey)
{
	int err = damon_session__read(survey->session, survey_snapshot, survey);
	struct damon_target *target;

	damon_survey__for_each_target(survey, target) {
		name_target(target, survey);
		target->mapped = !survey->query->uncut &&
				 damon_mappings__know(&survey->session->mappings, target->pid);
		if (!err && damon_areas__join(&target->areas, target->mapped))
			err = damon_out_of_memory();
	}
	damon_session__close(survey->session);
	return err;
}

static void survey_intervals(struct damon_survey *survey)
{
	const struct damon_source *source = &survey->session->source;

	survey->guessed = !source->has_settings;
	if (!survey->guessed) {
		survey_settings(survey);
		return;
	}
	/* A single snapshot does not show the interval: assume DAMON's default. */
	survey->aggr_ns = damon_distribution__percentile(&survey->spacing, 50) ?:
			  100 * NSEC_PER_MSEC;
	survey->max_accesses = max(survey->max_accesses, 1U);
	survey_threshold(survey);
}

static void survey_bounds(struct damon_survey *survey)
{
	/* Still unknown at the first snapshots: subtract it now, unless they have been printed. */
	u64 guess = survey->guessed && !survey->query->each ? survey->aggr_ns : 0;
	struct damon_target *target;

	survey->zero = begin_of(survey->first_time, guess);
	survey->start = -1ULL;
	survey->end = 0;
	damon_survey__for_each_target(survey, target) {
		if (!target->nr_snapshots)
			continue;
		target->start = begin_of(target->start, guess);
		survey->start = min(survey->start, target->start);
		survey->end = max(survey->end, target->last_time);
	}
}

/**
 * damon_survey__since - find the start of the time over which a snapshot counted accesses
 * @previous: the target's previous snapshot
 * @snapshot: the snapshot, with its interval
 *
 * A kdamond is often late, but never early. So a snapshot covers all time since the previous one.
 * If events in between are missing and the time is long enough for another snapshot, it covers only
 * the last interval.
 *
 * Return: the start of this time.
 */
u64 damon_survey__since(const struct damon_moment *previous, const struct damon_snapshot *snapshot)
{
	u64 aggr_ns = snapshot->aggr_ns, time = snapshot->time;
	bool lost;

	if (!previous->time)
		return begin_of(time, aggr_ns);
	/* Nearly two intervals are enough: a guessed interval may be a little too long. */
	lost = aggr_ns && snapshot->nr_gaps != previous->nr_gaps &&
	       (time - previous->time) / 2 >= aggr_ns - aggr_ns / 8;
	return lost ? time - aggr_ns : previous->time;
}

static void free_target(struct damon_target *target)
{
	damon_distribution__exit(&target->series);
	damon_distribution__exit(&target->gaps);
	damon_working_set__exit(&target->working_set);
	damon_areas__exit(&target->areas);
	free(target->comm);
	free(target);
}

static void free_targets(struct damon_survey *survey)
{
	struct hashmap *targets = &survey->by_id;
	struct hashmap_entry *entry;
	size_t bucket;

	hashmap__for_each_entry(targets, entry, bucket)
		free_target(entry->pvalue);
	hashmap__clear(targets);
	INIT_LIST_HEAD(&survey->targets);
	survey->nr_targets = 0;
	damon_distribution__exit(&survey->spacing);
}

static void forget(struct damon_survey *survey)
{
	free_targets(survey);
	survey->first_time = -1ULL;
	survey->last_time = 0;
	survey->changed = false;
	if (!survey->session->source.has_settings)
		survey->max_accesses = 0;
}

static int look(struct damon_survey *survey)
{
	int err = read_record(survey);

	if (!err && !survey->query->each && damon_session__misses_more(survey->session)) {
		forget(survey);
		err = read_record(survey);
	}
	if (err)
		return err;
	survey_intervals(survey);
	survey_bounds(survey);
	return 0;
}

/*
 * Times are relative to the whole record, so they need a pass over it first. So
 * do percentages of samples, work times and gaps, if the interval and the number
 * of samples have to be guessed from the record.
 */
static bool needs_whole_record(const struct damon_survey *survey)
{
	const struct damon_query *query = survey->query;

	if (damon_selection__has_times(&query->selection))
		return true;
	return survey->guessed &&
	       (query->threshold.given == DAMON_GIVEN_PERCENT || query->work_ns ||
		(query->timed && survey->session->assembler.nr_gaps));
}

static int look_again(struct damon_survey *survey)
{
	struct damon_selection *selection = &survey->query->selection;
	int err;

	err = damon_selection__set_times(selection, survey->zero, survey->last_time);
	if (err)
		return err;
	free_targets(survey);
	err = read_record(survey);
	/* Given limits apply even if the snapshots do not reach them. */
	if (selection->time_min.given)
		survey->start = selection->start;
	if (selection->time_max.given)
		survey->end = selection->end;
	return err;
}

/**
 * damon_survey__run - survey a perf.data
 * @survey: the survey
 * @session: reads the perf.data
 * @query: parameters of the survey
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_survey__run(struct damon_survey *survey, struct damon_session *session,
		      struct damon_query *query)
{
	int err;

	memset(survey, 0, sizeof(*survey));
	INIT_LIST_HEAD(&survey->targets);
	hashmap__init(&survey->by_id, hash_target, same_target, NULL);
	survey->session = session;
	survey->query = query;
	survey->threshold = 1;
	forget(survey);
	if (query->threshold.given == DAMON_GIVEN_NUMBER)
		survey_threshold(survey);

	err = look(survey);
	err = err ?: damon_survey__check_whole(survey);
	if (!err && needs_whole_record(survey)) {
		err = look_again(survey);
		err = err ?: damon_survey__check_part(survey);
	}
	return err ?: damon_survey__check_query(survey);
}

/**
 * damon_survey__nr_counted - count the targets that are included in a total
 * @survey: the survey
 *
 * Return: their number.
 */
unsigned int damon_survey__nr_counted(const struct damon_survey *survey)
{
	struct damon_target *target;
	unsigned int nr = 0;

	damon_survey__for_each_target(survey, target)
		nr += damon_target__is_counted(target);
	return nr;
}

/* Share of the selected time in which a target was monitored, in billionths. */
static u64 share_of_time(const struct damon_survey *survey, const struct damon_target *target)
{
	u64 start = max(target->start, survey->start);
	u64 end = min(target->last_time, survey->end);

	/* Times may be out of order in a malicious file. */
	if (start >= end)
		return 0;
	return (double)(end - start) / (survey->end - survey->start) * BILLION + 0.5;
}

/**
 * damon_survey__total_average - get the average sum over all targets
 * @survey: the survey
 *
 * Percentiles of several targets cannot be added up, but averages can. They are weighted by the
 * share of time in which each target was monitored: targets may have run one after the other.
 *
 * Return: the average over the selected time.
 */
u64 damon_survey__total_average(const struct damon_survey *survey)
{
	struct damon_target *target;
	u64 average, share, sum = 0, rest = BILLION / 2;

	damon_survey__for_each_target(survey, target) {
		if (!damon_target__is_counted(target))
			continue;
		average = damon_distribution__average(&target->series);
		share = share_of_time(survey, target);
		/* average * share may overflow. */
		sum += average / BILLION * share + average % BILLION * share / BILLION;
		rest += average % BILLION * share % BILLION;
	}
	return sum + rest / BILLION;
}

/**
 * damon_survey__exit - free everything
 * @survey: the survey
 */
void damon_survey__exit(struct damon_survey *survey)
{
	free_targets(survey);
}
