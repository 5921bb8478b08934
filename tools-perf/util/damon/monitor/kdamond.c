// SPDX-License-Identifier: GPL-2.0
/*
 * The kdamonds that there are, and ours: made, run and removed through the files that every kernel
 * with DAMON's sysfs interface has (since 5.18).
 */
#include "damos.h"
#include "../errors.h"
#include "kdamond.h"
#include "process.h"
#include "sysfs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

#define CONTEXT	"%u/contexts/0/"

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
		err = err ?: damon_sysfs__read_u64(&end, "%s/regions/%u/end", target, i);
		err = err ?: damon_ranges__add(&settings->ranges, start, end);
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
		/* Listed twice: see damon_processes__add_nobody(). Others keep their target_id. */
		if (!err && settings->nr_pids != i + 1)
			err = damon_settings__append_pid(settings, 0);
	}
	return err;
}

static bool is_on(unsigned int index)
{
	char state[16];

	return !damon_sysfs__read(state, sizeof(state), "%u/state", index) && !strcmp(state, "on");
}

/* In a container, the thread's number is of nobody there, or of another process. */
static pid_t thread_of(pid_t pid)
{
	char name[32];

	damon_process__name(pid, name, sizeof(name));
	return strstarts(name, "kdamond") ? pid : 0;
}

/* The state tells alone that it is on: the thread may be unknown. */
static pid_t read_pid_of(unsigned int index)
{
	u64 pid;

	return damon_sysfs__read_u64(&pid, "%u/pid", index) ? 0 : pid;
}

static void read_kdamond(struct damon_kdamond *kdamond, unsigned int index)
{
	struct damon_settings *settings = &kdamond->settings;
	int err;

	kdamond->index = index;
	kdamond->on = is_on(index);
	kdamond->pid = kdamond->on ? read_pid_of(index) : 0;
	damon_settings__init(settings);
	err = damon_sysfs__read(settings->ops, sizeof(settings->ops), "%u/contexts/0/operations",
				index);
	err = err ?: read_attrs(settings, index);
	kdamond->has_settings = !err && !read_targets(settings, index);
	/* A newer kernel may have schemes that we cannot read. */
	if (kdamond->has_settings)
		kdamond->has_schemes = !damos__read(settings, index);
}

/* Add the kdamond of a module of the kernel, if it runs one. */
static void add_module(struct damon_kdamonds *kdamonds, const char *module)
{
	struct damon_kdamond *kdamond = &kdamonds->kdamond[kdamonds->nr];
	char path[PATH_MAX];
	bool enabled;
	int pid;

	scnprintf(path, sizeof(path), "module/%s/parameters/enabled", module);
	if (sysfs__read_bool(path, &enabled) || !enabled)
		return;
	scnprintf(path, sizeof(path), "module/%s/parameters/kdamond_pid", module);
	if (!sysfs__read_int(path, &pid) && pid > 0) {
		kdamond->on = true;
		kdamond->pid = pid;
	}
	kdamond->module = module;
	kdamonds->nr++;
}

/*
 * The mark: a small file by which our kdamond is known if we are killed, and cannot remove it. When
 * somebody else configures kdamonds, the kernel makes all directories anew, with other inode
 * numbers. When somebody else turns ours on again, its thread has another start time.
 */
#define MARK		"/run/perf-damon"
#define WRITE_MARK	"perf damon %s\nboot %s\nowner %d %llu\ndirectory %llu\nkdamond %d %llu\n"
#define READ_MARK	"perf damon %15s boot %63s owner %d %llu directory %llu kdamond %d %llu"

/* Numbers of inodes and processes are only valid for one boot; /run may outlast it. */
static void read_boot_id(char *buf, size_t size)
{
	char *id;
	size_t len;

	scnprintf(buf, size, "unknown");
	if (procfs__read_str("sys/kernel/random/boot_id", &id, &len))
		return;
	scnprintf(buf, size, "%s", strim(id));
	free(id);
}

/* Replace it atomically: others read the old mark or the new one. Without it, nothing fails. */
static void write_mark(struct damon_monitor *monitor)
{
	unsigned long long owner_start = damon_process__start(getpid()), start = 0;
	char boot_id[64];
	bool done = false;
	int fd;

	if (monitor->tid)
		start = damon_process__start(monitor->tid);
	read_boot_id(boot_id, sizeof(boot_id));
	unlink(MARK ".new");
	fd = open(MARK ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0) {
		done = dprintf(fd, WRITE_MARK, monitor->by, boot_id, getpid(), owner_start,
			       (unsigned long long)monitor->directory, monitor->tid, start) > 0;
		close(fd);
	}
	if (done && !rename(MARK ".new", MARK))
		return;
	if (!monitor->unmarked)
		damon_warning("cannot write %s, by which later commands know our kdamond if we are killed: %m\n",
			      MARK);
	monitor->unmarked = true;
	unlink(MARK ".new");
}

