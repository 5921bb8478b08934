// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of the processes of a record: who has forked whom.
 *
 * A process that was not monitored itself, such as a shell that has ended soon, is in the tree if
 * it is between two that were.
 */
#include "../errors.h"
#include "overview.h"
#include "tree.h"
#include "util/intlist.h"
#include "util/machine.h"
#include "util/thread.h"

#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/zalloc.h>

/**
 * damon_tree__find - find a process
 * @tree: the tree
 * @pid: the process
 *
 * Return: its member of the tree, or NULL.
 */
struct damon_tree_member *damon_tree__find(struct intlist *tree, pid_t pid)
{
	struct int_node *node = pid > 0 ? intlist__find(tree, pid) : NULL;

	return node ? node->priv : NULL;
}

static pid_t parent_of(struct machine *machine, pid_t pid)
{
	struct thread *thread = machine__find_thread(machine, pid, pid);
	pid_t parent = thread ? thread__ppid(thread) : 0;

	thread__put(thread);
	return parent > 0 && parent != pid ? parent : 0;
}

static struct damon_tree_member *findnew_member(struct intlist *tree, struct machine *machine,
						pid_t pid)
{
	struct int_node *node = intlist__findnew(tree, pid);
	struct damon_tree_member *member;

	if (!node || node->priv)
		return node ? node->priv : NULL;
	member = zalloc(sizeof(*member));
	if (!member)
		return NULL;
	member->pid = pid;
	member->parent = parent_of(machine, pid);
	INIT_LIST_HEAD(&member->children);
	INIT_LIST_HEAD(&member->siblings);
	INIT_LIST_HEAD(&member->order);
	node->priv = member;
	return member;
}

/**
 * damon_tree__add - add the process of a target
 * @tree: the tree, NULL at first
 * @target: the target, with its name
 * @machine: what perf knows of processes
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_tree__add(struct intlist **tree, const struct damon_target *target,
		    struct machine *machine)
{
	struct damon_tree_member *member;

	if (target->pid <= 0)
		return 0;
	if (!*tree)
		*tree = intlist__new(NULL);
	member = *tree ? findnew_member(*tree, machine, target->pid) : NULL;
	if (!member)
		return damon_out_of_memory();
	member->monitored = true;
	if (!member->comm && target->comm)
		member->comm = strdup(target->comm);
	return 0;
}

/* Add all between a process and the nearest ancestor in the tree, if there is one. */
static int join(struct intlist *tree, struct machine *machine, pid_t pid)
{
	pid_t ancestor = pid, chain[DAMON_MAX_DEPTH];
	int nr = 0;

	do {
		ancestor = parent_of(machine, ancestor);
		if (!ancestor || nr == DAMON_MAX_DEPTH)
			return 0;
		chain[nr++] = ancestor;
	} while (!damon_tree__find(tree, ancestor));
	while (--nr > 0) {
		if (!findnew_member(tree, machine, chain[nr - 1]))
			return damon_out_of_memory();
	}
	return 0;
}

/**
 * damon_tree__join - add processes that were not monitored, but have ancestors that were
 * @tree: the tree, with all processes that were monitored, or NULL
 * @machine: what perf knows of processes
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_tree__join(struct intlist *tree, struct machine *machine)
{
	struct int_node *node;
	int err = 0;

	if (!tree)
		return 0;
	intlist__for_each_entry(node, tree) {
		err = join(tree, machine, node->i);
		if (err)
			return err;
	}
	return 0;
}

static void link_children(struct intlist *tree)
{
	struct int_node *node;

	intlist__for_each_entry(node, tree) {
		struct damon_tree_member *member = node->priv;

		member->above = damon_tree__find(tree, member->parent);
		if (member->above)
			list_add_tail(&member->siblings, &member->above->children);
	}
}

/* Put a process at the end, and all of its descendants behind it: each behind its parent. */
static void append(struct damon_tree_member *member, struct list_head *order)
{
	list_add_tail(&member->order, order);
	list_for_each_entry_from(member, order, order) {
		struct damon_tree_member *child;

		list_for_each_entry_reverse(child, &member->children, siblings) {
			child->depth = member->depth + 1;
			list_add(&child->order, &member->order);
		}
	}
}

/**
 * damon_tree__sort - list a tree, once
 * @tree: the tree, with all of its processes
 * @order: where they are listed: each is followed by its children, these by theirs, by pid
 *
 * If a number was used again, a process may be among its own descendants: there the tree is cut.
 */
void damon_tree__sort(struct intlist *tree, struct list_head *order)
{
	struct damon_tree_member *member;
	struct int_node *node;

	INIT_LIST_HEAD(order);
	link_children(tree);
	intlist__for_each_entry(node, tree) {
		member = node->priv;
		if (!member->above)
			append(member, order);
	}
	intlist__for_each_entry(node, tree) {
		member = node->priv;
		if (!list_empty(&member->order))
			continue;
		list_del_init(&member->siblings);
		member->above = NULL;
		append(member, order);
	}
}

/**
 * damon_tree__exit - free everything
 * @tree: the tree
 */
void damon_tree__exit(struct intlist **tree)
{
	struct int_node *node;

	if (!*tree)
		return;
	intlist__for_each_entry(node, *tree) {
		struct damon_tree_member *member = node->priv;

		if (member)
			free(member->comm);
		free(member);
	}
	intlist__delete(*tree);
	*tree = NULL;
}
