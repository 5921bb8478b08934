// SPDX-License-Identifier: GPL-2.0
/*
 * torture: random schemes on processes that verify all of their memory.
 *
 * 16 processes write patterns and verify them.  Meanwhile one or two kdamonds run with random
 * settings, for a moment each: schemes are committed and updated, processes end, allocations fail.
 * No scheme may change what a process reads.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "settings.h"
#include "sysfs.h"
#include "watched.h"

#define NR_KDAMONDS	2
/* Runs after which everything should have happened once */
#define MANY_RUNS	300
/* Bytes after which an action that was tried should have worked somewhere */
#define MANY_BYTES	(1024 * 1024 * 1024UL)

/**
 * struct slot - a process
 * @pid:	its id, 0 after its end
 * @killed:	SIGKILL was sent
 * @asked:	it was asked to leave
 */
struct slot {
	pid_t pid;
	bool killed;
	bool asked;
};

/**
 * struct done - what schemes with an action have done
 * @tried:	bytes
 * @applied:	bytes
 */
struct done {
	unsigned long tried;
	unsigned long applied;
};

static struct {
	unsigned long seed;
	unsigned long runs;
	unsigned long first;
	const char *folder;
	const char *cgroup;
	bool lose_byte;
	bool verbose;
} options = { .runs = 100, .folder = "/tmp" };

static struct watched *shared;
static struct slot slots[NR_WATCHED];
static struct machine machine;
static struct done done[NR_OPERATIONS][NR_ACTIONS];
static bool can_fail;
static unsigned long nr_on, nr_commits, nr_ended;
/* Huge pages that were mapped before the test; -1: this kernel has none */
static long nr_huge;

/* Of this run */
static struct random rnd;
static struct settings settings[NR_KDAMONDS];
static bool on[NR_KDAMONDS];
/* Something may be refused, or may have ended with a process. */
static bool loose;
static bool failed;

#define fail(...)	(fprintf(stderr, __VA_ARGS__), failed = true)

static unsigned long verified(void)
{
	unsigned long bytes = 0;

	for (unsigned int i = 0; i < NR_WATCHED; i++)
		bytes += shared[i].verified;
	return bytes;
}

/* Processes */

static void start(unsigned int i)
{
	static unsigned long nr_started;

	slots[i] = (struct slot){
		.pid = watched_start(&shared[i], i, mix(options.seed ^ mix(++nr_started)),
				     options.folder, options.cgroup),
	};
	machine.pids[i] = slots[i].pid;
}

/* Check how a process has ended */
static void check_end(unsigned int i, int status)
{
	const struct slot *slot = &slots[i];

	nr_ended++;
	if (WIFSIGNALED(status) && !(slot->killed && WTERMSIG(status) == SIGKILL))
		fail("process %u (%d): %s\n", i, slot->pid, strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && (WEXITSTATUS(status) || !slot->asked))
		fail("process %u (%d): ended with status %d\n", i, slot->pid, WEXITSTATUS(status));
}

/* Start processes for those that have ended */
static void revive(void)
{
	int status;

	for (unsigned int i = 0; i < NR_WATCHED; i++) {
		if (!slots[i].pid || waitpid(slots[i].pid, &status, WNOHANG) != slots[i].pid)
			continue;
		check_end(i, status);
		slots[i].pid = 0;
		if (!failed)
			start(i);
	}
}

static bool some_leave(void)
{
	for (unsigned int i = 0; i < NR_WATCHED; i++)
		if (slots[i].killed || slots[i].asked)
			return true;
	return false;
}

static void ask(unsigned int i, enum wish wish)
{
	shared[i].wish = wish;
	slots[i].asked = true;
}

static void kill_process(unsigned int i)
{
	if (slots[i].pid)
		kill(slots[i].pid, SIGKILL);
	slots[i].killed = true;
}

