#!/bin/bash
# DAMON report says what is wrong
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# refuse STATUS TEXT ARGUMENT...: nothing but a message
refuse()
{
	local status=$1 text=$2

	shift 2
	perf damon report "$@" >out 2>err
	expect_status "$status" $? "$*"
	expect "$text" err
	[ ! -s out ] || fail "$*: something on the standard output"
}

test_options()
{
	refuse 129 "option .wss. cannot be used with heats" --heats --wss
	refuse 129 "no picture of --raw" --raw --plot a.png
	refuse 129 "'a.gif' does not end with .png, .svg, .pdf or .jpeg" --plot a.gif
	refuse 129 "control characters" --plot $'a\nb.png'
	refuse 129 "what is 'nonsense'" nonsense
	refuse 129 "unknown option .bogus'" --bogus
	perf damon >out 2>err
	expect_status 129 $? "no command"
	expect "report  *show what was recorded" err
	perf damon nonsense >out 2>err
	expect_status 129 $? "unknown command"
	expect "no command 'nonsense'" err
}

test_files()
{
	refuse 255 "none.data: No such file or directory" -i none.data
	refuse 254 "no damon:damon_aggregated events in .*none.data; record with 'perf damon record'" \
		-f -i "$data/none.data"
	[ "$(wc -l <err)" = 1 ] || fail "no events: more than one line: $(cat err)"
	head -c 3000 /dev/zero >zero.data
	refuse 255 "incompatible file format" -f -i zero.data
}

# survives FILE WHAT OPTION...: whatever the bytes are, an end in time, and no signal. perf's own
# statuses may be above 128, too.
survives()
{
	local file=$1 what=$2

	shift 2
	timeout 20 perf damon report -f -i "$file" "$@" >out 2>err
	status=$?
	case $status in
	124|134|136|139) fail "$what: status $status" ;;
	esac
}

test_damaged_files()
{
	local size i

	size=$(stat -c %s "$data/plain.data")
	for i in 1 2 3 4 5 6 7; do
		head -c $((size * i / 8)) "$data/plain.data" >short.data
		survives short.data "cut at $i/8"
		[ "$status" != 0 ] || fail "cut at $i/8: no error"
	done
	for ((i = 200; i < size; i += size / 50)); do
		cp "$data/plain.data" bad.data
		printf '\377\377\377\377' | dd of=bad.data bs=1 seek=$i conv=notrunc status=none
		survives bad.data "damaged at $i"
	done
}

# le64 NUMBER: its bytes, for printf
le64()
{
	local i

	for ((i = 0; i < 64; i += 8)); do
		printf '\\x%02x' $(($1 >> i & 255))
	done
}

# A hostile file: one that is damaged where it hurts, in all reports.
test_hostile_files()
{
	local report first all size

	# The header says where the first event is, which begins with its type: a software one.
	cp "$data/plain.data" type.data
	first=$(od -A n -t u8 -j 24 -N 8 type.data)
	printf '\1' | dd of=type.data bs=1 seek=$((first)) conv=notrunc status=none
	survives type.data "not a tracepoint"
	expect "no damon:damon_aggregated events" err

	# Data from before the file up to their end.
	cp "$data/plain.data" before.data
	size=$(($(od -A n -t u8 -j 40 -N 8 before.data) + $(od -A n -t u8 -j 48 -N 8 before.data)))
	printf %b "$(le64 -8)$(le64 $((size + 8)))" | dd of=before.data bs=1 seek=40 conv=notrunc status=none
	survives before.data "data before the file"
	expect "ends before its data do" err

	# The first region of each snapshot as all addresses there are, and the only one.
	all=$(le64 0)$(le64 -1)
	perl -0777 -pe 's/(\x34\0\0\0.{16})\x0d\0{7}.{16}/$1\x01\0\0\0\0\0\0\0'"$all"'/gs' \
		"$data/alternate.data" >all.data
	for report in --raw --heats --wss; do
		survives all.data "all addresses" "$report"
		[ "$status" = 0 ] || fail "all addresses, $report: status $status"
	done
	expect "p100 *16384PiB" out
}

test_options
test_files
test_damaged_files
test_hostile_files
finish
