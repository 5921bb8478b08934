// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --regions: the regions of the last snapshot, or of the one
 * nearest to --tmax, the hottest first. Their ages show for how long the access
 * frequency has been about the same.
 */
#include "errors.h"
#include "layout.h"
#include "output.h"
#include "report.h"
#include "units.h"
#include "util/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

enum { FREQUENCY, AGE, AGE_TIME, SIZE, START, END, MAPPING, NR_COLUMNS };

static const struct damon_column columns[NR_COLUMNS] = {
	[FREQUENCY]	= { "frequency",	DAMON_RATIO,	9,	"frequency_percent" },
	[AGE]		= { "age",		DAMON_COUNT,	5,	"age" },
	[AGE_TIME]	= { "for",		DAMON_TIME,	8,	"age_ns" },
	[SIZE]		= { "size",		DAMON_SIZE,	10,	"size_bytes" },
	[START]		= { "start",		DAMON_ADDRESS,	18,	"start" },
	[END]		= { "end",		DAMON_ADDRESS,	18,	"end" },
	[MAPPING]	= { "mapping",		DAMON_TEXT,	16,	"mapping" },
};

#define USUAL_FIELDS	"frequency_percent,age,age_ns,size_bytes,start,end,mapping"
#define AGELESS_FIELDS	"frequency_percent,size_bytes,start,end,mapping"
#define USUAL_ORDER	"frequency_percent,age,size_bytes,start"

/**
 * struct shown - the printed snapshot of a target
 * @snapshot: a copy of it
 * @owner: owner of each region, an index into the owners of @layout
 * @layout: the mappings of the process
 */
struct shown {
	struct damon_snapshot	snapshot;
	unsigned int		*owner;
	struct damon_layout	layout;
};

static struct damon_hists hists;

static int regions_begin(struct damon_report *report)
{
	const char *usual = report->session.source.has_age ? USUAL_FIELDS : AGELESS_FIELDS;
	struct damon_target *target;
	int err;

	damon_table__init(&hists.table, &report->out, "regions", columns, NR_COLUMNS);
	err = damon_hists__init(&hists, report->fields ?: usual, report->sort ?: USUAL_ORDER);
	if (err)
		return err;
	damon_survey__for_each_target(&report->survey, target) {
		struct shown *shown = zalloc(sizeof(*shown));

		target->priv = shown;
		if (!shown || damon_layout__init(&shown->layout, false))
			return damon_out_of_memory();
		shown->snapshot.time = target->nearest_time;
	}
	return 0;
}

/* The owner of most bytes of the region. */
static unsigned int find_owner(const struct damon_layout *layout,
			       const struct damon_region *region)
{
	unsigned int owner = DAMON_NO_OWNER;
	u64 bytes, most = 0;
	size_t i = damon_layout__find(layout, region->start);

	for (; i < layout->nr && layout->mapping[i].start < region->end; i++) {
		const struct damon_mapping *mapping = &layout->mapping[i];

		bytes = min(mapping->end, region->end) - max(mapping->start, region->start);
		if (bytes > most) {
			most = bytes;
			owner = mapping->owner;
		}
	}
	return owner;
}

static int copy_regions(struct shown *shown, const struct damon_snapshot *snapshot)
{
	size_t nr = snapshot->nr_regions;

	shown->snapshot.regions = calloc(nr, sizeof(*snapshot->regions));
	shown->owner = calloc(nr, sizeof(*shown->owner));
	if (!shown->snapshot.regions || !shown->owner)
		return -ENOMEM;
	memcpy(shown->snapshot.regions, snapshot->regions, nr * sizeof(*snapshot->regions));
	shown->snapshot.nr_regions = nr;
	shown->snapshot.samples = snapshot->samples;
	return 0;
}

/* Look up the owners now, while perf's maps are those of the snapshot's time. */
static int regions_snapshot(struct damon_report *report, struct damon_target *target,
			    const struct damon_snapshot *snapshot)
{
	struct shown *shown = target->priv;
	size_t i;

	/* No regions in the selected address range, or a second snapshot of the same time. */
	if (snapshot->time != shown->snapshot.time || !snapshot->nr_regions || shown->owner)
		return 0;
	if (copy_regions(shown, snapshot))
		return damon_out_of_memory();
	if (damon_layout__update(&shown->layout, &report->session.perf->machines.host,
				 target->pid))
		return damon_out_of_memory();
	for (i = 0; i < snapshot->nr_regions; i++)
		shown->owner[i] = find_owner(&shown->layout, &snapshot->regions[i]);
	return 0;
}

static void fill_row(union damon_value *row, const struct damon_report *report,
		     const struct shown *shown, size_t i)
{
	const struct damon_region *region = &shown->snapshot.regions[i];
	const struct damon_survey *survey = &report->survey;
	bool has_age = report->session.source.has_age;

	row[FREQUENCY].ratio = (double)region->nr_accesses / shown->snapshot.samples;
	row[AGE].number = has_age ? region->age : DAMON_UNKNOWN;
	row[AGE_TIME].number = has_age ? region->age * survey->aggr_ns : DAMON_UNKNOWN;
	row[SIZE].number = region->end - region->start;
	row[START].number = region->start;
	row[END].number = region->end;
	row[MAPPING].text = shown->layout.nr ? shown->layout.owner[shown->owner[i]]->name :
					       "[unknown]";
}

static int print_regions(struct damon_report *report, struct damon_target *target)
{
	const struct shown *shown = target->priv;
	size_t i, nr = shown->snapshot.nr_regions;
	union damon_value row[NR_COLUMNS];
	char time[DAMON_UNIT_LEN];
	int err;

	for (i = 0; i < nr; i++) {
		fill_row(row, report, shown, i);
		err = damon_hists__add(&hists, row);
		if (err)
			return err;
	}
	damon_report__put_time(report, time, shown->snapshot.time);
	damon_output__number(&report->out, "time_ns", shown->snapshot.time - report->survey.zero);
	if (report->out.format != DAMON_JSON)
		printf("%sat %s: %zu region%s\n", report->out.format == DAMON_FIELDS ? "# " : "",
		       time, nr, damon_plural(nr));
	damon_hists__print(&hists);
	return 0;
}

static void regions_head(struct damon_report *report)
{
	if (report->out.format != DAMON_JSON)
		printf("# the last snapshot, or that nearest to --tmax, by heat\n");
}

static void regions_exit(struct damon_report *report)
{
	struct damon_target *target;

	/* Before the layouts are freed: remaining rows refer to names in them. */
	damon_hists__exit(&hists);
	damon_survey__for_each_target(&report->survey, target) {
		struct shown *shown = target->priv;

		if (shown) {
			damon_layout__exit(&shown->layout);
			free(shown->snapshot.regions);
			free(shown->owner);
		}
		zfree(&target->priv);
	}
}

const struct damon_report_ops damon_regions_ops = {
	.columns	= columns,
	.nr_columns	= NR_COLUMNS,
	.maps		= true,
	.begin		= regions_begin,
	.snapshot	= regions_snapshot,
	.head		= regions_head,
	.target		= print_regions,
	.exit		= regions_exit,
};
