// SPDX-License-Identifier: GPL-2.0
/*
 * What schemes have done, as notes in a perf.data (see --control of perf record).
 */
#include "../array.h"
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

#define WRITE_NOTE	"damon:stats @%llu kdamond %d: scheme %u tried %llu %llu applied %llu %llu quota %llu"
#define READ_NOTE	WRITE_NOTE "%n"

/* A perf.data from anywhere may have any number of notes. */
#define MAX_STATS	1000000

/**
 * damon_stat__write - write what a scheme has done as a note
 * @stat: what it has done
 * @note: called with the note; returns 0 or a negative error number
 * @data: passed to @note
 *
 * Return: the result of @note.
 */
int damon_stat__write(const struct damon_stat *stat, int (*note)(void *data, const char *text),
		      void *data)
{
	const struct damos_stats *stats = &stat->stats;
	char text[256];

	scnprintf(text, sizeof(text), WRITE_NOTE, (unsigned long long)stat->time, stat->kdamond,
		  stat->scheme, (unsigned long long)stats->nr_tried,
		  (unsigned long long)stats->sz_tried, (unsigned long long)stats->nr_applied,
		  (unsigned long long)stats->sz_applied, (unsigned long long)stats->qt_exceeds);
	return note(data, text);
}

/**
 * damon_stats__read - read a note that damon_stat__write() has made
 * @stats: it is added to them
 * @note: the text of the note
 *
 * Return: 0, -EINVAL if it is another note, -E2BIG or -ENOMEM.
 */
int damon_stats__read(struct damon_stats *stats, const char *note)
{
	unsigned long long time, tried[2], applied[2], exceeds;
	struct damon_stat stat;
	int end = 0;

	if (sscanf(note, READ_NOTE, &time, &stat.kdamond, &stat.scheme, &tried[0], &tried[1],
		   &applied[0], &applied[1], &exceeds, &end) != 8 || !end || note[end])
		return -EINVAL;
	stat.time = time;
	stat.stats = (struct damos_stats){ tried[0], tried[1], applied[0], applied[1], exceeds };
	if (stats->nr == MAX_STATS)
		return -E2BIG;
	if (stats->nr == stats->capacity && damon_array__grow(&stats->stat, &stats->capacity))
		return -ENOMEM;
	stats->stat[stats->nr++] = stat;
	return 0;
}

/**
 * damon_stats__exit - free everything
 * @stats: the statistics, empty afterwards
 */
void damon_stats__exit(struct damon_stats *stats)
{
	zfree(&stats->stat);
	stats->nr = 0;
	stats->capacity = 0;
}
