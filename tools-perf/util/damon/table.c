// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of typed values, printed for people, as fields (-x) or as JSON (-j).
 */
#include "table.h"
#include "buffer.h"
#include "units.h"

#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>

/**
 * damon_table__init - initialize a table that prints all of its columns
 * @table: the table
 * @out: output format
 * @name: name of the member in JSON
 * @columns: the columns
 * @nr: number of columns
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
		table->member_len[i] = scnprintf(table->member[i], DAMON_MEMBER_LEN, "\"%s\":",
						 columns[i].key ?: "");
		if (columns[i].key || out->format == DAMON_FOR_PEOPLE)
			table->shown[table->nr_shown++] = i;
	}
}

/* How numbers are printed, rounded or exactly. Options accept both forms. */
static const struct {
	char	*(*rounded)(char *to, u64 value);
	char	*(*exact)(char *to, u64 value);
} numbers[] = {
	[DAMON_COUNT]		= { damon_count__put,		damon_count__put },
	[DAMON_HUNDREDTHS]	= { damon_hundredths__put,	damon_hundredths__put },
	[DAMON_ADDRESS]		= { damon_address__put,		damon_address__put },
	[DAMON_SIZE]		= { damon_size__put,		damon_size__put_exact },
	[DAMON_TIME]		= { damon_time__put,		damon_time__put_exact },
};

static bool is_unknown(enum damon_kind kind, const union damon_value *value)
{
	return kind != DAMON_TEXT && kind != DAMON_ADDRESS && kind != DAMON_RATIO &&
	       value->number == DAMON_UNKNOWN;
}

static char *put_number(char *to, const struct damon_output *out, enum damon_kind kind,
			const union damon_value *value)
{
	if (kind == DAMON_RATIO && out->raw_numbers)
		return to + damon_percent__scnprintf_exact(to, DAMON_UNIT_LEN, value->ratio);
	if (kind == DAMON_RATIO)
		return to + damon_percent__scnprintf(to, DAMON_UNIT_LEN, value->ratio);
	if (is_unknown(kind, value))
		return stpcpy(to, "-");
	return (out->raw_numbers ? numbers[kind].exact : numbers[kind].rounded)(to, value->number);
}

/* For programs: without units. */
static char *put_plain_number(char *to, enum damon_kind kind, const union damon_value *value)
{
	if (kind == DAMON_RATIO)
		return to + scnprintf(to, DAMON_UNIT_LEN, "%.9g", 100 * value->ratio);
	if (kind == DAMON_HUNDREDTHS)
		return damon_hundredths__put(to, value->number);
	return damon_count__put(to, value->number);
}

/* Two spaces between columns; left-aligned, without padding after the last column. */
static void put_text(const char *text, size_t width, bool last)
{
	size_t len = strlen(text);

	if (last && !len)
		return;
	damon_buffer__pad(2);
	damon_buffer__put(text, len);
	if (!last && len < width)
		damon_buffer__pad(width - len);
}

static void put_titles(const struct damon_table *table)
{
	size_t i;

	for (i = 0; i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];
		const char *title = table->columns[nr].title;
		size_t len = strlen(title), width = table->width[nr];

		if (table->columns[nr].kind == DAMON_TEXT) {
			put_text(title, width, i == table->nr_shown - 1);
			continue;
		}
		damon_buffer__pad(max(width, len) - len + 2);
		damon_buffer__put(title, len);
	}
}

static void put_keys(const struct damon_table *table)
{
	const struct damon_output *out = table->out;
	size_t i;

	damon_output__put_row_titles(out);
	for (i = 0; i < table->nr_shown; i++) {
		damon_buffer__puts(out->separator);
		damon_buffer__puts(table->columns[table->shown[i]].key);
	}
}

/* Copies of a fixed size compile to a few instructions. No column of numbers is wider. */
static void put_cell(const struct damon_table *table, unsigned int nr,
		     const union damon_value *value, bool last)
{
	enum damon_kind kind = table->columns[nr].kind;
	size_t width = table->width[nr], len;
	char text[DAMON_UNIT_LEN], *to;

	if (kind == DAMON_TEXT) {
		put_text(value->text, width, last);
		return;
	}
	len = put_number(text, table->out, kind, value) - text;
	width = max(width, len) + 2;
	to = damon_buffer__reserve();
	memset(to, ' ', sizeof(text));
	memcpy(to + width - len, text, sizeof(text));
	damon_buffer__commit(width);
}

/* Usually a single character. */
static void put_separator(const struct damon_output *out)
{
	const char *c;

	for (c = out->separator; *c; c++)
		damon_buffer__putc(*c);
}

