/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SETTINGS_H
#define __PERF_DAMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/types.h>

#include "scheme.h"
#include "../units.h"

/* Size of a buffer for damon_settings__scnprintf(). */
#define DAMON_SETTINGS_LEN	256

/* Not given: the kernel's default is used, if the kernel has the attribute at all. */
#define DAMON_ATTR_NONE		((u64)-1)

struct intlist;
struct strbuf;

/**
 * struct damon_range - an address range
 * @start: start address
 * @end: end address, exclusive
 */
struct damon_range {
	u64	start;
	u64	end;
};

/**
 * struct damon_ranges - ranges in ascending order, without overlaps
 * @nr: number of ranges
 * @range: the ranges
 */
struct damon_ranges {
	size_t			nr;
	struct damon_range	*range;
};

void damon_ranges__exit(struct damon_ranges *ranges);
int damon_ranges__add(struct damon_ranges *ranges, u64 start, u64 end);
int damon_ranges__parse(struct damon_ranges *ranges, const char *str);
int damon_ranges__print(const struct damon_ranges *ranges, struct strbuf *to);
int damon_ranges__read_iomem(struct damon_ranges *ranges, FILE *iomem);

/**
 * struct damon_settings - DAMON's settings and targets
 * @ops: set of monitoring operations: vaddr, virtual addresses of processes; fvaddr, given virtual
 *       addresses of processes; paddr, physical addresses
 * @sample_ns: sampling interval: time between two access checks of a region
 * @aggr_ns: aggregation interval: time over which accesses are counted for a snapshot
 * @update_ns: time between two updates of the regions from the target's mappings
 * @min_regions: minimum number of regions
 * @max_regions: maximum number of regions
 * @tlb_flushes: maximum number of TLB flushes per second, DAMON_ATTR_NONE: unknown, or the kernel's
 *               DAMON does not flush
 * @pids: the processes, indexed by the target_id of the kernel's events, 0: a target that is none
 * @nr_pids: number of processes
 * @max_pids: number of processes that @pids has room for
 * @known_pids: the processes in @pids, NULL: none
 * @max_children: how many child processes may be targets, too, 0: @pids changes only if somebody
 *                else changes it
 * @ranges: address ranges, the same for each process, or of physical memory; not used with vaddr
 * @scheme: the schemes, indexed by the scheme_idx of the kernel's events
 * @nr_schemes: number of schemes
 * @all_memory: no ranges were given, so @ranges has all System RAM
 */
struct damon_settings {
	char		ops[16];
	u64		sample_ns;
	u64		aggr_ns;
	u64		update_ns;
	u64		min_regions;
	u64		max_regions;
	u64		tlb_flushes;
	pid_t		*pids;
	size_t		nr_pids;
	size_t		max_pids;
	struct intlist	*known_pids;
	u64		max_children;
	struct damon_ranges ranges;
	struct damon_scheme *scheme;
	size_t		nr_schemes;
	bool		all_memory;
};

/**
 * struct damon_attr - an attribute of monitoring
 * @name: name of the option, on the command line and in perf.data
 * @file: path of its sysfs file below monitoring_attrs
 * @offset: offset of its value in struct damon_settings
 * @initial: default value; DAMON_ATTR_NONE if not every kernel has the file
 * @min: minimum value
 * @unit: unit of the number in the file; for times, in nanoseconds
 * @kind: DAMON_TIME, in nanoseconds, or DAMON_COUNT
 * @of_address_spaces: only for virtual address spaces, not for physical memory
 */
struct damon_attr {
	const char	*name;
	const char	*file;
	size_t		offset;
	u64		initial;
	u64		min;
	u64		unit;
	enum damon_kind	kind;
	bool		of_address_spaces;
};

#define DAMON_NR_ATTRS	6
extern const struct damon_attr damon_attrs[DAMON_NR_ATTRS];

#define damon_attr__for_each(attr)	\
	for (attr = damon_attrs; attr < damon_attrs + DAMON_NR_ATTRS; attr++)

/* Where the settings have the value of an attribute. */
#define damon_attr__value(attr, settings)	(*(u64 *)((void *)(settings) + (attr)->offset))

const struct damon_attr *damon_attr__find(const char *name);
int damon_attr__parse(const struct damon_attr *attr, const char *str, u64 *value);
int damon_attr__set(const struct damon_attr *attr, struct damon_settings *settings,
		    const char *where, const char *str);

void damon_settings__init(struct damon_settings *settings);
void damon_settings__exit(struct damon_settings *settings);
bool damon_settings__is_physical(const struct damon_settings *settings);
u32 damon_settings__samples(const struct damon_settings *settings);
const char *damon_settings__check(const struct damon_settings *settings, const char *where,
				  const char *prefix);
int damon_settings__find_memory(struct damon_settings *settings);

void damon_settings__clear_pids(struct damon_settings *settings);
int damon_settings__add_pid(struct damon_settings *settings, pid_t pid);
int damon_settings__append_pid(struct damon_settings *settings, pid_t pid);
int damon_settings__parse_pids(struct damon_settings *settings, const char *str);
int damon_settings__print_pids(const struct damon_settings *settings, struct strbuf *to);

int damon_settings__add_scheme(struct damon_settings *settings, const struct damon_scheme *scheme);
int damon_settings__print_schemes(const struct damon_settings *settings, struct strbuf *to);

int damon_settings__scnprintf(const struct damon_settings *settings, char *buf, size_t size);
int damon_settings__print(const struct damon_settings *settings, struct strbuf *to);
int damon_settings__parse_recorded(struct damon_settings *settings, const char *option,
				   const char *value);

#endif /* __PERF_DAMON_SETTINGS_H */
