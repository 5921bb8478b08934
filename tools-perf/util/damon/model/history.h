/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_HISTORY_H
#define __PERF_DAMON_HISTORY_H

#include "../monitor/settings.h"

/**
 * struct damon_settings_since - the settings that a kdamond had from some time on
 * @kdamond: the thread, 0: unknown
 * @time: the time, of perf's clock
 * @settings: the settings
 */
struct damon_settings_since {
	pid_t			kdamond;
	u64			time;
	struct damon_settings	settings;
};

/**
 * struct damon_history - the settings of all kdamonds of a perf.data
 * @nr: number of entries
 * @max: number of entries that @entry has room for
 * @entry: the settings, in the order of kdamonds and of time
 * @nr_enabled: number of times at which events were enabled
 * @max_enabled: number of times that @enabled has room for
 * @enabled: the times, ascending
 * @begun: the notes, joined, of a long list whose end has not been read yet, or NULL
 * @first_kdamond: the kdamond of the first event, 0: none yet, or its thread has no number here
 */
struct damon_history {
	size_t				nr;
	size_t				max;
	struct damon_settings_since	**entry;
	size_t				nr_enabled;
	size_t				max_enabled;
	u64				*enabled;
	char				*begun;
	pid_t				first_kdamond;
};

int damon_history__write(const char *options, pid_t kdamond, u64 time,
			 int (*note)(void *data, const char *text), void *data);
int damon_history__write_enabled(u64 time, int (*note)(void *data, const char *text), void *data);
int damon_history__read(struct damon_history *history, const char *note);
int damon_history__read_cmdline(struct damon_history *history, int argc, const char **argv);
int damon_history__read_enabled(struct damon_history *history, const char *note);
bool damon_history__was_enabled(const struct damon_history *history, u64 after, u64 until);
bool damon_history__has_notes(const struct damon_history *history);
const struct damon_settings *damon_history__find(const struct damon_history *history,
						 pid_t kdamond, u64 time);
pid_t damon_history__find_pid(const struct damon_history *history, pid_t kdamond, u64 time,
			      unsigned long target_id);
void damon_history__exit(struct damon_history *history);

#endif /* __PERF_DAMON_HISTORY_H */
