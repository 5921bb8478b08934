#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Processes that are hard to watch: kdamonds go on reporting whatever these do, and
# leak no reference to them.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# How long each storm lasts
: "${STORM_SECONDS:=1}"

STORMS='fork exec threads map remap protect huge'

# start_storm KIND: sets target
start_storm()
{
	exec "$here/storm" "$1" &
	target=$!
	targets+=("$target")
	disown
}

# Short intervals and many regions
hurry()
{
	put 1000 "$1/monitoring_attrs/intervals/sample_us"
	put 20000 "$1/monitoring_attrs/intervals/aggr_us"
	put 50000 "$1/monitoring_attrs/intervals/update_us"
	put 100 "$1/monitoring_attrs/nr_regions/min"
}

# Enough events for ten snapshots of the minimum number of regions
enough()
{
	[ "$(grep -c damon_aggregated "$TRACING/trace")" -ge 1000 ]
}

# storm SECONDS: whether the kdamond reports complete snapshots until the end
storm()
{
	trace_start
	sleep "$1"
	eventually 20 enough
	has on "$KDAMOND/state" || return
	put off "$KDAMOND/state" && trace_stop && well_formed 1 1000
}

# two_kdamonds PID...: one that watches these processes, one for physical memory
two_kdamonds()
{
	put 0 "$KDAMONDS/nr_kdamonds"
	put 2 "$KDAMONDS/nr_kdamonds"
	put 1 "$KDAMOND/contexts/nr_contexts"
	damon_targets "$@"
	hurry "$CONTEXT"
	put 1 "$KDAMONDS/1/contexts/nr_contexts"
	put paddr "$KDAMONDS/1/contexts/0/operations"
	put 1 "$KDAMONDS/1/contexts/0/targets/nr_targets"
	hurry "$KDAMONDS/1/contexts/0"
}

# objects SLAB: number of its objects in use
objects()
{
	local name active rest

	echo 1 > "/sys/kernel/slab/$1/shrink"
	while read -r name active rest; do
		[ "$name" != "$1" ] || echo "$active"
	done < /proc/slabinfo
}

# no_more_objects SLAB BEFORE: whether there are hardly more than before; other
# processes may use some
no_more_objects()
{
	local after

	after=$(objects "$1")
	ktap_print_msg "$1: $2 before, $after after"
	[ "$after" -lt $(($2 + 100)) ]
}

trace_begin 13
if [ -r /proc/slabinfo ]; then
	mm_before=$(objects mm_struct)
	pid_before=$(objects pid)
fi

for kind in $STORMS; do
	start_storm "$kind"
	damon_setup "$target"
	hurry "$CONTEXT"
	put on "$KDAMOND/state"
	ktap_test_result "$kind" storm "$STORM_SECONDS"
	kill_targets
done

for kind in $STORMS; do
	start_storm "$kind"
done
two_kdamonds "${targets[@]}"
put on "$KDAMONDS/1/state"
put on "$KDAMOND/state"
sleep "$STORM_SECONDS"
ktap_test_result "all at once are watched" has on "$KDAMOND/state"
ktap_test_result "physical memory meanwhile" has on "$KDAMONDS/1/state"
kill_targets
ktap_test_result "at their end the kdamond ends" eventually 10 has off "$KDAMOND/state"
put off "$KDAMONDS/1/state"

# So many targets that a leak of one object for each of them would be noticed
ok=true
for _ in {1..10}; do
	for _ in {1..20}; do
		start_idle
	done
	damon_setup "${targets[@]}"
	put on "$KDAMOND/state" || ok=false
	put commit "$KDAMOND/state" || ok=false
	kill_targets
	eventually 10 has off "$KDAMOND/state" || ok=false
done
ktap_test_result "200 targets that end" $ok
damon_off
put 0 "$KDAMONDS/nr_kdamonds"

if [ -r /proc/slabinfo ]; then
	ktap_test_result "no address space is left" \
		eventually 5 no_more_objects mm_struct "$mm_before"
	ktap_test_result "no process id is left" \
		eventually 5 no_more_objects pid "$pid_before"
else
	ktap_test_skip "no address space is left: no CONFIG_SLUB_DEBUG"
	ktap_test_skip "no process id is left: no CONFIG_SLUB_DEBUG"
fi
ktap_finished
