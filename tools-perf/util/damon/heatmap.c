// SPDX-License-Identifier: GPL-2.0
/*
 * The grid of a heat map. Its size does not depend on the length of the recording.
 *
 * A region counts in a cell in proportion to the part of the cell that it covers. At any
 * resolution, the value of a cell is the mean access rate of what was monitored in it.
 */
#include "heatmap.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/**
 * damon_heatmap__init - make an empty grid
 * @map: the map, with its bounds
 * @nr_cols: columns
 * @nr_rows: rows
 *
 * Return: 0 or -ENOMEM.
 */
int damon_heatmap__init(struct damon_heatmap *map, unsigned int nr_cols, unsigned int nr_rows)
{
	map->nr_cols = nr_cols;
	map->nr_rows = nr_rows;
	map->cell = calloc((size_t)nr_cols * nr_rows, sizeof(*map->cell));
	return map->cell ? 0 : -ENOMEM;
}

/**
 * damon_heatmap__exit - free the grid
 * @map: the map
 */
void damon_heatmap__exit(struct damon_heatmap *map)
{
	zfree(&map->cell);
}

/* Start of the i-th of nr parts; (end - start) * i could overflow. */
static u64 scale(u64 start, u64 end, unsigned int i, unsigned int nr)
{
	u64 part = (end - start) / nr, rest = (end - start) % nr;

	return start + part * i + rest * i / nr;
}

/* Index of the part that contains a value. */
static unsigned int unscale(u64 start, u64 end, u64 value, unsigned int nr)
{
	/* Parts have this length or one less: i is never too big, rarely too small by over 1. */
	unsigned int i = (value - start) / ((end - start - 1) / nr + 1);

	while (i + 1 < nr && scale(start, end, i + 1, nr) <= value)
		i++;
	return i;
}

/**
 * damon_heatmap__col_time - get the start time of a column
 * @map: the map
 * @col: the column; nr_cols for the end of the last one
 *
 * Return: the time.
 */
u64 damon_heatmap__col_time(const struct damon_heatmap *map, unsigned int col)
{
	return scale(map->time_start, map->time_end, col, map->nr_cols);
}

/**
 * damon_heatmap__row_addr - get the start address of a row
 * @map: the map
 * @row: the row; nr_rows for the end of the last one
 *
 * Return: the address.
 */
u64 damon_heatmap__row_addr(const struct damon_heatmap *map, unsigned int row)
{
	return scale(map->addr_start, map->addr_end, row, map->nr_rows);
}

static double overlap(u64 start, u64 end, u64 other_start, u64 other_end)
{
	start = max(start, other_start);
	end = min(end, other_end);
	return start < end ? end - start : 0;
}

static void add_to_row(struct damon_heatmap *map, unsigned int row, u64 time_start, u64 time_end,
		       double bytes, double rate)
{
	unsigned int col = unscale(map->time_start, map->time_end, time_start, map->nr_cols);
	u64 col_start;

	for (; col < map->nr_cols; col++) {
		struct damon_heatmap_cell *cell = &map->cell[(size_t)row * map->nr_cols + col];
		double weight;

		col_start = damon_heatmap__col_time(map, col);
		if (col_start >= time_end)
			break;
		weight = bytes * overlap(time_start, time_end, col_start,
					 damon_heatmap__col_time(map, col + 1));
		cell->seen += weight;
		cell->heat += weight * rate;
	}
}

/**
 * damon_heatmap__add - add a region of a snapshot
 * @map: the map
 * @time_start: start of the time in which it was monitored
 * @time_end: end of that time
 * @addr_start: start address
 * @addr_end: end address, exclusive
 * @rate: access rate, from 0 to 1
 *
 * Parts outside the map are ignored.
 */
void damon_heatmap__add(struct damon_heatmap *map, u64 time_start, u64 time_end,
			u64 addr_start, u64 addr_end, double rate)
{
	unsigned int row;
	u64 row_start;

	time_start = max(time_start, map->time_start);
	time_end = min(time_end, map->time_end);
	addr_start = max(addr_start, map->addr_start);
	addr_end = min(addr_end, map->addr_end);
	if (time_start >= time_end || addr_start >= addr_end)
		return;

	row = unscale(map->addr_start, map->addr_end, addr_start, map->nr_rows);
	for (; row < map->nr_rows; row++) {
		row_start = damon_heatmap__row_addr(map, row);
		if (row_start >= addr_end)
			break;
		add_to_row(map, row, time_start, time_end,
			   overlap(addr_start, addr_end, row_start,
				   damon_heatmap__row_addr(map, row + 1)), rate);
	}
}

/**
 * damon_heatmap__value - get the access rate of a cell
 * @map: the map
 * @col: its column
 * @row: its row
 *
 * Return: the rate, from 0 to 1, or DAMON_HEATMAP_NONE if it was not monitored.
 */
double damon_heatmap__value(const struct damon_heatmap *map, unsigned int col, unsigned int row)
{
	const struct damon_heatmap_cell *cell = &map->cell[(size_t)row * map->nr_cols + col];

	return cell->seen > 0 ? cell->heat / cell->seen : DAMON_HEATMAP_NONE;
}

/**
 * damon_heatmap__max - find the greatest access rate
 * @map: the map
 *
 * Return: the greatest value of all cells, at least 0.
 */
double damon_heatmap__max(const struct damon_heatmap *map)
{
	unsigned int col, row;
	double greatest = 0;

	for (row = 0; row < map->nr_rows; row++) {
		for (col = 0; col < map->nr_cols; col++) {
			double value = damon_heatmap__value(map, col, row);

			if (value > greatest)
				greatest = value;
		}
	}
	return greatest;
}
