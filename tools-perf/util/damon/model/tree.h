/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TREE_H
#define __PERF_DAMON_TREE_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/list.h>
#include <linux/types.h>

struct damon_target;
struct intlist;
struct machine;

/* A file from anywhere may have any tree. What is deeper is not joined. */
#define DAMON_MAX_DEPTH	64u

/**
 * struct damon_tree_member - a process of the tree
 * @pid: the process
 * @parent: the process that has forked it, 0: unknown
 * @comm: its name, or NULL
 * @monitored: it was monitored
 * @average: its average working set, over the time of all
 * @tree_average: the same with that of all of its descendants
 * @nr: number of processes, with descendants, that were monitored
 * @above: its parent, if that is in the tree; this and all below is set by damon_tree__sort()
 * @children: processes that it has forked, by pid
 * @siblings: link in that list
 * @depth: number of its ancestors in the tree
 * @order: link in the list of all
 */
struct damon_tree_member {
	pid_t				pid;
	pid_t				parent;
	char				*comm;
	bool				monitored;
	u64				average;
	u64				tree_average;
	unsigned int			nr;
	struct damon_tree_member	*above;
	struct list_head		children;
	struct list_head		siblings;
	unsigned int			depth;
	struct list_head		order;
};

struct damon_tree_member *damon_tree__find(struct intlist *tree, pid_t pid);
int damon_tree__add(struct intlist **tree, const struct damon_target *target,
		    struct machine *machine);
int damon_tree__join(struct intlist *tree, struct machine *machine);
void damon_tree__sort(struct intlist *tree, struct list_head *order);
void damon_tree__exit(struct intlist **tree);

#endif /* __PERF_DAMON_TREE_H */
