/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIM_H
#define SIM_H

#include <stddef.h>

/* Bytes that the core has allocated */
extern size_t sim_allocated;
/* Most blocks of the core's code that ran between two calls of cond_resched() */
extern unsigned long sim_longest;

extern const struct damon_operations sim_ops;

#endif /* SIM_H */
