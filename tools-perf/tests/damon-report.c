// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the options and calculations of perf damon report, and of the owners
 * of memory.
 */
#include "tests.h"
#include "debug.h"
#include "event.h"
#include "intlist.h"
#include "machine.h"
#include "sample.h"
#include "symbol.h"
#include "thread_map.h"
#include "time-utils.h"
#include "util/damon/array.h"
#include "util/damon/report/groups.h"
#include "util/damon/model/mappings.h"
#include "util/damon/report/report.h"
#include "util/damon/model/series.h"
#include "util/damon/units.h"
#include "util/damon/model/selection.h"
#include "util/synthetic-events.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>

static int check_parse(enum damon_kind kind, const char *str, int expected_err, u64 expected)
{
	u64 value = 0;
	int err = damon_number__parse(kind, str, &value);

	if (err == expected_err && (err || value == expected))
		return TEST_OK;
	pr_debug("'%s': %d, %lu; expected %d, %lu\n", str, err, (unsigned long)value, expected_err,
		 (unsigned long)expected);
	return TEST_FAIL;
}

static int check_print(enum damon_kind kind, bool exact, u64 value, const char *expected)
{
	char buf[DAMON_UNIT_LEN];
	char *end = damon_number__put(buf, kind, value, exact);

	if (!strcmp(buf, expected) && end == buf + strlen(expected))
		return TEST_OK;
	pr_debug("%lu: '%s', expected '%s'\n", (unsigned long)value, buf, expected);
	return TEST_FAIL;
}

