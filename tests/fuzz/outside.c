// SPDX-License-Identifier: GPL-2.0
/*
 * Stubs for what the fuzzed parts need of the rest of perf: messages, which are dropped, and fields
 * of an event of a file, of which there are none.
 */
#include "util/debug.h"
#include "util/evsel.h"

int verbose;

int eprintf(int level, int var, const char *fmt, ...)
{
	(void)level;
	(void)var;
	(void)fmt;
	return 0;
}

struct tep_format_field *evsel__field(struct evsel *evsel, const char *name)
{
	(void)evsel;
	(void)name;
	return NULL;
}
