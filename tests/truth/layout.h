/* SPDX-License-Identifier: GPL-2.0 */
/* Where the guest's kernel keeps what is read: numbers that the script "layout" makes a table of */
#ifndef LAYOUT_H
#define LAYOUT_H

/* Offsets in structures, and addresses of functions */
extern struct layout {
	unsigned long task_sp, task_state, task_tgid, task_mm, task_comm, task_sleeps;
	unsigned long mm_pgd, mm_owner, mm_tree, mm_tlb_generation;
	unsigned long vma_start, vma_end, vma_flags;
	unsigned long range_pivots, range_slots, arange_pivots, arange_slots;
	unsigned long ticks_a_second;
	unsigned long switch_stacks, report, sample_vaddr, sample_paddr, tick;
} layout;

const char *layout_load(const char *file);

#endif /* LAYOUT_H */
