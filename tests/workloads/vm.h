/* SPDX-License-Identifier: GPL-2.0 */
/* A virtual machine whose one CPU touches memory, by page tables of its own: a secondary MMU */
#ifndef VM_H
#define VM_H

#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "numbers.h"

/* Memory of the machine, all below 4 GiB: a page of code, and from 1 MiB on what is touched */
#define VM_CODE		0x1000UL
#define VM_MEMORY	MIB

static struct {
	int vm, cpu;
	const char *base;
	struct kvm_run *run;
} vm;

static int vm_ioctl(int fd, unsigned long request, void *argument, const char *name)
{
	int result = ioctl(fd, request, argument);

	if (result < 0)
		err(1, "%s", name);
	return result;
}

static void vm_map(unsigned int slot, unsigned long at, const void *memory, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .guest_phys_addr = at, .memory_size = size,
		.userspace_addr = (unsigned long)memory,
	};

	vm_ioctl(vm.vm, KVM_SET_USER_MEMORY_REGION, &region, "memory of a virtual machine");
}

/* Flat segments without paging: addresses of the machine are physical addresses. */
static void vm_set_mode(void)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1,
		.g = 1,
	}, data = code;
	struct kvm_sregs sregs;

	data.type = 3;
	data.selector = 16;
	vm_ioctl(vm.cpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cr0 |= 1;
	sregs.cs = code;
	sregs.ds = data;
	sregs.es = data;
	sregs.ss = data;
	vm_ioctl(vm.cpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

/* @base and @size: the memory that vm_touch() will touch; may be remapped between its calls */
static void vm_start(const char *base, size_t size)
{
	/* again: mov (%esi),%al; add %ecx,%esi; cmp %edi,%esi; jb again; hlt */
	static const unsigned char code[] = {
		0x8a, 0x06, 0x01, 0xce, 0x39, 0xfe, 0x72, 0xf8, 0xf4
	};
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), run_size;

	if (kvm < 0)
		err(1, "/dev/kvm");
	if (page == MAP_FAILED)
		err(1, "memory");
	memcpy(page, code, sizeof(code));
	vm.base = base;
	vm.vm = vm_ioctl(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	vm_map(0, VM_CODE, page, 4096);
	vm_map(1, VM_MEMORY, base, size);
	vm.cpu = vm_ioctl(vm.vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	run_size = vm_ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "KVM_GET_VCPU_MMAP_SIZE");
	vm.run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm.cpu, 0);
	if (vm.run == MAP_FAILED)
		err(1, "a virtual CPU");
	vm_set_mode();
}

/* Have the machine touch a byte in each @stride of @size bytes */
static void vm_touch(const char *at, size_t size, size_t stride)
{
	unsigned long start = VM_MEMORY + (at - vm.base);
	struct kvm_regs regs = {
		.rip = VM_CODE, .rflags = 2, .rsi = start, .rdi = start + size, .rcx = stride,
	};

	vm_ioctl(vm.cpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	vm_ioctl(vm.cpu, KVM_RUN, NULL, "KVM_RUN");
	if (vm.run->exit_reason != KVM_EXIT_HLT)
		errx(1, "the virtual CPU ended with %u", vm.run->exit_reason);
}

#endif /* VM_H */
