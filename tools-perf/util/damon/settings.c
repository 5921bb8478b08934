// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON's settings: parsed from options, checked, and stored in perf.data.
 *
 * They are stored as a command line in HEADER_CMDLINE, which every version of
 * perf reads and shows. Stock perf refuses files with record types and header
 * features that it does not know.
 */
#include "attr.h"
#include "output.h"
#include "settings.h"
#include "units.h"
#include "util/debug.h"
#include "util/hashmap.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>
#include <subcmd/parse-options.h>

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
		damon_attr__set(attr, settings, attr->initial);
}

/**
 * damon_settings__exit - free what the settings own
 * @settings: the settings
 */
void damon_settings__exit(struct damon_settings *settings)
{
	zfree(&settings->pids);
	settings->nr_pids = 0;
	hashmap__free(settings->known_pids);
	settings->known_pids = NULL;
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
		damon_attr__set(attr, settings,
				attr->initial == DAMON_ATTR_NONE ? 0 : attr->initial);
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
		damon_attr__scnprintf(attr, min, sizeof(min), attr->min);
		pr_err("--%s: '%s' is too small: %s is the least\n", attr->name, str, min);
		return -1;
	}
	/* Times in sysfs are whole microseconds: record the value that the kernel uses. */
	damon_attr__set(attr, settings, value - value % attr->unit);
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

static const char *check_physical(const struct damon_settings *settings, bool has_pids)
{
	if (has_pids) {
		pr_err("-p: physical memory is monitored, which belongs to no process\n");
		return "p";
	}
	if (settings->tlb_flushes != DAMON_ATTR_NONE) {
		pr_err("--tlb-flushes: nothing is flushed for physical memory\n");
		return "tlb-flushes";
	}
	return NULL;
}

