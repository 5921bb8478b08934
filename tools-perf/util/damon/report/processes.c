// SPDX-License-Identifier: GPL-2.0
/*
 * The working set of each process, and of each with its children, behind the totals.
 */
#include "report.h"
#include "../model/tree.h"

#include <stdio.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/list.h>

/* The working set of each target is that of its process. */
static void set_averages(struct damon_overview *overview)
{
	struct damon_target *target;

	damon_overview__for_each_target(overview, target) {
		if (damon_target__is_counted(target) && target->pid > 0)
			damon_tree__find(overview->tree, target->pid)->average +=
				damon_overview__average(overview, target);
	}
}

/* From the last one on: that of a parent is complete when all behind it have been added. */
static void sum_up(struct list_head *order)
{
	struct damon_tree_member *member;

	list_for_each_entry_reverse(member, order, order) {
		member->tree_average += member->average;
		member->nr += member->monitored;
		if (!member->above)
			continue;
		member->above->tree_average += member->tree_average;
		member->above->nr += member->nr;
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

/* Children are further to the right than their parent. */
static void print_member(struct damon_table *table, const struct damon_tree_member *member)
{
	int indent = 2 * min(member->depth, DAMON_MAX_DEPTH);
	char name[2 * DAMON_MAX_DEPTH + 96];
	const union damon_value row[] = {
		{ .number = member->average },
		{ .number = member->tree_average },
		{ .number = member->nr },
		{ .text = name },
		{ .number = member->pid },
		{ .number = member->above ? (u64)member->above->pid : DAMON_UNKNOWN },
		{ .text = member->comm },
	};

	scnprintf(name, sizeof(name), "%*s%s (pid %d)%s", indent, "", member->comm ?: "?",
		  member->pid, member->monitored ? "" : ", not monitored");
	damon_table__print_row(table, row);
}

static bool has_children(const struct list_head *order)
{
	const struct damon_tree_member *member;

	list_for_each_entry(member, order, order) {
		if (member->depth)
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
	struct damon_tree_member *member;
	struct damon_table table;
	struct list_head order;

	if (!overview->tree || report->out.format == DAMON_FIELDS)
		return 0;
	damon_tree__sort(overview->tree, &order);
	if (!has_children(&order))
		return 0;
	set_averages(overview);
	sum_up(&order);
	damon_output__note(&report->out,
			   "\naverage working set of each process, and with its children:\n");
	damon_table__init(&table, &report->out, "tree", columns, ARRAY_SIZE(columns),
			  report->out.format == DAMON_JSON ? 0 : HIDDEN);
	damon_table__open(&table);
	list_for_each_entry(member, &order, order)
		print_member(&table, member);
	damon_table__close(&table);
	return 0;
}
