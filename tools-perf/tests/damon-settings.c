// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of DAMON's settings: parsed from options, stored as notes, and read back.
 */
#include "tests.h"
#include "debug.h"
#include "util/damon/model/history.h"
#include "util/damon/record/pass.h"
#include "util/strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <subcmd/parse-options.h>

/* Whether ranges are printed as @text. */
static bool are_ranges(const struct damon_ranges *ranges, const char *text)
{
	struct strbuf str = STRBUF_INIT;
	bool same = !damon_ranges__print(ranges, &str) && !strcmp(str.buf, text);

	strbuf_release(&str);
	return same;
}

static int test__damon_ranges(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const bad[] = {
		"", "4096", "4096-", "-4096", "8192-4096", "4096-4096", "0-8192,4096-12288",
		"8192-12288,0-4096", "0-4096,", "0-4096-8192", "0x-0x1000",
	};
	static const char text[] =
		"0x1000-0x2000,0x2000-0x40000000,0x100000000-0xfffffffffffff000";
	struct damon_ranges ranges = {};
	size_t i;

	TEST_ASSERT_VAL("two", !damon_ranges__parse(&ranges, "0x1000-8192,8K-1GiB"));
	TEST_ASSERT_VAL("third", !damon_ranges__parse(&ranges, "0x100000000-0xfffffffffffff000"));
	TEST_ASSERT_EQUAL("number", (int)ranges.nr, 3);
	TEST_ASSERT_VAL("as text", are_ranges(&ranges, text));
	damon_ranges__exit(&ranges);
	TEST_ASSERT_VAL("back", !damon_ranges__parse(&ranges, text) && are_ranges(&ranges, text));
	damon_ranges__exit(&ranges);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		TEST_ASSERT_EQUAL(bad[i], damon_ranges__parse(&ranges, bad[i]), -EINVAL);
		damon_ranges__exit(&ranges);
	}
	return TEST_OK;
}

/* Memory that a driver has added is below other lines, and has the name of the driver. */
static int test__damon_iomem(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char iomem[] =
		"00000000-00000fff : Reserved\n"
		"00001000-0009fbff : System RAM\n"
		"000a0000-000bffff : PCI Bus 0000:00\n"
		"00100000-3fffffff : System RAM\n"
		"  01000000-01ffffff : Kernel code\n"
		"40000000-7fffffff : Persistent Memory\n"
		"  40000000-7fffffff : dax0.0\n"
		"    48000000-7fffffff : System RAM (kmem)\n"
		"240000000-33fffffff : virtio0\n"
		"  240000000-2bfffffff : System RAM (virtio_mem)\n"
		"400000000-4ffffffff : System RAMDISK\n";
	static const char none[] = "00000000-00000000 : System RAM\n";
	static const char all[] =
		"0x1000-0x9f000,0x100000-0x40000000,0x48000000-0x80000000,0x240000000-0x2c0000000";
	struct damon_ranges ranges = {};
	FILE *file = fmemopen((void *)iomem, strlen(iomem), "r");

	TEST_ASSERT_VAL("all", file && !damon_ranges__read_iomem(&ranges, file));
	fclose(file);
	TEST_ASSERT_VAL("as text", are_ranges(&ranges, all));
	damon_ranges__exit(&ranges);
	file = fmemopen((void *)none, strlen(none), "r");
	TEST_ASSERT_EQUAL("hidden", damon_ranges__read_iomem(&ranges, file), -ENOENT);
	fclose(file);
	return TEST_OK;
}

