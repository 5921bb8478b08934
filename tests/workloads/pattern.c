// SPDX-License-Identifier: GPL-2.0
/*
 * pattern - a generator of known truth: touches memory in a given pattern, and logs what it did
 *
 * Some places of the memory are hot, the rest is cold; in each phase other places are hot. The
 * log has, with times of CLOCK_MONOTONIC in nanoseconds:
 *
 *	page BYTES			bytes for each Accessed bit
 *	phase NUMBER START END SLOTS	times; slots that were served (0: without --rates)
 *	mapped START-END		memory that was mapped; one line a mapping
 *	hot START-END RATE TOUCHES	a hot place or, where mappings end, a part of one;
 *					how often each page was touched; RATE: see below
 *	busy START-END FROM TO SWEEPS	with --cycle: how often a place was swept in one turn
 *
 * "mapped", "hot" and "busy" belong to the "phase" before them.
 *
 * Time is divided into slots, by default as long as the monitor's default sampling interval.
 * RATE is the permille of the slots in which the place was touched. With --rates, this is as
 * planned. Without, places are swept over and over, as fast as possible; a large place may not
 * be swept in each slot. With --cycle, places take turns: each is swept for a part of the cycle,
 * at another time than the others, and RATE is an average over all phases of the slots.
 *
 * For footprints larger than the machine's memory, with --pool cold memory is a small file that
 * is mapped many times, and hot memory is another one. No folio is both hot and cold, since the
 * kernel keeps some of what it knows about accesses in the folio.
 */
#define _GNU_SOURCE
#include <err.h>
#include <getopt.h>
#include <linux/memfd.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "numbers.h"
#include "tlb.h"
#include "vm.h"

#define HUGE_PAGE	(2 * MIB)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define NSEC_PER_USEC	1000UL
#define NSEC_PER_MSEC	1000000UL
#define NSEC_PER_SEC	1000000000UL
#define MAX_RATES	64

/*
 * Mappings of hugetlb pages that cover whole GiBs share page tables, and so Accessed bits.
 * Mappings of a pool are smaller, so that they don't.
 */
#define MAX_CHUNK	(512 * MIB)

enum kind { ANON, THP, HUGETLB, SHARED };

static const char * const kind_names[] = {
	[ANON] = "anon", [THP] = "thp", [HUGETLB] = "hugetlb", [SHARED] = "file",
};

static struct {
	size_t size, hot, stride, pool, places, mappings, phases, seed, kind, nr_rates;
	size_t resize;			/* percent */
	size_t slot, cycle, busy;	/* us */
	size_t period;			/* ms */
	size_t cpu;			/* CPU_SETSIZE: any */
	unsigned int rates[MAX_RATES];	/* permille, of the places in turn */
	const char *log;
	size_t roam;			/* KiB each ms */
	bool still, untouched, tick, wait, vm, churn;
} o = {
	.size = 256 * MIB, .hot = 8 * MIB, .stride = SMALL_PAGE, .places = 1, .mappings = 1,
	.phases = 2, .resize = 100, .slot = 5000, .period = 5000, .cpu = CPU_SETSIZE,
};

/* The options, one a row */
enum type { SIZE, COUNT, RATES, KIND, TEXT, SWITCH };

