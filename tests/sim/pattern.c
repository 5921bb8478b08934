// SPDX-License-Identifier: GPL-2.0
/*
 * A pattern is a line, "NAME: PART, PART ...", with these parts:
 *
 *	memory SIZE [of huge pages]
 *	hot SIZE [in N places] [at ADDRESS] [RHYTHM]
 *	moves every TIME	hot places move, except those with an address
 *	lasts TIME
 *	tlb hides		entries stay in the TLB, so pages look idle; without, none stays
 *
 * A RHYTHM is one of these; without one, a place is accessed all the time:
 *
 *	period TIME use TIME [after TIME]	"after" is how much later than another place
 *	rates P/P/...		percent of 5 ms slots, for one place after the other, spread evenly
 *	chance P		percent of slots, at random, all pages in the same slots
 *	each-chance P		percent of slots, at random, each page by itself
 *
 * The seed decides at which phase rhythms begin, and where places without an address are.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define MAX_RATES	64
/* For how long a place of TURNS or CHANCE is accessed in a slot: as short as a sweep */
#define SWEEP		(100 * NSEC_PER_USEC)

/* --- Random numbers, which depend only on the seed --- */

static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static u64 below(u64 *seed, u64 limit)
{
	*seed = mix(*seed);
	return mul_u64_u64_shr(*seed, limit, 64);
}

static bool happens(u64 seed, unsigned int permille)
{
	return mix(seed) % 1000 < permille;
}

/* --- When a place is accessed --- */

/* How much time before @time the last use of a PERIODIC place began */
static u64 since_use(const struct place *p, u64 time)
{
	return (time + p->period - p->offset % p->period) % p->period;
}

u64 place_next_use(const struct place *p, u64 time)
{
	return time + p->period - since_use(p, time);
}

/* Whether a use of a PERIODIC place overlaps [from, to) */
static bool meets_use(const struct place *p, u64 from, u64 to)
{
	return since_use(p, from) < p->use || place_next_use(p, from) < to;
}

static bool has_turn(const struct place *p, u64 slot)
{
	return slot * p->permille / 1000 != (slot + 1) * p->permille / 1000;
}

static bool is_swept(const struct place *p, u64 seed, u64 slot)
{
	return p->rhythm == TURNS ? has_turn(p, slot) : happens(seed + slot, p->permille);
}

/* Whether a sweep of the place, at the beginning of some slots, overlaps [from, to) */
static bool meets_sweep(const struct place *p, u64 seed, u64 from, u64 to)
{
	u64 slot = from / SLOT;
	u64 start = slot * SLOT + p->offset % SLOT;

	/* Slot 0 may begin up to a slot before time 0: add a slot to all times. */
	from += SLOT;
	to += SLOT;
	for (; start < to; start += SLOT, slot++)
		if (start + SWEEP > from && is_swept(p, seed, slot))
			return true;
	return false;
}

bool place_active(const struct place *p, u64 from, u64 to)
{
	if (from >= to)
		return false;
	switch (p->rhythm) {
	case PERIODIC:
		return meets_use(p, from, to);
	case TURNS:
	case CHANCE:
		return meets_sweep(p, p->seed, from, to);
	default:
		return true;
	}
}

bool place_accesses(const struct place *p, unsigned long addr, u64 from, u64 to)
{
	if (p->rhythm == EACH_CHANCE)
		return from < to && meets_sweep(p, mix(p->seed ^ addr / PAGE_SIZE), from, to);
	return place_active(p, from, to);
}

unsigned int place_permille(const struct place *p)
{
	switch (p->rhythm) {
	case PERIODIC:
		return p->use + SLOT >= p->period ? 1000 : (p->use + SLOT) * 1000 / p->period;
	case ALWAYS:
		return 1000;
	default:
		return p->permille;
	}
}

const struct place *pattern_find(const struct pattern *p, unsigned long addr)
{
	unsigned int low = 0, high = p->nr_places;

	while (low < high) {
		unsigned int middle = (low + high) / 2;
		const struct place *place = &p->places[middle];

		if (addr < place->start)
			high = middle;
		else if (addr >= place->end)
			low = middle + 1;
		else
			return place;
	}
	return NULL;
}

/* --- Where places are --- */

