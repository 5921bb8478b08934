// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --mappings: which mappings are hot: heap, stack, files or their variables. A
 * region may contain several mappings, or parts of them: each part counts for its owner.
 */
#include "errors.h"
#include "layout.h"
#include "output.h"
#include "report.h"
#include "util/debug.h"
#include "util/session.h"
#include "util/symbol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* Columns; symbols are printed only if asked for, since reading them takes time. */
enum { ACCESSES, FREQUENCY, WSS, MAX_WSS, SIZE, SYMBOL, MAPPING, NR_COLUMNS };

static const struct damon_column columns[NR_COLUMNS] = {
	[ACCESSES]	= { "accesses",		DAMON_RATIO,	8,	"accesses_percent" },
	[FREQUENCY]	= { "frequency",	DAMON_RATIO,	9,	"frequency_percent" },
	[WSS]		= { "working set",	DAMON_SIZE,	11,	"wss_bytes" },
	[MAX_WSS]	= { "greatest",		DAMON_SIZE,	10,	"max_wss_bytes" },
	[SIZE]		= { "monitored",	DAMON_SIZE,	10,	"size_bytes" },
	[SYMBOL]	= { "symbol",		DAMON_TEXT,	16,	"symbol" },
	[MAPPING]	= { "mapping",		DAMON_TEXT,	24,	"mapping" },
};

#define NUMBER_FIELDS	"accesses_percent,frequency_percent,wss_bytes,max_wss_bytes,size_bytes"
#define USUAL_FIELDS	NUMBER_FIELDS ",mapping"
#define ALL_FIELDS	NUMBER_FIELDS ",symbol,mapping"
#define USUAL_ORDER	"accesses_percent,size_bytes,mapping,symbol"

/**
 * struct tally - sums over all snapshots, for an owner
 * @heat: number of accesses times bytes
 * @rate: share of the samples with an access, times bytes
 * @bytes: monitored bytes
 * @accessed: bytes in the working set
 * @max_accessed: the greatest working set in a snapshot
 * @max_bytes: the most bytes monitored in a snapshot
 * @now_bytes: monitored bytes in the snapshot that is being added
 * @now_accessed: bytes in its working set
 */
struct tally {
	double	heat;
	double	rate;
	double	bytes;
	double	accessed;
	u64	max_accessed;
	u64	max_bytes;
	u64	now_bytes;
	u64	now_accessed;
};

/**
 * struct tallies - the tallies of a target
 * @layout: its mappings
 * @tally: a tally for each owner
 * @nr: how many there are
 * @mapped: at least one mapping was found
 */
struct tallies {
	struct damon_layout	layout;
	struct tally		*tally;
	size_t			nr;
	bool			mapped;
};

static struct damon_hists hists;

static bool asks_for_symbols(const char *keys)
{
	return keys && strstr(keys, columns[SYMBOL].key);
}

static int mappings_begin(struct damon_report *report)
{
	bool symbols = asks_for_symbols(report->fields) || asks_for_symbols(report->sort);
	struct damon_target *target;
	int err;

	damon_table__init(&hists.table, &report->out, "mappings", columns, NR_COLUMNS);
	err = damon_hists__init(&hists, report->fields ?: symbols ? ALL_FIELDS : USUAL_FIELDS,
				report->sort ?: USUAL_ORDER);
	if (err)
		return err;
	if (symbols && symbol__init(NULL) < 0) {
		pr_err("cannot read symbols\n");
		return -EINVAL;
	}
	damon_survey__for_each_target(&report->survey, target) {
		struct tallies *tallies = zalloc(sizeof(*tallies));

		target->priv = tallies;
		if (!tallies || damon_layout__init(&tallies->layout, symbols))
			return damon_out_of_memory();
	}
	return 0;
}

static int grow(struct tallies *tallies)
{
	size_t nr = tallies->layout.nr_owners;
	void *new;

	if (tallies->nr >= nr)
		return 0;
	new = reallocarray(tallies->tally, nr, sizeof(*tallies->tally));
	if (!new)
		return -ENOMEM;
	tallies->tally = new;
	memset(&tallies->tally[tallies->nr], 0, (nr - tallies->nr) * sizeof(*tallies->tally));
	tallies->nr = nr;
	return 0;
}

static void add_part(struct tally *tally, u64 bytes, u32 nr_accesses,
		     const struct damon_snapshot *snapshot)
{
	tally->heat += (double)bytes * nr_accesses;
	tally->rate += (double)bytes * nr_accesses / snapshot->samples;
	tally->now_bytes += bytes;
	if (nr_accesses >= snapshot->threshold)
		tally->now_accessed += bytes;
}

