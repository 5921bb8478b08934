// SPDX-License-Identifier: GPL-2.0
/*
 * What users of perf type by habit, though perf damon has no such command or option, and what to
 * type instead.
 */
#include "errors.h"
#include "habits.h"
#include "util/debug.h"

#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>

#define OTHER_COMMAND	"the record is read by perf's own, without 'damon' before it"
#define A_REPORT	"perf damon report shows a record; 'perf damon help report' lists how"
#define TO_START	"perf damon start -p PID turns the monitor on"
#define TO_STOP		"perf damon stop turns the monitor off"

static const struct {
	const char	*command;
	const char	*hint;
} commands[] = {
	{ "top",	"to see it live: perf damon record -o - -p PID | perf damon report --raw" },
	{ "live",	"to see it live: perf damon record -o - -p PID | perf damon report --raw" },
	{ "monitor",	TO_START ", perf damon record also records it" },
	{ "trace",	"to record: perf damon record -p PID; to see events: perf damon script" },
	{ "stat",	"perf damon status tells what is monitored; perf damon report sums up" },
	{ "list",	"perf damon status lists what is monitored" },
	{ "ps",		"perf damon status lists what is monitored" },
	{ "info",	"perf damon status -v tells what DAMON supports in this kernel" },
	{ "heat",	"perf damon report --heats" },
	{ "heats",	"perf damon report --heats" },
	{ "heatmap",	"perf damon report --heats" },
	{ "map",	"perf damon report --heats is a heat map, --mappings has names" },
	{ "wss",	"perf damon report --wss" },
	{ "mappings",	"perf damon report --mappings" },
	{ "regions",	"perf damon report --regions" },
	{ "nr-regions",	"perf damon report --nr-regions" },
	{ "raw",	"perf damon report --raw" },
	{ "dump",	"perf damon report --raw" },
	{ "guide",	"perf damon report --guide" },
	{ "points",	"perf damon report --points" },
	{ "plot",	"perf damon report --plot FILE.png" },
	{ "show",	A_REPORT },
	{ "print",	A_REPORT },
	{ "latency",	A_REPORT },
	{ "timehist",	A_REPORT },
	{ "annotate",	"perf damon report --mappings -F accesses_percent,symbol,mapping" },
	{ "diff",	OTHER_COMMAND ": perf diff" },
	{ "inject",	OTHER_COMMAND ": perf inject" },
	{ "archive",	OTHER_COMMAND ": perf archive" },
	{ "data",	OTHER_COMMAND ": perf data" },
	{ "evlist",	OTHER_COMMAND ": perf evlist" },
	{ "buildid-list", OTHER_COMMAND ": perf buildid-list" },
	{ "config",	"perf config damon.sample=10ms and so on, see 'perf help config'" },
	{ "test",	"perf test DAMON" },
	{ "run",	"perf damon record -- COMMAND" },
	{ "exec",	"perf damon record -- COMMAND" },
	{ "attach",	TO_START },
	{ "on",		TO_START },
	{ "off",	TO_STOP },
	{ "kill",	TO_STOP },
	{ "version",	"perf version" },
	{ "-v",		"perf version, or -v behind a command" },
	{ "--version",	"perf version" },
};

/**
 * damon_habit__find - find what to type instead of a command that perf damon does not have
 * @command: the command
 *
 * Return: a text, or NULL.
 */
const char *damon_habit__find(const char *command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].command, command))
			return commands[i].hint;
	}
	return NULL;
}

static int say_hint(const struct option *opt, const char *arg __maybe_unused,
		    int unset __maybe_unused)
{
	if (opt->short_name)
		pr_err("-%c: %s\n", opt->short_name, opt->help);
	else
		pr_err("--%s: %s\n", opt->long_name, opt->help);
	exit(EXIT_USAGE);
}

#define HABIT(letter, name, hint)							\
	{ .type = OPTION_CALLBACK, .short_name = letter, .long_name = name, .help = hint,	\
	  .callback = say_hint, .flags = PARSE_OPT_OPTARG | PARSE_OPT_HIDDEN }

#define OF_SAMPLES	"is for samples of a CPU, which DAMON does not take: leave it out"
#define NO_CALLERS	"DAMON sees which memory is accessed, not by what code: leave it out"

