// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --plot: a picture with a panel for each heat map.
 */
#include "heats.h"
#include "palette.h"
#include "plot.h"
#include "units.h"

#include <math.h>
#include <stdio.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#define PLOT_COLS	800
#define PLOT_ROWS	320
#define NR_TICS		8

static int plot_begin(struct damon_report *report)
{
	return damon_heats__begin(report, PLOT_COLS, PLOT_ROWS);
}

/* The y axis counts rows: gnuplot uses floating point, which cannot represent all addresses. */
static void print_tics(FILE *out, const struct damon_heatmap *map)
{
	unsigned int i, nr_tics = min_t(unsigned int, map->nr_rows, NR_TICS);
	char address[DAMON_UNIT_LEN];

	fprintf(out, "set ytics (");
	for (i = 0; i <= nr_tics; i++) {
		unsigned int row = map->nr_rows * i / nr_tics;

		damon_address__put(address, damon_heatmap__row_addr(map, row));
		fprintf(out, "%s'%s' %u", i ? ", " : "", address, row);
	}
	fprintf(out, ")\n");
}

/* gnuplot cannot draw an image of one row or column: draw it as two halves. */
static unsigned int nr_drawn(unsigned int nr)
{
	return max(nr, 2U);
}

/* Binary: gnuplot takes most of a second to parse and convert the same data as text. */
static void write_cells(FILE *out, const struct damon_heatmap *map)
{
	unsigned int nr_cols = nr_drawn(map->nr_cols), nr_rows = nr_drawn(map->nr_rows), col, row;

	for (row = 0; row < nr_rows; row++) {
		for (col = 0; col < nr_cols; col++) {
			double value = damon_heatmap__value(map, min(col, map->nr_cols - 1),
							    min(row, map->nr_rows - 1));
			/* gnuplot leaves out NaN. */
			float percent = value < 0 ? NAN : 100 * value;

			fwrite(&percent, sizeof(percent), 1, out);
		}
	}
}

/* gnuplot centers each cell on its position. */
static void plot_cells(FILE *out, const struct damon_heatmap *map, double start, double end)
{
	unsigned int nr_cols = nr_drawn(map->nr_cols), nr_rows = nr_drawn(map->nr_rows);
	double width = (end - start) / nr_cols, height = (double)map->nr_rows / nr_rows;

	fprintf(out, "plot '-' binary array=(%u,%u) format='%%float'", nr_cols, nr_rows);
	fprintf(out, " origin=(%.9g,%.9g) dx=%.9g dy=%.9g with image notitle\n",
		start + width / 2, height / 2, width, height);
	write_cells(out, map);
}

static void print_palette(FILE *out, const struct damon_palette *palette)
{
	size_t i;

	fprintf(out, "set palette defined (%s", palette->stops[0]);
	for (i = 1; i < ARRAY_SIZE(palette->stops) && palette->stops[i]; i++)
		fprintf(out, ", %s", palette->stops[i]);
	fprintf(out, ")\n");
}

static void plot_heat(struct damon_plot *plot, const struct damon_report *report,
		      const struct damon_target *target, const struct damon_heat *heat)
{
	const struct damon_palette *palette = report->palette ?: damon_palette__default();
	const struct damon_heatmap *map = &heat->map;
	double start = (double)(map->time_start - report->survey.zero) / NSEC_PER_SEC;
	double end = (double)(map->time_end - report->survey.zero) / NSEC_PER_SEC;
	char name[64], size[DAMON_UNIT_LEN], area[64] = "", title[192];
	FILE *out = plot->out;

	damon_report__scnprintf_target(target, name, sizeof(name));
	damon_size__put(size, map->addr_end - map->addr_start, /*exact=*/false);
	if (report->all_areas)
		scnprintf(area, sizeof(area), "area %zu of %zu, ",
			  heat->area - target->areas.area + 1, target->areas.nr);
	else if (heat->area)
		scnprintf(area, sizeof(area), "hottest area, ");
	scnprintf(title, sizeof(title), "%s: %s%s", name, area, size);
	damon_plot__title(plot, title);

	fprintf(out, "set xlabel 'time (s)'\n");
	fprintf(out, "set ylabel 'address'\n");
	fprintf(out, "set cblabel 'accessed in %% of the samples'\n");
	fprintf(out, "set lmargin 22\n");
	print_palette(out, palette);
	fprintf(out, "set cbrange [0:%g]\n", 100 * damon_heatmap__max(map) ?: 1.0);
	fprintf(out, "set xrange [%.9g:%.9g]\nset yrange [0:%u]\n", start, end, map->nr_rows);
	print_tics(out, map);
	plot_cells(out, map, start, end);
}

static unsigned int nr_panels(struct damon_report *report)
{
	struct damon_target *target;
	unsigned int nr = 0;

	damon_survey__for_each_target(&report->survey, target) {
		const struct damon_heats *heats = target->priv;

		nr += heats->nr;
	}
	return nr;
}

static int plot_end(struct damon_report *report)
{
	struct damon_plot plot;
	struct damon_target *target;
	size_t i;
	int err;

	err = damon_plot__open(&plot, report->plot, nr_panels(report));
	if (err)
		return err;
	damon_survey__for_each_target(&report->survey, target) {
		const struct damon_heats *heats = target->priv;

		for (i = 0; i < heats->nr; i++)
			plot_heat(&plot, report, target, &heats->heat[i]);
	}
	return damon_plot__close(&plot);
}

const struct damon_report_ops damon_heats_plot_ops = {
	.begin		= plot_begin,
	.snapshot	= damon_heats__snapshot,
	.end		= plot_end,
	.exit		= damon_heats__exit,
};
