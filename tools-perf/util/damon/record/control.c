// SPDX-License-Identifier: GPL-2.0
/*
 * The user's --control. perf record takes commands from one descriptor, which is ours: those of the
 * user are passed on between our own, and so are acknowledgments.
 */
#include "control.h"
#include "../errors.h"
#include "record.h"
#include "util/evlist.h"

#include <string.h>
#include <unistd.h>
#include <linux/kernel.h>
#include <linux/string.h>

/* "note" and "maps" are not for users. */
static const char * const passed[] = {
	EVLIST_CTL_CMD_ENABLE_TAG, EVLIST_CTL_CMD_DISABLE_TAG, EVLIST_CTL_CMD_EVLIST_TAG,
	EVLIST_CTL_CMD_PING_TAG, EVLIST_CTL_CMD_SNAPSHOT_TAG,
};

/**
 * damon_control__poll_fd - the descriptor to poll
 * @control: the user's end
 *
 * Return: a descriptor, or -1 if no command is expected.
 */
int damon_control__poll_fd(const struct damon_control *control)
{
	return control->awaits ? -1 : control->fd;
}

static void write_ack(const struct damon_control *control)
{
	if (control->ack_fd >= 0 &&
	    write(control->ack_fd, EVLIST_CTL_CMD_ACK_TAG, sizeof(EVLIST_CTL_CMD_ACK_TAG)) < 0)
		pr_err("--control: cannot acknowledge a command: %m\n");
}

static enum damon_control_kind run_command(struct damon_control *control,
					   struct damon_recorder *recorder)
{
	const char *command = control->command;
	size_t i;

	if (strstarts(command, EVLIST_CTL_CMD_STOP_TAG)) {
		write_ack(control);
		return DAMON_CONTROL_STOP;
	}
	for (i = 0; i < ARRAY_SIZE(passed); i++) {
		if (!strstarts(command, passed[i]))
			continue;
		if (damon_recorder__command(recorder, "%s", command))
			break;
		control->awaits = recorder->nr_commands;
		return i ? DAMON_CONTROL_NONE : DAMON_CONTROL_ENABLE;
	}
	pr_err("--control: '%s': %s\n", command, i == ARRAY_SIZE(passed) ?
	       "there is no such command" : "perf record is held up");
	return DAMON_CONTROL_NONE;
}

/**
 * damon_control__read - read a command, or the next byte of it
 * @control: the user's end, which is readable
 * @recorder: perf record, to which it is passed on
 *
 * What follows a command is not read before that is acknowledged.
 */
enum damon_control_kind damon_control__read(struct damon_control *control,
					    struct damon_recorder *recorder)
{
	ssize_t size;
	char c;

	size = read(control->fd, &c, 1);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return DAMON_CONTROL_NONE;
	if (size <= 0) {
		control->fd = -1;
		return DAMON_CONTROL_NONE;
	}
	if (c && c != '\n') {
		if (control->len < sizeof(control->command) - 1)
			control->command[control->len++] = c;
		return DAMON_CONTROL_NONE;
	}
	control->command[control->len] = '\0';
	if (!control->len)
		return DAMON_CONTROL_NONE;
	control->len = 0;
	return run_command(control, recorder);
}

/**
 * damon_control__ack - pass on that the last command is acknowledged, once it is
 * @control: the user's end
 * @recorder: perf record
 */
void damon_control__ack(struct damon_control *control, const struct damon_recorder *recorder)
{
	if (!control->awaits || recorder->nr_acks < control->awaits)
		return;
	control->awaits = 0;
	write_ack(control);
}
