#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Events of the tracepoint: well-formed snapshots, within the bounds, that show
# hot memory and new mappings.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# The format of the fields that only this event has: tools rely on it
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

# KiB of the target that are mapped by huge pages
huge_kib()
{
	awk '/^AnonHugePages:|_Hugetlb:/ { sum += $2 } END { print sum + 0 }' \
		"/proc/$target/smaps"
}

trace_begin 12
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
