// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon: record and report which memory a process uses, and how often.
 */
#include "builtin.h"
#include "perf.h"

#include "ui/ui.h"
#include "util/damon/config.h"
#include "util/damon/monitor/damos.h"
#include "util/damon/errors.h"
#include "util/damon/habits.h"
#include "util/damon/monitor/kdamond.h"
#include "util/damon/record/pass.h"
#include "util/damon/monitor/process.h"
#include "util/damon/record/record.h"
#include "util/damon/report/report.h"
#include "util/damon/monitor/sysfs.h"
#include "util/damon/units.h"
#include "util/damon/record/user.h"
#include "util/evlist.h"
#include "util/levenshtein.h"
#include "util/strbuf.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/utsname.h>
#include <api/fs/fs.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <subcmd/parse-options.h>
#ifdef HAVE_ZLIB_SUPPORT
#include <zlib.h>
#endif

/* More than these in the name of a command, and it is another word. */
#define MAX_TYPOS	2

/* Options of record and, but for the limits, of start. */
static struct damon_record record = {
	.passed = { .clock = CLOCK_MONOTONIC, .ctl_fd = -1, .ack_fd = -1 },
};

/* A greater number would need more of what a process may have open. */
#define MOST_CHILDREN	4096

static u64 max_children = 64;

/* The last option given for an attribute or the operations, and the last one for the operations. */
static const char *chosen, *chosen_ops;

static int parse_pids(const struct option *opt __maybe_unused, const char *str, int unset)
{
	damon_settings__clear_pids(&record.settings);
	if (unset || !damon_settings__parse_pids(&record.settings, str))
		return 0;
	pr_err("-p: '%s' is not a process ID, or several as 123,456\n", str);
	return -1;
}

/* Without a value: -a. */
static int parse_ops(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_settings *settings = &record.settings;
	const char *ops = str ?: "paddr";

	if (strcmp(ops, "vaddr") && strcmp(ops, "fvaddr") && strcmp(ops, "paddr")) {
		pr_err("--%s: '%s' is not supported: vaddr (virtual addresses of processes), fvaddr (given virtual addresses of processes), paddr (physical addresses)\n",
		       opt->long_name, ops);
		return -1;
	}
	if (chosen_ops && strcmp(settings->ops, ops)) {
		pr_err("--%s: the operations are %s already, by --%s\n", opt->long_name,
		       settings->ops, chosen_ops);
		return -1;
	}
	chosen = opt->long_name;
	chosen_ops = opt->long_name;
	scnprintf(settings->ops, sizeof(settings->ops), "%s", ops);
	return 0;
}

static bool are_pages(const struct damon_ranges *ranges)
{
	const u64 page_size = sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < ranges->nr; i++) {
		if (ranges->range[i].start % page_size || ranges->range[i].end % page_size)
			return false;
	}
	return true;
}

static int parse_ranges(const struct option *opt, const char *str, int unset __maybe_unused)
{
	struct damon_ranges *ranges = &record.settings.ranges;
	int err = damon_ranges__parse(ranges, str);

	if (err == -ENOMEM)
		pr_err("--%s: '%s' does not fit into memory\n", opt->long_name, str);
	else if (err)
		pr_err("--%s: '%s' is not START-END,START-END in ascending order, such as 4GiB-5GiB\n",
		       opt->long_name, str);
	else if (!are_pages(ranges))
		pr_err("--%s: '%s' is not whole pages\n", opt->long_name, str);
	else
		return 0;
	return -1;
}

/* --no-OPTION restores perf's default, or sets 0 if perf has none. */
static int parse_attr(const struct option *opt, const char *str, int unset)
{
	const struct damon_attr *attr = damon_attr__find(opt->long_name);
	char name[32];

	chosen = opt->long_name;
	if (unset) {
		damon_attr__value(attr, &record.settings) =
			attr->initial == DAMON_ATTR_NONE ? 0 : attr->initial;
		return 0;
	}
	scnprintf(name, sizeof(name), "--%s", attr->name);
	return damon_attr__set(attr, &record.settings, name, str) ? -1 : 0;
}

