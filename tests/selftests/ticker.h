/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keep the TLB from hiding accesses.
 *
 * As long as a translation stays in the TLB its Accessed bit is not set again.
 * An emulated TLB keeps what is in it until the CPU switches to another address
 * space.
 */
#ifndef TICKER_H
#define TICKER_H

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Start a child that wakes every millisecond on this CPU, until this process ends */
static void start_ticker(void)
{
	pid_t child, parent = getpid();
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "sched_setaffinity");

	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		usleep(1000);
	_exit(0);
}

#endif /* TICKER_H */
