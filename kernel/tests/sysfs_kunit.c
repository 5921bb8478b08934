// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of sysfs.c: directories and files as data.  The functions of the files
 * are called as sysfs would call them.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/mm.h>

#include "sysfs.h"

/* A directory with files, one of each kind */
struct leaf {
	struct damon_dir dir;
	unsigned long number;
	unsigned long fixed;
	int node;
	bool flag;
	unsigned int color;
	char *name;
	char letter;
	unsigned int nr_rings;
};

/* Leaves that have been read and are not released yet */
static unsigned int nr_leaves;

static struct leaf *to_leaf(struct damon_dir *dir)
{
	return container_of(dir, struct leaf, dir);
}

static ssize_t letter_show(struct damon_dir *dir, char *buf)
{
	nr_leaves += !to_leaf(dir)->letter;
	to_leaf(dir)->letter = to_leaf(dir)->letter ?: 'a';
	return sysfs_emit(buf, "%c\n", to_leaf(dir)->letter);
}

static int letter_store(struct damon_dir *dir, const char *buf)
{
	if (*buf < 'a' || *buf > 'z')
		return -EINVAL;
	to_leaf(dir)->letter = *buf;
	return 0;
}

static void leaf_release(struct damon_dir *dir)
{
	nr_leaves -= !!to_leaf(dir)->letter;
}

/* Called without a lock */
static int bell_store(struct damon_dir *dir, const char *buf)
{
	int err = damon_lock_tree(dir);

	if (err)
		return err;
	to_leaf(dir)->nr_rings++;
	damon_unlock_tree();
	return 0;
}

enum { NUMBER, FIXED, NODE, FLAG, COLOR, NAME, LETTER, CONSTANT, BELL };

static const char *const colors[] = { "red", "green", "light green", NULL };

static const struct damon_dir_type leaf_type = {
	.size = sizeof(struct leaf),
	.files = (const struct damon_file[]) {
		[NUMBER] = FILE_ULONG("number", struct leaf, number, .init = 7),
		[FIXED] = FILE_RO_ULONG("fixed", struct leaf, fixed, .init = 8),
		[NODE] = FILE_INT("node", struct leaf, node, .init = -1),
		[FLAG] = FILE_BOOL("flag", struct leaf, flag),
		[COLOR] = FILE_ENUM("color", struct leaf, color, .names = colors, .init = 1),
		[NAME] = FILE_STRING("name", struct leaf, name),
		[LETTER] = FILE_CUSTOM("letter", 0600, .show = letter_show,
				       .store = letter_store),
		[CONSTANT] = FILE_CUSTOM("constant", 0400, .show = letter_show),
		[BELL] = FILE_CUSTOM("bell", 0600, .show = letter_show,
				     .store = bell_store, .unlocked = true),
		{}
	},
	.release = leaf_release,
};

/* An element of a tree: a directory with a leaf */
static const struct damon_dir_type branch_type = {
	.size = sizeof(struct damon_dir),
	.subdirs = (const struct damon_subdir[]) {
		{ "leaf", &leaf_type },
		{}
	},
};

static bool is_busy;

static bool tree_busy(struct damon_dir *dir)
{
	return is_busy;
}

static const struct damon_dir_type tree_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr"),
		{}
	},
	.element = &branch_type,
	.max_elements = 5,
	.busy = tree_busy,
};

/* A directory whose elements have elements */
static const struct damon_dir_type wood_type = {
	.size = sizeof(struct damon_dir),
	.files = (const struct damon_file[]) {
		FILE_COUNT("nr"),
		{}
	},
	.element = &tree_type,
	.max_elements = 1,
};

static ssize_t store(struct damon_dir *dir, int file, const char *text)
{
	struct attribute *attr = (void *)&dir->type->files[file].attr;

	return dir->kobj.ktype->sysfs_ops->store(&dir->kobj, attr, text,
						 strlen(text));
}

static void expect_shown(struct kunit *test, struct damon_dir *dir, int file,
			 const char *text)
{
	struct attribute *attr = (void *)&dir->type->files[file].attr;
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, strlen(text),
			dir->kobj.ktype->sysfs_ops->show(&dir->kobj, attr, buf));
	KUNIT_EXPECT_STREQ(test, text, buf);
	free_page((unsigned long)buf);
}

static struct damon_dir *leaf_of(struct damon_dir *tree, int i)
{
	return tree->elements[i]->subdirs[0];
}

