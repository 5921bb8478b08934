// SPDX-License-Identifier: GPL-2.0
/*
 * The operation sets "vaddr": the mapped memory of processes, and "fvaddr":
 * fixed ranges of their address spaces.
 */
#include <linux/damon.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "access.h"
#include "gaps.h"
#include "lockless.h"
#include "lru.h"
#include "ops.h"
#include "probe.h"
#include "tlb.h"
#include "upper.h"
#include "va-actions.h"
#include "va-sample.h"
#include "walk.h"

/* How long to try to restore bits when the kdamond is being stopped */
#define RESTORE_TIMEOUT	HZ

/*
 * The address space of the target, or NULL if the process has ended.  The caller calls
 * mmput_async(): it may be the last user, and to free an address space takes long.  Looked
 * up at each use, since exec gives a process another one.  By any thread of the process,
 * since the first one may end before the others.
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
		/* A kernel thread has none of its own (kthread_use_mm()). */
		if (!(thread->flags & PF_KTHREAD)) {
			mm = thread->mm;
			mmget(mm);
		}
		task_unlock(thread);
	}
	put_task_struct(process);
	return mm;
}

/* Find what is not mapped of the address space.  The caller frees gaps->v. */
static int damon_va_find_gaps(struct mm_struct *mm, struct damon_gaps *gaps)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	gaps->capacity = READ_ONCE(mm->map_count);
	gaps->v = kvmalloc_array(gaps->capacity, sizeof(*gaps->v), GFP_KERNEL);
	if (!gaps->v)
		return -ENOMEM;
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for_each_vma(vmi, vma)
		damon_gaps_add(gaps, vma->vm_start, vma->vm_end);
	mmap_read_unlock(mm);
	return 0;
}

/* For the next update.  Without memory for that, the gaps will be new again. */
static void damon_va_remember_gaps(struct damon_va_target *vt, const struct damon_gaps *gaps)
{
	kvfree(vt->gaps.v);
	vt->gaps.v = kvmemdup(gaps->v, gaps->nr * sizeof(*gaps->v), GFP_KERNEL);
	vt->gaps.nr = vt->gaps.v ? gaps->nr : 0;
}

static int damon_va_get_ranges(struct damon_target *t, unsigned int most,
			       struct damon_range **ranges)
{
	struct mm_struct *mm = damon_va_get_mm(t);
	struct damon_va_target *vt;
	struct damon_gaps gaps = {};
	int nr = -ENOMEM;

	if (!mm)
		return -ESRCH;
	vt = damon_va_get_target(t);
	if (vt)
		nr = damon_va_find_gaps(mm, &gaps);
	if (!nr)
		nr = damon_gaps_get_ranges(&gaps, &vt->gaps, most, ranges);
	if (nr >= 0)
		damon_va_remember_gaps(vt, &gaps);
	kvfree(gaps.v);
	mmput_async(mm);
	return nr;
}

