// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon: record and report which memory a process uses, and how often.
 */
#include "builtin.h"
#include "perf.h"

#include "util/color.h"
#include "util/config.h"
#include "util/damon-plot.h"
#include "util/damon-record.h"
#include "util/damon-report.h"
#include "util/debug.h"
#include "util/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <subcmd/pager.h>
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

/* Reports by their options, to print and to draw; the first is the default. */
static bool report_raw, report_heats, report_wss;

static const struct {
	const bool			*chosen;
	const struct damon_report_ops	*print;
	const struct damon_report_ops	*plot;
} reports[] = {
	{ NULL,			&damon_summary_ops,	&damon_heats_plot_ops },
	{ &report_raw,		&damon_raw_ops,		NULL },
	{ &report_heats,	&damon_heats_ops,	&damon_heats_plot_ops },
	{ &report_wss,		&damon_wss_ops,		&damon_wss_plot_ops },
};

static const char * const report_usage[] = {
	"perf damon report [<options>] [--raw | --heats | --wss]",
	NULL
};

static const char *report_input = "perf.data";
static const char *report_plot;
static bool report_force;

static const struct option report_options[] = {
	OPT_STRING('i', "input", &report_input, "file", "input file name (default: perf.data)"),
	OPT_BOOLEAN_FLAG(0, "raw", &report_raw, "print every region of every snapshot",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "heats", &report_heats, "print a heat map of the hottest area",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "wss", &report_wss, "print the distribution of the working set",
			 PARSE_OPT_EXCLUSIVE),
	OPT_STRING(0, "plot", &report_plot, "file",
		   "draw with gnuplot instead: .png, .svg or .pdf"),
	OPT_BOOLEAN('f', "force", &report_force, "read the file whoever owns it"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

static const struct damon_report_ops *choose_report(void)
{
	size_t i, chosen = 0;

	for (i = 1; i < ARRAY_SIZE(reports); i++) {
		if (*reports[i].chosen)
			chosen = i;
	}
	return report_plot ? reports[chosen].plot : reports[chosen].print;
}

/* The terminal is to be looked at before the pager hides it. */
static void setup_output(struct damon_report *report)
{
	const char *no_color = getenv("NO_COLOR");

	perf_config(perf_color_default_config, NULL);
	if (no_color && *no_color)
		perf_use_color_default = 0;
	else if (perf_use_color_default < 0)
		perf_use_color_default = isatty(STDOUT_FILENO);
	get_term_dimensions(&report->terminal);
	setup_pager();
}

static int cmd_damon_report(int argc, const char **argv)
{
	struct damon_report report = {};
	int ret;

	argc = parse_options(argc, argv, report_options, report_usage, 0);
	if (argc) {
		pr_err("what is '%s'?\n", argv[0]);
		usage_with_options(report_usage, report_options);
	}
	if (report_plot && damon_plot__check_path(report_plot)) {
		parse_options_usage(report_usage, report_options, "plot", 0);
		return EXIT_USAGE;
	}
	report.ops = choose_report();
	if (!report.ops) {
		pr_err("--plot: there is no picture of --raw\n");
		parse_options_usage(report_usage, report_options, "plot", 0);
		return EXIT_USAGE;
	}
	if (!strcmp(report_input, "-")) {
		pr_err("-i: cannot read a pipe: reports read the file twice\n");
		parse_options_usage(report_usage, report_options, "i", 1);
		return EXIT_USAGE;
	}

	report.plot = report_plot;
	damon_reader__init(&report.reader, report_input, report_force);
	if (!report_plot)
		setup_output(&report);
	ret = damon_report__run(&report);
	damon_reader__exit(&report.reader);
	return ret;
}

struct damon_cmd {
	const char	*name;
	const char	*summary;
	int		(*fn)(int argc, const char **argv);
};

static const struct damon_cmd damon_cmds[] = {
	{ "record",	"monitor the memory of processes and record it",	cmd_damon_record },
	{ "report",	"show what was recorded",				cmd_damon_report },
	{ }
};

static const char * const damon_usage[] = {
	"perf damon {record|report} [<options>]",
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
