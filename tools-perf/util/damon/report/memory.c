// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of whose memory it is.
 *
 * perf damon report --mappings: which mappings are hot: heap, stack, files or their variables. A
 * region may contain several mappings, or parts of them: each part counts for its owner.
 *
 * perf damon report --regions: the regions of the last snapshot, or of the one nearest to --tmax,
 * the hottest first. Their ages show for how long the access frequency has been about the same.
 */
#include "../array.h"
#include "browser.h"
#include "../errors.h"
#include "groups.h"
#include "../model/mappings.h"
#include "output.h"
#include "report.h"
#include "util/debug.h"
#include "util/session.h"
#include "util/symbol.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

/**
 * struct memory - the memory of a target
 * @layout: what is mapped, and to whom it belongs, NULL: there was no snapshot
 * @mapped: at least one mapping was found
 * @heat: --mappings: number of accesses times bytes, of all
 * @tally: --mappings: a tally for each owner
 * @nr: how many there are
 * @grouped: --mappings: the latest snapshot is counted in the groups
 * @shown: --regions: a copy of the printed snapshot
 * @owner: --regions: the owner of each of its regions
 */
struct memory {
	const struct damon_layout	*layout;
	bool				mapped;
	double				heat;
	struct damon_tally			*tally;
	size_t				nr;
	bool				grouped;
	struct damon_snapshot		shown;
	unsigned int			*owner;
};

static int memory_begin(struct damon_report *report __maybe_unused, struct damon_target *target)
{
	target->priv = zalloc(sizeof(struct memory));
	return target->priv ? 0 : damon_out_of_memory();
}

static void memory_exit(struct damon_target *target)
{
	struct memory *memory = target->priv;

	free(memory->tally);
	free(memory->shown.regions);
	free(memory->owner);
}

/* Look up the owners now, while perf's maps are those of the snapshot's time. */
static int update_layout(struct damon_report *report, const struct damon_target *target,
			 const struct damon_snapshot *snapshot)
{
	struct memory *memory = target->priv;

	memory->layout = damon_session__layout(&report->session, target->pid, snapshot->since);
	if (!memory->layout)
		return -ENOMEM;
	memory->mapped |= memory->layout->nr;
	return 0;
}

/* What rows are not grouped by is hidden, or the process, which is in the head of each table. */
static unsigned int hidden_columns(const struct damon_report *report)
{
	unsigned int without = DAMON_KEY_PID | DAMON_KEY_COMM, hidden = 0;
	size_t i;

	if (report->groups.by)
		without = ~report->groups.by;
	for (i = 0; i < report->ops->nr_columns; i++) {
		if (damon_key__group(report->ops->columns[i].key) & without)
			hidden |= 1U << i;
	}
	return hidden;
}

/* What the browser shows above a table, and below its rows. */
static __printf(3, 4) void set_browser(struct damon_report *report,
				       int (*zoom)(struct damon_browser *browser,
						   const union damon_value *row),
				       const char *title, ...)
{
	struct damon_browser *browser = report->out.browser;
	va_list args;

	if (!browser)
		return;
	browser->zoom = zoom;
	va_start(args, title);
	vscnprintf(browser->title, sizeof(browser->title), title, args);
	va_end(args);
}

/* Frees the rows. */
static int print_rows(struct damon_report *report, const char *name, unsigned int hidden,
		      union damon_value *rows, size_t nr)
{
	const char *sort = report->ops->sort;
	struct damon_table table;
	int err;

	damon_table__init(&table, &report->out, name, report->ops->columns,
			  report->ops->nr_columns, hidden | hidden_columns(report));
	err = damon_table__print_sorted(&table, report->fields, sort, report->sort, rows, nr);
	free(rows);
	return err;
}

/* Columns of --mappings; symbols are printed only if asked for, since reading them takes time. */
enum { ACCESSES, FREQUENCY, WSS, MAX_WSS, SIZE, PID, COMM, SYMBOL, MAPPING, NR_COLUMNS };

