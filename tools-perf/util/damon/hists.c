// SPDX-License-Identifier: GPL-2.0
/*
 * Reports with a choice of columns (-F) and sort keys (-s): perf's hists with columns of our own.
 * Each row is a hist entry, and entries are never merged.
 */
#include "hists.h"
#include "buffer.h"
#include "errors.h"
#include "util/debug.h"
#include "util/sample.h"
#include "util/symbol.h"
#include "util/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * struct row - a hist entry with its values
 * @values: a value for each column
 * @he: the entry; must be last, as a call chain may follow it
 */
struct row {
	union damon_value	values[DAMON_MAX_COLUMNS];
	struct hist_entry	he;
};

static struct row *to_row(struct hist_entry *he)
{
	return container_of(he, struct row, he);
}

static void *new_row(size_t callchain_size)
{
	struct row *row = zalloc(sizeof(*row) + callchain_size);

	return row ? &row->he : NULL;
}

static void free_row(void *he)
{
	free(to_row(he));
}

static struct hist_entry_ops row_ops = {
	.new	= new_row,
	.free	= free_row,
};

static struct damon_fmt *to_damon_fmt(struct perf_hpp_fmt *fmt)
{
	return container_of(fmt, struct damon_fmt, fmt);
}

/* For rows that are being added: they have no values yet, and unique numbers. */
static int64_t compare_numbers(struct perf_hpp_fmt *fmt __maybe_unused, struct hist_entry *a,
			       struct hist_entry *b)
{
	return (a->ip > b->ip) - (a->ip < b->ip);
}

/* Text and addresses ascending, all else descending. If the result is positive, @a is first. */
static int64_t compare_values(struct perf_hpp_fmt *fmt, struct hist_entry *a, struct hist_entry *b)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);
	unsigned int column = damon_fmt->column;
	const union damon_value *x = &to_row(a)->values[column];
	const union damon_value *y = &to_row(b)->values[column];

	switch (damon_fmt->hists->table.columns[column].kind) {
	case DAMON_TEXT:
		return strcmp(y->text, x->text);
	case DAMON_ADDRESS:
		return (x->number < y->number) - (x->number > y->number);
	case DAMON_RATIO:
		return (x->ratio > y->ratio) - (x->ratio < y->ratio);
	case DAMON_COUNT:
	case DAMON_HUNDREDTHS:
	case DAMON_SIZE:
	case DAMON_TIME:
	default:
		return (x->number > y->number) - (x->number < y->number);
	}
}

static int print_title(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp,
		       struct hists *hists __maybe_unused, int line __maybe_unused,
		       int *span __maybe_unused)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);

	return damon_table__scnprintf_title(&damon_fmt->hists->table, damon_fmt->column, hpp->buf,
					    hpp->size);
}

static int column_width(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp __maybe_unused,
			struct hists *hists __maybe_unused)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);

	return damon_fmt->hists->table.width[damon_fmt->column];
}

static int print_entry(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp, struct hist_entry *he)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);

	return damon_table__scnprintf_value(&damon_fmt->hists->table, damon_fmt->column,
					    &to_row(he)->values[damon_fmt->column], hpp->buf,
					    hpp->size);
}

static struct perf_hpp_fmt *init_fmt(struct damon_fmt *damon_fmt, struct damon_hists *hists,
				     unsigned int column)
{
	struct perf_hpp_fmt *fmt = &damon_fmt->fmt;

	damon_fmt->hists = hists;
	damon_fmt->column = column;
	INIT_LIST_HEAD(&fmt->list);
	INIT_LIST_HEAD(&fmt->sort_list);
	fmt->header = print_title;
	fmt->width = column_width;
	fmt->entry = print_entry;
	fmt->cmp = compare_numbers;
	fmt->collapse = compare_numbers;
	fmt->sort = compare_values;
	return fmt;
}

static int say_keys(const struct damon_column *columns, size_t nr, const char *option,
		    const char *key)
{
	size_t i;

	pr_err("--%s: no column '%s': there are", option, key);
	for (i = 0; i < nr; i++)
		pr_err(" %s", columns[i].key);
	pr_err("\n");
	return -EINVAL;
}

static int find_column(const struct damon_column *columns, size_t nr, const char *option,
		       const char *key)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(columns[i].key, key))
			return i;
	}
	return say_keys(columns, nr, option, key);
}

/* Convert a list of column keys to column numbers; returns how many, or an error. */
static int parse_keys(const struct damon_column *columns, size_t nr_columns, const char *option,
		      const char *keys, unsigned int *numbers)
{
	char *copy = strdup(keys), *rest = copy, *key;
	int column = 0, nr = 0;

	if (!copy)
		return damon_out_of_memory();
	while (column >= 0 && (key = strsep(&rest, ","))) {
		column = find_column(columns, nr_columns, option, key);
		if (column >= 0 && nr == DAMON_MAX_COLUMNS) {
			pr_err("--%s: more than %d columns\n", option, nr);
			column = -EINVAL;
		}
		if (column >= 0)
			numbers[nr++] = column;
	}
	free(copy);
	return column < 0 ? column : nr;
}

