// SPDX-License-Identifier: GPL-2.0
/* The table of a kernel's layout, read from a file */
#include "layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct layout layout;

#define LAYOUT_ROW(name) { #name, &layout.at_##name },
static const struct {
	const char *name;
	uint64_t *value;
} rows[] = { LAYOUT(LAYOUT_ROW) };

#define NR_ROWS	(sizeof(rows) / sizeof(*rows))

/* Returns NULL, or what is wrong */
const char *layout_load(const char *file)
{
	FILE *f = fopen(file, "r");
	size_t found = 0;
	uint64_t value;
	char name[32];

	if (!f)
		return "no such file";
	while (fscanf(f, "%31s %" SCNx64, name, &value) == 2)
		for (size_t i = 0; i < NR_ROWS; i++)
			if (!strcmp(rows[i].name, name)) {
				*rows[i].value = value;
				found++;
			}
	fclose(f);
	return found == NR_ROWS ? NULL : "not all numbers are there";
}
