/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_EVENT_H
#define __PERF_DAMON_EVENT_H

#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

struct evsel;
struct perf_sample;
struct tep_format_field;

/* The event that a kdamond emits for each region. */
#define DAMON_EVENT	"damon:damon_aggregated"

/* The event of a kdamond for each region on which a scheme is going to act */
#define DAMOS_EVENT	"damon:damos_before_apply"

/**
 * struct damon_region - an address range and its access frequency
 * @start: start address
 * @end: end address, exclusive
 * @nr_accesses: number of samples in the aggregation interval that found an access
 * @age: number of aggregation intervals for which @nr_accesses has been about the same
 */
struct damon_region {
	u64	start;
	u64	end;
	u32	nr_accesses;
	u32	age;
};

/**
 * struct damon_event - a decoded event of a region
 * @kdamond: the kdamond that has emitted it, as the kernel numbers it
 * @target_id: index of the target in that kdamond
 * @scheme: damos_before_apply: index of the scheme that is going to act on the region
 * @time: time of the event
 * @nr_regions: number of regions in the snapshot
 * @region: the region
 */
struct damon_event {
	pid_t			kdamond;
	unsigned long		target_id;
	u32			scheme;
	u64			time;
	u32			nr_regions;
	struct damon_region	region;
};

/*
 * Fields of damon:damon_aggregated, where kernels before 6.1 have no age; of
 * damon:damos_before_apply, and one of all tracepoints.
 */
enum damon_field {
	DAMON_FIELD_TARGET_ID,
	DAMON_FIELD_NR_REGIONS,
	DAMON_FIELD_START,
	DAMON_FIELD_END,
	DAMON_FIELD_NR_ACCESSES,
	DAMON_FIELD_AGE,
	DAMON_FIELD_SCHEME,
	DAMON_FIELD_PID,
	DAMON_NR_FIELDS
};

/**
 * struct damon_event_format - where the raw data of a sample has the fields
 * @field: the fields, NULL: it does not exist
 * @raw_size: minimum size of the raw data
 * @needs_swap: the data have the other byte order
 */
struct damon_event_format {
	struct tep_format_field	*field[DAMON_NR_FIELDS];
	int			raw_size;
	bool			needs_swap;
};

bool damon_event__is_of(struct evsel *evsel);
bool damon_event__is_of_scheme(struct evsel *evsel);
int damon_event_format__init(struct damon_event_format *format, struct evsel *evsel);
bool damon_event__parse(struct damon_event *event, const struct damon_event_format *format,
			struct perf_sample *sample);

#endif /* __PERF_DAMON_EVENT_H */
