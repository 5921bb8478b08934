// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon: record and report which memory a process uses, and how often.
 */
#include "builtin.h"
#include "perf.h"

#include "util/damon-record.h"
#include "util/damon-report.h"
#include "util/debug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <subcmd/parse-options.h>

/* What perf exits with when its options are wrong. */
#define EXIT_USAGE	129

static struct damon_record record = { .output = "perf.data" };

static const char * const record_usage[] = {
	"perf damon record [<options>] -p <pid>[,<pid>...]",
	"perf damon record [<options>] -- <command> [<command options>]",
	"perf damon record [<options>] -p <pid>[,<pid>...] -- <command that says for how long>",
	NULL
};

#define OPT_DAMON_SETTING(name, argh, help)	\
	OPT_CALLBACK(0, name, &record.settings, argh, help, damon_settings__parse_option)

static const struct option record_options[] = {
	OPT_STRING('p', "pid", &record.pids, "pid", "monitor the memory of these processes"),
	OPT_STRING('o', "output", &record.output, "file", "output file name (default: perf.data)"),
	OPT_CALLBACK(0, "ops", &record.settings, "name",
		     "monitoring operations: vaddr, virtual addresses of processes (default)",
		     damon_settings__parse_ops),
	OPT_DAMON_SETTING("sample", "time", "time between two access checks (default: 5ms)"),
	OPT_DAMON_SETTING("aggr", "time", "time in which accesses are counted (default: 100ms)"),
	OPT_DAMON_SETTING("update", "time",
			  "time between two looks at the processes' mappings (default: 1s)"),
	OPT_DAMON_SETTING("min-regions", "n", "least number of regions (default: 10)"),
	OPT_DAMON_SETTING("max-regions", "n", "greatest number of regions (default: 1000)"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

static int cmd_damon_record(int argc, const char **argv)
{
	const char *wrong;
	int ret;

	damon_settings__init(&record.settings);
	argc = parse_options(argc, argv, record_options, record_usage,
			     PARSE_OPT_STOP_AT_NON_OPTION);
	wrong = damon_settings__check(&record.settings);
	if (wrong) {
		parse_options_usage(record_usage, record_options, wrong, 0);
		return EXIT_USAGE;
	}
	if (!record.pids && !argc) {
		pr_err("nothing to monitor: give a process with -p, or a command\n");
		parse_options_usage(record_usage, record_options, "p", 1);
		return EXIT_USAGE;
	}
	if (!strcmp(record.output, "-")) {
		pr_err("-o: cannot write to a pipe: reports read the file twice\n");
		parse_options_usage(record_usage, record_options, "o", 1);
		return EXIT_USAGE;
	}

	record.command = argc ? argv : NULL;
	record.cmd_record = cmd_record;
	ret = damon_record__run(&record);
	damon_settings__exit(&record.settings);
	return ret;
}

struct damon_cmd {
	const char	*name;
	const char	*summary;
	int		(*fn)(int argc, const char **argv);
};

static const struct damon_cmd damon_cmds[] = {
	{ "record",	"monitor the memory of processes and record it",	cmd_damon_record },
	{ "report",	"show what was recorded",				damon_report__main },
	{ "script",	"print the events, as perf script does",		cmd_script },
	{ }
};

static const char * const damon_usage[] = {
	"perf damon {record|report|script} [<options>]",
	NULL
};

static const struct option damon_options[] = {
	OPT_END()
};

static void __noreturn damon_usage_exit(void)
{
	const struct damon_cmd *cmd;

	parse_options_usage(damon_usage, damon_options, NULL, 0);
	for (cmd = damon_cmds; cmd->name; cmd++)
		fprintf(stderr, "    %-10s %s\n", cmd->name, cmd->summary);
	fprintf(stderr, "\n");
	exit(EXIT_USAGE);
}

int cmd_damon(int argc, const char **argv)
{
	const struct damon_cmd *cmd;

	argc = parse_options(argc, argv, damon_options, damon_usage, PARSE_OPT_STOP_AT_NON_OPTION);
	if (!argc)
		damon_usage_exit();
	for (cmd = damon_cmds; cmd->name; cmd++) {
		if (!strcmp(cmd->name, argv[0]))
			return cmd->fn(argc, argv);
	}
	pr_err("perf damon has no command '%s'\n", argv[0]);
	damon_usage_exit();
}
