// SPDX-License-Identifier: GPL-2.0
/*
 * Words of "state" that are about schemes: what they ask the kdamond for, and where its
 * answers go.
 *
 * The tree is not locked while the kdamond is waited for, which may last until each scheme has
 * been applied.  Meanwhile others may remove directories or make them as new, stop the kdamond, or
 * free its context.  So answers come into memory of their own, and directories are looked up
 * again after that.
 */
#include <linux/container_of.h>
#include <linux/damon.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "quota.h"
#include "sysfs.h"
#include "sysfs-request.h"
#include "sysfs-schemes.h"

/**
 * struct damon_answer - what is asked of one scheme, and the answer
 * @serial:		&damon_dir.serial of the scheme's directory
 * @scheme:		the scheme, only to be compared; NULL: there is none at this place
 * @nr_passes:		&damon_scheme.nr_passes when the kdamond began with the request
 * @stats:		its statistics
 * @effective_bytes:	see &struct damon_quota
 * @goals:		goals to be given to it; after that those that it had
 * @nr_goals:		number of @goals
 * @tried:		what the first pass after that was going to act on
 * @tried_dir:		where @tried goes to
 * @tried_serial:	&damon_dir.serial of @tried_dir
 */
struct damon_answer {
	u64 serial;
	const struct damon_scheme *scheme;
	unsigned long nr_passes;
	struct damon_scheme_stats stats;
	unsigned long effective_bytes;
	struct damon_goal *goals;
	unsigned int nr_goals;
	struct damon_tried_regions tried;
	struct damon_dir *tried_dir;
	u64 tried_serial;
};

/**
 * struct damon_answers - a request on its way
 * @request:	what is asked for
 * @call:	for the kdamond
 * @queued:	@call has been queued
 * @nr_commits:	&damon_ctx.nr_commits when the kdamond saw the request last
 * @err:	0: @v can be used
 * @nr:		number of @v
 * @v:		one for each directory of a scheme, in the order of schemes
 */
struct damon_answers {
	const struct damon_request *request;
	struct damon_call call;
	bool queued;
	unsigned long nr_commits;
	int err;
	unsigned int nr;
	struct damon_answer v[] __counted_by(nr);
};

/**
 * struct damon_request - what a word asks for
 * @running:	only of a kdamond that runs, not of one that has ended by itself
 * @read:	read from a scheme's directory what the kdamond is to be told; or NULL
 * @poll:	see &struct damon_call; its argument are the struct damon_answers.  NULL: the
 *		kdamond need not be asked.
 * @before_act:	see &struct damon_call, or NULL
 * @store:	put an answer into a scheme's directory; or NULL
 *
 * @read and @store are called with the tree locked.
 */
struct damon_request {
	bool running;
	int (*read)(struct damon_dir *scheme, struct damon_answer *answer);
	bool (*poll)(struct damon_ctx *ctx, void *arg);
	void (*before_act)(const struct damon_scheme *scheme,
			   const struct damon_region *r, void *arg);
	void (*store)(struct damon_dir *scheme, struct damon_answer *answer);
};

/* Go through the schemes of @ctx, together with their answers, as far as there are both */
#define for_each_answer(answer, scheme, answers, ctx)					\
	for ((answer) = (answers)->v,							\
	     (scheme) = list_first_entry(&(ctx)->schemes, struct damon_scheme, list);	\
	     (answer) < (answers)->v + (answers)->nr &&					\
	     !list_entry_is_head(scheme, &(ctx)->schemes, list);			\
	     (answer)++, (scheme) = list_next_entry(scheme, list))

static bool poll_counts(struct damon_ctx *ctx, void *arg)
{
	struct damon_answers *answers = arg;
	struct damon_scheme *scheme;
	struct damon_answer *answer;

	for_each_answer(answer, scheme, answers, ctx) {
		answer->scheme = scheme;
		answer->stats = scheme->stats;
		answer->effective_bytes = scheme->quota.effective_bytes;
	}
	return true;
}

static void store_stats(struct damon_dir *scheme, struct damon_answer *answer)
{
	damon_stats_to_dir(scheme, &answer->stats);
}

const struct damon_request damon_update_stats = {
	.poll = poll_counts,
	.store = store_stats,
};

static void store_effective_bytes(struct damon_dir *scheme, struct damon_answer *answer)
{
	damon_effective_bytes_to_dir(scheme, answer->effective_bytes);
}

const struct damon_request damon_update_effective_quotas = {
	.poll = poll_counts,
	.store = store_effective_bytes,
};

static void begin_tried(struct damon_answer *answer, const struct damon_scheme *scheme)
{
	answer->scheme = scheme;
	answer->nr_passes = scheme ? scheme->nr_passes : 0;
	answer->tried.nr = 0;
	answer->tried.total_bytes = 0;
}

/*
 * Whether each scheme has been applied once, or is not going to be.  This is called between
 * two passes, so the next one is seen as a whole.  damon_commit() may have replaced schemes
 * since the last call: the new ones begin anew.
 */
