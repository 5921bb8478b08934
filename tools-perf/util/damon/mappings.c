// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of processes at the time of a snapshot, from perf's maps. Names are those of perf's
 * DSOs. perf has one DSO for all anonymous memory: .bss, heap and others are told apart here.
 */
#include "array.h"
#include "errors.h"
#include "mappings.h"
#include "output.h"
#include "util/debug.h"
#include "util/dso.h"
#include "util/machine.h"
#include "util/map.h"
#include "util/maps.h"
#include "util/symbol.h"
#include "util/thread.h"
#include "util/vdso.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* Maximum distance from the program to the start of the heap, which the kernel randomizes. */
#define MAX_BRK_GAP	(2ULL << 30)

static size_t hash_owner(long key, void *ctx)
{
	const struct damon_layout *layout = ctx;

	return str_hash(layout->owner[key].name) * 31 + str_hash(layout->owner[key].symbol);
}

static bool same_owner(long key1, long key2, void *ctx)
{
	const struct damon_layout *layout = ctx;
	const struct damon_owner *a = &layout->owner[key1], *b = &layout->owner[key2];

	return !strcmp(a->name, b->name) && !strcmp(a->symbol, b->symbol);
}

/* Copies the names only if they are new. */
static int findnew_owner(struct damon_layout *layout, const char *name, const char *symbol)
{
	long number, last = layout->nr_owners;
	struct damon_owner *owner;

	if (layout->nr_owners == layout->owner_capacity &&
	    damon_array__grow(&layout->owner, &layout->owner_capacity))
		return -ENOMEM;
	owner = &layout->owner[last];
	*owner = (struct damon_owner){ (char *)name, (char *)symbol };
	if (hashmap__find(&layout->numbers, last, &number))
		return number;
	owner->name = strdup(name);
	owner->symbol = strdup(symbol);
	if (owner->name && owner->symbol && !hashmap__add(&layout->numbers, last, last)) {
		layout->nr_owners++;
		return last;
	}
	free(owner->name);
	free(owner->symbol);
	return -ENOMEM;
}

static size_t hash_pid(long pid, void *ctx __maybe_unused)
{
	return pid;
}

static bool same_pid(long a, long b, void *ctx __maybe_unused)
{
	return a == b;
}

static void delete_layout(struct damon_layout *layout)
{
	size_t i;

	for (i = 0; i < layout->nr_owners; i++) {
		free(layout->owner[i].name);
		free(layout->owner[i].symbol);
	}
	hashmap__clear(&layout->numbers);
	free(layout->owner);
	free(layout->mapping);
	free(layout);
}

static struct damon_layout *findnew_layout(struct damon_mappings *mappings, pid_t pid)
{
	struct damon_layout *layout;

	if (hashmap__find(&mappings->by_pid, pid, &layout))
		return layout;
	layout = zalloc(sizeof(*layout));
	if (!layout)
		return NULL;
	layout->stale = true;
	hashmap__init(&layout->numbers, hash_owner, same_owner, layout);
	if (!findnew_owner(layout, "[unmapped]", "") &&
	    !hashmap__add(&mappings->by_pid, pid, layout))
		return layout;
	delete_layout(layout);
	return NULL;
}

/**
 * damon_mappings__init - make mappings of no process
 * @mappings: the mappings
 */
void damon_mappings__init(struct damon_mappings *mappings)
{
	memset(mappings, 0, sizeof(*mappings));
	hashmap__init(&mappings->by_pid, hash_pid, same_pid, NULL);
}

/**
 * damon_mappings__exit - free everything
 * @mappings: the mappings
 */
void damon_mappings__exit(struct damon_mappings *mappings)
{
	struct hashmap *by_pid = &mappings->by_pid;
	struct hashmap_entry *entry;
	size_t bucket;

	hashmap__for_each_entry(by_pid, entry, bucket)
		delete_layout(entry->pvalue);
	hashmap__clear(by_pid);
}

