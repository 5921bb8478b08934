// SPDX-License-Identifier: GPL-2.0
/*
 * Heat maps: choose their addresses and resolution, and fill them. Other files display them.
 */
#include "errors.h"
#include "heats.h"
#include "units.h"
#include "util/debug.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

#define PAGE		4096
/* So many cells take a gigabyte; to ask for more must be a mistake. */
#define MAX_CELLS	(64UL << 20)

/**
 * damon_resolution__parse - parse --tres and --ares
 * @resolution: set to the resolution
 * @str: the text: a number of columns or rows, or the time or bytes of each
 * @parse_unit: parses a time or bytes: damon_time__parse() or damon_size__parse()
 *
 * Return: 0, -EINVAL if @str is something else, -ERANGE if it is too big.
 */
int damon_resolution__parse(struct damon_resolution *resolution, const char *str,
			    int (*parse_unit)(const char *str, u64 *unit))
{
	int err = damon_count__parse(str, &resolution->count);

	if (err)
		err = parse_unit(str, &resolution->unit);
	if (!err && !resolution->count && !resolution->unit)
		err = -EINVAL;
	return err;
}

/*
 * Number of cells from @start to @end. If the size of a cell was given, @end is rounded up to a
 * whole cell. If no resolution was given, it is @best, with which cells are no finer than the data.
 */
static u64 nr_cells(const struct damon_resolution *resolution, u64 start, u64 *end, u64 best)
{
	u64 nr, whole;

	if (resolution->count)
		return min(resolution->count, *end - start);
	if (!resolution->unit)
		return best;
	nr = (*end - start - 1) / resolution->unit + 1;
	if (!__builtin_mul_overflow(nr, resolution->unit, &whole) &&
	    !__builtin_add_overflow(start, whole, &whole))
		*end = whole;
	return nr;
}

static int init_map(struct damon_heatmap *map, const struct damon_report *report,
		    const struct damon_target *target, unsigned int max_cols,
		    unsigned int max_rows)
{
	u64 pages, nr_cols, nr_rows;

	map->time_start = report->survey.start;
	map->time_end = report->survey.end;
	/* DIV_ROUND_UP() could overflow: a file may have regions of all addresses. */
	pages = (map->addr_end - map->addr_start - 1) / PAGE + 1;
	nr_cols = nr_cells(&report->time_resolution, map->time_start, &map->time_end,
			   min_t(u64, max_cols, max_t(u64, 1, target->nr_snapshots)));
	nr_rows = nr_cells(&report->addr_resolution, map->addr_start, &map->addr_end,
			   min_t(u64, max_rows, pages));
	if (nr_cols > MAX_CELLS || nr_rows > MAX_CELLS || nr_cols * nr_rows > MAX_CELLS) {
		pr_err("a heat map of %llu columns and %llu rows is too fine: choose a coarser --tres or --ares\n",
		       (unsigned long long)nr_cols, (unsigned long long)nr_rows);
		return -EINVAL;
	}
	if (!damon_heatmap__init(map, nr_cols, nr_rows))
		return 0;
	return damon_out_of_memory();
}

/* Maps of all areas, of the addresses in --addr, or of the hottest area. */
static int choose_maps(struct damon_heats *heats, const struct damon_report *report,
		       const struct damon_target *target)
{
	const struct damon_view *view = &report->query.view;
	const struct damon_area *hottest = damon_areas__hottest(&target->areas);
	size_t i;

	if (!hottest)
		return 0;
	heats->nr = report->all_areas ? target->areas.nr : 1;
	heats->heat = calloc(heats->nr, sizeof(*heats->heat));
	if (!heats->heat)
		return -ENOMEM;
	for (i = 0; i < heats->nr; i++) {
		struct damon_heat *heat = &heats->heat[i];

		heat->area = report->all_areas ? &target->areas.area[i] : hottest;
		heat->map.addr_start = heat->area->start;
		heat->map.addr_end = heat->area->end;
	}
	if (damon_view__has_addrs(view) && !report->all_areas) {
		heats->heat->area = NULL;
		heats->heat->map.addr_start = view->addr_min.value;
		heats->heat->map.addr_end = view->addr_max.value;
	}
	return 0;
}

/**
 * damon_heats__begin - make empty heat maps for each target
 * @report: the report
 * @max_cols: maximum number of columns, unless --tres is given
 * @max_rows: maximum number of rows, unless --ares is given
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_heats__begin(struct damon_report *report, unsigned int max_cols, unsigned int max_rows)
{
	struct damon_target *target;
	size_t i;
	int err;

	damon_survey__for_each_target(&report->survey, target) {
		struct damon_heats *heats = zalloc(sizeof(*heats));

		target->priv = heats;
		if (!heats || choose_maps(heats, report, target))
			return damon_out_of_memory();
		for (i = 0; i < heats->nr; i++) {
			err = init_map(&heats->heat[i].map, report, target, max_cols, max_rows);
			if (err)
				return err;
		}
	}
	return 0;
}

static void add_snapshot(struct damon_heatmap *map, const struct damon_snapshot *snapshot,
			 u32 max_accesses)
{
	size_t i;

	for (i = 0; i < snapshot->nr_regions; i++) {
		const struct damon_region *region = &snapshot->regions[i];

		if (region->end <= map->addr_start || region->start >= map->addr_end)
			continue;
		damon_heatmap__add(map, snapshot->since, snapshot->time, region->start,
				   region->end, (double)region->nr_accesses / max_accesses);
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
int damon_heats__snapshot(struct damon_report *report, struct damon_target *target,
			  const struct damon_snapshot *snapshot)
{
	struct damon_heats *heats = target->priv;
	size_t i;

	for (i = 0; i < heats->nr; i++)
		add_snapshot(&heats->heat[i].map, snapshot, report->survey.max_accesses);
	return 0;
}

/**
 * damon_heats__exit - free the heat maps
 * @report: the report
 */
void damon_heats__exit(struct damon_report *report)
{
	struct damon_target *target;
	size_t i;

	damon_survey__for_each_target(&report->survey, target) {
		struct damon_heats *heats = target->priv;

		for (i = 0; heats && i < heats->nr; i++)
			damon_heatmap__exit(&heats->heat[i].map);
		if (heats)
			free(heats->heat);
		zfree(&target->priv);
	}
}
