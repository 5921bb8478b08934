/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TARGETS_H
#define __PERF_DAMON_TARGETS_H

#include <stddef.h>
#include <sys/types.h>

struct damon_settings;
struct option;

int damon_targets__parse(const struct option *opt, const char *str, int unset);
int damon_targets__resolve(struct damon_settings *settings, const char *pids);
int damon_targets__find_ranges(struct damon_settings *settings);
void damon_target__name(pid_t pid, char *buf, size_t size);

#endif /* __PERF_DAMON_TARGETS_H */
