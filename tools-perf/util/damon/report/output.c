// SPDX-License-Identifier: GPL-2.0
/*
 * What reports print: for people, as fields with a separator between them (-x), or as JSON (-j).
 * Tables have typed columns. Their rows are printed as they come, as a long record has millions of
 * them, or sorted, with a choice of columns (-F) and keys (-s).
 */
#include "output.h"
#include "browser.h"
#include "../errors.h"
#include "groups.h"
#include "../units.h"
#include "util/data-convert.h"
#include "util/debug.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

/* A comma if something is before, and the key, which members of a list do not have. */
static void put_key(struct damon_output *out, const char *key)
{
	if (out->comma[out->depth])
		putc_unlocked(',', stdout);
	out->comma[out->depth] = true;
	if (key)
		printf("\"%s\":", key);
}

static void put_member(struct damon_output *out, const char *key, const char *value)
{
	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	fputs_unlocked(value, stdout);
}

/**
 * damon_output__open - begin a JSON object or list
 * @out: the output; nothing is printed unless it is JSON
 * @key: its key, NULL in a list
 * @bracket: '{' or '['
 */
void damon_output__open(struct damon_output *out, const char *key, char bracket)
{
	unsigned int i;

	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	if (out->depth)
		putc_unlocked('\n', stdout);
	for (i = 0; i < out->depth; i++)
		putc_unlocked(' ', stdout);
	putc_unlocked(bracket, stdout);
	out->comma[++out->depth] = false;
}

/**
 * damon_output__close - end a JSON object or list
 * @out: the output
 * @bracket: '}' or ']'
 */
void damon_output__close(struct damon_output *out, char bracket)
{
	if (out->format != DAMON_JSON)
		return;
	putc_unlocked(bracket, stdout);
	if (!--out->depth)
		putc_unlocked('\n', stdout);
}

/* For people, options accept what is printed. For programs there are no units. */
static char *put_number(char *to, const struct damon_output *out, enum damon_kind kind,
			const union damon_value *value)
{
	bool for_people = out->format == DAMON_FOR_PEOPLE, json = out->format == DAMON_JSON;

	if (kind == DAMON_RATIO && !for_people)
		return to + scnprintf(to, DAMON_UNIT_LEN, "%.9g", 100 * value->ratio);
	if (kind == DAMON_RATIO)
		return damon_percent__put(to, value->ratio, out->raw_numbers);
	if (kind != DAMON_ADDRESS && value->number == DAMON_UNKNOWN)
		return stpcpy(to, for_people ? "-" : json ? "null" : "");
	/* These are texts: jq and JavaScript would round them, to 53 bits. */
	if ((kind == DAMON_ADDRESS || kind == DAMON_TIMESTAMP) && json)
		return stpcpy(damon_number__put(stpcpy(to, "\""), kind, value->number, true),
			      "\"");
	if (!for_people && (kind == DAMON_SIZE || kind == DAMON_TIME))
		kind = DAMON_COUNT;
	return damon_number__put(to, kind, value->number, out->raw_numbers);
}

/**
 * damon_output__value - print a number in JSON
 * @out: the output
 * @key: its key
 * @kind: its type
 * @number: the number, or %DAMON_UNKNOWN
 */
void damon_output__value(struct damon_output *out, const char *key, enum damon_kind kind,
			 u64 number)
{
	const union damon_value value = { .number = number };
	char text[DAMON_UNIT_LEN];

	if (out->format != DAMON_JSON)
		return;
	put_number(text, out, kind, &value);
	put_member(out, key, text);
}

/**
 * damon_output__text - print a text in JSON
 * @out: the output
 * @key: its key
 * @text: the text or NULL
 */
void damon_output__text(struct damon_output *out, const char *key, const char *text)
{
	put_member(out, key, text ? "" : "null");
	if (text && out->format == DAMON_JSON)
		output_json_string(stdout, text);
}

/**
 * damon_output__bool - print true or false in JSON
 * @out: the output
 * @key: its key
 * @value: the value
 */
void damon_output__bool(struct damon_output *out, const char *key, bool value)
{
	put_member(out, key, value ? "true" : "false");
}