/**
 * damon_mappings__change - note that the maps of a process have changed
 * @mappings: the mappings
 * @pid: the process
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_mappings__change(struct damon_mappings *mappings, pid_t pid)
{
	struct damon_layout *layout = findnew_layout(mappings, pid);

	if (!layout)
		return damon_out_of_memory();
	layout->stale = true;
	return 0;
}

static bool any_map(struct map *map __maybe_unused, void *data __maybe_unused)
{
	return true;
}

/**
 * damon_mappings__exec - note that a process has called exec()
 * @mappings: the mappings
 * @machine: perf's machine, whose old maps are removed: perf would keep them
 * @pid: the process
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_mappings__exec(struct damon_mappings *mappings, struct machine *machine, pid_t pid)
{
	struct thread *thread = machine__find_thread(machine, pid, pid);

	if (thread && thread__maps(thread))
		maps__remove_maps(thread__maps(thread), any_map, NULL);
	thread__put(thread);
	return damon_mappings__change(mappings, pid);
}

/**
 * struct walk - a walk over all maps of a process, by address
 * @layout: the layout to add them to
 * @maps: the maps
 * @symbols: add the variables of files
 * @name: name of the latest map's owner
 * @owner: the owner: most maps belong to the same one as the map before
 * @program: the first file that is mapped
 * @program_end: end of its last map
 * @file: the latest file
 * @file_map: its latest map if that is writable, and thus has its variables, else NULL
 * @file_end: end of its latest map
 * @heap_found: a heap was found, by its name or by its position
 */
struct walk {
	struct damon_layout	*layout;
	struct maps		*maps;
	bool			symbols;
	const char		*name;
	int			owner;
	struct dso		*program;
	u64			program_end;
	struct dso		*file;
	struct map		*file_map;
	u64			file_end;
	bool			heap_found;
};

/* Several maps of one owner side by side are one mapping. */
static int add_mapping(struct walk *walk, u64 start, u64 end, const char *name,
		       const char *symbol)
{
	struct damon_layout *layout = walk->layout;
	struct damon_mapping *last = layout->nr ? &layout->mapping[layout->nr - 1] : NULL;

	if (name != walk->name || *symbol) {
		walk->owner = findnew_owner(layout, name, symbol);
		walk->name = *symbol ? NULL : name;
	}
	if (walk->owner < 0)
		return walk->owner;
	if (last && last->end == start && (int)last->owner == walk->owner) {
		last->end = end;
		return 0;
	}
	if (layout->nr == layout->capacity &&
	    damon_array__grow(&layout->mapping, &layout->capacity))
		return -ENOMEM;
	layout->mapping[layout->nr++] = (struct damon_mapping){ start, end, walk->owner };
	return 0;
}

static bool is_program(const struct walk *walk, const struct dso *dso)
{
	return RC_CHK_EQUAL(dso, walk->program);
}

/*
 * The kernel does not tell what anonymous memory is used for. Directly behind the writable map of a
 * file is its .bss. The first other map behind the program is taken for the heap.
 */
static const char *name_anonymous(struct walk *walk, const struct map *map)
{
	u64 start = map__start(map);

	if (walk->file_map && start == walk->file_end)
		return dso__long_name(walk->file);
	if (!walk->heap_found && walk->program && is_program(walk, walk->file) &&
	    start - walk->program_end < MAX_BRK_GAP) {
		walk->heap_found = true;
		return "[heap]";
	}
	return "[anon]";
}

static bool is_here(const struct dso *dso)
{
	char path[PATH_MAX];

	__symbol__join_symfs(path, sizeof(path), dso__long_name(dso));
	return !access(path, F_OK);
}

/* Why perf found no symbols. It sets no error if the file is stripped or not found. */
static const char *why_no_symbols(struct dso *dso, char *buf, size_t size)
{
	switch ((int)*dso__load_errno(dso)) {
	case 0:
		if (is_here(dso))
			return "it has none (stripped?): install its debug symbols";
		return *symbol_conf.symfs ? "it is not below --symfs" :
					    "it is not here: --symfs tells where it is";
	case DSO_LOAD_ERRNO__MISMATCHING_BUILDID:
		/* The addresses of its variables may have changed. */
		return "it has changed since it was recorded";
	default:
		dso__strerror_load(dso, buf, size);
		return buf;
	}
}

static int is_code_of(struct map *map, void *data)
{
	const struct dso *dso = data;

	return RC_CHK_EQUAL(map__dso(map), dso) && map__prot(map) & PROT_EXEC;
}

/* Data files have no build ID and are not executable: they need no symbols. */
static bool is_binary(const struct walk *walk, struct dso *dso)
{
	return dso__has_build_id(dso) || maps__for_each_map(walk->maps, is_code_of, dso);
}

