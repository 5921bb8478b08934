/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_UNITS_H
#define __PERF_DAMON_UNITS_H

#include <stddef.h>
#include <linux/types.h>

/* Size of a buffer for any of the functions below. */
#define DAMON_UNIT_LEN	32

int damon_time__parse(const char *str, u64 *ns);
int damon_size__parse(const char *str, u64 *bytes);
int damon_count__parse(const char *str, u64 *count);
int damon_percent__parse(const char *str, u64 *millionths);
int damon_address__parse(const char *str, u64 *address);

char *damon_time__put(char *to, u64 ns);
char *damon_time__put_exact(char *to, u64 ns);
char *damon_size__put(char *to, u64 bytes);
char *damon_size__put_exact(char *to, u64 bytes);
/* The plural suffix of a noun that follows the number. */
static inline const char *damon_plural(u64 nr)
{
	return nr == 1 ? "" : "s";
}

char *damon_count__put(char *to, u64 count);
char *damon_hundredths__put(char *to, u64 hundredths);
char *damon_address__put(char *to, u64 address);

int damon_time__scnprintf(char *buf, size_t size, u64 ns);
int damon_time__scnprintf_seconds(char *buf, size_t size, u64 ns);
int damon_time__scnprintf_exact(char *buf, size_t size, u64 ns);
int damon_size__scnprintf(char *buf, size_t size, u64 bytes);
int damon_size__scnprintf_exact(char *buf, size_t size, u64 bytes);
int damon_count__scnprintf(char *buf, size_t size, u64 count);
int damon_hundredths__scnprintf(char *buf, size_t size, u64 hundredths);
int damon_address__scnprintf(char *buf, size_t size, u64 address);
int damon_percent__scnprintf(char *buf, size_t size, double ratio);
int damon_percent__scnprintf_exact(char *buf, size_t size, double ratio);

#endif /* __PERF_DAMON_UNITS_H */
