// SPDX-License-Identifier: GPL-2.0
/*
 * A process that is watched: it has anonymous, shmem and file memory, writes patterns there,
 * drops pages, forks, and verifies each byte again and again.  What a page holds depends on the
 * process, the address, and how often the page was written, so a page that is lost, old, or in
 * another's place is found.  Every second process asks for huge pages.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "watched.h"

#define MIB		(1024 * 1024UL)
#define PAGE_WORDS	(PAGE / sizeof(unsigned long))
#define HUGE_PAGES	(2 * MIB / PAGE)
/* Words of a page differ by this. */
#define STEP		0x9e3779b97f4a7c15UL

enum { ANON, SHMEM, FILE_AREA };

/* The first one holds whole huge pages. */
const struct place places[NR_AREAS] = {
	[ANON]		= { 0x200000000000, 4 * MIB },
	[SHMEM]		= { 0x200040000000, 1 * MIB },
	[FILE_AREA]	= { 0x200080000000, 2 * MIB },
};

static const char * const names[NR_AREAS] = { "anonymous", "shmem", "file" };

/**
 * struct area - memory of one kind
 * @kind:	index of places
 * @fd:		what is mapped, or -1
 * @nr_pages:	its size
 * @generation:	of each page, how often it was written; 0: it holds zeroes
 */
struct area {
	unsigned int kind;
	int fd;
	size_t nr_pages;
	unsigned int *generation;
};

static struct area areas[NR_AREAS];
static struct watched *shared;
static struct random rnd;
static unsigned int number;
static unsigned long key;

static unsigned long *page_at(const struct area *a, size_t page)
{
	return (unsigned long *)(places[a->kind].start + page * PAGE);
}

/* What a page has as its first word, if it was written */
static unsigned long first_word(const struct area *a, size_t page)
{
	unsigned long addr = (unsigned long)page_at(a, page), generation = a->generation[page];

	return mix(key ^ mix(addr) ^ generation << 48);
}

static unsigned long word_of(const struct area *a, size_t page, size_t i)
{
	return a->generation[page] ? first_word(a, page) + i * STEP : 0;
}

static void write_page(struct area *a, size_t page)
{
	unsigned long *words = page_at(a, page);
	unsigned long word;

	/* 16 bits of it count, and 0 is for pages that were not written. */
	a->generation[page] = a->generation[page] % 0xffff + 1;
	word = first_word(a, page);
	for (size_t i = 0; i < PAGE_WORDS; i++, word += STEP)
		words[i] = word;
}

/* Tell of the first wrong byte, and how many there are */
static void complain(const struct area *a, size_t page)
{
	const unsigned char *got = (unsigned char *)page_at(a, page);
	size_t first = PAGE, wrong = 0;
	unsigned char want[PAGE];

	for (size_t i = 0; i < PAGE_WORDS; i++) {
		unsigned long word = word_of(a, page, i);

		memcpy(want + i * sizeof(word), &word, sizeof(word));
	}
	for (size_t i = PAGE; i--;)
		if (got[i] != want[i]) {
			first = i;
			wrong++;
		}
	if (!wrong)
		dprintf(2, "process %u (%d): a page of %s memory at %p changes while it is read\n",
			number, getpid(), names[a->kind], got);
	else
		dprintf(2, "process %u (%d): %s memory at %p: expected 0x%02x, got 0x%02x; "
			"%zu bytes of that page are wrong, written %u times\n", number, getpid(),
			names[a->kind], got + first, want[first], got[first], wrong,
			a->generation[page]);
	_exit(1);
}

static void verify_page(const struct area *a, size_t page)
{
	const unsigned long *words = page_at(a, page);
	unsigned long step = a->generation[page] ? STEP : 0, word = word_of(a, page, 0), wrong = 0;

	for (size_t i = 0; i < PAGE_WORDS; i++, word += step)
		wrong |= words[i] ^ word;
	if (wrong)
		complain(a, page);
}

static void verify(void)
{
	for (struct area *a = areas; a < areas + NR_AREAS; a++) {
		for (size_t page = 0; page < a->nr_pages; page++)
			verify_page(a, page);
		shared->verified += a->nr_pages * PAGE;
	}
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	dprintf(2, "process %u (%d): %s: %s\n", number, getpid(), what, strerror(errno));
	_exit(1);
}

static void map(const struct area *a, size_t page, size_t nr)
{
	void *at = page_at(a, page);
	int flags = a->fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;

	check(mmap(at, nr * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, a->fd,
		   a->fd < 0 ? 0 : page * PAGE) == at, "mmap");
	if (a->kind == ANON && number % 2)
		madvise(at, nr * PAGE, MADV_HUGEPAGE);
}

static void set_zero(struct area *a, size_t page, size_t nr)
{
	memset(a->generation + page, 0, nr * sizeof(*a->generation));
}

/* So few dirty pages of files that reclaim always finds others: the memory cgroup is full. */
static void sync_file(struct area *a, size_t page, size_t nr)
{
	if (a->kind == FILE_AREA)
		check(!msync(page_at(a, page), nr * PAGE, MS_SYNC), "msync");
}