static int test__damon_parse_units(struct test_suite *test __maybe_unused,
				   int subtest __maybe_unused)
{
	const struct {
		enum damon_kind	kind;
		const char	*str;
		int		err;
		u64		value;
	} cases[] = {
		{ DAMON_TIME, "5ms", 0, 5 * NSEC_PER_MSEC },
		{ DAMON_TIME, "1.5s", 0, 1500 * NSEC_PER_MSEC },
		{ DAMON_TIME, "100us", 0, 100 * NSEC_PER_USEC },
		{ DAMON_TIME, "2min", 0, 120 * NSEC_PER_SEC },
		{ DAMON_TIME, "0", 0, 0 },
		{ DAMON_TIME, "0.25us", 0, 250 },
		{ DAMON_TIME, "0.001347065s", 0, 1347065 },
		{ DAMON_TIME, "4.007601441s", 0, 4007601441ULL },
		{ DAMON_TIME, "5", -EINVAL, 0 },
		{ DAMON_TIME, "", -EINVAL, 0 },
		{ DAMON_TIME, "ms", -EINVAL, 0 },
		{ DAMON_TIME, "-5ms", -EINVAL, 0 },
		{ DAMON_TIME, " 5ms", -EINVAL, 0 },
		{ DAMON_TIME, "5 ms", -EINVAL, 0 },
		{ DAMON_TIME, "5.ms", -EINVAL, 0 },
		{ DAMON_TIME, "5msx", -EINVAL, 0 },
		{ DAMON_TIME, "1e3ms", -EINVAL, 0 },
		{ DAMON_TIME, "18446744073709551615ns", 0, -1ULL },
		{ DAMON_TIME, "18446744073709551616ns", -ERANGE, 0 },
		{ DAMON_TIME, "18446744073709551615s", -ERANGE, 0 },
		{ DAMON_SIZE, "4096B", 0, 4096 },
		{ DAMON_SIZE, "1.5GiB", 0, 3ULL << 29 },
		{ DAMON_SIZE, "2T", 0, 2ULL << 40 },
		{ DAMON_SIZE, "1K", 0, 1024 },
		{ DAMON_SIZE, "5", -EINVAL, 0 },
		{ DAMON_SIZE, "1.5", -EINVAL, 0 },
		{ DAMON_SIZE, "16384PiB", -EINVAL, 0 },
		{ DAMON_SIZE, "1KB", 0, 1024 },
		{ DAMON_COUNT, "1000", 0, 1000 },
		{ DAMON_COUNT, "1.5", -EINVAL, 0 },
		{ DAMON_COUNT, "10k", -EINVAL, 0 },
		{ DAMON_COUNT, "0x10", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0x7f0000001000", 0, 0x7f0000001000 },
		{ DAMON_ADDRESS, "0XaB", 0, 0xab },
		{ DAMON_ADDRESS, "4096", 0, 4096 },
		{ DAMON_ADDRESS, "1.5GiB", 0, 3ULL << 29 },
		{ DAMON_ADDRESS, "0xffffffffffffffff", 0, -1ULL },
		{ DAMON_ADDRESS, "0x10000000000000000", -ERANGE, 0 },
		{ DAMON_ADDRESS, "18446744073709551616", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0x", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0x-1", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0x 1", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0x1g", -EINVAL, 0 },
		{ DAMON_ADDRESS, "0", 0, 0 },
		{ DAMON_ADDRESS, "-1", -EINVAL, 0 },
		{ DAMON_ADDRESS, "7f00", -EINVAL, 0 },
		{ DAMON_ADDRESS, "", -EINVAL, 0 },
		{ DAMON_RATIO, "12.5%", 0, 125000 },
		{ DAMON_RATIO, "12.5", -EINVAL, 0 },
	};
	size_t i;
	int err = TEST_OK;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		err |= check_parse(cases[i].kind, cases[i].str, cases[i].err, cases[i].value);
	return err;
}

static int test__damon_print_units(struct test_suite *test __maybe_unused,
				   int subtest __maybe_unused)
{
	const struct {
		enum damon_kind	kind;
		bool		exact;
		u64		value;
		const char	*str;
	} cases[] = {
		{ DAMON_TIME, false, 0, "0s" },
		{ DAMON_TIME, false, 5 * NSEC_PER_MSEC, "5ms" },
		{ DAMON_TIME, false, 10019999999ULL, "10.02s" },
		{ DAMON_TIME, false, 999999999, "1s" },
		{ DAMON_TIME, false, 3600 * NSEC_PER_SEC, "3600s" },
		{ DAMON_TIME, true, 1500 * NSEC_PER_USEC, "1500us" },
		{ DAMON_TIME, true, NSEC_PER_SEC, "1s" },
		{ DAMON_TIME, true, 3600 * NSEC_PER_SEC, "1h" },
		{ DAMON_TIMESTAMP, false, 0, "0.000000000" },
		{ DAMON_TIMESTAMP, false, 12 * NSEC_PER_SEC + 50000001, "12.050000001" },
		{ DAMON_TIMESTAMP, true, 1764510000999999999ULL, "1764510000.999999999" },
		{ DAMON_SIZE, false, 0, "0B" },
		{ DAMON_SIZE, false, 1023, "1023B" },
		{ DAMON_SIZE, false, 1536, "1.5KiB" },
		{ DAMON_SIZE, false, (1ULL << 20) - 1, "1MiB" },
		{ DAMON_SIZE, false, 5ULL << 40, "5TiB" },
		{ DAMON_SIZE, false, -1ULL, "16384PiB" },
		{ DAMON_SIZE, false, 10ULL << 30, "10GiB" },
		{ DAMON_SIZE, false, (1ULL << 30) - 1, "1GiB" },
		{ DAMON_HUNDREDTHS, false, 1975, "19.75" },
		{ DAMON_HUNDREDTHS, false, 1970, "19.7" },
		{ DAMON_HUNDREDTHS, false, 1907, "19.07" },
		{ DAMON_HUNDREDTHS, false, 1900, "19" },
		{ DAMON_SIZE, true, 0, "0B" },
		{ DAMON_SIZE, true, -1ULL, "18446744073709551615B" },
	};
	size_t i;
	int err = TEST_OK;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		err |= check_print(cases[i].kind, cases[i].exact, cases[i].value, cases[i].str);
	return err;
}

static int check_number(u64 number)
{
	char expected[DAMON_UNIT_LEN];

	scnprintf(expected, sizeof(expected), "%" PRIu64, number);
	if (check_print(DAMON_COUNT, false, number, expected))
		return TEST_FAIL;
	scnprintf(expected, sizeof(expected), number ? "0x%" PRIx64 : "0", number);
	return check_print(DAMON_ADDRESS, false, number, expected);
}

/* Numbers of each length in digits and in bits, compared with printf(). */
static int test__damon_print_numbers(struct test_suite *test __maybe_unused,
				     int subtest __maybe_unused)
{
	unsigned int bits;
	u64 power, i;

	for (i = 0, power = 1; i < 20; i++, power *= 10) {
		if (check_number(power - 1) || check_number(power) || check_number(power + 1))
			return TEST_FAIL;
	}
	for (bits = 0; bits < 64; bits++) {
		power = 1ULL << bits;
		if (check_number(power - 1) || check_number(power) || check_number(-power))
			return TEST_FAIL;
	}
	for (i = 0; i < 1000; i++) {
		if (check_number(i))
			return TEST_FAIL;
	}
	return TEST_OK;
}

static int test__damon_ranges(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char * const wrong[] = {
		"", "0", "0,101", "0,101,0", "0,102,1", "5,5,1", "6,5,1", "0,101,5,", "a,b,c",
		"0,101,102", "50,101,18446744073709551615",
	};
	struct damon_quantity resolution = {};
	struct damon_percents percents = {};
	size_t i;

	TEST_ASSERT_VAL("range", !damon_percents__parse("10,101,45", &percents));
	TEST_ASSERT_VAL("which", percents.start == 10 && percents.stop == 101);
	TEST_ASSERT_VAL("step", percents.step == 45);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		TEST_ASSERT_VAL(wrong[i], damon_percents__parse(wrong[i], &percents) == -EINVAL);

	TEST_ASSERT_VAL("columns",
			!damon_quantity__parse(&resolution, "80", DAMON_COUNT, DAMON_TIME));
	TEST_ASSERT_VAL("count", resolution.given == DAMON_GIVEN_NUMBER && resolution.value == 80);
	TEST_ASSERT_VAL("rows of",
			!damon_quantity__parse(&resolution, "2MiB", DAMON_COUNT, DAMON_SIZE));
	TEST_ASSERT_VAL("bytes",
			resolution.given == DAMON_GIVEN_UNIT && resolution.value == 2 << 20);
	TEST_ASSERT_VAL("size for time",
			damon_quantity__parse(&resolution, "2MiB", DAMON_COUNT, DAMON_TIME));
	TEST_ASSERT_VAL("time for size",
			damon_quantity__parse(&resolution, "2s", DAMON_COUNT, DAMON_SIZE));
	return TEST_OK;
}

static const struct damon_snapshot *clip(struct damon_selection *selection,
					 const struct damon_snapshot *snapshot)
{
	struct damon_snapshot whole = *snapshot;
	const struct damon_snapshot *clipped;

	whole.since = snapshot->time - 100;
	return damon_selection__clip(selection, &whole, &clipped) ? NULL : clipped;
}

static int test__damon_selection(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_region regions[] = {
		{ 1000, 2000, 1, 5 }, { 2000, 3000, 2, 6 }, { 5000, 6000, 3, 7 },
	};
	struct damon_snapshot snapshot = { .time = 1000, .nr_regions = 3, .regions = regions };
	const struct perf_time_interval whole = { 1000, 1400 };
	struct damon_selection selection;

	damon_selection__init(&selection);
	TEST_ASSERT_VAL("everything", clip(&selection, &snapshot)->regions == regions);
	TEST_ASSERT_EQUAL("all of them", (int)clip(&selection, &snapshot)->nr_regions, 3);

	selection.addr_min = (struct damon_quantity){ DAMON_GIVEN_NUMBER, 1500 };
	selection.addr_max = (struct damon_quantity){ DAMON_GIVEN_NUMBER, 2001 };
	TEST_ASSERT_EQUAL("parts", (int)clip(&selection, &snapshot)->nr_regions, 2);
	TEST_ASSERT_VAL("first", selection.part.regions[0].start == 1500);
	TEST_ASSERT_VAL("last", selection.part.regions[1].end == 2001);
	TEST_ASSERT_VAL("accesses", selection.part.regions[1].nr_accesses == 2);
	selection.addr_min.value = 3000;
	selection.addr_max.value = 5000;
	TEST_ASSERT_EQUAL("gap", (int)clip(&selection, &snapshot)->nr_regions, 0);
	TEST_ASSERT_VAL("input", regions[0].start == 1000 && regions[1].end == 3000);
	damon_selection__exit(&selection);

	damon_selection__init(&selection);
	TEST_ASSERT_VAL("parse", !damon_selection__parse_times("25%-300ns", &selection));
	TEST_ASSERT_VAL("set", !damon_selection__set_times(&selection, 1000, 1400, &whole));
	TEST_ASSERT_VAL("bounds", selection.start == 1100 && selection.end == 1300);
	/* The snapshot covers the 100 ns before its time. */
	snapshot.time = 1100;
	TEST_ASSERT_VAL("before", !clip(&selection, &snapshot));
	snapshot.time = 1101;
	TEST_ASSERT_VAL("begin", clip(&selection, &snapshot));
	snapshot.time = 1399;
	TEST_ASSERT_VAL("end", clip(&selection, &snapshot));
	snapshot.time = 1400;
	TEST_ASSERT_VAL("after", !clip(&selection, &snapshot));

	TEST_ASSERT_VAL("parse", !damon_selection__parse_list("17,42,0x11", &selection.pids));
	TEST_ASSERT_EQUAL("each once", (int)intlist__nr_entries(selection.pids), 2);
	TEST_ASSERT_VAL("chosen", damon_selection__has_target(&selection, 0, 42));
	TEST_ASSERT_VAL("not chosen", !damon_selection__has_target(&selection, 0, 43));
	TEST_ASSERT_VAL("more", !damon_selection__parse_list("7", &selection.pids));
	TEST_ASSERT_EQUAL("one more", (int)intlist__nr_entries(selection.pids), 3);
	TEST_ASSERT_VAL("address", !damon_selection__parse_list("0xffff8881c0de1000",
								&selection.targets));
	TEST_ASSERT_VAL("as a target", damon_selection__has_target(&selection,
								   0xffff8881c0de1000, 17));
	TEST_ASSERT_VAL("other target", !damon_selection__has_target(&selection,
								     0xffff8881, 17));
	TEST_ASSERT_VAL("no number", damon_selection__parse_list("7,", &selection.pids));
	TEST_ASSERT_VAL("negative", damon_selection__parse_list("-7", &selection.pids));
	TEST_ASSERT_VAL("not known", !damon_selection__has_target(&selection, 0, 0));
	damon_selection__exit(&selection);
	return TEST_OK;
}

/* Of a record from 100 s to 110 s, whose samples are from 101 s to 109 s: which seconds count. */
static int check_times(const char *str, int expected_err, const char *expected)
{
	const struct perf_time_interval samples = { 101 * NSEC_PER_SEC, 109 * NSEC_PER_SEC };
	u64 start = 100 * NSEC_PER_SEC, end = 110 * NSEC_PER_SEC, since;
	struct damon_selection selection;
	char counts[11] = "";
	int i, err;

	damon_selection__init(&selection);
	err = damon_selection__parse_times(str, &selection);
	if (!err)
		err = damon_selection__set_times(&selection, start, end, &samples);
	for (i = 0; !err && i < 10; i++) {
		since = start + i * NSEC_PER_SEC;
		/* Without its limits, which are in the seconds before it and behind it, too. */
		counts[i] = damon_selection__has_time(&selection, since + 1,
						      since + NSEC_PER_SEC - 1) ? '#' : '.';
	}
	damon_selection__exit(&selection);
	if (err == expected_err && !strcmp(counts, expected))
		return TEST_OK;
	pr_debug("'%s': %d, '%s'; expected %d, '%s'\n", str, err, counts, expected_err, expected);
	return TEST_FAIL;
}

static int test__damon_times(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	const struct {
		const char	*str;
		int		err;
		const char	*counts;
	} cases[] = {
		/* Since the start of the record */
		{ "2s-4s", 0, "..##......" },
		{ "2s,4s", 0, "..##......" },
		{ "2s,", 0, "..########" },
		{ "-4s", 0, "####......" },
		{ "0-1s", 0, "#........." },
		{ "4s,2s", -EDOM, "" },
		{ "30s-40s", -EINVAL, "" },
		/* Percentages are of the samples. */
		{ "25%-50%", 0, "...##....." },
		{ "25%,50%", 0, "...##....." },
		{ "50%,", 0, ".....#####" },
		{ "25%", 0, ".##......." },
		{ "25%/2", 0, "...##....." },
		{ "25%/1,25%/4", 0, ".##....##." },
		{ "0%-25%,50%-75%", 0, ".##..##..." },
		{ "25%/5", -EINVAL, "" },
		{ "10%,20%,30%", -EINVAL, "" },
		{ "200%", -EINVAL, "" },
		{ "25%,103", -EINVAL, "" },
		/* Those of the clock: events are at the end of each second. */
		{ "102,104", 0, "..##......" },
		{ "102.5,102.6", 0, ".........." },
		{ "102.5,103", 0, "..#......." },
		{ "102.999999999,102.999999999", 0, "..#......." },
		{ ",104", 0, "####......" },
		{ "0,104", 0, "####......" },
		{ "108.5,", 0, "........##" },
		{ "101,102 105,106.5  109,", 0, ".#...#...#" },
		{ ",", 0, "##########" },
		{ "104,102", -EINVAL, "" },
		{ "1,2", -EINVAL, "" },
		{ "200,300", -EINVAL, "" },
		{ "102,104 105", -EINVAL, "" },
		{ "102,103,104", -EINVAL, "" },
		{ "102-104", -EINVAL, "" },
		{ "102", -EINVAL, "" },
		{ "102,4s", -EINVAL, "" },
		{ "102.0123456789,", -EINVAL, "" },
		{ "2s", -EINVAL, "" },
		{ "", -EINVAL, "" },
		{ " ", -EINVAL, "" },
	};
	size_t i;
	int err = TEST_OK;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		err |= check_times(cases[i].str, cases[i].err, cases[i].counts);
	return err;
}

static int check_group_keys(const char *keys, unsigned int expected)
{
	const struct damon_report_ops *ops = &damon_mappings_ops;
	unsigned int by = damon_columns__by(ops->columns, ops->nr_columns, ops->sort, keys);

	if (by == expected)
		return TEST_OK;
	pr_debug("'%s': %#x, expected %#x\n", keys, by, expected);
	return TEST_FAIL;
}

/* Which keys make groups, and what is in the same one. */
static int test__damon_groups(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	char libc[] = "libc", heap[] = "[heap]", none[] = "", buffer[] = "buffer";
	char worker[] = "worker";
	struct damon_target a = { .pid = 1, .comm = worker }, b = { .pid = 2, .comm = worker };
	const struct damon_owner owners[] = { { libc, none }, { libc, buffer }, { heap, none } };
	const struct damon_region regions[] = { { 1000, 2000, 1, 5 }, { 1000, 3000, 2, 6 } };
	static const struct {
		unsigned int	by;
		bool		pid, owner, symbol, end;
	} cases[] = {
		{ DAMON_KEY_MAPPING, false, true, false, false },
		{ DAMON_KEY_SYMBOL, false, false, true, false },
		{ DAMON_KEY_PID, true, false, false, false },
		{ DAMON_KEY_COMM, false, false, false, false },
		{ DAMON_KEY_COMM | DAMON_KEY_END, false, false, false, true },
		{ DAMON_KEY_PID | DAMON_KEY_MAPPING | DAMON_KEY_START, true, true, false, false },
	};
	size_t i;

	TEST_ASSERT_VAL("word", !check_group_keys("dso", DAMON_KEY_MAPPING));
	TEST_ASSERT_VAL("title", !check_group_keys("Working Set,overhead,accesses", 0));
	TEST_ASSERT_VAL("more", !check_group_keys("+pid", DAMON_KEY_PID | DAMON_KEY_MAPPING |
						  DAMON_KEY_SYMBOL));
	TEST_ASSERT_VAL("two", !check_group_keys("sym,size_bytes,comm", DAMON_KEY_COMM |
						 DAMON_KEY_SYMBOL));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_groups groups = { .by = cases[i].by };

		damon_groups__init(&groups);
		TEST_ASSERT_EQUAL("first", damon_groups__findnew(&groups, &a, &owners[0],
								 &regions[0]), 0);
		TEST_ASSERT_VAL("process", damon_groups__findnew(&groups, &b, &owners[0],
								 &regions[0]) == cases[i].pid);
		TEST_ASSERT_VAL("symbol", !damon_groups__findnew(&groups, &a, &owners[1],
								 &regions[0]) == !cases[i].symbol);
		TEST_ASSERT_VAL("owner", !damon_groups__findnew(&groups, &a, &owners[2],
								&regions[0]) == !cases[i].owner);
		TEST_ASSERT_VAL("end", !damon_groups__findnew(&groups, &a, &owners[0],
							      &regions[1]) == !cases[i].end);
		TEST_ASSERT_EQUAL("again", damon_groups__findnew(&groups, &a, &owners[0],
								 &regions[0]), 0);
		damon_groups__exit(&groups);
	}
	return TEST_OK;
}

