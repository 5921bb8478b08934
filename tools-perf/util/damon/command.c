// SPDX-License-Identifier: GPL-2.0
/*
 * Start a program so that it is recorded from its first instruction on.
 *
 * The workload of perf record (evlist__prepare_workload()) is a fork of perf that execs when
 * recording begins. DAMON would find perf's address space there, and keep it until the next regions
 * update. Here the program is traced through its exec instead, and stopped there, with its own
 * address space, until everything is ready. A workload cannot do that: its exec would have to come
 * before the events are opened, by which perf record counts and samples it from its exec on.
 */
#include "command.h"
#include "process.h"
#include "util/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <linux/kernel.h>

/* The child: if it cannot exec, it sends errno to the parent. */
static void __noreturn exec_command(const char **argv, const sigset_t *mask, bool stdout_is_taken,
				    int go, int error)
{
	char c;
	int err;

	if (stdout_is_taken && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* The parent closes the pipe once it traces us. Anything but end of file is an error. */
	if (read(go, &c, 1) == 0)
		execvp(argv[0], (char **)argv);
	err = errno;
	if (write(error, &err, sizeof(err)) != sizeof(err))
		_exit(126);
	_exit(127);
}

/*
 * Wait for the exec of the child. Signals that arrive before it are passed on to the child.
 *
 * Return: 0, or -ECHILD if the child has ended instead.
 */
static int wait_for_exec(pid_t pid)
{
	int status, sig;

	while (waitpid(pid, &status, 0) == pid) {
		if (!WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
			return 0;
		/* Group stops and ptrace events have an event number: no signal to pass on. */
		sig = status >> 16 ? 0 : WSTOPSIG(status);
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(long)sig))
			break;
	}
	return -ECHILD;
}

static int seize(struct damon_command *command, const char *name, int go, int error)
{
	int err = 0;

	/* EXITKILL: the child does not outlive us while it is held. */
	if (ptrace(PTRACE_SEIZE, command->pid, NULL,
		   (void *)(PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))) {
		err = -errno;
		pr_err("cannot trace '%s' to start it: %m\n", name);
		kill(command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
		close(go);
		return err;
	}
	close(go);
	if (!wait_for_exec(command->pid))
		return 0;

	if (read(error, &err, sizeof(err)) == sizeof(err))
		pr_err("cannot run '%s': %s\n", name, strerror(err));
	else
		pr_err("'%s' has ended before it could be monitored\n", name);
	return err ? -err : -ECHILD;
}

/**
 * damon_command__hold - execute a program up to its first instruction
 * @command: the program
 * @argv: its name, which is looked up in PATH, and its arguments
 * @mask: its signal mask
 * @stdout_is_taken: the recording goes to stdout, so redirect its output to stderr
 *
 * Return: 0, or a negative error number; then the error has been printed and no process is left.
 */
int damon_command__hold(struct damon_command *command, const char **argv, const sigset_t *mask,
			bool stdout_is_taken)
{
	int go[2], error[2], err;

	if (pipe2(go, O_CLOEXEC))
		goto out_errno;
	if (pipe2(error, O_CLOEXEC))
		goto out_close_go;

	fflush(NULL);
	command->pid = fork();
	if (command->pid < 0)
		goto out_close_error;
	if (!command->pid) {
		close(go[1]);
		exec_command(argv, mask, stdout_is_taken, go[0], error[1]);
	}
	close(go[0]);
	close(error[1]);

	err = seize(command, argv[0], go[1], error[0]);
	close(error[0]);
	if (err) {
		command->pid = 0;
		return err;
	}
	command->held = true;
	command->pidfd = damon_pidfd_open(command->pid);
	if (command->pidfd >= 0)
		return 0;
	err = -errno;
	pr_err("cannot watch '%s': %m\n", argv[0]);
	kill(command->pid, SIGKILL);
	waitpid(command->pid, NULL, 0);
	command->pid = 0;
	return err;

out_close_error:
	command->pid = 0;
	close(error[0]);
	close(error[1]);
out_close_go:
	close(go[0]);
	close(go[1]);
out_errno:
	err = -errno;
	pr_err("cannot run '%s': %m\n", argv[0]);
	return err;
}

/**
 * damon_command__start - let the program run
 * @command: the program
 *
 * Return: 0 or a negative error number; errors are printed.
 */
int damon_command__start(struct damon_command *command)
{
	int err;

	if (!command->held)
		return 0;
	if (ptrace(PTRACE_DETACH, command->pid, NULL, NULL)) {
		err = -errno;
		pr_err("cannot let process %d run: %m\n", command->pid);
		return err;
	}
	command->held = false;
	return 0;
}

/* Time to end on SIGTERM. */
#define PATIENCE_MS	10000

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
		if (damon_pidfd_wait(command->pidfd, signals, PATIENCE_MS))
			waitpid(command->pid, NULL, 0);
		else
			pr_warning("process %d does not end on SIGTERM: it is left running\n",
				   command->pid);
		status = 0;
	}
	command->pid = 0;
	if (command->pidfd >= 0)
		close(command->pidfd);
	command->pidfd = -1;
	return status;
}
