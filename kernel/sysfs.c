// SPDX-License-Identifier: GPL-2.0
/*
 * Directories and files of sysfs as data: one show and one store for all.
 */
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "sysfs.h"

/* The longest string: together with a newline it fits into what sysfs shows at a time */
#define MAX_STRING	(PATH_MAX - sizeof("\n"))

#define for_each_file(file, dir) \
	for ((file) = (dir)->type->files; (file) && (file)->attr.name; (file)++)

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
 * The first and the last step are without damon_tree_lock, and may sleep.  The last one
 * waits for whoever uses a file of the directory: see damon_lock_resize().
 */
static DEFINE_MUTEX(damon_resize_lock);
static DECLARE_WAIT_QUEUE_HEAD(damon_resize_wait);

static struct damon_dir *to_damon_dir(struct kobject *kobj)
{
	return container_of(kobj, struct damon_dir, kobj);
}

/**
 * damon_lock_tree - lock the values in all directories, and which elements they have
 * @dir:	a directory that the caller uses a file of
 *
 * For &damon_file.store that is called without a lock.  May sleep.
 *
 * Return: 0, or with nothing locked -ENODEV if the directory is being removed, or -EINTR if
 * the caller was killed.
 */
int damon_lock_tree(struct damon_dir *dir)
{
	int err = mutex_lock_killable(&damon_tree_lock);

	if (!err && dir->disabled) {
		mutex_unlock(&damon_tree_lock);
		err = -ENODEV;
	}
	return err;
}

/**
 * damon_unlock_tree - the opposite of damon_lock_tree()
 */
void damon_unlock_tree(void)
{
	mutex_unlock(&damon_tree_lock);
}

/*
 * Wait until nobody else changes the number of elements.  Who does may be waiting for the
 * caller, that is for the file that it uses, but not before that file's directory, with all
 * that is in it, has been disabled.  So don't wait any longer than that.
 */
static int damon_lock_resize(struct damon_dir *dir)
{
	bool locked = false;
	int err = wait_event_killable(damon_resize_wait,
				      (locked = mutex_trylock(&damon_resize_lock)) ||
				      READ_ONCE(dir->disabled));

	if (err)
		return -EINTR;
	return locked ? 0 : -ENODEV;
}

static void damon_unlock_resize(void)
{
	mutex_unlock(&damon_resize_lock);
	wake_up(&damon_resize_wait);
}

static ssize_t damon_value_show(struct damon_dir *dir, const struct damon_file *file, char *buf)
{
	const void *value = (void *)dir + file->offset;

	switch (file->kind) {
	case DAMON_FILE_ULONG:
		return sysfs_emit(buf, "%lu\n", *(const unsigned long *)value);
	case DAMON_FILE_INT:
		return sysfs_emit(buf, "%d\n", *(const int *)value);
	case DAMON_FILE_BOOL:
		return sysfs_emit(buf, "%c\n", *(const bool *)value ? 'Y' : 'N');
	case DAMON_FILE_ENUM:
		return sysfs_emit(buf, "%s\n", file->names[*(const unsigned int *)value]);
	case DAMON_FILE_STRING:
		return sysfs_emit(buf, "%s\n", *(const char *const *)value ?: "");
	case DAMON_FILE_COUNT:
		return sysfs_emit(buf, "%u\n", dir->nr_elements);
	case DAMON_FILE_CUSTOM:
		return file->show(dir, buf);
	}
	return -EINVAL;
}

static ssize_t damon_file_show(struct kobject *kobj, struct attribute *attr,
			       char *buf)
{
	struct damon_file *file = container_of(attr, struct damon_file, attr);
	ssize_t ret;

	if (mutex_lock_killable(&damon_tree_lock))
		return -EINTR;
	ret = damon_value_show(to_damon_dir(kobj), file, buf);
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
	return damon_dir_resize(dir, 0, nr, NULL, NULL);
}

