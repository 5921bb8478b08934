/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_ERRORS_H
#define __PERF_DAMON_ERRORS_H

#include <errno.h>

#include "util/debug.h"

/* The exit status of perf if its options are wrong. */
#define EXIT_USAGE	129

/* Advice to print if events were lost. */
#define DAMON_LOSS_REMEDY	"record with a larger buffer (-m), larger intervals or fewer regions"

/* A warning that -q suppresses: the command still does what was asked for. */
#define damon_warning(fmt, ...)				\
	do {						\
		if (!quiet)				\
			pr_warning(fmt, ##__VA_ARGS__);	\
	} while (0)

/**
 * damon_out_of_memory - print that we are out of memory
 *
 * Return: -ENOMEM.
 */
static inline int damon_out_of_memory(void)
{
	pr_err("out of memory\n");
	return -ENOMEM;
}

#endif /* __PERF_DAMON_ERRORS_H */
