// SPDX-License-Identifier: GPL-2.0
/*
 * TLB entries of some pages of an address space, or all of them: how each architecture
 * invalidates them, and how often that may be done on this machine.
 *
 * The kernel has no function for scattered pages: its batches flush all entries.
 */
#include <linux/damon.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/moduleparam.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/vmstat.h>

#include <asm/tlbflush.h>

#include "tlb.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "damon."

/* The bound for the machine, shared by all contexts that want to flush */
static unsigned int max_tlb_flushes = 200;
module_param(max_tlb_flushes, uint, 0600);
MODULE_PARM_DESC(max_tlb_flushes,
		 "Samples in a second for which CPUs are interrupted to invalidate TLB entries, all contexts together");

/* Contexts that wanted to flush in this second, and in the one before */
static DEFINE_SPINLOCK(damon_tlb_lock);
static unsigned long damon_tlb_second;
static unsigned int damon_tlb_users, damon_tlb_last_users;

/**
 * damon_tlb_limit - the share of a context in the bound for the machine
 * @wanted:	the context wants to flush often, and is counted
 * @last:	when the context was counted last; its own, 0 at first
 *
 * Return: samples in a second.
 */
unsigned long damon_tlb_limit(bool wanted, unsigned long *last)
{
	unsigned long now = ktime_get_seconds() + 1;
	unsigned int users, limit = READ_ONCE(max_tlb_flushes);

	spin_lock(&damon_tlb_lock);
	if (damon_tlb_second != now) {
		damon_tlb_last_users = damon_tlb_second + 1 == now ?
				       damon_tlb_users : 0;
		damon_tlb_users = 0;
		damon_tlb_second = now;
	}
	if (wanted && *last != now) {
		*last = now;
		damon_tlb_users++;
	}
	users = max3(damon_tlb_users, damon_tlb_last_users, 1);
	spin_unlock(&damon_tlb_lock);
	return limit / users + !!(limit % users);
}

#if defined(CONFIG_X86)

/**
 * struct damon_tlb_work - what CPUs that run in an address space are to invalidate
 * @mm:		the address space
 * @batch:	pages, or NULL for all
 * @tlb_gen:	the generation of its page tables that this makes a TLB match
 * @cpu:	the one that asks, and is not interrupted
 */
struct damon_tlb_work {
	struct mm_struct *mm;
	const struct damon_batch *batch;
	u64 tlb_gen;
	int cpu;
};

static void damon_tlb_count(const struct damon_tlb_work *work)
{
	if (smp_processor_id() == work->cpu)
		return;
	count_vm_tlb_event(NR_TLB_REMOTE_FLUSH_RECEIVED);
	if (work->batch)
		count_vm_tlb_events(NR_TLB_LOCAL_FLUSH_ONE, work->batch->nr);
	else
		count_vm_tlb_event(NR_TLB_LOCAL_FLUSH_ALL);
}

/* As flush_tlb_func(), but for pages that are no range */
static void damon_tlb_work(void *arg)
{
	const struct damon_tlb_work *work = arg;
	u16 asid = this_cpu_read(cpu_tlbstate.loaded_mm_asid);
	unsigned int i;

	/* A CPU that has another one loaded compares generations when it returns. */
	if (this_cpu_read(cpu_tlbstate.loaded_mm) != work->mm)
		return;
	for (i = 0; work->batch && i < work->batch->nr; i++)
		flush_tlb_one_user(work->batch->addrs[i]);
	if (!work->batch)
		flush_tlb_local();
	/* If it had missed earlier flushes, it keeps its generation and will flush all. */
	if (this_cpu_read(cpu_tlbstate.ctxs[asid].tlb_gen) + 1 == work->tlb_gen)
		this_cpu_write(cpu_tlbstate.ctxs[asid].tlb_gen, work->tlb_gen);
	damon_tlb_count(work);
}

/**
 * damon_tlb_may_invalidate - ask whether TLB entries may be invalidated
 * @mm:		the address space
 *
 * Not if devices share it, since their TLBs would have to be invalidated, too; nor if it
 * runs on isolated CPUs, which are not to be interrupted.
 *
 * Return: whether they may.
 */
bool damon_tlb_may_invalidate(struct mm_struct *mm)
{
	unsigned int cpu;

	if (mm_has_notifiers(mm))
		return false;
	for_each_cpu(cpu, mm_cpumask(mm))
		if (cpu_is_isolated(cpu))
			return false;
	return true;
}

/**
 * damon_tlb_invalidate - invalidate TLB entries of an address space
 * @mm:		the address space, pinned by the caller
 * @batch:	pages, or NULL for all
 *
 * Interrupts the CPUs that have it loaded, once, and waits for them: those that run it,
 * and those that have idled since.  (These could flush when they wake up, but then the
 * next sample would see accesses that this one should.)  A CPU that has gone on to another
 * address space may keep entries under the PCID of this one.  It flushes all of them when
 * it comes back, as after each change of page tables that it has missed.
 */
void damon_tlb_invalidate(struct mm_struct *mm, const struct damon_batch *batch)
{
	struct damon_tlb_work work = { .mm = mm, .batch = batch };

	/* A barrier, too: CPUs that are not in mm_cpumask() yet see the new page tables. */
	work.tlb_gen = inc_mm_tlb_gen(mm);
	count_vm_tlb_event(NR_TLB_REMOTE_FLUSH);
	work.cpu = get_cpu();
	on_each_cpu_mask(mm_cpumask(mm), damon_tlb_work, &work, true);
	put_cpu();
}

#elif defined(CONFIG_ARM64)

bool damon_tlb_may_invalidate(struct mm_struct *mm)
{
	return !mm_has_notifiers(mm);
}

/* The instruction works on all CPUs, without interrupts. */
void damon_tlb_invalidate(struct mm_struct *mm, const struct damon_batch *batch)
{
	unsigned int i;

	if (!batch) {
		flush_tlb_mm(mm);
		return;
	}
	for (i = 0; i < batch->nr; i++)
		__flush_tlb_page_nosync(mm, batch->addrs[i]);
	dsb(ish);
}

#else

bool damon_tlb_may_invalidate(struct mm_struct *mm)
{
	return false;
}

void damon_tlb_invalidate(struct mm_struct *mm, const struct damon_batch *batch)
{
}

#endif
