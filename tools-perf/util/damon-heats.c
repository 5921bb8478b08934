// SPDX-License-Identifier: GPL-2.0
/*
 * Heat maps: time from left to right, addresses from below to above, as in any chart.
 *
 * perf damon report --heats: on the terminal.
 */
#include "damon-heats.h"
#include "color.h"
#include "damon-units.h"
#include "debug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* From never accessed to accessed most: of the 256 colours of terminals, dark blue to white. */
static const unsigned char heat_colors[] = { 233, 17, 18, 54, 90, 125, 160, 202, 214, 229 };

#define NR_LEVELS	ARRAY_SIZE(heat_colors)
/* "  0x7ffc12345000 |" */
#define LABEL_WIDTH	18
#define PAGE		4096

/*
 * No cell is smaller than what it can tell about: a snapshot, and a page.
 */
static int init_heats(struct damon_heats *heats, const struct damon_survey *survey,
		      const struct damon_target *target, unsigned int max_cols,
		      unsigned int max_rows)
{
	struct damon_heatmap *map = &heats->map;
	u64 pages;

	heats->area = damon_areas__hottest(&target->areas);
	if (!heats->area)
		return 0;
	map->time_start = survey->start;
	map->time_end = survey->end;
	map->addr_start = heats->area->start;
	map->addr_end = heats->area->end;
	/* No DIV_ROUND_UP(): a file may tell of all addresses. */
	pages = (map->addr_end - map->addr_start - 1) / PAGE + 1;
	return damon_heatmap__init(map, min_t(u64, max_cols, max_t(u64, 1, target->nr_snapshots)),
				   min_t(u64, max_rows, pages));
}

/**
 * damon_heats__begin - make an empty heat map for each target
 * @report: the report
 * @max_cols: how many columns there may be
 * @max_rows: how many rows there may be
 *
 * Return: 0 or -ENOMEM, which has been said.
 */
int damon_heats__begin(struct damon_report *report, unsigned int max_cols, unsigned int max_rows)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		struct damon_heats *heats = zalloc(sizeof(*heats));

		target->priv = heats;
		if (!heats || init_heats(heats, &report->survey, target, max_cols, max_rows)) {
			pr_err("out of memory\n");
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * damon_heats__snapshot - add a snapshot to its target's heat map
 * @report: the report
 * @target: the target
 * @snapshot: the snapshot
 *
 * Return: 0.
 */
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot)
{
	struct damon_heats *heats = target->priv;
	u64 since = damon_survey__since(&report->survey, heats->previous, snapshot->time);
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		damon_heatmap__add(&heats->map, since, snapshot->time, region->start, region->end,
				   (double)region->nr_accesses / report->survey.max_accesses);
	}
	heats->previous = snapshot->time;
	return 0;
}

/**
 * damon_heats__exit - free the heat maps
 * @report: the report
 */
void damon_heats__exit(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		struct damon_heats *heats = target->priv;

		if (heats)
			damon_heatmap__exit(&heats->map);
		zfree(&target->priv);
	}
}

/**
 * damon_heats__size - find out how big a heat map may be on the terminal
 * @report: the report
 * @nr_cols: set to the number of columns
 * @nr_rows: set to the number of rows
 */
void damon_heats__size(const struct damon_report *report, unsigned int *nr_cols,
		       unsigned int *nr_rows)
{
	*nr_cols = clamp(report->terminal.ws_col - LABEL_WIDTH - 2, 8, 400);
	*nr_rows = clamp(report->terminal.ws_row - 9, 8, 40);
}

/* None is none, and anything above it is at least 1. */
static unsigned int level_of(double value, double max)
{
	unsigned int level;

	if (value <= 0)
		return 0;
	level = 1 + value / max * (NR_LEVELS - 1);
	return min_t(unsigned int, level, NR_LEVELS - 1);
}