/**
 * damon_output__note - print what is no row
 * @out: the output; nothing is printed in JSON, nor with a browser
 * @format: the text; among fields it gets a '#', unless it begins with one, and no empty line
 */
void damon_output__note(const struct damon_output *out, const char *format, ...)
{
	va_list args;

	if (out->format == DAMON_JSON || out->browser)
		return;
	if (out->format == DAMON_FIELDS) {
		format += *format == '\n';
		if (*format != '#')
			printf("# ");
	}
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

/* Quoted as in RFC 4180 if it contains the separator or a quote. */
static void put_field(const struct damon_output *out, const char *text, FILE *file)
{
	if (!strstr(text, out->separator) && !strchr(text, '"')) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	putc('"', file);
}

/**
 * damon_output__set_row_head - set the target that rows of fields begin with
 * @out: the output
 * @kdamond: thread that monitors the target
 * @target_id: index of the target in that kdamond
 * @pid: the process, 0: unknown
 * @comm: its name, or NULL
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_output__set_row_head(struct damon_output *out, pid_t kdamond, unsigned long target_id,
			       pid_t pid, const char *comm)
{
	FILE *file = fmemopen(out->row_head, sizeof(out->row_head), "w");

	if (!file)
		return damon_out_of_memory();
	fprintf(file, "%d%s%s%s", kdamond, out->separator,
		damon_output__str(out, damon_target_id__kind(target_id), target_id),
		out->separator);
	if (pid)
		fprintf(file, "%d", pid);
	fputs(out->separator, file);
	put_field(out, comm ?: "", file);
	fclose(file);
	out->row_head_len = strnlen(out->row_head, sizeof(out->row_head));
	return 0;
}

/**
 * damon_table__init - initialize a table
 * @table: the table
 * @out: output format
 * @name: name of the member in JSON
 * @columns: the columns
 * @nr: number of columns
 * @hidden: mask of the columns that are not printed
 */
void damon_table__init(struct damon_table *table, struct damon_output *out, const char *name,
		       const struct damon_column *columns, size_t nr, unsigned int hidden)
{
	size_t i;

	table->out = out;
	table->name = name;
	table->columns = columns;
	table->nr = nr;
	table->nr_shown = 0;
	for (i = 0; i < nr && i < DAMON_MAX_COLUMNS; i++) {
		table->width[i] = columns[i].width;
		table->limit[i] = 0;
		if (!(hidden >> i & 1) && (columns[i].key || out->format == DAMON_FOR_PEOPLE))
			table->shown[table->nr_shown++] = i;
	}
}

/* What is in front of a value for programs. */
static char *put_front(char *to, const struct damon_table *table, size_t i)
{
	if (table->out->format == DAMON_FIELDS)
		return stpcpy(to, i || !table->out->of_all ? table->out->separator : "");
	to = stpcpy(to, i ? ",\"" : "\"");
	return stpcpy(stpcpy(to, table->columns[table->shown[i]].key), "\":");
}

/* Copies of a fixed size compile to a few instructions. No column of numbers is wider. */
static char *put_cell(char *to, const struct damon_table *table, size_t i,
		      const union damon_value *value)
{
	const struct damon_output *out = table->out;
	unsigned int nr = table->shown[i];
	enum damon_kind kind = table->columns[nr].kind;
	char text[DAMON_UNIT_LEN];
	size_t len, width;

	if (out->format != DAMON_FOR_PEOPLE)
		return put_number(put_front(to, table, i), out, kind, value);
	len = put_number(text, out, kind, value) - text;
	width = max_t(size_t, table->width[nr], len) + 2;
	memset(to, ' ', sizeof(text));
	memcpy(to + width - len, text, sizeof(text));
	return to + width;
}

/* The last column is not padded. */
static void print_text(const struct damon_table *table, size_t i, const char *text)
{
	bool last = i == table->nr_shown - 1;
	unsigned int nr = table->shown[i];

	if (table->out->format == DAMON_JSON)
		output_json_string(stdout, text);
	else if (table->out->format == DAMON_FIELDS)
		put_field(table->out, text, stdout);
	else if (!last || *text)
		printf("  %-*.*s", last ? 0 : table->width[nr], table->limit[nr] ?: INT_MAX, text);
}

static void print_titles(const struct damon_table *table)
{
	size_t i;

	for (i = 0; i < table->nr_shown; i++) {
		const struct damon_column *column = &table->columns[table->shown[i]];

		if (column->kind == DAMON_TEXT)
			print_text(table, i, column->title);
		else
			printf("  %*s", table->width[table->shown[i]], column->title);
	}
	printf("\n");
}

static void print_keys(const struct damon_table *table)
{
	const char *sep = table->out->separator;
	size_t i;

	if (table->out->of_all)
		printf("# ");
	else
		printf("# kdamond%starget%spid%scomm%s", sep, sep, sep, sep);
	for (i = 0; i < table->nr_shown; i++)
		printf("%s%s", i ? sep : "", table->columns[table->shown[i]].key);
	printf("\n");
}

/**
 * damon_table__open - begin a table, and print the titles
 * @table: the table
 */
void damon_table__open(const struct damon_table *table)
{
	damon_output__open(table->out, table->name, '[');
	if (table->out->format == DAMON_FIELDS)
		print_keys(table);
	else if (table->out->format == DAMON_FOR_PEOPLE)
		print_titles(table);
}

/**
 * damon_table__print_row - print a row
 * @table: the table
 * @values: a value for each column
 *
 * Numbers are collected, as to print each of them by stdio takes longer than to read an event.
 */
void damon_table__print_row(const struct damon_table *table, const union damon_value *values)
{
	char part[DAMON_ROW_HEAD_LEN + DAMON_MAX_COLUMNS * (DAMON_UNIT_LEN + DAMON_MAX_SEPARATOR)];
	char *to = part;
	struct damon_output *out = table->out;
	size_t i;

	damon_output__open(out, NULL, '{');
	if (out->format == DAMON_FIELDS && !out->of_all)
		to = mempcpy(to, out->row_head, out->row_head_len);
	for (i = 0; i < table->nr_shown; i++) {
		const union damon_value *value = &values[table->shown[i]];

		if (table->columns[table->shown[i]].kind != DAMON_TEXT) {
			to = put_cell(to, table, i, value);
			continue;
		}
		/* Texts may have any length, and are not in tables with many rows. */
		if (out->format != DAMON_FOR_PEOPLE)
			to = put_front(to, table, i);
		fwrite_unlocked(part, 1, to - part, stdout);
		print_text(table, i, value->text);
		to = part;
	}
	if (out->format != DAMON_JSON)
		*to++ = '\n';
	fwrite_unlocked(part, 1, to - part, stdout);
	damon_output__close(out, '}');
}

/**
 * damon_table__close - end a table
 * @table: the table
 */
void damon_table__close(const struct damon_table *table)
{
	damon_output__close(table->out, ']');
}

/* Wide enough for all rows. */
static void fit_width(struct damon_table *table, unsigned int nr, const union damon_value *rows,
		      size_t nr_rows)
{
	const struct damon_column *column = &table->columns[nr];
	bool is_text = column->kind == DAMON_TEXT;
	char number[DAMON_UNIT_LEN];
	size_t i;
	int len;

	table->width[nr] = is_text ? (int)strlen(column->title) : column->width;
	for (i = 0; i < nr_rows; i++) {
		const union damon_value *value = &rows[i * table->nr + nr];

		len = is_text ? (int)strlen(value->text) :
				put_number(number, table->out, column->kind, value) - number;
		table->width[nr] = max(table->width[nr], len);
	}
}

/**
 * damon_table__scnprintf_title - print the title of a column for people
 * @table: the table
 * @nr: number of the column
 * @buf: output buffer
 * @size: size of @buf
 *
 * Return: the number of characters.
 */
int damon_table__scnprintf_title(const struct damon_table *table, unsigned int nr, char *buf,
				 size_t size)
{
	const struct damon_column *column = &table->columns[nr];

	return scnprintf(buf, size, column->kind == DAMON_TEXT ? "%-*s" : "%*s", table->width[nr],
			 column->title);
}

/**
 * damon_table__scnprintf_value - print a value for people
 * @table: the table
 * @nr: number of its column
 * @value: the value
 * @buf: output buffer
 * @size: size of @buf
 *
 * Return: the number of characters.
 */
int damon_table__scnprintf_value(const struct damon_table *table, unsigned int nr,
				 const union damon_value *value, char *buf, size_t size)
{
	enum damon_kind kind = table->columns[nr].kind;
	char number[DAMON_UNIT_LEN];

	if (kind == DAMON_TEXT)
		return scnprintf(buf, size, "%-*.*s", table->width[nr],
				 table->limit[nr] ?: INT_MAX, value->text);
	put_number(number, table->out, kind, value);
	return scnprintf(buf, size, "%*s", table->width[nr], number);
}

/* Numbers are not cut, and put_cell() has no room for more blanks. */
static void force_widths(struct damon_table *table)
{
	const char *widths = table->out->widths;
	size_t i;

	for (i = 0; widths && i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];
		int width = strtoul(widths, NULL, 10);

		if (table->columns[nr].kind == DAMON_TEXT)
			table->limit[nr] = width;
		else
			width = min(width, DAMON_UNIT_LEN - 2);
		if (width)
			table->width[nr] = width;
		widths = strchr(widths, ',');
		if (widths)
			widths++;
	}
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

/* What is printed above a column is a key, too, and so is what perf report calls the same. */
static bool is_key(const struct damon_column *column, const char *key)
{
	return !strcmp(column->key, damon_key__find(key)) || !strcasecmp(column->title, key);
}

static bool has_number(const unsigned int *numbers, int nr, unsigned int number)
{
	while (nr > 0 && numbers[nr - 1] != number)
		nr--;
	return nr;
}

/* Add a list of column keys to @nr column numbers; returns how many there are, or an error. */
static int parse_keys(const struct damon_column *columns, size_t nr_columns, const char *option,
		      const char *keys, unsigned int *numbers, int nr)
{
	char *copy = strdup(keys + (*keys == '+')), *rest = copy, *key;
	bool more = nr;

	if (!copy)
		return damon_out_of_memory();
	while (nr >= 0 && (key = strsep(&rest, ","))) {
		size_t i = 0;

		while (i < nr_columns && !is_key(&columns[i], key))
			i++;
		if (i == nr_columns) {
			nr = say_keys(columns, nr_columns, option, key);
		} else if (more && has_number(numbers, nr, i)) {
			continue;
		} else if (nr == DAMON_MAX_COLUMNS) {
			pr_err("--%s: more than %d columns\n", option, nr);
			nr = -EINVAL;
		} else {
			numbers[nr++] = i;
		}
	}
	free(copy);
	return nr;
}

/**
 * damon_columns__check_keys - check that all columns in a list exist
 * @columns: the columns
 * @nr: how many there are
 * @option: the option that the list was given with
 * @keys: comma-separated list of column keys
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_columns__check_keys(const struct damon_column *columns, size_t nr, const char *option,
			      const char *keys)
{
	unsigned int numbers[DAMON_MAX_COLUMNS];

	return min(0, parse_keys(columns, nr, option, keys, numbers, 0));
}

static bool are_names(const struct damon_column *columns, const unsigned int *numbers, int nr)
{
	while (nr > 0 && damon_key__group(columns[numbers[nr - 1]].key) & DAMON_KEY_NAMES)
		nr--;
	return !nr;
}

/*
 * Column numbers to sort by: the usual ones, and @keys behind them if there is a plus sign, or if
 * these are names only, as perf report sorts by the overhead then; else only @keys.
 */
static int parse_sort(const struct damon_column *columns, size_t nr_columns, const char *usual,
		      const char *keys, unsigned int *numbers)
{
	int nr = 0;

	if (keys)
		nr = parse_keys(columns, nr_columns, "sort", keys, numbers, 0);
	if (nr < 0 || (nr && *keys != '+' && !are_names(columns, numbers, nr)))
		return nr;
	nr = parse_keys(columns, nr_columns, "sort", usual, numbers, 0);
	return nr < 0 || !keys ? nr : parse_keys(columns, nr_columns, "sort", keys, numbers, nr);
}

/**
 * damon_columns__by - find out what rows are grouped by
 * @columns: the columns
 * @nr: how many there are
 * @usual: keys of the columns to sort by, which are before @keys if these begin with a plus sign
 * @keys: comma-separated list of column keys, checked
 *
 * Return: a mask of &enum damon_group_key.
 */
unsigned int damon_columns__by(const struct damon_column *columns, size_t nr, const char *usual,
			       const char *keys)
{
	unsigned int numbers[DAMON_MAX_COLUMNS], by = 0;
	int count = 0;

	if (*keys == '+')
		count = parse_keys(columns, nr, "sort", usual, numbers, 0);
	count = parse_keys(columns, nr, "sort", keys, numbers, count);
	while (count > 0)
		by |= damon_key__group(columns[numbers[--count]].key);
	return by;
}

/* What rows are grouped by, text and addresses ascending, all else descending. */
static int compare_values(const struct damon_column *column, const union damon_value *x,
			  const union damon_value *y)
{
	enum damon_kind kind = column->kind;

	if (kind == DAMON_TEXT)
		return strcmp(x->text, y->text);
	if (kind == DAMON_RATIO)
		return (x->ratio < y->ratio) - (x->ratio > y->ratio);
	if (kind == DAMON_ADDRESS || damon_key__group(column->key))
		return (x->number > y->number) - (x->number < y->number);
	return (x->number < y->number) - (x->number > y->number);
}

/* Of equal rows, the last one comes first. */
static int compare_rows(const void *a, const void *b)
{
	const struct damon_row *x = a, *y = b;
	const struct damon_table *table = x->table;
	int diff = 0;
	size_t i;

	for (i = 0; i < table->nr_sort && !diff; i++) {
		unsigned int nr = table->sort[i];

		diff = compare_values(&table->columns[nr], &x->values[nr], &y->values[nr]);
	}
	return diff ?: (x->values < y->values) - (x->values > y->values);
}

static void print_rows(const struct damon_table *table, const struct damon_row *rows, size_t nr)
{
	size_t i;

	damon_table__open(table);
	for (i = 0; i < nr; i++)
		damon_table__print_row(table, rows[i].values);
	damon_table__close(table);
}

/**
 * damon_table__print_sorted - print a whole table, or show it in the browser
 * @table: the table, initialized
 * @fields: comma-separated keys of the columns to print, NULL: those that are not hidden; behind a
 *	    plus sign these come first
 * @usual: comma-separated keys of the columns to sort by, the most important one first
 * @sort: other ones, or behind a plus sign more of them, or NULL
 * @rows: a value for each column of the first row, and so on
 * @nr_rows: number of rows
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_table__print_sorted(struct damon_table *table, const char *fields, const char *usual,
			      const char *sort, const union damon_value *rows, size_t nr_rows)
{
	int err = 0, nr_sort = parse_sort(table->columns, table->nr, usual, sort, table->sort);
	int nr_shown = table->nr_shown;
	struct damon_row *row;
	size_t i;

	if (fields)
		nr_shown = parse_keys(table->columns, table->nr, "fields", fields, table->shown,
				      *fields == '+' ? nr_shown : 0);
	if (nr_shown < 0 || nr_sort < 0)
		return min(nr_shown, nr_sort);
	table->nr_shown = nr_shown;
	table->nr_sort = nr_sort;
	for (i = 0; i < table->nr; i++)
		fit_width(table, i, rows, nr_rows);
	force_widths(table);
	row = calloc(nr_rows + 1, sizeof(*row));
	if (!row)
		return damon_out_of_memory();
	for (i = 0; i < nr_rows; i++)
		row[i] = (struct damon_row){ table, &rows[i * table->nr] };
	qsort(row, nr_rows, sizeof(*row), compare_rows);
	if (table->out->browser)
		err = damon_browser__show(table->out->browser, table, row, nr_rows);
	else
		print_rows(table, row, nr_rows);
	free(row);
	return err;
}
