// SPDX-License-Identifier: GPL-2.0
/*
 * perf damon report --tui: sorted tables in perf's browser of hists. Each row is an entry that is
 * sorted already, each column a format of perf's.
 */
#include "browser.h"
#include "../errors.h"
#include "ui/browser.h"
#include "ui/browsers/hists.h"
#include "ui/keysyms.h"
#include "ui/ui.h"
#include "ui/util.h"
#include "util/hist.h"
#include "util/debug.h"

#include <stdlib.h>
#include <sys/ttydefaults.h>
#include <linux/kernel.h>
#include <linux/zalloc.h>

struct column {
	struct perf_hpp_fmt		fmt;
	const struct damon_table	*table;
	unsigned int			nr;
};

struct entry {
	const union damon_value	*values;
	struct hist_entry	he;
};

/**
 * struct page - a table on the terminal
 * @hists: perf's view of its rows
 * @formats: perf's view of its columns
 * @columns: its columns
 * @entries: its rows
 * @title: its title
 * @zoom: shows what is in a row, or NULL
 */
struct page {
	struct hists		hists;
	struct perf_hpp_list	formats;
	struct column		columns[DAMON_MAX_COLUMNS];
	struct entry		*entries;
	char			title[256];
	int			(*zoom)(struct damon_browser *browser,
					const union damon_value *values);
};

static int column_width(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp __maybe_unused,
			struct hists *hists __maybe_unused)
{
	const struct column *column = container_of(fmt, struct column, fmt);

	return column->table->width[column->nr];
}

static int column_header(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp,
			 struct hists *hists __maybe_unused, int line __maybe_unused,
			 int *span __maybe_unused)
{
	const struct column *column = container_of(fmt, struct column, fmt);

	return damon_table__scnprintf_title(column->table, column->nr, hpp->buf, hpp->size);
}

static int column_entry(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp, struct hist_entry *he)
{
	const struct column *column = container_of(fmt, struct column, fmt);
	const struct entry *entry = container_of(he, struct entry, he);

	return damon_table__scnprintf_value(column->table, column->nr, &entry->values[column->nr],
					    hpp->buf, hpp->size);
}

/* Hot rows in perf's colors. */
static int column_color(struct perf_hpp_fmt *fmt, struct perf_hpp *hpp, struct hist_entry *he)
{
	const struct column *column = container_of(fmt, struct column, fmt);
	const struct entry *entry = container_of(he, struct entry, he);

	return __hpp__slsmg_color_printf(hpp, "%*.1f%%", column_width(fmt, hpp, NULL) - 1,
					 100 * entry->values[column->nr].ratio);
}

static void add_columns(struct page *page, const struct damon_table *table)
{
	size_t i;

	perf_hpp_list__init(&page->formats);
	page->formats.nr_header_lines = 1;
	__hists__init(&page->hists, &page->formats);
	for (i = 0; i < table->nr_shown; i++) {
		struct column *column = &page->columns[i];
		bool is_ratio = table->columns[table->shown[i]].kind == DAMON_RATIO;

		column->table = table;
		column->nr = table->shown[i];
		column->fmt.width = column_width;
		column->fmt.header = column_header;
		column->fmt.entry = column_entry;
		if (is_ratio && !table->out->raw_numbers)
			column->fmt.color = column_color;
		INIT_LIST_HEAD(&column->fmt.sort_list);
		perf_hpp_list__column_register(&page->formats, &column->fmt);
	}
}

/* Each behind the last one: they are sorted already. */
static int add_rows(struct page *page, const struct damon_row *rows, size_t nr)
{
	struct rb_root_cached *root = &page->hists.entries;
	struct rb_node *last = NULL;
	size_t i;

	page->entries = calloc(nr + 1, sizeof(*page->entries));
	if (!page->entries)
		return damon_out_of_memory();
	for (i = 0; i < nr; i++) {
		struct hist_entry *he = &page->entries[i].he;

		page->entries[i].values = rows[i].values;
		he->hists = &page->hists;
		he->hpp_list = &page->formats;
		he->leaf = true;
		rb_link_node(&he->rb_node, last, last ? &last->rb_right : &root->rb_root.rb_node);
		rb_insert_color_cached(&he->rb_node, root, !last);
		last = &he->rb_node;
	}
	page->hists.nr_entries = nr;
	page->hists.nr_non_filtered_entries = nr;
	return 0;
}

