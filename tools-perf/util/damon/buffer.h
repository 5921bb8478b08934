/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_BUFFER_H
#define __PERF_DAMON_BUFFER_H

#include <stddef.h>
#include <string.h>

/*
 * Rows are formatted here before they go to the standard output: a long recording has many
 * millions of them, and printing one with stdio takes longer than reading an event. The caller
 * flushes the buffer before it prints anything else with stdio.
 */

#define DAMON_BUFFER_SIZE	(64 * 1024)
/* Maximum that can be reserved at once. */
#define DAMON_BUFFER_ROOM	256

/**
 * struct damon_buffer - the output buffer; there is only one
 * @text: the text
 * @len: its length
 * @err: why writing has failed, 0 if it has not
 */
struct damon_buffer {
	char	text[DAMON_BUFFER_SIZE];
	size_t	len;
	int	err;
};

extern struct damon_buffer damon_buffer;

void damon_buffer__flush(void);
char *damon_buffer__take(void);
void damon_buffer__put(const char *text, size_t len);
void damon_buffer__pad(size_t nr);

/**
 * damon_buffer__reserve - get room to write into
 *
 * Return: room for %DAMON_BUFFER_ROOM characters.
 */
static inline char *damon_buffer__reserve(void)
{
	if (damon_buffer.len + DAMON_BUFFER_ROOM > DAMON_BUFFER_SIZE)
		damon_buffer__flush();
	return damon_buffer.text + damon_buffer.len;
}

/**
 * damon_buffer__commit - add what was written to the reserved room
 * @len: its length
 */
static inline void damon_buffer__commit(size_t len)
{
	damon_buffer.len += len;
}

/**
 * damon_buffer__putc - add a character
 * @c: the character
 */
static inline void damon_buffer__putc(char c)
{
	*damon_buffer__reserve() = c;
	damon_buffer__commit(1);
}

/**
 * damon_buffer__puts - add a text
 * @text: the text
 */
static inline void damon_buffer__puts(const char *text)
{
	damon_buffer__put(text, strlen(text));
}

#endif /* __PERF_DAMON_BUFFER_H */
