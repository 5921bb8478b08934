// SPDX-License-Identifier: GPL-2.0
/*
 * act_kinds KIND [FILE]: have memory of one kind, and show what becomes of it.
 *
 * Prints "ready"; or why this machine does not have that kind, and exits with 4.  Then reads
 * commands from standard input, one a line, each of which is answered by one line:
 *
 *	size		size of a page, in bytes
 *	virtual		address of each page
 *	physical	physical address of each page that is present
 *	out		page everything out; prints how many pages are gone
 *	present		how many pages are mapped
 *	resident	how many pages are in memory, mapped or not
 *	active		how many pages are in an active LRU list
 *	node1		how many pages are in NUMA node 1
 *	referenced	how many pages have been accessed, says /proc/self/smaps
 *	huge		how many pages are transparent huge pages, says /proc/self/smaps
 *	hg, nh		how many pages have that flag, says /proc/self/smaps
 */
#define _GNU_SOURCE
#include <linux/kernel-page-flags.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "pagemap.h"

#define MANY	16	/* small pages */
#define FEW	2	/* huge pages */

/* Part of the file of this program that is not loaded, so that no other mapping has it */
asm(".pushsection .padding, \"\", @progbits; .fill 0x40000, 1, 1; .popsection");

/**
 * struct kind - a kind of memory
 * @name:	its name
 * @page:	size of a page
 * @nr:		number of pages
 * @step:	distance between two touches, to fault it in
 * @read_only:	fault it in by reading
 * @map:	map memory of a size
 * @settle:	called when it is filled; or NULL
 * @flags:	flags that each page must have in /proc/kpageflags
 */
struct kind {
	const char *name;
	size_t page;
	unsigned int nr;
	size_t step;
	bool read_only;
	char *(*map)(size_t size);
	void (*settle)(void);
	unsigned long long flags;
};

static const struct kind *kind;
static char *memory;
/* On a block device, or NULL */
static const char *disk_file;

/* Print why this machine does not have that kind, and exit */
#define skip(...)	(printf(__VA_ARGS__), putchar('\n'), exit(4))

static size_t size_of_memory(void)
{
	return kind->nr * kind->page;
}

static char *map_flags(size_t size, int flags)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	return map;
}

static char *map_small(size_t size)
{
	char *map = map_flags(size, MAP_PRIVATE);

	madvise(map, size, MADV_NOHUGEPAGE);
	return map;
}

static char *map_shmem(size_t size)
{
	return map_flags(size, MAP_SHARED);
}

/* A mapping of its own, without neighbours to be merged with */
static char *map_aligned(size_t size)
{
	char *map = map_flags(size + 2 * HUGE_PAGE, MAP_PRIVATE);
	char *aligned = (char *)((size_t)map / HUGE_PAGE * HUGE_PAGE + HUGE_PAGE);

	munmap(map, aligned - map);
	munmap(aligned + size, map + 2 * HUGE_PAGE - aligned);
	return aligned;
}

static char *map_thp(size_t size)
{
	char *map = map_aligned(size);

	if (madvise(map, size, MADV_HUGEPAGE))
		skip("no transparent huge pages");
	return map;
}

/* Small pages that could be huge */
static char *map_not_yet_thp(size_t size)
{
	char *map = map_aligned(size);

	if (madvise(map, size, MADV_NOHUGEPAGE))
		skip("no transparent huge pages");
	return map;
}

static char *map_hugetlb(size_t size)
{
	char *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	if (map == MAP_FAILED)
		skip("no hugetlb pages");
	return map;
}

/* From the end of a file, without large folios that are in part elsewhere */
static char *map_end(const char *file, size_t size, int flags)
{
	int fd = open(file, O_RDONLY);
	off_t at = lseek(fd, 0, SEEK_END) / size * size - size;
	char *map = mmap(NULL, size, PROT_READ, flags, fd, at);

	if (map == MAP_FAILED)
		err(1, "%s", file);
	madvise(map, size, MADV_RANDOM);
	close(fd);
	return map;
}

static char *map_file(size_t size)
{
	return map_end("/proc/self/exe", size, MAP_PRIVATE);
}

static char *map_file_shared(size_t size)
{
	return map_end("/proc/self/exe", size, MAP_SHARED);
}

