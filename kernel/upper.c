// SPDX-License-Identifier: GPL-2.0
/*
 * Accessed bits of page table entries that point to page tables.
 *
 * Some CPUs set them whenever they walk through an entry, so one bit stands for accesses
 * to MiBs or GiBs.  MGLRU does not visit tables whose bit is clear.  So bits are cleared
 * for a short time only, and then restored.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/damon.h>
#include <linux/hugetlb.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "upper.h"
#include "walk.h"

/**
 * damon_has_upper_levels - ask whether the CPU sets such bits
 *
 * Return: whether it does.
 */
bool damon_has_upper_levels(void)
{
	return arch_has_hw_nonleaf_pmd_young();
}

/* Page tables of both levels are arrays of words, with the same loops over them. */
static_assert(sizeof(pmd_t) == sizeof(unsigned long) &&
	      sizeof(pud_t) == sizeof(unsigned long));

static __always_inline bool damon_points_to_table(unsigned long entry, unsigned int shift)
{
	return shift == PUD_SHIFT ?
	       pud_present(__pud(entry)) && !pud_leaf(__pud(entry)) :
	       pmd_present(__pmd(entry)) && !pmd_leaf(__pmd(entry));
}

static __always_inline bool damon_is_young(unsigned long entry, unsigned int shift)
{
	return shift == PUD_SHIFT ? pud_young(__pud(entry)) : pmd_young(__pmd(entry));
}

static __always_inline unsigned long damon_mk_young(unsigned long entry,
						    unsigned int shift, bool young)
{
	if (shift == PUD_SHIFT)
		return pud_val(young ? pud_mkyoung(__pud(entry)) : pud_mkold(__pud(entry)));
	return pmd_val(young ? pmd_mkyoung(__pmd(entry)) : pmd_mkold(__pmd(entry)));
}

/*
 * Set the Accessed bit of an entry to @young, and return whether it was set.  Entries
 * that do not point to a table are not changed.  Without a lock: the mmap lock keeps the
 * table, and if the entry changes, the exchange fails.
 */
static __always_inline bool damon_set_young(unsigned long *entry, unsigned int shift,
					    bool young)
{
	unsigned long old = READ_ONCE(*entry);

	do {
		if (!damon_points_to_table(old, shift))
			return false;
		if (damon_is_young(old, shift) == young)
			return young;
	} while (!try_cmpxchg(entry, &old, damon_mk_young(old, shift, young)));
	return !young;
}

/*
 * Whether a table with entries of 1 << @shift bytes may be shared with another process:
 * tables of hugetlb only, and only if one mapping fills them.
 */
static bool damon_may_be_shared(struct vm_area_struct *vma, unsigned long addr,
				unsigned int shift)
{
	unsigned long start = round_down(addr, DAMON_TABLE_SIZE(shift));

	return shift == PMD_SHIFT && is_vm_hugetlb_page(vma) &&
	       range_in_vma(vma, start, start + DAMON_TABLE_SIZE(shift));
}

/* The first entry of a piece; or NULL, if there is no mapping that keeps its page table */
static unsigned long *damon_find_entries(struct mm_struct *mm,
					 const struct damon_scan_piece *piece)
{
	unsigned long start = piece->start;
	unsigned long end = start + ((unsigned long)piece->nr << piece->shift);
	struct vm_area_struct *vma = find_vma_intersection(mm, start, end);
	unsigned long addr, *entry;

	if (!vma || damon_may_be_shared(vma, start, piece->shift))
		return NULL;
	addr = max(start, vma->vm_start);
	entry = piece->shift == PUD_SHIFT ? (unsigned long *)damon_find_pud(mm, addr) :
					    (unsigned long *)damon_find_pmd(mm, addr);
	/* Back to the entry of @start, in the same table */
	return entry ? entry - ((addr - start) >> piece->shift) : NULL;
}

