// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of va-actions.c and pageout.c, on real page tables: what is acted on, and what is left
 * alone.
 *
 * There may be no swap.  Pages after MADV_FREE are reclaimed without it; and of others it is
 * seen whether they are tried.
 */
#include <kunit/test.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pgtable.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "mapping.h"
#include "pageout.h"
#include "va-actions.h"
#include "walk.h"

#define P	PAGE_SIZE

/* Have an action done to a whole range, as the core does */
static long act(struct kunit *test, enum damon_action action, unsigned long start,
		unsigned long end)
{
	struct damon_range range = { start, end };
	long all = 0, err = 0;

	if (!(DAMON_VA_ACTIONS & BIT(action)))
		kunit_skip(test, "not in this kernel");
	while (range.start < end) {
		unsigned long before = range.start;
		long bytes = damon_mm_act(current->mm, action, &range);

		KUNIT_ASSERT_GT(test, range.start, before);
		KUNIT_ASSERT_LE(test, range.start, end);
		KUNIT_EXPECT_EQ(test, 0, range.start % P);
		KUNIT_EXPECT_LE(test, bytes, (long)(range.start - before));
		if (bytes < 0)
			err = bytes;
		else
			all += bytes;
	}
	KUNIT_EXPECT_EQ(test, end, range.end);
	return all ?: err;
}

static bool is_present(unsigned long addr)
{
	const struct damon_entry *entry;
	struct damon_walk walk;
	bool present = false;

	damon_walk_begin(&walk, current->mm);
	entry = damon_walk_to(&walk, addr);
	if (entry && IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE) && !entry->pte)
		present = pmd_present(pmdp_get(entry->pmd));
	else if (entry)
		present = pte_present(ptep_get(entry->pte));
	damon_walk_end(&walk);
	return present;
}

static bool is_young(unsigned long addr)
{
	const struct damon_entry *entry;
	struct damon_walk walk;
	bool young;

	damon_walk_begin(&walk, current->mm);
	entry = damon_walk_to(&walk, addr);
	young = entry && damon_entry_test_young(entry);
	damon_walk_end(&walk);
	return young;
}

static bool is_huge(unsigned long addr)
{
	const struct damon_entry *entry;
	struct damon_walk walk;
	bool huge;

	damon_walk_begin(&walk, current->mm);
	entry = damon_walk_to(&walk, addr);
	huge = entry && !entry->pte && pmd_present(pmdp_get(entry->pmd));
	damon_walk_end(&walk);
	return huge;
}

/* Map small pages and touch each of them */
static unsigned long map_pages(struct kunit *test, unsigned int nr)
{
	unsigned long addr = damon_test_map(test, 0, nr * P);
	unsigned int i;

	for (i = 0; i < nr; i++)
		damon_test_touch(test, addr + i * P);
	lru_add_drain_all();
	return addr;
}

/* As the process does with what it needs no more; until it writes there, it can be freed. */
static void make_free(struct kunit *test, unsigned long addr, unsigned long size)
{
	if (!IS_ENABLED(CONFIG_ADVISE_SYSCALLS) || IS_ENABLED(CONFIG_UML))
		kunit_skip(test, "no MADV_FREE here");
	lru_add_drain_all();
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, addr, size, MADV_FREE));
	lru_add_drain_all();
}

static struct file *make_file(struct kunit *test, unsigned long size)
{
	struct file *file = shmem_file_setup("kunit-actions", size, VM_NORESERVE);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	return file;
}

