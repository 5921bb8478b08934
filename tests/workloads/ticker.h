/* SPDX-License-Identifier: GPL-2.0 */
/* Stay on one CPU, and have its TLB flushed. */
#ifndef TICKER_H
#define TICKER_H

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

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
 * flushes an emulated TLB. Without that, Accessed bits of a single busy process are not set again.
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

#endif /* TICKER_H */
