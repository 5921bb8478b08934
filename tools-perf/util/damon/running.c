// SPDX-License-Identifier: GPL-2.0
/*
 * The kdamonds that sysfs shows, and which command has created them.
 */
#include "attr.h"
#include "running.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>

/* Maximum length of a path below the directory kdamonds. */
#define FILE_LEN	128

/**
 * damon_running__count - count the kdamonds that are configured
 * @sysfs: the monitor
 * @nr: set to their number
 *
 * Return: 0 or a negative error number.
 */
int damon_running__count(const struct damon_sysfs *sysfs, unsigned int *nr)
{
	u64 value;
	int err = damon_sysfs__read_u64(sysfs, "nr_kdamonds", &value);

	*nr = err ? 0 : value;
	return err;
}

/**
 * damon_running__read_attrs - read the attributes of a context
 * @settings: set to them
 * @sysfs: the monitor
 * @context: the context, below the directory kdamonds
 *
 * Return: 0 or a negative error number.
 */
int damon_running__read_attrs(struct damon_settings *settings, const struct damon_sysfs *sysfs,
			      const char *context)
{
	const struct damon_attr *attr;
	char file[FILE_LEN];
	u64 value;
	int err;

	damon_attr__for_each(attr) {
		if (attr->of_address_spaces && damon_settings__is_physical(settings))
			continue;
		scnprintf(file, sizeof(file), "%s/monitoring_attrs/%s", context, attr->file);
		err = damon_sysfs__read_u64(sysfs, file, &value);
		if (err == -ENOENT && damon_attr__is_optional(attr))
			continue;
		if (err)
			return err;
		damon_attr__set(attr, settings, value * attr->unit);
	}
	return 0;
}

static int read_ranges(struct damon_settings *settings, const struct damon_sysfs *sysfs,
		       const char *target)
{
	char file[FILE_LEN];
	u64 i, nr, start, end;
	int err;

	scnprintf(file, sizeof(file), "%s/regions/nr_regions", target);
	err = damon_sysfs__read_u64(sysfs, file, &nr);
	for (i = 0; !err && i < nr; i++) {
		scnprintf(file, sizeof(file), "%s/regions/%d/start", target, (int)i);
		err = damon_sysfs__read_u64(sysfs, file, &start);
		scnprintf(file, sizeof(file), "%s/regions/%d/end", target, (int)i);
		if (!err)
			err = damon_sysfs__read_u64(sysfs, file, &end);
		if (!err)
			err = damon_ranges__add(&settings->ranges, start, end);
	}
	return err;
}

static int read_targets(struct damon_settings *settings, const struct damon_sysfs *sysfs,
			const char *context)
{
	char file[FILE_LEN], target[FILE_LEN / 2];
	u64 i, nr, pid;
	int err;

	scnprintf(file, sizeof(file), "%s/targets/nr_targets", context);
	err = damon_sysfs__read_u64(sysfs, file, &nr);
	for (i = 0; !err && i < nr; i++) {
		scnprintf(target, sizeof(target), "%s/targets/%d", context, (int)i);
		/* struct damon_settings has one list of ranges, for all targets. */
		if (!i && strcmp(settings->ops, "vaddr"))
			err = read_ranges(settings, sysfs, target);
		if (err || damon_settings__is_physical(settings))
			break;
		scnprintf(file, sizeof(file), "%s/pid_target", target);
		err = damon_sysfs__read_u64(sysfs, file, &pid);
		/* A process that is listed twice would shift the target_id of later ones. */
		if (!err && pid && pid <= INT_MAX)
			err = damon_settings__add_pid(settings, pid);
		if (!err && settings->nr_pids != i + 1)
			err = -EINVAL;
	}
	return err;
}

static int read_settings(struct damon_settings *settings, const struct damon_sysfs *sysfs,
			 unsigned int index)
{
	char context[FILE_LEN / 4], file[FILE_LEN];
	int err;

	scnprintf(context, sizeof(context), "%u/contexts/0", index);
	scnprintf(file, sizeof(file), "%s/operations", context);
	err = damon_sysfs__read(sysfs, file, settings->ops, sizeof(settings->ops));
	if (!err)
		err = damon_running__read_attrs(settings, sysfs, context);
	return err ?: read_targets(settings, sysfs, context);
}