/* Only the syntax is checked here, not whether the processes exist. */
static int test__damon_pids(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const bad[] = { "", "x", "1,", ",1", "1 2", "0", "-1", "2147483648" };
	struct strbuf pids = STRBUF_INIT;
	struct damon_settings settings;
	size_t i;

	damon_settings__init(&settings);
	TEST_ASSERT_VAL("list", !damon_settings__parse_pids(&settings, "2147483647,1,2147483647"));
	TEST_ASSERT_VAL("as text", !damon_settings__print_pids(&settings, &pids));
	TEST_ASSERT_VAL("in order, and each once", !strcmp(pids.buf, "2147483647,1"));
	strbuf_release(&pids);
	damon_settings__clear_pids(&settings);
	TEST_ASSERT_VAL("another list", !damon_settings__parse_pids(&settings, "5"));
	TEST_ASSERT_EQUAL("alone", (int)settings.nr_pids, 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		TEST_ASSERT_EQUAL(bad[i], damon_settings__parse_pids(&settings, bad[i]), -EINVAL);
	damon_settings__exit(&settings);
	return TEST_OK;
}

static int read_note(void *history, const char *text)
{
	return damon_history__read(history, text);
}

/* perf record takes one note, and is held up then. */
static int read_one_note(void *history, const char *text)
{
	if (((struct damon_history *)history)->begun)
		return -EAGAIN;
	return read_note(history, text);
}

/* Store settings as those of @kdamond since @time. */
static int store(struct damon_history *history, const struct damon_settings *settings,
		 pid_t kdamond, u64 time)
{
	struct strbuf str = STRBUF_INIT;
	int err = damon_settings__print(settings, &str);

	err = err ?: damon_history__write(str.buf, kdamond, time, read_note, history);
	strbuf_release(&str);
	return err;
}

/* Whether the settings of @kdamond at @time are @settings. */
static bool are_found(const struct damon_history *history, const struct damon_settings *settings,
		      pid_t kdamond, u64 time)
{
	const struct damon_settings *found = damon_history__find(history, kdamond, time);
	struct strbuf expected = STRBUF_INIT, str = STRBUF_INIT;
	bool same = found && !damon_settings__print(settings, &expected) &&
		    !damon_settings__print(found, &str) && !strcmp(str.buf, expected.buf);

	strbuf_release(&expected);
	strbuf_release(&str);
	return same;
}

static int test__damon_settings(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char text[] = " --max-regions 123 --tlb-flushes 0 -p 42,7";
	struct damon_history history = {};
	struct strbuf str = STRBUF_INIT;
	struct damon_settings settings;
	int i;

	damon_settings__init(&settings);
	settings.sample_ns = 1500 * NSEC_PER_USEC;
	settings.max_regions = 123;
	settings.tlb_flushes = 0;
	damon_settings__add_pid(&settings, 42);
	damon_settings__add_pid(&settings, 7);
	TEST_ASSERT_VAL("as text", !damon_settings__print(&settings, &str) &&
			strstarts(str.buf, "--ops vaddr --sample 1500us --aggr 100ms ") &&
			strstr(str.buf, text));
	strbuf_release(&str);
	TEST_ASSERT_VAL("stored", !store(&history, &settings, 99, 1000));
	TEST_ASSERT_VAL("found", are_found(&history, &settings, 99, 1000));

	/* A list that takes more than one note. */
	for (i = 100000; i < 110000; i++)
		TEST_ASSERT_VAL("add", !damon_settings__add_pid(&settings, i));
	for (i = 1; i < 1000; i++)
		TEST_ASSERT_VAL("add", !damon_ranges__add(&settings.ranges, i << 16,
							  (i << 16) + 4096));
	TEST_ASSERT_VAL("text of many", !damon_settings__print(&settings, &str));
	TEST_ASSERT_EQUAL("held up", damon_history__write(str.buf, 99, 1500, read_one_note,
							  &history), -EAGAIN);
	TEST_ASSERT_EQUAL("nothing in part", (int)history.nr, 1);
	strbuf_release(&str);
	TEST_ASSERT_VAL("many stored", !store(&history, &settings, 99, 2000));
	TEST_ASSERT_VAL("many found", are_found(&history, &settings, 99, 2000));
	TEST_ASSERT_EQUAL("notes", (int)history.nr, 2);
	damon_history__exit(&history);
	damon_settings__exit(&settings);
	return TEST_OK;
}

/* What -D of record takes: a delay, none of ours, or periods. */
static int test__damon_delays(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const struct {
		const char *str;
		size_t nr;
		u64 ms[4];
	} good[] = {
		{ "0", 1, { 0 } }, { "5000", 1, { 5000 } }, { "-1", 0, {} },
		{ "10-20", 2, { 10, 20 } }, { "0-5,10-4000000000", 4, { 0, 5, 10, 4000000000U } },
	};
	static const char * const bad[] = {
		"", "x", "-2", "5,6", "1s", "20-10", "10-10", "10-20,", "10-20,15-30",
		"10-20,20-30", "10-20,30", "10-20x", "-1-5", "99999999999",
	};
	struct damon_passed passed = {};
	struct option opt = { .value = &passed };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		TEST_ASSERT_VAL(good[i].str, !damon_passed__set_delay(&opt, good[i].str, 0));
		TEST_ASSERT_EQUAL(good[i].str, (int)passed.nr_toggles, (int)good[i].nr);
		for (j = 0; j < good[i].nr; j++)
			TEST_ASSERT_VAL(good[i].str, passed.toggle_ns[j] ==
					good[i].ms[j] * NSEC_PER_MSEC);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		TEST_ASSERT_VAL(bad[i], damon_passed__set_delay(&opt, bad[i], 0));
	free(passed.toggle_ns);
	return TEST_OK;
}

static int read_enabled(void *history, const char *text)
{
	return damon_history__read_enabled(history, text);
}

/* Times at which events were enabled, which each file of several has again. */
static int test__damon_enabled(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const u64 times[] = { 100, 5000000000ULL, 100, 5000000000ULL, 7000000000ULL };
	static const struct {
		u64 after, until;
		bool was;
	} spans[] = {
		{ 0, 99, false }, { 0, 100, true }, { 99, 101, true },
		{ 100, 4999999999ULL, false }, { 100, 5000000000ULL, true },
		{ 0, UINT64_MAX, true },
		{ 5000000000ULL, 6999999999ULL, false }, { 7000000000ULL, UINT64_MAX, false },
	};
	struct damon_history history = {};
	size_t i;

	TEST_ASSERT_VAL("never", !damon_history__was_enabled(&history, 0, UINT64_MAX));
	for (i = 0; i < ARRAY_SIZE(times); i++)
		TEST_ASSERT_VAL("noted", !damon_history__write_enabled(times[i], read_enabled,
								       &history));
	TEST_ASSERT_VAL("other note", damon_history__read_enabled(&history, "damon:settings @1"));
	TEST_ASSERT_VAL("no time", damon_history__read_enabled(&history, "damon:enabled @"));
	for (i = 0; i < ARRAY_SIZE(spans); i++)
		TEST_ASSERT_EQUAL("span", damon_history__was_enabled(&history, spans[i].after,
								     spans[i].until),
				  spans[i].was);
	damon_history__exit(&history);
	return TEST_OK;
}

/* Settings of two kdamonds, one of which has got others while it was recorded. */
static int test__damon_history(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const bad[] = {
		"", "damon:settings", "another note",
		"damon:settings @1 kdamond 2: --ops vaddr",
		"damon:settings @1 kdamond 2: --ops vaddr -p x",
		"damon:settings @1 kdamond 2: --ops vaddr -p 5 --sample x",
		"damon:settings @1 kdamond 2: --ops vaddr -p 5 --sample 1s --aggr 1ms",
		"damon:settings @1 kdamond 2: --ops vaddr -p 5 --ranges 5-3",
		"damon:settings @1 kdamond 2: -p 5",
	};
	static const char newer[] = "damon:settings @5 kdamond 2: --ops vaddr --new 5 -p 1";
	static const struct {
		const char *what;
		pid_t kdamond;
		u64 time, aggr_ns;
	} times[] = {
		{ "before", 10, 5, 2 * NSEC_PER_SEC }, { "at", 10, 1000, 2 * NSEC_PER_SEC },
		{ "between", 10, 2999, 2 * NSEC_PER_SEC }, { "change", 10, 3000, NSEC_PER_SEC },
		{ "after", 10, 9999, NSEC_PER_SEC }, { "other", 20, 9999, 100 * NSEC_PER_MSEC },
	};
	struct damon_history history = {};
	struct damon_settings settings;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		TEST_ASSERT_VAL(bad[i], damon_history__read(&history, bad[i]) && !history.nr);
	TEST_ASSERT_VAL("option of a newer version", !damon_history__read(&history, newer));
	TEST_ASSERT_VAL("nothing of another kdamond", !damon_history__find(&history, 3, 5));
	damon_history__exit(&history);

	damon_settings__init(&settings);
	damon_settings__add_pid(&settings, 42);
	TEST_ASSERT_VAL("second", !store(&history, &settings, 20, 500));
	settings.aggr_ns = NSEC_PER_SEC;
	TEST_ASSERT_VAL("later", !store(&history, &settings, 10, 3000));
	settings.aggr_ns = 2 * NSEC_PER_SEC;
	TEST_ASSERT_VAL("earlier", !store(&history, &settings, 10, 1000));
	/* As each file of --switch-output begins with it. */
	TEST_ASSERT_EQUAL("repeated", store(&history, &settings, 10, 1000), -EEXIST);
	TEST_ASSERT_EQUAL("no change", (int)history.nr, 3);
	damon_settings__exit(&settings);
	for (i = 0; i < ARRAY_SIZE(times); i++)
		TEST_ASSERT_VAL(times[i].what, damon_history__find(&history, times[i].kdamond,
								   times[i].time)->aggr_ns ==
				times[i].aggr_ns);
	TEST_ASSERT_VAL("third", !damon_history__find(&history, 30, 9999));
	damon_history__exit(&history);
	return TEST_OK;
}

/* Targets of a kdamond, before and after notes of other ones. */
static int test__damon_targets(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const notes[] = {
		"damon:settings @1000 kdamond 10: --ops vaddr -p 5",
		"damon:settings @2000 kdamond 10: --ops vaddr -p 5,6",
		"damon:settings @3000 kdamond 10: --ops vaddr -p 7",
		"damon:settings @4000 kdamond 10: --ops paddr",
		"damon:settings @5000 kdamond 10: --ops vaddr -p 8",
		"damon:settings @1000 kdamond 20: --ops vaddr -p 9,10",
	};
	static const struct {
		const char *what;
		pid_t kdamond;
		u64 time;
		unsigned long target;
		pid_t pid;
	} targets[] = {
		{ "before all notes", 10, 5, 0, 5 }, { "at a note", 10, 2000, 1, 6 },
		{ "added", 10, 1500, 1, 6 }, { "replaced", 10, 3500, 0, 7 },
		{ "removed", 10, 3500, 1, 0 }, { "physical memory", 10, 4500, 0, 0 },
		{ "last", 10, 9999, 0, 8 }, { "not of another kdamond", 10, 9999, 1, 0 },
		{ "unknown kdamond", 30, 1500, 0, 0 },
	};
	struct damon_history history = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++)
		TEST_ASSERT_VAL(notes[i], !damon_history__read(&history, notes[i]));
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		TEST_ASSERT_EQUAL(targets[i].what,
				  damon_history__find_pid(&history, targets[i].kdamond,
							  targets[i].time, targets[i].target),
				  targets[i].pid);
	damon_history__exit(&history);
	return TEST_OK;
}

