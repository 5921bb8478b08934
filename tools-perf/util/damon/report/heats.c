// SPDX-License-Identifier: GPL-2.0
/*
 * Heat maps: perf damon report --heats on the terminal, with time from left to right and addresses
 * from bottom to top; --points with cells as rows; --plot as a picture with a panel for each map.
 */
#include "../errors.h"
#include "../model/heatmap.h"
#include "plot.h"
#include "report.h"
#include "util/color.h"
#include "util/debug.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define PAGE		4096
/* So many cells take a gigabyte; to ask for more must be a mistake. */
#define MAX_CELLS	(64UL << 20)

/* "  0x7ffc12345000 |" */
#define LABEL_WIDTH	18
/* Columns from one time label to the next. */
#define LABEL_COLS	20

/* Resolution of pictures */
#define PLOT_COLS	800
#define PLOT_ROWS	320
/* Labels on the address axis of a picture */
#define NR_TICS		8

/**
 * struct heat - a heat map of an area
 * @map: the grid
 * @area: the area that it shows, NULL: the addresses in --addr
 */
struct heat {
	struct damon_heatmap	map;
	const struct damon_area	*area;
};

/**
 * struct heats - heat maps of a target
 * @nr: how many there are
 * @heat: the maps
 */
struct heats {
	size_t		nr;
	struct heat	heat[];
};

/**
 * damon_heats__nr_cells - number of cells in a range
 * @resolution: a number of cells, or the size of each
 * @start: start of the range
 * @end: its end, which is rounded up to a whole cell if the size of a cell was given
 * @best: the number if no resolution was given: cells should be no finer than the data
 *
 * Return: the number.
 */
u64 damon_heats__nr_cells(const struct damon_quantity *resolution, u64 start, u64 *end, u64 best)
{
	u64 nr, whole;

	if (resolution->given == DAMON_GIVEN_NUMBER)
		return min(resolution->value, *end - start);
	if (resolution->given != DAMON_GIVEN_UNIT)
		return best;
	nr = (*end - start - 1) / resolution->value + 1;
	if (!__builtin_mul_overflow(nr, resolution->value, &whole) &&
	    !__builtin_add_overflow(start, whole, &whole))
		*end = whole;
	return nr;
}

/* The last row may reach beyond the memory. */
static void extend(struct damon_heatmap *map, u64 bytes)
{
	struct damon_stretch *last = &map->stretch[map->nr_stretches - 1];
	u64 end;

	if (__builtin_add_overflow(last->end, bytes - map->bytes, &end))
		return;
	last->end = end;
	map->bytes = bytes;
}

static int init_map(struct damon_heatmap *map, const struct damon_report *report,
		    const struct damon_target *target)
{
	/* As many as fit on the terminal. */
	unsigned int max_cols = clamp(report->terminal.ws_col - LABEL_WIDTH - 2, 8, 400);
	unsigned int max_rows = clamp(report->terminal.ws_row - 9, 8, 40);
	u64 pages, nr_cols, nr_rows, bytes = map->bytes;

	map->time_start = report->overview.start;
	map->time_end = report->overview.end;
	max_cols = report->plot ? PLOT_COLS : report->ops->map_cols ?: max_cols;
	max_rows = report->plot ? PLOT_ROWS : report->ops->map_rows ?: max_rows;
	/* DIV_ROUND_UP() could overflow: a file may have regions of all addresses. */
	pages = (bytes - 1) / PAGE + 1;
	nr_cols = damon_heats__nr_cells(&report->time_resolution, map->time_start, &map->time_end,
					min_t(u64, max_cols,
					      max_t(u64, 1, target->nr_snapshots)));
	nr_rows = damon_heats__nr_cells(&report->addr_resolution, 0, &bytes,
					min_t(u64, max_rows, pages));
	extend(map, bytes);
	if (nr_cols > MAX_CELLS || nr_rows > MAX_CELLS || nr_cols * nr_rows > MAX_CELLS) {
		pr_err("a heat map of %llu columns and %llu rows is too fine: choose a coarser --tres or --ares\n",
		       (unsigned long long)nr_cols, (unsigned long long)nr_rows);
		return -EINVAL;
	}
	return damon_heatmap__init(map, nr_cols, nr_rows) ? damon_out_of_memory() : 0;
}

