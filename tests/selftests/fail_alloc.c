// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of each command fails in turn.  Then the command either fails
 * with ENOMEM and changes nothing, or it works without that memory.  The kdamond
 * keeps running if its allocations fail.
 */
#define _GNU_SOURCE
#include <stdbool.h>

#include "damon_sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define STATE		KDAMOND "state"
#define NR_TARGETS	TARGETS "nr_targets"
#define PID_TARGET	TARGETS "0/pid_target"
#define NR_REGIONS	TARGETS "0/regions/nr_regions"
#define START		TARGETS "0/regions/0/start"

/* More than any command allocates */
#define MANY		1000

static pid_t idle;

static bool is_on(void)
{
	char text[4] = "";
	int fd = open(STATE, O_RDONLY);

	if (read(fd, text, 3) < 0)
		ksft_exit_fail_msg("read from " STATE "\n");
	close(fd);
	return !strncmp(text, "on", 2);
}

/* Off, with one target that has two valid ranges */
static void set_up_with(const char *operations)
{
	put(STATE, "off");
	if (put(KDAMONDS "nr_kdamonds", "1") ||
	    put(KDAMOND "contexts/nr_contexts", "1") ||
	    put(CONTEXT "operations", operations) || put(NR_TARGETS, "1") ||
	    put_number(PID_TARGET, idle) || put(NR_REGIONS, "2") ||
	    put(START, "4096") || put(TARGETS "0/regions/0/end", "8192") ||
	    put(TARGETS "0/regions/1/start", "8192") ||
	    put(TARGETS "0/regions/1/end", "65536"))
		ksft_exit_fail_msg("can't set DAMON up\n");
}

static void set_up(void)
{
	set_up_with("fvaddr");
}

static void set_up_vaddr(void)
{
	set_up_with("vaddr");
}

static void set_up_paddr(void)
{
	set_up_with("paddr");
}

static void set_up_on(void)
{
	set_up();
	if (put(STATE, "on"))
		ksft_exit_fail_msg("can't turn DAMON on\n");
}

static bool is_as_set_up(void)
{
	return get(KDAMONDS "nr_kdamonds") == 1 && get(NR_TARGETS) == 1 &&
	       get(PID_TARGET) == idle && get(NR_REGIONS) == 2 &&
	       get(START) == 4096;
}

static bool is_off_as_set_up(void)
{
	return !is_on() && is_as_set_up();
}

static bool is_on_as_set_up(void)
{
	return is_on() && is_as_set_up();
}

static bool has_2_kdamonds(void)
{
	return get(KDAMONDS "nr_kdamonds") == 2 &&
	       get(KDAMOND "contexts/nr_contexts") == 0 &&
	       get(KDAMONDS "1/contexts/nr_contexts") == 0;
}

static bool has_new_context(void)
{
	return get(KDAMOND "contexts/nr_contexts") == 1 && get(NR_TARGETS) == 0;
}

static bool has_3_targets(void)
{
	return get(NR_TARGETS) == 3 && get(PID_TARGET) == 0 &&
	       get(TARGETS "2/pid_target") == 0 && get(NR_REGIONS) == 0;
}

static bool has_9_regions(void)
{
	return get(NR_REGIONS) == 9 && get(START) == 0 &&
	       get(TARGETS "0/regions/8/end") == 0;
}

/* Commands: file and value to write, set-up, checks after success and after failure */
static const struct {
	const char *name, *file, *value;
	void (*set_up)(void);
	bool (*done)(void);
	bool (*unchanged)(void);
} commands[] = {
	{ "nr_kdamonds", KDAMONDS "nr_kdamonds", "2",
	  set_up, has_2_kdamonds, is_off_as_set_up },
	{ "nr_contexts", KDAMOND "contexts/nr_contexts", "1",
	  set_up, has_new_context, is_off_as_set_up },
	{ "nr_targets", NR_TARGETS, "3",
	  set_up, has_3_targets, is_off_as_set_up },
	{ "nr_regions", NR_REGIONS, "9",
	  set_up, has_9_regions, is_off_as_set_up },
	{ "on", STATE, "on", set_up, is_on_as_set_up, is_off_as_set_up },
	{ "on, vaddr", STATE, "on", set_up_vaddr, is_on_as_set_up,
	  is_off_as_set_up },
	{ "on, paddr", STATE, "on", set_up_paddr, is_on_as_set_up,
	  is_off_as_set_up },
	{ "commit", STATE, "commit", set_up_on, is_on_as_set_up,
	  is_on_as_set_up },
};

