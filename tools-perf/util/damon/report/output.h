/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_OUTPUT_H
#define __PERF_DAMON_OUTPUT_H

#include "../units.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/compiler.h>
#include <linux/types.h>

struct damon_browser;

/* Formats of reports: for people or for programs. */
enum damon_format {
	DAMON_FOR_PEOPLE,
	DAMON_FIELDS,
	DAMON_JSON,
};

/* A longer separator must be a typing mistake. */
#define DAMON_MAX_SEPARATOR	64

/* Three numbers, a name that may need quotes, and the separators between them. */
#define DAMON_ROW_HEAD_LEN	512

/* An unknown number. No size of memory has this value. */
#define DAMON_UNKNOWN	-1ULL

/**
 * struct damon_output - how a report is printed
 * @format: for people, as fields with a separator, or as JSON
 * @separator: the separator, at most %DAMON_MAX_SEPARATOR characters
 * @raw_numbers: print exact numbers for people, too; programs always get them
 * @browser: shows sorted tables instead of printing them, NULL: they are printed
 * @row_head: the fields that each row begins with: its target
 * @row_head_len: their length
 * @widths: widths of columns of sorted tables, with commas between them, NULL: those of the rows
 * @of_all: rows are of all targets, without a head
 */
struct damon_output {
	enum damon_format	format;
	const char		*separator;
	bool			raw_numbers;
	struct damon_browser	*browser;
	char			row_head[DAMON_ROW_HEAD_LEN];
	size_t			row_head_len;
	const char		*widths;
	bool			of_all;

	/* private: nesting depth in JSON, and whether a comma is needed at each level */
	unsigned int		depth;
	bool			comma[8];
};

/* A number as people read it, until the end of the block. */
#define damon_output__str(out, kind, number)	\
	damon_number__str(kind, number, (out)->raw_numbers)

/* The number of a target: with kernels before 6.1 it is an address. */
static inline enum damon_kind damon_target_id__kind(unsigned long target_id)
{
	return target_id > INT_MAX ? DAMON_ADDRESS : DAMON_COUNT;
}

void damon_output__open(struct damon_output *out, const char *key, char bracket);
void damon_output__close(struct damon_output *out, char bracket);
void damon_output__value(struct damon_output *out, const char *key, enum damon_kind kind,
			 u64 number);
void damon_output__text(struct damon_output *out, const char *key, const char *text);
void damon_output__bool(struct damon_output *out, const char *key, bool value);
void damon_output__note(const struct damon_output *out, const char *format, ...) __printf(2, 3);

/**
 * damon_output__number - print a plain number in JSON
 * @out: the output
 * @key: its key
 * @number: the number, or %DAMON_UNKNOWN
 */
static inline void damon_output__number(struct damon_output *out, const char *key, u64 number)
{
	damon_output__value(out, key, DAMON_COUNT, number);
}

int damon_output__set_row_head(struct damon_output *out, pid_t kdamond, unsigned long target_id,
			       pid_t pid, const char *comm);

/* Maximum number of columns of a table. */
#define DAMON_MAX_COLUMNS	12

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
 * @sort: indices of the columns to sort by, the most important one first
 * @nr_sort: how many these are
 * @width: current width of each column
 * @limit: longer texts are cut, 0: they are not
 */
struct damon_table {
	struct damon_output		*out;
	const char			*name;
	const struct damon_column	*columns;
	size_t				nr;
	unsigned int			shown[DAMON_MAX_COLUMNS];
	size_t				nr_shown;
	unsigned int			sort[DAMON_MAX_COLUMNS];
	size_t				nr_sort;
	int				width[DAMON_MAX_COLUMNS];
	int				limit[DAMON_MAX_COLUMNS];
};

/**
 * struct damon_row - a row to sort
 * @table: its table
 * @values: a value for each column
 */
struct damon_row {
	const struct damon_table	*table;
	const union damon_value		*values;
};

void damon_table__init(struct damon_table *table, struct damon_output *out, const char *name,
		       const struct damon_column *columns, size_t nr, unsigned int hidden);
void damon_table__open(const struct damon_table *table);
void damon_table__print_row(const struct damon_table *table, const union damon_value *values);
void damon_table__close(const struct damon_table *table);
int damon_table__print_sorted(struct damon_table *table, const char *fields, const char *usual,
			      const char *sort, const union damon_value *rows, size_t nr_rows);
int damon_table__scnprintf_title(const struct damon_table *table, unsigned int nr, char *buf,
				 size_t size);
int damon_table__scnprintf_value(const struct damon_table *table, unsigned int nr,
				 const union damon_value *value, char *buf, size_t size);
unsigned int damon_columns__by(const struct damon_column *columns, size_t nr, const char *usual,
			       const char *keys);
int damon_columns__check_keys(const struct damon_column *columns, size_t nr, const char *option,
			      const char *keys);

#endif /* __PERF_DAMON_OUTPUT_H */
