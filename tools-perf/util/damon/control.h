/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CONTROL_H
#define __PERF_DAMON_CONTROL_H

#include <stdbool.h>

struct damon_settings;

int damon_control__start(struct damon_settings *settings);
int damon_control__stop(bool others);
int damon_control__status(bool with_abilities);

#endif /* __PERF_DAMON_CONTROL_H */
