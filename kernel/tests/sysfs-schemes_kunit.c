// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of sysfs-schemes.c and sysfs-request.c: how schemes are made of directories, and how
 * results come back.  Files are written and read as sysfs would do it.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "quota.h"
#include "sysfs-request.h"
#include "sysfs-schemes.h"

#define P	PAGE_SIZE

/* The sub-directory or element whose name begins @path, up to a slash */
static struct damon_dir *find_dir(struct damon_dir *dir, const char *path)
{
	size_t len = strchr(path, '/') - path;
	unsigned int i = 0;

	if (*path >= '0' && *path <= '9')
		return dir->elements[*path - '0'];
	while (strncmp(dir->type->subdirs[i].name, path, len) || dir->type->subdirs[i].name[len])
		i++;
	return dir->subdirs[i];
}

static struct damon_dir *find_file(struct damon_dir *dir, const char *path,
				   struct attribute **attr)
{
	const struct damon_file *file;

	for (; strchr(path, '/'); path = strchr(path, '/') + 1)
		dir = find_dir(dir, path);
	for (file = dir->type->files; strcmp(file->attr.name, path); file++)
		;
	*attr = (struct attribute *)&file->attr;
	return dir;
}

static ssize_t store(struct damon_dir *dir, const char *path, const char *text)
{
	struct attribute *attr;

	dir = find_file(dir, path, &attr);
	return dir->kobj.ktype->sysfs_ops->store(&dir->kobj, attr, text, strlen(text));
}

static void expect_stored(struct kunit *test, struct damon_dir *dir, const char *path,
			  const char *text)
{
	KUNIT_EXPECT_EQ_MSG(test, strlen(text), store(dir, path, text), "%s to %s", text, path);
}

static void expect_shown(struct kunit *test, struct damon_dir *dir, const char *path,
			 const char *text)
{
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);
	struct attribute *attr;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	dir = find_file(dir, path, &attr);
	dir->kobj.ktype->sysfs_ops->show(&dir->kobj, attr, buf);
	strim(buf);
	KUNIT_EXPECT_STREQ_MSG(test, text, buf, "in %s", path);
	free_page((unsigned long)buf);
}

static void expect_number(struct kunit *test, struct damon_dir *dir, const char *path,
			  unsigned long want)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", want);
	expect_shown(test, dir, path, text);
}

static struct damon_dir *new_schemes(struct kunit *test, const char *nr)
{
	struct damon_dir *schemes = damon_dir_add(&damon_schemes_type, mm_kobj, "damon-kunit");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, schemes);
	expect_shown(test, schemes, "nr_schemes", "0");
	expect_stored(test, schemes, "nr_schemes", nr);
	return schemes;
}

/* A context with the schemes of @schemes */
static struct damon_ctx *new_ctx(struct kunit *test, struct damon_dir *schemes)
{
	struct damon_ctx *ctx = damon_new_ctx();

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_EXPECT_EQ(test, 0, damon_schemes_from_dir(schemes, ctx));
	return ctx;
}

static struct damon_scheme *last_scheme(struct damon_ctx *ctx)
{
	return list_last_entry(&ctx->schemes, struct damon_scheme, list);
}

