// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of processes at the time of a snapshot. Names are those of perf's DSOs. perf has one
 * DSO for all anonymous memory: .bss, heap and others are told apart here.
 *
 * perf's maps are those of the moment up to which a record is read. mremap() has no event: what
 * it has moved or grown becomes known later, when mappings are written again. So a first pass over
 * a record collects what is ever known to be mapped. It counts for earlier snapshots, too, where
 * nothing else was known.
 */
#include "../array.h"
#include "../errors.h"
#include "mappings.h"
#include "../name.h"
#include "util/debug.h"
#include "util/dso.h"
#include "util/intlist.h"
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

/**
 * struct image - what is ever mapped in a process, until it calls exec()
 * @until: the time of exec(), -1: never
 * @room: the array that has the mappings in its middle
 * @capacity: how many there is room for
 * @known: the mappings, by address, each as it was first known
 * @nr: how many there are
 * @program: a map of the program: the first one that is executable
 * @heap_start: start of what perf's records call the heap
 * @heap_end: its end, 0: it has no name in them
 */
struct image {
	u64			until;
	struct damon_mapping	*room;
	size_t			capacity;
	struct damon_mapping	*known;
	size_t			nr;
	struct map		*program;
	u64			heap_start;
	u64			heap_end;
};

/**
 * struct space - the address space of a process
 * @layout: what is mapped now
 * @read: the image that it was read with, NULL: its maps have changed since
 * @image: the images: one more for each exec()
 * @nr: how many there are
 */
struct space {
	struct damon_layout	layout;
	const struct image	*read;
	struct image		*image;
	size_t			nr;
};

static int add_image(struct space *space)
{
	struct image *image = reallocarray(space->image, space->nr + 1, sizeof(*image));

	if (!image)
		return -ENOMEM;
	space->image = image;
	image[space->nr++] = (struct image){ .until = -1ULL };
	return 0;
}

static void delete_space(struct space *space)
{
	struct damon_layout *layout = &space->layout;
	size_t i, j;

	for (i = 0; i < space->nr; i++) {
		struct image *image = &space->image[i];

		for (j = 0; j < image->nr; j++)
			map__put(image->known[j].map);
		map__put(image->program);
		free(image->room);
	}
	for (i = 0; i < layout->nr_owners; i++) {
		free(layout->owner[i].name);
		free(layout->owner[i].symbol);
	}
	hashmap__clear(&layout->numbers);
	free(layout->owner);
	free(layout->mapping);
	free(space->image);
	free(space);
}

static struct space *find_space(const struct damon_mappings *mappings, pid_t pid)
{
	struct int_node *node = mappings->spaces ? intlist__find(mappings->spaces, pid) : NULL;

	return node ? node->priv : NULL;
}

static struct space *findnew_space(struct damon_mappings *mappings, pid_t pid)
{
	struct int_node *node;
	struct space *space;

	if (!mappings->spaces)
		mappings->spaces = intlist__new(NULL);
	node = mappings->spaces ? intlist__findnew(mappings->spaces, pid) : NULL;
	if (!node || node->priv)
		return node ? node->priv : NULL;
	space = zalloc(sizeof(*space));
	if (!space)
		return NULL;
	hashmap__init(&space->layout.numbers, hash_owner, same_owner, &space->layout);
	if (findnew_owner(&space->layout, "[unknown]", "") || add_image(space)) {
		delete_space(space);
		return NULL;
	}
	node->priv = space;
	return space;
}

/**
 * damon_mappings__exit - free everything
 * @mappings: the mappings
 */
void damon_mappings__exit(struct damon_mappings *mappings)
{
	struct int_node *node = mappings->spaces ? intlist__first(mappings->spaces) : NULL;

	for (; node; node = intlist__next(node)) {
		if (node->priv)
			delete_space(node->priv);
	}
	intlist__delete(mappings->spaces);
	mappings->spaces = NULL;
	zfree(&mappings->cut.regions);
}

static const char *map_name(struct map *map)
{
	struct dso *dso = map__dso(map);

	return dso__is_vdso(dso) ? "[vdso]" : dso__long_name(dso);
}

static bool is_file(const char *name)
{
	return *name != '[' && !is_anon_memory(name) && !is_no_dso_memory(name);
}

/* Move the mappings into the middle of a greater array. */
static int grow_known(struct image *image)
{
	size_t capacity = max_t(size_t, DAMON_MIN_CAPACITY, 2 * image->capacity);
	struct damon_mapping *room = calloc(capacity, sizeof(*room));
	struct damon_mapping *known = room + (capacity - image->nr) / 2;

	if (!room)
		return -ENOMEM;
	if (image->nr)
		memcpy(known, image->known, image->nr * sizeof(*known));
	free(image->room);
	image->room = room;
	image->capacity = capacity;
	image->known = known;
	return 0;
}

