// SPDX-License-Identifier: GPL-2.0
/*
 * Reports as rows of values: what they are is known until they are printed, and so is for whom.
 */
#include "damon-table.h"
#include "damon-units.h"
#include "debug.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>

/**
 * damon_table__init - make a table that shows all of its columns
 * @table: the table
 * @out: how it is printed
 * @name: what it is called in JSON
 * @columns: the columns
 * @nr: how many there are
 */
void damon_table__init(struct damon_table *table, struct damon_output *out, const char *name,
		       const struct damon_column *columns, size_t nr)
{
	size_t i;

	table->out = out;
	table->name = name;
	table->columns = columns;
	table->nr = nr;
	table->nr_shown = 0;
	for (i = 0; i < nr && i < DAMON_MAX_COLUMNS; i++) {
		table->width[i] = columns[i].width;
		if (columns[i].key || out->format == DAMON_FOR_PEOPLE)
			table->shown[table->nr_shown++] = i;
	}
}

static int say_keys(const struct damon_table *table, const char *word)
{
	size_t i;

	pr_err("no column '%s': there are", word);
	for (i = 0; i < table->nr; i++) {
		if (table->columns[i].key)
			pr_err(" %s", table->columns[i].key);
	}
	pr_err("\n");
	return -EINVAL;
}

static int find_column(const struct damon_table *table, const char *key)
{
	size_t i;

	for (i = 0; i < table->nr; i++) {
		if (table->columns[i].key && !strcmp(table->columns[i].key, key))
			return i;
	}
	return say_keys(table, key);
}

/* The columns that a list of keys names. */
static int parse_keys(const struct damon_table *table, const char *keys, unsigned int *list,
		      size_t *nr)
{
	char *copy = strdup(keys), *rest = copy, *word;
	int column = copy ? 0 : -ENOMEM;

	*nr = 0;
	while (column >= 0 && (word = strsep(&rest, ","))) {
		column = *nr < DAMON_MAX_COLUMNS ? find_column(table, word) : say_keys(table, word);
		if (column >= 0)
			list[(*nr)++] = column;
	}
	free(copy);
	return min(column, 0);
}

/**
 * damon_table__choose - choose columns
 * @table: the table
 * @keys: their keys with commas between them, NULL: all
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_table__choose(struct damon_table *table, const char *keys)
{
	return keys ? parse_keys(table, keys, table->shown, &table->nr_shown) : 0;
}

/* qsort() passes nothing on to compare(). */
static struct {
	const struct damon_table	*table;
	unsigned int			key[DAMON_MAX_COLUMNS];
	size_t				nr_keys;
} order;

static int compare_values(enum damon_kind kind, const union damon_value *a,
			  const union damon_value *b)
{
	switch (kind) {
	case DAMON_TEXT:
		return strcmp(a->text, b->text);
	case DAMON_ADDRESS:
	case DAMON_TIME:
		return (a->number > b->number) - (a->number < b->number);
	case DAMON_RATIO:
		return (b->ratio > a->ratio) - (b->ratio < a->ratio);
	case DAMON_COUNT:
	case DAMON_SIZE:
	default:
		return (b->number > a->number) - (b->number < a->number);
	}
}

static int compare_rows(const void *a, const void *b)
{
	const union damon_value *x = a, *y = b;
	size_t i;

	for (i = 0; i < order.nr_keys; i++) {
		unsigned int column = order.key[i];
		int diff = compare_values(order.table->columns[column].kind, &x[column],
					  &y[column]);

		if (diff)
			return diff;
	}
	return 0;
}

/**
 * damon_table__sort - put rows in order: the most first, but text, addresses and times ascending
 * @table: the table
 * @keys: keys of columns, the first of which counts most
 * @rows: the rows, one after the other, each with a value for each column
 * @nr_rows: how many there are
 *
 * Return: 0 or a negative error number, which has been said.
 */
