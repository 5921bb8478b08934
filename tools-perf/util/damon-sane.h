/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_SANE_H
#define __PERF_DAMON_SANE_H

#include "build-id.h"
#include "event.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The text at this offset ends within the record. */
static inline bool damon_record__has_text(const union perf_event *event, size_t at)
{
	size_t size = event->header.size;

	return size > at && memchr((const char *)event + at, '\0', size - at);
}

/**
 * damon_record__is_sane - see whether a record of a task or a mapping is what perf takes it for
 * @event: the record; others are not looked at
 *
 * Whoever makes a file may have it say anything, and perf copies as much as it says.
 *
 * Return: true if perf may have it.
 */
static inline bool damon_record__is_sane(const union perf_event *event)
{
	switch (event->header.type) {
	case PERF_RECORD_COMM:
		return damon_record__has_text(event, offsetof(struct perf_record_comm, comm));
	case PERF_RECORD_FORK:
		/* No task is its own parent: perf would forget a thread that it still holds. */
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
