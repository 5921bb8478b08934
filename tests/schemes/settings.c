// SPDX-License-Identifier: GPL-2.0
/*
 * Random settings of a kdamond: targets, intervals, and schemes with all that belongs to them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"
#include "sysfs.h"

#define MIB		(1024 * 1024UL)
#define MAX_RANGES	4

enum { VADDR, FVADDR, PADDR };

const char * const operations[NR_OPERATIONS] = { "vaddr", "fvaddr", "paddr" };

enum { PAGEOUT = 2 };

const char * const actions[NR_ACTIONS] = {
	"willneed", "cold", [PAGEOUT] = "pageout", "hugepage", "nohugepage", "lru_prio",
	"lru_deprio", "migrate_hot", "migrate_cold", "stat",
};

/* Which of these each operation set has on Linux 6.12 */
static const char has_action[NR_OPERATIONS][NR_ACTIONS + 1] = {
	[VADDR]		= "yyyyy----y",
	[FVADDR]	= "yyyyy----y",
	[PADDR]		= "--y--yyyyy",
};

/* The first ones go by addresses, the others by pages. */
#define NR_ADDR_FILTERS	2

static const char * const filters[] = { "addr", "target", "anon", "memcg", "young" };

struct range {
	unsigned long start;
	unsigned long end;
};

/*
 * Write to a file of the contexts.  Without memory that fails and changes nothing, so that it works
 * the second time.  Nothing more is written after an error.
 */
static void set_file(struct settings *s, const char *file, const char *value)
{
	char path[sizeof(s->path)];
	int err;

	if (s->err)
		return;
	snprintf(path, sizeof(path), "%u/contexts/%s", s->kdamond, file);
	err = put(path, value);
	if (err == ENOMEM && faults_are_on())
		err = put_again(path, value);
	if (!err)
		return;
	s->err = err;
	memcpy(s->path, path, sizeof(path));
}

static void set(struct settings *s, const char *folder, const char *file, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "0/%s/%s", folder, file);
	set_file(s, path, value);
}

static void set_number(struct settings *s, const char *folder, const char *file,
		       unsigned long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", number);
	set(s, folder, file, text);
}

/* A range of at least a page within one */
static struct range range_in(struct random *r, unsigned long start, size_t size)
{
	unsigned long from = below(r, size / PAGE);
	unsigned long to = between(r, from + 1, size / PAGE);

	return (struct range){ start + from * PAGE, start + to * PAGE };
}

/* Ranges of a process, ascending */
static unsigned int virtual_ranges(struct random *r, struct range *ranges)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < NR_AREAS; i++)
		if (!nr || one_in(r, 2))
			ranges[nr++] = range_in(r, places[i].start, places[i].size);
	return nr;
}

/* The physical address of a page of a process, 0 if it is not in memory */
static unsigned long physical(pid_t pid, unsigned long addr)
{
	unsigned long entry = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), addr / PAGE * sizeof(entry)) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry >> 63 ? (entry & ((1UL << 55) - 1)) * PAGE : 0;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/*
 * Memory around some pages of the processes, or all up to 4 GiB.  How many random numbers this
 * takes does not depend on where the pages are.
 */
static unsigned int physical_ranges(struct random *r, const struct machine *m,
				    struct range *ranges)
{
	unsigned int nr = between(r, 1, MAX_RANGES), kept = 0;
	bool all = one_in(r, 8);

	for (unsigned int i = 0; i < nr; i++) {
		const struct place *place = &places[below(r, NR_AREAS)];
		unsigned long addr = place->start + below(r, place->size / PAGE) * PAGE;
		unsigned long size = between(r, 1, 16) * MIB;
		unsigned long at = physical(m->pids[below(r, NR_WATCHED)], addr);

		ranges[i].start = at > size ? at - size : PAGE;
		ranges[i].end = at + size;
	}
	if (all) {
		ranges[0] = (struct range){ PAGE, 4096 * MIB };
		return 1;
	}
	qsort(ranges, nr, sizeof(*ranges), by_start);
	for (unsigned int i = 1; i < nr; i++) {
		if (ranges[i].start > ranges[kept].end)
			ranges[++kept] = ranges[i];
		else if (ranges[i].end > ranges[kept].end)
			ranges[kept].end = ranges[i].end;
	}
	return kept + 1;
}

