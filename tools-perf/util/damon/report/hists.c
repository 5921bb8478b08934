// SPDX-License-Identifier: GPL-2.0
/*
 * DAMON's events in the histograms of other commands, such as perf report.
 *
 * The kdamond emits them, but they tell of another process: of a region of its memory, whose heat
 * is the number of accesses times its bytes. So a sample gets the process and the address that it
 * tells of, and the heat as its period. An event of a scheme has its bytes as its period. All the
 * rest is done by perf: its threads, maps and DSOs.
 */
#include "../model/event.h"
#include "hists.h"
#include "../model/history.h"
#include "util/dso.h"
#include "util/env.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/machine.h"
#include "util/map.h"
#include "util/maps.h"
#include "util/sample.h"
#include "util/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <linux/zalloc.h>

/* Bytes times accesses of a long record of large memory do not fit into a period. */
#define HEAT_UNIT	SZ_1K

/**
 * struct placer - what is needed to place the samples of an event
 * @format: the fields of its samples
 * @is_usable: it has these fields
 * @history: the settings, by which processes are found
 * @nr_notes: number of notes that were read
 */
struct placer {
	struct damon_event_format	format;
	bool				is_usable;
	struct damon_history		history;
	size_t				nr_notes;
};

/**
 * struct place - where a region counts
 * @address: the start of the region, or where the mapping begins that has most of it
 * @bytes: its bytes that are mapped
 * @most: those of the mapping that has most of it
 */
struct place {
	u64	address;
	u64	bytes;
	u64	most;
};

/**
 * damon_hists__are_of - check whether histograms of a record are those of DAMON's events only
 * @evlist: the events of the record
 *
 * Return: true if there is no other event, except for what tracks processes, and for what schemes
 * were tried on.
 */
bool damon_hists__are_of(const struct evlist *evlist)
{
	bool found = false;
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel) {
		if (evsel__is_dummy_event(evsel) || damon_event__is_of_scheme(evsel))
			continue;
		if (!damon_event__is_of(evsel))
			return false;
		found = true;
	}
	return found;
}

static void delete_placer(void *priv)
{
	struct placer *placer = priv;

	if (placer)
		damon_history__exit(&placer->history);
	free(placer);
}

/* Older records have the settings in the command line. */
static struct placer *new_placer(struct evsel *evsel)
{
	struct placer *placer = zalloc(sizeof(*placer));
	const struct perf_env *env = evsel__env(evsel);
	static bool has_destructor;

	if (!placer)
		return NULL;
	if (!has_destructor)
		evsel__set_priv_destructor(delete_placer);
	has_destructor = true;
	evsel->priv = placer;
	placer->is_usable = !damon_event_format__init(&placer->format, evsel);
	if (env && env->cmdline_argv)
		damon_history__read_cmdline(&placer->history, env->nr_cmdline - 1,
					    env->cmdline_argv + 1);
	return placer;
}

/* Settings may have changed since the last sample. */
static void read_notes(struct placer *placer, const struct evlist *evlist)
{
	while (placer->nr_notes < evlist->nr_notes)
		damon_history__read(&placer->history, evlist->notes[placer->nr_notes++]);
}

static void add_map(struct place *place, const struct damon_region *region, struct map *map)
{
	u64 start = max(region->start, map__start(map));
	u64 bytes = min(region->end, map__end(map)) - start;

	place->bytes += bytes;
	if (bytes <= place->most)
		return;
	place->most = bytes;
	place->address = start;
}

struct search {
	u64		address;
	struct map	*map;
};

static int find_first(struct map *map, void *data)
{
	struct search *search = data;

	if (map__end(map) <= search->address)
		return 0;
	search->map = map__get(map);
	return 1;
}

/* The map that has an address, or the next one behind it, or NULL. */
static struct map *find_map(struct maps *maps, u64 address)
{
	struct search search = { .address = address, .map = maps__find(maps, address) };

	if (!search.map)
		maps__for_each_map(maps, find_first, &search);
	return search.map;
}

/* Regions extend across gaps between mappings: only what is mapped has heat. */
static void add_maps(struct place *place, const struct damon_region *region, struct maps *maps)
{
	struct map *map = find_map(maps, region->start), *next;

	for (; map && map__start(map) < region->end; map = next) {
		add_map(place, region, map);
		next = maps__find_next_entry(maps, map);
		map__put(map);
	}
	map__put(map);
}

/*
 * Where no mappings are known, as of physical memory, or of a process of which the record does not
 * tell, each GiB is one.
 */
static void add_block(struct thread *kdamond, struct machine *machine, u64 address)
{
	struct maps *maps = thread__maps(kdamond);
	u64 start = address & ~(u64)(SZ_1G - 1), end = start + SZ_1G ?: -1ULL;
	struct map *map = maps__find(maps, address);
	struct dso *dso = NULL;
	char name[64];

	/* Older records have no name of it. */
	if (!thread__comm_set(kdamond))
		thread__set_comm(kdamond, "kdamond", 0);
	if (!map) {
		scnprintf(name, sizeof(name), "[0x%llx-0x%llx]", (unsigned long long)start,
			  (unsigned long long)end);
		dso = machine__findnew_dso(machine, name);
	}
	if (dso) {
		dso__set_loaded(dso);
		map = map__new2(start, dso);
	}
	if (dso && map) {
		map__set_end(map, end);
		maps__fixup_overlap_and_insert(maps, map);
	}
	dso__put(dso);
	map__put(map);
}

/* Place a region in the memory of a process; if that is not known, in a block of the kdamond. */
static struct place find_place(const struct damon_region *region, struct machine *machine,
			       struct perf_sample *sample, pid_t pid)
{
	struct place place = { .address = region->start };
	struct thread *thread;

	if (pid) {
		sample->pid = pid;
		sample->tid = pid;
	}
	thread = machine__findnew_thread(machine, sample->pid, sample->tid);
	if (thread && pid)
		add_maps(&place, region, thread__maps(thread));
	else if (thread)
		add_block(thread, machine, region->start);
	thread__put(thread);
	if (!place.bytes)
		place.bytes = region->end - region->start;
	return place;
}

/**
 * damon_hists__place - let a sample count where it has found heat
 * @sample: the sample; its process, address and period are changed if it is DAMON's
 * @evsel: its event, NULL: none
 * @machine: perf's machine, with threads and their maps
 *
 * An event counts as a whole for the mapping that has most of its region.
 *
 * Return: true if the sample was changed.
 */
bool damon_hists__place(struct perf_sample *sample, struct evsel *evsel, struct machine *machine)
{
	struct placer *placer;
	struct damon_event event;
	struct place place;
	pid_t pid;

	if (!evsel || !(damon_event__is_of(evsel) || damon_event__is_of_scheme(evsel)))
		return false;
	placer = evsel->priv ?: new_placer(evsel);
	if (!placer || !placer->is_usable ||
	    !damon_event__parse(&event, &placer->format, sample))
		return false;
	read_notes(placer, evsel->evlist);
	if (!placer->history.first_kdamond)
		placer->history.first_kdamond = event.kdamond;
	pid = damon_history__find_pid(&placer->history, event.kdamond, event.time, event.target_id);
	place = find_place(&event.region, machine, sample, pid);
	sample->cpumode = PERF_RECORD_MISC_USER;
	sample->ip = place.address;
	sample->addr = place.address;
	sample->period = DIV_ROUND_UP(place.bytes, HEAT_UNIT);
	if (!damon_event__is_of_scheme(evsel))
		sample->period *= event.region.nr_accesses;
	return true;
}
