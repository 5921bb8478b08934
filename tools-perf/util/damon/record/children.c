// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes are to be targets, as they are forked and end.
 *
 * A process keeps its target_id as long as it is a target, since kernels other than ours match
 * targets by that when they are changed. A target_id is given to another process only after it was
 * of none: a snapshot that is taken while targets change is never of the wrong process.
 */
#include "../array.h"
#include "children.h"
#include "../monitor/settings.h"
#include "util/intlist.h"

#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* A target is given up only for a child with so many times the CPU time: not back and forth. */
#define CPU_TIME_FACTOR	2

/**
 * damon_children__init - initialize, with no processes
 * @children: the children
 * @max: how many may be targets, beside those that are given
 *
 * Return: 0 or -ENOMEM.
 */
int damon_children__init(struct damon_children *children, size_t max)
{
	*children = (struct damon_children){ .known = intlist__new(NULL), .max = max };
	return children->known ? 0 : -ENOMEM;
}

static struct damon_child *find_child(const struct damon_children *children, pid_t pid)
{
	struct int_node *node = intlist__find(children->known, pid);

	return node ? node->priv : NULL;
}

/**
 * damon_children__is_target - check whether a process is wanted as a target
 * @children: the children
 * @pid: the process
 */
bool damon_children__is_target(const struct damon_children *children, pid_t pid)
{
	const struct damon_child *child = find_child(children, pid);

	return child && child->target_id != DAMON_NO_TARGET;
}

/**
 * damon_children__add - add a process that may become a target
 * @children: the children
 * @pid: the process; nothing happens if it is known
 * @now: the time
 *
 * Return: 0 or -ENOMEM.
 */
int damon_children__add(struct damon_children *children, pid_t pid, u64 now)
{
	struct int_node *node = intlist__findnew(children->known, pid);
	struct damon_child *child;

	if (!node)
		return -ENOMEM;
	if (node->priv) {
		((struct damon_child *)node->priv)->seen = true;
		return 0;
	}
	child = zalloc(sizeof(*child));
	if (!child) {
		intlist__remove(children->known, node);
		return -ENOMEM;
	}
	*child = (struct damon_child){
		.pid = pid, .since = now, .target_id = DAMON_NO_TARGET, .seen = true,
	};
	node->priv = child;
	return 0;
}

static void make_target(struct damon_children *children, struct damon_child *child,
			size_t target_id)
{
	children->target[target_id] = child->pid;
	children->nr = max(children->nr, target_id + 1);
	children->nr_monitored += !child->monitored;
	child->target_id = target_id;
	child->monitored = true;
	child->left_out = false;
}

static void unmake_target(struct damon_children *children, struct damon_child *child)
{
	children->target[child->target_id] = 0;
	child->target_id = DAMON_NO_TARGET;
	while (children->nr && !children->target[children->nr - 1])
		children->nr--;
}

/**
 * damon_children__give - add a process that is a target from the beginning, as the next one
 * @children: the children
 * @pid: the process
 * @now: the time
 * @for_good: the user has named it: it is a target as long as it lives
 *
 * Return: 0 or -ENOMEM.
 */
int damon_children__give(struct damon_children *children, pid_t pid, u64 now, bool for_good)
{
	struct damon_child *child;

	if (damon_children__add(children, pid, now) ||
	    (children->nr == children->capacity &&
	     damon_array__grow(&children->target, &children->capacity)))
		return -ENOMEM;
	child = find_child(children, pid);
	child->given = for_good;
	children->nr_given += for_good;
	make_target(children, child, children->nr);
	return 0;
}

/**
 * damon_children__retire - note that the process of a target has ended
 * @children: the children
 * @pid: the process, of which damon_children__end() is called later
 *
 * That it has forked a child may be told only then.
 */
void damon_children__retire(struct damon_children *children, pid_t pid)
{
	struct damon_child *child = find_child(children, pid);

	if (!child || child->target_id == DAMON_NO_TARGET)
		return;
	unmake_target(children, child);
	child->ended = true;
}

/**
 * damon_children__end - note that a process has ended
 * @children: the children
 * @pid: the process; nothing happens if it is not known
 */
void damon_children__end(struct damon_children *children, pid_t pid)
{
	struct int_node *node = intlist__find(children->known, pid);
	struct damon_child *child = node ? node->priv : NULL;

	if (!child)
		return;
	if (child->target_id != DAMON_NO_TARGET)
		unmake_target(children, child);
	else if (child->left_out && !child->monitored)
		children->nr_left_out++;
	else if (!child->monitored)
		children->nr_short++;
	intlist__remove(children->known, node);
	free(child);
}

/**
 * damon_children__fork - note that a process was forked
 * @children: the children
 * @parent: the process that has forked it; nothing happens if it is not known
 * @pid: the new process
 * @time: when it was
 *
 * Return: 0 or -ENOMEM.
 */
int damon_children__fork(struct damon_children *children, pid_t parent, pid_t pid, u64 time)
{
	if (!find_child(children, parent))
		return 0;
	/* An earlier one had the same number, and its end was not seen. */
	damon_children__end(children, pid);
	return damon_children__add(children, pid, time);
}

/**
 * damon_children__sweep - forget those that have ended, also if that was not seen
 * @children: the children
 * @start: tells the start time of a process, 0: it has ended
 *
 * Return: whether any is left.
 */
bool damon_children__sweep(struct damon_children *children, u64 (*start)(pid_t pid))
{
	struct int_node *node = intlist__first(children->known), *next;

	for (; node; node = next) {
		next = intlist__next(node);
		if (!start(node->i))
			damon_children__end(children, node->i);
	}
	return !intlist__empty(children->known);
}

/**
 * damon_children__end_unseen - forget those that have not been added again
 * @children: the children
 * @before: if they have been known since before that time
 */
