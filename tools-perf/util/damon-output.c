// SPDX-License-Identifier: GPL-2.0
/*
 * Reports for machines: JSON, and fields with a separator between them.
 */
#include "damon-output.h"
#include "damon-units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <linux/kernel.h>

static void print_json_string(const char *text)
{
	putchar_unlocked('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (iscntrl(c))
			printf("\\u%04x", c);
		else
			putchar_unlocked(c);
	}
	putchar_unlocked('"');
}

/* A comma behind what was before, and the name of what follows, which only a list's have not. */
static void print_key(struct damon_output *out, const char *key)
{
	if (out->comma[out->depth])
		putchar_unlocked(',');
	out->comma[out->depth] = true;
	if (!key)
		return;
	/* One of ours: nothing in it needs an escape. */
	putchar_unlocked('"');
	fputs_unlocked(key, stdout);
	fputs_unlocked("\":", stdout);
}

static void print_line_start(unsigned int depth)
{
	putchar_unlocked('\n');
	while (depth-- > 0)
		putchar_unlocked(' ');
}

/**
 * damon_output__open - begin a JSON object or list
 * @out: the output; nothing happens but in JSON, as in all of the following
 * @key: its name, NULL in a list
 * @bracket: '{' or '['
 */
void damon_output__open(struct damon_output *out, const char *key, char bracket)
{
	if (out->format != DAMON_JSON)
		return;
	print_key(out, key);
	if (out->depth)
		print_line_start(out->depth);
	putchar_unlocked(bracket);
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
	putchar_unlocked(bracket);
	if (out->depth)
		out->depth--;
	if (!out->depth)
		putchar('\n');
}

/**
 * damon_output__number - print a number in JSON
 * @out: the output
 * @key: its name
 * @value: the number
 */
void damon_output__number(struct damon_output *out, const char *key, u64 value)
{
	char buf[DAMON_UNIT_LEN];

	if (out->format != DAMON_JSON)
		return;
	print_key(out, key);
	damon_count__scnprintf(buf, sizeof(buf), value);
	fputs_unlocked(buf, stdout);
}

/**
 * damon_output__ratio - print a ratio as a percentage in JSON
 * @out: the output
 * @key: its name
 * @value: the ratio, 1 is 100%
 */
void damon_output__ratio(struct damon_output *out, const char *key, double value)
{
	if (out->format != DAMON_JSON)
		return;
	print_key(out, key);
	printf("%.6g", 100 * value);
}

/**
 * damon_output__text - print a text in JSON
 * @out: the output
 * @key: its name
 * @text: the text or NULL
 */
void damon_output__text(struct damon_output *out, const char *key, const char *text)
{
	if (out->format != DAMON_JSON)
		return;
	print_key(out, key);
	if (text)
		print_json_string(text);
	else
		printf("null");
}

/**
 * damon_output__bool - print a truth value in JSON
 * @out: the output
 * @key: its name
 * @value: the value
 */
void damon_output__bool(struct damon_output *out, const char *key, bool value)
{
	if (out->format != DAMON_JSON)
		return;
	print_key(out, key);
	printf(value ? "true" : "false");
}

/**
 * damon_output__scnprintf_field - print a text as a field
 * @out: the output, in fields
 * @buf: where to
 * @size: how much fits
 * @text: the text; in quotes if the separator is in it, as RFC 4180 has it
 *
 * Return: the number of characters printed.
 */
size_t damon_output__scnprintf_field(const struct damon_output *out, char *buf, size_t size,
				     const char *text)
{
	size_t len = 0;

	if (!strstr(text, out->separator) && !strchr(text, '"'))
		return scnprintf(buf, size, "%s", text);
	len += scnprintf(buf + len, size - len, "\"");
	for (; *text; text++)
		len += scnprintf(buf + len, size - len, *text == '"' ? "\"\"" : "%c", *text);
	return len + scnprintf(buf + len, size - len, "\"");
}
