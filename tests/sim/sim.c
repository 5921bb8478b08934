// SPDX-License-Identifier: GPL-2.0
/*
 * sim - run the unchanged core of the monitor over simulated memory
 *
 * Reads patterns (see pattern.c), one a line, and prints what the monitor reports of each and
 * what is true.  Samples are never late.  Output, with times in nanoseconds:
 *
 *	run NAME SEED
 *	snapshot TIME FLUSHES INTERRUPTS PAGES ACTED HOT ACTED_TIME BYTES NEEDED
 *	r START-END ACCESSES AGE		a region, unless --no-regions
 *	place START-END SAID TRUE HINTED	a hot place
 *	cold SAID
 *
 * A snapshot has the costs since the run began: flushes of the whole TLB, interrupts that
 * invalidated some pages, and these pages; bytes that schemes acted on, how many of them were in
 * hot places, and how long it took.  BYTES are allocated now, NEEDED is the size of the
 * regions before they were merged.  SAID is how many accesses the monitor reports, on average
 * over the pages of a place, or of the rest of the memory.  TRUE is in how many samples the
 * place was accessed or, if each page is accessed by itself, the expected number.  HINTED is 1
 * if there was a hint in the place.
 *
 * A phase ends when places move or the run ends.  Then its log is printed, as that of
 * tests/workloads/pattern.c.  With --longest, a run ends with "longest BLOCKS": the most basic
 * blocks of code that ran without cond_resched().
 */
#include <err.h>
#include <getopt.h>
#include <stdlib.h>

#include <linux/damon.h>

#include "adapt.h"
#include "context.h"
#include "evidence.h"
#include "region.h"
#include "sampling.h"
#include "scheme.h"
#include "va-sample.h"

#include "memory.h"
#include "sim.h"

#define MAX_RANGES	64
/* For the log, which counts sweeps: simulated places are accessed all the time in a turn. */
#define SWEEP_NS	(200 * NSEC_PER_USEC)

static struct pattern pattern;
static struct damon_attrs attrs;
static struct damon_scheme scheme;
static unsigned long scheme_action, nr_targets = 1, nr_ranges = 1, seeds = 1, first_seed = 1;
static int no_regions, longest;

/* --- The truth, as the generator would log it --- */

static unsigned int phase;
static u64 phase_began;
/* In how many samples of this phase, and of this aggregation, each place was accessed */
static unsigned int touches[MAX_PLACES], truth[MAX_PLACES];

static void print_turns(const struct place *p, u64 end)
{
	u64 from = place_next_use(p, phase_began);

	for (; from + p->use < end; from += p->period)
		printf("busy %#lx-%#lx %lu %lu %lu\n", p->start, p->end, from, from + p->use,
		       p->use / SWEEP_NS + 1);
}

static void end_phase(void)
{
	u64 now = memory_now();

	printf("page %lu\n", pattern.page);
	printf("phase %u %lu %lu 0\n", phase++, phase_began, now);
	printf("mapped 0-%#lx\n", pattern.memory);
	for (unsigned int i = 0; i < pattern.nr_places; i++) {
		const struct place *p = &pattern.places[i];

		printf("hot %#lx-%#lx %u %u\n", p->start, p->end, place_permille(p), touches[i]);
		if (p->rhythm == PERIODIC)
			print_turns(p, now);
		touches[i] = 0;
	}
	phase_began = now;
}

/* --- What the monitor reports --- */

