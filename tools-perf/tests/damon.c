// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the parts of perf damon that work without DAMON.
 */
#include "tests.h"
#include "debug.h"
#include "ui/progress.h"
#include "ui/stdio/progress.h"
#include "util/damon/model/areas.h"
#include "util/damon/model/heatmap.h"
#include "util/damon/model/history.h"
#include "util/damon/model/series.h"
#include "util/damon/model/snapshot.h"
#include "util/damon/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>

static int test__damon_distribution(struct test_suite *test __maybe_unused,
				    int subtest __maybe_unused)
{
	struct damon_distribution dist = {};
	u64 i;

	TEST_ASSERT_VAL("none", damon_distribution__percentile(&dist, 50) == 0);
	for (i = 0; i < 200; i++)
		TEST_ASSERT_VAL("add", !damon_distribution__add(&dist, i, (i * 7) % 200 + 1));
	TEST_ASSERT_VAL("p0", damon_distribution__percentile(&dist, 0) == 1);
	for (i = 0; i < 200; i++)
		TEST_ASSERT_VAL("in order", dist.value[i] == i + 1);
	TEST_ASSERT_VAL("p1", damon_distribution__percentile(&dist, 1) == 2);
	TEST_ASSERT_VAL("p50", damon_distribution__percentile(&dist, 50) == 100);
	TEST_ASSERT_VAL("p100", damon_distribution__percentile(&dist, 100) == 200);
	TEST_ASSERT_VAL("average", damon_distribution__average(&dist) == 100);
	damon_distribution__exit(&dist);
	for (i = 0; i < 3; i++)
		TEST_ASSERT_VAL("add", !damon_distribution__add(&dist, i, -1ULL - 3 * i));
	TEST_ASSERT_VAL("average of all there is",
			damon_distribution__average(&dist) == -1ULL - 3);
	/* Another number after sorting: sort again. */
	TEST_ASSERT_VAL("add", !damon_distribution__add(&dist, i, 0));
	TEST_ASSERT_VAL("p0 again", damon_distribution__percentile(&dist, 0) == 0);
	damon_distribution__exit(&dist);
	return TEST_OK;
}

static int add_range(struct damon_areas *areas, u64 start, u64 end, u32 nr_accesses)
{
	struct damon_region region = { start, end, nr_accesses, 0 };
	struct damon_snapshot snapshot = { .nr_regions = 1, .regions = &region };

	return damon_areas__add(areas, &snapshot, 0);
}

