// SPDX-License-Identifier: GPL-2.0
/*
 * Parse and print times, sizes and percentages such as 5ms, 1.5GiB and 50%. Sizes are parsed by
 * perf_atoll(). Numbers are not printed by printf(), which takes ten times as long: a report on a
 * long record prints many millions of them.
 */
#include "units.h"
#include "util/string2.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/time64.h>

struct unit {
	const char	*name;
	u64		scale;
};

/* In ascending order, as all units that are printed. */
static const struct unit time_units[] = {
	{ "ns",		1 },
	{ "us",		NSEC_PER_USEC },
	{ "ms",		NSEC_PER_MSEC },
	{ "s",		NSEC_PER_SEC },
	{ "min",	60 * NSEC_PER_SEC },
	{ "h",		3600 * NSEC_PER_SEC },
	{ }
};

/* Rounded times have no minutes and hours: 90.5s is easier to read than 1.51min. */
#define NR_ROUNDED_TIME_UNITS	4

static const struct unit size_units[] = {
	{ "B",		1 },
	{ "KiB",	1ULL << 10 },
	{ "MiB",	1ULL << 20 },
	{ "GiB",	1ULL << 30 },
	{ "TiB",	1ULL << 40 },
	{ "PiB",	1ULL << 50 },
};

static const struct unit percent_units[] = { { "%", 10000 }, { } };
static const struct unit no_units[] = { { "", 1 }, { } };

static u64 unit_scale(const struct unit *units, const char *name)
{
	for (; units->name; units++) {
		if (!strcmp(units->name, name))
			return units->scale;
	}
	return 0;
}

static int parse_units(const char *str, const struct unit *units, u64 *result)
{
	double fraction = 0;
	u64 whole, scale;
	char *end;

	if (!isdigit(*str))
		return -EINVAL;
	errno = 0;
	whole = strtoull(str, &end, 10);
	if (errno)
		return -ERANGE;
	if (*end == '.' && isdigit(end[1]))
		fraction = parse_decimals(end + 1, &end);
	scale = unit_scale(units, end);
	/* Zero is zero in every unit. */
	if (!scale && !*end && !whole && !fraction)
		scale = 1;
	if (!scale)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, scale, result) ||
	    __builtin_add_overflow(*result, (u64)(fraction * scale + 0.5), result))
		return -ERANGE;
	return 0;
}

/* A plain number is one of rows or pages elsewhere, so ask for a unit. */
static int parse_size(const char *str, u64 *bytes)
{
	s64 value = perf_atoll(str);

	if (value < 0 || strspn(str, "0123456789.") == strlen(str))
		return -EINVAL;
	*bytes = value;
	return 0;
}

static int parse_address(const char *str, u64 *address)
{
	char *end;

	if (strncasecmp(str, "0x", 2)) {
		if (!damon_number__parse(DAMON_COUNT, str, address))
			return 0;
		return parse_size(str, address);
	}
	if (!isxdigit(str[2]))
		return -EINVAL;
	errno = 0;
	*address = strtoull(str, &end, 16);
	if (*end)
		return -EINVAL;
	return errno ? -ERANGE : 0;
}

/**
 * damon_number__parse - parse a number and its unit
 * @kind: its type
 * @str: the text
 * @number: set to the number
 *
 * Return: 0, -EINVAL if it is not of this kind, -ERANGE if it is too big.
 */
int damon_number__parse(enum damon_kind kind, const char *str, u64 *number)
{
	switch (kind) {
	case DAMON_COUNT:
		return strchr(str, '.') ? -EINVAL : parse_units(str, no_units, number);
	case DAMON_ADDRESS:
		return parse_address(str, number);
	case DAMON_SIZE:
		return parse_size(str, number);
	case DAMON_TIME:
		return parse_units(str, time_units, number);
	case DAMON_RATIO:
		return parse_units(str, percent_units, number);
	case DAMON_TEXT:
	case DAMON_HUNDREDTHS:
	case DAMON_TIMESTAMP:
	default:
		return -EINVAL;
	}
}

/**
 * damon_range__split - split START-END
 * @str: the text, which then ends behind START
 *
 * Return: END, or NULL if there is not one dash.
 */
char *damon_range__split(char *str)
{
	char *end = strchr(str, '-');

	if (!end || strchr(end + 1, '-'))
		return NULL;
	*end = '\0';
	return end + 1;
}

