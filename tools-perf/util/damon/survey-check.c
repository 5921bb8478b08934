// SPDX-License-Identifier: GPL-2.0
/*
 * Errors for queries that match nothing in the record, instead of an empty table.
 */
#include "survey.h"
#include "errors.h"
#include "session.h"
#include "util/debug.h"
#include "util/intlist.h"

#include <errno.h>
#include <linux/kernel.h>

static bool has_snapshot(const struct damon_survey *survey)
{
	const struct damon_target *target;

	if (survey->start >= survey->end)
		return false;
	damon_survey__for_each_target(survey, target) {
		if (target->nr_snapshots)
			return true;
	}
	return false;
}

static bool has_pid(const struct damon_target *target, unsigned long pid)
{
	return target->pid > 0 && (unsigned long)target->pid == pid;
}

static bool has_number(const struct damon_target *target, unsigned long number)
{
	return target->target_id == number;
}

static void warn_of_missing(const struct damon_survey *survey, const char *option,
			    struct intlist *list,
			    bool (*is_it)(const struct damon_target *target, unsigned long number))
{
	const struct damon_target *target;
	struct int_node *node;
	bool found;

	intlist__for_each_entry(node, list) {
		found = false;
		damon_survey__for_each_target(survey, target)
			found |= target->nr_snapshots && is_it(target, node->i);
		if (!found)
			pr_warning("--%s: no snapshot of %lu\n", option, node->i);
	}
}

/*
 * Warn of processes or targets without snapshots: they are mistyped or were not
 * recorded. Not if both --pid and --target are given, because then one option
 * may exclude what the other one selects.
 */
static void warn_of_choices(const struct damon_survey *survey)
{
	const struct damon_selection *selection = &survey->query->selection;

	if (selection->pids && !selection->targets)
		warn_of_missing(survey, "pid", selection->pids, has_pid);
	if (selection->targets && !selection->pids)
		warn_of_missing(survey, "target", selection->targets, has_number);
}

static void say_all_lost(const struct damon_survey *survey, const char *where)
{
	pr_err("no whole snapshot %s %s: events of each were lost; " DAMON_LOSS_REMEDY "\n", where,
	       survey->session->path);
}

/* Only the settings contain process IDs, if processes were monitored. */
static void say_why_empty(const struct damon_survey *survey)
{
	const struct damon_source *source = &survey->session->source;
	const struct damon_selection *selection = &survey->query->selection;
	const char *path = survey->session->path;

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
	else if (survey->nr_targets)
		say_all_lost(survey, "in");
	else
		pr_err("no snapshot in %s: it was recorded for less than an aggregation interval\n",
		       path);
}

/**
 * damon_survey__check_whole - check that the record has snapshots of the selected targets
 * @survey: the survey, after a pass over the whole record
 *
 * Return: 0 or -ENODATA; errors are printed.
 */
int damon_survey__check_whole(const struct damon_survey *survey)
{
	if (has_snapshot(survey)) {
		warn_of_choices(survey);
		return 0;
	}
	say_why_empty(survey);
	return -ENODATA;
}

/**
 * damon_survey__check_part - check that there are snapshots in the selected time
 * @survey: the survey, after a pass over this time
 *
 * Return: 0 or -ENODATA; errors are printed.
 */
int damon_survey__check_part(const struct damon_survey *survey)
{
	if (has_snapshot(survey))
		return 0;
	if (survey->nr_targets) {
		say_all_lost(survey, "at these times in");
		return -ENODATA;
	}
	pr_err("no snapshot at these times in %s: 'perf damon report --raw' lists when they are\n",
	       survey->session->path);
	return -ENODATA;
}

/* Only clipping to the selected addresses can leave a target without regions. */
static int check_memory(const struct damon_survey *survey)
{
	const struct damon_target *target;

	damon_survey__for_each_target(survey, target) {
		if (target->max_bytes)
			return 0;
	}
	if (damon_selection__has_times(&survey->query->selection))
		pr_err("nothing was monitored at these addresses in this time: --guide with the same times lists those that were\n");
	else
		pr_err("nothing was monitored at these addresses: --guide lists those that were\n");
	return -ENODATA;
}

/* A threshold above the number of samples is an error, but the number may be a guess. */
static int check_threshold(const struct damon_survey *survey)
{
	const struct damon_quantity *threshold = &survey->query->threshold;
	unsigned long long value = threshold->value;

	if (threshold->given != DAMON_GIVEN_NUMBER || value <= survey->most_samples)
		return 0;
	if (survey->guessed) {
		pr_warning("--threshold: %llu is more than the %u samples of a snapshot, which is a guess\n",
			   value, survey->most_samples);
		return 0;
	}
	pr_err("--threshold: %llu is more than the %u samples of a snapshot\n", value,
	       survey->most_samples);
	return -EINVAL;
}

/* A working set is only counted for a complete work time. */
static int check_work_time(const struct damon_survey *survey)
{
	const struct damon_query *query = survey->query;

	if (!query->work_ns || query->series != DAMON_SERIES_WORKING_SET ||
	    damon_survey__nr_counted(survey))
		return 0;
	pr_err("no --work-time is over in what is looked at: choose a shorter one%s\n",
	       damon_selection__has_times(&query->selection) ? ", or more of the record" : "");
	return -ENODATA;
}

/**
 * damon_survey__check_query - check that the query matches something in the record
 * @survey: the survey, complete
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_survey__check_query(const struct damon_survey *survey)
{
	int err = check_memory(survey);

	err = err ?: check_threshold(survey);
	return err ?: check_work_time(survey);
}
