// SPDX-License-Identifier: GPL-2.0
/*
 * Table of the monitoring attributes. Options and their checks, sysfs files and the command line
 * in perf.data are derived from it.
 */
#include "attr.h"
#include "settings.h"
#include "units.h"

#include <errno.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#define DAMON_TIME(_name, _file, _field, _initial)					\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = NSEC_PER_USEC, .unit = NSEC_PER_USEC, .is_time = true }
#define DAMON_COUNT(_name, _file, _field, _initial, _min)				\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = _min, .unit = 1 }

const struct damon_attr damon_attrs[DAMON_NR_ATTRS] = {
	DAMON_TIME("sample", "intervals/sample_us", sample_ns, 5 * NSEC_PER_MSEC),
	DAMON_TIME("aggr", "intervals/aggr_us", aggr_ns, 100 * NSEC_PER_MSEC),
	DAMON_TIME("update", "intervals/update_us", update_ns, NSEC_PER_SEC),
	/* An address space starts as three regions: the kernel refuses a smaller number. */
	DAMON_COUNT("min-regions", "nr_regions/min", min_regions, 10, 3),
	DAMON_COUNT("max-regions", "nr_regions/max", max_regions, 1000, 3),
	{ .name = "tlb-flushes", .file = "max_tlb_flushes",
	  .offset = offsetof(struct damon_settings, tlb_flushes), .initial = DAMON_ATTR_NONE,
	  .unit = 1, .of_address_spaces = true },
};

/**
 * damon_attr__find - find an attribute by the name of its option
 * @name: the name
 *
 * Return: the attribute or NULL.
 */
const struct damon_attr *damon_attr__find(const char *name)
{
	const struct damon_attr *attr;

	damon_attr__for_each(attr) {
		if (!strcmp(attr->name, name))
			return attr;
	}
	return NULL;
}

/**
 * damon_attr__get - get the value of an attribute
 * @attr: the attribute
 * @settings: the settings to read from
 */
u64 damon_attr__get(const struct damon_attr *attr, const struct damon_settings *settings)
{
	return *(const u64 *)((const void *)settings + attr->offset);
}

/**
 * damon_attr__set - set the value of an attribute
 * @attr: the attribute
 * @settings: the settings to write to
 * @value: the value
 */
void damon_attr__set(const struct damon_attr *attr, struct damon_settings *settings, u64 value)
{
	*(u64 *)((void *)settings + attr->offset) = value;
}

/**
 * damon_attr__is_optional - tell whether some kernels lack the attribute
 * @attr: the attribute
 */
bool damon_attr__is_optional(const struct damon_attr *attr)
{
	return attr->initial == DAMON_ATTR_NONE;
}

/**
 * damon_attr__parse - read the value of an attribute
 * @attr: the attribute
 * @str: the text
 * @value: set to the value
 *
 * Return: 0, -EINVAL if @str is not a value, -ERANGE if it is too big.
 */
int damon_attr__parse(const struct damon_attr *attr, const char *str, u64 *value)
{
	int err = attr->is_time ? damon_time__parse(str, value) : damon_count__parse(str, value);

	return err ?: *value == DAMON_ATTR_NONE ? -ERANGE : 0;
}

/**
 * damon_attr__scnprintf - print a value in the form that damon_attr__parse() reads
 * @attr: the attribute
 * @buf: the buffer
 * @size: its size
 * @value: the value
 *
 * Return: the number of characters printed.
 */
int damon_attr__scnprintf(const struct damon_attr *attr, char *buf, size_t size, u64 value)
{
	char text[DAMON_UNIT_LEN];

	if (attr->is_time)
		damon_time__put(text, value, /*exact=*/true);
	else
		damon_count__put(text, value);
	return scnprintf(buf, size, "%s", text);
}
