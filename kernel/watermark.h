/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_WATERMARK_H
#define _MM_DAMON_WATERMARK_H

#include <linux/damon.h>

int damon_check_watermarks(const struct damon_watermarks *w);
void damon_begin_watermarks(struct damon_watermarks *w);
void damon_set_active(struct damon_watermarks *w, unsigned long value);
void damon_update_watermarks(struct damon_watermarks *w, ktime_t now);

#endif /* _MM_DAMON_WATERMARK_H */