/* A new tree with @nr leaves, all of which have been read */
static struct damon_dir *new_tree(struct kunit *test, const char *nr)
{
	struct damon_dir *tree = damon_dir_add(&tree_type, mm_kobj,
					       "damon-kunit");
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tree);
	is_busy = false;
	nr_leaves = 0;
	expect_shown(test, tree, 0, "0\n");
	KUNIT_EXPECT_EQ(test, strlen(nr), store(tree, 0, nr));
	for (i = 0; i < tree->nr_elements; i++)
		expect_shown(test, leaf_of(tree, i), LETTER, "a\n");
	KUNIT_EXPECT_EQ(test, tree->nr_elements, nr_leaves);
	return tree;
}

/* What is written, what that returns, and what can be read after that */
static const struct {
	int file;
	const char *text;
	ssize_t ret;
	const char *after;
} values[] = {
	{ NUMBER, "12\n", 3, "12\n" },
	{ NUMBER, "12", 2, "12\n" },
	{ NUMBER, "", -EINVAL, "12\n" },
	{ NUMBER, "\n", -EINVAL, "12\n" },
	{ NUMBER, "-1", -EINVAL, "12\n" },
	{ NUMBER, "1x", -EINVAL, "12\n" },
	{ NUMBER, " 1", -EINVAL, "12\n" },
	{ NUMBER, "1 2", -EINVAL, "12\n" },
	{ NUMBER, "99999999999999999999", -ERANGE, "12\n" },
	{ NUMBER, "0x1f", 4, "31\n" },
	{ FIXED, "1", -EIO, "8\n" },
	{ NODE, "3\n", 2, "3\n" },
	{ NODE, "-2147483648", 11, "-2147483648\n" },
	{ NODE, "2147483648", -ERANGE, "-2147483648\n" },
	{ NODE, "-2147483649", -ERANGE, "-2147483648\n" },
	{ NODE, "", -EINVAL, "-2147483648\n" },
	{ NODE, "-1", 2, "-1\n" },
	{ FLAG, "Y\n", 2, "Y\n" },
	{ FLAG, "x", -EINVAL, "Y\n" },
	{ FLAG, "", -EINVAL, "Y\n" },
	{ FLAG, "N", 1, "N\n" },
	{ FLAG, "1", 1, "Y\n" },
	{ FLAG, "off\n", 4, "N\n" },
	{ COLOR, "light green\n", 12, "light green\n" },
	{ COLOR, "light", -EINVAL, "light green\n" },
	{ COLOR, "", -EINVAL, "light green\n" },
	{ COLOR, "\n", -EINVAL, "light green\n" },
	{ COLOR, "2", -EINVAL, "light green\n" },
	{ COLOR, "RED", -EINVAL, "light green\n" },
	{ COLOR, "red", 3, "red\n" },
	{ NAME, "/a b\n", 5, "/a b\n" },
	{ NAME, "/c", 2, "/c\n" },
	{ NAME, "/d\n\n", 4, "/d\n\n" },
	{ NAME, "\n", 1, "\n" },
	{ NAME, "", 0, "\n" },
	{ LETTER, "c\n", 2, "c\n" },
	{ LETTER, "C", -EINVAL, "c\n" },
	/* Even if root changes its mode, the file stays read-only. */
	{ CONSTANT, "d", -EIO, "c\n" },
	{ BELL, "ding", 4, "c\n" },
};

static void damon_test_values(struct kunit *test)
{
	struct damon_dir *tree = new_tree(test, "1");
	struct damon_dir *leaf = leaf_of(tree, 0);
	int i;

	expect_shown(test, leaf, NUMBER, "7\n");
	expect_shown(test, leaf, FIXED, "8\n");
	expect_shown(test, leaf, NODE, "-1\n");
	expect_shown(test, leaf, FLAG, "N\n");
	expect_shown(test, leaf, COLOR, "green\n");
	expect_shown(test, leaf, NAME, "\n");
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		KUNIT_EXPECT_EQ_MSG(test, values[i].ret,
				    store(leaf, values[i].file, values[i].text),
				    "\"%s\" to %s", values[i].text,
				    leaf_type.files[values[i].file].attr.name);
		expect_shown(test, leaf, values[i].file, values[i].after);
	}
	KUNIT_EXPECT_EQ(test, 1, to_leaf(leaf)->nr_rings);
	damon_dir_remove(tree);
}

