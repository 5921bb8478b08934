// SPDX-License-Identifier: GPL-2.0
/*
 * .../contexts/C/schemes: the directories and files of schemes, how schemes are made of
 * them, and where their results go.
 */
#include <linux/cgroup.h>
#include <linux/damon.h>
#include <linux/limits.h>
#include <linux/memcontrol.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sysfs.h"
#include "sysfs-schemes.h"

/* .../access_pattern/{sz,nr_accesses,age}: a range that both values belong to */
struct bounds_dir {
	struct damon_dir dir;
	unsigned long min;
	unsigned long max;
};

static const struct damon_dir_type bounds_type = {
	.size = sizeof(struct bounds_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("min", struct bounds_dir, min),
		FILE_ULONG("max", struct bounds_dir, max),
		{}
	},
};

enum { PATTERN_SIZE, PATTERN_ACCESSES, PATTERN_AGE };

static const struct damon_dir_type pattern_type = {
	.size = sizeof(struct damon_dir),
	.subdirs = (const struct damon_subdir[]) {
		[PATTERN_SIZE] = { "sz", &bounds_type },
		[PATTERN_ACCESSES] = { "nr_accesses", &bounds_type },
		[PATTERN_AGE] = { "age", &bounds_type },
		{}
	},
};

/* .../quotas/weights: what counts if the quota is not enough for all */
struct weights_dir {
	struct damon_dir dir;
	unsigned long size;
	unsigned long accesses;
	unsigned long age;
};

static const struct damon_dir_type weights_type = {
	.size = sizeof(struct weights_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("sz_permil", struct weights_dir, size),
		FILE_ULONG("nr_accesses_permil", struct weights_dir, accesses),
		FILE_ULONG("age_permil", struct weights_dir, age),
		{}
	},
};

/* .../quotas/goals/G: what the quota is tuned towards */
struct goal_dir {
	struct damon_dir dir;
	struct damon_goal goal;
};

static const char *const goal_metrics[DAMON_NR_GOAL_METRICS + 1] = {
	[DAMON_GOAL_USER_INPUT] = "user_input",
	[DAMON_GOAL_SOME_MEM_PSI_US] = "some_mem_psi_us",
};

static const struct damon_dir_type goal_type = {
	.size = sizeof(struct goal_dir),
	.files = (const struct damon_file[]) {
		FILE_ENUM("target_metric", struct goal_dir, goal.metric, .names = goal_metrics),
		FILE_ULONG("target_value", struct goal_dir, goal.target),
		FILE_ULONG("current_value", struct goal_dir, goal.current_value),
		{}
	},
};

static const struct damon_dir_type goals_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_goals"),
		{}
	},
	.element = &goal_type,
	.max_elements = DAMON_MAX_ELEMENTS,
};

/* .../quotas: how much the scheme may do in a time window */
struct quotas_dir {
	struct damon_dir dir;
	unsigned long ms;
	unsigned long bytes;
	unsigned long reset_interval_ms;
	unsigned long effective_bytes;
};

enum { QUOTAS_WEIGHTS, QUOTAS_GOALS };

static const struct damon_dir_type quotas_type = {
	.size = sizeof(struct quotas_dir),
	.files = (const struct damon_file[]) {
		FILE_ULONG("ms", struct quotas_dir, ms),
		FILE_ULONG("bytes", struct quotas_dir, bytes),
		FILE_ULONG("reset_interval_ms", struct quotas_dir, reset_interval_ms),
		FILE_RO_ULONG("effective_bytes", struct quotas_dir, effective_bytes),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		[QUOTAS_WEIGHTS] = { "weights", &weights_type },
		[QUOTAS_GOALS] = { "goals", &goals_type },
		{}
	},
};

/* .../watermarks: when the scheme is active */
struct watermarks_dir {
	struct damon_dir dir;
	struct damon_watermarks watermarks;
};

