/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PALETTE_H
#define __PERF_DAMON_PALETTE_H

/* Number of steps from no access to the most accesses. */
#define DAMON_NR_LEVELS	10
#define DAMON_MAX_STOPS	6

struct option;

/**
 * struct damon_palette - colours of a heat map
 * @name: its name in --palette
 * @colors: one of the 256 terminal colours for each level
 * @stops: the same for pictures, as in gnuplot's "set palette defined"
 */
struct damon_palette {
	const char	*name;
	unsigned char	colors[DAMON_NR_LEVELS];
	const char	*stops[DAMON_MAX_STOPS];
};

const struct damon_palette *damon_palette__default(void);
int damon_palette__parse(const struct option *opt, const char *str, int unset);

#endif /* __PERF_DAMON_PALETTE_H */
