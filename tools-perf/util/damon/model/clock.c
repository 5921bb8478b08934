// SPDX-License-Identifier: GPL-2.0
/*
 * Which clock the times of a record are of, and the time of day that belongs to them. perf record
 * -k chooses a clock, and notes both its time and the time of day once.
 */
#include <time.h>

#include "clock.h"
#include "util/clockid.h"
#include "util/env.h"
#include "util/evsel.h"

#include <linux/kernel.h>
#include <linux/time64.h>

/**
 * damon_clock__read - find out which clock a record has
 * @clock: the clock
 * @env: what the header of the record tells
 * @evsel: an event of the record
 */
void damon_clock__read(struct damon_clock *clock, const struct perf_env *env,
		       const struct evsel *evsel)
{
	/* As perf data convert calls it. */
	clock->name = "perf_clock";
	if (evsel->core.attr.use_clockid)
		clock->name = clockid_name(evsel->core.attr.clockid);
	clock->has_tod = env->clock.enabled;
	clock->ns = env->clock.clockid_ns;
	clock->tod_ns = env->clock.tod_ns;
}

/**
 * damon_clock__tod - get the time of day
 * @clock: the clock
 * @time: a time of an event
 *
 * Return: nanoseconds since 1970, or -1: unknown.
 */
u64 damon_clock__tod(const struct damon_clock *clock, u64 time)
{
	return clock->has_tod ? clock->tod_ns + (time - clock->ns) : -1ULL;
}

/**
 * damon_tod__format - print a time of day, like perf script -F tod
 * @buf: output buffer
 * @size: size of @buf
 * @tod_ns: nanoseconds since 1970
 *
 * Return: @buf.
 */
const char *damon_tod__format(char *buf, size_t size, u64 tod_ns)
{
	time_t seconds = tod_ns / NSEC_PER_SEC;
	struct tm tm;
	size_t len;

	len = localtime_r(&seconds, &tm) ? strftime(buf, size, "%F %T", &tm) : 0;
	scnprintf(buf + len, size - len, ".%06u",
		  (unsigned int)(tod_ns % NSEC_PER_SEC / NSEC_PER_USEC));
	return buf;
}
