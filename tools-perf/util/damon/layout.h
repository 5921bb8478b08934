/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_LAYOUT_H
#define __PERF_DAMON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

struct hashmap;
struct machine;
struct perf_tool;

/**
 * struct damon_owner - what addresses belong to
 * @name: name of a file, as in perf's DSOs, or [heap], [stack], [anon] ...
 * @symbol: a variable in the file, "" if unknown or not asked for
 */
struct damon_owner {
	char	*name;
	char	*symbol;
};

/**
 * struct damon_mapping - an address range and its owner
 * @start: start address
 * @end: end address, exclusive
 * @owner: index of the owner
 */
struct damon_mapping {
	u64		start;
	u64		end;
	unsigned int	owner;
};

/* The owner of addresses that are not mapped. */
#define DAMON_NO_OWNER	0

/**
 * struct damon_layout - the mappings of a process
 * @mapping: the mappings, by address
 * @nr: how many there are
 * @owner: the owners, which are kept when mappings change
 * @nr_owners: how many there are
 * @symbols: each variable is an owner of its own
 */
struct damon_layout {
	struct damon_mapping	*mapping;
	size_t			nr;
	struct damon_owner	**owner;
	size_t			nr_owners;
	bool			symbols;

	/* private */
	size_t			capacity;
	struct hashmap		*numbers;
	u64			generation;
};

void damon_layout__watch(struct perf_tool *tool);
int damon_layout__init(struct damon_layout *layout, bool symbols);
void damon_layout__exit(struct damon_layout *layout);
int damon_layout__update(struct damon_layout *layout, struct machine *machine, pid_t pid);
size_t damon_layout__find(const struct damon_layout *layout, u64 address);

#endif /* __PERF_DAMON_LAYOUT_H */