static const struct {
	const char *name;
	enum type type;
	void *value;
	const char *help;
} options[] = {
	{ "size", SIZE, &o.size, "memory (256M)" },
	{ "hot", SIZE, &o.hot, "hot memory, all places together (8M)" },
	{ "stride", SIZE, &o.stride, "one touch in so many bytes of a hot place (4K)" },
	{ "places", COUNT, &o.places, "hot places (1)" },
	{ "rates", RATES, &o.rates, "percent of slots, of the places in turn: 100,50,25" },
	{ "slot", COUNT, &o.slot, "length of a slot in microseconds (5000)" },
	{ "cycle", COUNT, &o.cycle, "length of a cycle in microseconds (0: no turns)" },
	{ "busy", COUNT, &o.busy, "microseconds that a turn lasts" },
	{ "kind", KIND, &o.kind, "anon, thp, hugetlb or file (anon)" },
	{ "pool", SIZE, &o.pool, "real memory of what is cold, and of what is hot (all)" },
	{ "mappings", COUNT, &o.mappings, "mappings, with gaps between them (1)" },
	{ "resize", COUNT, &o.resize, "percent of memory there in every other phase (100)" },
	{ "phases", COUNT, &o.phases, "phases (2)" },
	{ "period", COUNT, &o.period, "length of a phase in milliseconds (5000)" },
	{ "still", SWITCH, &o.still, "hot places stay where they are" },
	{ "untouched", SWITCH, &o.untouched, "Accessed bits are clear before the first phase" },
	{ "vm", SWITCH, &o.vm, "a virtual machine does the touching" },
	{ "churn", SWITCH, &o.churn, "map, touch and unmap other memory after each sweep" },
	{ "roam", COUNT, &o.roam, "KiB of cold memory touched each ms (0)" },
	{ "seed", COUNT, &o.seed, "of the random places (0)" },
	{ "cpu", COUNT, &o.cpu, "to stay on (any)" },
	{ "tick", SWITCH, &o.tick, "wake another process on the CPU every ms: evicts the TLB" },
	{ "wait", SWITCH, &o.wait, "say 'ready' and 'done', wait for a line after each" },
	{ "log", TEXT, &o.log, "file for the log (standard output)" },
};

/* A hot place. The arena is all mappings, one after the other, without the gaps between them. */
struct place {
	size_t start, size;
	unsigned int rate;
	unsigned long touches;
};

/* A turn of a place, logged after the phase */
struct turn {
	const struct place *place;
	unsigned long from, to, sweeps;
};

#define MAX_TURNS	100000

static size_t page = SMALL_PAGE;	/* bytes for each Accessed bit */
static size_t mapping_size;
static char *base;

/* A file that may be mapped many times; if fd is -1, memory is anonymous */
static struct pool {
	const char *name;
	int fd;
	size_t size;
} cold = { .name = "cold", .fd = -1 }, hot = { .name = "hot", .fd = -1 };

static struct place *places;
static struct turn *turns;
static size_t nr_turns;
static FILE *log_file;

static void show_usage(void)
{
	fputs("usage: pattern [OPTION]...: touch memory, log what was touched\n", stderr);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		fprintf(stderr, "  --%-9s %s\n", options[i].name, options[i].help);
	exit(2);
}

static size_t parse_rates(const char *text)
{
	size_t n = 0;
	char *end;

	for (;; text = end + 1) {
		if (n == MAX_RATES)
			errx(2, "--rates: more than %d", MAX_RATES);
		o.rates[n] = parse_number("rates", text, &end) * 10;
		if (!o.rates[n] || o.rates[n] > 1000)
			errx(2, "--rates: not from 0.1 to 100: '%s'", text);
		n++;
		if (!*end)
			return n;
		if (*end != ',')
			errx(2, "--rates: '%s' does not begin with ','", end);
	}
}

static size_t parse_kind(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++)
		if (!strcmp(text, kind_names[i]))
			return i;
	errx(2, "--kind: '%s' is none of anon, thp, hugetlb, file", text);
}

static void set_option(size_t i, const char *text)
{
	const char *name = options[i].name;
	void *value = options[i].value;

	switch (options[i].type) {
	case SIZE:
		*(size_t *)value = parse_size(name, text);
		break;
	case COUNT:
		*(size_t *)value = parse_count(name, text);
		break;
	case RATES:
		o.nr_rates = parse_rates(text);
		break;
	case KIND:
		*(size_t *)value = parse_kind(text);
		break;
	case TEXT:
		*(const char **)value = text;
		break;
	case SWITCH:
		*(bool *)value = true;
		break;
	}
}

