// SPDX-License-Identifier: GPL-2.0
/*
 * Stubs for what the fuzzed parts need of the rest of perf: messages, which are dropped, the name
 * and fields of an event of a file, of which there are none, and their values.
 */
#include "util/debug.h"
#include "util/evsel.h"
#include "util/sample.h"

#include <string.h>
#include <traceevent/event-parse.h>

int verbose;

int eprintf(int level, int var, const char *fmt, ...)
{
	(void)level;
	(void)var;
	(void)fmt;
	return 0;
}

bool evsel__name_is(struct evsel *evsel, const char *name)
{
	(void)evsel;
	(void)name;
	return false;
}

const char *evsel__name(struct evsel *evsel)
{
	(void)evsel;
	return "";
}

struct tep_format_field *tep_find_any_field(struct tep_event *event, const char *name)
{
	(void)event;
	(void)name;
	return NULL;
}

u64 format_field__intval(struct tep_format_field *field, struct perf_sample *sample,
			 bool needs_swap)
{
	u8 bytes[sizeof(u64)] = {};
	u64 value;
	int i;

	for (i = 0; i < field->size; i++) {
		int from = needs_swap ? field->size - 1 - i : i;

		bytes[i] = ((u8 *)sample->raw_data)[field->offset + from];
	}
	memcpy(&value, bytes, sizeof(value));
	return value;
}
