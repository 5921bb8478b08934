// SPDX-License-Identifier: GPL-2.0
/*
 * Users of the monitor inside the kernel that module parameters control: on, off, changes and
 * statistics.
 *
 * Whoever reads or writes a parameter holds the lock of module parameters, which is one for all
 * that is built into the kernel.  So nothing here waits for longer than it takes a kdamond to
 * stop, and statistics don't wait for the kdamond at all: it leaves them where parameters are
 * read from.
 */
#include <linux/damon.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "module.h"

/* Which parameters can't work, or NULL.  The monitor checks them, too, but can't say which. */
static const char *damon_module_fault(const struct damon_module *m)
{
	const struct damon_attrs *a = &m->attrs;
	const struct damon_watermarks *w = &m->watermarks;
	const struct damon_range *r = &m->range;
	const struct {
		bool wrong;
		const char *why;
	} *check, checks[] = {
		{ !a->sample_us || a->aggr_us < a->sample_us,
		  "sample_interval is 0 or above aggr_interval" },
		{ a->min_nr_regions < 3 || a->min_nr_regions > a->max_nr_regions,
		  "min_nr_regions is below 3 or above max_nr_regions" },
		{ w->high < w->mid || w->mid < w->low,
		  "wmarks_high, wmarks_mid and wmarks_low do not descend" },
		{ (r->start || r->end) && r->start >= r->end,
		  "monitor_region_start is not below monitor_region_end" },
	};

	for (check = checks; check < checks + ARRAY_SIZE(checks); check++)
		if (check->wrong)
			return check->why;
	return m->find_fault ? m->find_fault(m) : NULL;
}

static int damon_module_set_up(const struct damon_module *m, struct damon_ctx *ctx)
{
	struct damon_target *t = damon_add_target(ctx, NULL);
	int err = 0;

	if (!t)
		return -ENOMEM;
	ctx->ops = damon_find_ops("paddr");
	ctx->attrs = m->attrs;
	/*
	 * Without a range "paddr" watches all System RAM.  Linux 6.12 watches only the largest of
	 * its areas then, which on some machines leaves out most of the memory.
	 */
	if (m->range.end)
		err = damon_set_ranges(t, &m->range, 1);
	return err ?: m->add_schemes(m, ctx);
}

/**
 * damon_module_new_ctx - make a context of a module's parameters
 * @m:		the module
 *
 * May sleep.
 *
 * Return: the context, for the caller to damon_free_ctx(), or an ERR_PTR():
 *
 * * -EINVAL: the parameters can't work
 * * -ENOMEM: there is no memory
 */
struct damon_ctx *damon_module_new_ctx(const struct damon_module *m)
{
	struct damon_ctx *ctx;
	int err;

	if (damon_module_fault(m))
		return ERR_PTR(-EINVAL);
	ctx = damon_new_ctx();
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	err = damon_module_set_up(m, ctx);
	if (!err)
		return ctx;
	damon_free_ctx(ctx);
	return ERR_PTR(err);
}

/**
 * damon_module_add_scheme - add a scheme with the quota and the watermarks of a module
 * @m:		the module
 * @ctx:	the context, without a running kdamond
 * @action:	what the scheme does
 * @pattern:	which regions it is for
 *
 * May sleep.
 *
 * Return: the scheme, freed with @ctx, or NULL if there is no memory.
 */
struct damon_scheme *damon_module_add_scheme(const struct damon_module *m, struct damon_ctx *ctx,
					     enum damon_action action,
					     const struct damon_pattern *pattern)
{
	struct damon_scheme *scheme = damon_add_scheme(ctx);

	if (!scheme)
		return NULL;
	scheme->action = action;
	scheme->pattern = *pattern;
	scheme->quota = m->quota;
	scheme->watermarks = m->watermarks;
	scheme->watermarks.metric = DAMON_WATERMARK_FREE_MEM_RATE;
	return scheme;
}

static bool damon_module_runs(const struct damon_module *m)
{
	return m->ctx && damon_kdamond_pid(m->ctx) != -1;
}

/* Called by the kdamond after each pass of a scheme.  Whoever reads the words sees old or new. */
static bool damon_module_count(struct damon_ctx *ctx, void *arg)
{
	struct damon_module *m = arg;
	struct damon_scheme *scheme;
	unsigned int i = 0;

	damon_for_each_scheme(scheme, ctx)
		m->stats[i++] = scheme->stats;
	return false;
}

