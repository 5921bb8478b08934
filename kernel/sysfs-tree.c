// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/mm/damon: its directories and files, and how a context is made of them.
 *
 * Names, modes and values are an ABI:
 * Documentation/ABI/testing/sysfs-kernel-mm-damon.
 */
#include <linux/damon.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/kstrtox.h>
#include <linux/pid.h>
#include <linux/slab.h>

#include "ops.h"
#include "sysfs.h"
#include "sysfs-request.h"
#include "sysfs-schemes.h"

/* .../targets/T/regions/R: memory to watch */
struct region_dir {
	struct damon_dir dir;
	unsigned long start;
	unsigned long end;
};

static const struct damon_dir_type region_type = {
	.size = sizeof(struct region_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("start", struct region_dir, start),
		FILE_ULONG("end", struct region_dir, end),
		{}
	},
};

static const struct damon_dir_type regions_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_regions"),
		{}
	},
	.element = &region_type,
	.max_elements = DAMON_MAX_ELEMENTS,
};

/*
 * .../targets/T: a process, by its id or by a file descriptor.  The id is looked up at
 * "on", or at the first "commit" after it was written, the file descriptor at once.  From
 * then on the process is pinned: another one with its id does not become the target.
 */
struct target_dir {
	struct damon_dir dir;
	int pid_target;
	struct pid *found;	/* by an "on" or "commit" that is going on */
	struct pid *pinned;
	bool by_pidfd;		/* else "on" looks the id up again */
};

static struct target_dir *to_target_dir(struct damon_dir *dir)
{
	return container_of(dir, struct target_dir, dir);
}

static void target_pin(struct target_dir *target, struct pid *pid, bool by_pidfd)
{
	put_pid(target->pinned);
	target->pinned = pid;
	target->by_pidfd = by_pidfd;
}

static ssize_t pid_target_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_target_dir(dir)->pid_target);
}

static int pid_target_store(struct damon_dir *dir, const char *buf)
{
	struct target_dir *target = to_target_dir(dir);
	int err = kstrtoint(buf, 0, &target->pid_target);

	if (!err)
		target_pin(target, NULL, false);
	return err;
}

static ssize_t pidfd_target_show(struct damon_dir *dir, char *buf)
{
	struct target_dir *target = to_target_dir(dir);

	return sysfs_emit(buf, "%d\n",
			  target->by_pidfd ? pid_vnr(target->pinned) : -1);
}

static int pidfd_target_store(struct damon_dir *dir, const char *buf)
{
	unsigned int fd, flags;
	struct pid *pid;
	int err = kstrtouint(buf, 0, &fd);

	if (err)
		return err;
	pid = pidfd_get_pid(fd, &flags);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	target_pin(to_target_dir(dir), pid, true);
	return 0;
}

static void target_release(struct damon_dir *dir)
{
	target_pin(to_target_dir(dir), NULL, false);
}

static const struct damon_dir_type target_type = {
	.size = sizeof(struct target_dir),
	.files = (const struct damon_file[]) {
		FILE_CUSTOM("pid_target", 0600, .show = pid_target_show,
			    .store = pid_target_store),
		FILE_CUSTOM("pidfd_target", 0600, .show = pidfd_target_show,
			    .store = pidfd_target_store),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "regions", &regions_type },
		{}
	},
	.release = target_release,
};

static const struct damon_dir_type targets_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_targets"),
		{}
	},
	.element = &target_type,
	.max_elements = DAMON_MAX_ELEMENTS,
};

/* .../monitoring_attrs/intervals */
struct intervals_dir {
	struct damon_dir dir;
	unsigned long sample_us;
	unsigned long aggr_us;
	unsigned long update_us;
};

static const struct damon_dir_type intervals_type = {
	.size = sizeof(struct intervals_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("sample_us", struct intervals_dir, sample_us,
			   .init = DAMON_DEFAULT_SAMPLE_US),
		FILE_ULONG("aggr_us", struct intervals_dir, aggr_us,
			   .init = DAMON_DEFAULT_AGGR_US),
		FILE_ULONG("update_us", struct intervals_dir, update_us,
			   .init = DAMON_DEFAULT_UPDATE_US),
		{}
	},
};

/* .../monitoring_attrs/nr_regions */
struct nr_regions_dir {
	struct damon_dir dir;
	unsigned long min;
	unsigned long max;
};

