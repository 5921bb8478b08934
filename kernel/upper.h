/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_UPPER_H
#define _MM_DAMON_UPPER_H

#include <linux/damon.h>
#include <linux/mm_types.h>

bool damon_has_upper_levels(void);
void damon_borrow_upper(struct mm_struct *mm, struct damon_target *t,
			unsigned int samples);
void damon_return_upper(struct mm_struct *mm, struct damon_target *t);

#endif /* _MM_DAMON_UPPER_H */
