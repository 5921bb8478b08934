/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_PA_VISIT_H
#define _MM_DAMON_PA_VISIT_H

#include <linux/mm_types.h>
#include <linux/types.h>

/**
 * struct damon_pa_visit - a visit to all entries that map a page, or a folio
 * @whole:	visit the entries of all pages of the folio
 * @pfn:	the page, unless @whole
 * @clear:	clear the Accessed bits, and do not only test them
 * @young:	one of them was set
 * @size:	the largest memory that one of them maps
 */
struct damon_pa_visit {
	bool whole;
	unsigned long pfn;
	bool clear;
	bool young;
	unsigned long size;
};

bool damon_pa_lock_mapped(struct folio *folio);
void damon_pa_visit_mappings(struct folio *folio, struct damon_pa_visit *visit);
int damon_pa_test_and_clear_young(struct folio *folio);

#endif /* _MM_DAMON_PA_VISIT_H */
