// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of upper.c, on real page tables: what is borrowed of entries that point
 * to page tables, what is given back, and what is left alone.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pgtable.h>

#include <asm/tlbflush.h>

#include "evidence.h"
#include "hints.h"
#include "mapping.h"
#include "region.h"
#include "upper.h"

#define SAMPLES		20

KUNIT_DEFINE_ACTION_WRAPPER(free_ctx, damon_free_ctx, struct damon_ctx *);

/* A target in the address space of the test, without regions */
static struct damon_target *new_target(struct kunit *test)
{
	struct damon_ctx *ctx = damon_new_ctx();
	struct damon_target *t;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_ctx, ctx));
	t = damon_add_target(ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->hints = damon_new_hints();
	KUNIT_ASSERT_NOT_NULL(test, t->hints);
	KUNIT_ASSERT_EQ(test, 0, damon_reserve_regions(&t->regions, 16));
	return t;
}

static void borrow(struct damon_target *t)
{
	damon_borrow_upper(current->mm, t, SAMPLES);
}

static void give_back(struct damon_target *t)
{
	damon_return_upper(current->mm, t);
}

/* Entries change for the while if and only if the CPU sets bits in them. */
static void damon_test_hardware(struct kunit *test)
{
	struct damon_target *t = new_target(test);
	unsigned long start = ALIGN(damon_test_map(test, 0, 5 * PMD_SIZE),
				    PMD_SIZE);
	bool changed = false;
	pmd_t before[4];
	int i;

	damon_append_region(&t->regions, start, start + 4 * PMD_SIZE);
	for (i = 0; i < 4; i++) {
		damon_test_touch(test, start + i * PMD_SIZE);
		before[i] = *pmd_off(current->mm, start + i * PMD_SIZE);
	}
	borrow(t);
	for (i = 0; i < 4; i++)
		changed |= pmd_val(before[i]) !=
			   pmd_val(*pmd_off(current->mm, start + i * PMD_SIZE));
	KUNIT_EXPECT_EQ(test, damon_has_upper_levels(), changed);
	give_back(t);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, pmd_val(before[i]),
				pmd_val(*pmd_off(current->mm,
						 start + i * PMD_SIZE)));
	KUNIT_EXPECT_EQ(test, 0, t->hints->nr_found);
}

#if defined(CONFIG_ARCH_HAS_NONLEAF_PMD_YOUNG) && defined(CONFIG_64BIT)

/* Entries of one level that a test has; the region has half of the outer two. */
#define NR		10
#define ALL		(BIT(NR) - 1)
#define INNER		(ALL & ~BIT(0) & ~BIT(NR - 1))
/* Half of them in one page table, half in the next one */
#define IN_FIRST	(NR / 2)

struct level {
	const char *name;
	unsigned int shift;
};

static const struct level levels[] = {
	{ "PMD", PMD_SHIFT },
	{ "PUD", PUD_SHIFT },
};

KUNIT_ARRAY_PARAM_DESC(level, levels, name);

struct entries {
	unsigned long start;
	unsigned int shift;
};

static unsigned long entry_start(const struct entries *entries, unsigned int i)
{
	return entries->start + ((unsigned long)i << entries->shift);
}

/* Map memory with NR entries, all of which point to a table with one page */
static struct entries map_entries(struct kunit *test, unsigned int shift)
{
	unsigned long size = 1UL << shift, table = size * PTRS_PER_PTE;
	unsigned long addr = damon_test_map(test, 0, 2 * table);
	struct entries entries = {
		ALIGN(addr + IN_FIRST * size, table) - IN_FIRST * size, shift,
	};
	int i;

	for (i = 0; i < NR; i++)
		damon_test_touch(test, entry_start(&entries, i) + size / 2);
	return entries;
}

