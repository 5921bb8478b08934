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
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include <asm/tlbflush.h>

#include "access.h"
#include "adapt.h"
#include "hints.h"
#include "probe.h"
#include "three-ranges.h"
#include "upper.h"
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

/* Inline: these are what each check and each preparation of a page is */
static __always_inline bool damon_va_accessed(void *arg, unsigned long addr)
{
	struct damon_walk *walk = arg;
	const struct damon_entry *entry;

	if (damon_walk_may_glance(walk, addr)) {
		int accessed = damon_glance(walk->mm, addr);

		if (accessed >= 0)
			return accessed;
	}
	entry = damon_walk_to(walk, addr);
	return entry && damon_entry_accessed(entry);
}

static __always_inline bool damon_va_clear(void *arg, unsigned long addr,
					   struct damon_range *shared)
{
	struct damon_walk *walk = arg;
	const struct damon_entry *entry;

	if (damon_walk_may_glance(walk, addr)) {
		int accessed = damon_glance_clear(walk->mm, addr, shared);

		if (accessed >= 0)
			return accessed;
	}
	entry = damon_walk_to(walk, addr);
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
	if (what & DAMON_BURST)
		damon_probe_burst(ctx, t, what, &prober);
	else
		damon_probe_regions(ctx, t, what, &prober);
	damon_walk_end(&walk);
	mmput_async(mm);
	return 0;
}

static void damon_va_hint(struct damon_ctx *ctx, struct damon_target *t,
			  unsigned int what)
{
	struct mm_struct *mm;

	if (!damon_has_upper_levels())
		return;
	if (!t->hints)
		t->hints = damon_new_hints();
	mm = t->hints ? damon_va_get_mm(t) : NULL;
	if (!mm)
		return;
	if (what & DAMON_CHECK)
		damon_return_upper(mm, t);
	if (what & DAMON_PREPARE)
		damon_borrow_upper(mm, t, damon_max_accesses(&ctx->attrs));
	mmput_async(mm);
}

/*
 * Interrupts CPUs that run the process, and no others: what a CPU that idles has
 * loaded is flushed when it runs it again.  On x86 flush_tlb_mm() would interrupt
 * these, too, as it is also for page tables that are freed.
 */
static void damon_flush_tlb(struct mm_struct *mm)
{
#ifdef CONFIG_X86
	flush_tlb_mm_range(mm, 0, TLB_FLUSH_ALL, 0, false);
#else
	flush_tlb_mm(mm);
#endif
}

static void damon_va_flush(struct damon_target *t)
{
	struct mm_struct *mm = damon_va_get_mm(t);

	if (!mm)
		return;
	damon_flush_tlb(mm);
	mmput_async(mm);
}

/*
 * Whether a thread of the process runs, or has slept once more than at the call
 * before.  Those that have ended count: the sum only grows.
 */
static bool damon_va_has_run(struct damon_target *t)
{
	struct task_struct *process, *thread;
	unsigned long switches = 0;
	bool runs = false;

	rcu_read_lock();
	process = pid_task(t->pid, PIDTYPE_PID);
	if (process) {
		switches = process->signal->nvcsw;
		for_each_thread(process, thread) {
			switches += thread->nvcsw;
			runs |= task_is_running(thread);
		}
	}
	rcu_read_unlock();
	swap(switches, t->switches);
	return runs || switches != t->switches;
}

static struct damon_operations damon_va_ops = {
	.name = "vaddr",
	.processes = true,
	.get_ranges = damon_va_get_ranges,
	.sample = damon_va_sample,
	.hint = damon_va_hint,
	.flush = damon_va_flush,
	.has_run = damon_va_has_run,
};

static struct damon_operations damon_fva_ops = {
	.name = "fvaddr",
	.processes = true,
	.get_ranges = damon_fva_get_ranges,
	.sample = damon_va_sample,
	.hint = damon_va_hint,
	.flush = damon_va_flush,
	.has_run = damon_va_has_run,
};

static int __init damon_va_init(void)
{
	return damon_register_ops(&damon_va_ops) ?:
	       damon_register_ops(&damon_fva_ops);
}
subsys_initcall(damon_va_init);
