#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# States of a kdamond: on, off, the end of its targets, and what is refused.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

damon_begin 26

start_idle

gone()
{
	[ ! -e "$1" ]
}

kdamond_is()
{
	has "$1" "$KDAMOND/state"
}

damon_setup "$target"
expect_errno "on" OK on "$KDAMOND/state"
expect "state reads on" on cat "$KDAMOND/state"
pid=$(cat "$KDAMOND/pid")
expect "pid is the kdamond's" kdamond cut -d. -f1 "/proc/$pid/comm"
expect_errno "on while on" EBUSY on "$KDAMOND/state"
expect_errno "nr_kdamonds while on" EBUSY 2 "$KDAMONDS/nr_kdamonds"
expect "which changes nothing" 1 cat "$KDAMONDS/nr_kdamonds"
expect_errno "off" OK off "$KDAMOND/state"
expect "state reads off" off cat "$KDAMOND/state"
expect "pid reads -1" -1 cat "$KDAMOND/pid"
ktap_test_result "the thread is gone" eventually 5 gone "/proc/$pid"
expect_errno "off while off" EPERM off "$KDAMOND/state"

# name, attribute, invalid value
while IFS=$'\t' read -r name file value; do
	damon_setup "$target"
	put "$value" "$ATTRS/$file"
	expect_errno "on with $name" EINVAL on "$KDAMOND/state"
done << 'VALUES'
a sampling interval of 0	intervals/sample_us	0
aggregation below sampling	intervals/aggr_us	4999
an update interval of 0	intervals/update_us	0
fewer than 3 regions	nr_regions/min	2
min above max	nr_regions/max	9
VALUES

damon_setup "$target"
put 0 "$CONTEXT/targets/nr_targets"
expect_errno "on without a target" EINVAL on "$KDAMOND/state"
damon_setup "$NO_PID"
expect_errno "on for a process that is not" EINVAL on "$KDAMOND/state"
damon_setup 2
expect_errno "on for a kernel thread" ESRCH on "$KDAMOND/state"
damon_setup "$target"
put 0 "$KDAMOND/contexts/nr_contexts"
expect_errno "on without a context" EINVAL on "$KDAMOND/state"

# Two targets: the kdamond runs as long as one of them lives.
other=$target
start_idle
damon_setup "$target" "$other"
expect_errno "on for two targets" OK on "$KDAMOND/state"
kill -9 "$other"
sleep 0.5
expect "one target is left" on cat "$KDAMOND/state"
kill -9 "$target"
ktap_test_result "no target is left" eventually 5 kdamond_is off

start_idle
damon_setup "$target"
ok=true
for _ in {1..100}; do
	put on "$KDAMOND/state" && put off "$KDAMOND/state" || ok=false
done
ktap_test_result "on and off 100 times" $ok

ok=true
for _ in {1..20}; do
	put on "$KDAMOND/state" || ok=false
	kill -9 "$target"
	eventually 5 kdamond_is off || ok=false
	start_idle
	damon_targets "$target"
done
ktap_test_result "20 targets that end" $ok

# Directories are made and removed while another process uses their files
while :; do
	put on "$KDAMOND/state"
	put 1 "$KDAMOND/contexts/nr_contexts"
	put 1 "$CONTEXT/targets/nr_targets"
	read -r _ < "$KDAMOND/pid"
	put off "$KDAMOND/state"
done 2> /dev/null &
targets+=($!)
disown
for _ in {1..200}; do
	put 0 "$KDAMONDS/nr_kdamonds"
	put 1 "$KDAMONDS/nr_kdamonds"
done
kill_targets
start_idle
put off "$KDAMOND/state"
damon_setup "$target"
expect_errno "on after a storm" OK on "$KDAMOND/state"

ktap_finished
