// SPDX-License-Identifier: GPL-2.0
/*
 * sim - the core of the monitor, as it is, over imagined memory
 *
 * Reads patterns (see pattern.c), one a line, and says what the monitor reports of each and what is
 * true.  Samples are never late.  Output, with times in nanoseconds:
 *
 *	run NAME SEED
 *	snapshot TIME FLUSHES INTERRUPTS PAGES BYTES NEEDED	what it cost since the beginning: flushes
 *				of the whole TLB, interrupts that invalidated some pages, these pages;
 *				bytes that are allocated, and what the regions alone need, which were
 *				more before they were merged
 *	r START-END ACCESSES AGE				a region, unless --no-regions
 *	place START-END SAID TRUE HINTED	what was said of a hot place, on average over its pages; in how
 *				many samples it was accessed or, if each page is for itself, is expected;
 *				and whether there was a hint at it
 *	cold SAID		what was said of the rest
 *
 * and at the end of a phase, in which nothing moved, the log of tests/workloads/pattern.c.  At the
 * end of a run, with --longest: the blocks of code that ran at most without cond_resched().
 */
#include <err.h>
#include <getopt.h>
#include <stdlib.h>

#include <linux/damon.h>

#include "adapt.h"
#include "context.h"
#include "evidence.h"
#include "hints.h"
#include "region.h"
#include "sampling.h"

#include "memory.h"
#include "sim.h"

/* Sweeps of a place in a turn are not counted in imagined memory: it is used all the time. */
#define SWEEP_NS	200000UL

static struct pattern pattern;
static struct damon_attrs attrs;
static unsigned long nr_targets = 1, nr_ranges = 1, seeds = 1, first_seed = 1;
static int no_regions, longest;

/* --- What is true, as the generator would log it --- */

static unsigned int phase;
static uint64_t phase_began;
/* In so many samples of this phase, and of this aggregation */
static unsigned int touches[MAX_PLACES], truth[MAX_PLACES];

static void print_turns(const struct place *p, uint64_t end)
{
	uint64_t from = phase_began + p->period - (phase_began + p->period - p->offset % p->period) % p->period;

	for (; from + p->use < end; from += p->period)
		printf("busy %#lx-%#lx %lu %lu %lu\n", p->start, p->end, from, from + p->use,
		       p->use / SWEEP_NS + 1);
}

static void end_phase(void)
{
	uint64_t now = memory_now();
	unsigned int i;

	printf("page %lu\nphase %u %lu %lu 0\nmapped %#x-%#lx\n", pattern.page, phase++, phase_began, now, 0,
	       pattern.memory);
	for (i = 0; i < pattern.nr_places; i++) {
		const struct place *p = &pattern.places[i];

		printf("hot %#lx-%#lx %u %u\n", p->start, p->end, place_permille(p), touches[i]);
		if (p->rhythm == PERIODIC)
			print_turns(p, now);
		touches[i] = 0;
	}
	phase_began = now;
}

/* --- What is said --- */

/* The sum of the accesses of all pages of a place */
static double accesses_of(struct damon_target *t, unsigned long start, unsigned long end)
{
	struct damon_region *r = damon_find_region(&t->regions, start);
	double sum = 0;

	for (; r < t->regions.v + t->regions.nr && r->range.start < end; r++)
		sum += (double)(min(r->range.end, end) - max(r->range.start, start)) * r->nr_accesses;
	return sum;
}

static size_t bytes_needed(struct damon_ctx *ctx)
{
	struct damon_target *t;
	size_t needed = 0;

	damon_for_each_target(t, ctx)
		needed += t->regions.nr * sizeof(*t->regions.v);
	return needed;
}

static bool is_hinted(const struct damon_hints *hints, const struct place *p)
{
	for (unsigned int i = 0; hints && i < hints->nr_found; i++)
		if (hints->found[i].range.start < p->end && hints->found[i].range.end > p->start)
			return true;
	return false;
}

/* Of the first target: the others are idle, or like it. */
static void print_snapshot(struct damon_ctx *ctx, size_t needed)
{
	struct damon_target *first = list_first_entry(&ctx->targets, struct damon_target, list);
	unsigned long cold = pattern.memory;
	struct damon_region *r;
	double sum;
	unsigned int i;

	printf("snapshot %lu %lu %lu %lu %zu %zu\n", memory_now(), effort.flushes, effort.invalidations,
	       effort.addresses, sim_allocated, needed);
	if (!no_regions)
		damon_for_each_region(r, &first->regions)
			printf("r %#lx-%#lx %u %u\n", r->range.start, r->range.end, r->nr_accesses, r->age);
	sum = accesses_of(first, 0, pattern.memory);
	for (i = 0; i < pattern.nr_places; i++) {
		const struct place *p = &pattern.places[i];
		double said = accesses_of(first, p->start, p->end);

		printf("place %#lx-%#lx %.2f %.2f %d\n", p->start, p->end, said / (p->end - p->start),
		       p->rhythm == EACH_CHANCE ?
				place_permille(p) * damon_max_accesses(&ctx->attrs) / 1000. : truth[i],
		       is_hinted(ctx->hints, p));
		sum -= said;
		cold -= p->end - p->start;
	}
	printf("cold %.4f\n", sum / max(cold, 1));
}

