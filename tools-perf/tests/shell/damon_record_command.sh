#!/bin/bash
# DAMON record of a command
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

test_status()
{
	perf damon record -o status.data -- bash -c 'sleep 1; exit 3' 2>err
	expect_status 3 $? "exit status of the command"
	# perf record dies of the same signal. Suppress bash's message about that.
	{ perf damon record -o status.data -- bash -c 'sleep 1; kill -USR1 $$'; } 2>err
	expect_status 138 $? "signal that killed the command"
	expect_idle "command ended"
}

# Nothing is recorded before exec(): perf's own image must not appear.
test_from_the_first_instruction()
{
	perf damon record -o first.data -- sleep 2 2>err
	expect_status 0 $? "sleep"
	perf damon report -f -i first.data >out
	expect "^sleep (pid [0-9]*): [1-9]" out
	perf script -f -i first.data --show-mmap-events -F comm,tid 2>/dev/null | grep PERF_RECORD_MMAP2 >mmaps
	! grep -q '/perf$' mmaps || fail "perf's own image was recorded"
	expect "sleep$" mmaps
	# Files that are mapped later have their build IDs.
	expect '<[0-9a-f]\{40\}>\]: .*/libc.so.6$' mmaps
}

# What cannot be traced, as strace does that already, is stopped by a signal instead.
test_traced_by_another()
{
	command -v strace >/dev/null || return
	strace -f --seccomp-bpf -e trace=exit_group -o trace perf damon record -o traced.data -- bash -c 'sleep 2; exit 3' 2>err
	expect_status 3 $? "traced by another"
	expect "cannot trace 'bash' (Operation not permitted), so its start, .* is not monitored" err
	perf damon report -f -i traced.data >out
	expect "^bash (pid [0-9]*): [1-9]" out
	expect_idle "traced by another"
	strace -f --seccomp-bpf -e trace=exit_group -o trace perf damon record -o none.data -- /no/such/program 2>err &&
		fail "traced by another: no error for a command that is not there"
	expect "/no/such/program: No such file or directory" err
	[ ! -e none.data ] || fail "traced by another: a file without a recording"
	expect_idle "traced by another, not found"
}

test_not_found()
{
	perf damon record -o none.data -- /no/such/program 2>err &&
		fail "no error for a command that is not there"
	expect "/no/such/program: No such file or directory" err
	[ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
	[ ! -e none.data ] || fail "a file without a recording"
	expect_idle "command not found"
}

# A command that ends before the first snapshot.
test_short()
{
	perf damon record -o short.data --aggr 10s -- true 2>err
	expect_status 0 $? "true"
	expect "Monitored 1 process for" err
	expect "less than the aggregation interval, 10s: there is no snapshot" err
	expect_idle "true"
	perf damon report -f -i short.data >out 2>err
	expect_status 195 $? "report without a snapshot"
	expect "no snapshot in short.data: it was recorded for less than an aggregation interval" err
	[ "$(wc -l <err)" = 1 ] || fail "report without a snapshot: more than one line: $(cat err)"
}

# With -p and a command, the command only sets the duration.
test_command_as_timer()
{
	start_target
	perf damon record -o timer.data -p "$target" -- sleep 3 2>err
	expect_status 0 $? "command as timer"
	perf damon report -f -i timer.data >out
	expect "^perl (pid $target): [1-9]" out
	! grep -q "^sleep" out || fail "the command was recorded as well"
	kill -0 "$target" || fail "the target was killed"
	expect_idle "command as timer"
}

# The exit of the target is a normal end. The signal that then kills the command is not the status.
test_target_ends_first()
{
	local pid short

	sleep 1000 &
	short=$!
	perf damon record -o short.data -p "$short" -- sleep 1000 2>err &
	pid=$!
	background+=("$short" "$pid")
	wait_for recording "$pid"
	kill "$short"
	wait "$pid"
	expect_status 0 $? "target ends before the command"
	expect_idle "target ends before the command"
}

# As with perf record, ^C also ends the command.
test_interrupt()
{
	local pid

	perf damon record -o int.data -- sleep 1000 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "interrupted"
	! pgrep -x -f 'sleep 1000' >/dev/null || fail "the command is left"
	expect_idle "interrupted"
}

# Children that are not monitored are counted, threads are not.
test_children()
{
	perf damon record -i -o children.data -- bash -c '/bin/true; /bin/true; (sleep 1); exit 0' 2>err
	expect_status 0 $? "children"
	expect "perf damon record: 3 child processes were not monitored" err
	perf damon record --max-children 0 -o children.data -- bash -c '/bin/true; exec sleep 1' 2>err
	expect "perf damon record: 1 child process was not monitored" err
	perf damon record -i -o threads.data -- /usr/bin/python3 -c 'import threading, time
for i in range(3): threading.Thread(target=time.sleep, args=(1,)).start()' 2>err
	expect_status 0 $? "threads"
	! grep "not monitored" err || fail "threads are counted as children"
}

# A program that ignores SIGTERM does not make a recording longer than --duration, or a second ^C.
test_stubborn()
{
	local begin pid whole

	begin=$SECONDS
	perf damon record -o stubborn.data --duration 1s -- bash -c 'trap "" TERM; exec sleep 1000' 2>err
	expect_status 0 $? "stubborn program"
	whole=$((SECONDS - begin))
	expect "does not end on SIGTERM: it is left running" err
	pkill -KILL -x -f 'sleep 1000' || fail "the stubborn program has ended"

	perf damon record -o stubborn.data -- bash -c 'trap "" TERM INT; exec sleep 1000' 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	begin=$SECONDS
	kill -INT "$pid"
	sleep 1
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "second ^C"
	# It was not waited for again.
	[ $((SECONDS - begin)) -lt "$whole" ] || fail "second ^C: $((SECONDS - begin))s, and ${whole}s without"
	pkill -KILL -x -f 'sleep 1000' || fail "the stubborn program has ended"
	expect_idle "stubborn program"
}

test_status
test_from_the_first_instruction
test_traced_by_another
test_not_found
test_short
test_command_as_timer
test_target_ends_first
test_interrupt
test_children
test_stubborn
finish
