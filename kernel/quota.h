/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_QUOTA_H
#define _MM_DAMON_QUOTA_H

#include <linux/damon.h>

int damon_check_quota(const struct damon_quota *quota);
void damon_begin_window(struct damon_quota *quota, ktime_t now);
unsigned long damon_quota_left(const struct damon_quota *quota);
void damon_charge_quota(struct damon_quota *quota, unsigned long bytes, u64 ns);
bool damon_exceed_quota(struct damon_quota *quota);
void damon_keep_quota(const struct damon_quota *old, struct damon_quota *new);
void damon_reset_quota(struct damon_quota *quota);

#if IS_ENABLED(CONFIG_KUNIT)
bool damon_measure_psi(struct damon_goal *goal, u64 total_us, unsigned long window_ms,
		       ktime_t now);
#endif

#endif /* _MM_DAMON_QUOTA_H */
