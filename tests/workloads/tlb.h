/* SPDX-License-Identifier: GPL-2.0 */
/* What a monitor of Accessed bits sees depends on the TLB: keep entries in it, or flush it. */
#ifndef TLB_H
#define TLB_H

#include <err.h>
#include <sys/mman.h>

#include "numbers.h"
#include "ticker.h"

#define SMALL_PAGE	(4 * KIB)

/*
 * The TLB of an emulator grows only when it is flushed while full. Make it large, so that what
 * is used all the time stays in it. @address maps an offset below @size to an address.
 * Unmapping this much flushes the whole TLB.
 */
static void grow_tlb(size_t size, char *(*address)(size_t offset))
{
	size_t flush = 64 * SMALL_PAGE;

	if (size > 512 * MIB)
		size = 512 * MIB;
	for (int i = 0; i < 12; i++) {
		char *map;

		for (size_t at = 0; at < size; at += SMALL_PAGE)
			(void)*(volatile char *)address(at);
		map = mmap(NULL, flush, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (map == MAP_FAILED || munmap(map, flush))
			err(1, "%zu bytes of memory", flush);
	}
}

#endif /* TLB_H */
