/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_INFLATE_H
#define __PERF_DAMON_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/list.h>

/* Size of a piece of memory, which holds many records. */
#define DAMON_PIECE_SIZE	(1024 * 1024UL)

/**
 * struct damon_inflate - a stream of compressed records
 * @pos: start of the decompressed records that have not been read
 * @end: their end; the last one may be incomplete
 * @nr_pieces: number of pieces of memory
 */
struct damon_inflate {
	char			*pos;
	char			*end;
	size_t			nr_pieces;

	/* private */
	struct list_head	pieces;
	char			*limit;
	void			*stream;
	const char		*input;
	size_t			input_size;
	bool			full;
};

bool damon_inflate__is_supported(void);
void damon_inflate__init(struct damon_inflate *inflate);
void damon_inflate__exit(struct damon_inflate *inflate);
void damon_inflate__feed(struct damon_inflate *inflate, const void *data, size_t size);
int damon_inflate__more(struct damon_inflate *inflate);
void *damon_inflate__copy(struct damon_inflate *inflate, const void *record, size_t size);
bool damon_inflate__oldest(const struct damon_inflate *inflate, const char **start,
			   const char **end);
void damon_inflate__drop_oldest(struct damon_inflate *inflate);

#endif /* __PERF_DAMON_INFLATE_H */
