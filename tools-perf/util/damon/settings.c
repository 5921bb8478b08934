// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON's settings: parsed from options, checked, and printed as options.
 */
#include "array.h"
#include "output.h"
#include "settings.h"
#include "units.h"
#include "util/debug.h"
#include "util/intlist.h"
#include "util/strbuf.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define DAMON_TIME(_name, _file, _field, _initial)					\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = NSEC_PER_USEC, .unit = NSEC_PER_USEC, .is_time = true }
#define DAMON_COUNT(_name, _file, _field, _initial, _min)				\
	{ .name = _name, .file = _file, .offset = offsetof(struct damon_settings, _field),	\
	  .initial = _initial, .min = _min, .unit = 1 }

/* Options and their checks, sysfs files and the text in perf.data are derived from this table. */
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

static int scnprintf_attr(const struct damon_attr *attr, char *buf, size_t size, u64 value)
{
	char text[DAMON_UNIT_LEN];

	if (attr->is_time)
		damon_time__put(text, value, /*exact=*/true);
	else
		damon_count__put(text, value);
	return scnprintf(buf, size, "%s", text);
}

/**
 * damon_settings__init - set the defaults
 * @settings: what to set
 */
void damon_settings__init(struct damon_settings *settings)
{
	const struct damon_attr *attr;

	memset(settings, 0, sizeof(*settings));
	scnprintf(settings->ops, sizeof(settings->ops), "vaddr");
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
	zfree(&settings->pids);
	settings->max_pids = 0;
	damon_ranges__exit(&settings->ranges);
}

/**
 * damon_settings__parse_option - callback of parse_options() for an attribute
 * @opt: the option; its long name is that of the attribute, its value the struct damon_settings
 * @str: the value as text
 * @unset: true for --no-OPTION, which restores perf's default, or sets 0 if perf has none
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_settings__parse_option(const struct option *opt, const char *str, int unset)
{
	const struct damon_attr *attr = damon_attr__find(opt->long_name);
	struct damon_settings *settings = opt->value;
	char min[DAMON_UNIT_LEN];
	u64 value;
	int err;

	settings->chosen = opt->long_name;
	if (unset) {
		damon_attr__value(attr, settings) =
			attr->initial == DAMON_ATTR_NONE ? 0 : attr->initial;
		return 0;
	}

	err = damon_attr__parse(attr, str, &value);
	if (err == -ERANGE) {
		pr_err("--%s: '%s' is too big\n", attr->name, str);
		return -1;
	}
	if (err) {
		pr_err("--%s: '%s' is not a %s\n", attr->name, str,
		       attr->is_time ? "time: give a number and a unit, such as 100us, 5ms or 1s" :
				       "number");
		return -1;
	}
	if (value < attr->min) {
		scnprintf_attr(attr, min, sizeof(min), attr->min);
		pr_err("--%s: '%s' is too small: %s is the least\n", attr->name, str, min);
		return -1;
	}
	/* Times in sysfs are whole microseconds: record the value that the kernel uses. */
	damon_attr__value(attr, settings) = value - value % attr->unit;
	return 0;
}

/* Sets of monitoring operations, and what they monitor. */
static const char * const ops_rows[][2] = {
	{ "vaddr",	"virtual addresses of processes" },
	{ "fvaddr",	"given virtual addresses of processes" },
	{ "paddr",	"physical addresses" },
};

static int choose_ops(struct damon_settings *settings, const char *option, const char *ops)
{
	if (settings->chosen_ops && strcmp(settings->ops, ops)) {
		pr_err("--%s: the operations are %s already, by --%s\n", option, settings->ops,
		       settings->chosen_ops);
		return -1;
	}
	settings->chosen = option;
	settings->chosen_ops = option;
	scnprintf(settings->ops, sizeof(settings->ops), "%s", ops);
	return 0;
}

