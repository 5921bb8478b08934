// SPDX-License-Identifier: GPL-2.0
/*
 * page_kinds KIND: have memory of one kind, hot and cold.
 *
 * Prints, with addresses in decimal,
 *
 *	virtual hot|cold START END	one line each; kinds with few pages have
 *					no cold memory
 *	physical hot|cold START END	its physical addresses, one line a range
 *	ready
 *
 * and then touches the hot memory until it is killed.  Prints why and exits with 4
 * if this machine does not have that kind.
 */
#define _GNU_SOURCE
#include <linux/kernel-page-flags.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "pagemap.h"
#include "ticker.h"

#define MANY		16	/* small pages of hot memory, and as many of cold */
#define FEW		4	/* huge pages */
#define GIGANTIC_PAGE	(512 * HUGE_PAGE)
#define BIOS		0xf0000	/* physical address; ROM, not RAM */

struct area {
	char *start;
	size_t size;
};

/**
 * struct kind - a kind of memory
 * @name:	its name
 * @page:	size of a page
 * @nr_hot:	number of hot pages
 * @nr_cold:	number of cold pages
 * @read_only:	touch it by reading
 * @map:	map memory of a size
 * @settle:	called once for hot and for cold memory, after it was filled; or NULL
 * @disturb:	called each time after hot memory was touched; or NULL
 * @flags:	flags that each page must have in /proc/kpageflags
 * @mapped_huge: whether AnonHugePages of /proc/self/smaps counts it
 */
struct kind {
	const char *name;
	size_t page;
	unsigned int nr_hot;
	unsigned int nr_cold;
	bool read_only;
	char *(*map)(size_t size);
	void (*settle)(const struct area *area);
	void (*disturb)(const struct area *area);
	unsigned long long flags;
	bool mapped_huge;
};

/* Print why this machine does not have that kind, and exit */
#define skip(...)	(printf(__VA_ARGS__), putchar('\n'), exit(4))

/* Retry until @is_so is true: KSM and swapping out take a while. */
static void wait_for(bool (*is_so)(const struct area *), const struct area *area,
		     const char *what)
{
	for (int tries = 0; !is_so(area); tries++) {
		if (tries == 1000)
			errx(1, "%s: not within 10 s", what);
		usleep(10000);
	}
}

static char *map_anon(size_t size)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	return map;
}

static char *map_small(size_t size)
{
	char *map = map_anon(size);

	madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

static char *map_thp(size_t size)
{
	size_t map = (size_t)map_anon(size + HUGE_PAGE);

	map = (map + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	if (madvise((void *)map, size, MADV_HUGEPAGE))
		skip("no transparent huge pages");
	return (char *)map;
}

static char *map_shmem(size_t size)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	return map;
}

static char *map_hugetlb(size_t size, int flags)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_ANONYMOUS | MAP_HUGETLB | flags, -1, 0);

	if (map == MAP_FAILED)
		skip("no hugetlb pages of %zu KiB",
		     flags & MAP_HUGE_1GB ? 1UL << 20 : 2UL << 10);
	return map;
}

static char *map_hugetlb_private(size_t size)
{
	return map_hugetlb(size, MAP_PRIVATE | MAP_HUGE_2MB);
}

static char *map_hugetlb_shared(size_t size)
{
	return map_hugetlb(size, MAP_SHARED | MAP_HUGE_2MB);
}

static char *map_gigantic(size_t size)
{
	return map_hugetlb(size, MAP_PRIVATE | MAP_HUGE_1GB);
}

/* Map a file that no other process uses: this program, with padding to make it large */
static const char padding[2 * MANY * SMALL_PAGE] = { 1 };

static char *map_file(size_t size)
{
	static off_t done;
	int fd = open("/proc/self/exe", O_RDONLY);
	off_t at = lseek(fd, 0, SEEK_END) / SMALL_PAGE * SMALL_PAGE - size - done;
	char *map;

	(void)*(const volatile char *)padding;
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, at);
	if (map == MAP_FAILED)
		err(1, "/proc/self/exe");
	madvise(map, size, MADV_RANDOM);
	close(fd);
	done += size;
	return map;
}

static char *map_vdso(size_t size)
{
	char *map = (char *)getauxval(AT_SYSINFO_EHDR);

	if (!map)
		skip("no vdso");
	return map;
}

/* The data pages of the vdso are a PFN mapping. */
static char *map_vvar(size_t size)
{
	char line[256], *map = NULL;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			map = (char *)strtoul(line, NULL, 16);
	fclose(maps);
	if (!map)
		skip("no vvar");
	return map;
}

