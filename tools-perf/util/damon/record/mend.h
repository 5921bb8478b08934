/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_MEND_H
#define __PERF_DAMON_MEND_H

#include <linux/types.h>

int damon_mend(const char *path, u32 comp_mmap_len);

#endif /* __PERF_DAMON_MEND_H */