/*
 * Make room for mapping @i. Those below or those above are moved, whichever are fewer: the kernel
 * maps files and memory from the top down, so all but a few are above.
 */
static int insert_known(struct image *image, size_t i)
{
	bool is_low = i < image->nr / 2;
	size_t below = image->known - image->room;
	size_t above = image->capacity - image->nr - below;

	if (!(is_low ? below : above) && grow_known(image))
		return -ENOMEM;
	if (is_low) {
		memmove(image->known - 1, image->known, i * sizeof(*image->known));
		image->known--;
	} else {
		memmove(&image->known[i + 1], &image->known[i],
			(image->nr - i) * sizeof(*image->known));
	}
	image->nr++;
	return 0;
}

/* Add the parts of a map where nothing was known so far. */
static int add_known(struct image *image, struct map *map)
{
	u64 start = map__start(map), end;
	size_t i = damon_array__count_until(image->known, image->nr, end, start);

	for (; start < map__end(map); start = image->known[i++].end) {
		end = map__end(map);
		if (i < image->nr)
			end = min(end, image->known[i].start);
		if (start >= end)
			continue;
		if (insert_known(image, i))
			return -ENOMEM;
		image->known[i] = (struct damon_mapping){
			.start = start, .end = end, .map = map__get(map),
		};
	}
	return 0;
}

/* The kernel maps the program before anything else that is executable. */
static void learn_names(struct image *image, struct map *map)
{
	const char *name = map_name(map);

	if (!image->program && map__prot(map) & PROT_EXEC && is_file(name))
		image->program = map__get(map);
	if (strcmp(name, "[heap]"))
		return;
	if (!image->heap_end || map__start(map) < image->heap_start)
		image->heap_start = map__start(map);
	image->heap_end = max(image->heap_end, map__end(map));
}

/**
 * damon_mappings__add - note that perf has got to know a map of a process
 * @mappings: the mappings
 * @machine: perf's machine, which has the map
 * @pid: the process
 * @start: start address of the map
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_mappings__add(struct damon_mappings *mappings, struct machine *machine, pid_t pid,
			u64 start)
{
	struct space *space = findnew_space(mappings, pid);
	struct thread *thread;
	struct map *map;
	int err = 0;

	if (!space)
		return damon_out_of_memory();
	space->read = NULL;
	if (mappings->complete)
		return 0;
	thread = machine__find_thread(machine, pid, pid);
	map = thread ? maps__find(thread__maps(thread), start) : NULL;
	if (map) {
		learn_names(&space->image[space->nr - 1], map);
		err = add_known(&space->image[space->nr - 1], map);
	}
	map__put(map);
	thread__put(thread);
	return err ? damon_out_of_memory() : 0;
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
 * @time: when it was
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_mappings__exec(struct damon_mappings *mappings, struct machine *machine, pid_t pid,
			 u64 time)
{
	struct thread *thread = machine__find_thread(machine, pid, pid);
	struct space *space = findnew_space(mappings, pid);

	if (thread && thread__maps(thread))
		maps__remove_maps(thread__maps(thread), any_map, NULL);
	thread__put(thread);
	if (!space)
		return damon_out_of_memory();
	space->read = NULL;
	if (mappings->complete)
		return 0;
	space->image[space->nr - 1].until = time;
	return add_image(space) ? damon_out_of_memory() : 0;
}

/**
 * struct walk - a walk over all maps of a process, by address
 * @layout: the layout to add them to
 * @maps: the maps of now
 * @image: what is ever mapped
 * @symbols: add the variables of files
 * @at: end of the latest map
 * @next: the first mapping of the image that may be behind @at
 * @file: the latest map of a file
 * @file_end: its end
 * @has_heap: a heap was found behind it
 */
struct walk {
	struct damon_layout	*layout;
	struct maps		*maps;
	const struct image	*image;
	bool			symbols;
	u64			at;
	size_t			next;
	struct map		*file;
	u64			file_end;
	bool			has_heap;
};

/* Mostly, neighbours have the same owner. */
static int find_owner(struct damon_layout *layout, const struct damon_mapping *last,
		      const char *name, const char *symbol)
{
	const struct damon_owner *owner = last ? &layout->owner[last->owner] : NULL;

	if (owner && !strcmp(owner->name, name) && !strcmp(owner->symbol, symbol))
		return last->owner;
	return findnew_owner(layout, name, symbol);
}

