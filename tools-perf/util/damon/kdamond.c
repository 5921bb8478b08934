// SPDX-License-Identifier: GPL-2.0
/*
 * The kdamonds that there are, and which command has made them.
 */
#include "errors.h"
#include "kdamond.h"
#include "process.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

static int read_attrs(struct damon_settings *settings, unsigned int index)
{
	const struct damon_attr *attr;
	u64 value;
	int err;

	damon_attr__for_each(attr) {
		if (attr->of_address_spaces && damon_settings__is_physical(settings))
			continue;
		err = damon_sysfs__read_u64(&value, "%u/contexts/0/monitoring_attrs/%s", index,
					    attr->file);
		if (err == -ENOENT && attr->initial == DAMON_ATTR_NONE)
			continue;
		if (err)
			return err;
		damon_attr__value(attr, settings) = value * attr->unit;
	}
	return 0;
}

static int read_ranges(struct damon_settings *settings, const char *target)
{
	u64 nr, start, end;
	unsigned int i;
	int err;

	err = damon_sysfs__read_u64(&nr, "%s/regions/nr_regions", target);
	for (i = 0; !err && i < nr; i++) {
		err = damon_sysfs__read_u64(&start, "%s/regions/%u/start", target, i);
		if (!err)
			err = damon_sysfs__read_u64(&end, "%s/regions/%u/end", target, i);
		if (!err)
			err = damon_ranges__add(&settings->ranges, start, end);
	}
	return err;
}

/* Not every kernel has pidfd_target, which has the number of the process in our namespace. */
static int read_pid(struct damon_settings *settings, const char *target)
{
	u64 pid;
	int err = damon_sysfs__read_u64(&pid, "%s/pidfd_target", target);

	if (err)
		err = damon_sysfs__read_u64(&pid, "%s/pid_target", target);
	if (!err && pid && pid <= INT_MAX)
		err = damon_settings__add_pid(settings, pid);
	return err;
}

static int read_targets(struct damon_settings *settings, unsigned int index)
{
	char target[64];
	unsigned int i;
	u64 nr;
	int err;

	err = damon_sysfs__read_u64(&nr, "%u/contexts/0/targets/nr_targets", index);
	for (i = 0; !err && i < nr; i++) {
		scnprintf(target, sizeof(target), "%u/contexts/0/targets/%u", index, i);
		/* struct damon_settings has one list of ranges, for all targets. */
		if (!i && strcmp(settings->ops, "vaddr"))
			err = read_ranges(settings, target);
		if (err || damon_settings__is_physical(settings))
			break;
		err = read_pid(settings, target);
		/* A process that is listed twice would shift the target_id of later ones. */
		if (!err && settings->nr_pids != i + 1)
			err = -EINVAL;
	}
	return err;
}

/* In a container, the thread's number is of nobody there, or of another process. */
static pid_t thread_of(pid_t pid)
{
	char name[32];

	damon_process__name(pid, name, sizeof(name));
	return strstarts(name, "kdamond") ? pid : 0;
}

static void set_on(struct damon_kdamond *kdamond, pid_t pid)
{
	kdamond->on = true;
	kdamond->pid = pid;
	kdamond->tid = thread_of(pid);
}

/**
 * damon_kdamond__read - read the state and the settings of a kdamond from sysfs
 * @kdamond: set to it
 * @index: index of the kdamond
 */
void damon_kdamond__read(struct damon_kdamond *kdamond, unsigned int index)
{
	struct damon_settings *settings = &kdamond->settings;
	char state[16];
	u64 pid;
	int err;

	memset(kdamond, 0, sizeof(*kdamond));
	kdamond->index = index;
	/* The state tells alone that it is on: the thread may be unknown. */
	if (!damon_sysfs__read(state, sizeof(state), "%u/state", index) && !strcmp(state, "on"))
		set_on(kdamond, damon_sysfs__read_u64(&pid, "%u/pid", index) ? 0 : pid);
	damon_settings__init(settings);
	err = damon_sysfs__read(settings->ops, sizeof(settings->ops), "%u/contexts/0/operations",
				index);
	err = err ?: read_attrs(settings, index);
	kdamond->has_settings = !err && !read_targets(settings, index);
}

/* Modules of the kernel that run a kdamond. */
static const char * const modules[] = { "damon_reclaim", "damon_lru_sort", "damon_stat" };

static void read_module(struct damon_kdamonds *kdamonds, const char *module)
{
	struct damon_kdamond *kdamond = &kdamonds->kdamond[kdamonds->nr];
	char path[PATH_MAX], *enabled;
	size_t len;
	int pid;

	scnprintf(path, sizeof(path), "module/%s/parameters/enabled", module);
	if (sysfs__read_str(path, &enabled, &len))
		return;
	if (*enabled == 'Y') {
		scnprintf(path, sizeof(path), "module/%s/parameters/kdamond_pid", module);
		if (!sysfs__read_int(path, &pid) && pid > 0)
			set_on(kdamond, pid);
		kdamond->module = module;
		kdamonds->nr++;
	}
	free(enabled);
}

/*
 * The mark: a small file that identifies our kdamond, and persists if we are killed.
 *
 * A killed perf damon cannot remove its kdamond. The next command has to know whether a kdamond is
 * such a leftover or in use by somebody else. The files in sysfs do not tell, but the inode number
 * of the kdamond's directory does: when somebody configures kdamonds, the kernel recreates all
 * directories, with new inode numbers. If somebody else turns on our kdamond again, the directory
 * stays the same, but the start time of the thread is different.
 */
