// SPDX-License-Identifier: GPL-2.0
/*
 * One way to read perf.data, for all reports: events stream through, and nothing is kept but a
 * snapshot for each kdamond. Who needs two looks runs it twice.
 */
#include "damon-reader.h"
#include "data.h"
#include "debug.h"
#include "env.h"
#include "event.h"
#include "evlist.h"
#include "evsel.h"
#include "sample.h"
#include "session.h"
#include "trace-event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>
#include <traceevent/event-parse.h>

static const char * const field_names[DAMON_NR_FIELDS] = {
	[DAMON_FIELD_TARGET_ID]		= "target_id",
	[DAMON_FIELD_NR_REGIONS]	= "nr_regions",
	[DAMON_FIELD_START]		= "start",
	[DAMON_FIELD_END]		= "end",
	[DAMON_FIELD_NR_ACCESSES]	= "nr_accesses",
	[DAMON_FIELD_AGE]		= "age",
};

static bool field_is_optional(enum damon_field field)
{
	return field == DAMON_FIELD_AGE;
}

static struct damon_reader *to_reader(const struct perf_tool *tool)
{
	return container_of(tool, struct damon_reader, tool);
}

/* Looked up once: a long record has many millions of events. */
static int find_fields(struct damon_reader *reader, struct evsel *evsel)
{
	struct tep_format_field *field;
	u32 end;
	int i;

	reader->raw_size = 0;
	for (i = 0; i < DAMON_NR_FIELDS; i++) {
		field = evsel__field(evsel, field_names[i]);
		reader->fields[i] = field;
		if (!field && field_is_optional(i))
			continue;
		if (!field || field->offset < 0 || field->size <= 0 || field->size > 8) {
			pr_err("%s: its damon:damon_aggregated has no usable field '%s'\n",
			       reader->path, field_names[i]);
			return -EINVAL;
		}
		end = field->offset + field->size;
		reader->raw_size = max(reader->raw_size, end);
	}
	reader->source.has_age = reader->fields[DAMON_FIELD_AGE];
	return 0;
}

static u64 field_value(const struct damon_reader *reader, enum damon_field field,
		       struct perf_sample *sample, const struct evsel *evsel)
{
	if (!reader->fields[field])
		return 0;
	return format_field__intval(reader->fields[field], sample, evsel->needs_swap);
}

static int process_sample(const struct perf_tool *tool, union perf_event *perf_event __maybe_unused,
			  struct perf_sample *sample, struct evsel *evsel,
			  struct machine *machine __maybe_unused)
{
	struct damon_reader *reader = to_reader(tool);
	struct damon_event event;

	if (evsel->handler != process_sample)
		return 0;
	if (sample->raw_size < reader->raw_size) {
		reader->source.nr_malformed++;
		return 0;
	}

	event.kdamond = sample->tid;
	event.time = sample->time;
	event.target_id = field_value(reader, DAMON_FIELD_TARGET_ID, sample, evsel);
	event.nr_regions = field_value(reader, DAMON_FIELD_NR_REGIONS, sample, evsel);
	event.region.start = field_value(reader, DAMON_FIELD_START, sample, evsel);
	event.region.end = field_value(reader, DAMON_FIELD_END, sample, evsel);
	event.region.nr_accesses = field_value(reader, DAMON_FIELD_NR_ACCESSES, sample, evsel);
	event.region.age = field_value(reader, DAMON_FIELD_AGE, sample, evsel);
	if (!event.nr_regions || event.region.start >= event.region.end) {
		reader->source.nr_malformed++;
		return 0;
	}
	return damon_assembler__add(&reader->assembler, &event);
}

static int process_lost(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample __maybe_unused,
			struct machine *machine __maybe_unused)
{
	struct damon_reader *reader = to_reader(tool);

	reader->nr_lost_events += event->lost.lost;
	damon_assembler__lost(&reader->assembler);
	return 0;
}

/* Written at the end, of the whole recording: it counts what process_lost() has counted, too. */
static int process_lost_samples(const struct perf_tool *tool, union perf_event *event,
				struct perf_sample *sample __maybe_unused,
				struct machine *machine __maybe_unused)
{
	to_reader(tool)->nr_lost_samples += event->lost_samples.lost;
	return 0;
}