/**
 * damon_mark__remove - remove what identifies our kdamond
 */
void damon_mark__remove(void)
{
	unlink(MARK);
	/* Left by a perf damon that was killed while writing a mark. */
	unlink(MARK ".new");
}

/* Whether the kdamond with this directory, and this thread, is the one that there is. */
static bool is_same(const struct damon_kdamond *kdamond, u64 directory, pid_t tid, u64 start)
{
	u64 nr;

	/* The command was killed before it knew the inode number: the directory is still empty. */
	if (!directory)
		return !damon_sysfs__read_u64(&nr, "0/contexts/nr_contexts") && !nr;
	if (damon_sysfs__inode("0") != directory)
		return false;
	/* The directory is ours. Its thread is not, if another tool has turned it on again. */
	return !kdamond->on || !tid ||
	       (kdamond->pid == tid && damon_process__start(tid) == start);
}

static void read_mark(struct damon_kdamonds *kdamonds)
{
	unsigned long long owner_start, directory, start;
	char by[16], marked_id[64], boot_id[64], *text;
	pid_t owner, tid;
	struct stat st;
	size_t size;
	bool valid;

	/* Only root may have written it, in this boot. */
	if (lstat(MARK, &st) || !S_ISREG(st.st_mode) || st.st_uid || st.st_mode & 0022 ||
	    filename__read_str(MARK, &text, &size))
		return;
	read_boot_id(boot_id, sizeof(boot_id));
	valid = sscanf(text, READ_MARK, by, marked_id, &owner, &owner_start, &directory, &tid,
		       &start) == 7 && !strcmp(boot_id, marked_id);
	free(text);
	if (!valid || !is_same(kdamonds->kdamond, directory, tid, start))
		return;
	kdamonds->owner = owner;
	if (!strcmp(by, "start"))
		kdamonds->maker = DAMON_BY_START;
	else if (damon_process__start(owner) == owner_start)
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
	static const char * const modules[] = { "damon_reclaim", "damon_lru_sort", "damon_stat" };
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
		read_kdamond(&kdamonds->kdamond[i], i);
	kdamonds->nr = nr;
	kdamonds->nr_sysfs = nr;
	for (i = 0; i < ARRAY_SIZE(modules); i++)
		add_module(kdamonds, modules[i]);
	if (nr)
		read_mark(kdamonds);
	return 0;
}

/**
 * damon_kdamonds__exit - free what was found
 * @kdamonds: the kdamonds
 */
void damon_kdamonds__exit(struct damon_kdamonds *kdamonds)
{
	while (kdamonds->nr)
		damon_settings__exit(&kdamonds->kdamond[--kdamonds->nr].settings);
	zfree(&kdamonds->kdamond);
}

/* It is no error if the kdamond has ended by itself, as all its targets have exited. */
static int turn_off(unsigned int index)
{
	int err = is_on(index) ? damon_sysfs__write("%u/state=off", index) : 0;

	if (!err || !is_on(index))
		return 0;
	pr_err("cannot turn DAMON off: %s; echo off > /sys/kernel/mm/damon/admin/kdamonds/%u/state\n",
	       strerror(-err), index);
	return err;
}

/**
 * damon_kdamonds__stop - stop and remove all kdamonds of sysfs, whoever has configured them
 *
 * If this returns 0, they emit no more events.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_kdamonds__stop(void)
{
	unsigned int i;
	int err;
	u64 nr;

	err = damon_sysfs__read_u64(&nr, "nr_kdamonds");
	for (i = 0; !err && i < nr; i++) {
		err = turn_off(i);
		if (err)
			return err;
	}
	err = err ?: damon_sysfs__write("nr_kdamonds=0");
	if (err)
		pr_err("cannot remove the kdamond: %s; echo 0 > /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds\n",
		       strerror(-err));
	else
		damon_mark__remove();
	return err;
}

/* Writing nr_kdamonds makes the directories of all kdamonds anew: never while there are any. */
static int check_idle(void)
{
	const struct damon_kdamond *first;
	struct damon_kdamonds kdamonds;
	int err;

	err = damon_kdamonds__read(&kdamonds);
	if (err || !kdamonds.nr_sysfs)
		goto out;
	err = -EBUSY;
	first = kdamonds.kdamond;
	if (kdamonds.maker == DAMON_BY_START)
		pr_err("DAMON is in use: perf damon start has made its kdamond%s; perf damon stop ends it\n",
		       first->on ? "" : ", which has ended");
	else if (kdamonds.maker == DAMON_BY_KILLED_RECORD)
		pr_err("DAMON is in use: perf damon record (process %d) was killed, its kdamond %s; perf damon stop puts that right\n",
		       kdamonds.owner, first->on ? "is still running" : "is left");
	else if (first->on)
		pr_err("DAMON is in use: kdamond %d is running for somebody else; wait for its end, or: perf damon stop --others\n",
		       first->pid);
	else
		pr_err("DAMON is in use: somebody has configured %zu kdamond(s); if nobody needs them: perf damon stop --others\n",
		       kdamonds.nr_sysfs);
out:
	damon_kdamonds__exit(&kdamonds);
	return err;
}

