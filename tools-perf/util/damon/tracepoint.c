// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes damon:damon_aggregated events. The offsets of the fields are looked up
 * only once, because a long record has many millions of events.
 */
#include "tracepoint.h"
#include "snapshot.h"
#include "util/debug.h"
#include "util/event.h"
#include "util/evsel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <byteswap.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <traceevent/event-parse.h>

static const char * const field_names[DAMON_NR_FIELDS] = {
	[DAMON_FIELD_TARGET_ID]		= "target_id",
	[DAMON_FIELD_NR_REGIONS]	= "nr_regions",
	[DAMON_FIELD_START]		= "start",
	[DAMON_FIELD_END]		= "end",
	[DAMON_FIELD_NR_ACCESSES]	= "nr_accesses",
	[DAMON_FIELD_AGE]		= "age",
};

/* The raw data of all 64-bit kernels since 6.1; @common are the common fields. */
struct usual_raw {
	u64	common;
	u64	target_id;
	u32	nr_regions;
	u32	padding;
	u64	start;
	u64	end;
	u32	nr_accesses;
	u32	age;
};

#define USUAL_FIELD(name)	\
	{ offsetof(struct usual_raw, name), sizeof(((struct usual_raw *)NULL)->name) }

static const struct damon_field_place usual_fields[DAMON_NR_FIELDS] = {
	[DAMON_FIELD_TARGET_ID]		= USUAL_FIELD(target_id),
	[DAMON_FIELD_NR_REGIONS]	= USUAL_FIELD(nr_regions),
	[DAMON_FIELD_START]		= USUAL_FIELD(start),
	[DAMON_FIELD_END]		= USUAL_FIELD(end),
	[DAMON_FIELD_NR_ACCESSES]	= USUAL_FIELD(nr_accesses),
	[DAMON_FIELD_AGE]		= USUAL_FIELD(age),
};

static bool is_usable(const struct tep_format_field *field)
{
	if (!field || field->offset < 0 || field->offset > UINT16_MAX)
		return false;
	return field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
}

/*
 * Offset of a field of a sample, 0: it has no fixed offset, or does not exist.
 * The fields before it have one word each, if their bits are set. Counters and
 * call chains vary in size.
 */
static u16 part_offset(u64 type, u64 part, u64 before)
{
	const u64 varying = PERF_SAMPLE_READ | PERF_SAMPLE_CALLCHAIN;

	if (!(type & part) || (part == PERF_SAMPLE_RAW && type & varying))
		return 0;
	return sizeof(struct perf_event_header) + sizeof(u64) * hweight64(type & before);
}

static void find_parts(struct damon_tracepoint *tracepoint, u64 type)
{
	const u64 before_tid = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP;
	const u64 before_time = before_tid | PERF_SAMPLE_TID;
	const u64 before_raw = before_time | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_ID |
			       PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD;

	tracepoint->tid = part_offset(type, PERF_SAMPLE_TID, before_tid);
	tracepoint->time = part_offset(type, PERF_SAMPLE_TIME, before_time);
	tracepoint->raw = part_offset(type, PERF_SAMPLE_RAW, before_raw);
}

