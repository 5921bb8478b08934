/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TIMELINE_H
#define __PERF_DAMON_TIMELINE_H

#include <stdbool.h>

struct perf_session;
union perf_event;

typedef int (*damon_timeline_fn)(void *data, union perf_event *event);

bool damon_timeline__can_map(struct perf_session *session);
int damon_timeline__run(struct perf_session *session, damon_timeline_fn deliver, void *data);

#endif /* __PERF_DAMON_TIMELINE_H */
