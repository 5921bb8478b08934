/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SANE_H
#define __PERF_DAMON_SANE_H

#include "util/build-id.h"
#include "util/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Check that the string at this offset is terminated within the record. */
static inline bool damon_record__has_text(const union perf_event *event, size_t at)
{
	size_t size = event->header.size;

	return size > at && memchr((const char *)event + at, '\0', size - at);
}

/**
 * damon_record__is_sane - check a record of a task or a mapping before perf processes it
 * @event: the record; other types are not checked
 *
 * The file may be malicious, and perf copies strings and build IDs without a check of their length.
 *
 * Return: true if perf can process the record safely.
 */
static inline bool damon_record__is_sane(const union perf_event *event)
{
	switch (event->header.type) {
	case PERF_RECORD_COMM:
		return damon_record__has_text(event, offsetof(struct perf_record_comm, comm));
	case PERF_RECORD_FORK:
		/* If a task is its own parent, perf frees a thread that is still in use. */
		return event->header.size >= sizeof(event->fork) &&
		       event->fork.tid != event->fork.ptid;
	case PERF_RECORD_MMAP:
		return damon_record__has_text(event, offsetof(struct perf_record_mmap, filename));
	case PERF_RECORD_MMAP2:
		return damon_record__has_text(event,
					      offsetof(struct perf_record_mmap2, filename)) &&
		       (!(event->header.misc & PERF_RECORD_MISC_MMAP_BUILD_ID) ||
			event->mmap2.build_id_size <= BUILD_ID_SIZE);
	default:
		return true;
	}
}

#endif /* __PERF_DAMON_SANE_H */
