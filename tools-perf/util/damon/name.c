// SPDX-License-Identifier: GPL-2.0
/*
 * Names of processes, files and hosts, which may have any characters in them.
 */
#include "name.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 character at @s, 0 if there is none. */
static int utf8_len(const unsigned char *s)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int len = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0, i;
	unsigned int c = len > 1 ? *s & (0x7f >> len) : *s;

	for (i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 63);
	}
	/* Neither longer than necessary, nor half of a character in UTF-16. */
	return c < least[len] || c > 0x10ffff || c >> 11 == 27 ? 0 : len;
}

/**
 * damon_name__make_printable - make a name safe for terminals and gnuplot
 * @name: an untrusted name of a process, a file or a host
 *
 * Control characters (also those of two bytes) and bytes that are not UTF-8 become question marks.
 */
void damon_name__make_printable(char *name)
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
 * damon_name__printable - copy a name, and make the copy printable
 * @name: the name
 *
 * Return: the copy, or NULL if out of memory.
 */
char *damon_name__printable(const char *name)
{
	char *copy = strdup(name);

	if (copy)
		damon_name__make_printable(copy);
	return copy;
}
