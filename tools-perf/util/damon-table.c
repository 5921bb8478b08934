// SPDX-License-Identifier: GPL-2.0
/*
 * Reports as rows of values: what they are is known until they are printed.
 */
#include "damon-table.h"
#include "damon-units.h"

#include <stdio.h>
#include <linux/kernel.h>

static void print_cell(const struct damon_column *column, const char *text, bool last)
{
	if (column->kind != DAMON_TEXT)
		printf("  %*s", column->width, text);
	else if (last)
		printf("%s%s", *text ? "  " : "", text);
	else
		printf("  %-*s", column->width, text);
}

static const char *format(char *buf, size_t size, enum damon_kind kind,
			  const union damon_value *value)
{
	switch (kind) {
	case DAMON_TEXT:
		return value->text;
	case DAMON_COUNT:
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

/**
 * damon_table__print_head - print the titles
 * @columns: the columns
 * @nr: how many there are
 */
void damon_table__print_head(const struct damon_column *columns, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		print_cell(&columns[i], columns[i].title, i == nr - 1);
	putchar('\n');
}

/**
 * damon_table__print_row - print a row
 * @columns: the columns
 * @nr: how many there are
 * @values: a value for each
 */
void damon_table__print_row(const struct damon_column *columns, size_t nr,
			    const union damon_value *values)
{
	char buf[DAMON_UNIT_LEN];
	size_t i;

	for (i = 0; i < nr; i++)
		print_cell(&columns[i], format(buf, sizeof(buf), columns[i].kind, &values[i]),
			   i == nr - 1);
	putchar('\n');
}