static int damon_fva_get_ranges(struct damon_target *t, unsigned int most,
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

/**
 * struct damon_va_walk - a walk that probes regions
 * @walk:	where it is
 * @pass:	what is to be done
 * @batch:	gets the pages whose TLB entries are to be invalidated
 */
struct damon_va_walk {
	struct damon_walk walk;
	const struct damon_pass *pass;
	struct damon_batch *batch;
};

/* Inline, as it runs for each page. */
static __always_inline bool damon_va_test_young(void *arg, unsigned long addr)
{
	struct damon_walk *walk = &((struct damon_va_walk *)arg)->walk;
	const struct damon_entry *entry;

	if (damon_walk_leave_table(walk, addr)) {
		int young = damon_lockless_test_young(walk->mm, addr);

		if (young >= 0)
			return young;
	}
	entry = damon_walk_to(walk, addr);
	return entry && damon_entry_test_young(entry);
}

static __always_inline bool damon_va_clear_one(struct damon_walk *walk,
					       unsigned long addr,
					       struct damon_range *shared)
{
	const struct damon_entry *entry;

	if (damon_walk_leave_table(walk, addr)) {
		int young = damon_lockless_test_and_clear_young(walk->mm, addr, shared);

		if (young >= 0)
			return young;
	}
	entry = damon_walk_to(walk, addr);
	if (!entry)
		return false;
	if (damon_range_size(&entry->range) > PAGE_SIZE)
		*shared = entry->range;
	return damon_entry_test_and_clear_young(entry);
}

static __always_inline bool damon_va_clear(void *arg, unsigned long addr,
					   struct damon_range *shared)
{
	struct damon_va_walk *walk = arg;
	bool young = damon_va_clear_one(&walk->walk, addr, shared);

	if (young && walk->pass->kind == DAMON_FLUSH_PAGES)
		damon_batch_add(walk->batch, addr);
	return young;
}

static u8 damon_va_lru(void *arg, unsigned long addr)
{
	const struct damon_entry *entry;

	entry = damon_walk_to(&((struct damon_va_walk *)arg)->walk, addr);
	return entry ? damon_entry_lru(entry) : 0;
}

static void damon_va_again(void *arg, unsigned long addr)
{
	struct damon_va_walk *walk = arg;

	damon_batch_add(walk->batch, addr);
}

static void damon_va_resched(void *arg)
{
	damon_walk_resched(&((struct damon_va_walk *)arg)->walk);
}

/* The piece behind those that have the target of @piece, too */
static struct damon_scan_piece *damon_scan_next(struct damon_scan *scan,
						struct damon_scan_piece *piece)
{
	struct damon_target *t = piece->target;

	do {
		piece++;
	} while (piece < scan->pieces + scan->nr_pieces && piece->target == t);
	return piece;
}

/* Does not wait for locks, as that may take longer than the scan. */
static void damon_va_begin_scan(struct damon_scan *scan)
{
	struct damon_scan_piece *piece = scan->pieces, *next;

	scan->begun = ktime_get();
	for (; piece < scan->pieces + scan->nr_pieces; piece = next) {
		struct mm_struct *mm = damon_va_get_mm(piece->target);
		bool locked = mm && mmap_read_trylock(mm);

		next = damon_scan_next(scan, piece);
		for (; piece < next; piece++) {
			if (locked)
				damon_clear_upper(mm, scan, piece);
			else
				piece->nr = 0;
		}
		scan->skipped |= mm && !locked;
		if (locked)
			mmap_read_unlock(mm);
		if (mm)
			mmput_async(mm);
	}
}

/*
 * Bits that were cleared should be restored.  But a kdamond that is being stopped waits
 * for all address spaces together until *@deadline only.
 */
static bool damon_va_lock_to_restore(struct mm_struct *mm, unsigned long *deadline)
{
	if (!mmap_read_lock_killable(mm))
		return true;
	if (!*deadline)
		*deadline = jiffies + RESTORE_TIMEOUT;
	while (time_before(jiffies, *deadline)) {
		if (mmap_read_trylock(mm))
			return true;
		schedule_timeout_idle(1);
	}
	return false;
}

/* Restore some pieces of one target, if its address space can be locked */
static void damon_va_restore(struct damon_scan *scan, struct damon_hints *hints,
			     struct damon_scan_piece *piece,
			     struct damon_scan_piece *end, bool wait,
			     unsigned long *deadline)
{
	struct damon_scan_piece *p = piece;
	struct mm_struct *mm;

	while (p < end && !p->nr)
		p++;
	mm = p < end ? damon_va_get_mm(piece->target) : NULL;
	if (!mm)
		return;
	if (mmap_read_trylock(mm) ||
	    (wait && damon_va_lock_to_restore(mm, deadline))) {
		damon_restore_upper(mm, scan, piece, end, hints);
		for (; piece < end; piece++)
			piece->nr = 0;
		mmap_read_unlock(mm);
	}
	mmput_async(mm);
}

/* The first of the pieces before @end that have the same target as the last of them */
static struct damon_scan_piece *damon_scan_group(struct damon_scan *scan,
						 struct damon_scan_piece *end)
{
	struct damon_scan_piece *piece = end - 1;

	while (piece > scan->pieces && piece[-1].target == piece->target)
		piece--;
	return piece;
}

/*
 * In two laps: first where the lock is free, so that nothing waits because of another
 * lock.  If a lock can't be had at all, bits stay clear, and MGLRU takes that memory for
 * idle until the next access.  From the last piece to the first: an entry that two pieces
 * have in common is restored by the one that has cleared it.
 */
static void damon_va_end_scan(struct damon_scan *scan, struct damon_hints *hints)
{
	struct damon_scan_piece *piece, *end;
	unsigned long deadline = 0;
	int lap;

	for (lap = 0; lap < 2; lap++)
		for (end = scan->pieces + scan->nr_pieces; end > scan->pieces; end = piece) {
			piece = damon_scan_group(scan, end);
			damon_va_restore(scan, hints, piece, end, lap, &deadline);
		}
}

static const struct damon_va_hw damon_va_hw;

static void damon_va_settle(struct damon_ctx *ctx)
{
	damon_va_stop_scan(ctx, &damon_va_hw);
}

/* Passes over other targets may have taken long, or waited for locks. */
static void damon_va_stop_late_scan(struct damon_ctx *ctx)
{
	const struct damon_va *va = ctx->state;

	if (va->scan_left &&
	    ktime_us_delta(ktime_get(), va->scan.begun) > DAMON_SCAN_US)
		damon_va_settle(ctx);
}

static int damon_va_probe(struct damon_ctx *ctx, struct damon_target *t,
			  struct damon_pass *pass, struct damon_batch *batch)
{
	struct damon_va_target *vt = t->state;
	struct mm_struct *mm = damon_va_get_mm(t);
	struct damon_va_walk walk = { .pass = pass, .batch = batch };
	const struct damon_prober prober = {
		.accessed = damon_va_test_young,
		.clear = damon_va_clear,
		.lru = damon_va_lru,
		.again = damon_va_again,
		.resched = damon_va_resched,
		.arg = &walk,
	};

	if (!mm)
		return -ESRCH;
	pass->lru = ctx->attrs.sample_us >= DAMON_LRU_SAMPLE_US;
	damon_va_stop_late_scan(ctx);
	damon_walk_begin(&walk.walk, mm);
	damon_probe_regions(ctx, t, pass, &prober);
	damon_walk_end(&walk.walk);
	vt->may_flush = damon_tlb_may_invalidate(mm);
	if (!vt->may_flush)
		pass->kind = DAMON_FLUSH_NOTHING;
	if (pass->kind == DAMON_FLUSH_ALL)
		damon_tlb_invalidate(mm, NULL);
	else if (pass->kind == DAMON_FLUSH_PAGES && batch->nr)
		damon_tlb_invalidate(mm, batch);
	mmput_async(mm);
	return 0;
}

static const struct damon_va_hw damon_va_hw = {
	.probe = damon_va_probe,
	.may_scan = damon_has_upper_levels,
	.begin_scan = damon_va_begin_scan,
	.end_scan = damon_va_end_scan,
	.limit = damon_tlb_limit,
};

static bool damon_va_sample(struct damon_ctx *ctx, unsigned int what)
{
	bool alive = damon_va_take_sample(ctx, what, &damon_va_hw);
	const struct damon_va *va = ctx->state;
	s64 left_us;

	/* With shorter intervals a later sample ends the scan in time. */
	if (ctx->settle_us && ctx->attrs.sample_us > DAMON_SCAN_US) {
		left_us = DAMON_SCAN_US - ktime_us_delta(ktime_get(), va->scan.begun);
		ctx->settle_us = max(left_us, 1);
	}
	return alive;
}

static long damon_va_act(struct damon_target *t, const struct damon_scheme *scheme,
			 struct damon_range *range)
{
	struct mm_struct *mm = damon_va_get_mm(t);
	long bytes;

	if (!mm) {
		range->start = range->end;
		return 0;
	}
	bytes = damon_mm_act(mm, scheme->action, range);
	mmput_async(mm);
	return bytes;
}

const struct damon_operations damon_va_ops = {
	.name = "vaddr",
	.processes = true,
	.get_ranges = damon_va_get_ranges,
	.sample = damon_va_sample,
	.get_cuts = damon_va_get_cuts,
	.actions = DAMON_VA_ACTIONS,
	.act = damon_va_act,
	.settle = damon_va_settle,
	.free_target = damon_va_free_target,
	.free_ctx = damon_va_free_ctx,
};

const struct damon_operations damon_fva_ops = {
	.name = "fvaddr",
	.processes = true,
	.get_ranges = damon_fva_get_ranges,
	.sample = damon_va_sample,
	.get_cuts = damon_va_get_cuts,
	.actions = DAMON_VA_ACTIONS,
	.act = damon_va_act,
	.settle = damon_va_settle,
	.free_target = damon_va_free_target,
	.free_ctx = damon_va_free_ctx,
};
