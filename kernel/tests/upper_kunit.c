// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of upper.c, on real page tables: which non-leaf Accessed bits are cleared and
 * restored, and that no other bits change.
 */
#include <kunit/test.h>
#include <linux/damon.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>

#include <asm/tlbflush.h>

#include "hints.h"
#include "mapping.h"
#include "upper.h"

KUNIT_DEFINE_ACTION_WRAPPER(free_ctx, damon_free_ctx, struct damon_ctx *);

/* A scan of a target in the address space of the test */
struct scan {
	struct damon_ctx *ctx;
	struct damon_target *t;
	struct damon_scan scan;
	struct damon_hints hints;
};

static struct scan *new_scan(struct kunit *test)
{
	struct scan *scan = kunit_kzalloc(test, sizeof(*scan), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scan);
	scan->ctx = damon_new_ctx();
	KUNIT_ASSERT_NOT_NULL(test, scan->ctx);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_ctx, scan->ctx));
	scan->t = damon_add_target(scan->ctx, NULL);
	KUNIT_ASSERT_NOT_NULL(test, scan->t);
	return scan;
}

static void add_piece(struct scan *scan, unsigned long start, unsigned int shift,
		      unsigned int nr)
{
	scan->scan.pieces[scan->scan.nr_pieces++] = (struct damon_scan_piece) {
		.target = scan->t, .start = start, .shift = shift, .nr = nr,
		.first = scan->scan.nr_entries,
	};
	scan->scan.nr_entries += nr;
}

static void clear(struct scan *scan)
{
	unsigned int i;

	damon_begin_hints(&scan->hints);
	mmap_read_lock(current->mm);
	for (i = 0; i < scan->scan.nr_pieces; i++)
		damon_clear_upper(current->mm, &scan->scan, &scan->scan.pieces[i]);
	mmap_read_unlock(current->mm);
}

static void restore(struct scan *scan)
{
	mmap_read_lock(current->mm);
	damon_restore_upper(current->mm, &scan->scan, scan->scan.pieces,
			    scan->scan.pieces + scan->scan.nr_pieces, &scan->hints);
	mmap_read_unlock(current->mm);
}

/* Entries change during a scan if and only if the CPU sets non-leaf Accessed bits. */
static void damon_test_hardware(struct kunit *test)
{
	struct scan *scan = new_scan(test);
	unsigned long start = ALIGN(damon_test_map(test, 0, 5 * PMD_SIZE),
				    PMD_SIZE);
	bool changed = false;
	pmd_t before[4];
	int i;

	for (i = 0; i < 4; i++) {
		damon_test_touch(test, start + i * PMD_SIZE);
		before[i] = *pmd_off(current->mm, start + i * PMD_SIZE);
		add_piece(scan, start + i * PMD_SIZE, PMD_SHIFT, 1);
	}
	clear(scan);
	for (i = 0; i < 4; i++)
		changed |= pmd_val(before[i]) !=
			   pmd_val(*pmd_off(current->mm, start + i * PMD_SIZE));
	KUNIT_EXPECT_EQ(test, damon_has_upper_levels(), changed);
	restore(scan);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, pmd_val(before[i]),
				pmd_val(*pmd_off(current->mm,
						 start + i * PMD_SIZE)));
	KUNIT_EXPECT_EQ(test, 0, scan->hints.nr_found);
}

/* Entries of one level that a test has; all but the first and the last are scanned. */
#define NR		10
#define ALL		(BIT(NR) - 1)
#define INNER		(ALL & ~BIT(0) & ~BIT(NR - 1))
/* Half of them are in one page table, half in the next one. */
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

/* A scan of the inner entries: one piece for each of the two page tables */
static struct scan *scan_entries(struct kunit *test, const struct entries *entries)
{
	struct scan *scan = new_scan(test);