/* A target with one region: the inner entries, and half of the outer ones */
static struct damon_target *watch_entries(struct kunit *test,
					  const struct entries *entries)
{
	struct damon_target *t = new_target(test);
	unsigned long half = 1UL << entries->shift >> 1;

	damon_append_region(&t->regions, entries->start + half,
			    entry_start(entries, NR) - half);
	return t;
}

static pud_t *pud_of(unsigned long addr)
{
	return pud_offset(p4d_offset(pgd_offset(current->mm, addr), addr), addr);
}

static bool get_young(const struct entries *entries, unsigned int i)
{
	unsigned long addr = entry_start(entries, i);

	return entries->shift == PUD_SHIFT ?
	       pud_young(*pud_of(addr)) :
	       pmd_young(*pmd_off(current->mm, addr));
}

static void set_young(const struct entries *entries, unsigned int i, bool young)
{
	unsigned long addr = entry_start(entries, i);
	pud_t *pud = pud_of(addr);
	pmd_t *pmd;

	if (entries->shift == PUD_SHIFT) {
		set_pud(pud, young ? pud_mkyoung(*pud) : pud_mkold(*pud));
	} else {
		pmd = pmd_offset(pud, addr);
		set_pmd(pmd, young ? pmd_mkyoung(*pmd) : pmd_mkold(*pmd));
	}
}

/* The Accessed bits of all entries, as one number */
static unsigned long get_bits(const struct entries *entries)
{
	unsigned long bits = 0;
	int i;

	for (i = 0; i < NR; i++)
		bits |= (unsigned long)get_young(entries, i) << i;
	return bits;
}

static void set_bits(const struct entries *entries, unsigned long bits)
{
	int i;

	for (i = 0; i < NR; i++)
		set_young(entries, i, bits & BIT(i));
}

/* The hints are just the entries of @bits, neighbours together */
static void expect_hints(struct kunit *test, struct damon_target *t,
			 const struct entries *entries, unsigned long bits)
{
	const struct damon_range *found = t->hints->found;
	unsigned int first, last, nr = 0;

	for_each_set_bitrange(first, last, &bits, NR) {
		KUNIT_ASSERT_LT(test, nr, t->hints->nr_found);
		KUNIT_EXPECT_EQ(test, entry_start(entries, first),
				found[nr].start);
		KUNIT_EXPECT_EQ(test, entry_start(entries, last),
				found[nr].end);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, t->hints->nr_found);
	t->hints->nr_found = 0;
}

/* Whatever was set is clear for the while, and just that is set afterwards. */
static void damon_test_given_back(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct damon_target *t = watch_entries(test, &entries);
	unsigned long had;

	for (had = 0; had <= ALL; had++) {
		set_bits(&entries, had);
		borrow(t);
		KUNIT_EXPECT_EQ(test, had & ~INNER, get_bits(&entries));
		KUNIT_EXPECT_EQ(test, 2, t->hints->nr_loans);
		give_back(t);
		KUNIT_EXPECT_EQ(test, had, get_bits(&entries));
		KUNIT_EXPECT_EQ(test, 0, t->hints->nr_loans);
		expect_hints(test, t, &entries, 0);
	}
	KUNIT_EXPECT_EQ(test, 0, t->hints->resume);
}

/* What was accessed meanwhile is a hint, and has its bit, with or without loan. */
static void damon_test_accessed(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct damon_target *t = watch_entries(test, &entries);
	unsigned long had;

	for (had = 0; had <= ALL; had++) {
		unsigned long accessed = hash_long(had, NR);

		set_bits(&entries, had);
		borrow(t);
		set_bits(&entries, get_bits(&entries) | accessed);
		give_back(t);
		KUNIT_EXPECT_EQ(test, had | accessed, get_bits(&entries));
		expect_hints(test, t, &entries, accessed & INNER);
	}

	/* By the CPU itself */
	for (had = 0; had <= ALL; had += ALL) {
		set_bits(&entries, had);
		borrow(t);
		flush_tlb_mm(current->mm);
		damon_test_touch(test, entry_start(&entries, 3));
		give_back(t);
		KUNIT_EXPECT_EQ(test, had | BIT(3), get_bits(&entries));
		expect_hints(test, t, &entries, BIT(3));
	}
}

