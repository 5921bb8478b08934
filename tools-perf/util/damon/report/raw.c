// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --raw: every region of every snapshot.
 */
#include "report.h"

#include <stdio.h>
#include <linux/kernel.h>

/* Only fields have times in each row. Elsewhere it is that of the snapshot, above its rows. */
enum { TIME, START, END, SIZE, ACCESSES, AGE, TIMESTAMP, NR_COLUMNS };

static const struct damon_column raw_columns[NR_COLUMNS] = {
	[TIME]		= { "time",	DAMON_TIME,	10,	"time_ns" },
	[START]		= { "start",	DAMON_ADDRESS,	18,	"start" },
	[END]		= { "end",	DAMON_ADDRESS,	18,	"end" },
	[SIZE]		= { "size",	DAMON_SIZE,	10,	"size_bytes" },
	[ACCESSES]	= { "accesses",	DAMON_COUNT,	8,	"accesses" },
	[AGE]		= { "age",	DAMON_COUNT,	6,	"age" },
	[TIMESTAMP]	= { "timestamp", DAMON_TIMESTAMP, 16,	"timestamp" },
};

static void raw_head(struct damon_report *report)
{
	bool fields = report->out.format == DAMON_FIELDS;

	damon_table__init(&report->table, &report->out, "regions", raw_columns,
			  NR_COLUMNS, fields ? 0 : 1U << TIME | 1U << TIMESTAMP);
	damon_output__open(&report->out, "snapshots", '[');
	if (!fields)
		return;
	if (report->overview.max_accesses)
		printf("# accesses: of %u samples\n", report->overview.max_accesses);
	damon_table__open(&report->table);
}

/* With -x, each row has the target and the time, and one header is enough. */
static int open_snapshot(struct damon_report *report, const struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	struct damon_output *out = &report->out;
	u64 time = snapshot->time - report->overview.zero;
	int err;

	damon_output__open(out, NULL, '{');
	err = damon_report__name_target(report, target);
	if (err || out->format == DAMON_FIELDS)
		return err;
	damon_output__number(out, "time_ns", time);
	damon_output__value(out, "timestamp", DAMON_TIMESTAMP, snapshot->time);
	damon_output__number(out, "samples", snapshot->samples);
	damon_output__note(out, "\n%s at %s: %zu region%s, accesses of %u samples\n",
			   damon_target__name(target), damon_output__str(out, DAMON_TIME, time),
			   snapshot->nr_regions, damon_plural(snapshot->nr_regions),
			   snapshot->samples);
	damon_table__open(&report->table);
	return 0;
}

static int raw_snapshot(struct damon_report *report, struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	int err = open_snapshot(report, target, snapshot);
	bool has_age = report->session.source.has_age;
	size_t i;

	if (err)
		return err;
	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];
		const union damon_value values[NR_COLUMNS] = {
			[TIME].number	  = snapshot->time - report->overview.zero,
			[START].number	  = region->start,
			[END].number	  = region->end,
			[SIZE].number	  = region->end - region->start,
			[ACCESSES].number = region->nr_accesses,
			[AGE].number	  = has_age ? region->age : DAMON_UNKNOWN,
			[TIMESTAMP].number = snapshot->time,
		};

		damon_table__print_row(&report->table, values);
	}
	damon_table__close(&report->table);
	damon_output__close(&report->out, '}');
	return 0;
}

static int raw_end(struct damon_report *report)
{
	damon_output__close(&report->out, ']');
	return 0;
}

const struct damon_report_ops damon_raw_ops = {
	.name		= "raw",
	.options	= (const char * const []) { "raw-numbers", NULL },
	.uncut		= true,
	.streams	= true,
	.head		= raw_head,
	.snapshot	= raw_snapshot,
	.end		= raw_end,
};
