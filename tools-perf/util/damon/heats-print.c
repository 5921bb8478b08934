// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --heats: heat maps on the terminal, with time from left to right and addresses
 * from bottom to top. --points: the cells of heat maps as rows.
 */
#include "heats.h"
#include "util/color.h"
#include "palette.h"
#include "units.h"

#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>

/* "  0x7ffc12345000 |" */
#define LABEL_WIDTH	18
/* Columns from one time label to the next. */
#define LABEL_COLS	20

/* Maximum resolution of points, unless --tres and --ares are given. */
#define POINT_COLS	200
#define POINT_ROWS	100

/**
 * damon_heats__size - get the maximum size of a heat map on the terminal
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

/* Level 0 means no access at all. */
static unsigned int level_of(double value, double max)
{
	unsigned int level;

	if (value <= 0)
		return 0;
	level = 1 + value / max * (DAMON_NR_LEVELS - 1);
	return min_t(unsigned int, level, DAMON_NR_LEVELS - 1);
}

static void print_level(const struct damon_palette *palette, unsigned int level)
{
	char color[COLOR_MAXLEN];

	if (perf_use_color_default <= 0) {
		putchar('0' + level);
		return;
	}
	scnprintf(color, sizeof(color), "\033[48;5;%um", palette->colors[level]);
	color_fprintf(stdout, color, " ");
}

static void print_map_row(const struct damon_heatmap *map, const struct damon_palette *palette,
			  unsigned int row, double max)
{
	char address[DAMON_UNIT_LEN];
	unsigned int col;

	damon_address__put(address, damon_heatmap__row_addr(map, row));
	printf("%*s |", LABEL_WIDTH - 2, address);
	for (col = 0; col < map->nr_cols; col++) {
		double value = damon_heatmap__value(map, col, row);

		if (value == DAMON_HEATMAP_NONE)
			putchar(' ');
		else
			print_level(palette, level_of(value, max));
	}
	printf("|\n");
}

/*
 * Print a tick for each label, and each label to the right of its tick. The last label, for the
 * end of the map, is right-aligned. Labels that would overlap it are left out.
 */
static void print_time_axis(const struct damon_report *report, const struct damon_heatmap *map)
{
	char label[DAMON_UNIT_LEN], last[DAMON_UNIT_LEN];
	unsigned int col, end = 0, len;

	damon_report__put_time(report, last, map->time_end);
	len = strlen(last);
	printf("%*s+", LABEL_WIDTH - 1, "");
	for (col = 0; col < map->nr_cols; col++)
		putchar(col % LABEL_COLS ? '-' : '+');
	printf("+\n%*s", LABEL_WIDTH, "");
	for (col = 0; col < map->nr_cols; col += LABEL_COLS) {
		damon_report__put_time(report, label, damon_heatmap__col_time(map, col));
		/* Leave at least a space between labels. */
		if (col && col + strlen(label) + len >= map->nr_cols + 1)
			break;
		end += printf("%*s%s", (int)(col - end), "", label);
	}
	if (end + len + 1 <= map->nr_cols + 1)
		printf("%*s%s", (int)(map->nr_cols + 1 - len - end), "", last);
	else
		printf("-%s", last);
	printf("\n");
}

static void print_legend(const struct damon_report *report, const struct damon_palette *palette,
			 double max)
{
	char most[DAMON_UNIT_LEN];
	unsigned int level;

	printf("%*s", LABEL_WIDTH, "");
	if (max > 0) {
		damon_percent__put(most, max, report->out.raw_numbers);
		printf("0%% ");
		for (level = 0; level < DAMON_NR_LEVELS; level++)
			print_level(palette, level);
		printf(" %s of samples with an access", most);
	} else {
		print_level(palette, 0);
		printf(" no access");
	}
	printf("; blank: not monitored\n");
}