/* What is done to some pages */

static void write_pages(struct area *a, size_t page, size_t nr)
{
	for (size_t i = page; i < page + nr; i++)
		write_page(a, i);
	sync_file(a, page, nr);
}

static void drop_pages(struct area *a, size_t page, size_t nr)
{
	static const int advice[NR_AREAS] = { MADV_DONTNEED, MADV_REMOVE, MADV_PAGEOUT };

	check(!madvise(page_at(a, page), nr * PAGE, advice[a->kind]), "madvise");
	if (a->kind != FILE_AREA)
		set_zero(a, page, nr);
	else
		posix_fadvise(a->fd, page * PAGE, nr * PAGE, POSIX_FADV_DONTNEED);
}

static void map_again(struct area *a, size_t page, size_t nr)
{
	map(a, page, nr);
	if (a->kind == ANON)
		set_zero(a, page, nr);
}

/* A child shares the memory, and copies on write what it writes. */
static void fork_and_write(struct area *a, size_t page, size_t nr)
{
	pid_t child = fork();
	int status;

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (a->kind == ANON)
			write_pages(a, page, nr < 16 ? nr : 16);
		verify();
		_exit(0);
	}
	if (child < 0)
		return;
	check(waitpid(child, &status, 0) == child, "waitpid");
	if (WIFSIGNALED(status))
		dprintf(2, "process %u (%d): its child: %s\n", number, getpid(),
			strsignal(WTERMSIG(status)));
	if (status)
		_exit(1);
}

static void (* const actions[])(struct area *a, size_t page, size_t nr) = {
	write_pages, write_pages, write_pages, drop_pages, map_again, fork_and_write,
};

static void act(void)
{
	struct area *a = &PICK(&rnd, areas);
	size_t page = below(&rnd, a->nr_pages);
	size_t most = a->nr_pages - page < a->nr_pages / 4 ? a->nr_pages - page : a->nr_pages / 4;
	size_t nr = between(&rnd, 1, most);

	/* When all of a huge page is gone, there can be another one. */
	if (a->kind == ANON && one_in(&rnd, 8)) {
		page -= page % HUGE_PAGES;
		nr = HUGE_PAGES;
	}
	PICK(&rnd, actions)(a, page, nr);
}

static void lose_byte(void)
{
	struct area *a = &PICK(&rnd, areas);
	unsigned char *page = (unsigned char *)page_at(a, below(&rnd, a->nr_pages));

	page[below(&rnd, PAGE)] ^= 0x10;
}

/* Its blocks are allocated now, so that pages can be written to it later. */
static int make_file(const char *folder, size_t nr_pages)
{
	static const char zeroes[PAGE];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%u", folder, number);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(fd >= 0 && !unlink(path), path);
	while (nr_pages--)
		check(write(fd, zeroes, PAGE) == PAGE, "write to a file");
	check(!fsync(fd), "fsync");
	return fd;
}

static void make_area(unsigned int kind, const char *folder)
{
	size_t size = places[kind].size;
	struct area *a = &areas[kind];

	*a = (struct area){ .kind = kind, .fd = -1, .nr_pages = size / PAGE };
	a->generation = calloc(a->nr_pages, sizeof(*a->generation));
	check(a->generation, "calloc");
	if (kind == SHMEM) {
		a->fd = memfd_create("watched", 0);
		check(a->fd >= 0 && !ftruncate(a->fd, size), "memfd");
	} else if (kind == FILE_AREA) {
		a->fd = make_file(folder, a->nr_pages);
	}
	map(a, 0, a->nr_pages);
	write_pages(a, 0, a->nr_pages);
}

static void join_cgroup(const char *cgroup)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY);
	check(fd >= 0 && write(fd, "0", 1) == 1, path);
	close(fd);
}

static void live(const char *folder, const char *cgroup)
{
	if (cgroup)
		join_cgroup(cgroup);
	/* Who writes settings goes first: otherwise that takes most of the time. */
	check(nice(10) != -1, "nice");
	for (unsigned int i = 0; i < NR_AREAS; i++)
		make_area(i, folder);
	for (;;) {
		act();
		if (shared->wish == LOSE_BYTE)
			lose_byte();
		verify();
		if (shared->wish == LEAVE)
			_exit(0);
		/* Otherwise no memory would ever be cold. */
		usleep(below(&rnd, one_in(&rnd, 4) ? 50000 : 5000));
	}
}

/**
 * watched_start - start a process
 * @with:	what it shares with the caller
 * @nr:		its number
 * @seed:	decides what it does, in which order, and what it writes
 * @folder:	where to make its file
 * @cgroup:	folder of the cgroup that it enters, or NULL
 *
 * Return: its process id.  It exits with 0 if the wish was that it leaves, and with another status
 * if it has found a mistake.
 */
pid_t watched_start(struct watched *with, unsigned int nr, unsigned long seed, const char *folder,
		    const char *cgroup)
{
	pid_t parent = getpid(), child;

	with->wish = GO_ON;
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	shared = with;
	number = nr;
	rnd.state = seed;
	key = random_next(&rnd);
	live(folder, cgroup);
	_exit(1);
}