static void parse(int argc, char **argv)
{
	struct option long_options[ARRAY_SIZE(options) + 1] = { };
	int c, index;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		bool alone = options[i].type == SWITCH;

		long_options[i].name = options[i].name;
		long_options[i].has_arg = alone ? no_argument : required_argument;
	}
	while ((c = getopt_long(argc, argv, "", long_options, &index)) != -1) {
		if (c)
			show_usage();
		set_option(index, optarg);
	}
	if (optind < argc)
		show_usage();
}

static size_t round_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Bytes of memory in every other phase */
static size_t smaller_size(void)
{
	return o.size * o.resize / 100 / page * page;
}

static void check_turns(void)
{
	if (!o.cycle)
		return;
	if (!o.busy || o.busy * o.places > o.cycle)
		errx(2, "--busy: turns of %zu us do not fit into a cycle of %zu us",
		     o.busy, o.cycle);
	if (o.nr_rates)
		errx(2, "--cycle: not together with --rates");
}

/* Round sizes to whole pages; all places have the same size, and all mappings, too. */
static void round_sizes(void)
{
	if (o.kind == THP || o.kind == HUGETLB)
		page = HUGE_PAGE;
	mapping_size = round_up((o.size + o.mappings - 1) / o.mappings, page);
	o.size = mapping_size * o.mappings;
	o.hot = round_up((o.hot + o.places - 1) / o.places, page) * o.places;
	if (!o.pool && (o.kind == HUGETLB || o.kind == SHARED))
		o.pool = o.size;
	o.pool = smaller(round_up(o.pool, page), o.size);
}

/* Refuse invalid options */
static void check_options(void)
{
	if (!o.places || !o.mappings || !o.phases || !o.slot)
		errx(2, "--places, --mappings, --phases and --slot must be at least 1");
	if (o.stride < SMALL_PAGE)
		errx(2, "--stride: %zu is less than a page", o.stride);
	check_turns();
	if (o.roam && (o.phases > 1 || o.resize < 100))
		errx(2, "--roam: only with --phases 1, and all memory there");
	if (!o.resize || o.resize > 100)
		errx(2, "--resize: %zu is not from 1 to 100 percent", o.resize);
	if (o.untouched && o.kind == HUGETLB)
		errx(2, "--untouched: the kernel clears no Accessed bits of hugetlb pages");
	if (o.pool && (o.kind == ANON || o.kind == THP))
		errx(2, "--pool: only memory of kind file or hugetlb can be mapped many times");
	round_sizes();
	if (o.vm && o.size + o.mappings * page > 4 * GIB - VM_MEMORY)
		errx(2, "--vm: more than the 4 GiB that it has");
	if (o.hot > smaller_size())
		errx(2, "--hot: %zu bytes in %zu places of whole pages are more than the memory",
		     o.hot, o.places);
}