static int test__damon_working_set(struct test_suite *test __maybe_unused,
				   int subtest __maybe_unused)
{
	struct damon_region regions[] = {
		{ 0, 100, 1, 0 }, { 100, 150, 5, 0 }, { 200, 300, 0, 0 },
	};
	struct damon_snapshot snapshot = {
		.time = 10, .since = 0, .threshold = 1, .nr_regions = 3, .regions = regions,
	};
	struct damon_distribution sizes = { .timed = true };
	struct damon_working_set set = {};

	TEST_ASSERT_VAL("add", !damon_working_set__add(&set, &sizes, &snapshot, 0));
	TEST_ASSERT_VAL("accessed", sizes.nr == 1 && sizes.value[0] == 150);
	snapshot.threshold = 5;
	TEST_ASSERT_VAL("add", !damon_working_set__add(&set, &sizes, &snapshot, 0));
	TEST_ASSERT_VAL("threshold", sizes.value[1] == 50 && sizes.time[1] == 10);

	/* A work time of two snapshots has the memory accessed in either, and none from before. */
	TEST_ASSERT_VAL("add", !damon_working_set__add(&set, &sizes, &snapshot, 20));
	TEST_ASSERT_EQUAL("not yet", (int)sizes.nr, 2);
	snapshot.time = 20;
	snapshot.since = 10;
	regions[2].nr_accesses = 9;
	TEST_ASSERT_VAL("add", !damon_working_set__add(&set, &sizes, &snapshot, 20));
	TEST_ASSERT_EQUAL("over", (int)sizes.nr, 3);
	TEST_ASSERT_VAL("either", sizes.value[2] == 150 && sizes.time[2] == 20);
	regions[1].nr_accesses = 0;
	snapshot.time = 40;
	snapshot.since = 20;
	TEST_ASSERT_VAL("add", !damon_working_set__add(&set, &sizes, &snapshot, 20));
	TEST_ASSERT_VAL("anew", sizes.nr == 4 && sizes.value[3] == 100);
	damon_areas__exit(&set.accessed);
	damon_distribution__exit(&sizes);
	return TEST_OK;
}

