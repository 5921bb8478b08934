// SPDX-License-Identifier: GPL-2.0
/*
 * Operation sets: which kinds of memory this kernel can watch.
 */
#include <linux/array_size.h>
#include <linux/damon.h>
#include <linux/string.h>

#include "ops.h"

static const struct damon_operations *const damon_ops[] = {
#ifdef CONFIG_DAMON_VADDR
	&damon_va_ops,
	&damon_fva_ops,
#endif
#ifdef CONFIG_DAMON_PADDR
	&damon_pa_ops,
#endif
};

/**
 * damon_nth_ops - go through the operation sets
 * @n:		from 0 on
 *
 * Return: the set, or NULL behind the last one.
 */
const struct damon_operations *damon_nth_ops(unsigned int n)
{
	return n < ARRAY_SIZE(damon_ops) ? damon_ops[n] : NULL;
}

/**
 * damon_find_ops - find an operation set
 * @name:	its name; a newline at the end is ignored
 *
 * Return: the set, or NULL if this kernel has none of that name.
 */
const struct damon_operations *damon_find_ops(const char *name)
{
	const struct damon_operations *ops;
	unsigned int i;

	for (i = 0; (ops = damon_nth_ops(i)); i++)
		if (sysfs_streq(ops->name, name))
			return ops;
	return NULL;
}
