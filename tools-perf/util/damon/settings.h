/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SETTINGS_H
#define __PERF_DAMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#include "ranges.h"

/* Size of a buffer for damon_settings__scnprintf(). */
#define DAMON_SETTINGS_LEN	256

struct hashmap;
struct option;

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
 * @pids: the processes, indexed by the target_id of the kernel's events
 * @nr_pids: number of processes
 * @known_pids: set of the processes in @pids, NULL: empty
 * @ranges: address ranges, the same for each process, or of physical memory; not used with vaddr
 * @all_memory: no ranges were given, so @ranges has all System RAM
 * @chosen: the last option given for an attribute or the operations, or NULL
 * @chosen_ops: the last option that has chosen the operations, or NULL
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
	struct hashmap	*known_pids;
	struct damon_ranges ranges;
	bool		all_memory;
	const char	*chosen;
	const char	*chosen_ops;
};

void damon_settings__init(struct damon_settings *settings);
void damon_settings__exit(struct damon_settings *settings);

int damon_settings__parse_option(const struct option *opt, const char *str, int unset);
int damon_settings__parse_ops(const struct option *opt, const char *str, int unset);
int damon_settings__parse_all(const struct option *opt, const char *str, int unset);
int damon_settings__parse_ranges(const struct option *opt, const char *str, int unset);
const char *damon_settings__check(struct damon_settings *settings, bool has_pids, bool has_command);

bool damon_settings__is_physical(const struct damon_settings *settings);

int damon_settings__scnprintf(const struct damon_settings *settings, char *buf, size_t size);

int damon_settings__add_pid(struct damon_settings *settings, pid_t pid);
int damon_settings__parse_pids(const char *str, int (*add)(void *data, pid_t pid), void *data);
char *damon_settings__pids(const struct damon_settings *settings);

const char **damon_settings__cmdline(const struct damon_settings *settings, const char *output,
				     const char **command, int *argc);
void damon_settings__free_cmdline(const char **argv);
bool damon_settings__parse_cmdline(struct damon_settings *settings, int argc, const char **argv);

#endif /* __PERF_DAMON_SETTINGS_H */
