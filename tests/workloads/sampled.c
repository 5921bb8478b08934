// SPDX-License-Identifier: GPL-2.0
/*
 * sampled - a generator of accesses that are known for each sample of a monitor
 *
 * It reads how often the kdamond has slept, and touches some pages once for each sleep: which ones,
 * and in which way, anybody can compute from the number of the page and that of the sleeps. If the
 * kdamond ran meanwhile, it says so. It prints:
 *
 *	pages START NUMBER	before it waits for a line with the process number of the kdamond
 *	sure SLEEPS		in the end: touched between two samples
 *	unsure SLEEPS		touched before and after a sample
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096UL
#define NR_PAGES	600UL
#define MAX_SLEEPS	100000
#define RETURN		0xc3

static char *pages;
static int zeroes, status;

/* The number of times that the kdamond has slept, -1 when it has ended */
static long read_sleeps(void)
{
	static const char field[] = "\nvoluntary_ctxt_switches:";
	char text[4096];
	ssize_t size = pread(status, text, sizeof(text) - 1, 0);
	const char *found;

	if (size <= 0)
		return -1;
	text[size] = 0;
	found = strstr(text, field);
	return found ? strtol(found + strlen(field), NULL, 10) : -1;
}

/* Page P has its turn in about P % 21 of 20 sleeps. tests/truth/selftest computes the same. */
static bool has_turn(unsigned int page, unsigned int sleeps)
{
	unsigned int mixed = (page * 2654435761U) ^ (sleeps * 2246822519U);

	mixed ^= mixed >> 15;
	mixed *= 3266489917U;
	mixed ^= mixed >> 16;
	return mixed % 20 < page % 21;
}

/* A load, a store to this page and the next one, an access by the kernel, an execution */
static void touch(size_t page)
{
	char *at = pages + page * PAGE;

	switch (page % 4) {
	case 0:
		(void)*(volatile char *)at;
		break;
	case 1:
		*(volatile unsigned long *)(at + PAGE - 4) = 0;
		break;
	case 2:
		if (read(zeroes, at + 100, 1) != 1)
			err(1, "/dev/zero");
		break;
	case 3:
		((void (*)(void))(at + 200))();
		break;
	}
}

static void touch_pages(unsigned int sleeps)
{
	for (size_t i = 0; i < NR_PAGES; i++)
		if (has_turn(i, sleeps))
			touch(i);
}

static void make_pages(void)
{
	pages = mmap(NULL, (NR_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (pages == MAP_FAILED)
		err(1, "memory");
	for (size_t i = 3; i < NR_PAGES; i += 4)
		pages[i * PAGE + 200] = RETURN;
}

static void open_files(void)
{
	char line[32], file[64];

	if (!fgets(line, sizeof(line), stdin))
		errx(1, "no process number");
	snprintf(file, sizeof(file), "/proc/%d/status", atoi(line));
	status = open(file, O_RDONLY);
	zeroes = open("/dev/zero", O_RDONLY);
	if (status < 0 || zeroes < 0)
		err(1, "%s, /dev/zero", file);
}

int main(void)
{
	static const struct timespec moment = { .tv_nsec = 500000 };
	static struct { long from, to; } turns[MAX_SLEEPS];
	long sleeps, last = -1;
	size_t nr = 0;

	make_pages();
	printf("pages %#lx %lu\n", (unsigned long)pages, NR_PAGES);
	fflush(stdout);
	open_files();
	while (nr < MAX_SLEEPS && (sleeps = read_sleeps()) >= 0) {
		if (sleeps != last) {
			touch_pages(sleeps);
			last = read_sleeps();
			turns[nr].from = sleeps;
			turns[nr++].to = last;
			continue;
		}
		nanosleep(&moment, NULL);
	}
	for (size_t i = 0; i < nr; i++)
		for (long at = turns[i].from; at <= turns[i].to; at++)
			printf("%s %ld\n", turns[i].from == turns[i].to ? "sure" : "unsure", at);
	return 0;
}
