#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many times on and off; two kdamonds at once; many commits to a running kdamond.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

: "${CYCLES:=1000}"
: "${COMMITS:=300}"

# Sleep without starting a program, which might take longer than the pause
pause()
{
	read -r -t "$1" -u "$NOTHING_FD"
}

cycle()
{
	local i

	for ((i = 0; i < CYCLES; i++)); do
		put on "$KDAMOND/state" && put off "$KDAMOND/state" || return
	done
}

# Number of kdamond threads
kdamonds()
{
	cat /proc/[0-9]*/comm 2> /dev/null | grep -c '^kdamond'
}

# setup_second PID: a second kdamond, for that process
setup_second()
{
	SECOND=$KDAMONDS/1
	put 1 "$SECOND/contexts/nr_contexts"
	put 1 "$SECOND/contexts/0/targets/nr_targets"
	put "$1" "$SECOND/contexts/0/targets/0/pid_target"
}

trace_begin 13
touch_memory 64 16
first=("$target" "$start" "$end" "$hot" "$hot_end")

damon_setup "$target"
ktap_test_result "on and off $CYCLES times" cycle
expect "no thread is left" 0 kdamonds
ktap_test_result "on after that" put on "$KDAMOND/state"
put off "$KDAMOND/state"

# Two kdamonds, each with a target of its own
touch_memory 64 32
second=("$target" "$start" "$end" "$hot" "$hot_end")
put 0 "$KDAMONDS/nr_kdamonds"
put 2 "$KDAMONDS/nr_kdamonds"
put 1 "$KDAMOND/contexts/nr_contexts"
damon_targets "${first[0]}"
setup_second "${second[0]}"
trace_start
put on "$KDAMOND/state"
put on "$SECOND/state"
pids=("$(< "$KDAMOND/pid")" "$(< "$SECOND/pid")")
expect "two kdamonds run" 2 kdamonds
sleep 5
ktap_test_result "one is turned off" put off "$KDAMOND/state"
expect "the other one runs on" on cat "$SECOND/state"
expect_errno "their number can't be changed" EBUSY 1 "$KDAMONDS/nr_kdamonds"
put off "$SECOND/state"
echo 0 > "$EVENT/enable"
events_of "${pids[0]}"
read -r target start end hot hot_end <<< "${first[*]}"
ktap_test_result "the first one is right" hot_is_seen
events_of "${pids[1]}"
read -r target start end hot hot_end <<< "${second[*]}"
ktap_test_result "the second one is right" hot_is_seen

# Commits that change attributes, and number and order of the targets
start_idle
damon_setup "$target" "${second[0]}"
put on "$KDAMOND/state"
pid=$(< "$KDAMOND/pid")
trace_start
ok=true
for ((i = 0; i < COMMITS; i++)); do
	case $((i % 3)) in
	0)	damon_targets "${second[0]}" ;;
	1)	damon_targets "${second[0]}" "$target" ;;
	2)	damon_targets "$target" "${second[0]}" ;;
	esac || ok=false
	put $((2000 + i)) "$ATTRS/intervals/sample_us" || ok=false
	put $((20 * (2000 + i))) "$ATTRS/intervals/aggr_us" || ok=false
	put commit "$KDAMOND/state" || ok=false
	pause 0.02
done
damon_targets "${second[0]}"
put commit "$KDAMOND/state" || ok=false
ktap_test_result "$COMMITS commits" $ok
ktap_test_result "whole snapshots meanwhile" eval 'trace_stop && well_formed 1 1000'
expect "the same kdamond" "$pid" cat "$KDAMOND/pid"
# What is known was kept.
sleep 0.2
ktap_test_result "hot memory is seen right after" eval 'trace 1 && hot_is_seen'

ktap_finished
