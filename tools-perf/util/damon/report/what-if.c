// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --what-if: what a scheme would have done, to whose memory, and how much of that
 * was used again, which is the price of reclaiming it.
 *
 * Memory counts as acted on when it first meets the pattern since it was last used. It counts as
 * used again, with all of its region, at the next access that the monitor has seen.
 */
#include "../model/acted.h"
#include "../errors.h"
#include "../model/mappings.h"
#include "report.h"
#include "timeline.h"
#include "util/strbuf.h"

#include <stdio.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* Bytes that met the pattern, on which the scheme acts, and that were used again in some time. */
enum sum { MET, ACTED, AGAIN_1S, AGAIN_10S, AGAIN_60S, AT_LEAST, NR_SUMS };

static const u64 again_ns[AT_LEAST] = {
	[AGAIN_1S]	= NSEC_PER_SEC,
	[AGAIN_10S]	= 10ULL * NSEC_PER_SEC,
	[AGAIN_60S]	= 60ULL * NSEC_PER_SEC,
};

static const struct damon_column columns[DAMON_TIMELINE_SUMS + NR_SUMS + 1] = {
	[DAMON_TIMELINE_TIME] = { "time", DAMON_TIME, 10, "time_ns" },
	[DAMON_TIMELINE_SUMS + MET] = { "met", DAMON_SIZE, 10, "met_bytes" },
	[DAMON_TIMELINE_SUMS + ACTED] = { "acted on", DAMON_SIZE, 10, "acted_bytes" },
	[DAMON_TIMELINE_SUMS + AGAIN_1S] = { "again in 1s", DAMON_SIZE, 11, "again_1s_bytes" },
	[DAMON_TIMELINE_SUMS + AGAIN_10S] = { "in 10s", DAMON_SIZE, 10, "again_10s_bytes" },
	[DAMON_TIMELINE_SUMS + AGAIN_60S] = { "in 60s", DAMON_SIZE, 10, "again_60s_bytes" },
	[DAMON_TIMELINE_SUMS + AT_LEAST] = { "at least", DAMON_SIZE, 10, "again_min_bytes" },
	[DAMON_TIMELINE_SUMS + NR_SUMS] = { "mapping", DAMON_TEXT, 24, "mapping" },
};

/**
 * struct what_if - what a scheme would have done to the memory of a target
 * @timeline: sums by time and mapping
 * @acted: on which memory it has acted
 * @tried: bytes that it would have been tried on, as the kernel counts sz_tried
 * @next_ns: when it is applied next
 * @now: time of the snapshot that is being added
 * @samples: its samples
 * @err: an error of note_part()
 */
struct what_if {
	struct damon_timeline	timeline;
	struct damon_acted	acted;
	u64			tried;
	u64			next_ns;
	u64			now;
	u32			samples;
	int			err;
};

static int begin(struct damon_report *report, struct damon_target *target)
{
	struct what_if *what_if = zalloc(sizeof(*what_if));

	target->priv = what_if;
	if (!what_if)
		return damon_out_of_memory();
	if (!report->session.source.has_age && damon_scheme__needs_age(&report->what_if)) {
		pr_err("--what-if: age: the kernel that was recorded, before 6.1, reports no ages\n");
		return -EINVAL;
	}
	what_if->timeline.columns = columns;
	what_if->timeline.nr_sums = NR_SUMS;
	what_if->timeline.sort = "met_bytes,acted_bytes,mapping";
	what_if->timeline.averaged = true;
	return damon_timeline__init(&what_if->timeline, report, target);
}

static void exit_target(struct damon_target *target)
{
	struct what_if *what_if = target->priv;

	damon_timeline__exit(&what_if->timeline);
	damon_acted__exit(&what_if->acted);
}

/*
 * What is used again counts for the time when it was acted on. The monitor probes a page of a
 * region in each sample: at least that share of it was used, and at most all of it.
 */
static void note_part(void *data, u64 start, u64 end, u64 acted, u32 nr_accesses)
{
	const struct damon_region part = { .start = start, .end = end };
	struct what_if *what_if = data;
	int err = what_if->err;
	enum sum sum;

	if (!acted) {
		what_if->err = err ?: damon_timeline__add(&what_if->timeline, what_if->now, ACTED,
							  &part, 1);
		return;
	}
	for (sum = AGAIN_1S; sum < AT_LEAST; sum++) {
		if (what_if->now - acted <= again_ns[sum])
			err = err ?: damon_timeline__add(&what_if->timeline, acted, sum, &part, 1);
	}
	if (what_if->now - acted <= again_ns[AGAIN_60S])
		err = err ?: damon_timeline__add(&what_if->timeline, acted, AT_LEAST, &part,
					      (double)nr_accesses / what_if->samples);
	what_if->err = err;
}

/* How often it is applied until the end of the snapshot. */
static u64 count_applications(struct what_if *what_if, const struct damon_scheme *scheme,
			      const struct damon_snapshot *snapshot)
{
	u64 apply_ns = scheme->apply_ns ?: snapshot->aggr_ns;

	if (!what_if->next_ns)
		what_if->next_ns = snapshot->time;
	if (!apply_ns || snapshot->time + snapshot->aggr_ns / 2 < what_if->next_ns)
		return 0;
	what_if->next_ns = snapshot->time + apply_ns;
	return max(snapshot->aggr_ns / apply_ns, (u64)1);
}

static int add_met(struct what_if *what_if, const struct damon_scheme *scheme,
		   const struct damon_snapshot *snapshot, const struct damon_pattern *pattern)
{
	u64 tried = 0;
	size_t i;
	int err = 0;

	damon_timeline__count_snapshot(&what_if->timeline, snapshot->time);
	for (i = 0; !err && i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		if (!damon_pattern__matches(pattern, region))
			continue;
		tried += region->end - region->start;
		err = damon_timeline__add(&what_if->timeline, snapshot->time, MET, region, 1);
	}
	what_if->tried += tried * count_applications(what_if, scheme, snapshot);
	return err;
}

static int add_snapshot(struct damon_report *report, struct damon_target *target,
			const struct damon_snapshot *snapshot)
{
	struct what_if *what_if = target->priv;
	struct damon_pattern pattern;
	int err;

	what_if->timeline.layout = damon_session__layout(&report->session, target->pid,
							 snapshot->since);
	if (!what_if->timeline.layout)
		return -ENOMEM;
	what_if->now = snapshot->time;
	what_if->samples = snapshot->samples;
	damon_scheme__pattern(&report->what_if, snapshot->aggr_ns, snapshot->samples, &pattern);
	err = add_met(what_if, &report->what_if, snapshot, &pattern);
	if (!err && damon_acted__update(&what_if->acted, snapshot, &pattern, note_part, what_if))
		err = damon_out_of_memory();
	return err ?: what_if->err;
}

static int print_target(struct damon_report *report, struct damon_target *target)
{
	struct what_if *what_if = target->priv;
	struct damon_output *out = &report->out;

	damon_output__number(out, "tried_bytes", what_if->tried);
	damon_output__note(out, "tried on %s in all, with what is not mapped\n",
			   damon_output__str(out, DAMON_SIZE, what_if->tried));
	return damon_timeline__print(&what_if->timeline, report, 0);
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
	damon_output__note(&report->out, "# met: bytes that met the pattern, on average; %s\n",
			   "acted on: the first time since they were used");
	damon_output__note(&report->out, "# again: regions of which something was used again %s\n",
			   "within that time, and at least so much of them within 60s");
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
