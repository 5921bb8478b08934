#!/bin/bash
# DAMON record of given addresses, physical memory and what runs already
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# bounds FILE: print the start and end address of all regions in a record
bounds()
{
	perf script -f -i "$1" -F trace 2>/dev/null |
		sed -n 's/.*nr_regions=[0-9]* \([0-9]*\)-\([0-9]*\): .*/\1 \2/p' |
		awk 'NR == 1 || $1 < first { first = $1 } $2 > last { last = $2 }
		     END { printf "%.0f-%.0f\n", first, last }'
}

# system_ram: print the start and end address of System RAM, in whole pages
system_ram()
{
	sed -n 's/^\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM$/0x\1 0x\2/p' /proc/iomem |
		while read -r start end; do
			echo "$(((start + 4095) / 4096 * 4096)) $(((end + 1) / 4096 * 4096))"
		done | awk 'NR == 1 { first = $1 } { last = $2 } END { printf "%.0f-%.0f\n", first, last }'
}

test_ranges_of_a_process()
{
	local start end

	IFS=' -' read -r start end _ < <(grep -F '[heap]' "/proc/$target/maps")
	perf damon record -o ranges.data -p "$target" --ranges "0x$start-0x$end" --duration 1s 2>err
	expect_status 0 $? "ranges"
	[ "$(bounds ranges.data)" = "$((0x$start))-$((0x$end))" ] ||
		fail "asked for $((0x$start))-$((0x$end)), recorded $(bounds ranges.data)"
	settings ranges.data >out
	expect "^kdamond [1-9][0-9]*: --ops fvaddr .* -p $target --ranges 0x$start-0x$end$" out
	# The operations that --ranges implies may also be given.
	perf damon record -o fvaddr.data -p "$target" --ops fvaddr --ranges "0x$start-0x$end" --duration 1s 2>err
	expect_status 0 $? "--ops fvaddr"
	[ "$(bounds fvaddr.data)" = "$((0x$start))-$((0x$end))" ] || fail "--ops fvaddr: recorded $(bounds fvaddr.data)"
	expect_idle "ranges"
}

test_physical()
{
	local status

	if ! grep -q paddr "$1"; then
		echo "no paddr in this kernel"
		return
	fi
	perf damon record -o all.data -a --duration 1s 2>err
	expect_status 0 $? "physical memory"
	expect "Monitored physical memory for" err
	mv err err.all
	settings all.data >out
	[ "$(bounds all.data)" = "$(system_ram)" ] || fail "of $(system_ram), $(bounds all.data) was recorded"
	expect_idle "physical memory"
	perf damon record -q -o quiet.data -a --duration 500ms 2>err
	expect_status 0 $? "physical memory, quiet"
	[ ! -s err ] || fail "-q is not quiet: $(cat err)"

	perf damon record -o two.data -a --ranges 1GiB-0x44000000,0x44001000-0x48000000 --duration 1s 2>err
	status=$?
	# System RAM has at least two ranges.
	if grep -q "this kernel's DAMON takes one range only" err.all; then
		expect ": --ops paddr .* --ranges 0x[0-9a-f]*-0x[0-9a-f]*$" out
		expect_status 234 $status "several ranges"
		expect "some kernels take one range only, choose it with --ranges" err
		[ "$(wc -l <err)" = 1 ] || fail "more than one line: $(cat err)"
	else
		expect ": --ops paddr .* --ranges 0x[0-9a-f]*-0x[0-9a-f]*,0x" out
		expect_status 0 $status "several ranges"
	fi
	expect_idle "several ranges"

	perf damon record -o part.data -a --ranges 1GiB-0x48000000 -- sleep 1 2>err
	expect_status 0 $? "a part of physical memory"
	[ "$(bounds part.data)" = 1073741824-1207959552 ] || fail "recorded $(bounds part.data)"
	expect_idle "physical memory"
}

