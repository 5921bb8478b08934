// SPDX-License-Identifier: GPL-2.0
/*
 * Actions on the memory of a process: advice, as by madvise(), and page-outs.
 */
#include <kunit/visibility.h>
#include <linux/align.h>
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/magic.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/page_counter.h>
#include <linux/pagewalk.h>
#include <linux/pgtable.h>
#include <linux/sched/coredump.h>
#include <linux/sched/mm.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/swap.h>
#include <linux/userfaultfd_k.h>

#include "../internal.h"
#include "access.h"
#include "act.h"
#include "folio.h"
#include "pageout.h"
#include "va-actions.h"

/* Mappings of memory that is not in the LRU lists, or of what is no memory */
#define NOT_IN_LRU	(VM_PFNMAP | VM_IO | VM_MIXEDMAP | VM_HUGETLB)

static bool damon_is_left_alone(const struct vm_area_struct *vma, vm_flags_t never)
{
	return vma->vm_flags & never || vma_is_dax(vma);
}

/* The part of a range that is in a mapping, both of which overlap */
static struct damon_range damon_in_mapping(const struct damon_range *range,
					   const struct vm_area_struct *vma)
{
	return (struct damon_range) {
		max(range->start, vma->vm_start), min(range->end, vma->vm_end)
	};
}

/**
 * struct damon_advice - advice to the address space of a process
 * @advice:	as of madvise()
 * @given:	flag of mappings that have been given that advice
 * @part:	find the first part of a range of a mapping that can make use of it, as much as
 *		takes about a millisecond; or an empty one
 * @give:	give it to such a part, without the mmap lock; returns 0 or a negative errno
 */
struct damon_advice {
	int advice;
	vm_flags_t given;
	struct damon_range (*part)(struct vm_area_struct *vma, const struct damon_range *range);
	int (*give)(struct mm_struct *mm, const struct damon_advice *advice,
		    const struct damon_range *part);
};

/**
 * damon_is_on_disk - whether files are on a local block device
 * @sb:		their file system
 *
 * To read from FUSE or a network file system may take for ever, and can't be interrupted.  The
 * kdamond, and whoever stops it, would hang.
 *
 * Return: whether they are.
 */
VISIBLE_IF_KUNIT bool damon_is_on_disk(const struct super_block *sb)
{
	return sb->s_type->fs_flags & FS_REQUIRES_DEV && sb->s_magic != FUSE_SUPER_MAGIC;
}

/* How much of a mapping may be read in at once, in bytes; 0: none */
static unsigned long damon_most_to_read(const struct vm_area_struct *vma)
{
	const struct file *file = vma->vm_file;
	unsigned long pages;

	if (!file || shmem_mapping(file->f_mapping))
		return IS_ENABLED(CONFIG_SWAP) ? SZ_1M : 0;
	if (!damon_is_on_disk(file_inode(file)->i_sb))
		return 0;
	/* Readahead reads no more of what it is asked for. */
	pages = max(inode_to_bdi(file->f_mapping->host)->io_pages, file->f_ra.ra_pages);
	return min(pages, SZ_1M / PAGE_SIZE) * PAGE_SIZE;
}

static struct damon_range damon_part_to_read(struct vm_area_struct *vma,
					     const struct damon_range *range)
{
	unsigned long most = damon_most_to_read(vma);

	return (struct damon_range) {
		range->start, range->start + min(damon_range_size(range), most)
	};
}

#ifdef CONFIG_MEMCG

/*
 * Whether pages can be charged without reclaim, throttling, or an OOM kill, for which the
 * process would have to wait: the kdamond has its mmap lock.
 */
static bool damon_may_charge(struct mem_cgroup *memcg, unsigned long pages)
{
	/* Charges are rounded up. */
	pages += MEMCG_CHARGE_BATCH;
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		unsigned long most = min(READ_ONCE(memcg->memory.high),
					 READ_ONCE(memcg->memory.max));

		if (page_counter_read(&memcg->memory) + pages > most ||
		    page_counter_read(&memcg->swap) > READ_ONCE(memcg->swap.high))
			return false;
	}
	return true;
}

#else

static bool damon_may_charge(struct mem_cgroup *memcg, unsigned long pages)
{
	return true;
}

#endif

/*
 * What is swapped in is charged to the memory cgroup that it was swapped out of, mostly that of
 * the process.  All else is to be charged to that one, not to the kdamond's.
 */
