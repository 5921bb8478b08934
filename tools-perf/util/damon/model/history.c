// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of all kdamonds of a perf.data, which may have changed while it was recorded.
 *
 * They are stored as notes (see --control of perf record): one when a kdamond is first seen, and
 * one whenever its settings have changed. Streams have notes, and perf inject keeps them. Before,
 * settings were stored as a command line in HEADER_CMDLINE, which now has what the user has typed.
 */
#include "../array.h"
#include "history.h"
#include "util/evlist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/zalloc.h>

/* What a note of settings begins with. The rest is: @TIME kdamond TID: OPTIONS */
#define NOTE	"damon:settings "

/* A note that events are recorded from some time on, as they were not before, is: @TIME */
#define ENABLED	"damon:enabled "

/* What a note ends with that the next one continues. Older versions pass over it. */
#define MORE	" ..."

/* The options of one note. perf record takes no longer commands. */
#define NOTE_LEN	(EVLIST_CTL_CMD_MAX_LEN - 128)

/* A perf.data from anywhere may have any number of notes. */
#define MAX_ENTRIES	65536

/* Nor may a list go on forever. */
#define MAX_LIST	(4 << 20)

static int write_note(const char *options, size_t len, const char *end, pid_t kdamond, u64 time,
		      int (*note)(void *data, const char *text), void *data)
{
	char text[EVLIST_CTL_CMD_MAX_LEN];

	scnprintf(text, sizeof(text), NOTE "@%llu kdamond %d: %.*s%s", (unsigned long long)time,
		  kdamond, (int)len, options, end);
	return note(data, text);
}

/**
 * damon_history__write - write settings as notes
 * @options: the settings, from damon_settings__print()
 * @kdamond: the thread of their kdamond, 0: unknown
 * @time: since when it has them
 * @note: called for each note; returns 0 or a negative error number
 * @data: passed to @note
 *
 * Return: 0, -ENOMEM, or the non-zero result of @note.
 */
int damon_history__write(const char *options, pid_t kdamond, u64 time,
			 int (*note)(void *data, const char *text), void *data)
{
	char *copy = strdup(options), *rest = copy;
	int err = copy ? 0 : -ENOMEM;

	/* A long list is cut at a comma. Its option, repeated, continues it in the next note. */
	while (!err && strlen(rest) > NOTE_LEN) {
		char *comma = memrchr(rest, ',', NOTE_LEN);
		char *value = (char *)memrchr(rest, ' ', comma - rest) + 1;
		char *option = memrchr(rest, ' ', value - 1 - rest);
		size_t len;

		option = option ? option + 1 : rest;
		len = value - option;
		err = write_note(rest, comma - rest, MORE, kdamond, time, note, data);
		rest = memmove(comma + 1 - len, option, len);
	}
	if (!err)
		err = write_note(rest, strlen(rest), "", kdamond, time, note, data);
	free(copy);
	return err;
}

/**
 * damon_history__write_enabled - note that events have been enabled
 * @time: the time
 * @note: called for the note; returns 0 or a negative error number
 * @data: passed to @note
 *
 * Return: the result of @note.
 */
int damon_history__write_enabled(u64 time, int (*note)(void *data, const char *text), void *data)
{
	char text[64];

	scnprintf(text, sizeof(text), ENABLED "@%llu", (unsigned long long)time);
	return note(data, text);
}