static unsigned long map_shared(struct kunit *test, struct file *file, unsigned long size,
				unsigned long prot)
{
	unsigned long addr = kunit_vm_mmap(test, file, 0, size, prot, MAP_SHARED, 0);

	KUNIT_ASSERT_NE(test, addr, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

/* Fault in a page that nothing has been written to */
static void read_page(struct kunit *test, unsigned long addr)
{
	int value;

	KUNIT_ASSERT_EQ(test, 0, get_user(value, (int __user *)addr));
	KUNIT_EXPECT_EQ(test, 0, value);
}

/* Exactly the pages of the range go, and what is not there does not count. */
static void damon_test_pageout(struct kunit *test)
{
	unsigned long addr = map_pages(test, 8);
	int i;

	make_free(test, addr, 8 * P);
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, addr + 3 * P, P, MADV_DONTNEED));
	KUNIT_EXPECT_EQ(test, 3 * P, act(test, DAMON_PAGEOUT, addr + 2 * P, addr + 6 * P));
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ_MSG(test, i < 2 || i >= 6, is_present(addr + i * P), "page %d", i);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr + 2 * P, addr + 6 * P));
}

/* More than one batch, in several page tables and mappings */
static void damon_test_pageout_many(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, 2 * PMD_SIZE), i;

	for (i = 0; i < 2 * PMD_SIZE; i += PMD_SIZE / 64)
		damon_test_touch(test, addr + i);
	make_free(test, addr, 2 * PMD_SIZE);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + PMD_SIZE / 2, PMD_SIZE / 2));
	KUNIT_EXPECT_EQ(test, 96 * P, act(test, DAMON_PAGEOUT, addr, addr + 2 * PMD_SIZE));
}

/* So many mappings that a call may end between two of them: none is left out. */
static void damon_test_pageout_mappings(struct kunit *test)
{
	const unsigned int nr = min(16384, sysctl_max_map_count / 2);
	unsigned long addr = damon_test_map(test, 0, nr * 2 * P), touched = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + (i * 2 + 1) * P, P));
	for (i = 0; i < nr; i += 1024) {
		damon_test_touch(test, addr + i * 2 * P);
		make_free(test, addr + i * 2 * P, P);
		touched += P;
	}
	KUNIT_EXPECT_EQ(test, touched, act(test, DAMON_PAGEOUT, addr, addr + nr * 2 * P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_HUGEPAGE, addr, addr + nr * 2 * P));
}

/* Without swap the folio is left where it is, and that is a failure. */
static void damon_test_pageout_swap(struct kunit *test)
{
	unsigned long addr = map_pages(test, 4);
	long bytes = act(test, DAMON_PAGEOUT, addr, addr + 4 * P);

	if (get_nr_swap_pages() >= 4) {
		KUNIT_EXPECT_EQ(test, 4 * P, bytes);
		KUNIT_EXPECT_FALSE(test, is_present(addr));
		return;
	}
	KUNIT_EXPECT_EQ(test, -EAGAIN, bytes);
	KUNIT_EXPECT_TRUE(test, is_present(addr));
}

static void damon_test_pageout_mlocked(struct kunit *test)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, 4 * P, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, 0);

	KUNIT_ASSERT_FALSE(test, !addr || IS_ERR_VALUE(addr));
	damon_test_touch(test, addr);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + 4 * P));
	KUNIT_EXPECT_TRUE(test, is_present(addr));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, addr, addr + 4 * P));
}

static void damon_test_pageout_hugetlb(struct kunit *test)
{
	unsigned long addr = damon_test_map_hugetlb(test, 0);

	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE));
}

/* The zero page is nobody's. */
static void damon_test_pageout_zero(struct kunit *test)
{
	unsigned long addr = damon_test_map(test, 0, P);

	read_page(test, addr);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + P));
	KUNIT_EXPECT_TRUE(test, is_present(addr));
}

/* Pages that are mapped twice may be in use at the other place. */
static void damon_test_pageout_shared(struct kunit *test)
{
	struct file *file = make_file(test, P);
	unsigned long addr = map_shared(test, file, P, PROT_READ | PROT_WRITE);
	unsigned long other = map_shared(test, file, P, PROT_READ | PROT_WRITE);

	fput(file);
	damon_test_touch(test, addr);
	lru_add_drain_all();
	KUNIT_EXPECT_NE(test, 0, act(test, DAMON_PAGEOUT, addr, addr + P));
	damon_test_touch(test, addr);
	damon_test_touch(test, other);
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, addr, addr + P));
	KUNIT_EXPECT_TRUE(test, is_present(addr));
	KUNIT_EXPECT_TRUE(test, is_present(other));
}