static unsigned long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void sleep_until(unsigned long when)
{
	struct timespec t = { when / NSEC_PER_SEC, when % NSEC_PER_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

/* Mappings are a page apart, so that they are never merged. */
static char *address(size_t offset)
{
	return base + offset + offset / mapping_size * page;
}

static size_t left_in_mapping(size_t offset)
{
	return mapping_size - offset % mapping_size;
}

static void make_pool(struct pool *pool, size_t size)
{
	char *map;

	pool->size = size;
	pool->fd = memfd_create(pool->name, o.kind == HUGETLB ? MFD_HUGETLB | MFD_HUGE_2MB : 0);
	if (pool->fd < 0)
		err(1, "memfd_create");
	if (ftruncate(pool->fd, size))
		err(1, "%zu bytes of memory for the %s pool", size, pool->name);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	if (map == MAP_FAILED || madvise(map, size, MADV_POPULATE_WRITE))
		err(1, "%zu bytes of memory for the %s pool%s", size, pool->name,
		    o.kind == HUGETLB ? " (are there as many in /proc/sys/vm/nr_hugepages?)" : "");
	munmap(map, size);
}

static void map_at(char *at, size_t size, int fd, size_t fd_offset)
{
	int flags = MAP_FIXED | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);
	int advice = o.kind == THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;

	if (mmap(at, size, PROT_READ | PROT_WRITE, flags, fd, fd_offset) == MAP_FAILED)
		err(1, "mmap of %zu bytes", size);
	/* A kernel may be built without huge pages: then MADV_NOHUGEPAGE may fail. */
	if (fd < 0 && madvise(at, size, advice) && o.kind == THP)
		err(1, "madvise for huge pages");
}

/* Fault in every page, cold memory, too. */
static void populate(char *at, size_t size, bool shared)
{
	if (!shared) {
		if (madvise(at, size, MADV_POPULATE_WRITE))
			err(1, "%zu bytes of memory", size);
		return;
	}
	for (size_t i = 0; i < size; i += page)
		(void)*(volatile char *)&at[i];
}

/* Map a part of the arena; @shift is the offset in the pool */
static void map_part(size_t start, size_t size, const struct pool *pool, size_t shift)
{
	while (size) {
		bool shared = pool->fd >= 0;
		size_t offset = shared ? shift % pool->size : 0;
		size_t part = smaller(size, left_in_mapping(start));

		if (shared)
			part = smaller(part, smaller(pool->size - offset, MAX_CHUNK));
		map_at(address(start), part, pool->fd, offset);
		populate(address(start), part, shared);
		start += part;
		shift += part;
		size -= part;
	}
}

static void unmap(size_t start, size_t end)
{
	while (start < end) {
		size_t part = smaller(end - start, left_in_mapping(start));

		if (munmap(address(start), part))
			err(1, "munmap");
		start += part;
	}
}

/* Check that pages are huge, as the log says */
static void check_huge_pages(size_t wanted)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	size_t kib = 0;
	char line[128];

	if (!f)
		err(1, "/proc/self/smaps_rollup");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "AnonHugePages: %zu", &kib) == 1)
			break;
	fclose(f);
	if (kib * KIB < wanted)
		errx(1, "%zu of %zu KiB are huge pages: too little is free, or %s 'never'?",
		     kib, wanted / KIB, "/sys/kernel/mm/transparent_hugepage/enabled");
}