/**
 * damon_tracepoint__init - find the offsets of the fields
 * @tracepoint: the offsets
 * @evsel: the event in a perf.data
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_tracepoint__init(struct damon_tracepoint *tracepoint, struct evsel *evsel)
{
	int i;

	memset(tracepoint, 0, sizeof(*tracepoint));
	for (i = 0; i < DAMON_NR_FIELDS; i++) {
		const struct tep_format_field *field = evsel__field(evsel, field_names[i]);
		u32 end;

		if (!field && i == DAMON_FIELD_AGE)
			continue;
		if (!is_usable(field)) {
			pr_err("damon:damon_aggregated has no usable field '%s'\n", field_names[i]);
			return -EINVAL;
		}
		tracepoint->fields[i].offset = field->offset;
		tracepoint->fields[i].size = field->size;
		end = field->offset + field->size;
		tracepoint->raw_size = max(tracepoint->raw_size, end);
	}
	tracepoint->needs_swap = evsel->needs_swap;
	tracepoint->is_usual = !evsel->needs_swap &&
			       !memcmp(tracepoint->fields, usual_fields, sizeof(usual_fields));
	find_parts(tracepoint, evsel->core.attr.sample_type);
	return 0;
}

static void load_usual(const void *from, struct damon_event *event)
{
	struct usual_raw raw;

	memcpy(&raw, from, sizeof(raw));
	event->target_id = raw.target_id;
	event->nr_regions = raw.nr_regions;
	event->region.start = raw.start;
	event->region.end = raw.end;
	event->region.nr_accesses = raw.nr_accesses;
	event->region.age = raw.age;
}

static u64 load(const struct damon_tracepoint *tracepoint, enum damon_field field, const void *raw)
{
	const void *from = raw + tracepoint->fields[field].offset;
	const bool swap = tracepoint->needs_swap;
	u64 value64;
	u32 value32;
	u16 value16;

	/* Not aligned: the 4-byte size comes before the raw data. */
	switch (tracepoint->fields[field].size) {
	case 8:
		memcpy(&value64, from, sizeof(value64));
		return swap ? bswap_64(value64) : value64;
	case 4:
		memcpy(&value32, from, sizeof(value32));
		return swap ? bswap_32(value32) : value32;
	case 2:
		memcpy(&value16, from, sizeof(value16));
		return swap ? bswap_16(value16) : value16;
	case 1:
		return *(const u8 *)from;
	default:
		return 0;
	}
}

static void load_all(const struct damon_tracepoint *tracepoint, const void *raw,
		     struct damon_event *event)
{
	event->target_id = load(tracepoint, DAMON_FIELD_TARGET_ID, raw);
	event->nr_regions = load(tracepoint, DAMON_FIELD_NR_REGIONS, raw);
	event->region.start = load(tracepoint, DAMON_FIELD_START, raw);
	event->region.end = load(tracepoint, DAMON_FIELD_END, raw);
	event->region.nr_accesses = load(tracepoint, DAMON_FIELD_NR_ACCESSES, raw);
	event->region.age = load(tracepoint, DAMON_FIELD_AGE, raw);
}

/* The size -1 is invalid: tables print it as unknown. */
static bool is_sane(const struct damon_event *event)
{
	const struct damon_region *region = &event->region;

	return event->nr_regions && region->start < region->end &&
	       region->end - region->start != -1ULL;
}

/**
 * damon_tracepoint__parse_raw - decode the raw data of a sample
 * @tracepoint: the offsets
 * @raw: the raw data
 * @size: size of the raw data
 * @event: set to the decoded event, except for its kdamond and time
 *
 * Return: true if the event is valid.
 */
bool damon_tracepoint__parse_raw(const struct damon_tracepoint *tracepoint, const void *raw,
				 size_t size, struct damon_event *event)
{
	if (size < tracepoint->raw_size)
		return false;
	if (tracepoint->is_usual)
		load_usual(raw, event);
	else
		load_all(tracepoint, raw, event);
	return is_sane(event);
}

/**
 * damon_tracepoint__parse - decode a sample, without evsel__parse_sample()
 * @tracepoint: the offsets, with a fixed offset of the raw data
 * @record: the sample, in this machine's byte order
 * @event: set to the decoded event
 *
 * Return: true if the event is valid.
 */
bool damon_tracepoint__parse(const struct damon_tracepoint *tracepoint,
			     const union perf_event *record, struct damon_event *event)
{
	const char *begin = (const char *)record;
	size_t raw = tracepoint->raw + sizeof(u32);
	u32 size;

	if (record->header.size < raw)
		return false;
	memcpy(&size, begin + tracepoint->raw, sizeof(size));
	if (size > record->header.size - raw)
		return false;
	event->kdamond = -1;
	if (tracepoint->tid)
		/* The process ID comes first. */
		memcpy(&event->kdamond, begin + tracepoint->tid + sizeof(u32), sizeof(u32));
	memcpy(&event->time, begin + tracepoint->time, sizeof(u64));
	return damon_tracepoint__parse_raw(tracepoint, begin + raw, size, event);
}
