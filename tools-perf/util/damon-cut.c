// SPDX-License-Identifier: GPL-2.0
/*
 * A perf.data that was copied in part. perf goes on with what of it there is, or says that its
 * format were another one.
 *
 * The header is before the events, and what describes them is behind: a table of features, and
 * these, the first of which are the formats of the events.
 */
#include "damon-cut.h"
#include "header.h"

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

/* Streams, files of the other byte order, and those that are not finished, are perf's. */
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
 * Return: %DAMON_CUT_NOTHING also of what is no file, or not to be read, and if nothing is missing
 * that reports need; %DAMON_CUT_SETTINGS if the events can be read, but not how they were recorded;
 * %DAMON_CUT_EVENTS if they cannot be read.
 */
enum damon_cut damon_cut__find(const char *path)
{
	enum damon_cut cut;
	struct stat st;
	int fd;

	/* Who writes to a named pipe would take notice. */
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return DAMON_CUT_NOTHING;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return DAMON_CUT_NOTHING;
	cut = find_sections(fd, st.st_size);
	close(fd);
	return cut;
}
