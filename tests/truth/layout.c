// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel keeps what the plugin reads: compiled, but not run, with a kernel's own flags.
 * The script beside this file makes a table of names and numbers of it.
 */
#include <linux/kbuild.h>
#include <linux/maple_tree.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

int main(void)
{
	OFFSET(task_sp, task_struct, thread.sp);
	OFFSET(task_state, task_struct, __state);
	OFFSET(task_tgid, task_struct, tgid);
	OFFSET(task_mm, task_struct, mm);
	OFFSET(task_comm, task_struct, comm);
	OFFSET(task_sleeps, task_struct, nvcsw);
	OFFSET(mm_pgd, mm_struct, pgd);
	OFFSET(mm_owner, mm_struct, owner);
	OFFSET(mm_tree, mm_struct, mm_mt.ma_root);
	OFFSET(mm_tlb_generation, mm_struct, context.tlb_gen);
	OFFSET(vma_start, vm_area_struct, vm_start);
	OFFSET(vma_end, vm_area_struct, vm_end);
	OFFSET(vma_flags, vm_area_struct, vm_flags);
	OFFSET(range_pivots, maple_node, mr64.pivot);
	OFFSET(range_slots, maple_node, mr64.slot);
	OFFSET(arange_pivots, maple_node, ma64.pivot);
	OFFSET(arange_slots, maple_node, ma64.slot);
	DEFINE(ticks_a_second, HZ);
	return 0;
}
