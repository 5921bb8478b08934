/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HISTS_H
#define __PERF_DAMON_HISTS_H

#include <stdbool.h>
#include <linux/compiler.h>

struct evlist;
struct evsel;
struct machine;
struct perf_sample;

#ifdef HAVE_LIBTRACEEVENT
bool damon_hists__are_of(const struct evlist *evlist);
bool damon_hists__place(struct perf_sample *sample, struct evsel *evsel, struct machine *machine);
#else
static inline bool damon_hists__are_of(const struct evlist *evlist __maybe_unused)
{
	return false;
}

static inline bool damon_hists__place(struct perf_sample *sample __maybe_unused,
				      struct evsel *evsel __maybe_unused,
				      struct machine *machine __maybe_unused)
{
	return false;
}
#endif

#endif /* __PERF_DAMON_HISTS_H */
