/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ARRAY_H
#define __PERF_DAMON_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/types.h>

/*
 * libsubcmd's ALLOC_GROW() ends perf if there is no memory: the monitor would stay on, and reports
 * would not say what they were about.
 */

/* Avoids many small reallocations at the start. */
#define DAMON_MIN_CAPACITY	64

static inline int __damon_array__grow(void **array, size_t *capacity, size_t size)
{
	size_t more = max_t(size_t, DAMON_MIN_CAPACITY, 2 * *capacity);
	void *new = reallocarray(*array, more, size);

	if (!new)
		return -ENOMEM;
	*array = new;
	*capacity = more;
	return 0;
}

/**
 * damon_array__grow - make room in an array that is full
 * @array: pointer to the array, which is NULL at first, and may move
 * @capacity: number of elements allocated; is doubled
 *
 * Return: 0, or -ENOMEM with nothing changed.
 */
#define damon_array__grow(array, capacity)	\
	__damon_array__grow((void **)(array), (capacity), sizeof(**(array)))

static inline size_t __damon_array__count_until(const void *array, size_t nr, size_t size,
						size_t offset, u64 value)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (*(const u64 *)(array + mid * size + offset) <= value)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * damon_array__count_until - count the elements of a sorted array up to a value
 * @array: the array
 * @nr: number of elements
 * @member: the u64 by which they are sorted
 * @value: the value
 *
 * Return: number of elements whose @member is not above @value: the index of the next one.
 */
#define damon_array__count_until(array, nr, member, value)			\
	__damon_array__count_until((array), (nr), sizeof(*(array)),		\
				   offsetof(typeof(*(array)), member), (value))

#endif /* __PERF_DAMON_ARRAY_H */