/* Older records have the settings in their command line. */
static int test__damon_cmdline(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	const char *argv[22] = {
		"damon", "record", "--ops", "vaddr", "--sample", "5ms", "--aggr", "50ms",
		"--update", "1s", "--min-regions", "10", "--max-regions", "1000", "-p", "42,7",
		"-o", "perf.data", "--", "program", "--sample", "bogus",
	};
	const int argc = ARRAY_SIZE(argv);
	static const char note[] = "damon:settings @5 kdamond 2: --ops paddr --ranges 4096-8192";
	static const char * const typed[] = { "damon", "record", "--sample", "5ms", "-p", "42" };
	struct damon_history history = {};
	const struct damon_settings *settings;

	TEST_ASSERT_VAL("old", !damon_history__read_cmdline(&history, argc, argv));
	history.first_kdamond = 99;
	settings = damon_history__find(&history, 99, 5);
	TEST_ASSERT_VAL("of the first", settings && settings->aggr_ns == 50 * NSEC_PER_MSEC);
	TEST_ASSERT_VAL("not of another one", !damon_history__find(&history, 98, 5));
	TEST_ASSERT_VAL("unknown", settings->tlb_flushes == DAMON_ATTR_NONE);
	TEST_ASSERT_EQUAL("processes", (int)settings->nr_pids, 2);
	TEST_ASSERT_VAL("a note", !damon_history__read(&history, note));
	TEST_ASSERT_VAL("says that it was typed", !damon_history__find(&history, 99, 5));
	settings = damon_history__find(&history, 2, 5);
	TEST_ASSERT_VAL("physical", settings && damon_settings__is_physical(settings));
	damon_history__exit(&history);

	TEST_ASSERT_VAL("none", damon_history__read_cmdline(&history, 0, argv));
	TEST_ASSERT_VAL("another", damon_history__read_cmdline(&history, argc - 1, argv + 1));
	TEST_ASSERT_VAL("typed", damon_history__read_cmdline(&history, ARRAY_SIZE(typed),
							     (const char **)typed));
	argv[15] = "x";
	TEST_ASSERT_VAL("bad value", damon_history__read_cmdline(&history, argc, argv));
	/* Except for paddr, settings without a process are invalid. */
	TEST_ASSERT_VAL("no process", damon_history__read_cmdline(&history, 14, argv));
	argv[3] = "paddr";
	TEST_ASSERT_VAL("physical", !damon_history__read_cmdline(&history, 14, argv));
	damon_history__exit(&history);
	return TEST_OK;
}

