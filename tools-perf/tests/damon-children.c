// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of which processes become targets, and of records of targets that come and go.
 */
#include "tests.h"
#include "debug.h"
#include "util/damon/record/children.h"
#include "util/damon/model/history.h"
#include "util/damon/model/snapshot.h"
#include "util/damon/model/tree.h"
#include "util/intlist.h"

#include <stdio.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/time64.h>
#include <linux/zalloc.h>

#define MS	NSEC_PER_MSEC

/* Processes have as many milliseconds of CPU time as their number says, unless it is doubled. */
static pid_t doubled;

static u64 cpu_ns(pid_t pid)
{
	return pid * MS * (pid == doubled ? 2 : 1);
}

/* Processes with odd numbers have ended. */
static u64 start(pid_t pid)
{
	return pid % 2 ? 0 : 1;
}

static bool are_targets(const struct damon_children *children, const char *expected)
{
	char text[256] = "";
	size_t i, len = 0;

	for (i = 0; i < children->nr; i++)
		len += scnprintf(text + len, sizeof(text) - len, "%s%d", i ? "," : "",
				 children->target[i]);
	if (!strcmp(text, expected))
		return true;
	pr_debug("targets are %s, not %s\n", text, expected);
	return false;
}

/* Choose, and let the kernel have what was chosen. */
static bool choose(struct damon_children *children, struct damon_settings *now_are, u64 oldest,
		   const char *expected)
{
	size_t i;

	if (damon_children__choose(children, now_are, oldest, cpu_ns) ||
	    !are_targets(children, expected))
		return false;
	damon_settings__clear_pids(now_are);
	for (i = 0; i < children->nr; i++) {
		if (damon_settings__append_pid(now_are, children->target[i]))
			return false;
	}
	return !damon_children__differ(children, now_are);
}

static int test__damon_children(struct test_suite *test __maybe_unused,
				int subtest __maybe_unused)
{
	struct damon_settings now_are;
	struct damon_children children;

	damon_settings__init(&now_are);
	TEST_ASSERT_VAL("init", !damon_children__init(&children, 64) &&
			!damon_children__give(&children, 10, 0, true) &&
			!damon_children__give(&children, 11, 0, true));
	TEST_ASSERT_VAL("given", choose(&children, &now_are, 0, "10,11"));
	TEST_ASSERT_VAL("forks", !damon_children__fork(&children, 10, 20, 5) &&
			!damon_children__fork(&children, 20, 21, 6) &&
			!damon_children__fork(&children, 99, 22, 6));
	TEST_ASSERT_EQUAL("when they are old enough",
			  (int)damon_children__next(&children, 3, 99), 8);
	TEST_ASSERT_VAL("too young", choose(&children, &now_are, 4, "10,11"));
	TEST_ASSERT_VAL("child and grandchild", choose(&children, &now_are, 6, "10,11,20,21"));
	TEST_ASSERT_VAL("nothing to wait for", damon_children__next(&children, 3, 99) == -1ULL);

	/* Others keep their target_id, and that of 20 is not given away at once. */
	damon_children__end(&children, 20);
	TEST_ASSERT_VAL("fork", !damon_children__fork(&children, 11, 23, 7));
	TEST_ASSERT_VAL("end", choose(&children, &now_are, 7, "10,11,0,21,23"));
	TEST_ASSERT_VAL("fork", !damon_children__fork(&children, 21, 24, 8));
	TEST_ASSERT_VAL("reused", choose(&children, &now_are, 8, "10,11,24,21,23"));
	damon_children__end(&children, 21);
	damon_children__end(&children, 23);
	TEST_ASSERT_VAL("fewer", choose(&children, &now_are, 9, "10,11,24"));
	damon_children__end(&children, 10);
	TEST_ASSERT_VAL("given one", choose(&children, &now_are, 9, "0,11,24"));

	/* Its pidfd may tell of its end before perf tells what it has forked. */
	damon_children__retire(&children, 11);
	TEST_ASSERT_VAL("retired", choose(&children, &now_are, 9, "0,0,24"));
	TEST_ASSERT_VAL("short one", !damon_children__fork(&children, 11, 25, 9));
	damon_children__end(&children, 25);
	damon_children__end(&children, 25);
	TEST_ASSERT_VAL("unseen end", !damon_children__fork(&children, 11, 26, 9) &&
			!damon_children__fork(&children, 11, 26, 10));
	TEST_ASSERT_VAL("some are left", damon_children__sweep(&children, start));
	TEST_ASSERT_VAL("swept", are_targets(&children, "0,0,24"));
	damon_children__end(&children, 24);
	damon_children__end(&children, 26);
	TEST_ASSERT_VAL("none are left", !damon_children__sweep(&children, start));
	damon_children__exit(&children);
	TEST_ASSERT_EQUAL("monitored", (int)children.nr_monitored, 6);
	TEST_ASSERT_EQUAL("too short", (int)children.nr_short, 3);
	TEST_ASSERT_EQUAL("left out", (int)children.nr_left_out, 0);
	damon_settings__exit(&now_are);
	return TEST_OK;
}

