// SPDX-License-Identifier: GPL-2.0
/*
 * page_idle [huge]: have some pages, and show what idle page tracking knows of them.
 *
 * Reads commands from standard input, one a line:
 *
 *	size		print the size of a page
 *	virtual		print the address of each page
 *	physical	print where each page is in physical memory
 *	mark		mark all pages idle
 *	touch		access every other page, beginning with the first
 *	show		print a digit for each page: 1 if it is idle, 0 if not
 *
 * Each command is answered by one line.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "pagemap.h"

#define NR_PAGES	16
#define BITMAP		"/sys/kernel/mm/page_idle/bitmap"

static char *pages;
static size_t page_size = SMALL_PAGE;

/*
 * Unmapping this much flushes the whole TLB, so that the next access to a page sets
 * its Accessed bit.  It also drains new pages to the LRU lists, where idle page
 * tracking finds them.
 */
static void flush(void)
{
	size_t size = 64 * SMALL_PAGE;
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (map == MAP_FAILED || munmap(map, size))
		err(1, "mmap");
}

static int open_bitmap(void)
{
	int fd = open(BITMAP, O_RDWR);

	if (fd < 0)
		err(4, BITMAP);
	return fd;
}

static void mark(int bitmap)
{
	for (int i = 0; i < NR_PAGES; i++) {
		unsigned long pfn = frame(pages + i * page_size);
		unsigned long long bits = 1ULL << pfn % 64;

		if (!pfn)
			errx(1, "page %d is not there", i);
		if (pwrite(bitmap, &bits, 8, pfn / 64 * 8) != 8)
			err(1, "write to " BITMAP);
	}
	flush();
	puts("marked");
}

static void touch(void)
{
	flush();
	for (int i = 0; i < NR_PAGES; i += 2)
		__atomic_store_n(&pages[i * page_size], 1, __ATOMIC_RELAXED);
	puts("touched");
}

static void show(int bitmap)
{
	for (int i = 0; i < NR_PAGES; i++) {
		unsigned long pfn = frame(pages + i * page_size);
		unsigned long long bits;

		if (pread(bitmap, &bits, 8, pfn / 64 * 8) != 8)
			err(1, "read from " BITMAP);
		putchar(bits >> pfn % 64 & 1 ? '1' : '0');
	}
	putchar('\n');
}

static void print_virtual(void)
{
	for (int i = 0; i < NR_PAGES; i++)
		printf("%zu ", (size_t)pages + i * page_size);
	putchar('\n');
}

static void print_physical(void)
{
	for (int i = 0; i < NR_PAGES; i++)
		printf("%zu ", frame(pages + i * page_size) * SMALL_PAGE);
	putchar('\n');
}

int main(int argc, char **argv)
{
	int huge = argc > 1 && !strcmp(argv[1], "huge");
	int bitmap = open_bitmap();
	char line[16];
	size_t size;

	if (huge)
		page_size = HUGE_PAGE;
	size = NR_PAGES * page_size;
	pages = mmap(NULL, size + page_size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		err(1, "mmap");
	pages = (char *)(((size_t)pages + page_size - 1) / page_size * page_size);
	if (madvise(pages, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		err(4, "madvise");
	memset(pages, 1, size);
	flush();

	setlinebuf(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "size\n"))
			printf("%zu\n", page_size);
		else if (!strcmp(line, "virtual\n"))
			print_virtual();
		else if (!strcmp(line, "physical\n"))
			print_physical();
		else if (!strcmp(line, "mark\n"))
			mark(bitmap);
		else if (!strcmp(line, "touch\n"))
			touch();
		else if (!strcmp(line, "show\n"))
			show(bitmap);
		else
			errx(1, "what is %s", line);
	}
	return 0;
}
