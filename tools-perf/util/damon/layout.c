// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of a process at the time of a snapshot, from perf's maps. Names are those of perf's
 * DSOs. perf has one DSO for all anonymous memory: .bss, heap and others are told apart here.
 */
#include "array.h"
#include "layout.h"
#include "output.h"
#include "util/debug.h"
#include "util/dso.h"
#include "util/dsos.h"
#include "util/event.h"
#include "util/hashmap.h"
#include "util/machine.h"
#include "util/map.h"
#include "util/maps.h"
#include "util/symbol.h"
#include "util/thread.h"
#include "util/tool.h"
#include "util/vdso.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

/* Maximum distance from the program to the start of the heap, which the kernel randomizes. */
#define MAX_BRK_GAP	(2ULL << 30)

/* Number of events that change mappings, of any process: most are before the first snapshot. */
static u64 generation;

/* Kernel mappings do not belong to a process. */
static int process_mmap(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	if (sample->cpumode != PERF_RECORD_MISC_USER)
		return 0;
	generation++;
	return perf_event__process_mmap(tool, event, sample, machine);
}

static int process_mmap2(const struct perf_tool *tool, union perf_event *event,
			 struct perf_sample *sample, struct machine *machine)
{
	if (sample->cpumode != PERF_RECORD_MISC_USER)
		return 0;
	generation++;
	return perf_event__process_mmap2(tool, event, sample, machine);
}

static bool any_map(struct map *map __maybe_unused, void *data __maybe_unused)
{
	return true;
}

/* On exec(), remove the old mappings, which perf would keep. */
static int process_comm(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	struct thread *thread;
	int err;

	err = perf_event__process_comm(tool, event, sample, machine);
	if (err || !(event->header.misc & PERF_RECORD_MISC_COMM_EXEC))
		return err;
	thread = machine__find_thread(machine, event->comm.pid, event->comm.tid);
	if (thread && thread__maps(thread))
		maps__remove_maps(thread__maps(thread), any_map, NULL);
	thread__put(thread);
	generation++;
	return 0;
}

/**
 * damon_layout__watch - let perf track the mappings of processes
 * @tool: the tool that reads the events
 */
void damon_layout__watch(struct perf_tool *tool)
{
	tool->mmap = process_mmap;
	tool->mmap2 = process_mmap2;
	tool->comm = process_comm;
}

static size_t hash_owner(long key, void *ctx __maybe_unused)
{
	const struct damon_owner *owner = (void *)key;

	return str_hash(owner->name) * 31 + str_hash(owner->symbol);
}

static bool same_owner(long key1, long key2, void *ctx __maybe_unused)
{
	const struct damon_owner *a = (void *)key1, *b = (void *)key2;

	return !strcmp(a->name, b->name) && !strcmp(a->symbol, b->symbol);
}

static void delete_owner(struct damon_owner *owner)
{
	if (!owner)
		return;
	free(owner->name);
	free(owner->symbol);
	free(owner);
}

static struct damon_owner *new_owner(const char *name, const char *symbol)
{
	struct damon_owner *owner = zalloc(sizeof(*owner));

	if (!owner)
		return NULL;
	owner->name = damon_output__printable(name);
	owner->symbol = damon_output__printable(symbol);
	if (owner->name && owner->symbol)
		return owner;
	delete_owner(owner);
	return NULL;
}

/* Returns the index of the owner. */
static int add_owner(struct damon_layout *layout, struct damon_owner *owner)
{
	struct damon_owner **owners;

	owners = reallocarray(layout->owner, layout->nr_owners + 1, sizeof(*owners));
	if (!owners)
		return -ENOMEM;
	layout->owner = owners;
	if (hashmap__add(layout->numbers, owner, (long)layout->nr_owners))
		return -ENOMEM;
	owners[layout->nr_owners] = owner;
	return layout->nr_owners++;
}

static int findnew_owner(struct damon_layout *layout, const char *name, const char *symbol)
{
	struct damon_owner *owner = new_owner(name, symbol);
	long number;

	if (!owner)
		return -ENOMEM;
	if (!hashmap__find(layout->numbers, owner, &number))
		number = add_owner(layout, owner);
	if (number < 0 || layout->owner[number] != owner)
		delete_owner(owner);
	return number;
}

