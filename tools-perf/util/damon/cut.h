/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CUT_H
#define __PERF_DAMON_CUT_H

/* What is missing from a truncated file. */
enum damon_cut {
	DAMON_CUT_NOTHING,
	DAMON_CUT_SETTINGS,
	DAMON_CUT_EVENTS,
};

enum damon_cut damon_cut__find(const char *path);

#endif /* __PERF_DAMON_CUT_H */
