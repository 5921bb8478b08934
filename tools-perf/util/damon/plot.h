/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PLOT_H
#define __PERF_DAMON_PLOT_H

#include <stdbool.h>
#include <stdio.h>
#include <subcmd/run-command.h>

/**
 * struct damon_plot - a picture that gnuplot draws
 * @path: name of the picture
 * @created: there was no such file before
 * @out: pipe for gnuplot's commands
 * @gnuplot: the process
 */
struct damon_plot {
	const char		*path;
	bool			created;
	FILE			*out;
	struct child_process	gnuplot;
};

int damon_plot__check_path(const char *path);
int damon_plot__open(struct damon_plot *plot, const char *path, unsigned int nr_panels);
int damon_plot__close(struct damon_plot *plot);
void damon_plot__title(struct damon_plot *plot, const char *title);

#endif /* __PERF_DAMON_PLOT_H */
