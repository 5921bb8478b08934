// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of DAMON's settings: parsed from options, stored in a command line, and
 * parsed back.
 */
#include "tests.h"
#include "debug.h"
#include "util/damon/attr.h"
#include "util/damon/ranges.h"
#include "util/damon/settings.h"
#include "util/damon/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <subcmd/parse-options.h>

static int test__damon_ranges(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const bad[] = {
		"", "4096", "4096-", "-4096", "8192-4096", "4096-4096", "0-8192,4096-12288",
		"8192-12288,0-4096", "0-4096,", "0-4096-8192", "0x-0x1000",
	};
	static const char text[] =
		"0x1000-0x2000,0x2000-0x40000000,0x100000000-0xfffffffffffff000";
	struct damon_ranges ranges = {};
	char *str;
	size_t i;

	TEST_ASSERT_VAL("two", !damon_ranges__parse(&ranges, "0x1000-8192,8K-1GiB"));
	TEST_ASSERT_VAL("third", !damon_ranges__parse(&ranges, "0x100000000-0xfffffffffffff000"));
	TEST_ASSERT_EQUAL("number", (int)ranges.nr, 3);
	str = damon_ranges__str(&ranges);
	TEST_ASSERT_VAL("as text", str && !strcmp(str, text));
	damon_ranges__exit(&ranges);
	TEST_ASSERT_VAL("back", !damon_ranges__parse(&ranges, str) && ranges.nr == 3);
	damon_ranges__join(&ranges);
	TEST_ASSERT_VAL("one", ranges.nr == 1 && ranges.range[0].start == 0x1000 &&
			ranges.range[0].end == 0xfffffffffffff000);
	free(str);
	damon_ranges__exit(&ranges);

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		int err = damon_ranges__parse(&ranges, bad[i]);

		damon_ranges__exit(&ranges);
		if (err == -EINVAL)
			continue;
		pr_debug("'%s': %d\n", bad[i], err);
		return TEST_FAIL;
	}
	return TEST_OK;
}

/* Only the syntax is checked here, not whether the processes exist. */
static int test__damon_targets(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const bad[] = { "", "x", "1,", ",1", "1 2", "0", "-1", "2147483648" };
	const char *pids = NULL;
	const struct option opt = { .long_name = "pid", .value = &pids };
	size_t i;

	TEST_ASSERT_VAL("list", !damon_targets__parse(&opt, "1,2147483647", 0));
	TEST_ASSERT_VAL("kept", !strcmp(pids, "1,2147483647"));
	TEST_ASSERT_VAL("unset", !damon_targets__parse(&opt, NULL, 1) && !pids);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		TEST_ASSERT_VAL(bad[i], damon_targets__parse(&opt, bad[i], 0) == -1);
	return TEST_OK;
}

static int test__damon_physical(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_settings settings, copy;
	const char **argv;
	int argc;

	/* The settings may be unknown. */
	argv = damon_settings__cmdline(NULL, "perf.data", NULL, &argc);
	TEST_ASSERT_VAL("command line", argv);
	TEST_ASSERT_VAL("nothing known", !damon_settings__parse_cmdline(&copy, argc, argv));
	damon_settings__free_cmdline(argv);

	damon_settings__init(&settings);
	scnprintf(settings.ops, sizeof(settings.ops), "paddr");
	TEST_ASSERT_VAL("ranges", !damon_ranges__parse(&settings.ranges, "4K-8K,1G-2G"));
	argv = damon_settings__cmdline(&settings, "perf.data", NULL, &argc);
	TEST_ASSERT_VAL("command line", argv);
	TEST_ASSERT_VAL("parsed", damon_settings__parse_cmdline(&copy, argc, argv));
	TEST_ASSERT_VAL("physical", damon_settings__is_physical(&copy));
	TEST_ASSERT_EQUAL("ranges", (int)copy.ranges.nr, 2);
	TEST_ASSERT_VAL("end", copy.ranges.range[1].end == 2ULL << 30);
	damon_settings__exit(&copy);

	/* Except for paddr, settings without a process are invalid. */
	scnprintf(settings.ops, sizeof(settings.ops), "fvaddr");
	damon_settings__free_cmdline(argv);
	argv = damon_settings__cmdline(&settings, "perf.data", NULL, &argc);
	TEST_ASSERT_VAL("command line", argv);
	TEST_ASSERT_VAL("no process", !damon_settings__parse_cmdline(&copy, argc, argv));
	damon_settings__free_cmdline(argv);
	damon_settings__exit(&settings);
	return TEST_OK;
}