/* More children than may be monitored: those with the most CPU time are. */
static int test__damon_many_children(struct test_suite *test __maybe_unused,
				     int subtest __maybe_unused)
{
	struct damon_settings now_are;
	struct damon_children children;
	pid_t pid;

	damon_settings__init(&now_are);
	TEST_ASSERT_VAL("init", !damon_children__init(&children, 3) &&
			!damon_children__give(&children, 1, 0, true));
	for (pid = 2; pid < 9; pid++)
		TEST_ASSERT_VAL("fork", !damon_children__fork(&children, 1, pid, pid));
	TEST_ASSERT_VAL("most CPU time", choose(&children, &now_are, 99, "1,8,7,6"));
	TEST_ASSERT_EQUAL("others wait", (int)damon_children__next(&children, 1, 99), 99);
	/* 9 has more than 6, but not twice as much. */
	TEST_ASSERT_VAL("fork", !damon_children__fork(&children, 1, 9, 9));
	TEST_ASSERT_VAL("not back and forth", choose(&children, &now_are, 99, "1,8,7,6"));
	/* It gets the place of 6, after that was nobody's. */
	doubled = 9;
	TEST_ASSERT_VAL("given up", choose(&children, &now_are, 99, "1,8,7"));
	TEST_ASSERT_VAL("instead", choose(&children, &now_are, 99, "1,8,7,9"));
	damon_children__end(&children, 8);
	TEST_ASSERT_VAL("end", choose(&children, &now_are, 99, "1,0,7,9"));
	TEST_ASSERT_VAL("place for another", choose(&children, &now_are, 99, "1,6,7,9"));
	for (pid = 1; pid < 9; pid++)
		damon_children__end(&children, pid);
	damon_children__exit(&children);
	TEST_ASSERT_EQUAL("monitored", (int)children.nr_monitored, 5);
	TEST_ASSERT_EQUAL("left out", (int)children.nr_left_out, 4);
	TEST_ASSERT_EQUAL("too short", (int)children.nr_short, 0);
	damon_settings__exit(&now_are);
	return TEST_OK;
}

static int count_snapshot(void *data, struct damon_snapshot *snapshot)
{
	pid_t **next = data;

	*(*next)++ = snapshot->pid;
	return 0;
}