/**
 * damon_hists__check_keys - check that all columns in a list exist
 * @columns: the columns
 * @nr: how many there are
 * @option: the option that the list was given with
 * @keys: comma-separated list of column keys
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_hists__check_keys(const struct damon_column *columns, size_t nr, const char *option,
			    const char *keys)
{
	unsigned int numbers[DAMON_MAX_COLUMNS];

	return min(0, parse_keys(columns, nr, option, keys, numbers));
}

/**
 * damon_hists__init - make hists without rows
 * @hists: the hists, with @table initialized
 * @fields: comma-separated keys of the columns to print
 * @sort: comma-separated keys of the columns to sort by, the most important one first
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_hists__init(struct damon_hists *hists, const char *fields, const char *sort)
{
	struct damon_table *table = &hists->table;
	unsigned int sorts[DAMON_MAX_COLUMNS];
	int i, nr;

	__hists__init(&hists->hists, &hists->list);
	perf_hpp_list__init(&hists->list);
	hists->list.nr_header_lines = 1;
	hists->nr_rows = 0;
	damon_table__reset_width(table);

	nr = parse_keys(table->columns, table->nr, "fields", fields, table->shown);
	if (nr < 0)
		return nr;
	table->nr_shown = nr;
	for (i = 0; i < nr; i++)
		perf_hpp_list__column_register(&hists->list, init_fmt(&hists->fields[i], hists,
								      table->shown[i]));
	nr = parse_keys(table->columns, table->nr, "sort", sort, sorts);
	if (nr < 0)
		return nr;
	for (i = 0; i < nr; i++)
		perf_hpp_list__register_sort_field(&hists->list, init_fmt(&hists->sorts[i], hists,
									  sorts[i]));
	hists->thread = thread__new(-1, -1);
	return hists->thread ? 0 : damon_out_of_memory();
}

static void delete_rows(struct damon_hists *hists)
{
	hists__delete_entries(&hists->hists);
	damon_table__reset_width(&hists->table);
	hists->nr_rows = 0;
}

/**
 * damon_hists__exit - free everything
 * @hists: the hists, also if damon_hists__init() failed or was never called
 */
void damon_hists__exit(struct damon_hists *hists)
{
	/* hists__delete_entries() only deletes entries that have been sorted. */
	if (hists->nr_rows)
		damon_hists__sort(hists);
	delete_rows(hists);
	thread__zput(hists->thread);
}

/**
 * damon_hists__add - add a row
 * @hists: the hists
 * @values: a value for each column; texts must stay valid until the row is printed
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_hists__add(struct damon_hists *hists, const union damon_value *values)
{
	struct damon_table *table = &hists->table;
	struct perf_sample sample = {};
	struct addr_location al;
	struct hist_entry *he;

	addr_location__init(&al);
	al.thread = thread__get(hists->thread);
	al.addr = hists->nr_rows++;
	he = hists__add_entry_ops(&hists->hists, &row_ops, &al, NULL, NULL, NULL, NULL, &sample,
				  true);
	addr_location__exit(&al);
	if (!he)
		return damon_out_of_memory();
	memcpy(to_row(he)->values, values, table->nr * sizeof(*values));
	damon_table__fit(table, values);
	return 0;
}

/**
 * damon_hists__sort - sort all rows
 * @hists: the hists
 */
void damon_hists__sort(struct damon_hists *hists)
{
	hists__output_resort(&hists->hists, NULL);
}

/**
 * damon_hists__row - get a row
 * @hists: the hists, sorted
 * @nr: number of the row
 *
 * Return: its values, or NULL.
 */
const union damon_value *damon_hists__row(struct damon_hists *hists, int nr)
{
	struct hist_entry *he = hists__get_entry(&hists->hists, nr);

	return he ? to_row(he)->values : NULL;
}

static void print_titles(struct damon_hists *hists)
{
	char title[64];
	struct perf_hpp hpp = { .buf = title, .size = sizeof(title) };
	struct perf_hpp_fmt *fmt;

	hists__for_each_format(&hists->hists, fmt) {
		int width = fmt->width(fmt, &hpp, &hists->hists);

		fmt->header(fmt, &hpp, &hists->hists, 0, NULL);
		printf("  %-*s", list_is_last(&fmt->list, &hists->list.fields) ? 0 : width, title);
	}
	printf("\n");
}

/* Formats for programs: they also have the target of each row, exact numbers and quotes. */
static void print_rows(struct damon_hists *hists)
{
	struct rb_node *node;

	damon_table__open(&hists->table);
	for (node = rb_first_cached(&hists->hists.entries); node; node = rb_next(node)) {
		struct hist_entry *he = rb_entry(node, struct hist_entry, rb_node);

		damon_table__print_row(&hists->table, to_row(he)->values);
	}
	damon_table__close(&hists->table);
}

/**
 * damon_hists__print - sort, print and delete all rows
 * @hists: the hists
 */
void damon_hists__print(struct damon_hists *hists)
{
	damon_hists__sort(hists);
	if (hists->table.out->format == DAMON_FOR_PEOPLE) {
		int level = verbose;

		print_titles(hists);
		/* With -vv perf would print the maps of each row's thread, but ours has none. */
		verbose = min(verbose, 1);
		hists__fprintf(&hists->hists, false, 0, 0, 0, stdout, true);
		verbose = level;
	} else {
		print_rows(hists);
	}
	delete_rows(hists);
}
