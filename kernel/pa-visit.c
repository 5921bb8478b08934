// SPDX-License-Identifier: GPL-2.0
/*
 * Visits to the entries that map a page, through the reverse map.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "../internal.h"
#include "access.h"
#include "arch.h"
#include "pa-visit.h"

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

	if (!visit->whole && folio_test_large(folio) && !folio_test_hugetlb(folio) &&
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
			.addr = visit->whole ? pvmw.address :
				start + (PFN_PHYS(visit->pfn) & (size - 1)),
			.pte = pvmw.pte,
			.pmd = pvmw.pmd,
		};

		visit->size = max(visit->size, size);
		visit->young |= visit->clear ? damon_entry_test_and_clear_young(&entry) :
					       damon_entry_test_young(&entry);
	}
	return visit->clear || !visit->young;
}

/**
 * damon_pa_lock_mapped - lock a folio so that its reverse map can be walked
 * @folio:	from damon_get_folio()
 *
 * Does not wait: a folio that somebody else has locked is being read, written or migrated, or
 * is KSM's.
 *
 * Return: whether it is locked now, and was mapped.
 */
bool damon_pa_lock_mapped(struct folio *folio)
{
	if (!folio_mapped(folio) || !folio_trylock(folio))
		return false;
	if (folio_raw_mapping(folio))
		return true;
	folio_unlock(folio);
	return false;
}

/**
 * damon_pa_visit_mappings - visit all entries that map a page, or a folio
 * @folio:	the folio, locked
 * @visit:	what to do; gets what was seen
 *
 * May sleep.
 */
void damon_pa_visit_mappings(struct folio *folio, struct damon_pa_visit *visit)
{
	struct rmap_walk_control rwc = {
		.arg = visit,
		.rmap_one = damon_pa_visit_mapping,
		.anon_lock = folio_lock_anon_vma_read,
	};

	rmap_walk(folio, &rwc);
}

/**
 * damon_pa_test_and_clear_young - clear the Accessed bits of all entries that map a folio
 * @folio:	from damon_get_folio()
 *
 * May sleep.
 *
 * Return: whether one of its pages was accessed since the last time, or -EAGAIN if somebody
 * else has locked the folio.  What is not mapped can't be seen accessed.
 */
int damon_pa_test_and_clear_young(struct folio *folio)
{
	struct damon_pa_visit visit = { .whole = true, .clear = true };

	if (!folio_mapped(folio))
		return false;
	if (!damon_pa_lock_mapped(folio))
		return -EAGAIN;
	damon_pa_visit_mappings(folio, &visit);
	folio_unlock(folio);
	return visit.young;
}
