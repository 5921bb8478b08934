// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries that point to page tables.
 *
 * Some CPUs set them whenever they go through an entry, so one bit tells of
 * accesses to MiBs or GiBs.  MGLRU passes over tables whose bit is clear.  So
 * bits are borrowed: cleared for one sample, and set again if they were set.
 */
#include <linux/bitmap.h>
#include <linux/damon.h>
#include <linux/hugetlb.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "hints.h"
#include "upper.h"

#if defined(CONFIG_ARCH_HAS_NONLEAF_PMD_YOUNG) && defined(CONFIG_64BIT)

/* Regions that a scan passes at most, as others wait for the lock */
#define MAX_REGIONS		32768
/* How long to try to give back, when there is no time to wait */
#define RETURN_TIMEOUT		HZ
/* What one page table of a level covers */
#define TABLE_SIZE(shift)	((unsigned long)PTRS_PER_PTE << (shift))

/**
 * damon_has_upper_levels - ask whether there are such bits here
 *
 * Return: whether the CPU sets them.
 */
bool damon_has_upper_levels(void)
{
	return arch_has_hw_nonleaf_pmd_young();
}

/*
 * Set the Accessed bit of an entry to @young, and return whether it was set.
 * What points to no table is left alone.  Without a lock: the entry's table is
 * kept by the mmap lock, and should the entry change, the exchange fails.
 */
static bool damon_pmd_set_young(pmd_t *entry, bool young)
{
	pmd_t old = READ_ONCE(*entry), new;

	do {
		if (!pmd_present(old) || pmd_leaf(old))
			return false;
		if (pmd_young(old) == young)
			return young;
		new = young ? pmd_mkyoung(old) : pmd_mkold(old);
	} while (!try_cmpxchg(&entry->pmd, &old.pmd, new.pmd));
	return !young;
}

static bool damon_pud_set_young(pud_t *entry, bool young)
{
	pud_t old = READ_ONCE(*entry), new;

	do {
		if (!pud_present(old) || pud_leaf(old))
			return false;
		if (pud_young(old) == young)
			return young;
		new = young ? pud_mkyoung(old) : pud_mkold(old);
	} while (!try_cmpxchg(&entry->pud, &old.pud, new.pud));
	return !young;
}

/* A page table of a level, whose entries cover 1 << shift bytes each */
struct damon_table {
	pud_t *puds;
	pmd_t *pmds;
};

/*
 * Whether a table from which pages of 1 << @shift bytes are mapped may have
 * another process's mappings: of hugetlb only, and only if that is all it maps.
 */
static bool damon_may_be_shared(struct vm_area_struct *vma, unsigned long addr,
				unsigned int shift)
{
	unsigned long start = round_down(addr, TABLE_SIZE(shift));

	return shift == PMD_SHIFT && is_vm_hugetlb_page(vma) &&
	       range_in_vma(vma, start, start + TABLE_SIZE(shift));
}

/*
 * The table for @start to @end, which it covers, if a mapping is there that
 * keeps it from being freed.
 */
static bool damon_find_table(struct mm_struct *mm, unsigned long start,
			     unsigned long end, unsigned int shift,
			     struct damon_table *table)
{
	struct vm_area_struct *vma = find_vma_intersection(mm, start, end);
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pudp, pud;

	if (!vma || damon_may_be_shared(vma, start, shift))
		return false;
	start = max(start, vma->vm_start);
	pgd = pgd_offset(mm, start);
	if (!pgd_present(pgdp_get(pgd)))
		return false;
	p4d = p4d_offset(pgd, start);
	if (!p4d_present(p4dp_get(p4d)))
		return false;
	pudp = pud_offset(p4d, start);
	*table = (struct damon_table) { .puds = pudp - pud_index(start) };
	if (shift == PUD_SHIFT)
		return true;
	pud = pudp_get(pudp);
	if (!pud_present(pud) || pud_leaf(pud))
		return false;
	*table = (struct damon_table) {
		.pmds = pmd_offset(pudp, start) - pmd_index(start),
	};
	return true;
}

static bool damon_table_set_young(const struct damon_table *table,
				  unsigned int i, bool young)
{
	return table->pmds ? damon_pmd_set_young(table->pmds + i, young) :
			     damon_pud_set_young(table->puds + i, young);
}

static bool damon_pmd_young(pmd_t pmd)
{
	return pmd_present(pmd) && !pmd_leaf(pmd) && pmd_young(pmd);
}

static bool damon_pud_young(pud_t pud)
{
	return pud_present(pud) && !pud_leaf(pud) && pud_young(pud);
}

static bool damon_table_young(const struct damon_table *table, unsigned int i)
{
	return table->pmds ? damon_pmd_young(READ_ONCE(table->pmds[i])) :
			     damon_pud_young(READ_ONCE(table->puds[i]));
}

/* The loan for @start at a level: the last one, if it is of the same table */
static struct damon_loan *damon_get_loan(struct damon_hints *hints,
					 unsigned long start, unsigned int shift)
{
	unsigned int nr = hints->nr_loans;
	struct damon_loan *loan;

	start = round_down(start, TABLE_SIZE(shift));
	if (nr) {
		loan = &hints->loans[nr - 1];
		if (loan->start == start && loan->shift == shift)
			return loan;
	}
	if (nr == DAMON_MAX_LOANS)
		return NULL;
	loan = &hints->loans[hints->nr_loans++];
	*loan = (struct damon_loan) { .start = start, .shift = shift };
	return loan;
}