/**
 * damon_running__read - read the state and the settings of a kdamond from sysfs
 * @running: set to it
 * @sysfs: the monitor
 * @index: index of the kdamond
 */
void damon_running__read(struct damon_running *running, const struct damon_sysfs *sysfs,
			 unsigned int index)
{
	char file[FILE_LEN], state[16];
	u64 pid;

	memset(running, 0, sizeof(*running));
	running->index = index;
	scnprintf(file, sizeof(file), "%u/state", index);
	running->on = !damon_sysfs__read(sysfs, file, state, sizeof(state)) &&
		      !strcmp(state, "on");
	scnprintf(file, sizeof(file), "%u/pid", index);
	/* It may have ended in between. */
	if (running->on)
		running->on = !damon_sysfs__read_u64(sysfs, file, &pid);
	if (running->on)
		running->pid = pid;
	damon_settings__init(&running->settings);
	running->has_settings = !read_settings(&running->settings, sysfs, index);
}

/**
 * damon_running__exit - free what was read
 * @running: the kdamond
 */
void damon_running__exit(struct damon_running *running)
{
	damon_settings__exit(&running->settings);
}

/**
 * damon_running__directory - identify the directory of kdamond 0
 * @sysfs: the monitor
 *
 * The inode number differs from that of any earlier or later directory of this name.
 *
 * Return: the inode number, 0 if there is no such directory.
 */
u64 damon_running__directory(const struct damon_sysfs *sysfs)
{
	struct stat st;

	return fstatat(sysfs->kdamonds, "0", &st, 0) ? 0 : st.st_ino;
}

static bool is_marked(const struct damon_sysfs *sysfs, const struct damon_mark *mark)
{
	u64 nr;

	if (mark->directory)
		return damon_running__directory(sysfs) == mark->directory;
	/* The command was killed before it knew the inode number: the directory is still empty. */
	return !damon_sysfs__read_u64(sysfs, "0/contexts/nr_contexts", &nr) && !nr;
}

/**
 * damon_running__whose - find out which command has created the configured kdamonds
 * @sysfs: the monitor
 * @mark: set to the mark of that command, unless DAMON_OTHERS is returned
 */
enum damon_whose damon_running__whose(const struct damon_sysfs *sysfs, struct damon_mark *mark)
{
	struct damon_running running;
	unsigned int nr;
	bool is_ours;

	if (damon_running__count(sysfs, &nr) || nr != 1 || damon_mark__read(mark) ||
	    !is_marked(sysfs, mark))
		return DAMON_OTHERS;

	/* The directory is ours. Its thread is not, if another tool has turned it on again. */
	damon_running__read(&running, sysfs, 0);
	is_ours = !running.on || !mark->kdamond.pid ||
		  (running.pid == mark->kdamond.pid && damon_process__is_alive(&mark->kdamond));
	damon_running__exit(&running);
	if (!is_ours)
		return DAMON_OTHERS;
	if (!strcmp(mark->by, "start"))
		return DAMON_STARTED;
	return damon_process__is_alive(&mark->owner) ? DAMON_RECORD : DAMON_LEFT;
}

/**
 * damon_running__modules - find the kdamonds of kernel modules such as DAMON_RECLAIM
 * @modules: set to them
 *
 * Return: their number.
 */
size_t damon_running__modules(struct damon_module modules[DAMON_NR_MODULES])
{
	static const char * const names[DAMON_NR_MODULES] = {
		"damon_reclaim", "damon_lru_sort", "damon_stat",
	};
	char path[PATH_MAX], *enabled;
	size_t i, nr = 0, len;
	int pid;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		scnprintf(path, sizeof(path), "module/%s/parameters/enabled", names[i]);
		if (sysfs__read_str(path, &enabled, &len))
			continue;
		if (len && *enabled == 'Y') {
			modules[nr].name = names[i];
			scnprintf(path, sizeof(path), "module/%s/parameters/kdamond_pid", names[i]);
			modules[nr++].kdamond = sysfs__read_int(path, &pid) ? 0 : pid;
		}
		free(enabled);
	}
	return nr;
}
