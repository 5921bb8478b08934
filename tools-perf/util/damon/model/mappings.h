/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_MAPPINGS_H
#define __PERF_DAMON_MAPPINGS_H

#include "../array.h"
#include "../name.h"
#include "snapshot.h"
#include "util/hashmap.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct intlist;
struct machine;
struct map;

/**
 * struct damon_owner - what addresses belong to
 * @name: name of a file, as in perf's DSOs, or [heap], [stack], [anon] ...
 * @symbol: a variable in the file, "" if unknown or not asked for
 */
struct damon_owner {
	char	*name;
	char	*symbol;
};

/* Its name may have any characters until it is to be printed. */
static inline const char *damon_owner__name(const struct damon_owner *owner)
{
	damon_name__make_printable(owner->name);
	return owner->name;
}

/**
 * struct damon_mapping - an address range and its owner
 * @start: start address
 * @end: end address, exclusive
 * @owner: index of the owner
 * @map: perf's map; not in a layout
 */
struct damon_mapping {
	u64		start;
	u64		end;
	unsigned int	owner;
	struct map	*map;
};

/* How many bytes of a region lie in a mapping. */
static inline u64 damon_mapping__overlap(const struct damon_mapping *mapping,
					 const struct damon_region *region)
{
	return min(mapping->end, region->end) - max(mapping->start, region->start);
}

/* The owner of addresses of which no mapping is known. */
#define DAMON_NO_OWNER	0

/**
 * struct damon_layout - what is mapped in a process, and to whom it belongs
 * @mapping: the mappings, by address
 * @nr: how many there are
 * @owner: the owners, which are kept when mappings change
 * @nr_owners: how many there are
 */
struct damon_layout {
	struct damon_mapping	*mapping;
	size_t			nr;
	struct damon_owner	*owner;
	size_t			nr_owners;

	/* private */
	size_t			capacity;
	size_t			owner_capacity;
	struct hashmap		numbers;
};

/* Mapping @i, if a region lies in it, too, or NULL. */
static inline const struct damon_mapping *
damon_layout__mapping_of(const struct damon_layout *layout, size_t i,
			 const struct damon_region *region)
{
	return i < layout->nr && layout->mapping[i].start < region->end ?
	       &layout->mapping[i] : NULL;
}

/* The mappings that a region lies in, by address. */
#define damon_layout__for_each_mapping(found, i, layout, region)				\
	for (i = damon_array__count_until((layout)->mapping, (layout)->nr, end, (region)->start); \
	     ((found) = damon_layout__mapping_of(layout, i, region)); i++)

/**
 * struct damon_mappings - the mappings of all processes of a record
 * @symbols: each variable of a file is an owner of its own
 * @complete: all mappings of the record are known
 */
struct damon_mappings {
	bool			symbols;
	bool			complete;

	/* private: @cut is the cut snapshot, @capacity the number of regions allocated for it */
	struct intlist		*spaces;
	struct damon_snapshot	cut;
	size_t			capacity;
};

void damon_mappings__exit(struct damon_mappings *mappings);
int damon_mappings__add(struct damon_mappings *mappings, struct machine *machine, pid_t pid,
			u64 start);
int damon_mappings__exec(struct damon_mappings *mappings, struct machine *machine, pid_t pid,
			 u64 time);
const struct damon_layout *damon_mappings__layout(struct damon_mappings *mappings,
						  struct machine *machine, pid_t pid, u64 time);
bool damon_mappings__know(const struct damon_mappings *mappings, pid_t pid);
int damon_mappings__cut(struct damon_mappings *mappings, pid_t pid,
			const struct damon_snapshot *snapshot, const struct damon_snapshot **cut);

#endif /* __PERF_DAMON_MAPPINGS_H */
