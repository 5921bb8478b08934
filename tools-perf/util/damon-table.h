/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TABLE_H
#define __PERF_DAMON_TABLE_H

#include <stddef.h>
#include <linux/types.h>

/* What a column has, and so how it is printed. */
enum damon_kind {
	DAMON_TEXT,
	DAMON_COUNT,
	DAMON_ADDRESS,
	DAMON_SIZE,
	DAMON_TIME,
	DAMON_RATIO,
};

/**
 * struct damon_column - a column of a report
 * @title: what is above it
 * @kind: what it has
 * @width: how wide it is; text is on the left, all else on the right
 */
struct damon_column {
	const char	*title;
	enum damon_kind	kind;
	int		width;
};

/**
 * union damon_value - a value in a row
 * @number: of all kinds but those below
 * @ratio: of DAMON_RATIO
 * @text: of DAMON_TEXT
 */
union damon_value {
	u64		number;
	double		ratio;
	const char	*text;
};

void damon_table__print_head(const struct damon_column *columns, size_t nr);
void damon_table__print_row(const struct damon_column *columns, size_t nr,
			    const union damon_value *values);

#endif /* __PERF_DAMON_TABLE_H */