static u64 since(const struct damon_overview *overview, u64 previous_time,
		 unsigned long previous_gaps, u64 time, unsigned long nr_gaps)
{
	struct damon_target target = {
		.previous_time = previous_time, .previous_gaps = previous_gaps,
	};
	struct damon_snapshot snapshot = { .time = time, .nr_gaps = nr_gaps };
	const struct damon_snapshot *clipped;

	damon_overview__clip(overview, &target, &snapshot, &clipped);
	return snapshot.since;
}

/* A late kdamond, and missing events. */
static int test__damon_gaps(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_query query = { .selection = { .end = -1ULL } };
	struct damon_session session = {};
	struct damon_overview overview = { .aggr_ns = 100, .session = &session, .query = &query };

	TEST_ASSERT_VAL("none before", since(&overview, 0, 0, 1000, 1) == 900);
	TEST_ASSERT_VAL("early", since(&overview, 0, 0, 50, 1) == 0);

	TEST_ASSERT_VAL("next", since(&overview, 1000, 1, 1100, 1) == 1000);
	TEST_ASSERT_VAL("late", since(&overview, 1000, 1, 1500, 1) == 1000);
	TEST_ASSERT_VAL("others' gap", since(&overview, 1000, 1, 1150, 2) == 1000);
	TEST_ASSERT_VAL("one lost", since(&overview, 1000, 1, 1199, 2) == 1099);
	TEST_ASSERT_VAL("some lost", since(&overview, 1000, 1, 1500, 2) == 1400);
	TEST_ASSERT_VAL("late again", since(&overview, 1500, 2, 1900, 2) == 1500);
	/* The interval is unknown in the first pass over a record without settings. */
	overview.aggr_ns = 0;
	TEST_ASSERT_VAL("unknown", since(&overview, 1500, 2, 1900, 3) == 1500);
	return TEST_OK;
}

