/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ATTR_H
#define __PERF_DAMON_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_settings;

/* Not given: the kernel's default is used, if the kernel has the attribute at all. */
#define DAMON_ATTR_NONE		((u64)-1)

/**
 * struct damon_attr - an attribute of monitoring
 * @name: name of the option, on the command line and in perf.data
 * @file: path of its sysfs file below monitoring_attrs
 * @offset: offset of its value in struct damon_settings
 * @initial: default value; DAMON_ATTR_NONE if not every kernel has the file
 * @min: minimum value
 * @unit: unit of the number in the file; for times, in nanoseconds
 * @is_time: the value is a time in nanoseconds, not a number
 * @of_address_spaces: only for virtual address spaces, not for physical memory
 */
struct damon_attr {
	const char	*name;
	const char	*file;
	size_t		offset;
	u64		initial;
	u64		min;
	u64		unit;
	bool		is_time;
	bool		of_address_spaces;
};

#define DAMON_NR_ATTRS	6
extern const struct damon_attr damon_attrs[DAMON_NR_ATTRS];

#define damon_attr__for_each(attr)	\
	for (attr = damon_attrs; attr < damon_attrs + DAMON_NR_ATTRS; attr++)

const struct damon_attr *damon_attr__find(const char *name);
u64 damon_attr__get(const struct damon_attr *attr, const struct damon_settings *settings);
void damon_attr__set(const struct damon_attr *attr, struct damon_settings *settings, u64 value);
bool damon_attr__is_optional(const struct damon_attr *attr);

int damon_attr__parse(const struct damon_attr *attr, const char *str, u64 *value);
int damon_attr__scnprintf(const struct damon_attr *attr, char *buf, size_t size, u64 value);

#endif /* __PERF_DAMON_ATTR_H */