/* What can be written can be read as a whole. */
static void damon_test_long_string(struct kunit *test)
{
	struct damon_dir *tree = new_tree(test, "1");
	struct damon_dir *leaf = leaf_of(tree, 0);
	char *text = kunit_kzalloc(test, PATH_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'x', PATH_MAX - 2);
	text[PATH_MAX - 2] = '\n';
	KUNIT_EXPECT_EQ(test, PATH_MAX - 1, store(leaf, NAME, text));
	expect_shown(test, leaf, NAME, text);
	text[PATH_MAX - 2] = 'y';
	KUNIT_EXPECT_EQ(test, -ENAMETOOLONG, store(leaf, NAME, text));
	text[PATH_MAX - 2] = '\n';
	expect_shown(test, leaf, NAME, text);
	damon_dir_remove(tree);
}

static void damon_test_count(struct kunit *test)
{
	static const struct {
		const char *text;
		ssize_t ret;
	} counts[] = {
		{ "6", -EINVAL },
		{ "-1", -EINVAL },
		{ "", -EINVAL },
		{ "2147483647", -EINVAL },
		{ "2147483648", -ERANGE },
		{ "4294967296", -ERANGE },
		{ "-2147483649", -ERANGE },
		{ "2x", -EINVAL },
	};
	struct damon_dir *tree = new_tree(test, "2\n");
	struct damon_dir **elements = tree->elements;
	int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		KUNIT_EXPECT_EQ_MSG(test, counts[i].ret,
				    store(tree, 0, counts[i].text),
				    "count \"%s\"", counts[i].text);
		expect_shown(test, tree, 0, "2\n");
		KUNIT_EXPECT_PTR_EQ(test, elements, tree->elements);
	}
	is_busy = true;
	KUNIT_EXPECT_EQ(test, -EBUSY, store(tree, 0, "3"));
	KUNIT_EXPECT_PTR_EQ(test, elements, tree->elements);
	KUNIT_EXPECT_EQ(test, 2, nr_leaves);
	is_busy = false;

	/* Writing the same number makes new elements, too. */
	KUNIT_EXPECT_EQ(test, 1, store(leaf_of(tree, 1), NUMBER, "1"));
	KUNIT_EXPECT_EQ(test, 4, store(leaf_of(tree, 1), NAME, "abcd"));
	KUNIT_EXPECT_EQ(test, 1, store(leaf_of(tree, 1), FLAG, "Y"));
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "2"));
	KUNIT_EXPECT_EQ(test, 0, nr_leaves);
	expect_shown(test, leaf_of(tree, 1), NUMBER, "7\n");
	expect_shown(test, leaf_of(tree, 1), NAME, "\n");
	expect_shown(test, leaf_of(tree, 1), FLAG, "N\n");

	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "5"));
	expect_shown(test, tree, 0, "5\n");
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "0"));
	expect_shown(test, tree, 0, "0\n");
	KUNIT_EXPECT_EQ(test, 0, nr_leaves);
	damon_dir_remove(tree);
}

static void fill_numbers(struct damon_dir *tree, const void *arg)
{
	const unsigned long *numbers = arg;
	int i;

	for (i = 0; i < tree->nr_elements; i++)
		to_leaf(leaf_of(tree, i))->number = numbers[i];
}

static void expect_numbers(struct kunit *test, struct damon_dir *tree, const char *a,
			   const char *b)
{
	expect_shown(test, tree, 0, "2\n");
	KUNIT_ASSERT_EQ(test, 2, tree->nr_elements);
	expect_shown(test, leaf_of(tree, 0), NUMBER, a);
	expect_shown(test, leaf_of(tree, 1), NUMBER, b);
	expect_shown(test, leaf_of(tree, 1), NODE, "-1\n");
	expect_shown(test, leaf_of(tree, 1), NAME, "\n");
}

