/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_RECLAIM_H
#define _MM_DAMON_RECLAIM_H

#include "module.h"

/**
 * struct damon_reclaim - DAMON_RECLAIM with its parameters
 * @module:	what it has in common with other modules
 * @min_age_us:	how long memory is not accessed before it is reclaimed, in microseconds
 * @pressure_us: microseconds of a quota's window in which some task may wait for memory; 0: do
 *		not tune the quota by that
 * @feedback:	what the user says of the goal, which is 10,000; 0: do not tune the quota by that
 * @skip_anon:	leave anonymous pages alone
 */
struct damon_reclaim {
	struct damon_module module;
	unsigned long min_age_us;
	unsigned long pressure_us;
	unsigned long feedback;
	bool skip_anon;
};

int damon_reclaim_add_schemes(const struct damon_module *m, struct damon_ctx *ctx);

#endif /* _MM_DAMON_RECLAIM_H */