/* --- What kdamond_fn() does, without a thread and a clock that waits --- */

static void advance(struct damon_ctx *ctx)
{
	unsigned long us = ctx->attrs.sample_us, settle_us = ctx->settle_us;

	if (settle_us && settle_us < us) {
		memory_advance(settle_us * 1000);
		ctx->ops->settle(ctx);
		us -= settle_us;
	}
	memory_advance(us * 1000);
}

static void aggregate(struct damon_ctx *ctx, uint64_t *next_move)
{
	unsigned int left = damon_max_accesses(&ctx->attrs), i;
	struct damon_target *t;
	struct damon_region *r;
	size_t needed;

	memset(truth, 0, sizeof(truth));
	damon_begin_samples(ctx);
	for (; damon_sample(ctx, left) && left; left--) {
		uint64_t start = memory_now();

		if (start >= *next_move) {
			end_phase();
			pattern_move(&pattern);
			memory_moved();
			*next_move += pattern.moves;
		}
		advance(ctx);
		for (i = 0; i < pattern.nr_places; i++) {
			bool touched = place_active(&pattern.places[i], start, memory_now());

			truth[i] += touched;
			touches[i] += touched;
		}
	}
	needed = bytes_needed(ctx);
	damon_find_cuts(ctx);
	damon_merge_regions(ctx);
	print_snapshot(ctx, needed);
	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->last_nr_accesses = r->nr_accesses;
			r->nr_accesses = 0;
		}
	damon_split_regions(ctx);
}

static void add_target(struct damon_ctx *ctx)
{
	struct damon_target *t = damon_add_target(ctx, NULL);
	unsigned long pages = pattern.memory / PAGE_SIZE, i;
	struct damon_range ranges[64];

	/* A page apart, so that they stay apart */
	for (i = 0; i < nr_ranges; i++)
		ranges[i] = (struct damon_range) {
			(pages * i / nr_ranges + !!i) * PAGE_SIZE, pages * (i + 1) / nr_ranges * PAGE_SIZE,
		};
	damon_fit_regions(&t->regions, ranges, nr_ranges);
}

static void run(unsigned long seed)
{
	struct damon_ctx *ctx = damon_new_ctx();
	uint64_t end, next_move;

	pattern_begin(&pattern, seed);
	memory_begin(&pattern);
	prandom_seed_state(&ctx->random, seed << 32);
	ctx->ops = &sim_ops;
	ctx->attrs = attrs;
	for (unsigned int i = 0; i < nr_targets; i++)
		add_target(ctx);
	damon_divide_regions(ctx, min(attrs.max_nr_regions, 8 * attrs.min_nr_regions));

	phase = 0;
	phase_began = memory_now();
	end = phase_began + pattern.lasts;
	next_move = pattern.moves ? phase_began + pattern.moves : UINT64_MAX;
	while (memory_now() < end)
		aggregate(ctx, &next_move);
	end_phase();
	damon_free_ctx(ctx);
}

static const struct option options[] = {
	{ "sample", required_argument }, { "aggr", required_argument },
	{ "min", required_argument }, { "max", required_argument },
	{ "flushes", required_argument }, { "seeds", required_argument },
	{ "seed", required_argument }, { "targets", required_argument },
	{ "ranges", required_argument },
	{ "no-regions", no_argument, &no_regions, 1 }, { "longest", no_argument, &longest, 1 }, {},
};

static void parse_options(int argc, char **argv)
{
	unsigned long *values[] = {
		&attrs.sample_us, &attrs.aggr_us, &attrs.min_nr_regions, &attrs.max_nr_regions,
		&attrs.max_tlb_flushes, &seeds, &first_seed, &nr_targets, &nr_ranges,
	};
	int c, index;

	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		char *stop;

		if (c)
			errx(2, "usage: sim [--OPTION [N]]... <PATTERNS; the options are those of the source");
		if (options[index].flag)
			continue;
		*values[index] = strtoul(optarg, &stop, 0);
		if (*stop || stop == optarg)
			errx(2, "--%s: '%s' is no number", options[index].name, optarg);
	}
	if (optind < argc)
		errx(2, "'%s' is no option", argv[optind]);
	if (damon_check_attrs(&attrs))
		errx(2, "the attributes are not valid: see damon_check_attrs()");
	if (!nr_ranges || nr_ranges > 64)
		errx(2, "--ranges: 1 to 64");
}

int main(int argc, char **argv)
{
	static char line[65536], copy[65536];
	struct damon_ctx *defaults = damon_new_ctx();

	attrs = defaults->attrs;
	damon_free_ctx(defaults);
	parse_options(argc, argv);
	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		for (unsigned long seed = first_seed; seed < first_seed + seeds; seed++) {
			strcpy(copy, line);
			pattern_parse(&pattern, copy);
			printf("run %s %lu\n", copy, seed);
			sim_longest = 0;
			run(seed);
			if (longest)
				printf("longest %lu\n", sim_longest);
		}
	}
	if (sim_allocated)
		errx(1, "%zu bytes are leaked", sim_allocated);
	return 0;
}