/* At the end each process verifies everything a last time. */
static void end_all(void)
{
	int status;

	for (unsigned int i = 0; i < NR_WATCHED; i++) {
		if (failed)
			kill_process(i);
		ask(i, LEAVE);
	}
	for (unsigned int i = 0; i < NR_WATCHED; i++)
		if (slots[i].pid && waitpid(slots[i].pid, &status, 0) == slots[i].pid)
			check_end(i, status);
}

/* kdamonds */

/* Say if a write has failed that should have worked */
static int judge(const char *path, const char *value, int error)
{
	bool ended = error == EINVAL || error == ESRCH || error == EPERM || error == ECANCELED;

	if (error && !(error == ENOMEM && faults_are_on()) && !(ended && loose))
		fail("write to %s: '%s': %s\n", path, value, strerror(error));
	return error;
}

static int put_state(unsigned int k, const char *word)
{
	char path[16];

	snprintf(path, sizeof(path), "%u/state", k);
	return judge(path, word, put(path, word));
}

/* "on", "commit" and "off" should work at least without failing allocations. */
static int put_state_again(unsigned int k, const char *word)
{
	char path[16];
	int error;

	snprintf(path, sizeof(path), "%u/state", k);
	error = put(path, word);
	if (error == ENOMEM && faults_are_on())
		error = put_again(path, word);
	return judge(path, word, error);
}

static bool use_settings(unsigned int k, const char *word)
{
	loose |= settings[k].odd;
	if (!settings[k].err)
		return !put_state_again(k, word);
	judge(settings[k].path, "a setting", settings[k].err);
	return false;
}

static void turn_on(unsigned int k)
{
	char path[16];

	settings[k].kdamond = k;
	settings_write(&settings[k], &machine, &rnd, true);
	on[k] = use_settings(k, "on");
	nr_on += on[k];
	snprintf(path, sizeof(path), "%u/pid", k);
	if (on[k] && faults_are_on())
		faults_for(get_number(path));
}

static void count_done(unsigned int k, unsigned int scheme)
{
	struct done *d = &done[settings[k].operation][settings[k].action[scheme]];
	char path[64];
	long bytes;

	snprintf(path, sizeof(path), "%u/contexts/0/schemes/%u/stats/sz_tried", k, scheme);
	bytes = get_number(path);
	d->tried += bytes > 0 ? bytes : 0;
	snprintf(path, sizeof(path), "%u/contexts/0/schemes/%u/stats/sz_applied", k, scheme);
	bytes = get_number(path);
	d->applied += bytes > 0 ? bytes : 0;
}

static void turn_off(unsigned int k)
{
	if (!on[k])
		return;
	if (!put_state(k, "update_schemes_stats"))
		for (unsigned int i = 0; i < settings[k].nr_schemes; i++)
			count_done(k, i);
	put_state_again(k, "off");
	on[k] = false;
}

/* What happens while kdamonds run */

static void commit(unsigned int k)
{
	settings_write(&settings[k], &machine, &rnd, false);
	nr_commits += use_settings(k, "commit");
}

static void commit_again(unsigned int k)
{
	use_settings(k, "commit");
}

static void update(unsigned int k)
{
	static const char * const words[] = {
		"update_schemes_stats", "update_schemes_tried_regions",
		"update_schemes_tried_bytes", "clear_schemes_tried_regions",
		"update_schemes_effective_quotas", "commit_schemes_quota_goals",
	};

	put_state(k, PICK(&rnd, words));
}

static void off_and_on(unsigned int k)
{
	turn_off(k);
	turn_on(k);
}

static void kill_one(unsigned int k)
{
	(void)k;
	kill_process(below(&rnd, NR_WATCHED));
	loose = true;
}

static void ask_one(unsigned int k)
{
	(void)k;
	ask(below(&rnd, NR_WATCHED), LEAVE);
	loose = true;
}

static void revive_all(unsigned int k)
{
	(void)k;
	revive();
}

