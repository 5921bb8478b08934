/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CHILDREN_H
#define __PERF_DAMON_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct damon_settings;
struct intlist;

/* A child that is no target */
#define DAMON_NO_TARGET	((size_t)-1)

/**
 * struct damon_child - a process that is a target, or may become one
 * @pid: the process
 * @since: when it was forked, or found
 * @cpu_ns: its CPU time until now, only for damon_children__choose()
 * @target_id: its index in the targets that are wanted, or DAMON_NO_TARGET
 * @given: the user has named it: it is a target as long as it lives
 * @monitored: it is a target, or was one
 * @left_out: others with more CPU time were chosen
 * @ended: it has ended, but what it has forked before may not have been told yet
 * @seen: it was added since the last damon_children__end_unseen()
 */
struct damon_child {
	pid_t	pid;
	u64	since;
	u64	cpu_ns;
	size_t	target_id;
	bool	given;
	bool	monitored;
	bool	left_out;
	bool	ended;
	bool	seen;
};

/**
 * struct damon_children - the processes that are monitored, and their children
 * @known: those that have not ended: struct damon_child by process ID
 * @max: how many may be targets, beside those that the user has named
 * @nr_given: number of those that the user has named
 * @target: the targets that are wanted: the process of each target_id, 0: none
 * @nr: number of targets, with those in between that are none
 * @capacity: number of targets that @target has room for
 * @nr_monitored: number of processes that have become targets
 * @nr_short: number of children that have ended too early for that
 * @nr_left_out: number of children that have ended while others were chosen
 */
struct damon_children {
	struct intlist	*known;
	size_t		max;
	size_t		nr_given;
	pid_t		*target;
	size_t		nr;
	size_t		capacity;
	u64		nr_monitored;
	u64		nr_short;
	u64		nr_left_out;
};

int damon_children__init(struct damon_children *children, size_t max);
void damon_children__exit(struct damon_children *children);
int damon_children__give(struct damon_children *children, pid_t pid, u64 now, bool for_good);
int damon_children__add(struct damon_children *children, pid_t pid, u64 now);
int damon_children__fork(struct damon_children *children, pid_t parent, pid_t pid, u64 time);
void damon_children__retire(struct damon_children *children, pid_t pid);
void damon_children__end(struct damon_children *children, pid_t pid);
void damon_children__end_unseen(struct damon_children *children, u64 before);
bool damon_children__sweep(struct damon_children *children, u64 (*start)(pid_t pid));
bool damon_children__is_target(const struct damon_children *children, pid_t pid);
u64 damon_children__next(const struct damon_children *children, u64 min_age, u64 again);
int damon_children__choose(struct damon_children *children, const struct damon_settings *now_are,
			   u64 oldest, u64 (*cpu_ns)(pid_t pid));
bool damon_children__differ(const struct damon_children *children,
			    const struct damon_settings *now_are);

#endif /* __PERF_DAMON_CHILDREN_H */