static const struct damon_column columns[NR_COLUMNS] = {
	[ACCESSES]	= { "accesses",		DAMON_RATIO,	8,	"accesses_percent" },
	[FREQUENCY]	= { "frequency",	DAMON_RATIO,	9,	"frequency_percent" },
	[WSS]		= { "working set",	DAMON_SIZE,	11,	"wss_bytes" },
	[MAX_WSS]	= { "greatest",		DAMON_SIZE,	10,	"max_wss_bytes" },
	[SIZE]		= { "monitored",	DAMON_SIZE,	10,	"size_bytes" },
	[PID]		= { "pid",		DAMON_COUNT,	7,	"pid" },
	[COMM]		= { "comm",		DAMON_TEXT,	15,	"comm" },
	[SYMBOL]	= { "symbol",		DAMON_TEXT,	16,	"symbol" },
	[MAPPING]	= { "mapping",		DAMON_TEXT,	24,	"mapping" },
};

static bool asks_for_symbols(const char *keys)
{
	return keys && strstr(keys, "sym");
}

static int mappings_begin(struct damon_report *report, struct damon_target *target)
{
	bool symbols = asks_for_symbols(report->fields) || asks_for_symbols(report->sort);

	if (symbols && symbol__init(NULL) < 0) {
		pr_err("cannot read symbols\n");
		return -EINVAL;
	}
	report->session.mappings.symbols = symbols;
	return memory_begin(report, target);
}

/* A tally for each owner, and its group if there are any: there may be new owners. */
static int grow(struct damon_report *report, const struct damon_target *target)
{
	struct memory *memory = target->priv;
	size_t nr = memory->layout->nr_owners;
	struct damon_tally *tally;

	if (memory->nr >= nr)
		return 0;
	tally = reallocarray(memory->tally, nr, sizeof(*tally));
	if (!tally)
		return damon_out_of_memory();
	memory->tally = tally;
	for (; memory->nr < nr; memory->nr++) {
		const struct damon_owner *owner = &memory->layout->owner[memory->nr];
		int group = !report->groups.by ? 0 :
			    damon_groups__findnew(&report->groups, target, owner, NULL);

		if (group < 0)
			return group;
		tally[memory->nr] = (struct damon_tally){ .group = group };
	}
	return 0;
}

static void add_part(struct memory *memory, size_t owner, u64 bytes, u32 nr_accesses,
		     const struct damon_snapshot *snapshot)
{
	struct damon_tally *tally = &memory->tally[owner];
	double heat = (double)bytes * nr_accesses;

	memory->heat += heat;
	tally->heat += heat;
	tally->rate += heat / snapshot->samples;
	tally->now_bytes += bytes;
	if (nr_accesses >= snapshot->threshold)
		tally->now_accessed += bytes;
}

static void add_region(struct memory *memory, const struct damon_region *region,
		       const struct damon_snapshot *snapshot)
{
	u64 unknown = region->end - region->start;
	const struct damon_mapping *mapping;
	size_t i;

	damon_layout__for_each_mapping(mapping, i, memory->layout, region) {
		u64 bytes = damon_mapping__overlap(mapping, region);

		unknown -= bytes;
		add_part(memory, mapping->owner, bytes, region->nr_accesses, snapshot);
	}
	if (unknown)
		add_part(memory, DAMON_NO_OWNER, unknown, region->nr_accesses, snapshot);
}

/* The latest snapshot of a target replaces the one before in the sums of groups. */
static void count_in_groups(struct damon_groups *groups, struct memory *memory)
{
	size_t i;

	for (i = 0; i < memory->nr; i++) {
		struct damon_tally *tally = &memory->tally[i];
		struct damon_tally *all = &groups->group[tally->group].tally;

		all->now_bytes += tally->now_bytes - tally->counted_bytes;
		all->now_accessed += tally->now_accessed - tally->counted_accessed;
		tally->counted_bytes = tally->now_bytes;
		tally->counted_accessed = tally->now_accessed;
	}
}

