// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of pa-actions.c and pa-filter.c, on pages that the test maps.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nodemask.h>
#include <linux/page_idle.h>
#include <linux/swap.h>

#include "access.h"
#include "lru.h"
#include "mapping.h"
#include "pa-actions.h"
#include "pa-filter.h"

#define P	PAGE_SIZE

/* Get the folio of a page, with a reference */
static struct folio *get_folio(struct kunit *test, unsigned long addr)
{
	struct page *page;

	lru_add_drain_all();
	KUNIT_ASSERT_EQ(test, 1, get_user_pages_fast(addr, 1, 0, &page));
	return page_folio(page);
}

/* The page frame that an address is mapped to */
static unsigned long frame_of(struct kunit *test, unsigned long addr)
{
	struct folio *folio = get_folio(test, addr);
	unsigned long pfn = folio_pfn(folio) + (addr % folio_size(folio) >> PAGE_SHIFT);

	folio_put(folio);
	return pfn;
}

/* Have an action done to page frames, and check how far that says it has come */
static long act_on(struct kunit *test, struct damon_scheme *scheme, unsigned long pfn,
		   unsigned int nr)
{
	struct damon_range range = { PFN_PHYS(pfn), PFN_PHYS(pfn + nr) };
	long bytes;

	if (!(DAMON_PA_ACTIONS & BIT(scheme->action)))
		kunit_skip(test, "not in this kernel");
	bytes = damon_pa_act(NULL, scheme, &range);
	KUNIT_EXPECT_EQ(test, PFN_PHYS(pfn + nr), range.end);
	KUNIT_EXPECT_EQ(test, range.end, range.start);
	KUNIT_EXPECT_LE(test, bytes, (long)(nr * P));
	return bytes;
}

static long act(struct kunit *test, enum damon_action action, unsigned long pfn)
{
	struct damon_scheme scheme = { .action = action, .nid = page_to_nid(pfn_to_page(pfn)) };

	return act_on(test, &scheme, pfn, 1);
}

/* A page-out of what needs no swap */
static void damon_test_pa_pageout(struct kunit *test)
{
	unsigned long addr = damon_test_map_page(test, 0), pfn = frame_of(test, addr);
	struct page *page;

	if (!IS_ENABLED(CONFIG_ADVISE_SYSCALLS) || IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "no MADV_FREE here");
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, addr, P, MADV_FREE));
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, P, act(test, DAMON_PAGEOUT, pfn));
	/* Only reads what is there: does not fault it in */
	KUNIT_EXPECT_NE(test, 1, get_user_pages_fast_only(addr, 1, 0, &page));
}

static void damon_test_pa_mlocked(struct kunit *test)
{
	static const enum damon_action actions[] = {
		DAMON_PAGEOUT, DAMON_LRU_PRIO, DAMON_LRU_DEPRIO,
	};
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, P, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, 0);
	unsigned long pfn;
	int i;

	KUNIT_ASSERT_FALSE(test, !addr || IS_ERR_VALUE(addr));
	damon_test_touch(test, addr);
	pfn = frame_of(test, addr);
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		KUNIT_EXPECT_EQ(test, 0, act(test, actions[i], pfn));
}

static void damon_test_pa_hugetlb(struct kunit *test)
{
	unsigned long pfn = frame_of(test, damon_test_map_hugetlb(test, 0));

	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, pfn));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_LRU_PRIO, pfn));
}

/* What is there already needs no migration. */
static void damon_test_pa_migrate(struct kunit *test)
{
	unsigned long pfn = frame_of(test, damon_test_map_page(test, 0));

	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_MIGRATE_HOT, pfn));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_MIGRATE_COLD, pfn));
}

/* What a folio is moved to has its size, in the node that is asked for. */
static void damon_test_pa_target(struct kunit *test)
{
	unsigned long addr[] = { damon_test_map_page(test, 0), damon_test_map_thp(test, 0) };
	int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		struct folio *src = get_folio(test, addr[i]);
		struct folio *dst = damon_pa_alloc_target(src, folio_nid(src));

		KUNIT_EXPECT_TRUE(test, dst || folio_test_large(src));
		if (dst) {
			KUNIT_EXPECT_EQ(test, folio_nid(src), folio_nid(dst));
			KUNIT_EXPECT_EQ(test, folio_order(src), folio_order(dst));
			/* Only a large folio may be asked for that. */
			if (folio_test_large(src))
				KUNIT_EXPECT_TRUE(test, folio_test_large_rmappable(dst));
			folio_put(dst);
		}
		folio_put(src);
	}
}

