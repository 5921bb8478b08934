// SPDX-License-Identifier: GPL-2.0
/*
 * The grid of a heat map. Its size does not depend on the length of the recording.
 *
 * A region counts in a cell in proportion to the part of the cell that it covers. At any
 * resolution, the value of a cell is the mean access rate of what was monitored in it.
 *
 * Rows have the same size, but not always one range of addresses: what is between the stretches
 * that are shown takes no room. So rows are computed from offsets into all that is shown.
 */
#include "../array.h"
#include "heatmap.h"

#include <errno.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* A gap of at least this part of all that is shown is marked. */
#define BREAK_SHARE	16

/**
 * damon_heatmap__show - add addresses to those that a map shows
 * @map: the map, not yet initialized
 * @start: start address, not below what was added before
 * @end: end address, exclusive, above @start
 *
 * Return: 0 or -ENOMEM.
 */
int damon_heatmap__show(struct damon_heatmap *map, u64 start, u64 end)
{
	if (map->nr_stretches == map->capacity &&
	    damon_array__grow(&map->stretch, &map->capacity))
		return -ENOMEM;
	map->stretch[map->nr_stretches++] = (struct damon_stretch){ start, end, map->bytes };
	map->bytes += end - start;
	return 0;
}

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
	zfree(&map->stretch);
	map->nr_stretches = 0;
	map->capacity = 0;
	map->bytes = 0;
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

static u64 row_offset(const struct damon_heatmap *map, unsigned int row)
{
	return scale(0, map->bytes, row, map->nr_rows);
}

/* Index of the stretch that has an offset. */
static size_t find_offset(const struct damon_heatmap *map, u64 offset)
{
	return damon_array__count_until(map->stretch, map->nr_stretches, offset, offset) - 1;
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
	u64 offset = row_offset(map, row);
	const struct damon_stretch *stretch = &map->stretch[find_offset(map, offset)];

	return stretch->start + (offset - stretch->offset);
}

/**
 * damon_heatmap__is_break - check whether much is left out below a stretch
 * @map: the map
 * @i: index of the stretch
 *
 * Return: true if so.
 */
bool damon_heatmap__is_break(const struct damon_heatmap *map, size_t i)
{
	return i && map->stretch[i].start - map->stretch[i - 1].end >= map->bytes / BREAK_SHARE;
}

/**
 * damon_heatmap__has_break - check whether much is left out in or directly below a row
 * @map: the map
 * @row: the row
 *
 * Return: true if so.
 */
bool damon_heatmap__has_break(const struct damon_heatmap *map, unsigned int row)
{
	u64 start = row_offset(map, row), end = row_offset(map, row + 1);
	size_t i = find_offset(map, start);

	for (; i < map->nr_stretches && map->stretch[i].offset < end; i++) {
		if (map->stretch[i].offset >= start && damon_heatmap__is_break(map, i))
			return true;
	}
	return false;
}

static double overlap(u64 start, u64 end, u64 other_start, u64 other_end)
{
	start = max(start, other_start);
	end = min(end, other_end);
	return start < end ? end - start : 0;
}

/* Instead of an access rate: mark the cells. */
#define MARK	-1.0

static void add_to_row(struct damon_heatmap *map, unsigned int row, u64 time_start, u64 time_end,
		       double bytes, double rate)
{
	unsigned int col = unscale(map->time_start, map->time_end, time_start, map->nr_cols);
	u64 start = damon_heatmap__col_time(map, col), end;

	for (; col < map->nr_cols && start < time_end; col++, start = end) {
		struct damon_heatmap_cell *cell = &map->cell[(size_t)row * map->nr_cols + col];
		double weight;

		end = damon_heatmap__col_time(map, col + 1);
		if (rate == MARK) {
			cell->marked = true;
			continue;
		}
		weight = bytes * overlap(time_start, time_end, start, end);
		cell->seen += weight;
		cell->heat += weight * rate;
	}
}

/* Add bytes from an offset up to another one. */
static void add_bytes(struct damon_heatmap *map, u64 time_start, u64 time_end, u64 start, u64 end,
		      double rate)
{
	unsigned int row = unscale(0, map->bytes, start, map->nr_rows);
	u64 row_start = row_offset(map, row), row_end;

	for (; row < map->nr_rows && row_start < end; row++, row_start = row_end) {
		row_end = row_offset(map, row + 1);
		add_to_row(map, row, time_start, time_end, overlap(start, end, row_start, row_end),
			   rate);
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
	size_t i = damon_array__count_until(map->stretch, map->nr_stretches, end, addr_start);

	time_start = max(time_start, map->time_start);
	time_end = min(time_end, map->time_end);
	if (time_start >= time_end)
		return;
	for (; i < map->nr_stretches && map->stretch[i].start < addr_end; i++) {
		const struct damon_stretch *shown = &map->stretch[i];
		u64 start = max(addr_start, shown->start), end = min(addr_end, shown->end);

		if (start < end)
			add_bytes(map, time_start, time_end, start - shown->start + shown->offset,
				  end - shown->start + shown->offset, rate);
	}
}

/**
 * damon_heatmap__mark - mark the cells of addresses at a moment
 * @map: the map
 * @time: the moment
 * @addr_start: start address
 * @addr_end: end address, exclusive
 */
void damon_heatmap__mark(struct damon_heatmap *map, u64 time, u64 addr_start, u64 addr_end)
{
	/* A column has the times up to its end. */
	damon_heatmap__add(map, time - 1, time, addr_start, addr_end, MARK);
}

/**
 * damon_heatmap__is_marked - check whether a cell is marked
 * @map: the map
 * @col: its column
 * @row: its row
 */
bool damon_heatmap__is_marked(const struct damon_heatmap *map, unsigned int col, unsigned int row)
{
	return map->cell[(size_t)row * map->nr_cols + col].marked;
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
		for (col = 0; col < map->nr_cols; col++)
			greatest = max(greatest, damon_heatmap__value(map, col, row));
	}
	return greatest;
}