static char *map_disk(size_t size)
{
	if (!disk_file)
		skip("no file on a block device");
	return map_end(disk_file, size, MAP_PRIVATE);
}

static void settle_mlocked(void)
{
	if (mlock(memory, size_of_memory()))
		err(1, "mlock");
}

static void fill(void)
{
	size_t at;

	for (at = 0; at < size_of_memory(); at += kind->step)
		if (kind->read_only)
			(void)*(volatile char *)&memory[at];
		else
			*(volatile char *)&memory[at] = 1;
}

/* Have another process that maps the same pages */
static void settle_shared(void)
{
	pid_t parent = getpid();

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		pause();
	_exit(0);
}

/* Otherwise the TLB could hide that memory is touched. */
static void flush(void)
{
	if (mprotect(memory, size_of_memory(), PROT_READ) ||
	    mprotect(memory, size_of_memory(), PROT_READ | PROT_WRITE))
		err(1, "mprotect");
}

static void *keep_touching(void *unused)
{
	for (;;) {
		flush();
		fill();
		usleep(1000);
	}
	return unused;
}

static void settle_hot(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, keep_touching, NULL))
		errx(1, "no thread");
}

#define SMALL	.page = SMALL_PAGE, .nr = MANY, .step = SMALL_PAGE
#define HUGE	.page = HUGE_PAGE, .nr = FEW, .step = HUGE_PAGE
#define FLAG(f)	(1ULL << KPF_##f)

static const struct kind kinds[] = {
	{ "small", SMALL, .map = map_small, .flags = FLAG(ANON) | FLAG(LRU) },
	{ "hot", SMALL, .map = map_small, .settle = settle_hot, .flags = FLAG(ANON) | FLAG(LRU) },
	{ "thp", HUGE, .map = map_thp, .flags = FLAG(THP) | FLAG(LRU) },
	{ "not-yet-thp", .page = HUGE_PAGE, .nr = FEW, .step = SMALL_PAGE,
	  .map = map_not_yet_thp, .flags = FLAG(ANON) | FLAG(LRU) },
	{ "shmem", SMALL, .map = map_shmem, .flags = FLAG(SWAPBACKED) | FLAG(LRU) },
	{ "file", SMALL, .map = map_file, .read_only = true, .flags = FLAG(LRU) },
	{ "file-shared", SMALL, .map = map_file_shared, .read_only = true,
	  .flags = FLAG(LRU) },
	{ "disk", SMALL, .map = map_disk, .read_only = true, .flags = FLAG(LRU) },
	{ "mlocked", SMALL, .map = map_small, .settle = settle_mlocked,
	  .flags = FLAG(UNEVICTABLE) },
	{ "shared", SMALL, .map = map_small, .settle = settle_shared,
	  .flags = FLAG(ANON) | FLAG(LRU) },
	{ "hugetlb", HUGE, .map = map_hugetlb, .flags = FLAG(HUGE) },
};

static const struct kind *find_kind(const char *name)
{
	const struct kind *k = kinds;

	for (; k < kinds + sizeof(kinds) / sizeof(*kinds); k++)
		if (!strcmp(k->name, name))
			return k;
	errx(1, "no kind '%s'", name);
}

/* New pages wait in a batch of a CPU.  Unmapping drains that of this one. */
static void stay_on_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Another node is where pages are migrated to. */
static void prefer_node0(void)
{
	unsigned long nodes = 1;

	syscall(SYS_set_mempolicy, MPOL_PREFERRED, &nodes, 8 * sizeof(nodes));
}

static void drain(void)
{
	munmap(map_flags(SMALL_PAGE, MAP_PRIVATE | MAP_POPULATE), SMALL_PAGE);
}

static char *page_at(unsigned int i)
{
	return memory + i * kind->page;
}

static bool has_flags(unsigned int i, unsigned long long flags)
{
	unsigned long pfn = frame(page_at(i));

	return pfn && !(~read_entry("/proc/kpageflags", pfn) & flags);
}

static void check_kind(void)
{
	unsigned int i;

	for (i = 0; i < kind->nr; i++)
		if (!has_flags(i, kind->flags))
			skip("page %u is not of that kind", i);
}

static bool is_present(unsigned int i)
{
	return entry_of(page_at(i)) & PAGEMAP_PRESENT;
}

