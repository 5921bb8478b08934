// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --mappings --tui: from a mapping into its regions. They are those of the
 * snapshot that --regions shows, cut to mappings.
 */
#include "zoom.h"
#include "../array.h"
#include "browser.h"
#include "../errors.h"
#include "../model/mappings.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * struct damon_part - a part of a region that lies in one mapping, or in none
 * @target: its target
 * @name: name of the mapping
 * @symbol: the variable in it, or ""
 * @start: start address
 * @end: end address, exclusive
 * @frequency: share of the samples with an access
 * @age: age of the region, in aggregation intervals
 * @aggr_ns: the aggregation interval
 */
struct damon_part {
	const struct damon_target	*target;
	const char			*name;
	const char			*symbol;
	u64				start;
	u64				end;
	double				frequency;
	u64				age;
	u64				aggr_ns;
};

enum { FREQUENCY, AGE, AGE_TIME, SIZE, START, END, PID, NR_COLUMNS };

/* As those of --regions: the mapping is in the title. */
static const struct damon_column columns[NR_COLUMNS] = {
	[FREQUENCY]	= { "frequency",	DAMON_RATIO,	9,  "frequency_percent" },
	[AGE]		= { "age",		DAMON_COUNT,	5,  "age" },
	[AGE_TIME]	= { "for",		DAMON_TIME,	8,  "age_ns" },
	[SIZE]		= { "size",		DAMON_SIZE,	10, "size_bytes" },
	[START]		= { "start",		DAMON_ADDRESS,	18, "start" },
	[END]		= { "end",		DAMON_ADDRESS,	18, "end" },
	[PID]		= { "pid",		DAMON_COUNT,	7,  "pid" },
};

static int keep_part(struct damon_zoom *zoom, const struct damon_part *part, u64 start, u64 end,
		     const struct damon_owner *owner)
{
	struct damon_part *new;

	if (start >= end)
		return 0;
	if (zoom->nr == zoom->capacity && damon_array__grow(&zoom->part, &zoom->capacity))
		return -ENOMEM;
	new = &zoom->part[zoom->nr++];
	*new = *part;
	new->name = owner->name;
	new->symbol = owner->symbol;
	new->start = start;
	new->end = end;
	return 0;
}

/* Its parts in mappings, and what is between these. */
static int keep_region(struct damon_zoom *zoom, const struct damon_part *part,
		       const struct damon_region *region, const struct damon_layout *layout)
{
	const struct damon_owner *none = &layout->owner[DAMON_NO_OWNER];
	const struct damon_mapping *mapping;
	u64 at = region->start;
	int err = 0;
	size_t i;

	damon_layout__for_each_mapping(mapping, i, layout, region) {
		u64 end = min(mapping->end, region->end);

		err = err ?: keep_part(zoom, part, at, mapping->start, none) ?:
		      keep_part(zoom, part, max(mapping->start, at), end,
				&layout->owner[mapping->owner]);
		at = end;
	}
	return err ?: keep_part(zoom, part, at, region->end, none);
}

/**
 * damon_zoom__keep - keep the regions of a snapshot, if it is the one to show
 * @zoom: where they are kept
 * @target: the target
 * @snapshot: the next snapshot of it
 * @layout: what is mapped at that time; its names stay
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_zoom__keep(struct damon_zoom *zoom, const struct damon_target *target,
		     const struct damon_snapshot *snapshot, const struct damon_layout *layout)
{
	size_t i;

	if (snapshot->time != target->nearest_time)
		return 0;
	/* A second snapshot of the same time. */
	for (i = 0; i < zoom->nr; i++) {
		if (zoom->part[i].target == target)
			return 0;
	}
	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];
		const struct damon_part part = {
			.target = target,
			.frequency = (double)region->nr_accesses / snapshot->samples,
			.age = region->age, .aggr_ns = snapshot->aggr_ns,
		};

		if (keep_region(zoom, &part, region, layout))
			return damon_out_of_memory();
	}
	return 0;
}

static u64 pid_of(const struct damon_part *part)
{
	return part->target->pid ? (u64)part->target->pid : DAMON_UNKNOWN;
}

static bool is_or_any(const char *wanted, const char *text)
{
	return !wanted || !strcmp(wanted, text);
}

/* Without a target, the regions of all. */
static bool is_zoomed(const struct damon_part *part, const struct damon_target *target,
		      const struct damon_zoom_row *zoomed)
{
	return (!target || part->target == target) &&
	       (!zoomed->pid || zoomed->pid == pid_of(part)) &&
	       is_or_any(zoomed->comm, part->target->comm ?: "") &&
	       is_or_any(zoomed->mapping, part->name) && is_or_any(zoomed->symbol, part->symbol);
}

static void set_title(struct damon_browser *browser, const struct damon_zoom_row *zoomed)
{
	const char *symbol = zoomed->symbol && *zoomed->symbol ? zoomed->symbol : NULL;
	const char *what = symbol ?: zoomed->mapping ?: zoomed->comm ?: "this process";
	const struct damon_report *report = browser->report;

	if (!browser->target)
		scnprintf(browser->title, sizeof(browser->title), "regions of %s", what);
	else
		scnprintf(browser->title, sizeof(browser->title), "regions of %s at %s", what,
			  damon_output__str(&report->out, DAMON_TIME,
					    browser->target->nearest_time - report->overview.zero));
}

static void fill_part(union damon_value *row, const struct damon_part *part)
{
	row[FREQUENCY].ratio = part->frequency;
	row[AGE].number = part->age;
	row[AGE_TIME].number = part->age * part->aggr_ns;
	row[SIZE].number = part->end - part->start;
	row[START].number = part->start;
	row[END].number = part->end;
	row[PID].number = pid_of(part);
}

/**
 * damon_zoom__show - show the regions of a mapping in the browser
 * @browser: the browser, with the target, or of all targets
 * @zoomed: the row of the mapping, or of a group
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_zoom__show(struct damon_browser *browser, const struct damon_zoom_row *zoomed)
{
	struct damon_report *report = browser->report;
	const struct damon_zoom *zoom = &report->zoom;
	union damon_value (*rows)[NR_COLUMNS] = calloc(zoom->nr + 1, sizeof(*rows));
	unsigned int hidden = browser->target ? 1U << PID : 0;
	struct damon_table table;
	size_t i, nr = 0;
	int err;

	if (!rows)
		return damon_out_of_memory();
	for (i = 0; i < zoom->nr; i++) {
		if (is_zoomed(&zoom->part[i], browser->target, zoomed))
			fill_part(rows[nr++], &zoom->part[i]);
	}
	set_title(browser, zoomed);
	if (!report->session.source.has_age)
		hidden |= 1U << AGE | 1U << AGE_TIME;
	damon_table__init(&table, &report->out, "regions", columns, NR_COLUMNS, hidden);
	err = damon_table__print_sorted(&table, NULL, "frequency_percent,age,size_bytes,start",
					/*sort=*/NULL, *rows, nr);
	free(rows);
	return err;
}

/**
 * damon_zoom__exit - free everything
 * @zoom: the regions
 */
void damon_zoom__exit(struct damon_zoom *zoom)
{
	zfree(&zoom->part);
	zoom->nr = 0;
	zoom->capacity = 0;
}