/* Pages of a file that the process can't write to stay. */
static void damon_test_pageout_read_only(struct kunit *test)
{
	struct file *file = make_file(test, P);
	fmode_t mode = file->f_mode;
	unsigned long addr;

	file->f_mode &= ~FMODE_WRITE;
	addr = map_shared(test, file, P, PROT_READ);
	file->f_mode = mode;
	fput(file);
	read_page(test, addr);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, is_present(addr));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + P));
	KUNIT_EXPECT_TRUE(test, is_present(addr));
}

/* Memory of a device that programs access directly stays. */
static void damon_test_act_dax(struct kunit *test)
{
	struct file *file = make_file(test, P);
	unsigned long addr = map_shared(test, file, P, PROT_READ | PROT_WRITE);
	struct inode *inode = file_inode(file);

	fput(file);
	if (!S_DAX)
		kunit_skip(test, "no DAX in this kernel");
	damon_test_touch(test, addr);
	lru_add_drain_all();
	inode->i_flags |= S_DAX;
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, addr, addr + P));
	inode->i_flags &= ~S_DAX;
	KUNIT_EXPECT_TRUE(test, is_present(addr));
}

/* A huge page goes as a whole or not at all. */
static void damon_test_pageout_thp(struct kunit *test)
{
	unsigned long addr = damon_test_map_thp(test, 0);

	if (!is_huge(addr))
		kunit_skip(test, "no memory for a transparent huge page");
	make_free(test, addr, PMD_SIZE);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr + P, addr + PMD_SIZE));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE - P));
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_EQ(test, PMD_SIZE, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE));
	KUNIT_EXPECT_FALSE(test, is_present(addr));
}

/* Have PTEs map a huge page: advice to one of its pages splits the mapping, and so the PMD. */
static unsigned long map_large(struct kunit *test)
{
	unsigned long addr = damon_test_map_thp(test, 0);

	if (!IS_ENABLED(CONFIG_ADVISE_SYSCALLS) || !is_huge(addr))
		kunit_skip(test, "no memory for a transparent huge page");
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, addr, P, MADV_DONTFORK));
	KUNIT_ASSERT_EQ(test, 0, do_madvise(current->mm, addr, P, MADV_DOFORK));
	KUNIT_ASSERT_FALSE(test, is_huge(addr));
	KUNIT_ASSERT_TRUE(test, is_present(addr + PMD_SIZE - P));
	return addr;
}

/* A large folio that PTEs map goes as a whole, or not at all. */
static void damon_test_pageout_large(struct kunit *test)
{
	unsigned long addr = map_large(test);

	make_free(test, addr, PMD_SIZE);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr + P, addr + PMD_SIZE));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE - P));
	KUNIT_EXPECT_EQ(test, PMD_SIZE, act(test, DAMON_COLD, addr, addr + PMD_SIZE));
	KUNIT_EXPECT_EQ(test, PMD_SIZE, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE));
	KUNIT_EXPECT_FALSE(test, is_present(addr));
	KUNIT_EXPECT_FALSE(test, is_present(addr + PMD_SIZE - P));
}

/* It stays if it is in memory, but not mapped, in part. */
static void damon_test_pageout_partial(struct kunit *test)
{
	unsigned long addr = map_large(test);

	make_free(test, addr, PMD_SIZE);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + 5 * P, P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, addr, addr + PMD_SIZE));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, addr, addr + PMD_SIZE));
	KUNIT_EXPECT_TRUE(test, is_present(addr));
	KUNIT_EXPECT_TRUE(test, is_present(addr + PMD_SIZE - P));
}

