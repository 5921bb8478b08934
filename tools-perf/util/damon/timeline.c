// SPDX-License-Identifier: GPL-2.0
/*
 * Delivers the records of a perf.data in order of time, without copying them.
 *
 * In each round, perf record writes the records of one CPU after those of
 * another. perf sorts them with a queue of all records, which costs more than
 * everything that perf damon does with them. But the records of one CPU are
 * already in order, and a kdamond stays on a CPU for long. So the data consist
 * of a few runs of ascending times, and merging them takes one comparison for
 * each record.
 *
 * Rounds work as in perf's ordered events: after the end of a round, no record
 * follows that is older than the newest record of the round before.
 *
 * Files with compressed records are an exception: their records are used from
 * the decompression buffers, and all other records are copied.
 */
#include "array.h"
#include "errors.h"
#include "inflate.h"
#include "timeline.h"
#include "util/data.h"
#include "util/debug.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/header.h"
#include "util/session.h"
#include "util/tool.h"
#include "ui/progress.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/bitops.h>
#include <linux/kernel.h>

/* Enough for nearly all files. If there are more runs, they are merged early. */
#define MAX_RUNS	65536
/* 1 GiB of decompressed data at once, more than the ring buffers of any machine hold. */
#define MAX_PIECES	1024
/* Release the pages of records that have been read, in chunks of this size. */
#define RELEASE_SIZE	(8 * 1024 * 1024UL)
/* Update the progress bar after this many bytes. */
#define PROGRESS_SIZE	(1024 * 1024L)

/**
 * struct run - consecutive records with ascending times
 * @pos: the next record to deliver
 * @end: end of the last record
 * @time: time of the record at @pos
 * @last: time of the last record
 * @nr: number of the run, in order of the file
 */
struct run {
	const char	*pos;
	const char	*end;
	u64		time;
	u64		last;
	u64		nr;
};

/**
 * struct timeline - the runs that are not yet delivered
 * @session: perf's session
 * @is_compressed: the file has compressed records
 * @inflate: buffers of decompressed records
 * @copies: copies of the other records of such a file
 * @sample_time: offset of the time in all samples, 0: it varies
 * @trailer: size of the sample_id at the end of the kernel's records other than samples
 * @deliver: callback for the records
 * @data: passed to @deliver
 * @runs: the runs, a heap during delivery
 * @nr: number of runs
 * @capacity: number of runs that are allocated
 * @nr_ever: number of runs created so far
 * @open: the last run may still grow
 * @newest: the newest time so far
 * @limit: @newest at the end of the previous round
 * @released: the mapping is released up to here
 */
struct timeline {
	struct perf_session	*session;
	bool			is_compressed;
	struct damon_inflate	inflate;
	struct damon_inflate	copies;
	size_t			sample_time;
	size_t			trailer;
	damon_timeline_fn	deliver;
	void			*data;
	struct run		*runs;
	size_t			nr;
	size_t			capacity;
	u64			nr_ever;
	bool			open;
	u64			newest;
	u64			limit;
	char			*released;
};

static union perf_event *to_event(const char *pos)
{
	return (union perf_event *)pos;
}

static bool is_before(const struct run *a, const struct run *b)
{
	return a->time < b->time || (a->time == b->time && a->nr < b->nr);
}

static void sift_down(struct timeline *timeline, size_t i)
{
	struct run *runs = timeline->runs, run;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= timeline->nr)
			return;
		if (child + 1 < timeline->nr && is_before(&runs[child + 1], &runs[child]))
			child++;
		if (!is_before(&runs[child], &runs[i]))
			return;
		run = runs[i];
		runs[i] = runs[child];
		runs[child] = run;
		i = child;
	}
}

static void make_heap(struct timeline *timeline)
{
	size_t i;

	for (i = timeline->nr / 2; i-- > 0;)
		sift_down(timeline, i);
}

static int bad_record(const union perf_event *event, int err)
{
	pr_err("data are damaged: a record of type %u and %u bytes: %s\n", event->header.type,
	       event->header.size, strerror(-err));
	return err;
}

