// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of access.c, lockless.c and walk.c, on real page tables: Accessed bits of pages of
 * each kind, what is left for other users of these bits, and secondary MMUs.
 *
 * A secondary MMU (of a virtual machine or a device) has Accessed bits of its
 * own.  The one here has a single bit, which the tests set.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/page_idle.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <asm/tlbflush.h>

#include "access.h"
#include "lru.h"
#include "lockless.h"
#include "mapping.h"
#include "walk.h"

#define P	PAGE_SIZE

struct secondary_mmu {
	struct mmu_notifier notifier;
	bool young;
	unsigned int nr_clears;
	struct damon_range cleared;	/* by the last clear_young() */
	unsigned long tested;		/* by the last test_young() */
};

#ifdef CONFIG_MMU_NOTIFIER

static struct secondary_mmu *to_secondary(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct secondary_mmu, notifier);
}

static int secondary_clear_young(struct mmu_notifier *notifier,
				 struct mm_struct *mm, unsigned long start,
				 unsigned long end)
{
	struct secondary_mmu *secondary = to_secondary(notifier);
	bool young = secondary->young;

	secondary->nr_clears++;
	secondary->cleared = (struct damon_range) { start, end };
	secondary->young = false;
	return young;
}

static int secondary_test_young(struct mmu_notifier *notifier,
				struct mm_struct *mm, unsigned long addr)
{
	struct secondary_mmu *secondary = to_secondary(notifier);

	secondary->tested = addr;
	return secondary->young;
}

static const struct mmu_notifier_ops secondary_ops = {
	.clear_young = secondary_clear_young,
	.test_young = secondary_test_young,
};

static void remove_secondary(void *arg)
{
	struct secondary_mmu *secondary = arg;

	mmu_notifier_unregister(&secondary->notifier, secondary->notifier.mm);
}

static struct secondary_mmu *add_secondary(struct kunit *test)
{
	struct secondary_mmu *secondary = kunit_kzalloc(test,
							sizeof(*secondary),
							GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, secondary);
	secondary->notifier.ops = &secondary_ops;
	KUNIT_ASSERT_EQ(test, 0, mmu_notifier_register(&secondary->notifier,
						       current->mm));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_secondary,
						  secondary));
	return secondary;
}

#else

static struct secondary_mmu *add_secondary(struct kunit *test)
{
	kunit_skip(test, "no secondary MMUs in this kernel");
	return NULL;
}

#endif

struct page_kind {
	const char *name;
	/* maps one and touches it */
	unsigned long (*map)(struct kunit *test, unsigned long addr);
	bool huge;
	bool pmd;
};

static const struct page_kind page_kinds[] = {
	{ "a page", damon_test_map_page },
	{ "a transparent huge page", damon_test_map_thp, .huge = true,
	  .pmd = true },
	{ "a hugetlb page", damon_test_map_hugetlb, .huge = true },
};

static void page_kind_name(const struct page_kind *kind, char *name)
{
	strscpy(name, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, page_kinds, page_kind_name);

/* Walk to one page and call @at for its entry */
static bool look(unsigned long addr, bool (*at)(const struct damon_entry *),
		 struct damon_entry *found)
{
	const struct damon_entry *entry;
	struct damon_walk walk;
	bool answer = false;

	damon_walk_begin(&walk, current->mm);
	entry = damon_walk_to(&walk, addr);
	if (entry)
		answer = at(entry);
	if (found)
		*found = entry ? *entry : (struct damon_entry) {};
	damon_walk_end(&walk);
	return answer;
}

static bool accessed(unsigned long addr)
{
	return look(addr, damon_entry_test_young, NULL);
}

static bool clear(unsigned long addr)
{
	return look(addr, damon_entry_test_and_clear_young, NULL);
}

/* Get the folio of a page, with a reference; does not set its Accessed bit */
static struct folio *get_folio(struct kunit *test, unsigned long addr)
{
	struct page *page;

	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addr, 1, 0, &page));
	return page_folio(page);
}

/* As idle page tracking and reclaim do before they wait for an access */
static void forget_accesses(struct folio *folio)
{
	folio_test_clear_young(folio);
	folio_set_idle(folio);
}

