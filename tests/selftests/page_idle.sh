#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Idle page tracking, reclaim and DAMON use the same Accessed bits.  What one of them
# finds must not depend on whether the others are in use.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

ALL_IDLE=1111111111111111
NOT_TOUCHED=0101010101010101
NONE_IDLE=0000000000000000
# Seconds in which all pages are sampled, many times over on a quiet machine
: "${SETTLE:=1}"

# start_pages small|huge: sets target
start_pages()
{
	# shellcheck disable=SC2034 # coproc needs a name
	coproc PAGES { exec "$here/page_idle" "$1"; }
	target=$PAGES_PID
	targets+=("$target")
	disown
}

# What DAMON saw, in the format of page_idle: a digit for each page, 0 if it was
# accessed
not_accessed()
{
	echo "${pages[@]}" | awk '
	NR == FNR	{ n = split($0, page, " "); next }
	$5 {
		for (i = 1; i <= n; i++)
			if (page[i] >= $3 && page[i] < $4)
				accessed[i] = 1
	}
	END	{ for (i = 1; i <= n; i++) printf "%d", !accessed[i] }' - "$events"
}

# check NAME: one round without DAMON, one with it
check()
{
	expect "$1, off: marked pages are idle" $ALL_IDLE eval 'tell mark > /dev/null; tell show'
	tell touch > /dev/null
	expect "$1, off: touched pages are not" $NOT_TOUCHED tell show

	put on "$KDAMOND/state"
	sleep "$SETTLE"
	expect "$1, on: what was not idle is still not" $NOT_TOUCHED tell show
	tell mark > /dev/null
	sleep "$SETTLE"
	expect "$1, on: marked pages are idle" $ALL_IDLE tell show
	trace_start
	# More than once, as a touch may fall between two aggregations.
	for _ in 1 2 3; do
		tell touch > /dev/null
		sleep "$SETTLE"
	done
	trace_stop
	expect "$1, on: DAMON took the accesses" $NOT_TOUCHED not_accessed
	expect "$1, on: touched pages are not idle" $NOT_TOUCHED tell show
	put off "$KDAMOND/state"
}

# Pages that were never marked idle
check_unmarked()
{
	put on "$KDAMOND/state"
	sleep "$SETTLE"
	put off "$KDAMOND/state"
	expect "$1: never marked, never idle" $NONE_IDLE tell show
}

LRU_GEN=/sys/kernel/debug/lru_gen

# Have MGLRU age all pages, which clears Accessed bits
age()
{
	awk '
	$1 == "memcg"	{ memcg = $2; next }
	$1 == "node"	{ node = $2; next }
			{ last[memcg " " node] = $1 }
	END		{ for (i in last) print "+ " i " " last[i] " 1 1" }' $LRU_GEN |
	while read -r command; do
		echo "$command" > $LRU_GEN
	done
}

# Access pages in each sample of two seconds; reclaim sees this before DAMON does
check_reclaim()
{
	put 2000000 "$ATTRS/intervals/sample_us"
	put 4000000 "$ATTRS/intervals/aggr_us"
	put on "$KDAMOND/state"
	trace_start
	for _ in {1..14}; do
		tell touch > /dev/null
		age
		sleep 0.7
	done
	trace_stop
	put off "$KDAMOND/state"
	expect "$1: DAMON learns of what reclaim saw first" $NOT_TOUCHED not_accessed
}

# setup OPERATIONS SPACE: each page is sampled every millisecond
setup()
{
	damon_setup "$target"
	read -r -a pages <<< "$(tell "$2")"
	size=$(tell size)
	put "$1" "$CONTEXT/operations"
	put 1000 "$ATTRS/intervals/sample_us"
	put 20000 "$ATTRS/intervals/aggr_us"
	put ${#pages[@]} "$ATTRS/nr_regions/min"
	put ${#pages[@]} "$ATTRS/nr_regions/max"
	page_ranges
}

trace_begin 33
[ -e /sys/kernel/mm/page_idle/bitmap ] ||
	damon_skip "no CONFIG_IDLE_PAGE_TRACKING"
if [ -e /sys/kernel/mm/lru_gen/enabled ]; then
	read -r enabled < /sys/kernel/mm/lru_gen/enabled
	ktap_print_msg "lru_gen: $enabled"
	ktap_test_result "MGLRU is on" test $((enabled & 1)) = 1
else
	ktap_test_skip "MGLRU is on"
fi

while read -r kind ops space; do
	start_pages "$kind"
	setup "$ops" "$space"
	check_unmarked "$kind, $ops"
	check "$kind, $ops"
	if [ ! -e $LRU_GEN ] || (( (enabled & 3) != 3 )); then
		ktap_test_skip "$kind, $ops: DAMON learns of what reclaim saw first"
	else
		check_reclaim "$kind, $ops"
	fi
	# shellcheck disable=SC1083,SC2093 # file descriptors in an array
	exec {PAGES[0]}<&- {PAGES[1]}>&-
	kill_targets
done << 'ROUNDS'
small fvaddr virtual
huge fvaddr virtual
small paddr physical
huge paddr physical
ROUNDS

ktap_finished