const struct option damon_record_habits[] = {
	HABIT('F', "freq", "accesses are checked for at intervals: --sample 5ms"),
	HABIT(0, "interval", "--sample is between two checks, --aggr the time of a snapshot"),
	HABIT('I', "intr-regs", "the time of a snapshot is --aggr 100ms"),
	HABIT(0, "regions", "how many there are: --min-regions and --max-regions"),
	HABIT('C', "cpu", "memory belongs to processes, not to CPUs: -p PID, or -a"),
	HABIT('t', "tid", "threads share their memory: -p TID is its process"),
	HABIT('A', "all-cpus", "physical memory is -a, a process -p PID"),
	HABIT(0, "timeout", "--duration 10s"),
	HABIT(0, "time", "--duration 10s"),
	HABIT('g', NULL, "DAMON's events have no callers; others: -e page-faults --call-graph fp"),
	HABIT('d', "data", "addresses are always recorded: leave it out"),
	HABIT('T', "timestamp", "times are always recorded: leave it out"),
	HABIT('f', "force", "an old file is kept as FILE.old: leave it out"),
	HABIT('x', "field-separator", "perf damon report -x prints fields"),
	HABIT('j', "branch-filter", "perf damon report -j prints JSON"),
	HABIT('r', "realtime", "chrt -f 50 perf damon record ..."),
	HABIT('B', "no-buildid", "build IDs are always recorded: leave it out"),
	HABIT(0, "vmlinux", "the kernel's own memory is not monitored: leave it out"),
	HABIT(0, "all-kernel", "the kernel's own memory is not monitored: leave it out"),
	HABIT(0, "all-user", "the kernel's own memory is not monitored: leave it out"),
	HABIT(0, "phys-data", "physical memory is monitored with -a"),
	HABIT(0, "data-page-size", OF_SAMPLES),
	HABIT(0, "sample-cpu", OF_SAMPLES),
	HABIT(0, "transaction", OF_SAMPLES),
	HABIT(0, "user-regs", OF_SAMPLES),
	HABIT('S', "snapshot", OF_SAMPLES),
	HABIT('b', "branch-any", OF_SAMPLES),
	HABIT('n', "no-samples", OF_SAMPLES),
	HABIT('s', "stat", OF_SAMPLES),
	HABIT('P', "period", OF_SAMPLES),
	HABIT('R', "raw-samples", OF_SAMPLES),
	HABIT('W', "weight", OF_SAMPLES),
	HABIT(0, "per-thread", OF_SAMPLES),
	HABIT(0, "filter", "plain perf filters: perf record -a -e damon:damon_aggregated --filter"),
	OPT_END()
};

const struct option damon_stop_habits[] = {
	HABIT('p', "pid", "all of it is stopped: leave it out"),
	HABIT('a', "all", "all of it is stopped: leave it out"),
	OPT_END()
};

const struct option damon_status_habits[] = {
	HABIT('p', "pid", "all of it is listed: leave it out"),
	HABIT('a', "all", "all of it is listed: leave it out"),
	OPT_END()
};

const struct option damon_report_habits[] = {
	HABIT('n', "show-nr-samples", "snapshots are always counted, regions by --nr-regions"),
	HABIT('p', "parent", "a process is chosen by --pid 123"),
	HABIT('c', "comms", "a process is chosen by --pid or --target"),
	HABIT('d', "dsos", "--mappings has a row for each file"),
	HABIT('S', "symbols", "--mappings -F accesses_percent,symbol,mapping"),
	HABIT('o', "output", "perf damon report >FILE, or --plot FILE.png"),
	HABIT(0, "dump-raw-trace", "perf script -D -i FILE"),
	HABIT(0, "stats", "perf report --stats -i FILE"),
	HABIT(0, "mmaps", "perf report --mmaps -i FILE"),
	HABIT(0, "tasks", "perf report --tasks -i FILE"),
	HABIT('k', "vmlinux", "the kernel's own memory is not monitored: leave it out"),
	HABIT(0, "kallsyms", "the kernel's own memory is not monitored: leave it out"),
	HABIT(0, "children", NO_CALLERS),
	HABIT('g', "call-graph", NO_CALLERS),
	HABIT('G', "inverted", NO_CALLERS),
	HABIT(0, "max-stack", NO_CALLERS),
	HABIT('U', "hide-unresolved", "perf damon report --mappings | grep -v unknown"),
	HABIT('T', "threads", "threads share their memory: leave it out"),
	HABIT('C', "cpu", "memory belongs to processes, not to CPUs: --pid"),
	HABIT('a', "all", "all of the record is reported: leave it out"),
	HABIT(0, "max-rows", "perf damon report | head"),
	HABIT(0, "gtk", "there is no GTK browser: --tui or --stdio"),
	HABIT(0, "hierarchy", "--mappings --tui goes from a mapping into its regions"),
	OPT_END()
};
