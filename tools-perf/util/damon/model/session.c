// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a perf.data by perf's session, for all reports. Events are processed as
 * they are read, and only one snapshot for each kdamond is kept in memory. A
 * report that needs two passes reads twice.
 */
#include "../errors.h"
#include "../name.h"
#include "session.h"
#include "util/debug.h"
#include "util/env.h"
#include "util/event.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/header.h"
#include "util/sample.h"
#include "util/session.h"
#include "util/string2.h"
#include "util/util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

/* If so many snapshots are not whole, that is not by the begin or the end of the record. */
#define MANY_GAPS	3

/* Options of perf record without a value: -e may follow them in one argument, such as -ae. */
#define RECORD_FLAGS	"aBbdgiNnPqRsTvW"

static struct damon_session *to_session(const struct perf_tool *tool)
{
	return container_of(tool, struct damon_session, tool);
}

/* perf takes an error of a callback for a damaged record, and says so: only end the reading. */
static int end_reading(struct damon_session *session, int err)
{
	if (err && !session->err) {
		session->err = err;
		session_done = 1;
	}
	return 0;
}

static int prepare(struct damon_session *session);
static int process_applied(const struct perf_tool *tool, union perf_event *perf_event,
			   struct perf_sample *sample, struct evsel *evsel,
			   struct machine *machine);

static int process_sample(const struct perf_tool *tool, union perf_event *perf_event,
			  struct perf_sample *sample, struct evsel *evsel,
			  struct machine *machine)
{
	struct damon_session *session = to_session(tool);
	struct damon_history *history = &session->source.history;
	struct damon_event event;
	int err = prepare(session);

	if (!err && evsel->handler == process_applied)
		return process_applied(tool, perf_event, sample, evsel, machine);
	if (err || evsel->handler != process_sample)
		return end_reading(session, err);
	if (!damon_event__parse(&event, evsel->priv, sample)) {
		session->source.nr_malformed++;
		return 0;
	}
	if (!history->first_kdamond)
		history->first_kdamond = event.kdamond;
	return end_reading(session, damon_assembler__add(&session->assembler, &event));
}

static int process_applied(const struct perf_tool *tool,
			   union perf_event *perf_event __maybe_unused, struct perf_sample *sample,
			   struct evsel *evsel, struct machine *machine __maybe_unused)
{
	struct damon_session *session = to_session(tool);
	struct damon_event event;

	if (!session->applied)
		return 0;
	if (damon_event__parse(&event, evsel->priv, sample))
		return end_reading(session, session->applied(session->applied_data, &event));
	session->source.nr_malformed++;
	return 0;
}

static int process_comm(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	struct damon_session *session = to_session(tool);
	int err = perf_event__process_comm(tool, event, sample, machine);

	if (err || !session->maps || !(event->header.misc & PERF_RECORD_MISC_COMM_EXEC))
		return err;
	return end_reading(session, damon_mappings__exec(&session->mappings, machine,
							 event->comm.pid, sample->time));
}

/* MMAP or MMAP2, which begin alike. Kernel mappings do not belong to a process. */
static int process_mmap(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample, struct machine *machine)
{
	struct damon_session *session = to_session(tool);
	int err;

	if (sample->cpumode != PERF_RECORD_MISC_USER)
		return 0;
	if (event->header.type == PERF_RECORD_MMAP2)
		err = perf_event__process_mmap2(tool, event, sample, machine);
	else
		err = perf_event__process_mmap(tool, event, sample, machine);
	return err ?: end_reading(session, damon_mappings__add(&session->mappings, machine,
							       event->mmap.pid,
							       event->mmap.start));
}

static int process_lost(const struct perf_tool *tool, union perf_event *event,
			struct perf_sample *sample __maybe_unused,
			struct machine *machine __maybe_unused)
{
	struct damon_session *session = to_session(tool);

	session->nr_lost_events += event->lost.lost;
	damon_assembler__lost(&session->assembler);
	return 0;
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
	struct damon_session *session = to_session(tool);
	struct evsel *evsel = evlist__id2evsel(session->perf->evlist, sample->id);

