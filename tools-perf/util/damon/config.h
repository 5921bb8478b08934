/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_CONFIG_H
#define __PERF_DAMON_CONFIG_H

struct damon_palette;
struct damon_settings;

int damon_config__read_settings(struct damon_settings *settings);
int damon_config__read_palette(const struct damon_palette **palette);

#endif /* __PERF_DAMON_CONFIG_H */
