/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PASS_H
#define __PERF_DAMON_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <linux/types.h>

struct evlist;
struct option;

/**
 * struct damon_passed - options that perf damon record passes on to perf record
 * @nr: number of arguments
 * @arg: the arguments, such as --count=100
 * @events: the events of -e, NULL: none
 * @of_events: an option that is of use only with events, NULL: none
 * @clock_name: the clock of all events, as it was given, NULL: CLOCK_MONOTONIC
 * @clock: the clock
 * @switches: there is more than one file
 * @delayed: -D: events are not recorded from the beginning
 * @nr_toggles: number of times at which they are enabled, disabled, enabled ..., 0: by @ctl_fd
 * @toggle_ns: the times
 * @ctl_fd: the user's commands come from it, -1: there are none
 * @ack_fd: their acknowledgments go there, -1: nowhere
 */
struct damon_passed {
	size_t		nr;
	const char	*arg[48];
	struct evlist	*events;
	const char	*of_events;
	const char	*clock_name;
	clockid_t	clock;
	bool		switches;
	bool		delayed;
	size_t		nr_toggles;
	u64		*toggle_ns;
	int		ctl_fd;
	int		ack_fd;
};

int damon_passed__add(const struct option *opt, const char *arg, int unset);
int damon_passed__add_event(const struct option *opt, const char *arg, int unset);
int damon_passed__add_for_events(const struct option *opt, const char *arg, int unset);
int damon_passed__add_files(const struct option *opt, const char *arg, int unset);
int damon_passed__set_clock(const struct option *opt, const char *arg, int unset);
int damon_passed__set_control(const struct option *opt, const char *arg, int unset);
int damon_passed__set_delay(const struct option *opt, const char *arg, int unset);

u64 damon_passed__time(const struct damon_passed *passed, u64 time);

#endif /* __PERF_DAMON_PASS_H */
