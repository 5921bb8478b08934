/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_UPPER_H
#define _MM_DAMON_UPPER_H

#include <linux/damon.h>
#include <linux/mm_types.h>

#include "hints.h"
#include "scan.h"

#ifdef CONFIG_DAMON_NONLEAF_YOUNG

bool damon_has_upper_levels(void);
void damon_clear_upper(struct mm_struct *mm, struct damon_scan *scan,
		       struct damon_scan_piece *piece);
void damon_restore_upper(struct mm_struct *mm, struct damon_scan *scan,
			 const struct damon_scan_piece *piece,
			 const struct damon_scan_piece *end, struct damon_hints *hints);

#else

static inline bool damon_has_upper_levels(void)
{
	return false;
}

static inline void damon_clear_upper(struct mm_struct *mm, struct damon_scan *scan,
				     struct damon_scan_piece *piece)
{
}

static inline void damon_restore_upper(struct mm_struct *mm, struct damon_scan *scan,
				       const struct damon_scan_piece *piece,
				       const struct damon_scan_piece *end,
				       struct damon_hints *hints)
{
}

#endif

#endif /* _MM_DAMON_UPPER_H */
