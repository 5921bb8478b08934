/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_MEMBERS_H
#define __PERF_DAMON_MEMBERS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct damon_members - whose processes are monitored, as they come and go
 * @cgroup: path of a cgroup below its mount point, and those in it, or NULL
 * @user: the user, by name or number, or NULL
 * @uid: the user's ID, set by damon_members__find()
 * @recorder: a process of ours that is none of them
 * @path: path of the cgroup, set by damon_members__find()
 */
struct damon_members {
	const char	*cgroup;
	const char	*user;
	uid_t		uid;
	pid_t		recorder;
	char		path[PATH_MAX];
};

/**
 * damon_members__are_given - check whether processes are chosen that way
 * @members: whose processes
 */
static inline bool damon_members__are_given(const struct damon_members *members)
{
	return members->cgroup || members->user;
}

int damon_members__find(struct damon_members *members);
int damon_members__list(const struct damon_members *members, int (*fn)(void *data, pid_t pid),
			void *data);

#endif /* __PERF_DAMON_MEMBERS_H */
