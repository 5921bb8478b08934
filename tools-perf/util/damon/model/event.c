// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes damon:damon_aggregated and damon:damos_before_apply events. The fields are looked up only
 * once, because a long record has many millions of events.
 */
#include "event.h"
#include "util/debug.h"
#include "util/evsel.h"
#include "util/sample.h"

#include <errno.h>
#include <string.h>
#include <linux/kernel.h>
#include <traceevent/event-parse.h>

static const char * const field_names[DAMON_NR_FIELDS] = {
	[DAMON_FIELD_TARGET_ID]		= "target_id",
	[DAMON_FIELD_NR_REGIONS]	= "nr_regions",
	[DAMON_FIELD_START]		= "start",
	[DAMON_FIELD_END]		= "end",
	[DAMON_FIELD_NR_ACCESSES]	= "nr_accesses",
	[DAMON_FIELD_AGE]		= "age",
	[DAMON_FIELD_SCHEME]		= "scheme_idx",
	[DAMON_FIELD_PID]		= "common_pid",
};

static bool is_tracepoint(struct evsel *evsel, const char *name)
{
	return evsel->core.attr.type == PERF_TYPE_TRACEPOINT && evsel->tp_format &&
	       evsel__name_is(evsel, name);
}

/**
 * damon_event__is_of - check whether an event of a perf.data is DAMON's
 * @evsel: the event: any may have this name, and there may be no format of it
 */
bool damon_event__is_of(struct evsel *evsel)
{
	return is_tracepoint(evsel, DAMON_EVENT);
}

/**
 * damon_event__is_of_scheme - check whether an event of a perf.data is that of DAMON's schemes
 * @evsel: the event
 */
bool damon_event__is_of_scheme(struct evsel *evsel)
{
	return is_tracepoint(evsel, DAMOS_EVENT);
}

/* Not every kernel, or only one of the events, has these. */
static bool is_optional(enum damon_field i)
{
	return i == DAMON_FIELD_AGE || i == DAMON_FIELD_SCHEME || i == DAMON_FIELD_PID;
}

static struct tep_format_field *find_field(struct evsel *evsel, enum damon_field i)
{
	struct tep_format_field *field = tep_find_any_field(evsel->tp_format, field_names[i]);

	/* damos_before_apply has the same by another name. */
	if (!field && i == DAMON_FIELD_TARGET_ID)
		field = tep_find_any_field(evsel->tp_format, "target_idx");
	return field;
}

static bool is_usable(const struct tep_format_field *field)
{
	if (!field || field->offset < 0 || field->offset > UINT16_MAX)
		return false;
	return field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
}

/**
 * damon_event_format__init - find the fields
 * @format: the fields
 * @evsel: the event in a perf.data, which keeps them
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_event_format__init(struct damon_event_format *format, struct evsel *evsel)
{
	enum damon_field i;

	memset(format, 0, sizeof(*format));
	format->needs_swap = evsel->needs_swap;
	for (i = 0; i < DAMON_NR_FIELDS; i++) {
		struct tep_format_field *field = find_field(evsel, i);

		if (!field && is_optional(i))
			continue;
		if (!is_usable(field)) {
			pr_err("%s has no usable field '%s'\n", evsel__name(evsel), field_names[i]);
			return -EINVAL;
		}
		format->field[i] = field;
		format->raw_size = max(format->raw_size, field->offset + field->size);
	}
	return 0;
}

static u64 value_of(const struct damon_event_format *format, enum damon_field i,
		    struct perf_sample *sample)
{
	return format_field__intval(format->field[i], sample, format->needs_swap);
}

/**
 * damon_event__parse - decode a sample
 * @event: set to the decoded event
 * @format: the fields
 * @sample: the sample
 *
 * Return: true if the event is valid. The size -1 is not: tables print it as unknown.
 */
bool damon_event__parse(struct damon_event *event, const struct damon_event_format *format,
			struct perf_sample *sample)
{
	struct damon_region *region = &event->region;

	if (sample->raw_size < (u32)format->raw_size)
		return false;
	/* In a container, the tid of all kdamonds is 0. */
	event->kdamond = sample->tid;
	if (format->field[DAMON_FIELD_PID])
		event->kdamond = value_of(format, DAMON_FIELD_PID, sample);
	event->time = sample->time;
	event->target_id = value_of(format, DAMON_FIELD_TARGET_ID, sample);
	event->nr_regions = value_of(format, DAMON_FIELD_NR_REGIONS, sample);
	region->start = value_of(format, DAMON_FIELD_START, sample);
	region->end = value_of(format, DAMON_FIELD_END, sample);
	region->nr_accesses = value_of(format, DAMON_FIELD_NR_ACCESSES, sample);
	event->scheme = 0;
	if (format->field[DAMON_FIELD_SCHEME])
		event->scheme = value_of(format, DAMON_FIELD_SCHEME, sample);
	region->age = 0;
	if (format->field[DAMON_FIELD_AGE])
		region->age = value_of(format, DAMON_FIELD_AGE, sample);
	return event->nr_regions && region->start < region->end &&
	       region->end - region->start != -1ULL;
}