static __always_inline void damon_clear_entries(struct damon_scan *scan,
						const struct damon_scan_piece *piece,
						unsigned long *entries, unsigned int shift)
{
	unsigned int i;

	for (i = 0; i < piece->nr; i++)
		if (damon_set_young(entries + i, shift, false))
			__set_bit(piece->first + i, scan->was_young);
}

/**
 * damon_clear_upper - clear the Accessed bits of a piece
 * @mm:		the address space, the mmap lock of which is held for reading
 * @scan:	&damon_scan.was_young is set for those that were set
 * @piece:	the piece; becomes empty if there is no page table
 *
 * Only those of entries that point to page tables.
 */
void damon_clear_upper(struct mm_struct *mm, struct damon_scan *scan,
		       struct damon_scan_piece *piece)
{
	unsigned long *entries = damon_find_entries(mm, piece);

	bitmap_clear(scan->was_young, piece->first, piece->nr);
	if (!entries)
		piece->nr = 0;
	else if (piece->shift == PUD_SHIFT)
		damon_clear_entries(scan, piece, entries, PUD_SHIFT);
	else
		damon_clear_entries(scan, piece, entries, PMD_SHIFT);
}

/* Add hints where bits are set.  What is left in &damon_scan.was_young is to be restored. */
static __always_inline void damon_hint_entries(struct damon_scan *scan,
					       const struct damon_scan_piece *piece,
					       const unsigned long *entries,
					       unsigned int shift, struct damon_hints *hints)
{
	unsigned long start = piece->start, size = 1UL << shift;
	unsigned int i;

	for (i = 0; i < piece->nr; i++, start += size) {
		unsigned long entry = READ_ONCE(entries[i]);

		if (!damon_points_to_table(entry, shift) || !damon_is_young(entry, shift))
			continue;
		damon_add_hint(hints, piece->target, start, start + size);
		__clear_bit(piece->first + i, scan->was_young);
	}
}

static __always_inline void damon_restore_entries(const struct damon_scan *scan,
						  const struct damon_scan_piece *piece,
						  unsigned long *entries, unsigned int shift)
{
	unsigned int i = piece->first, end = piece->first + piece->nr;

	for_each_set_bit_from(i, scan->was_young, end)
		damon_set_young(entries + i - piece->first, shift, true);
}

static void damon_hint_piece(struct mm_struct *mm, struct damon_scan *scan,
			     const struct damon_scan_piece *piece,
			     struct damon_hints *hints)
{
	unsigned long *entries = damon_find_entries(mm, piece);

	if (entries && piece->shift == PUD_SHIFT)
		damon_hint_entries(scan, piece, entries, PUD_SHIFT, hints);
	else if (entries)
		damon_hint_entries(scan, piece, entries, PMD_SHIFT, hints);
}

static void damon_restore_piece(struct mm_struct *mm, const struct damon_scan *scan,
				const struct damon_scan_piece *piece)
{
	unsigned long *entries = damon_find_entries(mm, piece);

	if (entries && piece->shift == PUD_SHIFT)
		damon_restore_entries(scan, piece, entries, PUD_SHIFT);
	else if (entries)
		damon_restore_entries(scan, piece, entries, PMD_SHIFT);
}

/**
 * damon_restore_upper - read and restore the Accessed bits of some pieces
 * @mm:		the address space, the mmap lock of which is held for reading
 * @scan:	of damon_clear_upper()
 * @piece:	the first piece
 * @end:	behind the last one of the address space
 * @hints:	gets what has been accessed
 *
 * Sets the bits that were set and are not set again, unless their memory has been
 * unmapped meanwhile.  All are read before any is restored: pieces may share an entry.
 */
void damon_restore_upper(struct mm_struct *mm, struct damon_scan *scan,
			 const struct damon_scan_piece *piece,
			 const struct damon_scan_piece *end, struct damon_hints *hints)
{
	const struct damon_scan_piece *p;

	for (p = piece; p < end; p++)
		damon_hint_piece(mm, scan, p, hints);
	for (p = piece; p < end; p++)
		damon_restore_piece(mm, scan, p);
}