/* A target that is none between two processes: what a kdamond emits then is of neither. */
static int test__damon_targets_of_none(struct test_suite *test __maybe_unused,
				       int subtest __maybe_unused)
{
	static const char * const notes[] = {
		"damon:settings @1000 kdamond 9: --ops vaddr --max-children 64 -p 5,6",
		"damon:settings @2000 kdamond 9: --ops vaddr --max-children 64 -p 5,0",
		"damon:settings @3000 kdamond 9: --ops vaddr --max-children 64 -p 5,7",
		"damon:settings @4000 kdamond 9: --ops vaddr --max-children 64 -p 5",
	};
	static const pid_t expected[] = { 5, 6, 5, 5, 7, 5, 0 };
	struct damon_history history = {};
	struct damon_assembler assembler;
	pid_t pids[16], *next = pids;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++)
		TEST_ASSERT_VAL(notes[i], !damon_history__read(&history, notes[i]));
	TEST_ASSERT_EQUAL("limit", (int)damon_history__find(&history, 9, 1)->max_children, 64);
	TEST_ASSERT_VAL("init", !damon_assembler__init(&assembler, count_snapshot, &next,
						       &history));
	for (i = 0; i < 8; i++) {
		const struct damon_event event = {
			.kdamond = 9, .target_id = i % 2, .time = 1500 + i / 2 * 1000,
			.nr_regions = 1, .region = { .start = 4096, .end = 8192 },
		};

		TEST_ASSERT_VAL("event", !damon_assembler__add(&assembler, &event));
	}
	damon_assembler__exit(&assembler);
	damon_history__exit(&history);
	TEST_ASSERT_EQUAL("snapshots", (int)(next - pids), (int)ARRAY_SIZE(expected));
	TEST_ASSERT_VAL("processes", !memcmp(pids, expected, sizeof(expected)));
	return TEST_OK;
}

static bool add_member(struct intlist *tree, pid_t pid, pid_t parent)
{
	struct int_node *node = intlist__findnew(tree, pid);
	struct damon_tree_member *member = zalloc(sizeof(*member));

	if (!node || !member)
		return false;
	member->pid = pid;
	member->parent = parent;
	INIT_LIST_HEAD(&member->children);
	INIT_LIST_HEAD(&member->siblings);
	INIT_LIST_HEAD(&member->order);
	node->priv = member;
	return true;
}

/* Each behind its parent. The number of 8 was used again, by a child of its child. */
static int test__damon_tree(struct test_suite *test __maybe_unused, int subtest __maybe_unused)
{
	static const pid_t members[][2] = {
		{ 1, 0 }, { 2, 1 }, { 3, 5 }, { 5, 1 }, { 6, 77 }, { 8, 9 }, { 9, 8 }, { 10, 3 },
	};
	struct intlist *tree = intlist__new(NULL);
	struct damon_tree_member *member;
	struct list_head order;
	char text[128] = "";
	int len = 0;
	size_t i;

	TEST_ASSERT_VAL("tree", tree);
	for (i = 0; i < ARRAY_SIZE(members); i++)
		TEST_ASSERT_VAL("member", add_member(tree, members[i][0], members[i][1]));
	damon_tree__sort(tree, &order);
	list_for_each_entry(member, &order, order)
		len += scnprintf(text + len, sizeof(text) - len, " %u:%d", member->depth,
				 member->pid);
	TEST_ASSERT_VAL(text, !strcmp(text, " 0:1 1:2 1:5 2:3 3:10 0:6 0:8 1:9"));
	damon_tree__exit(&tree);
	return TEST_OK;
}

/* Neither hours nor a big stack, whatever is in a file */
static int test__damon_deep_tree(struct test_suite *test __maybe_unused,
				 int subtest __maybe_unused)
{
	struct intlist *tree = intlist__new(NULL);
	struct damon_tree_member *member;
	struct list_head order;
	pid_t pid, most = 200000;

	TEST_ASSERT_VAL("tree", tree);
	for (pid = 1; pid <= most; pid++)
		TEST_ASSERT_VAL("member", add_member(tree, pid, pid + 1));
	damon_tree__sort(tree, &order);
	member = list_last_entry(&order, struct damon_tree_member, order);
	TEST_ASSERT_EQUAL("last", member->pid, 1);
	TEST_ASSERT_EQUAL("depth", (int)member->depth, most - 1);
	damon_tree__exit(&tree);
	return TEST_OK;
}

static struct test_case tests__damon_children[] = {
	TEST_CASE("DAMON: children that are forked and end", damon_children),
	TEST_CASE("DAMON: more children than may be monitored", damon_many_children),
	TEST_CASE("DAMON: targets that are none", damon_targets_of_none),
	TEST_CASE("DAMON: tree of processes", damon_tree),
	TEST_CASE("DAMON: deep tree of processes", damon_deep_tree),
	{}
};

struct test_suite suite__damon_children = {
	.desc = "DAMON children",
	.test_cases = tests__damon_children,
};
