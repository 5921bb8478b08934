// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON's settings: what to monitor, and how. As text they are options, also in perf.data.
 */
#include "../array.h"
#include "../name.h"
#include "settings.h"
#include "../units.h"
#include "util/debug.h"
#include "util/intlist.h"
#include "util/strbuf.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define ATTR_TIME(_name, _file, _field, _initial)					\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = NSEC_PER_USEC, .unit = NSEC_PER_USEC, .kind = DAMON_TIME }
#define ATTR_COUNT(_name, _file, _field, _initial, _min)				\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = _min, .unit = 1, .kind = DAMON_COUNT }

/* Options and their checks, sysfs files and the text in perf.data are derived from this table. */
const struct damon_attr damon_attrs[DAMON_NR_ATTRS] = {
	ATTR_TIME("sample", "intervals/sample_us", sample_ns, 5 * NSEC_PER_MSEC),
	ATTR_TIME("aggr", "intervals/aggr_us", aggr_ns, 100 * NSEC_PER_MSEC),
	ATTR_TIME("update", "intervals/update_us", update_ns, NSEC_PER_SEC),
	/* An address space starts as three regions: the kernel refuses a smaller number. */
	ATTR_COUNT("min-regions", "nr_regions/min", min_regions, 10, 3),
	ATTR_COUNT("max-regions", "nr_regions/max", max_regions, 1000, 3),
	{ .name = "tlb-flushes", .file = "max_tlb_flushes",
	  .offset = offsetof(struct damon_settings, tlb_flushes), .initial = DAMON_ATTR_NONE,
	  .unit = 1, .kind = DAMON_COUNT, .of_address_spaces = true },
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
 * damon_attr__parse - read the value of an attribute
 * @attr: the attribute
 * @str: the text
 * @value: set to the value
 *
 * Return: 0, -EINVAL if @str is not a value, -ERANGE if it is too big.
 */
int damon_attr__parse(const struct damon_attr *attr, const char *str, u64 *value)
{
	int err = damon_number__parse(attr->kind, str, value);

	return err ?: *value == DAMON_ATTR_NONE ? -ERANGE : 0;
}

/**
 * damon_attr__set - set an attribute, if the value makes sense
 * @attr: the attribute
 * @settings: where it is set
 * @where: where the value was given: an option, or a key in a file
 * @str: the value
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_attr__set(const struct damon_attr *attr, struct damon_settings *settings,
		    const char *where, const char *str)
{
	u64 value;
	int err = damon_attr__parse(attr, str, &value);

	if (err == -ERANGE) {
		pr_err("%s: '%s' is too big\n", where, str);
	} else if (err) {
		pr_err("%s: '%s' is not a %s\n", where, str,
		       attr->kind != DAMON_TIME ? "number" :
		       "time: give a number and a unit, such as 100us, 5ms or 1s");
	} else if (value < attr->min) {
		pr_err("%s: '%s' is too small: %s is the least\n", where, str,
		       damon_number__str(attr->kind, attr->min, /*exact=*/true));
		err = -ERANGE;
	} else {
		/* Times in sysfs are whole microseconds: record what the kernel uses. */
		damon_attr__value(attr, settings) = value - value % attr->unit;
	}
	return err;
}

/**
 * damon_settings__check - check attributes against each other
 * @settings: the settings
 * @where: where they were given, such as "FILE: "
 * @prefix: what their names begin with there
 *
 * Return: the name of a wrong one, after printing an error, or NULL.
 */