static const char *const watermark_metrics[DAMON_NR_WATERMARK_METRICS + 1] = {
	[DAMON_WATERMARK_NONE] = "none",
	[DAMON_WATERMARK_FREE_MEM_RATE] = "free_mem_rate",
};

static const struct damon_dir_type watermarks_type = {
	.size = sizeof(struct watermarks_dir),
	.files = (const struct damon_file[]) {
		FILE_ENUM("metric", struct watermarks_dir, watermarks.metric,
			  .names = watermark_metrics),
		FILE_ULONG("interval_us", struct watermarks_dir, watermarks.interval_us),
		FILE_ULONG("high", struct watermarks_dir, watermarks.high),
		FILE_ULONG("mid", struct watermarks_dir, watermarks.mid),
		FILE_ULONG("low", struct watermarks_dir, watermarks.low),
		{}
	},
};

/* .../filters/F: memory that the scheme leaves alone */
struct filter_dir {
	struct damon_dir dir;
	enum damon_filter_type type;
	bool matching;
	char *memcg_path;
	unsigned long addr_start;
	unsigned long addr_end;
	unsigned long damon_target_idx;
};

static const char *const filter_types[DAMON_NR_FILTER_TYPES + 1] = {
	[DAMON_FILTER_ANON] = "anon",
	[DAMON_FILTER_MEMCG] = "memcg",
	[DAMON_FILTER_YOUNG] = "young",
	[DAMON_FILTER_ADDR] = "addr",
	[DAMON_FILTER_TARGET] = "target",
};

static const struct damon_dir_type filter_type = {
	.size = sizeof(struct filter_dir),
	.files = (const struct damon_file[]) {
		FILE_ENUM("type", struct filter_dir, type, .names = filter_types),
		FILE_BOOL("matching", struct filter_dir, matching),
		FILE_STRING("memcg_path", struct filter_dir, memcg_path),
		FILE_ULONG("addr_start", struct filter_dir, addr_start),
		FILE_ULONG("addr_end", struct filter_dir, addr_end),
		FILE_ULONG("damon_target_idx", struct filter_dir, damon_target_idx),
		{}
	},
};

static const struct damon_dir_type filters_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_filters"),
		{}
	},
	.element = &filter_type,
	.max_elements = DAMON_MAX_ELEMENTS,
};

/* .../stats: what the scheme has done */
struct stats_dir {
	struct damon_dir dir;
	struct damon_scheme_stats stats;
};

static const struct damon_dir_type stats_type = {
	.size = sizeof(struct stats_dir),
	.files = (const struct damon_file[]) {
		FILE_RO_ULONG("nr_tried", struct stats_dir, stats.nr_tried),
		FILE_RO_ULONG("sz_tried", struct stats_dir, stats.sz_tried),
		FILE_RO_ULONG("nr_applied", struct stats_dir, stats.nr_applied),
		FILE_RO_ULONG("sz_applied", struct stats_dir, stats.sz_applied),
		FILE_RO_ULONG("qt_exceeds", struct stats_dir, stats.qt_exceeds),
		{}
	},
};

/* .../tried_regions/R */
struct tried_region_dir {
	struct damon_dir dir;
	unsigned long start;
	unsigned long end;
	unsigned long nr_accesses;
	unsigned long age;
};

static const struct damon_dir_type tried_region_type = {
	.size = sizeof(struct tried_region_dir),
	.files = (const struct damon_file[]) {
		FILE_RO_ULONG("start", struct tried_region_dir, start),
		FILE_RO_ULONG("end", struct tried_region_dir, end),
		FILE_RO_ULONG("nr_accesses", struct tried_region_dir, nr_accesses),
		FILE_RO_ULONG("age", struct tried_region_dir, age),
		{}
	},
};

/* .../tried_regions: what the scheme was going to act on in one pass */
struct tried_regions_dir {
	struct damon_dir dir;
	unsigned long total_bytes;
};

static const struct damon_dir_type tried_regions_type = {
	.size = sizeof(struct tried_regions_dir),
	.files = (const struct damon_file[]) {
		FILE_RO_ULONG("total_bytes", struct tried_regions_dir, total_bytes),
		{}
	},
	.element = &tried_region_type,
};