/* Show all memory in a range of addresses, and leave out what is not mapped. */
static int show(struct damon_heatmap *map, const struct damon_target *target, u64 start, u64 end)
{
	const struct damon_areas *areas = &target->areas;
	int err = 0;
	size_t i;

	if (!target->mapped)
		return damon_heatmap__show(map, start, end);
	for (i = 0; i < areas->nr_parts && !err; i++) {
		u64 first = max(areas->part[i].start, start), last = min(areas->part[i].end, end);

		if (first < last)
			err = damon_heatmap__show(map, first, last);
	}
	return err;
}

/* A map of an area, or of the addresses in --addr. */
static int init_heat(struct heat *heat, const struct damon_report *report,
		     const struct damon_target *target)
{
	const struct damon_selection *selection = &report->query.selection;
	u64 start = heat->area ? heat->area->start : selection->addr_min.value;
	u64 end = heat->area ? heat->area->end : selection->addr_max.value;

	if (show(&heat->map, target, start, end))
		return damon_out_of_memory();
	return init_map(&heat->map, report, target);
}

/* Called for each event of a scheme. */
static int mark_applied(void *data, const struct damon_event *event)
{
	struct damon_report *report = data;
	struct damon_target *target = damon_overview__find(&report->overview, event);
	struct heats *heats = target ? target->priv : NULL;
	size_t i;

	for (i = 0; heats && i < heats->nr; i++)
		damon_heatmap__mark(&heats->heat[i].map, event->time, event->region.start,
				    event->region.end);
	return 0;
}

/**
 * damon_heats__begin - make empty heat maps for a target
 * @report: the report
 * @target: the target
 *
 * They are of all areas, of the addresses in --addr, or of the hottest area.
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_heats__begin(struct damon_report *report, struct damon_target *target)
{
	const struct damon_selection *selection = &report->query.selection;
	const struct damon_area *area = target->areas.hottest;
	size_t i, nr = !area ? 0 : report->all_areas ? target->areas.nr : 1;
	struct heats *heats = zalloc(sizeof(*heats) + nr * sizeof(*heats->heat));
	int err = 0;

	if (!heats)
		return damon_out_of_memory();
	target->priv = heats;
	heats->nr = nr;
	report->session.applied = mark_applied;
	report->session.applied_data = report;
	if (selection->addr_min.given && selection->addr_max.given)
		area = NULL;
	for (i = 0; i < nr && !err; i++) {
		heats->heat[i].area = report->all_areas ? &target->areas.area[i] : area;
		err = init_heat(&heats->heat[i], report, target);
	}
	return err;
}

static void add_snapshot(struct damon_heatmap *map, const struct damon_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		damon_heatmap__add(map, snapshot->since, snapshot->time, region->start,
				   region->end, (double)region->nr_accesses / snapshot->samples);
	}
}

/**
 * damon_heats__snapshot - add a snapshot to its target's heat maps
 * @report: the report
 * @target: the target
 * @snapshot: the snapshot
 *
 * Return: 0.
 */
int damon_heats__snapshot(struct damon_report *report __maybe_unused, struct damon_target *target,
			  const struct damon_snapshot *snapshot)
{
	struct heats *heats = target->priv;
	size_t i;

	for (i = 0; i < heats->nr; i++)
		add_snapshot(&heats->heat[i].map, snapshot);
	return 0;
}

/**
 * damon_heats__exit - free the heat maps of a target
 * @target: the target
 */