# A running kdamond is left running, also if the recording is interrupted.
test_running_already()
{
	local pid kdamond buffer

	perf damon start -p "$target" --aggr 50ms --max-regions 20000 >out || fail "start: $(cat out)"
	kdamond=$(cat $kdamonds/0/pid)
	cat $kdamonds/0/contexts/0/avail_operations >operations

	perf damon record -o found.data 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	# Two snapshots of all regions, with 112 bytes for each
	buffer=$(grep -h -m 1 -o '^.*perf_event' "/proc/$(pgrep -P "$pid")/maps" | cut -d ' ' -f 1)
	[ $((0x${buffer#*-} - 0x${buffer%-*})) -ge $((8 << 20)) ] || fail "a small ring buffer: $buffer"
	sleep 1
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "interrupted"
	expect "Recorded 1 kdamond for .*, left running" err
	[ "$(cat $kdamonds/0/state $kdamonds/0/pid)" = $'on\n'"$kdamond" ] ||
		fail "the kdamond was not left running"
	settings found.data >out
	expect "^kdamond $kdamond: --ops vaddr --sample 5ms --aggr 50ms .* -p $target$" out
	[ "$(bounds found.data)" != 0-0 ] || fail "nothing was recorded"
	perf script -f -i found.data --show-mmap-events -F comm,tid >out 2>/dev/null
	expect "PERF_RECORD_MMAP2 $target/$target: .*/perl$" out

	# If the kdamond ends, the recording ends.
	perf damon record -o ended.data 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	perf damon stop
	wait "$pid"
	expect_status 0 $? "the kdamond ended"
	expect_idle "running already"
}

# If a program has changed since the recording, its symbols are not used, unless perf's cache has the old file.
test_changed_program()
{
	local pid

	cp "$(readlink -f "$(command -v perf)")" program
	# The program waits for input that never comes.
	mkfifo fifo
	exec 3<>fifo
	./program damon report -i - <fifo 2>/dev/null &
	pid=$!
	background+=("$pid")
	wait_for grep -q -x program "/proc/$pid/comm"
	perf damon record -o changed.data -p "$pid" --duration 1s 2>err
	expect_status 0 $? "program"
	perf damon report -f -i changed.data --mappings -F symbol,mapping >out 2>err || fail "symbols: status $?"
	expect '^  report_options .*/program$' out
	[ ! -s err ] || fail "symbols: $(cat err)"
	cp "$(command -v bash)" program.new
	mv program.new program
	perf --buildid-dir "$PWD/no-cache" damon report -f -i changed.data --mappings -F symbol,mapping >out 2>err ||
		fail "no symbols: status $?"
	expect 'no symbols of .*/program: it has changed since it was recorded' err
	[ "$(wc -l <err)" = 1 ] || fail "no symbols: more than one line: $(cat err)"
	expect '^  *[^ ]*/program$' out
	! grep -q '^  [^ ]\+ .*/program$' out || fail "symbols of another program: $(cat out)"
	kill "$pid"
	exec 3>&-
}

# make_kdamond INDEX PID AGGR_US: configure a kdamond and turn it on
make_kdamond()
{
	local context=$kdamonds/$1/contexts/0

	echo 1 >"$kdamonds/$1/contexts/nr_contexts"
	echo vaddr >"$context/operations"
	echo "$3" >"$context/monitoring_attrs/intervals/aggr_us"
	echo 1 >"$context/targets/nr_targets"
	echo "$2" >"$context/targets/0/pid_target"
	echo on >"$kdamonds/$1/state"
}

# Several kdamonds configured without perf damon: all are recorded, with the settings of each.
test_several_running()
{
	local i pid first second

	sleep 1000 &
	first=$!
	sleep 1000 &
	second=$!
	background+=("$first" "$second")
	echo 2 >$kdamonds/nr_kdamonds
	make_kdamond 0 "$first" 100000
	make_kdamond 1 "$second" 50000
	perf damon record -o several.data --duration 1s 2>err
	expect_status 0 $? "two kdamonds"
	expect "Recorded 2 kdamonds for .*, left running" err
	settings several.data >out
	expect "^kdamond $(cat $kdamonds/0/pid): --ops vaddr .* --aggr 100ms .* -p $first$" out
	expect "^kdamond $(cat $kdamonds/1/pid): --ops vaddr .* --aggr 50ms .* -p $second$" out
	[ "$(wc -l <out)" = 2 ] || fail "two kdamonds: $(cat out)"
	for i in 0 1; do
		[ "$(cat $kdamonds/$i/state)" = on ] || fail "kdamond $i was not left running"
	done

	# It ends by itself when both have ended, as their processes have.
	perf damon record -o several.data 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill "$first"
	wait_for grep -q off $kdamonds/0/state
	sleep 2
	kill -0 "$pid" || fail "two kdamonds: the recording has ended with the first one"
	kill "$second"
	wait "$pid"
	expect_status 0 $? "two kdamonds ended"
	perf damon stop --others
	expect_idle "two kdamonds"
}

# Settings that change while they are recorded are noted again.
test_changed_settings()
{
	local pid context=$kdamonds/0/contexts/0

	echo 1 >$kdamonds/nr_kdamonds
	make_kdamond 0 "$target" 100000
	perf damon record -o changes.data 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 2
	echo 1000000 >$context/monitoring_attrs/intervals/aggr_us
	echo commit >$kdamonds/0/state
	# They are looked at once a second.
	sleep 5
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "settings change"
	settings changes.data | sed 's/.* --aggr \([^ ]*\) .*/\1/' >out
	[ "$(cat out)" = $'100ms\n1s' ] || fail "settings change: $(settings changes.data)"
	perf damon stop --others
	expect_idle "settings change"
}

# Physical memory belongs to no process: of processes, only the kdamond's name is recorded.
test_no_processes()
{
	grep -q paddr "$1" || return
	perf damon record -o nobody.data -a --ranges 1GiB-0x44000000 -- sh -c 'cat /proc/self/maps; ls -l /' >out 2>err
	expect_status 0 $? "physical memory, and a command"
	perf script -f -i nobody.data --show-mmap-events --show-task-events -F comm,pid,tid,event 2>/dev/null |
		grep 'PERF_RECORD_[A-Z0-9]*' | grep -v -e ' -1/0: ' -e KSYMBOL -e 'COMM: kdamond\.' >out
	[ ! -s out ] || fail "physical memory: processes are recorded: $(cat out)"
	expect_idle "physical memory, and a command"
}

start_target
test_running_already
test_several_running
test_changed_settings
test_ranges_of_a_process
test_changed_program
test_physical operations
test_no_processes operations
finish
