/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_DAMOS_H
#define __PERF_DAMON_DAMOS_H

#include <stddef.h>
#include <linux/types.h>

struct damon_settings;

/**
 * struct damos_stats - what a scheme has done
 * @nr_tried: how many times a region was to be acted on
 * @sz_tried: bytes of these
 * @nr_applied: how many times it worked
 * @sz_applied: bytes on which it worked
 * @qt_exceeds: windows in which the quota was not enough
 */
struct damos_stats {
	u64	nr_tried;
	u64	sz_tried;
	u64	nr_applied;
	u64	sz_applied;
	u64	qt_exceeds;
};

int damos__write(unsigned int index, const struct damon_settings *settings);
int damos__read(struct damon_settings *settings, unsigned int index);
int damos__read_stats(struct damos_stats *stats, unsigned int index, size_t nr);

#endif /* __PERF_DAMON_DAMOS_H */
