// SPDX-License-Identifier: GPL-2.0
/*
 * The files of DAMON in sysfs, and failing allocations while they are used.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"

FILE *sysfs_log;
bool sysfs_idle;

static bool failing;
/* /proc/self/make-it-fail, open all the time, as to open it takes an allocation */
static int fail_self = -1;

static int write_value(int fd, const char *value)
{
	return write(fd, value, strlen(value)) < 0 ? errno : 0;
}

/**
 * put_file - write to a file
 * @path:	the file
 * @value:	what to write
 *
 * Return: 0, or the errno.
 */
int put_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), err;

	if (fd < 0)
		return errno;
	err = write_value(fd, value);
	close(fd);
	return err;
}

static void fail_own(bool fail)
{
	if (failing)
		(void)!pwrite(fail_self, fail ? "1" : "0", 1, 0);
}

static int write_failing(int fd, const char *value)
{
	int err;

	fail_own(true);
	err = write_value(fd, value);
	fail_own(false);
	return err;
}

/**
 * put - write to a file of DAMON
 * @path:	the file, below KDAMONDS
 * @value:	what to write
 *
 * Between faults_on() and faults_off() allocations of the write may fail.
 *
 * Return: 0, or the errno.
 */
int put(const char *path, const char *value)
{
	char full[256];
	int fd, err = 0;

	if (!sysfs_idle) {
		snprintf(full, sizeof(full), KDAMONDS "/%s", path);
		fd = open(full, O_WRONLY);
		err = fd < 0 ? errno : write_failing(fd, value);
		if (fd >= 0)
			close(fd);
	}
	if (sysfs_log)
		fprintf(sysfs_log, "%s %s%s%s\n", path, value, err ? ": " : "",
			err ? strerrorname_np(err) : "");
	return err;
}

/**
 * put_again - write to a file of DAMON, without failing allocations
 * @path:	the file, below KDAMONDS
 * @value:	what to write
 *
 * Return: 0, or the errno.
 */
int put_again(const char *path, const char *value)
{
	bool was = failing;
	int err;

	failing = false;
	err = put(path, value);
	failing = was;
	return err;
}

/**
 * get_number - read a number from a file of DAMON
 * @path:	the file, below KDAMONDS
 *
 * Return: the number, -1 if there is none.
 */
long get_number(const char *path)
{
	char full[256];
	long number;
	FILE *f;

	snprintf(full, sizeof(full), KDAMONDS "/%s", path);
	f = fopen(full, "r");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1;
	fclose(f);
	return number;
}

/**
 * faults_begin - find out whether the kernel can let allocations fail, and prepare for that
 *
 * Return: whether it can.
 */
bool faults_begin(void)
{
	static const char * const settings[][2] = {
		{ FAILSLAB "probability", "0" },
		{ FAILSLAB "task-filter", "Y" },
		{ FAILSLAB "ignore-gfp-wait", "N" },
		{ FAILSLAB "verbose", "0" },
		{ FAILSLAB "interval", "1" },
		{ FAILSLAB "times", "1000000000" },
	};

	fail_self = open("/proc/self/make-it-fail", O_WRONLY);
	if (fail_self < 0)
		return false;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (put_file(settings[i][0], settings[i][1]))
			return false;
	return true;
}

void faults_end(void)
{
	faults_off();
	put_file(FAILSLAB "times", "0");
}

void faults_on(unsigned int percent)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", percent);
	failing = !put_file(FAILSLAB "probability", text);
}

void faults_for(pid_t kdamond)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/make-it-fail", kdamond);
	if (failing && kdamond > 0)
		put_file(path, "1");
}

void faults_off(void)
{
	if (failing)
		put_file(FAILSLAB "probability", "0");
	failing = false;
}

bool faults_are_on(void)
{
	return failing;
}