static void (* const events[])(unsigned int k) = {
	commit, commit, commit_again, update, update, update, off_and_on, kill_one, ask_one,
	revive_all,
};

static void run(unsigned long nr)
{
	unsigned int nr_kdamonds, nr_events, percent;

	rnd.state = mix(options.seed ^ mix(nr));
	nr_kdamonds = between(&rnd, 1, NR_KDAMONDS);
	nr_events = below(&rnd, 5);
	percent = one_in(&rnd, 4) ? between(&rnd, 1, 30) : 0;
	loose = some_leave();
	if (percent && can_fail)
		faults_on(percent);
	for (unsigned int k = 0; k < nr_kdamonds; k++)
		turn_on(k);
	usleep(between(&rnd, 1000, 30000));
	while (nr_events-- && !failed) {
		unsigned int k = below(&rnd, nr_kdamonds), event = below(&rnd, COUNT(events));

		if (on[k])
			events[event](k);
		usleep(below(&rnd, 10000));
	}
	for (unsigned int k = 0; k < nr_kdamonds; k++)
		turn_off(k);
	faults_off();
	revive();
}

/* All runs.  Returns how many there were. */
static unsigned long run_all(void)
{
	unsigned long nr = options.first, end = nr + options.runs;
	char *log = NULL;
	size_t size = 0;

	while (nr < end && !failed) {
		sysfs_log = options.verbose ? stdout : open_memstream(&log, &size);
		if (!sysfs_log)
			err(2, "open_memstream");
		for (unsigned int i = 0; options.lose_byte && i < NR_WATCHED; i++)
			ask(i, LOSE_BYTE);
		run(nr++);
		if (!options.verbose)
			fclose(sysfs_log);
		if (failed)
			fprintf(stderr, "in or before run %lu of seed %lu:\n%s",
				nr - 1, options.seed, log ? log : "");
		free(log);
		log = NULL;
		if (nr % 1000 == 0 && nr < end)
			printf("%lu runs, %lu MiB verified\n", nr - options.first,
			       verified() >> 20);
	}
	return nr - options.first;
}

/* The beginning and the end */

/* A number from a file of names and numbers; -1 if it is not there */
static long get_count(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	long count, found = -1;
	char word[64];

	while (f && fscanf(f, "%63s %ld", word, &count) == 2)
		if (!strcmp(word, name))
			found = count;
	if (f)
		fclose(f);
	return found;
}

static long cgroup_count(const char *file, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", options.cgroup, file);
	return get_count(path, name);
}

static long count_huge(void)
{
	return get_count("/proc/vmstat", "thp_fault_alloc");
}

/* Whether an action can work on this machine; "stat" never does anything. */
static bool can_work(const char *action)
{
	if (!strncmp(action, "migrate", 7))
		return machine.nr_nodes > 1;
	if (strstr(action, "hugepage"))
		return nr_huge >= 0;
	return strcmp(action, "stat");
}

/* Check that many runs have tested what they should */
static void check_runs(void)
{
	if (nr_huge >= 0 && count_huge() == nr_huge)
		fail("no huge page was mapped\n");
	for (unsigned int o = 0; o < NR_OPERATIONS; o++)
		for (unsigned int a = 0; a < NR_ACTIONS; a++) {
			const struct done *d = &done[o][a];

			if (d->tried >= MANY_BYTES && !d->applied && can_work(actions[a]))
				fail("%s %s has worked nowhere\n", operations[o], actions[a]);
		}
}