void damon_heats__exit(struct damon_target *target)
{
	struct heats *heats = target->priv;
	size_t i;

	for (i = 0; i < heats->nr; i++)
		damon_heatmap__exit(&heats->heat[i].map);
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

/* @marked: a scheme was tried there */
static void print_level(const struct damon_palette *palette, unsigned int level, bool marked)
{
	char color[COLOR_MAXLEN];

	if (perf_use_color_default <= 0) {
		putchar((marked ? 'a' : '0') + level);
		return;
	}
	scnprintf(color, sizeof(color), "\033[48;5;%um", palette->colors[level]);
	color_fprintf(stdout, color, marked ? "_" : " ");
}

static void print_map_row(const struct damon_heatmap *map, const struct damon_palette *palette,
			  unsigned int row, double max, bool has_break)
{
	u64 address = damon_heatmap__row_addr(map, row);
	unsigned int col;

	printf("%*s %c", LABEL_WIDTH - 2, damon_number__str(DAMON_ADDRESS, address, false),
	       has_break ? '~' : '|');
	for (col = 0; col < map->nr_cols; col++) {
		double value = damon_heatmap__value(map, col, row);

		if (value == DAMON_HEATMAP_NONE)
			putchar(' ');
		else
			print_level(palette, level_of(value, max),
				    damon_heatmap__is_marked(map, col, row));
	}
	printf("|\n");
}

/*
 * Print a tick for each label, and each label to the right of its tick. The last label, for the
 * end of the map, is right-aligned. Labels that would overlap it are left out.
 */
static void print_time_axis(const struct damon_report *report, const struct damon_heatmap *map)
{
	u64 zero = report->overview.zero;
	const char *last = damon_output__str(&report->out, DAMON_TIME, map->time_end - zero);
	unsigned int col, end = 0, len = strlen(last), width = map->nr_cols + 1;

	printf("%*s+", LABEL_WIDTH - 1, "");
	for (col = 0; col < map->nr_cols; col++)
		putchar(col % LABEL_COLS ? '-' : '+');
	printf("+\n%*s", LABEL_WIDTH, "");
	for (col = 0; col < map->nr_cols; col += LABEL_COLS) {
		u64 time = damon_heatmap__col_time(map, col) - zero;
		const char *label = damon_output__str(&report->out, DAMON_TIME, time);

		/* Leave at least a space between labels. */
		if (col && col + strlen(label) + len >= width)
			break;
		end += printf("%*s%s", (int)(col - end), "", label);
	}
	if (end + len + 1 <= width)
		printf("%*s%s\n", (int)(width - len - end), "", last);
	else
		printf("-%s\n", last);
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
			print_level(palette, level, false);
		printf(" %s of samples with an access", most);
	} else {
		print_level(palette, 0, false);
		printf(" no access");
	}
	printf("; blank: not monitored\n");
}

static bool has_marks(const struct damon_heatmap *map)
{
	unsigned int col, row;

	for (row = 0; row < map->nr_rows; row++) {
		for (col = 0; col < map->nr_cols; col++) {
			if (damon_heatmap__is_marked(map, col, row))
				return true;
		}
	}
	return false;
}

static void print_title(const struct damon_report *report, const struct heat *heat,
			const struct damon_target *target)
{
	const struct damon_heatmap *map = &heat->map;
	double all = target->areas.heat;
	u64 start = damon_heatmap__row_addr(map, 0);
	u64 end = damon_heatmap__row_addr(map, map->nr_rows);
	char share[DAMON_UNIT_LEN];

	if (heat->area)
		printf("area %zu of %zu: ", heat->area - target->areas.area + 1, target->areas.nr);
	printf("%s-%s, %s", damon_output__str(&report->out, DAMON_ADDRESS, start),
	       damon_output__str(&report->out, DAMON_ADDRESS, end),
	       damon_output__str(&report->out, DAMON_SIZE, map->bytes));
	if (heat->area) {
		damon_percent__put(share, all ? heat->area->heat / all : 0,
				   report->out.raw_numbers);
		printf(", %s of all accesses", share);
	}
	printf("\n");
}

/**
 * damon_heats__print - print a target's heat maps
 * @report: the report
 * @target: the target
 *
 * Return: 0.
 */
int damon_heats__print(struct damon_report *report, struct damon_target *target)
{
	const struct damon_palette *palette = report->palette ?: damon_palette__find("heat");
	const struct heats *heats = target->priv;
	unsigned int row;
	size_t i;

	for (i = 0; i < heats->nr; i++) {
		const struct damon_heatmap *map = &heats->heat[i].map;
		double max = damon_heatmap__max(map);
		bool has_break, broken = false;

		print_title(report, &heats->heat[i], target);
		for (row = map->nr_rows; row-- > 0;) {
			has_break = damon_heatmap__has_break(map, row);
			broken |= has_break;
			print_map_row(map, palette, row, max, has_break);
		}
		print_time_axis(report, map);
		print_legend(report, palette, max);
		if (broken)
			printf("%*s~ unmapped memory is left out\n", LABEL_WIDTH, "");
		if (has_marks(map))
			printf("%*s%s: a scheme was tried there\n", LABEL_WIDTH, "",
			       perf_use_color_default > 0 ? "_" : "a to j, as 0 to 9");
	}
	return 0;
}

