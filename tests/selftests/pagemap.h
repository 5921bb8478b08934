/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel knows of the pages of this process; only for root */
#ifndef PAGEMAP_H
#define PAGEMAP_H

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SMALL_PAGE	4096UL
#define HUGE_PAGE	(2UL << 20)

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_PFN		0x007fffffffffffffULL
#define PAGEMAP_SWAPPED		0x4000000000000000ULL
#define PAGEMAP_PRESENT		0x8000000000000000ULL

static unsigned long long read_entry(const char *file, unsigned long index)
{
	int fd = open(file, O_RDONLY);
	unsigned long long entry = 0;

	if (fd < 0)
		err(1, "%s", file);
	/* The /proc/kpage* files end where memory ends: beyond that the entry is 0. */
	if (pread(fd, &entry, sizeof(entry), index * sizeof(entry)) < 0)
		err(1, "%s", file);
	close(fd);
	return entry;
}

static unsigned long long entry_of(const char *page)
{
	return read_entry("/proc/self/pagemap", (unsigned long)page / SMALL_PAGE);
}

/* The PFN of a page, or 0 if it is not present */
static unsigned long frame(const char *page)
{
	unsigned long long entry = entry_of(page);

	return entry & PAGEMAP_PRESENT ? entry & PAGEMAP_PFN : 0;
}

#endif /* PAGEMAP_H */
