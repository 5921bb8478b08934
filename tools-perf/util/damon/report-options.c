// SPDX-License-Identifier: GPL-2.0
/*
 * Options of perf damon report, and the report that they select.
 */
#include "report.h"
#include "ui/stdio/progress.h"
#include "util/color.h"
#include "util/config.h"
#include "errors.h"
#include "heats.h"
#include "option.h"
#include "plot.h"
#include "units.h"
#include "util/debug.h"
#include "util/symbol.h"
#include "util/term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/kernel.h>
#include <subcmd/pager.h>
#include <subcmd/parse-options.h>

/* Reports by their options; the first is the default. */
enum report {
	SUMMARY, RAW, HEATS, GUIDE, POINTS, WSS, NR_REGIONS, REGIONS, MAPPINGS, NR_REPORTS
};

static bool chosen[NR_REPORTS];

/* Option, operations for printing, and operations for --plot. */
static const struct {
	const char			*option;
	const struct damon_report_ops	*print;
	const struct damon_report_ops	*plot;
} reports[NR_REPORTS] = {
	[SUMMARY]	= { NULL,		&damon_summary_ops,	&damon_heats_plot_ops },
	[RAW]		= { "raw",		&damon_raw_ops,		NULL },
	[HEATS]		= { "heats",		&damon_heats_ops,	&damon_heats_plot_ops },
	[GUIDE]		= { "guide",		&damon_guide_ops,	NULL },
	[POINTS]	= { "points",		&damon_points_ops,	NULL },
	[WSS]		= { "wss",		&damon_wss_ops,		&damon_wss_plot_ops },
	[NR_REGIONS]	= { "nr-regions", &damon_nr_regions_ops, &damon_nr_regions_plot_ops },
	[REGIONS]	= { "regions",		&damon_regions_ops,	NULL },
	[MAPPINGS]	= { "mappings",		&damon_mappings_ops,	NULL },
};

#define FOR(report)	(1U << (report))
#define FOR_MAPS	(FOR(SUMMARY) | FOR(HEATS) | FOR(POINTS))
#define FOR_POINTS	(FOR(HEATS) | FOR(POINTS))
#define FOR_COLORS	(FOR(SUMMARY) | FOR(HEATS))
#define FOR_NUMBERS	(FOR(WSS) | FOR(NR_REGIONS))
#define FOR_ACCESSED	(FOR(WSS) | FOR(MAPPINGS))
#define FOR_TABLES	(FOR(REGIONS) | FOR(MAPPINGS))
#define FOR_ALL		(FOR(NR_REPORTS) - 1)

/*
 * Options that only some reports accept. Each mask lists the reports: printed for
 * people, printed for programs (-x, -j), and drawn (--plot).
 */
static const struct {
	const char	*option;
	unsigned int	people;
	unsigned int	machines;
	unsigned int	drawn;
} special_options[] = {
	{ "all-areas",		FOR_MAPS,	FOR_POINTS,	FOR_MAPS },
	{ "tres",		FOR_MAPS,	FOR_POINTS,	FOR_MAPS },
	{ "ares",		FOR_MAPS,	FOR_POINTS,	FOR_MAPS },
	{ "palette",		FOR_COLORS,	0,		FOR_COLORS },
	{ "range",		FOR_NUMBERS,	FOR_NUMBERS,	0 },
	{ "sortby",		FOR_NUMBERS,	FOR_NUMBERS,	0 },
	{ "threshold",		FOR_ACCESSED,	FOR_ACCESSED,	FOR_ACCESSED },
	{ "work-time",		FOR(WSS),	FOR(WSS),	FOR(WSS) },
	{ "fields",		FOR_TABLES,	FOR_TABLES,	0 },
	{ "sort",		FOR_TABLES,	FOR_TABLES,	0 },
	{ "symfs",		FOR(MAPPINGS),	FOR(MAPPINGS),	0 },
	{ "raw-numbers",	FOR_ALL,	FOR_ALL,	0 },
};

static const char * const report_usage[] = {
	"perf damon report [<options>] [--heats | --wss | --mappings | --regions | ...]",
	NULL
};

static struct damon_report report;
static const char *input, *range, *sort_by, *work_time, *time_resolution, *addr_resolution, *symfs;
static bool force, json, use_stdio;