static void put_field(const struct damon_output *out, const struct damon_column *column,
		      const union damon_value *value)
{
	char *to;

	put_separator(out);
	if (column->kind == DAMON_TEXT) {
		damon_output__put_field(out, value->text);
		return;
	}
	if (is_unknown(column->kind, value))
		return;
	to = damon_buffer__reserve();
	if (column->kind == DAMON_ADDRESS)
		damon_buffer__commit(damon_address__put(to, value->number) - to);
	else
		damon_buffer__commit(put_plain_number(to, column->kind, value) - to);
}

static void put_member(const struct damon_table *table, unsigned int nr,
		       const union damon_value *value, bool first)
{
	enum damon_kind kind = table->columns[nr].kind;
	char *begin = damon_buffer__reserve(), *to = begin;

	if (!first)
		*to++ = ',';
	memcpy(to, table->member[nr], DAMON_MEMBER_LEN);
	to += table->member_len[nr];
	if (kind == DAMON_TEXT) {
		damon_buffer__commit(to - begin);
		damon_output__put_text(value->text);
		return;
	}
	if (is_unknown(kind, value))
		to = stpcpy(to, "null");
	else
		to = put_plain_number(to, kind, value);
	damon_buffer__commit(to - begin);
}

/**
 * damon_table__scnprintf_title - print the title of a column
 * @table: the table
 * @column: index of the column
 * @buf: output buffer
 * @size: size of @buf
 *
 * Return: the number of characters printed.
 */
int damon_table__scnprintf_title(const struct damon_table *table, unsigned int column, char *buf,
				 size_t size)
{
	int width = table->columns[column].kind == DAMON_TEXT ? 0 : table->width[column];

	return scnprintf(buf, size, "%*s", width, table->columns[column].title);
}

/**
 * damon_table__scnprintf_value - print a value for people
 * @table: the table
 * @column: index of its column
 * @value: the value
 * @buf: output buffer
 * @size: size of @buf
 *
 * Return: the number of characters printed.
 */
int damon_table__scnprintf_value(const struct damon_table *table, unsigned int column,
				 const union damon_value *value, char *buf, size_t size)
{
	enum damon_kind kind = table->columns[column].kind;
	char number[DAMON_UNIT_LEN + 1];

	if (kind == DAMON_TEXT)
		return scnprintf(buf, size, "%s", value->text);
	*put_number(number, table->out, kind, value) = '\0';
	return scnprintf(buf, size, "%*s", table->width[column], number);
}

/**
 * damon_table__reset_width - reset columns to their width without rows
 * @table: the table
 */
void damon_table__reset_width(struct damon_table *table)
{
	size_t i;

	for (i = 0; i < table->nr; i++) {
		const struct damon_column *column = &table->columns[i];

		table->width[i] = column->kind == DAMON_TEXT ? (int)strlen(column->title) :
							       column->width;
	}
}

/**
 * damon_table__fit - widen columns to fit a row
 * @table: the table
 * @values: a row
 */
void damon_table__fit(struct damon_table *table, const union damon_value *values)
{
	char number[DAMON_UNIT_LEN];
	size_t i;
	int len;

	for (i = 0; i < table->nr; i++) {
		enum damon_kind kind = table->columns[i].kind;

		if (kind == DAMON_TEXT)
			len = strlen(values[i].text);
		else
			len = put_number(number, table->out, kind, &values[i]) - number;
		table->width[i] = max(table->width[i], len);
	}
}

/**
 * damon_table__open - begin a table, and print the titles
 * @table: the table
 */
void damon_table__open(const struct damon_table *table)
{
	struct damon_output *out = table->out;

	damon_output__open(out, table->name, '[');
	if (out->format == DAMON_JSON)
		return;
	if (out->format == DAMON_FIELDS)
		put_keys(table);
	else
		put_titles(table);
	damon_buffer__putc('\n');
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
		damon_buffer__puts(out->row_head);
	for (i = 0; i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];

		if (out->format == DAMON_JSON)
			put_member(table, nr, &values[nr], !i);
		else if (out->format == DAMON_FIELDS)
			put_field(out, &table->columns[nr], &values[nr]);
		else
			put_cell(table, nr, &values[nr], i == table->nr_shown - 1);
	}
	damon_output__close(out, '}');
	if (out->format != DAMON_JSON)
		damon_buffer__putc('\n');
}

/**
 * damon_table__close - end a table
 * @table: the table
 */
void damon_table__close(const struct damon_table *table)
{
	damon_output__close(table->out, ']');
	if (table->out->format != DAMON_JSON)
		damon_buffer__flush();
}