/* Inlined for a constant base, by which numbers are divided much faster. */
static __always_inline char *put_digits(char *to, u64 number, unsigned int base)
{
	char *end = to + 1, *pos;
	u64 least;

	/* The least number with one more digit, as long as there is one. */
	for (least = base; number >= least; least *= base) {
		end++;
		if (least > -1ULL / base)
			break;
	}
	for (pos = end; pos > to; number /= base)
		*--pos = "0123456789abcdef"[number % base];
	*end = '\0';
	return end;
}

static char *put_address(char *to, u64 address)
{
	return put_digits(address ? stpcpy(to, "0x") : to, address, 16);
}

/* Up to two decimals, without trailing zeros: 5, 1.5, 10.02. */
static char *put_decimals(char *to, u64 whole, unsigned int hundredths)
{
	to = put_digits(to, whole, 10);
	if (hundredths) {
		*to++ = '.';
		*to++ = '0' + hundredths / 10;
	}
	if (hundredths % 10)
		*to++ = '0' + hundredths % 10;
	*to = '\0';
	return to;
}

static char *put_rounded(char *to, const struct unit *unit, size_t nr_units, u64 value)
{
	const struct unit *last = unit + nr_units - 1;
	unsigned int hundredths;
	u64 whole;

	while (unit < last && value >= unit[1].scale)
		unit++;
	whole = value / unit->scale;
	/* No overflow: the biggest scale is 2^50. */
	hundredths = (value % unit->scale * 100 + unit->scale / 2) / unit->scale;
	if (hundredths >= 100) {
		hundredths = 0;
		whole++;
	}
	/* 1023.999KiB is 1MiB, not 1024KiB. */
	if (unit < last && whole == unit[1].scale / unit->scale) {
		unit++;
		whole = 1;
	}
	return stpcpy(put_decimals(to, whole, hundredths), unit->name);
}

static char *put_time(char *to, u64 ns, bool exact)
{
	const struct unit *unit = time_units, *best = unit;

	if (!exact && !ns)
		return stpcpy(to, "0s");
	if (!exact)
		return put_rounded(to, time_units, NR_ROUNDED_TIME_UNITS, ns);
	for (; unit->name; unit++) {
		if (ns && ns % unit->scale == 0)
			best = unit;
	}
	return stpcpy(put_digits(to, ns / best->scale, 10), best->name);
}

/* Seconds, like perf script --ns. */
static char *put_timestamp(char *to, u64 ns)
{
	/* The digit in front keeps the zeros behind the point. */
	char *point = put_digits(to, ns / NSEC_PER_SEC, 10);
	char *end = put_digits(point, NSEC_PER_SEC + ns % NSEC_PER_SEC, 10);

	*point = '.';
	return end;
}

static char *put_size(char *to, u64 bytes, bool exact)
{
	if (exact)
		return stpcpy(put_digits(to, bytes, 10), "B");
	return put_rounded(to, size_units, ARRAY_SIZE(size_units), bytes);
}

/**
 * damon_number__put - print a number and its unit
 * @to: room for %DAMON_UNIT_LEN characters
 * @kind: its type, not DAMON_RATIO
 * @number: the number
 * @exact: not rounded; options accept it in any case
 *
 * Return: the end of the text, where there is a NUL.
 */
char *damon_number__put(char *to, enum damon_kind kind, u64 number, bool exact)
{
	switch (kind) {
	case DAMON_HUNDREDTHS:
		return put_decimals(to, number / 100, number % 100);
	case DAMON_ADDRESS:
		return put_address(to, number);
	case DAMON_SIZE:
		return put_size(to, number, exact);
	case DAMON_TIME:
		return put_time(to, number, exact);
	case DAMON_TIMESTAMP:
		return put_timestamp(to, number);
	case DAMON_TEXT:
	case DAMON_COUNT:
	case DAMON_RATIO:
	default:
		return put_digits(to, number, 10);
	}
}

/**
 * damon_number__format - print a number for damon_number__str()
 * @buf: room for %DAMON_UNIT_LEN characters
 * @kind: its type, not DAMON_RATIO
 * @number: the number
 * @exact: not rounded
 *
 * Return: @buf.
 */
const char *damon_number__format(char *buf, enum damon_kind kind, u64 number, bool exact)
{
	damon_number__put(buf, kind, number, exact);
	return buf;
}

/**
 * damon_percent__put - print a ratio as a percentage
 * @to: room for %DAMON_UNIT_LEN characters
 * @ratio: the ratio, 1 is 100%
 * @exact: as exactly as options accept it
 *
 * Return: the end of the text.
 */
char *damon_percent__put(char *to, double ratio, bool exact)
{
	return to + scnprintf(to, DAMON_UNIT_LEN, exact ? "%.6f%%" : "%.1f%%", 100 * ratio);
}
