#!/bin/bash
# DAMON record of processes
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

nr_snapshots()
{
	perf damon report -f -i "$1" --wss | sed -n 's/.*: \([0-9]*\) snapshots\? in .*/\1/p'
}

test_interrupt()
{
	local pid status

	perf damon record -o int.data --aggr 50ms -p "$target" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 3
	kill -INT "$pid"
	wait "$pid"
	status=$?
	# 130 is the shell's status for SIGINT. perf record dies of it, too.
	expect_status 130 $status "interrupted"
	expect_idle "interrupted"
	expect "Monitored 1 process for" err
	[ "$(nr_snapshots int.data)" -ge 10 ] || fail "only $(nr_snapshots int.data) snapshots"
	perf damon report -f -i int.data >out
	expect "^perl (pid $target): " out
	expect "settings: --ops vaddr --sample 5ms --aggr 50ms --update 1s" out
}

# SIGHUP ends the recording, except under nohup.
test_hangup()
{
	local pid

	nohup perf damon record -o hangup.data -p "$target" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill -HUP "$pid"
	sleep 1
	[ "$(cat $kdamonds/0/state)" = on ] || fail "nohup: ended by SIGHUP"
	kill -TERM "$pid"
	wait "$pid"
	expect_status 143 $? "nohup"
	expect_idle "nohup"

	perf damon record -o hangup.data -p "$target" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill -HUP "$pid"
	{ wait "$pid"; } 2>/dev/null
	expect_status 129 $? "hangup"
	expect_idle "hangup"
}

test_target_exits()
{
	local pid short

	sleep 1000 &
	short=$!
	perf damon record -o exit.data -p "$short,$short" 2>err &
	pid=$!
	background+=("$short" "$pid")
	wait_for recording "$pid"
	sleep 1
	kill "$short"
	wait "$pid"
	expect_status 0 $? "target exits"
	expect_idle "target exits"
	perf damon report -f -i exit.data >out
	expect "^sleep (pid $short): [1-9]" out
}