/* Several maps of one owner side by side are one mapping. */
static int add_mapping(struct walk *walk, u64 start, u64 end, const char *name,
		       const char *symbol)
{
	struct damon_layout *layout = walk->layout;
	struct damon_mapping *last = layout->nr ? &layout->mapping[layout->nr - 1] : NULL;
	int owner;

	if (start >= end)
		return 0;
	owner = find_owner(layout, last, name, symbol);
	if (owner < 0)
		return owner;
	if (last && last->end == start && (int)last->owner == owner) {
		last->end = end;
		return 0;
	}
	if (layout->nr == layout->capacity &&
	    damon_array__grow(&layout->mapping, &layout->capacity))
		return -ENOMEM;
	layout->mapping[layout->nr++] = (struct damon_mapping){
		.start = start, .end = end, .owner = owner,
	};
	return 0;
}

/* Directly behind the writable map of a file is its .bss. */
static bool is_bss(const struct walk *walk, u64 start)
{
	return walk->file && map__prot(walk->file) & PROT_WRITE && start == walk->file_end;
}

static bool is_behind_program(const struct walk *walk, u64 start)
{
	const struct image *image = walk->image;

	return walk->file && image->program &&
	       !strcmp(map_name(walk->file), map_name(image->program)) &&
	       start - walk->file_end < MAX_BRK_GAP;
}

/*
 * The kernel does not tell what anonymous memory is used for, and names the heap only once it has
 * grown. If it has no name in the whole record, the first other map behind the program is taken for
 * it.
 */
static const char *name_anonymous(struct walk *walk, u64 start, u64 end)
{
	const struct image *image = walk->image;

	if (is_bss(walk, start))
		return map_name(walk->file);
	if (image->heap_end)
		return start < image->heap_end && end > image->heap_start ? "[heap]" : "[anon]";
	if (walk->has_heap || !is_behind_program(walk, start))
		return "[anon]";
	walk->has_heap = true;
	return "[heap]";
}

/* Why perf found no symbols. It sets no error if the file is stripped or not found. */
static const char *why_no_symbols(struct dso *dso, char *buf, size_t size)
{
	switch ((int)*dso__load_errno(dso)) {
	case 0:
		__symbol__join_symfs(buf, size, dso__long_name(dso));
		if (!access(buf, F_OK))
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
	char *name, buf[PATH_MAX];

	if (dso__load(dso, map) >= 0 || !is_binary(walk, dso))
		return;
	name = damon_name__printable(dso__long_name(dso));
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
		err = add_mapping(walk, start, first, name, "") ?:
		      add_mapping(walk, first, last, name, symbol->name);
		start = last;
	}
	return err ?: add_mapping(walk, start, end, name, "");
}

/* Add a part of a map. */
static int add_part(struct walk *walk, struct map *map, u64 start, u64 end, bool symbols)
{
	const char *name = map_name(map);

	if (is_anon_memory(name)) {
		if (symbols && is_bss(walk, start))
			return add_symbols(walk, walk->file, start, end);
		return add_mapping(walk, start, end, name_anonymous(walk, start, end), "");
	}
	if (!is_file(name))
		return add_mapping(walk, start, end, name, "");
	walk->file = map;
	walk->file_end = end;
	walk->has_heap = false;
	if (symbols && !(map__prot(map) & PROT_EXEC))
		return add_symbols(walk, map, start, end);
	return add_mapping(walk, start, end, name, "");
}

/*
 * Between two maps, add what was known only later. Without symbols: perf reads them once for each
 * file of a pass, and these maps are from another one.
 */
static int add_gap(struct walk *walk, u64 end)
{
	const struct image *image = walk->image;
	size_t i;
	int err = 0;

	while (walk->next < image->nr && image->known[walk->next].end <= walk->at)
		walk->next++;
	for (i = walk->next; !err && i < image->nr; i++) {
		const struct damon_mapping *known = &image->known[i];
		u64 start = max(known->start, walk->at);

		if (start >= end)
			break;
		err = add_part(walk, known->map, start, min(known->end, end), false);
	}
	return err;
}

static int add_map(struct map *map, void *data)
{
	struct walk *walk = data;
	int err = add_gap(walk, map__start(map));

	walk->at = map__end(map);
	return err ?: add_part(walk, map, map__start(map), map__end(map), walk->symbols);
}

static int read_maps(struct space *space, struct machine *machine, pid_t pid,
		     const struct image *image, bool symbols)
{
	struct walk walk = { .layout = &space->layout, .image = image, .symbols = symbols };
	struct thread *thread = pid ? machine__find_thread(machine, pid, pid) : NULL;
	int err = 0;

	space->layout.nr = 0;
	walk.maps = thread ? thread__maps(thread) : NULL;
	if (walk.maps)
		err = maps__for_each_map(walk.maps, add_map, &walk);
	err = err ?: add_gap(&walk, -1ULL);
	thread__put(thread);
	space->read = err ? NULL : image;
	return err;
}