/* Far more than the watermarks of any zone */
static bool has_much_room(int nid)
{
	return sum_zone_node_page_state(nid, NR_FREE_PAGES) > node_present_pages(nid) / 4;
}

/* Of several nodes the one of the scheme gets the memory. */
static void damon_test_pa_move(struct kunit *test)
{
	unsigned long addr = damon_test_map_page(test, 0), pfn = frame_of(test, addr);
	struct damon_scheme scheme = { .action = DAMON_MIGRATE_COLD };
	int nid = pfn_to_nid(pfn), tries = 10;
	long bytes;

	scheme.nid = next_node_in(nid, node_states[N_MEMORY]);
	if (scheme.nid == nid || !has_much_room(scheme.nid))
		kunit_skip(test, "no other node with free memory");
	/* Somebody may have pinned the page for a moment. */
	while (bytes = act_on(test, &scheme, pfn, 1), bytes == -EAGAIN && --tries)
		msleep(20);
	KUNIT_EXPECT_EQ(test, P, bytes);
	KUNIT_EXPECT_EQ(test, scheme.nid, pfn_to_nid(frame_of(test, addr)));
}

/* How soon reclaim comes to a folio: 0 last, 1 sooner */
static unsigned int lru_age(struct folio *folio)
{
	u8 lru = damon_folio_lru(folio);

	if (lru & DAMON_LRU_GEN)
		return !!damon_lru_age(lru);
	return !(lru & DAMON_LRU_ACTIVE);
}

/* Both actions have an effect, with MGLRU and without, and are done if it is there already. */
static void damon_test_pa_lru(struct kunit *test)
{
	struct folio *folio = get_folio(test, damon_test_map_page(test, 0));
	unsigned long pfn = folio_pfn(folio);
	int i;

	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, P, act(test, DAMON_LRU_PRIO, pfn));
		lru_add_drain_all();
		KUNIT_EXPECT_EQ_MSG(test, 0, lru_age(folio), "round %d", i);
		KUNIT_EXPECT_EQ(test, P, act(test, DAMON_LRU_DEPRIO, pfn));
		KUNIT_EXPECT_EQ(test, P, act(test, DAMON_LRU_DEPRIO, pfn));
		lru_add_drain_all();
		KUNIT_EXPECT_EQ_MSG(test, 1, lru_age(folio), "round %d", i);
		KUNIT_EXPECT_FALSE(test, folio_test_referenced(folio));
		KUNIT_EXPECT_FALSE(test, folio_test_young(folio));
	}
	folio_put(folio);
}

/*
 * A folio is acted on by the range that it begins in; the part in the range counts.  For it a
 * limit of bytes is not exceeded, nor an address filtered.
 */
static void damon_test_pa_large(struct kunit *test)
{
	struct folio *folio = get_folio(test, damon_test_map_thp(test, 0));
	struct damon_filter elsewhere = {
		.type = DAMON_FILTER_ADDR, .matching = true, .range = { 0, P },
	};
	struct damon_scheme scheme = { .action = DAMON_LRU_PRIO };
	unsigned long pfn = folio_pfn(folio);
	unsigned int nr = folio_nr_pages(folio);

	if (nr == 1) {
		folio_put(folio);
		kunit_skip(test, "no memory for a transparent huge page");
	}
	KUNIT_EXPECT_EQ(test, nr * P, act_on(test, &scheme, pfn, nr));
	KUNIT_EXPECT_EQ(test, P, act_on(test, &scheme, pfn, 1));
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn + 1, nr - 1));
	scheme.quota.bytes = nr * P;
	KUNIT_EXPECT_EQ(test, nr * P, act_on(test, &scheme, pfn, nr));
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn, nr - 1));
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn + 1, nr - 1));
	scheme.quota = (struct damon_quota) { .nr_goals = 1 };
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn, 1));
	scheme = (struct damon_scheme) {
		.action = DAMON_LRU_PRIO, .filters = &elsewhere, .nr_filters = 1,
	};
	KUNIT_EXPECT_EQ(test, nr * P, act_on(test, &scheme, pfn, nr));
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn, nr - 1));
	folio_put(folio);
}

/* Whether a page passes a filter by type */
static bool passes(struct kunit *test, enum damon_filter_type type, struct mem_cgroup *memcg,
		   bool matching, unsigned long pfn)
{
	struct damon_filter filter = {
		.type = type, .matching = matching, .memcg = memcg,
	};
	struct damon_scheme scheme = {
		.action = DAMON_LRU_PRIO, .filters = &filter, .nr_filters = 1,
	};

	if (!(DAMON_PA_FILTERS & BIT(type)))
		kunit_skip(test, "not in this kernel");
	return act_on(test, &scheme, pfn, 1);
}