static void set_ranges(struct settings *s, unsigned int target, const struct range *ranges,
		       unsigned int nr)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "targets/%u/regions", target);
	set_number(s, folder, "nr_regions", nr);
	for (unsigned int i = 0; i < nr; i++) {
		snprintf(folder, sizeof(folder), "targets/%u/regions/%u", target, i);
		set_number(s, folder, "start", ranges[i].start);
		set_number(s, folder, "end", ranges[i].end);
	}
}

/* Returns the number of targets */
static unsigned int set_targets(struct settings *s, const struct machine *m, struct random *r)
{
	unsigned int most = one_in(r, 4) ? NR_WATCHED : 4;
	unsigned int first = below(r, NR_WATCHED), nr = between(r, 1, most);
	struct range ranges[MAX_RANGES];
	char folder[64];

	if (s->operation == PADDR) {
		unsigned int nr_ranges = physical_ranges(r, m, ranges);

		set_number(s, "targets", "nr_targets", 1);
		set_ranges(s, 0, ranges, nr_ranges);
		return 1;
	}
	set_number(s, "targets", "nr_targets", nr);
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int nr_ranges = s->operation == FVADDR ? virtual_ranges(r, ranges) : 0;

		snprintf(folder, sizeof(folder), "targets/%u", i);
		set_number(s, folder, "pid_target", m->pids[(first + i) % NR_WATCHED]);
		set_ranges(s, i, ranges, nr_ranges);
	}
	return nr;
}

static void set_attrs(struct settings *s, struct random *r)
{
	static const char intervals[] = "monitoring_attrs/intervals";
	static const char nr_regions[] = "monitoring_attrs/nr_regions";
	unsigned long min = between(r, 3, 100);

	s->samples = between(r, 2, 12);
	s->sample_us = between(r, 300, 3000);
	set_number(s, intervals, "sample_us", s->sample_us);
	set_number(s, intervals, "aggr_us", s->sample_us * s->samples);
	set_number(s, intervals, "update_us", s->sample_us * s->samples * between(r, 1, 10));
	set_number(s, nr_regions, "min", min);
	set_number(s, nr_regions, "max", min + below(r, 1000));
}

/* A minimum and a maximum; every second one leaves nothing out */
static void set_bounds(struct settings *s, struct random *r, const char *scheme, const char *what,
		       unsigned long min, unsigned long max)
{
	bool all = one_in(r, 2);
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/access_pattern/%s", scheme, what);
	set_number(s, folder, "min", all ? 0 : min);
	set_number(s, folder, "max", all ? ULONG_MAX : max);
}

static void set_pattern(struct settings *s, struct random *r, const char *scheme)
{
	unsigned long size = PAGE << below(r, 8), accesses = below(r, s->samples + 1);
	unsigned long age = below(r, 4);

	set_bounds(s, r, scheme, "sz", size, size << below(r, 14));
	set_bounds(s, r, scheme, "nr_accesses", accesses, between(r, accesses, s->samples));
	set_bounds(s, r, scheme, "age", age, age + below(r, 100));
}

static void set_goals(struct settings *s, struct random *r, const char *scheme, unsigned int nr)
{
	static const char * const metrics[] = { "user_input", "some_mem_psi_us" };
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/quotas/goals", scheme);
	set_number(s, folder, "nr_goals", nr);
	for (unsigned int i = 0; i < nr; i++) {
		snprintf(folder, sizeof(folder), "%s/quotas/goals/%u", scheme, i);
		set(s, folder, "target_metric", PICK(r, metrics));
		set_number(s, folder, "target_value", between(r, 1, 10000));
		set_number(s, folder, "current_value", below(r, 20000));
	}
}

static void set_quota(struct settings *s, struct random *r, const char *scheme)
{
	static const char * const weights[] = { "sz_permil", "nr_accesses_permil", "age_permil" };
	bool limited = one_in(r, 2);
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/quotas", scheme);
	set_number(s, folder, "ms", limited && one_in(r, 2) ? between(r, 1, 20) : 0);
	set_number(s, folder, "bytes", limited && one_in(r, 2) ? PAGE << below(r, 14) : 0);
	set_number(s, folder, "reset_interval_ms", one_in(r, 4) ? 0 : between(r, 1, 50));
	set_goals(s, r, scheme, limited ? below(r, 3) : 0);
	snprintf(folder, sizeof(folder), "%s/quotas/weights", scheme);
	for (unsigned int i = 0; i < COUNT(weights); i++)
		set_number(s, folder, weights[i], below(r, 1001));
}