/*
 * Borrow from one table what @start to @end, whole entries, have.  Returns what
 * that takes from the budget of a scan, or -1 if there is no room.
 */
static int damon_borrow_table(struct mm_struct *mm, struct damon_hints *hints,
			      unsigned long start, unsigned long end,
			      unsigned int shift)
{
	struct damon_table table;
	struct damon_loan *loan;
	unsigned int i, first, last;

	if (!damon_find_table(mm, start, end, shift, &table))
		return 1;
	loan = damon_get_loan(hints, start, shift);
	if (!loan)
		return -1;
	first = (start - loan->start) >> shift;
	last = (end - 1 - loan->start) >> shift;
	for (i = first; i <= last; i++)
		if (damon_table_set_young(&table, i, false))
			__set_bit(i, loan->lent);
	bitmap_set(loan->watched, first, last - first + 1);
	return last - first + 1;
}

/* Which entries are to be asked for a region: the largest that are two in it */
static unsigned int damon_level(const struct damon_range *r)
{
	static const unsigned int shifts[] = { PUD_SHIFT, PMD_SHIFT };
	int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		unsigned long size = 1UL << shifts[i];

		if (damon_range_size(r) >= 2 * size &&
		    round_down(r->end, size) - round_up(r->start, size) >= 2 * size)
			return shifts[i];
	}
	return 0;
}

/**
 * damon_borrow_upper - begin a scan for hints
 * @mm:		the address space
 * @t:		its target, with hints
 * @samples:	samples in an aggregation
 *
 * Borrows Accessed bits for regions whose accesses would be news.  A scan is
 * bounded and begins where the last one ended.  damon_return_upper() has to
 * follow after one sample.  May sleep.
 */
void damon_borrow_upper(struct mm_struct *mm, struct damon_target *t,
			unsigned int samples)
{
	struct damon_hints *hints = t->hints;
	int left = DAMON_MAX_LENT, regions = MAX_REGIONS;
	struct damon_region *r;

	hints->nr_loans = 0;
	if (mmap_read_lock_killable(mm))
		return;
	damon_for_each_region(r, &t->regions) {
		unsigned long at, end, next;
		unsigned int shift;

		if (r->range.end <= hints->resume)
			continue;
		if (!regions--) {
			hints->resume = r->range.start;
			goto out;
		}
		if (!damon_wants_hints(r, samples))
			continue;
		shift = damon_level(&r->range);
		if (!shift)
			continue;
		at = round_up(max(r->range.start, hints->resume), 1UL << shift);
		end = round_down(r->range.end, 1UL << shift);
		for (; at < end; at = next) {
			int nr;

			/* The last table may end where addresses do. */
			next = at + min(end - at, TABLE_SIZE(shift) -
						  at % TABLE_SIZE(shift));
			nr = damon_borrow_table(mm, hints, at, next, shift);
			left -= nr;
			if (nr < 0 || left <= 0) {
				hints->resume = nr < 0 ? at : next;
				goto out;
			}
		}
	}
	hints->resume = 0;
out:
	mmap_read_unlock(mm);
}

/* What has been accessed becomes a hint; what has not gets back what it had */
static void damon_return_table(struct damon_hints *hints,
			       const struct damon_loan *loan,
			       const struct damon_table *table)
{
	unsigned long size = 1UL << loan->shift;
	unsigned int i;

	for_each_set_bit(i, loan->watched, PTRS_PER_PTE) {
		unsigned long start = loan->start + i * size;

		if (damon_table_young(table, i))
			damon_add_hint(hints, start, start + size);
		else if (test_bit(i, loan->lent))
			damon_table_set_young(table, i, true);
	}
}

/* What is borrowed should be given back, but not at any price, once killed */
static bool damon_lock_to_return(struct mm_struct *mm)
{
	unsigned long end = jiffies + RETURN_TIMEOUT;

	if (!mmap_read_lock_killable(mm))
		return true;
	while (time_before(jiffies, end)) {
		if (mmap_read_trylock(mm))
			return true;
		schedule_timeout_idle(1);
	}
	return false;
}

/**
 * damon_return_upper - end a scan for hints
 * @mm:		the address space
 * @t:		its target, with hints
 *
 * Gives back what was borrowed and adds to &damon_target.hints.  If the caller has
 * been killed and the address space stays locked for a second, what was borrowed
 * is lost: for MGLRU it is not accessed then, until it is again.  May sleep.
 */
void damon_return_upper(struct mm_struct *mm, struct damon_target *t)
{
	struct damon_hints *hints = t->hints;
	struct damon_loan *loan;

	if (!hints->nr_loans || !damon_lock_to_return(mm))
		return;
	for (loan = hints->loans; loan < hints->loans + hints->nr_loans; loan++) {
		struct damon_table table;
		unsigned long end = loan->start + TABLE_SIZE(loan->shift);

		/* Unless it has been unmapped meanwhile */
		if (damon_find_table(mm, loan->start, end, loan->shift, &table))
			damon_return_table(hints, loan, &table);
	}
	mmap_read_unlock(mm);
	hints->nr_loans = 0;
}

#else

bool damon_has_upper_levels(void)
{
	return false;
}

void damon_borrow_upper(struct mm_struct *mm, struct damon_target *t,
			unsigned int samples)
{
}

void damon_return_upper(struct mm_struct *mm, struct damon_target *t)
{
}

#endif