static void damon_test_no_scheme(struct kunit *test)
{
	struct damon_dir *schemes = new_schemes(test, "0");
	struct damon_ctx *ctx = new_ctx(test, schemes);

	KUNIT_EXPECT_TRUE(test, list_empty(&ctx->schemes));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* A new directory is a new scheme. */
static void damon_test_new_scheme(struct kunit *test)
{
	struct damon_dir *schemes = new_schemes(test, "1");
	struct damon_ctx *ctx = new_ctx(test, schemes);
	struct damon_scheme *s = last_scheme(ctx), *new = damon_add_scheme(ctx);

	KUNIT_ASSERT_NOT_NULL(test, new);
	KUNIT_EXPECT_EQ(test, new->action, s->action);
	KUNIT_EXPECT_EQ(test, new->nid, s->nid);
	KUNIT_EXPECT_EQ(test, new->apply_interval_us, s->apply_interval_us);
	KUNIT_EXPECT_MEMEQ(test, &new->pattern, &s->pattern, sizeof(s->pattern));
	KUNIT_EXPECT_MEMEQ(test, &new->watermarks, &s->watermarks, sizeof(s->watermarks));
	KUNIT_EXPECT_EQ(test, 0, s->quota.nr_goals);
	KUNIT_EXPECT_EQ(test, 0, s->nr_filters);
	expect_shown(test, schemes, "0/action", "stat");
	expect_shown(test, schemes, "0/target_nid", "-1");
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* Each file has a value of its own, so that none is taken for another one. */
static const struct {
	const char *path;
	const char *text;
} settings[] = {
	{ "1/action", "migrate_cold" },
	{ "1/target_nid", "3" },
	{ "1/apply_interval_us", "10" },
	{ "1/access_pattern/sz/min", "11" },
	{ "1/access_pattern/sz/max", "12" },
	{ "1/access_pattern/nr_accesses/min", "13" },
	{ "1/access_pattern/nr_accesses/max", "14" },
	{ "1/access_pattern/age/min", "15" },
	{ "1/access_pattern/age/max", "16" },
	{ "1/quotas/ms", "17" },
	{ "1/quotas/bytes", "18" },
	{ "1/quotas/reset_interval_ms", "19" },
	{ "1/quotas/weights/sz_permil", "20" },
	{ "1/quotas/weights/nr_accesses_permil", "21" },
	{ "1/quotas/weights/age_permil", "22" },
	{ "1/quotas/goals/nr_goals", "2" },
	{ "1/quotas/goals/1/target_metric", "some_mem_psi_us" },
	{ "1/quotas/goals/1/target_value", "23" },
	{ "1/quotas/goals/1/current_value", "24" },
	{ "1/watermarks/metric", "free_mem_rate" },
	{ "1/watermarks/interval_us", "25" },
	{ "1/watermarks/high", "26" },
	{ "1/watermarks/mid", "27" },
	{ "1/watermarks/low", "28" },
	{ "1/filters/nr_filters", "4" },
	{ "1/filters/0/matching", "Y" },
	{ "1/filters/1/type", "young" },
	{ "1/filters/2/type", "addr" },
	{ "1/filters/2/addr_start", "29" },
	{ "1/filters/2/addr_end", "30" },
	{ "1/filters/3/type", "target" },
	{ "1/filters/3/damon_target_idx", "31" },
	{ "1/filters/3/matching", "Y" },
};

static void expect_filters(struct kunit *test, const struct damon_filter *f)
{
	KUNIT_EXPECT_EQ(test, DAMON_FILTER_ANON, f[0].type);
	KUNIT_EXPECT_TRUE(test, f[0].matching);
	KUNIT_EXPECT_EQ(test, DAMON_FILTER_YOUNG, f[1].type);
	KUNIT_EXPECT_FALSE(test, f[1].matching);
	KUNIT_EXPECT_EQ(test, DAMON_FILTER_ADDR, f[2].type);
	KUNIT_EXPECT_EQ(test, 29, f[2].range.start);
	KUNIT_EXPECT_EQ(test, 30, f[2].range.end);
	KUNIT_EXPECT_EQ(test, DAMON_FILTER_TARGET, f[3].type);
	KUNIT_EXPECT_EQ(test, 31, f[3].target);
	KUNIT_EXPECT_TRUE(test, f[3].matching);
}

static void expect_quota(struct kunit *test, const struct damon_quota *q)
{
	KUNIT_EXPECT_EQ(test, 17, q->ms);
	KUNIT_EXPECT_EQ(test, 18, q->bytes);
	KUNIT_EXPECT_EQ(test, 19, q->window_ms);
	KUNIT_EXPECT_EQ(test, 20, q->size_weight);
	KUNIT_EXPECT_EQ(test, 21, q->accesses_weight);
	KUNIT_EXPECT_EQ(test, 22, q->age_weight);
	KUNIT_ASSERT_EQ(test, 2, q->nr_goals);
	KUNIT_EXPECT_EQ(test, DAMON_GOAL_USER_INPUT, q->goals[0].metric);
	KUNIT_EXPECT_EQ(test, 0, q->goals[0].target);
	KUNIT_EXPECT_EQ(test, DAMON_GOAL_SOME_MEM_PSI_US, q->goals[1].metric);
	KUNIT_EXPECT_EQ(test, 23, q->goals[1].target);
	KUNIT_EXPECT_EQ(test, 24, q->goals[1].current_value);
}

static void damon_test_settings(struct kunit *test)
{
	static const struct damon_pattern pattern = { 11, 12, 13, 14, 15, 16 };
	struct damon_dir *schemes = new_schemes(test, "2");
	struct damon_ctx *ctx;
	struct damon_scheme *s;
	int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++)
		expect_stored(test, schemes, settings[i].path, settings[i].text);
	for (i = 0; i < ARRAY_SIZE(settings); i++)
		expect_shown(test, schemes, settings[i].path, settings[i].text);
	ctx = new_ctx(test, schemes);
	s = last_scheme(ctx);
	KUNIT_EXPECT_EQ(test, 2, list_count_nodes(&ctx->schemes));
	KUNIT_EXPECT_EQ(test, DAMON_MIGRATE_COLD, s->action);
	KUNIT_EXPECT_EQ(test, 3, s->nid);
	KUNIT_EXPECT_EQ(test, 10, s->apply_interval_us);
	KUNIT_EXPECT_MEMEQ(test, &pattern, &s->pattern, sizeof(pattern));
	KUNIT_EXPECT_EQ(test, DAMON_WATERMARK_FREE_MEM_RATE, s->watermarks.metric);
	KUNIT_EXPECT_EQ(test, 25, s->watermarks.interval_us);
	KUNIT_EXPECT_EQ(test, 26, s->watermarks.high);
	KUNIT_EXPECT_EQ(test, 27, s->watermarks.mid);
	KUNIT_EXPECT_EQ(test, 28, s->watermarks.low);
	expect_quota(test, &s->quota);
	KUNIT_ASSERT_EQ(test, 4, s->nr_filters);
	expect_filters(test, s->filters);
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

static void damon_test_memcg(struct kunit *test)
{
	static const char *const wrong[] = { "", "no slash", "/no such group" };
	struct damon_dir *schemes = new_schemes(test, "1");
	struct damon_ctx *ctx = damon_new_ctx();
	bool have = IS_ENABLED(CONFIG_MEMCG) && !mem_cgroup_disabled();
	int i;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	expect_stored(test, schemes, "0/filters/nr_filters", "1");
	expect_stored(test, schemes, "0/filters/0/type", "memcg");
	KUNIT_EXPECT_EQ(test, -EINVAL, damon_schemes_from_dir(schemes, ctx));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		expect_stored(test, schemes, "0/filters/0/memcg_path", wrong[i]);
		KUNIT_EXPECT_EQ(test, -EINVAL, damon_schemes_from_dir(schemes, ctx));
	}
	expect_stored(test, schemes, "0/filters/0/memcg_path", "/");
	KUNIT_EXPECT_EQ(test, have ? 0 : -EINVAL, damon_schemes_from_dir(schemes, ctx));
	if (have)
		KUNIT_EXPECT_TRUE(test, mem_cgroup_is_root(last_scheme(ctx)->filters->memcg));
	/* The path matters to this kind of filter only. */
	expect_stored(test, schemes, "0/filters/0/memcg_path", "/no such group");
	expect_stored(test, schemes, "0/filters/0/type", "anon");
	KUNIT_EXPECT_EQ(test, 0, damon_schemes_from_dir(schemes, ctx));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

static void damon_test_results(struct kunit *test)
{
	static const struct damon_scheme_stats stats = { 1, 2, 3, 4, 5 };
	static struct damon_tried_region regions[] = { { { 6, 7 }, 8, 9 }, { { 10, 11 }, 12, 13 } };
	struct damon_tried_regions tried = { .v = regions, .nr = 2, .total_bytes = 14 };
	struct damon_dir *schemes = new_schemes(test, "1"), *scheme = schemes->elements[0];
	struct damon_dir *dir = damon_get_tried_dir(scheme);
	u64 serial = dir->serial;

	damon_stats_to_dir(scheme, &stats);
	expect_shown(test, scheme, "stats/nr_tried", "1");
	expect_shown(test, scheme, "stats/sz_tried", "2");
	expect_shown(test, scheme, "stats/nr_applied", "3");
	expect_shown(test, scheme, "stats/sz_applied", "4");
	expect_shown(test, scheme, "stats/qt_exceeds", "5");
	damon_effective_bytes_to_dir(scheme, 6);
	expect_shown(test, scheme, "quotas/effective_bytes", "6");
	damon_effective_bytes_to_dir(scheme, ULONG_MAX);
	expect_shown(test, scheme, "quotas/effective_bytes", "0");

	KUNIT_EXPECT_EQ(test, 0, damon_tried_regions_to_dir(dir, serial, &tried));
	KUNIT_ASSERT_EQ(test, 2, dir->nr_elements);
	expect_shown(test, scheme, "tried_regions/total_bytes", "14");
	expect_shown(test, scheme, "tried_regions/0/start", "6");
	expect_shown(test, scheme, "tried_regions/1/start", "10");
	expect_shown(test, scheme, "tried_regions/1/end", "11");
	expect_shown(test, scheme, "tried_regions/1/nr_accesses", "12");
	expect_shown(test, scheme, "tried_regions/1/age", "13");
	KUNIT_EXPECT_EQ(test, -EIO, store(scheme, "tried_regions/1/age", "1"));
	damon_tried_bytes_to_dir(scheme, 15);
	expect_shown(test, scheme, "tried_regions/total_bytes", "15");
	KUNIT_EXPECT_EQ(test, 2, dir->nr_elements);

	/* All of it goes with the scheme. */
	expect_stored(test, schemes, "nr_schemes", "1");
	KUNIT_EXPECT_EQ(test, 0, dir->nr_elements);
	expect_shown(test, scheme, "tried_regions/total_bytes", "0");
	expect_shown(test, scheme, "stats/qt_exceeds", "0");
	KUNIT_EXPECT_EQ(test, 0, damon_tried_regions_to_dir(dir, serial, &tried));
	KUNIT_EXPECT_EQ(test, 0, dir->nr_elements);
	serial = dir->serial;
	expect_stored(test, schemes, "nr_schemes", "0");
	KUNIT_EXPECT_EQ(test, 0, damon_tried_regions_to_dir(dir, serial, &tried));
	kobject_put(&dir->kobj);
	damon_dir_remove(schemes);
}

/* Memory of 16 pages that is accessed all the time */
static int memory_get_ranges(struct damon_target *t, unsigned int most,
			     struct damon_range **ranges)
{
	*ranges = kvmalloc(sizeof(**ranges), GFP_KERNEL);
	if (!*ranges)
		return -ENOMEM;
	**ranges = (struct damon_range) { P, 17 * P };
	return 1;
}

static bool memory_sample(struct damon_ctx *ctx, unsigned int what)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region(r, &t->regions)
			r->nr_accesses += !!(what & DAMON_CHECK);
	return true;
}

static const struct damon_operations memory_ops = {
	.name = "kunit-memory",
	.get_ranges = memory_get_ranges,
	.sample = memory_sample,
};

/* Schemes: all memory, no memory, and all memory in each sample; and another directory */
static struct damon_dir *new_watching_schemes(struct kunit *test)
{
	static const char *const largest[] = {
		"0/access_pattern/sz/max",
		"0/access_pattern/nr_accesses/max",
		"0/access_pattern/age/max",
		"2/access_pattern/sz/max",
		"2/access_pattern/nr_accesses/max",
		"2/access_pattern/age/max",
	};
	struct damon_dir *schemes = new_schemes(test, "3");
	int i;

	for (i = 0; i < ARRAY_SIZE(largest); i++)
		expect_stored(test, schemes, largest[i], "1000000");
	expect_stored(test, schemes, "2/apply_interval_us", "200");
	return schemes;
}

static struct damon_ctx *start_ctx(struct kunit *test, struct damon_dir *schemes)
{
	struct damon_ctx *ctx = new_ctx(test, schemes);

	ctx->ops = &memory_ops;
	ctx->attrs = (struct damon_attrs) { 200, 2000, 1000000, 3, 20 };
	KUNIT_ASSERT_NOT_NULL(test, damon_add_target(ctx, NULL));
	KUNIT_ASSERT_EQ(test, 0, damon_start(ctx, false));
	return ctx;
}

static struct damon_answers *begin_ask(struct kunit *test, struct damon_ctx *ctx,
				       struct damon_dir *schemes,
				       const struct damon_request *request)
{
	struct damon_answers *answers;

	KUNIT_ASSERT_EQ(test, 0, damon_lock_tree(schemes));
	answers = damon_ask(request, ctx, schemes);
	damon_unlock_tree();
	return answers;
}

static void store_answers(struct kunit *test, struct damon_answers *answers,
			  struct damon_ctx *ctx, struct damon_dir *schemes)
{
	KUNIT_EXPECT_EQ(test, 0, damon_wait_answers(answers));
	KUNIT_ASSERT_EQ(test, 0, damon_lock_tree(schemes));
	damon_store_answers(answers, ctx, schemes);
	damon_unlock_tree();
}

/* As a word in "state" does it */
static int ask(struct kunit *test, struct damon_ctx *ctx, struct damon_dir *schemes,
	       const struct damon_request *request)
{
	struct damon_answers *answers = begin_ask(test, ctx, schemes, request);

	if (IS_ERR(answers))
		return PTR_ERR(answers);
	store_answers(test, answers, ctx, schemes);
	return damon_end_answers(answers);
}

/* The elements of @scheme's directory are all of the memory, from the beginning to the end. */
static void expect_all_tried(struct kunit *test, struct damon_dir *schemes, int scheme)
{
	struct damon_dir *tried = damon_get_tried_dir(schemes->elements[scheme]);
	unsigned long next = P;
	char path[16];
	int i;

	expect_number(test, tried, "total_bytes", 16 * P);
	KUNIT_EXPECT_GE(test, tried->nr_elements, 1);
	for (i = 0; i < tried->nr_elements; i++) {
		struct attribute *attr;
		char *buf = (char *)get_zeroed_page(GFP_KERNEL);
		struct damon_dir *r = find_file(tried->elements[i], "end", &attr);

		KUNIT_ASSERT_NOT_NULL(test, buf);
		expect_number(test, tried->elements[i], "start", next);
		r->kobj.ktype->sysfs_ops->show(&r->kobj, attr, buf);
		KUNIT_EXPECT_EQ(test, 0, kstrtoul(buf, 0, &next));
		free_page((unsigned long)buf);
	}
	KUNIT_EXPECT_EQ(test, 17 * P, next);
	snprintf(path, sizeof(path), "%d/action", scheme);
	expect_shown(test, schemes, path, "stat");
	kobject_put(&tried->kobj);
}

static void expect_none_tried(struct kunit *test, struct damon_dir *schemes, int scheme)
{
	struct damon_dir *tried = damon_get_tried_dir(schemes->elements[scheme]);

	expect_number(test, tried, "total_bytes", 0);
	KUNIT_EXPECT_EQ(test, 0, tried->nr_elements);
	kobject_put(&tried->kobj);
}

static void damon_test_tried(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);

	/* Nothing is known of regions before the end of their first aggregation. */
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_bytes));
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_bytes));
	expect_number(test, schemes, "0/tried_regions/total_bytes", 16 * P);
	expect_number(test, schemes, "1/tried_regions/total_bytes", 0);
	expect_number(test, schemes, "2/tried_regions/total_bytes", 16 * P);

	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_all_tried(test, schemes, 0);
	expect_number(test, schemes, "1/tried_regions/total_bytes", 0);
	expect_all_tried(test, schemes, 2);
	/* Again, so that elements are replaced */
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_all_tried(test, schemes, 2);

	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_clear_tried_regions));
	expect_number(test, schemes, "0/tried_regions/total_bytes", 0);

	/* Nothing is tried any more when the kdamond has ended. */
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_all_tried(test, schemes, 2);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_none_tried(test, schemes, 2);
	KUNIT_EXPECT_EQ(test, -EINVAL, ask(test, NULL, schemes, &damon_clear_tried_regions));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

