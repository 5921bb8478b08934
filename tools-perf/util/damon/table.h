/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TABLE_H
#define __PERF_DAMON_TABLE_H

#include "output.h"

/* Type of the values in a column. */
enum damon_kind {
	DAMON_TEXT,
	DAMON_COUNT,
	DAMON_HUNDREDTHS,
	DAMON_ADDRESS,
	DAMON_SIZE,
	DAMON_TIME,
	DAMON_RATIO,
};

/* An unknown number. No size of memory has this value. */
#define DAMON_UNKNOWN	-1ULL

/* Maximum number of columns of a table. */
#define DAMON_MAX_COLUMNS	12

/* Maximum length of a key with quotes and colon. */
#define DAMON_MEMBER_LEN	32

/**
 * struct damon_column - a column of a report
 * @title: title for people
 * @kind: type of its values
 * @width: minimum width; text is left-aligned, everything else right-aligned
 * @key: name in fields and JSON, and for -F and -s; NULL: only printed for people
 */
struct damon_column {
	const char	*title;
	enum damon_kind	kind;
	int		width;
	const char	*key;
};

/**
 * union damon_value - a value in a row
 * @number: for all other kinds
 * @ratio: for DAMON_RATIO
 * @text: for DAMON_TEXT
 */
union damon_value {
	u64		number;
	double		ratio;
	const char	*text;
};

/**
 * struct damon_table - rows of values
 * @out: output format
 * @name: name of the member in JSON
 * @columns: all columns
 * @nr: number of columns
 * @shown: indices of the printed columns, in order
 * @nr_shown: number of printed columns
 * @width: current width of each column
 */
struct damon_table {
	struct damon_output		*out;
	const char			*name;
	const struct damon_column	*columns;
	size_t				nr;
	unsigned int			shown[DAMON_MAX_COLUMNS];
	size_t				nr_shown;
	int				width[DAMON_MAX_COLUMNS];

	/* private: preformatted names of members in JSON */
	char				member[DAMON_MAX_COLUMNS][DAMON_MEMBER_LEN];
	u8				member_len[DAMON_MAX_COLUMNS];
};

void damon_table__init(struct damon_table *table, struct damon_output *out, const char *name,
		       const struct damon_column *columns, size_t nr);
void damon_table__reset_width(struct damon_table *table);
void damon_table__fit(struct damon_table *table, const union damon_value *values);
int damon_table__scnprintf_title(const struct damon_table *table, unsigned int column, char *buf,
				 size_t size);
int damon_table__scnprintf_value(const struct damon_table *table, unsigned int column,
				 const union damon_value *value, char *buf, size_t size);
void damon_table__open(const struct damon_table *table);
void damon_table__print_row(const struct damon_table *table, const union damon_value *values);
void damon_table__close(const struct damon_table *table);

#endif /* __PERF_DAMON_TABLE_H */
