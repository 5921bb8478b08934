// SPDX-License-Identifier: GPL-2.0
/*
 * The operation set "vaddr": the mapped memory of processes.
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
#include "adapt.h"
#include "three-ranges.h"

/*
 * The address space of the target, for the caller to mmput(), or NULL if the
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

static unsigned int damon_va_find_ranges(struct mm_struct *mm,
					 struct damon_range ranges[3])
{
	VMA_ITERATOR(vmi, mm, 0);
	struct damon_three_ranges three = {};
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
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
	*ranges = kmalloc_array(3, sizeof(**ranges), GFP_KERNEL);
	if (*ranges)
		nr = damon_va_find_ranges(mm, *ranges);
	mmput(mm);
	return nr;
}

static unsigned long damon_va_random_page(struct damon_ctx *ctx,
					  const struct damon_range *range)
{
	unsigned long pages = damon_range_size(range) >> PAGE_SHIFT;

	return range->start +
	       damon_random_below(&ctx->random, pages) * PAGE_SIZE;
}

/* Visit the pages of one region, the old and the new probe, in address order */
static void damon_va_sample_region(struct damon_walk *walk,
				   struct damon_region *r, unsigned long next)
{
	unsigned long last = r->probe;

	r->probe = next;
	if (next < last && next != DAMON_NO_PROBE)
		damon_walk_clear(walk, next);
	if (last != DAMON_NO_PROBE && damon_walk_accessed(walk, last))
		r->nr_accesses++;
	/* The same page: only now, or the answer would be lost. */
	if (next >= last && next != DAMON_NO_PROBE)
		damon_walk_clear(walk, next);
}

static int damon_va_sample(struct damon_ctx *ctx, struct damon_target *t,
			   unsigned int what)
{
	struct mm_struct *mm = damon_va_get_mm(t);
	struct damon_walk walk;
	struct damon_region *r;

	if (!mm)
		return -ESRCH;

	damon_walk_begin(&walk, mm);
	damon_for_each_region(r, &t->regions) {
		if (!(what & DAMON_CHECK))
			r->probe = DAMON_NO_PROBE;
		damon_va_sample_region(&walk, r, what & DAMON_PREPARE ?
				       damon_va_random_page(ctx, &r->range) :
				       DAMON_NO_PROBE);
	}
	damon_walk_end(&walk);
	mmput(mm);
	return 0;
}

static struct damon_operations damon_va_ops = {
	.name = "vaddr",
	.get_ranges = damon_va_get_ranges,
	.sample = damon_va_sample,
};

static int __init damon_va_init(void)
{
	return damon_register_ops(&damon_va_ops);
}
subsys_initcall(damon_va_init);