static void damon_test_stats(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);

	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_bytes));
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_stats));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	/* Those of the end can still be read. */
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_stats));
	expect_number(test, schemes, "0/stats/nr_tried",
		      list_first_entry(&ctx->schemes, struct damon_scheme, list)->stats.nr_tried);
	expect_number(test, schemes, "1/stats/nr_tried", 0);
	expect_number(test, schemes, "2/stats/sz_tried", last_scheme(ctx)->stats.sz_tried);
	KUNIT_EXPECT_GE(test, last_scheme(ctx)->stats.sz_tried, 16 * P);
	KUNIT_EXPECT_EQ(test, -EINVAL, ask(test, NULL, schemes, &damon_update_stats));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

static void damon_test_goals(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);
	struct damon_scheme *s = last_scheme(ctx);

	expect_stored(test, schemes, "2/quotas/goals/nr_goals", "1");
	expect_stored(test, schemes, "2/quotas/goals/0/target_value", "100");
	expect_stored(test, schemes, "2/quotas/goals/0/current_value", "50");
	expect_stored(test, schemes, "2/quotas/bytes", "1");
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_commit_quota_goals));
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_effective_quotas));
	expect_number(test, schemes, "0/quotas/effective_bytes", 0);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	KUNIT_EXPECT_EQ(test, -EINVAL, ask(test, ctx, schemes, &damon_commit_quota_goals));
	KUNIT_ASSERT_EQ(test, 1, s->quota.nr_goals);
	KUNIT_EXPECT_EQ(test, 100, s->quota.goals[0].target);
	KUNIT_EXPECT_EQ(test, 50, s->quota.goals[0].current_value);
	/* Nothing but the goals has been read. */
	KUNIT_EXPECT_EQ(test, 0, s->quota.bytes);
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_effective_quotas));
	expect_number(test, schemes, "2/quotas/effective_bytes", s->quota.effective_bytes);
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* A goal that this kernel can't measure is refused, and those before it are not used either. */
static void damon_test_unmeasured_goal(struct kunit *test)
{
	struct damon_goal psi = { .metric = DAMON_GOAL_SOME_MEM_PSI_US };
	const struct damon_quota quota = { .goals = &psi, .nr_goals = 1 };
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);
	struct damon_scheme *s;
	int want = damon_check_quota(&quota);

	expect_stored(test, schemes, "0/quotas/goals/nr_goals", "1");
	expect_stored(test, schemes, "2/quotas/goals/nr_goals", "1");
	expect_stored(test, schemes, "2/quotas/goals/0/target_metric", "some_mem_psi_us");
	KUNIT_EXPECT_EQ(test, want, ask(test, ctx, schemes, &damon_commit_quota_goals));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	s = list_first_entry(&ctx->schemes, struct damon_scheme, list);
	KUNIT_EXPECT_EQ(test, s->quota.nr_goals, !want);
	KUNIT_EXPECT_EQ(test, last_scheme(ctx)->quota.nr_goals, !want);
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* Directories may have been removed, or more have been made, since the start. */
static void damon_test_other_dirs(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);
	static const char *const nr[] = { "0", "1", "5" };
	int i;

	for (i = 0; i < ARRAY_SIZE(nr); i++) {
		expect_stored(test, schemes, "nr_schemes", nr[i]);
		KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
		KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_stats));
		KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_effective_quotas));
		KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_commit_quota_goals));
		KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_clear_tried_regions));
	}
	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_all_tried(test, schemes, 2);
	expect_number(test, schemes, "4/tried_regions/total_bytes", 0);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* Directories that are made as new while the kdamond is asked get no answer. */
