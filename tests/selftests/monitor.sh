#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What comes out of the tracepoint: well-formed snapshots, within the bounds,
# that show the memory that is hot and follow memory that comes.

# shellcheck source=damon_lib.sh
. "$(dirname "$0")/damon_lib.sh"

TRACING=/sys/kernel/tracing
EVENT=$TRACING/events/damon/damon_aggregated
here=$(dirname "$0")
events=$(mktemp)

[ -d "$TRACING/events" ] || mount -t tracefs nodev "$TRACING" 2> /dev/null

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

# Bytes that were seen accessed in $1-$2, in per cent of it: the mean over the
# later half of the snapshots, when the regions have found their places
seen()
{
	awk -v from="$1" -v to="$2" '
	left == 0	{ left = $2; n++ }
			{ left-- }
	$5 > 0 {
		s = $3 > from ? $3 : from
		e = $4 < to ? $4 : to
		if (e > s)
			bytes[n] += e - s
	}
	END {
		for (i = int(n / 2) + 1; i <= n; i++)
			sum += bytes[i]
		printf "%d\n", 100 * sum / (n - int(n / 2)) / (to - from)
	}' "$events"
}

hot_is_seen()
{
	local inside below above

	inside=$(seen "$hot" "$hot_end")
	below=$(seen "$start" "$hot")
	above=$(seen "$hot_end" "$end")
	ktap_print_msg "accessed: $inside % of hot, $below % and $above % of cold memory"
	[ "$inside" -ge 80 ] && [ "$below" -le 20 ] && [ "$above" -le 20 ]
}

target_ids()
{
	cut -d ' ' -f 1 "$events" | sort -u | tr '\n' ' '
}

damon_begin 10
expect "format of damon_aggregated" "$(format_wanted)" format

touch_memory 256 32
damon_setup "$target"
ktap_test_result "record" record 5
ktap_test_result "snapshots are well-formed" well_formed 10 1000
ktap_test_result "hot memory is seen" hot_is_seen

put 100 "$ATTRS/nr_regions/min"
put 200 "$ATTRS/nr_regions/max"
ktap_test_result "other bounds" eval 'record 3 && well_formed 100 200'
kill "$target"

touch_memory 256 32 huge
damon_setup "$target"
ktap_test_result "hot huge pages are seen" eval 'record 5 && hot_is_seen'

"$here/touch_memory" 16 2 > /dev/null &
other=$!
disown
damon_setup "$target" "$other"
record 2
expect "two targets" "0 1 " target_ids
kill "$target" "$other"

# Memory that was not there at the start is watched after the next update.
mapped=$(mktemp)
sh -c "sleep 1; exec '$here/touch_memory' 64 32 > '$mapped'" &
target=$!
disown
damon_setup "$target"
put 200000 "$ATTRS/intervals/update_us"
ktap_test_result "record across exec" record 6
read -r start end hot hot_end < "$mapped"
ktap_test_result "new memory is seen" hot_is_seen
kill "$target"
rm -f "$mapped"

put 0 "$KDAMONDS/nr_kdamonds"
: > "$TRACING/trace"
echo 1 > "$EVENT/enable"
sleep 0.5
echo 0 > "$EVENT/enable"
expect "nothing without a kdamond" 0 grep -c target_id= "$TRACING/trace"
rm -f "$events"

ktap_finished
