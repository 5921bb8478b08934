/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PROGRESS_H
#define __PERF_DAMON_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

void damon_progress__init(int fd);
void damon_progress__set_output(FILE *out);
void damon_progress__enable(bool enable);

#endif /* __PERF_DAMON_PROGRESS_H */