static int print_title(struct hist_browser *hb, char *buf, size_t size)
{
	const struct page *page = hb->b.priv;

	return scnprintf(buf, size, "%s", page->title);
}

static const char help[] =
	"UP/DOWN/PGUP/PGDN/SPACE/HOME/END Navigate\n"
	"LEFT/RIGHT    Scroll the columns\n"
	"ENTER         Show the regions of a mapping\n"
	"ESC           Go back\n"
	"TAB/UNTAB     Show another process\n"
	"H             Show or hide the titles of the columns\n"
	"h/?/F1        Show this window\n"
	"q/CTRL+C      Quit\n";

/* Returns 0, or an error. */
static int zoom(struct damon_browser *browser, const struct page *page, struct hist_entry *he)
{
	const struct entry *entry = container_of(he, struct entry, he);
	int err;

	if (!he || !page->zoom)
		return 0;
	browser->depth++;
	err = page->zoom(browser, entry->values);
	browser->depth--;
	return err;
}

static bool leaves(struct damon_browser *browser, struct hist_browser *hb)
{
	return browser->depth || ui_browser__dialog_yesno(&hb->b, "Do you really want to exit?");
}

/* Groups are of all targets. */
static bool step(struct damon_browser *browser, int by)
{
	browser->step = browser->target ? by : 0;
	return browser->step;
}

/* Returns true if a key ends the page. */
static bool handle_key(struct damon_browser *browser, struct hist_browser *hb, int key)
{
	switch (key) {
	case K_TAB:
		return step(browser, 1);
	case K_UNTAB:
		return step(browser, -1);
	case K_ESC:
		browser->quit = leaves(browser, hb) && !browser->depth;
		return browser->depth || browser->quit;
	case K_ERROR:
	case 'q':
	case CTRL('c'):
		browser->quit = true;
		return true;
	case 'h':
	case '?':
	case K_F1:
		ui_browser__help_window(&hb->b, help);
		return false;
	default:
		return false;
	}
}

static int run(struct damon_browser *browser, struct page *page, struct hist_browser *hb)
{
	int err, key;

	do {
		key = hist_browser__run(hb, browser->help, /*warn_lost_event=*/false, /*key=*/0);
		if (key != K_ENTER)
			continue;
		err = zoom(browser, page, hb->he_selection);
		if (err || browser->step || browser->quit)
			return err;
	} while (!handle_key(browser, hb, key));
	return 0;
}

/**
 * damon_browser__init - take the terminal
 *
 * perf gives it back when it ends.
 *
 * Return: 0, or a negative error number after printing an error.
 */
int damon_browser__init(void)
{
	use_browser = 1;
	setup_browser(/*fallback_to_pager=*/false);
	if (use_browser != 1) {
		pr_err("--tui: this terminal cannot be used: --stdio prints\n");
		return -ENOTTY;
	}
	/* ^C is a key, and no signal. */
	SLang_reset_tty();
	SLang_init_tty(0, 0, 0);
	return 0;
}

/**
 * damon_browser__show - show a table
 * @browser: the browser, with the title; how the table was left is set
 * @table: the table
 * @rows: its rows, sorted
 * @nr: how many there are
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_browser__show(struct damon_browser *browser, const struct damon_table *table,
			const struct damon_row *rows, size_t nr)
{
	struct page page = { .zoom = browser->zoom };
	struct hist_browser *hb;
	int err;

	if (!nr) {
		ui__warning("There are no %s.\n", browser->title);
		return 0;
	}
	browser->step = 0;
	browser->zoom = NULL;
	scnprintf(page.title, sizeof(page.title), "%s: %s", browser->name, browser->title);
	add_columns(&page, table);
	err = add_rows(&page, rows, nr);
	if (err)
		return err;
	hb = hist_browser__new(&page.hists);
	if (hb) {
		hb->b.priv = &page;
		hb->title = print_title;
		err = run(browser, &page, hb);
		free(hb->b.title);
		hist_browser__delete(hb);
	} else {
		err = damon_out_of_memory();
	}
	free(page.entries);
	return err;
}