static void add_region(struct tallies *tallies, const struct damon_region *region,
		       const struct damon_snapshot *snapshot)
{
	const struct damon_layout *layout = &tallies->layout;
	size_t i = damon_layout__find(layout, region->start);
	u64 bytes, unmapped = region->end - region->start;

	for (; i < layout->nr && layout->mapping[i].start < region->end; i++) {
		const struct damon_mapping *mapping = &layout->mapping[i];

		bytes = min(mapping->end, region->end) - max(mapping->start, region->start);
		unmapped -= bytes;
		add_part(&tallies->tally[mapping->owner], bytes, region->nr_accesses, snapshot);
	}
	if (unmapped)
		add_part(&tallies->tally[DAMON_NO_OWNER], unmapped, region->nr_accesses, snapshot);
}

static void end_snapshot(struct tallies *tallies)
{
	size_t i;

	for (i = 0; i < tallies->nr; i++) {
		struct tally *tally = &tallies->tally[i];

		tally->bytes += tally->now_bytes;
		tally->accessed += tally->now_accessed;
		tally->max_bytes = max(tally->max_bytes, tally->now_bytes);
		tally->max_accessed = max(tally->max_accessed, tally->now_accessed);
		tally->now_bytes = 0;
		tally->now_accessed = 0;
	}
}

static int mappings_snapshot(struct damon_report *report, struct damon_target *target,
			     const struct damon_snapshot *snapshot)
{
	struct tallies *tallies = target->priv;
	size_t i;

	if (damon_layout__update(&tallies->layout, &report->session.perf->machines.host,
				 target->pid) ||
	    grow(tallies))
		return damon_out_of_memory();
	tallies->mapped |= tallies->layout.nr;
	for (i = 0; i < snapshot->nr_regions; i++)
		add_region(tallies, &snapshot->regions[i], snapshot);
	end_snapshot(tallies);
	return 0;
}

static double total_heat(const struct tallies *tallies)
{
	double heat = 0;
	size_t i;

	for (i = 0; i < tallies->nr; i++)
		heat += tallies->tally[i].heat;
	return heat;
}

static void fill_row(union damon_value *row, const struct tallies *tallies, size_t i,
		     unsigned long nr_snapshots, double heat)
{
	const struct tally *tally = &tallies->tally[i];
	const struct damon_owner *owner = tallies->layout.owner[i];

	row[ACCESSES].ratio = heat ? tally->heat / heat : 0;
	row[FREQUENCY].ratio = tally->bytes ? tally->rate / tally->bytes : 0;
	row[WSS].number = tally->accessed / nr_snapshots;
	row[MAX_WSS].number = tally->max_accessed;
	row[SIZE].number = tally->max_bytes;
	row[MAPPING].text = tallies->mapped ? owner->name : "[unknown]";
	row[SYMBOL].text = owner->symbol;
}

static int print_mappings(struct damon_report *report, struct damon_target *target)
{
	const struct tallies *tallies = target->priv;
	double heat = total_heat(tallies);
	union damon_value row[NR_COLUMNS];
	size_t i;
	int err;

	for (i = 0; i < tallies->nr; i++) {
		if (!tallies->tally[i].bytes)
			continue;
		fill_row(row, tallies, i, target->nr_snapshots, heat);
		err = damon_hists__add(&hists, row);
		if (err)
			return err;
	}
	if (!tallies->mapped && report->out.format != DAMON_JSON)
		printf("# the record does not tell what was mapped here\n");
	damon_hists__print(&hists);
	return 0;
}

static void mappings_head(struct damon_report *report)
{
	if (report->out.format == DAMON_JSON)
		return;
	printf("# accesses: share of all; frequency: in how many of the samples, on average\n");
	printf("# working set: on average, and the greatest; [unmapped]: between mappings\n");
}

static void mappings_exit(struct damon_report *report)
{
	struct damon_target *target;

	/* Before the layouts: remaining rows point to the names in them. */
	damon_hists__exit(&hists);
	damon_survey__for_each_target(&report->survey, target) {
		struct tallies *tallies = target->priv;

		if (tallies) {
			damon_layout__exit(&tallies->layout);
			free(tallies->tally);
		}
		zfree(&target->priv);
	}
}

const struct damon_report_ops damon_mappings_ops = {
	.columns	= columns,
	.nr_columns	= NR_COLUMNS,
	.maps		= true,
	.begin		= mappings_begin,
	.snapshot	= mappings_snapshot,
	.head		= mappings_head,
	.target		= print_mappings,
	.exit		= mappings_exit,
};