static const struct damon_column point_columns[] = {
	{ "time",	DAMON_TIME,	10,	"time_ns" },
	{ "address",	DAMON_ADDRESS,	18,	"address" },
	{ "frequency",	DAMON_RATIO,	10,	"frequency_percent" },
	{ "timestamp",	DAMON_TIMESTAMP, 16,	"timestamp" },
};

/* For programs only. */
#define POINT_TIMESTAMP	3

static void print_map_points(const struct damon_table *table, const struct damon_heatmap *map,
			     u64 zero)
{
	unsigned int col, row;

	for (col = 0; col < map->nr_cols; col++) {
		for (row = 0; row < map->nr_rows; row++) {
			double value = damon_heatmap__value(map, col, row);
			u64 time = damon_heatmap__col_time(map, col);
			const union damon_value values[] = {
				{ .number = time - zero },
				{ .number = damon_heatmap__row_addr(map, row) },
				{ .ratio = value },
				[POINT_TIMESTAMP] = { .number = time },
			};

			if (value != DAMON_HEATMAP_NONE)
				damon_table__print_row(table, values);
		}
	}
}

static int print_points(struct damon_report *report, struct damon_target *target)
{
	bool for_people = report->out.format == DAMON_FOR_PEOPLE;
	const struct heats *heats = target->priv;
	struct damon_table table;
	size_t i;

	damon_table__init(&table, &report->out, "points", point_columns,
			  ARRAY_SIZE(point_columns), for_people ? 1U << POINT_TIMESTAMP : 0);
	damon_table__open(&table);
	for (i = 0; i < heats->nr; i++)
		print_map_points(&table, &heats->heat[i].map, report->overview.zero);
	damon_table__close(&table);
	return 0;
}

static void points_head(struct damon_report *report)
{
	damon_output__note(&report->out,
			   "# begin of each cell that was monitored, and how often it was accessed\n");
}

/* The y axis counts rows: gnuplot uses floating point, which cannot represent all addresses. */
static void print_tics(FILE *out, const struct damon_heatmap *map)
{
	unsigned int i, nr_tics = min_t(unsigned int, map->nr_rows, NR_TICS);

	fprintf(out, "set ytics (");
	for (i = 0; i <= nr_tics; i++) {
		unsigned int row = map->nr_rows * i / nr_tics;

		fprintf(out, "%s'%s' %u", i ? ", " : "",
			damon_number__str(DAMON_ADDRESS, damon_heatmap__row_addr(map, row), true),
			row);
	}
	fprintf(out, ")\n");
}

