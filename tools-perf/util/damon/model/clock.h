/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CLOCK_H
#define __PERF_DAMON_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct evsel;
struct perf_env;

/**
 * struct damon_clock - the clock that the times of events are of
 * @name: its name: that of perf record -k, or perf_clock, the kernel's own if there was no -k
 * @has_tod: the time of day is known
 * @ns: some time of the clock
 * @tod_ns: the time of day then, since 1970
 */
struct damon_clock {
	const char	*name;
	bool		has_tod;
	u64		ns;
	u64		tod_ns;
};

void damon_clock__read(struct damon_clock *clock, const struct perf_env *env,
		       const struct evsel *evsel);
u64 damon_clock__tod(const struct damon_clock *clock, u64 time);
const char *damon_tod__format(char *buf, size_t size, u64 tod_ns);

#endif /* __PERF_DAMON_CLOCK_H */
