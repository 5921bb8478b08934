// SPDX-License-Identifier: GPL-2.0
/*
 * Defaults from perf's configuration, damon.*: attributes of monitoring by the names of their
 * options, and the palette of heat maps.
 */
#include "config.h"
#include "report/plot.h"
#include "monitor/settings.h"
#include "util/config.h"
#include "util/debug.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define SECTION	"damon."

/**
 * struct reader - reads the configuration
 * @settings: where attributes are put, NULL: they are not read
 * @palette: where the palette is put, NULL: it is not read
 * @file: the file of the last attribute that was read, NULL: there was none
 * @err: an error, which is printed
 */
struct reader {
	struct damon_settings		*settings;
	const struct damon_palette	**palette;
	const char			*file;
	int				err;
};

/**
 * struct search - whether a file has a key
 * @key: the key
 * @found: it does
 */
struct search {
	const char	*key;
	bool		found;
};

static int look_for_key(const char *key, const char *value __maybe_unused, void *data)
{
	struct search *search = data;

	search->found |= !strcmp(key, search->key);
	return 0;
}

/* perf merges its files: that of the user has the last word. */
static const char *find_file(const char *key)
{
	const char *home = perf_config_global() ? perf_home_perfconfig() : NULL;
	struct search search = { .key = key };
	struct perf_config_set *set;

	if (config_exclusive_filename)
		return config_exclusive_filename;
	set = home ? perf_config_set__load_file(home) : NULL;
	if (set) {
		perf_config_set(set, look_for_key, &search);
		perf_config_set__delete(set);
	}
	return search.found ? home : perf_etc_perfconfig();
}

static void warn_of_key(const char *where)
{
	const struct damon_attr *attr;

	pr_warning("%s: not known, there are " SECTION "palette", where);
	damon_attr__for_each(attr) {
		if (attr->initial != DAMON_ATTR_NONE)
			pr_warning(" " SECTION "%s", attr->name);
	}
	pr_warning("\n");
}

static int read_palette(const struct reader *reader, const char *where, const char *value)
{
	if (!reader->palette)
		return 0;
	*reader->palette = damon_palette__find(value);
	if (*reader->palette)
		return 0;
	pr_err("%s: '%s' is " DAMON_NO_PALETTE "\n", where, value);
	return -EINVAL;
}

/* What not every kernel has is only an option: it would be refused there. */
static int read_key(const char *key, const char *value, void *data)
{
	struct reader *reader = data;
	const struct damon_attr *attr;
	char where[PATH_MAX + 64];

	if (!strstarts(key, SECTION) || reader->err)
		return 0;
	scnprintf(where, sizeof(where), "%s in %s", key, find_file(key));
	attr = damon_attr__find(key + strlen(SECTION));
	if (!strcmp(key, SECTION "palette")) {
		reader->err = read_palette(reader, where, value);
	} else if (!attr || attr->initial == DAMON_ATTR_NONE) {
		warn_of_key(where);
	} else if (reader->settings) {
		reader->file = find_file(key);
		reader->err = damon_attr__set(attr, reader->settings, where, value);
	}
	/* After an error, perf would add a line to ours. */
	return 0;
}

/**
 * damon_config__read_settings - read the defaults of settings
 * @settings: the settings, with their usual defaults
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_config__read_settings(struct damon_settings *settings)
{
	struct reader reader = { .settings = settings };
	char where[PATH_MAX + 2];

	perf_config(read_key, &reader);
	if (reader.err || !reader.file)
		return reader.err;
	scnprintf(where, sizeof(where), "%s: ", reader.file);
	return damon_settings__check(settings, where, SECTION) ? -EINVAL : 0;
}

/**
 * damon_config__read_palette - read the default palette
 * @palette: set to it if there is one
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_config__read_palette(const struct damon_palette **palette)
{
	struct reader reader = { .palette = palette };

	perf_config(read_key, &reader);
	return reader.err;
}