static void damon_test_entry(struct kunit *test)
{
	const struct page_kind *kind = test->param_value;
	unsigned long addr = kind->map(test, 0);
	struct damon_entry entry;

	KUNIT_EXPECT_TRUE(test, look(addr, damon_entry_test_young, &entry));
	if (kind->pmd && entry.pte)
		kunit_skip(test, "no memory for a transparent huge page");
	KUNIT_EXPECT_EQ(test, kind->pmd, !entry.pte);
	KUNIT_EXPECT_EQ(test, kind->pmd, !!entry.pmd);
	KUNIT_EXPECT_EQ(test, kind->huge, damon_range_size(&entry.range) > P);
	KUNIT_EXPECT_EQ(test, addr, entry.range.start);

	KUNIT_EXPECT_TRUE(test, accessed(entry.range.end - 1));
	KUNIT_EXPECT_TRUE(test, clear(entry.range.end - P));
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	KUNIT_EXPECT_FALSE(test, clear(addr));

	/* The next access sets the bit again, once the TLB entry is flushed. */
	if (IS_ENABLED(CONFIG_UML))
		return;		/* copying to user memory sets no bit there */
	flush_tlb_mm(current->mm);
	damon_test_touch(test, addr);
	KUNIT_EXPECT_TRUE(test, accessed(addr));
}

/* Clearing the bit sets PG_young and clears PG_idle, for reclaim and idle page tracking. */
static void damon_test_flags(struct kunit *test)
{
	const struct page_kind *kind = test->param_value;
	unsigned long addr = kind->map(test, 0);
	struct folio *folio = get_folio(test, addr);

	forget_accesses(folio);
	KUNIT_EXPECT_TRUE(test, clear(addr));
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));

	/* PG_idle is never set, and without an access no flag changes. */
	KUNIT_EXPECT_FALSE(test, clear(addr));
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));
	forget_accesses(folio);
	KUNIT_EXPECT_FALSE(test, clear(addr));
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	KUNIT_EXPECT_FALSE(test, folio_test_young(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
	folio_clear_idle(folio);
	folio_put(folio);
}

/* The lockless functions do what a walk does, or return -EAGAIN and change nothing. */
static void damon_test_lockless(struct kunit *test)
{
	const struct page_kind *kind = test->param_value;
	unsigned long addr = kind->map(test, 0);
	struct folio *folio = get_folio(test, addr);
	struct damon_range shared = {};
	struct damon_entry entry;
	int seen;

	look(addr, damon_entry_test_young, &entry);
	forget_accesses(folio);
	seen = damon_lockless_test_young(current->mm, addr);
	KUNIT_EXPECT_TRUE(test, seen == 1 || seen == -EAGAIN);
	seen = damon_lockless_test_and_clear_young(current->mm, entry.range.end - P, &shared);
	if (seen == -EAGAIN) {
		KUNIT_EXPECT_TRUE(test, accessed(addr));
		KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
		folio_put(folio);
		kunit_skip(test, "not read locklessly here");
	}
	KUNIT_EXPECT_EQ(test, 1, seen);
	KUNIT_EXPECT_EQ(test, kind->huge ? entry.range.start : 0, shared.start);
	KUNIT_EXPECT_EQ(test, kind->huge ? entry.range.end : 0, shared.end);
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));

	forget_accesses(folio);
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_young(current->mm, addr));
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_and_clear_young(current->mm, addr, &shared));
	KUNIT_EXPECT_FALSE(test, folio_test_young(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_idle(folio));
	folio_clear_idle(folio);
	folio_put(folio);

	if (IS_ENABLED(CONFIG_UML))
		return;
	flush_tlb_mm(current->mm);
	damon_test_touch(test, addr);
	KUNIT_EXPECT_EQ(test, 1, damon_lockless_test_young(current->mm, addr));
}

