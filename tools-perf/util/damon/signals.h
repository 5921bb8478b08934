/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SIGNALS_H
#define __PERF_DAMON_SIGNALS_H

#include <signal.h>
#include <stddef.h>

/* The signals that normally end a program. SIGHUP only if it is not ignored (nohup). */
static inline void damon_signals__that_end(sigset_t *mask)
{
	struct sigaction hangup;

	sigemptyset(mask);
	sigaddset(mask, SIGINT);
	sigaddset(mask, SIGTERM);
	sigaddset(mask, SIGQUIT);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(mask, SIGHUP);
}

/**
 * damon_signals__block - block the signals that end a program
 * @how: SIG_BLOCK, or SIG_SETMASK to unblock all others
 * @old: set to the previous signal mask, or NULL
 */
static inline void damon_signals__block(int how, sigset_t *old)
{
	sigset_t mask;

	damon_signals__that_end(&mask);
	sigprocmask(how, &mask, old);
}

#endif /* __PERF_DAMON_SIGNALS_H */