/* perf tries to load the symbols of a file only once, so there is only one warning for each. */
static void load_symbols(const struct walk *walk, struct map *map)
{
	struct dso *dso = map__dso(map);
	char *name, buf[128];

	if (dso__load(dso, map) >= 0 || !is_binary(walk, dso))
		return;
	name = damon_output__printable(dso__long_name(dso));
	if (name)
		pr_warning("no symbols of %s: %s\n", name,
			   why_no_symbols(dso, buf, sizeof(buf)));
	free(name);
}

/* Add the variables of a file from @start to @end, which may be beyond @map (.bss). */
static int add_symbols(struct walk *walk, struct map *map, u64 start, u64 end)
{
	struct dso *dso = map__dso(map);
	const char *name = dso__long_name(dso);
	struct symbol *symbol;
	int err = 0;

	load_symbols(walk, map);
	for (symbol = dso__first_symbol(dso); symbol && !err; symbol = dso__next_symbol(symbol)) {
		u64 first = max(map__unmap_ip(map, symbol->start), start);
		u64 last = min(map__unmap_ip(map, symbol->end), end);

		if (first >= last)
			continue;
		if (first > start)
			err = add_mapping(walk, start, first, name, "");
		if (!err)
			err = add_mapping(walk, first, last, name, symbol->name);
		start = last;
	}
	if (!err && start < end)
		err = add_mapping(walk, start, end, name, "");
	return err;
}

static void remember_file(struct walk *walk, struct map *map)
{
	struct dso *dso = map__dso(map);

	if (!walk->program)
		walk->program = dso;
	if (is_program(walk, dso))
		walk->program_end = map__end(map);
	walk->file = dso;
	walk->file_map = map__prot(map) & PROT_WRITE ? map : NULL;
	walk->file_end = map__end(map);
}

static int add_map(struct map *map, void *data)
{
	struct walk *walk = data;
	struct dso *dso = map__dso(map);
	const char *name = dso__is_vdso(dso) ? "[vdso]" : dso__long_name(dso);
	u64 start = map__start(map), end = map__end(map);

	if (is_anon_memory(name)) {
		struct map *file_map = walk->file_map;

		name = name_anonymous(walk, map);
		if (walk->symbols && file_map && start == walk->file_end)
			return add_symbols(walk, file_map, start, end);
		return add_mapping(walk, start, end, name, "");
	}
	if (!strcmp(name, "[heap]"))
		walk->heap_found = true;
	if (*name == '[' || is_no_dso_memory(name))
		return add_mapping(walk, start, end, name, "");
	remember_file(walk, map);
	if (walk->symbols && !(map__prot(map) & PROT_EXEC))
		return add_symbols(walk, map, start, end);
	return add_mapping(walk, start, end, name, "");
}

static int read_maps(struct damon_layout *layout, struct machine *machine, pid_t pid, bool symbols)
{
	struct walk walk = { .layout = layout, .symbols = symbols };
	struct thread *thread = pid ? machine__find_thread(machine, pid, pid) : NULL;
	int err = 0;

	layout->nr = 0;
	walk.maps = thread ? thread__maps(thread) : NULL;
	if (walk.maps)
		err = maps__for_each_map(walk.maps, add_map, &walk);
	thread__put(thread);
	layout->stale = err;
	return err;
}

/**
 * damon_mappings__layout - get what is mapped in a process now
 * @mappings: the mappings
 * @machine: perf's machine that has the process
 * @pid: the process
 *
 * Return: the layout, valid until the next call for this process, or NULL after printing an error.
 * Its owners stay, with the same numbers.
 */
const struct damon_layout *damon_mappings__layout(struct damon_mappings *mappings,
						  struct machine *machine, pid_t pid)
{
	struct damon_layout *layout = findnew_layout(mappings, pid);

	if (layout && (!layout->stale || !read_maps(layout, machine, pid, mappings->symbols)))
		return layout;
	damon_out_of_memory();
	return NULL;
}

/**
 * damon_layout__find - find the first mapping that ends above an address
 * @layout: the layout
 * @address: the address
 *
 * Return: its index, the number of mappings if there is none.
 */
size_t damon_layout__find(const struct damon_layout *layout, u64 address)
{
	size_t low = 0, high = layout->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (layout->mapping[mid].end <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