static void damon_test_new_dirs(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);
	struct damon_answers *answers;

	answers = begin_ask(test, ctx, schemes, &damon_update_tried_bytes);
	KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
	expect_stored(test, schemes, "nr_schemes", "3");
	store_answers(test, answers, ctx, schemes);
	KUNIT_EXPECT_EQ(test, 0, damon_end_answers(answers));
	expect_number(test, schemes, "0/tried_regions/total_bytes", 0);

	/* Later is too late, too, and so is another directory at the same place. */
	answers = begin_ask(test, ctx, schemes, &damon_update_tried_regions);
	KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
	store_answers(test, answers, ctx, schemes);
	expect_stored(test, schemes, "nr_schemes", "1");
	expect_stored(test, schemes, "nr_schemes", "3");
	KUNIT_EXPECT_EQ(test, 0, damon_end_answers(answers));
	expect_number(test, schemes, "0/tried_regions/total_bytes", 0);
	expect_number(test, schemes, "2/tried_regions/total_bytes", 0);

	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_regions));
	expect_all_tried(test, schemes, 0);
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* A kdamond that ends before it has answered: by itself, or stopped, or another one runs then */
static void damon_test_ended(struct kunit *test)
{
	static const struct {
		const struct damon_request *request;
		int err;
	} cases[] = {
		{ &damon_update_stats, 0 },
		{ &damon_update_effective_quotas, 0 },
		{ &damon_update_tried_bytes, 0 },
		{ &damon_update_tried_regions, 0 },
		{ &damon_commit_quota_goals, -EINVAL },
	};
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx = start_ctx(test, schemes);
	struct damon_answers *answers;
	int i;

	KUNIT_EXPECT_EQ(test, 0, ask(test, ctx, schemes, &damon_update_tried_bytes));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		answers = begin_ask(test, ctx, schemes, cases[i].request);
		KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
		store_answers(test, answers, ctx, schemes);
		KUNIT_EXPECT_EQ_MSG(test, cases[i].err, damon_end_answers(answers), "case %d", i);

		answers = begin_ask(test, ctx, schemes, cases[i].request);
		KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
		store_answers(test, answers, NULL, schemes);
		KUNIT_EXPECT_EQ_MSG(test, -ECANCELED, damon_end_answers(answers), "case %d", i);
	}
	expect_number(test, schemes, "0/tried_regions/total_bytes", 0);
	expect_number(test, schemes, "2/stats/sz_tried", last_scheme(ctx)->stats.sz_tried);
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

