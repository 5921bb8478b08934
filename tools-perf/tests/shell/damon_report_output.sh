#!/bin/bash
# DAMON report prints what was recorded
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data
export LINES=25 COLUMNS=80

# expect_report FILE EXPECTED OPTION...
expect_report()
{
	local file=$1 expected=$2

	shift 2
	perf damon report -f -i "$data/$file" "$@" >out 2>err || fail "$file $*: status $?"
	diff "$data/$expected" out || fail "$file $*: prints something else"
	[ ! -s err ] || fail "$file $*: $(cat err)"
}

test_reports()
{
	expect_report alternate.data alternate.summary
	expect_report alternate.data alternate.heats --heats
	expect_report alternate.data alternate.wss --wss
	expect_report plain.data plain.summary
}

# compare_raw FILE: compare --raw with the output of perf script
compare_raw()
{
	local file=$1 start end accesses age

	perf damon report -f -i "$file" --raw >raw
	perf script -f -i "$file" -F trace 2>/dev/null |
		sed 's/.*nr_regions=\([0-9]*\) \([0-9]*\)-\([0-9]*\): \([0-9]*\) \([0-9]*\)/\1 \2 \3 \4 \5/' >events

	awk '$1 ~ /^0x/ { print $1, $2, $4, $5 }' raw >regions
	while read -r _ start end accesses age; do
		printf '%#x %#x %d %d\n' "$start" "$end" "$accesses" "$age"
	done <events >expected
	[ -s expected ] || fail "$file: no events"
	cmp expected regions || fail "$file: --raw: other regions than perf script"
}

# Compare --raw with perf script, and --wss with sums over the events.
test_raw()
{
	! perf check feature -q zstd || compare_raw "$data/zstd.data"
	compare_raw "$data/alternate.data"

	# The median of the working set.
	awk '{ n++; if ($4) sum += $3 - $2; if (n == $1) { print sum + 0; n = sum = 0 } }' events |
		sort -n >sums
	median=$(sed -n "$((($(wc -l <sums) + 1) / 2))p" sums | awk '{ printf "%.2f", $1 / 1048576 }')
	expect "p50 *${median}MiB" "$data/alternate.wss"
}

# Colors on a terminal, unless NO_COLOR is set, and the size of the terminal.
test_terminal()
{
	local escape=$'\033\[48;5;'

	command -v script >/dev/null || return
	script -qec "perf --no-pager damon report -f -i $data/alternate.data" /dev/null >out
	expect "$escape" out
	NO_COLOR=1 script -qec "perf --no-pager damon report -f -i $data/alternate.data" /dev/null >out
	! grep -q "$escape" out || fail "colour in spite of NO_COLOR"
	# The size of the terminal is also used behind a pager.
	env -u LINES -u COLUMNS PERF_PAGER='head -n 1000' script -qec \
		"stty cols 100 rows 40; perf damon report -f -i $data/alternate.data --heats" /dev/null >out
	[ "$(grep -c '^ *0x[0-9a-f]* |' out)" = 31 ] || fail "not as high as the terminal of the pager"

	COLUMNS=200 LINES=50 perf damon report -f -i "$data/alternate.data" --heats >wide
	[ "$(grep -c '^ *0x[0-9a-f]* |' wide)" = 40 ] || fail "not as high as the terminal"
	COLUMNS=30 perf damon report -f -i "$data/alternate.data" >narrow
	[ "$(awk '/^ *0x[0-9a-f]* \|/ && length <= 30' narrow | wc -l)" = 8 ] || fail "too wide"
}

# As perf report does
test_header()
{
	local options

	for options in "" -I; do
		# shellcheck disable=SC2086 # options
		perf report --header-only -f -i "$data/alternate.data" $options 2>/dev/null >expected
		# shellcheck disable=SC2086 # options
		perf damon report --header-only -f -i "$data/alternate.data" $options >out 2>err ||
			fail "--header-only $options: status $?: $(cat err)"
		cmp expected out || fail "--header-only $options: another header"
		perf damon report -f -i "$data/alternate.data" >>expected
		# shellcheck disable=SC2086 # options
		perf damon report --header -f -i "$data/alternate.data" $options >out 2>err ||
			fail "--header $options: status $?: $(cat err)"
		cmp expected out || fail "--header $options: not the header and the report"
	done
	perf damon report -I -f -i "$data/alternate.data" | cmp - expected || fail "-I is not --header -I"
	perf damon report --header -f -i "$data/alternate.data" --raw -x , | grep -v '^#' >out
	perf damon report -f -i "$data/alternate.data" --raw -x , | grep -v '^#' | cmp - out ||
		fail "--header: other rows"
	# A stream that has only the name of the host: records of features, also the one that ends them
	perl -e 'sub feature { pack("L<S<S<Q<", 80, 0, 16 + length($_[1]), $_[0]) . $_[1] }
		print "PERFILE2", pack("Q<", 16), feature(3, pack("L<a64", 64, "far-away")), feature(32, "")' >stream.data
	for options in "-i -" "-i stream.data"; do
		# shellcheck disable=SC2002,SC2086 # a pipe, options
		cat stream.data | perf damon report -f --header-only $options >out 2>err ||
			fail "stream, $options: status $?: $(cat err)"
		[ "$(grep -c "^# hostname : far-away$" out)" = 1 ] || fail "stream, $options: no header: $(cat out err)"
	done
}

test_percent_limit()
{
	perf damon report -f -i "$data/two.data" --mappings -x , >all
	perf damon report -f -i "$data/two.data" --mappings -x , --percent-limit 0.5 >out
	awk -F , '/^#/ || $5 >= 0.5' all | cmp - out || fail "--percent-limit 0.5: other rows"
	perf damon report -f -i "$data/two.data" --mappings -x , --percent-limit 90% >out
	[ "$(grep -vc '^#' out)" = 1 ] || fail "--percent-limit 90%: not one row"
	perf damon report -f -i "$data/two.data" --mappings -s dso -x , >all
	perf damon report -f -i "$data/two.data" --mappings -s dso -x , --percent-limit 1 >out
	awk -F , '/^#/ || $1 >= 1' all | cmp - out || fail "--percent-limit 1: other groups"
}

test_colors()
{
	local escape=$'\033\[48;5;'

	for option in --stdio-color --stdio-color=always; do
		NO_COLOR=1 perf damon report -f -i "$data/alternate.data" $option >out
		expect "$escape" out
	done
	perf damon report -f -i "$data/alternate.data" --stdio-color=auto >out
	! grep -q "$escape" out || fail "--stdio-color=auto: colours in a file"
	command -v script >/dev/null || return 0
	script -qec "perf --no-pager damon report -f -i $data/alternate.data --stdio-color=never" /dev/null >out
	! grep -q "$escape" out || fail "--stdio-color=never: colours"
}

test_reports
test_header
test_percent_limit
test_colors
test_raw
test_terminal
finish