static int add_scheme(const char *spec)
{
	struct damon_scheme scheme;
	int err;

	if (record.settings.nr_schemes == DAMON_MAX_SCHEMES) {
		pr_err("--scheme: there are more than %zu\n", DAMON_MAX_SCHEMES);
		return -E2BIG;
	}
	err = damon_scheme__parse(&scheme, spec);
	if (!err && damon_settings__add_scheme(&record.settings, &scheme)) {
		damon_scheme__exit(&scheme);
		err = damon_out_of_memory();
	}
	return err;
}

/* A scheme a line; empty lines and comments are passed over. */
static int add_schemes_of(const char *path)
{
	char *text, *rest, *line;
	size_t size;
	int err = filename__read_str(path, &text, &size);

	if (err) {
		pr_err("--scheme: cannot read %s: %s\n", path, strerror(-err));
		return err;
	}
	rest = text;
	while (!err && (line = strsep(&rest, "\n"))) {
		line = strim(line);
		if (*line && *line != '#')
			err = add_scheme(line);
	}
	free(text);
	return err;
}

static int parse_scheme(const struct option *opt, const char *str, int unset __maybe_unused)
{
	chosen = opt->long_name;
	return (*str == '@' ? add_schemes_of(str + 1) : add_scheme(str)) ? -1 : 0;
}

static int parse_mmap_pages(const struct option *opt __maybe_unused, const char *str, int unset)
{
	record.mmap_pages = 0;
	/* Prints its own error messages. */
	return unset ? 0 : __evlist__parse_mmap_pages(&record.mmap_pages, str);
}

/* --duration and --max-size */
static int parse_limit(const struct option *opt, const char *str, int unset)
{
	u64 *limit = opt->value;
	bool is_time = limit == &record.duration_ns;

	*limit = 0;
	if (unset || (!damon_number__parse(is_time ? DAMON_TIME : DAMON_SIZE, str, limit) &&
		      *limit && *limit <= LONG_MAX))
		return 0;
	pr_err("--%s: '%s' is not a %s\n", opt->long_name, str,
	       is_time ? "time: give a number and a unit, such as 10s or 5min" :
			 "size: give a number and a unit, such as 100MiB or 2G");
	return -1;
}

#ifdef HAVE_ZSTD_SUPPORT
static int parse_comp_level(const struct option *opt __maybe_unused, const char *str, int unset)
{
	u64 level = !unset;

	if (str && (damon_number__parse(DAMON_COUNT, str, &level) || level > 22)) {
		pr_err("-z: '%s' is not a level of compression, 1 to 22\n", str);
		return -1;
	}
	record.comp_level = level;
	return 0;
}
#endif

/* OPT_CALLBACK() that refuses --no-OPTION, with which the callback would get no value. */
#define OPT_NO_UNSET(name, argh_, help_, fn)						\
	{ .type = OPTION_CALLBACK, .long_name = name, .argh = argh_, .help = help_,	\
	  .callback = fn, .flags = PARSE_OPT_NONEG }
