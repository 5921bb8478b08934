/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_TRACEPOINT_H
#define __PERF_DAMON_TRACEPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct damon_event;
struct evsel;
union perf_event;

/* Fields of damon:damon_aggregated. Kernels before 6.1 have no age. */
enum damon_field {
	DAMON_FIELD_TARGET_ID,
	DAMON_FIELD_NR_REGIONS,
	DAMON_FIELD_START,
	DAMON_FIELD_END,
	DAMON_FIELD_NR_ACCESSES,
	DAMON_FIELD_AGE,
	DAMON_NR_FIELDS
};

/**
 * struct damon_field_place - offset and size of a field
 * @offset: offset in the raw data
 * @size: 1, 2, 4 or 8 bytes, 0: the field does not exist
 */
struct damon_field_place {
	u16	offset;
	u16	size;
};

/**
 * struct damon_tracepoint - layout of damon:damon_aggregated samples
 * @fields: the fields in the raw data
 * @raw_size: minimum size of the raw data
 * @needs_swap: the data have the other byte order
 * @is_usual: the fields are those of struct usual_raw
 * @tid: offset of the process and thread IDs in a record, 0: none
 * @time: offset of the time in a record
 * @raw: offset of the raw data in a record, 0: it varies
 */
struct damon_tracepoint {
	struct damon_field_place	fields[DAMON_NR_FIELDS];
	u32				raw_size;
	bool				needs_swap;
	bool				is_usual;
	u16				tid;
	u16				time;
	u16				raw;
};

static inline bool damon_tracepoint__has(const struct damon_tracepoint *tracepoint,
					 enum damon_field field)
{
	return tracepoint->fields[field].size;
}

int damon_tracepoint__init(struct damon_tracepoint *tracepoint, struct evsel *evsel);
bool damon_tracepoint__parse_raw(const struct damon_tracepoint *tracepoint, const void *raw,
				 size_t size, struct damon_event *event);
bool damon_tracepoint__parse(const struct damon_tracepoint *tracepoint,
			     const union perf_event *record, struct damon_event *event);

#endif /* __PERF_DAMON_TRACEPOINT_H */