static char *map_device(size_t size)
{
	int fd = open("/dev/mem", O_RDONLY);
	char *map;

	if (fd < 0)
		skip("no /dev/mem: CONFIG_DEVMEM is off");
	map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, BIOS);
	if (map == MAP_FAILED)
		skip("the BIOS can't be mapped");
	close(fd);
	return map;
}

/* Have PTEs map the huge pages: mprotect() of a single page splits the PMD. */
static void settle_large(const struct area *area)
{
	for (size_t i = 0; i < area->size; i += HUGE_PAGE)
		if (mprotect(area->start + i, SMALL_PAGE, PROT_READ) ||
		    mprotect(area->start + i, SMALL_PAGE, PROT_READ | PROT_WRITE))
			err(1, "mprotect");
	/* Otherwise khugepaged collapses them again. */
	madvise(area->start, area->size, MADV_NOHUGEPAGE);
}

static bool merged(const struct area *area)
{
	for (size_t i = 0; i < area->size; i += SMALL_PAGE)
		if (!(read_entry("/proc/kpageflags", frame(area->start + i)) &
		      1ULL << KPF_KSM))
			return false;
	return true;
}

/* Make a copy of each page for KSM to merge it with */
static void settle_ksm(const struct area *area)
{
	char *copy = map_small(area->size);

	memcpy(copy, area->start, area->size);
	if (madvise(copy, area->size, MADV_MERGEABLE) ||
	    madvise(area->start, area->size, MADV_MERGEABLE))
		skip("no CONFIG_KSM");
	wait_for(merged, area, "merged by KSM");
}

static bool swapped(const struct area *area)
{
	madvise(area->start, area->size, MADV_PAGEOUT);
	for (size_t i = 0; i < area->size; i += SMALL_PAGE)
		if (!(entry_of(area->start + i) & PAGEMAP_SWAPPED))
			return false;
	return true;
}

static void settle_swap(const struct area *area)
{
	wait_for(swapped, area, "swapped out");
}

/*
 * Swapped in again by the next touch.  Not after each touch, or the pages would
 * hardly ever be present when their Accessed bits are checked.
 */
static void swap_out(const struct area *area)
{
	static unsigned int touches;

	if (++touches % 8 == 0)
		madvise(area->start, area->size, MADV_PAGEOUT);
	usleep(500);
}

static long move_pages(const struct area *area, int node)
{
	void *pages[MANY];
	int nodes[MANY], status[MANY];

	for (int i = 0; i < MANY; i++) {
		pages[i] = area->start + i * SMALL_PAGE;
		nodes[i] = node;
	}
	if (syscall(SYS_move_pages, 0, MANY, pages, nodes, status, 0) < 0)
		return -1;
	return status[0] == node ? 0 : -1;
}

static void settle_migration(const struct area *area)
{
	if (move_pages(area, 1) || move_pages(area, 0))
		skip("pages can't be moved between nodes 0 and 1");
}

static void migrate(const struct area *area)
{
	static int node;

	node = !node;
	move_pages(area, node);
}

#define SMALL	.page = SMALL_PAGE, .nr_hot = MANY, .nr_cold = MANY
#define HUGE	.page = HUGE_PAGE, .nr_hot = FEW, .nr_cold = FEW
#define FLAG(f)	(1ULL << KPF_##f)

static const struct kind kinds[] = {
	{ "small", SMALL, .map = map_small, .flags = FLAG(ANON) | FLAG(MMAP) },
	{ "thp", HUGE, .map = map_thp, .flags = FLAG(THP), .mapped_huge = true },
	{ "large", .page = SMALL_PAGE, .nr_hot = FEW * 512, .nr_cold = FEW * 512,
	  .map = map_thp, .settle = settle_large, .flags = FLAG(THP) },
	{ "hugetlb", HUGE, .map = map_hugetlb_private, .flags = FLAG(HUGE) },
	{ "hugetlb-shared", HUGE, .map = map_hugetlb_shared,
	  .flags = FLAG(HUGE) },
	{ "gigantic", .page = GIGANTIC_PAGE, .nr_hot = 1, .map = map_gigantic,
	  .flags = FLAG(HUGE) },
	{ "file", SMALL, .map = map_file, .read_only = true,
	  .flags = FLAG(MMAP) | FLAG(LRU) },
	{ "shmem", SMALL, .map = map_shmem,
	  .flags = FLAG(MMAP) | FLAG(SWAPBACKED) },
	{ "ksm", SMALL, .map = map_small, .settle = settle_ksm,
	  .read_only = true, .flags = FLAG(KSM) },
	{ "swap", SMALL, .map = map_small, .settle = settle_swap,
	  .disturb = swap_out },
	{ "migration", SMALL, .map = map_small, .settle = settle_migration,
	  .disturb = migrate, .flags = FLAG(ANON) | FLAG(MMAP) },
	{ "zero", SMALL, .map = map_small, .read_only = true,
	  .flags = FLAG(ZERO_PAGE) },
	{ "huge-zero", HUGE, .map = map_thp, .read_only = true,
	  .flags = FLAG(ZERO_PAGE) },
	{ "vdso", .page = SMALL_PAGE, .nr_hot = 1, .map = map_vdso,
	  .read_only = true },
	{ "vvar", .page = SMALL_PAGE, .nr_hot = 1, .map = map_vvar,
	  .read_only = true },
	{ "device", SMALL, .map = map_device, .read_only = true },
};

