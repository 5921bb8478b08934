// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon start, stop and status: control DAMON without recording.
 */
#include "control.h"
#include "kdamond.h"
#include "process.h"
#include "sysfs.h"
#include "util/debug.h"
#include "util/strbuf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <api/fs/fs.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#ifdef HAVE_ZLIB_SUPPORT
#include <zlib.h>
#endif

static int start(struct damon_settings *settings)
{
	struct damon_processes processes = {};
	struct damon_monitor monitor;
	int err;

	err = damon_monitor__claim(&monitor, "start");
	if (err)
		return err;
	err = damon_processes__open(&processes, settings, /*must_exist=*/true);
	err = err ?: damon_settings__find_memory(settings);
	err = err ?: damon_monitor__configure(&monitor, settings, &processes);
	err = err ?: damon_monitor__turn_on(&monitor, settings);
	damon_processes__close(&processes);
	if (err) {
		damon_monitor__release(&monitor);
		return err;
	}
	/* In a container, its thread has no number. */
	if (monitor.tid)
		printf("kdamond %d monitors", monitor.tid);
	else
		printf("DAMON monitors");
	printf("; to record it: perf damon record; to end it: perf damon stop\n");
	damon_monitor__leave(&monitor);
	return 0;
}

/**
 * damon_control__start - configure a kdamond and leave it running
 * @settings: what to monitor, and how
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__start(struct damon_settings *settings)
{
	sigset_t mask, old;
	int err;

	/* A signal in between would leave a kdamond that is configured, but off. */
	damon_signals__that_end(&mask);
	sigprocmask(SIG_BLOCK, &mask, &old);
	err = start(settings);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

static int check_stop(bool others)
{
	struct damon_kdamonds kdamonds;
	int err = damon_kdamonds__read(&kdamonds);

	if (err)
		return err;
	if (!kdamonds.nr_sysfs) {
		damon_mark__remove();
		pr_err("there is nothing to stop: no kdamond is configured\n");
		err = -ESRCH;
	} else if (!others && kdamonds.maker == DAMON_BY_OTHERS) {
		pr_err("somebody else has configured DAMON: to stop it nevertheless: perf damon stop --others\n");
		err = -EPERM;
	}
	damon_kdamonds__exit(&kdamonds);
	return err;
}

/**
 * damon_control__stop - remove the kdamond of perf damon start, or of a killed perf damon record
 * @others: also stop and remove kdamonds that perf damon has not configured
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__stop(bool others)
{
	int err = damon_sysfs__check(/*and_events=*/false), lock;

	if (err)
		return err;
	lock = damon_sysfs__lock();
	if (lock < 0) {
		pr_err("perf damon record is running: it ends its kdamond itself, on ^C or SIGTERM\n");
		return lock;
	}
	err = check_stop(others) ?: damon_kdamonds__stop();
	close(lock);
	return err;
}

static void print_targets(const struct damon_settings *settings)
{
	struct strbuf ranges = STRBUF_INIT;
	char name[32];
	size_t i;

	for (i = 0; i < settings->nr_pids; i++) {
		damon_process__name(settings->pids[i], name, sizeof(name));
		printf("  process:    %d (%s)\n", settings->pids[i], name);
	}
	if (!damon_ranges__print(&settings->ranges, &ranges) && ranges.len)
		printf("  addresses:  %s\n", ranges.buf);
	strbuf_release(&ranges);
}

static void print_kdamond(const struct damon_kdamond *kdamond, enum damon_maker maker)
{
	static const char * const makers[] = {
		[DAMON_BY_OTHERS]	 = "somebody else",
		[DAMON_BY_RECORD]	 = "perf damon record",
		[DAMON_BY_START]	 = "perf damon start",
		[DAMON_BY_KILLED_RECORD] =
			"a perf damon record that was killed (perf damon stop ends it)",
	};
	char settings[DAMON_SETTINGS_LEN];

	if (kdamond->module) {
		printf("%s: running, process %d; made by the kernel\n", kdamond->module,
		       kdamond->pid);
		return;
	}
	printf("kdamond %u: ", kdamond->index);
	if (kdamond->on)
		printf("running, process %d", kdamond->pid);
	else
		printf("off");
	printf("; made by %s\n", makers[maker]);
	if (!kdamond->has_settings)
		return;
	damon_settings__scnprintf(&kdamond->settings, settings, sizeof(settings));
	printf("  settings:   %s\n", settings);
	print_targets(&kdamond->settings);
}

