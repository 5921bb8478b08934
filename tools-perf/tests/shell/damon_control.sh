#!/bin/bash
# DAMON start, stop and status
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

context=$kdamonds/0/contexts/0

# refuse STATUS TEXT COMMAND...: COMMAND fails with STATUS and one line that contains TEXT
refuse()
{
	local status=$1 text=$2

	shift 2
	perf damon "$@" >out 2>err
	expect_status "$status" $? "$*"
	expect "$text" err
	[ "$status" = 129 ] || [ "$(wc -l <err)" = 1 ] || fail "$*: more than one line: $(cat err)"
	[ ! -s out ] || fail "$*: something on the standard output"
}

# somebody_else [on]: configure a kdamond without perf damon
somebody_else()
{
	echo 1 >$kdamonds/nr_kdamonds
	echo 1 >$kdamonds/0/contexts/nr_contexts
	echo vaddr >$context/operations
	echo 1 >$context/targets/nr_targets
	echo "$target" >$context/targets/0/pid_target
	[ "${1:-}" != on ] || echo on >$kdamonds/0/state
}

test_start_and_stop()
{
	perf damon start -p "$target" --aggr 50ms --max-regions 20 >out 2>err
	expect_status 0 $? "start"
	expect "^kdamond $(cat $kdamonds/0/pid) monitors" out
	[ "$(cat $kdamonds/0/state)" = on ] || fail "start: no monitor is on"
	[ "$(cat $context/monitoring_attrs/nr_regions/max)" = 20 ] || fail "start: another maximum"

	perf damon status >out 2>err
	expect_status 0 $? "status"
	expect "^kdamond 0: running, process $(cat $kdamonds/0/pid); made by perf damon start$" out
	expect "settings:   --ops vaddr --sample 5ms --aggr 50ms .*--max-regions 20\( --tlb-flushes 200\)\?$" out
	expect "process:    $target (perl)$" out

	refuse 240 "perf damon start has made its kdamond; perf damon stop ends it" start -p "$target"
	perf damon stop >out 2>err
	expect_status 0 $? "stop"
	[ -z "$(cat out err)" ] || fail "stop tells: $(cat out err)"
	expect_idle "stop"
	[ ! -e /run/perf-damon ] || fail "stop: the mark is left"
}

# If perf damon start is killed while it starts, a running monitor is left, or none.
test_end_of_start()
{
	local i nr pid

	for i in 1 2 3 4 5; do
		perf damon start -p "$target" >out 2>err &
		pid=$!
		while read -r nr <$kdamonds/nr_kdamonds && [ "$nr" = 0 ] && kill -0 "$pid" 2>/dev/null; do :; done
		kill -TERM "$pid" 2>/dev/null
		wait "$pid"
		if [ "$(cat $kdamonds/nr_kdamonds)" != 0 ]; then
			[ "$(cat $kdamonds/0/state)" = on ] || fail "end of start, $i: a kdamond that is off is left"
			perf damon stop || fail "end of start: stop"
		fi
	done
	expect_idle "end of start"
}

test_start_physical()
{
	perf damon status -v | grep -q 'operations:.* paddr' || return
	perf damon start -a --ranges 1GiB-0x48000000 >out 2>err
	expect_status 0 $? "start -a --ranges"
	perf damon status >out
	expect "addresses:  0x40000000-0x48000000" out
	perf damon stop
	perf damon start -a >out 2>err
	[ "$(cat $kdamonds/0/state)" = on ] || fail "start -a: $(cat err)"
	perf damon status >out
	expect "addresses:  0x1000-" out
	perf damon stop
}

# Control characters in the name of a process are not printed.
test_hostile_name()
{
	bash -c 'printf "\033c[31m" >/proc/$$/comm; sleep 60 & echo $! >child; wait' &
	hostile=$!
	wait_for grep -q '31m' "/proc/$hostile/comm"
	perf damon start -p "$hostile" >out || fail "start"
	perf damon status >out
	expect "process:    $hostile (?c\[31m)" out
	perf damon stop
	kill "$(cat child)" "$hostile"
	wait "$hostile"
}

