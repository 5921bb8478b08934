/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_USER_H
#define __PERF_DAMON_USER_H

int damon_user__check(const char *name);
int damon_user__become(const void *name);

#endif /* __PERF_DAMON_USER_H */
