// SPDX-License-Identifier: GPL-2.0
/* The table of a kernel's layout, read from a file */
#include "layout.h"

#include <stdio.h>
#include <string.h>

struct layout layout;

static const struct {
	const char *name;
	unsigned long *value;
} rows[] = {
	{ "task_sp", &layout.task_sp },
	{ "task_state", &layout.task_state },
	{ "task_tgid", &layout.task_tgid },
	{ "task_mm", &layout.task_mm },
	{ "task_comm", &layout.task_comm },
	{ "task_sleeps", &layout.task_sleeps },
	{ "mm_pgd", &layout.mm_pgd },
	{ "mm_owner", &layout.mm_owner },
	{ "mm_tree", &layout.mm_tree },
	{ "mm_tlb_generation", &layout.mm_tlb_generation },
	{ "vma_start", &layout.vma_start },
	{ "vma_end", &layout.vma_end },
	{ "vma_flags", &layout.vma_flags },
	{ "range_pivots", &layout.range_pivots },
	{ "range_slots", &layout.range_slots },
	{ "arange_pivots", &layout.arange_pivots },
	{ "arange_slots", &layout.arange_slots },
	{ "ticks_a_second", &layout.ticks_a_second },
	{ "switch_stacks", &layout.switch_stacks },
	{ "report", &layout.report },
	{ "sample_vaddr", &layout.sample_vaddr },
	{ "sample_paddr", &layout.sample_paddr },
	{ "tick", &layout.tick },
};

#define NR_ROWS	(sizeof(rows) / sizeof(*rows))

/* Returns NULL, or what is wrong */
const char *layout_load(const char *file)
{
	FILE *f = fopen(file, "r");
	size_t found = 0;
	unsigned long value;
	char name[32];

	if (!f)
		return "no such file";
	while (fscanf(f, "%31s %lx", name, &value) == 2)
		for (size_t i = 0; i < NR_ROWS; i++)
			if (!strcmp(rows[i].name, name)) {
				*rows[i].value = value;
				found++;
			}
	fclose(f);
	return found == NR_ROWS ? NULL : "not all numbers are there";
}
