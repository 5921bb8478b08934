// SPDX-License-Identifier: GPL-2.0
/*
 * Filters by page, for physical memory: folios that a scheme leaves alone.
 */
#include <linux/damon.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "pa-filter.h"
#include "pa-visit.h"

static int damon_is_anon(const struct damon_filter *f, struct folio *folio)
{
	return folio_test_anon(folio);
}

static int damon_is_of_memcg(const struct damon_filter *f, struct folio *folio)
{
	bool is_so;

	rcu_read_lock();
	is_so = f->memcg && folio_memcg(folio) == f->memcg;
	rcu_read_unlock();
	return is_so;
}

static int damon_is_young(const struct damon_filter *f, struct folio *folio)
{
	return damon_pa_test_and_clear_young(folio);
}

/* Whether a folio is what a filter is for, or a negative errno if that can't be told now */
static int (*const damon_folio_matches[DAMON_NR_FILTER_TYPES])(const struct damon_filter *f,
							       struct folio *folio) = {
	[DAMON_FILTER_ANON] = damon_is_anon,
	[DAMON_FILTER_MEMCG] = damon_is_of_memcg,
	[DAMON_FILTER_YOUNG] = damon_is_young,
};

/**
 * damon_pa_filter_passes - whether the filters of a scheme let a folio pass
 * @scheme:	the scheme
 * @folio:	from damon_get_folio()
 *
 * They are asked in their order, up to the first that does not: after a filter for young folios
 * the Accessed bits of a folio are clear.  Those for addresses and targets have been asked
 * before.  May sleep.
 *
 * Return: whether all do.  If that can't be told now, the folio is left alone.
 */
bool damon_pa_filter_passes(const struct damon_scheme *scheme, struct folio *folio)
{
	const struct damon_filter *f = scheme->filters;

	for (; f < scheme->filters + scheme->nr_filters; f++) {
		int matches;

		if (!damon_folio_matches[f->type])
			continue;
		matches = damon_folio_matches[f->type](f, folio);
		if (matches < 0 || matches == f->matching)
			return false;
	}
	return true;
}