/* Of what reclaim has put back, only what is in swap or being written there will be freed. */
static void damon_test_swapped_out(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_FALSE(test, damon_is_swapped_out(folio));
	/* Page cache: dirty, and being written */
	folio_set_dirty(folio);
	KUNIT_EXPECT_FALSE(test, damon_is_swapped_out(folio));
	folio_test_set_writeback(folio);
	KUNIT_EXPECT_FALSE(test, damon_is_swapped_out(folio));
	/* In the swap cache: being written, could not be written, and has been written */
	folio_set_swapbacked(folio);
	folio_set_swapcache(folio);
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_SWAP), damon_is_swapped_out(folio));
	folio_test_clear_writeback(folio);
	KUNIT_EXPECT_FALSE(test, damon_is_swapped_out(folio));
	folio_clear_dirty(folio);
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_SWAP), damon_is_swapped_out(folio));
	folio_clear_swapcache(folio);
	folio_clear_swapbacked(folio);
	folio_put(folio);
}

/* Addresses without memory, mapped or not, are passed over in one call. */
static void damon_test_nothing(struct kunit *test)
{
	static const enum damon_action actions[] = {
		DAMON_PAGEOUT, DAMON_COLD, DAMON_WILLNEED, DAMON_HUGEPAGE,
	};
	unsigned long size = BITS_PER_LONG == 64 ? 1UL << 38 : SZ_256M;
	unsigned long addr = damon_test_map(test, 0, size);
	struct damon_range range = { addr, addr + size };
	int i;

	for (i = 0; i < 2; i++) {
		range.start = addr;
		KUNIT_EXPECT_EQ(test, 0, damon_mm_act(current->mm, actions[i], &range));
		KUNIT_EXPECT_EQ(test, addr + size, range.start);
	}
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr, size));
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!(DAMON_VA_ACTIONS & BIT(actions[i])))
			continue;
		range.start = addr;
		KUNIT_EXPECT_EQ(test, 0, damon_mm_act(current->mm, actions[i], &range));
		KUNIT_EXPECT_EQ(test, addr + size, range.start);
	}
}

/* Fixed ranges may be any addresses. */
static void damon_test_act_elsewhere(struct kunit *test)
{
	damon_test_map(test, 0, P);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, 0, P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, PAGE_OFFSET, PAGE_OFFSET + P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_PAGEOUT, ULONG_MAX & PMD_MASK,
				     ULONG_MAX & PAGE_MASK));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, ULONG_MAX & PMD_MASK,
				     ULONG_MAX & PAGE_MASK));
}

static void damon_test_cold(struct kunit *test)
{
	unsigned long addr = map_pages(test, 4);
	int i;

	if (!is_young(addr))
		kunit_skip(test, "copying to user memory sets no Accessed bit here");
	KUNIT_EXPECT_EQ(test, 2 * P, act(test, DAMON_COLD, addr + P, addr + 3 * P));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, i < 1 || i >= 3, is_young(addr + i * P), "page %d", i);
	/* Holes do not count. */
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(addr + P, P));
	KUNIT_EXPECT_EQ(test, 3 * P, act(test, DAMON_COLD, addr, addr + 4 * P));
}

/* A huge page gets cold as a whole or not at all, and what is beside it does. */
static void damon_test_cold_thp(struct kunit *test)
{
	const unsigned long H = PMD_SIZE;
	unsigned long addr = ALIGN(damon_test_map(test, 0, 5 * H), H) + H;
	bool young;

	damon_test_map_thp(test, addr);
	damon_test_map_thp(test, addr + H);
	damon_test_touch(test, addr - P);
	damon_test_touch(test, addr + 2 * H);
	if (!is_huge(addr) || !is_huge(addr + H))
		kunit_skip(test, "no memory for two transparent huge pages");
	lru_add_drain_all();
	young = is_young(addr);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_COLD, addr + P, addr + H - P));
	KUNIT_EXPECT_EQ(test, P, act(test, DAMON_COLD, addr - P, addr + H - P));
	KUNIT_EXPECT_EQ(test, P, act(test, DAMON_COLD, addr + H + P, addr + 2 * H + P));
	KUNIT_EXPECT_EQ(test, young, is_young(addr));
	KUNIT_EXPECT_EQ(test, young, is_young(addr + H));
	KUNIT_EXPECT_EQ(test, H, act(test, DAMON_COLD, addr + P, addr + 2 * H));
	KUNIT_EXPECT_EQ(test, young, is_young(addr));
	KUNIT_EXPECT_FALSE(test, is_young(addr + H));
	KUNIT_EXPECT_EQ(test, H, act(test, DAMON_COLD, addr, addr + 2 * H - P));
	KUNIT_EXPECT_FALSE(test, is_young(addr));
	KUNIT_EXPECT_TRUE(test, is_huge(addr));
	KUNIT_EXPECT_TRUE(test, is_huge(addr + H));
}