# Only some kernels support --tlb-flushes. Others refuse it, and it is not recorded.
test_tlb_flushes()
{
	local file=$context/monitoring_attrs/max_tlb_flushes

	perf damon start -p "$target" >out || fail "start"
	if [ ! -e "$file" ]; then
		perf damon stop
		refuse 254 "--tlb-flushes: this kernel's DAMON has no monitoring_attrs/max_tlb_flushes" \
			start -p "$target" --tlb-flushes 0
		expect_idle "no flushes"
		perf damon record -q -o flushes.data -p "$target" --duration 500ms || fail "no flushes: status $?"
		[[ $(settings flushes.data) != *tlb-flushes* ]] || fail "flushes that are not there are recorded"
		return
	fi
	perf damon status -v | grep -q 'options: .*--tlb-flushes' || fail "perf damon status tells of no flushes"
	perf damon stop

	perf damon start -p "$target" --tlb-flushes 7 >out || fail "start --tlb-flushes"
	[ "$(cat "$file")" = 7 ] || fail "start --tlb-flushes: another number"
	perf damon status >out
	expect "settings: .* --tlb-flushes 7$" out
	perf damon record -q -o flushes.data --duration 500ms || fail "what runs: status $?"
	[[ $(settings flushes.data) = *" --tlb-flushes 7 "* ]] || fail "what runs: not recorded"
	perf damon stop

	perf damon start -p "$target" --no-tlb-flushes >out || fail "start --no-tlb-flushes"
	[ "$(cat "$file")" = 0 ] || fail "start --no-tlb-flushes: they are on"
	perf damon stop

	# The kernel's default is also recorded.
	perf damon record -q -o flushes.data -p "$target" --duration 500ms || fail "record: status $?"
	[[ $(settings flushes.data) = *" --tlb-flushes 200 "* ]] || fail "default: not recorded"
	perf damon record -q -o flushes.data -p "$target" --tlb-flushes 0 --duration 500ms || fail "none: status $?"
	perf damon report -f -i flushes.data >out
	expect "^# settings: .* --tlb-flushes 0$" out
	expect_idle "flushes"
}

# If the target exits, the kdamond ends, but it still belongs to perf damon start.
test_target_ends()
{
	local short

	sleep 1000 &
	short=$!
	perf damon start -p "$short" --update 100ms >out 2>err || fail "start: $(cat err)"
	kill "$short"
	wait "$short"
	wait_for grep -q off $kdamonds/0/state
	perf damon status >out
	expect "^kdamond 0: off; made by perf damon start$" out
	expect "process:    $short (has ended)$" out
	refuse 240 "perf damon start has made its kdamond, which has ended" start -p "$target"
	perf damon stop || fail "stop after the target has ended"
	expect_idle "target ends"
}

# A kdamond that may not be ours is not stopped.
test_somebody_else()
{
	refuse 253 "nothing to stop: no kdamond is configured" stop
	somebody_else on
	perf damon status >out
	expect "^kdamond 0: running, process [0-9]*; made by somebody else$" out
	refuse 255 "somebody else has configured DAMON: .*perf damon stop --others" stop
	refuse 240 "running for somebody else" start -p "$target"
	[ "$(cat $kdamonds/0/state)" = on ] || fail "somebody else's monitor was turned off"
	perf damon stop --others || fail "stop --others"
	expect_idle "stop --others"

	# Other tools first replace our kdamond, then turn on our kdamond again.
	perf damon start -p "$target" >out || fail "start"
	echo off >$kdamonds/0/state
	somebody_else on
	refuse 255 "somebody else has configured DAMON" stop
	perf damon stop --others || fail "stop --others"
	perf damon start -p "$target" >out || fail "start"
	echo off >$kdamonds/0/state
	echo on >$kdamonds/0/state
	refuse 255 "somebody else has configured DAMON" stop
	perf damon stop --others || fail "stop --others"
	expect_idle "somebody else"
}