static const struct kind *find_kind(const char *name)
{
	const struct kind *kind = kinds;

	for (; kind < kinds + sizeof(kinds) / sizeof(*kinds); kind++)
		if (!strcmp(kind->name, name))
			return kind;
	errx(1, "no kind '%s'", name);
}

static struct area make_area(const struct kind *kind, unsigned int nr)
{
	static char number = 1;
	struct area area = { .size = nr * kind->page };
	size_t at;

	if (!nr)
		return area;
	area.start = kind->map(area.size);
	/* All pages differ, except where the kind needs equal ones. */
	for (at = 0; at < area.size; at += SMALL_PAGE)
		if (kind->read_only && !(kind->flags & FLAG(KSM)))
			(void)*(volatile char *)&area.start[at];
		else if (!(at % kind->page))
			area.start[at] = number++;
	if (kind->settle)
		kind->settle(&area);
	return area;
}

static bool huge_in_smaps(const char *address)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	bool here = false, huge = false;
	unsigned long from, to;
	char line[256];

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (size_t)address >= from && (size_t)address < to;
		else if (here && !strncmp(line, "AnonHugePages:", 14))
			huge = atol(line + 14) > 0;
	}
	fclose(smaps);
	return huge;
}

/* Check that the memory is of that kind */
static void check_area(const struct kind *kind, const struct area *area)
{
	for (size_t at = 0; at < area->size; at += kind->page) {
		const char *page = area->start + at;
		unsigned long long flags = 0;

		if (kind->flags)
			flags = read_entry("/proc/kpageflags", frame(page));
		if (~flags & kind->flags)
			skip("page flags %#llx, not %#llx",
			     flags,
			     kind->flags);
	}
	if (area->size && huge_in_smaps(area->start) != kind->mapped_huge)
		skip("%smapped by huge pages", kind->mapped_huge ? "not " : "");
}

static void print_physical(const char *name, size_t start, size_t end)
{
	if (start)
		printf("physical %s %zu %zu\n", name, start, end);
}

static void print_area(const struct kind *kind, const struct area *area,
		       const char *name)
{
	size_t start = 0, end = 0, at;

	if (!area->size)
		return;
	printf("virtual %s %zu %zu\n", name, (size_t)area->start,
	       (size_t)area->start + area->size);
	for (at = 0; at < area->size; at += kind->page) {
		size_t next = frame(area->start + at) * SMALL_PAGE;

		if (next != end) {
			print_physical(name, start, end);
			start = next;
		}
		end = next + kind->page;
	}
	print_physical(name, start, end);
}

static void touch(const struct kind *kind, const struct area *area)
{
	for (size_t at = 0; at < area->size; at += kind->page)
		if (kind->read_only)
			(void)*(volatile char *)&area->start[at];
		else
			*(volatile char *)&area->start[at] += 1;
}

int main(int argc, char **argv)
{
	const struct kind *kind = find_kind(argc > 1 ? argv[1] : "");
	struct area hot, cold;

	start_ticker();
	hot = make_area(kind, kind->nr_hot);
	cold = make_area(kind, kind->nr_cold);
	check_area(kind, &hot);
	check_area(kind, &cold);
	print_area(kind, &hot, "hot");
	print_area(kind, &cold, "cold");
	puts("ready");
	fflush(stdout);
	for (;;) {
		touch(kind, &hot);
		if (kind->disturb)
			kind->disturb(&hot);
	}
}
