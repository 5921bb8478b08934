// SPDX-License-Identifier: GPL-2.0
/*
 * Exact percentiles, of all numbers: eight bytes for each snapshot, or sixteen with its time, are
 * less than a heat map takes.
 */
#include "array.h"
#include "distribution.h"

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
}

static int grow(struct damon_distribution *dist)
{
	size_t capacity = dist->capacity;

	if (dist->timed && damon_array__grow(&dist->time, &capacity))
		return -ENOMEM;
	return damon_array__grow(&dist->value, &dist->capacity);
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
	if (dist->nr == dist->capacity && grow(dist))
		return -ENOMEM;
	if (dist->timed)
		dist->time[dist->nr] = time;
	dist->value[dist->nr++] = value;
	dist->sorted = false;
	return 0;
}

static void sift_down(u64 *value, size_t nr, size_t i)
{
	u64 sinking = value[i];
	size_t child;

	while ((child = 2 * i + 1) < nr) {
		if (child + 1 < nr && value[child + 1] > value[child])
			child++;
		if (value[child] <= sinking)
			break;
		value[i] = value[child];
		i = child;
	}
	value[i] = sinking;
}

/* Heapsort, which is always in place: qsort() may allocate as much memory again. */
static void sort(u64 *value, size_t nr)
{
	size_t i;

	for (i = nr / 2; i-- > 0;)
		sift_down(value, nr, i);
	for (i = nr; i-- > 1;) {
		u64 greatest = value[0];

		value[0] = value[i];
		value[i] = greatest;
		sift_down(value, i, 0);
	}
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
		sort(dist->value, dist->nr);
		dist->sorted = true;
	}
	return dist->value[damon_distribution__rank(dist, percent)];
}

/**
 * damon_distribution__greatest - find the greatest number
 * @dist: the distribution
 *
 * Return: the number, 0 if there are none.
 */
u64 damon_distribution__greatest(const struct damon_distribution *dist)
{
	u64 greatest = 0;
	size_t i;

	for (i = 0; i < dist->nr; i++)
		greatest = max(greatest, dist->value[i]);
	return greatest;
}

/**
 * damon_distribution__average - find the mean
 * @dist: the distribution
 * @scale: factor for the result, for example 100 to get hundredths
 *
 * Return: the mean times @scale, rounded down; 0 if there are no numbers.
 */
u64 damon_distribution__average(const struct damon_distribution *dist, unsigned int scale)
{
	u64 whole = 0, rest = 0;
	size_t i;

	/* The sum may overflow, and a double would round it. */
	for (i = 0; i < dist->nr; i++) {
		whole += dist->value[i] / dist->nr;
		rest += dist->value[i] % dist->nr;
	}
	if (!dist->nr)
		return 0;
	whole += rest / dist->nr;
	return whole * scale + rest % dist->nr * scale / dist->nr;
}
