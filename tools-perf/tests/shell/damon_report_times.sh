#!/bin/bash
# DAMON report shares times with perf's other commands
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2154 # Perl in single quotes, variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# report FILE OPTION...: write the report to out
report()
{
	local file=$1

	shift
	perf damon report -f -i "$file" "$@" >out 2>err || fail "$file $*: status $?: $(cat err)"
}

# members PYTHON: print an expression of the report, j
members()
{
	python3 -c 'import json; j = json.load(open("out")); print('"$1"')' || fail "no $1 in: $(cat out)"
}

# is TEXT COMMAND...: COMMAND prints TEXT
is()
{
	local text=$1 printed

	shift
	printed=$("$@")
	[ "$printed" = "$text" ] || fail "$*: '$printed' is not '$text'"
}

# Every absolute time is that of an event, as perf script prints it.
test_timestamps()
{
	local file

	for file in alternate two plain; do
		perf script -f -i "$data/$file.data" --ns -F time 2>/dev/null | tr -d ' :' | sort -u >events
		report "$data/$file.data" --raw -x ,
		awk -F , '!/^#/ { print $NF }' out | sort -u >timestamps
		[ -s timestamps ] || fail "$file: no timestamps"
		comm -23 timestamps events | grep . && fail "$file: times that perf script does not print"
		report "$data/$file.data" --raw -j
		members '"\n".join(sorted({s["timestamp"] for s in j["snapshots"]}))' | cmp - timestamps ||
			fail "$file: other times in JSON"
	done
	# Relative ones count from the one in the head.
	report "$data/two.data" --raw -x ,
	zero=$(sed -n 's/^# clock: perf_clock, 0s is //p' out)
	awk -F , -v zero="$zero" '!/^#/ && ($NF - zero - $5 / 1e9) ^ 2 > 1e-12 { print "other: " $0 }' out >other
	[ ! -s other ] || fail "times do not count from $zero: $(cat other)"
	report "$data/two.data" --points --tres 2 --ares 1 -x ,
	is "$zero" awk -F , '!/^#/ && $2 == 0 { print $NF; exit }' out
	report "$data/two.data" --wss --sortby time --range 100,101,1 -x , --target 0
	is 26.718240774 awk -F , '/,p100,/ { print $NF }' out
	report "$data/two.data" --regions -j
	is "26.718240774 26.718497259" members '*[t["timestamp"] for t in j["targets"]], sep=" "'
	is "20.290170509 20.291517574" members '*[t["start_timestamp"] for t in j["targets"]], sep=" "'
	is "perf_clock $zero None" members 'j["clock"], j["zero_timestamp"], j["zero_time_of_day"]'
}

# numbers OPTION...: the addresses and accesses of the regions that are reported
numbers()
{
	report "$data/alternate.data" --raw -x , "$@"
	awk -F , '!/^#/ { print $6, $7, $9 }' out
}

# What --guide prints selects the same again, and with perf script.
test_same_events()
{
	local time

	report "$data/alternate.data" --guide --time 1s-2s
	time=$(sed -n 's/^clock: //p' out)
	is 13.409699893,14.409821164 echo "$time"
	numbers --time 1s-2s >expected
	numbers --time "$time" >ours
	[ "$(wc -l <ours)" -gt 80 ] || fail "hardly a region: $(cat ours)"
	cmp ours expected || fail "--time $time: other snapshots than before"
	perf script -f -i "$data/alternate.data" --ns --time "$time" -F trace 2>/dev/null |
		sed 's/.*nr_regions=[0-9]* \([0-9]*\)-\([0-9]*\): \([0-9]*\) .*/\1 \2 \3/' |
		while read -r start end accesses; do
			printf '%#x %#x %d\n' "$start" "$end" "$accesses"
		done >theirs
	cmp ours theirs || fail "perf script --time $time: other events"
}

# same TIME OTHER: both select the same
same()
{
	numbers --time "$1" >one
	numbers --time "$2" >other
	[ -s one ] || fail "--time '$1': nothing"
	cmp one other || fail "--time '$1' is not --time '$2'"
}

