// SPDX-License-Identifier: GPL-2.0
/*
 * perf's progress bar on a plain terminal, without its TUI.
 */
#include "progress.h"
#include "ui/progress.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/time64.h>
#include <linux/types.h>

#define BAR_WIDTH	40

/* Show no bar during the first second. */
#define PATIENCE	NSEC_PER_SEC

/* All passes over a file share @start: none may take a second alone, but together they may. */
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
 * damon_progress__init - show a progress bar on a terminal, after a second
 * @fd: the terminal; without effect if it is something else
 *
 * @fd is duplicated: a pager takes over the standard error, and starts with the first output there.
 */
void damon_progress__init(int fd)
{
	FILE *out = isatty(fd) ? fdopen(dup(fd), "w") : NULL;

	if (out)
		damon_progress__set_output(out);
}

/**
 * damon_progress__set_output - show a progress bar on any stream, after a second
 * @out: the stream
 */
void damon_progress__set_output(FILE *out)
{
	bar.out = out;
	bar.enabled = true;
	bar.start = now_ns();
	ui_progress__ops = &bar_ops;
}

/**
 * damon_progress__enable - enable or disable the progress bar
 * @enable: false while something is printed on the same terminal
 */
void damon_progress__enable(bool enable)
{
	bar.enabled = enable;
}