/* Returns on how many bytes an action has worked */
static unsigned long report(void)
{
	unsigned long applied = 0;

	for (unsigned int o = 0; o < NR_OPERATIONS; o++)
		for (unsigned int a = 0; a < NR_ACTIONS; a++) {
			const struct done *d = &done[o][a];

			applied += d->applied;
			if (d->tried)
				printf("%-6s %-12s %8lu of %lu MiB\n", operations[o], actions[a],
				       d->applied >> 20, d->tried >> 20);
		}
	printf("%lu times on, %lu commits, %lu processes ended%s\n", nr_on,
	       nr_commits, nr_ended, can_fail ? ", allocations failed" : "");
	if (options.cgroup)
		printf("memory.max reached %ld times, swap full %ld times\n",
		       cgroup_count("memory.events", "max"),
		       cgroup_count("memory.swap.events", "fail"));
	return applied;
}

static unsigned int count_nodes(void)
{
	char path[64];
	unsigned int nr = 0;

	do
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u", nr++);
	while (!access(path, F_OK));
	return nr > 1 ? nr - 1 : 1;
}

static void begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %lu\n", options.seed);
	machine.nr_nodes = count_nodes();
	machine.cgroup = options.cgroup ? strrchr(options.cgroup, '/') : NULL;
	shared = mmap(NULL, NR_WATCHED * sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(2, "mmap");
	/* To read a page of its own in again could fail, too, while allocations of a write fail. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(2, "mlockall");
	if (!sysfs_idle && get_number("nr_kdamonds"))
		errx(2, "no DAMON, not root, or in use");
	if (put("nr_kdamonds", "2"))
		errx(2, "can't set DAMON up");
	can_fail = !sysfs_idle && faults_begin();
	nr_huge = count_huge();
	for (unsigned int i = 0; i < NR_WATCHED; i++)
		start(i);
}

static const struct parameter {
	const char *name;
	const char *help;
	bool *flag;
	unsigned long *number;
	const char **text;
} parameters[] = {
	{ "--runs", "how many (100)", .number = &options.runs },
	{ "--seed", "decides what they are (random)", .number = &options.seed },
	{ "--first", "begin with that run of the seed (0)", .number = &options.first },
	{ "--folder", "where processes make files (/tmp)", .text = &options.folder },
	{ "--cgroup", "of the processes, right below cgroup2's root", .text = &options.cgroup },
	{ "--verbose", "print all that is written to sysfs", .flag = &options.verbose },
	{ "--idle", "write nothing there: only the processes run", .flag = &sysfs_idle },
	{ "--lose-byte", "processes change bytes, to find them", .flag = &options.lose_byte },
};

static void show_help(void)
{
	for (unsigned int i = 0; i < COUNT(parameters); i++)
		fprintf(stderr, "%-12s %s\n", parameters[i].name, parameters[i].help);
	exit(2);
}

static const struct parameter *find_parameter(const char *name)
{
	for (unsigned int i = 0; i < COUNT(parameters); i++)
		if (!strcmp(parameters[i].name, name))
			return &parameters[i];
	show_help();
	return NULL;
}

static void parse(int argc, char **argv)
{
	if (getrandom(&options.seed, 4, 0) != 4)
		err(2, "getrandom");
	for (int i = 1; i < argc; i++) {
		const struct parameter *p = find_parameter(argv[i]);
		char *end = "";

		if (p->flag) {
			*p->flag = true;
			continue;
		}
		if (++i == argc)
			show_help();
		if (p->text)
			*p->text = argv[i];
		else
			*p->number = strtoul(argv[i], &end, 0);
		if (*end || !*argv[i])
			show_help();
	}
}

int main(int argc, char **argv)
{
	unsigned long applied;
	unsigned long runs;

	parse(argc, argv);
	begin();
	runs = run_all();
	end_all();
	sysfs_log = NULL;
	put("nr_kdamonds", "0");
	if (can_fail)
		faults_end();
	applied = report();
	if (!sysfs_idle && !failed && !applied && runs >= 100)
		fail("no scheme has done anything\n");
	if (!failed && runs >= MANY_RUNS)
		check_runs();
	printf("%lu runs, seed %lu, %lu bytes verified\n", runs,
	       options.seed, verified());
	return failed;
}