static int test__damon_areas(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_areas areas = {};
	const struct damon_area *hottest;

	TEST_ASSERT_VAL("none", !areas.hottest);
	TEST_ASSERT_VAL("add", !add_range(&areas, 1000, 2000, 1));
	TEST_ASSERT_VAL("add", !add_range(&areas, 900000, 910000, 0));
	TEST_ASSERT_VAL("add", !add_range(&areas, 3000, 4000, 0));
	TEST_ASSERT_EQUAL("bytes", (int)damon_areas__bytes(&areas), 12000);
	TEST_ASSERT_EQUAL("apart", (int)areas.nr, 3);
	/* This range touches 1000-2000 and overlaps 3000-4000. */
	TEST_ASSERT_VAL("add", !add_range(&areas, 2000, 3500, 2));
	TEST_ASSERT_EQUAL("bytes", (int)damon_areas__bytes(&areas), 13000);
	TEST_ASSERT_EQUAL("merged", (int)areas.nr, 2);
	TEST_ASSERT_VAL("bounds", areas.area[0].start == 1000 && areas.area[0].end == 4000);
	TEST_ASSERT_VAL("heat", areas.area[0].heat == 1000 * 1 + 1500 * 2);

	TEST_ASSERT_VAL("add", !add_range(&areas, 6000, 6001, 0));
	TEST_ASSERT_VAL("join", !damon_areas__join(&areas, false));
	TEST_ASSERT_EQUAL("near ones joined, far ones not", (int)areas.nr, 2);
	hottest = areas.hottest;
	TEST_ASSERT_VAL("hottest", hottest->start == 1000 && hottest->end == 6001);
	TEST_ASSERT_EQUAL("with the gap", (int)hottest->bytes, 5001);
	damon_areas__exit(&areas);

	TEST_ASSERT_VAL("add", !add_range(&areas, 1000, 4000, 1));
	TEST_ASSERT_VAL("add", !add_range(&areas, 6000, 6001, 0));
	TEST_ASSERT_VAL("add", !add_range(&areas, 900000, 900001, 1));
	TEST_ASSERT_VAL("join", !damon_areas__join(&areas, true));
	TEST_ASSERT_VAL("bounds", areas.nr == 2 && areas.area[0].end == 6001);
	TEST_ASSERT_EQUAL("without the gap", (int)areas.area[0].bytes, 3001);
	TEST_ASSERT_VAL("parts", areas.nr_parts == 3 && areas.part[1].start == 6000);
	damon_areas__exit(&areas);

	/* A program, and 8 MiB of hot heap 100 MiB behind it. */
	TEST_ASSERT_VAL("add", !add_range(&areas, 4 << 20, 5 << 20, 1));
	TEST_ASSERT_VAL("add", !add_range(&areas, 105 << 20, 113 << 20, 9));
	TEST_ASSERT_VAL("join", !damon_areas__join(&areas, true));
	hottest = areas.hottest;
	TEST_ASSERT_VAL("heap", hottest->start == 105 << 20 && hottest->bytes == 8 << 20);
	damon_areas__exit(&areas);
	return TEST_OK;
}

/* The worst order, as in a malicious file, must take seconds, not hours. */
static int test__damon_many_areas(struct test_suite *test __maybe_unused,
				  int subtest __maybe_unused)
{
	const int nr = 400000;
	struct damon_areas areas = {};
	int i;

	for (i = nr; i-- > 0;)
		TEST_ASSERT_VAL("add", !add_range(&areas, 100 * i, 100 * i + 1, 1));
	TEST_ASSERT_EQUAL("bytes", (int)damon_areas__bytes(&areas), nr);
	TEST_ASSERT_VAL("join", !damon_areas__join(&areas, false));
	TEST_ASSERT_EQUAL("apart", (int)areas.nr, nr);
	for (i = 0; i < nr; i++)
		TEST_ASSERT_VAL("add", !add_range(&areas, 100 * i + 1, 100 * i + 100, 1));
	TEST_ASSERT_VAL("join", !damon_areas__join(&areas, false));
	TEST_ASSERT_EQUAL("one", (int)areas.nr, 1);
	TEST_ASSERT_VAL("heat", areas.area[0].heat == 100.0 * nr);
	damon_areas__exit(&areas);
	return TEST_OK;
}

static bool near(double value, double expected)
{
	double off = value - expected;

	return off < 0.000001 && off > -0.000001;
}