static int damon_read_in(struct mm_struct *mm, const struct damon_advice *advice,
			 const struct damon_range *part)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(mm), *old;
	unsigned long bytes = damon_range_size(part);
	int err = -EAGAIN;

	if (damon_may_charge(memcg, bytes / PAGE_SIZE)) {
		old = set_active_memcg(memcg);
		err = do_madvise(mm, part->start, bytes, advice->advice);
		set_active_memcg(old);
	}
	mem_cgroup_put(memcg);
	return err;
}

/* Who has armed userfaultfd() expects to be asked for each page. */
static bool damon_may_be_huge(struct vm_area_struct *vma)
{
	return (vma_is_anonymous(vma) || vma_is_shmem(vma)) &&
	       !(vma->vm_flags & VM_NO_KHUGEPAGED) && !userfaultfd_armed(vma) &&
	       thp_vma_suitable_order(vma, ALIGN(vma->vm_start, PMD_SIZE), PMD_ORDER) &&
	       !vma_is_temporary_stack(vma) && !test_bit(MMF_DISABLE_THP, &vma->vm_mm->flags);
}

/**
 * damon_whole_huge_pages - the part of a range that whole huge pages fill
 * @range:	a range of a mapping
 *
 * Return: the part, or an empty one.
 */
VISIBLE_IF_KUNIT struct damon_range damon_whole_huge_pages(const struct damon_range *range)
{
	unsigned long start = ALIGN(range->start, PMD_SIZE);

	return (struct damon_range) { start, max(ALIGN_DOWN(range->end, PMD_SIZE), start) };
}

/* A change of flags takes as long for any size, and the fewer parts the better. */
static struct damon_range damon_huge_part(struct vm_area_struct *vma,
					  const struct damon_range *range)
{
	return damon_may_be_huge(vma) ? damon_whole_huge_pages(range) : (struct damon_range) {};
}

/*
 * A change of flags may split mappings, of which a process can't have any number.  Those that
 * it needs itself must not fail because of that.
 */
static int damon_change_flags(struct mm_struct *mm, const struct damon_advice *advice,
			      const struct damon_range *part)
{
	if (READ_ONCE(mm->map_count) > sysctl_max_map_count / 2)
		return -ENOMEM;
	return do_madvise(mm, part->start, damon_range_size(part), advice->advice);
}

static const struct damon_advice damon_advices[DAMON_NR_ACTIONS] = {
	[DAMON_WILLNEED] = {
		.advice = MADV_WILLNEED,
		.part = damon_part_to_read,
		.give = damon_read_in,
	},
	[DAMON_HUGEPAGE] = {
		.advice = MADV_HUGEPAGE,
		.given = VM_HUGEPAGE,
		.part = damon_huge_part,
		.give = damon_change_flags,
	},
	[DAMON_NOHUGEPAGE] = {
		.advice = MADV_NOHUGEPAGE,
		.given = VM_NOHUGEPAGE,
		.part = damon_huge_part,
		.give = damon_change_flags,
	},
};

/* The first part of a mapping that is in a range and is to be advised; or an empty one */
static struct damon_range damon_part_of(struct vm_area_struct *vma,
					const struct damon_advice *advice,
					const struct damon_range *range)
{
	struct damon_range part = damon_in_mapping(range, vma);

	if (damon_is_left_alone(vma, NOT_IN_LRU | advice->given))
		return (struct damon_range) {};
	return advice->part(vma, &part);
}

/*
 * Find the first part of a range that is to be advised.  If there is none, or if the time is
 * over before, it is empty and at the end of what was searched.
 */
static int damon_find_part(struct mm_struct *mm, const struct damon_advice *advice,
			   const struct damon_range *range, ktime_t begun,
			   struct damon_range *part)
{
	VMA_ITERATOR(vmi, mm, range->start);
	struct vm_area_struct *vma;

	*part = (struct damon_range) { range->end, range->end };
	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for_each_vma_range(vmi, vma, range->end) {
		struct damon_range first = damon_part_of(vma, advice, range);
		unsigned long end = min(range->end, vma->vm_end);

		if (first.start < first.end) {
			*part = first;
			break;
		}
		if (damon_act_is_over(begun)) {
			*part = (struct damon_range) { end, end };
			break;
		}
		cond_resched();
	}
	mmap_read_unlock(mm);
	return 0;
}

static long damon_advise(struct mm_struct *mm, const struct damon_advice *advice,
			 struct damon_range *range)
{
	ktime_t begun = ktime_get();
	struct damon_range part;
	long bytes = 0;
	int err = 0;

	do {
		int failed = damon_find_part(mm, advice, range, begun, &part);

		if (!failed && part.start < part.end)
			failed = advice->give(mm, advice, &part);
		err = failed ?: err;
		if (!failed)
			bytes += damon_range_size(&part);
		range->start = part.end;
	} while (range->start < range->end && !damon_act_is_over(begun));
	return bytes ?: err;
}

