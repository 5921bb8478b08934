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
#include "walk.h"

/**
 * damon_has_upper_levels - ask whether there are such bits here
 *
 * Return: whether the CPU sets them.
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
 * Set the Accessed bit of an entry to @young, and return whether it was set.
 * What points to no table is left alone.  Without a lock: the entry's table is
 * kept by the mmap lock, and should the entry change, the exchange fails.
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
 * Whether a table from which pages of 1 << @shift bytes are mapped may have
 * another process's mappings: of hugetlb only, and only if that is all it maps.
 */
static bool damon_may_be_shared(struct vm_area_struct *vma, unsigned long addr,
				unsigned int shift)
{
	unsigned long start = round_down(addr, DAMON_TABLE_SIZE(shift));

	return shift == PMD_SHIFT && is_vm_hugetlb_page(vma) &&
	       range_in_vma(vma, start, start + DAMON_TABLE_SIZE(shift));
}

/*
 * The first entry of a piece in its page table, if a mapping is there that keeps the
 * table from being freed, or NULL.
 */
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
	/* Both of one page table, with entries of the same size */
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
	unsigned long *entries = damon_find_entries(mm, piece);

	bitmap_clear(scan->was_young, piece->first, piece->nr);
	if (!entries)
		piece->nr = 0;
	else if (piece->shift == PUD_SHIFT)
		damon_clear_entries(scan, piece, entries, PUD_SHIFT);
	else
		damon_clear_entries(scan, piece, entries, PMD_SHIFT);
}

/* Which entries of a piece are to be restored is left in &damon_scan.was_young. */
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
 * damon_restore_upper - end a scan of pieces
 * @mm:		the address space, the mmap lock of which is held for reading
 * @scan:	of damon_clear_upper()
 * @piece:	the first piece
 * @end:	behind the last one of the address space
 * @hints:	gets what has been accessed
 *
 * Sets the bits that were set and are not again, unless what they belong to has been
 * unmapped meanwhile.  Not before all have been asked: pieces may share an entry.
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