static int test__damon_heatmap(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	struct damon_heatmap map = { .time_start = 100, .time_end = 200 };
	const u64 base = 0x7fff00000000;

	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, base, base + 0x3000));
	TEST_ASSERT_VAL("init", !damon_heatmap__init(&map, 10, 3));
	/* One cell, half of the next cell in time, and a quarter of the next one by address. */
	damon_heatmap__add(&map, 100, 110, base, base + 0x1000, 1);
	damon_heatmap__add(&map, 110, 115, base, base + 0x1000, 1);
	damon_heatmap__add(&map, 115, 120, base, base + 0x1000, 0);
	damon_heatmap__add(&map, 100, 110, base + 0x1000, base + 0x1400, 1);
	damon_heatmap__add(&map, 100, 110, base + 0x1400, base + 0x2000, 0);
	/* Beyond the bounds. */
	damon_heatmap__add(&map, 0, 1000, base + 0x2000, base + 0x9000, 0.5);
	damon_heatmap__add(&map, 0, 100, base, base + 0x1000, 1);
	damon_heatmap__add(&map, 100, 200, base + 0x3000, base + 0x4000, 1);

	TEST_ASSERT_VAL("whole", near(damon_heatmap__value(&map, 0, 0), 1));
	TEST_ASSERT_VAL("half", near(damon_heatmap__value(&map, 1, 0), 0.5));
	TEST_ASSERT_VAL("quarter", near(damon_heatmap__value(&map, 0, 1), 0.25));
	TEST_ASSERT_VAL("none", damon_heatmap__value(&map, 2, 0) == DAMON_HEATMAP_NONE);
	TEST_ASSERT_VAL("last", near(damon_heatmap__value(&map, 9, 2), 0.5));
	TEST_ASSERT_VAL("max", near(damon_heatmap__max(&map), 1));
	TEST_ASSERT_VAL("column", damon_heatmap__col_time(&map, 10) == 200);
	TEST_ASSERT_VAL("row", damon_heatmap__row_addr(&map, 1) == base + 0x1000);
	damon_heatmap__exit(&map);

	/* The whole address space, which 3 rows and 7 columns do not divide evenly. */
	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, 0, -1ULL));
	TEST_ASSERT_VAL("init", !damon_heatmap__init(&map, 7, 3));
	damon_heatmap__add(&map, 199, 200, -2ULL, -1ULL, 1);
	TEST_ASSERT_VAL("top", near(damon_heatmap__value(&map, 6, 2), 1));
	TEST_ASSERT_VAL("below top", damon_heatmap__value(&map, 6, 1) == DAMON_HEATMAP_NONE);
	damon_heatmap__exit(&map);
	return TEST_OK;
}

/* Rows of 3 pages: gaps at the begin of the second one and in it, a small one in the third. */
static int test__damon_heatmap_gaps(struct test_suite *test __maybe_unused,
				    int subtest __maybe_unused)
{
	struct damon_heatmap map = { .time_start = 100, .time_end = 200 };

	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, 0x10000, 0x13000));
	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, 0x1000000, 0x1001000));
	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, 0x7fff0000, 0x7fff3000));
	TEST_ASSERT_VAL("show", !damon_heatmap__show(&map, 0x7fff3100, 0x7fff5100));
	TEST_ASSERT_VAL("init", !damon_heatmap__init(&map, 1, 3));
	TEST_ASSERT_EQUAL("bytes", (int)map.bytes, 9 * 0x1000);
	TEST_ASSERT_VAL("first row", damon_heatmap__row_addr(&map, 0) == 0x10000);
	TEST_ASSERT_VAL("behind a gap", damon_heatmap__row_addr(&map, 1) == 0x1000000);
	TEST_ASSERT_VAL("behind two gaps", damon_heatmap__row_addr(&map, 2) == 0x7fff2000);
	TEST_ASSERT_VAL("end", damon_heatmap__row_addr(&map, 3) == 0x7fff5100);
	TEST_ASSERT_VAL("no gap", !damon_heatmap__has_break(&map, 0));
	TEST_ASSERT_VAL("gaps", damon_heatmap__has_break(&map, 1));
	TEST_ASSERT_VAL("small gap", !damon_heatmap__has_break(&map, 2));

	/* All addresses up to the second page of the third stretch, and a part of the last one. */
	damon_heatmap__add(&map, 100, 200, 0, 0x7fff1000, 1);
	damon_heatmap__add(&map, 100, 200, 0x7fff1000, 0x7fff2000, 0);
	damon_heatmap__add(&map, 100, 200, 0x7fff5000, 0x80000000, 1);
	TEST_ASSERT_VAL("whole", near(damon_heatmap__value(&map, 0, 0), 1));
	TEST_ASSERT_VAL("two of three pages", near(damon_heatmap__value(&map, 0, 1), 2 / 3.0));
	TEST_ASSERT_VAL("part", near(damon_heatmap__value(&map, 0, 2), 1));
	damon_heatmap__exit(&map);
	return TEST_OK;
}

