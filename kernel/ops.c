// SPDX-License-Identifier: GPL-2.0
/*
 * Operation sets: who knows how to watch which kind of memory.
 */
#include <linux/damon.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/string.h>

/* In the order of registration; nothing is ever taken out. */
static LIST_HEAD(damon_ops_list);
static DEFINE_MUTEX(damon_ops_lock);

static struct damon_operations *__damon_find_ops(const char *name)
{
	struct damon_operations *ops;

	list_for_each_entry(ops, &damon_ops_list, list)
		if (sysfs_streq(ops->name, name))
			return ops;
	return NULL;
}

/**
 * damon_register_ops - make an operation set available
 * @ops:	the set; stays in use for ever
 *
 * May sleep.
 *
 * Return: 0, -EINVAL if name or a function is missing, or -EEXIST if the name
 * is taken.
 */
int damon_register_ops(struct damon_operations *ops)
{
	int err = 0;

	if (!ops->name || !ops->get_ranges || !ops->sample)
		return -EINVAL;

	mutex_lock(&damon_ops_lock);
	if (__damon_find_ops(ops->name))
		err = -EEXIST;
	else
		list_add_tail(&ops->list, &damon_ops_list);
	mutex_unlock(&damon_ops_lock);
	return err;
}

/**
 * damon_find_ops - look an operation set up
 * @name:	its name; a newline at the end is ignored
 *
 * May sleep.
 *
 * Return: the set, or NULL if there is none of that name.
 */
const struct damon_operations *damon_find_ops(const char *name)
{
	const struct damon_operations *ops;

	mutex_lock(&damon_ops_lock);
	ops = __damon_find_ops(name);
	mutex_unlock(&damon_ops_lock);
	return ops;
}

/**
 * damon_next_ops - go through the operation sets
 * @ops:	a set, or NULL for the first
 *
 * May sleep.
 *
 * Return: the set registered after @ops, or NULL if that was the last.
 */
const struct damon_operations *damon_next_ops(const struct damon_operations *ops)
{
	struct list_head *next;

	mutex_lock(&damon_ops_lock);
	next = ops ? ops->list.next : damon_ops_list.next;
	mutex_unlock(&damon_ops_lock);
	return next == &damon_ops_list ? NULL :
	       list_entry(next, struct damon_operations, list);
}