const char *damon_settings__check(const struct damon_settings *settings, const char *where,
				  const char *prefix)
{
	static const struct {
		const char *name, *least, *relation;
	} checks[] = {
		{ "aggr", "sample", "shorter" },
		{ "max-regions", "min-regions", "less" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		const struct damon_attr *attr = damon_attr__find(checks[i].name);
		u64 value = damon_attr__value(attr, settings);
		u64 least = damon_attr__value(damon_attr__find(checks[i].least), settings);

		if (value >= least)
			continue;
		pr_err("%s%s%s: %s is %s than %s%s, %s\n", where, prefix, attr->name,
		       damon_number__str(attr->kind, value, /*exact=*/true), checks[i].relation,
		       prefix, checks[i].least,
		       damon_number__str(attr->kind, least, /*exact=*/true));
		return attr->name;
	}
	return NULL;
}

/**
 * damon_ranges__exit - free the ranges
 * @ranges: the ranges, empty afterwards
 */
void damon_ranges__exit(struct damon_ranges *ranges)
{
	zfree(&ranges->range);
	ranges->nr = 0;
}

/**
 * damon_ranges__add - append a range
 * @ranges: the ranges
 * @start: start address
 * @end: end address, exclusive
 *
 * Return: 0, -ENOMEM, or -EINVAL if the range is empty or starts before the end of the last one.
 */
int damon_ranges__add(struct damon_ranges *ranges, u64 start, u64 end)
{
	struct damon_range *range;

	if (start >= end || (ranges->nr && start < ranges->range[ranges->nr - 1].end))
		return -EINVAL;
	range = reallocarray(ranges->range, ranges->nr + 1, sizeof(*range));
	if (!range)
		return -ENOMEM;
	range[ranges->nr++] = (struct damon_range){ start, end };
	ranges->range = range;
	return 0;
}

/* START-END */
static int parse_range(struct damon_ranges *ranges, char *str)
{
	char *dash = damon_range__split(str);
	u64 start, end;
	int err;

	if (!dash)
		return -EINVAL;
	err = damon_number__parse(DAMON_ADDRESS, str, &start) ?:
	      damon_number__parse(DAMON_ADDRESS, dash, &end);
	return err ?: damon_ranges__add(ranges, start, end);
}

/**
 * damon_ranges__parse - parse ranges such as 0x100000-0x200000,4GiB-5GiB
 * @ranges: where the ranges are appended
 * @str: the text
 *
 * Return: 0, -ENOMEM, or -EINVAL if the syntax or the order is wrong.
 */
int damon_ranges__parse(struct damon_ranges *ranges, const char *str)
{
	char *copy = strdup(str), *rest = copy, *part;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (part = strsep(&rest, ",")))
		err = parse_range(ranges, part);
	free(copy);
	return err;
}

/**
 * damon_ranges__print - print ranges for damon_ranges__parse()
 * @ranges: the ranges
 * @to: what the text is added to
 *
 * Return: 0 or -ENOMEM.
 */
int damon_ranges__print(const struct damon_ranges *ranges, struct strbuf *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ranges->nr; i++)
		err = strbuf_addf(to, "%s%#" PRIx64 "-%#" PRIx64, i ? "," : "",
				  ranges->range[i].start, ranges->range[i].end);
	return err ? -ENOMEM : 0;
}

/*
 * A line is START-END : WHAT, in hexadecimal without 0x. END is inclusive. Memory that was added by
 * a driver, such as that of CXL, is below another resource, with the name of the driver.
 */
static int add_memory(struct damon_ranges *ranges, const char *line)
{
	unsigned long long start, end, page_size = sysconf(_SC_PAGESIZE);
	char what[32];

	if (sscanf(line, "%llx-%llx : %31[^\n]", &start, &end, what) != 3 ||
	    (strcmp(what, "System RAM") && !strstarts(what, "System RAM (")))
		return 0;
	start = round_up(start, page_size);
	end = round_down(end + 1, page_size);
	return start < end ? damon_ranges__add(ranges, start, end) : 0;
}

/**
 * damon_ranges__read_iomem - add all System RAM
 * @ranges: the ranges
 * @iomem: /proc/iomem
 *
 * Return: 0 or a negative error number, -ENOENT if no address is known: root only sees them.
 */
int damon_ranges__read_iomem(struct damon_ranges *ranges, FILE *iomem)
{
	char line[256];
	int err = 0;

	while (!err && fgets(line, sizeof(line), iomem))
		err = add_memory(ranges, line);
	return err ?: ranges->nr ? 0 : -ENOENT;
}

/**
 * damon_settings__init - set the defaults
 * @settings: what to set
 */
void damon_settings__init(struct damon_settings *settings)
{
	const struct damon_attr *attr;

	*settings = (struct damon_settings){ .ops = "vaddr" };
	damon_attr__for_each(attr)
		damon_attr__value(attr, settings) = attr->initial;
}

/**
 * damon_settings__exit - free what the settings own
 * @settings: the settings
 */
