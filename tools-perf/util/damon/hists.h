/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HISTS_H
#define __PERF_DAMON_HISTS_H

#include "table.h"
#include "util/hist.h"

struct damon_hists;
struct thread;

/**
 * struct damon_fmt - a column of perf's hists
 * @fmt: perf's part
 * @hists: the hists that it belongs to
 * @column: number of the column
 */
struct damon_fmt {
	struct perf_hpp_fmt	fmt;
	struct damon_hists	*hists;
	unsigned int		column;
};

/**
 * struct damon_hists - rows of a report as perf's hist entries
 * @hists: perf's part
 * @table: the columns, and how they are printed
 */
struct damon_hists {
	struct hists		hists;
	struct damon_table	table;

	/* private */
	struct perf_hpp_list	list;
	struct damon_fmt	fields[DAMON_MAX_COLUMNS];
	struct damon_fmt	sorts[DAMON_MAX_COLUMNS];
	struct thread		*thread;
	size_t			nr_rows;
};

int damon_hists__check_keys(const struct damon_column *columns, size_t nr, const char *option,
			    const char *keys);
int damon_hists__init(struct damon_hists *hists, const char *fields, const char *sort);
void damon_hists__exit(struct damon_hists *hists);
int damon_hists__add(struct damon_hists *hists, const union damon_value *values);
void damon_hists__sort(struct damon_hists *hists);
void damon_hists__print(struct damon_hists *hists);
const union damon_value *damon_hists__row(struct damon_hists *hists, int nr);

#endif /* __PERF_DAMON_HISTS_H */
