// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --what-if: what a scheme would have done, to whose memory, and how much of that
 * was used again, which is the price of reclaiming it.
 *
 * Memory counts as acted on when it first meets the pattern since it was last used. It counts as
 * used again, with all of its region, at the next access that the monitor has seen.
 */
#include "acted.h"
#include "errors.h"
#include "mappings.h"
#include "name.h"
#include "report.h"
#include "util/session.h"
#include "util/strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Rows of the table over time, unless --tres is given. */
#define NR_SLOTS	10

/* A --tres that is finer makes no sense, and needs much memory. */
#define MAX_SLOTS	100000

/* Bytes that met the pattern, on which the scheme acts, and that were used again in some time. */
enum sum { MET, ACTED, AGAIN_1S, AGAIN_10S, AGAIN_60S, NR_SUMS };

static const u64 again_ns[NR_SUMS] = {
	[AGAIN_1S]	= NSEC_PER_SEC,
	[AGAIN_10S]	= 10ULL * NSEC_PER_SEC,
	[AGAIN_60S]	= 60ULL * NSEC_PER_SEC,
};

/* Sums over the snapshots of a slot of time, for an owner. */
struct tally {
	u64	sum[NR_SUMS];
};

/**
 * struct slot - a part of the time
 * @nr_snapshots: number of snapshots in it
 * @tally: a tally for each owner
 * @nr: how many there are
 */
struct slot {
	unsigned long	nr_snapshots;
	struct tally	*tally;
	size_t		nr;
};

/**
 * struct what_if - what a scheme would have done to the memory of a target
 * @report: the report
 * @layout: what is mapped, NULL: there was no snapshot
 * @mapped: its mappings are known
 * @acted: on which memory it has acted
 * @slot: the time in parts
 * @nr_slots: how many there are
 * @slot_ns: length of each
 * @tried: bytes that it would have been tried on, as the kernel counts sz_tried
 * @most: the most bytes that met the pattern at a time
 * @next_ns: when it is applied next
 * @now: time of the snapshot that is being added
 * @err: an error of note_part()
 */
struct what_if {
	const struct damon_report	*report;
	const struct damon_layout	*layout;
	bool				mapped;
	struct damon_acted		acted;
	struct slot			*slot;
	u64				nr_slots;
	u64				slot_ns;
	u64				tried;
	u64				most;
	u64				next_ns;
	u64				now;
	int				err;
};

static int begin(struct damon_report *report, struct damon_target *target)
{
	const struct damon_overview *overview = &report->overview;
	u64 start = overview->start, end = max(overview->end, start + 1);
	struct what_if *what_if = zalloc(sizeof(*what_if));

	target->priv = what_if;
	if (!what_if)
		return damon_out_of_memory();
	if (!report->session.source.has_age && damon_scheme__needs_age(&report->what_if)) {
		pr_err("--what-if: age: the kernel that was recorded, before 6.1, reports no ages\n");
		return -EINVAL;
	}
	what_if->report = report;
	what_if->mapped = damon_mappings__know(&report->session.mappings, target->pid);
	what_if->nr_slots = damon_heats__nr_cells(&report->time_resolution, start, &end, NR_SLOTS);
	if (what_if->nr_slots > MAX_SLOTS) {
		pr_err("--tres: %" PRIu64 " rows are too many: choose a longer time\n",
		       what_if->nr_slots);
		return -EINVAL;
	}
	what_if->slot_ns = DIV_ROUND_UP(end - start, what_if->nr_slots);
	what_if->slot = calloc(what_if->nr_slots, sizeof(*what_if->slot));
	return what_if->slot ? 0 : damon_out_of_memory();
}

static void exit_target(struct damon_target *target)
{
	struct what_if *what_if = target->priv;
	size_t i;

	for (i = 0; what_if->slot && i < what_if->nr_slots; i++)
		free(what_if->slot[i].tally);
	free(what_if->slot);
	damon_acted__exit(&what_if->acted);
}

static struct slot *slot_of(const struct what_if *what_if, u64 time)
{
	u64 start = what_if->report->overview.start;
	/* A snapshot has the time of its end. */
	u64 i = time > start ? (time - start - 1) / what_if->slot_ns : 0;

	return &what_if->slot[min(i, what_if->nr_slots - 1)];
}

/* A tally for each owner: there may be new ones. */
static struct tally *find_tally(struct what_if *what_if, struct slot *slot, unsigned int owner)
{
	size_t nr = what_if->layout->nr_owners;
	struct tally *tally;

	if (owner < slot->nr)
		return &slot->tally[owner];
	tally = reallocarray(slot->tally, nr, sizeof(*tally));
	if (!tally) {
		what_if->err = damon_out_of_memory();
		return NULL;
	}
	memset(&tally[slot->nr], 0, (nr - slot->nr) * sizeof(*tally));
	slot->tally = tally;
	slot->nr = nr;
	return &tally[owner];
}

/*
 * Add to the owners of addresses. Between mappings there is no memory to act on, unless no mapping
 * is known, or the memory is physical.
 *
 * Return: number of bytes that were added.
 */