/* The image at a time. */
static const struct image *find_image(const struct space *space, u64 time)
{
	const struct image *image = space->image;

	while (image->until <= time && image < &space->image[space->nr - 1])
		image++;
	return image;
}

/**
 * damon_mappings__layout - get what is mapped in a process now
 * @mappings: the mappings
 * @machine: perf's machine, with the maps of now
 * @pid: the process
 * @time: the time
 *
 * Return: the layout, valid until the next call for this process, or NULL after printing an error.
 * Its owners stay, with the same numbers.
 */
const struct damon_layout *damon_mappings__layout(struct damon_mappings *mappings,
						  struct machine *machine, pid_t pid, u64 time)
{
	struct space *space = findnew_space(mappings, pid);
	const struct image *image = space ? find_image(space, time) : NULL;

	if (space && (space->read == image ||
		      !read_maps(space, machine, pid, image, mappings->symbols)))
		return &space->layout;
	damon_out_of_memory();
	return NULL;
}

/**
 * damon_mappings__know - check whether any mapping of a process is known
 * @mappings: the mappings
 * @pid: the process, 0: unknown
 *
 * Return: true if so.
 */
bool damon_mappings__know(const struct damon_mappings *mappings, pid_t pid)
{
	const struct space *space = find_space(mappings, pid);
	size_t i;

	for (i = 0; pid && space && i < space->nr; i++) {
		if (space->image[i].nr)
			return true;
	}
	return false;
}

static int add_region(struct damon_mappings *mappings, const struct damon_region *region, u64 start,
		      u64 end)
{
	struct damon_snapshot *cut = &mappings->cut;
	struct damon_region part = *region;

	if (cut->nr_regions == mappings->capacity &&
	    damon_array__grow(&cut->regions, &mappings->capacity))
		return -ENOMEM;
	part.start = start;
	part.end = end;
	cut->regions[cut->nr_regions++] = part;
	return 0;
}

/*
 * Add the mapped parts of a region, of which the first may be in mapping @i, or all of it if only
 * the record does not tell of them.
 */
static int cut_region(struct damon_mappings *mappings, const struct damon_region *region,
		      const struct image *image, size_t i)
{
	struct damon_snapshot *cut = &mappings->cut;
	size_t nr = cut->nr_regions;
	int err = 0;

	for (; i < image->nr && image->known[i].start < region->end && !err; i++) {
		u64 first = max(image->known[i].start, region->start);
		u64 last = min(image->known[i].end, region->end);

		if (cut->nr_regions > nr && cut->regions[cut->nr_regions - 1].end == first)
			cut->regions[cut->nr_regions - 1].end = last;
		else
			err = add_region(mappings, region, first, last);
	}
	if (cut->nr_regions == nr && region->nr_accesses)
		err = add_region(mappings, region, region->start, region->end);
	return err;
}

/**
 * damon_mappings__cut - cut a snapshot to what is ever mapped
 * @mappings: the mappings
 * @pid: the process, 0: unknown
 * @snapshot: the snapshot
 * @cut: set to the snapshot without unmapped memory, valid until the next call, or to @snapshot if
 *	 no mappings are known
 *
 * Regions extend across gaps between mappings, which may be larger than all that is mapped. But an
 * accessed region without any mapping stays: only the record does not tell what was mapped there.
 *
 * Return: 0 or -ENOMEM.
 */
int damon_mappings__cut(struct damon_mappings *mappings, pid_t pid,
			const struct damon_snapshot *snapshot, const struct damon_snapshot **cut)
{
	const struct space *space = find_space(mappings, pid);
	struct damon_region *regions = mappings->cut.regions;
	const struct image *image;
	size_t i, j = 0;
	int err = 0;

	*cut = snapshot;
	image = pid && space ? find_image(space, snapshot->since) : NULL;
	if (!image || !image->nr)
		return 0;
	mappings->cut = *snapshot;
	mappings->cut.regions = regions;
	mappings->cut.nr_regions = 0;
	if (snapshot->nr_regions)
		j = damon_array__count_until(image->known, image->nr, end,
					     snapshot->regions[0].start);
	for (i = 0; i < snapshot->nr_regions && !err; i++) {
		while (j < image->nr && image->known[j].end <= snapshot->regions[i].start)
			j++;
		err = cut_region(mappings, &snapshot->regions[i], image, j);
	}
	*cut = &mappings->cut;
	return err;
}
