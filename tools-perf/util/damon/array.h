/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ARRAY_H
#define __PERF_DAMON_ARRAY_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <linux/kernel.h>

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

#endif /* __PERF_DAMON_ARRAY_H */
