/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PLOT_H
#define __PERF_DAMON_PLOT_H

#include <stdio.h>
#include <linux/compiler.h>
#include <subcmd/run-command.h>

/* Number of steps from no access to the most accesses. */
#define DAMON_NR_LEVELS	10
#define DAMON_MAX_STOPS	6

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

/* What another name is, behind "is" */
#define DAMON_NO_PALETTE	"neither heat, gray, viridis nor paper"

const struct damon_palette *damon_palette__find(const char *name);

/**
 * struct damon_plot - a picture that gnuplot draws
 * @path: name of the picture
 * @fd: the file, which gnuplot writes to
 * @out: pipe for gnuplot's commands
 * @gnuplot: the process
 */
struct damon_plot {
	const char		*path;
	int			fd;
	FILE			*out;
	struct child_process	gnuplot;
};

int damon_plot__check_path(const char *path);
int damon_plot__open(struct damon_plot *plot, const char *path, unsigned int nr_panels);
int damon_plot__close(struct damon_plot *plot);
void damon_plot__title(struct damon_plot *plot, const char *format, ...) __printf(2, 3);

#endif /* __PERF_DAMON_PLOT_H */