static int compare_numbers(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static u64 pages_of(const struct pattern *p, const struct place *place)
{
	return (place->end - place->start) / p->page;
}

/* Swap a place with a random one up to it.  Done for all places, the order is random. */
static void shuffle_place(struct pattern *p, unsigned int i)
{
	unsigned int j;

	if (!i)
		return;
	j = below(&p->seed, i + 1);
	if (!p->places[j].fixed)
		swap(p->places[i], p->places[j]);
}

/* Shuffle the places that may move.  @gaps: pages outside of places before each of them */
static void choose_gaps(struct pattern *p, u64 *gaps)
{
	u64 left = p->memory / p->page;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < p->nr_places; i++) {
		if (p->places[i].fixed)
			continue;
		left -= pages_of(p, &p->places[i]);
		shuffle_place(p, i);
		nr++;
	}
	for (unsigned int i = 0; i < nr; i++)
		gaps[i] = below(&p->seed, left + 1);
	qsort(gaps, nr, sizeof(*gaps), compare_numbers);
}

/* Random gaps and a random order of the places: all arrangements are equally likely. */
void pattern_move(struct pattern *p)
{
	u64 gaps[MAX_PLACES], *gap = gaps, before = 0;

	choose_gaps(p, gaps);
	for (unsigned int i = 0; i < p->nr_places; i++) {
		struct place *place = &p->places[i];
		u64 pages = pages_of(p, place);

		if (place->fixed)
			continue;
		place->start = (*gap++ + before) * p->page;
		place->end = place->start + pages * p->page;
		before += pages;
	}
	qsort(p->places, p->nr_places, sizeof(*p->places), compare_places);
}

void pattern_begin(struct pattern *p, u64 seed)
{
	u64 phase;

	p->seed = mix(seed);
	phase = below(&p->seed, 1ULL << 40);
	for (unsigned int i = 0; i < p->nr_places; i++) {
		p->places[i].offset += phase;
		p->places[i].seed = mix(p->seed + i);
	}
	pattern_move(p);
}

/* --- Parser --- */

struct words {
	const char *name;	/* of the pattern */
	char *word;		/* the next one; NULL at the end of a part */
	char *rest;
};

static void mistake(const struct words *w, const char *wanted)
{
	errx(2, "pattern '%s': %s%s%s where %s was expected", w->name, w->word ? "'" : "",
	     w->word ? w->word : "the end", w->word ? "'" : "", wanted);
}

/* Go on to the next word, if this one is @word. */
static bool take(struct words *w, const char *word)
{
	if (!w->word || strcmp(w->word, word))
		return false;
	w->word = strtok_r(NULL, " ", &w->rest);
	return true;
}

static void need(struct words *w, const char *word)
{
	if (!take(w, word))
		mistake(w, word);
}

struct unit {
	const char *name;
	double factor;
};

static double take_number(struct words *w, const struct unit *units, const char *wanted)
{
	char *end;
	double value;

	if (!w->word)
		mistake(w, wanted);
	value = strtod(w->word, &end);
	for (; units->name && strcmp(end, units->name); units++)
		;
	if (end == w->word || !(value >= 0) || !units->name)
		mistake(w, wanted);
	take(w, w->word);
	return value * units->factor;
}

static unsigned long take_size(struct words *w)
{
	static const struct unit units[] = {
		{ "K", 1UL << 10 }, { "M", 1UL << 20 }, { "G", 1UL << 30 }, { "T", 1UL << 40 }, {},
	};

	return take_number(w, units, "a size as 4K, 8M, 1.5G, 1T");
}

static u64 take_time(struct words *w)
{
	static const struct unit units[] = {
		{ "ms", NSEC_PER_MSEC }, { "s", NSEC_PER_SEC }, {},
	};

	return take_number(w, units, "a time as 10.06ms, 5s");
}

static unsigned int take_count(struct words *w)
{
	static const struct unit units[] = { { "", 1 }, {} };

	return take_number(w, units, "a number");
}

static unsigned int take_percent(struct words *w)
{
	static const struct unit units[] = { { "", 10 }, {} };

	return take_number(w, units, "a number of percent") + 0.5;
}

