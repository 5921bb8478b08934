// SPDX-License-Identifier: GPL-2.0
/*
 * The operation set "paddr": physical memory, whoever maps it.
 *
 * A page has been accessed if any of the entries that map it says so; they are
 * found through the reverse map.  What is not mapped can't be seen: memory of the
 * kernel, or page cache that is only read and written.
 */
#include <linux/damon.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "access.h"
#include "folio.h"
#include "lru.h"
#include "ops.h"
#include "pa-actions.h"
#include "pa-filter.h"
#include "pa-visit.h"
#include "probe.h"

/*
 * The folio of a page, with a reference and locked, if it is one that is mapped; or
 * NULL.  Nothing else can be accessed by a process.
 */
static struct folio *damon_pa_get_folio(unsigned long pfn)
{
	struct folio *folio = damon_get_folio(pfn);

	if (!folio || damon_pa_lock_mapped(folio))
		return folio;
	folio_put(folio);
	return NULL;
}

static void damon_pa_put_folio(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
	cond_resched();
}

static bool damon_pa_test_young(void *arg, unsigned long addr)
{
	struct damon_pa_visit visit = { .pfn = PHYS_PFN(addr) };
	struct folio *folio = damon_pa_get_folio(visit.pfn);

	if (!folio)
		return false;
	damon_pa_visit_mappings(folio, &visit);
	damon_pa_put_folio(folio);
	return visit.young;
}

static bool damon_pa_clear(void *arg, unsigned long addr,
			   struct damon_range *shared)
{
	struct damon_pa_visit visit = { .pfn = PHYS_PFN(addr), .clear = true };
	struct folio *folio = damon_pa_get_folio(visit.pfn);

	if (!folio)
		return false;
	damon_pa_visit_mappings(folio, &visit);
	damon_pa_put_folio(folio);
	if (visit.size > PAGE_SIZE) {
		shared->start = ALIGN_DOWN(addr, visit.size);
		shared->end = shared->start + visit.size;
	}
	return visit.young;
}

static u8 damon_pa_lru(void *arg, unsigned long addr)
{
	struct folio *folio = damon_pa_get_folio(PHYS_PFN(addr));
	u8 lru;

	if (!folio)
		return 0;
	/* If parts of it are mapped, its state does not tell which were accessed. */
	lru = folio_test_hugetlb(folio) ||
	      (folio_test_large(folio) && !folio_entire_mapcount(folio)) ? 0 :
	      damon_folio_lru(folio);
	damon_pa_put_folio(folio);
	return lru;
}

/* Between regions, too: it may be that few pages are mapped. */
static void damon_pa_resched(void *arg)
{
	cond_resched();
}

static bool damon_pa_sample(struct damon_ctx *ctx, unsigned int what)
{
	static const struct damon_prober prober = {
		.accessed = damon_pa_test_young,
		.clear = damon_pa_clear,
		.lru = damon_pa_lru,
		.resched = damon_pa_resched,
	};
	struct damon_target *t;

	damon_for_each_target(t, ctx) {
		struct damon_pass pass = {
			.what = what,
			.tells = true,
			.lru = ctx->attrs.sample_us >= DAMON_LRU_SAMPLE_US,
		};

		damon_share_probes(ctx, &pass);
		damon_probe_regions(ctx, t, &pass, &prober);
	}
	return true;
}

/* System RAM, as ranges: counted in a first walk and stored in a second one */
struct damon_pa_ram {
	struct damon_range *ranges;
	unsigned int nr;
	unsigned int capacity;
};

static int damon_pa_add_ram(unsigned long pfn, unsigned long nr_pages,
			    void *arg)
{
	struct damon_pa_ram *ram = arg;

	if (ram->nr < ram->capacity)
		ram->ranges[ram->nr] = (struct damon_range) {
			PFN_PHYS(pfn), PFN_PHYS(pfn + nr_pages)
		};
	ram->nr++;
	return 0;
}

static int damon_pa_get_ranges(struct damon_target *t, unsigned int most,
			       struct damon_range **ranges)
{
	struct damon_pa_ram ram = {};

	if (t->nr_ranges)
		return damon_copy_ranges(t, ranges);

	walk_system_ram_range(0, PHYS_PFN(ULONG_MAX), &ram, damon_pa_add_ram);
	ram.capacity = ram.nr;
	ram.ranges = kvcalloc(ram.nr, sizeof(*ram.ranges), GFP_KERNEL);
	if (!ram.ranges)
		return -ENOMEM;
	ram.nr = 0;
	walk_system_ram_range(0, PHYS_PFN(ULONG_MAX), &ram, damon_pa_add_ram);
	*ranges = ram.ranges;
	return min(ram.nr, ram.capacity);
}

const struct damon_operations damon_pa_ops = {
	.name = "paddr",
	.get_ranges = damon_pa_get_ranges,
	.sample = damon_pa_sample,
	.actions = DAMON_PA_ACTIONS,
	.filters = DAMON_PA_FILTERS,
	.act = damon_pa_act,
};
