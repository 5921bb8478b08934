// SPDX-License-Identifier: GPL-2.0
/*
 * The operation sets "vaddr": the mapped memory of processes, and "fvaddr":
 * fixed ranges of their address spaces.
 */
#include <linux/damon.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "access.h"
#include "probe.h"
#include "three-ranges.h"
#include "walk.h"

/*
 * The address space of the target, for the caller to mmput_async() (it may be the
 * last user, and to tear an address space down takes long), or NULL if the
 * process has ended.  Asked for at each use: exec gives a process another one.
 * Any of its threads will do; the first may end before the others.
 */
static struct mm_struct *damon_va_get_mm(struct damon_target *t)
{
	struct task_struct *process, *thread;
	struct mm_struct *mm = NULL;

	process = get_pid_task(t->pid, PIDTYPE_PID);
	if (!process)
		return NULL;
	thread = find_lock_task_mm(process);
	if (thread) {
		/* What a kernel thread has is borrowed. */
		if (!(thread->flags & PF_KTHREAD)) {
			mm = thread->mm;
			mmget(mm);
		}
		task_unlock(thread);
	}
	put_task_struct(process);
	return mm;
}

static int damon_va_find_ranges(struct mm_struct *mm,
				struct damon_range ranges[3])
{
	VMA_ITERATOR(vmi, mm, 0);
	struct damon_three_ranges three = {};
	struct vm_area_struct *vma;

	/* The caller of damon_start() can be killed; nobody kills a kdamond. */
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for_each_vma(vmi, vma)
		damon_three_ranges_add(&three, vma->vm_start, vma->vm_end);
	mmap_read_unlock(mm);
	return damon_three_ranges_get(&three, ranges);
}

static int damon_va_get_ranges(struct damon_target *t,
			       struct damon_range **ranges)
{
	struct mm_struct *mm = damon_va_get_mm(t);
	int nr = -ENOMEM;

	if (!mm)
		return -ESRCH;
	*ranges = kvmalloc_array(3, sizeof(**ranges), GFP_KERNEL);
	if (*ranges)
		nr = damon_va_find_ranges(mm, *ranges);
	if (nr < 0)
		kvfree(*ranges);
	mmput_async(mm);
	return nr;
}

static int damon_fva_get_ranges(struct damon_target *t,
				struct damon_range **ranges)
{
	struct mm_struct *mm;

	if (!t->nr_ranges)
		return -EINVAL;
	mm = damon_va_get_mm(t);
	if (!mm)
		return -ESRCH;
	mmput_async(mm);
	return damon_copy_ranges(t, ranges);
}

static bool damon_va_accessed(void *walk, unsigned long addr)
{
	const struct damon_entry *entry = damon_walk_to(walk, addr);

	return entry && damon_entry_accessed(entry);
}

static bool damon_va_clear(void *walk, unsigned long addr,
			   struct damon_range *shared)
{
	const struct damon_entry *entry = damon_walk_to(walk, addr);

	if (!entry)
		return false;
	if (damon_range_size(&entry->range) > PAGE_SIZE)
		*shared = entry->range;
	return damon_entry_clear(entry);
}

static int damon_va_sample(struct damon_ctx *ctx, struct damon_target *t,
			   unsigned int what)
{
	struct mm_struct *mm = damon_va_get_mm(t);
	struct damon_walk walk;
	const struct damon_prober prober = {
		.accessed = damon_va_accessed,
		.clear = damon_va_clear,
		.arg = &walk,
	};

	if (!mm)
		return -ESRCH;
	damon_walk_begin(&walk, mm);
	damon_probe_regions(ctx, t, what, &prober);
	damon_walk_end(&walk);
	mmput_async(mm);
	return 0;
}

static struct damon_operations damon_va_ops = {
	.name = "vaddr",
	.processes = true,
	.get_ranges = damon_va_get_ranges,
	.sample = damon_va_sample,
};

static struct damon_operations damon_fva_ops = {
	.name = "fvaddr",
	.processes = true,
	.get_ranges = damon_fva_get_ranges,
	.sample = damon_va_sample,
};

static int __init damon_va_init(void)
{
	return damon_register_ops(&damon_va_ops) ?:
	       damon_register_ops(&damon_fva_ops);
}
subsys_initcall(damon_va_init);