# Schemes that somebody else has made are neither in the way nor touched.
test_schemes()
{
	local schemes=$context/schemes

	somebody_else
	if ! echo 1 >$schemes/nr_schemes 2>/dev/null; then
		echo "this kernel has no schemes: they are not tested"
		perf damon stop --others
		return
	fi
	echo stat >$schemes/0/action
	echo 4294967295 | tee $schemes/0/access_pattern/{sz,nr_accesses,age}/max >/dev/null
	echo on >$kdamonds/0/state
	perf damon status >out 2>err
	expect_status 0 $? "status with a scheme"
	expect "^kdamond 0: running, process [0-9]*; made by somebody else$" out
	[ ! -s err ] || fail "status with a scheme: $(cat err)"
	perf damon record --duration 500ms -o schemes.data >out 2>err
	expect_status 0 $? "record with a scheme"
	perf damon report -i schemes.data >out 2>err
	expect "(pid $target): [0-9]* snapshot" out
	[ "$(cat $kdamonds/0/state)" = on ] || fail "record with a scheme: turned off"
	[ "$(cat $schemes/0/action)" = stat ] || fail "record with a scheme: another action"
	echo update_schemes_stats >$kdamonds/0/state
	[ "$(cat $schemes/0/stats/nr_tried)" -gt 0 ] || fail "record with a scheme: it was not applied"
	perf damon stop --others
	expect_idle "schemes"
}

# start_and_kill: kill a perf damon record by SIGKILL, so that it cannot clean up
start_and_kill()
{
	local pid recorder

	perf damon record -o killed.data -p "$target" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	# At least one snapshot
	sleep 1
	recorder=$(recorder "$pid")
	kill -KILL "$pid"
	{ wait "$pid"; } 2>/dev/null
	wait_for test ! -e "/proc/$recorder"
	killed=$pid
}

test_killed()
{
	start_and_kill
	[ "$(cat $kdamonds/0/state)" = on ] || fail "killed: the kdamond has ended"
	perf damon report -f -i killed.data >out || fail "the file of a record that was killed"
	perf damon status >out
	expect "^kdamond 0: running, process [0-9]*; made by a perf damon record that was killed (perf damon stop ends it)$" out
	refuse 240 "record (process $killed) was killed, its kdamond is still running; perf damon stop" \
		record -o no.data -p "$target"
	# It can be recorded like any running kdamond.
	perf damon record -o left.data --duration 500ms 2>err || fail "record what is left: status $?"
	expect "record (process $killed) was killed, its kdamond is left: perf damon stop ends it" err
	expect "Recorded 1 kdamond for" err
	perf damon record -q -o left.data --duration 500ms 2>err || fail "record -q what is left: status $?"
	[ ! -s err ] || fail "-q is not quiet: $(cat err)"
	echo off >$kdamonds/0/state
	refuse 253 "nothing to record: perf damon record (process $killed) was killed, and its kdamond has ended" \
		record -o no.data
	perf damon stop || fail "stop after a kill"
	expect_idle "killed"

	# After a recording was killed, a running kdamond may belong to another tool.
	start_and_kill
	echo off >$kdamonds/0/state
	somebody_else on
	refuse 255 "somebody else has configured DAMON" stop
	perf damon stop --others || fail "stop --others"
	expect_idle "killed, then somebody else"
}

