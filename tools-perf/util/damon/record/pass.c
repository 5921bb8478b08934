// SPDX-License-Identifier: GPL-2.0
/*
 * Options of perf record that perf damon record has, too: most are passed on as they are. perf
 * record checks them when it is started. What would be of no use, or spoil DAMON's events, is
 * refused here.
 */
#include "../errors.h"
#include "pass.h"
#include "util/clockid.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/parse-events.h"
#include "util/record.h"
#include "util/time-utils.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>
#include <subcmd/parse-options.h>

/* Callbacks of options; each returns 0, or -1 after printing an error. */

int damon_passed__add(const struct option *opt, const char *arg, int unset __maybe_unused)
{
	struct damon_passed *passed = opt->value;
	char *text;

	if (passed->nr == ARRAY_SIZE(passed->arg)) {
		pr_err("--%s: these are more than %zu options for perf record\n", opt->long_name,
		       ARRAY_SIZE(passed->arg));
		return -1;
	}
	if (asprintf(&text, "--%s%s%s", opt->long_name, arg ? "=" : "", arg ?: "") < 0) {
		damon_out_of_memory();
		return -1;
	}
	passed->arg[passed->nr++] = text;
	return 0;
}

/* Recorded twice, each region would be there twice. */
int damon_passed__add_event(const struct option *opt, const char *arg, int unset)
{
	struct damon_passed *passed = opt->value;
	struct parse_events_option_args args = { .evlistp = &passed->events };
	struct option parsed = { .value = &args };
	struct evsel *evsel;

	if (parse_events_option_new_evlist(&parsed, arg, unset))
		return -1;
	evlist__for_each_entry(passed->events, evsel) {
		if (!evsel__name_is(evsel, "damon:damon_aggregated"))
			continue;
		pr_err("-e: damon:damon_aggregated is recorded in any case: leave it out\n");
		return -1;
	}
	return damon_passed__add(opt, arg, unset);
}

/* DAMON's event comes before those of -e, and each of them is needed. */
int damon_passed__add_for_events(const struct option *opt, const char *arg, int unset)
{
	struct damon_passed *passed = opt->value;

	passed->of_events = opt->long_name;
	if (passed->events || strcmp(opt->long_name, "filter"))
		return damon_passed__add(opt, arg, unset);
	pr_err("--filter: of which event? give it behind its -e\n");
	return -1;
}

int damon_passed__add_files(const struct option *opt, const char *arg, int unset)
{
	struct damon_passed *passed = opt->value;

	passed->switches = true;
	return damon_passed__add(opt, arg, unset);
}

int damon_passed__set_clock(const struct option *opt, const char *arg, int unset)
{
	struct damon_passed *passed = opt->value;
	struct record_opts opts = {};
	struct option parsed = { .value = &opts };

	if (parse_clockid(&parsed, arg, unset))
		return -1;
	if (opts.clockid != CLOCK_MONOTONIC && opts.clockid != CLOCK_MONOTONIC_RAW) {
		pr_err("-k: the kernel has '%s' for no tracepoint: give CLOCK_MONOTONIC or CLOCK_MONOTONIC_RAW\n",
		       arg);
		return -1;
	}
	passed->clock_name = arg;
	passed->clock = opts.clockid;
	return 0;
}

int damon_passed__set_control(const struct option *opt, const char *arg,
			      int unset __maybe_unused)
{
	struct damon_passed *passed = opt->value;
	bool close;
	int err;

	passed->ack_fd = -1;
	/* It prints why it cannot open a file. */
	err = evlist__parse_control(arg, &passed->ctl_fd, &passed->ack_fd, &close);
	if (!err && (fcntl(passed->ctl_fd, F_GETFD) < 0 ||
		     (passed->ack_fd >= 0 && fcntl(passed->ack_fd, F_GETFD) < 0)))
		err = -EINVAL;
	if (err == -EINVAL)
		pr_err("--control: '%s' is not fd:N[,N], of open descriptors, or fifo:FILE[,FILE]\n",
		       arg);
	return err ? -1 : 0;
}

/* START-END in ms, each behind the one before. */
static int add_period(struct damon_passed *passed, const char *str)
{
	unsigned int start, end;
	int len = 0;
	u64 *times;

	if (sscanf(str, "%u-%u%n", &start, &end, &len) != 2 || str[len] || end <= start ||
	    (passed->nr_toggles &&
	     start * NSEC_PER_MSEC <= passed->toggle_ns[passed->nr_toggles - 1]))
		return -EINVAL;
	times = realloc(passed->toggle_ns, (passed->nr_toggles + 2) * sizeof(*times));
	if (!times)
		return damon_out_of_memory();
	passed->toggle_ns = times;
	times[passed->nr_toggles++] = start * NSEC_PER_MSEC;
	times[passed->nr_toggles++] = end * NSEC_PER_MSEC;
	return 0;
}

static int parse_delay(struct damon_passed *passed, char *str)
{
	char *period, *end;
	long ms = strtol(str, &end, 10);
	int err = 0;

	if (end > str && !*end && ms >= -1 && ms <= INT_MAX) {
		passed->toggle_ns = malloc(sizeof(*passed->toggle_ns));
		if (!passed->toggle_ns)
			return damon_out_of_memory();
		passed->toggle_ns[0] = ms * NSEC_PER_MSEC;
		passed->nr_toggles = ms >= 0;
		return 0;
	}
	while (!err && (period = strsep(&str, ",")))
		err = add_period(passed, period);
	return err;
}

int damon_passed__set_delay(const struct option *opt, const char *arg, int unset __maybe_unused)
{
	struct damon_passed *passed = opt->value;
	char *copy = strdup(arg);
	int err;

	passed->delayed = true;
	passed->nr_toggles = 0;
	zfree(&passed->toggle_ns);
	err = copy ? parse_delay(passed, copy) : damon_out_of_memory();
	free(copy);
	if (err == -EINVAL)
		pr_err("-D: '%s' is not a delay in ms, nor periods of time such as 10-20,30-40\n",
		       arg);
	return err ? -1 : 0;
}

/**
 * damon_passed__time - tell what time it is, or was recently, by the clock of events
 * @passed: the options
 * @time: the time by rdclock()
 */
u64 damon_passed__time(const struct damon_passed *passed, u64 time)
{
	struct timespec now;

	if (passed->clock == CLOCK_MONOTONIC)
		return time;
	clock_gettime(passed->clock, &now);
	return time - rdclock() + now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}