/* Elements that the kernel makes are new ones with values. */
static void damon_test_fill(struct kunit *test)
{
	static const unsigned long numbers[] = { 20, 21, 22, 23, 24, 25 };
	struct damon_dir *tree = new_tree(test, "0");

	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, 0, 2, fill_numbers, numbers));
	expect_numbers(test, tree, "20\n", "21\n");
	KUNIT_EXPECT_EQ(test, 1, store(leaf_of(tree, 1), NODE, "1"));
	KUNIT_EXPECT_EQ(test, 4, store(leaf_of(tree, 1), NAME, "name"));
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, 0, 2, fill_numbers, numbers + 2));
	expect_numbers(test, tree, "22\n", "23\n");
	/* More than a write may make */
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, 0, 6, fill_numbers, numbers));
	expect_shown(test, leaf_of(tree, 5), NUMBER, "25\n");
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, 0, 2, NULL, NULL));
	expect_numbers(test, tree, "7\n", "7\n");
	is_busy = true;
	KUNIT_EXPECT_EQ(test, -EBUSY, damon_dir_resize(tree, 0, 1, fill_numbers, numbers));
	is_busy = false;
	expect_numbers(test, tree, "7\n", "7\n");
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, 0, 0, NULL, NULL));
	expect_shown(test, tree, 0, "0\n");
	damon_dir_remove(tree);
}

/* A directory that is made as new, or another one at its place, is not taken for the old one. */
static void damon_test_serial(struct kunit *test)
{
	struct damon_dir *wood = damon_dir_add(&wood_type, mm_kobj, "damon-kunit");
	struct damon_dir *tree;
	u64 first, second;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, wood);
	is_busy = false;
	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "1"));
	tree = wood->elements[0];
	first = tree->serial;
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, first, 2, NULL, NULL));
	KUNIT_EXPECT_EQ(test, first, tree->serial);
	KUNIT_EXPECT_NE(test, tree->elements[0]->serial, tree->elements[1]->serial);

	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "1"));
	KUNIT_EXPECT_PTR_EQ(test, tree, wood->elements[0]);
	second = tree->serial;
	KUNIT_EXPECT_NE(test, first, second);
	KUNIT_EXPECT_EQ(test, -ENODEV, damon_dir_resize(tree, first, 2, NULL, NULL));
	expect_shown(test, tree, 0, "0\n");
	KUNIT_EXPECT_EQ(test, 0, damon_dir_resize(tree, second, 2, NULL, NULL));

	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "0"));
	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "1"));
	KUNIT_EXPECT_NE(test, second, wood->elements[0]->serial);
	damon_dir_remove(wood);
}

/* A removed directory lives as long as its files are in use, but they refuse writes. */
static void damon_test_gone(struct kunit *test)
{
	struct damon_dir *tree = new_tree(test, "3");
	struct damon_dir *leaf = leaf_of(tree, 1);

	kobject_get(&leaf->kobj);
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "1"));
	KUNIT_EXPECT_EQ(test, 1, nr_leaves);
	KUNIT_EXPECT_EQ(test, -ENODEV, store(leaf, NUMBER, "1"));
	KUNIT_EXPECT_EQ(test, -ENODEV, store(leaf, LETTER, "x"));
	KUNIT_EXPECT_EQ(test, -ENODEV, store(leaf, NAME, "x"));
	KUNIT_EXPECT_EQ(test, -ENODEV, store(leaf, BELL, "x"));
	expect_shown(test, leaf, NUMBER, "7\n");
	kobject_put(&leaf->kobj);
	KUNIT_EXPECT_EQ(test, 0, nr_leaves);
	damon_dir_remove(tree);
}

/* The count of a removed directory can't be changed either. */
static void damon_test_gone_count(struct kunit *test)
{
	struct damon_dir *wood = damon_dir_add(&wood_type, mm_kobj,
					       "damon-kunit");
	struct damon_dir *tree;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, wood);
	is_busy = false;
	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "1"));
	tree = wood->elements[0];
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "2"));
	kobject_get(&tree->kobj);
	KUNIT_EXPECT_EQ(test, 1, store(wood, 0, "0"));
	KUNIT_EXPECT_EQ(test, -ENODEV, store(tree, 0, "2"));
	KUNIT_EXPECT_EQ(test, -ENODEV, damon_dir_resize(tree, 0, 2, NULL, NULL));
	kobject_put(&tree->kobj);
	damon_dir_remove(wood);
}

static struct kunit_case damon_sysfs_cases[] = {
	KUNIT_CASE(damon_test_values),
	KUNIT_CASE(damon_test_long_string),
	KUNIT_CASE(damon_test_count),
	KUNIT_CASE(damon_test_fill),
	KUNIT_CASE(damon_test_serial),
	KUNIT_CASE(damon_test_gone),
	KUNIT_CASE(damon_test_gone_count),
	{}
};

static struct kunit_suite damon_sysfs_suite = {
	.name = "damon-sysfs",
	.test_cases = damon_sysfs_cases,
};

kunit_test_suite(damon_sysfs_suite);