/* The @since of a clipped snapshot depends on the previous one, even if that is not selected. */
static int test__damon_clip(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_snapshot snapshot = { .time = 1000 };
	struct damon_query query = { .selection = { .start = 1000, .end = 1450 } };
	struct damon_session session = {};
	struct damon_overview overview = { .aggr_ns = 100, .session = &session, .query = &query };
	const struct damon_snapshot *clipped;
	struct damon_target target = {};

	TEST_ASSERT_VAL("clip", !damon_overview__clip(&overview, &target, &snapshot, &clipped));
	TEST_ASSERT_VAL("before", !clipped);
	snapshot.time = 1400;
	TEST_ASSERT_VAL("clip", !damon_overview__clip(&overview, &target, &snapshot, &clipped));
	TEST_ASSERT_VAL("late", clipped && clipped->time == 1400 && clipped->since == 1000);
	snapshot.time = 1600;
	TEST_ASSERT_VAL("clip", !damon_overview__clip(&overview, &target, &snapshot, &clipped));
	TEST_ASSERT_VAL("late, too", clipped && clipped->since == 1400);
	snapshot.time = 1700;
	TEST_ASSERT_VAL("clip", !damon_overview__clip(&overview, &target, &snapshot, &clipped));
	TEST_ASSERT_VAL("behind", !clipped);
	/* Events are missing, and the time is long enough for another snapshot. */
	query.selection.end = -1ULL;
	snapshot.nr_gaps++;
	snapshot.time = 1950;
	TEST_ASSERT_VAL("clip", !damon_overview__clip(&overview, &target, &snapshot, &clipped));
	TEST_ASSERT_VAL("lost", clipped && clipped->since == 1850);
	return TEST_OK;
}