/* Counts of an assembler's snapshots. */
struct result {
	unsigned long	nr_complete;
	unsigned long	nr_incomplete;
	unsigned long	nr_regions;
	u64		bytes;
};

static int count(void *data, struct damon_snapshot *snapshot)
{
	struct result *result = data;

	if (!snapshot->whole) {
		result->nr_incomplete++;
		return 0;
	}
	result->nr_complete++;
	result->nr_regions += snapshot->nr_regions;
	result->bytes += damon_snapshot__bytes(snapshot, 0);
	return 0;
}

/*
 * Events are given as text with three characters each: the kdamond (A-Z for
 * target_id 0, a-z for target_id 1), the number of regions in the snapshot, and
 * the number of this region. '|' is a pause, '!' a report of lost events. '?' in
 * front: any events may be missing, '%': those that did not pass a filter.
 */
static int assemble(const char *events, const struct damon_history *history, u64 pause,
		    struct result *result)
{
	struct damon_assembler assembler;
	u64 time = NSEC_PER_SEC;

	memset(result, 0, sizeof(*result));
	if (damon_assembler__init(&assembler, count, result, history))
		return TEST_FAIL;
	while (*events) {
		struct damon_event event = { .time = ++time };

		if (*events == '|') {
			time += pause;
			events++;
			continue;
		}
		if (*events == '?' || *events == '%') {
			assembler.missing = *events++ == '?' ? DAMON_MISSING_ANY :
							      DAMON_MISSING_FILTERED;
			continue;
		}
		if (*events == '!') {
			damon_assembler__lost(&assembler);
			events++;
			continue;
		}
		event.kdamond = events[0] & 0x1f;
		event.target_id = events[0] >> 5 & 1;
		event.nr_regions = events[1] - '0';
		event.region.start = (events[2] - '0') * 4096;
		event.region.end = event.region.start + 4096;
		if (damon_assembler__add(&assembler, &event))
			return TEST_FAIL;
		events += 3;
	}
	damon_assembler__flush(&assembler);
	damon_assembler__exit(&assembler);
	return TEST_OK;
}

struct assembly_case {
	const char	*what;
	const char	*events;
	unsigned long	complete;
	unsigned long	incomplete;
	unsigned long	regions;
};

static int check_assembly(const struct assembly_case *c, const struct damon_history *history,
			  u64 pause)
{
	struct result result;

	if (assemble(c->events, history, pause, &result))
		return TEST_FAIL;
	if (result.nr_complete == c->complete && result.nr_incomplete == c->incomplete &&
	    result.nr_regions == c->regions && result.bytes == 4096 * c->regions)
		return TEST_OK;
	pr_debug("%s: %lu complete with %lu regions, %lu incomplete\n", c->what,
		 result.nr_complete, result.nr_regions, result.nr_incomplete);
	return TEST_FAIL;
}

#define NOTE(kdamond, aggr)	\
	"damon:settings @0 kdamond " kdamond ": --ops paddr --sample 5ms --aggr " aggr

