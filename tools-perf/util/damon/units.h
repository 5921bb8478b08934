/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_UNITS_H
#define __PERF_DAMON_UNITS_H

#include <stdbool.h>
#include <linux/types.h>

/* Size of a buffer for what is printed here, with the NUL at its end. */
#define DAMON_UNIT_LEN	32

/**
 * enum damon_kind - types of values
 * @DAMON_TEXT: a text, no number
 * @DAMON_COUNT: a plain number: 1000
 * @DAMON_HUNDREDTHS: a hundred times a number with up to two decimals: 19.75; only printed
 * @DAMON_ADDRESS: an address: 0x7f0000001000; parsed also if decimal, or a size
 * @DAMON_SIZE: bytes: 4096B, 1.5GiB; parsed with the units of perf_atoll()
 * @DAMON_TIME: nanoseconds: 5ms, 1.5s; parsed with one of ns, us, ms, s, min and h
 * @DAMON_TIMESTAMP: a time of the record's clock, in nanoseconds: 12.345678901; only printed
 * @DAMON_RATIO: a percentage: 0.1%; parsed as millionths of the whole, printed from a double
 */
enum damon_kind {
	DAMON_TEXT,
	DAMON_COUNT,
	DAMON_HUNDREDTHS,
	DAMON_ADDRESS,
	DAMON_SIZE,
	DAMON_TIME,
	DAMON_TIMESTAMP,
	DAMON_RATIO,
};

int damon_number__parse(enum damon_kind kind, const char *str, u64 *number);
char *damon_range__split(char *str);

char *damon_number__put(char *to, enum damon_kind kind, u64 number, bool exact);
char *damon_percent__put(char *to, double ratio, bool exact);
const char *damon_number__format(char *buf, enum damon_kind kind, u64 number, bool exact);

/* A number as a text that is valid until the end of the block. */
#define damon_number__str(kind, number, exact)	\
	damon_number__format((char [DAMON_UNIT_LEN]) {}, kind, number, exact)

/* The plural suffix of a noun that follows the number. */
static inline const char *damon_plural(u64 nr)
{
	return nr == 1 ? "" : "s";
}

#endif /* __PERF_DAMON_UNITS_H */
