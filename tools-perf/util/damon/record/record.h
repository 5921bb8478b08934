/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __PERF_DAMON_RECORD_H
#define __PERF_DAMON_RECORD_H

#include "members.h"
#include "pass.h"
#include "../monitor/settings.h"

#include <signal.h>
#include <linux/compiler.h>

/**
 * struct damon_record - options of perf damon record
 * @settings: what to monitor, and how; nothing: what is monitored already
 * @output: name of the perf.data, "-": the standard output
 * @command: command to run and its arguments, or NULL
 * @user: the user it runs as, NULL: the same as we
 * @duration_ns: time limit, 0: none
 * @mmap_pages: size of each CPU's ring buffer in pages, 0: computed from the settings
 * @comp_level: compression level, 0: none
 * @max_size: maximum size of the file in bytes, 0: unlimited
 * @passed: options that are passed on to perf record
 * @members: whose processes are monitored, unless they are in @settings
 * @no_inherit: do not monitor child processes
 * @applied: record what schemes are tried on, too
 * @cmd_record: perf record's main function
 */
struct damon_record {
	struct damon_settings	settings;
	const char		*output;
	const char		**command;
	const char		*user;
	u64			duration_ns;
	unsigned int		mmap_pages;
	unsigned int		comp_level;
	u64			max_size;
	struct damon_passed	passed;
	struct damon_members	members;
	bool			no_inherit;
	bool			applied;
	int			(*cmd_record)(int argc, const char **argv);
};

int damon_record__run(struct damon_record *record);

/**
 * struct damon_recorder - perf record in a child process
 * @record: what it records, and how
 * @pid: the process, 0: none
 * @pidfd: its pidfd, readable when it has ended
 * @control: socket for commands to perf record, and its acknowledgments
 * @nr_commands: number of commands to it
 * @nr_acks: number of its acknowledgments
 * @old: inode number of the file that had the name before, 0: there was none, or an empty one
 */
struct damon_recorder {
	const struct damon_record	*record;
	pid_t				pid;
	int				pidfd;
	int				control;
	unsigned long			nr_commands;
	unsigned long			nr_acks;
	ino_t				old;
};

int damon_recorder__check(const struct damon_record *record);
int damon_recorder__start(struct damon_recorder *recorder, const char *pids, const char *filter,
			  int lock);
int damon_recorder__command(struct damon_recorder *recorder, const char *fmt, ...) __printf(2, 3);
bool damon_recorder__read_acks(struct damon_recorder *recorder);
short damon_recorder__wait(struct damon_recorder *recorder, int signals, short event);
int damon_recorder__stop(struct damon_recorder *recorder, int signals);
void damon_recorder__discard(struct damon_recorder *recorder);

/**
 * struct damon_command - a program that is run to be recorded
 * @pid: its process ID, 0: none
 * @pidfd: its pidfd, which is readable once it has ended
 * @held: it waits behind its exec
 * @traced: it is held by ptrace(), before its first instruction, and not by SIGSTOP
 */
struct damon_command {
	pid_t	pid;
	int	pidfd;
	bool	held;
	bool	traced;
};

int damon_command__hold(struct damon_command *command, const char **argv, const sigset_t *mask,
			bool stdout_is_taken, const char *user);
void damon_command__start(struct damon_command *command);
int damon_command__end(struct damon_command *command, int signals);

#endif /* __PERF_DAMON_RECORD_H */
