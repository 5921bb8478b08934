/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_STREAM_H
#define __PERF_DAMON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/compiler.h>

struct damon_stream;
struct evlist;

#ifdef HAVE_LIBTRACEEVENT
int damon_stream__new(struct damon_stream **stream, struct evlist *evlist);
int damon_stream__read(struct damon_stream *stream, const void *data, size_t size);
bool damon_stream__may_end(struct damon_stream *stream);
void damon_stream__delete(struct damon_stream *stream);
#else
static inline int damon_stream__new(struct damon_stream **stream __maybe_unused,
				    struct evlist *evlist __maybe_unused)
{
	return 0;
}

static inline int damon_stream__read(struct damon_stream *stream __maybe_unused,
				     const void *data __maybe_unused, size_t size __maybe_unused)
{
	return 0;
}

static inline bool damon_stream__may_end(struct damon_stream *stream __maybe_unused)
{
	return true;
}

static inline void damon_stream__delete(struct damon_stream *stream __maybe_unused)
{
}
#endif

#endif /* __PERF_DAMON_STREAM_H */
