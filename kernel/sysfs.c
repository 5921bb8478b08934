// SPDX-License-Identifier: GPL-2.0
/*
 * Directories and files of sysfs as data: one show and one store for all.
 */
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "sysfs.h"

/*
 * Protects the values in all directories, and which elements they have.  Not held while
 * a directory is removed from sysfs: that waits until nobody uses its files, and whoever
 * does waits for this lock.
 */
static DEFINE_MUTEX(damon_tree_lock);

/*
 * Held while the number of elements is changed.  A directory goes through these states:
 *
 *	damon_dir_make()	in sysfs, disabled: reads work, writes are -ENODEV
 *	damon_dir_enable()	in use
 *	damon_dir_detach()	disabled again, and in nobody's elements
 *	damon_dir_remove()	gone from sysfs; freed when its files are not used
 *
 * The first and the last step are without damon_tree_lock, and may sleep.  Only ever
 * tried: its holder may wait for the file that the other caller has open.
 */
static DEFINE_MUTEX(damon_resize_lock);

static struct damon_dir *to_damon_dir(struct kobject *kobj)
{
	return container_of(kobj, struct damon_dir, kobj);
}

static int damon_dir_resize(struct damon_dir *dir, unsigned int nr);

static ssize_t damon_file_show(struct kobject *kobj, struct attribute *attr,
			       char *buf)
{
	struct damon_file *file = container_of(attr, struct damon_file, attr);
	struct damon_dir *dir = to_damon_dir(kobj);
	void *value = (void *)dir + file->offset;
	ssize_t ret = -EINVAL;

	if (mutex_lock_killable(&damon_tree_lock))
		return -EINTR;
	switch (file->kind) {
	case DAMON_FILE_ULONG:
		ret = sysfs_emit(buf, "%lu\n", *(unsigned long *)value);
		break;
	case DAMON_FILE_COUNT:
		ret = sysfs_emit(buf, "%u\n", dir->nr_elements);
		break;
	case DAMON_FILE_CUSTOM:
		ret = file->show(dir, buf);
		break;
	}
	mutex_unlock(&damon_tree_lock);
	return ret;
}

static int damon_count_store(struct damon_dir *dir, const char *buf)
{
	int nr, err = kstrtoint(buf, 0, &nr);

	if (err)
		return err;
	if (nr < 0 || nr > dir->type->max_elements)
		return -EINVAL;
	return damon_dir_resize(dir, nr);
}

static int damon_value_store(struct damon_dir *dir,
			     const struct damon_file *file, const char *buf)
{
	void *value = (void *)dir + file->offset;

	if (dir->disabled)
		return -ENODEV;
	switch (file->kind) {
	case DAMON_FILE_ULONG:
		return kstrtoul(buf, 0, value);
	case DAMON_FILE_CUSTOM:
		/* Root may have made it writable. */
		return file->store ? file->store(dir, buf) : -EIO;
	default:
		return -EINVAL;
	}
}

static ssize_t damon_file_store(struct kobject *kobj, struct attribute *attr,
				const char *buf, size_t len)
{
	struct damon_file *file = container_of(attr, struct damon_file, attr);
	struct damon_dir *dir = to_damon_dir(kobj);
	int err;

	if (file->kind == DAMON_FILE_COUNT) {
		err = damon_count_store(dir, buf);
	} else {
		err = mutex_lock_killable(&damon_tree_lock);
		if (err)
			return err;
		err = damon_value_store(dir, file, buf);
		mutex_unlock(&damon_tree_lock);
	}
	return err ?: len;
}

static const struct sysfs_ops damon_sysfs_ops = {
	.show = damon_file_show,
	.store = damon_file_store,
};

static void damon_dir_release(struct kobject *kobj)
{
	struct damon_dir *dir = to_damon_dir(kobj);

	if (dir->type->release)
		dir->type->release(dir);
	kfree(dir->subdirs);
	kfree(dir);
}

static const struct kobj_type damon_dir_ktype = {
	.release = damon_dir_release,
	.sysfs_ops = &damon_sysfs_ops,
};