static void set_watermarks(struct settings *s, struct random *r, const char *scheme)
{
	unsigned long high = between(r, 500, 1000), mid = below(r, s->odd ? 1001 : high + 1);
	bool none = !one_in(r, 3);
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/watermarks", scheme);
	set(s, folder, "metric", none ? "none" : "free_mem_rate");
	set_number(s, folder, "interval_us", between(r, 1000, 20000));
	set_number(s, folder, "high", high);
	set_number(s, folder, "mid", mid);
	set_number(s, folder, "low", one_in(r, 2) ? 0 : below(r, mid + 1));
}

static void set_filter(struct settings *s, const struct machine *m, struct random *r,
		       const char *folder, unsigned int nr_targets)
{
	const struct place *place = &places[below(r, NR_AREAS)];
	struct range range = range_in(r, place->start, place->size);
	unsigned int type = below(r, COUNT(filters));

	if (s->operation != PADDR && !s->odd)
		type %= NR_ADDR_FILTERS;
	if (s->operation == PADDR)
		range = range_in(r, PAGE, 4096 * MIB);
	set(s, folder, "type", filters[type]);
	set(s, folder, "matching", one_in(r, 2) ? "Y" : "N");
	set(s, folder, "memcg_path", m->cgroup && !one_in(r, 4) ? m->cgroup : "/");
	set_number(s, folder, "addr_start", range.start);
	set_number(s, folder, "addr_end", range.end);
	set_number(s, folder, "damon_target_idx", below(r, nr_targets + 1));
}

static void set_filters(struct settings *s, const struct machine *m, struct random *r,
			const char *scheme, unsigned int nr_targets)
{
	unsigned int nr = one_in(r, 2) ? 0 : between(r, 1, 3);
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/filters", scheme);
	set_number(s, folder, "nr_filters", nr);
	for (unsigned int i = 0; i < nr; i++) {
		snprintf(folder, sizeof(folder), "%s/filters/%u", scheme, i);
		set_filter(s, m, r, folder, nr_targets);
	}
}

static unsigned int pick_action(struct settings *s, struct random *r)
{
	unsigned int action;

	/* The action that frees most pages */
	if (one_in(r, 3))
		return PAGEOUT;
	do {
		action = below(r, NR_ACTIONS);
	} while (!s->odd && has_action[s->operation][action] != 'y');
	return action;
}

static void set_scheme(struct settings *s, const struct machine *m, struct random *r,
		       unsigned int i, unsigned int nr_targets)
{
	char scheme[32], text[24];

	snprintf(scheme, sizeof(scheme), "schemes/%u", i);
	s->action[i] = pick_action(s, r);
	set(s, scheme, "action", actions[s->action[i]]);
	snprintf(text, sizeof(text), "%d",
		 s->odd && one_in(r, 2) ? -1 : (int)below(r, m->nr_nodes));
	set(s, scheme, "target_nid", text);
	set_number(s, scheme, "apply_interval_us",
		   one_in(r, 2) ? 0 : s->sample_us * between(r, 1, 20));
	set_pattern(s, r, scheme);
	set_quota(s, r, scheme);
	set_watermarks(s, r, scheme);
	set_filters(s, m, r, scheme, nr_targets);
}

/**
 * settings_write - choose settings and write them
 * @s:		&settings.kdamond says for which one; the rest is set
 * @m:		what they are for
 * @r:		decides
 * @first:	the kdamond is off: begin with a new context
 */
void settings_write(struct settings *s, const struct machine *m, struct random *r, bool first)
{
	unsigned int kdamond = s->kdamond, nr_targets;

	*s = (struct settings){ .kdamond = kdamond };
	s->odd = one_in(r, 8);
	s->operation = below(r, NR_OPERATIONS);
	s->nr_schemes = between(r, 1, MAX_SCHEMES);
	if (first)
		set_file(s, "nr_contexts", "1");
	set_file(s, "0/operations", operations[s->operation]);
	set_attrs(s, r);
	nr_targets = set_targets(s, m, r);
	set_number(s, "schemes", "nr_schemes", s->nr_schemes);
	for (unsigned int i = 0; i < s->nr_schemes; i++)
		set_scheme(s, m, r, i, nr_targets);
}