/* One target for the whole time, one for half of it, and one without monitored memory. */
static int test__damon_total(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_query query = {};
	struct damon_overview overview = {
		.aggr_ns = 100, .start = 1000, .end = 2000, .query = &query,
	};
	struct damon_target all = { .start = 1000, .last_time = 2050, .max_bytes = 1 };
	struct damon_target half = { .start = 1500, .last_time = 2000, .max_bytes = 1 };
	struct damon_target none = { .start = 1000, .last_time = 2000 };

	INIT_LIST_HEAD(&overview.targets);
	list_add_tail(&all.list, &overview.targets);
	list_add_tail(&half.list, &overview.targets);
	list_add_tail(&none.list, &overview.targets);
	TEST_ASSERT_VAL("nothing", !damon_overview__total_average(&overview));
	TEST_ASSERT_VAL("add", !damon_distribution__add(&all.series, 1100, 1ULL << 60));
	TEST_ASSERT_VAL("add", !damon_distribution__add(&half.series, 1600, 7));
	TEST_ASSERT_VAL("add", !damon_distribution__add(&none.series, 1100, 100));
	TEST_ASSERT_EQUAL("counted", (int)damon_overview__nr_counted(&overview), 2);
	TEST_ASSERT_VAL("rounded", damon_overview__total_average(&overview) == (1ULL << 60) + 4);
	query.series = DAMON_SERIES_REGIONS;
	all.series.value[0] = 1100;
	half.series.value[0] = 700;
	TEST_ASSERT_EQUAL("hundredths", (int)damon_overview__total_average(&overview), 1450);
	damon_distribution__exit(&all.series);
	damon_distribution__exit(&half.series);
	damon_distribution__exit(&none.series);
	return TEST_OK;
}

/* Large enough to have whole pages. The second variable is in .bss, not in the file. */
static char written_variable[64 << 10] = { 1 };
static char zero_variable[64 << 10];

static const struct damon_owner *owner_of(const struct damon_layout *layout, u64 address)
{
	size_t i = damon_array__count_until(layout->mapping, layout->nr, end, address);

	if (i == layout->nr || layout->mapping[i].start > address)
		return &layout->owner[DAMON_NO_OWNER];
	return &layout->owner[layout->mapping[i].owner];
}

static int check_owner(const struct damon_layout *layout, const void *pointer, const char *name,
		       const char *symbol)
{
	const struct damon_owner *owner = owner_of(layout, (unsigned long)pointer);

	if (strstr(owner->name, name) && !strcmp(owner->symbol, symbol))
		return TEST_OK;
	pr_debug("%p: '%s' '%s', expected '%s' '%s'\n", pointer, owner->name, owner->symbol, name,
		 symbol);
	return TEST_FAIL;
}