static void damon_dir_init_values(struct damon_dir *dir)
{
	const struct damon_file *file = dir->type->files;

	for (; file && file->attr.name; file++) {
		void *value = (void *)dir + file->offset;

		if (file->kind == DAMON_FILE_ULONG)
			*(unsigned long *)value = file->init;
	}
}

static int damon_dir_add_files(struct damon_dir *dir)
{
	const struct damon_file *file = dir->type->files;
	int err = 0;

	for (; !err && file && file->attr.name; file++)
		err = sysfs_create_file(&dir->kobj, &file->attr);
	return err;
}

static struct damon_dir *damon_dir_make(const struct damon_dir_type *type,
					struct kobject *parent,
					const char *name);

static int damon_dir_make_subdirs(struct damon_dir *dir)
{
	const struct damon_subdir *subdir = dir->type->subdirs;
	unsigned int nr = 0, i;

	while (subdir && subdir[nr].name)
		nr++;
	/* One more, for the NULL at the end */
	dir->subdirs = kcalloc(nr + 1, sizeof(*dir->subdirs), GFP_KERNEL);
	if (!dir->subdirs)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		struct damon_dir *sub;

		sub = damon_dir_make(subdir[i].type, &dir->kobj,
				     subdir[i].name);
		if (IS_ERR(sub))
			return PTR_ERR(sub);
		dir->subdirs[i] = sub;
	}
	return 0;
}

/* Make a directory that is visible, but can't be used until it is enabled */
static struct damon_dir *damon_dir_make(const struct damon_dir_type *type,
					struct kobject *parent,
					const char *name)
{
	struct damon_dir *dir = kzalloc(type->size, GFP_KERNEL);
	int err;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	dir->type = type;
	dir->disabled = true;
	damon_dir_init_values(dir);
	err = kobject_init_and_add(&dir->kobj, &damon_dir_ktype, parent, "%s",
				   name);
	if (!err)
		err = damon_dir_make_subdirs(dir);
	/* Last: files can be read at once, and use all the rest. */
	if (!err)
		err = damon_dir_add_files(dir);
	if (err) {
		damon_dir_remove(dir);
		return ERR_PTR(err);
	}
	return dir;
}

/* With the tree locked: let @dir and all that is in it be used, or not any more */
static void damon_dir_enable(struct damon_dir *dir, bool enable)
{
	struct damon_dir **sub;
	unsigned int i;

	dir->disabled = !enable;
	for (i = 0; i < dir->nr_elements; i++)
		damon_dir_enable(dir->elements[i], enable);
	for (sub = dir->subdirs; *sub; sub++)
		damon_dir_enable(*sub, enable);
}

/**
 * damon_dir_add - make a directory, with all that is in it
 * @type:	its type
 * @parent:	the directory that it comes into
 * @name:	its name
 *
 * May sleep.
 *
 * Return: the directory, for the caller to damon_dir_remove(), or an ERR_PTR()
 * with nothing left behind.
 */
struct damon_dir *damon_dir_add(const struct damon_dir_type *type,
				struct kobject *parent, const char *name)
{
	struct damon_dir *dir = damon_dir_make(type, parent, name);

	if (!IS_ERR(dir)) {
		mutex_lock(&damon_tree_lock);
		damon_dir_enable(dir, true);
		mutex_unlock(&damon_tree_lock);
	}
	return dir;
}

/**
 * damon_dir_remove - remove a directory, with all that is in it
 * @dir:	the directory; freed when its files are not used any more
 *
 * May sleep; the caller holds no lock that a file's function takes.
 */
void damon_dir_remove(struct damon_dir *dir)
{
	struct damon_dir **sub;

	/* First from sysfs: after that no file uses the rest. */
	kobject_del(&dir->kobj);
	while (dir->nr_elements)
		damon_dir_remove(dir->elements[--dir->nr_elements]);
	kfree(dir->elements);
	for (sub = dir->subdirs; sub && *sub; sub++)
		damon_dir_remove(*sub);
	kobject_put(&dir->kobj);
}

