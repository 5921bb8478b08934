// SPDX-License-Identifier: GPL-2.0
/*
 * Finish the perf.data of a perf record that was killed, or whose disk is full.
 *
 * perf record writes the events with their numbers first, and at its end the size of the data, and
 * behind them what is needed to read them, such as the format of tracepoints. All of that is still
 * known here, after the recording.
 */
#include "mend.h"
#include "util/evlist.h"
#include "util/evsel.h"
#include "util/header.h"
#include "util/session.h"
#include "util/trace-event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <internal/evsel.h>
#include <internal/lib.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <perf/event.h>

/* More than what comes behind the data takes. */
#define ROOM	0x100000

struct file_attr {
	struct perf_event_attr		attr;
	struct perf_file_section	ids;
};

/* The size of the whole records from @pos on. */
static size_t whole_records(const char *pos, const char *end)
{
	const char *begin = pos;
	struct perf_event_header header;

	while (end - pos >= (ptrdiff_t)sizeof(header)) {
		memcpy(&header, pos, sizeof(header));
		if (header.size < sizeof(header) || header.size > end - pos)
			break;
		pos += header.size;
	}
	return pos - begin;
}

/* Keep whole records in the first @max bytes of the data, and cut off the rest. */
static int cut_data(int fd, struct perf_file_header *header, u64 max)
{
	char *map = mmap(NULL, header->data.offset + max, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	header->data.size = whole_records(map + header->data.offset,
					  map + header->data.offset + max);
	munmap(map, header->data.offset + max);
	if (!header->data.size)
		return -ENODATA;
	return ftruncate(fd, header->data.offset + header->data.size) ? -errno : 0;
}

/* On a full disk, the last records make room for what comes behind them. */
static int make_room(int fd, struct perf_file_header *header)
{
	return header->data.size > ROOM ? cut_data(fd, header, header->data.size - ROOM) : -ENOSPC;
}

static int find_data(int fd, struct perf_file_header *header)
{
	struct statvfs disk;
	struct stat st;
	int err;

	if (fstat(fd, &st) || fstatvfs(fd, &disk))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EEXIST;
	if (pread(fd, header, sizeof(*header), 0) != sizeof(*header))
		return -EINVAL;
	if (header->data.size)
		return -EEXIST;
	if (header->attr_size != sizeof(struct file_attr) || !header->data.offset ||
	    header->data.offset >= (u64)st.st_size)
		return -EINVAL;
	err = cut_data(fd, header, st.st_size - header->data.offset);
	if (!err && (u64)disk.f_bavail * disk.f_frsize < ROOM)
		err = make_room(fd, header);
	return err;
}

static int read_event(int fd, off_t offset, struct evlist *evlist)
{
	struct file_attr event;
	struct evsel *evsel;
	u64 id;
	u32 i;

	if (pread(fd, &event, sizeof(event), offset) != sizeof(event))
		return -EIO;
	evsel = evsel__new(&event.attr);
	if (!evsel)
		return -ENOMEM;
	evlist__add(evlist, evsel);
	if (event.attr.type == PERF_TYPE_TRACEPOINT)
		evsel->name = tracepoint_id_to_name(event.attr.config);
	if (perf_evsel__alloc_id(&evsel->core, 1, event.ids.size / sizeof(id)))
		return -ENOMEM;
	for (i = 0; i < event.ids.size / sizeof(id); i++) {
		if (pread(fd, &id, sizeof(id), event.ids.offset + i * sizeof(id)) != sizeof(id))
			return -EIO;
		perf_evlist__id_add(&evlist->core, &evsel->core, 0, i, id);
	}
	return 0;
}

static int write_header(int fd, struct perf_session *session,
			const struct perf_file_header *header, u32 comp_mmap_len)
{
	static const int features[] = {
		HEADER_TRACING_DATA, HEADER_HOSTNAME, HEADER_OSRELEASE, HEADER_VERSION,
		HEADER_ARCH, HEADER_NRCPUS, HEADER_CMDLINE, HEADER_EVENT_DESC,
	};
	size_t i;
	int err;

	session->header.data_offset = header->data.offset;
	session->header.data_size = header->data.size;
	for (i = 0; i < ARRAY_SIZE(features); i++)
		perf_header__set_feat(&session->header, features[i]);
	if (comp_mmap_len) {
		perf_header__set_feat(&session->header, HEADER_COMPRESSED);
		session->header.env.comp_type = PERF_COMP_ZSTD;
		session->header.env.comp_mmap_len = comp_mmap_len;
	}
	err = perf_session__write_header(session, session->evlist, fd, /*at_exit=*/true);
	if (err)
		return err;
	/* It leaves out what cannot be written. */
	return perf_header__has_feat(&session->header, HEADER_TRACING_DATA) ? 0 : -ENOSPC;
}

/**
 * damon_mend - finish a file that perf record has begun
 * @path: the file
 * @comp_mmap_len: size of the ring buffers if the data are compressed, else 0
 *
 * Return: 0 if it can be read now, -EEXIST if it was finished before, or is no file, or another
 * negative error number.
 */
int damon_mend(const char *path, u32 comp_mmap_len)
{
	struct perf_session *session = perf_session__new(NULL, NULL);
	struct perf_file_header header;
	int err = -ENOMEM, fd = -1;
	u64 at;

	if (IS_ERR(session))
		return PTR_ERR(session);
	session->evlist = evlist__new();
	if (!session->evlist)
		goto out;
	fd = open(path, O_RDWR | O_CLOEXEC);
	err = fd < 0 ? -errno : find_data(fd, &header);
	for (at = 0; !err && at < header.attrs.size; at += header.attr_size)
		err = read_event(fd, header.attrs.offset + at, session->evlist);
	err = err ?: write_header(fd, session, &header, comp_mmap_len);
	/* There was less room than statvfs() has told, as with a quota. */
	if (err == -ENOSPC)
		err = make_room(fd, &header) ?: write_header(fd, session, &header, comp_mmap_len);
out:
	if (fd >= 0)
		close(fd);
	evlist__delete(session->evlist);
	perf_session__delete(session);
	return err;
}
