// SPDX-License-Identifier: GPL-2.0
/*
 * touch_memory MIB HOT_MIB [huge|hugetlb]: map MIB of memory, fill it, touch the HOT_MIB
 * in its middle again and again. Prints the addresses of both, "START END HOT
 * HOT_END", in decimal, and goes on until it is killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ticker.h"

int main(int argc, char **argv)
{
	size_t page = sysconf(_SC_PAGESIZE), huge = 2 << 20, size, hot, i;
	const char *kind = argc > 3 ? argv[3] : "";
	int hugetlb = strcmp(kind, "hugetlb") ? 0 : MAP_HUGETLB;
	char *map, *area;

	if (argc < 3)
		errx(1, "usage: touch_memory MIB HOT_MIB [huge|hugetlb]");
	size = strtoul(argv[1], NULL, 0) << 20;
	hot = strtoul(argv[2], NULL, 0) << 20;
	if (hot > size)
		errx(1, "HOT_MIB can't be above MIB");

	start_ticker();
	map = mmap(NULL, size + huge, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | hugetlb, -1, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	map = (char *)(((size_t)map + huge - 1) / huge * huge);
	if (!hugetlb && madvise(map, size, *kind ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		err(1, "madvise");
	memset(map, 1, size);

	area = map + (size - hot) / 2 / huge * huge;
	printf("%zu %zu %zu %zu\n", (size_t)map, (size_t)map + size,
	       (size_t)area, (size_t)area + hot);
	fflush(stdout);
	for (;;)
		for (i = 0; i < hot; i += page)
			__atomic_store_n(&area[i], 1, __ATOMIC_RELAXED);
}
