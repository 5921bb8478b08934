// SPDX-License-Identifier: GPL-2.0
/*
 * perf's progress bar, for a terminal that is written line by line.
 */
#include "damon-progress.h"
#include "ui/progress.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>

#define BAR_WIDTH	40

/* What is done within a second needs none. */
#define PATIENCE	1

static struct {
	FILE	*out;
	bool	enabled;
	bool	shown;
	time_t	start;
} bar;

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static void init_bar(struct ui_progress *progress)
{
	progress->step = progress->total / 100 ?: 1;
	progress->next = progress->step;
	bar.start = now();
}

static void update_bar(struct ui_progress *progress)
{
	double part = progress->total ? (double)progress->curr / progress->total : 1;
	char done[BAR_WIDTH + 1] = "";

	if (!bar.enabled || now() - bar.start <= PATIENCE)
		return;
	part = min(part, 1.0);
	memset(done, '#', part * BAR_WIDTH);
	fprintf(bar.out, "\r%s [%-*s] %3.0f%%", progress->title, BAR_WIDTH, done, part * 100);
	fflush(bar.out);
	bar.shown = true;
}

static void finish_bar(void)
{
	if (bar.shown)
		fprintf(bar.out, "\r\033[K");
	fflush(bar.out);
	bar.shown = false;
}

static struct ui_progress_ops bar_ops = {
	.init	= init_bar,
	.update	= update_bar,
	.finish	= finish_bar,
};

/**
 * damon_progress__init - show a bar for whatever takes longer than a second
 * @fd: where to, if it is a terminal; what becomes of @fd later does not matter
 *
 * A pager takes the standard error, and begins when there is something on it.
 */
void damon_progress__init(int fd)
{
	FILE *out = isatty(fd) ? fdopen(dup(fd), "w") : NULL;

	if (out)
		damon_progress__set_output(out);
}

/**
 * damon_progress__set_output - show a bar wherever that is
 * @out: where to
 */
void damon_progress__set_output(FILE *out)
{
	bar.out = out;
	bar.enabled = true;
	ui_progress__ops = &bar_ops;
}

/**
 * damon_progress__enable - show it, or not
 * @enable: not while something is printed to the same terminal
 */
void damon_progress__enable(bool enable)
{
	bar.enabled = enable;
}
