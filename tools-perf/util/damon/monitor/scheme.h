/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SCHEME_H
#define __PERF_DAMON_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "../units.h"

struct strbuf;

/* Most schemes of a kdamond that perf damon takes, and that a report tells of. */
#define DAMON_MAX_SCHEMES	((size_t)64)

/* What a scheme asks of a region. */
enum damon_property {
	DAMON_REGION_SIZE,
	DAMON_REGION_FREQUENCY,
	DAMON_REGION_AGE,
	DAMON_NR_PROPERTIES
};

/**
 * struct damon_bound - the least or the greatest value of a property
 * @kind: of the value: DAMON_SIZE; DAMON_COUNT, samples or aggregation intervals; DAMON_RATIO,
 *	  millionths of the samples; DAMON_TIME; DAMON_TEXT: there is no bound
 * @value: the value
 * @exclusive: the property is not the value itself
 */
struct damon_bound {
	enum damon_kind	kind;
	u64		value;
	bool		exclusive;
};

/**
 * struct damon_filter - a filter of a scheme
 * @only: the scheme acts only on what is of this type, otherwise it leaves that alone
 * @type: anon, memcg, young, addr or target, as in sysfs
 * @path: path of the memory cgroup
 * @start: start address
 * @end: end address, exclusive
 * @target: number of the target
 */
struct damon_filter {
	bool		only;
	const char	*type;
	char		*path;
	u64		start;
	u64		end;
	u64		target;
};

/**
 * struct damon_quota - how much a scheme may do
 * @bytes: bytes in a window, 0: any
 * @time_ns: time in a window, 0: any
 * @window_ns: length of a window
 */
struct damon_quota {
	u64	bytes;
	u64	time_ns;
	u64	window_ns;
};

/**
 * struct damon_scheme - what to do with which memory
 * @action: the action, as in sysfs
 * @node: the node that memory is moved to
 * @min: least values of properties
 * @max: greatest values of properties
 * @apply_ns: how often it is applied, 0: at the end of each aggregation interval
 * @quota: its quota
 * @filter: its filters
 * @nr_filters: how many there are
 */
struct damon_scheme {
	const char		*action;
	u64			node;
	struct damon_bound	min[DAMON_NR_PROPERTIES];
	struct damon_bound	max[DAMON_NR_PROPERTIES];
	u64			apply_ns;
	struct damon_quota	quota;
	struct damon_filter	*filter;
	size_t			nr_filters;
};

/**
 * struct damon_pattern - the properties of a scheme, in the units of the kernel
 * @min: least bytes, samples with an access, and aggregation intervals
 * @max: the greatest
 */
struct damon_pattern {
	u64	min[DAMON_NR_PROPERTIES];
	u64	max[DAMON_NR_PROPERTIES];
};

int damon_scheme__parse(struct damon_scheme *scheme, const char *spec);
void damon_scheme__exit(struct damon_scheme *scheme);
const char *damon_scheme__find_action(const char *name);
int damon_scheme__add_filter(struct damon_scheme *scheme, const char *spec, bool only);
bool damon_scheme__takes_node(const struct damon_scheme *scheme);
int damon_scheme__print(const struct damon_scheme *scheme, struct strbuf *to);
void damon_scheme__pattern(const struct damon_scheme *scheme, u64 aggr_ns, u64 samples,
			   struct damon_pattern *pattern);
bool damon_scheme__needs_age(const struct damon_scheme *scheme);
const char *damon_scheme__check_ops(const struct damon_scheme *scheme, const char *ops);

#endif /* __PERF_DAMON_SCHEME_H */
