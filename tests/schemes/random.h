/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that repeat with the same seed (splitmix64) */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stddef.h>

struct random {
	unsigned long state;
};

static inline unsigned long mix(unsigned long x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static inline unsigned long random_next(struct random *r)
{
	r->state += 0x9e3779b97f4a7c15;
	return mix(r->state);
}

/* From 0 to @n - 1 */
static inline unsigned long below(struct random *r, unsigned long n)
{
	return random_next(r) % n;
}

/* From @low to @high */
static inline unsigned long between(struct random *r, unsigned long low, unsigned long high)
{
	return low + below(r, high - low + 1);
}

static inline bool one_in(struct random *r, unsigned long n)
{
	return !below(r, n);
}

#define COUNT(array)		(sizeof(array) / sizeof(*(array)))
#define PICK(r, array)		((array)[below(r, COUNT(array))])

#endif /* RANDOM_H */
