/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_REPORT_H
#define __PERF_DAMON_REPORT_H

#include "damon-output.h"
#include "damon-reader.h"
#include "damon-survey.h"

#include <sys/ioctl.h>

struct damon_column;
struct damon_report;

/**
 * struct damon_report_ops - a report
 * @series: the number of each snapshot that it is about
 * @total: key and label of what several targets have of it together on average
 * @columns: those that can be chosen by -F and -s
 * @nr_columns: how many there are
 * @maps: it wants to know the mappings of processes
 * @streams: it prints within the second look: no progress bar on the same terminal
 * @begin: makes what it needs
 * @head: prints what comes before the second look
 * @snapshot: each snapshot of the second look; without it there is none
 * @end: prints what is about all targets, or draws
 * @target: prints what is about one target
 * @exit: frees what @begin made
 *
 * All may be NULL. Those that return something return 0, or a negative error number that has been
 * said.
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
 * struct damon_percents - which percentiles: from @start in steps of @step to below @stop
 * @start: the first
 * @stop: the first that is too big
 * @step: how far they are apart, 0: the usual ones
 */
struct damon_percents {
	u64	start;
	u64	stop;
	u64	step;
};

/**
 * struct damon_resolution - how fine a heat map is
 * @count: number of columns or rows, 0: as many as fit
 * @unit: time or bytes of each of them, 0: by @count
 */
struct damon_resolution {
	u64	count;
	u64	unit;
};

/**
 * struct damon_report - a run of perf damon report
 * @ops: the report
 * @reader: reads the perf.data
 * @query: what the first look is to find out
 * @survey: what it told
 * @out: how to print
 * @plot: name of a picture to draw, NULL: print
 * @terminal: how big it is: a pager hides it
 * @percents: which percentiles
 * @by_time: in the order of time, not of size
 * @all_areas: heat maps of all areas, not only of the hottest one
 * @palette: colours of heat maps, NULL: the usual ones
 * @time_resolution: of heat maps
 * @addr_resolution: of heat maps
 * @fields: columns to show, NULL: all
 * @sort: columns to sort by, NULL: as usual
 */
struct damon_report {
	const struct damon_report_ops	*ops;
	struct damon_reader		reader;
	struct damon_query		query;
	struct damon_survey		survey;
	struct damon_output		out;
	const char			*plot;
	struct winsize			terminal;
	struct damon_percents		percents;
	bool				by_time;
	bool				all_areas;
	const struct damon_palette	*palette;
	struct damon_resolution		time_resolution;
	struct damon_resolution		addr_resolution;
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
int damon_percents__parse(struct damon_percents *percents, const char *str);

int damon_report__scnprintf_target(const struct damon_target *target, char *buf, size_t size);
void damon_report__scnprintf_time(const struct damon_report *report, char *buf, size_t size,
				  u64 time);
void damon_report__scnprintf_duration(const struct damon_report *report, char *buf, size_t size,
				      u64 duration);
void damon_report__scnprintf_percent(const struct damon_report *report, char *buf, size_t size,
				     double ratio);
void damon_report__scnprintf_size(const struct damon_report *report, char *buf, size_t size,
				  u64 bytes);
void damon_report__name_target(struct damon_report *report, const struct damon_target *target);
const char *damon_report__counted(const struct damon_report *report);
void damon_report__print_average(struct damon_report *report, const char *key, u64 average);
int damon_report__set_row_head(struct damon_report *report, const struct damon_target *target);

#endif /* __PERF_DAMON_REPORT_H */
