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
#include <linux/kernel.h>
#include <linux/time64.h>

struct damon_unit {
	const char	*name;
	u64		scale;
};

/* In ascending order, like all others. */
static const struct damon_unit time_units[] = {
	{ "ns",		1 },
	{ "us",		NSEC_PER_USEC },
	{ "ms",		NSEC_PER_MSEC },
	{ "s",		NSEC_PER_SEC },
	{ "min",	60 * NSEC_PER_SEC },
	{ "h",		3600 * NSEC_PER_SEC },
	{ }
};

/* No minutes and hours: 90.5s is easier to read than 1.51min. */
static const struct damon_unit people_time_units[] = {
	{ "ns",		1 },
	{ "us",		NSEC_PER_USEC },
	{ "ms",		NSEC_PER_MSEC },
	{ "s",		NSEC_PER_SEC },
	{ }
};

static const struct damon_unit size_units[] = {
	{ "B",		1 },
	{ "KiB",	1ULL << 10 },
	{ "MiB",	1ULL << 20 },
	{ "GiB",	1ULL << 30 },
	{ "TiB",	1ULL << 40 },
	{ "PiB",	1ULL << 50 },
	{ }
};

static const struct damon_unit percent_units[] = {
	{ "%",		10000 },
	{ }
};

static const struct damon_unit no_units[] = {
	{ "",		1 },
	{ }
};

static u64 unit_scale(const struct damon_unit *units, const char *name)
{
	for (; units->name; units++) {
		if (!strcmp(units->name, name))
			return units->scale;
	}
	return 0;
}

static int parse_value(const char *str, const struct damon_unit *units, u64 *result)
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

/**
 * damon_time__parse - parse a time such as 5ms, 1.5s or 100us
 * @str: the text: a decimal number and one of ns, us, ms, s, min and h
 * @ns: the time in nanoseconds
 *
 * Return: 0, -EINVAL if it is not a time, -ERANGE if it is too long.
 */
int damon_time__parse(const char *str, u64 *ns)
{
	return parse_value(str, time_units, ns);
}

/**
 * damon_size__parse - parse a size such as 4096B, 1.5GiB or 2T
 * @str: the text, with a unit of perf_atoll()
 * @bytes: the size in bytes
 *
 * Return: 0, or -EINVAL if it is not a size, or too big.
 */
int damon_size__parse(const char *str, u64 *bytes)
{
	s64 value = perf_atoll(str);

	/* A plain number is one of rows or pages elsewhere, so ask for a unit. */
	if (value < 0 || strspn(str, "0123456789.") == strlen(str))
		return -EINVAL;
	*bytes = value;
	return 0;
}

/**
 * damon_count__parse - parse a plain number
 * @str: the text: digits
 * @count: the number
 *
 * Return: 0, -EINVAL if it is not a number, -ERANGE if it is too big.
 */
int damon_count__parse(const char *str, u64 *count)
{
	if (strchr(str, '.'))
		return -EINVAL;
	return parse_value(str, no_units, count);
}

/**
 * damon_percent__parse - parse a percentage such as 50% or 0.1%
 * @str: the text: a decimal number and a percent sign
 * @millionths: the ratio in millionths, 100% is 1000000
 *
 * Return: 0, -EINVAL if it is not a percentage, -ERANGE if it is too big.
 */
int damon_percent__parse(const char *str, u64 *millionths)
{
	return parse_value(str, percent_units, millionths);
}

/**
 * damon_address__parse - parse an address such as 0x7f0000001000, 4096 or 1.5GiB
 * @str: the text: a hexadecimal number with 0x, a decimal one, or a size
 * @address: the address
 *
 * Return: 0, -EINVAL if it is not an address, -ERANGE if it is too big.
 */