/**
 * damon_monitor__claim - lock DAMON's sysfs files, and check that nobody uses them
 * @monitor: our kdamond
 * @by: the command that needs it: record or start
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__claim(struct damon_monitor *monitor, const char *by)
{
	int err;

	*monitor = (struct damon_monitor){ .lock = -1, .by = by };
	err = damon_sysfs__check(/*and_events=*/true);
	if (err)
		return err;
	monitor->lock = damon_sysfs__lock();
	if (monitor->lock < 0) {
		pr_err("DAMON is in use: another perf damon record is running; wait for its end\n");
		return monitor->lock;
	}
	err = check_idle();
	if (err)
		damon_monitor__leave(monitor);
	return err;
}

static int write_operations(unsigned int index, const char *ops)
{
	int err = damon_sysfs__write(CONTEXT "operations=%s", index, ops);
	char available[64];

	if (!err)
		return 0;
	if (damon_sysfs__read(available, sizeof(available), CONTEXT "avail_operations",
			      index))
		scnprintf(available, sizeof(available), "unknown");
	strreplace(available, '\n', ' ');
	pr_err("this kernel's DAMON has no operations '%s': it has %s; vaddr and fvaddr need CONFIG_DAMON_VADDR=y, paddr CONFIG_DAMON_PADDR=y\n",
	       ops, available);
	return err;
}

/* An attribute that was not given stays as the kernel has it. */
static int write_attr(unsigned int index, const struct damon_attr *attr, u64 value)
{
	int err = 0;

	if (value != DAMON_ATTR_NONE)
		err = damon_sysfs__write(CONTEXT "monitoring_attrs/%s=%" PRIu64, index,
					 attr->file, value / attr->unit);
	if (err == -ENOENT && attr->initial == DAMON_ATTR_NONE)
		pr_err("--%s: this kernel's DAMON has no monitoring_attrs/%s: leave the option out\n",
		       attr->name, attr->file);
	else if (err)
		pr_err("the kernel refuses --%s: %s\n", attr->name, strerror(-err));
	return err;
}

/*
 * The number tells others which process it is, but may belong to another one when DAMON is turned
 * on. A pidfd may not, if the kernel takes one.
 */
static int write_process(unsigned int index, size_t target, pid_t pid, int pidfd)
{
	int err = damon_sysfs__write(CONTEXT "targets/%zu/pid_target=%d", index, target, pid);

	err = err ?: damon_sysfs__write(CONTEXT "targets/%zu/pidfd_target=%d", index, target,
					pidfd);
	return err == -ENOENT ? 0 : err;
}

static int write_ranges(unsigned int index, const struct damon_ranges *ranges, size_t target)
{
	const struct damon_range *range = ranges->range;
	char regions[64];
	size_t i;
	int err;

	scnprintf(regions, sizeof(regions), CONTEXT "targets/%zu/regions", index, target);
	err = damon_sysfs__write("%s/nr_regions=%zu", regions, ranges->nr);
	for (i = 0; !err && i < ranges->nr; i++, range++) {
		err = damon_sysfs__write("%s/%zu/start=%" PRIu64, regions, i, range->start);
		err = err ?: damon_sysfs__write("%s/%zu/end=%" PRIu64, regions, i, range->end);
	}
	return err;
}

static int write_target(unsigned int index, const struct damon_settings *settings,
			const struct damon_processes *processes, size_t target)
{
	const struct damon_process *process = &processes->process[target];
	int err = 0;

	if (settings->nr_pids && !settings->pids[target])
		process = &processes->nobody;
	if (settings->nr_pids)
		err = write_process(index, target, process->pid, process->pidfd);
	if (!err && settings->ranges.nr)
		err = write_ranges(index, &settings->ranges, target);
	return err;
}

