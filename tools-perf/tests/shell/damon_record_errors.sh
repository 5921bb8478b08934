#!/bin/bash
# DAMON record says what is wrong
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# refuse STATUS TEXT ARGUMENT...: record fails with STATUS and one line that contains TEXT, and writes no file
refuse()
{
	local status=$1 text=$2

	shift 2
	perf damon record -o refused.data "$@" >out 2>err
	expect_status "$status" $? "$*"
	expect "$text" err
	[ "$status" = 129 ] || [ "$(wc -l <err)" = 1 ] || fail "$*: more than one line: $(cat err)"
	[ ! -e refused.data ] || fail "$*: a file without a recording"
	[ ! -s out ] || fail "$*: something on the standard output"
}

test_options()
{
	local option

	refuse 253 "nothing to record: no DAMON is running; give a process with -p"
	refuse 129 "--sample: of what?" --sample 10ms
	refuse 129 "--ops: of what?" --ops vaddr
	for option in ranges ops all; do
		refuse 129 "isn't available" -p 1 --no-$option
	done
	refuse 129 "'5' is not a time" --sample 5 -p 1
	refuse 129 "'x' is not a number" --min-regions x -p 1
	refuse 129 "'2' is too small: 3 is the least" --min-regions 2 -p 1
	refuse 129 "10ms is shorter than --sample, 20ms" --sample 20ms --aggr 10ms -p 1
	refuse 129 "5 is less than --min-regions, 10" --max-regions 5 -p 1
	refuse 129 "'bogus' is not supported: vaddr (.*), fvaddr (.*), paddr (.*)" --ops bogus -p 1
	refuse 129 "the operations are paddr already, by --all" -a --ops vaddr
	refuse 129 "physical memory is monitored, which belongs to no process" -a -p 1
	refuse 129 "'x' is not a number" --tlb-flushes x -p 1
	refuse 129 "'18446744073709551615' is too big" --tlb-flushes 18446744073709551615 -p 1
	refuse 129 "nothing is flushed for physical memory" -a --tlb-flushes 0
	refuse 129 "'10' is not a time" --duration 10 -p 1
	refuse 129 "'5' is not a size" --max-size 5 -p 1
	refuse 129 "'23' is not a level of compression" -z23 -p 1
	refuse 129 "a stream cannot be compressed" -z -o - -p 1
	refuse 129 "Invalid argument for --mmap_pages/-m" -m x -p 1
}

test_ranges()
{
	refuse 129 "of a process, -p, or of physical memory, -a?" --ranges 4K-8K
	refuse 129 "'8K-4K' is not START-END" --ranges 8K-4K -p 1
	refuse 129 "'4K-12K,8K-16K' is not START-END" --ranges 4K-12K,8K-16K -p 1
	refuse 129 "'4K' is not START-END" --ranges 4K -p 1
	refuse 129 "'1-8192' is not whole pages" --ranges 1-8192 -p 1
	refuse 129 "vaddr finds its addresses itself" --ops vaddr --ranges 4K-8K -p 1
	refuse 129 "fvaddr needs to be told which addresses" --ops fvaddr -p 1
	refuse 129 "3 is less than the number of ranges, 4" --max-regions 3 --min-regions 3 \
		--ranges 4K-8K,12K-16K,20K-24K,28K-32K -p 1
}

test_processes()
{
	refuse 253 "no such process: 4000000" -p 4000000
	refuse 253 "no such process: 4000000" -p $$,4000000
	refuse 129 "'x' is not a process ID" -p x
	refuse 129 "'$$,' is not a process ID" -p $$,
	refuse 234 "process 2 has no memory of its own" -p 2
	expect_idle "no process"
}

test_not_root()
{
	setpriv --reuid 65534 --clear-groups "$(command -v perf)" damon record -p $$ >out 2>err
	expect_status 243 $? "not root"
	expect "not allowed to read how DAMON is used, .*: try sudo" err
}

test_in_use()
{
	local pid

	echo 1 >$kdamonds/nr_kdamonds
	refuse 240 "DAMON is in use: somebody has configured 1 kdamond(s)" -p $$
	[ "$(cat $kdamonds/nr_kdamonds)" = 1 ] || fail "somebody else's kdamond was taken away"
	echo 0 >$kdamonds/nr_kdamonds

	start_target
	perf damon record -o first.data -p "$target" 2>first.err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	refuse 240 "another perf damon record is running" -p "$target"
	[ "$(cat $kdamonds/0/state)" = on ] || fail "the first monitor was turned off"
	kill -INT "$pid"
	wait "$pid"
	expect_idle "in use"
}

test_no_damon()
{
	local events=/sys/kernel/tracing/events/damon

	# Hide DAMON's files by a mount.
	mount -t tmpfs none /sys/kernel/mm
	refuse 254 "DAMON without its sysfs interface: .*CONFIG_DAMON_SYSFS=y" -p $$
	mount -t tmpfs none "$events"
	refuse 254 "this kernel has no DAMON: .*CONFIG_DAMON_VADDR=y and CONFIG_DAMON_SYSFS=y" -p $$
	umount /sys/kernel/mm
	refuse 254 "no tracepoint damon:damon_aggregated: " -p $$
	umount "$events"
	expect_idle "no tracepoint"
}

test_cannot_write()
{
	perf damon record -o /nonexistent/perf.data -p $$ >out 2>err &&
		fail "no error for a file that cannot be written"
	expect "/nonexistent/perf.data" err
	expect_idle "cannot write"
}

test_options
test_ranges
test_processes
test_not_root
test_in_use
test_no_damon
test_cannot_write
finish
