/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SYSFS_H
#define __PERF_DAMON_SYSFS_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/compiler.h>
#include <linux/types.h>

struct damon_settings;

/**
 * struct damon_sysfs - DAMON's sysfs interface
 * @kdamonds: file descriptor of the directory /sys/kernel/mm/damon/admin/kdamonds
 */
struct damon_sysfs {
	int	kdamonds;
};

int damon_sysfs__open(struct damon_sysfs *sysfs, bool needs_tracepoint);
int damon_sysfs__lock(const struct damon_sysfs *sysfs);
void damon_sysfs__close(struct damon_sysfs *sysfs);

int damon_sysfs__read(const struct damon_sysfs *sysfs, const char *file, char *buf, size_t size);
int damon_sysfs__read_u64(const struct damon_sysfs *sysfs, const char *file, u64 *value);
int __printf(3, 4) damon_sysfs__write(const struct damon_sysfs *sysfs, const char *file,
				      const char *fmt, ...);
bool damon_sysfs__has(const struct damon_sysfs *sysfs, const char *file);

bool damon_sysfs__have_tracepoint(const char *name);

#endif /* __PERF_DAMON_SYSFS_H */
