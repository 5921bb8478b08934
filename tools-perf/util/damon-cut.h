/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CUT_H
#define __PERF_DAMON_CUT_H

/* What a file has lost that does not have its end. */
enum damon_cut {
	DAMON_CUT_NOTHING,
	DAMON_CUT_SETTINGS,
	DAMON_CUT_EVENTS,
};

enum damon_cut damon_cut__find(const char *path);

#endif /* __PERF_DAMON_CUT_H */