# has_threads PID: PID has more than one thread; sets threads to their directories in /proc
has_threads()
{
	threads=("/proc/$1/task/"*)
	[ ${#threads[@]} -gt 1 ]
}

# Thread IDs are replaced by their process, which is monitored only once.
test_threads()
{
	local pid name

	python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(1000,)).start()' &
	pid=$!
	background+=("$pid")
	wait_for has_threads "$pid"
	name=$(cat "/proc/$pid/comm")
	perf damon record -o threads.data -p "${threads[1]##*/},$pid" --duration 1s 2>err
	expect_status 0 $? "threads"
	expect "Monitored 1 process for" err
	perf damon report -f -i threads.data >out
	expect "^$name (pid $pid): [1-9]" out
	[ "$(grep -c '(pid' out)" = 1 ] || fail "threads: more than one target: $(cat out)"
	kill -KILL "$pid"
	{ wait "$pid"; } 2>/dev/null
}

# The first thread of a process may end before the others: it is monitored, and its mappings have names. Stock DAMON
# (Linux 6.12.117 was tested) finds no memory then.
test_first_thread_ended()
{
	local pid

	python3 -c '
import ctypes, threading, time
memory = bytearray(64 << 20)
def work():
	while True:
		memory[::4096] = memory[::4096]
		time.sleep(0.001)
threading.Thread(target=work).start()
ctypes.CDLL(None).pthread_exit(None)' &
	pid=$!
	background+=("$pid")
	wait_for grep -q '^State:.*zombie' "/proc/$pid/status"
	perf damon record -o first.data -p "$pid" --duration 5s 2>err
	expect_status 0 $? "first thread has ended"
	perf damon report -f -i first.data --mappings >out 2>err
	if is_ours; then
		expect "(pid $pid): [1-9]" out
		expect "MiB  \\[anon\\]$" out
	else
		expect "^no snapshot in first.data: .*, or DAMON has found no memory$" err
	fi
	kill -KILL "$pid"
	{ wait "$pid"; } 2>/dev/null
}

# mappings_of_size FILE SIZE: print the start addresses of anonymous mappings of a size
mappings_of_size()
{
	perf script -f -i "$1" --show-mmap-events -F comm,tid 2>/dev/null |
		sed -n "s/.*PERF_RECORD_MMAP2 $target\/$target: \[\(0x[0-9a-f]*\)($2) .*/\1/p" | sort -u
}

# There is no event for mremap(): mappings are recorded again when they have changed.
test_moved_memory()
{
	local target pid

	python3 -c '
import mmap, time
memory = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
while True:
	for i in range(0, len(memory), 4096):
		memory[i] = 1
	time.sleep(0.01)
	try:
		open("grow").close()
		if len(memory) < 80 << 20:
			memory.resize(80 << 20)
	except FileNotFoundError:
		pass' &
	target=$!
	background+=("$target")
	wait_for has_data "$target"
	sleep 1
	perf damon record -o moved.data -p "$target" --duration 6s 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	touch grow
	wait "$pid"
	expect_status 0 $? "moved memory"
	[ -n "$(mappings_of_size moved.data 0x5000000)" ] || fail "moved memory: the new mapping is not recorded"
	kill "$target"
}

# all_say FILE: all processes of test_many_maps have written their IDs to a file
all_say()
{
	[ "$(wc -l <"$1")" = 401 ]
}

# At the end, the mappings of all processes are recorded again, however many commands that takes.
test_many_maps()
{
	local pid

	mkfifo grow_all
	touch pids resized
	python3 -c '
import mmap, os, time
memory = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for i in range(400):
	if not os.fork():
		break
print(os.getpid(), file=open("pids", "a"), flush=True)
open("grow_all").close()
memory.resize(80 << 20)
print(os.getpid(), file=open("resized", "a"), flush=True)
time.sleep(1000)' &
	background+=("$!")
	wait_for all_say pids
	perf damon record -o maps.data -p "$(paste -s -d , pids)" --aggr 1s --sample 100ms 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	# Longer than until the first look at them
	sleep 5
	: >grow_all
	wait_for all_say resized
	kill -INT "$pid"
	# If it hangs
	{ sleep 100; kill -INT "$pid"; } &
	background+=("$!")
	wait "$pid"
	expect_status 130 $? "many processes"
	perf script -f -i maps.data --show-mmap-events -F comm,tid 2>/dev/null |
		sed -n 's/.*PERF_RECORD_MMAP2 \([0-9]*\)\/.*(0x5000000) .*/\1/p' | sort -u >grown
	[ "$(wc -l <grown)" = "$(wc -l <pids)" ] || fail "many processes: only $(wc -l <grown) of the new mappings"
	xargs kill <pids
	expect_idle "many processes"
}

# In a PID namespace the kdamond has no number, and processes have those of the namespace.
test_namespace()
{
	unshare -p -f --mount-proc bash -c '
		sleep 1000 &
		perf damon record -o ns.data -p $! --duration 2s 2>err
		echo $? $! >status
		kill $!'
	expect_status 0 "$(cut -d " " -f 1 status)" "namespace: $(cat err)"
	expect_idle "namespace"
	perf damon report -f -i ns.data >out 2>err
	expect "^sleep (pid $(cut -d " " -f 2 status)): [1-9]" out
}

cpu_ticks()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# If one of two targets exits, the other one is still recorded, and perf record does not spin.
test_one_of_two_exits()
{
	local pid first before after

	sleep 1000 &
	first=$!
	perf damon record -o two.data -p "$first,$target" 2>err &
	pid=$!
	background+=("$first" "$pid")
	wait_for recording "$pid"
	kill "$first"
	sleep 1
	before=$(cpu_ticks "$(recorder "$pid")")
	sleep 3
	after=$(cpu_ticks "$(recorder "$pid")")
	[ $((after - before)) -lt 100 ] || fail "perf record spins: $((after - before)) of 300 ticks"
	kill -TERM "$pid"
	wait "$pid"
	expect_status 143 $? "terminated"
	expect_idle "one of two exits"
	perf damon report -f -i two.data >out
	expect "^perl (pid $target): [1-9]" out
	perf script -f -i two.data -F tid,trace 2>/dev/null | awk '{ print $1 }' | sort -u >tids
	[ "$(wc -l <tids)" = 1 ] || fail "events of others than one kdamond: $(cat tids)"
}

# If perf record is killed, the monitor is stopped, and what was written can be read.
test_recorder_dies()
{
	local pid

	echo old >dies.data
	perf damon record -o dies.data -p "$target" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill -KILL "$(recorder "$pid")"
	wait "$pid" && fail "no error when perf record dies"
	expect "perf record was killed" err
	expect "dies.data has what was recorded until then" err
	expect_idle "perf record dies"
	[ "$(cat dies.data.old)" = old ] || fail "the older file is gone"
	settings dies.data >out
	expect "^kdamond [1-9][0-9]*: --ops vaddr .* -p $target$" out
	perf script -f -i dies.data >out 2>err || fail "perf record dies: $(cat err)"
}

start_target
test_interrupt
test_hangup
test_target_exits
test_threads
test_first_thread_ended
test_moved_memory
test_many_maps
test_namespace
test_one_of_two_exits
test_recorder_dies
finish
