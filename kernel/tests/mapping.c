// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for tests on real page tables, in an address space that is freed when the
 * test ends.  A test is skipped if the machine lacks what it needs.
 */
#include <linux/file.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "mapping.h"

static unsigned long map_file(struct kunit *test, struct file *file,
			      unsigned long addr, unsigned long size)
{
	unsigned long flags = file ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;

	if (addr)
		flags |= MAP_FIXED;
	addr = kunit_vm_mmap(test, file, addr, size, PROT_READ | PROT_WRITE,
			     flags | MAP_NORESERVE, 0);
	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

/**
 * damon_test_map - map memory that has not been touched
 * @test:	the test
 * @addr:	where, replacing what is mapped there; 0: anywhere
 * @size:	bytes; may be more than the machine has
 *
 * Return: its address.
 */
unsigned long damon_test_map(struct kunit *test, unsigned long addr,
			     unsigned long size)
{
	return map_file(test, NULL, addr, size);
}

/**
 * damon_test_touch - access memory
 * @test:	the test
 * @addr:	an address that is mapped
 */
void damon_test_touch(struct kunit *test, unsigned long addr)
{
	KUNIT_ASSERT_EQ(test, 0, put_user(1, (int __user *)addr));
}

/**
 * damon_test_map_page - map and touch one page
 * @test:	the test
 * @addr:	where; 0: anywhere
 *
 * Return: its address.
 */
unsigned long damon_test_map_page(struct kunit *test, unsigned long addr)
{
	addr = damon_test_map(test, addr, PAGE_SIZE);
	damon_test_touch(test, addr);
	return addr;
}

/**
 * damon_test_map_thp - map and touch a transparent huge page
 * @test:	the test
 * @addr:	where, a multiple of PMD_SIZE; 0: anywhere
 *
 * Without memory for a huge page, small pages are mapped.
 *
 * Return: its address.
 */
unsigned long damon_test_map_thp(struct kunit *test, unsigned long addr)
{
	if (!addr)
		addr = ALIGN(damon_test_map(test, 0, 2 * PMD_SIZE), PMD_SIZE);
	damon_test_map(test, addr, PMD_SIZE);
	if (!IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) ||
	    !IS_ENABLED(CONFIG_ADVISE_SYSCALLS) ||
	    do_madvise(current->mm, addr, PMD_SIZE, MADV_HUGEPAGE))
		kunit_skip(test, "no transparent huge pages here");
	damon_test_touch(test, addr);
	return addr;
}

#ifdef CONFIG_HUGETLB_PAGE

static void set_overcommit(void *nr)
{
	default_hstate.nr_overcommit_huge_pages = (unsigned long)nr;
}

/**
 * damon_test_map_hugetlb - map and touch a hugetlb page
 * @test:	the test
 * @addr:	where, a multiple of the page's size; 0: anywhere
 *
 * Return: its address.
 */
unsigned long damon_test_map_hugetlb(struct kunit *test, unsigned long addr)
{
	unsigned long before = default_hstate.nr_overcommit_huge_pages;
	struct file *file;

	if (!hugepages_supported())
		kunit_skip(test, "no hugetlb pages here");
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action(test, set_overcommit,
						  (void *)before));
	/* The pages of earlier tests may not have been freed yet. */
	set_overcommit((void *)(before + 16));
	file = hugetlb_file_setup(HUGETLB_ANON_FILE,
				  huge_page_size(&default_hstate), VM_NORESERVE,
				  HUGETLB_ANONHUGE_INODE,
				  huge_page_shift(&default_hstate));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	addr = map_file(test, file, addr, huge_page_size(&default_hstate));
	fput(file);
	damon_test_touch(test, addr);
	return addr;
}

#else

unsigned long damon_test_map_hugetlb(struct kunit *test, unsigned long addr)
{
	kunit_skip(test, "no hugetlb pages here");
	return 0;
}

#endif
