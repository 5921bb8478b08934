// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the processes or memory to monitor from the user's options.
 */
#include "errors.h"
#include "output.h"
#include "ranges.h"
#include "targets.h"
#include "settings.h"
#include "util/debug.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <api/fs/fs.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <subcmd/parse-options.h>

/* From /proc/PID/status. */
struct proc_status {
	pid_t	tgid;
	bool	has_memory;
};

static int read_status(pid_t pid, struct proc_status *status)
{
	char path[PATH_MAX], line[256];
	FILE *file;

	memset(status, 0, sizeof(*status));
	scnprintf(path, sizeof(path), "%s/%d/status", procfs__mountpoint(), pid);
	file = fopen(path, "r");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (strstarts(line, "Tgid:"))
			status->tgid = atoi(line + strlen("Tgid:"));
		if (strstarts(line, "VmSize:"))
			status->has_memory = true;
	}
	fclose(file);
	return status->tgid ? 0 : -ESRCH;
}

static int accept_pid(void *data __maybe_unused, pid_t pid __maybe_unused)
{
	return 0;
}

/**
 * damon_targets__parse - callback of parse_options() for processes such as 123,456
 * @opt: the option; its value is set to @str, for damon_targets__resolve()
 * @str: the text
 * @unset: true for --no-pid, which resets the option
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_targets__parse(const struct option *opt, const char *str, int unset)
{
	const char **pids = opt->value;

	*pids = str;
	if (unset || !damon_settings__parse_pids(str, accept_pid, NULL))
		return 0;
	pr_err("-p: '%s' is not a process ID, or several as 123,456\n", str);
	return -1;
}

static int resolve_pid(void *settings, pid_t pid)
{
	struct proc_status status;

	if (read_status(pid, &status)) {
		pr_err("no such process: %d\n", pid);
		return -ESRCH;
	}
	if (!status.has_memory) {
		pr_err("process %d has no memory of its own: it is a kernel thread, or has ended\n",
		       pid);
		return -EINVAL;
	}
	/* Threads share one address space, so monitor the process. */
	if (damon_settings__add_pid(settings, status.tgid))
		return damon_out_of_memory();
	return 0;
}

/**
 * damon_targets__resolve - add the processes to monitor to the settings
 * @settings: the settings
 * @pids: process or thread IDs, checked by damon_targets__parse()
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_targets__resolve(struct damon_settings *settings, const char *pids)
{
	return damon_settings__parse_pids(pids, resolve_pid, settings);
}

/**
 * damon_targets__find_ranges - set the ranges to all System RAM, unless ranges were given
 * @settings: the settings
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_targets__find_ranges(struct damon_settings *settings)
{
	int err = 0;

	settings->all_memory = !settings->ranges.nr;
	if (settings->all_memory)
		err = damon_ranges__system_ram(&settings->ranges);
	if (err)
		pr_err("cannot find the system's memory in /proc/iomem: %s\n", strerror(-err));
	return err;
}

/**
 * damon_target__name - find the name of a process
 * @pid: the process
 * @buf: set to the name, without control characters
 * @size: size of @buf
 */
void damon_target__name(pid_t pid, char *buf, size_t size)
{
	char path[PATH_MAX];
	FILE *file;

	scnprintf(path, sizeof(path), "%s/%d/comm", procfs__mountpoint(), pid);
	file = fopen(path, "r");
	if (!file || !fgets(buf, size, file))
		scnprintf(buf, size, "has ended");
	buf[strcspn(buf, "\n")] = '\0';
	damon_output__make_printable(buf);
	if (file)
		fclose(file);
}