static u64 add(struct what_if *what_if, u64 time, enum sum sum, const struct damon_region *region)
{
	struct slot *slot = slot_of(what_if, time);
	u64 bytes, unknown = region->end - region->start, added = 0;
	const struct damon_mapping *mapping;
	struct tally *tally;
	size_t i;

	damon_layout__for_each_mapping(mapping, i, what_if->layout, region) {
		tally = find_tally(what_if, slot, mapping->owner);
		if (!tally)
			return 0;
		bytes = damon_mapping__overlap(mapping, region);
		tally->sum[sum] += bytes;
		added += bytes;
	}
	if (what_if->mapped)
		return added;
	unknown -= added;
	tally = unknown ? find_tally(what_if, slot, DAMON_NO_OWNER) : NULL;
	if (!tally)
		return added;
	tally->sum[sum] += unknown;
	return added + unknown;
}

/* What is used again counts for the time when it was acted on. */
static void note_part(void *data, u64 start, u64 end, u64 acted)
{
	const struct damon_region part = { .start = start, .end = end };
	struct what_if *what_if = data;
	enum sum sum;

	if (!acted)
		add(what_if, what_if->now, ACTED, &part);
	for (sum = AGAIN_1S; acted && sum < NR_SUMS; sum++) {
		if (what_if->now - acted <= again_ns[sum])
			add(what_if, acted, sum, &part);
	}
}

/* How often it is applied until the end of the snapshot. */
static u64 count_applications(struct what_if *what_if, const struct damon_snapshot *snapshot)
{
	u64 apply_ns = what_if->report->what_if.apply_ns ?: snapshot->aggr_ns, nr;

	if (!what_if->next_ns)
		what_if->next_ns = snapshot->time;
	if (!apply_ns || snapshot->time + snapshot->aggr_ns / 2 < what_if->next_ns)
		return 0;
	nr = max(snapshot->aggr_ns / apply_ns, (u64)1);
	what_if->next_ns = snapshot->time + apply_ns;
	return nr;
}

static void add_met(struct what_if *what_if, const struct damon_snapshot *snapshot,
		    const struct damon_pattern *pattern)
{
	u64 tried = 0, met = 0;
	size_t i;

	slot_of(what_if, snapshot->time)->nr_snapshots++;
	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		if (!damon_pattern__matches(pattern, region))
			continue;
		tried += region->end - region->start;
		met += add(what_if, snapshot->time, MET, region);
	}
	what_if->most = max(what_if->most, met);
	what_if->tried += tried * count_applications(what_if, snapshot);
}

static int add_snapshot(struct damon_report *report, struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	struct what_if *what_if = target->priv;
	struct damon_pattern pattern;
	int err;

	what_if->layout = damon_mappings__layout(&report->session.mappings,
						 &report->session.perf->machines.host,
						 target->pid, snapshot->since);
	if (!what_if->layout)
		return -ENOMEM;
	what_if->now = snapshot->time;
	damon_scheme__pattern(&report->what_if, snapshot->aggr_ns, snapshot->samples, &pattern);
	add_met(what_if, snapshot, &pattern);
	err = damon_acted__update(&what_if->acted, snapshot, &pattern, note_part, what_if);
	return what_if->err ?: err ? damon_out_of_memory() : 0;
}

enum { TIME, FIRST_SUM, MAPPING = FIRST_SUM + NR_SUMS, NR_COLUMNS };

static const struct damon_column columns[NR_COLUMNS] = {
	[TIME]			= { "time",		DAMON_TIME,	10, "time_ns" },
	[FIRST_SUM + MET]	= { "met",		DAMON_SIZE,	10, "met_bytes" },
	[FIRST_SUM + ACTED]	= { "acted on",		DAMON_SIZE,	10, "acted_bytes" },
	[FIRST_SUM + AGAIN_1S]	= { "again in 1s",	DAMON_SIZE,	11, "again_1s_bytes" },
	[FIRST_SUM + AGAIN_10S]	= { "in 10s",		DAMON_SIZE,	10, "again_10s_bytes" },
	[FIRST_SUM + AGAIN_60S]	= { "in 60s",		DAMON_SIZE,	10, "again_60s_bytes" },
	[MAPPING]		= { "mapping",		DAMON_TEXT,	24, "mapping" },
};

static void add_tally(struct tally *to, const struct slot *slot, size_t owner)
{
	size_t i;

	for (i = 0; owner < slot->nr && i < NR_SUMS; i++)
		to->sum[i] += slot->tally[owner].sum[i];
}

/* Return: whether there is anything to print. */
static bool fill_row(union damon_value *row, const struct tally *tally, unsigned long nr_snapshots)
{
	bool any = false;
	size_t i;

	for (i = 0; i < NR_SUMS; i++) {
		row[FIRST_SUM + i].number = tally->sum[i];
		any |= tally->sum[i];
	}
	if (nr_snapshots)
		row[FIRST_SUM + MET].number /= nr_snapshots;
	return any;
}

