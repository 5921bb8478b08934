/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_REPORT_H
#define __PERF_DAMON_REPORT_H

#include "damon-reader.h"
#include "damon-survey.h"

#include <sys/ioctl.h>

struct damon_report;

/**
 * struct damon_report_ops - a report
 * @begin: before the second look
 * @snapshot: each snapshot of the second look; without it there is none
 * @end: prints, or draws
 * @exit: frees what @begin made
 *
 * All may be NULL. Those that return something return 0, or a negative error number that has been
 * said.
 */
struct damon_report_ops {
	int	(*begin)(struct damon_report *report);
	int	(*snapshot)(struct damon_report *report, struct damon_target *target,
			    const struct damon_snapshot *snapshot);
	int	(*end)(struct damon_report *report);
	void	(*exit)(struct damon_report *report);
};

/**
 * struct damon_report - a run of perf damon report
 * @ops: the report
 * @reader: reads the perf.data
 * @survey: what the first look told
 * @plot: name of a picture to draw, NULL: print
 * @terminal: how big it is: a pager hides it
 */
struct damon_report {
	const struct damon_report_ops	*ops;
	struct damon_reader		reader;
	struct damon_survey		survey;
	const char			*plot;
	struct winsize			terminal;
};

extern const struct damon_report_ops damon_summary_ops;
extern const struct damon_report_ops damon_raw_ops;
extern const struct damon_report_ops damon_heats_ops;
extern const struct damon_report_ops damon_heats_plot_ops;
extern const struct damon_report_ops damon_wss_ops;
extern const struct damon_report_ops damon_wss_plot_ops;

int damon_report__run(struct damon_report *report);

int damon_report__scnprintf_target(const struct damon_target *target, char *buf, size_t size);
void damon_report__print_target(const struct damon_report *report,
				const struct damon_target *target);

#endif /* __PERF_DAMON_REPORT_H */
