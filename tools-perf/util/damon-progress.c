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
#include <linux/time64.h>
#include <linux/types.h>

#define BAR_WIDTH	40

/* What is done within a second needs none. */
#define PATIENCE	NSEC_PER_SEC

/* Several looks at a record have one start: none may take a second, but all of them. */
static struct {
	FILE	*out;
	bool	enabled;
	bool	shown;
	u64	start;
} bar;

static u64 now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

static void init_bar(struct ui_progress *progress)
{
	progress->step = progress->total / 100 ?: 1;
	progress->next = progress->step;
}

static void update_bar(struct ui_progress *progress)
{
	double part = progress->total ? (double)progress->curr / progress->total : 1;
	char done[BAR_WIDTH + 1] = "";

	if (!bar.enabled || now_ns() - bar.start < PATIENCE)
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
 * damon_progress__init - show a bar for whatever goes on in a second from now
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
 * damon_progress__set_output - show a bar in a second from now, wherever that is
 * @out: where to
 */
void damon_progress__set_output(FILE *out)
{
	bar.out = out;
	bar.enabled = true;
	bar.start = now_ns();
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