/* The number of entries that are before, or the same as, settings of @kdamond since @time. */
static size_t count_until(const struct damon_history *history, pid_t kdamond, u64 time)
{
	size_t low = 0, high = history->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct damon_settings_since *entry = history->entry[mid];

		if (entry->kdamond < kdamond || (entry->kdamond == kdamond && entry->time <= time))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_of(const struct damon_settings_since *entry, pid_t kdamond, u64 time)
{
	return entry->kdamond == kdamond && entry->time == time;
}

static int add_entry(struct damon_history *history, size_t at, pid_t kdamond, u64 time)
{
	struct damon_settings_since *entry;

	if (history->nr == MAX_ENTRIES)
		return -E2BIG;
	if (history->nr == history->max && damon_array__grow(&history->entry, &history->max))
		return -ENOMEM;
	entry = zalloc(sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->kdamond = kdamond;
	entry->time = time;
	damon_settings__init(&entry->settings);
	memmove(history->entry + at + 1, history->entry + at,
		(history->nr - at) * sizeof(*history->entry));
	history->entry[at] = entry;
	history->nr++;
	return 0;
}

static void remove_entry(struct damon_history *history, size_t at)
{
	damon_settings__exit(&history->entry[at]->settings);
	free(history->entry[at]);
	history->nr--;
	memmove(history->entry + at, history->entry + at + 1,
		(history->nr - at) * sizeof(*history->entry));
}

static bool is_sane(const struct damon_settings *settings)
{
	return (settings->nr_pids || damon_settings__is_physical(settings)) &&
	       settings->sample_ns && settings->sample_ns <= settings->aggr_ns;
}

/* Options with their values, up to a "--" */
static int parse_options_of(struct damon_history *history, size_t at, int argc, const char **argv)
{
	struct damon_settings *settings = &history->entry[at]->settings;
	int i, err = 0;

	for (i = 0; !err && i + 1 < argc && strcmp(argv[i], "--"); i += 2)
		err = damon_settings__parse_recorded(settings, argv[i], argv[i + 1]);
	if (!err && is_sane(settings))
		return 0;
	remove_entry(history, at);
	return err ?: -EINVAL;
}

/* Add what the options of a note, or of notes that were joined, tell. */
static int read_options(struct damon_history *history, pid_t kdamond, u64 time, const char *options)
{
	size_t i = count_until(history, kdamond, time);
	int argc, err;
	char **argv;

	/* What each file of several begins with is in the first one twice. */
	if (strstarts(options, "--ops ") && i && is_of(history->entry[i - 1], kdamond, time))
		err = -EEXIST;
	else if (strstarts(options, "--ops "))
		err = add_entry(history, i, kdamond, time);
	else	/* The rest of a long list. Older versions did not mark the parts before. */
		err = i && is_of(history->entry[--i], kdamond, time) ? 0 : -EINVAL;
	if (err)
		return err;
	argv = argv_split(options, &argc);
	if (!argv) {
		remove_entry(history, i);
		return -ENOMEM;
	}
	err = parse_options_of(history, i, argc, (const char **)argv);
	argv_free(argv);
	return err;
}

/* Join the parts of a long list. If perf record was held up, the end of one may be missing. */
static char *join_note(struct damon_history *history, const char *note, size_t begin)
{
	char *begun = history->begun, *text;

	history->begun = NULL;
	if (!begun || strncmp(begun, note, begin) || strstarts(note + begin, "--ops ") ||
	    strlen(begun) > MAX_LIST)
		text = strdup(note);
	else if (asprintf(&text, "%s %s", begun, note + begin) < 0)
		text = NULL;
	free(begun);
	return text;
}

/**
 * damon_history__read - read a note that damon_history__write() has made
 * @history: the settings are added to it
 * @note: the text of the note
 *
 * Return: 0, or a negative error number if it is another note, or makes no sense.
 */
int damon_history__read(struct damon_history *history, const char *note)
{
	unsigned long long time;
	int kdamond, begin = 0, err;
	char *text, *end;

	if (sscanf(note, NOTE "@%llu kdamond %d: %n", &time, &kdamond, &begin) != 2 || !begin)
		return -EINVAL;
	/* What looked like the command line of an older record was typed. */
	if (history->nr && is_of(history->entry[0], 0, 0))
		remove_entry(history, 0);
	text = join_note(history, note, begin);
	if (!text)
		return -ENOMEM;
	end = text + strlen(text) - strlen(MORE);
	if (end > text && !strcmp(end, MORE)) {
		*end = '\0';
		history->begun = text;
		return 0;
	}
	err = read_options(history, kdamond, time, text + begin);
	free(text);
	return err;
}

/**
 * damon_history__read_enabled - read a note that damon_history__write_enabled() has made
 * @history: the time is added to it
 * @note: the text of the note
 *
 * Return: 0, or a negative error number if it is another note.
 */
int damon_history__read_enabled(struct damon_history *history, const char *note)
{
	size_t nr = history->nr_enabled;
	unsigned long long time;

	if (sscanf(note, ENABLED "@%llu", &time) != 1)
		return -EINVAL;
	if (nr == MAX_ENTRIES || (nr && time <= history->enabled[nr - 1]))
		return 0;
	if (nr == history->max_enabled &&
	    damon_array__grow(&history->enabled, &history->max_enabled))
		return -ENOMEM;
	history->enabled[history->nr_enabled++] = time;
	return 0;
}

/**
 * damon_history__was_enabled - find out whether events were enabled, so that some are missing
 * @history: the times at which they were
 * @after: begin of the time in question, exclusive
 * @until: its end
 */
bool damon_history__was_enabled(const struct damon_history *history, u64 after, u64 until)
{
	size_t next = __damon_array__count_until(history->enabled, history->nr_enabled,
						 sizeof(u64), 0, after);

	return next < history->nr_enabled && history->enabled[next] <= until;
}

/**
 * damon_history__read_cmdline - read settings from the command line of an older record
 * @history: the settings are added to it, for all kdamonds at all times
 * @argc: number of arguments
 * @argv: the arguments: damon record --ops OPS --sample TIME ..., with all settings
 *
 * Return: 0, or a negative error number if that is another command line, or makes no sense.
 */
int damon_history__read_cmdline(struct damon_history *history, int argc, const char **argv)
{
	if (argc < 5 || strcmp(argv[0], "damon") || strcmp(argv[1], "record") ||
	    strcmp(argv[2], "--ops") || strcmp(argv[4], "--sample"))
		return -EINVAL;
	return add_entry(history, 0, 0, 0) ?: parse_options_of(history, 0, argc - 2, argv + 2);
}

/**
 * damon_history__has_notes - check whether changes of the settings were noted
 * @history: the settings
 *
 * Return: false if there are none, or those of the command line of an older record.
 */
bool damon_history__has_notes(const struct damon_history *history)
{
	return history->nr && !is_of(history->entry[0], 0, 0);
}

/**
 * damon_history__find - find the settings that a kdamond had at some time
 * @history: the settings of all kdamonds
 * @kdamond: the thread
 * @time: the time
 *
 * Settings are noted up to a second after they have taken effect. So the first known ones are those
 * of the time before, too. Older records have those of an unknown kdamond: of the first.
 *
 * Return: the settings, or NULL if they are unknown.
 */
const struct damon_settings *damon_history__find(const struct damon_history *history,
						 pid_t kdamond, u64 time)
{
	size_t i = count_until(history, kdamond, time);

	if (i && history->entry[i - 1]->kdamond == kdamond)
		return &history->entry[i - 1]->settings;
	if (i < history->nr && history->entry[i]->kdamond == kdamond)
		return &history->entry[i]->settings;
	if (!kdamond || kdamond != history->first_kdamond)
		return NULL;
	return damon_history__find(history, 0, time);
}

/* Return: the process, 0: there is no such target, -1: it is none. */
static pid_t pid_of(const struct damon_settings *settings, unsigned long target_id)
{
	if (!settings || target_id >= settings->nr_pids)
		return 0;
	return settings->pids[target_id] ?: -1;
}

/**
 * damon_history__find_pid - find the process that a target was at some time
 * @history: the settings of all kdamonds
 * @kdamond: the thread
 * @time: the time
 * @target_id: the target: the index of the process in the settings
 *
 * Return: the process; 0 if it is unknown, or the target is no process; -1 if it was none at that
 * time, so that the snapshot is of nothing.
 */
pid_t damon_history__find_pid(const struct damon_history *history, pid_t kdamond, u64 time,
			      unsigned long target_id)
{
	const struct damon_settings *settings = damon_history__find(history, kdamond, time);
	pid_t pid = pid_of(settings, target_id);
	size_t next;

	if (pid || !settings || damon_settings__is_physical(settings))
		return pid;
	/* A target that was added may be seen up to a second before the note of it. */
	next = count_until(history, kdamond, time);
	if (next == history->nr || history->entry[next]->kdamond != kdamond)
		return 0;
	return pid_of(&history->entry[next]->settings, target_id);
}

/**
 * damon_history__exit - free the settings
 * @history: the settings
 */
void damon_history__exit(struct damon_history *history)
{
	while (history->nr)
		remove_entry(history, history->nr - 1);
	zfree(&history->entry);
	zfree(&history->begun);
	zfree(&history->enabled);
	history->nr_enabled = 0;
	history->max_enabled = 0;
	history->max = 0;
}