/* With the tree locked: put it on a list, to be removed without the lock */
static void damon_dir_detach(struct damon_dir *dir, struct list_head *detached)
{
	damon_dir_enable(dir, false);
	list_add(&dir->detached, detached);
}

/* With the tree locked: set @dir to what it was when it was new */
static void damon_dir_reset(struct damon_dir *dir, struct list_head *detached)
{
	struct damon_dir **sub;
	unsigned int i;

	if (dir->type->release)
		dir->type->release(dir);
	memset(dir + 1, 0, dir->type->size - sizeof(*dir));
	damon_dir_init_values(dir);

	for (i = 0; i < dir->nr_elements; i++)
		damon_dir_detach(dir->elements[i], detached);
	kfree(dir->elements);
	dir->elements = NULL;
	dir->nr_elements = 0;
	for (sub = dir->subdirs; *sub; sub++)
		damon_dir_reset(*sub, detached);
}

/* With the tree locked */
static int damon_dir_check_resize(struct damon_dir *dir)
{
	if (dir->disabled)
		return -ENODEV;
	return dir->type->busy && dir->type->busy(dir) ? -EBUSY : 0;
}

/* Make the elements that @dir does not have yet */
static int damon_dir_grow(struct damon_dir *dir, struct damon_dir **elements,
			  unsigned int nr)
{
	char name[sizeof("4294967295")];
	unsigned int first = dir->nr_elements, i;

	for (i = first; i < nr; i++) {
		struct damon_dir *element;

		snprintf(name, sizeof(name), "%u", i);
		element = damon_dir_make(dir->type->element, &dir->kobj, name);
		if (IS_ERR(element)) {
			while (i-- > first)
				damon_dir_remove(elements[i]);
			return PTR_ERR(element);
		}
		elements[i] = element;
	}
	return 0;
}

/*
 * Make @elements those of @dir.  The ones that it has come first, and are reset.  What
 * is not used any more is detached.
 */
static int damon_dir_replace(struct damon_dir *dir, struct damon_dir **elements,
			     unsigned int nr, struct list_head *detached)
{
	unsigned int nr_old = dir->nr_elements, i;
	int err;

	mutex_lock(&damon_tree_lock);
	err = damon_dir_check_resize(dir);
	for (i = 0; !err && i < nr_old; i++) {
		if (i < nr) {
			elements[i] = dir->elements[i];
			damon_dir_reset(elements[i], detached);
		} else {
			damon_dir_detach(dir->elements[i], detached);
		}
	}
	for (i = nr_old; i < nr; i++) {
		if (err)
			damon_dir_detach(elements[i], detached);
		else
			damon_dir_enable(elements[i], true);
	}
	if (!err) {
		swap(dir->elements, elements);
		dir->nr_elements = nr;
	}
	mutex_unlock(&damon_tree_lock);
	kfree(elements);
	return err;
}

/* Make @nr elements, all as new.  What can fail comes first, before anything changes. */
static int damon_dir_resize_locked(struct damon_dir *dir, unsigned int nr)
{
	struct damon_dir **elements, *element, *next;
	LIST_HEAD(detached);
	int err;

	err = mutex_lock_killable(&damon_tree_lock);
	if (err)
		return err;
	err = damon_dir_check_resize(dir);
	mutex_unlock(&damon_tree_lock);
	if (err)
		return err;

	elements = kcalloc(nr, sizeof(*elements), GFP_KERNEL);
	if (!elements)
		return -ENOMEM;
	err = damon_dir_grow(dir, elements, nr);
	if (err) {
		kfree(elements);
		return err;
	}
	err = damon_dir_replace(dir, elements, nr, &detached);
	list_for_each_entry_safe(element, next, &detached, detached)
		damon_dir_remove(element);
	return err;
}

static int damon_dir_resize(struct damon_dir *dir, unsigned int nr)
{
	int err;

	if (!mutex_trylock(&damon_resize_lock))
		return -EBUSY;
	err = damon_dir_resize_locked(dir, nr);
	mutex_unlock(&damon_resize_lock);
	return err;
}