/* .../schemes/S: what to do with which memory */
struct scheme_dir {
	struct damon_dir dir;
	enum damon_action action;
	int target_nid;
	unsigned long apply_interval_us;
};

static const char *const actions[DAMON_NR_ACTIONS + 1] = {
	[DAMON_WILLNEED] = "willneed",
	[DAMON_COLD] = "cold",
	[DAMON_PAGEOUT] = "pageout",
	[DAMON_HUGEPAGE] = "hugepage",
	[DAMON_NOHUGEPAGE] = "nohugepage",
	[DAMON_LRU_PRIO] = "lru_prio",
	[DAMON_LRU_DEPRIO] = "lru_deprio",
	[DAMON_MIGRATE_HOT] = "migrate_hot",
	[DAMON_MIGRATE_COLD] = "migrate_cold",
	[DAMON_STAT] = "stat",
};

enum {
	SCHEME_PATTERN,
	SCHEME_QUOTAS,
	SCHEME_WATERMARKS,
	SCHEME_FILTERS,
	SCHEME_STATS,
	SCHEME_TRIED_REGIONS,
};

static const struct damon_dir_type scheme_type = {
	.size = sizeof(struct scheme_dir),
	.files = (const struct damon_file[]) {
		FILE_ENUM("action", struct scheme_dir, action, .names = actions,
			  .init = DAMON_STAT),
		FILE_INT("target_nid", struct scheme_dir, target_nid, .init = NUMA_NO_NODE),
		FILE_ULONG("apply_interval_us", struct scheme_dir, apply_interval_us),
		{}
	},
	.subdirs = (const struct damon_subdir[]) {
		[SCHEME_PATTERN] = { "access_pattern", &pattern_type },
		[SCHEME_QUOTAS] = { "quotas", &quotas_type },
		[SCHEME_WATERMARKS] = { "watermarks", &watermarks_type },
		[SCHEME_FILTERS] = { "filters", &filters_type },
		[SCHEME_STATS] = { "stats", &stats_type },
		[SCHEME_TRIED_REGIONS] = { "tried_regions", &tried_regions_type },
		{}
	},
};

/* .../schemes */
const struct damon_dir_type damon_schemes_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr_schemes"),
		{}
	},
	.element = &scheme_type,
	.max_elements = DAMON_MAX_ELEMENTS,
};

#ifdef CONFIG_MEMCG
/* A group that has been removed, but is still charged for memory, has its path, too. */
static bool memcg_has_path(struct mem_cgroup *memcg, const char *path, char *buf)
{
	int len = cgroup_path(memcg->css.cgroup, buf, PATH_MAX);

	return mem_cgroup_online(memcg) && len >= 0 && !strcmp(buf, path);
}

/*
 * Get the memory cgroup with a path from where cgroups are mounted, with a reference, into
 * *@found.  -EINVAL: none has it.
 */
static int get_memcg(const char *path, struct mem_cgroup **found)
{
	struct mem_cgroup *memcg = NULL;
	char *buf;

	if (!path)
		return -EINVAL;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	do {
		memcg = mem_cgroup_iter(NULL, memcg, NULL);
		cond_resched();
	} while (memcg && !memcg_has_path(memcg, path, buf));
	if (memcg && mem_cgroup_tryget_online(memcg))
		*found = memcg;
	mem_cgroup_iter_break(NULL, memcg);
	kfree(buf);
	return *found ? 0 : -EINVAL;
}
#else
static int get_memcg(const char *path, struct mem_cgroup **found)
{
	return -EINVAL;
}
#endif

static struct damon_pattern pattern_from_dir(struct damon_dir *dir)
{
	struct bounds_dir *size = damon_subdir(dir, PATTERN_SIZE, struct bounds_dir);
	struct bounds_dir *accesses = damon_subdir(dir, PATTERN_ACCESSES, struct bounds_dir);
	struct bounds_dir *age = damon_subdir(dir, PATTERN_AGE, struct bounds_dir);