static void print_title(const struct damon_report *report, const struct damon_heat *heat,
			const struct damon_target *target)
{
	const struct damon_heatmap *map = &heat->map;
	double all = damon_areas__heat(&target->areas);
	char start[DAMON_UNIT_LEN], end[DAMON_UNIT_LEN];
	char size[DAMON_UNIT_LEN], share[DAMON_UNIT_LEN];

	damon_address__put(start, map->addr_start);
	damon_address__put(end, map->addr_end);
	damon_size__put(size, map->addr_end - map->addr_start, report->out.raw_numbers);
	if (!heat->area) {
		printf("%s-%s, %s\n", start, end, size);
		return;
	}
	damon_percent__put(share, all ? heat->area->heat / all : 0, report->out.raw_numbers);
	printf("area %zu of %zu: %s-%s, %s, %s of all accesses\n",
	       heat->area - target->areas.area + 1, target->areas.nr, start, end, size, share);
}

/**
 * damon_heats__print - print a target's heat maps
 * @report: the report
 * @target: the target
 */
void damon_heats__print(const struct damon_report *report, const struct damon_target *target)
{
	const struct damon_palette *palette = report->palette ?: damon_palette__default();
	const struct damon_heats *heats = target->priv;
	unsigned int row;
	size_t i;

	for (i = 0; i < heats->nr; i++) {
		const struct damon_heatmap *map = &heats->heat[i].map;
		double max = damon_heatmap__max(map);

		print_title(report, &heats->heat[i], target);
		for (row = map->nr_rows; row-- > 0;)
			print_map_row(map, palette, row, max);
		print_time_axis(report, map);
		print_legend(report, palette, max);
	}
}

static const struct damon_column point_columns[] = {
	{ "time",	DAMON_TIME,	10,	"time_ns" },
	{ "address",	DAMON_ADDRESS,	18,	"address" },
	{ "frequency",	DAMON_RATIO,	10,	"frequency_percent" },
};

static void print_map_points(const struct damon_table *table, const struct damon_heatmap *map,
			     u64 zero)
{
	unsigned int col, row;

	for (col = 0; col < map->nr_cols; col++) {
		for (row = 0; row < map->nr_rows; row++) {
			double value = damon_heatmap__value(map, col, row);
			const union damon_value values[] = {
				{ .number = damon_heatmap__col_time(map, col) - zero },
				{ .number = damon_heatmap__row_addr(map, row) },
				{ .ratio = value },
			};

			if (value != DAMON_HEATMAP_NONE)
				damon_table__print_row(table, values);
		}
	}
}

static int print_points(struct damon_report *report, struct damon_target *target)
{
	const struct damon_heats *heats = target->priv;
	struct damon_table table;
	size_t i;

	damon_table__init(&table, &report->out, "points", point_columns,
			  ARRAY_SIZE(point_columns));
	damon_table__open(&table);
	for (i = 0; i < heats->nr; i++)
		print_map_points(&table, &heats->heat[i].map, report->survey.zero);
	damon_table__close(&table);
	return 0;
}

static void points_head(struct damon_report *report)
{
	if (report->out.format != DAMON_JSON)
		printf("# begin of each cell that was monitored, and how often it was accessed\n");
}

static int points_begin(struct damon_report *report)
{
	return damon_heats__begin(report, POINT_COLS, POINT_ROWS);
}

const struct damon_report_ops damon_points_ops = {
	.begin		= points_begin,
	.head		= points_head,
	.snapshot	= damon_heats__snapshot,
	.target		= print_points,
	.exit		= damon_heats__exit,
};

/* Formats for programs get points instead of a character picture. */
static int heats_begin(struct damon_report *report)
{
	unsigned int nr_cols, nr_rows;

	if (report->out.format != DAMON_FOR_PEOPLE)
		return points_begin(report);
	damon_heats__size(report, &nr_cols, &nr_rows);
	return damon_heats__begin(report, nr_cols, nr_rows);
}

static void heats_head(struct damon_report *report)
{
	if (report->out.format != DAMON_FOR_PEOPLE)
		points_head(report);
}

static int print_heats(struct damon_report *report, struct damon_target *target)
{
	if (report->out.format != DAMON_FOR_PEOPLE)
		return print_points(report, target);
	damon_heats__print(report, target);
	return 0;
}

const struct damon_report_ops damon_heats_ops = {
	.begin		= heats_begin,
	.head		= heats_head,
	.snapshot	= damon_heats__snapshot,
	.target		= print_heats,
	.exit		= damon_heats__exit,
};