/**
 * damon_layout__init - make an empty layout
 * @layout: the layout
 * @symbols: each variable is an owner of its own
 *
 * Return: 0 or -ENOMEM.
 */
int damon_layout__init(struct damon_layout *layout, bool symbols)
{
	memset(layout, 0, sizeof(*layout));
	layout->symbols = symbols;
	layout->generation = -1ULL;
	layout->numbers = hashmap__new(hash_owner, same_owner, NULL);
	if (IS_ERR(layout->numbers)) {
		layout->numbers = NULL;
		return -ENOMEM;
	}
	return min(0, findnew_owner(layout, "[unmapped]", ""));
}

/**
 * damon_layout__exit - free everything
 * @layout: the layout
 */
void damon_layout__exit(struct damon_layout *layout)
{
	size_t i;

	hashmap__free(layout->numbers);
	layout->numbers = NULL;
	for (i = 0; i < layout->nr_owners; i++)
		delete_owner(layout->owner[i]);
	zfree(&layout->owner);
	zfree(&layout->mapping);
	layout->nr = 0;
	layout->nr_owners = 0;
	layout->capacity = 0;
}

static int add_mapping(struct damon_layout *layout, u64 start, u64 end, const char *name,
		       const char *symbol)
{
	int owner = findnew_owner(layout, name, symbol);

	if (owner < 0)
		return owner;
	if (layout->nr == layout->capacity &&
	    damon_array__grow(&layout->mapping, &layout->capacity))
		return -ENOMEM;
	layout->mapping[layout->nr++] = (struct damon_mapping){ start, end, owner };
	return 0;
}

/**
 * struct walk - a walk over all maps of a process, by address
 * @layout: the layout to add them to
 * @maps: the maps
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
	struct dso		*program;
	u64			program_end;
	struct dso		*file;
	struct map		*file_map;
	u64			file_end;
	bool			heap_found;
};

static bool is_anonymous(const struct dso *dso)
{
	const char *name = dso__long_name(dso);

	return !strncmp(name, "//anon", 6) || !strncmp(name, "/dev/zero", 9);
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
static int add_symbols(const struct walk *walk, struct map *map, u64 start, u64 end)
{
	struct damon_layout *layout = walk->layout;
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
			err = add_mapping(layout, start, first, name, "");
		if (!err)
			err = add_mapping(layout, first, last, name, symbol->name);
		start = last;
	}
	if (!err && start < end)
		err = add_mapping(layout, start, end, name, "");
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
	struct damon_layout *layout = walk->layout;
	struct dso *dso = map__dso(map);
	const char *name = dso__is_vdso(dso) ? "[vdso]" : dso__long_name(dso);
	u64 start = map__start(map), end = map__end(map);

	if (is_anonymous(dso)) {
		struct map *file_map = walk->file_map;

		name = name_anonymous(walk, map);
		if (layout->symbols && file_map && start == walk->file_end)
			return add_symbols(walk, file_map, start, end);
		return add_mapping(layout, start, end, name, "");
	}
	if (!strcmp(name, "[heap]"))
		walk->heap_found = true;
	if (*name == '[')
		return add_mapping(layout, start, end, name, "");
	remember_file(walk, map);
	if (layout->symbols && !(map__prot(map) & PROT_EXEC))
		return add_symbols(walk, map, start, end);
	return add_mapping(layout, start, end, name, "");
}

/**
 * damon_layout__update - read the current mappings of a process
 * @layout: the layout
 * @machine: perf's machine that has the process
 * @pid: the process
 *
 * Return: 0 or a negative error number.
 */
int damon_layout__update(struct damon_layout *layout, struct machine *machine, pid_t pid)
{
	struct walk walk = { .layout = layout };
	struct thread *thread;
	int err = 0;

	if (layout->generation == generation)
		return 0;
	layout->generation = generation;
	layout->nr = 0;
	thread = pid ? machine__find_thread(machine, pid, pid) : NULL;
	walk.maps = thread ? thread__maps(thread) : NULL;
	if (walk.maps)
		err = maps__for_each_map(walk.maps, add_map, &walk);
	thread__put(thread);
	return err;
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