static bool poll_tried(struct damon_ctx *ctx, void *arg)
{
	struct damon_answers *answers = arg;
	struct damon_scheme *scheme;
	struct damon_answer *answer;
	bool ready = true;

	for_each_answer(answer, scheme, answers, ctx) {
		if (!answer->scheme || answers->nr_commits != ctx->nr_commits)
			begin_tried(answer, scheme);
		ready &= answer->nr_passes != scheme->nr_passes || scheme->watermarks.inactive;
	}
	for (; answer < answers->v + answers->nr; answer++)
		begin_tried(answer, NULL);
	answers->nr_commits = ctx->nr_commits;
	return ready || answers->err;
}

/* The answer for a scheme that is in its first pass; NULL: it is not, or there is no such answer */
static struct damon_answer *find_tried(struct damon_answers *answers,
				       const struct damon_scheme *scheme)
{
	struct damon_answer *answer = answers->v;

	for (; answer < answers->v + answers->nr; answer++)
		if (answer->scheme == scheme)
			return scheme->nr_passes == answer->nr_passes + 1 ? answer : NULL;
	return NULL;
}

static void count_tried(const struct damon_scheme *scheme, const struct damon_region *r, void *arg)
{
	struct damon_answer *answer = find_tried(arg, scheme);

	if (answer)
		answer->tried.total_bytes += damon_range_size(&r->range);
}

static int reserve_tried(struct damon_tried_regions *tried)
{
	unsigned int capacity = max(2 * tried->capacity, 32);
	struct damon_tried_region *v;

	if (tried->nr < tried->capacity)
		return 0;
	if (tried->nr >= DAMON_MAX_ELEMENTS)
		return -ENOMEM;
	v = kvrealloc(tried->v, capacity * sizeof(*v), GFP_KERNEL | __GFP_NOWARN);
	if (!v)
		return -ENOMEM;
	tried->v = v;
	tried->capacity = capacity;
	return 0;
}

static void collect_tried(const struct damon_scheme *scheme, const struct damon_region *r,
			  void *arg)
{
	struct damon_answers *answers = arg;
	struct damon_answer *answer = find_tried(answers, scheme);

	if (!answer || answers->err)
		return;
	answers->err = reserve_tried(&answer->tried);
	if (answers->err)
		return;
	answer->tried.total_bytes += damon_range_size(&r->range);
	answer->tried.v[answer->tried.nr++] = (struct damon_tried_region) {
		.range = r->range,
		.nr_accesses = r->nr_accesses,
		.age = r->age,
	};
}

static void store_tried_bytes(struct damon_dir *scheme, struct damon_answer *answer)
{
	damon_tried_bytes_to_dir(scheme, answer->tried.total_bytes);
}

const struct damon_request damon_update_tried_bytes = {
	.poll = poll_tried,
	.before_act = count_tried,
	.store = store_tried_bytes,
};

/* Directories are made and removed later, without the lock. */
static void store_tried_regions(struct damon_dir *scheme, struct damon_answer *answer)
{
	answer->tried_dir = damon_get_tried_dir(scheme);
	answer->tried_serial = answer->tried_dir->serial;
}

const struct damon_request damon_update_tried_regions = {
	.poll = poll_tried,
	.before_act = collect_tried,
	.store = store_tried_regions,
};

const struct damon_request damon_clear_tried_regions = {
	.store = store_tried_regions,
};

/* What a commit would refuse is refused here, before any scheme has changed. */
static int read_goals(struct damon_dir *scheme, struct damon_answer *answer)
{
	struct damon_quota quota = {};
	int err = damon_goals_from_dir(scheme, &answer->goals, &answer->nr_goals);

	quota.goals = answer->goals;
	quota.nr_goals = answer->nr_goals;
	return err ?: damon_check_quota(&quota);
}

/* As a commit would, but nothing else of the schemes changes. */
static bool poll_goals(struct damon_ctx *ctx, void *arg)
{
	struct damon_answers *answers = arg;
	struct damon_scheme *scheme;
	struct damon_answer *answer;

	for_each_answer(answer, scheme, answers, ctx) {
		struct damon_quota quota = scheme->quota;

		quota.goals = answer->goals;
		quota.nr_goals = answer->nr_goals;
		damon_keep_quota(&scheme->quota, &quota);
		answer->goals = scheme->quota.goals;
		answer->nr_goals = scheme->quota.nr_goals;
		scheme->quota = quota;
	}
	return true;
}

const struct damon_request damon_commit_quota_goals = {
	.running = true,
	.read = read_goals,
	.poll = poll_goals,
};

static struct damon_answers *new_answers(const struct damon_request *request,
					 struct damon_dir *schemes)
{
	unsigned int nr = schemes ? schemes->nr_elements : 0;
	struct damon_answers *answers = kvzalloc(struct_size(answers, v, nr), GFP_KERNEL);

	if (!answers)
		return NULL;
	answers->request = request;
	answers->nr = nr;
	return answers;
}

static void free_answers(struct damon_answers *answers)
{
	struct damon_answer *answer = answers->v;

	for (; answer < answers->v + answers->nr; answer++) {
		kvfree(answer->tried.v);
		kvfree(answer->goals);
	}
	kvfree(answers);
}