/**
 * damon_settings__parse_ops - callback of parse_options() for the set of operations
 * @opt: the option; its value is the struct damon_settings
 * @str: the name
 * @unset: true for --no-ops, which is not accepted
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_settings__parse_ops(const struct option *opt, const char *str, int unset __maybe_unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ops_rows); i++) {
		if (!strcmp(str, ops_rows[i][0]))
			return choose_ops(opt->value, opt->long_name, str);
	}
	pr_err("--%s: '%s' is not supported: ", opt->long_name, str);
	for (i = 0; i < ARRAY_SIZE(ops_rows); i++)
		pr_err("%s%s (%s)", i ? ", " : "", ops_rows[i][0], ops_rows[i][1]);
	pr_err("\n");
	return -1;
}

/**
 * damon_settings__parse_all - callback of parse_options() for -a, physical memory
 * @opt: the option; its value is the struct damon_settings
 * @str: not used
 * @unset: true for --no-all, which is not accepted
 *
 * Return: 0, or -1 after printing an error, if other operations are already chosen.
 */
int damon_settings__parse_all(const struct option *opt, const char *str __maybe_unused,
			      int unset __maybe_unused)
{
	return choose_ops(opt->value, opt->long_name, "paddr");
}

static const char *check_ranges(const struct damon_ranges *ranges)
{
	const u64 page_size = sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < ranges->nr; i++) {
		const struct damon_range *range = &ranges->range[i];

		if (range->start % page_size || range->end % page_size)
			return "is not whole pages";
	}
	return NULL;
}

/**
 * damon_settings__parse_ranges - callback of parse_options() for addresses
 * @opt: the option; its value is the struct damon_settings
 * @str: the ranges: START-END,START-END
 * @unset: true for --no-ranges, which is not accepted
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_settings__parse_ranges(const struct option *opt, const char *str,
				 int unset __maybe_unused)
{
	struct damon_settings *settings = opt->value;
	const char *wrong = NULL;
	int err;

	err = damon_ranges__parse(&settings->ranges, str);
	if (err == -ENOMEM)
		wrong = "does not fit into memory";
	else if (err)
		wrong = "is not START-END,START-END in ascending order, such as 4GiB-5GiB";
	else
		wrong = check_ranges(&settings->ranges);
	if (!wrong)
		return 0;
	pr_err("--%s: '%s' %s\n", opt->long_name, str, wrong);
	return -1;
}

static const char *check_attrs(const struct damon_settings *settings)
{
	char sample[DAMON_UNIT_LEN], aggr[DAMON_UNIT_LEN];

	if (settings->sample_ns > settings->aggr_ns) {
		damon_time__put(sample, settings->sample_ns, /*exact=*/true);
		damon_time__put(aggr, settings->aggr_ns, /*exact=*/true);
		pr_err("--aggr: %s is shorter than the sampling interval, %s\n", aggr, sample);
		return "aggr";
	}
	if (settings->min_regions > settings->max_regions) {
		pr_err("--max-regions: %lu is less than the minimum, %lu\n",
		       (unsigned long)settings->max_regions, (unsigned long)settings->min_regions);
		return "max-regions";
	}
	if (settings->ranges.nr > settings->max_regions) {
		pr_err("--max-regions: %lu is less than the number of ranges, %zu\n",
		       (unsigned long)settings->max_regions, settings->ranges.nr);
		return "max-regions";
	}
	return NULL;
}

static const char *check_physical(const struct damon_settings *settings)
{
	if (settings->nr_pids) {
		pr_err("-p: physical memory is monitored, which belongs to no process\n");
		return "p";
	}
	if (settings->tlb_flushes != DAMON_ATTR_NONE) {
		pr_err("--tlb-flushes: nothing is flushed for physical memory\n");
		return "tlb-flushes";
	}
	return NULL;
}

static const char *check_ops(const struct damon_settings *settings, bool has_command)
{
	bool has_ranges = settings->ranges.nr;

	if (damon_settings__is_physical(settings))
		return check_physical(settings);
	if (has_ranges && !settings->nr_pids && !has_command) {
		pr_err("--ranges: of a process, -p, or of physical memory, -a?\n");
		return "ranges";
	}
	if (has_ranges && !strcmp(settings->ops, "vaddr")) {
		pr_err("--ranges: vaddr finds its addresses itself: --ops fvaddr takes them\n");
		return "ranges";
	}
	if (!has_ranges && !strcmp(settings->ops, "fvaddr")) {
		pr_err("--ops: fvaddr needs to be told which addresses: --ranges\n");
		return "ops";
	}
	return NULL;
}

/**
 * damon_settings__check - choose the operations and check the settings for consistency
 * @settings: the settings
 * @has_command: a command will be run
 *
 * Return: NULL, or the name of the wrong option after printing an error.
 */
