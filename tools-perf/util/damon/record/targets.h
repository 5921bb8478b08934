/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TARGETS_H
#define __PERF_DAMON_TARGETS_H

#include "children.h"
#include "tasks.h"

#include <stdbool.h>
#include <linux/types.h>

struct damon_members;
struct damon_monitor;
struct damon_processes;
struct damon_settings;

/**
 * struct damon_targets - the targets of our kdamond, which follow processes as these come and go
 * @monitor: our kdamond
 * @settings: what it monitors: the targets that it has now
 * @processes: the processes of these targets; while they are changed, those that it will have
 * @members: whose processes are monitored, NULL: given ones and their children
 * @children: the processes that are to be targets
 * @tasks: tells which processes are forked and end
 * @next_ns: time of the next damon_targets__update(), -1ULL: none
 * @waits: it is also time for that when @tasks has something to read
 * @nr_shared: if not 0, targets cannot be changed: so many are those of our kdamond, and each
 *             other one has a kdamond of its own
 * @since_ns: if not 0, the targets of our kdamond have changed then; the caller notes that, and
 *            sets it to 0
 */
struct damon_targets {
	struct damon_monitor	*monitor;
	struct damon_settings	*settings;
	struct damon_processes	*processes;
	const struct damon_members *members;
	struct damon_children	children;
	struct damon_tasks	tasks;
	u64			next_ns;
	bool			waits;
	size_t			nr_shared;
	u64			since_ns;

	/*
	 * private: time to list @members again, and to choose again if some were left out;
	 * processes have come or gone, or the last change was refused; since when a change is going
	 * on, 0: none, and the next snapshot, 0: not seen yet; there is no change before @free_ns
	 */
	u64			members_ns;
	u64			again_ns;
	bool			changed;
	bool			failed;
	u64			commit_ns;
	u64			snapshot_ns;
	u64			free_ns;
};

int damon_targets__find(const struct damon_members *members, struct damon_settings *settings);
int damon_targets__open(struct damon_targets *targets, size_t max);
int damon_targets__update(struct damon_targets *targets);
void damon_targets__ended(struct damon_targets *targets, pid_t pid);
bool damon_targets__are_changing(const struct damon_targets *targets);
bool damon_targets__expect(struct damon_targets *targets);
void damon_targets__close(struct damon_targets *targets);

#endif /* __PERF_DAMON_TARGETS_H */
