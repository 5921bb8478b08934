#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# perf damon reads the same as perf script from a record with several targets, where CPUs follow each other in rounds
set -u

template=tools-perf/tests/shell/damon/alternate.data
dir=$(mktemp -d /tmp/reader.XXXXXX)
trap 'rm -rf "$dir"' EXIT
status=0

fail()
{
	echo "FAILED: $*"
	status=1
}

make -s build/bench/lengthen || exit 1

# compare FILE: expect the same regions from both readers
compare()
{
	local file=$1

	perf script -f -i "$file" -F trace 2>/dev/null |
		sed 's/.*target_id=\([0-9]*\) nr_regions=[0-9]* \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)/\2 \3 \4 \5/' |
		while read -r start end accesses age; do
			printf '%#x %#x %d %d\n' "$start" "$end" "$accesses" "$age"
		done >"$dir/expected"
	perf damon report -f -i "$file" --raw >"$dir/out" 2>"$dir/err" || fail "$file: status $?: $(cat "$dir/err")"
	awk '$1 ~ /^0x/ { print $1, $2, $4, $5 }' "$dir/out" >"$dir/regions"
	[ -s "$dir/expected" ] || fail "$file: perf script reads nothing"
	cmp "$dir/expected" "$dir/regions" || fail "$file: other regions than perf script"
	! grep 'left out' "$dir/out" || fail "$file: not everything was read"
}

# out_of_order FILE: whether the order of events by time differs from that in the file
out_of_order()
{
	local places

	mapfile -t places < <(perf report -f -i "$1" -D 2>/dev/null | awk '/PERF_RECORD_SAMPLE/ { print $3 }')
	[ ${#places[@]} = 15000 ] && ! printf '%d\n' "${places[@]}" | sort -n -c 2>/dev/null
}

build/bench/lengthen --events 15000 --regions 100 "$template" "$dir/one.data" || fail "lengthen"
build/bench/lengthen --events 15000 --targets 3 --regions 300 "$template" "$dir/three.data" || fail "lengthen, targets"
compare "$dir/one.data"
compare "$dir/three.data"

# regions FILE OPTION...: the regions in a report
regions()
{
	perf damon report -f --raw -i "$@" 2>"$dir/err" || cat "$dir/err"
}

# A compressed record is read in pieces, which are not whole records.
tests/host/compress.py "$dir/three.data" "$dir/compressed.data" || fail "compress"
[ "$(stat -c %s "$dir/compressed.data")" -lt 400000 ] || fail "nothing is compressed"
compare "$dir/compressed.data"

# Events from a pipe are sorted by perf's own queue.
build/bench/lengthen --events 15000 --targets 3 --regions 300 --stream "$template" "$dir/stream.data" || fail "lengthen --stream"
regions "$dir/three.data" >"$dir/mapped"
regions "$dir/stream.data" >"$dir/queued"
regions - <"$dir/stream.data" >"$dir/piped"
regions - <"$dir/three.data" >"$dir/redirected"
regions "$dir/compressed.data" >"$dir/inflated"
for way in queued piped redirected inflated; do
	cmp "$dir/mapped" "$dir/$way" || fail "$way: something else"
done
out_of_order "$dir/three.data" || fail "nothing to put in order"

# A file may have more targets than anybody monitors.
build/bench/lengthen --events 600000 --targets 100000 --regions 6 "$template" "$dir/many.data" || fail "lengthen, many targets"
timeout 60 perf damon report -f -i "$dir/many.data" --nr-regions -x, >"$dir/out" 2>"$dir/err" || fail "many targets: status $?: $(cat "$dir/err")"
[ "$(grep -c '^# .* snapshots\? in ' "$dir/out")" = 100000 ] || fail "many targets: not all"

! build/bench/lengthen "$dir/one.data" 2>"$dir/err" || fail "no output file is fine"
! build/bench/lengthen /dev/null "$dir/none" 2>"$dir/err" || fail "an empty template is fine"
exit $status