/* Addresses without a page, and a page that can't be cleared locklessly */
static void damon_test_lockless_elsewhere(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, 3 * P);
	struct damon_range shared = {};
	int value, seen;

	KUNIT_ASSERT_EQ(test, 0, get_user(value, (int __user *)addr));
	KUNIT_EXPECT_EQ(test, 0, value);
	if (damon_lockless_test_young(current->mm, addr) == -EAGAIN)
		kunit_skip(test, "not read locklessly here");

	/* The zero page has no flags to record an access in. */
	KUNIT_EXPECT_EQ(test, 1, damon_lockless_test_young(current->mm, addr));
	seen = damon_lockless_test_and_clear_young(current->mm, addr, &shared);
	KUNIT_EXPECT_EQ(test, -EAGAIN, seen);
	KUNIT_EXPECT_TRUE(test, accessed(addr));

	/* No page, no mapping, no page table */
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_young(current->mm, addr + P));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr, P));
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_young(current->mm, addr));
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_young(current->mm, TASK_SIZE - P));
	KUNIT_EXPECT_EQ(test, 0, shared.end);
}

static void put_mm(void *mm)
{
	mmput(mm);
}

/*
 * Where page tables are freed after an interrupt, they may be read locklessly only by
 * threads that use the address space.  A kernel thread uses it during a walk.
 */
static void damon_test_lockless_other_mm(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();
	struct damon_range shared = {};
	struct damon_walk walk;

	KUNIT_ASSERT_NOT_NULL(test, mm);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_mm, mm));
	KUNIT_ASSERT_NULL(test, current->mm);
	if (!damon_lockless_needs_mm()) {
		KUNIT_EXPECT_LE(test, damon_lockless_test_young(mm, 0), 0);
		damon_walk_begin(&walk, mm);
		KUNIT_EXPECT_NULL(test, current->mm);
		damon_walk_end(&walk);
		return;
	}
	KUNIT_EXPECT_EQ(test, -EAGAIN, damon_lockless_test_young(mm, 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, damon_lockless_test_and_clear_young(mm, 0, &shared));

	damon_walk_begin(&walk, mm);
	KUNIT_EXPECT_PTR_EQ(test, mm, current->mm);
	KUNIT_EXPECT_NULL(test, damon_walk_to(&walk, 0));
	damon_walk_end(&walk);
	KUNIT_EXPECT_NULL(test, current->mm);
}

/* Fixed ranges may be any addresses, but only those of user memory are read. */
static void damon_test_kernel_memory(struct kunit *test)
{
	void *pages = vmalloc(P);
	const unsigned long addresses[] = {
		(unsigned long)pages, (unsigned long)test, PAGE_OFFSET,
		TASK_SIZE_MAX + P, 1UL << (BITS_PER_LONG - 1), ULONG_MAX & PAGE_MASK,
	};
	struct damon_range shared = {};
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	damon_test_map(test, 0, P);
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		unsigned long addr = addresses[i];

		KUNIT_EXPECT_EQ(test, -EAGAIN, damon_lockless_test_young(current->mm, addr));
		KUNIT_EXPECT_EQ(test, -EAGAIN,
				damon_lockless_test_and_clear_young(current->mm, addr, &shared));
		KUNIT_EXPECT_FALSE(test, accessed(addr));
		KUNIT_EXPECT_FALSE(test, clear(addr));
	}
	vfree(pages);
}

/* With a secondary MMU no bit is cleared locklessly: its bits have to be cleared, too. */
static void damon_test_lockless_secondary_mmu(struct kunit *test)
{
	const struct page_kind *kind = test->param_value;
	unsigned long addr = kind->map(test, 0);
	struct secondary_mmu *secondary = add_secondary(test);
	struct damon_range shared = {};

	KUNIT_EXPECT_EQ(test, -EAGAIN,
			damon_lockless_test_and_clear_young(current->mm, addr, &shared));
	KUNIT_EXPECT_TRUE(test, clear(addr));
	if (damon_lockless_test_young(current->mm, addr) == -EAGAIN)
		kunit_skip(test, "not read locklessly here");
	KUNIT_EXPECT_EQ(test, 0, damon_lockless_test_young(current->mm, addr));
	secondary->young = true;
	KUNIT_EXPECT_EQ(test, 1, damon_lockless_test_young(current->mm, addr));
}

