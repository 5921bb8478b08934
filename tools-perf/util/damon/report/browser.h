/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_BROWSER_H
#define __PERF_DAMON_BROWSER_H

#include "output.h"

#include <errno.h>

struct damon_report;
struct damon_target;

/**
 * struct damon_browser - shows sorted tables on the terminal
 * @report: the report
 * @target: the target whose tables are shown, NULL: all of them in groups
 * @help: the line at the bottom
 * @name: name of the target
 * @title: title of the next table, behind the name
 * @zoom: of the next table: shows what is in a row, NULL: nothing
 * @depth: how many tables have been zoomed into
 * @step: a table was left for the next target, 1, or the previous one, -1
 * @quit: a table was left to end
 */
struct damon_browser {
	struct damon_report		*report;
	const struct damon_target	*target;
	const char			*help;
	char				name[64];
	char				title[160];
	int				(*zoom)(struct damon_browser *browser,
						const union damon_value *values);
	unsigned int			depth;
	int				step;
	bool				quit;
};

#ifdef HAVE_SLANG_SUPPORT
static inline bool damon_browser__is_built(void)
{
	return true;
}

int damon_browser__init(void);
int damon_browser__show(struct damon_browser *browser, const struct damon_table *table,
			const struct damon_row *rows, size_t nr);
#else
static inline bool damon_browser__is_built(void)
{
	return false;
}

static inline int damon_browser__init(void)
{
	return -ENOTTY;
}

static inline int damon_browser__show(struct damon_browser *browser __maybe_unused,
				      const struct damon_table *table __maybe_unused,
				      const struct damon_row *rows __maybe_unused,
				      size_t nr __maybe_unused)
{
	return -ENOTTY;
}
#endif

#endif /* __PERF_DAMON_BROWSER_H */
