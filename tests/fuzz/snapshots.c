// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz the parts of all reports with any bytes as raw data of events: snapshots, areas, heat
 * maps, working sets, percentiles. Whatever the input, the output has to keep its promises.
 */
#include "util/damon/model/areas.h"
#include "util/damon/model/event.h"
#include "util/damon/model/heatmap.h"
#include "util/damon/model/history.h"
#include "util/damon/model/selection.h"
#include "util/damon/model/series.h"
#include "util/damon/model/snapshot.h"
#include "util/sample.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <traceevent/event-parse.h>

#define promise(condition)						\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "broken: %s\n", #condition);	\
			abort();					\
		}							\
	} while (0)

/* The settings of all kdamonds, 0: unknown. */
static struct damon_settings fuzz_settings;

const struct damon_settings *damon_history__find(const struct damon_history *history,
						 pid_t kdamond, u64 time)
{
	(void)history;
	(void)kdamond;
	(void)time;
	return fuzz_settings.aggr_ns ? &fuzz_settings : NULL;
}

pid_t damon_history__find_pid(const struct damon_history *history, pid_t kdamond, u64 time,
			      unsigned long target_id)
{
	(void)history;
	(void)kdamond;
	(void)time;
	return 1 + (target_id & 0xffff);	/* not negative: it has not ended */
}

/* The rest of the input */
struct input {
	const u8 *data;
	size_t size;
};

/* Everything that is made of snapshots */
struct sink {
	struct damon_areas areas;
	struct damon_distribution sizes;
	struct damon_distribution works;
	struct damon_working_set set;
	struct damon_heatmap map;
	struct damon_selection selection;
	u64 previous;
	size_t nr_complete;
	size_t nr_incomplete;
	size_t nr_regions;
};

/* The next bytes as a number, or 0 if nothing is left */
static u64 take(struct input *in, size_t size)
{
	u64 value = 0;

	if (size > in->size)
		size = in->size;
	memcpy(&value, in->data, size);
	in->data += size;
	in->size -= size;
	return value;
}

static void check_snapshot(const struct damon_snapshot *snapshot)
{
	size_t i;

	promise(snapshot->nr_regions);
	for (i = 0; i < snapshot->nr_regions; i++) {
		promise(snapshot->regions[i].start < snapshot->regions[i].end);
		promise(!i || snapshot->regions[i - 1].end <= snapshot->regions[i].start);
	}
}

static void add_to_map(struct sink *sink, const struct damon_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		damon_heatmap__add(&sink->map, snapshot->since, snapshot->time, region->start,
				   region->end, region->nr_accesses / (double)snapshot->samples);
	}
	sink->previous = snapshot->time;
}

static int add_snapshot(void *data, struct damon_snapshot *snapshot)
{
	const struct damon_snapshot *clipped;
	struct damon_snapshot copy = *snapshot;
	struct sink *sink = data;

	if (!snapshot->whole) {
		sink->nr_incomplete++;
		return 0;
	}
	check_snapshot(snapshot);
	promise(damon_snapshot__bytes(snapshot, 1) <= damon_snapshot__bytes(snapshot, 0));
	sink->nr_complete++;
	sink->nr_regions += snapshot->nr_regions;
	copy.since = sink->previous;
	copy.samples = max(snapshot->max_accesses, 1U);
	copy.threshold = snapshot->target_id;
	promise(!damon_selection__clip(&sink->selection, &copy, &clipped));
	if (!clipped)
		return 0;
	promise(!damon_areas__add(&sink->areas, clipped, 0));
	promise(!damon_working_set__add(&sink->set, &sink->sizes, clipped, 0));
	promise(!damon_working_set__add(&sink->set, &sink->works, clipped, 1000));
	add_to_map(sink, clipped);
	return 0;
}

static void check_percentiles(struct damon_distribution *dist)
{
	u64 last = 0;
	unsigned int percent;

	for (percent = 0; percent <= 100; percent += 5) {
		u64 value = damon_distribution__percentile(dist, percent);

		promise(value >= last);
		last = value;
	}
	promise(last == dist->greatest);
	promise(damon_distribution__average(dist) <= last);
}

static void check_areas(struct damon_areas *areas)
{
	const struct damon_area *hottest;
	size_t i;

	promise(!damon_areas__join(areas, true));
	for (i = 0; i < areas->nr; i++) {
		promise(areas->area[i].start < areas->area[i].end);
		promise(!i || areas->area[i - 1].end < areas->area[i].start);
	}
	hottest = areas->hottest;
	promise(!hottest == !areas->nr);
	promise(areas->heat >= 0);
}

static void check_map(const struct damon_heatmap *map)
{
	unsigned int col, row;

	promise(damon_heatmap__max(map) <= 1.000001);
	for (row = 0; row < map->nr_rows; row++) {
		promise(damon_heatmap__row_addr(map, row) <= damon_heatmap__row_addr(map, row + 1));
		for (col = 0; col < map->nr_cols; col++) {
			double value = damon_heatmap__value(map, col, row);

			promise(value == DAMON_HEATMAP_NONE || value >= 0);
		}
	}
	promise(damon_heatmap__row_addr(map, map->nr_rows) ==
		map->stretch[map->nr_stretches - 1].end);
	promise(damon_heatmap__col_time(map, map->nr_cols) == map->time_end);
}