static int check_own_layout(struct machine *machine, const void *on_heap, bool symbols)
{
	char on_stack = 0;
	struct damon_mappings mappings = {};
	const struct damon_layout *layout;
	size_t i;
	int err;

	mappings.symbols = symbols;
	layout = damon_mappings__layout(&mappings, machine, getpid(), 0);
	TEST_ASSERT_VAL("layout", layout);
	for (i = 1; i < layout->nr; i++)
		TEST_ASSERT_VAL("sorted", layout->mapping[i].start >= layout->mapping[i - 1].end);
	err = check_owner(layout, &written_variable[5000], "/",
			  symbols ? "written_variable" : "");
	err |= check_owner(layout, &zero_variable[5000], "/", symbols ? "zero_variable" : "");
	err |= check_owner(layout, &on_stack, "[stack]", "");
	err |= check_owner(layout, on_heap, "[heap]", "");
	err |= check_owner(layout, NULL, "[unknown]", "");
	damon_mappings__exit(&mappings);
	return err;
}

static int test__damon_own_memory(struct test_suite *test __maybe_unused,
				  int subtest __maybe_unused)
{
	struct perf_thread_map *threads = thread_map__new_by_pid(getpid());
	void *on_heap = sbrk(4096);
	struct machine *machine;
	int err;

	TEST_ASSERT_VAL("heap", on_heap != (void *)-1);
	zero_variable[5000] = written_variable[5000] + 1;
	machine = machine__new_host();
	TEST_ASSERT_VAL("machine", threads && machine);
	err = perf_event__synthesize_thread_map(NULL, threads, perf_event__process, machine,
						/*needs_mmap=*/true, /*mmap_data=*/true);
	perf_thread_map__put(threads);
	err = err ?: check_own_layout(machine, on_heap, false);
	err = err ?: check_own_layout(machine, on_heap, true);
	machine__delete(machine);
	return err ? TEST_FAIL : TEST_OK;
}

#define PAGE	0x1000
#define LIB	0x7f0000000000

/* What perf is told of a map, or of exec(). */
struct told {
	u64		start;
	u64		len;
	u32		prot;
	const char	*name;
};

/**
 * struct owners_case - names that addresses are to have
 * @what: what it is about
 * @told: all maps of the process in the record
 * @now: how many of them perf knows at the time in question, 0: all
 * @since: the time
 * @owners: the names
 */
struct owners_case {
	const char	*what;
	struct told	told[8];
	unsigned int	now;
	u64		since;
	struct {
		u64		address;
		const char	*name;
	} owners[4];
};

#define TEXT(start)	{ start, PAGE, PROT_EXEC, "/bin/program" }
#define DATA(start)	{ start, PAGE, PROT_WRITE, "/bin/program" }
#define ANON(start)	{ start, PAGE, PROT_WRITE, "//anon" }
#define EXEC(time)	{ time, 0, 0, "exec()" }

static const struct owners_case owners_cases[] = {
	{ "variables, and a heap that is not named yet",
	  { TEXT(0x400000), DATA(0x401000), ANON(0x402000), ANON(0x600000), ANON(LIB) }, 0, 0,
	  { { 0x401000, "/bin/program" }, { 0x402000, "/bin/program" }, { 0x600000, "[heap]" },
	    { LIB, "[anon]" } } },
	{ "anonymous huge pages",
	  { TEXT(0x400000), DATA(0x401000),
	    { LIB, 2 << 20, PROT_WRITE, "/anon_hugepage (deleted)" }, ANON(LIB + (2 << 20)) }, 0, 0,
	  { { 0x400000, "/bin/program" }, { LIB, "[anon]" }, { LIB + (2 << 20), "[anon]" } } },
	{ "shared memory of System V is no file that has variables",
	  { TEXT(0x400000), DATA(0x401000),
	    { LIB, PAGE, PROT_WRITE, "/SYSV00000000 (deleted)" }, ANON(LIB + PAGE) }, 0, 0,
	  { { LIB, "/SYSV00000000 (deleted)" }, { LIB + PAGE, "[anon]" } } },
	{ "a file below the program",
	  { { 0x100000, PAGE, PROT_WRITE, "/lib/classes.jsa" }, ANON(0x200000), TEXT(0x400000),
	    ANON(0x600000), ANON(0x601000), ANON(0x700000) }, 0, 0,
	  { { 0x200000, "[anon]" }, { 0x600000, "[heap]" }, { 0x700000, "[anon]" } } },
	{ "a heap with a name anywhere",
	  { TEXT(0x400000), ANON(0x600000), { 0x700000, PAGE, PROT_WRITE, "[heap]" } }, 0, 0,
	  { { 0x600000, "[anon]" }, { 0x700000, "[heap]" } } },
	{ "a heap that gets a name when it grows",
	  { TEXT(0x400000), ANON(0x500000), ANON(0x600000),
	    { 0x600000, 2 * PAGE, PROT_WRITE, "[heap]" } }, 3, 0,
	  { { 0x500000, "[anon]" }, { 0x600000, "[heap]" }, { 0x601000, "[heap]" } } },
	{ "what is known only later, if nothing else is",
	  { TEXT(0x400000), ANON(LIB), { LIB, 4 * PAGE, PROT_READ, "/lib/a" },
	    { LIB + PAGE, 2 * PAGE, PROT_READ, "/lib/b" } }, 2, 0,
	  { { LIB, "[anon]" }, { LIB + PAGE, "/lib/a" }, { LIB + 3 * PAGE, "/lib/a" },
	    { LIB + 4 * PAGE, "[unknown]" } } },
	{ "before exec()",
	  { TEXT(0x400000), ANON(LIB), EXEC(50), { 0x400000, PAGE, PROT_EXEC, "/bin/next" },
	    ANON(LIB + PAGE) }, 1, 10,
	  { { 0x400000, "/bin/program" }, { LIB, "[anon]" }, { LIB + PAGE, "[unknown]" } } },
	{ "behind exec()",
	  { TEXT(0x400000), ANON(LIB), EXEC(50), { 0x400000, PAGE, PROT_EXEC, "/bin/next" },
	    ANON(LIB + PAGE) }, 3, 50,
	  { { 0x400000, "/bin/next" }, { LIB, "[unknown]" }, { LIB + PAGE, "[anon]" } } },
};