test_forms()
{
	local time

	same 1s-2s 1s,2s
	same 10%-20% 10%,20%
	same 20%/2,20%/3 20%-40%,40%-60%
	same 20% 20%/1
	# Several parts
	{ numbers --time ,13.4; numbers --time 15.4,; } >expected
	numbers --time "12,13.4 15.4," | cmp expected - || fail "--time: other parts"
	{ numbers --time 20%; numbers --time 20%/3; } >expected
	numbers --time 0%-20%,40%-60% | cmp expected - || fail "--time: other parts in percent"
	# Those that perf script prints are rounded down.
	numbers --time 13.213763,13.213764 >one
	numbers --time 0.8s-0.807s | cmp one - || fail "--time: not the snapshot at 13.213763262"
	# What is between them is no part of a heat map.
	report "$data/alternate.data" --points --tres 40 --ares 1 --time "12,13.4 15.4," -x ,
	awk -F , '!/^#/ && $NF > 13.7 && $NF < 15.1' out | grep . && fail "cells of what is not selected"
	[ "$(grep -c -v '^#' out)" -gt 15 ] || fail "no cells: $(cat out)"

	for time in 1,2 20,30; do
		perf damon report -f -i "$data/alternate.data" --time $time >out 2>err
		expect_status 234 $? "--time $time"
		is "nothing is left at these times: the record is of 12.405883305,16.413484746" cat err
	done
	for time in 13-14 12.6 1s 13,14,15 "13,14 15" 10%,13 14,13; do
		perf damon report -f -i "$data/alternate.data" --time "$time" >out 2>err
		expect_status 129 $? "--time $time"
		expect "is not a range of times such as 1.5s-3s, or 12.6,13.1 of perf script$" err
	done
}

# A file of perf record with the times of its samples: percentages are those of perf's other commands.
test_sample_times()
{
	local time

	for time in 0%-10%,40%-60% 50%/2 20%; do
		perf script -f -i "$data/plain-6.1.data" --ns --time $time -F time 2>/dev/null | tr -d ' :' | sort -u >events
		report "$data/plain-6.1.data" --raw -x , --time $time
		awk -F , '!/^#/ { print $NF }' out | sort -u >timestamps
		[ "$(wc -l <timestamps)" -ge 2 ] || fail "--time $time: hardly a snapshot: $(cat out)"
		comm -23 timestamps events | grep . && fail "--time $time: other events than perf script"
	done
}

# perf damon record notes the time of day, as perf script prints it with -F tod. workers.data is a record of four
# processes, each with its own 512 KiB or 1 MiB block that it fills again and again, and sleeps by usleep() of libc.
# --sample 40ms --aggr 400ms --update 1s --min-regions 3 --max-regions 40
test_time_of_day()
{
	local file=$data/workers.data first

	first=$(perf script -f -i "$file" -F tod 2>/dev/null | sort -u | head -n 1 | sed 's/ *$//; s/^ *//')
	report "$file" --raw -j
	is monotonic members 'j["clock"]'
	is 76.676968965 members 'j["zero_timestamp"]'
	# In seconds since 1970. The first snapshot is 0.4 s later.
	is "$(date -d "$first" +%s%6N)" members '(int(j["zero_time_of_day"].replace(".", "")) +
		min(s["time_ns"] for s in j["snapshots"])) // 1000'
	report "$file" --wss
	expect "^# clock: monotonic, 0s is 76.676968965, 2026-11-30 07:31:27.676914$" out
	# It is that of a time zone.
	TZ=XYZ-2 perf damon report -f -i "$file" --wss >out 2>&1
	expect ", 2026-11-30 09:31:27.676914$" out
	# Beyond 2^53, where jq and JavaScript round numbers: of a machine that is up for 120 days
	rewrite "$data/alternate.data" 'substr($body, 16, 8) = pack("Q<", unpack("x16Q<", $body) + 120 * 86400 * 1e9)
		if $type == 9' >late.data
	report late.data --raw -j
	is 10368012.405883305 members 'j["zero_timestamp"]'
	is 10368012.605883305 members 'j["snapshots"][0]["timestamp"]'
	command -v jq >/dev/null || return 0
	is '"10368012.605883305"' jq '.snapshots[0].timestamp' out
}

test_timestamps
test_time_of_day
test_same_events
test_forms
test_sample_times
finish