/* Any bounds, but in order: callers guarantee that. */
static int init_sink(struct sink *sink, struct input *in)
{
	u64 bounds[4], start, end, gap;
	size_t i;

	memset(sink, 0, sizeof(*sink));
	for (i = 0; i < 4; i++)
		bounds[i] = take(in, take(in, 1) & 8 ? 8 : 3) << (take(in, 1) & 15);
	sink->map.time_start = min(bounds[0], bounds[1]);
	sink->map.time_end = max(bounds[0], bounds[1]);
	start = min(bounds[2], bounds[3]);
	end = max(bounds[2], bounds[3]);
	damon_selection__init(&sink->selection);
	if (take(in, 1) & 1) {
		sink->selection.addr_min = (struct damon_quantity){ DAMON_GIVEN_NUMBER, start };
		sink->selection.addr_max = (struct damon_quantity){ DAMON_GIVEN_NUMBER, end };
		sink->selection.start = sink->map.time_start;
		sink->selection.end = sink->map.time_end;
	}
	if (sink->map.time_start == sink->map.time_end || start == end)
		return -1;
	/* With a gap in the middle, if there is room for one. */
	gap = (end - start) / 3;
	promise(!damon_heatmap__show(&sink->map, start, end - gap));
	if (gap > 1)
		promise(!damon_heatmap__show(&sink->map, end - gap / 2, end));
	return damon_heatmap__init(&sink->map, 1 + take(in, 1) % 50, 1 + take(in, 1) % 50);
}

static void exit_sink(struct sink *sink)
{
	damon_areas__exit(&sink->areas);
	damon_distribution__exit(&sink->sizes);
	damon_distribution__exit(&sink->works);
	damon_areas__exit(&sink->set.accessed);
	damon_heatmap__exit(&sink->map);
	damon_selection__exit(&sink->selection);
}

/* Fields at the offsets of nearly all files, or at any offsets */
static void init_format(struct damon_event_format *format, struct tep_format_field *fields,
			struct input *in)
{
	static const struct { int offset, size; } usual[DAMON_NR_FIELDS] = {
		[DAMON_FIELD_TARGET_ID]		= {  8, 8 },
		[DAMON_FIELD_NR_REGIONS]	= { 16, 4 },
		[DAMON_FIELD_START]		= { 24, 8 },
		[DAMON_FIELD_END]		= { 32, 8 },
		[DAMON_FIELD_NR_ACCESSES]	= { 40, 4 },
		[DAMON_FIELD_AGE]		= { 44, 4 },
		[DAMON_FIELD_SCHEME]		= { 20, 4 },
		[DAMON_FIELD_PID]		= {  4, 4 },
	};
	u8 kind = take(in, 1);
	int i;

	memset(format, 0, sizeof(*format));
	format->needs_swap = kind & 4;
	for (i = 0; i < DAMON_NR_FIELDS; i++) {
		fields[i].offset = kind & 2 ? (int)take(in, 1) : usual[i].offset;
		fields[i].size = kind & 2 ? 1 << (take(in, 1) & 3) : usual[i].size;
		format->field[i] = &fields[i];
		format->raw_size = max(format->raw_size, fields[i].offset + fields[i].size);
	}
}

/* A region in few bytes: a fuzzer hardly finds sequences of valid regions of 48 bytes. */
static void take_short(struct input *in, struct damon_event *event)
{
	u8 bits = take(in, 1);

	event->target_id = bits & 3;
	event->nr_regions = 1 + (bits >> 2 & 7);
	event->region.start = bits & 32 ? event->region.end : take(in, 1) * 4096;
	event->region.start += bits & 64 ? take(in, 2) * 4096 : 0;
	event->region.end = event->region.start + 1 + take(in, 2) * 512;
	event->region.nr_accesses = take(in, 1);
}

static bool take_event(struct input *in, const struct damon_event_format *format,
		       struct damon_event *event)
{
	struct perf_sample sample = {};
	u8 bits = take(in, 1);

	sample.tid = bits & 3;
	sample.time = event->time + take(in, bits >> 2 & 7);
	if (bits & 128) {
		char raw[512];
		bool sane;

		sample.raw_data = raw;
		sample.raw_size = min_t(size_t, take(in, 1), in->size);
		memcpy(raw, in->data, sample.raw_size);
		in->data += sample.raw_size;
		in->size -= sample.raw_size;
		sane = damon_event__parse(event, format, &sample);
		promise(!sane || event->region.start < event->region.end);
		return sane;
	}
	event->kdamond = sample.tid;
	event->time = sample.time;
	take_short(in, event);
	return event->region.start < event->region.end;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct tep_format_field fields[DAMON_NR_FIELDS] = {};
	struct damon_event_format format;
	struct damon_assembler assembler;
	struct damon_event event = {};
	size_t nr_events = 0, nr_seen;
	struct sink sink;

	if (init_sink(&sink, &in)) {
		exit_sink(&sink);
		return 0;
	}
	init_format(&format, fields, &in);
	fuzz_settings.aggr_ns = take(&in, 4);
	promise(!damon_assembler__init(&assembler, add_snapshot, &sink, NULL));
	assembler.missing = take(&in, 1) % (DAMON_MISSING_FILTERED + 1);
	while (in.size) {
		if (*in.data == 0x55)
			damon_assembler__lost(&assembler);
		if (!take_event(&in, &format, &event))
			continue;
		nr_events++;
		promise(!damon_assembler__add(&assembler, &event));
	}
	promise(!damon_assembler__flush(&assembler));
	damon_assembler__exit(&assembler);

	/* Each event is in one snapshot. */
	nr_seen = sink.nr_regions + sink.nr_incomplete;
	promise(nr_seen <= nr_events);
	promise(!nr_events || sink.nr_complete + sink.nr_incomplete);
	check_percentiles(&sink.sizes);
	check_percentiles(&sink.works);
	check_areas(&sink.areas);
	check_map(&sink.map);
	exit_sink(&sink);
	return 0;
}
