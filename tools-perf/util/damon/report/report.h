/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_REPORT_H
#define __PERF_DAMON_REPORT_H

#include "groups.h"
#include "output.h"
#include "../monitor/scheme.h"
#include "../model/session.h"
#include "../model/overview.h"
#include "zoom.h"

#include <sys/ioctl.h>

struct damon_report;

/**
 * struct damon_report_ops - a report
 * @name: the option that chooses it, NULL: the summary
 * @options: the options that it accepts, of those that not all reports accept, NULL at the end
 * @columns: columns for -F and -s
 * @nr_columns: number of columns
 * @sort: the usual columns to sort by
 * @for_programs: the report with -x and -j, NULL: the same
 * @series: the number of each snapshot whose distribution is reported
 * @total_key: key for the average of @series, summed over all targets
 * @total_label: the same for people
 * @map_cols: most columns of heat maps, unless --tres is given; 0: as many as the terminal has
 * @map_rows: most rows of heat maps, unless --ares is given; 0: as many as the terminal has
 * @maps: the report needs the names of mappings
 * @uncut: the report shows regions as they were monitored, not cut to mappings
 * @streams: the report prints each snapshot at once, and needs only one pass of a pipe; no progress
 *	     bar on the same terminal
 * @begin: allocates and initializes @priv of a target
 * @head: prints headers before the second pass
 * @snapshot: handles a snapshot in the second pass; NULL: there is no second pass
 * @end: prints data of all targets
 * @target: prints data of one target
 * @all: prints rows of all targets, in groups
 * @plot: draws instead of all printing; NULL: there is no picture
 * @exit: frees what is in @priv of a target
 *
 * All may be NULL. Those with a result return 0, or a negative error number after printing an
 * error.
 */
struct damon_report_ops {
	const char			*name;
	const char * const		*options;
	const struct damon_column	*columns;
	size_t				nr_columns;
	const char			*sort;
	const struct damon_report_ops	*for_programs;
	enum damon_series		series;
	const char			*total_key;
	const char			*total_label;
	unsigned int			map_cols;
	unsigned int			map_rows;
	bool				maps;
	bool				uncut;
	bool				streams;
	int	(*begin)(struct damon_report *report, struct damon_target *target);
	void	(*head)(struct damon_report *report);
	int	(*snapshot)(struct damon_report *report, struct damon_target *target,
			    const struct damon_snapshot *snapshot);
	int	(*end)(struct damon_report *report);
	int	(*target)(struct damon_report *report, struct damon_target *target);
	int	(*all)(struct damon_report *report);
	int	(*plot)(struct damon_report *report);
	void	(*exit)(struct damon_target *target);
};

/**
 * struct damon_percents - which percentiles to print
 * @start: the first one
 * @stop: they are below this
 * @step: from one to the next, 0: print the usual ones
 */
struct damon_percents {
	u64	start;
	u64	stop;
	u64	step;
};

/**
 * struct damon_report - a run of perf damon report
 * @ops: the report
 * @session: reads the perf.data
 * @query: parameters of the first pass
 * @overview: results of the first pass
 * @groups: groups of rows
 * @out: output format
 * @table: the table of a report that prints rows as they come
 * @started: heads are printed
 * @row_target: the target that rows of fields begin with
 * @plot: name of the picture to draw, NULL: print
 * @browses: show tables on the terminal
 * @zoom: the regions of mappings, if @browses
 * @terminal: size of the terminal, read before a pager is started
 * @percents: percentiles to print
 * @by_time: percentiles by time, not by size
 * @all_areas: heat maps of all areas, not only of the hottest one
 * @palette: colors of heat maps, NULL: the default ones
 * @time_resolution: time resolution of heat maps
 * @addr_resolution: address resolution of heat maps
 * @what_if: the scheme that it is asked about
 * @fields: columns to print, NULL: the default ones
 * @percent_limit: percentage of accesses below which mappings are not printed
 * @sort: columns to sort by, and to group by if they are names, NULL: the default ones
 */
struct damon_report {
	const struct damon_report_ops	*ops;
	struct damon_session		session;
	struct damon_query		query;
	struct damon_overview		overview;
	struct damon_groups		groups;
	struct damon_output		out;
	struct damon_table		table;
	bool				started;
	const struct damon_target	*row_target;
	const char			*plot;
	bool				browses;
	struct damon_zoom		zoom;
	struct winsize			terminal;
	struct damon_percents		percents;
	bool				by_time;
	bool				all_areas;
	const struct damon_palette	*palette;
	struct damon_quantity		time_resolution;
	struct damon_quantity		addr_resolution;
	struct damon_scheme		what_if;
	const char			*fields;
	const char			*sort;
	double				percent_limit;
};

extern const struct damon_report_ops damon_summary_ops;
extern const struct damon_report_ops damon_raw_ops;
extern const struct damon_report_ops damon_heats_ops;
extern const struct damon_report_ops damon_points_ops;
extern const struct damon_report_ops damon_guide_ops;
extern const struct damon_report_ops damon_wss_ops;
extern const struct damon_report_ops damon_regions_ops;
extern const struct damon_report_ops damon_mappings_ops;
extern const struct damon_report_ops damon_nr_regions_ops;
extern const struct damon_report_ops damon_schemes_ops;
extern const struct damon_report_ops damon_what_if_ops;

/* A name that is valid until the end of the block. */
#define damon_target__name(target)	damon_target__format_name((char [64]) {}, 64, target)

const char *damon_target__format_name(char *buf, size_t size, const struct damon_target *target);
int damon_report__name_target(struct damon_report *report, const struct damon_target *target);

int damon_report__run(struct damon_report *report);
int damon_report__main(int argc, const char **argv);
int damon_tree__print(struct damon_report *report);
int damon_percents__parse(const char *str, void *percents);

int damon_heats__begin(struct damon_report *report, struct damon_target *target);
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot);
int damon_heats__print(struct damon_report *report, struct damon_target *target);
int damon_heats__plot(struct damon_report *report);
void damon_heats__exit(struct damon_target *target);
u64 damon_heats__nr_cells(const struct damon_quantity *resolution, u64 start, u64 *end, u64 best);

#endif /* __PERF_DAMON_REPORT_H */
