/* SPDX-License-Identifier: GPL-2.0 */
/* Random settings of a kdamond */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <sys/types.h>

#include "random.h"
#include "watched.h"

#define MAX_SCHEMES	3
#define NR_OPERATIONS	3
#define NR_ACTIONS	10

extern const char * const operations[NR_OPERATIONS];
extern const char * const actions[NR_ACTIONS];

/**
 * struct settings - what has been written for a kdamond
 * @kdamond:	its number
 * @operation:	index of operations
 * @samples:	in an aggregation
 * @sample_us:	time between two samples, in microseconds
 * @nr_schemes:	how many there are
 * @action:	index of actions, of each scheme
 * @odd:	there is something that may be refused
 * @path:	of a file that could not be written, or empty
 * @err:	why not
 */
struct settings {
	unsigned int kdamond;
	unsigned int operation;
	unsigned long samples;
	unsigned long sample_us;
	unsigned int nr_schemes;
	unsigned int action[MAX_SCHEMES];
	bool odd;
	char path[128];
	int err;
};

/**
 * struct machine - what settings are for
 * @pids:	the processes
 * @nr_nodes:	NUMA nodes
 * @cgroup:	of the processes, as DAMON names it, or NULL
 */
struct machine {
	pid_t pids[NR_WATCHED];
	unsigned int nr_nodes;
	const char *cgroup;
};

void settings_write(struct settings *s, const struct machine *m, struct random *r, bool first);

#endif /* SETTINGS_H */
