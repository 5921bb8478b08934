// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of rows, as perf report -s makes them: what agrees in all names that rows are sorted by is
 * one row, whichever processes it is of.
 */
#include "../array.h"
#include "../errors.h"
#include "groups.h"
#include "../model/mappings.h"
#include "../model/overview.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

/* Keys of columns that perf report has another word for, or by which rows are grouped. */
static const struct {
	const char	*key;
	const char	*perf;
	unsigned int	group;
} keys[] = {
	{ "accesses_percent",	"overhead",	0 },
	{ "pid",		"pid",		DAMON_KEY_PID },
	{ "comm",		"comm",		DAMON_KEY_COMM },
	{ "symbol",		"sym",		DAMON_KEY_SYMBOL },
	{ "mapping",		"dso",		DAMON_KEY_MAPPING },
	{ "start",		"start",	DAMON_KEY_START },
	{ "end",		"end",		DAMON_KEY_END },
};

/**
 * damon_key__find - find the key that a word of perf report stands for
 * @key: the word, or the key
 *
 * Return: the key.
 */
const char *damon_key__find(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].perf, key))
			return keys[i].key;
	}
	return key;
}

/**
 * damon_key__group - find out whether rows are grouped by a key
 * @key: the key of a column
 *
 * Return: its bit of &enum damon_group_key, or 0: the column is a number that is added up.
 */
unsigned int damon_key__group(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].key, key))
			return keys[i].group;
	}
	return 0;
}

static size_t hash_key(long key, void *ctx __maybe_unused)
{
	return str_hash((const char *)key);
}

static bool same_key(long a, long b, void *ctx __maybe_unused)
{
	return !strcmp((const char *)a, (const char *)b);
}

/**
 * damon_groups__init - begin without groups
 * @groups: the groups, with @by set
 */
void damon_groups__init(struct damon_groups *groups)
{
	hashmap__init(&groups->numbers, hash_key, same_key, NULL);
}

/**
 * damon_groups__exit - free everything
 * @groups: the groups, initialized
 */
void damon_groups__exit(struct damon_groups *groups)
{
	struct hashmap_entry *entry;
	size_t bucket;

	hashmap__for_each_entry((&groups->numbers), entry, bucket)
		free((void *)entry->pkey);
	hashmap__clear(&groups->numbers);
	free(groups->group);
}

/* A text that is the same for all of a group. */
static char *make_key(unsigned int by, const struct damon_target *target,
		      const struct damon_owner *owner, const struct damon_region *region)
{
	char *key;

	if (asprintf(&key, "%d %" PRIx64 " %" PRIx64 " %s\n%s\n%s",
		     by & DAMON_KEY_PID ? target->pid : 0,
		     by & DAMON_KEY_START && region ? region->start : 0,
		     by & DAMON_KEY_END && region ? region->end : 0,
		     by & DAMON_KEY_COMM && target->comm ? target->comm : "",
		     by & DAMON_KEY_SYMBOL ? owner->symbol : "",
		     by & DAMON_KEY_MAPPING ? owner->name : "") < 0)
		return NULL;
	return key;
}

/**
 * damon_groups__findnew - find the group of a row, or make one
 * @groups: the groups
 * @target: the target of the row
 * @owner: the owner of its memory
 * @region: the region, or NULL
 *
 * Return: the number of the group, or -ENOMEM after printing an error.
 */
int damon_groups__findnew(struct damon_groups *groups, const struct damon_target *target,
			  const struct damon_owner *owner, const struct damon_region *region)
{
	char *key = make_key(groups->by, target, owner, region);
	long number = groups->nr;

	if (key && hashmap__find(&groups->numbers, key, &number)) {
		free(key);
		return number;
	}
	if (key && (groups->nr < groups->capacity ||
		    !damon_array__grow(&groups->group, &groups->capacity)) &&
	    !hashmap__add(&groups->numbers, key, number)) {
		groups->group[groups->nr++] = (struct damon_group){
			.target = target, .owner = *owner, .start = -1ULL,
		};
		return number;
	}
	free(key);
	return damon_out_of_memory();
}