static const struct damon_dir_type nr_regions_type = {
	.size = sizeof(struct nr_regions_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("min", struct nr_regions_dir, min,
			   .init = DAMON_DEFAULT_MIN_NR_REGIONS),
		FILE_ULONG("max", struct nr_regions_dir, max,
			   .init = DAMON_DEFAULT_MAX_NR_REGIONS),
		{}
	},
};

enum { ATTRS_INTERVALS, ATTRS_NR_REGIONS };

/* .../monitoring_attrs */
struct attrs_dir {
	struct damon_dir dir;
	unsigned long max_tlb_flushes;
};

static const struct damon_dir_type attrs_type = {
	.size = sizeof(struct attrs_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("max_tlb_flushes", struct attrs_dir, max_tlb_flushes,
			   .init = DAMON_DEFAULT_MAX_TLB_FLUSHES),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		[ATTRS_INTERVALS] = { "intervals", &intervals_type },
		[ATTRS_NR_REGIONS] = { "nr_regions", &nr_regions_type },
		{}
	},
};

/* .../contexts/C: what to watch, and how */
struct context_dir {
	struct damon_dir dir;
	/* what was written to "operations"; NULL: the first one */
	const struct damon_operations *ops;
};

static struct context_dir *to_context_dir(struct damon_dir *dir)
{
	return container_of(dir, struct context_dir, dir);
}

static const struct damon_operations *context_ops(const struct context_dir *context)
{
	return context->ops ?: damon_nth_ops(0);
}

static ssize_t avail_operations_show(struct damon_dir *dir, char *buf)
{
	const struct damon_operations *ops;
	unsigned int i;
	int len = 0;

	for (i = 0; (ops = damon_nth_ops(i)); i++)
		len += sysfs_emit_at(buf, len, "%s\n", ops->name);
	return len;
}

static ssize_t operations_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%s\n", context_ops(to_context_dir(dir))->name);
}

static int operations_store(struct damon_dir *dir, const char *buf)
{
	const struct damon_operations *ops = damon_find_ops(buf);

	if (!ops)
		return -EINVAL;
	to_context_dir(dir)->ops = ops;
	return 0;
}

enum { CONTEXT_ATTRS, CONTEXT_TARGETS, CONTEXT_SCHEMES };

static const struct damon_dir_type context_type = {
	.size = sizeof(struct context_dir),
	.files = (const struct damon_file[]) {
		FILE_CUSTOM("avail_operations", 0400,
			    .show = avail_operations_show),
		FILE_CUSTOM("operations", 0600, .show = operations_show,
			    .store = operations_store),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		[CONTEXT_ATTRS] = { "monitoring_attrs", &attrs_type },
		[CONTEXT_TARGETS] = { "targets", &targets_type },
		[CONTEXT_SCHEMES] = { "schemes", &damon_schemes_type },
		{}
	},
};

static const struct damon_dir_type contexts_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_contexts"),
		{}
	},
	.element = &context_type,
	.max_elements = 1,
};

/* .../kdamonds/K: a kdamond */
struct kdamond_dir {
	struct damon_dir dir;
	struct damon_ctx *ctx;		/* of the last "on", or NULL */
	u64 start;			/* number of that "on", of those of all kdamonds */
};

static struct kdamond_dir *to_kdamond_dir(struct damon_dir *dir)
{
	return container_of(dir, struct kdamond_dir, dir);
}

static pid_t kdamond_pid(struct kdamond_dir *kdamond)
{
	return kdamond->ctx ? damon_kdamond_pid(kdamond->ctx) : -1;
}

static void attrs_from_dir(struct damon_dir *dir, struct damon_attrs *attrs)
{
	struct intervals_dir *intervals = damon_subdir(dir, ATTRS_INTERVALS,
						       struct intervals_dir);
	struct nr_regions_dir *nr_regions = damon_subdir(dir, ATTRS_NR_REGIONS,
							 struct nr_regions_dir);

	*attrs = (struct damon_attrs) {
		.sample_us = intervals->sample_us,
		.aggr_us = intervals->aggr_us,
		.update_us = intervals->update_us,
		.min_nr_regions = nr_regions->min,
		.max_nr_regions = nr_regions->max,
		.max_tlb_flushes = container_of(dir, struct attrs_dir,
						dir)->max_tlb_flushes,
	};
}

static int ranges_from_dir(struct damon_dir *dir, struct damon_target *t)
{
	struct damon_range *ranges;
	unsigned int i;
	int err;

	ranges = kvmalloc_array(dir->nr_elements, sizeof(*ranges), GFP_KERNEL);
	if (!ranges && dir->nr_elements)
		return -ENOMEM;
	for (i = 0; i < dir->nr_elements; i++) {
		struct region_dir *region = damon_element(dir, i, struct region_dir);

		ranges[i] = (struct damon_range) { region->start, region->end };
	}
	err = damon_set_ranges(t, ranges, dir->nr_elements);
	kvfree(ranges);
	return err;
}