static const struct option report_options[] = {
	OPT_STRING('i', "input", &input, "file",
		   "input file name, -: standard input (default: a pipe there, or perf.data)"),
	OPT_BOOLEAN_FLAG(0, "raw", &chosen[RAW], "print every region of every snapshot",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "heats", &chosen[HEATS], "print a heat map of the hottest area",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "wss", &chosen[WSS], "print the distribution of the working set",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "nr-regions", &chosen[NR_REGIONS],
			 "print the distribution of the number of regions", PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "mappings", &chosen[MAPPINGS],
			 "print whose memory is hot: heap, stack, files, symbols",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN_FLAG(0, "regions", &chosen[REGIONS],
			 "print the regions of the last snapshot, or that nearest to --tmax",
			 PARSE_OPT_EXCLUSIVE),
	OPT_BOOLEAN(0, "guide", &chosen[GUIDE], "print which areas and times there are"),
	OPT_BOOLEAN(0, "points", &chosen[POINTS],
		    "print the points of the heat map: time, address, frequency"),
	OPT_STRING(0, "plot", &report.plot, "file",
		   "draw with gnuplot instead: .png, .svg, .pdf or .jpeg"),

	OPT_NO_UNSET(0, "time", &report.query.view, "start-end", "only this time, such as 1.5s-3s",
		     damon_view__parse_times),
	OPT_NO_UNSET(0, "tmin", &report.query.view.time_min, "time", "only since then",
		     damon_view__parse_time),
	OPT_NO_UNSET(0, "tmax", &report.query.view.time_max, "time", "only until then",
		     damon_view__parse_time),
	OPT_NO_UNSET(0, "addr", &report.query.view, "start-end", "only these addresses",
		     damon_view__parse_addrs),
	OPT_NO_UNSET(0, "amin", &report.query.view.addr_min, "address", "only from there on",
		     damon_view__parse_addr),
	OPT_NO_UNSET(0, "amax", &report.query.view.addr_max, "address", "only below there",
		     damon_view__parse_addr),
	OPT_NO_UNSET(0, "pid", &report.query.view, "pid", "only these processes",
		     damon_view__parse_pids),
	OPT_NO_UNSET(0, "target", &report.query.view, "n", "only these targets",
		     damon_view__parse_targets),

	OPT_BOOLEAN(0, "all-areas", &report.all_areas, "heat maps of all areas"),
	OPT_STRING(0, "tres", &time_resolution, "n|time",
		   "columns of the heat map, or time of each"),
	OPT_STRING(0, "ares", &addr_resolution, "n|size",
		   "rows of the heat map, or bytes of each"),
	OPT_NO_UNSET(0, "palette", &report.palette, "name",
		     "colors of the heat map: heat (default), gray, viridis or paper",
		     damon_palette__parse),

	OPT_STRING(0, "range", &range, "start,stop,step", "which percentiles, such as 0,101,25"),
	OPT_STRING(0, "sortby", &sort_by, "size|time", "percentiles by size (default), or by time"),
	OPT_NO_UNSET(0, "threshold", &report.query.threshold, "n|percent",
		     "accesses that make memory part of the working set (default: 1)",
		     damon_quantity__parse_threshold),
	OPT_STRING(0, "work-time", &work_time, "time",
		   "time for which a working set is counted (default: each snapshot)"),

	OPT_STRING('F', "fields", &report.fields, "key[,key...]", "columns to print"),
	OPT_STRING('s', "sort", &report.sort, "key[,key...]", "columns to sort by"),
	OPT_STRING(0, "symfs", &symfs, "directory", "look for files with symbols below there"),
	OPT_BOOLEAN(0, "stdio", &use_stdio, "print to the standard output, as always"),
	OPT_STRING('x', "field-separator", &report.out.separator, "separator",
		   "print fields with this between them, and exact numbers"),
	OPT_BOOLEAN('j', "json", &json, "print JSON, and exact numbers"),
	OPT_BOOLEAN(0, "raw-numbers", &report.out.raw_numbers, "print exact numbers"),
	OPT_BOOLEAN('f', "force", &force, "read the file whoever owns it"),
	OPT_INCR('v', "verbose", &verbose, "be more verbose"),
	OPT_END()
};

static const struct option *find_option(const char *name)
{
	const struct option *opt;

	for (opt = report_options; opt->type != OPTION_END; opt++) {
		if (opt->long_name && !strcmp(opt->long_name, name))
			return opt;
	}
	return NULL;
}

/* Use the letter if there is one: a long name also lists all options that start with it. */
static int wrong(const char *option)
{
	const struct option *opt = find_option(option);
	const char letter[] = { opt ? opt->short_name : 0, '\0' };

	if (*letter)
		option = letter;
	parse_options_usage(report_usage, report_options, option, strlen(option) == 1);
	return EXIT_USAGE;
}

/* --guide and --points may be combined with --heats. */
static enum report choose_report(void)
{
	enum report i;

	if (chosen[GUIDE] || chosen[POINTS])
		chosen[HEATS] = false;
	for (i = NR_REPORTS - 1; i > SUMMARY; i--) {
		if (chosen[i])
			break;
	}
	return i;
}

/* The values of all options that are not given are zero. */
static bool is_given(const struct option *opt)
{
	static const struct damon_quantity none;

	if (opt->value == &report.query.threshold)
		return memcmp(opt->value, &none, sizeof(none));
	if (opt->type == OPTION_BOOLEAN)
		return *(bool *)opt->value;
	return *(void **)opt->value;
}

static int check_combination(enum report which)
{
	enum report other;

	for (other = RAW; other < NR_REPORTS; other++) {
		if (chosen[other] && other != which) {
			pr_err("--%s cannot be used with --%s\n", reports[other].option,
			       reports[which].option);
			return wrong(reports[which].option);
		}
	}
	return 0;
}

/* Refuse options that would have no effect. */
static int check_special_options(enum report which)
{
	const char *with = report.plot ? " with --plot" : json ? " with -j" : " with -x";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(special_options); i++) {
		const char *name = special_options[i].option;
		unsigned int people = special_options[i].people, here = people;

		if (report.plot)
			here = special_options[i].drawn;
		else if (report.out.format != DAMON_FOR_PEOPLE)
			here = special_options[i].machines;
		if (here & FOR(which) || !is_given(find_option(name)))
			continue;
		pr_err("--%s is not for %s%s%s\n", name, which == SUMMARY ? "the summary" : "--",
		       reports[which].option ?: "", people & FOR(which) ? with : "");
		return wrong(name);
	}
	return 0;
}

