#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hotplug: the CPU that the kdamond runs on, and memory that is watched, go offline
# and online.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

CPU=/sys/devices/system/cpu/cpu1/online
MEMORY=/sys/devices/system/memory
: "${ROUNDS:=5}"

# Whether the kdamond reports within a second
reports()
{
	trace 1
}

# CPU 1 offline and online again, each time with the kdamond on it
cpu_rounds()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		taskset -p 2 "$(< "$KDAMOND/pid")" > /dev/null
		put 0 "$CPU" && reports && put 1 "$CPU" || return
	done
}

# Online in the zone where it was: if that zone could hold kernel pages, too, the
# block might not go offline any more.
online_block()
{
	put "$online" "$block/state"
}

# Take the last possible memory block offline; sets block and online
block_offline()
{
	local list i zone

	list=("$MEMORY"/memory[0-9]*)
	mapfile -t list < <(printf '%s\n' "${list[@]}" | sort -V -r)
	for i in "${list[@]}"; do
		zone=$(< "$i/valid_zones")
		if has online "$i/state" && put offline "$i/state"; then
			block=$i
			online=online
			[ "$zone" != Movable ] || online=online_movable
			return
		fi
	done
	return 1
}

# The physical addresses of $block
block_range()
{
	local size index

	size=$((0x$(< $MEMORY/block_size_bytes)))
	index=$((0x$(< "$block/phys_index")))
	echo $((index * size)) $(((index + 1) * size))
}

# Per cent of the traced regions in $block that were accessed, or "not watched"
block_accessed()
{
	local from to

	read -r from to < <(block_range)
	awk -v from="$from" -v to="$to" '
	$3 < to && $4 > from	{ n++; accessed += $5 > 0 }
	END			{ print n ? int(100 * accessed / n) : "not watched" }' \
		"$events"
}

block_rounds()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		online_block && put offline "$block/state" || return
	done
}

# The ACPI device of memory that can be ejected, if the machine has any
find_dimm()
{
	local device

	for device in /sys/bus/acpi/devices/PNP0C80:*; do
		[ -w "$device/eject" ] && dimm=$device && return
	done
	return 1
}

# Number of memory blocks, also those that are offline
nr_blocks()
{
	local list=("$MEMORY"/memory[0-9]*)

	echo ${#list[@]}
}

# Watch all memory, with at least a thousand pages sampled each millisecond
setup_paddr()
{
	damon_setup 0
	put paddr "$CONTEXT/operations"
	put 1000 "$ATTRS/intervals/sample_us"
	put 20000 "$ATTRS/intervals/aggr_us"
	put 100000 "$ATTRS/intervals/update_us"
	put 1000 "$ATTRS/nr_regions/min"
	put 2000 "$ATTRS/nr_regions/max"
}

trace_begin 11

if [ -w $CPU ]; then
	touch_memory 16 4
	damon_setup "$target"
	put on "$KDAMOND/state"
	ktap_test_result "CPU of the kdamond goes $ROUNDS times" cpu_rounds
	put 1 "$CPU"
	expect "the kdamond is on" on cat "$KDAMOND/state"
	put off "$KDAMOND/state"
	kill_targets
else
	ktap_test_skip "CPU of the kdamond goes: CPU 1 can't be taken offline"
	ktap_test_skip "the kdamond is on"
fi

setup_paddr
put on "$KDAMOND/state"
if block_offline; then
	ktap_print_msg "$block"
	ktap_test_result "memory goes offline: reports go on" reports
	expect "it is seen idle" 0 block_accessed
	ktap_test_result "offline and online $ROUNDS times" block_rounds
	online_block
	ktap_test_result "memory is online: reports go on" reports
	expect "the kdamond is still on" on cat "$KDAMOND/state"
	# Watch only memory that is offline
	put off "$KDAMOND/state"
	put offline "$block/state"
	read -r -a range < <(block_range)
	ranges "${range[@]}"
	ktap_test_result "offline memory alone is watched" record 0.5
	expect "and seen idle" 0 block_accessed
	online_block
else
	for name in "memory goes offline: reports go on" "it is seen idle" \
		"offline and online $ROUNDS times" \
		"memory is online: reports go on" "the kdamond is still on" \
		"offline memory alone is watched" "and seen idle"; do
		ktap_test_skip "$name: no memory can be taken offline"
	done
fi

# Memory that is ejected: not even its struct pages are left.
if find_dimm; then
	setup_paddr
	put on "$KDAMOND/state"
	before=$(nr_blocks)
	put 1 "$dimm/eject"
	fewer_blocks()
	{
		[ "$(nr_blocks)" -lt "$before" ]
	}
	if eventually 20 fewer_blocks; then
		ktap_test_result "memory is taken out: reports go on" reports
		put off "$KDAMOND/state"
		# Watch its addresses nevertheless.
		put 1 "$CONTEXT/targets/0/regions/nr_regions"
		ranges 0 $((1 << 40))
		ktap_test_result "where it was is watched" record 1
	else
		ktap_test_skip "memory is taken out: this machine keeps it"
		ktap_test_skip "where it was is watched"
	fi
else
	ktap_test_skip "memory is taken out: this machine has none for that"
	ktap_test_skip "where it was is watched"
fi

ktap_finished
