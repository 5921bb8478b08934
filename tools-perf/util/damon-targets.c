// SPDX-License-Identifier: GPL-2.0
/*
 * From what the user gave to processes whose memory can be monitored.
 */
#include "damon-targets.h"
#include "damon-settings.h"
#include "debug.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>

/* What /proc/PID/status tells. */
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

static int resolve_pid(struct damon_settings *settings, pid_t pid)
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
	/* Threads share one address space: it is monitored once. */
	if (damon_settings__add_pid(settings, status.tgid)) {
		pr_err("out of memory\n");
		return -ENOMEM;
	}
	return 0;
}

/**
 * damon_targets__resolve - add the processes that the user wants to be monitored
 * @settings: where to
 * @pids: process or thread IDs: 123,456
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_targets__resolve(struct damon_settings *settings, const char *pids)
{
	char *end;
	long pid;
	int err;

	do {
		errno = 0;
		pid = strtol(pids, &end, 10);
		if (end == pids || errno || pid <= 0 || pid > INT_MAX || (*end && *end != ',')) {
			pr_err("-p: '%s' is not a process ID, or several as 123,456\n", pids);
			return -EINVAL;
		}
		err = resolve_pid(settings, pid);
		if (err)
			return err;
		pids = end + 1;
	} while (*end);
	return 0;
}
