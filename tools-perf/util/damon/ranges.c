// SPDX-License-Identifier: GPL-2.0
/*
 * Address ranges to monitor: given by the user, or all System RAM.
 */
#include "ranges.h"
#include "units.h"
#include "util/debug.h"
#include "util/strbuf.h"

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

/**
 * damon_ranges__exit - free the ranges
 * @ranges: the ranges, empty afterwards
 */
void damon_ranges__exit(struct damon_ranges *ranges)
{
	zfree(&ranges->range);
	ranges->nr = 0;
}

/**
 * damon_ranges__add - append a range
 * @ranges: the ranges
 * @start: start address
 * @end: end address, exclusive
 *
 * Return: 0, -ENOMEM, or -EINVAL if the range is empty or starts before the end of the last one.
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
	char *end = damon_range__split(str);
	int err;

	if (!end)
		return -EINVAL;
	err = damon_address__parse(str, &range->start);
	return err ?: damon_address__parse(end, &range->end);
}

/**
 * damon_ranges__parse - parse ranges such as 0x100000-0x200000,4GiB-5GiB
 * @ranges: where the ranges are appended
 * @str: the text
 *
 * Return: 0, -ENOMEM, or -EINVAL if the syntax or the order is wrong.
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

/*
 * A line is START-END : WHAT, in hexadecimal without 0x. END is inclusive. Lines that are indented
 * are parts of the resource above them: memory that was added by a driver, such as that of CXL or a
 * virtual machine, is there, with the name of the driver.
 */
static int add_memory(struct damon_ranges *ranges, const char *line)
{
	unsigned long long start, end, page_size = sysconf(_SC_PAGESIZE);
	char what[32];

	if (sscanf(line, "%llx-%llx : %31[^\n]", &start, &end, what) != 3 ||
	    (strcmp(what, "System RAM") && !strstarts(what, "System RAM (")))
		return 0;
	start = round_up(start, page_size);
	end = round_down(end + 1, page_size);
	return start < end ? damon_ranges__add(ranges, start, end) : 0;
}

/**
 * damon_ranges__read_iomem - add all System RAM
 * @ranges: the ranges
 * @iomem: /proc/iomem
 *
 * Return: 0 or a negative error number, -ENOENT if no address is known: root only sees them.
 */
int damon_ranges__read_iomem(struct damon_ranges *ranges, FILE *iomem)
{
	char line[256];
	int err = 0;

	while (!err && fgets(line, sizeof(line), iomem))
		err = add_memory(ranges, line);
	return err ?: ranges->nr ? 0 : -ENOENT;
}

/**
 * damon_ranges__system_ram - add all System RAM of this machine
 * @ranges: the ranges
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_ranges__system_ram(struct damon_ranges *ranges)
{
	char path[PATH_MAX];
	FILE *iomem;
	int err;

	scnprintf(path, sizeof(path), "%s/iomem", procfs__mountpoint());
	iomem = fopen(path, "r");
	err = iomem ? damon_ranges__read_iomem(ranges, iomem) : -errno;
	if (iomem)
		fclose(iomem);
	if (err)
		pr_err("cannot find the system's memory in %s: %s\n", path, strerror(-err));
	return err;
}

/**
 * damon_ranges__join - replace all ranges by one that covers them and their gaps
 * @ranges: the ranges, at least one
 */
void damon_ranges__join(struct damon_ranges *ranges)
{
	ranges->range[0].end = ranges->range[ranges->nr - 1].end;
	ranges->nr = 1;
}

/**
 * damon_ranges__str - format ranges for damon_ranges__parse()
 * @ranges: the ranges
 *
 * Return: the text, which the caller frees, or NULL.
 */
char *damon_ranges__str(const struct damon_ranges *ranges)
{
	struct strbuf str = STRBUF_INIT;
	size_t i;

	for (i = 0; i < ranges->nr; i++) {
		if (strbuf_addf(&str, "%s%#llx-%#llx", i ? "," : "",
				(unsigned long long)ranges->range[i].start,
				(unsigned long long)ranges->range[i].end)) {
			strbuf_release(&str);
			return NULL;
		}
	}
	return str.len ? strbuf_detach(&str, NULL) : strdup("");
}