/* A huge page's bit is the page's own. */
static void damon_test_huge_page(struct kunit *test)
{
	struct entries entries = map_entries(test, PMD_SHIFT);
	struct damon_target *t = watch_entries(test, &entries);
	const unsigned long had[] = { ALL, ALL & ~BIT(3), BIT(3), 0 };
	unsigned long addr = entry_start(&entries, 3);
	int i;

	damon_test_map_thp(test, addr);
	if (!pmd_leaf(*pmd_off(current->mm, addr)))
		kunit_skip(test, "no memory for a transparent huge page");
	for (i = 0; i < ARRAY_SIZE(had); i++) {
		set_bits(&entries, had[i]);
		borrow(t);
		KUNIT_EXPECT_EQ(test, had[i] & (~INNER | BIT(3)),
				get_bits(&entries));
		give_back(t);
		KUNIT_EXPECT_EQ(test, had[i], get_bits(&entries));
		expect_hints(test, t, &entries, 0);
	}
}

/* hugetlb pages in the same table, first of all or first in the region */
static void damon_test_hugetlb_beside(struct kunit *test)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct entries entries = map_entries(test, PMD_SHIFT);
		struct damon_target *t = watch_entries(test, &entries);
		unsigned long addr = entry_start(&entries, i);
		unsigned long table = round_down(addr, PUD_SIZE);
		unsigned long lent = INNER & ~BIT(i);

		KUNIT_ASSERT_EQ(test, 0, vm_munmap(table, addr - table));
		damon_test_map_hugetlb(test, addr);
		set_bits(&entries, ALL);
		borrow(t);
		KUNIT_EXPECT_EQ(test, ALL & ~lent, get_bits(&entries));
		give_back(t);
		KUNIT_EXPECT_EQ(test, ALL, get_bits(&entries));
		expect_hints(test, t, &entries, 0);
	}
}

/* What is unmapped meanwhile is nobody's any more; the rest is given back. */
static void damon_test_unmapped(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct damon_target *t = watch_entries(test, &entries);
	unsigned long hole = entry_start(&entries, 3);

	set_bits(&entries, ALL);
	borrow(t);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(hole, 2UL << level->shift));
	give_back(t);
	KUNIT_EXPECT_EQ(test, ALL & ~(BIT(3) | BIT(4)), get_bits(&entries));
	expect_hints(test, t, &entries, 0);

	borrow(t);
	KUNIT_EXPECT_EQ(test, ALL & ~INNER, get_bits(&entries));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(entries.start,
					   (unsigned long)NR << level->shift));
	give_back(t);
	expect_hints(test, t, &entries, 0);

	borrow(t);
	give_back(t);
	expect_hints(test, t, &entries, 0);
}

/* Only regions whose accesses would be news, and that are two entries large */
static void damon_test_regions(struct kunit *test)
{
	static const struct {
		unsigned int windows, mean;
		unsigned long size;		/* in halves of an entry */
		unsigned long lent;
	} cases[] = {
		{ 0, 0, 6, 0x0e },
		{ 8, 0, 6, 0x0e },
		{ 8, SAMPLES / 4 * DAMON_MEAN_ONE, 6, 0x0e },
		{ 8, SAMPLES / 4 * DAMON_MEAN_ONE + 1, 6, 0 },
		{ 8, SAMPLES * DAMON_MEAN_ONE, 6, 0 },
		{ 0, 0, 5, 0x06 },
		{ 0, 0, 4, 0x06 },
		{ 0, 0, 3, 0 },
	};
	struct entries entries = map_entries(test, PMD_SHIFT);
	unsigned long start = entry_start(&entries, 1);
	struct damon_target *t = new_target(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_region *r;

		t->regions.nr = 0;
		r = damon_append_region(&t->regions, start,
					start + cases[i].size * PMD_SIZE / 2);
		r->windows = cases[i].windows;
		r->mean = cases[i].mean;
		set_bits(&entries, ALL);
		borrow(t);
		KUNIT_EXPECT_EQ_MSG(test, ALL & ~cases[i].lent,
				    get_bits(&entries), "case %d", i);
		give_back(t);
		KUNIT_EXPECT_EQ(test, ALL, get_bits(&entries));
	}
}