/* A dashed line where much is left out. */
static void print_breaks(FILE *out, const struct damon_heatmap *map)
{
	double rows_per_byte = (double)map->nr_rows / map->bytes;
	const char *what = "";
	size_t i;

	fprintf(out, "unset arrow\n");
	for (i = 0; i < map->nr_stretches; i++) {
		double row = map->stretch[i].offset * rows_per_byte;

		if (!damon_heatmap__is_break(map, i))
			continue;
		what = ", without what is unmapped (dashed)";
		fprintf(out, "set arrow from graph -0.02,first %.9g to graph 1,first %.9g", row,
			row);
		fprintf(out, " nohead dt 2 lc rgb 'gray50' front\n");
	}
	fprintf(out, "set ylabel 'address%s'\n", what);
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

/* Points on the cells in which a scheme was tried. */
static void write_marks(FILE *out, const struct damon_heatmap *map, double start, double end)
{
	double width = (end - start) / map->nr_cols;
	unsigned int col, row;

	fprintf(out, "$acted << END\n");
	for (row = 0; row < map->nr_rows; row++) {
		for (col = 0; col < map->nr_cols; col++) {
			if (damon_heatmap__is_marked(map, col, row))
				fprintf(out, "%.9g %g\n", start + (col + 0.5) * width, row + 0.5);
		}
	}
	fprintf(out, "END\n");
}

/* gnuplot centers each cell on its position. */
static void plot_cells(FILE *out, const struct damon_heatmap *map, double start, double end)
{
	unsigned int nr_cols = nr_drawn(map->nr_cols), nr_rows = nr_drawn(map->nr_rows);
	double width = (end - start) / nr_cols, height = (double)map->nr_rows / nr_rows;

	if (has_marks(map))
		write_marks(out, map, start, end);
	fprintf(out, "plot '-' binary array=(%u,%u) format='%%float'", nr_cols, nr_rows);
	fprintf(out, " origin=(%.9g,%.9g) dx=%.9g dy=%.9g with image notitle%s\n",
		start + width / 2, height / 2, width, height,
		!has_marks(map) ? "" :
		", $acted with points pt 7 ps 0.3 lc rgb 'cyan' notitle");
	write_cells(out, map);
}

static void plot_heat(struct damon_plot *plot, const struct damon_report *report,
		      const struct damon_target *target, const struct heat *heat)
{
	const struct damon_palette *palette = report->palette ?: damon_palette__find("heat");
	const struct damon_heatmap *map = &heat->map;
	double start = (double)(map->time_start - report->overview.zero) / NSEC_PER_SEC;
	double end = (double)(map->time_end - report->overview.zero) / NSEC_PER_SEC;
	char area[64] = "";
	FILE *out = plot->out;
	size_t i;

	if (report->all_areas)
		scnprintf(area, sizeof(area), "area %zu of %zu, ",
			  heat->area - target->areas.area + 1, target->areas.nr);
	else if (heat->area)
		scnprintf(area, sizeof(area), "hottest area, ");
	damon_plot__title(plot, "%s: %s%s", damon_target__name(target), area,
			  damon_number__str(DAMON_SIZE, map->bytes, /*exact=*/false));
	fprintf(out, "set xlabel 'time (s)%s'\n",
		has_marks(map) ? "; points: a scheme was tried there" : "");
	fprintf(out, "set cblabel 'accessed in %% of the samples'\n");
	fprintf(out, "set lmargin 22\n");
	for (i = 0; i < DAMON_MAX_STOPS && palette->stops[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "set palette defined (", palette->stops[i]);
	fprintf(out, ")\n");
	fprintf(out, "set cbrange [0:%g]\n", 100 * damon_heatmap__max(map) ?: 1.0);
	fprintf(out, "set xrange [%.9g:%.9g]\nset yrange [0:%u]\n", start, end, map->nr_rows);
	print_tics(out, map);
	print_breaks(out, map);
	plot_cells(out, map, start, end);
}

static unsigned int nr_panels(struct damon_report *report)
{
	struct damon_target *target;
	unsigned int nr = 0;

	damon_overview__for_each_target(&report->overview, target) {
		const struct heats *heats = target->priv;

		nr += heats->nr;
	}
	return nr;
}

/**
 * damon_heats__plot - draw the heat maps of all targets
 * @report: the report
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_heats__plot(struct damon_report *report)
{
	struct damon_plot plot;
	struct damon_target *target;
	size_t i;
	int err = damon_plot__open(&plot, report->plot, nr_panels(report));

	if (err)
		return err;
	damon_overview__for_each_target(&report->overview, target) {
		const struct heats *heats = target->priv;

		for (i = 0; i < heats->nr; i++)
			plot_heat(&plot, report, target, &heats->heat[i]);
	}
	return damon_plot__close(&plot);
}

const struct damon_report_ops damon_heats_ops = {
	.name		= "heats",
	.options	= (const char * const []) {
		"all-areas", "tres", "ares", "palette", "raw-numbers", NULL },
	.for_programs	= &damon_points_ops,
	.begin		= damon_heats__begin,
	.snapshot	= damon_heats__snapshot,
	.target		= damon_heats__print,
	.plot		= damon_heats__plot,
	.exit		= damon_heats__exit,
};

const struct damon_report_ops damon_points_ops = {
	.name		= "points",
	.options	= (const char * const []) {
		"all-areas", "tres", "ares", "raw-numbers", NULL },
	.map_cols	= 200,
	.map_rows	= 100,
	.begin		= damon_heats__begin,
	.head		= points_head,
	.snapshot	= damon_heats__snapshot,
	.target		= print_points,
	.exit		= damon_heats__exit,
};