/**
 * struct damon_act_walk - a walk that acts on the folios of a process
 * @cold:	make them cold, instead of paging them out
 * @only_anon:	leave pages of files alone
 * @pageout:	those that are isolated
 * @bytes:	on how many bytes the action worked
 * @begun:	when the action began
 * @next:	where the walk goes on
 */
struct damon_act_walk {
	bool cold;
	bool only_anon;
	struct damon_pageout pageout;
	unsigned long bytes;
	ktime_t begun;
	unsigned long next;
};

/*
 * madvise() pages out pages of a file only if its caller may write the file.  Others may use
 * them by read(), which shows in no mapping; and whoever maps them could see by the time of the
 * next access whether others did.  The kdamond may write all files, so ask for the process: a
 * shared mapping has VM_MAYWRITE if it has the file open for writing.
 */
static bool damon_may_page_out_file(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE);
}

/* Act on a folio that @nr entries map, from @entry on */
static void damon_act_on_folio(struct damon_act_walk *walk, struct folio *folio,
			       struct damon_entry *entry, unsigned int nr)
{
	if (!damon_folio_is_evictable(folio) || (walk->only_anon && !folio_test_anon(folio)))
		return;
	if (!walk->cold) {
		damon_pageout_add(&walk->pageout, folio);
		return;
	}
	for (;;) {
		damon_entry_test_and_clear_young(entry);
		if (!--nr)
			break;
		entry->addr += PAGE_SIZE;
		entry->pte++;
	}
	damon_folio_set_cold(folio);
	walk->bytes += folio_size(folio);
}

/* Folios that others map as well are left alone: they may be in use there. */
static void damon_act_on_huge(struct damon_act_walk *walk, struct vm_area_struct *vma,
			      pmd_t *pmdp, unsigned long addr, unsigned long end)
{
	struct damon_entry entry = {
		.vma = vma, .range = { addr, end }, .addr = addr, .pmd = pmdp,
	};
	pmd_t pmd = pmdp_get(pmdp);
	struct folio *folio = NULL;

	if (IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && pmd_present(pmd))
		folio = vm_normal_folio_pmd(vma, addr, pmd);
	/* Not in parts: it would have to be split. */
	if (folio && end - addr == folio_size(folio) && !folio_likely_mapped_shared(folio))
		damon_act_on_folio(walk, folio, &entry, 1);
	walk->next = end;
}

/* Act on the folio that an entry maps.  Returns how many of the entries up to @end it has. */
static unsigned int damon_act_on_pte(struct damon_act_walk *walk, struct vm_area_struct *vma,
				     pte_t *ptep, unsigned long addr, unsigned long end)
{
	struct damon_entry entry = {
		.vma = vma, .range = { addr, addr + PAGE_SIZE }, .addr = addr, .pte = ptep,
	};
	pte_t pte = ptep_get(ptep);
	struct folio *folio = pte_present(pte) ? vm_normal_folio(vma, addr, pte) : NULL;
	unsigned int nr = 1;

	if (!folio)
		return 1;
	if (folio_test_large(folio))
		nr = folio_pte_batch(folio, addr, ptep, pte, (end - addr) / PAGE_SIZE,
				     FPB_IGNORE_DIRTY | FPB_IGNORE_SOFT_DIRTY, NULL, NULL, NULL);
	/* If each of its pages is mapped here and has one mapping, nobody else has any. */
	if (nr == folio_nr_pages(folio) && folio_mapcount(folio) == nr)
		damon_act_on_folio(walk, folio, &entry, nr);
	return nr;
}

/* Act on folios of one page table, until enough are isolated */
static void damon_act_on_ptes(struct damon_act_walk *walk, struct vm_area_struct *vma,
			      pmd_t *pmd, unsigned long addr, unsigned long end)
{
	spinlock_t *ptl;	/* of the table */
	pte_t *table, *pte;

	walk->next = end;
	table = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!table)
		return;
	/* What was faulted in just now on this CPU is not in the LRU lists yet. */
	lru_add_drain();
	for (pte = table; addr < end && !damon_pageout_is_full(&walk->pageout);) {
		unsigned int nr = damon_act_on_pte(walk, vma, pte, addr, end);

		pte += nr;
		addr += nr * PAGE_SIZE;
	}
	pte_unmap_unlock(table, ptl);
	walk->next = addr;
}

static int damon_act_on_pmd(pmd_t *pmd, unsigned long addr, unsigned long end,
			    struct mm_walk *mm_walk)
{
	struct damon_act_walk *walk = mm_walk->private;
	spinlock_t *ptl = pmd_trans_huge_lock(pmd, mm_walk->vma);

