// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes damon:damon_aggregated events. The offsets of the fields are looked up
 * only once, because a long record has many millions of events.
 */
#include "event.h"
#include "util/debug.h"
#include "util/evsel.h"
#include "util/sample.h"

#include <errno.h>
#include <string.h>
#include <byteswap.h>
#include <linux/kernel.h>
#include <traceevent/event-parse.h>

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

static const struct damon_event_format usual_format = {
	.offset		= { 8, 16, 24, 32, 40, 44 },
	.size		= { 8, 4, 8, 8, 4, 4 },
	.raw_size	= sizeof(struct usual_raw),
};

static const char * const field_names[DAMON_NR_FIELDS] = {
	[DAMON_FIELD_TARGET_ID]		= "target_id",
	[DAMON_FIELD_NR_REGIONS]	= "nr_regions",
	[DAMON_FIELD_START]		= "start",
	[DAMON_FIELD_END]		= "end",
	[DAMON_FIELD_NR_ACCESSES]	= "nr_accesses",
	[DAMON_FIELD_AGE]		= "age",
};

static bool is_usable(const struct tep_format_field *field)
{
	if (!field || field->offset < 0 || field->offset > UINT16_MAX)
		return false;
	return field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
}

/**
 * damon_event_format__init - find the offsets of the fields
 * @format: the offsets
 * @evsel: the event in a perf.data
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_event_format__init(struct damon_event_format *format, struct evsel *evsel)
{
	int i;

	memset(format, 0, sizeof(*format));
	format->needs_swap = evsel->needs_swap;
	for (i = 0; i < DAMON_NR_FIELDS; i++) {
		const struct tep_format_field *field = evsel__field(evsel, field_names[i]);
		u32 end;

		if (!field && i == DAMON_FIELD_AGE)
			continue;
		if (!is_usable(field)) {
			pr_err("damon:damon_aggregated has no usable field '%s'\n", field_names[i]);
			return -EINVAL;
		}
		format->offset[i] = field->offset;
		format->size[i] = field->size;
		end = field->offset + field->size;
		format->raw_size = max(format->raw_size, end);
	}
	format->is_usual = !memcmp(format, &usual_format, sizeof(usual_format));
	return 0;
}

static void load_usual(struct damon_event *event, const void *from)
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

static u64 load(const struct damon_event_format *format, enum damon_field field, const void *raw)
{
	const void *from = raw + format->offset[field];
	const bool swap = format->needs_swap;
	u64 value64;
	u32 value32;
	u16 value16;

	/* Not aligned: the 4-byte size comes before the raw data. */
	switch (format->size[field]) {
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

static void load_all(struct damon_event *event, const struct damon_event_format *format,
		     const void *raw)
{
	event->target_id = load(format, DAMON_FIELD_TARGET_ID, raw);
	event->nr_regions = load(format, DAMON_FIELD_NR_REGIONS, raw);
	event->region.start = load(format, DAMON_FIELD_START, raw);
	event->region.end = load(format, DAMON_FIELD_END, raw);
	event->region.nr_accesses = load(format, DAMON_FIELD_NR_ACCESSES, raw);
	event->region.age = load(format, DAMON_FIELD_AGE, raw);
}

/* The size -1 is invalid: tables print it as unknown. */
static bool is_sane(const struct damon_event *event)
{
	const struct damon_region *region = &event->region;

	return event->nr_regions && region->start < region->end &&
	       region->end - region->start != -1ULL;
}

/**
 * damon_event__parse - decode a sample
 * @event: set to the decoded event
 * @format: the offsets of the fields
 * @sample: the sample
 *
 * Return: true if the event is valid.
 */
bool damon_event__parse(struct damon_event *event, const struct damon_event_format *format,
			const struct perf_sample *sample)
{
	if (sample->raw_size < format->raw_size)
		return false;
	event->kdamond = sample->tid;
	event->time = sample->time;
	if (format->is_usual)
		load_usual(event, sample->raw_data);
	else
		load_all(event, format, sample->raw_data);
	return is_sane(event);
}