static int print_kdamonds(void)
{
	struct damon_kdamonds kdamonds;
	int err = damon_kdamonds__read(&kdamonds);
	size_t i;

	if (err)
		return err;
	for (i = 0; i < kdamonds.nr; i++)
		print_kdamond(&kdamonds.kdamond[i], kdamonds.maker);
	if (!kdamonds.nr)
		printf("no kdamond is running\n");
	damon_kdamonds__exit(&kdamonds);
	return 0;
}

/* Features added after Linux 5.18, each detected by a sysfs file of a kdamond with a scheme. */
static const struct {
	const char	*file;
	const char	*what;
} abilities[] = {
	{ "0/contexts/0/schemes/0/action", "schemes" },
	{ "0/contexts/0/schemes/0/tried_regions", "regions that a scheme was tried on" },
	{ "0/contexts/0/schemes/0/filters", "filters of schemes" },
	{ "0/contexts/0/schemes/0/apply_interval_us", "intervals of schemes" },
	{ "0/contexts/0/schemes/0/quotas/goals", "goals of quotas" },
	{ "0/contexts/0/schemes/0/target_nid", "migration to a node" },
	{ "0/contexts/0/schemes/0/dests", "migration to several nodes" },
	{ "0/contexts/0/schemes/0/core_filters", "filters by layer" },
	{ "0/contexts/0/monitoring_attrs/intervals/intervals_goal", "intervals tuned to a goal" },
	{ "0/contexts/0/monitoring_attrs/max_tlb_flushes", "flushes of the TLB" },
	{ "0/contexts/0/addr_unit", "addresses in units" },
	{ "0/refresh_ms", "files that refresh themselves" },
};

/* Print what is next in a list, and change what is before the following. */
static void print_next(const char **before, const char *what)
{
	printf("%s%s", *before, what);
	*before = ", ";
}

static void print_kdamond_abilities(void)
{
	const char *before = "  files:       ";
	char operations[64];
	size_t i;

	if (!damon_sysfs__read(operations, sizeof(operations), "0/contexts/0/avail_operations")) {
		strreplace(operations, '\n', ' ');
		printf("  operations:  %s\n", operations);
	}
	for (i = 0; i < ARRAY_SIZE(abilities); i++) {
		if (damon_sysfs__inode(abilities[i].file))
			print_next(&before, abilities[i].what);
	}
	printf("%s", *before == ',' ? "\n" : "");
}

#ifdef HAVE_ZLIB_SUPPORT
/* The kernel's configuration; zlib reads uncompressed files, too. */
static gzFile open_config(const char *release)
{
	char path[PATH_MAX];
	gzFile file;

	scnprintf(path, sizeof(path), "%s/config.gz", procfs__mountpoint());
	file = gzopen(path, "r");
	if (file)
		return file;
	scnprintf(path, sizeof(path), "/boot/config-%s", release);
	return gzopen(path, "r");
}

static bool print_configured_operations(const char *release)
{
	gzFile config = open_config(release);
	bool vaddr = false, paddr = false;
	char line[256];

	if (!config)
		return false;
	while (gzgets(config, line, sizeof(line))) {
		vaddr |= strstarts(line, "CONFIG_DAMON_VADDR=y");
		paddr |= strstarts(line, "CONFIG_DAMON_PADDR=y");
	}
	gzclose(config);
	printf("  operations:  %s%s\n", vaddr ? "vaddr fvaddr " : "", paddr ? "paddr" : "");
	return true;
}
#else
static bool print_configured_operations(const char *release __maybe_unused)
{
	return false;
}
#endif

/*
 * sysfs shows the kernel's features only while a kdamond is configured. We do not configure one
 * only to read them.
 */
static void print_abilities(void)
{
	const char *before = "  tracepoints: ";
	struct utsname kernel;

	if (uname(&kernel))
		return;
	printf("\nDAMON of this kernel, %s:\n", kernel.release);
	if (damon_sysfs__inode("0/contexts/0"))
		print_kdamond_abilities();
	else if (!print_configured_operations(kernel.release))
		printf("  operations:  unknown until a kdamond is configured\n");
	if (!damon_sysfs__find_tracepoint("damon_aggregated", /*mount=*/false))
		print_next(&before, "damon:damon_aggregated");
	if (!damon_sysfs__find_tracepoint("damos_before_apply", /*mount=*/false))
		print_next(&before, "damon:damos_before_apply");
	printf("%s", *before == ',' ? "\n" : "  tracepoints: none: nothing can be recorded\n");
}

/**
 * damon_control__status - print which kdamonds there are, and what they monitor
 * @with_abilities: also print which features this kernel's DAMON has
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__status(bool with_abilities)
{
	int err = damon_sysfs__check(/*and_events=*/false);

	err = err ?: print_kdamonds();
	if (!err && with_abilities)
		print_abilities();
	return err;
}
