// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: when a scheme is active.
 *
 * Between the middle and the high one a scheme stays what it is, so that it does not go on
 * and off with each small change.
 */
#include <linux/damon.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "context.h"
#include "watermark.h"

/* Free memory is never counted more often than this, in microseconds */
#define MIN_INTERVAL_US	1000UL

static unsigned long damon_free_mem_rate(void)
{
	return mul_u64_u64_div_u64(global_zone_page_state(NR_FREE_PAGES), 1000,
				   max(totalram_pages(), 1));
}

/**
 * damon_check_watermarks - check whether watermarks make sense
 * @w:		the watermarks
 *
 * Return: 0, or -EINVAL if they are not in their order.
 */
int damon_check_watermarks(const struct damon_watermarks *w)
{
	if (w->metric == DAMON_WATERMARK_NONE)
		return 0;
	return w->high >= w->mid && w->mid >= w->low ? 0 : -EINVAL;
}

/**
 * damon_begin_watermarks - begin without a past
 * @w:		the watermarks
 *
 * The first value decides: what begins between the middle and the high one is inactive.
 */
void damon_begin_watermarks(struct damon_watermarks *w)
{
	w->inactive = w->metric != DAMON_WATERMARK_NONE;
	w->next = 0;
}

/**
 * damon_set_active - decide by a value whether a scheme is active
 * @w:		its watermarks
 * @value:	of the metric
 */
void damon_set_active(struct damon_watermarks *w, unsigned long value)
{
	if (value > w->high || value < w->low)
		w->inactive = true;
	else if (value <= w->mid)
		w->inactive = false;
}

/**
 * damon_update_watermarks - decide anew whether a scheme is active, if it is time
 * @w:		its watermarks
 * @now:	the time
 */
void damon_update_watermarks(struct damon_watermarks *w, ktime_t now)
{
	if (w->metric == DAMON_WATERMARK_NONE || now < w->next)
		return;
	damon_set_active(w, damon_free_mem_rate());
	w->next = ktime_add_safe(now, damon_us_to_ktime(max(w->interval_us, MIN_INTERVAL_US)));
}