	if (event->header.misc & PERF_RECORD_MISC_LOST_SAMPLES_BPF)
		return 0;
	session->knows_lost_samples = true;
	if (evsel && damon_event__is_of(evsel))
		session->nr_lost_samples += event->lost_samples.lost;
	return 0;
}

/* HEADER_LAST_FEATURE only marks the end of the features of a stream. */
static int process_feature(struct perf_session *session, union perf_event *event)
{
	if (event->feat.feat_id == HEADER_LAST_FEATURE)
		return 0;
	return perf_event__process_feature(session, event);
}

static void set_settings(struct damon_source *source)
{
	source->has_settings = source->history.nr;
	if (source->has_settings)
		source->settings = source->history.entry[0]->settings;
}

/* In a file, names and units of events are in the header. */
static int process_event_update(const struct perf_tool *tool, union perf_event *event,
				struct evlist **evlist)
{
	const struct perf_record_event_update *update = &event->event_update;
	struct damon_session *session = to_session(tool);
	const struct damon_assembler *assembler = &session->assembler;
	const size_t note_at = offsetof(typeof(*update), note);

	if (event->header.size < note_at || update->type != PERF_EVENT_UPDATE__NOTE)
		return perf_data__is_pipe(&session->data) ?
			perf_event__process_event_update(tool, event, evlist) : 0;
	/* An earlier pass has read them. Those of others are passed over. */
	if (session->nr_passes || !memchr(update->note, '\0', event->header.size - note_at))
		return 0;
	if (!damon_history__read_enabled(&session->source.history, update->note))
		return 0;
	damon_stats__read(&session->source.stats, update->note);
	if (!damon_history__read(&session->source.history, update->note))
		session->has_late_note |= assembler->nr_whole || assembler->nr_gaps;
	set_settings(&session->source);
	return 0;
}

/* The value of an option: in this argument, in the next one, or NULL. */
static const char *option_value(const struct perf_env *env, int i, const char *name,
				char short_name)
{
	const char *arg = env->cmdline_argv[i];
	const char *next = i + 1 < env->nr_cmdline ? env->cmdline_argv[i + 1] : NULL;
	size_t len = strlen(name);

	if (!strcmp(arg, name))
		return next;
	if (strstarts(arg, name) && arg[len] == '=')
		return arg + len + 1;
	if (!short_name || *arg++ != '-')
		return NULL;
	arg += strspn(arg, RECORD_FLAGS);
	if (*arg++ != short_name)
		return NULL;
	return *arg ? arg : next;
}

/* A filter is of the last event of a list, or of all that a pattern with wildcards matches. */
static bool ends_with_ours(const char *events)
{
	const char *comma = strrchr(events, ',');
	const char *last = comma ? comma + 1 : events, *colon;
	char name[64];

	last += *last == '{';
	colon = strchr(last, ':');
	if (!colon)
		return false;
	/* Without modifiers, and the end of a group. */
	scnprintf(name, sizeof(name), "%.*s", (int)(colon + 1 - last + strcspn(colon + 1, ":/}")),
		  last);
	return strglobmatch(DAMON_EVENT, name);
}

/*
 * perf record has kept only the command line: a filter is of the event before it. perf damon record
 * has no filters, but may run a command that has one.
 */
static const char *find_filter(const struct perf_env *env)
{
	const char *value, *events = "";
	int i;

	if (env->nr_cmdline > 1 && !strcmp(env->cmdline_argv[1], "damon"))
		return NULL;
	for (i = 1; i < env->nr_cmdline && strcmp(env->cmdline_argv[i], "--"); i++) {
		value = option_value(env, i, "--event", 'e');
		if (value)
			events = value;
		value = option_value(env, i, "--filter", 0);
		if (value && ends_with_ours(events))
			return value;
	}
	return NULL;
}

