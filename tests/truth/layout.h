/* SPDX-License-Identifier: GPL-2.0 */
/* Where the guest's kernel keeps what is read: numbers of the table that the script "layout" makes */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

#define LAYOUT(entry) \
	entry(task_sp) entry(task_state) entry(task_tgid) entry(task_mm) entry(task_comm) \
	entry(task_sleeps) entry(mm_pgd) entry(mm_owner) entry(mm_tree) entry(vma_start) \
	entry(vma_end) entry(vma_flags) entry(range_pivots) entry(range_slots) \
	entry(arange_pivots) entry(arange_slots) entry(switch) entry(report) \
	entry(sample_vaddr) entry(sample_paddr)

#define LAYOUT_FIELD(name) uint64_t at_##name;
extern struct layout {
	LAYOUT(LAYOUT_FIELD)
} layout;

const char *layout_load(const char *file);

#endif /* LAYOUT_H */
