// SPDX-License-Identifier: GPL-2.0
/*
 * What the parts that are fuzzed take from the rest of perf: messages, which nobody reads here, and
 * the fields of an event of a file, of which there is none.
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
