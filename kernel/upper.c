// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries that point to page tables.
 *
 * Some CPUs set them whenever they go through an entry, so one bit tells of
 * accesses to MiBs or GiBs.  MGLRU passes over tables whose bit is clear.  So
 * bits are cleared for a short time only, and set again if they were set.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "upper.h"

#if defined(CONFIG_ARCH_HAS_NONLEAF_PMD_YOUNG) && defined(CONFIG_64BIT)

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

/**
 * damon_clear_upper - begin a scan of a piece
 * @mm:		the address space, the mmap lock of which is held for reading
 * @scan:	gets which bits were set
 * @piece:	the piece; becomes empty if there is no page table
 *
 * Clears Accessed bits of entries that point to page tables.
 */
void damon_clear_upper(struct mm_struct *mm, struct damon_scan *scan,
		       struct damon_scan_piece *piece)
{
	unsigned long size = (unsigned long)piece->nr << piece->shift;
	struct damon_table table;
	unsigned int i, first;

	bitmap_clear(scan->was_young, piece->first, piece->nr);
	if (!damon_find_table(mm, piece->start, piece->start + size,
			      piece->shift, &table)) {
		piece->nr = 0;
		return;
	}
	first = (piece->start >> piece->shift) % PTRS_PER_PTE;
	for (i = 0; i < piece->nr; i++)
		if (damon_table_set_young(&table, first + i, false))
			__set_bit(piece->first + i, scan->was_young);
}

/**
 * damon_restore_upper - end a scan of a piece
 * @mm:		the address space, the mmap lock of which is held for reading
 * @scan:	of damon_clear_upper()
 * @piece:	the piece
 * @hints:	gets what has been accessed
 *
 * Sets the bits that were set and are not again, unless what they belong to has been
 * unmapped meanwhile.
 */
void damon_restore_upper(struct mm_struct *mm, struct damon_scan *scan,
			 const struct damon_scan_piece *piece,
			 struct damon_hints *hints)
{
	unsigned long size = 1UL << piece->shift, start = piece->start;
	struct damon_table table;
	unsigned int i, first;

	if (!damon_find_table(mm, start, start + piece->nr * size, piece->shift,
			      &table))
		return;
	first = (start >> piece->shift) % PTRS_PER_PTE;
	for (i = 0; i < piece->nr; i++, start += size) {
		if (damon_table_young(&table, first + i))
			damon_add_hint(hints, piece->target, start, start + size);
		else if (test_bit(piece->first + i, scan->was_young))
			damon_table_set_young(&table, first + i, true);
	}
}

#else

bool damon_has_upper_levels(void)
{
	return false;
}

void damon_clear_upper(struct mm_struct *mm, struct damon_scan *scan,
		       struct damon_scan_piece *piece)
{
}

void damon_restore_upper(struct mm_struct *mm, struct damon_scan *scan,
			 const struct damon_scan_piece *piece,
			 struct damon_hints *hints)
{
}

#endif
