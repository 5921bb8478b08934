/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SYSFS_REQUEST_H
#define _MM_DAMON_SYSFS_REQUEST_H

#include <linux/damon.h>

#include "sysfs.h"

struct damon_answers;
struct damon_request;

extern const struct damon_request damon_update_stats;
extern const struct damon_request damon_update_effective_quotas;
extern const struct damon_request damon_update_tried_bytes;
extern const struct damon_request damon_update_tried_regions;
extern const struct damon_request damon_clear_tried_regions;
extern const struct damon_request damon_commit_quota_goals;

struct damon_answers *damon_ask(const struct damon_request *request, struct damon_ctx *ctx,
				struct damon_dir *schemes);
int damon_wait_answers(struct damon_answers *answers);
void damon_store_answers(struct damon_answers *answers, struct damon_ctx *ctx,
			 struct damon_dir *schemes);
int damon_end_answers(struct damon_answers *answers);

#endif /* _MM_DAMON_SYSFS_REQUEST_H */
