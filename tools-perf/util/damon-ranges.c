// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are to be monitored: given by the user, or all of the system's memory.
 */
#include "damon-ranges.h"
#include "damon-units.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <api/fs/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

/* Two addresses, each 0x and 16 digits, and what separates them. */
#define RANGE_LEN	(2 * 18 + 2)

/**
 * damon_ranges__exit - free the ranges
 * @ranges: the ranges, none then
 */
void damon_ranges__exit(struct damon_ranges *ranges)
{
	zfree(&ranges->range);
	ranges->nr = 0;
}

/**
 * damon_ranges__add - add a range behind the others
 * @ranges: the ranges
 * @start: the first address
 * @end: the first address behind it
 *
 * Return: 0, -ENOMEM, or -EINVAL if it is empty or begins before the end of the last.
 */
int damon_ranges__add(struct damon_ranges *ranges, u64 start, u64 end)
{
	struct damon_range *range;

	if (start >= end || (ranges->nr && start < ranges->range[ranges->nr - 1].end))
		return -EINVAL;
	range = reallocarray(ranges->range, ranges->nr + 1, sizeof(*range));
	if (!range)
		return -ENOMEM;
	range[ranges->nr++] = (struct damon_range){ start, end };
	ranges->range = range;
	return 0;
}

/* START-END */
static int parse_range(char *str, struct damon_range *range)
{
	char *end = strchr(str, '-');
	int err;

	if (!end)
		return -EINVAL;
	*end++ = '\0';
	err = damon_address__parse(str, &range->start);
	return err ?: damon_address__parse(end, &range->end);
}

/**
 * damon_ranges__parse - read ranges such as 0x100000-0x200000,4GiB-5GiB
 * @ranges: the ranges, to which those in @str are added
 * @str: the text
 *
 * Return: 0, -ENOMEM, or -EINVAL if it is anything else, or not in order.
 */
int damon_ranges__parse(struct damon_ranges *ranges, const char *str)
{
	char *copy = strdup(str), *rest = copy, *part;
	struct damon_range range;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	while (!err && (part = strsep(&rest, ","))) {
		err = parse_range(part, &range);
		if (!err)
			err = damon_ranges__add(ranges, range.start, range.end);
	}
	free(copy);
	return err;
}

/* START-END : WHAT, in hexadecimal digits without 0x; the last address, not the one behind it. */
static int add_memory(struct damon_ranges *ranges, const char *line)
{
	unsigned long long start, end, page_size = sysconf(_SC_PAGESIZE);
	char what[32];

	/* What is indented is part of what is not. */
	if (sscanf(line, "%llx-%llx : %31[^\n]", &start, &end, what) != 3 || line[0] == ' ' ||
	    strcmp(what, "System RAM"))
		return 0;
	start = round_up(start, page_size);
	end = round_down(end + 1, page_size);
	return start < end ? damon_ranges__add(ranges, start, end) : 0;
}

/**
 * damon_ranges__system_ram - add all memory of this system
 * @ranges: the ranges
 *
 * Return: 0 or a negative error number, -ENOENT if nothing tells (of root, /proc/iomem does).
 */
int damon_ranges__system_ram(struct damon_ranges *ranges)
{
	char path[PATH_MAX], line[256];
	FILE *file;
	int err = 0;

	scnprintf(path, sizeof(path), "%s/iomem", procfs__mountpoint());
	file = fopen(path, "r");
	if (!file)
		return -errno;
	while (!err && fgets(line, sizeof(line), file))
		err = add_memory(ranges, line);
	fclose(file);
	return err ?: ranges->nr ? 0 : -ENOENT;
}

/**
 * damon_ranges__join - make one range of all, with what is between them
 * @ranges: the ranges, one at least
 */
void damon_ranges__join(struct damon_ranges *ranges)
{
	ranges->range[0].end = ranges->range[ranges->nr - 1].end;
	ranges->nr = 1;
}

/**
 * damon_ranges__str - print ranges so that damon_ranges__parse() reads the same
 * @ranges: the ranges
 *
 * Return: the text, to be freed, or NULL.
 */
char *damon_ranges__str(const struct damon_ranges *ranges)
{
	size_t i, len = 0, size = ranges->nr * RANGE_LEN + 1;
	char *str = zalloc(size);

	for (i = 0; str && i < ranges->nr; i++)
		len += scnprintf(str + len, size - len, "%s%#llx-%#llx", i ? "," : "",
				 (unsigned long long)ranges->range[i].start,
				 (unsigned long long)ranges->range[i].end);
	return str;
}