static int damon_enum_store(unsigned int *value, const char *const *names, const char *buf)
{
	int n = __sysfs_match_string(names, -1, buf);

	if (n < 0)
		return n;
	*value = n;
	return 0;
}

/* Without the newline that echo appends */
static int damon_string_store(char **value, const char *buf)
{
	size_t len = strlen(buf);
	char *copy;

	if (len && buf[len - 1] == '\n')
		len--;
	if (len > MAX_STRING)
		return -ENAMETOOLONG;
	copy = kmemdup_nul(buf, len, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	kfree(*value);
	*value = copy;
	return 0;
}

static int damon_value_store(struct damon_dir *dir,
			     const struct damon_file *file, const char *buf)
{
	void *value = (void *)dir + file->offset;

	switch (file->kind) {
	case DAMON_FILE_ULONG:
		return kstrtoul(buf, 0, value);
	case DAMON_FILE_INT:
		return kstrtoint(buf, 0, value);
	case DAMON_FILE_BOOL:
		return kstrtobool(buf, value);
	case DAMON_FILE_ENUM:
		return damon_enum_store(value, file->names, buf);
	case DAMON_FILE_STRING:
		return damon_string_store(value, buf);
	case DAMON_FILE_CUSTOM:
		return file->store(dir, buf);
	default:
		return -EINVAL;
	}
}

static int damon_value_store_locked(struct damon_dir *dir,
				    const struct damon_file *file, const char *buf)
{
	int err = damon_lock_tree(dir);

	if (err)
		return err;
	err = damon_value_store(dir, file, buf);
	damon_unlock_tree();
	return err;
}

static ssize_t damon_file_store(struct kobject *kobj, struct attribute *attr,
				const char *buf, size_t len)
{
	struct damon_file *file = container_of(attr, struct damon_file, attr);
	struct damon_dir *dir = to_damon_dir(kobj);
	int err;

	/* Root may have made it writable. */
	if (!(attr->mode & 0200))
		err = -EIO;
	else if (file->kind == DAMON_FILE_COUNT)
		err = damon_count_store(dir, buf);
	else if (file->unlocked)
		err = file->store(dir, buf);
	else
		err = damon_value_store_locked(dir, file, buf);
	return err ?: len;
}

static const struct sysfs_ops damon_sysfs_ops = {
	.show = damon_file_show,
	.store = damon_file_store,
};

/* Release what the values refer to */
static void damon_dir_release_values(struct damon_dir *dir)
{
	const struct damon_file *file;

	if (dir->type->release)
		dir->type->release(dir);
	for_each_file(file, dir)
		if (file->kind == DAMON_FILE_STRING)
			kfree(*(char **)((void *)dir + file->offset));
}

static void damon_dir_release(struct kobject *kobj)
{
	struct damon_dir *dir = to_damon_dir(kobj);

	damon_dir_release_values(dir);
	kfree(dir->subdirs);
	kfree(dir);
}

static const struct kobj_type damon_dir_ktype = {
	.release = damon_dir_release,
	.sysfs_ops = &damon_sysfs_ops,
};

/* In memory that is zeroed */
static void damon_dir_init_values(struct damon_dir *dir)
{
	static atomic64_t nr_serials = ATOMIC64_INIT(0);
	const struct damon_file *file;

	dir->serial = atomic64_inc_return(&nr_serials);
	for_each_file(file, dir) {
		void *value = (void *)dir + file->offset;

		switch (file->kind) {
		case DAMON_FILE_ULONG:
			*(unsigned long *)value = file->init;
			break;
		case DAMON_FILE_INT:
		case DAMON_FILE_ENUM:
			*(int *)value = file->init;
			break;
		default:
			break;
		}
	}
}

static int damon_dir_add_files(struct damon_dir *dir)
{
	const struct damon_file *file;
	int err;

	for_each_file(file, dir) {
		err = sysfs_create_file(&dir->kobj, &file->attr);
		if (err)
			return err;
	}
	return 0;
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

	WRITE_ONCE(dir->disabled, !enable);
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
	kvfree(dir->elements);
	for (sub = dir->subdirs; sub && *sub; sub++)
		damon_dir_remove(*sub);
	kobject_put(&dir->kobj);
}

/* With the tree locked: put it on a list, to be removed without the lock */
static void damon_dir_detach(struct damon_dir *dir, struct list_head *detached)
{
	damon_dir_enable(dir, false);
	wake_up(&damon_resize_wait);
	list_add(&dir->detached, detached);
}

/* With the tree locked: set @dir to what it was when it was new */
static void damon_dir_reset(struct damon_dir *dir, struct list_head *detached)
{
	struct damon_dir **sub;
	unsigned int i;

	damon_dir_release_values(dir);
	memset(dir + 1, 0, dir->type->size - sizeof(*dir));
	damon_dir_init_values(dir);

	for (i = 0; i < dir->nr_elements; i++)
		damon_dir_detach(dir->elements[i], detached);
	kvfree(dir->elements);
	dir->elements = NULL;
	dir->nr_elements = 0;
	for (sub = dir->subdirs; *sub; sub++)
		damon_dir_reset(*sub, detached);
}

/* With the tree locked */
static int damon_dir_check_resize(struct damon_dir *dir, u64 serial)
{
	if (dir->disabled || (serial && serial != dir->serial))
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
 * With the tree locked: make @elements those of @dir.  The ones that it has come first, and
 * are reset.  What is not used any more is detached.
 */
static int damon_dir_replace(struct damon_dir *dir, u64 serial, struct damon_dir **elements,
			     unsigned int nr, struct list_head *detached)
{
	unsigned int nr_old = dir->nr_elements, i;
	int err = damon_dir_check_resize(dir, serial);

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
	kvfree(elements);
	return err;
}

/* What can fail comes first, before anything changes. */
static int damon_dir_resize_locked(struct damon_dir *dir, u64 serial, unsigned int nr,
				   void (*fill)(struct damon_dir *dir, const void *arg),
				   const void *arg)
{
	struct damon_dir **elements, *element, *next;
	LIST_HEAD(detached);
	int err;

	err = damon_lock_tree(dir);
	if (err)
		return err;
	err = damon_dir_check_resize(dir, serial);
	damon_unlock_tree();
	if (err)
		return err;

	elements = kvcalloc(nr, sizeof(*elements), GFP_KERNEL);
	if (!elements)
		return -ENOMEM;
	err = damon_dir_grow(dir, elements, nr);
	if (err) {
		kvfree(elements);
		return err;
	}
	mutex_lock(&damon_tree_lock);
	err = damon_dir_replace(dir, serial, elements, nr, &detached);
	if (!err && fill)
		fill(dir, arg);
	mutex_unlock(&damon_tree_lock);
	list_for_each_entry_safe(element, next, &detached, detached)
		damon_dir_remove(element);
	return err;
}

/**
 * damon_dir_resize - make elements of a directory, all as new
 * @dir:	the directory, for whose struct the caller has a reference
 * @serial:	the &damon_dir.serial that it has to have, or 0 if any will do
 * @nr:		how many; those that it has and that are more are removed
 * @fill:	or NULL: called with the tree locked as soon as @dir has them, to give values
 *		to it and to them
 * @arg:	argument of @fill
 *
 * May sleep; the caller has not locked the tree.
 *
 * Return: 0, or with nothing changed
 *
 * * -ENODEV: the directory is being removed, or has another serial
 * * -EBUSY: the number can't be changed now
 * * -ENOMEM: there is no memory
 * * -EINTR: the caller was killed
 */
int damon_dir_resize(struct damon_dir *dir, u64 serial, unsigned int nr,
		     void (*fill)(struct damon_dir *dir, const void *arg), const void *arg)
{
	int err = damon_lock_resize(dir);

	if (err)
		return err;
	err = damon_dir_resize_locked(dir, serial, nr, fill, arg);
	damon_unlock_resize();
	return err;
}