#define MARK		"/run/perf-damon"
#define WRITE_MARK	"perf damon %s\nboot %s\nowner %d %llu\ndirectory %llu\nkdamond %d %llu\n"
#define READ_MARK	"perf damon %15s boot %63s owner %d %llu directory %llu kdamond %d %llu"

/* Numbers of inodes and processes are only valid for one boot; /run may outlast it. */
static void read_boot_id(char *buf, size_t size)
{
	char *id;
	size_t len;

	if (procfs__read_str("sys/kernel/random/boot_id", &id, &len)) {
		scnprintf(buf, size, "unknown");
		return;
	}
	scnprintf(buf, size, "%s", strim(id));
	free(id);
}

/**
 * damon_mark__write - write the mark, and replace an older one
 * @mark: the mark
 *
 * Without a mark everything works, except that a later command does not know our kdamond.
 */
void damon_mark__write(struct damon_mark *mark)
{
	char boot_id[64];
	FILE *file;
	int fd;

	read_boot_id(boot_id, sizeof(boot_id));
	/* Replace it atomically: others read either the old mark or the new one. */
	unlink(MARK ".new");
	fd = open(MARK ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file && fprintf(file, WRITE_MARK, mark->by, boot_id, mark->owner,
			    (unsigned long long)mark->owner_start,
			    (unsigned long long)mark->directory, mark->kdamond,
			    (unsigned long long)mark->kdamond_start) > 0 &&
	    !fclose(file) && !rename(MARK ".new", MARK))
		return;
	if (!mark->said)
		damon_warning("cannot write %s, by which later commands know our kdamond if we are killed: %m\n",
			      MARK);
	mark->said = true;
	unlink(MARK ".new");
}

/* Return: false if there is no mark that only root could have written in this boot. */
static bool read_mark(struct damon_mark *mark)
{
	unsigned long long owner_start, kdamond_start, directory;
	char boot_id[64], marked_id[64], *text;
	struct stat st;
	size_t size;
	bool valid;

	if (lstat(MARK, &st) || !S_ISREG(st.st_mode) || st.st_uid || st.st_mode & 0022 ||
	    filename__read_str(MARK, &text, &size))
		return false;
	valid = sscanf(text, READ_MARK, mark->by, marked_id, &mark->owner, &owner_start,
		       &directory, &mark->kdamond, &kdamond_start) == 7;
	free(text);
	if (!valid)
		return false;
	mark->owner_start = owner_start;
	mark->kdamond_start = kdamond_start;
	mark->directory = directory;
	read_boot_id(boot_id, sizeof(boot_id));
	return !strcmp(boot_id, marked_id);
}

/**
 * damon_mark__remove - remove the mark
 */
void damon_mark__remove(void)
{
	unlink(MARK);
	/* Left by a perf damon that was killed while writing a mark. */
	unlink(MARK ".new");
}

static bool is_marked(const struct damon_kdamond *kdamond, const struct damon_mark *mark)
{
	u64 nr;

	/* The command was killed before it knew the inode number: the directory is still empty. */
	if (!mark->directory)
		return !damon_sysfs__read_u64(&nr, "0/contexts/nr_contexts") && !nr;
	if (damon_sysfs__inode("0") != mark->directory)
		return false;
	/* The directory is ours. Its thread is not, if another tool has turned it on again. */
	return !kdamond->on || !mark->kdamond ||
	       (kdamond->pid == mark->kdamond &&
		damon_process__start(mark->kdamond) == mark->kdamond_start);
}

static void find_maker(struct damon_kdamonds *kdamonds)
{
	struct damon_mark mark;

	if (kdamonds->nr_sysfs != 1 || !read_mark(&mark) || !is_marked(kdamonds->kdamond, &mark))
		return;
	kdamonds->owner = mark.owner;
	if (!strcmp(mark.by, "start"))
		kdamonds->maker = DAMON_BY_START;
	else if (damon_process__start(mark.owner) == mark.owner_start)
		kdamonds->maker = DAMON_BY_RECORD;
	else
		kdamonds->maker = DAMON_BY_KILLED_RECORD;
}

/**
 * damon_kdamonds__read - find all kdamonds
 * @kdamonds: set to them; damon_kdamonds__exit() frees it
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamonds__read(struct damon_kdamonds *kdamonds)
{
	size_t i;
	u64 nr;
	int err;

	memset(kdamonds, 0, sizeof(*kdamonds));
	err = damon_sysfs__read_u64(&nr, "nr_kdamonds");
	if (err) {
		pr_err("cannot read nr_kdamonds in /sys/kernel/mm/damon/admin/kdamonds: %s\n",
		       strerror(-err));
		return err;
	}
	kdamonds->kdamond = calloc(nr + ARRAY_SIZE(modules), sizeof(*kdamonds->kdamond));
	if (!kdamonds->kdamond)
		return damon_out_of_memory();
	for (i = 0; i < nr; i++)
		damon_kdamond__read(&kdamonds->kdamond[i], i);
	kdamonds->nr = nr;
	kdamonds->nr_sysfs = nr;
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		read_module(kdamonds, modules[i]);
	find_maker(kdamonds);
	return 0;
}

/**
 * damon_kdamonds__exit - free what was found
 * @kdamonds: the kdamonds
 */
void damon_kdamonds__exit(struct damon_kdamonds *kdamonds)
{
	size_t i;

	for (i = 0; i < kdamonds->nr; i++)
		damon_settings__exit(&kdamonds->kdamond[i].settings);
	zfree(&kdamonds->kdamond);
	kdamonds->nr = 0;
	kdamonds->nr_sysfs = 0;
}