/* A scan ends when it has looked at enough, and the next one goes on there. */
static void damon_test_scans(struct kunit *test)
{
	static const struct {
		unsigned long size;
		unsigned long scans[4];		/* regions that are in each */
	} cases[] = {
		/* many entries in each of few tables, or few in many */
		{ PUD_SIZE, { 0x00f, 0x0f0, 0x300, 0x00f } },
		{ 2 * PMD_SIZE, { 0x0ff, 0x300, 0x0ff, 0x300 } },
	};
	struct entries entries = { .shift = PMD_SHIFT };
	unsigned long addr = damon_test_map(test, 0, (NR + 1) * PUD_SIZE);
	unsigned int i, scan, n;

	addr = ALIGN(addr, PUD_SIZE);
	for (n = 0; n < NR; n++)
		damon_test_touch(test, addr + n * PUD_SIZE);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_target *t = new_target(test);

		for (n = 0; n < NR; n++)
			damon_append_region(&t->regions, addr + n * PUD_SIZE,
					    addr + n * PUD_SIZE + cases[i].size);
		for (scan = 0; scan < ARRAY_SIZE(cases[i].scans); scan++) {
			unsigned long lent = 0;

			for (n = 0; n < NR; n++) {
				entries.start = addr + n * PUD_SIZE;
				set_young(&entries, 0, true);
			}
			borrow(t);
			for (n = 0; n < NR; n++) {
				entries.start = addr + n * PUD_SIZE;
				if (!get_young(&entries, 0))
					lent |= BIT(n);
			}
			KUNIT_EXPECT_EQ(test, cases[i].scans[scan], lent);
			give_back(t);
			for (n = 0; n < NR; n++) {
				entries.start = addr + n * PUD_SIZE;
				KUNIT_EXPECT_TRUE(test, get_young(&entries, 0));
			}
		}
	}
}

/* The last table of all addresses has nothing, and the scan ends there. */
static void damon_test_top_of_addresses(struct kunit *test)
{
	struct entries entries = map_entries(test, PUD_SHIFT);
	struct damon_target *t = new_target(test);

	damon_append_region(&t->regions, -4 * PUD_SIZE, PAGE_ALIGN_DOWN(ULONG_MAX));
	borrow(t);
	KUNIT_EXPECT_EQ(test, 0, t->hints->nr_loans);
	KUNIT_EXPECT_TRUE(test, get_young(&entries, IN_FIRST));
	give_back(t);
}

#endif

static struct kunit_case damon_upper_cases[] = {
	KUNIT_CASE(damon_test_hardware),
#if defined(CONFIG_ARCH_HAS_NONLEAF_PMD_YOUNG) && defined(CONFIG_64BIT)
	KUNIT_CASE_PARAM(damon_test_given_back, level_gen_params),
	KUNIT_CASE_PARAM(damon_test_accessed, level_gen_params),
	KUNIT_CASE(damon_test_huge_page),
	KUNIT_CASE(damon_test_hugetlb_beside),
	KUNIT_CASE_PARAM(damon_test_unmapped, level_gen_params),
	KUNIT_CASE(damon_test_regions),
	KUNIT_CASE(damon_test_scans),
	KUNIT_CASE(damon_test_top_of_addresses),
#endif
	{}
};

static struct kunit_suite damon_upper_suite = {
	.name = "damon-upper",
	.test_cases = damon_upper_cases,
};

kunit_test_suite(damon_upper_suite);
