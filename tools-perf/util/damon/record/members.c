// SPDX-License-Identifier: GPL-2.0
/*
 * The processes of a cgroup, or of a user.
 */
#include "../errors.h"
#include "members.h"
#include "../monitor/process.h"
#include "util/target.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>

static int find_cgroup(struct damon_members *members)
{
	char mount[PATH_MAX];

	if (cgroupfs_find_mountpoint(mount, sizeof(mount), "perf_event")) {
		pr_err("-G: no cgroups are mounted that perf events can have: cgroup2, or cgroup with perf_event\n");
		return -ENOENT;
	}
	scnprintf(members->path, sizeof(members->path), "%s/%s/cgroup.procs", mount,
		  members->cgroup);
	if (access(members->path, R_OK)) {
		pr_err("-G: cannot read the processes of cgroup '%s', in %s: %m\n",
		       members->cgroup, members->path);
		return -ENOENT;
	}
	*strrchr(members->path, '/') = '\0';
	return 0;
}

static int find_user(struct damon_members *members)
{
	struct target target = { .uid_str = members->user };

	if (target__parse_uid(&target)) {
		pr_err("-u: there is no user '%s'\n", members->user);
		return -ENOENT;
	}
	members->uid = target.uid;
	return 0;
}

/**
 * damon_members__find - find the cgroup, or the user
 * @members: whose processes
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_members__find(struct damon_members *members)
{
	return members->cgroup ? find_cgroup(members) : find_user(members);
}

/* Call @fn for a process, but not for ours, and not for kernel threads. */
static int add(const struct damon_members *members, pid_t pid, int (*fn)(void *data, pid_t pid),
	       void *data)
{
	if (pid <= 0 || pid == getpid() || pid == members->recorder ||
	    !damon_process__has_memory(pid))
		return 0;
	return fn(data, pid);
}

/* A cgroup may end while it is read. */
static int list_procs(const struct damon_members *members, const char *path,
		      int (*fn)(void *data, pid_t pid), void *data)
{
	char procs[PATH_MAX], *text, *rest, *line;
	size_t size;
	int err = 0;

	if (snprintf(procs, sizeof(procs), "%s/cgroup.procs", path) >= (int)sizeof(procs) ||
	    filename__read_str(procs, &text, &size))
		return 0;
	rest = text;
	while (!err && (line = strsep(&rest, "\n")))
		err = add(members, atoi(line), fn, data);
	free(text);
	return err;
}

/* Also what is in cgroups within it, as with perf's other events. */
static int list_cgroup(const struct damon_members *members, const char *path,
		       int (*fn)(void *data, pid_t pid), void *data)
{
	int err = list_procs(members, path, fn, data);
	char child[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	dir = err ? NULL : opendir(path);
	while (dir && !err && (entry = readdir(dir))) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.' &&
		    snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) <
		    (int)sizeof(child))
			err = list_cgroup(members, child, fn, data);
	}
	if (dir)
		closedir(dir);
	return err;
}

static int list_user(const struct damon_members *members, int (*fn)(void *data, pid_t pid),
		     void *data)
{
	DIR *dir = opendir(procfs__mountpoint());
	struct dirent *entry;
	struct stat st;
	int err = 0;

	while (dir && !err && (entry = readdir(dir))) {
		if (atoi(entry->d_name) > 0 && !fstatat(dirfd(dir), entry->d_name, &st, 0) &&
		    st.st_uid == members->uid)
			err = add(members, atoi(entry->d_name), fn, data);
	}
	if (dir)
		closedir(dir);
	return err;
}

/**
 * damon_members__list - list the processes that there are now
 * @members: whose processes
 * @fn: called for each; a non-zero result ends the list
 * @data: passed to @fn
 *
 * Return: 0, or a non-zero result of @fn.
 */
int damon_members__list(const struct damon_members *members, int (*fn)(void *data, pid_t pid),
			void *data)
{
	if (members->cgroup)
		return list_cgroup(members, members->path, fn, data);
	return list_user(members, fn, data);
}