/* What has ended counts no more. */
static void count_out_ended(struct damon_report *report, u64 time)
{
	struct damon_target *target;

	damon_overview__for_each_target(&report->overview, target) {
		struct memory *memory = target->priv;

		if (!memory->grouped || target->last_time > time)
			continue;
		/* Nothing is in the snapshot of now. */
		count_in_groups(&report->groups, memory);
		memory->grouped = false;
	}
}

/* The greatest sums are those of all processes of a group at a time. */
static void group_snapshot(struct damon_report *report, struct memory *memory, u64 since)
{
	struct damon_groups *groups = &report->groups;
	size_t i;

	if (!groups->by)
		return;
	count_out_ended(report, since);
	count_in_groups(groups, memory);
	memory->grouped = true;
	for (i = 0; i < memory->nr; i++) {
		struct damon_tally *all = &groups->group[memory->tally[i].group].tally;

		all->max_bytes = max(all->max_bytes, all->now_bytes);
		all->max_accessed = max(all->max_accessed, all->now_accessed);
	}
}

static void end_snapshot(struct memory *memory)
{
	size_t i;

	for (i = 0; i < memory->nr; i++) {
		struct damon_tally *tally = &memory->tally[i];

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
	struct memory *memory = target->priv;
	size_t i;

	if (update_layout(report, target, snapshot))
		return -ENOMEM;
	if (grow(report, target))
		return -ENOMEM;
	for (i = 0; i < snapshot->nr_regions; i++)
		add_region(memory, &snapshot->regions[i], snapshot);
	group_snapshot(report, memory, snapshot->since);
	end_snapshot(memory);
	return report->browses ?
	       damon_zoom__keep(&report->zoom, target, snapshot, memory->layout) : 0;
}

/* Frees the rows. */
static int print_mapping_rows(struct damon_report *report, bool mapped, union damon_value *rows,
			      size_t nr)
{
	unsigned int hidden = report->session.mappings.symbols ? 0 : 1U << SYMBOL;

	if (!mapped)
		damon_output__note(&report->out,
				   "# the record does not tell what was mapped here\n");
	return print_rows(report, "mappings", hidden, rows, nr);
}

static void fill_names(union damon_value *row, const struct damon_target *target,
		       const struct damon_owner *owner)
{
	row[PID].number = target->pid ? (u64)target->pid : DAMON_UNKNOWN;
	row[COMM].text = target->comm ?: "";
	row[SYMBOL].text = owner->symbol;
	row[MAPPING].text = damon_owner__name(owner);
}

/* What is accessed is a sum over so many snapshots, or a mean already. */
static void fill_tally(union damon_value *row, const struct damon_tally *tally,
		       unsigned long nr_snapshots, double heat)
{
	row[ACCESSES].ratio = heat ? tally->heat / heat : 0;
	row[FREQUENCY].ratio = tally->rate / tally->bytes;
	row[WSS].number = tally->accessed / nr_snapshots;
	row[MAX_WSS].number = tally->max_accessed;
	row[SIZE].number = tally->max_bytes;
}

static bool is_shown(const struct damon_report *report, const struct damon_tally *tally,
		     double heat)
{
	return tally->bytes && tally->heat * 100 >= report->percent_limit * heat;
}

static int zoom_into_mapping(struct damon_browser *browser, const union damon_value *row)
{
	unsigned int by = browser->report->groups.by ?: DAMON_KEY_MAPPING | DAMON_KEY_SYMBOL;
	const struct damon_zoom_row zoomed = {
		.pid	 = by & DAMON_KEY_PID ? row[PID].number : 0,
		.comm	 = by & DAMON_KEY_COMM ? row[COMM].text : NULL,
		.mapping = by & DAMON_KEY_MAPPING ? row[MAPPING].text : NULL,
		.symbol	 = by & DAMON_KEY_SYMBOL ? row[SYMBOL].text : NULL,
	};

	return damon_zoom__show(browser, &zoomed);
}

static int print_mappings(struct damon_report *report, struct damon_target *target)
{
	const struct memory *memory = target->priv;
	union damon_value (*rows)[NR_COLUMNS] = calloc(memory->nr + 1, sizeof(*rows));
	size_t i, nr = 0;

	if (!rows)
		return damon_out_of_memory();
	for (i = 0; i < memory->nr; i++) {
		if (!is_shown(report, &memory->tally[i], memory->heat))
			continue;
		fill_tally(rows[nr], &memory->tally[i], target->nr_snapshots, memory->heat);
		fill_names(rows[nr++], target, &memory->layout->owner[i]);
	}
	set_browser(report, zoom_into_mapping, "mappings in %lu snapshot%s", target->nr_snapshots,
		    damon_plural(target->nr_snapshots));
	return print_mapping_rows(report, memory->mapped, *rows, nr);
}

/* As in totals, a target counts in the average working set for the time that it was monitored. */
static void add_to_groups(struct damon_report *report, const struct damon_target *target)
{
	double share = damon_overview__share_of_time(&report->overview, target) / 1e9;
	const struct memory *memory = target->priv;
	size_t i;

	for (i = 0; i < memory->nr; i++) {
		const struct damon_tally *tally = &memory->tally[i];
		struct damon_tally *all = &report->groups.group[tally->group].tally;

		all->heat += tally->heat;
		all->rate += tally->rate;
		all->bytes += tally->bytes;
		all->accessed += tally->accessed / target->nr_snapshots * share;
	}
}

static int print_all_mappings(struct damon_report *report)
{
	const struct damon_groups *groups = &report->groups;
	union damon_value (*rows)[NR_COLUMNS] = calloc(groups->nr + 1, sizeof(*rows));
	struct damon_target *target;
	bool mapped = false;
	size_t i, nr = 0;
	double heat = 0;

	if (!rows)
		return damon_out_of_memory();
	damon_overview__for_each_target(&report->overview, target) {
		const struct memory *memory = target->priv;

		heat += memory->heat;
		mapped |= memory->mapped;
		add_to_groups(report, target);
	}
	for (i = 0; i < groups->nr; i++) {
		const struct damon_group *group = &groups->group[i];

		if (!is_shown(report, &group->tally, heat))
			continue;
		fill_tally(rows[nr], &group->tally, 1, heat);
		fill_names(rows[nr++], group->target, &group->owner);
	}
	set_browser(report, zoom_into_mapping, "mappings");
	return print_mapping_rows(report, mapped, *rows, nr);
}

static void mappings_head(struct damon_report *report)
{
	if (report->out.format == DAMON_JSON)
		return;
	printf("# accesses: share of all; frequency: in how many of the samples, on average\n");
	printf("# working set: on average, and the greatest; [unknown]: in no known mapping\n");
}

const struct damon_report_ops damon_mappings_ops = {
	.name		= "mappings",
	.options	= (const char * const []) {
		"threshold", "fields", "sort", "column-widths", "percent-limit", "symfs",
		"raw-numbers", "tui", NULL },
	.columns	= columns,
	.nr_columns	= NR_COLUMNS,
	.sort		= "accesses_percent,size_bytes,mapping,symbol",
	.maps		= true,
	.begin		= mappings_begin,
	.snapshot	= mappings_snapshot,
	.head		= mappings_head,
	.target		= print_mappings,
	.all		= print_all_mappings,
	.exit		= memory_exit,
};

/* Columns of --regions. */
enum {
	REGION_FREQUENCY, REGION_AGE, REGION_AGE_TIME, REGION_SIZE, REGION_START, REGION_END,
	REGION_PID, REGION_COMM, REGION_MAPPING, NR_REGION_COLUMNS
};

static const struct damon_column region_columns[NR_REGION_COLUMNS] = {
	[REGION_FREQUENCY]	= { "frequency",	DAMON_RATIO,	9,  "frequency_percent" },
	[REGION_AGE]		= { "age",		DAMON_COUNT,	5,  "age" },
	[REGION_AGE_TIME]	= { "for",		DAMON_TIME,	8,  "age_ns" },
	[REGION_SIZE]		= { "size",		DAMON_SIZE,	10, "size_bytes" },
	[REGION_START]		= { "start",		DAMON_ADDRESS,	18, "start" },
	[REGION_END]		= { "end",		DAMON_ADDRESS,	18, "end" },
	[REGION_PID]		= { "pid",		DAMON_COUNT,	7,  "pid" },
	[REGION_COMM]		= { "comm",		DAMON_TEXT,	15, "comm" },
	[REGION_MAPPING]	= { "mapping",		DAMON_TEXT,	16, "mapping" },
};

/*
 * The owner of most bytes that are mapped. If there were accesses, all of the region probably is,
 * even if the record does not tell.
 */
static unsigned int find_owner(const struct damon_layout *layout,
			       const struct damon_region *region)
{
	u64 most = 0, unknown = region->end - region->start;
	unsigned int owner = DAMON_NO_OWNER;
	const struct damon_mapping *mapping;
	size_t i;

	damon_layout__for_each_mapping(mapping, i, layout, region) {
		u64 bytes = damon_mapping__overlap(mapping, region);

		unknown -= bytes;
		if (bytes > most) {
			most = bytes;
			owner = mapping->owner;
		}
	}
	return region->nr_accesses && unknown > most ? DAMON_NO_OWNER : owner;
}

static int regions_snapshot(struct damon_report *report, struct damon_target *target,
			    const struct damon_snapshot *snapshot)
{
	struct memory *memory = target->priv;
	size_t i, nr = snapshot->nr_regions;

	/* No regions in the selected address range, or a second snapshot of the same time. */
	if (snapshot->time != target->nearest_time || !nr || memory->owner)
		return 0;
	if (update_layout(report, target, snapshot))
		return -ENOMEM;
	memory->shown = *snapshot;
	memory->shown.regions = memdup(snapshot->regions, nr * sizeof(*snapshot->regions));
	memory->owner = calloc(nr, sizeof(*memory->owner));
	if (!memory->shown.regions || !memory->owner)
		return damon_out_of_memory();
	for (i = 0; i < nr; i++)
		memory->owner[i] = find_owner(memory->layout, &snapshot->regions[i]);
	return 0;
}

static void fill_region(union damon_value *row, const struct damon_target *target, size_t i,
			bool has_age)
{
	const struct memory *memory = target->priv;
	const struct damon_region *region = &memory->shown.regions[i];

	row[REGION_FREQUENCY].ratio = (double)region->nr_accesses / memory->shown.samples;
	row[REGION_AGE].number = has_age ? region->age : DAMON_UNKNOWN;
	row[REGION_AGE_TIME].number = has_age ? region->age * memory->shown.aggr_ns : DAMON_UNKNOWN;
	row[REGION_SIZE].number = region->end - region->start;
	row[REGION_START].number = region->start;
	row[REGION_END].number = region->end;
	row[REGION_PID].number = target->pid ? (u64)target->pid : DAMON_UNKNOWN;
	row[REGION_COMM].text = target->comm ?: "";
	row[REGION_MAPPING].text = damon_owner__name(&memory->layout->owner[memory->owner[i]]);
}

/* Frees the rows. */
static int print_region_rows(struct damon_report *report, union damon_value *rows, size_t nr)
{
	unsigned int hidden = report->session.source.has_age ? 0 :
			      1U << REGION_AGE | 1U << REGION_AGE_TIME;

	return print_rows(report, "regions", hidden, rows, nr);
}

static int print_regions(struct damon_report *report, struct damon_target *target)
{
	const struct memory *memory = target->priv;
	size_t i, nr = memory->shown.nr_regions;
	union damon_value (*rows)[NR_REGION_COLUMNS] = calloc(nr + 1, sizeof(*rows));
	u64 time = target->nearest_time - report->overview.zero;

	if (!rows)
		return damon_out_of_memory();
	for (i = 0; i < nr; i++)
		fill_region(rows[i], target, i, report->session.source.has_age);
	damon_output__number(&report->out, "time_ns", time);
	damon_output__value(&report->out, "timestamp", DAMON_TIMESTAMP, target->nearest_time);
	damon_output__note(&report->out, "at %s: %zu region%s\n",
			   damon_output__str(&report->out, DAMON_TIME, time), nr,
			   damon_plural(nr));
	set_browser(report, NULL, "regions at %s",
		    damon_output__str(&report->out, DAMON_TIME, time));
	return print_region_rows(report, *rows, nr);
}

static int add_to_region_groups(struct damon_report *report, const struct damon_target *target)
{
	const struct memory *memory = target->priv;
	size_t i;

	for (i = 0; i < memory->shown.nr_regions; i++) {
		const struct damon_region *region = &memory->shown.regions[i];
		const struct damon_owner *owner = &memory->layout->owner[memory->owner[i]];
		u64 bytes = region->end - region->start;
		double weight = bytes;
		struct damon_group *group;
		int nr = damon_groups__findnew(&report->groups, target, owner, region);

		if (nr < 0)
			return nr;
		group = &report->groups.group[nr];
		group->start = min(group->start, region->start);
		group->end = max(group->end, region->end);
		group->age += weight * region->age;
		group->age_ns += weight * region->age * memory->shown.aggr_ns;
		group->tally.rate += weight * region->nr_accesses / memory->shown.samples;
		group->tally.now_bytes += bytes;
	}
	return 0;
}

/* Means by size, but the lowest and the highest address. */
static void fill_region_group(union damon_value *row, const struct damon_group *group,
			      bool has_age)
{
	u64 bytes = group->tally.now_bytes;

	row[REGION_FREQUENCY].ratio = group->tally.rate / bytes;
	row[REGION_AGE].number = has_age ? group->age / bytes + 0.5 : DAMON_UNKNOWN;
	row[REGION_AGE_TIME].number = has_age ? group->age_ns / bytes + 0.5 : DAMON_UNKNOWN;
	row[REGION_SIZE].number = bytes;
	row[REGION_START].number = group->start;
	row[REGION_END].number = group->end;
	row[REGION_PID].number = group->target->pid ? (u64)group->target->pid : DAMON_UNKNOWN;
	row[REGION_COMM].text = group->target->comm ?: "";
	row[REGION_MAPPING].text = damon_owner__name(&group->owner);
}

static int print_all_regions(struct damon_report *report)
{
	union damon_value (*rows)[NR_REGION_COLUMNS];
	struct damon_target *target;
	size_t i;
	int err;

	damon_overview__for_each_target(&report->overview, target) {
		err = add_to_region_groups(report, target);
		if (err)
			return err;
	}
	rows = calloc(report->groups.nr + 1, sizeof(*rows));
	if (!rows)
		return damon_out_of_memory();
	for (i = 0; i < report->groups.nr; i++)
		fill_region_group(rows[i], &report->groups.group[i],
				  report->session.source.has_age);
	set_browser(report, NULL, "regions");
	return print_region_rows(report, *rows, report->groups.nr);
}

static void regions_head(struct damon_report *report)
{
	damon_output__note(&report->out,
			   "# the last snapshot, or that nearest to --tmax, by heat\n");
}

const struct damon_report_ops damon_regions_ops = {
	.name		= "regions",
	.options	= (const char * const []) {
		"fields", "sort", "column-widths", "raw-numbers", "tui", NULL },
	.columns	= region_columns,
	.nr_columns	= NR_REGION_COLUMNS,
	.sort		= "frequency_percent,age,size_bytes,start",
	.maps		= true,
	.uncut		= true,
	.begin		= memory_begin,
	.snapshot	= regions_snapshot,
	.head		= regions_head,
	.target		= print_regions,
	.all		= print_all_regions,
	.exit		= memory_exit,
};
