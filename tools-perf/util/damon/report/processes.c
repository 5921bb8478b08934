// SPDX-License-Identifier: GPL-2.0
/*
 * The working set of each process, and of each with its children, behind the totals.
 */
#include "report.h"
#include "../model/tree.h"
#include "util/intlist.h"

#include <stdio.h>
#include <linux/bits.h>
#include <linux/kernel.h>

/* Add to a process, and to all of its ancestors. Of more than there may be, some are the same. */
static void add_average(struct intlist *tree, struct damon_tree_member *member, u64 average)
{
	int depth;

	member->average += average;
	for (depth = 0; member && depth < DAMON_MAX_DEPTH; depth++) {
		member->tree_average += average;
		member = damon_tree__find(tree, member->parent);
	}
}

static void count(struct intlist *tree)
{
	struct damon_tree_member *member;
	struct int_node *node;
	int depth;

	intlist__for_each_entry(node, tree) {
		member = node->priv;
		if (!member->monitored)
			continue;
		for (depth = 0; member && depth < DAMON_MAX_DEPTH; depth++) {
			member->nr++;
			member = damon_tree__find(tree, member->parent);
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
			 const struct damon_tree_member *member, int depth)
{
	const struct damon_tree_member *parent = damon_tree__find(tree, member->parent);
	struct int_node *node;
	char name[2 * DAMON_MAX_DEPTH + 96];
	const union damon_value row[] = {
		{ .number = member->average },
		{ .number = member->tree_average },
		{ .number = member->nr },
		{ .text = name },
		{ .number = member->pid },
		{ .number = parent ? (u64)parent->pid : DAMON_UNKNOWN },
		{ .text = member->comm },
	};

	if (depth == DAMON_MAX_DEPTH)
		return;
	scnprintf(name, sizeof(name), "%*s%s (pid %d)%s", 2 * depth, "", member->comm ?: "?",
		  member->pid, member->monitored ? "" : ", not monitored");
	damon_table__print_row(table, row);
	intlist__for_each_entry(node, tree) {
		if (((struct damon_tree_member *)node->priv)->parent == member->pid)
			print_member(table, tree, node->priv, depth + 1);
	}
}

static bool has_children(struct intlist *tree)
{
	struct int_node *node;

	intlist__for_each_entry(node, tree) {
		if (damon_tree__find(tree, ((struct damon_tree_member *)node->priv)->parent))
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
			add_average(tree, damon_tree__find(tree, target->pid),
				    damon_overview__average(overview, target));
	}
	count(tree);
	damon_output__note(&report->out,
			   "\naverage working set of each process, and with its children:\n");
	damon_table__init(&table, &report->out, "tree", columns, ARRAY_SIZE(columns),
			  report->out.format == DAMON_JSON ? 0 : HIDDEN);
	damon_table__open(&table);
	intlist__for_each_entry(node, tree) {
		if (!damon_tree__find(tree, ((struct damon_tree_member *)node->priv)->parent))
			print_member(&table, tree, node->priv, 0);
	}
	damon_table__close(&table);
	return 0;
}
