/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SIGNALS_H
#define __PERF_DAMON_SIGNALS_H

#include <signal.h>

/* What people and systems end a program by. */
static inline void damon_signals__that_end(sigset_t *mask)
{
	sigemptyset(mask);
	sigaddset(mask, SIGINT);
	sigaddset(mask, SIGTERM);
	sigaddset(mask, SIGHUP);
	sigaddset(mask, SIGQUIT);
}

#endif /* __PERF_DAMON_SIGNALS_H */
