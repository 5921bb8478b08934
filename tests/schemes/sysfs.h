/* SPDX-License-Identifier: GPL-2.0 */
/* The files of DAMON in sysfs, and failing allocations while they are used */
#ifndef SYSFS_H
#define SYSFS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#define KDAMONDS	"/sys/kernel/mm/damon/admin/kdamonds"

/* Where all writes and their errors are written to, or NULL */
extern FILE *sysfs_log;
/* Writes are only logged: what is left of a test is the processes that verify. */
extern bool sysfs_idle;

/* Below KDAMONDS; 0, or the errno */
int put(const char *path, const char *value);
/* The same, without failing allocations of this process */
int put_again(const char *path, const char *value);
/* Returns -1 if there is no number */
long get_number(const char *path);
/* Any file; 0, or the errno */
int put_file(const char *path, const char *value);

/* Whether this kernel can let allocations fail */
bool faults_begin(void);
void faults_end(void);
/* Let allocations fail, of this process in put(), and of the kdamond with this id */
void faults_on(unsigned int percent);
void faults_for(pid_t kdamond);
void faults_off(void);
bool faults_are_on(void);

#endif /* SYSFS_H */
