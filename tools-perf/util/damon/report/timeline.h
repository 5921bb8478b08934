/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TIMELINE_H
#define __PERF_DAMON_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_column;
struct damon_layout;
struct damon_region;
struct damon_report;
struct damon_target;
struct damon_timeline_slot;

/* Most sums of a timeline. */
#define DAMON_MAX_SUMS	6

/**
 * struct damon_timeline - sums of bytes, by time and by whose memory it is
 * @columns: columns of its tables: the time, the sums, the number if it has one, and the mapping
 * @nr_sums: number of sums
 * @sort: keys of the columns by which the table by mapping is sorted
 * @numbered: it has a number, in a column of its own in fields
 * @number: the number
 * @averaged: the first sum is one of all snapshots, of which the average is printed
 * @layout: what is mapped now, NULL: there was no snapshot
 * @mapped: mappings are known: what is between them is no memory
 * @unmapped: bytes between mappings, which the first sum leaves out
 *
 * The time is divided into slots.
 */
struct damon_timeline {
	const struct damon_column	*columns;
	unsigned int			nr_sums;
	const char			*sort;
	bool				numbered;
	u64				number;
	bool				averaged;
	const struct damon_layout	*layout;
	bool				mapped;
	u64				unmapped;

	/* private */
	u64				start;
	u64				slot_ns;
	u64				nr_slots;
	struct damon_timeline_slot	*slot;
};

/* Places of columns. */
enum { DAMON_TIMELINE_TIME, DAMON_TIMELINE_SUMS };

int damon_timeline__init(struct damon_timeline *timeline, struct damon_report *report,
			 const struct damon_target *target);
void damon_timeline__exit(struct damon_timeline *timeline);
int damon_timeline__add(struct damon_timeline *timeline, u64 time, unsigned int sum,
			const struct damon_region *region, double share);
int damon_timeline__add_number(struct damon_timeline *timeline, u64 time, unsigned int sum,
			       u64 number);
void damon_timeline__count_snapshot(struct damon_timeline *timeline, u64 time);

int damon_timeline__print(struct damon_timeline *timeline, struct damon_report *report,
			  unsigned int hidden);

#endif /* __PERF_DAMON_TIMELINE_H */