static void damon_test_willneed(struct kunit *test)
{
	struct file *file = make_file(test, 4 * P);
	unsigned long addr = map_shared(test, file, 4 * P, PROT_READ | PROT_WRITE);

	fput(file);
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_SWAP) ? 4 * P : 0,
			act(test, DAMON_WILLNEED, addr, addr + 4 * P));
	addr = map_pages(test, 4);
	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_SWAP) ? 4 * P : 0,
			act(test, DAMON_WILLNEED, addr, addr + 4 * P));
}

/* Several pieces: all of it counts, once. */
static void damon_test_pieces(struct kunit *test)
{
	unsigned long size = 50 * SZ_1M + 3 * P, addr = damon_test_map(test, 0, size);

	KUNIT_EXPECT_EQ(test, IS_ENABLED(CONFIG_SWAP) ? size - P : 0,
			act(test, DAMON_WILLNEED, addr + P, addr + size));
}

/* Only files of local disks are read in. */
static void damon_test_on_disk(struct kunit *test)
{
	struct file_system_type *type = kunit_kzalloc(test, sizeof(*type), GFP_KERNEL);
	struct super_block *sb = kunit_kzalloc(test, sizeof(*sb), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, type);
	KUNIT_ASSERT_NOT_NULL(test, sb);
	sb->s_type = type;
	sb->s_magic = NFS_SUPER_MAGIC;
	KUNIT_EXPECT_FALSE(test, damon_is_on_disk(sb));
	type->fs_flags = FS_REQUIRES_DEV;
	sb->s_magic = BTRFS_SUPER_MAGIC;
	KUNIT_EXPECT_TRUE(test, damon_is_on_disk(sb));
	sb->s_magic = FUSE_SUPER_MAGIC;
	KUNIT_EXPECT_FALSE(test, damon_is_on_disk(sb));
}

static void damon_test_whole_huge_pages(struct kunit *test)
{
	const unsigned long H = PMD_SIZE;
	const struct {
		struct damon_range range, whole;
	} cases[] = {
		{ { 2 * H, 4 * H }, { 2 * H, 4 * H } },
		{ { 2 * H + P, 4 * H }, { 3 * H, 4 * H } },
		{ { 2 * H, 4 * H - P }, { 2 * H, 3 * H } },
		{ { 2 * H - P, 4 * H + P }, { 2 * H, 4 * H } },
		/* nothing whole */
		{ { 2 * H + P, 3 * H }, {} },
		{ { 2 * H, 3 * H - P }, {} },
		{ { 2 * H + P, 4 * H - P }, {} },
		{ { 2 * H + P, 3 * H - P }, {} },
		{ { 0, P }, {} },
		{ { P, 2 * P }, {} },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct damon_range whole = damon_whole_huge_pages(&cases[i].range);

		KUNIT_EXPECT_EQ_MSG(test, damon_range_size(&cases[i].whole),
				    damon_range_size(&whole), "case %d", i);
		if (cases[i].whole.end)
			KUNIT_EXPECT_EQ_MSG(test, cases[i].whole.start, whole.start,
					    "case %d", i);
	}
}

static vm_flags_t flags_at(unsigned long addr)
{
	struct vm_area_struct *vma;
	vm_flags_t flags = 0;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	if (vma)
		flags = vma->vm_flags;
	mmap_read_unlock(current->mm);
	return flags & (VM_HUGEPAGE | VM_NOHUGEPAGE);
}