/*
 * Offset of the time in samples, if it is the same in all of them: the time
 * follows the identifier, the address and the thread, one word each.
 */
static size_t find_sample_time(struct evlist *evlist)
{
	const u64 before = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID;
	u64 type = evlist__first(evlist)->core.attr.sample_type;
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel) {
		if ((evsel->core.attr.sample_type ^ type) & (before | PERF_SAMPLE_TIME))
			return 0;
	}
	if (!(type & PERF_SAMPLE_TIME))
		return 0;
	return sizeof(struct perf_event_header) + sizeof(u64) * hweight64(type & before);
}

/* Return: 0, -1 if the record has no time, or another negative error number. */
static int find_time(const struct timeline *timeline, union perf_event *event, u64 *time)
{
	size_t at = timeline->sample_time;

	if (at && event->header.type == PERF_RECORD_SAMPLE &&
	    event->header.size >= at + sizeof(*time)) {
		memcpy(time, (const char *)event + at, sizeof(*time));
		return 0;
	}
	/* If the record is too short, perf would read the time from memory before it. */
	if (event->header.type != PERF_RECORD_SAMPLE &&
	    event->header.size < sizeof(event->header) + timeline->trailer)
		return -EFAULT;
	return evlist__parse_sample_timestamp(timeline->session->evlist, event, time);
}

/* The run with the second oldest record, or NULL. */
static const struct run *second(const struct timeline *timeline)
{
	const struct run *runs = timeline->runs;

	if (timeline->nr < 2)
		return NULL;
	return timeline->nr > 2 && is_before(&runs[2], &runs[1]) ? &runs[2] : &runs[1];
}

/* Delivers records of the first run up to @limit, or until another run has an older record. */
static int deliver_run(struct timeline *timeline, u64 limit)
{
	struct run *run = timeline->runs;
	const struct run *next = second(timeline);
	bool whole = run->last <= limit && (!next || run->last < next->time);
	int err;

	do {
		union perf_event *event = to_event(run->pos);

		err = timeline->deliver(timeline->data, event);
		if (err)
			return err;
		run->pos += event->header.size;
		if (whole || run->pos == run->end)
			continue;
		err = find_time(timeline, to_event(run->pos), &run->time);
		if (err)
			return bad_record(to_event(run->pos), err);
		if (run->time > limit || (next && is_before(next, run)))
			return 0;
	} while (run->pos < run->end);
	return 0;
}

static bool is_needed(const struct timeline *timeline, const char *start, const char *end)
{
	size_t i;

	for (i = 0; i < timeline->nr; i++) {
		if (timeline->runs[i].pos >= start && timeline->runs[i].pos < end)
			return true;
	}
	return false;
}

static void release_pieces(struct timeline *timeline, struct damon_inflate *inflate)
{
	const char *start, *end;

	while (damon_inflate__oldest(inflate, &start, &end) && !is_needed(timeline, start, end))
		damon_inflate__drop_oldest(inflate);
}

/* The mapping is of a file, so its pages are read in again if they are accessed again. */
static void release(struct timeline *timeline, const char *pos)
{
	size_t i, size;

	release_pieces(timeline, &timeline->inflate);
	release_pieces(timeline, &timeline->copies);
	for (i = 0; i < timeline->nr && !timeline->is_compressed; i++)
		pos = min(pos, timeline->runs[i].pos);
	size = (pos - timeline->released) / RELEASE_SIZE * RELEASE_SIZE;
	if (size) {
		madvise(timeline->released, size, MADV_DONTNEED);
		timeline->released += size;
	}
}

static int deliver_until(struct timeline *timeline, u64 limit)
{
	int err;

	timeline->open = false;
	make_heap(timeline);
	while (timeline->nr && timeline->runs[0].time <= limit) {
		err = deliver_run(timeline, limit);
		if (err)
			return err;
		if (timeline->runs[0].pos == timeline->runs[0].end)
			timeline->runs[0] = timeline->runs[--timeline->nr];
		sift_down(timeline, 0);
	}
	return 0;
}

static int end_round(struct timeline *timeline)
{
	u64 limit = timeline->limit;

	timeline->limit = timeline->newest;
	return deliver_until(timeline, limit);
}

