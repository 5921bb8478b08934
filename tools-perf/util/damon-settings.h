/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SETTINGS_H
#define __PERF_DAMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

#include "damon-ranges.h"

/* Enough for all settings as options. */
#define DAMON_SETTINGS_LEN	256

struct hashmap;
struct option;

/**
 * struct damon_settings - how to monitor, and what
 * @ops: set of monitoring operations: vaddr, virtual address spaces of processes; fvaddr, ranges
 *       of them; paddr, physical memory
 * @sample_ns: time between two access checks of a region
 * @aggr_ns: time in which the checks of a snapshot are counted
 * @update_ns: time after which the regions are fitted to the target's mappings again
 * @min_regions: the least number of regions
 * @max_regions: the greatest number of regions
 * @tlb_flushes: the greatest number of flushes of the TLB in a second, DAMON_ATTR_NONE: unknown, or
 *               the kernel's DAMON flushes nothing
 * @pids: the processes; the index in here is the target_id of the kernel's events
 * @nr_pids: number of processes
 * @known_pids: finds each of them, NULL: there is none
 * @ranges: addresses of each of the processes, or of physical memory; not of vaddr
 * @all_memory: the ranges are all System RAM, as none were chosen
 * @chosen: an option that chose something other than a default, or NULL
 * @chosen_ops: an option that chose the operations, or NULL
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