static const char *owner_name(const struct what_if *what_if, size_t owner)
{
	char *name = what_if->layout->owner[owner].name;

	damon_name__make_printable(name);
	return name;
}

static int print_mappings(struct damon_report *report, const struct what_if *what_if,
			  unsigned long nr_snapshots)
{
	size_t nr_owners = what_if->layout->nr_owners, owner, i, nr = 0;
	union damon_value (*rows)[NR_COLUMNS] = calloc(nr_owners, sizeof(*rows));
	struct damon_table table;
	int err;

	if (!rows)
		return damon_out_of_memory();
	for (owner = 0; owner < nr_owners; owner++) {
		struct tally tally = {};

		for (i = 0; i < what_if->nr_slots; i++)
			add_tally(&tally, &what_if->slot[i], owner);
		rows[nr][MAPPING].text = owner_name(what_if, owner);
		nr += fill_row(rows[nr], &tally, nr_snapshots);
	}
	damon_table__init(&table, &report->out, "mappings", columns, NR_COLUMNS, 1U << TIME);
	err = damon_table__print_sorted(&table, NULL, "met_bytes,acted_bytes,mapping", NULL, *rows, nr);
	free(rows);
	return err;
}

/* The end of a slot: its snapshots have times up to that. */
static u64 slot_end(const struct damon_report *report, const struct what_if *what_if, size_t i)
{
	u64 end = report->overview.start + (i + 1) * what_if->slot_ns;

	return min(end, report->overview.end) - report->overview.zero;
}

static void print_slots(struct damon_report *report, const struct what_if *what_if)
{
	struct damon_table table;
	size_t i, owner;

	damon_output__note(&report->out, "\n");
	damon_table__init(&table, &report->out, "times", columns, NR_COLUMNS, 1U << MAPPING);
	damon_table__open(&table);
	for (i = 0; i < what_if->nr_slots; i++) {
		const struct slot *slot = &what_if->slot[i];
		union damon_value row[NR_COLUMNS];
		struct tally tally = {};

		for (owner = 0; owner < slot->nr; owner++)
			add_tally(&tally, slot, owner);
		row[TIME].number = slot_end(report, what_if, i);
		fill_row(row, &tally, slot->nr_snapshots);
		damon_table__print_row(&table, row);
	}
	damon_table__close(&table);
}

/* For programs a row for each mapping and time. */
static int print_all(struct damon_report *report, const struct what_if *what_if)
{
	struct damon_table table;
	size_t i, owner;

	damon_table__init(&table, &report->out, "mappings", columns, NR_COLUMNS, 0);
	damon_table__open(&table);
	for (i = 0; i < what_if->nr_slots; i++) {
		const struct slot *slot = &what_if->slot[i];

		for (owner = 0; owner < slot->nr; owner++) {
			union damon_value row[NR_COLUMNS];

			row[TIME].number = slot_end(report, what_if, i);
			row[MAPPING].text = owner_name(what_if, owner);
			if (fill_row(row, &slot->tally[owner], slot->nr_snapshots))
				damon_table__print_row(&table, row);
		}
	}
	damon_table__close(&table);
	return 0;
}

static int print_target(struct damon_report *report, struct damon_target *target)
{
	const struct what_if *what_if = target->priv;
	struct damon_output *out = &report->out;
	int err;

	if (out->format == DAMON_FIELDS)
		return print_all(report, what_if);
	damon_output__number(out, "tried_bytes", what_if->tried);
	damon_output__number(out, "max_met_bytes", what_if->most);
	damon_output__note(out, "tried on %s in all, with what is not mapped; at most %s %s\n",
			   damon_output__str(out, DAMON_SIZE, what_if->tried),
			   damon_output__str(out, DAMON_SIZE, what_if->most),
			   "met the pattern at a time");
	err = print_mappings(report, what_if, target->nr_snapshots);
	if (!err)
		print_slots(report, what_if);
	return err;
}

static void head(struct damon_report *report)
{
	const struct damon_scheme *scheme = &report->what_if;
	struct strbuf text = STRBUF_INIT;

	if (damon_scheme__print(scheme, &text))
		return;
	damon_output__text(&report->out, "scheme", text.buf);
	damon_output__note(&report->out, "# what if: %s\n", text.buf);
	strbuf_release(&text);
	damon_output__note(&report->out,
			   "# met: bytes that met the pattern, on average; acted on: the first time since they were used\n"
			   "# again: how many of these were used again, within that time\n");
	if (scheme->quota.window_ns)
		damon_output__note(&report->out, "# quota: left out, as if there was none\n");
	if (scheme->nr_filters)
		damon_output__note(&report->out, "# only, not: left out, as if there were none\n");
}

const struct damon_report_ops damon_what_if_ops = {
	.name		= "what-if",
	.options	= (const char * const []) { "tres", "raw-numbers", NULL },
	.maps		= true,
	.uncut		= true,
	.begin		= begin,
	.head		= head,
	.snapshot	= add_snapshot,
	.target		= print_target,
	.exit		= exit_target,
};