static int test__damon_settings(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const command[] = { "program", "--sample", "bogus", NULL };
	struct damon_settings settings, copy;
	const char **argv;
	int argc;

	damon_settings__init(&settings);
	settings.sample_ns = 1500 * NSEC_PER_USEC;
	settings.max_regions = 123;
	settings.tlb_flushes = 0;
	damon_settings__add_pid(&settings, 42);
	damon_settings__add_pid(&settings, 7);
	damon_settings__add_pid(&settings, 42);
	TEST_ASSERT_EQUAL("each process once", (int)settings.nr_pids, 2);

	argv = damon_settings__cmdline(&settings, "perf.data", (const char **)command,
				       &argc);
	TEST_ASSERT_VAL("command line", argv);
	TEST_ASSERT_VAL("parsed", damon_settings__parse_cmdline(&copy, argc, argv));
	TEST_ASSERT_VAL("operations", !strcmp(copy.ops, settings.ops));
	TEST_ASSERT_VAL("sample", copy.sample_ns == settings.sample_ns);
	TEST_ASSERT_VAL("aggregation", copy.aggr_ns == settings.aggr_ns);
	TEST_ASSERT_VAL("update", copy.update_ns == settings.update_ns);
	TEST_ASSERT_VAL("minimum", copy.min_regions == settings.min_regions);
	TEST_ASSERT_VAL("maximum", copy.max_regions == settings.max_regions);
	TEST_ASSERT_VAL("flushes", copy.tlb_flushes == 0);
	TEST_ASSERT_EQUAL("processes", (int)copy.nr_pids, 2);
	TEST_ASSERT_EQUAL("first process", copy.pids[0], 42);
	TEST_ASSERT_EQUAL("second process", copy.pids[1], 7);
	damon_settings__exit(&copy);

	TEST_ASSERT_VAL("no command line", !damon_settings__parse_cmdline(&copy, 0, argv));
	TEST_ASSERT_VAL("another command", !damon_settings__parse_cmdline(&copy, argc - 1,
									  argv + 1));
	/* The value of --sample. */
	((char *)argv[5])[0] = 'x';
	TEST_ASSERT_VAL("bad value", !damon_settings__parse_cmdline(&copy, argc, argv));
	damon_settings__free_cmdline(argv);
	damon_settings__exit(&settings);
	return TEST_OK;
}

/*
 * An attribute that not every kernel has is only printed and recorded if its value
 * is known. DAMON_ATTR_NONE is not accepted as a value.
 */
static int test__damon_optional_attrs(struct test_suite *test __maybe_unused,
				      int subtest __maybe_unused)
{
	const struct damon_attr *flushes = damon_attr__find("tlb-flushes");
	char text[DAMON_SETTINGS_LEN];
	struct damon_settings settings;
	const char **argv;
	u64 value;
	int argc, i;

	TEST_ASSERT_VAL("attribute", flushes && damon_attr__is_optional(flushes));
	TEST_ASSERT_VAL("of address spaces", flushes->of_address_spaces);
	damon_settings__init(&settings);
	TEST_ASSERT_VAL("unknown", settings.tlb_flushes == DAMON_ATTR_NONE);
	damon_settings__scnprintf(&settings, text, sizeof(text));
	TEST_ASSERT_VAL("not printed", !strstr(text, "tlb-flushes"));
	damon_settings__add_pid(&settings, 42);
	argv = damon_settings__cmdline(&settings, "perf.data", NULL, &argc);
	TEST_ASSERT_VAL("command line", argv);
	for (i = 0; i < argc; i++)
		TEST_ASSERT_VAL("not recorded", strcmp(argv[i], "--tlb-flushes"));
	damon_settings__exit(&settings);
	TEST_ASSERT_VAL("parsed", damon_settings__parse_cmdline(&settings, argc, argv));
	TEST_ASSERT_VAL("still unknown", settings.tlb_flushes == DAMON_ATTR_NONE);
	damon_settings__free_cmdline(argv);

	damon_attr__set(flushes, &settings, 50);
	TEST_ASSERT_VAL("set", settings.tlb_flushes == 50);
	damon_settings__scnprintf(&settings, text, sizeof(text));
	TEST_ASSERT_VAL("printed", strstr(text, " --tlb-flushes 50"));
	TEST_ASSERT_VAL("none", !damon_attr__parse(flushes, "0", &value) && !value);
	TEST_ASSERT_EQUAL("no number", damon_attr__parse(flushes, "18446744073709551615", &value),
			  -ERANGE);
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
	TEST_CASE("DAMON: processes to monitor", damon_targets),
	TEST_CASE("DAMON: settings in a command line", damon_settings),
	TEST_CASE("DAMON: settings of physical memory", damon_physical),
	TEST_CASE("DAMON: attributes that not every kernel has", damon_optional_attrs),
	TEST_CASE("DAMON: settings for many processes", damon_many_processes),
	{ .name = NULL, }
};

struct test_suite suite__damon_settings = {
	.desc = "DAMON settings",
	.test_cases = tests__damon_settings,
};
