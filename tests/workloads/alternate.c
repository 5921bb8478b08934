// SPDX-License-Identifier: GPL-2.0
/*
 * alternate - touch two areas of one mapping in turn
 *
 *	|  cold  |  first  |  cold  |  second  |  cold  |
 *
 * The mapping is filled once.  Then the two areas are touched in turn, page after page.  A log
 * tells what was touched when, to compare the results of a monitor with the truth: first
 * "map START-END", then for each turn "SECONDS-SECONDS START-END", times of CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "ticker.h"

#define MIB		(1024 * 1024UL)
#define NSEC_PER_SEC	1000000000UL

struct options {
	size_t size;		/* bytes of the mapping */
	size_t hot;		/* bytes of each area */
	double period;		/* seconds until it is the other area's turn */
	double duration;	/* seconds in all */
	const char *log;
	int cpu;		/* to stay on, or -1 */
	bool tick;
	bool huge;
};

static const struct option long_options[] = {
	{ "size",     required_argument, NULL, 's' },
	{ "hot",      required_argument, NULL, 'h' },
	{ "period",   required_argument, NULL, 'p' },
	{ "duration", required_argument, NULL, 'd' },
	{ "log",      required_argument, NULL, 'l' },
	{ "cpu",      required_argument, NULL, 'c' },
	{ "tick",     no_argument,       NULL, 't' },
	{ "huge",     no_argument,       NULL, 'H' },
	{ }
};

static void show_usage(void)
{
	fputs("usage: alternate [--size 256] [--hot 32] [--period 2] [--duration 20] [--log FILE]\n"
	      "                 [--cpu N] [--tick] [--huge]\n"
	      "sizes in MiB, times in seconds; --tick wakes a child on the same CPU every millisecond,\n"
	      "which empties an emulated TLB; --huge asks for huge pages\n", stderr);
	exit(2);
}

static double positive(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0)) {
		warnx("'%s' is no number above 0", text);
		show_usage();
	}
	return value;
}

static int cpu_number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 0 || value >= CPU_SETSIZE) {
		warnx("'%s' is no CPU", text);
		show_usage();
	}
	return value;
}

static struct options parse(int argc, char **argv)
{
	struct options o = {
		.size = 256 * MIB, .hot = 32 * MIB, .period = 2, .duration = 20, .cpu = -1,
	};
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			o.size = positive(optarg) * MIB;
			break;
		case 'h':
			o.hot = positive(optarg) * MIB;
			break;
		case 'p':
			o.period = positive(optarg);
			break;
		case 'd':
			o.duration = positive(optarg);
			break;
		case 'l':
			o.log = optarg;
			break;
		case 'c':
			o.cpu = cpu_number(optarg);
			break;
		case 't':
			o.tick = true;
			break;
		case 'H':
			o.huge = true;
			break;
		default:
			show_usage();
		}
	}
	if (optind < argc)
		show_usage();
	if (o.hot > o.size / 4)
		errx(2, "--hot is too big: at most a quarter of --size");
	return o;
}

static unsigned long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void touch(char *area, size_t size, size_t page, unsigned long until)
{
	do {
		for (size_t i = 0; i < size; i += page)
			__atomic_store_n(&area[i], 1, __ATOMIC_RELAXED);
	} while (now() < until);
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	size_t page = sysconf(_SC_PAGESIZE);
	FILE *log = stdout;
	unsigned long end;
	char *map;

	if (o.log) {
		log = fopen(o.log, "w");
		if (!log)
			err(1, "%s", o.log);
	}
	if (o.tick && o.cpu < 0)
		o.cpu = sched_getcpu();
	if (o.cpu >= 0)
		stay_on(o.cpu);
	if (o.tick)
		start_ticker();

	map = mmap(NULL, o.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		err(1, "mmap of %zu bytes", o.size);
	if (o.huge && madvise(map, o.size, MADV_HUGEPAGE))
		err(1, "madvise");
	memset(map, 1, o.size);
	fprintf(log, "map %#lx-%#lx\n", (unsigned long)map, (unsigned long)map + o.size);

	end = now() + o.duration * NSEC_PER_SEC;
	for (unsigned int turn = 0; now() < end; turn++) {
		/* middles of the areas: one quarter and three quarters of the mapping */
		size_t middle = o.size / 4 * (turn % 2 ? 3 : 1);
		char *area = map + (middle - o.hot / 2) / page * page;
		unsigned long start = now();
		unsigned long stop = start + o.period * NSEC_PER_SEC;

		touch(area, o.hot, page, stop < end ? stop : end);
		stop = now();
		fprintf(log, "%lu.%09lu-%lu.%09lu %#lx-%#lx\n",
			start / NSEC_PER_SEC, start % NSEC_PER_SEC,
			stop / NSEC_PER_SEC, stop % NSEC_PER_SEC,
			(unsigned long)area, (unsigned long)area + o.hot);
		fflush(log);
	}
	return 0;
}
