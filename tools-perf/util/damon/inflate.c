// SPDX-License-Identifier: GPL-2.0
/*
 * Decompress the records of perf record -z.
 *
 * perf's own reader keeps all decompressed records until the end. Here they are in pieces of
 * memory, which are freed when they are no longer needed. A record that does not fit into a piece
 * is moved to the start of the next one, so that each record is contiguous and aligned.
 */
#include "errors.h"
#include "inflate.h"
#include "util/debug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#ifdef HAVE_ZSTD_SUPPORT
#include <zstd.h>
#endif

/* The size of a record is a 16-bit field. */
#define MAX_RECORD	65536UL

/**
 * struct piece - memory for decompressed records
 * @list: the list of all pieces, the oldest first
 * @data: the records
 */
struct piece {
	struct list_head	list;
	char			data[DAMON_PIECE_SIZE] __aligned(8);
};

/**
 * damon_inflate__init - initialize an empty stream
 * @inflate: the stream
 */
void damon_inflate__init(struct damon_inflate *inflate)
{
	memset(inflate, 0, sizeof(*inflate));
	INIT_LIST_HEAD(&inflate->pieces);
}

/* An incomplete record at the end of the last piece is moved to the new one. */
static int add_piece(struct damon_inflate *inflate)
{
	struct piece *piece = malloc(sizeof(*piece));
	size_t rest = inflate->end - inflate->pos;

	if (!piece)
		return damon_out_of_memory();
	if (rest)
		memcpy(piece->data, inflate->pos, rest);
	inflate->pos = piece->data;
	inflate->end = piece->data + rest;
	inflate->limit = piece->data + sizeof(piece->data);
	list_add_tail(&piece->list, &inflate->pieces);
	inflate->nr_pieces++;
	return 0;
}

/* Make room for at least the longest possible record. */
static int make_room(struct damon_inflate *inflate)
{
	return inflate->limit - inflate->end < (ptrdiff_t)MAX_RECORD ? add_piece(inflate) : 0;
}

/**
 * damon_inflate__feed - set the next data to decompress
 * @inflate: the stream; all previous data must have been decompressed
 * @data: the compressed data, which must stay valid until they are decompressed
 * @size: their size
 */
void damon_inflate__feed(struct damon_inflate *inflate, const void *data, size_t size)
{
	inflate->input = data;
	inflate->input_size = size;
}

#ifdef HAVE_ZSTD_SUPPORT
/**
 * damon_inflate__is_supported - tell whether this perf was built with Zstandard
 */
bool damon_inflate__is_supported(void)
{
	return true;
}

static void free_stream(struct damon_inflate *inflate)
{
	ZSTD_freeDStream(inflate->stream);
}

/**
 * damon_inflate__more - decompress more data
 * @inflate: the stream; its complete records have been read, and @pos is behind them
 *
 * Return: 1 if more was decompressed, 0 at the end of the data, or a negative error number; errors
 * are printed.
 */
int damon_inflate__more(struct damon_inflate *inflate)
{
	ZSTD_inBuffer in = { inflate->input, inflate->input_size, 0 };
	ZSTD_outBuffer out = {};
	size_t ret;

	/* If the output was full, zstd may have buffered more. */
	if (!inflate->input_size && !inflate->full)
		return 0;
	if (!inflate->stream)
		inflate->stream = ZSTD_createDStream();
	if (!inflate->stream)
		return damon_out_of_memory();
	if (make_room(inflate))
		return -ENOMEM;
	out.dst = inflate->end;
	out.size = inflate->limit - inflate->end;
	ret = ZSTD_decompressStream(inflate->stream, &out, &in);
	if (ZSTD_isError(ret)) {
		pr_err("data are damaged: what was compressed cannot be read: %s\n",
		       ZSTD_getErrorName(ret));
		return -EINVAL;
	}
	inflate->input += in.pos;
	inflate->input_size -= in.pos;
	inflate->end += out.pos;
	inflate->full = out.pos == out.size;
	return 1;
}
#else
bool damon_inflate__is_supported(void)
{
	return false;
}

static void free_stream(struct damon_inflate *inflate __maybe_unused)
{
}

int damon_inflate__more(struct damon_inflate *inflate __maybe_unused)
{
	return -EOPNOTSUPP;
}
#endif

/**
 * damon_inflate__exit - end a stream, and free everything
 * @inflate: the stream
 */
void damon_inflate__exit(struct damon_inflate *inflate)
{
	while (inflate->nr_pieces)
		damon_inflate__drop_oldest(inflate);
	free_stream(inflate);
	damon_inflate__init(inflate);
}

/**
 * damon_inflate__copy - copy an uncompressed record into a piece
 * @inflate: a stream that is used only for such records
 * @record: the record
 * @size: its size
 *
 * Return: the copy, or NULL if out of memory; errors are printed.
 */
void *damon_inflate__copy(struct damon_inflate *inflate, const void *record, size_t size)
{
	char *copy;

	if (make_room(inflate))
		return NULL;
	copy = memcpy(inflate->pos, record, size);
	inflate->pos += size;
	inflate->end = inflate->pos;
	return copy;
}

/**
 * damon_inflate__oldest - find the oldest piece, unless it is the one being filled
 * @inflate: the stream
 * @start: set to its start
 * @end: set to its end
 *
 * Return: false if there is none.
 */
bool damon_inflate__oldest(const struct damon_inflate *inflate, const char **start,
			   const char **end)
{
	const struct piece *piece;

	if (inflate->nr_pieces < 2)
		return false;
	piece = list_first_entry(&inflate->pieces, struct piece, list);
	*start = piece->data;
	*end = piece->data + sizeof(piece->data);
	return true;
}

/**
 * damon_inflate__drop_oldest - free the oldest piece
 * @inflate: the stream
 */
void damon_inflate__drop_oldest(struct damon_inflate *inflate)
{
	struct piece *piece = list_first_entry(&inflate->pieces, struct piece, list);

	list_del(&piece->list);
	free(piece);
	inflate->nr_pieces--;
}