static void read_source(struct damon_session *session, const struct perf_header *header)
{
	struct damon_source *source = &session->source;
	const struct perf_env *env = &header->env;
	const char *filter;

	/* perf sets nr_cmdline even if it could not read the arguments. */
	if (!source->has_settings && env->cmdline_argv)
		damon_history__read_cmdline(&source->history, env->nr_cmdline - 1,
					    env->cmdline_argv + 1);
	set_settings(source);
	source->is_cut = perf_header__has_feat(header, HEADER_CMDLINE) && !env->cmdline_argv;
	source->first_sample = session->perf->evlist->first_sample_time;
	source->last_sample = session->perf->evlist->last_sample_time;
	filter = !source->filter && env->cmdline_argv ? find_filter(env) : NULL;
	if (filter)
		source->filter = damon_name__printable(filter);
	if (source->filter)
		session->missing = DAMON_MISSING_FILTERED;
	else if (source->is_partial)
		session->missing = DAMON_MISSING_ANY;
	session->assembler.missing = session->missing;
	if (!source->os_release && env->os_release)
		source->os_release = damon_name__printable(env->os_release);
	if (!source->hostname && env->hostname)
		source->hostname = damon_name__printable(env->hostname);
}

/* Schemes are optional, as are their fields: without a usable format, nothing is known of them. */
static bool init_applied(struct damon_session *session, struct evsel *evsel,
			 struct damon_event_format *format)
{
	if (!damon_event__is_of_scheme(evsel) ||
	    !(evsel->core.attr.sample_type & PERF_SAMPLE_TIME) ||
	    damon_event_format__init(format, evsel))
		return false;
	evsel->handler = process_applied;
	evsel->priv = format;
	session->source.has_applied = true;
	return true;
}

static int find_formats(struct damon_session *session, struct evlist *evlist)
{
	struct damon_event_format *format;
	bool found = false;
	struct evsel *evsel;
	int err;

	format = calloc(max(1, evlist->core.nr_entries), sizeof(*format));
	if (!format)
		return damon_out_of_memory();
	session->formats = format;
	evlist__for_each_entry(evlist, evsel) {
		if (init_applied(session, evsel, format))
			format++;
		if (!damon_event__is_of(evsel))
			continue;
		found = true;
		if (!(evsel->core.attr.sample_type & PERF_SAMPLE_TIME)) {
			pr_err("%s has no time stamps: record without --no-timestamp\n",
			       session->path);
			return -EINVAL;
		}
		session->source.is_partial |= evsel->core.attr.freq ||
					      evsel->core.attr.sample_period > 1;
		err = damon_event_format__init(format, evsel);
		if (err)
			return err;
		session->source.has_age = format->field[DAMON_FIELD_AGE];
		damon_clock__read(&session->source.clock, &session->perf->header.env, evsel);
		evsel->handler = process_sample;
		evsel->priv = format++;
	}
	if (found)
		return 0;
	pr_err("no damon:damon_aggregated events in %s; record with 'perf damon record'\n",
	       session->path);
	return -ENOENT;
}

/* Needs perf's evlist: known at once for a file, by the first sample for a stream. */
static int prepare(struct damon_session *session)
{
	int err;

	if (session->formats)
		return 0;
	err = find_formats(session, session->perf->evlist);
	if (err)
		return err;
	read_source(session, &session->perf->header);
	return 0;
}