static void damon_test_pa_filter_anon(struct kunit *test)
{
	unsigned long pfn = frame_of(test, damon_test_map_page(test, 0));

	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_ANON, NULL, true, pfn));
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_ANON, NULL, false, pfn));
}

static void damon_test_pa_filter_memcg(struct kunit *test)
{
	struct folio *folio = get_folio(test, damon_test_map_page(test, 0));
	unsigned long pfn = folio_pfn(folio);
	struct mem_cgroup *memcg, *other = (struct mem_cgroup *)test;

	/* The charge keeps the group, and it is only compared. */
	rcu_read_lock();
	memcg = folio_memcg(folio);
	rcu_read_unlock();
	folio_put(folio);
	if (!memcg)
		kunit_skip(test, "no memory cgroups");
	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_MEMCG, memcg, true, pfn));
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_MEMCG, memcg, false, pfn));
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_MEMCG, other, true, pfn));
	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_MEMCG, other, false, pfn));
	/* Without a group there is none to match. */
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_MEMCG, NULL, true, pfn));
}

/* Each question is for accesses since the last one. */
static void damon_test_pa_filter_young(struct kunit *test)
{
	unsigned long addr = damon_test_map_page(test, 0), pfn = frame_of(test, addr);

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "copying to user memory sets no Accessed bit here");
	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_YOUNG, NULL, true, pfn));
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_YOUNG, NULL, true, pfn));
	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_YOUNG, NULL, false, pfn));
}

/* A huge page is young if any of its pages is, however it is mapped. */
static void damon_test_pa_filter_young_huge(struct kunit *test)
{
	unsigned long addr = damon_test_map_thp(test, 0), pfn = frame_of(test, addr);

	if (IS_ENABLED(CONFIG_UML) || !folio_test_large(page_folio(pfn_to_page(pfn))))
		kunit_skip(test, "no transparent huge page");
	/* Its first page is the one that was touched. */
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr, P));
	KUNIT_EXPECT_TRUE(test, passes(test, DAMON_FILTER_YOUNG, NULL, false, pfn));
	KUNIT_EXPECT_FALSE(test, passes(test, DAMON_FILTER_YOUNG, NULL, false, pfn));
}

/* Of several filters the first that leaves a page alone ends it. */
static void damon_test_pa_filters(struct kunit *test)
{
	unsigned long pfn = frame_of(test, damon_test_map_page(test, 0));
	struct damon_filter filters[] = {
		{ .type = DAMON_FILTER_ADDR, .matching = true, .range = { 0, P } },
		{ .type = DAMON_FILTER_ANON, .matching = true },
		{ .type = DAMON_FILTER_YOUNG, .matching = true },
	};
	struct damon_scheme scheme = {
		.action = DAMON_LRU_PRIO, .filters = filters, .nr_filters = ARRAY_SIZE(filters),
	};

	if (IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "copying to user memory sets no Accessed bit here");
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn, 1));
	/* So the Accessed bit is still set. */
	filters[1].matching = false;
	KUNIT_EXPECT_EQ(test, 0, act_on(test, &scheme, pfn, 1));
	KUNIT_EXPECT_EQ(test, P, act_on(test, &scheme, pfn, 1));
}

static struct kunit_case damon_pa_actions_cases[] = {
	KUNIT_CASE(damon_test_pa_pageout),
	KUNIT_CASE(damon_test_pa_mlocked),
	KUNIT_CASE(damon_test_pa_hugetlb),
	KUNIT_CASE(damon_test_pa_migrate),
	KUNIT_CASE(damon_test_pa_target),
	KUNIT_CASE(damon_test_pa_move),
	KUNIT_CASE(damon_test_pa_lru),
	KUNIT_CASE(damon_test_pa_large),
	KUNIT_CASE(damon_test_pa_filter_anon),
	KUNIT_CASE(damon_test_pa_filter_memcg),
	KUNIT_CASE(damon_test_pa_filter_young),
	KUNIT_CASE(damon_test_pa_filter_young_huge),
	KUNIT_CASE(damon_test_pa_filters),
	{}
};

static struct kunit_suite damon_pa_actions_suite = {
	.name = "damon-pa-actions",
	.test_cases = damon_pa_actions_cases,
};

kunit_test_suite(damon_pa_actions_suite);