/* Stop the kdamond, if it has not ended by itself, and forget the context */
static void damon_module_stop(struct damon_module *m)
{
	if (!m->ctx)
		return;
	damon_stop(m->ctx);
	if (m->counting)
		damon_wait_call(&m->count);
	m->counting = false;
	damon_free_ctx(m->ctx);
	m->ctx = NULL;
}

static int damon_module_go_on(struct damon_module *m, struct damon_ctx *ctx)
{
	return damon_commit(m->ctx, ctx);
}

static int damon_module_begin(struct damon_module *m, struct damon_ctx *ctx)
{
	int err = damon_start(ctx, true);

	if (err)
		return err;
	m->ctx = ctx;
	memset(m->stats, 0, sizeof(m->stats));
	m->count = (struct damon_call) { .poll = damon_module_count, .arg = m };
	m->counting = !damon_queue_call(ctx, &m->count);
	return 0;
}

/* Make a context of the parameters, and have @use start or commit it */
static int damon_module_use(struct damon_module *m,
			    int (*use)(struct damon_module *m, struct damon_ctx *ctx))
{
	struct damon_ctx *ctx = damon_module_new_ctx(m);
	int err;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	err = use(m, ctx);
	if (err)
		damon_free_ctx(ctx);
	return err;
}

static void damon_module_complain(const struct damon_module *m, const char *what, int err)
{
	const char *why = damon_module_fault(m);

	if (!why)
		why = err == -EBUSY ? "another kdamond runs" : "the monitor can't do it";
	pr_err("%s: %s, error %d: %s\n", m->name, what, err, why);
}

static int damon_module_enable(struct damon_module *m)
{
	int err;

	if (damon_module_runs(m))
		return 0;
	damon_module_stop(m);
	err = damon_module_use(m, damon_module_begin);
	if (err)
		damon_module_complain(m, "not enabled", err);
	return err;
}

/* If there is no memory for the change, all goes on as before. */
static int damon_module_commit(struct damon_module *m)
{
	int err;

	if (!damon_module_runs(m))
		return 0;
	err = damon_module_use(m, damon_module_go_on);
	if (err)
		damon_module_complain(m, err == -EINVAL ? "disabled" : "not changed", err);
	if (err == -EINVAL)
		damon_module_stop(m);
	return err;
}

static int damon_module_set_enabled(const char *val, const struct kernel_param *kp)
{
	struct damon_module *m = kp->arg;
	bool enable;
	int err = kstrtobool(val ?: "1", &enable);

	if (err)
		return err;
	if (!m->ready)
		m->at_boot = enable;
	else if (enable)
		err = damon_module_enable(m);
	else
		damon_module_stop(m);
	return err;
}

static int damon_module_get_enabled(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%c\n", damon_module_runs(kp->arg) ? 'Y' : 'N');
}

/*
 * The parameter "enabled".  It reads Y as long as a kdamond runs.  What the kernel's command line
 * says counts from damon_module_init() on.
 */
const struct kernel_param_ops damon_module_enabled_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = damon_module_set_enabled,
	.get = damon_module_get_enabled,
};

static int damon_module_set_commit(const char *val, const struct kernel_param *kp)
{
	bool commit;
	int err = kstrtobool(val ?: "1", &commit);

	return err || !commit ? err : damon_module_commit(kp->arg);
}

/* What was written has been done when the write has returned. */
static int damon_module_get_commit(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "N\n");
}

/* The parameter "commit_inputs" */
const struct kernel_param_ops damon_module_commit_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = damon_module_set_commit,
	.get = damon_module_get_commit,
};

static int damon_module_get_pid(char *buf, const struct kernel_param *kp)
{
	struct damon_module *m = kp->arg;

	return sysfs_emit(buf, "%d\n", m->ctx ? damon_kdamond_pid(m->ctx) : -1);
}

/* The parameter "kdamond_pid" */
const struct kernel_param_ops damon_module_pid_ops = {
	.get = damon_module_get_pid,
};

/**
 * damon_module_init - let a module be enabled, and do it if the command line says so
 * @m:		the module
 *
 * Called once the kernel is so far that kdamonds can run.  May sleep.
 *
 * Return: 0 or an errno, which the kernel log explains.
 */
int damon_module_init(struct damon_module *m)
{
	int err = 0;

	kernel_param_lock(THIS_MODULE);
	m->ready = true;
	if (m->at_boot)
		err = damon_module_enable(m);
	kernel_param_unlock(THIS_MODULE);
	return err;
}