	if (ptl) {
		damon_act_on_huge(walk, mm_walk->vma, pmd, addr, end);
		spin_unlock(ptl);
	} else {
		damon_act_on_ptes(walk, mm_walk->vma, pmd, addr, end);
	}
	return damon_pageout_is_full(&walk->pageout) || damon_act_is_over(walk->begun);
}

/*
 * A PUD that maps memory itself would be split on the way to its pages.  Only DAX has these, and
 * without FS_DAX vma_is_dax() does not know that of a device.
 */
static int damon_pass_over_leaf(pud_t *pudp, unsigned long addr, unsigned long end,
				struct mm_walk *mm_walk)
{
	pud_t pud = pudp_get(pudp);

	if (!pud_present(pud) || pud_leaf(pud))
		mm_walk->action = ACTION_CONTINUE;
	return 0;
}

/* Act on folios of one mapping.  Returns whether to go on with the next one now. */
static bool damon_act_on_vma(struct damon_act_walk *walk, struct vm_area_struct *vma,
			     const struct damon_range *range)
{
	static const struct mm_walk_ops ops = {
		.pud_entry = damon_pass_over_leaf,
		.pmd_entry = damon_act_on_pmd,
		.walk_lock = PGWALK_RDLOCK,
	};
	struct damon_range part = damon_in_mapping(range, vma);

	walk->only_anon = !walk->cold && !damon_may_page_out_file(vma);
	/* If it stops earlier, the walk says where. */
	if (!damon_is_left_alone(vma, NOT_IN_LRU | VM_LOCKED) &&
	    walk_page_range_vma(vma, part.start, part.end, &ops, walk))
		return false;
	walk->next = part.end;
	return !damon_act_is_over(walk->begun);
}

/* Act on the first folios of a range, and make it begin behind them */
static int damon_act_on_range(struct damon_act_walk *walk, struct mm_struct *mm,
			      struct damon_range *range)
{
	VMA_ITERATOR(vmi, mm, range->start);
	struct vm_area_struct *vma;
	bool go_on = true;

	if (mmap_read_lock_killable(mm)) {
		range->start = range->end;
		return -EINTR;
	}
	for_each_vma_range(vmi, vma, range->end) {
		go_on = damon_act_on_vma(walk, vma, range);
		if (!go_on)
			break;
		cond_resched();
	}
	mmap_read_unlock(mm);
	range->start = go_on ? range->end : walk->next;
	return 0;
}

/*
 * MADV_PAGEOUT would hold the mmap lock over swapping out, and the process has to wait for it
 * if it maps something.  Both that and MADV_COLD would split large folios.
 */
static long damon_act_on_folios(struct mm_struct *mm, bool cold, struct damon_range *range)
{
	struct damon_act_walk walk = { .cold = cold, .begun = ktime_get() };
	int err;

	damon_pageout_begin(&walk.pageout);
	do {
		err = damon_act_on_range(&walk, mm, range);
		walk.bytes += damon_pageout_end(&walk.pageout);
	} while (range->start < range->end && !damon_act_is_over(walk.begun));
	/* Those that are cold now wait in a batch of this CPU. */
	lru_add_drain();
	if (!err && walk.pageout.failed)
		err = -EAGAIN;
	return walk.bytes ?: err;
}

/**
 * damon_mm_act - do something with the memory of a process
 * @mm:		its address space; the caller has it pinned
 * @action:	one of DAMON_VA_ACTIONS
 * @range:	what to act on; made to begin behind what was acted on in this call, which takes
 *		about a millisecond
 *
 * As &damon_operations.act.  Waits for the mmap lock killably, but not to read memory in, as
 * do_madvise() does not.  May sleep.
 *
 * Return: on how many bytes the action worked, or if on none
 *
 * * 0: there was nothing to act on, or it had that advice already
 * * -EAGAIN: for now no folio could be reclaimed, for example without swap, or there was no
 *   room in the memory cgroup to read in
 * * -EINTR: the caller was killed; @range is empty
 * * -ENOMEM: the process has too many mappings to split more, or has just unmapped the memory
 * * another error of do_madvise()
 */
long damon_mm_act(struct mm_struct *mm, enum damon_action action, struct damon_range *range)
{
	bool cold = action == DAMON_COLD;

	/* Without madvise() there is no advice to give. */
	if (cold || action == DAMON_PAGEOUT || !IS_ENABLED(CONFIG_ADVISE_SYSCALLS))
		return damon_act_on_folios(mm, cold, range);
	return damon_advise(mm, &damon_advices[action], range);
}