/*
 * Run command @i with its @nth allocation failing.  Returns its errno, or -1 if
 * it has fewer allocations.
 */
static int fail(int i, int nth)
{
	int fd = open(commands[i].file, O_WRONLY);
	int injector = open(FAIL_NTH, O_RDWR);
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);
	int err = 0;

	if (fd < 0 || injector < 0 || write(injector, text, len) != len)
		ksft_exit_fail_msg("can't inject failures\n");
	if (write(fd, commands[i].value, strlen(commands[i].value)) < 0)
		err = errno;
	memset(text, 0, sizeof(text));
	if (pread(injector, text, sizeof(text) - 1, 0) <= 0)
		ksft_exit_fail_msg("read from " FAIL_NTH "\n");
	/* A failure that was not used must not hit a later allocation. */
	if (atoi(text) && pwrite(injector, "0", 1, 0) != 1)
		ksft_exit_fail_msg("write to " FAIL_NTH "\n");
	close(injector);
	close(fd);
	return atoi(text) ? -1 : err;
}

static void test_command(int i)
{
	int nth, err, failed = 0;

	for (nth = 1; nth < MANY; nth++) {
		commands[i].set_up();
		err = fail(i, nth);
		if (err == -1)
			break;
		if (err)
			failed++;
		if ((err && err != ENOMEM) || !(err ? commands[i].unchanged :
						      commands[i].done)()) {
			ksft_print_msg("allocation %d: %s\n", nth, strerror(err));
			ksft_test_result_fail("%s: changed what is there\n",
					      commands[i].name);
			return;
		}
	}
	ksft_print_msg("%s: %d of %d failures were reported\n",
		       commands[i].name, failed, nth - 1);
	ksft_test_result(failed && nth < MANY && commands[i].done(),
			 "%s\n", commands[i].name);
}

/* A process that uses memory all the time */
static pid_t start_busy(void)
{
	const size_t size = 16 << 20;
	pid_t pid = fork();
	volatile char *p;

	if (pid)
		return pid;
	p = malloc(size);
	for (size_t i = 0; p; i = (i + 4096) % size)
		p[i]++;
	_exit(1);
}

/* Set whether allocations of a task may fail */
static void let_fail(long pid, bool fail)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/make-it-fail", pid);
	if (put(path, fail ? "1" : "0"))
		ksft_exit_fail_msg("write to %s\n", path);
}

/*
 * Allocations of the kdamond itself: it updates ranges all the time, collects cuts,
 * and changes the number of regions.
 */
static void test_kdamond(void)
{
	static const char * const settings[][2] = {
		{ CONTEXT "monitoring_attrs/intervals/update_us", "1000" },
		{ CONTEXT "monitoring_attrs/intervals/aggr_us", "20000" },
		{ CONTEXT "monitoring_attrs/intervals/sample_us", "1000" },
	};
	long kdamond, failures;
	bool went_on;
	pid_t busy;

	set_up_vaddr();
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (put(settings[i][0], settings[i][1]))
			ksft_exit_fail_msg("write to %s\n", settings[i][0]);
	busy = start_busy();
	if (put_number(PID_TARGET, busy) || put(STATE, "on") || put(FAILSLAB "task-filter", "Y") ||
	    put(FAILSLAB "interval", "1") || put(FAILSLAB "probability", "50") ||
	    put(FAILSLAB "times", "1000000"))
		ksft_exit_fail_msg("can't turn DAMON or failslab on\n");
	kdamond = get(KDAMOND "pid");
	let_fail(kdamond, true);
	sleep(2);
	let_fail(kdamond, false);
	failures = 1000000 - get(FAILSLAB "times");
	put(FAILSLAB "probability", "0");
	went_on = is_on() && get(KDAMOND "pid") == kdamond &&
		  !put(STATE, "commit");
	put(STATE, "off");
	end(busy);
	ksft_print_msg("kdamond: %ld allocations failed\n", failures);
	ksft_test_result(went_on && failures > 10, "kdamond\n");
}

static void end_idle(void)
{
	end(idle);
}

int main(void)
{
	begin();
	/* Not restored: these settings have no effect unless failures are injected. */
	if (access(FAIL_NTH, W_OK) || put(FAILSLAB "ignore-gfp-wait", "N") ||
	    put(FAILSLAB "verbose", "0"))
		ksft_exit_skip("no CONFIG_FAILSLAB or debugfs\n");
	ksft_set_plan(sizeof(commands) / sizeof(*commands) + 1);
	idle = start_idle();
	atexit(end_idle);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		test_command(i);
	test_kdamond();
	ksft_finished();
}