# perf damon is killed while it writes its mark, before it has created a kdamond.
test_killed_at_once()
{
	# SIGXFSZ kills it at the first write to a file.
	{ (ulimit -c 0 -f 0; exec perf damon start -p "$target" >/dev/null 2>&1); } 2>/dev/null
	expect_status 153 $? "killed at the mark"
	expect_idle "killed at the mark"
	perf damon stop 2>/dev/null
	[ ! -e /run/perf-damon.new ] || fail "killed at the mark: half of it is left"

	# It was killed right after it had created a kdamond, before it could note the inode number in the mark.
	perf damon start -p "$target" >out || fail "start"
	sed 's/^perf damon start/perf damon record/; s/^directory .*/directory 0/; s/^kdamond .*/kdamond 0 0/' \
		/run/perf-damon >mark
	perf damon stop
	echo 1 >$kdamonds/nr_kdamonds
	cat mark >/run/perf-damon
	perf damon status >out
	expect "^kdamond 0: off; made by a perf damon record that was killed" out
	# The kdamond has been configured further by another tool, so it is not ours.
	echo 1 >$kdamonds/0/contexts/nr_contexts
	refuse 255 "somebody else has configured DAMON" stop
	echo 0 >$kdamonds/0/contexts/nr_contexts
	perf damon stop || fail "stop after a kill at once"
	expect_idle "killed at once"
	[ ! -e /run/perf-damon ] || fail "killed at once: the mark is left"
}

test_while_recording()
{
	local pid

	perf damon record -o while.data -p "$target" 2>err2 &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	perf damon status >out
	expect "made by perf damon record$" out
	refuse 240 "perf damon record is running: it ends its kdamond itself" stop
	refuse 240 "perf damon record is running: it ends its kdamond itself" stop --others
	kill -INT "$pid"
	wait "$pid"
	expect_idle "while recording"
}

test_abilities()
{
	local before

	before=$(stat -c %Z $kdamonds)
	perf damon status -v >out 2>err
	expect_status 0 $? "perf damon status -v"
	expect "^no kdamond is running$" out
	expect "^DAMON of this kernel, $(uname -r):$" out
	expect "operations:  " out
	expect "tracepoint:  damon:damon_aggregated" out
	[ "$(stat -c %Z $kdamonds)" = "$before" ] || fail "perf damon status changes sysfs"

	somebody_else
	perf damon status -v >out 2>err
	expect "^kdamond 0: off; made by somebody else$" out
	expect "operations:  vaddr fvaddr" out
	expect "options:     --sample, --aggr, --update, --min-regions, --max-regions" out
	perf damon status >out
	! grep operations out || fail "status without -v lists what DAMON supports"
	[ "$(cat $context/operations)" = vaddr ] || fail "perf damon status changes what others have configured"
	perf damon stop --others
	expect_idle "perf damon status"
}

# Options override what is configured.
test_config()
{
	printf '[damon]\n\tsample = 10ms\n\taggr = 200ms\n\tmax-regions = 500\n' >config
	PERF_CONFIG=$dir/config perf damon start -p "$target" --aggr 400ms >out || fail "start with a configuration"
	perf damon status >out
	expect "settings: .* --sample 10ms --aggr 400ms --update 1s --min-regions 10 --max-regions 500" out
	perf damon stop
	PERF_CONFIG=$dir/config perf damon record -q -o config.data -p "$target" --duration 1s ||
		fail "record with a configuration"
	[[ $(settings config.data) = *" --sample 10ms --aggr 200ms --update 1s --min-regions 10 --max-regions 500"* ]] ||
		fail "record with a configuration: $(settings config.data)"
	expect_idle "a configuration"
}

test_options()
{
	refuse 129 "nothing to monitor: give a process with -p, or all memory with -a" start
	refuse 129 "what is 'x'" start -p 1 x
	refuse 129 "what is 'x'" stop x
	refuse 129 "what is 'x'" status x
	refuse 129 "has no command 'halt'" halt
	setpriv --reuid 65534 --clear-groups "$(command -v perf)" damon status >out 2>err
	expect_status 243 $? "not root"
	expect "not allowed to read how DAMON is used, .*: try sudo" err
}

start_target
test_start_and_stop
test_end_of_start
test_start_physical
test_hostile_name
test_tlb_flushes
test_target_ends
test_somebody_else
test_schemes
test_killed
test_killed_at_once
test_while_recording
test_abilities
test_config
test_options
finish
