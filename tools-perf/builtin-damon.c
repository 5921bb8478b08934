// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon: record and report which memory a process uses, and how often.
 */
#include "builtin.h"
#include "perf.h"

#include "util/damon/control.h"
#include "util/damon/record.h"
#include "util/damon/report.h"
#include "util/damon/units.h"
#include "util/debug.h"
#include "util/evlist.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <subcmd/parse-options.h>

static void refuse_arguments(int argc, const char **argv, const char * const *usage,
			     const struct option *options)
{
	if (!argc)
		return;
	pr_err("what is '%s'?\n", argv[0]);
	usage_with_options(usage, options);
}

static int parse_mmap_pages(const struct option *opt, const char *str, int unset)
{
	unsigned int *pages = opt->value;

	*pages = 0;
	/* Prints its own error messages. */
	return unset ? 0 : __evlist__parse_mmap_pages(pages, str);
}

static int parse_duration(const struct option *opt, const char *str, int unset)
{
	u64 *duration = opt->value;

	*duration = 0;
	if (unset || (!damon_time__parse(str, duration) && *duration))
		return 0;
	pr_err("--%s: '%s' is not a time: give a number and a unit, such as 10s or 5min\n",
	       opt->long_name, str);
	return -1;
}

static int parse_max_size(const struct option *opt, const char *str, int unset)
{
	u64 *size = opt->value;

	*size = 0;
	if (unset || (!damon_size__parse(str, size) && *size && *size <= LONG_MAX))
		return 0;
	pr_err("--%s: '%s' is not a size: give a number and a unit, such as 100MiB or 2G\n",
	       opt->long_name, str);
	return -1;
}

#ifdef HAVE_ZSTD_SUPPORT
static int parse_comp_level(const struct option *opt, const char *str, int unset)
{
	unsigned int *level = opt->value;
	u64 value = unset ? 0 : 1;

	if (str && (damon_count__parse(str, &value) || value > 22)) {
		pr_err("-z: '%s' is not a level of compression, 1 to 22\n", str);
		return -1;
	}
	*level = value;
	return 0;
}
#endif

static struct damon_record record;

static const char * const record_usage[] = {
	"perf damon record [<options>] -p <pid>[,<pid>...] [-- <command that says for how long>]",
	"perf damon record [<options>] -- <command> [<command options>]",
	"perf damon record [<options>] -a [-- <command that says for how long>]",
	"perf damon record [<options>]        (what DAMON does already)",
	NULL
};

static const char * const start_usage[] = {
	"perf damon start [<options>] -p <pid>[,<pid>...]",
	"perf damon start [<options>] -a",
	NULL
};

#define OPT_DAMON_SETTING(name, argh, help)	\
	OPT_CALLBACK(0, name, &record.settings, argh, help, damon_settings__parse_option)

/* Options of record and start: what to monitor, and how. */
static const struct option setting_options[] = {
	OPT_CALLBACK('p', "pid", &record.settings, "pid", "monitor the memory of these processes",
		     damon_settings__parse_pids),
	{ .type = OPTION_CALLBACK, .short_name = 'a', .long_name = "all",
	  .value = &record.settings, .help = "monitor physical memory",
	  .callback = damon_settings__parse_all, .flags = PARSE_OPT_NOARG | PARSE_OPT_NONEG },
	OPT_NO_UNSET(0, "ranges", &record.settings, "start-end[,start-end...]",
		     "monitor these addresses, of processes or of physical memory",
		     damon_settings__parse_ranges),
	OPT_NO_UNSET(0, "ops", &record.settings, "name",
		     "operations: vaddr (default), fvaddr (with --ranges), paddr (as -a)",
		     damon_settings__parse_ops),
	OPT_DAMON_SETTING("sample", "time", "time between two access checks (default: 5ms)"),
	OPT_DAMON_SETTING("aggr", "time", "time in which accesses are counted (default: 100ms)"),
	OPT_DAMON_SETTING("update", "time",
			  "time between two looks at the processes' mappings (default: 1s)"),
	OPT_DAMON_SETTING("min-regions", "n", "least number of regions (default: 10)"),
	OPT_DAMON_SETTING("max-regions", "n", "greatest number of regions (default: 1000)"),
	OPT_DAMON_SETTING("tlb-flushes", "n",
			  "most flushes of the TLB in a second, 0: none (default: the kernel's)"),
	OPT_END()
};

