// SPDX-License-Identifier: GPL-2.0
/*
 * What reports print: for people, as fields with a separator between them (-x), or as JSON (-j).
 * Tables have typed columns. Their rows are printed as they come, as a long record has millions of
 * them, or they are perf's hist entries: sorted, with a choice of columns (-F) and keys (-s).
 */
#include "output.h"
#include "errors.h"
#include "units.h"
#include "util/data-convert.h"
#include "util/debug.h"
#include "util/sample.h"
#include "util/symbol.h"
#include "util/thread.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* A comma if something is before, and the key, which members of a list do not have. */
static void put_key(struct damon_output *out, const char *key)
{
	if (out->comma[out->depth])
		putc_unlocked(',', stdout);
	out->comma[out->depth] = true;
	if (key) {
		putc_unlocked('"', stdout);
		fputs_unlocked(key, stdout);
		fputs_unlocked("\":", stdout);
	}
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
	if (out->depth + 1 < ARRAY_SIZE(out->comma))
		out->depth++;
	out->comma[out->depth] = false;
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
	if (out->depth && !--out->depth)
		putc_unlocked('\n', stdout);
}

static bool is_unknown(enum damon_kind kind, const union damon_value *value)
{
	return kind != DAMON_ADDRESS && kind != DAMON_RATIO && value->number == DAMON_UNKNOWN;
}

/* For programs: without units. */
static char *put_plain_number(char *to, enum damon_kind kind, const union damon_value *value)
{
	switch (kind) {
	case DAMON_RATIO:
		return to + scnprintf(to, DAMON_UNIT_LEN, "%.9g", 100 * value->ratio);
	case DAMON_HUNDREDTHS:
		return damon_hundredths__put(to, value->number);
	case DAMON_ADDRESS:
		return damon_address__put(to, value->number);
	case DAMON_TEXT:
	case DAMON_COUNT:
	case DAMON_SIZE:
	case DAMON_TIME:
	default:
		return damon_count__put(to, value->number);
	}
}

/* Addresses are texts: jq and JavaScript would round them, as their numbers have 53 bits. */
static char *put_json_number(char *to, enum damon_kind kind, const union damon_value *value)
{
	if (is_unknown(kind, value))
		return stpcpy(to, "null");
	if (kind != DAMON_ADDRESS)
		return put_plain_number(to, kind, value);
	*to++ = '"';
	to = damon_address__put(to, value->number);
	return stpcpy(to, "\"");
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

	put_json_number(text, kind, &value);
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
 * @out: the output; nothing is printed in JSON
 * @format: the text; among fields it gets a '#', unless it begins with one, and no empty line
 */
void damon_output__note(const struct damon_output *out, const char *format, ...)
{
	va_list args;

	if (out->format == DAMON_JSON)
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
	const char *sep = out->separator, *format = "%d%s%lu%s";
	FILE *file;

	if (out->format != DAMON_FIELDS)
		return 0;
	file = fmemopen(out->row_head, sizeof(out->row_head), "w");
	if (!file)
		return damon_out_of_memory();
	if (damon_target_id__is_address(target_id))
		format = "%d%s%#lx%s";
	fprintf(file, format, kdamond, sep, target_id, sep);
	if (pid)
		fprintf(file, "%d", pid);
	fputs(sep, file);
	put_field(out, comm ?: "", file);
	fclose(file);
	out->row_head_len = strnlen(out->row_head, sizeof(out->row_head));
	return 0;
}

/* Length of the UTF-8 character at @s, 0 if there is none. */
static int utf8_len(const unsigned char *s)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int len = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0, i;
	unsigned int c = len > 1 ? *s & (0x7f >> len) : *s;

	for (i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 63);
	}
	/* Neither longer than necessary, nor half of a character in UTF-16. */
	return c < least[len] || c > 0x10ffff || c >> 11 == 27 ? 0 : len;
}

