/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TARGETS_H
#define __PERF_DAMON_TARGETS_H

struct damon_settings;

int damon_targets__resolve(struct damon_settings *settings, const char *pids);

#endif /* __PERF_DAMON_TARGETS_H */