static void damon_test_secondary_mmu(struct kunit *test)
{
	const struct page_kind *kind = test->param_value;
	unsigned long addr = kind->map(test, 0) + (kind->huge ? 3 * P : 0);
	struct secondary_mmu *secondary = add_secondary(test);
	struct folio *folio = get_folio(test, addr);
	struct damon_entry entry;

	/* The secondary MMU is told to clear its bits of the whole entry. */
	KUNIT_EXPECT_TRUE(test, look(addr, damon_entry_test_and_clear_young, &entry));
	KUNIT_EXPECT_EQ(test, 1, secondary->nr_clears);
	KUNIT_EXPECT_EQ(test, entry.range.start, secondary->cleared.start);
	KUNIT_EXPECT_EQ(test, entry.range.end, secondary->cleared.end);
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	/* But only the page itself is tested: a secondary MMU may have smaller pages. */
	KUNIT_EXPECT_EQ(test, addr, secondary->tested);

	/* An access by the secondary MMU is seen by each test ... */
	secondary->young = true;
	KUNIT_EXPECT_TRUE(test, accessed(addr));
	KUNIT_EXPECT_TRUE(test, accessed(addr));
	KUNIT_EXPECT_EQ(test, 1, secondary->nr_clears);

	/* ... until it is cleared, and then left in the page flags, like one by the CPU. */
	forget_accesses(folio);
	KUNIT_EXPECT_TRUE(test, clear(addr));
	KUNIT_EXPECT_EQ(test, 2, secondary->nr_clears);
	KUNIT_EXPECT_TRUE(test, folio_test_young(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_idle(folio));
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	KUNIT_EXPECT_FALSE(test, clear(addr));
	folio_put(folio);
}

/* Where no page is present, there is no Accessed bit ... */
static void damon_test_absent(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, 3 * PMD_SIZE);
	unsigned long page = addr + 5 * P;
	struct damon_entry entry;

	/* No page table yet */
	KUNIT_EXPECT_FALSE(test, accessed(page));
	KUNIT_EXPECT_FALSE(test, clear(page));

	/* A page table, and an entry next to one in use */
	damon_test_touch(test, page + P);
	KUNIT_EXPECT_FALSE(test, look(page, damon_entry_test_young, &entry));
	KUNIT_EXPECT_EQ(test, page, entry.range.start);
	KUNIT_EXPECT_FALSE(test, clear(page));

	/* No mapping any more */
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(page, 2 * P));
	KUNIT_EXPECT_FALSE(test, look(page + P, damon_entry_test_young, &entry));
	KUNIT_EXPECT_PTR_EQ(test, NULL, entry.vma);
	KUNIT_EXPECT_FALSE(test, accessed(0));
	KUNIT_EXPECT_FALSE(test, accessed(TASK_SIZE - P));
}

/* ... and secondary MMUs are not asked. */
static void damon_test_secondary_mmu_absent(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, 2 * P);
	struct secondary_mmu *secondary = add_secondary(test);

	damon_test_touch(test, addr + P);
	secondary->young = true;
	KUNIT_EXPECT_FALSE(test, accessed(addr));
	KUNIT_EXPECT_FALSE(test, clear(addr));
	KUNIT_EXPECT_EQ(test, 0, secondary->nr_clears);
	KUNIT_EXPECT_TRUE(test, secondary->young);
}

/* Memory that was only read is the zero page, which has no flags of its own. */
static void damon_test_zero_page(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, P);
	int value;

	KUNIT_ASSERT_EQ(test, 0, get_user(value, (int __user *)addr));
	KUNIT_EXPECT_EQ(test, 0, value);
	KUNIT_EXPECT_TRUE(test, accessed(addr));
	KUNIT_EXPECT_TRUE(test, clear(addr));
	KUNIT_EXPECT_FALSE(test, accessed(addr));
}

/* One walk up and down again, over pages in several page tables and a hole */
static void damon_test_walk(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, 4 * PMD_SIZE);
	/* in the first page table, at its end, in the second one, in the third one */
	unsigned long table = ALIGN(addr, PMD_SIZE);
	const unsigned long pages[] = {
		table, table + P, table + 9 * P, table + PMD_SIZE - P,
		table + PMD_SIZE, table + 2 * PMD_SIZE + 7 * P,
	};
	const struct damon_entry *entry;
	struct damon_walk walk;
	int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		damon_test_touch(test, pages[i]);
	/* A hole between two mappings */
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(table + 4 * P, 2 * P));

	damon_walk_begin(&walk, current->mm);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		entry = damon_walk_to(&walk, pages[i] + 1);
		KUNIT_EXPECT_NOT_NULL(test, entry);
		if (!entry)
			continue;
		KUNIT_EXPECT_EQ(test, pages[i], entry->range.start);
		KUNIT_EXPECT_EQ(test, pages[i] + P, entry->range.end);
		KUNIT_EXPECT_TRUE(test, damon_entry_test_and_clear_young(entry));
		KUNIT_EXPECT_NULL(test, damon_walk_to(&walk, table + 5 * P));
	}
	while (i--) {
		entry = damon_walk_to(&walk, pages[i]);
		KUNIT_EXPECT_NOT_NULL(test, entry);
		if (entry)
			KUNIT_EXPECT_FALSE(test, damon_entry_test_young(entry));
	}
	damon_walk_end(&walk);
}

