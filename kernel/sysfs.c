// SPDX-License-Identifier: GPL-2.0
/*
 * Directories and files of sysfs as data: one show and one store for all.
 */
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "sysfs.h"

/*
 * Protects the values in all directories, and which elements they have.  Never
 * held while a directory is taken out of sysfs: that waits for everybody who
 * is inside one of its files, and they wait for this lock.
 */
static DEFINE_MUTEX(damon_tree_lock);

/*
 * Held while the number of elements is changed, from the removal of the old to
 * the addition of the new ones.  Only ever tried: who holds it may be waiting
 * for the file that the other one is in to be left.
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

	mutex_lock(&damon_tree_lock);
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

	if (dir->gone)
		return -ENODEV;
	switch (file->kind) {
	case DAMON_FILE_ULONG:
		return kstrtoul(buf, 0, value);
	case DAMON_FILE_CUSTOM:
		/* The mode is no protection: root may change it. */
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
		mutex_lock(&damon_tree_lock);
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

static int damon_dir_add_files(struct damon_dir *dir)
{
	const struct damon_file *file = dir->type->files;
	int err = 0;

	for (; !err && file && file->attr.name; file++) {
		void *value = (void *)dir + file->offset;

		if (file->kind == DAMON_FILE_ULONG)
			*(unsigned long *)value = file->init;
		err = sysfs_create_file(&dir->kobj, &file->attr);
	}
	return err;
}

static int damon_dir_add_subdirs(struct damon_dir *dir)
{
	const struct damon_subdir *subdir = dir->type->subdirs;
	unsigned int nr = 0, i;

	while (subdir && subdir[nr].name)
		nr++;
	/* One more, NULL, so that who goes through them knows the end. */
	dir->subdirs = kcalloc(nr + 1, sizeof(*dir->subdirs), GFP_KERNEL);
	if (!dir->subdirs)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		struct damon_dir *sub;

		sub = damon_dir_add(subdir[i].type, &dir->kobj, subdir[i].name);
		if (IS_ERR(sub))
			return PTR_ERR(sub);
		dir->subdirs[i] = sub;
	}
	return 0;
}

/**
 * damon_dir_add - make a directory, with all that belongs into it
 * @type:	its type
 * @parent:	where it comes
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
	struct damon_dir *dir = kzalloc(type->size, GFP_KERNEL);
	int err;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	dir->type = type;
	err = kobject_init_and_add(&dir->kobj, &damon_dir_ktype, parent, "%s",
				   name);
	if (!err)
		err = damon_dir_add_subdirs(dir);
	/* Last: files can be used at once, and use what is above. */
	if (!err)
		err = damon_dir_add_files(dir);
	if (err) {
		damon_dir_remove(dir);
		return ERR_PTR(err);
	}
	return dir;
}

static void damon_dirs_remove(struct damon_dir **dirs, unsigned int nr)
{
	while (nr--)
		damon_dir_remove(dirs[nr]);
	kfree(dirs);
}

/**
 * damon_dir_remove - take a directory away, with all that is in it
 * @dir:	the directory; freed when the last one has left its files
 *
 * May sleep; the caller holds no lock that a file's function takes.
 */
void damon_dir_remove(struct damon_dir *dir)
{
	struct damon_dir **sub;

	/* First out of sysfs: then nobody is in a file that uses the rest. */
	kobject_del(&dir->kobj);
	damon_dirs_remove(dir->elements, dir->nr_elements);
	for (sub = dir->subdirs; sub && *sub; sub++)
		damon_dir_remove(*sub);
	kobject_put(&dir->kobj);
}

/* With the tree locked: nothing in @dir can be used from now on */
static void damon_dir_disable(struct damon_dir *dir)
{
	struct damon_dir **sub;
	unsigned int i;

	dir->gone = true;
	for (i = 0; i < dir->nr_elements; i++)
		damon_dir_disable(dir->elements[i]);
	for (sub = dir->subdirs; *sub; sub++)
		damon_dir_disable(*sub);
}

/* Take the elements out of the tree, for the caller to remove */
static int damon_dir_detach(struct damon_dir *dir, struct damon_dir ***elements,
			    unsigned int *nr)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&damon_tree_lock);
	if (dir->gone) {
		err = -ENODEV;
	} else if (dir->type->busy && dir->type->busy(dir)) {
		err = -EBUSY;
	} else {
		*elements = dir->elements;
		*nr = dir->nr_elements;
		dir->elements = NULL;
		dir->nr_elements = 0;
		for (i = 0; i < *nr; i++)
			damon_dir_disable((*elements)[i]);
	}
	mutex_unlock(&damon_tree_lock);
	return err;
}

static int damon_dir_add_elements(struct damon_dir *dir,
				  struct damon_dir **elements, unsigned int nr)
{
	char name[sizeof("4294967295")];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct damon_dir *element;

		snprintf(name, sizeof(name), "%u", i);
		element = damon_dir_add(dir->type->element, &dir->kobj, name);
		if (IS_ERR(element)) {
			damon_dirs_remove(elements, i);
			return PTR_ERR(element);
		}
		elements[i] = element;
	}

	mutex_lock(&damon_tree_lock);
	dir->elements = elements;
	dir->nr_elements = nr;
	mutex_unlock(&damon_tree_lock);
	return 0;
}

/* Replace the elements by @nr new ones.  If that fails there are none. */
static int damon_dir_resize(struct damon_dir *dir, unsigned int nr)
{
	struct damon_dir **elements, **old;
	unsigned int nr_old;
	int err;

	elements = kcalloc(nr, sizeof(*elements), GFP_KERNEL);
	if (!elements)
		return -ENOMEM;

	if (!mutex_trylock(&damon_resize_lock)) {
		kfree(elements);
		return -EBUSY;
	}
	err = damon_dir_detach(dir, &old, &nr_old);
	if (err) {
		kfree(elements);
	} else {
		damon_dirs_remove(old, nr_old);
		err = damon_dir_add_elements(dir, elements, nr);
	}
	mutex_unlock(&damon_resize_lock);
	return err;
}
