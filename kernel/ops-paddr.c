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
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../internal.h"
#include "access.h"
#include "arch.h"
#include "lru.h"
#include "ops.h"
#include "probe.h"

/**
 * struct damon_pa_visit - a visit to all entries that map a page
 * @pfn:	the page
 * @clear:	clear the Accessed bits, and do not only test them
 * @young:	one of them was set
 * @size:	the largest memory that one of them maps
 */
struct damon_pa_visit {
	unsigned long pfn;
	bool clear;
	bool young;
	unsigned long size;
};

/* Have a walk over the mappings of a folio visit one of its pages only */
static bool damon_pa_narrow(struct page_vma_mapped_walk *pvmw,
			    unsigned long pfn)
{
	struct vm_area_struct *vma = pvmw->vma;

	pvmw->pgoff += pfn - pvmw->pfn;
	pvmw->pfn = pfn;
	pvmw->nr_pages = 1;
	if (pvmw->pgoff < vma->vm_pgoff ||
	    pvmw->pgoff - vma->vm_pgoff >= vma_pages(vma))
		return false;
	pvmw->address = vma->vm_start +
			((pvmw->pgoff - vma->vm_pgoff) << PAGE_SHIFT);
	return true;
}

/* The entries of one mapping; returns whether to go on with the next one */
static bool damon_pa_visit_mapping(struct folio *folio,
				   struct vm_area_struct *vma,
				   unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, 0);
	struct damon_pa_visit *visit = arg;

	if (folio_test_large(folio) && !folio_test_hugetlb(folio) &&
	    !damon_pa_narrow(&pvmw, visit->pfn))
		return true;

	while (page_vma_mapped_walk(&pvmw)) {
		unsigned long size = folio_test_hugetlb(folio) ?
				     folio_size(folio) :
				     pvmw.pte ? damon_ptep_young_size(pvmw.pte) : PMD_SIZE;
		unsigned long start = ALIGN_DOWN(pvmw.address, size);
		struct damon_entry entry = {
			.vma = vma,
			.range = { start, start + size },
			.addr = start + (PFN_PHYS(visit->pfn) & (size - 1)),
			.pte = pvmw.pte,
			.pmd = pvmw.pmd,
		};

		visit->size = max(visit->size, size);
		visit->young |= visit->clear ? damon_entry_test_and_clear_young(&entry) :
					       damon_entry_test_young(&entry);
	}
	return visit->clear || !visit->young;
}

/*
 * Whether the reverse map of a folio may be walked.  The folio lock keeps the mapping of
 * page cache, but not that of driver memory which only looks like it.
 */
static bool damon_pa_may_walk(const struct folio *folio)
{
	return folio_test_lru(folio) || folio_test_hugetlb(folio) ||
	       (folio_test_anon(folio) && !folio_test_slab(folio));
}

/*
 * The folio of a page, with a reference and locked, if it is one that is mapped; or
 * NULL.  Whatever else is there (free memory, slab, page tables, memory that has gone
 * offline or never was RAM) can't be accessed by a process, and is not touched.  Nor is
 * a folio that somebody else has locked, to read, write or migrate it, or for KSM.
 */
static struct folio *damon_pa_get_folio(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);
	struct folio *folio = page ? page_folio(page) : NULL;

	if (!folio || !damon_pa_may_walk(folio) || !folio_try_get(folio))
		return NULL;
	/* It may have been freed and used for something else before it was pinned. */
	if (page_folio(page) == folio && damon_pa_may_walk(folio) &&
	    folio_mapped(folio) && folio_trylock(folio)) {
		if (folio_raw_mapping(folio))
			return folio;
		folio_unlock(folio);
	}
	folio_put(folio);
	return NULL;
}

static void damon_pa_put_folio(struct folio *folio)
{
	folio_unlock(folio);
	folio_put(folio);
	cond_resched();
}

static void damon_pa_visit_mappings(struct folio *folio, struct damon_pa_visit *visit)
{
	struct rmap_walk_control rwc = {
		.arg = visit,
		.rmap_one = damon_pa_visit_mapping,
		.anon_lock = folio_lock_anon_vma_read,
	};

	rmap_walk(folio, &rwc);
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
};