/**
 * damon_output__make_printable - make a name safe for terminals and gnuplot
 * @name: an untrusted name of a process, a file or a host
 *
 * Control characters (also those of two bytes) and bytes that are not UTF-8 become question marks.
 */
void damon_output__make_printable(char *name)
{
	unsigned char *s = (unsigned char *)name;

	while (*s) {
		int len = utf8_len(s);
		bool control = len == 1 ? iscntrl(*s) : len == 2 && *s == 0xc2 && s[1] < 0xa0;

		if (!len || control)
			memset(s, '?', len ?: 1);
		s += len ?: 1;
	}
}

/**
 * damon_output__printable - copy a name, and make the copy printable
 * @name: the name
 *
 * Return: the copy, or NULL if out of memory.
 */
char *damon_output__printable(const char *name)
{
	char *copy = strdup(name);

	if (copy)
		damon_output__make_printable(copy);
	return copy;
}

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
		if (columns[i].key || out->format == DAMON_FOR_PEOPLE)
			table->shown[table->nr_shown++] = i;
	}
}

/* For people: options accept what is printed. */
static char *put_number(char *to, const struct damon_output *out, enum damon_kind kind,
			const union damon_value *value)
{
	if (is_unknown(kind, value))
		return stpcpy(to, "-");
	switch (kind) {
	case DAMON_HUNDREDTHS:
		return damon_hundredths__put(to, value->number);
	case DAMON_ADDRESS:
		return damon_address__put(to, value->number);
	case DAMON_SIZE:
		return damon_size__put(to, value->number, out->raw_numbers);
	case DAMON_TIME:
		return damon_time__put(to, value->number, out->raw_numbers);
	case DAMON_RATIO:
		return damon_percent__put(to, value->ratio, out->raw_numbers);
	case DAMON_TEXT:
	case DAMON_COUNT:
	default:
		return damon_count__put(to, value->number);
	}
}

/* Copies of a fixed size compile to a few instructions. No column of numbers is wider. */
static char *put_cell(char *to, const struct damon_table *table, unsigned int nr,
		      const union damon_value *value)
{
	char text[DAMON_UNIT_LEN];
	size_t len = put_number(text, table->out, table->columns[nr].kind, value) - text;
	size_t width = max_t(size_t, table->width[nr], len) + 2;

	memset(to, ' ', sizeof(text));
	memcpy(to + width - len, text, sizeof(text));
	return to + width;
}

static char *put_number_field(char *to, const struct damon_output *out, enum damon_kind kind,
			      const union damon_value *value)
{
	const char *sep;

	/* Usually a single character. */
	for (sep = out->separator; *sep; sep++)
		*to++ = *sep;
	return is_unknown(kind, value) ? to : put_plain_number(to, kind, value);
}

static char *put_number_member(char *to, const struct damon_column *column,
			       const union damon_value *value, bool first)
{
	if (!first)
		*to++ = ',';
	*to++ = '"';
	to = stpcpy(to, column->key);
	*to++ = '"';
	*to++ = ':';
	return put_json_number(to, column->kind, value);
}

/* Texts may have any length, and are not in tables with many rows. */
static void print_text(const struct damon_table *table, unsigned int nr, const char *text,
		       bool first, bool last)
{
	struct damon_output *out = table->out;

	if (out->format == DAMON_JSON) {
		printf("%s\"%s\":", first ? "" : ",", table->columns[nr].key);
		output_json_string(stdout, text);
	} else if (out->format == DAMON_FIELDS) {
		fputs(out->separator, stdout);
		put_field(out, text, stdout);
	} else if (!last) {
		printf("  %-*s", table->width[nr], text);
	} else if (*text) {
		printf("  %s", text);
	}
}

