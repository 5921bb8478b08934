// SPDX-License-Identifier: GPL-2.0
/*
 * strides - a generator of misses of the TLB
 *
 * It reads a byte of every other page of 16 MiB, again and again, and hardly anything else. So
 * with small pages each of its loads misses any TLB of less than 2,048 entries, and with huge pages
 * none. It prints where the memory begins.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#define PAGE	4096UL
#define HUGE	(2UL << 20)
#define SIZE	(16UL << 20)

int main(void)
{
	char *memory = mmap(NULL, SIZE + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	memory = (char *)(((uintptr_t)memory + HUGE - 1) & -HUGE);
	/* Pages that are only read would all be the same. */
	for (unsigned long at = 0; at < SIZE; at += PAGE)
		memory[at] = 1;
	printf("start %lx\n", (unsigned long)memory);
	fflush(stdout);
	for (;;)
		for (unsigned long at = 0; at < SIZE; at += 2 * PAGE) {
			(void)*(volatile char *)(memory + at);
			/* An emulator that is told of each load should not take too long. */
			for (int i = 0; i < 50; i++)
				asm volatile("");
		}
}