static bool names_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int parse_special_options(void)
{
	if (range && damon_percents__parse(&report.percents, range)) {
		pr_err("--range: '%s' is not START,STOP,STEP of percentiles such as 0,101,25\n",
		       range);
		return wrong("range");
	}
	if (sort_by && strcmp(sort_by, "size") && strcmp(sort_by, "time")) {
		pr_err("--sortby: '%s' is neither size nor time\n", sort_by);
		return wrong("sortby");
	}
	report.by_time = sort_by && !strcmp(sort_by, "time");
	if (work_time && (damon_time__parse(work_time, &report.query.work_ns) ||
			  !report.query.work_ns)) {
		pr_err("--work-time: '%s' is not a time such as 1s\n", work_time);
		return wrong("work-time");
	}
	if (time_resolution &&
	    damon_resolution__parse(&report.time_resolution, time_resolution,
				    damon_time__parse)) {
		pr_err("--tres: '%s' is neither a number of columns nor a time such as 100ms\n",
		       time_resolution);
		return wrong("tres");
	}
	if (addr_resolution &&
	    damon_resolution__parse(&report.addr_resolution, addr_resolution,
				    damon_size__parse)) {
		pr_err("--ares: '%s' is neither a number of rows nor a size such as 2MiB\n",
		       addr_resolution);
		return wrong("ares");
	}
	if (symfs && !names_directory(symfs)) {
		pr_err("--symfs: '%s' is no directory\n", symfs);
		return wrong("symfs");
	}
	if (symfs && symbol__config_symfs(NULL, symfs, 0))
		return damon_out_of_memory();
	return 0;
}

static int check_keys(const char *option, const char *keys)
{
	const struct damon_report_ops *ops = report.ops;

	if (!keys || !damon_hists__check_keys(ops->columns, ops->nr_columns, option, keys))
		return 0;
	return wrong(option);
}

