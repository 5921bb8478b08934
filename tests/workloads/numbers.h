/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers and sizes on a command line; invalid ones end the program with a message */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define KIB	1024UL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

static double parse_number(const char *name, const char *text, char **end)
{
	double value = strtod(text, end);

	if (*end == text || !(value >= 0) || value > 1e15)
		errx(2, "--%s: '%s' does not begin with a number", name, text);
	return value;
}

static size_t parse_count(const char *name, const char *text)
{
	char *end;
	double value = parse_number(name, text, &end);

	if (*end || value > 1e9 || value != (size_t)value)
		errx(2, "--%s: '%s' is no whole number up to 1000000000", name, text);
	return value;
}

static size_t parse_size(const char *name, const char *text)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	double value = parse_number(name, text, &end);

	if (!*end)
		return value;
	unit = strchr(units, *end);
	if (!unit || end[1])
		errx(2, "--%s: '%s' is no size such as 64K, 8M, 1.5G, 1T", name, text);
	value *= 1UL << 10 * (unit - units + 1);
	if (value > 64.0 * 1024 * GIB)
		errx(2, "--%s: '%s' is more than 64T", name, text);
	return value;
}

#endif /* NUMBERS_H */
