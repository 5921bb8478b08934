/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_LRU_SORT_H
#define _MM_DAMON_LRU_SORT_H

#include "module.h"

/**
 * struct damon_lru_sort - DAMON_LRU_SORT with its parameters
 * @module:		what it has in common with other modules
 * @hot_permil:		in how many of 1,000 samples memory is accessed at least if it is hot
 * @cold_min_age_us:	how long memory is not accessed if it is cold, in microseconds
 */
struct damon_lru_sort {
	struct damon_module module;
	unsigned long hot_permil;
	unsigned long cold_min_age_us;
};

const char *damon_lru_sort_find_fault(const struct damon_module *m);
int damon_lru_sort_add_schemes(const struct damon_module *m, struct damon_ctx *ctx);

#endif /* _MM_DAMON_LRU_SORT_H */