static int write_targets(unsigned int index, const struct damon_settings *settings,
			 const struct damon_processes *processes)
{
	/* Physical memory is one target, which has no process. */
	size_t i, nr = settings->nr_pids ?: 1;
	int err;

	err = damon_sysfs__write(CONTEXT "targets/nr_targets=%zu", index, nr);
	for (i = 0; !err && i < nr; i++)
		err = write_target(index, settings, processes, i);
	return err;
}

static int configure(unsigned int index, const struct damon_settings *settings)
{
	int err = write_operations(index, settings->ops);
	const struct damon_attr *attr;

	damon_attr__for_each(attr)
		err = err ?: write_attr(index, attr, damon_attr__value(attr, settings));
	return err ?: damos__write(index, settings);
}

/*
 * Write the mark before the kdamond is made, and again with its directory. If we are killed in
 * between, the kdamond is known to be ours by having no contexts.
 */
static int make_kdamonds(struct damon_monitor *monitor, u64 nr,
			 const struct damon_settings *settings)
{
	int err;

	write_mark(monitor);
	err = damon_sysfs__write("nr_kdamonds=%" PRIu64, nr);
	if (err) {
		damon_mark__remove();
	} else {
		monitor->directory = damon_sysfs__inode("0");
		write_mark(monitor);
		err = damon_sysfs__write("0/contexts/nr_contexts=1");
	}
	if (err)
		pr_err("cannot configure DAMON: %s%s\n", strerror(-err),
		       err == -EACCES || err == -EPERM ? ": try sudo" : "");
	return err ?: configure(0, settings);
}

/**
 * damon_monitor__can_commit - check whether the targets of a kdamond that runs can be changed
 *
 * Others than our kernel can change them, too. But if one of the processes has ended when the
 * change takes effect, their kdamond ends; and a target that is added has no regions, as later
 * updates do not find them. Linux 6.12.117 was tested.
 */
bool damon_monitor__can_commit(void)
{
	return damon_sysfs__inode("0/contexts/0/targets/0/pidfd_target");
}

/**
 * damon_monitor__configure - make a kdamond with one context, and configure it
 * @monitor: our kdamond
 * @settings: what to monitor, and how
 * @processes: the processes in @settings
 *
 * If its targets could not be changed later, there are more kdamonds: one for each child.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__configure(struct damon_monitor *monitor, const struct damon_settings *settings,
			     const struct damon_processes *processes)
{
	int err = make_kdamonds(monitor, 1, settings);

	if (err)
		return err;
	err = write_targets(0, settings, processes);
	if (!err && settings->max_children && !damon_monitor__can_commit()) {
		err = make_kdamonds(monitor, 1 + settings->max_children, settings);
		if (err)
			return err;
		err = write_targets(0, settings, processes);
	}
	if (err)
		pr_err("the kernel refuses what is to be monitored: %s\n", strerror(-err));
	return err;
}

/*
 * Kernels that take no pidfds look numbers up when the monitor is turned on. If a process had ended
 * by then, another one may have got its number.
 *
 * Return: such a process, or 0.
 */
static pid_t find_ended(const struct damon_processes *processes)
{
	size_t i;

	if (damon_monitor__can_commit())
		return 0;
	for (i = 0; i < processes->nr; i++) {
		struct pollfd pollfd = { .fd = processes->process[i].pidfd, .events = POLLIN };

		if (poll(&pollfd, 1, 0) > 0)
			return processes->process[i].pid;
	}
	return 0;
}

/**
 * damon_monitor__remove - stop what damon_monitor__add() has started
 * @index: index of the kdamond
 */
void damon_monitor__remove(unsigned int index)
{
	if (is_on(index))
		damon_sysfs__write("%u/state=off", index);
}

/**
 * damon_monitor__add - monitor a process by a kdamond of its own
 * @index: index of the kdamond, 1 or more, which is not running
 * @settings: how to monitor
 * @process: the process; @kdamond is set
 *
 * Return: 0 or a negative error number, such as if the process has ended.
 */
int damon_monitor__add(unsigned int index, const struct damon_settings *settings,
		       struct damon_process *process)
{
	const struct damon_processes processes = { .nr = 1, .process = process };
	struct damon_settings alone = *settings;
	int err;

	alone.pids = &process->pid;
	alone.nr_pids = 1;
	err = damon_sysfs__write("%u/contexts/nr_contexts=1", index);
	err = err ?: configure(index, &alone);
	err = err ?: write_targets(index, &alone, &processes);
	err = err ?: damon_sysfs__write("%u/state=on", index);
	if (!err && find_ended(&processes)) {
		damon_monitor__remove(index);
		err = -ESRCH;
	}
	process->kdamond = err ? 0 : read_pid_of(index);
	return err ?: is_on(index) ? 0 : -ESRCH;
}