static bool is_resident(unsigned int i)
{
	unsigned char in_memory;

	if (mincore(page_at(i), SMALL_PAGE, &in_memory))
		err(1, "mincore");
	return in_memory & 1;
}

static bool is_active(unsigned int i)
{
	return has_flags(i, FLAG(ACTIVE));
}

static bool is_in_node1(unsigned int i)
{
	void *page = page_at(i);
	int node = -1;

	syscall(SYS_move_pages, 0, 1, &page, NULL, &node, 0);
	return node == 1;
}

static unsigned int count(bool (*is_so)(unsigned int i))
{
	unsigned int i, nr = 0;

	for (i = 0; i < kind->nr; i++)
		nr += is_so(i);
	return nr;
}

/**
 * struct smaps - what /proc/self/smaps says of the memory
 * @referenced:	KiB
 * @huge:	KiB
 * @hg:		KiB of mappings with that flag
 * @nh:		KiB of mappings with that flag
 */
struct smaps {
	unsigned long referenced;
	unsigned long huge;
	unsigned long hg;
	unsigned long nh;
};

static void read_line(struct smaps *smaps, const char *line, unsigned long size)
{
	unsigned long value;

	if (sscanf(line, "Referenced: %lu", &value) == 1)
		smaps->referenced += value;
	if (sscanf(line, "AnonHugePages: %lu", &value) == 1)
		smaps->huge += value;
	if (strncmp(line, "VmFlags:", 8))
		return;
	smaps->hg += strstr(line, " hg") ? size : 0;
	smaps->nh += strstr(line, " nh") ? size : 0;
}

/* Advice may have split the mapping: add up its parts. */
static struct smaps read_smaps(void)
{
	unsigned long start = (unsigned long)memory, end = start + size_of_memory();
	unsigned long from = 0, to = 0, a, b;
	struct smaps smaps = {};
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512];

	while (fgets(line, sizeof(line), file)) {
		/* "AnonHugePages" begins like an address, too. */
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
			from = a;
			to = b;
		} else if (from >= start && to <= end) {
			read_line(&smaps, line, (to - from) / 1024);
		}
	}
	fclose(file);
	return smaps;
}

static unsigned int pages(unsigned long kib)
{
	return kib * 1024 / kind->page;
}

static unsigned int page_out(void)
{
	int tries;

	for (tries = 0; tries < 1000 && count(is_resident); tries++) {
		madvise(memory, size_of_memory(), MADV_PAGEOUT);
		usleep(10000);
	}
	return kind->nr - count(is_resident);
}

static void print_addresses(bool physical)
{
	unsigned int i;

	for (i = 0; i < kind->nr; i++)
		if (!physical)
			printf("%zu ", (size_t)page_at(i));
		else if (is_present(i))
			printf("%zu ", frame(page_at(i)) * SMALL_PAGE);
	putchar('\n');
}

static void answer(const char *command)
{
	struct smaps smaps = read_smaps();
	const struct {
		const char *command;
		unsigned int answer;
	} answers[] = {
		{ "size", kind->page },
		{ "present", count(is_present) },
		{ "resident", count(is_resident) },
		{ "active", count(is_active) },
		{ "node1", count(is_in_node1) },
		{ "referenced", pages(smaps.referenced) },
		{ "huge", pages(smaps.huge) },
		{ "hg", pages(smaps.hg) },
		{ "nh", pages(smaps.nh) },
	};
	unsigned int i;

	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (!strcmp(command, answers[i].command)) {
			printf("%u\n", answers[i].answer);
			return;
		}
	printf("unknown command '%s'\n", command);
}

int main(int argc, char **argv)
{
	char line[32];

	setvbuf(stdout, NULL, _IOLBF, 0);
	kind = find_kind(argc > 1 ? argv[1] : "");
	disk_file = argc > 2 ? argv[2] : NULL;
	stay_on_cpu();
	prefer_node0();
	memory = kind->map(size_of_memory());
	fill();
	if (kind->settle)
		kind->settle();
	drain();
	check_kind();
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "virtual") || !strcmp(line, "physical"))
			print_addresses(*line == 'p');
		else if (!strcmp(line, "out"))
			printf("%u\n", page_out());
		else
			answer(line);
	}
	return 0;
}
