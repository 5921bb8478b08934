// SPDX-License-Identifier: GPL-2.0
/*
 * Operation sets: who knows how to watch which kind of memory.
 */
#include <linux/damon.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * struct damon_ops_entry - an operation set that can be had
 * @list:	in the order of registration
 * @ops:	the set
 * @users:	how many references there are
 */
struct damon_ops_entry {
	struct list_head list;
	const struct damon_operations *ops;
	unsigned int users;
};

static LIST_HEAD(damon_ops_list);
/* Protects the list and all that is in it */
static DEFINE_MUTEX(damon_ops_lock);

static struct damon_ops_entry *damon_ops_by_name(const char *name)
{
	struct damon_ops_entry *entry;

	list_for_each_entry(entry, &damon_ops_list, list)
		if (sysfs_streq(entry->ops->name, name))
			return entry;
	return NULL;
}

static struct damon_ops_entry *damon_ops_entry(const struct damon_operations *ops)
{
	struct damon_ops_entry *entry;

	list_for_each_entry(entry, &damon_ops_list, list)
		if (entry->ops == ops)
			return entry;
	return NULL;
}

/* A set that was never registered has no entry, and no reference to give back. */
static void damon_ops_drop(struct damon_ops_entry *entry)
{
	if (entry)
		entry->users--;
}

static const struct damon_operations *damon_ops_use(struct damon_ops_entry *entry)
{
	if (!entry)
		return NULL;
	entry->users++;
	return entry->ops;
}

/**
 * damon_register_ops - make an operation set available
 * @ops:	the set; stays as it is until damon_unregister_ops()
 *
 * May sleep.
 *
 * Return: 0, -EINVAL if name or a function is missing, -EEXIST if the name is
 * taken, or -ENOMEM.
 */
int damon_register_ops(const struct damon_operations *ops)
{
	struct damon_ops_entry *entry;
	int err = 0;

	if (!ops->name || !ops->get_ranges || !ops->sample)
		return -EINVAL;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;
	entry->ops = ops;

	mutex_lock(&damon_ops_lock);
	if (damon_ops_by_name(ops->name))
		err = -EEXIST;
	else
		list_add_tail(&entry->list, &damon_ops_list);
	mutex_unlock(&damon_ops_lock);
	if (err)
		kfree(entry);
	return err;
}

/**
 * damon_unregister_ops - take an operation set back
 * @ops:	the set
 *
 * May sleep.
 *
 * Return: 0, and the set is no longer known; or with nothing changed -EBUSY
 * while somebody has a reference (a context that may be watching with it, or
 * the user, who has chosen it), or -EINVAL if it is not registered.
 */
int damon_unregister_ops(const struct damon_operations *ops)
{
	struct damon_ops_entry *entry;
	int err = 0;

	mutex_lock(&damon_ops_lock);
	entry = damon_ops_entry(ops);
	if (!entry)
		err = -EINVAL;
	else if (entry->users)
		err = -EBUSY;
	else
		list_del(&entry->list);
	mutex_unlock(&damon_ops_lock);
	if (!err)
		kfree(entry);
	return err;
}

/**
 * damon_find_ops - look an operation set up
 * @name:	its name; a newline at the end is ignored
 *
 * May sleep.
 *
 * Return: the set, with a reference for the caller to damon_put_ops() or to
 * give to a context; or NULL if there is none of that name.
 */
const struct damon_operations *damon_find_ops(const char *name)
{
	const struct damon_operations *ops;

	mutex_lock(&damon_ops_lock);
	ops = damon_ops_use(damon_ops_by_name(name));
	mutex_unlock(&damon_ops_lock);
	return ops;
}

/**
 * damon_get_ops - take one more reference
 * @ops:	a set that the caller has a reference to
 *
 * May sleep.
 *
 * Return: @ops.
 */
const struct damon_operations *damon_get_ops(const struct damon_operations *ops)
{
	mutex_lock(&damon_ops_lock);
	damon_ops_use(damon_ops_entry(ops));
	mutex_unlock(&damon_ops_lock);
	return ops;
}

/**
 * damon_put_ops - give a reference back
 * @ops:	the set; NULL is fine, and so is one that was never registered
 *
 * May sleep.
 */
void damon_put_ops(const struct damon_operations *ops)
{
	if (!ops)
		return;
	mutex_lock(&damon_ops_lock);
	damon_ops_drop(damon_ops_entry(ops));
	mutex_unlock(&damon_ops_lock);
}

/**
 * damon_next_ops - go through the operation sets
 * @ops:	a set, whose reference is given back; or NULL for the first
 *
 * May sleep.
 *
 * Return: the set registered after @ops, with a reference as of
 * damon_find_ops(), or NULL if that was the last.
 */
const struct damon_operations *damon_next_ops(const struct damon_operations *ops)
{
	struct list_head *at = &damon_ops_list;
	struct damon_ops_entry *entry;

	mutex_lock(&damon_ops_lock);
	if (ops) {
		entry = damon_ops_entry(ops);
		damon_ops_drop(entry);
		at = entry ? &entry->list : damon_ops_list.prev;
	}
	entry = list_is_last(at, &damon_ops_list) ? NULL :
		list_entry(at->next, struct damon_ops_entry, list);
	ops = damon_ops_use(entry);
	mutex_unlock(&damon_ops_lock);
	return ops;
}
