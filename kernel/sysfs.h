/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Directories and files of sysfs as data.
 *
 * A directory is a struct that begins with a struct damon_dir.  Its type has tables of
 * its files and sub-directories.  A file is a row: name, mode, kind, and the offset of
 * its value in the directory's struct.
 */
#ifndef _MM_DAMON_SYSFS_H
#define _MM_DAMON_SYSFS_H

#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>

struct damon_dir;

/**
 * enum damon_file_kind - what is in a file
 * @DAMON_FILE_ULONG:	an unsigned long, at the file's offset
 * @DAMON_FILE_COUNT:	number of the directory's elements; a write makes all of them as
 *			new
 * @DAMON_FILE_CUSTOM:	has functions of its own
 */
enum damon_file_kind {
	DAMON_FILE_ULONG,
	DAMON_FILE_COUNT,
	DAMON_FILE_CUSTOM,
};

/**
 * struct damon_file - a file
 * @attr:	name and mode
 * @kind:	what is in it
 * @offset:	of the value in the directory's struct
 * @init:	the value in a new directory
 * @show:	for DAMON_FILE_CUSTOM: like the function of &struct sysfs_ops
 * @store:	for DAMON_FILE_CUSTOM: returns 0 or an errno
 *
 * Both functions are called with the tree locked.
 */
struct damon_file {
	struct attribute attr;
	enum damon_file_kind kind;
	size_t offset;
	unsigned long init;
	ssize_t (*show)(struct damon_dir *dir, char *buf);
	int (*store)(struct damon_dir *dir, const char *buf);
};

#define DAMON_FILE(_name, _mode, _kind, ...) {			\
	.attr = { .name = (_name), .mode = (_mode) },		\
	.kind = (_kind), __VA_ARGS__				\
}

/**
 * struct damon_subdir - a sub-directory that is always there
 * @name:	its name
 * @type:	its type
 */
struct damon_subdir {
	const char *name;
	const struct damon_dir_type *type;
};

/**
 * struct damon_dir_type - what directories of one type have in common
 * @size:	of the struct that begins with the struct damon_dir
 * @files:	files, the last one without a name; or NULL
 * @subdirs:	sub-directories, the last one without a name; or NULL
 * @element:	type of the elements "0", "1", ...; or NULL
 * @max_elements: how many there may be
 * @busy:	whether the number of elements can't be changed now, or NULL
 * @release:	release what the struct refers to, before it is freed or reset; or NULL
 */
struct damon_dir_type {
	size_t size;
	const struct damon_file *files;
	const struct damon_subdir *subdirs;
	const struct damon_dir_type *element;
	unsigned int max_elements;
	bool (*busy)(struct damon_dir *dir);
	void (*release)(struct damon_dir *dir);
};

/**
 * struct damon_dir - a directory
 * @kobj:	the directory in sysfs
 * @type:	its type
 * @disabled:	it is being made or removed: its files can't be written
 * @detached:	for a list of directories to be removed
 * @subdirs:	in the order of the type's table
 * @elements:	"0", "1", ...
 * @nr_elements: how many
 */
struct damon_dir {
	struct kobject kobj;
	const struct damon_dir_type *type;
	bool disabled;
	struct list_head detached;
	struct damon_dir **subdirs;
	struct damon_dir **elements;
	unsigned int nr_elements;
};

struct damon_dir *damon_dir_add(const struct damon_dir_type *type,
				struct kobject *parent, const char *name);
void damon_dir_remove(struct damon_dir *dir);

#endif /* _MM_DAMON_SYSFS_H */
