// SPDX-License-Identifier: GPL-2.0
/*
 * A number of each snapshot, and exact percentiles of all of them: eight bytes for each snapshot,
 * or sixteen with its time, are less than a heat map takes.
 *
 * One such number is the size of the working set as defined by Denning: the memory that was
 * accessed within a window of time, here called the work time. The shortest window is one snapshot.
 * A longer one has all memory that was accessed in any of its snapshots.
 */
#include "series.h"
#include "../array.h"
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * damon_distribution__exit - free all numbers
 * @dist: the distribution
 */
void damon_distribution__exit(struct damon_distribution *dist)
{
	zfree(&dist->value);
	zfree(&dist->time);
	dist->nr = 0;
	dist->capacity = 0;
	dist->greatest = 0;
}

/**
 * damon_distribution__add - add a number
 * @dist: the distribution
 * @time: its time
 * @value: the number
 *
 * Return: 0 or -ENOMEM.
 */
int damon_distribution__add(struct damon_distribution *dist, u64 time, u64 value)
{
	size_t capacity = dist->capacity;

	if (dist->nr == capacity &&
	    ((dist->timed && damon_array__grow(&dist->time, &capacity)) ||
	     damon_array__grow(&dist->value, &dist->capacity)))
		return -ENOMEM;
	if (dist->timed)
		dist->time[dist->nr] = time;
	dist->value[dist->nr++] = value;
	dist->greatest = max(dist->greatest, value);
	dist->sorted = false;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/**
 * damon_distribution__rank - find where a percentile is, by nearest rank
 * @dist: the distribution, of at least one number
 * @percent: 0 to 100
 *
 * Return: the least index up to which there are at least @percent % of all numbers.
 */
size_t damon_distribution__rank(const struct damon_distribution *dist, unsigned int percent)
{
	size_t rank = DIV_ROUND_UP(dist->nr * percent, 100);

	return rank ? rank - 1 : 0;
}

/**
 * damon_distribution__percentile - find a percentile, by nearest rank
 * @dist: the distribution, whose numbers are sorted
 * @percent: 0 to 100
 *
 * Return: the least number that at least @percent % of all numbers do not exceed: for 0 the
 * minimum, for 100 the maximum; 0 if there are no numbers.
 */
u64 damon_distribution__percentile(struct damon_distribution *dist, unsigned int percent)
{
	if (!dist->nr)
		return 0;
	if (!dist->sorted) {
		qsort(dist->value, dist->nr, sizeof(*dist->value), compare_numbers);
		dist->sorted = true;
	}
	return dist->value[damon_distribution__rank(dist, percent)];
}

/**
 * damon_distribution__average - find the mean
 * @dist: the distribution
 *
 * Return: the mean, rounded down; 0 if there are no numbers.
 */
u64 damon_distribution__average(const struct damon_distribution *dist)
{
	u64 whole = 0, rest = 0;
	size_t i;

	/* The sum may overflow, and a double would round it. */
	for (i = 0; i < dist->nr; i++) {
		whole += dist->value[i] / dist->nr;
		rest += dist->value[i] % dist->nr;
	}
	return dist->nr ? whole + rest / dist->nr : 0;
}

/**
 * damon_working_set__add - add a snapshot
 * @set: the working set
 * @sizes: the size of the working set is added here at the end of each work time
 * @snapshot: the snapshot
 * @work_ns: the work time, 0: that of each snapshot
 *
 * Return: 0 or -ENOMEM.
 */
int damon_working_set__add(struct damon_working_set *set, struct damon_distribution *sizes,
			   const struct damon_snapshot *snapshot, u64 work_ns)
{
	u64 bytes;
	int err;

	if (!work_ns)
		return damon_distribution__add(sizes, snapshot->time,
					       damon_snapshot__bytes(snapshot,
								     snapshot->threshold));
	if (!set->nr_snapshots++)
		set->since = snapshot->since;
	err = damon_areas__add(&set->accessed, snapshot, snapshot->threshold);
	if (err || snapshot->time - set->since < work_ns)
		return err;
	bytes = damon_areas__bytes(&set->accessed);
	set->nr_snapshots = 0;
	damon_areas__exit(&set->accessed);
	return damon_distribution__add(sizes, snapshot->time, bytes);
}