	return (struct damon_pattern) {
		.min_size = size->min,
		.max_size = size->max,
		.min_nr_accesses = accesses->min,
		.max_nr_accesses = accesses->max,
		.min_age = age->min,
		.max_age = age->max,
	};
}

static int goals_from_dir(struct damon_dir *dir, struct damon_goal **goals,
			  unsigned int *nr_goals)
{
	unsigned int i;

	*goals = kvcalloc(dir->nr_elements, sizeof(**goals), GFP_KERNEL);
	if (!*goals)
		return -ENOMEM;
	*nr_goals = dir->nr_elements;
	for (i = 0; i < *nr_goals; i++)
		(*goals)[i] = damon_element(dir, i, struct goal_dir)->goal;
	return 0;
}

static int quota_from_dir(struct damon_dir *dir, struct damon_quota *quota)
{
	struct quotas_dir *quotas = container_of(dir, struct quotas_dir, dir);
	struct weights_dir *weights = damon_subdir(dir, QUOTAS_WEIGHTS, struct weights_dir);

	*quota = (struct damon_quota) {
		.window_ms = quotas->reset_interval_ms,
		.ms = quotas->ms,
		.bytes = quotas->bytes,
		.size_weight = weights->size,
		.accesses_weight = weights->accesses,
		.age_weight = weights->age,
	};
	return goals_from_dir(dir->subdirs[QUOTAS_GOALS], &quota->goals, &quota->nr_goals);
}

static int filter_from_dir(struct filter_dir *dir, struct damon_filter *filter)
{
	filter->type = dir->type;
	filter->matching = dir->matching;
	switch (dir->type) {
	case DAMON_FILTER_MEMCG:
		return get_memcg(dir->memcg_path, &filter->memcg);
	case DAMON_FILTER_ADDR:
		filter->range = (struct damon_range) { dir->addr_start, dir->addr_end };
		return 0;
	case DAMON_FILTER_TARGET:
		filter->target = dir->damon_target_idx;
		return 0;
	default:
		return 0;
	}
}

static int filters_from_dir(struct damon_dir *dir, struct damon_scheme *scheme)
{
	unsigned int i;
	int err = 0;

	scheme->filters = kvcalloc(dir->nr_elements, sizeof(*scheme->filters), GFP_KERNEL);
	if (!scheme->filters)
		return -ENOMEM;
	scheme->nr_filters = dir->nr_elements;
	for (i = 0; !err && i < scheme->nr_filters; i++)
		err = filter_from_dir(damon_element(dir, i, struct filter_dir),
				      &scheme->filters[i]);
	return err;
}

static int scheme_from_dir(struct scheme_dir *dir, struct damon_ctx *ctx)
{
	struct damon_dir *const *subdirs = dir->dir.subdirs;
	struct damon_scheme *scheme = damon_add_scheme(ctx);

	if (!scheme)
		return -ENOMEM;
	scheme->action = dir->action;
	scheme->nid = dir->target_nid;
	scheme->apply_interval_us = dir->apply_interval_us;
	scheme->pattern = pattern_from_dir(subdirs[SCHEME_PATTERN]);
	scheme->watermarks = damon_subdir(&dir->dir, SCHEME_WATERMARKS,
					  struct watermarks_dir)->watermarks;
	return quota_from_dir(subdirs[SCHEME_QUOTAS], &scheme->quota) ?:
	       filters_from_dir(subdirs[SCHEME_FILTERS], scheme);
}

/**
 * damon_schemes_from_dir - add to a context the schemes that users have set up
 * @dir:	of damon_schemes_type, with the tree locked
 * @ctx:	the context, without a running kdamond
 *
 * May sleep.
 *
 * Return: 0, or -EINVAL if there is no such memory cgroup, or -ENOMEM; some schemes may have
 * been added then.
 */