/* With @anew, ids are looked up again */
static int target_from_dir(struct damon_dir *dir, struct damon_ctx *ctx,
			   bool anew)
{
	struct target_dir *target = to_target_dir(dir);
	struct damon_target *t;

	if (ctx->ops->processes) {
		if (target->by_pidfd || (target->pinned && !anew))
			target->found = get_pid(target->pinned);
		else
			target->found = find_get_pid(target->pid_target);
		if (!target->found)
			return -EINVAL;
	}
	t = damon_add_target(ctx, target->found);
	return t ? ranges_from_dir(dir->subdirs[0], t) : -ENOMEM;
}

/* Pin the processes that were found, or forget them if they are not watched */
static void settle_targets(struct damon_dir *dir, bool watched)
{
	unsigned int i;

	for (i = 0; i < dir->nr_elements; i++) {
		struct target_dir *target = to_target_dir(dir->elements[i]);

		if (watched && target->found)
			target_pin(target, target->found, target->by_pidfd);
		else
			put_pid(target->found);
		target->found = NULL;
	}
}

static int targets_from_dir(struct damon_dir *dir, struct damon_ctx *ctx,
			    bool anew)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < dir->nr_elements; i++)
		err = target_from_dir(dir->elements[i], ctx, anew);
	return err;
}

static int ctx_from_dir(struct damon_dir *dir, struct damon_ctx *ctx, bool anew)
{
	ctx->ops = context_ops(to_context_dir(dir));
	attrs_from_dir(dir->subdirs[CONTEXT_ATTRS], &ctx->attrs);
	return targets_from_dir(dir->subdirs[CONTEXT_TARGETS], ctx, anew) ?:
	       damon_schemes_from_dir(dir->subdirs[CONTEXT_SCHEMES], ctx);
}

static int kdamond_start(struct kdamond_dir *kdamond, struct damon_ctx *ctx)
{
	static u64 nr_starts;
	int err = damon_start(ctx, false);

	if (err)
		return err;
	damon_free_ctx(kdamond->ctx);
	kdamond->ctx = ctx;
	kdamond->start = ++nr_starts;
	return 0;
}

static int kdamond_go_on(struct kdamond_dir *kdamond, struct damon_ctx *ctx)
{
	return damon_commit(kdamond->ctx, ctx);
}

/* Make a context of the files' values, and have @use start or commit it */
static int kdamond_use(struct kdamond_dir *kdamond, bool anew,
		       int (*use)(struct kdamond_dir *kdamond,
				  struct damon_ctx *ctx))
{
	struct damon_dir *contexts = kdamond->dir.subdirs[0], *dir;
	struct damon_ctx *ctx;
	int err;

	if (contexts->nr_elements != 1)
		return -EINVAL;
	dir = contexts->elements[0];
	ctx = damon_new_ctx();
	if (!ctx)
		return -ENOMEM;
	err = ctx_from_dir(dir, ctx, anew) ?: use(kdamond, ctx);
	if (err)
		damon_free_ctx(ctx);
	settle_targets(dir->subdirs[CONTEXT_TARGETS], !err);
	return err;
}

static int kdamond_on(struct kdamond_dir *kdamond)
{
	if (kdamond_pid(kdamond) != -1)
		return -EBUSY;
	return kdamond_use(kdamond, true, kdamond_start);
}

/* If the kdamond ends by itself its context stays, with the results of its schemes. */
static int kdamond_off(struct kdamond_dir *kdamond)
{
	int err = kdamond->ctx ? damon_stop(kdamond->ctx) : -EPERM;

	if (err)
		return err;
	damon_free_ctx(kdamond->ctx);
	kdamond->ctx = NULL;
	return 0;
}

static int kdamond_commit(struct kdamond_dir *kdamond)
{
	if (kdamond_pid(kdamond) == -1)
		return -EINVAL;
	return kdamond_use(kdamond, false, kdamond_go_on);
}

static struct damon_dir *kdamond_schemes(struct kdamond_dir *kdamond)
{
	struct damon_dir *contexts = kdamond->dir.subdirs[0];

	return contexts->nr_elements ? contexts->elements[0]->subdirs[CONTEXT_SCHEMES] : NULL;
}

