/* SPDX-License-Identifier: GPL-2.0 */
/* The mappings of an address space */
#ifndef MAPPINGS_H
#define MAPPINGS_H

#include <stdbool.h>

struct mapping {
	unsigned long start, end;
	bool executable;
};

/* Called for each mapping, in order, until it returns true */
typedef bool (*mapping_visit)(const struct mapping *mapping, void *data);

bool mappings_visit(unsigned long mm, mapping_visit visit, void *data);

#endif /* MAPPINGS_H */
