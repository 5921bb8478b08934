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

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>
#include <linux/types.h>

struct damon_dir;

/**
 * define DAMON_MAX_ELEMENTS - how many elements a directory may have
 *
 * More than anybody needs, and few enough for memory to have room for them.
 */
#define DAMON_MAX_ELEMENTS	65536

/**
 * enum damon_file_kind - what is in a file
 * @DAMON_FILE_ULONG:	an unsigned long, at the file's offset
 * @DAMON_FILE_INT:	an int there
 * @DAMON_FILE_BOOL:	a bool there: "Y" or "N"
 * @DAMON_FILE_ENUM:	an enum there: one of the file's names
 * @DAMON_FILE_STRING:	a char pointer there: a line, or NULL if nothing has been written;
 *			the directory's, kfree()d with it
 * @DAMON_FILE_COUNT:	number of the directory's elements; a write makes all of them as
 *			new
 * @DAMON_FILE_CUSTOM:	has functions of its own
 */
enum damon_file_kind {
	DAMON_FILE_ULONG,
	DAMON_FILE_INT,
	DAMON_FILE_BOOL,
	DAMON_FILE_ENUM,
	DAMON_FILE_STRING,
	DAMON_FILE_COUNT,
	DAMON_FILE_CUSTOM,
};

/**
 * struct damon_file - a file
 * @attr:	name and mode; refuses writes if the mode does, even if root changes it later
 * @kind:	what is in it
 * @offset:	of the value in the directory's struct
 * @init:	the value in a new directory, if it is a number or an enum
 * @names:	for DAMON_FILE_ENUM: the values' names, the last one NULL
 * @show:	for DAMON_FILE_CUSTOM: like the function of &struct sysfs_ops
 * @store:	for DAMON_FILE_CUSTOM: returns 0 or an errno
 * @unlocked:	@store is called without a lock, as it may wait long: see damon_lock_tree()
 *
 * Otherwise both functions are called with the tree locked.
 */
struct damon_file {
	struct attribute attr;
	enum damon_file_kind kind;
	size_t offset;
	long init;
	const char *const *names;
	ssize_t (*show)(struct damon_dir *dir, char *buf);
	int (*store)(struct damon_dir *dir, const char *buf);
	bool unlocked;
};

#define DAMON_FILE(_name, _mode, _kind, ...) {			\
	.attr = { .name = (_name), .mode = (_mode) },		\
	.kind = (_kind), __VA_ARGS__				\
}

#define DAMON_FILE_VALUE(_name, _mode, _kind, _is_kind, _struct, _member, ...)		\
	DAMON_FILE(_name, _mode, _kind, .offset = offsetof(_struct, _member) +		\
		   BUILD_BUG_ON_ZERO(!(_is_kind(typeof_member(_struct, _member)))),	\
		   __VA_ARGS__)

#define DAMON_IS_ULONG(_type)	__same_type(_type, unsigned long)
#define DAMON_IS_INT(_type)	__same_type(_type, int)
#define DAMON_IS_BOOL(_type)	__same_type(_type, bool)
#define DAMON_IS_ENUM(_type)	(sizeof(_type) == sizeof(unsigned int))
#define DAMON_IS_STRING(_type)	__same_type(_type, char *)

/*
 * Rows for files: the name, the directory's struct, the member in it that has the value, and
 * what else there is to say, such as .init = 7.
 */
#define FILE_ULONG(_name, ...)	\
	DAMON_FILE_VALUE(_name, 0600, DAMON_FILE_ULONG, DAMON_IS_ULONG, __VA_ARGS__)
#define FILE_RO_ULONG(_name, ...) \
	DAMON_FILE_VALUE(_name, 0400, DAMON_FILE_ULONG, DAMON_IS_ULONG, __VA_ARGS__)
#define FILE_INT(_name, ...)	\
	DAMON_FILE_VALUE(_name, 0600, DAMON_FILE_INT, DAMON_IS_INT, __VA_ARGS__)
#define FILE_BOOL(_name, ...)	\
	DAMON_FILE_VALUE(_name, 0600, DAMON_FILE_BOOL, DAMON_IS_BOOL, __VA_ARGS__)
#define FILE_ENUM(_name, ...)	\
	DAMON_FILE_VALUE(_name, 0600, DAMON_FILE_ENUM, DAMON_IS_ENUM, __VA_ARGS__)
#define FILE_STRING(_name, ...)	\
	DAMON_FILE_VALUE(_name, 0600, DAMON_FILE_STRING, DAMON_IS_STRING, __VA_ARGS__)
#define FILE_COUNT(_name)	\
	DAMON_FILE(_name, 0600, DAMON_FILE_COUNT)
#define FILE_CUSTOM(_name, _mode, ...) \
	DAMON_FILE(_name, _mode, DAMON_FILE_CUSTOM, __VA_ARGS__)

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
 * @max_elements: how many a write may make
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
 * @serial:	another number whenever the directory is made or made as new, which no other
 *		directory ever has
 * @disabled:	it is being made or removed: its files can't be written
 * @detached:	for a list of directories to be removed
 * @subdirs:	in the order of the type's table
 * @elements:	"0", "1", ...
 * @nr_elements: how many
 */
struct damon_dir {
	struct kobject kobj;
	const struct damon_dir_type *type;
	u64 serial;
	bool disabled;
	struct list_head detached;
	struct damon_dir **subdirs;
	struct damon_dir **elements;
	unsigned int nr_elements;
};

/**
 * damon_subdir - the struct of a sub-directory
 * @_dir:	the directory
 * @_nr:	place of the sub-directory in the table of the directory's type
 * @_struct:	the sub-directory's struct
 */
#define damon_subdir(_dir, _nr, _struct) container_of((_dir)->subdirs[_nr], _struct, dir)

/**
 * damon_element - the struct of an element
 * @_dir:	the directory
 * @_nr:	the element's name
 * @_struct:	the element's struct
 */
#define damon_element(_dir, _nr, _struct) container_of((_dir)->elements[_nr], _struct, dir)

struct damon_dir *damon_dir_add(const struct damon_dir_type *type,
				struct kobject *parent, const char *name);
void damon_dir_remove(struct damon_dir *dir);
int damon_dir_resize(struct damon_dir *dir, u64 serial, unsigned int nr,
		     void (*fill)(struct damon_dir *dir, const void *arg), const void *arg);

int damon_lock_tree(struct damon_dir *dir);
void damon_unlock_tree(void);

#endif /* _MM_DAMON_SYSFS_H */