int damon_schemes_from_dir(struct damon_dir *dir, struct damon_ctx *ctx)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < dir->nr_elements; i++)
		err = scheme_from_dir(damon_element(dir, i, struct scheme_dir), ctx);
	return err;
}

/**
 * damon_goals_from_dir - read what a scheme's quota is tuned towards
 * @scheme:	the scheme's directory, with the tree locked
 * @goals:	gets an array, for the caller to kvfree()
 * @nr_goals:	gets the number of @goals
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM with NULL in @goals.
 */
int damon_goals_from_dir(struct damon_dir *scheme, struct damon_goal **goals,
			 unsigned int *nr_goals)
{
	struct damon_dir *quotas = scheme->subdirs[SCHEME_QUOTAS];

	return goals_from_dir(quotas->subdirs[QUOTAS_GOALS], goals, nr_goals);
}

/**
 * damon_stats_to_dir - show what a scheme has done
 * @scheme:	the scheme's directory, with the tree locked
 * @stats:	its statistics
 */
void damon_stats_to_dir(struct damon_dir *scheme, const struct damon_scheme_stats *stats)
{
	damon_subdir(scheme, SCHEME_STATS, struct stats_dir)->stats = *stats;
}

/**
 * damon_effective_bytes_to_dir - show what the limits and goals of a quota come to
 * @scheme:	the scheme's directory, with the tree locked
 * @bytes:	bytes in a window; ULONG_MAX is shown as 0, as in the file "bytes": no limit
 */
void damon_effective_bytes_to_dir(struct damon_dir *scheme, unsigned long bytes)
{
	damon_subdir(scheme, SCHEME_QUOTAS, struct quotas_dir)->effective_bytes =
		bytes == ULONG_MAX ? 0 : bytes;
}

/**
 * damon_tried_bytes_to_dir - show on how much memory a scheme was going to act
 * @scheme:	the scheme's directory, with the tree locked
 * @bytes:	how much, in bytes
 */
void damon_tried_bytes_to_dir(struct damon_dir *scheme, unsigned long bytes)
{
	damon_subdir(scheme, SCHEME_TRIED_REGIONS, struct tried_regions_dir)->total_bytes = bytes;
}

/**
 * damon_get_tried_dir - get a scheme's directory for damon_tried_regions_to_dir()
 * @scheme:	the scheme's directory, with the tree locked
 *
 * Return: the directory "tried_regions", for the caller to kobject_put(), without a lock.
 */
struct damon_dir *damon_get_tried_dir(struct damon_dir *scheme)
{
	struct damon_dir *tried = scheme->subdirs[SCHEME_TRIED_REGIONS];

	kobject_get(&tried->kobj);
	return tried;
}

static void fill_tried_regions(struct damon_dir *dir, const void *arg)
{
	const struct damon_tried_regions *regions = arg;
	unsigned int i;

	container_of(dir, struct tried_regions_dir, dir)->total_bytes = regions->total_bytes;
	for (i = 0; i < regions->nr; i++) {
		const struct damon_tried_region *r = &regions->v[i];
		struct tried_region_dir *to = damon_element(dir, i, struct tried_region_dir);

		to->start = r->range.start;
		to->end = r->range.end;
		to->nr_accesses = r->nr_accesses;
		to->age = r->age;
	}
}

/**
 * damon_tried_regions_to_dir - show which regions a scheme was going to act on
 * @tried:	from damon_get_tried_dir(); the tree is not locked
 * @serial:	its &damon_dir.serial at that time
 * @regions:	the regions; they replace those that are shown
 *
 * If the directory has been removed or made as new meanwhile nothing is shown.  May sleep.
 *
 * Return: 0, or with nothing changed -ENOMEM, or -EINTR if the caller was killed.
 */
int damon_tried_regions_to_dir(struct damon_dir *tried, u64 serial,
			       const struct damon_tried_regions *regions)
{
	int err = damon_dir_resize(tried, serial, regions->nr, fill_tried_regions, regions);

	return err == -ENODEV ? 0 : err;
}
