// SPDX-License-Identifier: GPL-2.0
/*
 * Start a program so that it is recorded from its first instruction on. The workload of perf record
 * execs when recording begins: DAMON would find perf's address space there. Here such a workload is
 * traced through its exec, and stopped behind it until everything is ready. Where it cannot be
 * traced, as strace or gdb traces it already, or Yama forbids it, it gets SIGSTOP right after its
 * exec.
 */
#include "../errors.h"
#include "../monitor/process.h"
#include "record.h"
#include "user.h"
#include "util/evlist.h"
#include "util/target.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <linux/kernel.h>

/*
 * Wait for the exec of the child. Signals that arrive before it are passed on to the child.
 *
 * Return: 0, or -ECHILD if the child has ended instead; errors are printed.
 */
static int wait_for_exec(pid_t pid, const char *name)
{
	int status, sig;

	while (waitpid(pid, &status, 0) == pid) {
		/* If it could not exec, it has printed that, and exits with 255. */
		if (WIFEXITED(status) && WEXITSTATUS(status) == 255)
			return -ECHILD;
		if (!WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return 0;
		/* Group stops and ptrace events have an event number: no signal to pass on. */
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(long)sig))
			break;
	}
	pr_err("'%s' has ended before it could be monitored\n", name);
	return -ECHILD;
}

/* The same for a child that is not traced: its exec closes the other end of the pipe. */
static int stop_behind_exec(pid_t pid, const char *name, int pipe)
{
	struct pollfd pollfd = { .fd = pipe };
	int status = 0;

	while (poll(&pollfd, 1, -1) < 0 && errno == EINTR)
		;
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status))
		return 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 255)
		pr_err("'%s' has ended before it could be monitored\n", name);
	return -ECHILD;
}

/* A child that waits to exec, with the signals that the user wants for it. */
static int prepare(struct evlist *evlist, const char **argv, const sigset_t *mask,
		   bool stdout_is_taken)
{
	struct target target = { .system_wide = true };
	sighandler_t sigpipe = signal(SIGPIPE, SIG_DFL);
	sigset_t ours;
	int err;

	sigprocmask(SIG_SETMASK, mask, &ours);
	fflush(NULL);
	err = evlist__prepare_workload(evlist, &target, argv, stdout_is_taken, NULL);
	sigprocmask(SIG_SETMASK, &ours, NULL);
	signal(SIGPIPE, sigpipe);
	return err;
}

static void try_to_trace(struct damon_command *command, const char *name)
{
	/* EXITKILL: the child does not outlive us while it is held. */
	const long options = PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

	command->traced = !ptrace(PTRACE_SEIZE, command->pid, NULL, (void *)options);
	if (!command->traced)
		damon_warning("cannot trace '%s' (%m), so its start, up to the first few milliseconds, is not monitored\n",
			      name);
}

/* Let the child exec. @pipe: both ends, of which the child has copies until its exec. */
static int exec_and_hold(struct damon_command *command, struct evlist *evlist, const char *name,
			 int pipe[2])
{
	command->pidfd = damon_pidfd_open(command->pid);
	if (command->pidfd < 0) {
		int err = -errno;

		pr_err("cannot watch '%s': %m\n", name);
		kill(command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
		return err;
	}
	try_to_trace(command, name);
	close(pipe[1]);
	pipe[1] = -1;
	evlist__start_workload(evlist);
	return command->traced ? wait_for_exec(command->pid, name) :
				 stop_behind_exec(command->pid, name, pipe[0]);
}

/**
 * damon_command__hold - execute a program up to its first instruction
 * @command: the program
 * @argv: its name, which is looked up in PATH, and its arguments
 * @mask: its signal mask
 * @stdout_is_taken: the recording goes to stdout, so redirect its output to stderr
 * @user: the user that it runs as, NULL: the same as we
 *
 * Return: 0, or a negative error number; then the error has been printed and no process is left.
 */
int damon_command__hold(struct damon_command *command, const char **argv, const sigset_t *mask,
			bool stdout_is_taken, const char *user)
{
	struct evlist *evlist = evlist__new();
	int pipe[2] = { -1, -1 }, err;

	if (!evlist || pipe2(pipe, O_CLOEXEC)) {
		evlist__delete(evlist);
		return damon_out_of_memory();
	}
	if (user) {
		evlist->workload.before_exec = damon_user__become;
		evlist->workload.data = user;
	}
	err = prepare(evlist, argv, mask, stdout_is_taken);
	command->pid = evlist->workload.pid;
	command->held = true;
	err = err ?: exec_and_hold(command, evlist, argv[0], pipe);
	if (err)
		command->pid = 0;
	close(pipe[0]);
	if (pipe[1] >= 0)
		close(pipe[1]);
	evlist__delete(evlist);
	return err;
}

/**
 * damon_command__start - let the program run, if there is one
 * @command: the program
 */
void damon_command__start(struct damon_command *command)
{
	/* This fails only if it has been killed, which its pidfd tells. */
	if (command->held && command->traced)
		ptrace(PTRACE_DETACH, command->pid, NULL, NULL);
	else if (command->held)
		kill(command->pid, SIGCONT);
	command->held = false;
}

/* Whether the program ends, within the time given or before a signal. */
static bool ends(const struct damon_command *command, int signals, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = command->pidfd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	while (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0 && errno == EINTR)
		;
	return fds[0].revents;
}

/**
 * damon_command__end - end the program if it still runs, and wait for it
 * @command: the program
 * @signals: signalfd of the signals that end the wait
 *
 * As with perf record, it gets SIGTERM. A program that ignores that is left running. One that is
 * still held gets SIGKILL.
 *
 * Return: its status as from waitpid(); 0 if we ended it, or if there is no program.
 */
int damon_command__end(struct damon_command *command, int signals)
{
	int status = 0;

	if (!command->pid)
		return 0;
	/* If we end it, its status does not tell anything about the program. */
	if (!waitpid(command->pid, &status, WNOHANG)) {
		kill(command->pid, command->held ? SIGKILL : SIGTERM);
		if (ends(command, signals, /*timeout_ms=*/10000))
			waitpid(command->pid, NULL, 0);
		else
			pr_warning("process %d does not end on SIGTERM: it is left running\n",
				   command->pid);
		status = 0;
	}
	close(command->pidfd);
	command->pid = 0;
	return status;
}