void damon_settings__exit(struct damon_settings *settings)
{
	damon_settings__clear_pids(settings);
	while (settings->nr_schemes)
		damon_scheme__exit(&settings->scheme[--settings->nr_schemes]);
	zfree(&settings->scheme);
	zfree(&settings->pids);
	settings->max_pids = 0;
	damon_ranges__exit(&settings->ranges);
}

/**
 * damon_settings__is_physical - check whether physical memory is monitored, not processes
 * @settings: the settings
 */
bool damon_settings__is_physical(const struct damon_settings *settings)
{
	return !strcmp(settings->ops, "paddr");
}

/**
 * damon_settings__samples - compute how many samples there are in an aggregation interval
 * @settings: the settings; the intervals of a kdamond that is off may be anything, also 0
 *
 * Return: the number, at least 1.
 */
u32 damon_settings__samples(const struct damon_settings *settings)
{
	u64 samples = settings->sample_ns ? settings->aggr_ns / settings->sample_ns : 1;

	return clamp(samples, (u64)1, (u64)UINT_MAX);
}

/**
 * damon_settings__find_memory - set the ranges of physical memory to all System RAM, unless given
 * @settings: the settings
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_settings__find_memory(struct damon_settings *settings)
{
	char path[PATH_MAX];
	FILE *iomem;
	int err;

	if (!damon_settings__is_physical(settings) || settings->ranges.nr)
		return 0;
	settings->all_memory = true;
	scnprintf(path, sizeof(path), "%s/iomem", procfs__mountpoint());
	iomem = fopen(path, "r");
	err = iomem ? damon_ranges__read_iomem(&settings->ranges, iomem) : -errno;
	if (iomem)
		fclose(iomem);
	if (err)
		pr_err("cannot find the system's memory in %s: %s\n", path, strerror(-err));
	return err;
}

/**
 * damon_settings__clear_pids - remove all processes
 * @settings: the settings
 */
void damon_settings__clear_pids(struct damon_settings *settings)
{
	settings->nr_pids = 0;
	intlist__delete(settings->known_pids);
	settings->known_pids = NULL;
}

/**
 * damon_settings__add_pid - add a process, unless it is there already
 * @settings: the settings
 * @pid: the process
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__add_pid(struct damon_settings *settings, pid_t pid)
{
	int err;

	if (!settings->known_pids)
		settings->known_pids = intlist__new(NULL);
	if (!settings->known_pids)
		return -ENOMEM;
	if (settings->nr_pids == settings->max_pids &&
	    damon_array__grow(&settings->pids, &settings->max_pids))
		return -ENOMEM;
	err = intlist__add(settings->known_pids, pid);
	if (err)
		return err == -EEXIST ? 0 : -ENOMEM;
	settings->pids[settings->nr_pids++] = pid;
	return 0;
}

/**
 * damon_settings__append_pid - add the process of the next target_id
 * @settings: the settings
 * @pid: the process, which is not in them, or 0: that target is none
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__append_pid(struct damon_settings *settings, pid_t pid)
{
	if (pid)
		return damon_settings__add_pid(settings, pid);
	if (settings->nr_pids == settings->max_pids &&
	    damon_array__grow(&settings->pids, &settings->max_pids))
		return -ENOMEM;
	settings->pids[settings->nr_pids++] = 0;
	return 0;
}

static int parse_pids(struct damon_settings *settings, const char *str, long least)
{
	char *end;
	long pid;

	do {
		errno = 0;
		pid = strtol(str, &end, 10);
		if (end == str || errno || pid < least || pid > INT_MAX || (*end && *end != ','))
			return -EINVAL;
		if (damon_settings__append_pid(settings, pid))
			return -ENOMEM;
		str = end + 1;
	} while (*end);
	return 0;
}

/**
 * damon_settings__parse_pids - add processes
 * @settings: the settings
 * @str: the processes, such as 123,456
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int damon_settings__parse_pids(struct damon_settings *settings, const char *str)
{
	return parse_pids(settings, str, 1);
}

/**
 * damon_settings__print_pids - print the processes for damon_settings__parse_pids()
 * @settings: the settings
 * @to: what the text is added to
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__print_pids(const struct damon_settings *settings, struct strbuf *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < settings->nr_pids; i++)
		err = strbuf_addf(to, "%s%d", i ? "," : "", settings->pids[i]);
	return err ? -ENOMEM : 0;
}

/**
 * damon_settings__add_scheme - add a scheme
 * @settings: the settings
 * @scheme: the scheme, which belongs to the settings then
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__add_scheme(struct damon_settings *settings, const struct damon_scheme *scheme)
{
	struct damon_scheme *new = reallocarray(settings->scheme, settings->nr_schemes + 1,
						sizeof(*new));

	if (!new)
		return -ENOMEM;
	settings->scheme = new;
	new[settings->nr_schemes++] = *scheme;
	return 0;
}

/**
 * damon_settings__print_schemes - print the schemes as options
 * @settings: the settings
 * @to: what the text is added to
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__print_schemes(const struct damon_settings *settings, struct strbuf *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < settings->nr_schemes; i++)
		err = strbuf_addstr(to, " --scheme ") ?:
		      damon_scheme__print(&settings->scheme[i], to);
	return err ? -ENOMEM : 0;
}

/**
 * damon_settings__scnprintf - print the operations and attributes as options
 * @settings: the settings
 * @buf: output buffer
 * @size: size of @buf, DAMON_SETTINGS_LEN is enough
 *
 * Return: the number of characters printed.
 */
