// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that sees every access to memory of programs, beside a monitor in the guest that
 * samples them: the truth. Nothing is added to the guest.
 *
 * A slot is the time between two samples of the monitor; it ends when the kdamond calls the
 * function that samples, after a sleep. An aggregation ends when its first region is reported.
 * With study=huge a slot is 5 ms in which a program has the CPU, by the ticks of its timer, and an
 * aggregation has 20, with or without a monitor; and of huge pages each small part is counted.
 * QEMU is to count instructions (-icount, one CPU): then no time passes in the guest while the
 * plugin works.
 *
 *	-plugin plugin.so,layout=FILE,out=FILE[,study=huge]
 *
 * The layout is the table that tests/truth/layout makes of the guest's kernel; the guest is to be
 * booted with nokaslr, and to have at most 2 GiB. For each aggregation the output has
 *
 *	aggregation NUMBER SLOTS SLEEPS SPACES
 *				slots that it had; how often the kdamond had slept until then;
 *				switches to another address space
 *	process TGID NAME	one of which memory was accessed
 *	mapped START-END	its mappings
 *	tlb ACCESSES HITS WALKS WALKS
 *				with study=huge: its loads and stores, those of them that only the
 *				second level of a TLB had, and those that none had, of small pages
 *				and of huge ones; all since it began (tlb.c)
 *	huge START-END		with study=huge: its huge pages
 *	heat START-END SLOTS	pages, and the slots in which they were accessed
 *	physical		not with study=huge: all user memory, "heat" with physical addresses
 *	regions NUMBER		what the monitor reported of it
 */
#include <stdio.h>
#include <string.h>

#include "code.h"
#include "layout.h"
#include "memory.h"
#include "qemu-plugin.h"
#include "space.h"

/* mov disp32(%rsi),%rsp, in __switch_to_asm(): the stack of the next task */
#define SWITCH_SIZE	64
static const unsigned char load_stack[] = { 0x48, 0x8b, 0xa6 };

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static FILE *out;

/* The task that runs, and its address space: NULL if it has none */
static unsigned long task;
static struct space *space;
static unsigned long loaded_mm;	/* of the TLB: a task without an address space leaves it */
static unsigned int nr_switches;

/* The monitor's thread: 0 until it has taken a sample. (Unit tests sample, too, at boot.) */
static const char kdamond_name[] = "kdamond.";
static unsigned long kdamond;
static bool kdamond_slept;
static unsigned int slots, aggregations, regions;

/* With study=huge, as by default in a monitor */
#define SLOTS_A_SECOND		200
#define SLOTS_OF_AGGREGATION	20
static unsigned long ticks;

/* --- Who runs --- */

/* Also after execve(), for which no other task need to have run */
static void update_space(void)
{
	unsigned long mm = memory_read(task + layout.task_mm);

	if (mm && mm != loaded_mm) {
		loaded_mm = mm;
		nr_switches++;
	}
	space = mm ? space_find(mm) : NULL;
}

static void on_switch(unsigned int cpu, unsigned int info, unsigned long vaddr, void *data)
{
	if (task && task == kdamond && memory_read32(task + layout.task_state))
		kdamond_slept = true;
	task = vaddr - layout.task_sp;
	update_space();
}

/* --- The monitor --- */

static bool is_kdamond(void)
{
	char name[sizeof(kdamond_name) - 1];

	if (task == kdamond)
		return task;
	memory_copy(name, task + layout.task_comm, sizeof(name));
	return !memcmp(name, kdamond_name, sizeof(name));
}

static void on_sample(unsigned int cpu, void *data)
{
	if (!is_kdamond())
		return;
	if (task != kdamond) {
		/* A new one begins; there is but one at a time. */
		kdamond = task;
		kdamond_slept = false;
		slots = 0;
		if (!this_slot) {
			this_slot = 1;
			this_aggregation = 1;
		}
	}
	if (!kdamond_slept)
		return;
	kdamond_slept = false;
	this_slot++;
	slots++;
}

static void print_regions(void)
{
	if (regions)
		fprintf(out, "regions %u\n", regions);
	regions = 0;
}

static void end_aggregation(unsigned int sleeps)
{
	fprintf(out, "aggregation %u %u %u %u\n", ++aggregations, slots, sleeps, nr_switches);
	space_print_all(out);
	this_aggregation++;
	slots = 0;
	nr_switches = 0;
}

