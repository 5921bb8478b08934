// SPDX-License-Identifier: GPL-2.0
/*
 * A pattern is a line, "NAME: PART, PART ...", with these parts:
 *
 *	memory SIZE [of huge pages]
 *	hot SIZE [in N places] [at ADDRESS] [RHYTHM]
 *	moves every TIME	hot places are elsewhere then, but for those with an address
 *	lasts TIME
 *	tlb hides		what stays in the TLB looks idle; else it is evicted all the time
 *
 * A RHYTHM is one of these; without, a place is accessed all the time:
 *
 *	period TIME use TIME [after TIME]	"after" is how much later than another place
 *	rates P/P/...		percent of slots of 5 ms, of the places in turn, spread evenly
 *	chance P		percent of slots, at random, all pages in the same slots
 *	each-chance P		percent of slots, at random, each page for itself
 *
 * Everything begins at a random phase, and places without an address are anywhere, by the seed.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

#define SMALL_PAGE	4096UL
#define HUGE_PAGE	(512 * SMALL_PAGE)
/* How long into a slot a place of TURNS or CHANCE is accessed: short, as a sweep is */
#define SWEEP		(100 * 1000ULL)

/* --- Chance, which depends on nothing but the seed --- */

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint64_t below(uint64_t *seed, uint64_t limit)
{
	*seed = mix(*seed);
	return (unsigned __int128)*seed * limit >> 64;
}

static bool happens(uint64_t seed, unsigned int permille)
{
	return mix(seed) % 1000 < permille;
}

/* --- When a place is accessed --- */

/* Whether [from, to) meets any [k * period + offset, + use) */
static bool meets(uint64_t from, uint64_t to, uint64_t period, uint64_t use, uint64_t offset)
{
	uint64_t at = (from + period - offset % period) % period;

	return from < to && (at < use || at + (to - from) > period);
}

static bool has_turn(const struct place *p, uint64_t slot)
{
	return slot * p->permille / 1000 != (slot + 1) * p->permille / 1000;
}

/* Whether a sweep of the place, one at the beginning of some slots, meets [from, to) */
static bool meets_sweep(const struct place *p, uint64_t seed, uint64_t from, uint64_t to)
{
	uint64_t slot = from / SLOT, start;

	/* Slots begin at any phase: the first of all may have begun before the clock did. */
	for (from += SLOT, to += SLOT;; slot++) {
		start = slot * SLOT + p->offset % SLOT;
		if (start >= to)
			return false;
		if (start + SWEEP > from && (p->rhythm == TURNS ? has_turn(p, slot) :
							  happens(seed + slot, p->permille)))
			return true;
	}
}

bool place_active(const struct place *p, uint64_t from, uint64_t to)
{
	if (from >= to)
		return false;
	switch (p->rhythm) {
	case PERIODIC:
		return meets(from, to, p->period, p->use, p->offset);
	case TURNS:
	case CHANCE:
		return meets_sweep(p, p->seed, from, to);
	default:
		return true;
	}
}

bool place_accesses(const struct place *p, unsigned long addr, uint64_t from, uint64_t to)
{
	if (p->rhythm == EACH_CHANCE)
		return from < to && meets_sweep(p, mix(p->seed ^ addr / SMALL_PAGE), from, to);
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
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* All arrangements without overlap are equally likely: random gaps, in random order of the places. */
void pattern_move(struct pattern *p)
{
	uint64_t gaps[MAX_PLACES], left = p->memory / p->page;
	unsigned int nr = 0;

	for (unsigned int i = 0; i < p->nr_places; i++) {
		struct place *place = &p->places[i];

		if (place->fixed)
			continue;
		if (i) {
			unsigned int j = below(&p->seed, i + 1);

			if (!p->places[j].fixed) {
				struct place other = p->places[j];

				p->places[j] = *place;
				*place = other;
			}
		}
		left -= (place->end - place->start) / p->page;
		nr++;
	}
	for (unsigned int i = 0; i < nr; i++)
		gaps[i] = below(&p->seed, left + 1);
	qsort(gaps, nr, sizeof(*gaps), compare_numbers);
	for (unsigned int i = 0, n = 0, before = 0; i < p->nr_places; i++) {
		struct place *place = &p->places[i];
		unsigned long pages = (place->end - place->start) / p->page;

		if (place->fixed)
			continue;
		place->start = (gaps[n++] + before) * p->page;
		place->end = place->start + pages * p->page;
		before += pages;
	}
	qsort(p->places, p->nr_places, sizeof(*p->places), compare_places);
}

void pattern_begin(struct pattern *p, uint64_t seed)
{
	uint64_t phase;

	p->seed = mix(seed);
	phase = below(&p->seed, 1ULL << 40);
	for (unsigned int i = 0; i < p->nr_places; i++) {
		p->places[i].offset += phase;
		p->places[i].seed = mix(p->seed + i);
	}
	pattern_move(p);
}

/* --- From a line of text --- */

struct words {
	const char *name;	/* of the pattern */
	char *word;		/* in hand, NULL at the end of a part */
	char *rest;
};

static void mistake(const struct words *w, const char *wanted)
{
	errx(2, "pattern '%s': %s%s%s where %s was expected", w->name, w->word ? "'" : "",
	     w->word ? w->word : "the end", w->word ? "'" : "", wanted);
}

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

static uint64_t take_time(struct words *w)
{
	static const struct unit units[] = {
		{ "ms", NSEC_PER_MSEC }, { "s", 1000 * NSEC_PER_MSEC }, {},
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
	unsigned int rates[64], n = 0;
	char *text = w->word, *end;

	do {
		double rate = text ? strtod(text, &end) : 0;

		if (!text || end == text || (*end && *end != '/') || n == 64)
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
		p->page = HUGE_PAGE;
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

void pattern_parse(struct pattern *p, char *line)
{
	char *colon = strchr(line, ':'), *parts, *part;
	unsigned long hot = 0;

	if (!colon)
		errx(2, "pattern '%s': no colon behind a name", line);
	*colon = 0;
	*p = (struct pattern) { .page = SMALL_PAGE, .lasts = 10000 * NSEC_PER_MSEC };
	for (part = strtok_r(colon + 1, ",\n", &parts); part; part = strtok_r(NULL, ",\n", &parts)) {
		struct words w = { .name = line };

		w.word = strtok_r(part, " ", &w.rest);
		take_part(&w, p);
	}
	if (!p->memory)
		errx(2, "pattern '%s': no memory", line);
	for (unsigned int i = 0; i < p->nr_places; i++)
		hot += p->places[i].end - p->places[i].start;
	if (hot > p->memory)
		errx(2, "pattern '%s': more is hot than there is memory", line);
}
