// SPDX-License-Identifier: GPL-2.0
/*
 * Detect a truncated perf.data. perf itself reads what is left of it, or reports a wrong file
 * format.
 *
 * The header is before the events, and the features are behind them: first a table of their
 * sections, then the sections. The first of these has the formats of the events.
 */
#include "cut.h"
#include "util/header.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <linux/bitmap.h>
#include <linux/kernel.h>

static bool is_within(const struct perf_file_section *section, u64 size)
{
	return section->offset <= size && section->size <= size - section->offset;
}

static enum damon_cut find_features(int fd, struct perf_file_header *header, u64 size)
{
	struct perf_file_section feature[HEADER_FEAT_BITS];
	struct perf_file_section table = {
		.offset	= header->data.offset + header->data.size,
		.size	= bitmap_weight(header->adds_features, HEADER_FEAT_BITS) * sizeof(*feature),
	};
	enum damon_cut cut = DAMON_CUT_NOTHING;
	unsigned int bit, i = 0;

	if (!is_within(&table, size) ||
	    pread(fd, feature, table.size, table.offset) != (ssize_t)table.size)
		return DAMON_CUT_EVENTS;
	for_each_set_bit(bit, header->adds_features, HEADER_FEAT_BITS) {
		if (is_within(&feature[i++], size))
			continue;
		if (bit == HEADER_TRACING_DATA)
			return DAMON_CUT_EVENTS;
		if (bit == HEADER_CMDLINE)
			cut = DAMON_CUT_SETTINGS;
	}
	return cut;
}

/* Streams, unfinished files and files of the other byte order are left to perf. */
static enum damon_cut find_sections(int fd, u64 size)
{
	struct perf_file_header header;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(&header.magic, "PERFILE2", sizeof(header.magic)) ||
	    header.size != sizeof(header) || !header.data.size)
		return DAMON_CUT_NOTHING;
	if (!is_within(&header.data, size))
		return DAMON_CUT_EVENTS;
	return find_features(fd, &header, size);
}

/**
 * damon_cut__find - find out whether a perf.data ends too early
 * @path: the file
 *
 * Return: %DAMON_CUT_NOTHING if nothing is missing that reports need, or if @path is not a regular
 * file or cannot be opened; %DAMON_CUT_SETTINGS if the events can be read, but not how they were
 * recorded; %DAMON_CUT_EVENTS if the events cannot be read.
 */
enum damon_cut damon_cut__find(const char *path)
{
	enum damon_cut cut;
	struct stat st;
	int fd;

	/* The writer of a named pipe would notice if we opened it. */
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return DAMON_CUT_NOTHING;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return DAMON_CUT_NOTHING;
	cut = find_sections(fd, st.st_size);
	close(fd);
	return cut;
}
