/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_PIDFD_H
#define __PERF_DAMON_PIDFD_H

#include <sys/types.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Missing in perf's copy of the system call numbers, and in some libcs. */
#ifndef __NR_pidfd_open
#ifdef __alpha__
#define __NR_pidfd_open	544
#else
#define __NR_pidfd_open	434
#endif
#endif

/* A file descriptor that becomes readable when the process ends. */
static inline int damon_pidfd_open(pid_t pid)
{
	return syscall(__NR_pidfd_open, pid, 0);
}

#endif /* __PERF_DAMON_PIDFD_H */
