#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ranges set by the user: which parts of an address space (fvaddr), or of physical
# memory (paddr), are watched.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# The addresses of all events, with adjacent regions joined
watched()
{
	cut -d ' ' -f 3,4 "$events" | sort -nu | awk '
	$1 > end	{ if (end) print start "-" end; start = $1 }
	$2 > end	{ end = $2 }
	END		{ print start "-" end }' | tr '\n' ' '
}

# System RAM of /proc/iomem, whole pages only, with adjacent ranges joined
ram()
{
	local from to name start end=-1

	while IFS=' -:' read -r from to name; do
		[ "$name" = "System RAM" ] || continue
		from=$((((0x$from + 4095) >> 12) << 12))
		if ((from != end)); then
			((end < 0)) || printf '%d-%d ' "$start" "$end"
			start=$from
		fi
		end=$((((0x$to + 1) >> 12) << 12))
	done < <(sed 's/ : / /; s/-/ /' /proc/iomem)
	printf '%d-%d ' "$start" "$end"
}

# The physical addresses of the hot pages: bits 0-54 of pagemap entries are the PFN
physical()
{
	local page entry

	page=$(getconf PAGE_SIZE)
	dd if="/proc/$target/pagemap" bs=8 skip=$((hot / page)) \
		count=$(((hot_end - hot) / page)) status=none |
		od -A n -t x8 -v -w8 | while read -r entry; do
			echo $(((0x$entry & ((1 << 55) - 1)) * page))
		done | sort -n
}

# Per cent of the hot pages in accessed regions, in the best snapshot
hot_pages_seen()
{
	awk '
	FILENAME == ARGV[1]	{ page[++n] = $1; next }
	left == 0		{ left = $2; i = 1; seen = 0 }
				{ left-- }
	$5 > 0 {
		while (i <= n && page[i] < $3)
			i++
		for (; i <= n && page[i] < $4; i++)
			seen++
	}
	left == 0		{ if (seen > most) most = seen }
	END			{ printf "%d\n", 100 * most / n }' \
		"$work/pages" "$events"
}

# The ranges of a process that are watched once its gaps have been seen twice: without
# the two largest gaps, and other gaps over 16 MiB and over a tenth of what is mapped
mapped()
{
	local from to rest start=0 end=0 mapped=0 gaps=() left_out size gap_end n=0

	while IFS=' -' read -r from to rest; do
		[[ $rest != *vsyscall* ]] || continue
		((end == 0)) || gaps+=("$((0x$from - end)) $end $((0x$from))")
		((end != 0)) || start=$((0x$from))
		end=$((0x$to))
		mapped=$((mapped + end - 0x$from))
	done < "/proc/$1/maps"
	left_out=$(printf '%s\n' "${gaps[@]}" | sort -rn | while read -r size from gap_end; do
		((n++ < 2 || (size > 16 << 20 && size > mapped / 10))) || break
		echo "$from $gap_end"
	done | sort -n)
	while read -r from gap_end; do
		printf '%d-%d ' "$start" "$from"
		start=$gap_end
	done <<< "$left_out"
	printf '%d-%d ' "$start" "$end"
}

# Regions above an address that were seen accessed
seen_above()
{
	awk -v end="$1" '$3 > end && $5 > 0 { n++ } END { printf "%d", n }' "$events"
}

# Number of different regions in all snapshots, and their sizes
sizes()
{
	cut -d ' ' -f 3,4 "$events" | sort -u | awk '
		{ sizes[$2 - $1]; n++ }
	END	{ printf "%d of", n; for (size in sizes) printf " %d", size }'
}

trace_begin 28
touch_memory 64 16

damon_setup "$target"
put fvaddr "$CONTEXT/operations"
expect_errno "fvaddr without a range" EINVAL on "$KDAMOND/state"
damon_off

while IFS=$'\t' read -r name errno words; do
	read -r -a list <<< "$words"
	ranges "${list[@]}"
	expect_errno "$name" "$errno" on "$KDAMOND/state"
	damon_off
done << VALUES
an empty range	EINVAL	$start $start
a range that ends before it starts	EINVAL	$end $start
ranges out of order	EINVAL	$hot $end $start $hot
ranges that overlap	EINVAL	$start $hot_end $hot $end
a range at the very top	EINVAL	0 18446744073709551615
VALUES

