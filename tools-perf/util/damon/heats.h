/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HEATS_H
#define __PERF_DAMON_HEATS_H

#include <linux/types.h>

struct damon_quantity;
struct damon_report;
struct damon_snapshot;
struct damon_target;

int damon_resolution__parse(struct damon_quantity *resolution, const char *str,
			    int (*parse_unit)(const char *str, u64 *unit));

void damon_heats__size(const struct damon_report *report, unsigned int *nr_cols,
		       unsigned int *nr_rows);
int damon_heats__begin(struct damon_report *report, unsigned int max_cols, unsigned int max_rows);
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot);
void damon_heats__print(const struct damon_report *report, const struct damon_target *target);
void damon_heats__exit(struct damon_report *report);

#endif /* __PERF_DAMON_HEATS_H */