int damon_table__sort(const struct damon_table *table, const char *keys, union damon_value *rows,
		      size_t nr_rows)
{
	int err;

	order.table = table;
	err = parse_keys(table, keys, order.key, &order.nr_keys);
	if (!err && nr_rows)
		qsort(rows, nr_rows, table->nr * sizeof(*rows), compare_rows);
	return err;
}

/**
 * damon_table__fit - make columns of text as wide as what is in them
 * @table: the table
 * @rows: the rows, one after the other, each with a value for each column
 * @nr_rows: how many there are
 */
void damon_table__fit(struct damon_table *table, const union damon_value *rows, size_t nr_rows)
{
	size_t row, i;

	for (i = 0; i < table->nr; i++) {
		if (table->columns[i].kind != DAMON_TEXT)
			continue;
		table->width[i] = strlen(table->columns[i].title);
		for (row = 0; row < nr_rows; row++) {
			int len = strlen(rows[row * table->nr + i].text);

			table->width[i] = max(table->width[i], len);
		}
	}
}

static const char *format_rounded(char *buf, size_t size, enum damon_kind kind,
				  const union damon_value *value)
{
	switch (kind) {
	case DAMON_TEXT:
		return value->text;
	case DAMON_COUNT:
		if (value->number == DAMON_UNKNOWN)
			return "-";
		damon_count__scnprintf(buf, size, value->number);
		break;
	case DAMON_ADDRESS:
		damon_address__scnprintf(buf, size, value->number);
		break;
	case DAMON_SIZE:
		damon_size__scnprintf(buf, size, value->number);
		break;
	case DAMON_TIME:
		damon_time__scnprintf(buf, size, value->number);
		break;
	case DAMON_RATIO:
	default:
		damon_percent__scnprintf(buf, size, value->ratio);
		break;
	}
	return buf;
}

/* Exact, and still something that options read. */
static const char *format_exact(char *buf, size_t size, enum damon_kind kind,
				const union damon_value *value)
{
	switch (kind) {
	case DAMON_SIZE:
		scnprintf(buf, size, "%" PRIu64 "B", value->number);
		return buf;
	case DAMON_TIME:
		damon_time__scnprintf_exact(buf, size, value->number);
		return buf;
	case DAMON_RATIO:
		scnprintf(buf, size, "%.6f%%", 100 * value->ratio);
		return buf;
	case DAMON_TEXT:
	case DAMON_COUNT:
	case DAMON_ADDRESS:
	default:
		return format_rounded(buf, size, kind, value);
	}
}

/* A row, put together here: printf() of each cell would take most of a long record's time. */
static struct {
	char	text[1024];
	size_t	len;
} line;

static void flush_line(void)
{
	fwrite_unlocked(line.text, line.len, 1, stdout);
	line.len = 0;
}

/* @text with spaces before it up to @width, or behind it if that is negative. */
static void put(const char *text, int width)
{
	size_t len = strlen(text), pad = max_t(int, abs(width) - (int)len, 0);

	if (line.len + len + pad > sizeof(line.text))
		flush_line();
	if (len + pad > sizeof(line.text)) {
		printf("%*s", width, text);
		return;
	}
	memset(line.text + line.len, ' ', len + pad);
	memcpy(line.text + line.len + (width < 0 ? 0 : pad), text, len);
	line.len += len + pad;
}

static void print_cell(const struct damon_table *table, unsigned int nr,
		       const union damon_value *value, bool last)
{
	const struct damon_column *column = &table->columns[nr];
	const struct damon_output *out = table->out;
	char buf[DAMON_UNIT_LEN];
	const char *text;

	if (!value)
		text = column->title;
	else if (out->raw_numbers)
		text = format_exact(buf, sizeof(buf), column->kind, value);
	else
		text = format_rounded(buf, sizeof(buf), column->kind, value);

	if (column->kind != DAMON_TEXT) {
		put(text, table->width[nr] + 2);
	} else if (!last || *text) {
		put("  ", 0);
		put(text, last ? 0 : -table->width[nr]);
	}
}

