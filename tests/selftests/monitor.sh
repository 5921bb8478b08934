#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What comes out of the tracepoint: well-formed snapshots, within the bounds,
# that show the memory that is hot and follow memory that comes.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

# A buffer of our own: others may be using the global one.
TRACING=/sys/kernel/tracing/instances/damon_test
EVENT=$TRACING/events/damon/damon_aggregated
here=$(dirname "$0")
work=$(mktemp -d)
events=$work/events

clean_up()
{
	damon_end
	echo 0 > "$EVENT/enable"
	rmdir "$TRACING"
	rm -rf "$work"
}

# The fields as tools expect them, without those that all events have
format()
{
	grep -A 99 '^$' "$EVENT/format" | grep 'field:\|print fmt' |
		tr -s '\t ' ' '
}

format_wanted()
{
	cat << 'FORMAT'
 field:unsigned long target_id; offset:8; size:8; signed:0;
 field:unsigned int nr_regions; offset:16; size:4; signed:0;
 field:unsigned long start; offset:24; size:8; signed:0;
 field:unsigned long end; offset:32; size:8; signed:0;
 field:unsigned int nr_accesses; offset:40; size:4; signed:0;
 field:unsigned int age; offset:44; size:4; signed:0;
print fmt: "target_id=%lu nr_regions=%u %lu-%lu: %u %u", REC->target_id, REC->nr_regions, REC->start, REC->end, REC->nr_accesses, REC->age
FORMAT
}

# record SECONDS: run the kdamond; each event becomes a line
# "target_id nr_regions start end nr_accesses age" in $events
record()
{
	: > "$TRACING/trace"
	echo 1 > "$EVENT/enable"
	put on "$KDAMOND/state" || return
	sleep "$1"
	put off "$KDAMOND/state" || return
	echo 0 > "$EVENT/enable"
	sed -n 's/.*target_id=\([0-9]*\) nr_regions=\([0-9]*\) \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)$/\1 \2 \3 \4 \5 \6/p' \
		"$TRACING/trace" > "$events"
	[ -s "$events" ]
}

# touch_memory MIB HOT_MIB [huge]: start a process; sets target, start, end, hot and hot_end
touch_memory()
{
	local line

	exec 3< <("$here/touch_memory" "$@")
	target=$!
	targets+=("$target")
	read -r line <&3 || return
	read -r start end hot hot_end <<< "$line"
}

# Whole snapshots: as many regions as they say, in address order; prints how many
well_formed()
{
	awk -v min="$1" -v max="$2" '
	left == 0	{ left = $2; last = 0; n++ }
	$2 < min || $2 > max || $3 < last || $4 <= $3 || $5 > 20 { exit bad = 1 }
			{ last = $4; left-- }
	END		{ exit bad || left || n < 5 }' "$events"
}

# Whether the snapshots show the hot memory, at least 80 % of it, and not the
# cold, at most 20 %.  Of the later half a third has to: a machine that is busy
# with other things may not let the target run in each sampling interval.
hot_is_seen()
{
	awk -v start="$start" -v end="$end" -v hot="$hot" -v hot_end="$hot_end" '
	function common(from, to,	s, e) {
		s = $3 > from ? $3 : from
		e = $4 < to ? $4 : to
		return e > s ? e - s : 0
	}
	left == 0	{ left = $2; n++ }
			{ left-- }
	$5 > 0 {
		inside[n] += common(hot, hot_end)
		outside[n] += common(start, hot) + common(hot_end, end)
	}
	END {
		for (i = int(n / 2) + 1; i <= n; i++) {
			later++
			right += inside[i] >= 0.8 * (hot_end - hot) &&
				 outside[i] <= 0.2 * (end - start - hot_end + hot)
		}
		printf "# %d of %d snapshots are right\n", right, later
		exit right < later / 3
	}' "$events"
}

target_ids()
{
	cut -d ' ' -f 1 "$events" | sort -u | tr '\n' ' '
}

# KiB of the target that are mapped by huge pages
huge_kib()
{
	awk '/^AnonHugePages:|_Hugetlb:/ { sum += $2 } END { print sum + 0 }' \
		"/proc/$target/smaps"
}

damon_begin 12
[ -d /sys/kernel/tracing/events ] || mount -t tracefs nodev /sys/kernel/tracing
mkdir "$TRACING" || ktap_exit_fail_msg "can't make $TRACING"
trap clean_up EXIT
echo 8192 > "$TRACING/buffer_size_kb"
expect "format of damon_aggregated" "$(format_wanted)" format

touch_memory 256 32
damon_setup "$target"
ktap_test_result "record" record 5
ktap_test_result "snapshots are well-formed" well_formed 10 1000
ktap_test_result "hot memory is seen" hot_is_seen

put 100 "$ATTRS/nr_regions/min"
put 200 "$ATTRS/nr_regions/max"
ktap_test_result "other bounds" eval 'record 3 && well_formed 100 200'
kill_targets

touch_memory 256 32 huge
if [ "$(huge_kib)" -ge 200000 ]; then
	damon_setup "$target"
	ktap_test_result "hot huge pages are seen" eval 'record 5 && hot_is_seen'
else
	ktap_test_skip "no transparent huge pages"
fi

start_idle
damon_setup "$target" "${targets[0]}"
ktap_test_result "two targets" record 2
expect "have two target_ids" "0 1 " target_ids
kill_targets

pages=$(cat /proc/sys/vm/nr_hugepages)
echo 130 > /proc/sys/vm/nr_hugepages
touch_memory 256 32 hugetlb
if [ "$(huge_kib)" -ge 200000 ]; then
	damon_setup "$target"
	ktap_test_result "hot hugetlb pages are seen" eval 'record 5 && hot_is_seen'
else
	ktap_test_skip "no hugetlb pages"
fi
kill_targets
echo "$pages" > /proc/sys/vm/nr_hugepages

# Memory that was not there at the start is watched after the next update.
sh -c "sleep 1; exec '$here/touch_memory' 64 32 > '$work/mapped'" &
target=$!
targets+=("$target")
disown
damon_setup "$target"
put 200000 "$ATTRS/intervals/update_us"
ktap_test_result "record across exec" eval 'record 6 && well_formed 3 1000'
read -r start end hot hot_end < "$work/mapped"
ktap_test_result "new memory is seen" hot_is_seen

damon_end
: > "$TRACING/trace"
echo 1 > "$EVENT/enable"
sleep 0.5
expect "nothing without a kdamond" 0 grep -c target_id= "$TRACING/trace"

ktap_finished