static int add_run(struct timeline *timeline, const char *pos, u64 time)
{
	struct run *run;
	int err;

	if (timeline->nr == MAX_RUNS) {
		err = deliver_until(timeline, timeline->newest);
		if (err)
			return err;
	}
	if (timeline->nr == timeline->capacity &&
	    damon_array__grow(&timeline->runs, &timeline->capacity))
		return damon_out_of_memory();
	run = &timeline->runs[timeline->nr++];
	run->pos = pos;
	run->time = time;
	run->nr = timeline->nr_ever++;
	timeline->open = true;
	return 0;
}

static int add_record(struct timeline *timeline, union perf_event *event)
{
	const char *pos = (const char *)event;
	u64 time = -1ULL;
	struct run *run;
	int err;

	err = find_time(timeline, event, &time);
	if (err && err != -1)
		return bad_record(event, err);
	/* As in perf: deliver records without a time immediately. */
	if (!time || time == -1ULL) {
		timeline->open = false;
		return timeline->deliver(timeline->data, event);
	}
	if (!timeline->open || pos != timeline->runs[timeline->nr - 1].end ||
	    time < timeline->runs[timeline->nr - 1].last) {
		err = add_run(timeline, pos, time);
		if (err)
			return err;
	}
	run = &timeline->runs[timeline->nr - 1];
	run->end = pos + event->header.size;
	run->last = time;
	timeline->newest = max(timeline->newest, time);
	return 0;
}

/* Records synthesized by perf record are passed to perf. */
static int add_user_record(struct timeline *timeline, union perf_event *event)
{
	int err = -EINVAL;

	timeline->open = false;
	switch (event->header.type) {
	case PERF_RECORD_FINISHED_ROUND:
		return end_round(timeline);
	/* They replace the header in streams, and add nothing to the header of a file. */
	case PERF_RECORD_HEADER_ATTR:
	case PERF_RECORD_HEADER_TRACING_DATA:
	case PERF_RECORD_HEADER_FEATURE:
	case PERF_RECORD_EVENT_UPDATE:
		return 0;
	case PERF_RECORD_AUXTRACE:
	case PERF_RECORD_COMPRESSED:
	case PERF_RECORD_HEADER_MAX ... UINT_MAX:
		break;
	default:
		err = perf_session__deliver_synth_event(timeline->session, event, NULL);
	}
	return err < 0 ? bad_record(event, err) : 0;
}

static int add_event(struct timeline *timeline, union perf_event *event)
{
	if (event->header.type < PERF_RECORD_USER_TYPE_START)
		return add_record(timeline, event);
	return add_user_record(timeline, event);
}

static int no_record(ptrdiff_t left)
{
	pr_err("data are damaged: no record %td bytes before their end\n", left);
	return -EINVAL;
}

/* perf relies on the alignment of records. */
static bool has_size(const struct perf_event_header *header)
{
	return header->size >= sizeof(*header) && header->size % sizeof(u64) == 0;
}

static int add_whole_records(struct timeline *timeline, struct damon_inflate *inflate)
{
	int err = 0;

	while (!err && inflate->end - inflate->pos >= (ptrdiff_t)sizeof(struct perf_event_header)) {
		union perf_event *event = to_event(inflate->pos);

		if (!has_size(&event->header))
			return no_record(inflate->end - inflate->pos);
		if (event->header.size > inflate->end - inflate->pos)
			break;
		inflate->pos += event->header.size;
		err = add_event(timeline, event);
	}
	return err;
}

static int add_compressed(struct timeline *timeline, const char *data, size_t size)
{
	struct damon_inflate *inflate = &timeline->inflate;
	int err;

	damon_inflate__feed(inflate, data, size);
	while ((err = damon_inflate__more(inflate)) > 0) {
		err = add_whole_records(timeline, inflate);
		if (!err && inflate->nr_pieces > MAX_PIECES) {
			err = deliver_until(timeline, timeline->newest);
			release_pieces(timeline, inflate);
		}
		if (err)
			return err;
	}
	return err;
}

