/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that are watched */
#ifndef WATCHED_H
#define WATCHED_H

#include <stddef.h>
#include <sys/types.h>

#define PAGE		4096UL
#define NR_WATCHED	16
#define NR_AREAS	3

/* What a process is to do next */
enum wish {
	GO_ON,
	LEAVE,		/* verify everything and exit */
	LOSE_BYTE,	/* change a byte, to see that it is found */
};

/**
 * struct watched - what a process and its parent share
 * @wish:	set by the parent
 * @verified:	bytes, of all processes that have used this
 */
struct watched {
	_Atomic enum wish wish;
	_Atomic unsigned long verified;
};

/**
 * struct place - memory of each process, always at the same address
 */
struct place {
	unsigned long start;
	size_t size;
};

extern const struct place places[NR_AREAS];

pid_t watched_start(struct watched *shared, unsigned int nr, unsigned long seed, const char *folder,
		    const char *cgroup);

#endif /* WATCHED_H */
