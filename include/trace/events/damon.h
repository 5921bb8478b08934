/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM damon

#if !defined(_TRACE_DAMON_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DAMON_H

#include <linux/damon.h>
#include <linux/tracepoint.h>

/*
 * One region at the end of an aggregation.  The regions of a target come one
 * after the other in address order; nr_regions says how many belong together.
 * perf and other tools rely on names, types and order: they are an ABI.
 */
TRACE_EVENT(damon_aggregated,

	TP_PROTO(unsigned long target_id, unsigned int nr_regions,
		 const struct damon_region *r),

	TP_ARGS(target_id, nr_regions, r),

	TP_STRUCT__entry(
		__field(unsigned long,	target_id)
		__field(unsigned int,	nr_regions)
		__field(unsigned long,	start)
		__field(unsigned long,	end)
		__field(unsigned int,	nr_accesses)
		__field(unsigned int,	age)
	),

	TP_fast_assign(
		__entry->target_id	= target_id;
		__entry->nr_regions	= nr_regions;
		__entry->start		= r->range.start;
		__entry->end		= r->range.end;
		__entry->nr_accesses	= r->nr_accesses;
		__entry->age		= r->age;
	),

	TP_printk("target_id=%lu nr_regions=%u %lu-%lu: %u %u",
		  __entry->target_id, __entry->nr_regions,
		  __entry->start, __entry->end,
		  __entry->nr_accesses, __entry->age)
);

#endif /* _TRACE_DAMON_H */

#include <trace/define_trace.h>