static void print_titles(const struct damon_table *table)
{
	size_t i;

	for (i = 0; i < table->nr_shown; i++) {
		const struct damon_column *column = &table->columns[table->shown[i]];
		int width = table->width[table->shown[i]];

		if (column->kind == DAMON_TEXT)
			print_text(table, table->shown[i], column->title, !i,
				   i == table->nr_shown - 1);
		else
			printf("  %*s", width, column->title);
	}
	printf("\n");
}

static void print_keys(const struct damon_table *table)
{
	const char *sep = table->out->separator;
	size_t i;

	printf("# kdamond%starget%spid%scomm", sep, sep, sep);
	for (i = 0; i < table->nr_shown; i++)
		printf("%s%s", sep, table->columns[table->shown[i]].key);
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

/* Write a part of a row, and begin the next one. */
static char *write_part(struct damon_output *out, char *part, const char *end)
{
	if (fwrite_unlocked(part, 1, end - part, stdout) < (size_t)(end - part))
		out->err = -errno;
	return part;
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
	if (out->format == DAMON_FIELDS)
		to = mempcpy(to, out->row_head, out->row_head_len);
	for (i = 0; i < table->nr_shown; i++) {
		unsigned int nr = table->shown[i];
		const struct damon_column *column = &table->columns[nr];

		if (column->kind == DAMON_TEXT) {
			to = write_part(out, part, to);
			print_text(table, nr, values[nr].text, !i, i == table->nr_shown - 1);
		} else if (out->format == DAMON_JSON) {
			to = put_number_member(to, column, &values[nr], !i);
		} else if (out->format == DAMON_FIELDS) {
			to = put_number_field(to, out, column->kind, &values[nr]);
		} else {
			to = put_cell(to, table, nr, &values[nr]);
		}
	}
	if (out->format != DAMON_JSON)
		*to++ = '\n';
	write_part(out, part, to);
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

/* Widen columns to fit a row. */
static void fit_width(struct damon_table *table, const union damon_value *values)
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

/* The width without rows. */
static void reset_width(struct damon_table *table)
{
	size_t i;

	for (i = 0; i < table->nr; i++) {
		const struct damon_column *column = &table->columns[i];

		table->width[i] = column->kind == DAMON_TEXT ? (int)strlen(column->title) :
							       column->width;
	}
}

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

static int column_width(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp __maybe_unused,
			struct hists *hists __maybe_unused)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);

	return damon_fmt->hists->table.width[damon_fmt->column];
}

static int print_entry(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp, struct hist_entry *he)
{
	const struct damon_fmt *damon_fmt = to_damon_fmt(fmt);
	const struct damon_table *table = &damon_fmt->hists->table;
	const union damon_value *value = &to_row(he)->values[damon_fmt->column];
	enum damon_kind kind = table->columns[damon_fmt->column].kind;
	char number[DAMON_UNIT_LEN];

	if (kind == DAMON_TEXT)
		return scnprintf(hpp->buf, hpp->size, "%s", value->text);
	put_number(number, table->out, kind, value);
	return scnprintf(hpp->buf, hpp->size, "%*s", table->width[damon_fmt->column], number);
}

static struct perf_hpp_fmt *init_fmt(struct damon_fmt *damon_fmt, struct damon_hists *hists,
				     unsigned int column)
{
	struct perf_hpp_fmt *fmt = &damon_fmt->fmt;

	damon_fmt->hists = hists;
	damon_fmt->column = column;
	INIT_LIST_HEAD(&fmt->list);
	INIT_LIST_HEAD(&fmt->sort_list);
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
	reset_width(table);

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
	reset_width(&hists->table);
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
		hists__output_resort(&hists->hists, NULL);
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
	fit_width(table, values);
	return 0;
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
	hists__output_resort(&hists->hists, NULL);
	if (hists->table.out->format == DAMON_FOR_PEOPLE) {
		print_titles(&hists->table);
		hists__fprintf(&hists->hists, false, 0, 0, 0, stdout, true);
	} else {
		print_rows(hists);
	}
	delete_rows(hists);
}
