#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# For each kind of page, hot memory is seen accessed and cold memory is not, both by
# virtual and by physical addresses.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# Kinds and their checks:
# virtual	hot memory is seen accessed by virtual addresses
# stopped	it is not any more when the process is stopped
# physical	hot memory is seen accessed by physical addresses
# unseen	it is not, as the page has no reverse mapping
kinds()
{
	cat << 'KINDS'
small virtual stopped physical
thp virtual stopped physical
large virtual physical
hugetlb virtual physical
hugetlb-shared virtual physical
gigantic virtual stopped physical
file virtual physical
shmem virtual physical
ksm virtual physical
swap virtual
migration virtual
zero virtual unseen
huge-zero virtual unseen
vdso virtual stopped unseen
vvar virtual stopped
device virtual stopped
KINDS
}

# have KIND: start a process with such memory; what it prints is in $work/areas
have()
{
	local line

	exec 3< <(exec "$here/page_kinds" "$1" 2>&1)
	target=$!
	targets+=("$target")
	: > "$work/areas"
	while read -r line <&3; do
		[ "$line" != ready ] || return 0
		echo "$line" >> "$work/areas"
	done
	return 1
}

# areas virtual|physical: start and end of each, in address order; adjacent areas are
# joined, as Linux 6.12 accepts a single range only
areas()
{
	local space start end

	while read -r space _ start end; do
		[ "$space" != "$1" ] || echo "$start $end"
	done < "$work/areas" | sort -n | awk '
	$1 > end	{ if (end) print start, end; start = $1 }
	$2 > end	{ end = $2 }
	END		{ if (end) print start, end }'
}

# watch OPERATIONS SPACE: watch only the areas of $target
watch()
{
	local list

	read -r -a list <<< "$(areas "$2" | tr '\n' ' ')"
	[ ${#list[@]} -gt 0 ] || return
	damon_setup "$target"
	put "$1" "$CONTEXT/operations"
	put 2000 "$ATTRS/intervals/sample_us"
	put 40000 "$ATTRS/intervals/aggr_us"
	put 100 "$ATTRS/nr_regions/min"
	# Without this there are more regions at first, too many for a slow kernel in that time.
	put 200 "$ATTRS/nr_regions/max"
	ranges "${list[@]}"
	# If nothing was recorded, check() reports it.
	record 0.6 || : > "$events"
}

# seen SPACE hot|cold: per cent of the bytes that were seen accessed, in all snapshots.
# In physical memory a region may have both hot and cold pages.  If it was accessed, it
# tells nothing about the cold ones, and these are left out.  -1 if no bytes are left,
# or if more are left out.
seen()
{
	awk -v space="$1" -v name="$2" '
	FILENAME == ARGV[1] {
		if ($1 == space) {
			start[++n] = $3
			end[n] = $4
			is_hot[n] = $2 == "hot"
		}
		next
	}
	{
		bytes[0] = bytes[1] = 0
		for (i = 1; i <= n; i++) {
			from = $3 > start[i] ? $3 : start[i]
			to = $4 < end[i] ? $4 : end[i]
			if (to > from)
				bytes[is_hot[i]] += to - from
		}
		if (name == "cold" && bytes[1] > 0 && $5) {
			unsure += bytes[0]
			next
		}
		all += bytes[name == "hot"]
		accessed += $5 ? bytes[name == "hot"] : 0
	}
	END { print (all > unsure) ? int(100 * accessed / all) : -1 }' \
		"$work/areas" "$events"
}

# check NAME SPACE HOT: whether hot memory shows as HOT (yes or no) and cold as cold
check()
{
	local hot cold

	hot=$(seen "$2" hot)
	cold=$(seen "$2" cold)
	if [ "$hot" = -1 ]; then
		ktap_test_fail "$1: nothing recorded"
	elif [ "$cold" = -1 ] && grep -q "^$2 cold" "$work/areas"; then
		ktap_test_fail "$1: regions do not tell hot from cold memory"
	elif [ "$cold" -gt 0 ]; then
		ktap_test_fail "$1: $cold % of cold memory seen accessed"
	elif [ "$3" = no ] && [ "$hot" -gt 0 ]; then
		ktap_test_fail "$1: $hot % seen accessed"
	elif [ "$3" = yes ] && [ "$hot" -lt 50 ]; then
		ktap_test_fail "$1: $hot % of hot memory seen accessed"
	else
		ktap_test_pass "$1"
	fi
}

# Up to three tries, as the process may not get to run on a busy machine
watch_hot()
{
	for _ in 1 2 3; do
		watch "$@"
		[ "$(seen "$2" hot)" -lt 50 ] || return
	done
}

# check_kind KIND CHECK: run a check that kinds() lists
check_kind()
{
	local name="$1: $2"

	case $2 in
	virtual)	watch_hot fvaddr virtual
			check "$name" virtual yes ;;
	stopped)	kill -STOP "$target"
			record 0.6 || : > "$events"
			check "$name" virtual no
			kill -CONT "$target" ;;
	physical)	watch_hot paddr physical
			check "$name" physical yes ;;
	unseen)		watch paddr physical && check "$name" physical no ;;
	esac
}

restore()
{
	clean_up
	restore_saved
}

HUGEPAGES=/sys/kernel/mm/hugepages/hugepages
trace_begin $(($(kinds | wc -w) - $(kinds | wc -l)))
trap restore EXIT
swap_begin
save /sys/kernel/mm/ksm/run 1
save /sys/kernel/mm/ksm/sleep_millisecs 10
save $HUGEPAGES-2048kB/nr_hugepages 8
[ ! -e $HUGEPAGES-1048576kB ] || has 1 $HUGEPAGES-1048576kB/nr_hugepages ||
	save $HUGEPAGES-1048576kB/nr_hugepages 1

while read -r kind checks; do
	if have "$kind"; then
		for check in $checks; do
			check_kind "$kind" "$check"
		done
	else
		read -r reason < "$work/areas" || reason="it died"
		for check in $checks; do
			ktap_test_skip "$kind: $check: $reason"
		done
	fi
	kill_targets
done < <(kinds)

ktap_finished
