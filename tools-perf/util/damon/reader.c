// SPDX-License-Identifier: GPL-2.0
/*
 * Reads perf.data for all reports. Events are processed as they are read, and
 * only one snapshot for each kdamond is kept in memory. A report that needs
 * two passes runs the reader twice.
 */
#include "cut.h"
#include "errors.h"
#include "reader.h"
#include "inflate.h"
#include "layout.h"
#include "output.h"
#include "sane.h"
#include "timeline.h"
#include "tracepoint.h"
#include "util/data.h"
#include "util/debug.h"
#include "util/env.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/sample.h"
#include "util/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

static struct damon_reader *to_reader(const struct perf_tool *tool)
{
	return container_of(tool, struct damon_reader, tool);
}

static int add_event(struct damon_reader *reader, const struct damon_event *event, bool sane)
{
	if (sane)
		return damon_assembler__add(&reader->assembler, event);
	reader->source.nr_malformed++;
	return 0;
}

static int prepare(struct damon_reader *reader);

static int process_sample(const struct perf_tool *tool, union perf_event *perf_event __maybe_unused,
			  struct perf_sample *sample, struct evsel *evsel,
			  struct machine *machine __maybe_unused)
{
	struct damon_reader *reader = to_reader(tool);
	struct damon_event event = { .kdamond = sample->tid, .time = sample->time };
	int err = prepare(reader);

	if (err || evsel->handler != process_sample)
		return err;
	return add_event(reader, &event,
			 damon_tracepoint__parse_raw(evsel->priv, sample->raw_data,
						     sample->raw_size, &event));
}

/* Decodes most samples directly. Everything else is delivered by perf. */
static int process_record(void *data, union perf_event *record)
{
	struct damon_reader *reader = data;
	struct perf_session *session = reader->session;
	struct perf_sample sample;
	struct damon_event event;
	struct evsel *evsel;
	int err;

	if (record->header.type == PERF_RECORD_SAMPLE) {
		const struct damon_tracepoint *tracepoint;

		evsel = evlist__event2evsel(session->evlist, record);
		tracepoint = evsel && evsel->handler == process_sample ? evsel->priv : NULL;
		if (tracepoint && tracepoint->raw)
			return add_event(reader, &event,
					 damon_tracepoint__parse(tracepoint, record, &event));
	}
	/* Ignore record types of newer kernels. */
	if (record->header.type >= PERF_RECORD_MAX)
		return 0;
	err = evlist__parse_sample(session->evlist, record, &sample);
	if (err) {
		pr_err("data are damaged: a record of type %u makes no sense\n",
		       record->header.type);
		return err;
	}
	return perf_session__deliver_synth_event(session, record, &sample);
}

static int process_comm(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	if (!damon_record__is_sane(event))
		return 0;
	return perf_event__process_comm(tool, event, sample, machine);
}

static int process_fork(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	if (!damon_record__is_sane(event))
		return 0;
	return perf_event__process_fork(tool, event, sample, machine);
}

static int process_lost(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample __maybe_unused,
			struct machine *machine __maybe_unused)
{
	struct damon_reader *reader = to_reader(tool);

	reader->nr_lost_events += event->lost.lost;
	reader->nr_gaps++;
	damon_assembler__lost(&reader->assembler);
	return 0;
}

/* Any event may have this name. tp_format is NULL if the file has no format. */
static bool is_aggregated(struct evsel *evsel)
{
	return evsel->core.attr.type == PERF_TYPE_TRACEPOINT && evsel->tp_format &&
	       evsel__name_is(evsel, "damon:damon_aggregated");
}

/*
 * Written at the end, for the whole recording, and includes the events counted
 * by process_lost(). Samples dropped by a BPF filter are not lost, and lost
 * samples of other events do not matter.
 */
static int process_lost_samples(const struct perf_tool *tool, union perf_event *event,
				struct perf_sample *sample,
				struct machine *machine __maybe_unused)
{
	struct damon_reader *reader = to_reader(tool);
	struct evsel *evsel = evlist__id2evsel(reader->session->evlist, sample->id);

	if (event->header.misc & PERF_RECORD_MISC_LOST_SAMPLES_BPF)
		return 0;
	if (evsel && is_aggregated(evsel))
		reader->nr_lost_samples += event->lost_samples.lost;
	return 0;
}

static int complete(void *data, pid_t kdamond, unsigned long target_id,
		    const struct damon_snapshot *snapshot)
{
	struct damon_reader *reader = data;

	return reader->ops->snapshot(reader->data, kdamond, target_id, snapshot);
}