/* If the caller was killed and has left them behind */
static void release_answers(struct damon_call *call)
{
	free_answers(container_of(call, struct damon_answers, call));
}

static int read_schemes(struct damon_answers *answers, struct damon_dir *schemes)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < answers->nr; i++) {
		answers->v[i].serial = schemes->elements[i]->serial;
		if (answers->request->read)
			err = answers->request->read(schemes->elements[i], &answers->v[i]);
	}
	return err;
}

/* As soon as the call is queued the answers are the kdamond's. */
static int ask_kdamond(struct damon_answers *answers, struct damon_ctx *ctx)
{
	int err;

	answers->call = (struct damon_call) {
		.poll = answers->request->poll,
		.before_act = answers->request->before_act,
		.arg = answers,
		.release = release_answers,
	};
	err = damon_queue_call(ctx, &answers->call);
	answers->queued = !err;
	if (err != -EINVAL)
		return err;
	/* It has ended by itself: see damon_store_answers(). */
	answers->err = -ECANCELED;
	return 0;
}

/**
 * damon_ask - ask a kdamond for something about its schemes
 * @request:	what to ask for
 * @ctx:	the context, or NULL if none has been started
 * @schemes:	of damon_schemes_type, or NULL
 *
 * With the tree locked.  May sleep.
 *
 * Return: what is for damon_wait_answers(), damon_store_answers() and damon_end_answers(), which
 * the caller has to call one after the other, or an ERR_PTR():
 *
 * * -EINVAL: no kdamond has been started, or it can't do what it is asked for
 * * -EBUSY: the kdamond has to answer somebody else
 * * -ENOMEM: there is no memory
 */
struct damon_answers *damon_ask(const struct damon_request *request, struct damon_ctx *ctx,
				struct damon_dir *schemes)
{
	struct damon_answers *answers;
	int err;

	if (!ctx)
		return ERR_PTR(-EINVAL);
	answers = new_answers(request, schemes);
	if (!answers)
		return ERR_PTR(-ENOMEM);
	err = read_schemes(answers, schemes);
	if (!err && request->poll)
		err = ask_kdamond(answers, ctx);
	if (!err)
		return answers;
	free_answers(answers);
	return ERR_PTR(err);
}

/**
 * damon_wait_answers - wait until the kdamond has answered
 * @answers:	the answers
 *
 * The tree must not be locked: this may last until all schemes have been applied.  May sleep.
 *
 * Return: 0, or -EINTR if the caller was killed; then @answers are not the caller's any more.
 */
int damon_wait_answers(struct damon_answers *answers)
{
	int err = answers->queued ? damon_wait_call(&answers->call) : 0;

	if (err == -EINTR)
		return err;
	answers->err = answers->err ?: err;
	return 0;
}

/*
 * A kdamond that has ended by itself has left its context, but no pass follows, so nothing is
 * tried any more.
 */
static void ask_ended(struct damon_answers *answers, struct damon_ctx *ctx)
{
	const struct damon_request *request = answers->request;

	answers->err = request->running ? -EINVAL : 0;
	if (!answers->err)
		request->poll(ctx, answers);
}

/**
 * damon_store_answers - put the answers where users read them
 * @answers:	the answers
 * @ctx:	the context that was asked; NULL if it is not the kdamond's any more
 * @schemes:	the directory that there is now, or NULL
 *
 * Those whose directories have been removed, or made as new, are dropped.  If the kdamond has
 * ended by itself before it could answer, that is no error, and no regions are tried.  With the
 * tree locked.
 */
void damon_store_answers(struct damon_answers *answers, struct damon_ctx *ctx,
			 struct damon_dir *schemes)
{
	const struct damon_request *request = answers->request;
	unsigned int i, nr = schemes ? min(answers->nr, schemes->nr_elements) : 0;

	if (answers->err == -ECANCELED && ctx)
		ask_ended(answers, ctx);
	for (i = 0; !answers->err && request->store && i < nr; i++) {
		struct damon_answer *answer = &answers->v[i];
		struct damon_dir *scheme = schemes->elements[i];

		if (answer->serial == scheme->serial && (answer->scheme || !request->poll))
			request->store(scheme, answer);
	}
}

/**
 * damon_end_answers - make directories that belong to answers, and forget these
 * @answers:	the answers
 *
 * The tree is not locked.  May sleep.
 *
 * Return: 0, or
 *
 * * -EINVAL: the kdamond has ended by itself, and can't do what it was asked for
 * * -ECANCELED: the kdamond was stopped before it could answer
 * * -ENOMEM: there is no memory; some directories may have been made
 * * -EINTR: the caller was killed
 */
int damon_end_answers(struct damon_answers *answers)
{
	struct damon_answer *answer = answers->v;
	int err = answers->err;

	for (; answer < answers->v + answers->nr; answer++) {
		struct damon_dir *dir = answer->tried_dir;

		if (!dir)
			continue;
		err = err ?: damon_tried_regions_to_dir(dir, answer->tried_serial,
							&answer->tried);
		kobject_put(&dir->kobj);
	}
	free_answers(answers);
	return err;
}