static int tell(struct machine *machine, struct damon_mappings *mappings, pid_t pid,
		const struct told *told)
{
	union perf_event event = {
		.mmap2 = {
			.header = { .type = PERF_RECORD_MMAP2, .size = sizeof(event.mmap2) },
			.pid = pid, .tid = pid, .start = told->start, .len = told->len,
			.prot = told->prot,
		},
	};
	struct perf_sample sample = { .cpumode = PERF_RECORD_MISC_USER };

	if (!told->len)
		return damon_mappings__exec(mappings, machine, pid, told->start);
	scnprintf(event.mmap2.filename, sizeof(event.mmap2.filename), "%s", told->name);
	return machine__process_mmap2_event(machine, &event, &sample) ?:
	       damon_mappings__add(mappings, machine, pid, told->start);
}

/* One pass tells all maps, another one those of now. */
static int check_owners(struct machine *all, struct machine *now, pid_t pid,
			const struct owners_case *test)
{
	struct damon_mappings mappings = {};
	const struct damon_layout *layout;
	size_t i, nr;
	int err = TEST_OK;

	for (nr = 0; nr < ARRAY_SIZE(test->told) && test->told[nr].name; nr++)
		TEST_ASSERT_VAL("tell", !tell(all, &mappings, pid, &test->told[nr]));
	mappings.complete = true;
	for (i = 0; i < (test->now ?: nr); i++)
		TEST_ASSERT_VAL("tell", !tell(now, &mappings, pid, &test->told[i]));
	layout = damon_mappings__layout(&mappings, now, pid, test->since);
	TEST_ASSERT_VAL("layout", layout);
	for (i = 0; i < ARRAY_SIZE(test->owners) && test->owners[i].address; i++) {
		const char *name = owner_of(layout, test->owners[i].address)->name;

		if (!strcmp(name, test->owners[i].name))
			continue;
		pr_debug("%s: %#lx: '%s', expected '%s'\n", test->what,
			 (unsigned long)test->owners[i].address, name, test->owners[i].name);
		err = TEST_FAIL;
	}
	damon_mappings__exit(&mappings);
	return err;
}

static int test__damon_owners(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct machine *all = machine__new_host(), *now = machine__new_host();
	int err = TEST_OK;
	size_t i;

	TEST_ASSERT_VAL("machine", all && now);
	for (i = 0; i < ARRAY_SIZE(owners_cases); i++)
		err |= check_owners(all, now, 100 + i, &owners_cases[i]);
	machine__delete(all);
	machine__delete(now);
	return err;
}

static struct test_case tests__damon_report[] = {
	TEST_CASE("DAMON: parse units", damon_parse_units),
	TEST_CASE("DAMON: print units", damon_print_units),
	TEST_CASE("DAMON: print numbers", damon_print_numbers),
	TEST_CASE("DAMON report: ranges and resolutions", damon_ranges),
	TEST_CASE("DAMON report: part of a record", damon_selection),
	TEST_CASE("DAMON report: times", damon_times),
	TEST_CASE("DAMON report: groups of rows", damon_groups),
	TEST_CASE("DAMON report: working sets", damon_working_set),
	TEST_CASE("DAMON report: gaps in a record", damon_gaps),
	TEST_CASE("DAMON report: time of a snapshot", damon_clip),
	TEST_CASE("DAMON report: totals", damon_total),
	TEST_CASE("DAMON report: owners of our memory", damon_own_memory),
	TEST_CASE("DAMON report: owners of memory", damon_owners),
	{ .name = NULL, }
};

struct test_suite suite__damon_report = {
	.desc		= "DAMON report",
	.test_cases	= tests__damon_report,
};