static const char *check_ops(const struct damon_settings *settings, bool has_pids, bool has_command)
{
	bool has_ranges = settings->ranges.nr;

	if (damon_settings__is_physical(settings))
		return check_physical(settings, has_pids);
	if (has_ranges && !has_pids && !has_command) {
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
 * @has_pids: processes will be monitored
 * @has_command: a command will be run
 *
 * Return: NULL, or the name of the wrong option after printing an error.
 */
const char *damon_settings__check(struct damon_settings *settings, bool has_pids, bool has_command)
{
	const char *wrong;

	if (settings->ranges.nr && !settings->chosen_ops && (has_pids || has_command))
		scnprintf(settings->ops, sizeof(settings->ops), "fvaddr");
	wrong = check_attrs(settings);
	return wrong ?: check_ops(settings, has_pids, has_command);
}

/**
 * damon_settings__is_physical - check whether physical memory is monitored, not processes
 * @settings: the settings
 */
bool damon_settings__is_physical(const struct damon_settings *settings)
{
	return !strcmp(settings->ops, "paddr");
}

static size_t hash_pid(long pid, void *ctx __maybe_unused)
{
	return pid;
}

static bool equal_pids(long a, long b, void *ctx __maybe_unused)
{
	return a == b;
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
	pid_t *pids;
	int err;

	if (!settings->known_pids) {
		struct hashmap *known = hashmap__new(hash_pid, equal_pids, NULL);

		if (IS_ERR(known))
			return -ENOMEM;
		settings->known_pids = known;
	}
	err = hashmap__add(settings->known_pids, pid, 0);
	if (err)
		return err == -EEXIST ? 0 : -ENOMEM;
	/* The capacity is the next power of two: double it when it is reached. */
	if (!(settings->nr_pids & (settings->nr_pids - 1))) {
		pids = reallocarray(settings->pids, 2 * settings->nr_pids ?: 1, sizeof(*pids));
		if (!pids) {
			hashmap__delete(settings->known_pids, pid, NULL, NULL);
			return -ENOMEM;
		}
		settings->pids = pids;
	}
	settings->pids[settings->nr_pids++] = pid;
	return 0;
}

/**
 * damon_settings__pids - print the processes as 123,456
 * @settings: the settings
 *
 * Return: the text, which the caller frees, or NULL.
 */
char *damon_settings__pids(const struct damon_settings *settings)
{
	/* Ten digits and a comma each. */
	size_t i, len = 0, size = 11 * settings->nr_pids + 1;
	char *pids = zalloc(size);

	for (i = 0; pids && i < settings->nr_pids; i++)
		len += scnprintf(pids + len, size - len, "%s%d", i ? "," : "", settings->pids[i]);
	return pids;
}

/**
 * damon_settings__parse_pids - parse a list of process IDs such as 123,456
 * @str: the text
 * @add: called for each process; returns 0 or a negative error number
 * @data: passed to @add
 *
 * Return: 0, -EINVAL for bad syntax, or the non-zero result of @add.
 */
int damon_settings__parse_pids(const char *str, int (*add)(void *data, pid_t pid), void *data)
{
	char *end;
	long pid;
	int err;

	do {
		errno = 0;
		pid = strtol(str, &end, 10);
		if (end == str || errno || pid <= 0 || pid > INT_MAX || (*end && *end != ','))
			return -EINVAL;
		err = add(data, pid);
		if (err)
			return err;
		str = end + 1;
	} while (*end);
	return 0;
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
		value = damon_attr__get(attr, settings);
		if (value == DAMON_ATTR_NONE)
			continue;
		damon_attr__scnprintf(attr, str, sizeof(str), value);
		len += scnprintf(buf + len, size - len, " --%s %s", attr->name, str);
	}
	return len;
}

/* An argument list under construction. It owns its strings, and ends with NULL. */
struct args {
	const char	**argv;
	int		argc;
	bool		failed;
};

static void add_arg(struct args *args, const char *str)
{
	char *copy = strdup(str);

	if (!copy)
		args->failed = true;
	else
		args->argv[args->argc++] = copy;
}

static void add_attr_args(struct args *args, const struct damon_settings *settings)
{
	char option[DAMON_UNIT_LEN], str[DAMON_UNIT_LEN];
	const struct damon_attr *attr;
	u64 value;

	add_arg(args, "--ops");
	add_arg(args, settings->ops);
	damon_attr__for_each(attr) {
		value = damon_attr__get(attr, settings);
		if (value == DAMON_ATTR_NONE)
			continue;
		scnprintf(option, sizeof(option), "--%s", attr->name);
		damon_attr__scnprintf(attr, str, sizeof(str), value);
		add_arg(args, option);
		add_arg(args, str);
	}
}

/* Takes ownership of @value. */
static void add_value_args(struct args *args, const char *option, char *value)
{
	if (!value) {
		args->failed = true;
		return;
	}
	add_arg(args, option);
	add_arg(args, value);
	free(value);
}

/**
 * damon_settings__cmdline - make a command line that contains all settings
 * @settings: the settings, NULL: unknown
 * @output: name of the perf.data
 * @command: the recorded command and its arguments, or NULL
 * @argc: set to the number of arguments
 *
 * Return: the arguments, to be freed by damon_settings__free_cmdline(), or NULL.
 */
const char **damon_settings__cmdline(const struct damon_settings *settings, const char *output,
				     const char **command, int *argc)
{
	struct args args = {};
	int nr_command = 0;

	while (command && command[nr_command])
		nr_command++;
	/* damon record; --ops, -p, --ranges, -o with values; two per attribute; --; NULL. */
	args.argv = calloc(2 + 8 + 2 * DAMON_NR_ATTRS + 1 + nr_command + 1, sizeof(*args.argv));
	if (!args.argv)
		return NULL;

	add_arg(&args, "damon");
	add_arg(&args, "record");
	if (settings)
		add_attr_args(&args, settings);
	if (settings && settings->nr_pids)
		add_value_args(&args, "-p", damon_settings__pids(settings));
	if (settings && settings->ranges.nr)
		add_value_args(&args, "--ranges", damon_ranges__str(&settings->ranges));
	add_arg(&args, "-o");
	add_arg(&args, output);
	if (nr_command)
		add_arg(&args, "--");
	while (nr_command-- > 0)
		add_arg(&args, *command++);

	if (args.failed) {
		damon_settings__free_cmdline(args.argv);
		return NULL;
	}
	*argc = args.argc;
	return args.argv;
}

/**
 * damon_settings__free_cmdline - free what damon_settings__cmdline() made
 * @argv: the arguments
 */
void damon_settings__free_cmdline(const char **argv)
{
	int i;

	for (i = 0; argv[i]; i++)
		free((char *)argv[i]);
	free(argv);
}

static int add_pid(void *settings, pid_t pid)
{
	return damon_settings__add_pid(settings, pid);
}

/* Parses one option and its value. Options of newer versions are ignored. */
static int parse_cmdline_option(struct damon_settings *settings, const char *option,
				const char *value)
{
	const struct damon_attr *attr;
	u64 number;
	int err;

	if (!strcmp(option, "-p"))
		return damon_settings__parse_pids(value, add_pid, settings);
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
	if (!attr)
		return 0;
	err = damon_attr__parse(attr, value, &number);
	if (!err)
		damon_attr__set(attr, settings, number);
	return err;
}

/**
 * damon_settings__parse_cmdline - parse the command line made by damon_settings__cmdline()
 * @settings: set to the settings
 * @argc: number of arguments
 * @argv: the arguments
 *
 * The perf.data may be from any source, so incomplete or bad settings are not used at all.
 *
 * Return: true if this is the command line of a perf damon record.
 */
bool damon_settings__parse_cmdline(struct damon_settings *settings, int argc, const char **argv)
{
	int i;

	damon_settings__init(settings);
	if (argc < 2 || strcmp(argv[0], "damon") || strcmp(argv[1], "record"))
		return false;

	for (i = 2; i + 1 < argc && strcmp(argv[i], "--"); i += 2) {
		if (parse_cmdline_option(settings, argv[i], argv[i + 1]))
			goto out_bad;
	}
	if ((settings->nr_pids || damon_settings__is_physical(settings)) &&
	    settings->sample_ns && settings->sample_ns <= settings->aggr_ns)
		return true;
out_bad:
	damon_settings__exit(settings);
	return false;
}