int damon_address__parse(const char *str, u64 *address)
{
	char *end;

	if (strncasecmp(str, "0x", 2)) {
		if (!damon_count__parse(str, address))
			return 0;
		return damon_size__parse(str, address);
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

/* The fls64() of tools/ takes as long as formatting the digits. */
static unsigned int nr_bits(u64 value)
{
	return 64 - __builtin_clzll(value | 1);
}

static unsigned int nr_decimals(u64 value)
{
	static const u64 powers[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
		10000000000000000000ULL,
	};
	/* log10(2) is about 1233 / 4096 */
	unsigned int nr = nr_bits(value) * 1233 >> 12;

	return nr + (value >= powers[nr]);
}

/**
 * damon_count__put - print a plain number
 * @to: room for %DAMON_UNIT_LEN characters, as in all functions that follow
 * @count: the number
 *
 * Return: the end of the text, where there is a NUL.
 */
char *damon_count__put(char *to, u64 count)
{
	char *end = to + nr_decimals(count), *pos = end;

	/* Two digits for each division. */
	for (; count >= 10; count /= 100) {
		unsigned int two = count % 100;

		*--pos = '0' + two % 10;
		*--pos = '0' + two / 10;
	}
	if (pos > to)
		*to = '0' + count;
	*end = '\0';
	return end;
}

/**
 * damon_address__put - print an address
 * @to: where to
 * @address: the address
 *
 * Return: the end of the text.
 */
char *damon_address__put(char *to, u64 address)
{
	char *end, *pos;

	if (address) {
		*to++ = '0';
		*to++ = 'x';
	}
	end = to + DIV_ROUND_UP(nr_bits(address), 4);
	for (pos = end; pos > to; address >>= 4)
		*--pos = "0123456789abcdef"[address & 15];
	*end = '\0';
	return end;
}

/* Up to two decimals, without trailing zeros. */
static char *put_decimals(char *to, unsigned int hundredths)
{
	if (hundredths) {
		*to++ = '.';
		*to++ = '0' + hundredths / 10;
	}
	if (hundredths % 10)
		*to++ = '0' + hundredths % 10;
	*to = '\0';
	return to;
}

/**
 * damon_hundredths__put - print a number with up to two decimals, without trailing zeros
 * @to: where to
 * @hundredths: a hundred times the number
 *
 * Return: the end of the text.
 */
char *damon_hundredths__put(char *to, u64 hundredths)
{
	return put_decimals(damon_count__put(to, hundredths / 100), hundredths % 100);
}

/* Up to two decimals, without trailing zeros: 5ms, 1.5GiB, 10.02s. */
static char *put_rounded(char *to, const struct damon_unit *units, u64 value)
{
	const struct damon_unit *unit = units;
	unsigned int hundredths;
	u64 whole;

	while (unit[1].name && value >= unit[1].scale)
		unit++;
	whole = value / unit->scale;
	/* No overflow: the biggest scale is 2^50. */
	hundredths = (value % unit->scale * 100 + unit->scale / 2) / unit->scale;
	if (hundredths >= 100) {
		hundredths = 0;
		whole++;
	}
	/* 1023.999KiB is 1MiB, not 1024KiB. */
	if (unit[1].name && whole == unit[1].scale / unit->scale) {
		unit++;
		whole = 1;
	}
	return stpcpy(put_decimals(damon_count__put(to, whole), hundredths), unit->name);
}

/**
 * damon_time__put - print a time
 * @to: where to
 * @ns: the time in nanoseconds
 * @exact: not rounded, for damon_time__parse()
 *
 * Return: the end of the text.
 */
char *damon_time__put(char *to, u64 ns, bool exact)
{
	const struct damon_unit *unit = time_units, *best = unit;

	if (!exact)
		return ns ? put_rounded(to, people_time_units, ns) : stpcpy(to, "0s");
	for (; unit->name; unit++) {
		if (ns && ns % unit->scale == 0)
			best = unit;
	}
	return stpcpy(damon_count__put(to, ns / best->scale), best->name);
}

/**
 * damon_size__put - print a size
 * @to: where to
 * @bytes: the size in bytes
 * @exact: not rounded, for damon_size__parse()
 *
 * Return: the end of the text.
 */
char *damon_size__put(char *to, u64 bytes, bool exact)
{
	if (!exact)
		return put_rounded(to, size_units, bytes);
	return stpcpy(damon_count__put(to, bytes), "B");
}

/**
 * damon_percent__put - print a ratio as a percentage
 * @to: where to
 * @ratio: the ratio, 1 is 100%
 * @exact: as exactly as options accept it
 *
 * Return: the end of the text.
 */
char *damon_percent__put(char *to, double ratio, bool exact)
{
	return to + scnprintf(to, DAMON_UNIT_LEN, exact ? "%.6f%%" : "%.1f%%", 100 * ratio);
}
