/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_SCAN_H
#define _MM_DAMON_SCAN_H

#include <linux/bitmap.h>
#include <linux/damon.h>
#include <linux/ktime.h>
#include <linux/pgtable.h>

/* Longest time for which Accessed bits of upper levels are cleared, in microseconds */
#define DAMON_SCAN_US		20000UL

/* Maximum number of page tables of a scan, and of their entries */
#define DAMON_SCAN_PIECES	64
#define DAMON_SCAN_ENTRIES	2048

/* The size that a page table covers whose entries cover 1 << @shift bytes each */
#define DAMON_TABLE_SIZE(shift)	((u64)PTRS_PER_PTE << (shift))

/**
 * struct damon_scan_piece - entries of one page table
 * @target:	whose
 * @start:	first address that the first of them covers
 * @shift:	each covers 1 << @shift bytes
 * @nr:		how many there are
 * @first:	number of the first one in &damon_scan.was_young
 */
struct damon_scan_piece {
	struct damon_target *target;
	unsigned long start;
	unsigned int shift;
	unsigned int nr;
	unsigned int first;
};

/**
 * struct damon_scan - a scan for accesses in regions that seem idle
 * @begun:	when it began
 * @skipped:	a target of this round could not be scanned
 * @pieces:	the page tables
 * @nr_pieces:	number of @pieces
 * @nr_entries:	entries of all pieces
 * @was_young:	those of them whose Accessed bit was set, and was cleared
 * @target:	&damon_target.index of the target where the next scan begins
 * @addr:	address in it where the next scan begins
 * @todo:	pages that this round of scans has not covered yet
 */
struct damon_scan {
	ktime_t begun;
	bool skipped;
	struct damon_scan_piece pieces[DAMON_SCAN_PIECES];
	unsigned int nr_pieces;
	unsigned int nr_entries;
	DECLARE_BITMAP(was_young, DAMON_SCAN_ENTRIES);
	unsigned int target;
	unsigned long addr;
	unsigned long todo;
};

void damon_plan_scan(struct damon_ctx *ctx, struct damon_scan *scan, bool thorough);

#endif /* _MM_DAMON_SCAN_H */
