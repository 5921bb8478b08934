// SPDX-License-Identifier: GPL-2.0
/*
 * Tells perf record when a file of --switch-output may end: not within a snapshot, which would be
 * incomplete in both files. A pause does not tell the end of a snapshot, as the kdamond may be held
 * up within it. So assemble the snapshots from what is written.
 */
#include "../errors.h"
#include "../model/event.h"
#include "../model/history.h"
#include "../model/snapshot.h"
#include "stream.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/sample.h"
#include "util/strbuf.h"
#include "util/time-utils.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

/* If the end of a snapshot was lost, and its kdamond has ended, it never comes. */
#define MAX_WAIT_NS	(5 * NSEC_PER_SEC)

/**
 * struct damon_stream - what perf record writes
 * @evlist: all events
 * @evsel: DAMON's
 * @format: its fields
 * @history: no settings, as no interval is needed here
 * @assembler: assembles snapshots
 * @unread: the begin of a record, whose end is written next
 * @since: when it was first asked for the end of the file after the last event, 0: it was not
 */
struct damon_stream {
	struct evlist			*evlist;
	struct evsel			*evsel;
	struct damon_event_format	format;
	struct damon_history		history;
	struct damon_assembler		assembler;
	struct strbuf			unread;
	u64				since;
};

static int ignore_snapshot(void *data __maybe_unused,
			   struct damon_snapshot *snapshot __maybe_unused)
{
	return 0;
}

static struct evsel *find_evsel(struct evlist *evlist)
{
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel) {
		if (damon_event__is_of(evsel))
			return evsel;
	}
	return NULL;
}

/**
 * damon_stream__new - begin to follow what is written
 * @stream: set to the stream, or to NULL if it has no events of DAMON
 * @evlist: the events that are recorded
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_stream__new(struct damon_stream **stream, struct evlist *evlist)
{
	struct evsel *evsel = find_evsel(evlist);
	struct damon_stream *new;
	int err;

	*stream = NULL;
	if (!evsel)
		return 0;
	new = zalloc(sizeof(*new));
	if (!new)
		return damon_out_of_memory();
	new->evlist = evlist;
	new->evsel = evsel;
	strbuf_init(&new->unread, 0);
	err = damon_event_format__init(&new->format, evsel) ?:
	      damon_assembler__init(&new->assembler, ignore_snapshot, NULL, &new->history);
	if (err)
		free(new);
	else
		*stream = new;
	return err;
}

static int read_sample(struct damon_stream *stream, union perf_event *perf_event)
{
	struct perf_sample sample;
	struct damon_event event;

	if (evlist__event2evsel(stream->evlist, perf_event) != stream->evsel ||
	    evsel__parse_sample(stream->evsel, perf_event, &sample) ||
	    !damon_event__parse(&event, &stream->format, &sample))
		return 0;
	/* perf record itself may have been held up: it is the kdamond that we wait for. */
	stream->since = 0;
	return damon_assembler__add(&stream->assembler, &event);
}

/**
 * damon_stream__read - read what is written
 * @stream: the stream, or NULL
 * @data: records of a ring buffer; one that wraps there comes in two parts
 * @size: their size in bytes
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_stream__read(struct damon_stream *stream, const void *data, size_t size)
{
	union perf_event *event;
	struct strbuf *unread;
	size_t at = 0;
	int err = 0;

	if (!stream)
		return 0;
	unread = &stream->unread;
	if (strbuf_add(unread, data, size))
		return damon_out_of_memory();
	while (!err && unread->len - at >= sizeof(event->header)) {
		event = (union perf_event *)(unread->buf + at);
		if (event->header.size < sizeof(event->header) ||
		    event->header.size > unread->len - at)
			break;
		if (event->header.type == PERF_RECORD_SAMPLE)
			err = read_sample(stream, event);
		at += event->header.size;
	}
	memmove(unread->buf, unread->buf + at, unread->len - at);
	strbuf_setlen(unread, unread->len - at);
	return err;
}

/**
 * damon_stream__may_end - check whether the file may end here
 * @stream: the stream, or NULL
 *
 * Return: false if a snapshot has begun, and its end is still to come.
 */
bool damon_stream__may_end(struct damon_stream *stream)
{
	u64 now;

	if (!stream)
		return true;
	now = rdclock();
	stream->since = stream->since ?: now;
	if (damon_assembler__is_open(&stream->assembler) && now - stream->since < MAX_WAIT_NS)
		return false;
	damon_assembler__flush(&stream->assembler);
	stream->since = 0;
	return true;
}

/**
 * damon_stream__delete - free everything
 * @stream: the stream, or NULL
 */
void damon_stream__delete(struct damon_stream *stream)
{
	if (!stream)
		return;
	damon_assembler__exit(&stream->assembler);
	strbuf_release(&stream->unread);
	free(stream);
}
