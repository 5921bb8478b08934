/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HABITS_H
#define __PERF_DAMON_HABITS_H

#include <subcmd/parse-options.h>

/* Parents of the options of commands: they match only what these do not. */
extern const struct option damon_record_habits[];
extern const struct option damon_stop_habits[];
extern const struct option damon_status_habits[];
extern const struct option damon_report_habits[];

const char *damon_habit__find(const char *command);

#endif /* __PERF_DAMON_HABITS_H */
