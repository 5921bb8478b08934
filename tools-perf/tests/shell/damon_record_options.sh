#!/bin/bash
# DAMON record to files, pipes and limits
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# header FILE NAME: print a value of the file's header
header()
{
	perf report -f -i "$1" --header-only 2>/dev/null | sed -n "s/^# $2 *: //p"
}

# nr_events [FILE]: count DAMON's events in a file, or on the standard input
nr_events()
{
	perf script -f -i "${1:--}" -F trace 2>/dev/null | grep -c target_id=
}

# Many events at once. The file has at most 120 bytes per event, including everything else.
test_size_and_duration()
{
	local nr size

	perf damon record -o size.data -p "$target" --sample 1ms --aggr 2ms --min-regions 500 --duration 2s 2>err
	expect_status 0 $? "duration"
	expect "Monitored 1 process for 2[.0-9]*s" err
	nr=$(nr_events size.data)
	size=$(header size.data "data size")
	echo "$nr events in $size bytes"
	[ "$nr" -gt 2000 ] || fail "only $nr events"
	[ "$size" -le $((120 * nr)) ] || fail "$((size / nr)) bytes an event"
	expect_idle "duration"
}

# The file has the mappings of the target, and of no other process.
test_mappings()
{
	# Mappings of the kernel and its modules are in every record.
	perf script -f -i size.data --show-mmap-events -F comm,tid 2>/dev/null | grep 'PERF_RECORD_MMAP' |
		grep -v -F ' -1/0: ' >mmaps
	expect "$target/$target: .*/perl$" mmaps
	expect "$target/$target: .*\[heap\]" mmaps
	! grep -qv " $target/$target: " mmaps || fail "mappings of others: $(cat mmaps)"
}

test_max_size()
{
	local size

	perf damon record -o max.data -p "$target" --sample 1ms --aggr 2ms --min-regions 1000 --max-size 100KiB 2>err
	expect_status 0 $? "max-size"
	size=$(stat -c %s max.data)
	[ "$size" -ge 100000 ] || fail "--max-size 100KiB ended at $size bytes"
	[ "$(nr_events max.data)" -gt 0 ] || fail "--max-size: no events"
	expect_idle "max-size"
}

test_compressed_and_quiet()
{
	if ! perf version --build-options | grep -q 'zstd: \[ on'; then
		echo "no compression in this perf"
		return
	fi
	perf damon record -q -z -m 256 -o z.data -p "$target" --min-regions 500 --duration 1s >out 2>err
	expect_status 0 $? "compressed"
	[ -z "$(cat out err)" ] || fail "-q is not quiet: $(cat out err)"
	perf report -f -i z.data --header-only 2>/dev/null >out
	expect "^# compressed : Zstd, level = 1" out
	[ "$(nr_events z.data)" -gt 0 ] || fail "-z: $(nr_events z.data) events"
	perf damon report -f -i z.data >out || fail "-z: report: status $?"
	expect "^perl (pid $target): [1-9]" out
}

# perf inject keeps the settings.
test_inject()
{
	perf damon record -q -o inject.data -p "$target" --duration 1s || fail "record: $?"
	perf inject -b -i inject.data -o injected.data 2>err || fail "perf inject -b: $(cat err)"
	perf damon report -f -i injected.data >out 2>err
	expect "^perl (pid $target): [1-9]" out
	expect "^# settings: --ops vaddr --sample 5ms --aggr 100ms" out
}

# With -v, writes to sysfs are printed.
test_verbose()
{
	perf damon record -v -o verbose.data -p "$target" --duration 500ms 2>err
	expect_status 0 $? "verbose"
	expect "^damon: .*/kdamonds/nr_kdamonds = 1: 0$" err
	expect "^damon: .*/kdamonds/0/state = on: 0$" err
	expect "Monitored 1 process" err
	[ "$(nr_events verbose.data)" -gt 0 ] || fail "-v: no events"
}

# With a ring buffer that is much too small, lost events are counted.
test_lost_events()
{
	perf damon record -m 1 -o lost.data -p "$target" --sample 1ms --aggr 2ms --min-regions 1000 --duration 1s 2>err
	expect_status 0 $? "lost events"
	expect "perf record: [1-9][0-9]* lost samples: a larger buffer (-m) helps" err
	perf damon report -f -i lost.data >out 2>&1
	expect "lost" out
}

# The output of the command must not be mixed into the stream of events.
test_pipe()
{
	perf damon record -o - -p "$target" -- sh -c 'echo noise; sleep 1' 2>err | nr_events >out
	[ "$(cat out)" -gt 0 ] || fail "no events in the pipe: $(cat err)"
	expect "^noise$" err
	perf damon record -q -o - -p "$target" --duration 1s 2>err >stream
	perf damon report -i - <stream >out 2>>err
	expect "^perl (pid $target): [1-9]" out
	expect "^# settings: --ops vaddr --sample 5ms --aggr 100ms" out
	expect_idle "pipe"
}

# With a closed pipe or a full disk, the error is printed once, nothing is left running, and what was recorded
# can be read.
test_closed_pipe_and_full_disk()
{
	local status

	perf damon record -q -o - -p "$target" --duration 20s 2>err | :
	status=${PIPESTATUS[0]}
	[ "$status" != 0 ] || fail "closed pipe: status 0"
	[ "$(wc -l <err)" = 1 ] || fail "closed pipe: not one line: $(cat err)"
	expect "perf record could not begin to write to the pipe" err
	expect_idle "closed pipe"

	mkdir full
	mount -t tmpfs -o size=4M tmpfs full
	perf damon record -q -o full/perf.data -p "$target" --sample 1ms --aggr 2ms --min-regions 1000 --duration 20s 2>err
	status=$?
	[ "$status" != 0 ] || fail "full disk: status 0"
	[ "$(wc -l <err)" = 2 ] || fail "full disk: not two lines: $(cat err)"
	expect "failed to write perf data, error: No space left on device" err
	expect "full/perf.data has what was recorded until then" err
	[ "$(nr_events full/perf.data)" -gt 10000 ] || fail "full disk: $(nr_events full/perf.data) events"
	perf damon report -f -i full/perf.data >out 2>err || fail "full disk: $(cat err)"
	expect "^perl (pid $target): [1-9]" out
	expect_idle "full disk"
	umount full
}

# in_pipe: print how many bytes are in the pipe that is descriptor 5 (FIONREAD)
in_pipe()
{
	perl -e 'my $size = pack("i", 0); ioctl(STDIN, 0x541B, $size) or die $!; print unpack("i", $size)' <&5
}

# is_stuck: it is about full, and no more bytes come
# shellcheck disable=SC2317 # called by wait_for
is_stuck()
{
	local before

	before=$(in_pipe)
	[ "$before" -gt 32768 ] && sleep 1 && [ "$(in_pipe)" = "$before" ]
}

# A pipe that nobody reads holds perf record up. A second ^C ends that.
test_stuck_pipe()
{
	local pid

	mkfifo stuck
	exec 5<>stuck
	perf damon record -q -o - -p "$target" --sample 1ms --aggr 2ms --min-regions 1000 >stuck 2>err &
	pid=$!
	background+=("$pid")
	wait_for is_stuck
	kill -INT "$pid"
	sleep 2
	kill -0 "$pid" || fail "stuck pipe: it is not stuck"
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "stuck pipe"
	exec 5>&-
	expect_idle "stuck pipe"
}

start_target
test_size_and_duration
test_mappings
test_max_size
test_compressed_and_quiet
test_verbose
test_inject
test_lost_events
test_pipe
test_closed_pipe_and_full_disk
test_stuck_pipe
finish
