// SPDX-License-Identifier: GPL-2.0
/*
 * storm KIND: a process that is hard to watch, until it is killed.
 *
 * It changes its memory or itself all the time, in the way that KIND says.
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/mman.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL
#define HUGE	(2UL << 20)
#define SIZE	(8 * HUGE)

static char *area;

static size_t random_page(size_t limit)
{
	return rand() % (limit / PAGE) * PAGE;
}

static void fill(char *at, size_t size)
{
	for (size_t i = 0; i < size; i += PAGE)
		at[i]++;
}

/* Children share the memory, and copy it on write */
static void storm_fork(void)
{
	pid_t child = fork();

	if (!child) {
		fill(area, SIZE / 8);
		_exit(0);
	}
	fill(area, SIZE / 8);
	if (child > 0)
		waitpid(child, NULL, 0);
}

/* The same process gets another address space each time */
static void storm_exec(void)
{
	fill(area, HUGE);
	execl("/proc/self/exe", "storm", "exec", NULL);
	err(1, "exec");
}

static void *thread(void *arg)
{
	fill(arg, HUGE / 4);
	return NULL;
}

static void storm_threads(void)
{
	pthread_t threads[8];
	int n = 0;

	while (n < 8 && !pthread_create(&threads[n], NULL, thread, area + n * HUGE))
		n++;
	while (n)
		pthread_join(threads[--n], NULL);
}

static void storm_map(void)
{
	size_t at = random_page(SIZE), size = random_page(SIZE - at) + PAGE;
	char *map;

	munmap(area + at, size);
	map = mmap(area + at, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	fill(map, size);
}

/* Page tables move with the memory. */
static void storm_remap(void)
{
	char *to = area + SIZE + HUGE;
	char *map = mremap(area, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, to);

	if (map == MAP_FAILED)
		err(1, "mremap");
	fill(map, HUGE);
	if (mremap(map, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, area) != area)
		err(1, "mremap");
}

static void storm_protect(void)
{
	size_t at = random_page(SIZE), size = random_page(SIZE - at) + PAGE;

	if (mprotect(area + at, size, PROT_READ) ||
	    mprotect(area + at, size, PROT_READ | PROT_WRITE))
		err(1, "mprotect");
	fill(area + at, size);
}

/* Free a huge page, fault it in, split it, collapse it */
static void storm_huge(void)
{
	char *page = area + rand() % (SIZE / HUGE) * HUGE;

	madvise(area, SIZE, MADV_HUGEPAGE);
	madvise(page, HUGE, MADV_DONTNEED);
	fill(page, HUGE);
	madvise(page + random_page(HUGE), PAGE, MADV_DONTNEED);
	fill(page, HUGE);
	madvise(page, HUGE, MADV_COLLAPSE);
}

static const struct {
	const char *name;
	void (*run)(void);
} storms[] = {
	{ "fork", storm_fork },
	{ "exec", storm_exec },
	{ "threads", storm_threads },
	{ "map", storm_map },
	{ "remap", storm_remap },
	{ "protect", storm_protect },
	{ "huge", storm_huge },
};

int main(int argc, char **argv)
{
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	area = mmap(NULL, 3 * SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		err(1, "mmap");
	area = (char *)(((size_t)area + HUGE - 1) / HUGE * HUGE);
	for (i = 0; i < sizeof(storms) / sizeof(*storms); i++)
		if (argc > 1 && !strcmp(storms[i].name, argv[1]))
			for (;;)
				storms[i].run();
	errx(1, "usage: storm fork|exec|threads|map|remap|protect|huge");
}