/* Options of perf record, and one without a value. */
#define OPT_PASSED(short, name, argh_, help_, fn)					\
	{ .type = OPTION_CALLBACK, .short_name = short, .long_name = name,		\
	  .value = &record.passed, .argh = argh_, .help = help_,			\
	  .callback = damon_passed__##fn, .flags = PARSE_OPT_NONEG }
#define OPT_PASSED_FLAG(short, name, help_, fn)						\
	{ .type = OPTION_CALLBACK, .short_name = short, .long_name = name,		\
	  .value = &record.passed, .help = help_, .callback = damon_passed__##fn,	\
	  .flags = PARSE_OPT_NONEG | PARSE_OPT_NOARG }
#define OPT_ATTR(name, argh, help)	OPT_CALLBACK(0, name, NULL, argh, help, parse_attr)

/* Options of record and start: what to monitor, and how. */
static const struct option setting_options[] = {
	OPT_CALLBACK('p', "pid", NULL, "pid", "monitor the memory of these processes", parse_pids),
	{ .type = OPTION_CALLBACK, .short_name = 'a', .long_name = "all",
	  .help = "monitor physical memory", .callback = parse_ops,
	  .flags = PARSE_OPT_NOARG | PARSE_OPT_NONEG },
	OPT_NO_UNSET("ranges", "start-end[,start-end...]",
		     "monitor these addresses, of processes or of physical memory", parse_ranges),
	OPT_NO_UNSET("ops", "name",
		     "operations: vaddr (default), fvaddr (with --ranges), paddr (as -a)",
		     parse_ops),
	OPT_ATTR("sample", "time", "time between two access checks (default: 5ms)"),
	OPT_ATTR("aggr", "time", "time in which accesses are counted (default: 100ms)"),
	OPT_ATTR("update", "time",
		 "time between two looks at the processes' mappings (default: 1s)"),
	OPT_ATTR("min-regions", "n", "least number of regions (default: 10)"),
	OPT_ATTR("max-regions", "n", "greatest number of regions (default: 1000)"),
	OPT_ATTR("tlb-flushes", "n",
		 "most flushes of the TLB in a second, 0: none (default: the kernel's)"),
	OPT_NO_UNSET("scheme", "scheme|@file",
		     "what to do with which memory, such as pageout,age>=7s; may be repeated",
		     parse_scheme),
	OPT_PARENT(damon_record_habits)
};

static const struct option record_options[] = {
	OPT_STRING('o', "output", &record.output, "file",
		   "output file name, - is the standard output (default: perf.data)"),
	OPT_CALLBACK('m', "mmap-pages", NULL, "pages",
		     "size of each CPU's ring buffer, in pages or with a unit",
		     parse_mmap_pages),
	OPT_CALLBACK(0, "duration", &record.duration_ns, "time", "record for so long", parse_limit),
	OPT_CALLBACK(0, "max-size", &record.max_size, "size",
		     "end when the file is about so big", parse_limit),
#ifdef HAVE_ZSTD_SUPPORT
	OPT_CALLBACK_OPTARG('z', "compression-level", NULL, NULL, "n",
			    "compress by Zstandard, at level 1 (default) to 22",
			    parse_comp_level),
#endif
	OPT_STRING(0, "user", &record.user, "name", "run the command as this user"),
	OPT_PASSED('e', "event", "event", "also record this event of the processes", add_event),
	OPT_PASSED(0, "filter", "filter", "filter of the event of the -e before it",
		   add_for_events),
	OPT_PASSED('c', "count", "n", "period of the events of -e", add_for_events),
	OPT_PASSED('F', "freq", "n", "frequency of the events of -e, or max", add_for_events),
	OPT_PASSED(0, "call-graph", "mode[,size]",
		   "call graphs of the events of -e: fp, dwarf or lbr", add_for_events),
	OPT_PASSED('k', "clockid", "clockid",
		   "clock of all events: CLOCK_MONOTONIC (default) or CLOCK_MONOTONIC_RAW",
		   set_clock),
	OPT_PASSED('D', "delay", "ms",
		   "record from so many ms on, in periods such as 10-20,30-40, or when --control says (-1)",
		   set_delay),
	OPT_PASSED(0, "control", "fd:ctl-fd[,ack-fd] or fifo:ctl-fifo[,ack-fifo]",
		   "commands and acknowledgments: enable, disable, stop, ping and evlist",
		   set_control),
	{ .type = OPTION_CALLBACK, .long_name = "switch-output", .value = &record.passed,
	  .argh = "signal or size[BKMG] or time[smhd]", .callback = damon_passed__add_files,
	  .help = "begin a new file on SIGUSR2 (signal, default), at this size or after this time",
	  .flags = PARSE_OPT_NONEG | PARSE_OPT_OPTARG },
	OPT_PASSED(0, "switch-max-files", "n", "keep so many files of --switch-output", add_files),
	OPT_PASSED_FLAG(0, "timestamp-filename", "append the time to the file's name", add_files),
	OPT_PASSED_FLAG(0, "overwrite", "keep the latest events only, until SIGUSR2 or the end",
			add),
	OPT_PASSED_FLAG(0, "timestamp-boundary", "record the times of the first and last sample",
			add),
	OPT_PASSED('r', "realtime", "priority", "write with this priority of SCHED_FIFO", add),
	OPT_STRING('G', "cgroup", &record.members.cgroup, "name",
		   "monitor the processes of this cgroup, as they come and go"),
	OPT_STRING('u', "uid", &record.members.user, "user",
		   "monitor the processes of this user, as they come and go"),
	OPT_BOOLEAN('i', "no-inherit", &record.no_inherit, "do not monitor child processes"),
	OPT_U64(0, "max-children", &max_children,
		"most child processes that are monitored at a time (default: 64)"),
	OPT_BOOLEAN('q', "quiet", &quiet, "print no messages but errors"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(setting_options)
};

static bool stop_others;

static const struct option stop_options[] = {
	OPT_BOOLEAN(0, "others", &stop_others,
		    "end and remove also what others than perf damon have configured"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(damon_stop_habits)
};

static const struct option start_options[] = {
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_PARENT(setting_options)
};

static const struct option status_options[] = {
	OPT_INCR('v', "verbose", &verbose, "also print what DAMON supports in this kernel"),
	OPT_PARENT(damon_status_habits)
};

static const char * const record_usage[] = {
	"perf damon record [<options>] -p <pid>[,<pid>...] [-- <command that says for how long>]",
	"perf damon record [<options>] -- <command> [<command options>]",
	"perf damon record [<options>] {-G <cgroup> | -u <user>} [-- <command that says for how long>]",
	"perf damon record [<options>] -a [-- <command that says for how long>]",
	"perf damon record [<options>]        (what DAMON does already)",
	NULL
};

static const char * const start_usage[] = {
	"perf damon start [<options>] -p <pid>[,<pid>...]",
	"perf damon start [<options>] -a",
	NULL
};

static const char * const stop_usage[] = {
	"perf damon stop [--others]",
	NULL
};

static const char * const status_usage[] = {
	"perf damon status [-v]",
	NULL
};

/* Checks of options print what is wrong, and return the wrong one, or NULL. */
static const char *check_attrs(const struct damon_settings *settings)
{
	const char *wrong = damon_settings__check(settings, "", "--");

	if (wrong)
		return wrong;
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

static const char *check_virtual(const struct damon_settings *settings, bool has_target)
{
	bool has_ranges = settings->ranges.nr;

	if (has_ranges && !has_target) {
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

static const char *check_schemes(const struct damon_settings *settings)
{
	const char *missing;
	size_t i;

	for (i = 0; i < settings->nr_schemes; i++) {
		missing = damon_scheme__check_ops(&settings->scheme[i], settings->ops);
		if (!missing)
			continue;
		pr_err("--scheme: %s is only for %s\n", missing,
		       damon_settings__is_physical(settings) ?
		       "addresses of processes, vaddr and fvaddr" : "physical memory, -a");
		return "scheme";
	}
	return NULL;
}

static const char *check_settings(struct damon_settings *settings, bool has_command)
{
	bool has_target = settings->nr_pids || has_command;
	const char *wrong;

	if (settings->ranges.nr && !chosen_ops && has_target)
		scnprintf(settings->ops, sizeof(settings->ops), "fvaddr");
	wrong = check_attrs(settings) ?: check_schemes(settings);
	return wrong ?: damon_settings__is_physical(settings) ? check_physical(settings) :
	       check_virtual(settings, has_target);
}

static const char *check_passed(const struct damon_passed *passed, bool to_stdout)
{
	if (passed->of_events && !passed->events) {
		pr_err("--%s: of which events? give them with -e; how often accesses are checked for is --sample\n",
		       passed->of_events);
		return passed->of_events;
	}
	if (passed->switches && to_stdout) {
		pr_err("--switch-output: the standard output is one file: give others with -o\n");
		return "switch-output";
	}
	if (passed->delayed && !passed->nr_toggles && passed->ctl_fd < 0) {
		pr_err("-D: nobody would enable the events: give --control, too\n");
		return "D";
	}
	return NULL;
}

/* Whose processes are monitored is said in one way. */
static const char *check_members(void)
{
	const struct damon_members *members = &record.members;

	if (members->cgroup && members->user) {
		pr_err("-u: the processes of a cgroup are monitored already, by -G\n");
		return "u";
	}
	if (!damon_members__are_given(members))
		return NULL;
	if (record.settings.nr_pids) {
		pr_err("-p: processes are chosen already, by -%c\n", members->cgroup ? 'G' : 'u');
		return "p";
	}
	if (damon_settings__is_physical(&record.settings)) {
		pr_err("-%c: physical memory is monitored, which belongs to no process\n",
		       members->cgroup ? 'G' : 'u');
		return members->cgroup ? "G" : "u";
	}
	return NULL;
}

static const char *check_user(void)
{
	if (record.user && !record.command) {
		pr_err("--user: nothing is run: give a command, too\n");
		return "user";
	}
	return record.user && damon_user__check(record.user) ? "user" : NULL;
}

static const char *check_record(void)
{
	struct damon_settings *settings = &record.settings;
	bool to_stdout = !strcmp(record.output, "-");
	bool has_members = damon_members__are_given(&record.members);
	const char *wrong = check_settings(settings, record.command || has_members) ?:
			    check_passed(&record.passed, to_stdout) ?: check_user();

	wrong = wrong ?: check_members();
	if (wrong)
		return wrong;
	if (!settings->nr_pids && !record.command && !has_members &&
	    !damon_settings__is_physical(settings) && chosen) {
		pr_err("--%s: of what? give a process with -p, all memory with -a, or a command\n",
		       chosen);
		return chosen;
	}
	if (max_children > MOST_CHILDREN) {
		pr_err("--max-children: %" PRIu64 " is too big: at most %d\n", max_children,
		       MOST_CHILDREN);
		return "max-children";
	}
	if (!record.no_inherit && (settings->nr_pids || record.command || has_members) &&
	    !damon_settings__is_physical(settings))
		settings->max_children = max_children;
	if (to_stdout && isatty(STDOUT_FILENO)) {
		pr_err("-o: will not write a recording to a terminal: give a file, or a pipe\n");
		return "o";
	}
	/* perf can write a compressed stream, but cannot read it. */
	if (to_stdout && record.comp_level) {
		pr_err("-z: a stream cannot be compressed: give a file with -o\n");
		return "z";
	}
	return NULL;
}

static int start(struct damon_settings *settings)
{
	struct damon_processes processes = {};
	struct damon_monitor monitor;
	int err;

	err = damon_monitor__claim(&monitor, "start");
	if (err)
		return err;
	err = damon_processes__open(&processes, settings, /*must_exist=*/true, 0);
	err = err ?: damon_settings__find_memory(settings);
	err = err ?: damon_monitor__configure(&monitor, settings, &processes);
	err = err ?: damon_monitor__turn_on(&monitor, settings, &processes);
	damon_processes__close(&processes);
	if (err) {
		damon_monitor__release(&monitor);
		return err;
	}
	/* In a container, its thread has no number. */
	if (monitor.tid)
		printf("kdamond %d monitors", monitor.tid);
	else
		printf("DAMON monitors");
	printf("; to record it: perf damon record; to end it: perf damon stop\n");
	damon_monitor__leave(&monitor);
	return 0;
}

static int check_stop(bool others)
{
	struct damon_kdamonds kdamonds;
	int err = damon_kdamonds__read(&kdamonds);

	if (err)
		return err;
	if (!kdamonds.nr_sysfs) {
		damon_mark__remove();
		pr_err("there is nothing to stop: no kdamond is configured\n");
		err = -ESRCH;
	} else if (!others && kdamonds.maker == DAMON_BY_OTHERS) {
		pr_err("somebody else has configured DAMON: to stop it nevertheless: perf damon stop --others\n");
		err = -EPERM;
	}
	damon_kdamonds__exit(&kdamonds);
	return err;
}

static int stop(bool others)
{
	int err = damon_sysfs__check(/*and_events=*/false), lock;

	if (err)
		return err;
	lock = damon_sysfs__lock();
	if (lock < 0) {
		pr_err("perf damon record is running: it ends its kdamond itself, on ^C or SIGTERM\n");
		return lock;
	}
	err = check_stop(others) ?: damon_kdamonds__stop();
	close(lock);
	return err;
}

static void print_targets(const struct damon_settings *settings)
{
	struct strbuf ranges = STRBUF_INIT;
	char name[32];
	size_t i;

	for (i = 0; i < settings->nr_pids; i++) {
		damon_process__name(settings->pids[i], name, sizeof(name));
		printf("  process:    %d (%s)\n", settings->pids[i], name);
	}
	if (!damon_ranges__print(&settings->ranges, &ranges) && ranges.len)
		printf("  addresses:  %s\n", ranges.buf);
	strbuf_release(&ranges);
}

static void print_stats(const struct damos_stats *stats)
{
	printf("              tried %s in %llu regions, applied to %s; ",
	       damon_number__str(DAMON_SIZE, stats->sz_tried, /*exact=*/false),
	       (unsigned long long)stats->nr_tried,
	       damon_number__str(DAMON_SIZE, stats->sz_applied, /*exact=*/false));
	printf("over quota in %llu windows\n", (unsigned long long)stats->qt_exceeds);
}

static void print_schemes(const struct damon_kdamond *kdamond)
{
	const struct damon_settings *settings = &kdamond->settings;
	struct damos_stats *stats = calloc(settings->nr_schemes + 1, sizeof(*stats));
	bool has_stats = stats && kdamond->on &&
			 !damos__read_stats(stats, kdamond->index, settings->nr_schemes);
	size_t i;

	for (i = 0; i < settings->nr_schemes; i++) {
		struct strbuf text = STRBUF_INIT;

		if (!damon_scheme__print(&settings->scheme[i], &text))
			printf("  scheme %zu:   %s\n", i, text.buf);
		strbuf_release(&text);
		if (has_stats)
			print_stats(&stats[i]);
	}
	if (!kdamond->has_schemes)
		printf("  schemes:    there are others, which this perf does not know\n");
	free(stats);
}

static void print_kdamond(const struct damon_kdamond *kdamond, enum damon_maker maker)
{
	static const char * const makers[] = {
		[DAMON_BY_OTHERS]	 = "somebody else",
		[DAMON_BY_RECORD]	 = "perf damon record",
		[DAMON_BY_START]	 = "perf damon start",
		[DAMON_BY_KILLED_RECORD] =
			"a perf damon record that was killed (perf damon stop ends it)",
	};
	char settings[DAMON_SETTINGS_LEN];

	if (kdamond->module) {
		printf("%s: running, process %d; made by the kernel\n", kdamond->module,
		       kdamond->pid);
		return;
	}
	printf("kdamond %u: ", kdamond->index);
	if (kdamond->on)
		printf("running, process %d", kdamond->pid);
	else
		printf("off");
	printf("; made by %s\n", makers[maker]);
	if (!kdamond->has_settings)
		return;
	damon_settings__scnprintf(&kdamond->settings, settings, sizeof(settings));
	printf("  settings:   %s\n", settings);
	print_targets(&kdamond->settings);
	print_schemes(kdamond);
}

static int print_kdamonds(void)
{
	struct damon_kdamonds kdamonds;
	int err = damon_kdamonds__read(&kdamonds);
	size_t i;

	if (err)
		return err;
	for (i = 0; i < kdamonds.nr; i++)
		print_kdamond(&kdamonds.kdamond[i], kdamonds.maker);
	if (!kdamonds.nr)
		printf("no kdamond is running\n");
	damon_kdamonds__exit(&kdamonds);
	return 0;
}

/* Print what is next in a list, and change what is before the following. */
static void print_next(const char **before, const char *what)
{
	printf("%s%s", *before, what);
	*before = ", ";
}

static void print_kdamond_abilities(void)
{
	const char *before = "  options:     ";
	const struct damon_attr *attr;
	char operations[64], path[PATH_MAX];

	if (!damon_sysfs__read(operations, sizeof(operations), "0/contexts/0/avail_operations")) {
		strreplace(operations, '\n', ' ');
		printf("  operations:  %s\n", operations);
	}
	damon_attr__for_each(attr) {
		scnprintf(path, sizeof(path), "0/contexts/0/monitoring_attrs/%s", attr->file);
		if (!damon_sysfs__inode(path))
			continue;
		print_next(&before, "--");
		printf("%s", attr->name);
	}
	printf("%s", *before == ',' ? "\n" : "");
}

#ifdef HAVE_ZLIB_SUPPORT
/* The kernel's configuration; zlib reads uncompressed files, too. */
static gzFile open_config(const char *release)
{
	char path[PATH_MAX];
	gzFile file;

	scnprintf(path, sizeof(path), "%s/config.gz", procfs__mountpoint());
	file = gzopen(path, "r");
	if (file)
		return file;
	scnprintf(path, sizeof(path), "/boot/config-%s", release);
	return gzopen(path, "r");
}

static bool print_configured_operations(const char *release)
{
	gzFile config = open_config(release);
	bool vaddr = false, paddr = false;
	char line[256];

	if (!config)
		return false;
	while (gzgets(config, line, sizeof(line))) {
		vaddr |= strstarts(line, "CONFIG_DAMON_VADDR=y");
		paddr |= strstarts(line, "CONFIG_DAMON_PADDR=y");
	}
	gzclose(config);
	printf("  operations:  %s%s\n", vaddr ? "vaddr fvaddr " : "", paddr ? "paddr" : "");
	return true;
}
#else
static bool print_configured_operations(const char *release __maybe_unused)
{
	return false;
}
#endif

/*
 * sysfs shows the kernel's features only while a kdamond is configured. We do not configure one
 * only to read them.
 */
static void print_abilities(void)
{
	struct utsname kernel;

	if (uname(&kernel))
		return;
	printf("\nDAMON of this kernel, %s:\n", kernel.release);
	if (damon_sysfs__inode("0/contexts/0"))
		print_kdamond_abilities();
	else if (!print_configured_operations(kernel.release))
		printf("  operations:  unknown until a kdamond is configured\n");
	printf("  tracepoint:  %s\n",
	       damon_sysfs__find_tracepoint("damon_aggregated", /*mount=*/false) ?
	       "none: nothing can be recorded" : "damon:damon_aggregated");
}

static int refuse_option(const char *wrong, const char * const *usage)
{
	bool is_short = strlen(wrong) == 1;

	parse_options_usage(usage, setting_options, wrong, is_short);
	parse_options_usage(NULL, record_options, wrong, is_short);
	return EXIT_USAGE;
}

/* For commands that take options only. */
static void parse_only_options(int argc, const char **argv, const struct option *options,
			       const char * const *usage)
{
	argc = parse_options(argc, argv, options, usage, PARSE_OPT_STOP_AT_NON_OPTION);
	if (!argc)
		return;
	pr_err("what is '%s'? usage: %s\n", argv[0], *usage);
	exit(EXIT_USAGE);
}

static bool is_number(const char *arg)
{
	return *arg && !arg[strspn(arg, "0123456789")];
}

/* As in: perf damon record -p $(pidof chromium) */
static int refuse_number(const char *number)
{
	if (record.settings.nr_pids)
		pr_err("%s: no command: several processes are given as -p 123,456\n", number);
	else
		pr_err("%s: no command: a process is given as -p %s\n", number, number);
	return EXIT_USAGE;
}

static int cmd_damon_record(int argc, const char **argv)
{
	const char *wrong;
	int ret;

	damon_settings__init(&record.settings);
	if (damon_config__read_settings(&record.settings))
		return EXIT_USAGE;
	argc = parse_options(argc, argv, record_options, record_usage,
			     PARSE_OPT_STOP_AT_NON_OPTION);
	if (argc && is_number(argv[0]))
		return refuse_number(argv[0]);
	if (!record.output)
		record.output = "perf.data";
	record.command = argc ? argv : NULL;
	record.cmd_record = cmd_record;
	wrong = check_record();
	if (wrong)
		return refuse_option(wrong, record_usage);
	if (record.passed.nr && damon_recorder__check(&record))
		return EXIT_USAGE;
	ret = damon_record__run(&record);
	damon_settings__exit(&record.settings);
	return ret;
}

static int cmd_damon_start(int argc, const char **argv)
{
	struct damon_settings *settings = &record.settings;
	sigset_t mask, old;
	const char *wrong;
	int ret;

	damon_settings__init(settings);
	if (damon_config__read_settings(settings))
		return EXIT_USAGE;
	parse_only_options(argc, argv, start_options, start_usage);
	wrong = check_settings(settings, /*has_command=*/false);
	if (!wrong && !settings->nr_pids && !damon_settings__is_physical(settings)) {
		pr_err("nothing to monitor: give a process with -p, or all memory with -a\n");
		wrong = "p";
	}
	if (wrong)
		return refuse_option(wrong, start_usage);
	/* A signal in between would leave a kdamond that is configured, but off. */
	damon_signals__that_end(&mask);
	sigprocmask(SIG_BLOCK, &mask, &old);
	ret = start(settings);
	sigprocmask(SIG_SETMASK, &old, NULL);
	damon_settings__exit(settings);
	return ret;
}

static int cmd_damon_stop(int argc, const char **argv)
{
	parse_only_options(argc, argv, stop_options, stop_usage);
	return stop(stop_others);
}

static int cmd_damon_status(int argc, const char **argv)
{
	int err;

	parse_only_options(argc, argv, status_options, status_usage);
	err = damon_sysfs__check(/*and_events=*/false) ?: print_kdamonds();
	if (!err && verbose > 0)
		print_abilities();
	return err;
}

static const struct damon_cmd {
	const char	*name;
	const char	*summary;
	int		(*fn)(int argc, const char **argv);
} damon_cmds[] = {
	{ "record",	"monitor memory and record it",			cmd_damon_record },
	{ "report",	"show what was recorded",			damon_report__main },
	{ "script",	"print the events, as perf script does",		cmd_script },
	{ "start",	"monitor memory until it is stopped",		cmd_damon_start },
	{ "status",	"print what is monitored",			cmd_damon_status },
	{ "stop",	"end what start, or a killed record, has left",	cmd_damon_stop },
	{ "help",	"print this, or the options of a command",	NULL },
	{ }
};

/* Usage behind an empty line is printed as it is. */
static const char **list_commands(void)
{
	static const char *usage[ARRAY_SIZE(damon_cmds) + 2] = {
		"perf damon {record|report|script|start|status|stop|help} [<options>]", "",
	};
	const char **line = &usage[2];
	const struct damon_cmd *cmd;
	char *text;

	for (cmd = damon_cmds; cmd->name; cmd++) {
		if (asprintf(&text, "%-8s  %s", cmd->name, cmd->summary) >= 0)
			*line++ = text;
	}
	return usage;
}

/* As perf's other commands do: three letters are enough if only one command begins with them. */
static const struct damon_cmd *find_command(const char *name)
{
	const struct damon_cmd *cmd, *found = NULL;
	unsigned int nr = 0;

	for (cmd = damon_cmds; cmd->name; cmd++) {
		if (!strcmp(cmd->name, name))
			return cmd;
		if (strlen(name) < 3 || !strstarts(cmd->name, name))
			continue;
		found = cmd;
		nr++;
	}
	return nr == 1 && !damon_habit__find(name) ? found : NULL;
}

static const struct damon_cmd *find_similar_command(const char *name)
{
	const struct damon_cmd *cmd, *nearest = NULL;
	int distance, least = MAX_TYPOS + 1;

	for (cmd = damon_cmds; cmd->name; cmd++) {
		distance = levenshtein(name, cmd->name, /*swap=*/1, /*substitute=*/2, /*insert=*/1,
				       /*delete=*/1);
		if (distance >= least)
			continue;
		least = distance;
		nearest = cmd;
	}
	return nearest;
}

/* In one line, what to type instead. */
static int refuse_command(const char *name)
{
	const char *hint = damon_habit__find(name);
	const struct damon_cmd *similar = find_similar_command(name);

	if (hint)
		pr_err("perf damon %s: %s\n", name, hint);
	else if (*name == '-')
		pr_err("perf damon %s: an option of which command? 'perf damon help' lists them\n",
		       name);
	else if (similar)
		pr_err("perf damon has no command '%s': did you mean '%s'?\n", name, similar->name);
	else
		pr_err("perf damon has no command '%s': 'perf damon help' lists them\n", name);
	return EXIT_USAGE;
}

/* Those that parse_options() knows itself. */
static bool is_usual_option(const char *arg)
{
	return strstarts(arg, "-h") || strstarts(arg, "--help") || strstarts(arg, "--list-");
}

int cmd_damon(int argc, const char **argv)
{
	static const struct option options[] = { OPT_END() };
	const char *names[ARRAY_SIZE(damon_cmds)] = {}, *help[] = { NULL, "-h", NULL };
	const char **usage = list_commands();
	const struct damon_cmd *cmd;

	/* Messages go to stderr, whatever tui.damon is: reports take the terminal themselves. */
	use_browser = 0;
	if (argc > 1 && *argv[1] == '-' && !is_usual_option(argv[1]))
		return refuse_command(argv[1]);
	for (cmd = damon_cmds; cmd->name; cmd++)
		names[cmd - damon_cmds] = cmd->name;
	argc = parse_options_subcommand(argc, argv, options, names, usage,
					PARSE_OPT_STOP_AT_NON_OPTION);
	if (!argc)
		usage_with_options(usage, options);
	cmd = find_command(argv[0]);
	if (cmd && !cmd->fn && argc > 1) {
		help[0] = argv[1];
		argv = help;
		argc = 2;
		cmd = find_command(argv[0]);
	}
	if (!cmd)
		return refuse_command(argv[0]);
	if (!cmd->fn)
		usage_with_options(usage, options);
	return cmd->fn(argc, argv);
}
