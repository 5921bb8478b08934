// SPDX-License-Identifier: GPL-2.0
/*
 * The progress bar on a plain terminal, without the TUI.
 */
#include "progress.h"
#include "../progress.h"
#include "../../util/time-utils.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#define BAR_WIDTH	40

/* Show no bar during the first second. */
#define PATIENCE	NSEC_PER_SEC

/* All bars share @start: none of them may take a second alone, but together they may. */
static struct {
	FILE			*out;
	u64			start;
	bool			shown;
	struct ui_progress_ops	*previous_ops;
} terminal;

static void init_bar(struct ui_progress *progress)
{
	progress->step = progress->total / 100 ?: 1;
	progress->next = progress->step;
}

static void update_bar(struct ui_progress *progress)
{
	double part = progress->total ? (double)progress->curr / progress->total : 1;
	char done[BAR_WIDTH + 1] = "";

	if (rdclock() - terminal.start < PATIENCE)
		return;
	part = min(part, 1.0);
	memset(done, '#', part * BAR_WIDTH);
	fprintf(terminal.out, "\r%s [%-*s] %3.0f%%", progress->title, BAR_WIDTH, done, part * 100);
	fflush(terminal.out);
	terminal.shown = true;
}

static void finish_bar(void)
{
	if (!terminal.shown)
		return;
	fprintf(terminal.out, "\r\033[K");
	fflush(terminal.out);
	terminal.shown = false;
}

static struct ui_progress_ops stdio_progress__ops = {
	.init	= init_bar,
	.update	= update_bar,
	.finish	= finish_bar,
};

/**
 * stdio_progress__start - show a progress bar, after a second
 * @out: where it is shown
 */
void stdio_progress__start(FILE *out)
{
	terminal.out = out;
	terminal.start = rdclock();
	terminal.previous_ops = ui_progress__ops;
	ui_progress__ops = &stdio_progress__ops;
}

/**
 * stdio_progress__stop - show no progress bar any more
 *
 * For example because something is going to be printed on the same terminal.
 */
void stdio_progress__stop(void)
{
	if (ui_progress__ops != &stdio_progress__ops)
		return;
	finish_bar();
	fclose(terminal.out);
	ui_progress__ops = terminal.previous_ops;
}

/**
 * stdio_progress__init - show a progress bar if the standard error is a terminal
 *
 * It is duplicated: a pager takes it over, and starts with the first output there.
 */
void stdio_progress__init(void)
{
	FILE *out = isatty(STDERR_FILENO) ? fdopen(dup(STDERR_FILENO), "w") : NULL;

	if (out)
		stdio_progress__start(out);
}