const char *damon_settings__check(struct damon_settings *settings, bool has_command)
{
	const char *wrong;

	if (settings->ranges.nr && !settings->chosen_ops && (settings->nr_pids || has_command))
		scnprintf(settings->ops, sizeof(settings->ops), "fvaddr");
	wrong = check_attrs(settings);
	return wrong ?: check_ops(settings, has_command);
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
 * damon_settings__find_memory - set the ranges of physical memory to all System RAM, unless given
 * @settings: the settings
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_settings__find_memory(struct damon_settings *settings)
{
	if (!damon_settings__is_physical(settings) || settings->ranges.nr)
		return 0;
	settings->all_memory = true;
	return damon_ranges__system_ram(&settings->ranges);
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

/* 123,456 */
static int add_pids(struct damon_settings *settings, const char *str)
{
	char *end;
	long pid;

	do {
		errno = 0;
		pid = strtol(str, &end, 10);
		if (end == str || errno || pid <= 0 || pid > INT_MAX || (*end && *end != ','))
			return -EINVAL;
		if (damon_settings__add_pid(settings, pid))
			return -ENOMEM;
		str = end + 1;
	} while (*end);
	return 0;
}

/**
 * damon_settings__parse_pids - callback of parse_options() for processes such as 123,456
 * @opt: the option; its value is the struct damon_settings, whose processes are replaced
 * @str: the text
 * @unset: true for --no-pid, which removes them
 *
 * Return: 0, or -1 after printing an error.
 */
int damon_settings__parse_pids(const struct option *opt, const char *str, int unset)
{
	struct damon_settings *settings = opt->value;

	damon_settings__clear_pids(settings);
	if (unset || !add_pids(settings, str))
		return 0;
	pr_err("-p: '%s' is not a process ID, or several as 123,456\n", str);
	return -1;
}

/**
 * damon_settings__pids - print the processes as 123,456
 * @settings: the settings
 *
 * Return: the text, which the caller frees, or NULL.
 */
char *damon_settings__pids(const struct damon_settings *settings)
{
	struct strbuf str = STRBUF_INIT;
	size_t i;

	for (i = 0; i < settings->nr_pids; i++) {
		if (strbuf_addf(&str, "%s%d", i ? "," : "", settings->pids[i])) {
			strbuf_release(&str);
			return NULL;
		}
	}
	return str.len ? strbuf_detach(&str, NULL) : strdup("");
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
	char str[DAMON_UNIT_LEN];
	u64 value;
	int len;

	len = scnprintf(buf, size, "--ops %s", settings->ops);
	damon_attr__for_each(attr) {
		value = damon_attr__value(attr, settings);
		if (value == DAMON_ATTR_NONE)
			continue;
		scnprintf_attr(attr, str, sizeof(str), value);
		len += scnprintf(buf + len, size - len, " --%s %s", attr->name, str);
	}
	return len;
}

/**
 * damon_settings__str - print all settings as options: the operations, attributes, and targets
 * @settings: the settings
 *
 * Return: the text, which the caller frees, or NULL.
 */
char *damon_settings__str(const struct damon_settings *settings)
{
	char *pids = damon_settings__pids(settings), *ranges = damon_ranges__str(&settings->ranges);
	char attrs[DAMON_SETTINGS_LEN], *str = NULL;

	damon_settings__scnprintf(settings, attrs, sizeof(attrs));
	if (pids && ranges &&
	    asprintf(&str, "%s%s%s%s%s", attrs, *pids ? " -p " : "", pids,
		     *ranges ? " --ranges " : "", ranges) < 0)
		str = NULL;
	free(pids);
	free(ranges);
	return str;
}

/**
 * damon_settings__parse_recorded - parse an option as damon_settings__str() prints it
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
		return add_pids(settings, value);
	if (!strstarts(option, "--"))
		return 0;
	if (!strcmp(option, "--ops")) {
		scnprintf(settings->ops, sizeof(settings->ops), "%s", value);
		damon_output__make_printable(settings->ops);
		return 0;
	}
	if (!strcmp(option, "--ranges"))
		return damon_ranges__parse(&settings->ranges, value);
	attr = damon_attr__find(option + strlen("--"));
	return attr ? damon_attr__parse(attr, value, &damon_attr__value(attr, settings)) : 0;
}
