// SPDX-License-Identifier: GPL-2.0
/* An operation set for simulated memory: like "vaddr", but with another struct damon_va_hw */
#include <linux/damon.h>

#include "hints.h"
#include "probe.h"
#include "va-sample.h"

#include "memory.h"
#include "sim.h"

struct sim_pass {
	const struct damon_pass *pass;
	struct damon_batch *batch;
};

static u64 prepared, scan_began;

static bool sim_accessed(void *arg, unsigned long addr)
{
	return memory_accessed(addr, prepared);
}

static bool sim_clear(void *arg, unsigned long addr, struct damon_range *shared)
{
	struct sim_pass *sim = arg;
	bool young = memory_clear(addr);
	unsigned long page = memory_page();

	if (page > PAGE_SIZE) {
		shared->start = addr - addr % page;
		shared->end = shared->start + page;
	}
	if (young && sim->pass->kind == DAMON_FLUSH_PAGES)
		damon_batch_add(sim->batch, addr);
	return young;
}

static void sim_again(void *arg, unsigned long addr)
{
	struct sim_pass *sim = arg;

	damon_batch_add(sim->batch, addr);
}

static void sim_resched(void *arg)
{
	cond_resched();
}

static int sim_probe(struct damon_ctx *ctx, struct damon_target *t, struct damon_pass *pass,
		     struct damon_batch *batch)
{
	struct sim_pass sim = { .pass = pass, .batch = batch };
	const struct damon_prober prober = {
		.accessed = sim_accessed, .clear = sim_clear, .again = sim_again,
		.resched = sim_resched, .arg = &sim,
	};

	damon_probe_regions(ctx, t, pass, &prober);
	prepared = memory_now();
	if (pass->kind == DAMON_FLUSH_ALL)
		memory_flush();
	else if (batch->nr)
		memory_invalidate(batch->addrs, batch->nr);
	return 0;
}

static void sim_begin_scan(struct damon_scan *scan)
{
	scan_began = memory_now();
}

static void sim_end_scan(struct damon_scan *scan, struct damon_hints *hints)
{
	for (unsigned int i = 0; i < scan->nr_pieces; i++) {
		const struct damon_scan_piece *piece = &scan->pieces[i];

		for (unsigned int j = 0; j < piece->nr; j++) {
			unsigned long start = piece->start + ((unsigned long)j << piece->shift);
			unsigned long end = start + (1UL << piece->shift);

			if (memory_walked(start, end, scan_began))
				damon_add_hint(hints, piece->target, start, end);
		}
	}
}

static bool sim_may_scan(void)
{
	return true;
}

static unsigned long sim_limit(bool wanted, unsigned long *last)
{
	return DAMON_DEFAULT_MAX_TLB_FLUSHES;
}

static const struct damon_va_hw mechanisms = {
	.probe = sim_probe,
	.may_scan = sim_may_scan,
	.begin_scan = sim_begin_scan,
	.end_scan = sim_end_scan,
	.limit = sim_limit,
};

static bool sim_sample(struct damon_ctx *ctx, unsigned int what)
{
	return damon_va_take_sample(ctx, what, &mechanisms);
}

static void sim_settle(struct damon_ctx *ctx)
{
	damon_va_stop_scan(ctx, &mechanisms);
}

/* About a millisecond of work, and no more than a MiB */
static long sim_act(struct damon_target *t, const struct damon_scheme *scheme,
		    struct damon_range *range)
{
	unsigned long pages = memory_act_ns ? clamp(NSEC_PER_MSEC / memory_act_ns, 1, 256) : 256;
	unsigned long bytes = min(range->end - range->start, pages * PAGE_SIZE);

	memory_act(range->start, range->start + bytes);
	range->start += bytes;
	return bytes;
}

/* Nobody asks the simulated kdamond for anything. */
void damon_call_before_act(struct damon_ctx *ctx, const struct damon_scheme *scheme,
			   const struct damon_region *r)
{
}

ktime_t ktime_get(void)
{
	return memory_now();
}

const struct damon_operations sim_ops = {
	.name = "simulated",
	.actions = BIT(DAMON_PAGEOUT) | BIT(DAMON_LRU_PRIO),
	.act = sim_act,
	.sample = sim_sample,
	.get_cuts = damon_va_get_cuts,
	.settle = sim_settle,
	.free_target = damon_va_free_target,
	.free_ctx = damon_va_free_ctx,
};
