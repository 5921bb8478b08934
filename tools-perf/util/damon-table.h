/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TABLE_H
#define __PERF_DAMON_TABLE_H

#include "damon-output.h"

/* What a column has, and so how it is printed. */
enum damon_kind {
	DAMON_TEXT,
	DAMON_COUNT,
	DAMON_HUNDREDTHS,
	DAMON_ADDRESS,
	DAMON_SIZE,
	DAMON_TIME,
	DAMON_RATIO,
};

/* A number that is not known: no memory is that big. */
#define DAMON_UNKNOWN	-1ULL

/* The most columns that a table can have. */
#define DAMON_MAX_COLUMNS	12

/* The longest key, in quotes. */
#define DAMON_MEMBER_LEN	32

/**
 * struct damon_column - a column of a report
 * @title: what is above it
 * @kind: what it has
 * @width: how wide it is, at least; text is on the left, all else on the right
 * @key: what machines call it, and people who choose columns; NULL: for the eye only
 */
struct damon_column {
	const char	*title;
	enum damon_kind	kind;
	int		width;
	const char	*key;
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

/**
 * struct damon_table - rows of values
 * @out: how it is printed
 * @name: what it is called in JSON
 * @columns: all columns
 * @nr: how many there are
 * @shown: those that are printed, in this order
 * @nr_shown: how many they are
 * @width: how wide each column is
 */
struct damon_table {
	struct damon_output		*out;
	const char			*name;
	const struct damon_column	*columns;
	size_t				nr;
	unsigned int			shown[DAMON_MAX_COLUMNS];
	size_t				nr_shown;
	int				width[DAMON_MAX_COLUMNS];

	/* private: names of members in JSON, made once */
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
