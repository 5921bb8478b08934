// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of schemes: parsed, printed, and in the units of the kernel.
 */
#include "tests.h"
#include "debug.h"
#include "util/damon/model/acted.h"
#include "util/damon/monitor/scheme.h"
#include "util/damon/model/snapshot.h"
#include "util/strbuf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>

static int test__damon_schemes(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	/* As given, and as printed, if that differs. */
	static const char * const specs[][2] = {
		{ "stat" },
		{ "pageout,size>=4KiB,frequency<=5%,age>=7s" },
		{ "pageout,age>=7000ms,frequency<=5.0%,size>=4096B",
		  "pageout,size>=4KiB,frequency<=5%,age>=7s" },
		{ "pageout,size>=4097B,frequency<=1,age>=70" },
		{ "stat,size=4KiB-2MiB", "stat,size>=4KiB,size<=2MiB" },
		{ "stat,frequency=0", "stat,frequency=0%" },
		{ "hugepage,frequency>5%,size<1GiB", "hugepage,size<1GiB,frequency>5%" },
		{ "pageout,quota=100MiB/s" },
		{ "pageout,quota=10ms/1s,every=500ms", "pageout,quota=10ms/s,every=500ms" },
		{ "pageout,quota=1GiB/10s" },
		{ "migrate_cold:1,age>=1min", "migrate_cold:1,age>=60s" },
		{ "pageout,only=memcg:/a/b,not=anon,not=young" },
		{ "stat,only=addr:4KiB-8KiB,not=target:3",
		  "stat,only=addr:0x1000-0x2000,not=target:3" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(specs); i++) {
		const char *printed = specs[i][1] ?: specs[i][0];
		struct strbuf str = STRBUF_INIT;
		struct damon_scheme scheme;

		TEST_ASSERT_VAL(specs[i][0], !damon_scheme__parse(&scheme, specs[i][0]));
		TEST_ASSERT_VAL("print", !damon_scheme__print(&scheme, &str));
		pr_debug("%s: %s\n", specs[i][0], str.buf);
		TEST_ASSERT_VAL("printed", !strcmp(str.buf, printed));
		damon_scheme__exit(&scheme);
		strbuf_release(&str);
	}
	return TEST_OK;
}

static int test__damon_bad_schemes(struct test_suite *test __maybe_unused,
				   int subtest __maybe_unused)
{
	static const char * const bad[] = {
		"", "pagout", "stat:1", "migrate_hot", "migrate_hot:", "migrate_hot:x", "stat,",
		"stat,size", "stat,size>=", "stat,size>=4", "stat,size>=5%", "stat,size~4KiB",
		"stat,frequency<=101%", "stat,frequency<=1s", "stat,age>=1KiB", "stat,age>=-1s",
		"stat,size=8KiB-4KiB", "stat,age<0", "stat,sizes>=4KiB",
		"stat,quota=1", "stat,quota=1MiB", "stat,quota=1MiB/", "stat,quota=1MiB/1us",
		"stat,quota=1MiB/s/s", "stat,every=1", "stat,only=", "stat,only=file",
		"stat,only=memcg", "stat,only=memcg:x", "stat,not=anon:1", "stat,not=addr:1",
		"stat,not=addr:8192-4096", "stat,not=target:", "stat,not=target:x",
	};
	struct damon_scheme scheme;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		TEST_ASSERT_EQUAL(bad[i], damon_scheme__parse(&scheme, bad[i]), -EINVAL);
		TEST_ASSERT_VAL("empty", !scheme.action && !scheme.filter);
	}
	return TEST_OK;
}

/* Bounds between two numbers of samples or intervals match the fewer regions. */
static int test__damon_pattern(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const struct {
		const char	*spec;
		u64		min[DAMON_NR_PROPERTIES], max[DAMON_NR_PROPERTIES];
	} tests[] = {
		{ "stat", { 0, 0, 0 }, { UINT64_MAX >> 1, 20, UINT_MAX } },
		{ "stat,size>=4KiB,frequency<=5%,age>=7s",
		  { 4096, 0, 70 }, { UINT64_MAX >> 1, 1, UINT_MAX } },
		{ "stat,frequency>=6%,frequency<=9%",
		  { 0, 2, 0 }, { UINT64_MAX >> 1, 1, UINT_MAX } },
		{ "stat,size<2MiB,frequency<5%,age>150ms",
		  { 0, 0, 2 }, { (2 << 20) - 1, 0, UINT_MAX } },
		{ "stat,frequency>5%,age<=150ms", { 0, 2, 0 }, { UINT64_MAX >> 1, 20, 1 } },
		{ "stat,frequency=3-4,age=10", { 0, 3, 10 }, { UINT64_MAX >> 1, 4, 10 } },
	};
	const struct damon_region region = { 4096, 8192, 1, 70 };
	struct damon_pattern pattern;
	struct damon_scheme scheme;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		TEST_ASSERT_VAL(tests[i].spec, !damon_scheme__parse(&scheme, tests[i].spec));
		damon_scheme__pattern(&scheme, 100 * NSEC_PER_MSEC, 20, &pattern);
		TEST_ASSERT_VAL("min", !memcmp(pattern.min, tests[i].min, sizeof(pattern.min)));
		TEST_ASSERT_VAL("max", !memcmp(pattern.max, tests[i].max, sizeof(pattern.max)));
		TEST_ASSERT_VAL("matches", damon_pattern__matches(&pattern, &region) == (i < 2));
		damon_scheme__exit(&scheme);
	}
	return TEST_OK;
}

