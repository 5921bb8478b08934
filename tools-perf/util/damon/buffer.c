// SPDX-License-Identifier: GPL-2.0
/*
 * Buffer for the rows of reports.
 */
#include "buffer.h"

#include <errno.h>
#include <stdio.h>
#include <linux/kernel.h>

struct damon_buffer damon_buffer;

static void write_out(const char *text, size_t len)
{
	if (!damon_buffer.err && fwrite_unlocked(text, 1, len, stdout) < len)
		damon_buffer.err = -errno;
}

/**
 * damon_buffer__put - add a text
 * @text: the text
 * @len: its length
 */
void damon_buffer__put(const char *text, size_t len)
{
	if (len > DAMON_BUFFER_SIZE - damon_buffer.len)
		damon_buffer__flush();
	if (len > DAMON_BUFFER_SIZE) {
		write_out(text, len);
		return;
	}
	memcpy(damon_buffer.text + damon_buffer.len, text, len);
	damon_buffer__commit(len);
}

/**
 * damon_buffer__pad - add spaces
 * @nr: how many
 */
void damon_buffer__pad(size_t nr)
{
	while (nr) {
		size_t part = min_t(size_t, nr, 32);

		/* With a constant size this is two instructions. */
		memset(damon_buffer__reserve(), ' ', 32);
		damon_buffer__commit(part);
		nr -= part;
	}
}

/**
 * damon_buffer__take - take the text out as a string instead of printing it
 *
 * Return: the string, or NULL if out of memory.
 */
char *damon_buffer__take(void)
{
	char *text = strndup(damon_buffer.text, damon_buffer.len);

	damon_buffer.len = 0;
	return text;
}

/**
 * damon_buffer__flush - pass the text on to stdio
 *
 * After an error, which is kept in damon_buffer.err, nothing more is written.
 */
void damon_buffer__flush(void)
{
	write_out(damon_buffer.text, damon_buffer.len);
	damon_buffer.len = 0;
}