static const struct option record_options[] = {
	OPT_STRING('o', "output", &record.output, "file",
		   "output file name, - is the standard output (default: perf.data)"),
	OPT_CALLBACK('m', "mmap-pages", &record.mmap_pages, "pages",
		     "size of each CPU's ring buffer, in pages or with a unit",
		     parse_mmap_pages),
	OPT_CALLBACK(0, "duration", &record.duration_ns, "time", "record for so long",
		     parse_duration),
	OPT_CALLBACK(0, "max-size", &record.max_size, "size",
		     "end when the file is about so big", parse_max_size),
#ifdef HAVE_ZSTD_SUPPORT
	OPT_CALLBACK_OPTARG('z', "compression-level", &record.comp_level, NULL, "n",
			    "compress by Zstandard, at level 1 (default) to 22",
			    parse_comp_level),
#endif
	OPT_BOOLEAN('q', "quiet", &quiet, "print no messages but errors"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(setting_options)
};

static const struct option start_options[] = {
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(setting_options)
};

static int cmd_damon_record(int argc, const char **argv)
{
	struct damon_settings *settings = &record.settings;
	const char *wrong;
	int ret;

	damon_settings__init(settings);
	argc = parse_options(argc, argv, record_options, record_usage,
			     PARSE_OPT_STOP_AT_NON_OPTION);
	if (!record.output)
		record.output = "perf.data";
	wrong = damon_settings__check(settings, argc);
	if (!wrong && !settings->nr_pids && !argc && !damon_settings__is_physical(settings) &&
	    settings->chosen) {
		pr_err("--%s: of what? give a process with -p, all memory with -a, or a command\n",
		       settings->chosen);
		wrong = settings->chosen;
	}
	if (wrong) {
		parse_options_usage(record_usage, setting_options, wrong, strlen(wrong) == 1);
		return EXIT_USAGE;
	}
	if (!strcmp(record.output, "-") && isatty(STDOUT_FILENO)) {
		pr_err("-o: will not write a recording to a terminal: give a file, or a pipe\n");
		parse_options_usage(record_usage, record_options, "o", 1);
		return EXIT_USAGE;
	}

	/* perf can write a compressed stream, but cannot read it. */
	if (!strcmp(record.output, "-") && record.comp_level) {
		pr_err("-z: a stream cannot be compressed: give a file with -o\n");
		parse_options_usage(record_usage, record_options, "z", 1);
		return EXIT_USAGE;
	}

	record.command = argc ? argv : NULL;
	record.cmd_record = cmd_record;
	ret = damon_record__run(&record);
	damon_settings__exit(settings);
	return ret;
}

static int cmd_damon_start(int argc, const char **argv)
{
	struct damon_settings *settings = &record.settings;
	const char *wrong;
	int ret;

	damon_settings__init(settings);
	argc = parse_options(argc, argv, start_options, start_usage, PARSE_OPT_STOP_AT_NON_OPTION);
	refuse_arguments(argc, argv, start_usage, start_options);
	wrong = damon_settings__check(settings, false);
	if (!wrong && !settings->nr_pids && !damon_settings__is_physical(settings)) {
		pr_err("nothing to monitor: give a process with -p, or all memory with -a\n");
		wrong = "p";
	}
	if (wrong) {
		parse_options_usage(start_usage, setting_options, wrong, strlen(wrong) == 1);
		return EXIT_USAGE;
	}
	ret = damon_control__start(settings);
	damon_settings__exit(settings);
	return ret;
}

static bool stop_others;

static const char * const stop_usage[] = {
	"perf damon stop [--others]",
	NULL
};

static const struct option stop_options[] = {
	OPT_BOOLEAN(0, "others", &stop_others,
		    "end and remove also what others than perf damon have configured"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

static int cmd_damon_stop(int argc, const char **argv)
{
	argc = parse_options(argc, argv, stop_options, stop_usage, PARSE_OPT_STOP_AT_NON_OPTION);
	refuse_arguments(argc, argv, stop_usage, stop_options);
	return damon_control__stop(stop_others);
}

static const char * const status_usage[] = {
	"perf damon status",
	NULL
};

static const struct option status_options[] = {
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

static int cmd_damon_status(int argc, const char **argv)
{
	argc = parse_options(argc, argv, status_options, status_usage,
			     PARSE_OPT_STOP_AT_NON_OPTION);
	refuse_arguments(argc, argv, status_usage, status_options);
	return damon_control__status(/*with_abilities=*/false);
}

struct damon_cmd {
	const char	*name;
	const char	*summary;
	int		(*fn)(int argc, const char **argv);
};

static const struct damon_cmd damon_cmds[] = {
	{ "record",	"monitor memory and record it",			cmd_damon_record },
	{ "report",	"show what was recorded",			damon_report__main },
	{ "script",	"print the events, as perf script does",		cmd_script },
	{ "start",	"monitor memory until it is stopped",		cmd_damon_start },
	{ "status",	"print what is monitored",			cmd_damon_status },
	{ "stop",	"end what start, or a killed record, has left",	cmd_damon_stop },
	{ }
};

/* Not const: parse_options_subcommand() may write to it. */
static const char *damon_usage[2] = {
	"perf damon [{record|report|script|start|status|stop} [<options>]]",
	NULL
};

static const struct option damon_options[] = {
	OPT_END()
};

static void print_damon_usage(void)
{
	const struct damon_cmd *cmd;

	parse_options_usage(damon_usage, damon_options, NULL, 0);
	for (cmd = damon_cmds; cmd->name; cmd++)
		fprintf(stderr, "    %-10s %s\n", cmd->name, cmd->summary);
	fprintf(stderr, "\n");
}

int cmd_damon(int argc, const char **argv)
{
	const char *names[ARRAY_SIZE(damon_cmds)] = {};
	const struct damon_cmd *cmd;

	for (cmd = damon_cmds; cmd->name; cmd++)
		names[cmd - damon_cmds] = cmd->name;
	argc = parse_options_subcommand(argc, argv, damon_options, names, damon_usage,
					PARSE_OPT_STOP_AT_NON_OPTION);
	if (!argc)
		return damon_control__status(/*with_abilities=*/true);
	for (cmd = damon_cmds; cmd->name; cmd++) {
		if (!strcmp(cmd->name, argv[0]))
			return cmd->fn(argc, argv);
	}
	pr_err("perf damon has no command '%s'\n", argv[0]);
	print_damon_usage();
	return EXIT_USAGE;
}