/* With a known aggregation interval, and without. */
static int test__damon_snapshot(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	const struct assembly_case cases[] = {
		{ "nothing",			"",				0, 0, 0 },
		{ "one",			"A31A32A33",			1, 0, 3 },
		{ "one region each",		"A11|A11|A11",			3, 0, 3 },
		{ "two",			"A31A32A33|A31A32A33",		2, 0, 6 },
		{ "cut at the end",		"A31A32A33|A31A32",		1, 1, 3 },
		{ "cut at the begin",		"A32A33|A31A32A33",		1, 1, 3 },
		{ "hole",			"A31A33|A31A32A33",		1, 1, 3 },
		{ "held up",			"A31|A32A33|A31A32A33",		2, 0, 6 },
		{ "held up and loss",		"A31!|A32A33|A31A32A33",	1, 1, 3 },
		{ "halves by loss",		"A31!A32A33|A31A32A33",		1, 1, 3 },
		{ "loss between",		"A31A32A33!|A31A32A33",		2, 0, 6 },
		{ "other number",		"A31A32A23|A21A22",		1, 2, 2 },
		{ "two targets",		"A21A22a21a22|A21A22a21a22",	4, 0, 8 },
		{ "two targets, cut",		"A21a21a22|A21A22a22",		2, 2, 4 },
		{ "two kdamonds, mixed",	"A21B21A22B22",			2, 0, 4 },
		{ "two kdamonds, loss",		"A21B21!A22B22|A11B11",		2, 2, 2 },
		{ "halves in time",		"?A31|A32A33|A31A32A33",		1, 2, 3 },
		{ "halves in time and loss",	"?A31!|A32A33|A31A32A33",	1, 1, 3 },
		{ "filter",			"%A91A93|A92|A91A95|A96A97",	4, 0, 7 },
		{ "filter, whole",		"%A21A22|A21|A22",		3, 0, 4 },
		{ "filter, without pauses",	"%A91A93A92A81",			3, 0, 4 },
		{ "filter, two targets",	"%A91a91a92|A93",		3, 0, 4 },
		{ "filter, loss",		"%A91!A93|A91",			1, 1, 1 },
	};
	struct damon_history none = {}, history = {};
	size_t i;

	TEST_ASSERT_VAL("settings of A", !damon_history__read(&history, NOTE("1", "100ms")));
	TEST_ASSERT_VAL("settings of B", !damon_history__read(&history, NOTE("2", "100ms")));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (check_assembly(&cases[i], &history, 100 * NSEC_PER_MSEC) ||
		    check_assembly(&cases[i], &none, 100 * NSEC_PER_MSEC) ||
		    check_assembly(&cases[i], &none, 2 * NSEC_PER_SEC))
			return TEST_FAIL;
	}
	damon_history__exit(&history);
	return TEST_OK;
}

/* A short interval that is unknown is learned from complete snapshots. */
static int test__damon_interval(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	const struct assembly_case cases[] = {
		{ "halves",		"?A21A22|A21A22|A21|A22|A21A22",		3, 2, 6 },
		{ "halves, two targets",
		  "?A21A22a21a22|A21A22a21a22|A21|A22a21a22|A21A22a21a22",	7, 2, 14 },
		{ "halves, two kdamonds",
		  "?A21A22B21B22|A21A22B21B22|A21|A22B21|B22",			4, 4, 8 },
		{ "halves, another kdamond",
		  "?A21A22|A21A22|B21|B22",					2, 2, 4 },
	};
	struct damon_history none = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (check_assembly(&cases[i], &none, 5 * NSEC_PER_MSEC))
			return TEST_FAIL;
	}
	return TEST_OK;
}

/* A pause is half an interval of the kdamond, however long that of another one is. */
static int test__damon_intervals(struct test_suite *test __maybe_unused,
				 int subtest __maybe_unused)
{
	const struct assembly_case cases[] = {
		{ "long and short",	"?A21B21|A22B22",	1, 2, 2 },
		{ "filter",		"%B91|A91B92|A92",	3, 0, 4 },
	};
	struct damon_history history = {};
	size_t i;

	TEST_ASSERT_VAL("settings of A", !damon_history__read(&history, NOTE("1", "10s")));
	TEST_ASSERT_VAL("settings of B", !damon_history__read(&history, NOTE("2", "100ms")));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (check_assembly(&cases[i], &history, 100 * NSEC_PER_MSEC))
			return TEST_FAIL;
	}
	damon_history__exit(&history);
	return TEST_OK;
}