static int check_view(void)
{
	const struct damon_view *view = &report.query.view;

	if (view->addr_min.value >= view->addr_max.value) {
		pr_err("--amax is not above --amin\n");
		return wrong("amax");
	}
	if (view->time_min.given && view->time_min.given == view->time_max.given &&
	    view->time_min.value >= view->time_max.value) {
		pr_err("--tmax is not after --tmin\n");
		return wrong("tmax");
	}
	return 0;
}

static int choose_format(void)
{
	struct damon_output *out = &report.out;

	if (out->separator && json) {
		pr_err("-j and -x are two formats: choose one\n");
		return wrong("j");
	}
	if (out->separator && !*out->separator) {
		pr_err("-x: the separator is empty\n");
		return wrong("x");
	}
	if (out->separator && strlen(out->separator) > DAMON_MAX_SEPARATOR) {
		pr_err("-x: the separator is longer than %d characters\n", DAMON_MAX_SEPARATOR);
		return wrong("x");
	}
	if ((out->separator || json) && report.plot) {
		pr_err("--plot draws: there is nothing to print with -x or -j\n");
		return wrong("plot");
	}
	if (json)
		out->format = DAMON_JSON;
	else if (out->separator)
		out->format = DAMON_FIELDS;
	out->raw_numbers |= out->format != DAMON_FOR_PEOPLE;
	/* A tab is hard to type. */
	if (out->separator && !strcmp(out->separator, "\\t"))
		out->separator = "\t";
	return 0;
}

static int choose_ops(enum report which)
{
	if (report.plot && damon_plot__check_path(report.plot))
		return wrong("plot");
	report.ops = report.plot ? reports[which].plot : reports[which].print;
	if (report.ops)
		return 0;
	pr_err("--plot: there is no picture of --%s\n", reports[which].option);
	return wrong("plot");
}

/* Check for a terminal, and its size, before the pager replaces stdout. */
static void setup_output(void)
{
	const char *no_color = getenv("NO_COLOR");

	perf_config(perf_color_default_config, NULL);
	if (no_color && *no_color)
		perf_use_color_default = 0;
	else if (perf_use_color_default < 0)
		perf_use_color_default = isatty(STDOUT_FILENO);
	get_term_dimensions(&report.terminal);
	setup_pager();
	/* A report on a long record is some 100 MB long. */
	setvbuf(stdout, NULL, _IOFBF, 64 << 10);
}

/* Like perf report: read a pipe on stdin, if there is one. Returns NULL after printing an error. */
static const char *choose_input(void)
{
	struct stat st;

	if (input)
		return input;
	if (!fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode))
		return "-";
	if (!access("perf.data", F_OK) || errno != ENOENT)
		return "perf.data";
	pr_err("no perf.data here: 'perf damon record' makes one, -i names another\n");
	return NULL;
}

static int parse_report_options(int argc, const char **argv)
{
	enum report which;
	int ret;

	damon_view__init(&report.query.view);
	argc = parse_options(argc, argv, report_options, report_usage, 0);
	if (argc) {
		pr_err("what is '%s'? A file to read is given with -i\n", argv[0]);
		return wrong("i");
	}
	which = choose_report();
	ret = check_combination(which);
	ret = ret ?: choose_ops(which);
	ret = ret ?: choose_format();
	ret = ret ?: check_special_options(which);
	ret = ret ?: parse_special_options();
	ret = ret ?: check_keys("fields", report.fields);
	ret = ret ?: check_keys("sort", report.sort);
	return ret ?: check_view();
}

/**
 * damon_report__main - run perf damon report
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: the exit status. Errors are printed.
 */
int damon_report__main(int argc, const char **argv)
{
	int ret = parse_report_options(argc, argv);
	const char *path = ret ? NULL : choose_input();

	if (!ret && !path)
		ret = -ENOENT;
	if (!ret) {
		damon_session__init(&report.session, path, force);
		stdio_progress__init();
		if (!report.plot)
			setup_output();
		ret = damon_report__run(&report);
		damon_session__exit(&report.session);
	}
	damon_view__exit(&report.query.view);
	return ret;
}