/* The sum of the accesses of all bytes between two addresses */
static double accesses_of(struct damon_target *t, unsigned long start, unsigned long end)
{
	struct damon_region *r = damon_find_region(&t->regions, start);
	double sum = 0;

	for (; r < t->regions.v + t->regions.nr && r->range.start < end; r++) {
		double shared = min(r->range.end, end) - max(r->range.start, start);

		sum += shared * r->nr_accesses;
	}
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

static bool is_hinted(const struct damon_ctx *ctx, const struct place *p)
{
	const struct damon_va *va = ctx->state;
	const struct damon_hints *hints = &va->hints;

	for (unsigned int i = 0; i < hints->nr_found; i++)
		if (hints->found[i].range.start < p->end && hints->found[i].range.end > p->start)
			return true;
	return false;
}

static double true_accesses(const struct damon_ctx *ctx, unsigned int place)
{
	const struct place *p = &pattern.places[place];

	if (p->rhythm == EACH_CHANCE)
		return place_permille(p) * damon_max_accesses(&ctx->attrs) / 1000.;
	return truth[place];
}

static void print_regions(const struct damon_target *t)
{
	const struct damon_region *r;

	damon_for_each_region(r, &t->regions)
		printf("r %#lx-%#lx %u %u\n", r->range.start, r->range.end, r->nr_accesses,
		       r->age);
}

/* All hot places, and the rest of the memory */
static void print_places(struct damon_ctx *ctx, struct damon_target *t)
{
	double rest = accesses_of(t, 0, pattern.memory);
	unsigned long cold = pattern.memory;

	for (unsigned int i = 0; i < pattern.nr_places; i++) {
		const struct place *p = &pattern.places[i];
		unsigned long size = p->end - p->start;
		double said = accesses_of(t, p->start, p->end);

		printf("place %#lx-%#lx %.2f %.2f %d\n", p->start, p->end, said / size,
		       true_accesses(ctx, i), is_hinted(ctx, p));
		rest -= said;
		cold -= size;
	}
	printf("cold %.4f\n", rest / max(cold, 1));
}

/* Only of the first target: the others are idle, or like it. */
static void print_snapshot(struct damon_ctx *ctx, size_t needed)
{
	struct damon_target *first = list_first_entry(&ctx->targets, struct damon_target, list);

	printf("snapshot %lu %lu %lu %lu %lu %lu %lu %zu %zu\n", memory_now(), effort.flushes,
	       effort.invalidations, effort.addresses, effort.acted, effort.acted_hot,
	       effort.acted_ns, sim_allocated, needed);
	if (!no_regions)
		print_regions(first);
	print_places(ctx, first);
}

/* --- What kdamond_fn() does, without a thread, and with a simulated clock --- */

/* End the phase, if places are to move now. */
static void move_places(u64 *next_move)
{
	if (memory_now() < *next_move)
		return;
	end_phase();
	pattern_move(&pattern);
	memory_moved();
	*next_move += pattern.moves;
}

/* Let the time of a sample pass. */
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

static void count_accesses(u64 since)
{
	for (unsigned int i = 0; i < pattern.nr_places; i++) {
		bool touched = place_active(&pattern.places[i], since, memory_now());

		truth[i] += touched;
		touches[i] += touched;
	}
}

static void take_samples(struct damon_ctx *ctx, u64 *next_move)
{
	unsigned int samples = damon_max_accesses(&ctx->attrs), left = samples;

	memset(truth, 0, sizeof(truth));
	damon_begin_samples(ctx);
	for (; damon_sample(ctx, left) && left; left--) {
		u64 start = memory_now();

		if (left < samples)
			damon_apply_schemes(ctx, samples - left);
		move_places(next_move);
		advance(ctx);
		count_accesses(start);
	}
}

static void forget_accesses(struct damon_ctx *ctx)
{
	struct damon_target *t;
	struct damon_region *r;

	damon_for_each_target(t, ctx)
		damon_for_each_region_resched(r, &t->regions) {
			r->last_nr_accesses = r->nr_accesses;
			r->nr_accesses = 0;
		}
}

static void aggregate(struct damon_ctx *ctx, u64 *next_move)
{
	size_t needed;

	take_samples(ctx, next_move);
	needed = bytes_needed(ctx);
	damon_find_cuts(ctx);
	damon_merge_regions(ctx);
	print_snapshot(ctx, needed);
	damon_apply_schemes(ctx, damon_max_accesses(&ctx->attrs));
	forget_accesses(ctx);
	damon_split_regions(ctx);
}

static void add_target(struct damon_ctx *ctx)
{
	struct damon_target *t = damon_add_target(ctx, NULL);
	unsigned long pages = pattern.memory / PAGE_SIZE, i;
	struct damon_range ranges[MAX_RANGES];

	/* A page apart, so that regions of two ranges are never merged */
	for (i = 0; i < nr_ranges; i++)
		ranges[i] = (struct damon_range) {
			.start = (pages * i / nr_ranges + !!i) * PAGE_SIZE,
			.end = pages * (i + 1) / nr_ranges * PAGE_SIZE,
		};
	damon_fit_regions(&t->regions, ranges, nr_ranges);
}

/* The scheme of the options, if they have an action */
static void add_scheme(struct damon_ctx *ctx)
{
	struct damon_scheme *s;

	if (!scheme_action)
		return;
	s = damon_add_scheme(ctx);
	s->action = scheme_action;
	s->pattern = scheme.pattern;
	s->apply_interval_us = scheme.apply_interval_us;
	s->quota = scheme.quota;
	damon_begin_schemes(ctx);
}

static struct damon_ctx *new_ctx(unsigned long seed)
{
	struct damon_ctx *ctx = damon_new_ctx();

	prandom_seed_state(&ctx->random, seed << 32);
	ctx->ops = &sim_ops;
	ctx->attrs = attrs;
	for (unsigned int i = 0; i < nr_targets; i++)
		add_target(ctx);
	add_scheme(ctx);
	damon_divide_regions(ctx, min(attrs.max_nr_regions, 8 * attrs.min_nr_regions));
	return ctx;
}

static void monitor(unsigned long seed)
{
	struct damon_ctx *ctx;
	u64 end, next_move;

	pattern_begin(&pattern, seed);
	memory_begin(&pattern);
	ctx = new_ctx(seed);
	phase = 0;
	phase_began = memory_now();
	end = phase_began + pattern.lasts;
	next_move = pattern.moves ? phase_began + pattern.moves : UINT64_MAX;
	while (memory_now() < end)
		aggregate(ctx, &next_move);
	end_phase();
	damon_free_ctx(ctx);
}

static void run_pattern(const char *line, unsigned long seed)
{
	char *copy = strdup(line);

	if (!copy)
		err(1, "a pattern");
	pattern_parse(&pattern, copy);
	printf("run %s %lu\n", copy, seed);
	sim_longest = 0;
	monitor(seed);
	if (longest)
		printf("longest %lu\n", sim_longest);
	free(copy);
}

static const struct option options[] = {
	{ "sample", required_argument },
	{ "aggr", required_argument },
	{ "min", required_argument },
	{ "max", required_argument },
	{ "flushes", required_argument },
	{ "seeds", required_argument },
	{ "seed", required_argument },
	{ "targets", required_argument },
	{ "ranges", required_argument },
	{ "action", required_argument },	/* enum damon_action */
	{ "min-accesses", required_argument },
	{ "max-accesses", required_argument },
	{ "min-age", required_argument },
	{ "apply", required_argument },
	{ "window", required_argument },
	{ "quota-bytes", required_argument },
	{ "quota-ms", required_argument },
	{ "age-weight", required_argument },
	{ "accesses-weight", required_argument },
	{ "act-ns", required_argument },
	{ "no-regions", no_argument, &no_regions, 1 },
	{ "longest", no_argument, &longest, 1 },
	{},
};

static void show_usage(void)
{
	errx(2, "usage: sim [--OPTION [N]]... <PATTERNS; the options are those of the source");
}

static void parse_options(int argc, char **argv)
{
	/* In the order of the options */
	unsigned long *values[] = {
		&attrs.sample_us, &attrs.aggr_us, &attrs.min_nr_regions, &attrs.max_nr_regions,
		&attrs.max_tlb_flushes, &seeds, &first_seed, &nr_targets, &nr_ranges,
		&scheme_action, &scheme.pattern.min_nr_accesses, &scheme.pattern.max_nr_accesses,
		&scheme.pattern.min_age, &scheme.apply_interval_us, &scheme.quota.window_ms,
		&scheme.quota.bytes, &scheme.quota.ms, &scheme.quota.age_weight,
		&scheme.quota.accesses_weight, &memory_act_ns,
	};
	int c, index;

	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		char *stop;

		if (c)
			show_usage();
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
	if (!nr_ranges || nr_ranges > MAX_RANGES)
		errx(2, "--ranges: 1 to %d", MAX_RANGES);
}

int main(int argc, char **argv)
{
	static char line[65536];
	struct damon_ctx *defaults = damon_new_ctx();

	attrs = defaults->attrs;
	scheme.pattern.max_size = ULONG_MAX;
	scheme.pattern.max_age = ULONG_MAX;
	damon_free_ctx(defaults);
	parse_options(argc, argv);
	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		for (unsigned long seed = first_seed; seed < first_seed + seeds; seed++)
			run_pattern(line, seed);
	}
	if (sim_allocated)
		errx(1, "%zu bytes are leaked", sim_allocated);
	return 0;
}