static int incomplete(void *data, pid_t kdamond, unsigned long target_id, u64 time)
{
	struct damon_reader *reader = data;

	reader->nr_gaps++;
	if (!reader->ops->incomplete)
		return 0;
	return reader->ops->incomplete(reader->data, kdamond, target_id, time);
}

static const struct damon_assembler_ops assembler_ops = {
	.complete	= complete,
	.incomplete	= incomplete,
};

static void read_source(struct damon_reader *reader, struct perf_env *env)
{
	struct damon_source *source = &reader->source;

	/* perf sets nr_cmdline even if it could not read the arguments. */
	if (!source->has_settings && env->cmdline_argv)
		source->has_settings = damon_settings__parse_cmdline(&source->settings,
								     env->nr_cmdline - 1,
								     env->cmdline_argv + 1);
	if (!source->os_release && env->os_release)
		source->os_release = damon_output__printable(env->os_release);
	if (!source->hostname && env->hostname)
		source->hostname = damon_output__printable(env->hostname);
}

static int find_tracepoints(struct damon_reader *reader, struct evlist *evlist)
{
	struct damon_tracepoint *tracepoint;
	struct evsel *evsel;
	int err;

	tracepoint = calloc(max(1, evlist->core.nr_entries), sizeof(*tracepoint));
	if (!tracepoint)
		return damon_out_of_memory();
	reader->tracepoints = tracepoint;
	evlist__for_each_entry(evlist, evsel) {
		if (!is_aggregated(evsel))
			continue;
		if (!(evsel->core.attr.sample_type & PERF_SAMPLE_TIME)) {
			pr_err("%s has no time stamps: record without --no-timestamp\n",
			       reader->path);
			return -EINVAL;
		}
		reader->source.is_partial |= evsel->core.attr.freq ||
					     evsel->core.attr.sample_period > 1;
		err = damon_tracepoint__init(tracepoint, evsel);
		if (err)
			return err;
		reader->source.has_age = damon_tracepoint__has(tracepoint, DAMON_FIELD_AGE);
		evsel->handler = process_sample;
		evsel->priv = tracepoint++;
	}
	if (tracepoint > reader->tracepoints)
		return 0;
	pr_err("no damon:damon_aggregated events in %s; record with 'perf damon record'\n",
	       reader->path);
	return -ENOENT;
}

/* Needs perf's evlist: known at once for a file, by the first sample for a stream. */
static int prepare(struct damon_reader *reader)
{
	int err;

	if (reader->tracepoints)
		return 0;
	err = find_tracepoints(reader, reader->session->evlist);
	if (err)
		return err;
	read_source(reader, &reader->session->header.env);
	if (reader->source.has_settings)
		damon_assembler__set_interval(&reader->assembler,
					      reader->source.settings.aggr_ns);
	return 0;
}

static int say_cut_off(const struct damon_reader *reader)
{
	pr_err("%s is cut off, or damaged: its end is missing, without which its events cannot be read\n",
	       reader->path);
	return -EINVAL;
}

/*
 * The header may be corrupt, and reading a mapping beyond the end of the file
 * raises SIGBUS. check_end() only covers files of the host's byte order.
 */
static int check_size(struct damon_reader *reader)
{
	const struct perf_header *header = &reader->session->header;
	u64 size = perf_data__size(reader->session->data);

	if (header->data_offset <= size && header->data_size <= size - header->data_offset)
		return 0;
	return say_cut_off(reader);
}

/* perf would ignore the compressed records silently. */
static int check_compression(struct damon_reader *reader)
{
	if (damon_inflate__is_supported() ||
	    !perf_header__has_feat(&reader->session->header, HEADER_COMPRESSED))
		return 0;
	pr_err("%s is compressed, and this perf was built without libzstd\n", reader->path);
	return -EOPNOTSUPP;
}

static int process_events(struct damon_reader *reader)
{
	struct perf_session *session = reader->session;
	bool is_stream = perf_data__is_pipe(session->data);
	int err = 0;

	if (!is_stream)
		err = check_size(reader) ?: check_compression(reader) ?: prepare(reader);
	if (err)
		return err;
	if (damon_timeline__can_map(session))
		return damon_timeline__run(session, process_record, reader);
	err = perf_session__process_events(session);
	return err ?: prepare(reader);
}