	add_piece(scan, entry_start(entries, 1), entries->shift, IN_FIRST - 1);
	add_piece(scan, entry_start(entries, IN_FIRST), entries->shift,
		  NR - 1 - IN_FIRST);
	return scan;
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

/* Expect hints for exactly the entries of @bits, with neighbours merged */
static void expect_hints(struct kunit *test, const struct scan *scan,
			 const struct entries *entries, unsigned long bits)
{
	const struct damon_hints *hints = &scan->hints;
	unsigned int first, last, nr = 0;

	for_each_set_bitrange(first, last, &bits, NR) {
		KUNIT_ASSERT_LT(test, nr, hints->nr_found);
		KUNIT_EXPECT_PTR_EQ(test, scan->t, hints->found[nr].target);
		KUNIT_EXPECT_EQ(test, entry_start(entries, first),
				hints->found[nr].range.start);
		KUNIT_EXPECT_EQ(test, entry_start(entries, last),
				hints->found[nr].range.end);
		nr++;
	}
	KUNIT_EXPECT_EQ(test, nr, hints->nr_found);
}

/* Bits that were set are clear during a scan; afterwards exactly these are set again. */
static void damon_test_restored(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct scan *scan = scan_entries(test, &entries);
	unsigned long had;

	for (had = 0; had <= ALL; had++) {
		set_bits(&entries, had);
		clear(scan);
		KUNIT_EXPECT_EQ(test, had & ~INNER, get_bits(&entries));
		restore(scan);
		KUNIT_EXPECT_EQ(test, had, get_bits(&entries));
		expect_hints(test, scan, &entries, 0);
	}
}

/* A bit that is restored for one piece is no access for another with the same entries. */
static void damon_test_shared_entries(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct scan *scan = scan_entries(test, &entries);
	unsigned int i, nr = scan->scan.nr_pieces;

	for (i = 0; i < nr; i++)
		add_piece(scan, scan->scan.pieces[i].start, scan->scan.pieces[i].shift,
			  scan->scan.pieces[i].nr);
	set_bits(&entries, ALL);
	clear(scan);
	restore(scan);
	KUNIT_EXPECT_EQ(test, ALL, get_bits(&entries));
	expect_hints(test, scan, &entries, 0);
}

/* An entry that is accessed during a scan is a hint, and its bit is set afterwards. */
static void damon_test_accessed(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct scan *scan = scan_entries(test, &entries);
	unsigned long had;

	for (had = 0; had <= ALL; had++) {
		unsigned long accessed = hash_long(had, NR);

		set_bits(&entries, had);
		clear(scan);
		set_bits(&entries, get_bits(&entries) | accessed);
		restore(scan);
		KUNIT_EXPECT_EQ(test, had | accessed, get_bits(&entries));
		expect_hints(test, scan, &entries, accessed & INNER);
	}

	/* The same with bits set by the CPU */
	for (had = 0; had <= ALL; had += ALL) {
		set_bits(&entries, had);
		clear(scan);
		flush_tlb_mm(current->mm);
		damon_test_touch(test, entry_start(&entries, 3));
		restore(scan);
		KUNIT_EXPECT_EQ(test, had | BIT(3), get_bits(&entries));
		expect_hints(test, scan, &entries, BIT(3));
	}
}

/* The Accessed bit of a huge page is not changed. */
static void damon_test_huge_page(struct kunit *test)
{
	struct entries entries = map_entries(test, PMD_SHIFT);
	struct scan *scan = scan_entries(test, &entries);
	const unsigned long had[] = { ALL, ALL & ~BIT(3), BIT(3), 0 };
	unsigned long addr = entry_start(&entries, 3);
	int i;

	damon_test_map_thp(test, addr);
	if (!pmd_leaf(*pmd_off(current->mm, addr)))
		kunit_skip(test, "no memory for a transparent huge page");
	for (i = 0; i < ARRAY_SIZE(had); i++) {
		set_bits(&entries, had[i]);
		clear(scan);
		KUNIT_EXPECT_EQ(test, had[i] & (~INNER | BIT(3)),
				get_bits(&entries));
		restore(scan);
		KUNIT_EXPECT_EQ(test, had[i], get_bits(&entries));
		expect_hints(test, scan, &entries, 0);
	}
}

/* A hugetlb page in the same page table: before the scanned entries, or the first of them */
static void damon_test_hugetlb_beside(struct kunit *test)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct entries entries = map_entries(test, PMD_SHIFT);
		struct scan *scan = scan_entries(test, &entries);
		unsigned long addr = entry_start(&entries, i);
		unsigned long table = round_down(addr, PUD_SIZE);
		unsigned long cleared = INNER & ~BIT(i);

		KUNIT_ASSERT_EQ(test, 0, vm_munmap(table, addr - table));
		damon_test_map_hugetlb(test, addr);
		set_bits(&entries, ALL);
		clear(scan);
		KUNIT_EXPECT_EQ(test, ALL & ~cleared, get_bits(&entries));
		restore(scan);
		KUNIT_EXPECT_EQ(test, ALL, get_bits(&entries));
		expect_hints(test, scan, &entries, 0);
	}
}

/* Entries that are unmapped during a scan are skipped; the others are restored. */
static void damon_test_unmapped(struct kunit *test)
{
	const struct level *level = test->param_value;
	struct entries entries = map_entries(test, level->shift);
	struct scan *scan = scan_entries(test, &entries);
	unsigned long hole = entry_start(&entries, 3);

	set_bits(&entries, ALL);
	clear(scan);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(hole, 2UL << level->shift));
	restore(scan);
	KUNIT_EXPECT_EQ(test, ALL & ~(BIT(3) | BIT(4)), get_bits(&entries));
	expect_hints(test, scan, &entries, 0);

	clear(scan);
	KUNIT_EXPECT_EQ(test, ALL & ~INNER, get_bits(&entries));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(entries.start,
					   (unsigned long)NR << level->shift));
	restore(scan);
	expect_hints(test, scan, &entries, 0);

	clear(scan);
	restore(scan);
	expect_hints(test, scan, &entries, 0);
}

/* No page tables are found at the top of all addresses. */
static void damon_test_top_of_addresses(struct kunit *test)
{
	struct entries entries = map_entries(test, PUD_SHIFT);
	struct scan *scan = new_scan(test);

	add_piece(scan, -4 * PUD_SIZE, PUD_SHIFT, 3);
	add_piece(scan, -2 * PMD_SIZE, PMD_SHIFT, 1);
	clear(scan);
	KUNIT_EXPECT_EQ(test, 0, scan->scan.pieces[0].nr);
	KUNIT_EXPECT_EQ(test, 0, scan->scan.pieces[1].nr);
	KUNIT_EXPECT_TRUE(test, get_young(&entries, IN_FIRST));
	restore(scan);
	expect_hints(test, scan, &entries, 0);
}

static struct kunit_case damon_upper_cases[] = {
	KUNIT_CASE(damon_test_hardware),
	KUNIT_CASE_PARAM(damon_test_restored, level_gen_params),
	KUNIT_CASE_PARAM(damon_test_shared_entries, level_gen_params),
	KUNIT_CASE_PARAM(damon_test_accessed, level_gen_params),
	KUNIT_CASE(damon_test_huge_page),
	KUNIT_CASE(damon_test_hugetlb_beside),
	KUNIT_CASE_PARAM(damon_test_unmapped, level_gen_params),
	KUNIT_CASE(damon_test_top_of_addresses),
	{}
};

static struct kunit_suite damon_upper_suite = {
	.name = "damon-upper",
	.test_cases = damon_upper_cases,
};

kunit_test_suite(damon_upper_suite);
