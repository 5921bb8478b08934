/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_UNITS_H
#define __PERF_DAMON_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Size of a buffer for what is printed here, with the NUL at its end. */
#define DAMON_UNIT_LEN	32

int damon_time__parse(const char *str, u64 *ns);
int damon_size__parse(const char *str, u64 *bytes);
int damon_count__parse(const char *str, u64 *count);
int damon_percent__parse(const char *str, u64 *millionths);
int damon_address__parse(const char *str, u64 *address);
char *damon_range__split(char *str);

char *damon_count__put(char *to, u64 count);
char *damon_address__put(char *to, u64 address);
char *damon_hundredths__put(char *to, u64 hundredths);
char *damon_time__put(char *to, u64 ns, bool exact);
char *damon_size__put(char *to, u64 bytes, bool exact);
char *damon_percent__put(char *to, double ratio, bool exact);

/* The plural suffix of a noun that follows the number. */
static inline const char *damon_plural(u64 nr)
{
	return nr == 1 ? "" : "s";
}

#endif /* __PERF_DAMON_UNITS_H */
