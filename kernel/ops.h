/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MM_DAMON_OPS_H
#define _MM_DAMON_OPS_H

#include <linux/damon.h>

extern const struct damon_operations damon_va_ops;
extern const struct damon_operations damon_fva_ops;
extern const struct damon_operations damon_pa_ops;

const struct damon_operations *damon_nth_ops(unsigned int n);

#endif /* _MM_DAMON_OPS_H */
