// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon start, stop and status: control DAMON without recording.
 */
#include "control.h"
#include "kdamond.h"
#include "running.h"
#include "settings.h"
#include "signals.h"
#include "targets.h"
#include "util/debug.h"

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

static int start(struct damon_settings *settings, const char *pids)
{
	struct damon_kdamond kdamond;
	pid_t pid;
	int err;

	err = damon_kdamond__claim(&kdamond, "start");
	if (err)
		return err;
	if (pids)
		err = damon_targets__resolve(settings, pids);
	if (!err && damon_settings__is_physical(settings))
		err = damon_targets__find_ranges(settings);
	if (!err)
		err = damon_kdamond__configure(&kdamond, settings);
	if (err)
		goto out_release;
	pid = damon_kdamond__turn_on(&kdamond);
	if (pid < 0) {
		err = pid;
		goto out_release;
	}
	printf("kdamond %d monitors; to record it: perf damon record; to end it: perf damon stop\n",
	       pid);
	damon_kdamond__leave(&kdamond);
	return 0;

out_release:
	damon_kdamond__release(&kdamond);
	return err;
}

/**
 * damon_control__start - configure a kdamond and leave it running
 * @settings: what to monitor, and how; the processes in @pids are added
 * @pids: comma-separated list of the processes to monitor, as the user gave it, or NULL
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__start(struct damon_settings *settings, const char *pids)
{
	sigset_t old;
	int err;

	/* A signal in between would leave a kdamond that is configured, but off. */
	damon_signals__block(SIG_BLOCK, &old);
	err = start(settings, pids);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}

static int check_stop(const struct damon_sysfs *sysfs, bool others)
{
	struct damon_mark mark;
	unsigned int nr;

	if (damon_sysfs__lock(sysfs)) {
		pr_err("perf damon record is running: it ends its kdamond itself, on ^C or SIGTERM\n");
		return -EBUSY;
	}
	if (!damon_running__count(sysfs, &nr) && !nr) {
		damon_mark__remove();
		pr_err("there is nothing to stop: no kdamond is configured\n");
		return -ESRCH;
	}
	if (others || damon_running__whose(sysfs, &mark) != DAMON_OTHERS)
		return 0;
	pr_err("somebody else has configured DAMON: to stop it nevertheless: perf damon stop --others\n");
	return -EPERM;
}

/**
 * damon_control__stop - remove the kdamond of perf damon start, or of a killed perf damon record
 * @others: also stop and remove kdamonds that perf damon has not configured
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__stop(bool others)
{
	struct damon_sysfs sysfs;
	int err;

	err = damon_sysfs__open(&sysfs, /*needs_tracepoint=*/false);
	if (err)
		return err;
	err = check_stop(&sysfs, others);
	if (!err)
		err = damon_kdamond__stop(&sysfs);
	damon_sysfs__close(&sysfs);
	return err;
}

static void print_targets(const struct damon_settings *settings)
{
	char name[32], *ranges;
	size_t i;

	for (i = 0; i < settings->nr_pids; i++) {
		damon_target__name(settings->pids[i], name, sizeof(name));
		printf("  process:    %d (%s)\n", settings->pids[i], name);
	}
	ranges = damon_ranges__str(&settings->ranges);
	if (ranges && *ranges)
		printf("  addresses:  %s\n", ranges);
	free(ranges);
}

static void print_running(const struct damon_sysfs *sysfs, unsigned int index)
{
	static const char * const whose[] = {
		[DAMON_OTHERS]	= "somebody else",
		[DAMON_RECORD]	= "perf damon record",
		[DAMON_STARTED]	= "perf damon start",
		[DAMON_LEFT]	= "a perf damon record that was killed (perf damon stop ends it)",
	};
	struct damon_running running;
	char settings[DAMON_SETTINGS_LEN];
	struct damon_mark mark;

	damon_running__read(&running, sysfs, index);
	printf("kdamond %u: ", index);
	if (running.on)
		printf("running, process %d", running.pid);
	else
		printf("off");
	printf("; made by %s\n", whose[damon_running__whose(sysfs, &mark)]);
	if (running.has_settings) {
		damon_settings__scnprintf(&running.settings, settings, sizeof(settings));
		printf("  settings:   %s\n", settings);
		print_targets(&running.settings);
	}
	damon_running__exit(&running);
}

static int print_all_running(const struct damon_sysfs *sysfs)
{
	struct damon_module modules[DAMON_NR_MODULES];
	unsigned int i, nr;
	size_t nr_modules;
	int err;

	err = damon_running__count(sysfs, &nr);
	if (err) {
		pr_err("cannot read nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds: %s\n",
		       strerror(-err));
		return err;
	}
	for (i = 0; i < nr; i++)
		print_running(sysfs, i);
	nr_modules = damon_running__modules(modules);
	for (i = 0; i < nr_modules; i++)
		printf("%s: running, process %d; made by the kernel\n", modules[i].name,
		       modules[i].kdamond);
	if (!nr && !nr_modules)
		printf("no kdamond is running\n");
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

static void print_kdamond_abilities(const struct damon_sysfs *sysfs)
{
	char operations[64];
	const char *separator = "  files:       ";
	size_t i;

	if (!damon_sysfs__read(sysfs, "0/contexts/0/avail_operations", operations,
			       sizeof(operations))) {
		strreplace(operations, '\n', ' ');
		printf("  operations:  %s\n", operations);
	}
	for (i = 0; i < ARRAY_SIZE(abilities); i++) {
		if (!damon_sysfs__has(sysfs, abilities[i].file))
			continue;
		printf("%s%s", separator, abilities[i].what);
		separator = ", ";
	}
	printf("%s", *separator == ',' ? "\n" : "");
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
static void print_abilities(const struct damon_sysfs *sysfs)
{
	static const char * const tracepoints[] = { "damon_aggregated", "damos_before_apply" };
	const char *separator = "  tracepoints: ";
	struct utsname kernel;
	size_t i;

	if (uname(&kernel))
		return;
	printf("\nDAMON of this kernel, %s:\n", kernel.release);
	if (damon_sysfs__has(sysfs, "0/contexts/0"))
		print_kdamond_abilities(sysfs);
	else if (!print_configured_operations(kernel.release))
		printf("  operations:  unknown until a kdamond is configured\n");
	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		if (!damon_sysfs__have_tracepoint(tracepoints[i]))
			continue;
		printf("%sdamon:%s", separator, tracepoints[i]);
		separator = ", ";
	}
	printf("%s", *separator == ',' ? "\n" : "  tracepoints: none: nothing can be recorded\n");
}

/**
 * damon_control__status - print which kdamonds there are, and what they monitor
 * @with_abilities: also print which features this kernel's DAMON has
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_control__status(bool with_abilities)
{
	struct damon_sysfs sysfs;
	int err;

	err = damon_sysfs__open(&sysfs, /*needs_tracepoint=*/false);
	if (err)
		return err;
	err = print_all_running(&sysfs);
	if (!err && with_abilities)
		print_abilities(&sysfs);
	damon_sysfs__close(&sysfs);
	return err;
}
