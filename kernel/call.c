// SPDX-License-Identifier: GPL-2.0
/*
 * Calls: what other threads ask the kdamond to do, between two passes of schemes.
 */
#include <linux/completion.h>
#include <linux/damon.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <asm/barrier.h>

#include "call.h"
#include "kdamond.h"

/**
 * damon_complete_call - end the call that is queued, if there is one
 * @ctx:	the context
 * @err:	what damon_wait_call() is to return
 *
 * With damon_lock held, by the kdamond.
 *
 * Return: the call if its caller has left it behind, for damon_release_call(); otherwise NULL, and
 * it is the caller's again.
 */
struct damon_call *damon_complete_call(struct damon_ctx *ctx, int err)
{
	struct damon_call *call = ctx->call;

	WRITE_ONCE(ctx->call, NULL);
	if (!call || (call->cancelled && call->release))
		return call;
	call->ctx = NULL;
	call->err = err;
	complete(&call->done);
	return NULL;
}

/**
 * damon_release_call - free a call that its caller has left behind
 * @call:	the call, or NULL
 *
 * Without damon_lock.  May sleep.
 */
void damon_release_call(struct damon_call *call)
{
	if (call)
		call->release(call);
}

static void damon_end_call(struct damon_ctx *ctx, int err)
{
	struct damon_call *left;

	mutex_lock(&damon_lock);
	left = damon_complete_call(ctx, err);
	mutex_unlock(&damon_lock);
	damon_release_call(left);
}

/*
 * The call that is to be answered, or NULL.  One that was queued after damon_commit() is about what
 * was committed, so it waits until that is taken over.
 */
static struct damon_call *damon_due_call(const struct damon_ctx *ctx)
{
	/* What is committed before a call is queued is seen with it. */
	struct damon_call *call = smp_load_acquire(&ctx->call);

	return call && (!READ_ONCE(ctx->next) || READ_ONCE(call->cancelled)) ? call : NULL;
}

/**
 * damon_answer_call - do what another thread has asked for, if that is due
 * @ctx:	the context
 *
 * By the kdamond.  Only the kdamond ends a call, so it is still there.  May sleep.
 */
void damon_answer_call(struct damon_ctx *ctx)
{
	struct damon_call *call = damon_due_call(ctx);

	if (!call)
		return;
	call->polled = true;
	if (READ_ONCE(call->cancelled))
		damon_end_call(ctx, -EINTR);
	else if (call->poll(ctx, call->arg))
		damon_end_call(ctx, 0);
}

/**
 * damon_has_new_call - ask whether the kdamond is to do something soon
 * @ctx:	the context
 *
 * By the kdamond.
 *
 * Return: whether there is a call that has not been answered yet, or one that was cancelled.
 */
bool damon_has_new_call(const struct damon_ctx *ctx)
{
	const struct damon_call *call = damon_due_call(ctx);

	return call && (!call->polled || READ_ONCE(call->cancelled));
}

/**
 * damon_call_before_act - tell the call that a scheme is going to act
 * @ctx:	the context
 * @scheme:	the scheme
 * @r:		the region, or a part of one
 *
 * By the kdamond.  May sleep.
 */
void damon_call_before_act(struct damon_ctx *ctx, const struct damon_scheme *scheme,
			   const struct damon_region *r)
{
	const struct damon_call *call = damon_due_call(ctx);

	if (call && call->polled && call->before_act)
		call->before_act(scheme, r, call->arg);
}

/**
 * damon_queue_call - ask the kdamond to do something
 * @ctx:	the context
 * @call:	what to do; in use until damon_wait_call() returns, which the caller has to call
 *
 * The kdamond does it as soon as it has finished what it is at, for example a pass of a scheme,
 * and does not wait for the next sample.  After damon_commit(), it does it once that has taken
 * effect.  May sleep.
 *
 * Return: 0, or with nothing asked for
 *
 * * -EINVAL: no kdamond runs
 * * -EBUSY: it has something to do for somebody else
 */
int damon_queue_call(struct damon_ctx *ctx, struct damon_call *call)
{
	int err = 0;

	init_completion(&call->done);
	call->ctx = ctx;
	call->polled = false;
	call->cancelled = false;
	mutex_lock(&damon_lock);
	if (!ctx->kdamond)
		err = -EINVAL;
	else if (ctx->call)
		err = -EBUSY;
	if (!err) {
		/* The kdamond reads this without the lock, and then what it points to. */
		smp_store_release(&ctx->call, call);
		wake_up_process(ctx->kdamond);
	}
	mutex_unlock(&damon_lock);
	return err;
}

/*
 * End the call soon.  As long as it is queued its context and the kdamond are there.  Returns
 * whether the call is the kdamond's from now on.
 */
static bool damon_cancel_call(struct damon_call *call)
{
	bool leave;

	mutex_lock(&damon_lock);
	leave = call->ctx && call->release;
	if (call->ctx) {
		WRITE_ONCE(call->cancelled, true);
		wake_up_process(call->ctx->kdamond);
	}
	mutex_unlock(&damon_lock);
	return leave;
}

/**
 * damon_wait_call - wait until the kdamond has done what it was asked for
 * @call:	after damon_queue_call(); the context may be freed meanwhile, once its kdamond
 *		has ended
 *
 * A caller that is killed does not wait any longer if the call has a &damon_call.release: the
 * kdamond may be waiting for a lock itself.  Without one it waits until the kdamond has
 * noticed.  May sleep.
 *
 * Return: 0, or
 *
 * * -ECANCELED: the kdamond ended before
 * * -EINTR: the caller was killed; a call with &damon_call.release is the kdamond's now, and
 *   must not be touched any more
 */
int damon_wait_call(struct damon_call *call)
{
	if (wait_for_completion_killable(&call->done)) {
		if (damon_cancel_call(call))
			return -EINTR;
		wait_for_completion(&call->done);
	}
	return call->err;
}
