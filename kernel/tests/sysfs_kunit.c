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
	char letter;
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

enum { NUMBER, LETTER, CONSTANT };

static const struct damon_dir_type leaf_type = {
	.size = sizeof(struct leaf),
	.files = (const struct damon_file[]) {
		[NUMBER] = DAMON_FILE("number", 0600, DAMON_FILE_ULONG,
				      .offset = offsetof(struct leaf, number),
				      .init = 7),
		[LETTER] = DAMON_FILE("letter", 0600, DAMON_FILE_CUSTOM,
				      .show = letter_show,
				      .store = letter_store),
		[CONSTANT] = DAMON_FILE("constant", 0400, DAMON_FILE_CUSTOM,
					.show = letter_show),
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
		DAMON_FILE("nr", 0600, DAMON_FILE_COUNT),
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
		DAMON_FILE("nr", 0600, DAMON_FILE_COUNT),
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

static void damon_test_values(struct kunit *test)
{
	static const struct {
		const char *text;
		ssize_t ret;
	} numbers[] = {
		{ "12\n", 3 },
		{ "12", 2 },
		{ "", -EINVAL },
		{ "\n", -EINVAL },
		{ "-1", -EINVAL },
		{ "1x", -EINVAL },
		{ " 1", -EINVAL },
		{ "1 2", -EINVAL },
		{ "99999999999999999999", -ERANGE },
	};
	struct damon_dir *tree = new_tree(test, "1");
	struct damon_dir *leaf = leaf_of(tree, 0);
	int i;

	expect_shown(test, leaf, NUMBER, "7\n");
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		KUNIT_EXPECT_EQ_MSG(test, numbers[i].ret,
				    store(leaf, NUMBER, numbers[i].text),
				    "number \"%s\"", numbers[i].text);
		expect_shown(test, leaf, NUMBER, "12\n");
	}
	KUNIT_EXPECT_EQ(test, 4, store(leaf, NUMBER, "0x1f"));
	expect_shown(test, leaf, NUMBER, "31\n");

	KUNIT_EXPECT_EQ(test, 2, store(leaf, LETTER, "c\n"));
	expect_shown(test, leaf, LETTER, "c\n");
	KUNIT_EXPECT_EQ(test, -EINVAL, store(leaf, LETTER, "C"));
	expect_shown(test, leaf, LETTER, "c\n");
	/* Even if root changes its mode, the file stays read-only. */
	KUNIT_EXPECT_EQ(test, -EIO, store(leaf, CONSTANT, "c"));
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
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "2"));
	KUNIT_EXPECT_EQ(test, 0, nr_leaves);
	expect_shown(test, leaf_of(tree, 1), NUMBER, "7\n");

	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "5"));
	expect_shown(test, tree, 0, "5\n");
	KUNIT_EXPECT_EQ(test, 1, store(tree, 0, "0"));
	expect_shown(test, tree, 0, "0\n");
	KUNIT_EXPECT_EQ(test, 0, nr_leaves);
	damon_dir_remove(tree);
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
	kobject_put(&tree->kobj);
	damon_dir_remove(wood);
}

static struct kunit_case damon_sysfs_cases[] = {
	KUNIT_CASE(damon_test_values),
	KUNIT_CASE(damon_test_count),
	KUNIT_CASE(damon_test_gone),
	KUNIT_CASE(damon_test_gone_count),
	{}
};

static struct kunit_suite damon_sysfs_suite = {
	.name = "damon-sysfs",
	.test_cases = damon_sysfs_cases,
};

kunit_test_suite(damon_sysfs_suite);