/* Records after compressed ones may not be aligned in the file, so they are copied. */
static int add_from_file(struct timeline *timeline, const struct perf_event_header *header,
			 const char *pos)
{
	union perf_event *event = to_event(pos);

	if (!timeline->is_compressed)
		return add_event(timeline, event);
	if (header->type == PERF_RECORD_COMPRESSED)
		return add_compressed(timeline, pos + sizeof(*header),
				      header->size - sizeof(*header));
	event = damon_inflate__copy(&timeline->copies, pos, header->size);
	return event ? add_event(timeline, event) : -ENOMEM;
}

static bool read_header(const struct timeline *timeline, struct perf_event_header *header,
			const char *pos, const char *end)
{
	if (end - pos < (ptrdiff_t)sizeof(*header))
		return false;
	memcpy(header, pos, sizeof(*header));
	if (header->size > end - pos)
		return false;
	/* Compressed records may have any size. */
	if (timeline->is_compressed && header->type == PERF_RECORD_COMPRESSED)
		return header->size >= sizeof(*header);
	return has_size(header);
}

static int add_records(struct timeline *timeline, const char *pos, const char *end)
{
	const char *shown = pos;
	struct ui_progress progress;
	int err = 0;

	ui_progress__init_size(&progress, end - pos, "Processing events...");
	while (pos < end && !err) {
		struct perf_event_header header;

		if (!read_header(timeline, &header, pos, end)) {
			err = no_record(end - pos);
			break;
		}
		err = add_from_file(timeline, &header, pos);
		pos += header.size;
		if (header.type >= PERF_RECORD_USER_TYPE_START)
			release(timeline, pos);
		if (pos - shown >= PROGRESS_SIZE) {
			ui_progress__update(&progress, pos - shown);
			shown = pos;
		}
	}
	if (!err && timeline->inflate.pos != timeline->inflate.end)
		err = no_record(timeline->inflate.end - timeline->inflate.pos);
	if (!err)
		err = deliver_until(timeline, timeline->newest);
	ui_progress__finish();
	return err;
}

static bool is_compressed(struct perf_session *session)
{
	return perf_header__has_feat(&session->header, HEADER_COMPRESSED);
}

/**
 * damon_timeline__can_map - check whether damon_timeline__run() supports a file
 * @session: the session, open
 *
 * Return: false if perf_session__process_events() is needed, for example for pipes, directories and
 * files of the other byte order.
 */
bool damon_timeline__can_map(struct perf_session *session)
{
	return !perf_data__is_pipe(session->data) && !perf_data__is_dir(session->data) &&
	       !session->header.needs_swap && session->header.data_offset % sizeof(u64) == 0 &&
	       evlist__sample_id_all(session->evlist) &&
	       !perf_header__has_feat(&session->header, HEADER_AUXTRACE);
}

/**
 * damon_timeline__run - read all records
 * @session: the session
 * @deliver: callback for the kernel's records, called in order of time
 * @data: passed to @deliver
 *
 * Return: 0, a non-zero result of @deliver, or a negative error number after printing an error.
 */
int damon_timeline__run(struct perf_session *session, damon_timeline_fn deliver, void *data)
{
	struct timeline timeline = { .session = session, .deliver = deliver, .data = data };
	size_t size = session->header.data_offset + session->header.data_size;
	char *map;
	int err;

	map = mmap(NULL, size, PROT_READ, MAP_SHARED, perf_data__fd(session->data), 0);
	if (map == MAP_FAILED) {
		err = -errno;
		pr_err("%s: %m\n", session->data->path);
		return err;
	}
	madvise(map, size, MADV_SEQUENTIAL);
	timeline.sample_time = find_sample_time(session->evlist);
	timeline.trailer = evlist__id_hdr_size(session->evlist);
	timeline.released = map;
	timeline.is_compressed = is_compressed(session);
	damon_inflate__init(&timeline.inflate);
	damon_inflate__init(&timeline.copies);
	err = add_records(&timeline, map + session->header.data_offset, map + size);
	damon_inflate__exit(&timeline.inflate);
	damon_inflate__exit(&timeline.copies);
	free(timeline.runs);
	munmap(map, size);
	return err;
}