/**
 * damon_monitor__commit - change the targets of our kdamond, if damon_monitor__can_commit()
 * @settings: the targets
 * @processes: the processes in @settings
 *
 * They change at the end of an aggregation, for which this does not wait. Those that stay keep
 * their regions.
 *
 * Return: 0 or a negative error number, such as if all of the processes have ended.
 */
int damon_monitor__commit(const struct damon_settings *settings,
			  const struct damon_processes *processes)
{
	return write_targets(0, settings, processes) ?: damon_sysfs__write("0/state=commit");
}

/**
 * damon_monitor__is_on - check whether our kdamond runs
 */
bool damon_monitor__is_on(void)
{
	return is_on(0);
}

/*
 * Linux 6.1 and 6.12 accept only one range. All of memory is joined: the gaps between System RAM
 * are never accessed.
 */
static int turn_on_joined(struct damon_ranges *ranges)
{
	int err;

	ranges->range[0].end = ranges->range[ranges->nr - 1].end;
	ranges->nr = 1;
	err = write_ranges(0, ranges, 0) ?: damon_sysfs__write("0/state=on");
	if (!err)
		damon_warning("this kernel's DAMON takes one range only: what is between parts of the memory is monitored, too; --ranges chooses a part\n");
	return err;
}

static const char *explain(int err, const struct damon_settings *settings)
{
	if (err == -EBUSY)
		return ": another part of the kernel uses it, such as DAMON_RECLAIM: turn that off";
	if (err == -EINVAL && settings->ranges.nr > 1)
		return ": some kernels take one range only, choose it with --ranges";
	if (err == -ESRCH || (err == -EINVAL && settings->nr_pids))
		return ": a process to be monitored is gone";
	return "";
}

static void find_thread(struct damon_monitor *monitor)
{
	monitor->pid = read_pid_of(0);
	monitor->tid = thread_of(monitor->pid);
	write_mark(monitor);
}

/**
 * damon_monitor__restart - turn our kdamond on again, with other targets
 * @monitor: our kdamond, which has ended as its targets have
 * @settings: the targets
 * @processes: the processes in @settings
 *
 * Return: 0 or a negative error number, such as if these have ended, too.
 */
int damon_monitor__restart(struct damon_monitor *monitor, const struct damon_settings *settings,
			   const struct damon_processes *processes)
{
	int err = write_targets(0, settings, processes) ?: damon_sysfs__write("0/state=on");

	err = err ?: is_on(0) ? 0 : -ESRCH;
	if (!err)
		find_thread(monitor);
	return err;
}

/**
 * damon_monitor__turn_on - start monitoring
 * @monitor: our kdamond
 * @settings: what it monitors; the ranges are joined if the kernel takes only one
 * @processes: the processes in @settings
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__turn_on(struct damon_monitor *monitor, struct damon_settings *settings,
			   const struct damon_processes *processes)
{
	int err = damon_sysfs__write("0/state=on");
	pid_t ended;

	if (err == -EINVAL && settings->all_memory && settings->ranges.nr > 1)
		err = turn_on_joined(&settings->ranges);
	if (err) {
		pr_err("cannot turn DAMON on: %s%s\n", strerror(-err), explain(err, settings));
		return err;
	}
	if (!is_on(0)) {
		pr_err("DAMON has ended at once: the process to be monitored is gone\n");
		return -ESRCH;
	}
	find_thread(monitor);
	ended = find_ended(processes);
	if (ended)
		pr_err("process %d has ended before it was monitored\n", ended);
	return ended ? -ESRCH : 0;
}

/**
 * damon_monitor__release - stop and remove our kdamond, and unlock the sysfs files
 * @monitor: our kdamond
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_monitor__release(struct damon_monitor *monitor)
{
	int err = 0;

	/* Once our kdamond has ended, others may configure theirs in its place. */
	if (monitor->directory && damon_sysfs__inode("0") != monitor->directory) {
		damon_warning("somebody else has configured DAMON meanwhile, which is left as it is\n");
		damon_mark__remove();
	} else if (monitor->directory) {
		err = damon_kdamonds__stop();
	}
	damon_monitor__leave(monitor);
	return err;
}

/**
 * damon_monitor__leave - leave our kdamond as it is, and unlock the sysfs files
 * @monitor: our kdamond
 */
void damon_monitor__leave(struct damon_monitor *monitor)
{
	if (monitor->lock >= 0)
		close(monitor->lock);
	monitor->lock = -1;
	monitor->directory = 0;
}