/* A file without a name, in TMPDIR: it may be large, and /tmp in memory. */
static FILE *open_temporary(void)
{
	const char *dir = getenv("TMPDIR");
	char *path;
	FILE *file;
	int fd;

	if (asprintf(&path, "%s/perf-damon.XXXXXX", dir && *dir ? dir : P_tmpdir) < 0)
		return NULL;
	fd = mkstemp(path);
	if (fd >= 0)
		unlink(path);
	free(path);
	file = fd >= 0 ? fdopen(fd, "w+") : NULL;
	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* Copies a stream to a temporary file for a second pass: it may not fit into memory. */
static FILE *spool(FILE *input)
{
	FILE *file = open_temporary();
	char buf[BUFSIZ];
	size_t size;

	if (!file)
		return NULL;
	do {
		size = fread(buf, 1, sizeof(buf), input);
	} while (size && fwrite(buf, 1, size, file) == size);
	if (!ferror(input) && !ferror(file) && !fflush(file))
		return file;
	fclose(file);
	return NULL;
}

/**
 * damon_session__is_pipe - find out whether the input can be read only once
 * @session: the session
 */
bool damon_session__is_pipe(const struct damon_session *session)
{
	struct stat st;

	return !strcmp(session->path, "-") && !fstat(STDIN_FILENO, &st) && !S_ISREG(st.st_mode);
}

/* Wait for the writer: it may be about to say why it ends. */
static bool is_empty(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	return poll(&pollfd, 1, -1) == 1 && !(pollfd.revents & POLLIN);
}

static int open_input(struct damon_session *session)
{
	if (session->file)
		return 0;
	if (strcmp(session->path, "-")) {
		session->file = strdup(session->path);
	} else if (is_empty(STDIN_FILENO)) {
		pr_err("nothing came from the standard input: see what wrote to it, or give a file with -i\n");
		return -ENODATA;
	} else if (!damon_session__is_pipe(session)) {
		session->file = strdup("/proc/self/fd/0");
	} else if (session->once) {
		session->file = strdup("-");
	} else {
		session->spool = spool(stdin);
		if (!session->spool) {
			pr_err("cannot keep the standard input in a temporary file: %m; TMPDIR tells in which folder\n");
			return -EIO;
		}
		if (asprintf(&session->file, "/proc/self/fd/%d", fileno(session->spool)) < 0)
			session->file = NULL;
	}
	return session->file ? 0 : damon_out_of_memory();
}

/**
 * damon_session__init - prepare to read a file
 * @session: the session
 * @path: the file, -: standard input
 * @force: do not check the owner of the file
 */
void damon_session__init(struct damon_session *session, const char *path, bool force)
{
	memset(session, 0, sizeof(*session));
	session->path = path;
	session->force = force;
}

/**
 * damon_session__exit - free what was read
 * @session: the session
 */
void damon_session__exit(struct damon_session *session)
{
	damon_mappings__exit(&session->mappings);
	damon_history__exit(&session->source.history);
	damon_stats__exit(&session->source.stats);
	zfree(&session->source.filter);
	zfree(&session->source.os_release);
	zfree(&session->source.hostname);
	zfree(&session->file);
	if (session->spool)
		fclose(session->spool);
}

static void init_tool(struct damon_session *session, bool samples)
{
	struct perf_tool *tool = &session->tool;

	perf_tool__init(tool, /*ordered_events=*/true);
	if (samples)
		tool->sample = process_sample;
	tool->lost = process_lost;
	tool->lost_samples = process_lost_samples;
	tool->comm = process_comm;
	tool->fork = perf_event__process_fork;
	tool->event_update = process_event_update;
	tool->ordering_requires_timestamps = true;
	tool->no_warn = true;
	if (session->maps) {
		tool->mmap = process_mmap;
		tool->mmap2 = process_mmap;
	}
}

static bool has_mappings(struct evlist *evlist)
{
	struct evsel *evsel;

	evlist__for_each_entry(evlist, evsel) {
		if (evsel->core.attr.mmap || evsel->core.attr.mmap2)
			return true;
	}
	return false;
}

static int read_events(struct damon_session *session, bool samples)
{
	struct perf_tool *tool = &session->tool;
	int err;

	/* In a stream, these replace the header. To that of a file they would add nothing. */
	if (perf_data__is_pipe(&session->data)) {
		tool->attr = perf_event__process_attr;
		tool->tracing_data = perf_event__process_tracing_data;
		tool->feature = process_feature;
	} else {
		err = prepare(session);
		if (err || (!samples && !has_mappings(session->perf->evlist)))
			return err;
	}
	err = perf_session__process_events(session->perf);
	session_done = 0;
	session->nr_passes++;
	err = session->err ?: err;
	if (session->only_header)
		return err;
	err = err ?: prepare(session);
	return err ?: damon_assembler__flush(&session->assembler);
}

/* Like perf report --header. The features of a stream are printed as they come. */
static void print_header(struct damon_session *session)
{
	session->tool.show_feat_hdr = session->header;
	if (session->header)
		perf_session__fprintf_info(session->perf, stdout,
					   session->header == SHOW_FEAT_HEADER_FULL_INFO);
	session->header = SHOW_FEAT_NO_HEADER;
}

/* Lost events may be those of others. Lost samples are counted for each event, at the end. */
static unsigned long count_lost(const struct damon_session *session)
{
	const struct evsel *evsel;

	evlist__for_each_entry(session->perf->evlist, evsel) {
		if (session->knows_lost_samples && evsel->handler != process_sample &&
		    !evsel__is_dummy_event((struct evsel *)evsel))
			return session->nr_lost_samples;
	}
	return max(session->nr_lost_events, session->nr_lost_samples);
}

/**
 * damon_session__read - read the whole file
 * @session: the session
 * @fn: called for each snapshot, NULL: samples are not read
 * @data: passed to @fn
 *
 * Return: 0, a non-zero result of @fn, or a negative error number after printing an error. In any
 * case, damon_session__close() comes next.
 */
int damon_session__read(struct damon_session *session, damon_snapshot_fn fn, void *data)
{
	struct perf_data *perf_data = &session->data;
	struct perf_session *perf;
	int err = open_input(session);

	if (err)
		return err;
	*perf_data = (struct perf_data){
		.path	= session->file,
		.mode	= PERF_DATA_MODE_READ,
		.force	= session->force,
	};
	init_tool(session, fn);
	perf = perf_session__new(perf_data, &session->tool);
	if (IS_ERR(perf))
		return PTR_ERR(perf);
	session->perf = perf;
	print_header(session);
	if (session->only_header && !perf_data__is_pipe(perf_data))
		return 0;
	session->err = 0;
	session->source.nr_malformed = 0;
	session->nr_lost_events = 0;
	session->nr_lost_samples = 0;
	session->knows_lost_samples = false;
	err = damon_assembler__init(&session->assembler, fn, data, &session->source.history);
	if (err)
		return err;
	err = read_events(session, fn);
	damon_assembler__exit(&session->assembler);
	zfree(&session->formats);
	session->source.nr_lost = count_lost(session);
	return err;
}

/**
 * damon_session__close - end a pass
 * @session: the session; what perf has read goes
 */
void damon_session__close(struct damon_session *session)
{
	perf_session__delete(session->perf);
	session->perf = NULL;
}

/**
 * damon_session__print_header - print the header of the file, and no more
 * @session: the session, with @header set
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_session__print_header(struct damon_session *session)
{
	int err;

	session->once = true;
	session->only_header = true;
	err = damon_session__read(session, NULL, NULL);
	damon_session__close(session);
	return err;
}

/**
 * damon_session__read_mappings - read all mappings of processes in the file, and no samples
 * @session: the session, whose @mappings are complete afterwards
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_session__read_mappings(struct damon_session *session)
{
	int err;

	session->maps = true;
	err = damon_session__read(session, NULL, NULL);
	damon_session__close(session);
	session->maps = false;
	session->mappings.complete = true;
	return err;
}

/**
 * damon_session__layout - get what is mapped in a process at this point of the pass
 * @session: the session, in a pass with maps
 * @pid: the process, 0: unknown
 * @time: the time
 *
 * Return: as damon_mappings__layout().
 */
const struct damon_layout *damon_session__layout(struct damon_session *session, pid_t pid, u64 time)
{
	return damon_mappings__layout(&session->mappings, &session->perf->machines.host, pid, time);
}

/**
 * damon_session__find_missing - set what may be missing, from what a pass has shown
 * @session: the session, after a pass
 *
 * LOST records may come late, or never: each CPU writes them for itself. And perf inject keeps no
 * filter: a record in which events of each snapshot are missing, but none was lost, has had one.
 * And settings may be noted behind snapshots that have them.
 *
 * Return: true if events are missing of which nobody has told, or settings came late, so that
 * another pass makes other snapshots.
 */
bool damon_session__find_missing(struct damon_session *session)
{
	if (session->missing != DAMON_MISSING_TOLD)
		return session->has_late_note;
	if (session->source.nr_lost)
		session->missing = DAMON_MISSING_ANY;
	else if (!session->assembler.nr_whole && session->assembler.nr_gaps >= MANY_GAPS)
		session->missing = DAMON_MISSING_FILTERED;
	return session->missing != DAMON_MISSING_TOLD || session->has_late_note;
}
