/* SPDX-License-Identifier: GPL-2.0 */
/* Half of what a monitor of Accessed bits can see is the TLB: evict it, or keep it. */
#ifndef TLB_H
#define TLB_H

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "numbers.h"

#define SMALL_PAGE	(4 * KIB)

static void stay_on(size_t cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);	/* sets nothing beyond CPU_SETSIZE: refused below */
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %zu", cpu);
}

/*
 * Another process that wakes on this CPU every millisecond makes it switch address spaces, which
 * empties an emulated TLB. Without, a lone busy process looks idle to who watches Accessed bits.
 */
static void start_ticker(void)
{
	pid_t parent = getpid();
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (;;)
		usleep(1000);
}

/*
 * The TLB of an emulator grows only when it is flushed while full. Make it large, so that what
 * is used all the time really stays in it. @address gives the place of each of @size bytes.
 * Unmapping as much as here flushes all of the TLB.
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
