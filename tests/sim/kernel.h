/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For a user-space program: what the core of the monitor uses of the kernel, and tools/include of
 * the kernel tree lacks.  Included first, in place of the headers that SIM_SHIM lists in Makefile.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bitops.h>
#include <linux/const.h>
#include <linux/hash.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/math.h>
#include <linux/time64.h>
#include <linux/types.h>

#undef min
#undef max
#undef max_t
#undef clamp
#define min(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define min3(a, b, c)	min(min(a, b), c)
#define clamp(v, a, b)	min(max(v, a), b)
#define abs_diff(a, b)	({ typeof(a) _a = (a); typeof(b) _b = (b); _a < _b ? _b - _a : _a - _b; })
#define swap(a, b)	do { typeof(a) _a = (a); (a) = (b); (b) = _a; } while (0)

#define VISIBLE_IF_KUNIT static

#define PAGE_SHIFT	12
#define PAGE_SIZE	(_AC(1, UL) << PAGE_SHIFT)
#define PAGE_ALIGN_DOWN(a) ((a) & ~(PAGE_SIZE - 1))
#define PAGE_ALIGN(a)	PAGE_ALIGN_DOWN((a) + PAGE_SIZE - 1)
#define PFN_UP(a)	(((a) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PTRS_PER_PTE	512
#define PMD_SHIFT	21
#define PMD_SIZE	(_AC(1, UL) << PMD_SHIFT)
#define PUD_SHIFT	30
#define PUD_SIZE	(_AC(1, UL) << PUD_SHIFT)

#define U8_MAX		0xff
#define U16_MAX		0xffff
#define U32_MAX		0xffffffff

#define DIV_ROUND_CLOSEST(a, b) (((a) + (b) / 2) / (b))
#define DIV_U64_ROUND_CLOSEST	DIV_ROUND_CLOSEST

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

#define div64_ul	div64_u64

static inline s64 div_s64(s64 a, s32 b)
{
	return a / b;
}

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (__uint128_t)a * b >> shift;
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	return (__uint128_t)a * b / c;
}

static inline u64 mul_u64_u32_div(u64 a, u32 b, u32 c)
{
	return (__uint128_t)a * b / c;
}

struct rnd_state {
	u64 state;
};

/* Any good generator is fine: this is splitmix64. */
static inline u32 prandom_u32_state(struct rnd_state *random)
{
	u64 x = random->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x >> 32;
}

static inline void prandom_seed_state(struct rnd_state *random, u64 seed)
{
	random->state = seed;
}

static inline u64 get_random_u64(void)
{
	return 0;
}

typedef s64 ktime_t;

#define KTIME_MAX	INT64_MAX
#define ktime_sub(a, b)	((a) - (b))
#define ktime_to_ns(t)	(t)
#define ktime_add_ms(t, ms) ((t) + (ms) * NSEC_PER_MSEC)
#define ktime_ms_delta(later, earlier) (((later) - (earlier)) / NSEC_PER_MSEC)

/* The simulated clock */
ktime_t ktime_get(void);

static inline ktime_t ktime_add_safe(ktime_t a, ktime_t b)
{
	return a > KTIME_MAX - b ? KTIME_MAX : a + b;
}

struct completion {
	int unused;
};

static inline void init_completion(struct completion *c)
{
}

struct pid;

static inline struct pid *get_pid(struct pid *pid)
{
	return pid;
}

static inline void put_pid(struct pid *pid)
{
}

struct mem_cgroup;

static inline void mem_cgroup_put(struct mem_cgroup *memcg)
{
}

/* Counts how much code ran since the last call: see sim_longest. */
void cond_resched(void);

#define GFP_KERNEL	0
#define __GFP_NOWARN	0

size_t kmalloc_size_roundup(size_t size);
void *kvrealloc(const void *p, size_t size, int flags);
void kvfree(const void *p);

static inline void *kvzalloc(size_t size, int flags)
{
	void *p = kvrealloc(NULL, size, flags);

	if (p)
		memset(p, 0, size);
	return p;
}

#define kzalloc		kvzalloc
#define kfree		kvfree
#define kmalloc(size, flags) kvrealloc(NULL, size, flags)
#define __vmalloc(size, flags) kvrealloc(NULL, size, flags)
#define kvmalloc_array(nr, size, flags) kvrealloc(NULL, (nr) * (size), flags)
#define kvmemdup(p, size, flags) memcpy(kvrealloc(NULL, size, flags), p, size)
#define si_mem_available() (1L << 40)

static inline void sort(void *base, size_t nr, size_t size,
			int (*compare)(const void *, const void *), void *swap_function)
{
	qsort(base, nr, size, compare);
}

#define list_entry_is_head(pos, head, member) ((pos) == list_entry(head, typeof(*(pos)), member))

#define NUMA_NO_NODE	(-1)
#define MAX_NUMNODES	1
#define node_state(...)	true

#define totalram_pages() (1UL << 40)
#define global_zone_page_state(...) (1UL << 39)

#define kthread_should_stop() false
#define SZ_64M (64 << 20)
#define trace_damos_before_apply(...) do { } while (0)

#endif /* SIM_KERNEL_H */