/* Numbers are put where they stay: to copy each takes as long as to make it. */
static void put_number(int (*print)(char *buf, size_t size, u64 value), u64 value)
{
	if (line.len + DAMON_UNIT_LEN > sizeof(line.text))
		flush_line();
	line.len += print(line.text + line.len, DAMON_UNIT_LEN, value);
}

static void print_field(const struct damon_output *out, const struct damon_column *column,
			const union damon_value *value)
{
	char buf[1024];

	put(out->separator, 0);
	switch (column->kind) {
	case DAMON_TEXT:
		damon_output__scnprintf_field(out, buf, sizeof(buf), value->text);
		put(buf, 0);
		break;
	case DAMON_ADDRESS:
		put_number(damon_address__scnprintf, value->number);
		break;
	case DAMON_RATIO:
		scnprintf(buf, sizeof(buf), "%.6g", 100 * value->ratio);
		put(buf, 0);
		break;
	case DAMON_COUNT:
		if (value->number == DAMON_UNKNOWN)
			break;
		fallthrough;
	case DAMON_SIZE:
	case DAMON_TIME:
	default:
		put_number(damon_count__scnprintf, value->number);
		break;
	}
}

static void print_member(struct damon_output *out, const struct damon_column *column,
			 const union damon_value *value)
{
	if (column->kind == DAMON_TEXT)
		damon_output__text(out, column->key, value->text);
	else if (column->kind == DAMON_RATIO)
		damon_output__ratio(out, column->key, value->ratio);
	else if (column->kind == DAMON_COUNT && value->number == DAMON_UNKNOWN)
		damon_output__text(out, column->key, NULL);
	else
		damon_output__number(out, column->key, value->number);
}

/**
 * damon_table__open - begin a table: its titles
 * @table: the table
 */
void damon_table__open(const struct damon_table *table)
{
	struct damon_output *out = table->out;
	size_t i;

	damon_output__open(out, table->name, '[');
	if (out->format == DAMON_JSON)
		return;
	if (out->format == DAMON_FIELDS)
		printf("# %s", out->row_titles);
	for (i = 0; i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];

		if (out->format == DAMON_FIELDS)
			printf("%s%s", out->separator, table->columns[nr].key);
		else
			print_cell(table, nr, NULL, i == table->nr_shown - 1);
	}
	put("\n", 0);
	flush_line();
}

/**
 * damon_table__print_row - print a row
 * @table: the table
 * @values: a value for each column
 */
void damon_table__print_row(const struct damon_table *table, const union damon_value *values)
{
	struct damon_output *out = table->out;
	size_t i;

	damon_output__open(out, NULL, '{');
	if (out->format == DAMON_FIELDS)
		put(out->row_head, 0);
	for (i = 0; i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];

		if (out->format == DAMON_JSON)
			print_member(out, &table->columns[nr], &values[nr]);
		else if (out->format == DAMON_FIELDS)
			print_field(out, &table->columns[nr], &values[nr]);
		else
			print_cell(table, nr, &values[nr], i == table->nr_shown - 1);
	}
	damon_output__close(out, '}');
	if (out->format == DAMON_JSON)
		return;
	put("\n", 0);
	flush_line();
}

/**
 * damon_table__close - end a table
 * @table: the table
 */
void damon_table__close(const struct damon_table *table)
{
	damon_output__close(table->out, ']');
}

/**
 * damon_table__print - print a table whose rows are all known
 * @table: the table
 * @rows: the rows, one after the other, each with a value for each column
 * @nr_rows: how many there are
 */
void damon_table__print(struct damon_table *table, const union damon_value *rows, size_t nr_rows)
{
	size_t i;

	damon_table__fit(table, rows, nr_rows);
	damon_table__open(table);
	for (i = 0; i < nr_rows; i++)
		damon_table__print_row(table, &rows[i * table->nr]);
	damon_table__close(table);
}