/* A change of the LRU state shows some accesses, and never one that did not happen. */
static void damon_test_lru(struct kunit *test)
{
#define KNOWN	DAMON_LRU_KNOWN
#define GEN(gen, max) (KNOWN | ((gen) + 1) | (max) << 3)
	static const struct {
		const char *what;
		u8 before, now;
		bool accessed;
	} cases[] = {
		{ "not known before", 0, KNOWN | DAMON_LRU_ACTIVE, false },
		{ "not known now", KNOWN, 0, false },
		{ "nothing new", KNOWN | DAMON_LRU_ACTIVE, KNOWN | DAMON_LRU_ACTIVE, false },
		{ "activated", KNOWN, KNOWN | DAMON_LRU_ACTIVE, true },
		{ "referenced", KNOWN, KNOWN | DAMON_LRU_REFERENCED, true },
		{ "deactivated", KNOWN | DAMON_LRU_ACTIVE, KNOWN, false },
		/* generation and youngest generation, before and now */
		{ "the same generation", GEN(1, 2), GEN(1, 2), false },
		{ "the same, and there is a younger one", GEN(1, 2), GEN(1, 3), false },
		{ "the oldest, three later", GEN(0, 3), GEN(3, 6), false },
		{ "found by the last aging", GEN(0, 3), GEN(3, 4), true },
		{ "found, after four of them", GEN(2, 3), GEN(2, 7), true },
		{ "found, and numbers begin again", GEN(0, 7), GEN(3, 0), true },
		{ "found without aging", GEN(0, 3), GEN(3, 3), true },
		{ "moved", GEN(0, 3), GEN(2, 3), false },
		{ "taken from its list", GEN(0, 0), KNOWN | DAMON_LRU_ACTIVE, false },
		{ "put into a list", KNOWN, GEN(0, 0), false },
		{ "for an access before", KNOWN | DAMON_LRU_NOTED, KNOWN | DAMON_LRU_ACTIVE,
		  false },
		{ "for a new one", KNOWN | DAMON_LRU_NOTED,
		  KNOWN | DAMON_LRU_NOTED | DAMON_LRU_ACTIVE, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, cases[i].accessed,
				    damon_lru_says_accessed(cases[i].before, cases[i].now),
				    "%s", cases[i].what);
#undef GEN
#undef KNOWN
}

static struct kunit_case damon_access_cases[] = {
	KUNIT_CASE(damon_test_lru),
	KUNIT_CASE_PARAM(damon_test_entry, kind_gen_params),
	KUNIT_CASE_PARAM(damon_test_flags, kind_gen_params),
	KUNIT_CASE_PARAM(damon_test_lockless, kind_gen_params),
	KUNIT_CASE(damon_test_lockless_elsewhere),
	KUNIT_CASE(damon_test_lockless_other_mm),
	KUNIT_CASE(damon_test_kernel_memory),
	KUNIT_CASE_PARAM(damon_test_lockless_secondary_mmu, kind_gen_params),
	KUNIT_CASE_PARAM(damon_test_secondary_mmu, kind_gen_params),
	KUNIT_CASE(damon_test_absent),
	KUNIT_CASE(damon_test_secondary_mmu_absent),
	KUNIT_CASE(damon_test_zero_page),
	KUNIT_CASE(damon_test_walk),
	{}
};

static struct kunit_suite damon_access_suite = {
	.name = "damon-access",
	.test_cases = damon_access_cases,
};

kunit_test_suite(damon_access_suite);
