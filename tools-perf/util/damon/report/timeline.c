// SPDX-License-Identifier: GPL-2.0
/*
 * Sums over snapshots, by time and by whose memory it is, and their tables: one by mapping and one
 * by time for people, and a row for each mapping and time as fields.
 */
#include "../errors.h"
#include "../model/mappings.h"
#include "report.h"
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* Rows of the table over time, unless --tres is given. */
#define NR_SLOTS	10

/* A --tres that is finer makes no sense, and needs much memory. */
#define MAX_SLOTS	100000

struct sums {
	u64	sum[DAMON_MAX_SUMS];
};

/**
 * struct damon_timeline_slot - a part of the time
 * @nr_snapshots: number of snapshots in it
 * @owner: sums for each owner
 * @nr: how many there are
 */
struct damon_timeline_slot {
	unsigned long	nr_snapshots;
	struct sums	*owner;
	size_t		nr;
};

/**
 * damon_timeline__init - divide the time into slots
 * @timeline: the timeline, with columns
 * @report: the report
 * @target: whose memory it is
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_timeline__init(struct damon_timeline *timeline, struct damon_report *report,
			 const struct damon_target *target)
{
	const struct damon_overview *overview = &report->overview;
	u64 start = overview->start, end = max(overview->end, start + 1);

	timeline->mapped = damon_mappings__know(&report->session.mappings, target->pid);
	timeline->start = start;
	timeline->nr_slots = damon_heats__nr_cells(&report->time_resolution, start, &end, NR_SLOTS);
	if (timeline->nr_slots > MAX_SLOTS) {
		pr_err("--tres: %" PRIu64 " rows are too many: choose a longer time\n",
		       timeline->nr_slots);
		return -EINVAL;
	}
	timeline->slot_ns = DIV_ROUND_UP(end - start, timeline->nr_slots);
	timeline->slot = calloc(timeline->nr_slots, sizeof(*timeline->slot));
	return timeline->slot ? 0 : damon_out_of_memory();
}

/**
 * damon_timeline__exit - free everything
 * @timeline: the timeline
 */
void damon_timeline__exit(struct damon_timeline *timeline)
{
	size_t i;

	for (i = 0; timeline->slot && i < timeline->nr_slots; i++)
		free(timeline->slot[i].owner);
	zfree(&timeline->slot);
}

static struct damon_timeline_slot *slot_of(const struct damon_timeline *timeline, u64 time)
{
	/* A snapshot has the time of its end. */
	u64 i = time > timeline->start ? (time - timeline->start - 1) / timeline->slot_ns : 0;

	return &timeline->slot[min(i, timeline->nr_slots - 1)];
}

/* Sums for each owner: there may be new ones. */
static struct sums *find_sums(const struct damon_timeline *timeline,
			      struct damon_timeline_slot *slot,
			      unsigned int owner)
{
	size_t nr = timeline->layout ? timeline->layout->nr_owners : 1;
	struct sums *sums;

	if (owner < slot->nr)
		return &slot->owner[owner];
	sums = reallocarray(slot->owner, nr, sizeof(*sums));
	if (!sums)
		return NULL;
	memset(&sums[slot->nr], 0, (nr - slot->nr) * sizeof(*sums));
	slot->owner = sums;
	slot->nr = nr;
	return &sums[owner];
}

static int add_bytes(const struct damon_timeline *timeline, struct damon_timeline_slot *slot,
		     unsigned int owner, unsigned int sum, u64 bytes)
{
	struct sums *sums = find_sums(timeline, slot, owner);

	if (!sums)
		return damon_out_of_memory();
	sums->sum[sum] += bytes;
	return 0;
}

/**
 * damon_timeline__add - add addresses to a sum of their owners
 * @timeline: the timeline, with the layout of now
 * @time: for this time
 * @sum: the sum
 * @region: the addresses
 * @share: which share of their bytes to add
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_timeline__add(struct damon_timeline *timeline, u64 time, unsigned int sum,
			const struct damon_region *region, double share)
{
	struct damon_timeline_slot *slot = slot_of(timeline, time);
	u64 rest = region->end - region->start;
	const struct damon_mapping *mapping;
	size_t i;
	int err = 0;

	damon_layout__for_each_mapping(mapping, i, timeline->layout, region) {
		u64 bytes = damon_mapping__overlap(mapping, region);

		err = err ?: add_bytes(timeline, slot, mapping->owner, sum, share * bytes);
		rest -= bytes;
	}
	/* Between mappings there is no memory, unless none is known, or it is physical. */
	if (rest && !timeline->mapped)
		err = err ?: add_bytes(timeline, slot, DAMON_NO_OWNER, sum, share * rest);
	else if (!sum)
		timeline->unmapped += share * rest;
	return err;
}

/**
 * damon_timeline__add_number - add to a sum that does not tell of mappings
 * @timeline: the timeline
 * @time: for this time
 * @sum: the sum
 * @number: what is added
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_timeline__add_number(struct damon_timeline *timeline, u64 time, unsigned int sum,
			       u64 number)
{
	return add_bytes(timeline, slot_of(timeline, time), DAMON_NO_OWNER, sum, number);
}

/**
 * damon_timeline__count_snapshot - count a snapshot, for averages
 * @timeline: the timeline
 * @time: its time
 */
void damon_timeline__count_snapshot(struct damon_timeline *timeline, u64 time)
{
	slot_of(timeline, time)->nr_snapshots++;
}

static unsigned int mapping_column(const struct damon_timeline *timeline)
{
	return DAMON_TIMELINE_SUMS + timeline->nr_sums + timeline->numbered;
}