/* An attribute that not every kernel has is only printed if its value is known. */
static int test__damon_optional_attrs(struct test_suite *test __maybe_unused,
				      int subtest __maybe_unused)
{
	const struct damon_attr *flushes = damon_attr__find("tlb-flushes");
	char text[DAMON_SETTINGS_LEN];
	struct damon_settings settings;
	u64 value;

	TEST_ASSERT_VAL("of address spaces", flushes && flushes->of_address_spaces);
	damon_settings__init(&settings);
	damon_settings__scnprintf(&settings, text, sizeof(text));
	TEST_ASSERT_VAL("not printed", !strstr(text, "tlb-flushes"));
	damon_attr__value(flushes, &settings) = 50;
	TEST_ASSERT_VAL("set", settings.tlb_flushes == 50);
	damon_settings__scnprintf(&settings, text, sizeof(text));
	TEST_ASSERT_VAL("printed", strstr(text, " --tlb-flushes 50"));
	TEST_ASSERT_VAL("none", !damon_attr__parse(flushes, "0", &value) && !value);
	TEST_ASSERT_EQUAL("DAMON_ATTR_NONE is no value",
			  damon_attr__parse(flushes, "18446744073709551615", &value), -ERANGE);
	damon_settings__exit(&settings);
	return TEST_OK;
}