ranges "$start" "$hot" "$hot" "$end"
ktap_test_result "record of two ranges" record 3
expect "nothing else is watched" "$start-$end " watched
ktap_test_result "hot memory is seen" hot_is_seen
ranges $((start + 1)) $((hot - 1)) $((hot - 1)) $((end - 4097))
ktap_test_result "parts of pages count as pages" record 1
expect "and only once" "$start-$((end - 4096)) " watched

# Any addresses are accepted, but kernel memory is not read.
# The last range is [vsyscall], in the last GiB of all addresses.
ranges "$start" "$end" 18446683600570023936 18446683600574218240 \
	18446744073699065856 18446744073699069952
ktap_test_result "record with kernel addresses" record 1
expect "nothing is seen there" 0 seen_above "$end"

# Bounds that fix the number of regions, and so their size
ranges "$start" $((start + 1048576))
put 16 "$ATTRS/nr_regions/min"
put 16 "$ATTRS/nr_regions/max"
ktap_test_result "record with equal bounds" record 1
expect "equal bounds make regions of one size" "16 of 65536" sizes
page=$(getconf PAGE_SIZE)
ranges "$start" $((start + 64 * page))
put 2000 "$ATTRS/nr_regions/max"
put 65 "$ATTRS/nr_regions/min"
ktap_test_result "record with a minimum above the number of pages" record 1
expect "a minimum above the number of pages makes a region of each page" "64 of $page" sizes

# A few more regions, of 56 bytes each, than fit into memory: refused, without an OOM
# kill.  An array has 2 GiB at most, so a file takes the rest of the memory.
available()
{
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}
kib=$(available)
((kib < 1572864)) || fallocate -l "$((kib - 1572864))K" /dev/shm/ballast
kib=$(($(available) + 16384))
ranges 0 $((1 << 40))
put $((kib * 1024 / 56)) "$ATTRS/nr_regions/max"
put $((kib * 1024 / 56)) "$ATTRS/nr_regions/min"
if ((kib < 2097152)); then
	expect_errno "more regions than fit into memory" ENOMEM on "$KDAMOND/state"
else
	ktap_test_skip "more regions than fit into memory: there is too much of it"
fi
rm -f /dev/shm/ballast

# With vaddr, the ranges that were set are watched until the first update, and again
# after a commit, which may set others.
damon_setup "$target"
ranges "$start" "$hot"
put on "$KDAMOND/state"
sleep 0.5
trace 1
expect "vaddr: the range given" "$start-$hot " watched
put 6000 "$ATTRS/intervals/sample_us"
put commit "$KDAMOND/state"
sleep 0.5
trace 1
expect "and after a commit of attributes" "$start-$hot " watched
ranges "$hot" "$hot_end"
put commit "$KDAMOND/state"
sleep 0.5
trace 1
expect "and of another range" "$hot-$hot_end " watched
put 100000 "$ATTRS/intervals/update_us"
put commit "$KDAMOND/state"
sleep 1
trace 1
ktap_test_result "after an update all of it" test "$(watched | wc -w)" -gt 1

# The hole between a program and its heap is left out when it has been seen twice.  Its
# size is random: try until it is large.
for _ in {1..20}; do
	sleep 1000 &
	sleeper=$!
	while [ "$(cat "/proc/$sleeper/comm")" != sleep ]; do :; done
	[ "$(mapped "$sleeper" | wc -w)" -le 3 ] || break
	kill "$sleeper"
done
damon_setup "$sleeper"
put 100000 "$ATTRS/intervals/update_us"
put on "$KDAMOND/state"
sleep 1
trace 1
expect "vaddr: no large gap" "$(mapped "$sleeper")" watched
ktap_test_result "more ranges than three" test "$(watched | wc -w)" -gt 3
damon_off
kill "$sleeper"

damon_setup 0
put paddr "$CONTEXT/operations"
physical > "$work/pages"
ktap_test_result "record of physical memory" record 6
expect "all RAM is watched" "$(ram)" watched
seen=$(hot_pages_seen)
ktap_print_msg "$seen % of hot pages"
ktap_test_result "hot pages are seen" test "$seen" -ge 60
# Half of these addresses are not RAM, and are skipped.
ranges 0 $((1 << 40))
ktap_test_result "addresses that are no RAM" record 1

ktap_finished