/* Whole huge pages only, and nothing is done twice. */
static void damon_test_hugepage(struct kunit *test)
{
	const unsigned long H = PMD_SIZE;
	unsigned long addr = ALIGN(damon_test_map(test, 0, 5 * H), H);
	int count;

	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_HUGEPAGE, addr + P, addr + 2 * H - P));
	KUNIT_EXPECT_EQ(test, 2 * H, act(test, DAMON_HUGEPAGE, addr + P, addr + 4 * H - P));
	KUNIT_EXPECT_EQ(test, 0, flags_at(addr));
	KUNIT_EXPECT_EQ(test, VM_HUGEPAGE, flags_at(addr + H));
	KUNIT_EXPECT_EQ(test, VM_HUGEPAGE, flags_at(addr + 3 * H - P));
	KUNIT_EXPECT_EQ(test, 0, flags_at(addr + 3 * H));

	count = current->mm->map_count;
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_HUGEPAGE, addr + P, addr + 4 * H - P));
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_HUGEPAGE, addr + H, addr + 2 * H));
	KUNIT_EXPECT_EQ(test, count, current->mm->map_count);
	/* What is new counts. */
	KUNIT_EXPECT_EQ(test, H, act(test, DAMON_HUGEPAGE, addr, addr + 3 * H));
	/* The other way round, for all of it */
	KUNIT_EXPECT_EQ(test, 4 * H, act(test, DAMON_NOHUGEPAGE, addr, addr + 4 * H));
	KUNIT_EXPECT_EQ(test, VM_NOHUGEPAGE, flags_at(addr));
	KUNIT_EXPECT_EQ(test, VM_NOHUGEPAGE, flags_at(addr + H));
	KUNIT_EXPECT_LE(test, current->mm->map_count, count);
}

/* Only where there can be huge pages */
static void damon_test_hugepage_elsewhere(struct kunit *test)
{
	const unsigned long H = PMD_SIZE;
	unsigned long addr = ALIGN(damon_test_map(test, 0, 3 * H), H);

	addr = damon_test_map_hugetlb(test, addr);
	KUNIT_EXPECT_EQ(test, 0, act(test, DAMON_HUGEPAGE, addr, addr + H));
	KUNIT_EXPECT_EQ(test, 0, flags_at(addr));
}

static struct kunit_case damon_va_actions_cases[] = {
	KUNIT_CASE(damon_test_pageout),
	KUNIT_CASE(damon_test_pageout_many),
	KUNIT_CASE(damon_test_pageout_mappings),
	KUNIT_CASE(damon_test_pageout_swap),
	KUNIT_CASE(damon_test_pageout_mlocked),
	KUNIT_CASE(damon_test_pageout_hugetlb),
	KUNIT_CASE(damon_test_pageout_zero),
	KUNIT_CASE(damon_test_pageout_shared),
	KUNIT_CASE(damon_test_pageout_read_only),
	KUNIT_CASE(damon_test_act_dax),
	KUNIT_CASE(damon_test_pageout_thp),
	KUNIT_CASE(damon_test_pageout_large),
	KUNIT_CASE(damon_test_pageout_partial),
	KUNIT_CASE(damon_test_swapped_out),
	KUNIT_CASE(damon_test_nothing),
	KUNIT_CASE(damon_test_act_elsewhere),
	KUNIT_CASE(damon_test_cold),
	KUNIT_CASE(damon_test_cold_thp),
	KUNIT_CASE(damon_test_willneed),
	KUNIT_CASE(damon_test_pieces),
	KUNIT_CASE(damon_test_on_disk),
	KUNIT_CASE(damon_test_whole_huge_pages),
	KUNIT_CASE(damon_test_hugepage),
	KUNIT_CASE(damon_test_hugepage_elsewhere),
	{}
};

static struct kunit_suite damon_va_actions_suite = {
	.name = "damon-va-actions",
	.test_cases = damon_va_actions_cases,
};

kunit_test_suite(damon_va_actions_suite);
