// SPDX-License-Identifier: GPL-2.0
/*
 * Output for programs: JSON, and fields with a separator between them.
 */
#include "output.h"
#include "buffer.h"
#include "errors.h"
#include "units.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>

static void put_json_string(const char *text)
{
	damon_buffer__putc('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (iscntrl(c)) {
			damon_buffer__commit(scnprintf(damon_buffer__reserve(), DAMON_BUFFER_ROOM,
						       "\\u%04x", c));
			continue;
		}
		if (c == '"' || c == '\\')
			damon_buffer__putc('\\');
		damon_buffer__putc(c);
	}
	damon_buffer__putc('"');
}

/*
 * Print a comma if something is before, and the key, which members of a list do not have. Keys are
 * constants that need no escapes.
 */
static void put_key(struct damon_output *out, const char *key)
{
	char *begin = damon_buffer__reserve(), *end = begin;

	if (out->comma[out->depth])
		*end++ = ',';
	out->comma[out->depth] = true;
	if (key) {
		*end++ = '"';
		end = stpcpy(end, key);
		*end++ = '"';
		*end++ = ':';
	}
	damon_buffer__commit(end - begin);
}

static void put_number(u64 value)
{
	char *to = damon_buffer__reserve();

	damon_buffer__commit(damon_count__put(to, value) - to);
}

static void start_line(unsigned int depth)
{
	damon_buffer__putc('\n');
	damon_buffer__pad(depth);
}

/**
 * damon_output__open - begin a JSON object or list
 * @out: the output; nothing is printed unless it is JSON
 * @key: its key, NULL in a list
 * @bracket: '{' or '['
 */
void damon_output__open(struct damon_output *out, const char *key, char bracket)
{
	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	if (out->depth)
		start_line(out->depth);
	damon_buffer__putc(bracket);
	if (out->depth + 1 < ARRAY_SIZE(out->comma))
		out->depth++;
	out->comma[out->depth] = false;
}

/**
 * damon_output__close - end a JSON object or list
 * @out: the output
 * @bracket: '}' or ']'
 */
void damon_output__close(struct damon_output *out, char bracket)
{
	if (out->format != DAMON_JSON)
		return;
	damon_buffer__putc(bracket);
	if (out->depth)
		out->depth--;
	if (out->depth)
		return;
	damon_buffer__putc('\n');
	damon_buffer__flush();
}

/**
 * damon_output__put_text - print a text in JSON, without its key
 * @text: the text or NULL
 */
void damon_output__put_text(const char *text)
{
	if (text)
		put_json_string(text);
	else
		damon_buffer__puts("null");
}

/**
 * damon_output__number - print a number in JSON
 * @out: the output
 * @key: its key
 * @value: the number
 */
void damon_output__number(struct damon_output *out, const char *key, u64 value)
{
	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	put_number(value);
}

/**
 * damon_output__hundredths - print a number with decimals in JSON
 * @out: the output
 * @key: its key
 * @hundredths: a hundred times the number
 */
void damon_output__hundredths(struct damon_output *out, const char *key, u64 hundredths)
{
	char *to;

	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	to = damon_buffer__reserve();
	damon_buffer__commit(damon_hundredths__put(to, hundredths) - to);
}

/**
 * damon_output__optional - print a number, or null if it is unknown, in JSON
 * @out: the output
 * @key: its key
 * @known: whether the number is known
 * @value: the number
 */
void damon_output__optional(struct damon_output *out, const char *key, bool known, u64 value)
{
	if (known)
		damon_output__number(out, key, value);
	else
		damon_output__text(out, key, NULL);
}

/**
 * damon_output__text - print a text in JSON
 * @out: the output
 * @key: its key
 * @text: the text or NULL
 */
void damon_output__text(struct damon_output *out, const char *key, const char *text)
{
	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	damon_output__put_text(text);
}

/**
 * damon_output__bool - print true or false in JSON
 * @out: the output
 * @key: its key
 * @value: the value
 */
void damon_output__bool(struct damon_output *out, const char *key, bool value)
{
	if (out->format != DAMON_JSON)
		return;
	put_key(out, key);
	damon_buffer__puts(value ? "true" : "false");
}

/**
 * damon_output__put_field - print a text as a field
 * @out: the output, in fields
 * @text: the text, quoted as in RFC 4180 if it contains the separator or a quote
 */
void damon_output__put_field(const struct damon_output *out, const char *text)
{
	if (!strstr(text, out->separator) && !strchr(text, '"')) {
		damon_buffer__puts(text);
		return;
	}
	damon_buffer__putc('"');
	for (; *text; text++) {
		if (*text == '"')
			damon_buffer__putc('"');
		damon_buffer__putc(*text);
	}
	damon_buffer__putc('"');
}

/**
 * damon_output__set_row_head - set the target that rows of fields begin with
 * @out: the output
 * @kdamond: thread that monitors the target
 * @target_id: index of the target in that kdamond
 * @pid: the process, 0: unknown
 * @comm: its name, or NULL
 *
 * Return: 0 or -ENOMEM; errors are printed.
 */
int damon_output__set_row_head(struct damon_output *out, pid_t kdamond, unsigned long target_id,
			       pid_t pid, const char *comm)
{
	if (out->format != DAMON_FIELDS)
		return 0;
	damon_buffer__flush();
	put_number(kdamond);
	damon_buffer__puts(out->separator);
	put_number(target_id);
	damon_buffer__puts(out->separator);
	if (pid)
		put_number(pid);
	damon_buffer__puts(out->separator);
	damon_output__put_field(out, comm ?: "");
	free(out->row_head);
	out->row_head = damon_buffer__take();
	return out->row_head ? 0 : damon_out_of_memory();
}

/**
 * damon_output__put_row_titles - print the titles of the fields that rows begin with
 * @out: the output, in fields
 */
void damon_output__put_row_titles(const struct damon_output *out)
{
	static const char * const titles[] = { "kdamond", "target", "pid", "comm" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(titles); i++) {
		damon_buffer__puts(i ? out->separator : "# ");
		damon_buffer__puts(titles[i]);
	}
}

/* Length of the UTF-8 character at @s, 0 if there is none. */
static int utf8_len(const unsigned char *s)
{
	/* Ranges of the first and of the second byte, and the length (RFC 3629). */
	static const struct { unsigned char first, last, from, to, len; } rows[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t i;
	int n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (*s < rows[i].first || *s > rows[i].last ||
		    s[1] < rows[i].from || s[1] > rows[i].to)
			continue;
		for (n = 2; n < rows[i].len; n++) {
			if (s[n] < 0x80 || s[n] > 0xbf)
				return 0;
		}
		return rows[i].len;
	}
	return 0;
}

/**
 * damon_output__make_printable - make a name safe for terminals and gnuplot
 * @name: an untrusted name of a process, a file or a host
 *
 * Control characters (also those of two bytes) and bytes that are not UTF-8 become question marks.
 */
void damon_output__make_printable(char *name)
{
	unsigned char *s = (unsigned char *)name;

	while (*s) {
		int len = utf8_len(s);
		bool control = len == 1 ? iscntrl(*s) : len == 2 && *s == 0xc2 && s[1] < 0xa0;

		if (!len || control)
			memset(s, '?', len ?: 1);
		s += len ?: 1;
	}
}

/**
 * damon_output__printable - copy a name, and make the copy printable
 * @name: the name
 *
 * Return: the copy, or NULL if out of memory.
 */
char *damon_output__printable(const char *name)
{
	char *copy = strdup(name);

	if (copy)
		damon_output__make_printable(copy);
	return copy;
}