static bool is_text(const char *str, const char *expected)
{
	return str && expected ? !strcmp(str, expected) : str == expected;
}

/* What only one set of operations has is refused before anything is changed. */
static int test__damon_scheme_ops(struct test_suite *test __maybe_unused,
				  int subtest __maybe_unused)
{
	static const struct {
		const char	*spec, *vaddr, *paddr;
	} tests[] = {
		{ "pageout,not=target:0", NULL, NULL },
		{ "cold", NULL, "cold" },
		{ "lru_prio", "lru_prio", NULL },
		{ "stat,only=addr:0-4096,not=anon", "anon", NULL },
	};
	struct damon_scheme scheme;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		TEST_ASSERT_VAL(tests[i].spec, !damon_scheme__parse(&scheme, tests[i].spec));
		TEST_ASSERT_VAL("vaddr", is_text(damon_scheme__check_ops(&scheme, "vaddr"),
						 tests[i].vaddr));
		TEST_ASSERT_VAL("paddr", is_text(damon_scheme__check_ops(&scheme, "paddr"),
						 tests[i].paddr));
		damon_scheme__exit(&scheme);
	}
	return TEST_OK;
}

struct sums {
	u64	acted;
	u64	again;
	u64	latest;		/* when what was used again was acted on */
};

static void add_part(void *data, u64 start, u64 end, u64 acted,
		     u32 nr_accesses __maybe_unused)
{
	struct sums *sums = data;

	if (acted) {
		sums->again += end - start;
		sums->latest = acted;
	} else {
		sums->acted += end - start;
	}
}

/* Memory counts once until it is used again, whatever regions it is divided into. */
static int test__damon_acted(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const struct {
		struct damon_region	regions[3];
		size_t			nr;
		struct sums		sums;
	} tests[] = {
		{ { { 0, 100, 0, 9 } }, 1, { 0, 0, 0 } },
		{ { { 0, 100, 0, 10 } }, 1, { 100, 0, 0 } },
		/* Not again, also if the region grows. */
		{ { { 0, 120, 0, 11 } }, 1, { 20, 0, 0 } },
		/* Part of it is used, by a region that does not match. */
		{ { { 0, 40, 0, 12 }, { 40, 80, 5, 0 }, { 80, 120, 0, 12 } }, 3, { 0, 40, 2 } },
		{ { { 0, 40, 0, 13 }, { 40, 80, 0, 0 }, { 80, 120, 0, 13 } }, 3, { 0, 0, 0 } },
		/* What was in the middle is acted on again. */
		{ { { 0, 120, 0, 10 } }, 1, { 40, 0, 0 } },
		/* All is used a little, and matches nevertheless. Its end was acted on later. */
		{ { { 0, 120, 1, 11 } }, 1, { 120, 120, 3 } },
		/* What is not monitored any more is forgotten. */
		{ { { 0, 50, 0, 11 } }, 1, { 0, 0, 0 } },
		{ { { 0, 120, 0, 11 } }, 1, { 70, 0, 0 } },
		{ { }, 0, { 0, 0, 0 } },
		{ { { 10, 20, 3, 0 } }, 1, { 0, 0, 0 } },
	};
	const struct damon_pattern pattern = {
		.min = { [DAMON_REGION_AGE] = 10 }, .max = { 1000, 1, 1000 },
	};
	struct damon_acted acted = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		struct damon_region regions[3];
		struct damon_snapshot snapshot = {
			.time = i + 1, .regions = regions, .nr_regions = tests[i].nr,
		};
		struct sums sums = {};

		memcpy(regions, tests[i].regions, sizeof(regions));
		TEST_ASSERT_VAL("update", !damon_acted__update(&acted, &snapshot, &pattern,
							       add_part, &sums));
		pr_debug("%zu: acted %d again %d of %d\n", i, (int)sums.acted, (int)sums.again,
			 (int)sums.latest);
		TEST_ASSERT_VAL("sums", !memcmp(&sums, &tests[i].sums, sizeof(sums)));
	}
	damon_acted__exit(&acted);
	return TEST_OK;
}

static struct test_case tests__damon_schemes[] = {
	TEST_CASE("DAMON: schemes as text", damon_schemes),
	TEST_CASE("DAMON: schemes that are none", damon_bad_schemes),
	TEST_CASE("DAMON: schemes in the units of the kernel", damon_pattern),
	TEST_CASE("DAMON: schemes that operations do not have", damon_scheme_ops),
	TEST_CASE("DAMON: memory that a scheme acts on", damon_acted),
	{ .name = NULL, }
};

struct test_suite suite__damon_schemes = {
	.desc = "DAMON schemes",
	.test_cases = tests__damon_schemes,
};
