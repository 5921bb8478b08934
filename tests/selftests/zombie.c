// SPDX-License-Identifier: GPL-2.0
/*
 * zombie: have a child that is a zombie.
 * zombie leader: have a child whose first thread has ended, while another one runs
 * and touches memory.
 *
 * Prints "PID START END": the child's process id, and the addresses of that memory.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ticker.h"

#define SIZE	(4UL << 20)

static void *go_on(void *area)
{
	start_ticker();
	for (;;)
		for (size_t i = 0; i < SIZE; i += 4096)
			((volatile char *)area)[i]++;
	return NULL;
}

static void become_headless(char *area)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, go_on, area))
		errx(1, "pthread_create");
	pthread_exit(NULL);
}

int main(int argc, char **argv)
{
	int headless = argc > 1 && !strcmp(argv[1], "leader");
	char *area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	if (area == MAP_FAILED)
		err(1, "mmap");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		if (headless)
			become_headless(area);
		_exit(0);
	}
	usleep(100000);
	printf("%d %zu %zu\n", child, (size_t)area, (size_t)area + SIZE);
	fflush(stdout);
	for (;;)
		pause();
}