/* As many processes as a machine can have. Duplicates must be found by hashing. */
static int test__damon_many_processes(struct test_suite *test __maybe_unused,
				      int subtest __maybe_unused)
{
	const int nr = 1 << 20;
	clock_t begin = clock();
	struct damon_settings settings;
	int i;

	damon_settings__init(&settings);
	for (i = 0; i < 2 * nr; i++)
		TEST_ASSERT_VAL("add", !damon_settings__add_pid(&settings, 1 + i / 2));
	TEST_ASSERT_EQUAL("each process once", (int)settings.nr_pids, nr);
	TEST_ASSERT_EQUAL("in order", settings.pids[nr - 1], nr);
	damon_settings__exit(&settings);
	TEST_ASSERT_VAL("in seconds", clock() - begin < 20 * CLOCKS_PER_SEC);
	return TEST_OK;
}

static struct test_case tests__damon_settings[] = {
	TEST_CASE("DAMON: ranges of addresses", damon_ranges),
	TEST_CASE("DAMON: all System RAM", damon_iomem),
	TEST_CASE("DAMON: processes to monitor", damon_pids),
	TEST_CASE("DAMON: settings in notes", damon_settings),
	TEST_CASE("DAMON: settings that change", damon_history),
	TEST_CASE("DAMON: delays", damon_delays),
	TEST_CASE("DAMON: times at which events were enabled", damon_enabled),
	TEST_CASE("DAMON: targets that change", damon_targets),
	TEST_CASE("DAMON: settings in a command line", damon_cmdline),
	TEST_CASE("DAMON: attributes that not every kernel has", damon_optional_attrs),
	TEST_CASE("DAMON: settings for many processes", damon_many_processes),
	{ .name = NULL, }
};

struct test_suite suite__damon_settings = {
	.desc = "DAMON settings",
	.test_cases = tests__damon_settings,
};