static void take_rates(struct words *w, struct place *places, unsigned int nr)
{
	unsigned int rates[MAX_RATES], n = 0;
	char *text = w->word, *end;

	do {
		double rate = text ? strtod(text, &end) : 0;

		if (!text || end == text || (*end && *end != '/') || n == MAX_RATES)
			mistake(w, "percents as 100/50/25");
		rates[n++] = rate * 10;
		text = end + 1;
	} while (*end);
	take(w, w->word);
	for (unsigned int i = 0; i < nr; i++) {
		places[i].rhythm = TURNS;
		places[i].permille = rates[i % n];
	}
}

static void take_rhythm(struct words *w, struct place *places, unsigned int nr)
{
	struct place like = *places;

	if (take(w, "rates")) {
		take_rates(w, places, nr);
		return;
	}
	if (take(w, "period")) {
		like.rhythm = PERIODIC;
		like.period = take_time(w);
		need(w, "use");
		like.use = take_time(w);
		if (take(w, "after"))
			like.offset = take_time(w);
		if (!like.use || like.use > like.period)
			mistake(w, "a use longer than 0 and at most the period");
	} else if (take(w, "chance")) {
		like.rhythm = CHANCE;
		like.permille = take_percent(w);
	} else if (take(w, "each-chance")) {
		like.rhythm = EACH_CHANCE;
		like.permille = take_percent(w);
	}
	for (unsigned int i = 0; i < nr; i++) {
		like.start = places[i].start;
		like.end = places[i].end;
		places[i] = like;
	}
}

static void take_hot(struct words *w, struct pattern *p)
{
	unsigned long size = take_size(w), each, at = 0;
	struct place *first = &p->places[p->nr_places];
	unsigned int nr = 1;
	bool fixed;

	if (take(w, "in")) {
		nr = take_count(w);
		need(w, "places");
	}
	fixed = take(w, "at");
	if (fixed)
		at = take_size(w);
	if (!nr || p->nr_places + nr > MAX_PLACES)
		mistake(w, "a number of places that there is room for");
	each = (size / nr + p->page - 1) / p->page * p->page;
	for (unsigned int i = 0; i < nr; i++)
		first[i] = (struct place) {
			.start = at + i * each, .end = at + (i + 1) * each, .fixed = fixed,
		};
	p->nr_places += nr;
	take_rhythm(w, first, nr);
}

static void take_memory(struct words *w, struct pattern *p)
{
	p->memory = take_size(w);
	if (take(w, "of")) {
		need(w, "huge");
		need(w, "pages");
		p->page = PMD_SIZE;
	}
	if (!p->memory || p->memory % p->page)
		mistake(w, "a number of whole pages");
}

static void take_part(struct words *w, struct pattern *p)
{
	if (take(w, "memory")) {
		take_memory(w, p);
	} else if (take(w, "hot")) {
		take_hot(w, p);
	} else if (take(w, "moves")) {
		need(w, "every");
		p->moves = take_time(w);
	} else if (take(w, "lasts")) {
		p->lasts = take_time(w);
	} else if (take(w, "tlb")) {
		need(w, "hides");
		p->tlb_hides = true;
	} else {
		mistake(w, "memory, hot, moves, lasts or tlb");
	}
	if (w->word)
		mistake(w, "the end of a part");
}

static void take_parts(struct pattern *p, const char *name, char *parts)
{
	char *rest, *part = strtok_r(parts, ",\n", &rest);

	for (; part; part = strtok_r(NULL, ",\n", &rest)) {
		struct words w = { .name = name };

		w.word = strtok_r(part, " ", &w.rest);
		take_part(&w, p);
	}
}

void pattern_parse(struct pattern *p, char *line)
{
	char *colon = strchr(line, ':');
	unsigned long hot = 0;

	if (!colon)
		errx(2, "pattern '%s': no colon behind a name", line);
	*colon = 0;
	*p = (struct pattern) { .page = PAGE_SIZE, .lasts = 10 * NSEC_PER_SEC };
	take_parts(p, line, colon + 1);
	if (!p->memory)
		errx(2, "pattern '%s': no memory", line);
	for (unsigned int i = 0; i < p->nr_places; i++)
		hot += p->places[i].end - p->places[i].start;
	if (hot > p->memory)
		errx(2, "pattern '%s': more is hot than there is memory", line);
}