static int complete(void *data, pid_t kdamond, unsigned long target_id,
		    const struct damon_snapshot *snapshot)
{
	struct damon_reader *reader = data;

	return reader->ops->snapshot(reader->data, kdamond, target_id, snapshot);
}

static int incomplete(void *data, pid_t kdamond, unsigned long target_id)
{
	struct damon_reader *reader = data;

	if (!reader->ops->incomplete)
		return 0;
	return reader->ops->incomplete(reader->data, kdamond, target_id);
}

static const struct damon_assembler_ops assembler_ops = {
	.complete	= complete,
	.incomplete	= incomplete,
};

static void read_source(struct damon_reader *reader, struct perf_env *env)
{
	struct damon_source *source = &reader->source;

	if (!source->has_settings)
		source->has_settings = damon_settings__parse_cmdline(&source->settings,
								     env->nr_cmdline - 1,
								     env->cmdline_argv + 1);
	if (!source->os_release && env->os_release)
		source->os_release = strdup(env->os_release);
	if (!source->hostname && env->hostname)
		source->hostname = strdup(env->hostname);
}

static int find_event(struct damon_reader *reader, struct perf_session *session)
{
	struct evsel *evsel;
	bool found = false;
	int err;

	evlist__for_each_entry(session->evlist, evsel) {
		/* Any event may be called so; only a tracepoint has a format. */
		if (evsel->core.attr.type != PERF_TYPE_TRACEPOINT ||
		    !evsel__name_is(evsel, "damon:damon_aggregated"))
			continue;
		if (!(evsel->core.attr.sample_type & PERF_SAMPLE_TIME)) {
			pr_err("%s has no time stamps: record without --no-timestamp\n",
			       reader->path);
			return -EINVAL;
		}
		err = find_fields(reader, evsel);
		if (err)
			return err;
		evsel->handler = process_sample;
		found = true;
	}
	if (found)
		return 0;
	pr_err("no damon:damon_aggregated events in %s; record with 'perf damon record'\n",
	       reader->path);
	return -ENOENT;
}

static int process_session(struct damon_reader *reader, struct perf_session *session)
{
	int err;

	err = find_event(reader, session);
	if (err)
		return err;
	read_source(reader, &session->header.env);

	reader->source.nr_malformed = 0;
	reader->nr_lost_events = 0;
	reader->nr_lost_samples = 0;
	damon_assembler__init(&reader->assembler, &assembler_ops, reader,
			      reader->source.has_settings ? reader->source.settings.aggr_ns : 0);
	err = perf_session__process_events(session);
	if (!err)
		err = damon_assembler__flush(&reader->assembler);
	damon_assembler__exit(&reader->assembler);
	reader->source.nr_lost = max(reader->nr_lost_events, reader->nr_lost_samples);

	if (!err && reader->ops->end)
		err = reader->ops->end(reader->data, session);
	return err;
}

/**
 * damon_reader__init - prepare to read a file
 * @reader: the reader
 * @path: the file
 * @force: read it whoever owns it
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
}

/**
 * damon_reader__run - read the file from begin to end
 * @reader: the reader
 * @ops: who gets the snapshots
 * @data: passed to @ops
 *
 * Return: 0, what an op returned if that was not 0, or a negative error number that has been said.
 */
int damon_reader__run(struct damon_reader *reader, const struct damon_reader_ops *ops, void *data)
{
	struct perf_data perf_data = {
		.path	= reader->path,
		.mode	= PERF_DATA_MODE_READ,
		.force	= reader->force,
	};
	struct perf_session *session;
	int err;

	reader->ops = ops;
	reader->data = data;
	perf_tool__init(&reader->tool, /*ordered_events=*/true);
	reader->tool.sample = process_sample;
	reader->tool.lost = process_lost;
	reader->tool.lost_samples = process_lost_samples;
	reader->tool.comm = perf_event__process_comm;
	reader->tool.fork = perf_event__process_fork;
	reader->tool.ordering_requires_timestamps = true;

	session = perf_session__new(&perf_data, &reader->tool);
	if (IS_ERR(session))
		return PTR_ERR(session);
	err = process_session(reader, session);
	perf_session__delete(session);
	return err;
}