int damon_settings__scnprintf(const struct damon_settings *settings, char *buf, size_t size)
{
	const struct damon_attr *attr;
	u64 value;
	int len;

	len = scnprintf(buf, size, "--ops %s", settings->ops);
	damon_attr__for_each(attr) {
		value = damon_attr__value(attr, settings);
		if (value == DAMON_ATTR_NONE)
			continue;
		len += scnprintf(buf + len, size - len, " --%s %s", attr->name,
				 damon_number__str(attr->kind, value, /*exact=*/true));
	}
	return len;
}

/**
 * damon_settings__print - print all settings as options: the operations, attributes, and targets
 * @settings: the settings
 * @to: what the text is added to
 *
 * Return: 0 or -ENOMEM.
 */
int damon_settings__print(const struct damon_settings *settings, struct strbuf *to)
{
	char attrs[DAMON_SETTINGS_LEN];
	int err;

	damon_settings__scnprintf(settings, attrs, sizeof(attrs));
	err = strbuf_addstr(to, attrs);
	if (!err && settings->max_children)
		err = strbuf_addf(to, " --max-children %" PRIu64, settings->max_children);
	err = err ?: damon_settings__print_schemes(settings, to);
	err = err ?: strbuf_addstr(to, settings->nr_pids ? " -p " : "");
	err = err ?: damon_settings__print_pids(settings, to);
	err = err ?: strbuf_addstr(to, settings->ranges.nr ? " --ranges " : "");
	return err ?: damon_ranges__print(&settings->ranges, to);
}

static int parse_scheme(struct damon_settings *settings, const char *spec)
{
	struct damon_scheme scheme;
	int err = damon_scheme__parse(&scheme, spec);

	if (err)
		return err;
	err = damon_settings__add_scheme(settings, &scheme);
	if (err)
		damon_scheme__exit(&scheme);
	return err;
}

/**
 * damon_settings__parse_recorded - parse an option as damon_settings__print() prints it
 * @settings: what it is added to
 * @option: the option; unknown ones, of other versions, are ignored
 * @value: its value
 *
 * Return: 0, or a negative error number if the value is wrong.
 */
int damon_settings__parse_recorded(struct damon_settings *settings, const char *option,
				   const char *value)
{
	const struct damon_attr *attr;

	if (!strcmp(option, "-p"))
		return parse_pids(settings, value, 0);
	if (!strcmp(option, "--max-children"))
		return damon_number__parse(DAMON_COUNT, value, &settings->max_children);
	if (!strcmp(option, "--ranges"))
		return damon_ranges__parse(&settings->ranges, value);
	if (!strcmp(option, "--scheme"))
		return parse_scheme(settings, value);
	if (!strcmp(option, "--ops")) {
		scnprintf(settings->ops, sizeof(settings->ops), "%s", value);
		damon_name__make_printable(settings->ops);
		return 0;
	}
	attr = strstarts(option, "--") ? damon_attr__find(option + strlen("--")) : NULL;
	return attr ? damon_attr__parse(attr, value, &damon_attr__value(attr, settings)) : 0;
}