static void make_arena(void)
{
	size_t span = o.size + o.mappings * page;
	size_t align = GIB;	/* whole page tables, whatever the random base of mmap() */
	char *found;

	/* Find room, for mappings at fixed addresses: nothing else is mapped meanwhile. */
	found = mmap(NULL, span + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (found == MAP_FAILED || munmap(found, span + align))
		err(1, "%zu bytes of address space", span);
	base = (char *)round_up((uintptr_t)found, align);

	if (o.kind == HUGETLB || o.kind == SHARED) {
		make_pool(&cold, o.pool);
		make_pool(&hot, smaller(o.hot, o.pool));
	}
	map_part(0, o.size, &cold, 0);
	if (o.kind == THP)
		check_huge_pages(o.size);
}

/* Make all pages old; the kernel does not do this for hugetlb pages. */
static void clear_accessed_bits(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (!f || fputs("1", f) < 0 || fclose(f))
		err(1, "/proc/self/clear_refs");
}

static int compare(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * Choose places that do not overlap, with all arrangements equally likely: one sorted random
 * number for each place, up to the pages left for gaps, is the sum of the gaps before it.
 */
static void choose_places(size_t size)
{
	static unsigned short random[3];
	static bool seeded;
	size_t each = o.hot / o.places;
	size_t free_pages = (size - o.hot) / page;
	size_t *gaps = calloc(o.places, sizeof(*gaps));

	if (!gaps)
		err(1, "places");
	if (!seeded) {
		random[0] = 0x330e;
		random[1] = o.seed;
		random[2] = o.seed >> 16;
		seeded = true;
	}
	for (size_t i = 0; i < o.places; i++)
		gaps[i] = erand48(random) * (free_pages + 1);
	qsort(gaps, o.places, sizeof(*gaps), compare);
	for (size_t i = 0; i < o.places; i++)
		places[i].start = gaps[i] * page + i * each;
	free(gaps);
}

/* Map the hot places from the hot pool before a phase, and from the cold one after it. */
static void remap_places(const struct pool *pool)
{
	if (pool->fd < 0)
		return;
	for (size_t i = 0; i < o.places; i++) {
		const struct place *p = &places[i];

		map_part(p->start, p->size, pool, pool == &hot ? i * p->size : p->start);
	}
}

/* Touch each page of a place; returns false if time was up before the end */
static bool sweep(struct place *p, unsigned long until)
{
	size_t start = p->start, end = p->start + p->size;
	unsigned int nr = 0;

	while (start < end) {
		size_t part = smaller(end - start, left_in_mapping(start));
		char *at = address(start);

		if (o.vm)
			vm_touch(at, part, o.stride);
		for (size_t i = 0; i < part && !o.vm; i += o.stride) {
			(void)*(volatile char *)&at[i];
			/* Read the clock rarely, as that takes time. */
			if (!(++nr % 4096) && now() >= until)
				return false;
		}
		start += part;
	}
	p->touches++;
	return true;
}

/* Allocate and free page tables, which also flushes the TLBs of other CPUs. */
static void churn(void)
{
	size_t size = 2 * HUGE_PAGE;
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		err(1, "%zu bytes of memory", size);
	*(volatile char *)&map[size / 2] = 1;
	munmap(map, size);
}

/* Also access cold memory now and then: where memory is short, this makes it swap. */
static void roam(unsigned long start)
{
	static size_t done;
	size_t due = (now() - start) / NSEC_PER_MSEC * o.roam * KIB;

	for (; done + SMALL_PAGE <= due; done += SMALL_PAGE)
		*(volatile char *)address(done % o.size) += 1;
}

static void touch_always(unsigned long until)
{
	unsigned long start = now();

	do {
		for (size_t i = 0; i < o.places; i++)
			if (!sweep(&places[i], until))
				return;
		if (o.churn)
			churn();
		roam(start);
	} while (now() < until);
}

/* One place after the other, at regular intervals; a turn is at least one whole sweep. */
static void touch_in_turns(unsigned long start, unsigned long until)
{
	unsigned long cycle = o.cycle * NSEC_PER_USEC, busy = o.busy * NSEC_PER_USEC;

	for (size_t i = 0; nr_turns < MAX_TURNS; i++) {
		struct place *p = &places[i % o.places];
		unsigned long from = start + i * cycle / o.places;
		struct turn *turn;

		if (from + busy >= until)
			return;
		/* Skip turns that would begin too late. */
		if (now() > from + busy / 2)
			continue;
		sleep_until(from);
		turn = &turns[nr_turns++];
		*turn = (struct turn) { .place = p, .from = now() };
		do {
			sweep(p, until + NSEC_PER_SEC);
			turn->sweeps++;
		} while (now() < from + busy);
		turn->to = now();
	}
}

static void log_turns(void)
{
	for (size_t i = 0; i < nr_turns; i++) {
		const struct turn *t = &turns[i];
		unsigned long at = (unsigned long)address(t->place->start);

		fprintf(log_file, "busy %#lx-%#lx %lu %lu %lu\n", at, at + t->place->size,
			t->from, t->to, t->sweeps);
	}
	nr_turns = 0;
}

/* A place's turns are spread evenly over the slots; slots that begin too late are skipped. */
static bool has_turn(const struct place *p, unsigned long slot)
{
	return slot * p->rate / 1000 != (slot + 1) * p->rate / 1000;
}

static unsigned long touch_in_slots(unsigned long start, unsigned long until)
{
	unsigned long length = o.slot * NSEC_PER_USEC, slot = 0, served = 0;

	for (;;) {
		unsigned long next = start + slot * length;

		if (next >= until)
			return served;
		sleep_until(next);
		for (size_t i = 0; i < o.places; i++)
			if (has_turn(&places[i], slot) && !sweep(&places[i], until))
				return served;
		roam(start);
		served++;
		next = (now() - start) / length;
		slot = next > slot ? next : slot + 1;
	}
}

/* Permille of the slots of a phase of @length ns */
static unsigned long true_rate(const struct place *p, unsigned long length)
{
	if (o.nr_rates)
		return p->rate;
	if (o.cycle)
		return smaller(1000, (o.busy + o.slot) * 1000 / o.cycle);
	return smaller(1000, p->touches * o.slot * NSEC_PER_USEC * 1000 / length);
}

/* Log the mappings: the first @size bytes of the arena */
static void log_mappings(size_t size)
{
	for (size_t i = 0; i < size; i += mapping_size) {
		unsigned long from = (unsigned long)address(i);

		fprintf(log_file, "mapped %#lx-%#lx\n", from,
			from + smaller(mapping_size, size - i));
	}
}

/* Log the hot places of a phase of @length ns */
static void log_places(unsigned long length)
{
	for (size_t i = 0; i < o.places; i++) {
		const struct place *p = &places[i];
		size_t at = p->start, stop = at + p->size;

		while (at < stop) {
			size_t part = smaller(stop - at, left_in_mapping(at));
			unsigned long from = (unsigned long)address(at);

			fprintf(log_file, "hot %#lx-%#lx %lu %lu\n", from, from + part,
				true_rate(p, length), p->touches);
			at += part;
		}
	}
}

static void run_phase(size_t phase)
{
	size_t small = smaller_size();
	size_t size = phase % 2 ? small : o.size;
	unsigned long start, end, slots = 0;

	if (phase && !o.still)
		remap_places(&cold);
	if (size < o.size)
		unmap(size, o.size);
	else if (phase && small < o.size)
		map_part(small, o.size - small, &cold, small);
	if (!phase || !o.still) {
		choose_places(size);
		remap_places(&hot);
	}
	for (size_t i = 0; i < o.places; i++)
		places[i].touches = 0;

	start = now();
	end = start + o.period * NSEC_PER_MSEC;
	if (o.nr_rates)
		slots = touch_in_slots(start, end);
	else if (o.cycle)
		touch_in_turns(start, end);
	else
		touch_always(end);
	end = now();
	fprintf(log_file, "phase %zu %lu %lu %lu\n", phase, start, end, slots);
	log_mappings(size);
	log_places(end - start);
	log_turns();
	fflush(log_file);
}

static void meet(const char *word)
{
	int c;

	if (!o.wait)
		return;
	puts(word);
	fflush(stdout);
	do {
		c = getchar();
		/* The other end of the pipe is gone. */
		if (c == EOF)
			exit(0);
	} while (c != '\n');
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	check_options();
	log_file = stdout;
	if (o.log) {
		log_file = fopen(o.log, "w");
		if (!log_file)
			err(1, "%s", o.log);
	}
	if (o.tick && o.cpu == CPU_SETSIZE)
		o.cpu = sched_getcpu();
	if (o.cpu != CPU_SETSIZE)
		stay_on(o.cpu);

	places = calloc(o.places, sizeof(*places));
	turns = calloc(MAX_TURNS, sizeof(*turns));
	if (!places || !turns)
		err(1, "%zu places", o.places);
	for (size_t i = 0; i < o.places; i++) {
		places[i].size = o.hot / o.places;
		places[i].rate = o.nr_rates ? o.rates[i % o.nr_rates] : 1000;
	}
	/* This forks: do it before there is much memory to copy. */
	if (o.tick)
		start_ticker();
	make_arena();
	if (o.vm)
		vm_start(base, o.size + o.mappings * page);
	if (!o.tick)
		grow_tlb(o.size, address);
	if (o.untouched)
		clear_accessed_bits();
	fprintf(log_file, "page %zu\n", page);

	meet("ready");
	for (size_t i = 0; i < o.phases; i++)
		run_phase(i);
	meet("done");
	return 0;
}
