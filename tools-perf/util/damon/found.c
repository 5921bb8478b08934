// SPDX-License-Identifier: GPL-2.0
/*
 * Find the kdamonds that are already running, and what is needed to record them.
 */
#include "errors.h"
#include "found.h"
#include "sysfs.h"
#include "util/debug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

static int add_kdamond(struct damon_found *found, pid_t kdamond)
{
	char *filter;

	if (asprintf(&filter, "%s%scommon_pid == %d", found->filter ?: "",
		     found->filter ? " || " : "", kdamond) < 0)
		return damon_out_of_memory();
	free(found->filter);
	found->filter = filter;
	found->kdamond = kdamond;
	found->nr++;
	return 0;
}

/* Leave out processes that have ended: settings list them, but they cannot be recorded. */
static int add_processes(struct damon_settings *alive, const struct damon_settings *settings)
{
	struct damon_process process;
	size_t i;

	for (i = 0; i < settings->nr_pids; i++) {
		if (damon_process__find(&process, settings->pids[i]))
			continue;
		if (damon_settings__add_pid(alive, settings->pids[i]))
			return damon_out_of_memory();
	}
	return 0;
}

static int add_running(struct damon_found *found, struct damon_settings *alive,
		       const struct damon_sysfs *sysfs, unsigned int index)
{
	struct damon_running running;
	int err = 0;

	damon_running__read(&running, sysfs, index);
	if (running.on)
		err = add_kdamond(found, running.pid);
	if (running.on && !err)
		err = add_processes(alive, &running.settings);
	/* Keep the settings of the first one, in case it is the only one. */
	if (running.on && !err && found->nr == 1)
		found->running = running;
	else
		damon_running__exit(&running);
	return err;
}

static int find_all(struct damon_found *found, struct damon_settings *alive,
		    const struct damon_sysfs *sysfs)
{
	struct damon_module modules[DAMON_NR_MODULES];
	unsigned int i, nr;
	size_t nr_modules;
	int err;

	err = damon_running__count(sysfs, &nr);
	for (i = 0; !err && i < nr; i++)
		err = add_running(found, alive, sysfs, i);
	nr_modules = damon_running__modules(modules);
	for (i = 0; !err && i < nr_modules; i++) {
		if (modules[i].kdamond > 0)
			err = add_kdamond(found, modules[i].kdamond);
	}
	return err;
}

/* Nobody uses the kdamond of a killed perf damon record any more: tell how to stop it. */
static int check_found(const struct damon_found *found, const struct damon_sysfs *sysfs)
{
	struct damon_mark mark;
	bool is_left = damon_running__whose(sysfs, &mark) == DAMON_LEFT;

	if (found->nr) {
		if (is_left)
			damon_warning("perf damon record (process %d) was killed, its kdamond is left: perf damon stop ends it\n",
				      mark.owner.pid);
		return 0;
	}
	if (is_left)
		pr_err("nothing to record: perf damon record (process %d) was killed, and its kdamond has ended; perf damon stop removes it\n",
		       mark.owner.pid);
	else
		pr_err("nothing to record: no DAMON is running; give a process with -p, all memory with -a, or a command\n");
	return -ESRCH;
}

/**
 * damon_found__find - find the kdamonds that are running
 * @found: set to what was found
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_found__find(struct damon_found *found)
{
	struct damon_settings alive;
	struct damon_sysfs sysfs;
	int err;

	err = damon_sysfs__open(&sysfs, /*needs_tracepoint=*/true);
	if (err)
		return err;
	damon_settings__init(&alive);
	err = find_all(found, &alive, &sysfs);
	if (!err)
		err = check_found(found, &sysfs);
	damon_sysfs__close(&sysfs);
	if (!err && alive.nr_pids) {
		found->pids = damon_settings__pids(&alive);
		if (!found->pids)
			err = damon_out_of_memory();
	}
	if (found->nr == 1 && found->running.has_settings)
		found->settings = &found->running.settings;
	damon_settings__exit(&alive);
	return err;
}

/**
 * damon_found__exit - free what was found
 * @found: what was found
 */
void damon_found__exit(struct damon_found *found)
{
	zfree(&found->filter);
	zfree(&found->pids);
	damon_running__exit(&found->running);
}
