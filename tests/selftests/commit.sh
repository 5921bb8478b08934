#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Targets and attributes change while the kdamond runs: what is known of a
# target that remains is kept.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# The largest age of target $1's regions in the last snapshots
age()
{
	awk -v id="$1" '$1 == id && $6 > age { age = $6 } END { print age + 0 }' \
		"$events"
}

# Largest number of accesses
accesses()
{
	awk '$5 > most { most = $5 } END { print most + 0 }' "$events"
}

aged()
{
	trace 1
	[ "$(age 0)" -ge 10 ] && [ "$(age 1)" -ge 10 ]
}

trace_begin 18
touch_memory 16 4
first=$target
start_idle
damon_setup "$first" "$target"

expect_errno "commit while off" EINVAL commit "$KDAMOND/state"
put on "$KDAMOND/state"
pid=$(cat "$KDAMOND/pid")
# Up to 30 tries, as aggregations take longer on a busy machine.
ktap_test_result "two targets have aged" eventually 3 aged

# Invalid settings are refused and change nothing.
put 4999 "$ATTRS/intervals/aggr_us"
expect_errno "commit of bad attributes" EINVAL commit "$KDAMOND/state"
put 100000 "$ATTRS/intervals/aggr_us"
sleep 0.2
ktap_test_result "the kdamond is still on" has on "$KDAMOND/state"
# With the DAMON of Linux 6.12 it is not: start another one for the rest.
if has off "$KDAMOND/state"; then
	put on "$KDAMOND/state"
	pid=$(cat "$KDAMOND/pid")
	sleep 1
fi
put 9 "$ATTRS/nr_regions/max"
expect_errno "commit of a maximum below the minimum" EINVAL commit "$KDAMOND/state"
put 1000 "$ATTRS/nr_regions/max"
while IFS=$'\t' read -r name words; do
	read -r -a list <<< "$words"
	ranges "${list[@]}"
	expect_errno "commit of ranges $name" EINVAL commit "$KDAMOND/state"
done << VALUES
that overlap	4096 12288 8192 16384
out of order	8192 16384 4096 8192
VALUES
ranges
damon_targets "$NO_PID"
expect_errno "commit of a process that is not" EINVAL commit "$KDAMOND/state"
put 0 "$CONTEXT/targets/nr_targets"
expect_errno "commit of no target" EINVAL commit "$KDAMOND/state"
trace 1
expect "two targets are left" "0 1 " target_ids

# Remove the first target: the other one becomes number 0, and keeps its age.
before=$(age 1)
damon_targets "$target"
expect_errno "commit of fewer targets" OK commit "$KDAMOND/state"
sleep 0.5
trace 1
expect "one target is left" "0 " target_ids
ktap_test_result "it is as old as before" test "$(age 0)" -gt "$before"

# Half as many samples, and another target
damon_targets "$first" "$target"
put 10000 "$ATTRS/intervals/sample_us"
expect_errno "commit of attributes" OK commit "$KDAMOND/state"
sleep 0.5
trace 2
expect "half as many accesses" 10 accesses
ktap_test_result "the idle target is as old as before" test "$(age 1)" -gt "$before"

ok=true
for i in {1..100}; do
	put $((5000 + i)) "$ATTRS/intervals/sample_us"
	put commit "$KDAMOND/state" || ok=false
done
ktap_test_result "commit 100 times" $ok
expect "the same kdamond" "$pid" cat "$KDAMOND/pid"

ktap_finished
