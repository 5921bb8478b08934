/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SYSFS_H
#define __PERF_DAMON_SYSFS_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/compiler.h>
#include <linux/types.h>

int damon_sysfs__check(bool and_events);
int damon_sysfs__lock(void);

int damon_sysfs__read(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int damon_sysfs__read_u64(u64 *value, const char *fmt, ...) __printf(2, 3);
int damon_sysfs__write(const char *fmt, ...) __printf(1, 2);
u64 damon_sysfs__inode(const char *file);

int damon_sysfs__find_tracepoint(const char *name, bool mount);

#endif /* __PERF_DAMON_SYSFS_H */