static int process_session(struct damon_reader *reader)
{
	int err;

	reader->source.nr_malformed = 0;
	reader->nr_lost_events = 0;
	reader->nr_lost_samples = 0;
	reader->nr_gaps = 0;
	damon_assembler__init(&reader->assembler, &assembler_ops, reader, 0);
	err = process_events(reader);
	if (!err)
		err = damon_assembler__flush(&reader->assembler);
	damon_assembler__exit(&reader->assembler);
	zfree(&reader->tracepoints);
	reader->source.nr_lost = max(reader->nr_lost_events, reader->nr_lost_samples);

	if (!err && reader->ops->end)
		err = reader->ops->end(reader->data, reader->session);
	return err;
}

/* HEADER_LAST_FEATURE only marks the end of the features of a stream. */
static int process_feature(struct perf_session *session, union perf_event *event)
{
	if (event->feat.feat_id == HEADER_LAST_FEATURE)
		return 0;
	return perf_event__process_feature(session, event);
}

/**
 * damon_reader__init - prepare to read a file
 * @reader: the reader
 * @path: the file, -: standard input
 * @force: do not check the owner of the file
 */
void damon_reader__init(struct damon_reader *reader, const char *path, bool force)
{
	memset(reader, 0, sizeof(*reader));
	reader->path = path;
	reader->force = force;
}

/**
 * damon_reader__exit - free what was read
 * @reader: the reader
 */
void damon_reader__exit(struct damon_reader *reader)
{
	damon_settings__exit(&reader->source.settings);
	zfree(&reader->source.os_release);
	zfree(&reader->source.hostname);
	zfree(&reader->file);
	if (reader->spool)
		fclose(reader->spool);
}

/* Copies a stream to a temporary file for a second pass: it may not fit into memory. */
static FILE *spool(FILE *input)
{
	FILE *file = tmpfile();
	char buf[BUFSIZ];
	size_t size;

	if (!file)
		return NULL;
	while ((size = fread(buf, 1, sizeof(buf), input)) > 0) {
		if (fwrite(buf, 1, size, file) != size)
			break;
	}
	if (!ferror(input) && !ferror(file) && !fflush(file))
		return file;
	fclose(file);
	return NULL;
}

/* Runs before perf opens the file, because perf's message would mislead. */
static int check_end(struct damon_reader *reader)
{
	switch (damon_cut__find(reader->file)) {
	case DAMON_CUT_EVENTS:
		return say_cut_off(reader);
	case DAMON_CUT_SETTINGS:
		reader->source.is_cut = true;
		return 0;
	case DAMON_CUT_NOTHING:
	default:
		return 0;
	}
}

static int open_input(struct damon_reader *reader)
{
	if (reader->file)
		return 0;
	if (strcmp(reader->path, "-")) {
		reader->file = strdup(reader->path);
	} else {
		reader->spool = spool(stdin);
		if (!reader->spool) {
			pr_err("cannot keep the standard input in a temporary file: %m\n");
			return -EIO;
		}
		if (!ftell(reader->spool)) {
			pr_err("nothing came from the standard input: see what wrote to it, or give a file with -i\n");
			return -ENODATA;
		}
		if (asprintf(&reader->file, "/proc/self/fd/%d", fileno(reader->spool)) < 0)
			reader->file = NULL;
	}
	if (!reader->file)
		return damon_out_of_memory();
	return check_end(reader);
}

/**
 * damon_reader__run - read the whole file
 * @reader: the reader
 * @ops: callbacks for the snapshots
 * @data: passed to @ops
 *
 * Return: 0, a non-zero result of a callback, or a negative error number after printing an error.
 */
int damon_reader__run(struct damon_reader *reader, const struct damon_reader_ops *ops, void *data)
{
	struct perf_data perf_data = {
		.mode	= PERF_DATA_MODE_READ,
		.force	= reader->force,
	};
	struct perf_session *session;
	int err;

	err = open_input(reader);
	if (err)
		return err;
	perf_data.path = reader->file;
	reader->ops = ops;
	reader->data = data;
	perf_tool__init(&reader->tool, /*ordered_events=*/true);
	reader->tool.sample = process_sample;
	reader->tool.lost = process_lost;
	reader->tool.lost_samples = process_lost_samples;
	reader->tool.comm = process_comm;
	reader->tool.fork = process_fork;
	reader->tool.attr = perf_event__process_attr;
	reader->tool.event_update = perf_event__process_event_update;
	reader->tool.tracing_data = perf_event__process_tracing_data;
	reader->tool.feature = process_feature;
	reader->tool.ordering_requires_timestamps = true;
	if (reader->maps)
		damon_layout__watch(&reader->tool);

	session = perf_session__new(&perf_data, &reader->tool);
	if (IS_ERR(session))
		return PTR_ERR(session);
	reader->session = session;
	err = process_session(reader);
	perf_session__delete(session);
	return err;
}
