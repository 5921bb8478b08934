// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of the processes of a record, and sums over each process and its descendants.
 *
 * The record tells which process has forked which. A process that was not monitored itself, such as
 * a shell that has ended soon, is in the tree if it is between two that were.
 */
#include "../errors.h"
#include "report.h"
#include "tree.h"
#include "util/intlist.h"
#include "util/machine.h"
#include "util/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* A file from anywhere may have any tree. What is deeper is not joined. */
#define MAX_DEPTH	64

/**
 * struct member - a process of the tree
 * @pid: the process
 * @parent: the process that has forked it, 0: unknown
 * @comm: its name, or NULL
 * @monitored: it was monitored
 * @average: its average working set, over the time of all
 * @tree_average: the same with that of all of its descendants
 * @nr: number of processes, with descendants, that were monitored
 */
struct member {
	pid_t		pid;
	pid_t		parent;
	char		*comm;
	bool		monitored;
	u64		average;
	u64		tree_average;
	unsigned int	nr;
};

static struct member *find_member(struct intlist *tree, pid_t pid)
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

static struct member *findnew_member(struct intlist *tree, struct machine *machine, pid_t pid)
{
	struct int_node *node = intlist__findnew(tree, pid);
	struct member *member;

	if (!node || node->priv)
		return node ? node->priv : NULL;
	member = zalloc(sizeof(*member));
	if (!member)
		return NULL;
	member->pid = pid;
	member->parent = parent_of(machine, pid);
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
	struct member *member;

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
	pid_t ancestor = pid, chain[MAX_DEPTH];
	int nr = 0;

	do {
		ancestor = parent_of(machine, ancestor);
		if (!ancestor || nr == MAX_DEPTH)
			return 0;
		chain[nr++] = ancestor;
	} while (!find_member(tree, ancestor));
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
		struct member *member = node->priv;

		if (member)
			free(member->comm);
		free(member);
	}
	intlist__delete(*tree);
	*tree = NULL;
}

/* Add to a process, and to all of its ancestors. Of more than there may be, some are the same. */
static void add_average(struct intlist *tree, struct member *member, u64 average)
{
	int depth;

	member->average += average;
	for (depth = 0; member && depth < MAX_DEPTH; depth++) {
		member->tree_average += average;
		member = find_member(tree, member->parent);
	}
}

static void count(struct intlist *tree)
{
	struct member *member;
	struct int_node *node;
	int depth;

	intlist__for_each_entry(node, tree) {
		member = node->priv;
		if (!member->monitored)
			continue;
		for (depth = 0; member && depth < MAX_DEPTH; depth++) {
			member->nr++;
			member = find_member(tree, member->parent);
		}
	}
}

static const struct damon_column columns[] = {
	{ "working set",	DAMON_SIZE,	11,	"average_wss_bytes" },
	{ "with children",	DAMON_SIZE,	13,	"tree_average_wss_bytes" },
	{ "processes",		DAMON_COUNT,	9,	"tree_processes" },
	{ "process",		DAMON_TEXT,	0,	NULL },
	{ "",			DAMON_COUNT,	0,	"pid" },
	{ "",			DAMON_COUNT,	0,	"parent_pid" },
	{ "",			DAMON_TEXT,	0,	"comm" },
};

/* The columns that are for programs */
#define HIDDEN	(BIT(4) | BIT(5) | BIT(6))

/* A process, and then its children, further to the right. */
static void print_member(struct damon_table *table, struct intlist *tree,
			 const struct member *member, int depth)
{
	const struct member *parent = find_member(tree, member->parent);
	struct int_node *node;
	char name[2 * MAX_DEPTH + 96];
	const union damon_value row[] = {
		{ .number = member->average },
		{ .number = member->tree_average },
		{ .number = member->nr },
		{ .text = name },
		{ .number = member->pid },
		{ .number = parent ? (u64)parent->pid : DAMON_UNKNOWN },
		{ .text = member->comm },
	};

	if (depth == MAX_DEPTH)
		return;
	scnprintf(name, sizeof(name), "%*s%s (pid %d)%s", 2 * depth, "", member->comm ?: "?",
		  member->pid, member->monitored ? "" : ", not monitored");
	damon_table__print_row(table, row);
	intlist__for_each_entry(node, tree) {
		if (((struct member *)node->priv)->parent == member->pid)
			print_member(table, tree, node->priv, depth + 1);
	}
}

static bool has_children(struct intlist *tree)
{
	struct int_node *node;

	intlist__for_each_entry(node, tree) {
		if (find_member(tree, ((struct member *)node->priv)->parent))
			return true;
	}
	return false;
}

/**
 * damon_tree__print - print the tree, if there is one: a working set for each process
 * @report: the report
 *
 * Return: 0.
 */
int damon_tree__print(struct damon_report *report)
{
	struct damon_overview *overview = &report->overview;
	struct intlist *tree = overview->tree;
	struct damon_target *target;
	struct damon_table table;
	struct int_node *node;

	if (!tree || report->out.format == DAMON_FIELDS || !has_children(tree))
		return 0;
	damon_overview__for_each_target(overview, target) {
		if (damon_target__is_counted(target) && target->pid > 0)
			add_average(tree, find_member(tree, target->pid),
				    damon_overview__average(overview, target));
	}
	count(tree);
	damon_output__note(&report->out,
			   "\naverage working set of each process, and with its children:\n");
	damon_table__init(&table, &report->out, "tree", columns, ARRAY_SIZE(columns),
			  report->out.format == DAMON_JSON ? 0 : HIDDEN);
	damon_table__open(&table);
	intlist__for_each_entry(node, tree) {
		if (!find_member(tree, ((struct member *)node->priv)->parent))
			print_member(&table, tree, node->priv, 0);
	}
	damon_table__close(&table);
	return 0;
}