static void on_report(unsigned int cpu, void *data)
{
	/* Nothing was sampled since the last region. */
	if (slots) {
		print_regions();
		end_aggregation(memory_read32(kdamond + layout.task_sleeps));
	}
	regions++;
}

/* --- The timer --- */

static void on_tick(unsigned int cpu, void *data)
{
	if (!this_slot) {
		this_slot = 1;
		this_aggregation = 1;
	}
	/* The time of kernel threads, such as the monitor, is not the programs'. */
	if (!space || ++ticks * SLOTS_A_SECOND < layout.ticks_a_second)
		return;
	ticks = 0;
	this_slot++;
	if (++slots == SLOTS_OF_AGGREGATION)
		end_aggregation(0);
}

/* --- What is accessed --- */

static void access(unsigned long address)
{
	space_access(space, address);
	if (study_huge_pages)
		space_load_tlb(space, address);
}

static void on_access(unsigned int cpu, unsigned int info, unsigned long vaddr, void *data)
{
	unsigned long last;

	/* The upper half is the kernel's. */
	if ((long)vaddr < 0 || !this_slot || !space)
		return;
	if (memory_read(task + layout.task_mm) != space->mm) {
		update_space();
		if (!space)
			return;
	}
	access(vaddr);
	last = vaddr + (1UL << qemu_plugin_mem_size_shift(info)) - 1;
	if ((vaddr ^ last) >> PAGE_SHIFT)
		access(last);
}

static void on_block(unsigned int cpu, void *data)
{
	if (this_slot && space)
		code_execute(data, space);
}

/* --- What is translated --- */

static void watch_function(struct qemu_plugin_insn *insn, unsigned long address)
{
	qemu_plugin_vcpu_udata_cb_t call = NULL;

	if (study_huge_pages)
		call = address == layout.tick ? on_tick : NULL;
	else if (address == layout.report)
		call = on_report;
	else if (address == layout.sample_vaddr || address == layout.sample_paddr)
		call = on_sample;
	if (call)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, call, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void watch_kernel(struct qemu_plugin_insn *insn, unsigned long address)
{
	const void *bytes = qemu_plugin_insn_data(insn);

	watch_function(insn, address);
	if (address < layout.switch_stacks || address >= layout.switch_stacks + SWITCH_SIZE)
		return;
	memory_found(qemu_plugin_insn_haddr(insn), address);
	if (qemu_plugin_insn_size(insn) >= sizeof(load_stack) &&
	    !memcmp(bytes, load_stack, sizeof(load_stack)))
		qemu_plugin_register_vcpu_mem_cb(insn, on_switch, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
}

static void watch_code(struct qemu_plugin_tb *tb, unsigned long first)
{
	struct qemu_plugin_insn *insn;
	unsigned long last, physical;
	size_t nr = qemu_plugin_tb_n_insns(tb);

	if (!memory_known())
		return;
	insn = qemu_plugin_tb_get_insn(tb, nr - 1);
	last = qemu_plugin_insn_vaddr(insn) + qemu_plugin_insn_size(insn) - 1;
	physical = memory_physical(qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0)));
	first >>= PAGE_SHIFT;
	last >>= PAGE_SHIFT;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS,
					     code_find(first, physical >> PAGE_SHIFT,
						       last != first));
}

static void on_translation(unsigned long id, struct qemu_plugin_tb *tb)
{
	size_t nr = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < nr; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		unsigned long address = qemu_plugin_insn_vaddr(insn);

		if ((long)address < 0)
			watch_kernel(insn, address);
		else if (!i)
			watch_code(tb, address);
		qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
	}
}

/* --- Beginning and end --- */

static void on_exit_of_qemu(unsigned long id, void *data)
{
	print_regions();
	fclose(out);
}

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "truth: %s: %s\n", what, why);
	return 1;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(unsigned long id, const void *info, int argc,
					   char **argv)
{
	const char *wrong;

	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "layout=", 7)) {
			wrong = layout_load(argv[i] + 7);
			if (wrong)
				return complain(argv[i] + 7, wrong);
		} else if (!strncmp(argv[i], "out=", 4)) {
			out = fopen(argv[i] + 4, "w");
		} else if (!strcmp(argv[i], "study=huge")) {
			study_huge_pages = true;
		} else {
			return complain(argv[i], "not known");
		}
	}
	if (!out || !layout.switch_stacks)
		return complain("plugin", "needs layout= and out=");
	if (study_huge_pages && layout.ticks_a_second % SLOTS_A_SECOND)
		return complain("study=huge", "needs a kernel with 200, 1000 ... ticks a second");
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
	return 0;
}