/* Many kdamonds, as in a malicious file, must not take hours either. */
static int test__damon_many_kdamonds(struct test_suite *test __maybe_unused,
				     int subtest __maybe_unused)
{
	struct damon_event event = {
		.nr_regions = 2, .region = { .start = 4096, .end = 8192 },
	};
	struct damon_history none = {};
	struct damon_assembler assembler;
	struct result result = {};

	TEST_ASSERT_VAL("init", !damon_assembler__init(&assembler, count, &result, &none));
	for (event.kdamond = 1; event.kdamond <= 200000; event.kdamond++)
		TEST_ASSERT_VAL("first", !damon_assembler__add(&assembler, &event));
	TEST_ASSERT_VAL("begun", damon_assembler__is_open(&assembler));
	event.region.start = 8192;
	event.region.end = 12288;
	for (event.kdamond = 1; event.kdamond < 200000; event.kdamond++)
		TEST_ASSERT_VAL("second", !damon_assembler__add(&assembler, &event));
	TEST_ASSERT_VAL("one is left", damon_assembler__is_open(&assembler));
	damon_assembler__flush(&assembler);
	TEST_ASSERT_VAL("finished", !damon_assembler__is_open(&assembler));
	damon_assembler__exit(&assembler);
	TEST_ASSERT_EQUAL("complete", (int)result.nr_complete, 199999);
	TEST_ASSERT_EQUAL("incomplete", (int)result.nr_incomplete, 1);
	return TEST_OK;
}

/* The first bar appears after a second and is erased at the end. The next one appears at once. */
static int test__damon_progress(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const char bar[] =
		"\rWorking... [##############################          ]  75%";
	struct ui_progress_ops *saved = ui_progress__ops;
	struct ui_progress progress;
	char *text = NULL;
	size_t len, wiped;
	FILE *out = open_memstream(&text, &len);

	TEST_ASSERT_VAL("stream", out);
	stdio_progress__start(out);
	ui_progress__init_size(&progress, 1000, "Working...");
	ui_progress__update(&progress, 500);
	fflush(out);
	TEST_ASSERT_EQUAL("at once", (int)len, 0);
	usleep(1100 * USEC_PER_MSEC);
	ui_progress__update(&progress, 250);
	TEST_ASSERT_VAL("bar", !strcmp(text, bar));
	ui_progress__finish();
	fflush(out);
	TEST_ASSERT_VAL("wiped", !strcmp(text + len - 4, "\r\033[K"));
	wiped = len;
	ui_progress__init_size(&progress, 1000, "Working...");
	ui_progress__update(&progress, 750);
	TEST_ASSERT_VAL("another one at once", !strcmp(text + wiped, bar));
	stdio_progress__stop();
	TEST_ASSERT_VAL("wiped by the end", !strcmp(text + len - 4, "\r\033[K"));
	TEST_ASSERT_VAL("not ours any more", ui_progress__ops == saved);
	free(text);
	return TEST_OK;
}

/* perf test also matches its argument against the name of each case. */
static struct test_case tests__damon[] = {
	TEST_CASE("DAMON: percentiles", damon_distribution),
	TEST_CASE("DAMON: areas of memory", damon_areas),
	TEST_CASE("DAMON: many areas of memory", damon_many_areas),
	TEST_CASE("DAMON: heat map", damon_heatmap),
	TEST_CASE("DAMON: heat map with gaps", damon_heatmap_gaps),
	TEST_CASE("DAMON: snapshots from events", damon_snapshot),
	TEST_CASE("DAMON: snapshots of an unknown interval", damon_interval),
	TEST_CASE("DAMON: snapshots of two intervals", damon_intervals),
	TEST_CASE("DAMON: snapshots of many kdamonds", damon_many_kdamonds),
	TEST_CASE("DAMON: progress bar", damon_progress),
	{ .name = NULL, }
};

struct test_suite suite__damon = {
	.desc		= "DAMON",
	.test_cases	= tests__damon,
};