/* The same if it ends while it is waited for */
static void damon_test_ended_later(struct kunit *test)
{
	struct damon_dir *schemes = new_watching_schemes(test);
	struct damon_ctx *ctx;
	struct damon_answers *answers;

	expect_stored(test, schemes, "2/apply_interval_us", "1000000000");
	ctx = start_ctx(test, schemes);
	answers = begin_ask(test, ctx, schemes, &damon_update_tried_bytes);
	KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	store_answers(test, answers, NULL, schemes);
	KUNIT_EXPECT_EQ(test, -ECANCELED, damon_end_answers(answers));

	KUNIT_EXPECT_EQ(test, 0, damon_start(ctx, false));
	answers = begin_ask(test, ctx, schemes, &damon_update_tried_bytes);
	KUNIT_ASSERT_FALSE(test, IS_ERR(answers));
	KUNIT_EXPECT_EQ(test, 0, damon_stop(ctx));
	store_answers(test, answers, ctx, schemes);
	KUNIT_EXPECT_EQ(test, 0, damon_end_answers(answers));
	expect_number(test, schemes, "0/tried_regions/total_bytes", 0);
	damon_free_ctx(ctx);
	damon_dir_remove(schemes);
}

static struct kunit_case damon_sysfs_schemes_cases[] = {
	KUNIT_CASE(damon_test_no_scheme),
	KUNIT_CASE(damon_test_new_scheme),
	KUNIT_CASE(damon_test_settings),
	KUNIT_CASE(damon_test_memcg),
	KUNIT_CASE(damon_test_results),
	KUNIT_CASE(damon_test_tried),
	KUNIT_CASE(damon_test_stats),
	KUNIT_CASE(damon_test_goals),
	KUNIT_CASE(damon_test_unmeasured_goal),
	KUNIT_CASE(damon_test_other_dirs),
	KUNIT_CASE(damon_test_new_dirs),
	KUNIT_CASE(damon_test_ended),
	KUNIT_CASE(damon_test_ended_later),
	{}
};

static struct kunit_suite damon_sysfs_schemes_suite = {
	.name = "damon-sysfs-schemes",
	.test_cases = damon_sysfs_schemes_cases,
};

kunit_test_suite(damon_sysfs_schemes_suite);