/*
 * The tree is not locked while this waits for the kdamond, so look up everything again then.  A
 * context of a later start may have the address of the one that was asked.
 */
static int kdamond_request(struct kdamond_dir *kdamond, const struct damon_request *request)
{
	struct damon_answers *answers;
	int err = damon_lock_tree(&kdamond->dir);
	u64 start;

	if (err)
		return err;
	start = kdamond->start;
	answers = damon_ask(request, kdamond->ctx, kdamond_schemes(kdamond));
	damon_unlock_tree();
	if (IS_ERR(answers))
		return PTR_ERR(answers);

	err = damon_wait_answers(answers);
	if (err)
		return err;

	err = damon_lock_tree(&kdamond->dir);
	if (!err) {
		damon_store_answers(answers, kdamond->start == start ? kdamond->ctx : NULL,
				    kdamond_schemes(kdamond));
		damon_unlock_tree();
	}
	return damon_end_answers(answers) ?: err;
}

static int kdamond_run(struct kdamond_dir *kdamond, int (*run)(struct kdamond_dir *kdamond))
{
	int err = damon_lock_tree(&kdamond->dir);

	if (err)
		return err;
	err = run(kdamond);
	damon_unlock_tree();
	return err;
}

/* What can be written to "state": to be done with the tree locked, or by the kdamond */
static const struct {
	const char *name;
	int (*run)(struct kdamond_dir *kdamond);
	const struct damon_request *request;
} state_commands[] = {
	{ "on", kdamond_on },
	{ "off", kdamond_off },
	{ "commit", kdamond_commit },
	{ "commit_schemes_quota_goals", .request = &damon_commit_quota_goals },
	{ "update_schemes_stats", .request = &damon_update_stats },
	{ "update_schemes_tried_bytes", .request = &damon_update_tried_bytes },
	{ "update_schemes_tried_regions", .request = &damon_update_tried_regions },
	{ "clear_schemes_tried_regions", .request = &damon_clear_tried_regions },
	{ "update_schemes_effective_quotas", .request = &damon_update_effective_quotas },
};

static ssize_t state_show(struct damon_dir *dir, char *buf)
{
	bool on = kdamond_pid(to_kdamond_dir(dir)) != -1;

	return sysfs_emit(buf, "%s\n", on ? "on" : "off");
}

static int state_store(struct damon_dir *dir, const char *buf)
{
	struct kdamond_dir *kdamond = to_kdamond_dir(dir);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(state_commands); i++) {
		if (!sysfs_streq(buf, state_commands[i].name))
			continue;
		if (state_commands[i].run)
			return kdamond_run(kdamond, state_commands[i].run);
		return kdamond_request(kdamond, state_commands[i].request);
	}
	return -EINVAL;
}

static ssize_t pid_show(struct damon_dir *dir, char *buf)
{
	return sysfs_emit(buf, "%d\n", kdamond_pid(to_kdamond_dir(dir)));
}

static void kdamond_release(struct damon_dir *dir)
{
	damon_free_ctx(to_kdamond_dir(dir)->ctx);
}

static const struct damon_dir_type kdamond_type = {
	.size = sizeof(struct kdamond_dir),
	.files = (const struct damon_file[]) {
		FILE_CUSTOM("state", 0600, .show = state_show,
			    .store = state_store, .unlocked = true),
		FILE_CUSTOM("pid", 0400, .show = pid_show),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		{ "contexts", &contexts_type },
		{}
	},
	.release = kdamond_release,
};

static bool kdamonds_busy(struct damon_dir *dir)
{
	unsigned int i;

	for (i = 0; i < dir->nr_elements; i++)
		if (kdamond_pid(to_kdamond_dir(dir->elements[i])) != -1)
			return true;
	return false;
}

static const struct damon_dir_type kdamonds_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_kdamonds"),
		{}
	},
	.element = &kdamond_type,
	.max_elements = DAMON_MAX_ELEMENTS,
	.busy = kdamonds_busy,
};

static const struct damon_dir_type admin_type = {
	.size = sizeof(struct damon_dir),
	.subdirs = (const struct damon_subdir[]) {
		{ "kdamonds", &kdamonds_type },
		{}
	},
};

static const struct damon_dir_type root_type = {
	.size = sizeof(struct damon_dir),
	.subdirs = (const struct damon_subdir[]) {
		{ "admin", &admin_type },
		{}
	},
};

static int __init damon_sysfs_init(void)
{
	return PTR_ERR_OR_ZERO(damon_dir_add(&root_type, mm_kobj, "damon"));
}
subsys_initcall(damon_sysfs_init);
