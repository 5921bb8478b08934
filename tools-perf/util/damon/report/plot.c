// SPDX-License-Identifier: GPL-2.0
/*
 * Colours, and pictures: these are drawn through a pipe to gnuplot.
 */
#include "plot.h"
#include "util/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/kernel.h>

#define PANEL_WIDTH	1000
#define PANEL_HEIGHT	500

/* File name extensions, and gnuplot's terminals for them. */
static const struct {
	const char	*extension;
	const char	*terminal;
	/* Length of a pixel in the terminal's unit of size. */
	double		scale;
} terminals[] = {
	{ ".png",	"pngcairo",	1 },
	{ ".svg",	"svg",		1 },
	{ ".pdf",	"pdfcairo",	0.01 },
	{ ".jpeg",	"jpeg",		1 },
	{ ".jpg",	"jpeg",		1 },
};

static int find_terminal(const char *path)
{
	const char *extension = strrchr(path, '.');
	size_t i;

	for (i = 0; extension && i < ARRAY_SIZE(terminals); i++) {
		if (!strcasecmp(extension, terminals[i].extension))
			return i;
	}
	return -EINVAL;
}

/**
 * damon_plot__check_path - check whether a picture can have this name
 * @path: the name
 *
 * Return: 0 or -EINVAL; errors are printed.
 */
int damon_plot__check_path(const char *path)
{
	if (find_terminal(path) >= 0)
		return 0;
	pr_err("--plot: '%s' does not end with .png, .svg, .pdf or .jpeg\n", path);
	return -EINVAL;
}

/**
 * damon_plot__title - set the title of the next panel
 * @plot: the picture
 * @format: its title
 */
void damon_plot__title(struct damon_plot *plot, const char *format, ...)
{
	char title[192];
	const char *c;
	va_list args;

	va_start(args, format);
	vscnprintf(title, sizeof(title), format, args);
	va_end(args);
	fprintf(plot->out, "set title '");
	/* In single quotes, only the quote itself needs an escape. */
	for (c = title; *c; c++)
		fprintf(plot->out, *c == '\'' ? "''" : "%c", *c);
	fprintf(plot->out, "' noenhanced\n");
}

/* The offset is the size of the picture. Keep an older one that gnuplot has not overwritten. */
static void close_file(const struct damon_plot *plot, bool failed)
{
	off_t size = lseek(plot->fd, 0, SEEK_CUR);
	struct stat st = {};

	fstat(plot->fd, &st);
	if (failed ? size || !st.st_size : ftruncate(plot->fd, size))
		unlink(plot->path);
	close(plot->fd);
}

static void begin_picture(struct damon_plot *plot, unsigned int nr_panels)
{
	int terminal = find_terminal(plot->path);
	double scale = terminals[terminal].scale;

	fprintf(plot->out, "set terminal %s size %g,%g\n", terminals[terminal].terminal,
		PANEL_WIDTH * scale, PANEL_HEIGHT * nr_panels * scale);
	fprintf(plot->out, "set multiplot layout %u,1\n", nr_panels);
}

/**
 * damon_plot__open - begin a picture
 * @plot: the picture
 * @path: its name, which damon_plot__check_path() has accepted
 * @nr_panels: number of panels, one below the other
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_plot__open(struct damon_plot *plot, const char *path, unsigned int nr_panels)
{
	static const char * const argv[] = { "gnuplot", NULL };
	int err;

	memset(plot, 0, sizeof(*plot));
	plot->path = path;
	plot->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (plot->fd < 0) {
		err = -errno;
		pr_err("cannot write %s: %m\n", path);
		return err;
	}
	plot->gnuplot.argv = (const char **)argv;
	plot->gnuplot.in = -1;
	plot->gnuplot.out = dup(plot->fd);
	/* If gnuplot exits early, its exit status is checked at the end. */
	signal(SIGPIPE, SIG_IGN);

	if (plot->gnuplot.out > 0 && !start_command(&plot->gnuplot)) {
		plot->out = fdopen(plot->gnuplot.in, "w");
		if (plot->out) {
			begin_picture(plot, nr_panels);
			return 0;
		}
		finish_command(&plot->gnuplot);
	}
	close_file(plot, true);
	pr_err("cannot run gnuplot\n");
	return -EIO;
}

/**
 * damon_plot__close - let gnuplot finish the picture
 * @plot: the picture
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_plot__close(struct damon_plot *plot)
{
	int err;

	fprintf(plot->out, "unset multiplot\n");
	fclose(plot->out);
	err = finish_command(&plot->gnuplot);
	close_file(plot, err);
	if (err == -ERR_RUN_COMMAND_EXEC) {
		pr_err("--plot needs gnuplot, which is not installed: apt install gnuplot-nox\n");
		return -ENOENT;
	}
	if (err) {
		pr_err("gnuplot could not draw %s\n", plot->path);
		return -EIO;
	}
	return 0;
}

/* From never accessed to most accessed. */
static const struct damon_palette palettes[] = {
	{
		.name		= "heat",
		.colors		= { 233, 17, 18, 54, 90, 125, 160, 202, 214, 229 },
		.stops		= { "0 '#101018'", "0.02 '#00005f'", "0.3 '#870087'",
				    "0.6 '#d70000'", "0.85 '#ffaf00'", "1 '#ffffd7'" },
	},
	{
		.name		= "gray",
		.colors		= { 232, 235, 238, 240, 243, 245, 248, 250, 253, 255 },
		.stops		= { "0 '#080808'", "1 '#eeeeee'" },
	},
	{
		/* Even steps, also with red-green colour blindness. */
		.name		= "viridis",
		.colors		= { 53, 54, 60, 24, 30, 29, 35, 71, 148, 226 },
		.stops		= { "0 '#440154'", "0.25 '#3b528b'", "0.5 '#21918c'",
				    "0.75 '#5ec962'", "1 '#fde725'" },
	},
	{
		/* For paper, and for bright terminals. */
		.name		= "paper",
		.colors		= { 231, 230, 229, 223, 217, 210, 203, 160, 124, 52 },
		.stops		= { "0 '#ffffff'", "0.02 '#ffffd7'", "0.4 '#ff8787'",
				    "0.8 '#af0000'", "1 '#5f0000'" },
	},
};

/**
 * damon_palette__find - find a palette
 * @name: its name
 *
 * Return: the palette or NULL.
 */
const struct damon_palette *damon_palette__find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(palettes); i++) {
		if (!strcmp(palettes[i].name, name))
			return &palettes[i];
	}
	return NULL;
}
