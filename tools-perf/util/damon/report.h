/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_REPORT_H
#define __PERF_DAMON_REPORT_H

#include "output.h"
#include "session.h"
#include "survey.h"

#include <sys/ioctl.h>

struct damon_column;
struct damon_report;

/**
 * struct damon_report_ops - a report
 * @series: the number of each snapshot whose distribution is reported
 * @total: key and label for the average of @series, summed over all targets
 * @columns: columns for -F and -s
 * @nr_columns: number of columns
 * @maps: the report needs the names of mappings
 * @uncut: the report shows regions as they were monitored, not cut to mappings
 * @streams: the report prints each snapshot at once, and needs only one pass of a pipe; no progress
 *	     bar on the same terminal
 * @begin: allocates and initializes
 * @head: prints headers before the second pass
 * @snapshot: handles a snapshot in the second pass; NULL: there is no second pass
 * @end: prints data of all targets, or draws
 * @target: prints data of one target
 * @exit: frees what @begin allocated
 *
 * All may be NULL. Those with a result return 0, or a negative error number after printing an
 * error.
 */
struct damon_report_ops {
	enum damon_series		series;
	struct {
		const char		*key;
		const char		*label;
	} total;
	const struct damon_column	*columns;
	size_t				nr_columns;
	bool				maps;
	bool				uncut;
	bool				streams;
	int	(*begin)(struct damon_report *report);
	void	(*head)(struct damon_report *report);
	int	(*snapshot)(struct damon_report *report, struct damon_target *target,
			    const struct damon_snapshot *snapshot);
	int	(*end)(struct damon_report *report);
	int	(*target)(struct damon_report *report, struct damon_target *target);
	void	(*exit)(struct damon_report *report);
};

/**
 * struct damon_percents - which percentiles to print
 * @nr: how many, 0: the default ones
 * @percent: the percentiles
 */
struct damon_percents {
	unsigned int	nr;
	unsigned char	percent[101];
};

/**
 * struct damon_report - a run of perf damon report
 * @ops: the report
 * @session: reads the perf.data
 * @query: parameters of the first pass
 * @survey: results of the first pass
 * @out: output format
 * @table: the table of a report that prints rows as they come
 * @started: heads are printed
 * @row_target: the target that rows of fields begin with
 * @plot: name of the picture to draw, NULL: print
 * @terminal: size of the terminal, read before a pager is started
 * @percents: percentiles to print
 * @by_time: percentiles by time, not by size
 * @all_areas: heat maps of all areas, not only of the hottest one
 * @palette: colors of heat maps, NULL: the default ones
 * @time_resolution: time resolution of heat maps
 * @addr_resolution: address resolution of heat maps
 * @fields: columns to print, NULL: the default ones
 * @sort: columns to sort by, NULL: the default ones
 */
struct damon_report {
	const struct damon_report_ops	*ops;
	struct damon_session		session;
	struct damon_query		query;
	struct damon_survey		survey;
	struct damon_output		out;
	struct damon_table		table;
	bool				started;
	const struct damon_target	*row_target;
	const char			*plot;
	struct winsize			terminal;
	struct damon_percents		percents;
	bool				by_time;
	bool				all_areas;
	const struct damon_palette	*palette;
	struct damon_quantity		time_resolution;
	struct damon_quantity		addr_resolution;
	const char			*fields;
	const char			*sort;
};

extern const struct damon_report_ops damon_summary_ops;
extern const struct damon_report_ops damon_raw_ops;
extern const struct damon_report_ops damon_heats_ops;
extern const struct damon_report_ops damon_heats_plot_ops;
extern const struct damon_report_ops damon_points_ops;
extern const struct damon_report_ops damon_guide_ops;
extern const struct damon_report_ops damon_wss_ops;
extern const struct damon_report_ops damon_wss_plot_ops;
extern const struct damon_report_ops damon_regions_ops;
extern const struct damon_report_ops damon_mappings_ops;
extern const struct damon_report_ops damon_nr_regions_ops;
extern const struct damon_report_ops damon_nr_regions_plot_ops;

int damon_report__run(struct damon_report *report);
int damon_report__main(int argc, const char **argv);
int damon_percents__parse(const char *str, void *percents);

int damon_report__scnprintf_target(const struct damon_target *target, char *buf, size_t size);
void damon_report__put_time(const struct damon_report *report, char *to, u64 time);
void damon_report__name_target(struct damon_report *report, const struct damon_target *target);
const char *damon_report__counted(const struct damon_report *report);
void damon_report__print_average(struct damon_report *report, const char *key, u64 average);
int damon_report__set_row_head(struct damon_report *report, const struct damon_target *target);

#endif /* __PERF_DAMON_REPORT_H */