/* The column of the number, as a mask. */
static unsigned int number_mask(const struct damon_timeline *timeline)
{
	return timeline->numbered ? 1U << (DAMON_TIMELINE_SUMS + timeline->nr_sums) : 0;
}

/* Return: whether any of the sums that are not hidden is not zero. */
static bool fill_row(const struct damon_timeline *timeline, union damon_value *row,
		     const struct sums *sums, unsigned long nr_snapshots, unsigned int hidden)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < timeline->nr_sums; i++) {
		row[DAMON_TIMELINE_SUMS + i].number = sums->sum[i];
		any |= sums->sum[i] && !(hidden & 1U << (DAMON_TIMELINE_SUMS + i));
	}
	if (timeline->averaged && nr_snapshots)
		row[DAMON_TIMELINE_SUMS].number /= nr_snapshots;
	return any;
}

static void add_sums(struct sums *to, const struct damon_timeline_slot *slot, size_t owner)
{
	size_t i;

	for (i = 0; owner < slot->nr && i < DAMON_MAX_SUMS; i++)
		to->sum[i] += slot->owner[owner].sum[i];
}

static int print_owners(const struct damon_timeline *timeline, struct damon_report *report,
			unsigned int hidden)
{
	unsigned int nr_columns = mapping_column(timeline) + 1;
	size_t nr_owners = timeline->layout->nr_owners, owner, i, nr = 0;
	union damon_value *rows = calloc(nr_owners, nr_columns * sizeof(*rows));
	unsigned long nr_snapshots = 0;
	struct damon_table table;
	int err;

	if (!rows)
		return damon_out_of_memory();
	for (i = 0; i < timeline->nr_slots; i++)
		nr_snapshots += timeline->slot[i].nr_snapshots;
	for (owner = 0; owner < nr_owners; owner++) {
		union damon_value *row = &rows[nr * nr_columns];
		struct sums sums = {};

		for (i = 0; i < timeline->nr_slots; i++)
			add_sums(&sums, &timeline->slot[i], owner);
		row[mapping_column(timeline)].text =
			damon_owner__name(&timeline->layout->owner[owner]);
		nr += fill_row(timeline, row, &sums, nr_snapshots, hidden);
	}
	damon_table__init(&table, &report->out, "mappings", timeline->columns, nr_columns,
			  hidden | number_mask(timeline) | 1U << DAMON_TIMELINE_TIME);
	err = damon_table__print_sorted(&table, NULL, timeline->sort, NULL, rows, nr);
	free(rows);
	return err;
}

/* The end of a slot: its snapshots have times up to that. */
static u64 slot_end(const struct damon_timeline *timeline, const struct damon_report *report,
		    size_t i)
{
	u64 end = timeline->start + (i + 1) * timeline->slot_ns;

	return min(end, report->overview.end) - report->overview.zero;
}

static void print_slots(const struct damon_timeline *timeline, struct damon_report *report)
{
	struct damon_table table;
	size_t i, owner;

	damon_output__note(&report->out, "\n");
	damon_table__init(&table, &report->out, "times", timeline->columns,
			  mapping_column(timeline) + 1,
			  number_mask(timeline) | 1U << mapping_column(timeline));
	damon_table__open(&table);
	for (i = 0; i < timeline->nr_slots; i++) {
		const struct damon_timeline_slot *slot = &timeline->slot[i];
		union damon_value row[DAMON_TIMELINE_SUMS + DAMON_MAX_SUMS + 2];
		struct sums sums = {};

		for (owner = 0; owner < slot->nr; owner++)
			add_sums(&sums, slot, owner);
		row[DAMON_TIMELINE_TIME].number = slot_end(timeline, report, i);
		fill_row(timeline, row, &sums, slot->nr_snapshots, 0);
		damon_table__print_row(&table, row);
	}
	damon_table__close(&table);
}

static void print_fields(const struct damon_timeline *timeline, struct damon_report *report)
{
	struct damon_table table;
	size_t i, owner;

	damon_table__init(&table, &report->out, "mappings", timeline->columns,
			  mapping_column(timeline) + 1, 0);
	damon_table__open(&table);
	for (i = 0; i < timeline->nr_slots; i++) {
		const struct damon_timeline_slot *slot = &timeline->slot[i];

		for (owner = 0; owner < slot->nr; owner++) {
			union damon_value row[DAMON_TIMELINE_SUMS + DAMON_MAX_SUMS + 2];

			row[DAMON_TIMELINE_TIME].number = slot_end(timeline, report, i);
			row[DAMON_TIMELINE_SUMS + timeline->nr_sums].number = timeline->number;
			row[mapping_column(timeline)].text =
				damon_owner__name(&timeline->layout->owner[owner]);
			if (fill_row(timeline, row, &slot->owner[owner], slot->nr_snapshots, 0))
				damon_table__print_row(&table, row);
		}
	}
	damon_table__close(&table);
}

/**
 * damon_timeline__print - print all sums
 * @timeline: the timeline
 * @report: the report
 * @hidden: mask of columns that do not tell of mappings: these are only in the table by time
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_timeline__print(struct damon_timeline *timeline, struct damon_report *report,
			  unsigned int hidden)
{
	int err;

	if (!timeline->layout)
		return 0;
	if (report->out.format == DAMON_FIELDS) {
		print_fields(timeline, report);
		return 0;
	}
	err = print_owners(timeline, report, hidden);
	if (!err)
		print_slots(timeline, report);
	return err;
}
