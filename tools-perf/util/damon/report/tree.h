/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TREE_H
#define __PERF_DAMON_TREE_H

#include <sys/types.h>

struct damon_report;
struct damon_target;
struct intlist;
struct machine;

int damon_tree__add(struct intlist **tree, const struct damon_target *target,
		    struct machine *machine);
int damon_tree__join(struct intlist *tree, struct machine *machine);
void damon_tree__exit(struct intlist **tree);
int damon_tree__print(struct damon_report *report);

#endif /* __PERF_DAMON_TREE_H */