static void print_level(unsigned int level)
{
	char color[COLOR_MAXLEN];

	if (perf_use_color_default <= 0) {
		putchar('0' + level);
		return;
	}
	scnprintf(color, sizeof(color), "\033[48;5;%um", heat_colors[level]);
	color_fprintf(stdout, color, " ");
}

static void print_map_row(const struct damon_heatmap *map, unsigned int row, double max)
{
	char address[DAMON_UNIT_LEN];
	unsigned int col;

	damon_address__scnprintf(address, sizeof(address), damon_heatmap__row_addr(map, row));
	printf("%*s |", LABEL_WIDTH - 2, address);
	for (col = 0; col < map->nr_cols; col++) {
		double value = damon_heatmap__value(map, col, row);

		if (value == DAMON_HEATMAP_NONE)
			putchar(' ');
		else
			print_level(level_of(value, max));
	}
	printf("|\n");
}

/* A mark for each label, and the label on the left of it, if there is room. */
static void print_time_axis(const struct damon_heatmap *map)
{
	char label[DAMON_UNIT_LEN];
	unsigned int col, end = 0;

	printf("%*s+", LABEL_WIDTH - 1, "");
	for (col = 0; col < map->nr_cols; col++)
		putchar(col % 20 ? '-' : '+');
	printf("+\n%*s", LABEL_WIDTH, "");
	for (col = 0; col < map->nr_cols; col += 20) {
		damon_time__scnprintf(label, sizeof(label),
				      damon_heatmap__col_time(map, col) - map->time_start);
		end += printf("%*s%s", (int)(col - end), "", label);
	}
	printf("\n");
}

static void print_legend(double max)
{
	char most[DAMON_UNIT_LEN];
	unsigned int level;

	printf("%*s", LABEL_WIDTH, "");
	if (max > 0) {
		damon_percent__scnprintf(most, sizeof(most), max);
		printf("0%% ");
		for (level = 0; level < NR_LEVELS; level++)
			print_level(level);
		printf(" %s of samples with an access", most);
	} else {
		print_level(0);
		printf(" no access");
	}
	printf("; blank: not monitored\n");
}

/**
 * damon_heats__print - print a target's heat map
 * @target: the target
 */
void damon_heats__print(const struct damon_target *target)
{
	const struct damon_heats *heats = target->priv;
	const struct damon_heatmap *map = &heats->map;
	double max = damon_heatmap__max(map), heat = damon_areas__heat(&target->areas);
	char start[DAMON_UNIT_LEN], end[DAMON_UNIT_LEN];
	char size[DAMON_UNIT_LEN], share[DAMON_UNIT_LEN];
	unsigned int row;

	if (!heats->area)
		return;
	damon_address__scnprintf(start, sizeof(start), map->addr_start);
	damon_address__scnprintf(end, sizeof(end), map->addr_end);
	damon_size__scnprintf(size, sizeof(size), map->addr_end - map->addr_start);
	damon_percent__scnprintf(share, sizeof(share), heat ? heats->area->heat / heat : 0);
	printf("area %zu of %zu: %s-%s, %s, %s of all accesses\n",
	       heats->area - target->areas.area + 1, target->areas.nr, start, end, size, share);
	for (row = map->nr_rows; row-- > 0;)
		print_map_row(map, row, max);
	print_time_axis(map);
	print_legend(max);
}

static int heats_begin(struct damon_report *report)
{
	unsigned int nr_cols, nr_rows;

	damon_heats__size(report, &nr_cols, &nr_rows);
	return damon_heats__begin(report, nr_cols, nr_rows);
}

static int heats_end(struct damon_report *report)
{
	struct damon_target *target;

	damon_survey__for_each_target(&report->survey, target) {
		damon_report__print_target(report, target);
		damon_heats__print(target);
	}
	return 0;
}

const struct damon_report_ops damon_heats_ops = {
	.begin		= heats_begin,
	.snapshot	= damon_heats__snapshot,
	.end		= heats_end,
	.exit		= damon_heats__exit,
};