void damon_children__end_unseen(struct damon_children *children, u64 before)
{
	struct int_node *node = intlist__first(children->known), *next;

	for (; node; node = next) {
		struct damon_child *child = node->priv;

		next = intlist__next(node);
		if (!child->seen && child->since < before)
			damon_children__end(children, child->pid);
		else
			child->seen = false;
	}
}

/**
 * damon_children__exit - count those that were never a target, and free everything
 * @children: the children; the numbers of processes are kept
 */
void damon_children__exit(struct damon_children *children)
{
	struct int_node *node;

	while (children->known && (node = intlist__first(children->known)))
		damon_children__end(children, node->i);
	intlist__delete(children->known);
	children->known = NULL;
	zfree(&children->target);
	children->nr = 0;
	children->capacity = 0;
}

/**
 * damon_children__next - find out when damon_children__choose() may choose others
 * @children: the children
 * @min_age: the age at which a child may become a target
 * @again: when to compare those that were left out with the others again
 *
 * Return: the time, or -1ULL: not until something happens.
 */
u64 damon_children__next(const struct damon_children *children, u64 min_age, u64 again)
{
	u64 next = -1ULL;
	struct int_node *node;

	intlist__for_each_entry(node, children->known) {
		const struct damon_child *child = node->priv;

		if (child->target_id == DAMON_NO_TARGET && !child->ended)
			next = min(next, child->left_out ? again : child->since + min_age);
	}
	return next;
}

/* Targets, and other children that are old enough, but not those that the user has named. */
static size_t find_choice(const struct damon_children *children, u64 oldest,
			  struct damon_child **choice)
{
	struct int_node *node;
	size_t nr = 0;

	intlist__for_each_entry(node, children->known) {
		struct damon_child *child = node->priv;

		if (!child->given && !child->ended &&
		    (child->target_id != DAMON_NO_TARGET || child->since <= oldest))
			choice[nr++] = child;
	}
	return nr;
}

static u64 weight_of(const struct damon_child *child)
{
	return child->cpu_ns * (child->target_id == DAMON_NO_TARGET ? 1 : CPU_TIME_FACTOR);
}

/* The most CPU time first; of the same, targets first, and then the oldest. */
static int by_cpu_time(const void *a, const void *b)
{
	const struct damon_child *x = *(struct damon_child * const *)a;
	const struct damon_child *y = *(struct damon_child * const *)b;

	if (weight_of(x) != weight_of(y))
		return weight_of(x) < weight_of(y) ? 1 : -1;
	if (x->target_id != y->target_id)
		return x->target_id < y->target_id ? -1 : 1;
	return x->since < y->since ? -1 : x->since > y->since;
}

/* There are too many: leave those with the least CPU time out. */
static void leave_out(struct damon_children *children, struct damon_child **choice, size_t nr,
		      u64 (*cpu_ns)(pid_t pid))
{
	size_t i;

	for (i = 0; i < nr; i++)
		choice[i]->cpu_ns = cpu_ns(choice[i]->pid);
	qsort(choice, nr, sizeof(*choice), by_cpu_time);
	for (i = children->max; i < nr; i++) {
		choice[i]->left_out = true;
		if (choice[i]->target_id != DAMON_NO_TARGET)
			unmake_target(children, choice[i]);
	}
}

static bool is_free(const struct damon_children *children, const struct damon_settings *now_are,
		    size_t target_id)
{
	return !(target_id < children->nr && children->target[target_id]) &&
	       !(target_id < now_are->nr_pids && now_are->pids[target_id]);
}

/* Return: 0, also if none is free until the targets have been changed once more, or -ENOMEM. */
static int find_target_id(struct damon_children *children, const struct damon_settings *now_are,
			  struct damon_child *child)
{
	size_t i = 0, most = children->nr_given + children->max;

	while (i < most && !is_free(children, now_are, i))
		i++;
	if (i == most)
		return 0;
	while (i >= children->capacity) {
		if (damon_array__grow(&children->target, &children->capacity))
			return -ENOMEM;
	}
	/* What is beyond the last target is not initialized. */
	if (i > children->nr)
		memset(children->target + children->nr, 0,
		       (i - children->nr) * sizeof(*children->target));
	make_target(children, child, i);
	return 0;
}

/**
 * damon_children__choose - choose the targets
 * @children: the children
 * @now_are: the targets that the kernel has now
 * @oldest: children that were forked until then may be chosen
 * @cpu_ns: tells the CPU time of a process, if not all can be chosen
 *
 * Return: 0 or -ENOMEM.
 */
int damon_children__choose(struct damon_children *children, const struct damon_settings *now_are,
			   u64 oldest, u64 (*cpu_ns)(pid_t pid))
{
	size_t i, nr = intlist__nr_entries(children->known);
	struct damon_child **choice = calloc(nr + 1, sizeof(*choice));
	int err = 0;

	if (!choice)
		return -ENOMEM;
	nr = find_choice(children, oldest, choice);
	if (nr > children->max)
		leave_out(children, choice, nr, cpu_ns);
	for (i = 0; !err && i < min(nr, children->max); i++) {
		if (choice[i]->target_id == DAMON_NO_TARGET)
			err = find_target_id(children, now_are, choice[i]);
	}
	free(choice);
	return err;
}

/**
 * damon_children__differ - check whether the kernel has other targets than those that are wanted
 * @children: the children
 * @now_are: the targets that the kernel has
 */
bool damon_children__differ(const struct damon_children *children,
			    const struct damon_settings *now_are)
{
	return children->nr != now_are->nr_pids ||
	       (children->nr && memcmp(children->target, now_are->pids,
				       children->nr * sizeof(*children->target)));
}
