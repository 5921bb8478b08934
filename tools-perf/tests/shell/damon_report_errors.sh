#!/bin/bash
# DAMON report says what is wrong
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2154 # Perl in single quotes, variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# refuse STATUS TEXT ARGUMENT...: report fails with STATUS and a message that contains TEXT
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
	local option

	refuse 129 "option .wss. cannot be used with heats" --heats --wss
	refuse 129 "no picture of --raw" --raw --plot a.png
	refuse 129 "'a.gif' does not end with .png, .svg, .pdf or .jpeg" --plot a.gif
	refuse 129 "what is 'nonsense'? A file to read is given with -i" nonsense
	[ "$(wc -l <err)" = 1 ] || fail "more than a line: $(cat err)"
	refuse 129 "^what is '--bogus=x'? 'perf damon help report' lists the options$" --bogus=x -v
	refuse 129 "no picture of --guide" --guide --plot a.png
	refuse 129 "choose one" -x , -j
	refuse 129 "separator is empty" -x ''
	refuse 129 "longer than 64 characters" -x "$(printf '%065d' 0)"
	refuse 129 "nothing to print with -x or -j" -j --plot a.png
	refuse 129 "--points cannot be used with --wss" --wss --points
	refuse 129 "--range is not for --heats" --heats --range 0,101,1
	refuse 129 "--range is not for --wss with --plot" --wss --range 0,101,1 --plot a.png
	refuse 129 "--sortby is not for --nr-regions with --plot" --nr-regions --sortby time --plot a.png
	refuse 129 "--raw-numbers is not for the summary with --plot" --raw-numbers --plot a.png
	refuse 129 "--all-areas is not for the summary with -j" --all-areas -j
	refuse 129 "--tres is not for the summary with -x" --tres 5 -x ,
	refuse 129 "--ares is not for the summary with -j" --ares 5 -j
	refuse 129 "--palette is not for --heats with -x" --heats --palette gray -x ,
	refuse 129 "^--palette is not for --points, but for --heats$" --points --palette gray
	refuse 129 "^--threshold is not for the summary, but for --wss and --mappings$" --threshold 2
	refuse 129 "--symfs: '/nonexistent' is no directory" --mappings --symfs /nonexistent
	refuse 129 "--tres is not for --raw" --raw --tres 5
	refuse 129 "--fields is not for --wss" --wss -F wss_bytes
	refuse 129 "--fields: no column 'bogus': there are accesses_percent" --mappings -F mapping,bogus
	refuse 129 "--sort: no column 'bogus': there are frequency_percent" --regions -s bogus
	refuse 129 "--sort: no column ''" --mappings -s mapping,
	refuse 129 "--fields: more than 12 columns" --mappings -F "$(printf 'mapping,%.0s' {1..12})mapping"
	refuse 129 "'3,2,1' is not START,STOP,STEP" --wss --range 3,2,1
	refuse 129 "is not START,STOP,STEP" --wss --range 50,101,18446744073709551615
	refuse 129 "'name' is neither size nor time" --wss --sortby name
	refuse 129 "'2s' is neither a number of accesses" --wss --threshold 2s
	refuse 129 "'101%' is neither a number of accesses" --wss --threshold 101%
	refuse 129 "'0' is neither a number of accesses, 1 or more" --wss --threshold 0
	refuse 129 "'0%' is neither a number of accesses" --mappings --threshold 0%
	refuse 129 "'0s' is not a time" --wss --work-time 0s
	refuse 129 "'5XB' is neither a number of rows" --heats --ares 5XB
	refuse 129 "'0' is neither a number of columns" --heats --tres 0
	refuse 129 "'blue' is neither heat, gray, viridis nor paper" --palette blue
	refuse 129 "--stdio-color: 'red' is neither always, never nor auto" --stdio-color red
	refuse 129 "'5' is not a time" --tmin 5
	refuse 129 "'200%' is not a time" --tmax 200%
	refuse 129 "'1s' is not a range of times" --time 1s
	refuse 129 "'1s-2s-3s' is not a range of times" --time 1s-2s-3s
	refuse 129 "--time: '2s-1s' does not end behind its begin" --time 2s-1s
	refuse 129 "--tmax is not after --tmin" --tmin 2s --tmax 1s
	refuse 129 "'12,13' has both ends: leave out --tmin and --tmax" --time 12,13 --tmax 1s
	refuse 129 "'10,x' is not a list of widths such as 0,20" --mappings -w 10,x
	refuse 129 "'10,' is not a list of widths" --mappings -w 10,
	refuse 129 "'1001' is not a list of widths" --mappings -w 1001
	refuse 129 "--column-widths is not for --wss" --wss -w 10
	refuse 129 "-D: 'perf script -D' prints the records as they are" -D
	refuse 129 "'x' is not a percentage such as 0.5" --mappings --percent-limit x
	refuse 129 "'101' is not a percentage" --mappings --percent-limit 101
	refuse 129 "'1%%' is not a percentage" --mappings --percent-limit 1%%
	refuse 129 "--percent-limit is not for --regions" --regions --percent-limit 1
	refuse 129 "--header is text, not JSON: leave out -j" --header -j
	refuse 129 "--fields: no column ''" --mappings -F +
	refuse 129 "--sort: no column 'bogus'" --mappings -s +bogus
	refuse 129 "-j and -x are two formats" -t , -j
	refuse 129 "'12xy' is not an address" --amin 12xy
	refuse 129 "'0x1000' is not a range of addresses" --addr 0x1000
	refuse 129 "--addr: '0x1000-0x1000' does not end behind its begin" --addr 0x1000-0x1000
	refuse 129 "--amax is not above --amin" --amin 5 --amax 3
	refuse 129 "--amax is not above --amin" --amin 5 --addr -3
	refuse 129 "'init' is not a list of processes" --pid init
	refuse 129 "'-1' is not a list of targets" --target=-1
	for option in addr amin amax time tmin tmax pid target palette threshold; do
		refuse 129 "isn't available" -i "$data/alternate.data" --no-$option
	done
	perf damon nonsense >out 2>err
	expect_status 129 $? "unknown command"
	expect "no command 'nonsense': 'perf damon help' lists them" err
}

# Errors that depend on the record.
test_parts()
{
	local option

	refuse 234 "nothing is left at these times: the record is of 0s-4.01s" \
		-f -i "$data/alternate.data" --tmin 5s
	refuse 195 "no snapshot of this --pid or --target" -f -i "$data/alternate.data" --pid 1
	refuse 195 "--pid: .*plain.data does not tell of processes: --target chooses" -f -i "$data/plain.data" --pid 1
	refuse 195 "--pid: .*paddr.data is of physical memory, which belongs to no process$" \
		-f -i "$data/paddr.data" --pid 1
	refuse 195 "no snapshot of this --pid or --target" -f -i "$data/two.data" --target 2
	refuse 234 "is too fine: choose a coarser --tres or --ares" \
		-f -i "$data/alternate.data" --heats --tres 1ns
	for option in --raw --heats --points --guide --wss --nr-regions --regions --mappings "--plot a.png"; do
		# shellcheck disable=SC2086 # options
		refuse 195 "nothing was monitored at these addresses: --guide lists those that were$" \
			-f -i "$data/alternate.data" $option --addr 1-2
	done
	refuse 195 "at these addresses in this time: --guide with the same times lists those that were$" \
		-f -i "$data/alternate.data" --tmax 200ms --addr 0x7f6cda400000-0x7f6cdb000000
	for option in "" "-x ," -j "--sortby time" "--plot a.png"; do
		# shellcheck disable=SC2086 # options
		refuse 195 "no --work-time is over in what is looked at: choose a shorter one$" \
			-f -i "$data/alternate.data" --wss --work-time 1h $option
	done
	refuse 195 "no --work-time is over .*: choose a shorter one, or more of the record$" \
		-f -i "$data/two.data" --wss --work-time 3s --time 3s-4.6s
	[ ! -e a.png ] || fail "a picture of nothing"
	for option in --wss --mappings; do
		refuse 234 "--threshold: 41 is more than the 40 samples of a snapshot$" \
			-f -i "$data/alternate.data" $option --threshold 41
		perf damon report -f -i "$data/plain.data" $option --threshold 21 >out 2>err ||
			fail "$option: more than were seen: status $?"
		expect "--threshold: 21 is more than the 20 samples of a snapshot, which is a guess" err
	done
}

test_files()
{
	refuse 255 "none.data: No such file or directory" -i none.data
	refuse 254 "no damon:damon_aggregated events in .*none.data; record with 'perf damon record'" \
		-f -i "$data/none.data"
	[ "$(wc -l <err)" = 1 ] || fail "no events: more than one line: $(cat err)"
	refuse 254 "no perf.data here: 'perf damon record' makes one, -i names another" --wss </dev/null
	[ "$(wc -l <err)" = 1 ] || fail "no perf.data: more than one line: $(cat err)"
	: | perf damon report --wss >out 2>err
	expect_status 195 "${PIPESTATUS[1]}" "empty pipe"
	expect "nothing came from the standard input: see what wrote to it" err
	[ "$(wc -l <err)" = 1 ] || fail "empty pipe: more than one line: $(cat err)"
	: >empty.data
	refuse 255 "zero-sized data (empty.data)" -f -i empty.data
	head -c 3000 /dev/zero >zero.data
	refuse 255 "incompatible file format" -f -i zero.data
}

# Like all of perf: files of other users are only read with -f.
test_owners()
{
	cp "$data/alternate.data" other.data
	if [ "$(id -u)" = 0 ]; then
		chown 12345 other.data
		refuse 255 "other.data not owned by current user or root (use -f to override)" -i other.data
		perf damon report -f -i other.data --guide >out 2>err || fail "-f: status $?: $(cat err)"
		expect "^time: 0s-4.007601441s$" out
	fi
	chmod 0 other.data
	perf_as_nobody damon report -f -i other.data >out 2>err
	expect_status 255 $? "unreadable"
	expect "failed to open other.data: Permission denied" err
	[ "$(wc -l <err)" = 1 ] || fail "unreadable: more than one line: $(cat err)"
	[ ! -s out ] || fail "unreadable: something on the standard output"
}

# With a full disk or a closed pipe, the report ends with at most one message.
test_full_disk()
{
	local options

	for options in "" --raw "--raw -j" "--mappings -x ," --heats; do
		# shellcheck disable=SC2086 # options
		perf damon report -f -i "$data/alternate.data" $options 2>err >/dev/full
		expect_status 228 $? "full disk: $options"
		expect "cannot write the report: No space left on device" err
		[ "$(wc -l <err)" = 1 ] || fail "full disk: $options: not one line: $(cat err)"
	done
	# Also if a user asks for line buffering, where the write that fails is not the last one.
	stdbuf -oL perf damon report -f -i "$data/alternate.data" >/dev/full 2>err
	expect_status 228 $? "full disk, line by line"
	expect "cannot write the report: No space left on device" err
	[ "$(wc -l <err)" = 1 ] || fail "full disk, line by line: not one line: $(cat err)"
	(trap '' PIPE; perf --no-pager damon report -f -i "$data/alternate.data" --raw -j 2>err | :)
	[ ! -s err ] || fail "closed pipe: $(cat err)"
}

# Unrelated records do not change the report, bad ones do not crash it, and missing events are reported.
test_odd_records()
{
	local report code

	perf damon report -f -i "$data/alternate.data" --raw -j >expected
	# Turn PERF_RECORD_EXIT into an unknown record type, and into samples dropped by a BPF filter.
	for code in '$type = 40' '$type = 13; $misc = 0x8000; substr($body, 0, 8) = pack("Q<", 5)'; do
		rewrite "$data/alternate.data" "if (\$type == 4) { $code }" >odd.data
		perf damon report -f -i odd.data --raw -j >out 2>err || fail "$code: status $?: $(cat err)"
		cmp out expected || fail "$code: another report"
	done
	# Lost samples of another event.
	rewrite "$data/paddr.data" 'if ($type == 4) { $type = 13; substr($body, 0, 8) = pack("Q<", 5) }' >odd.data
	perf damon report -f -i odd.data >out 2>err || fail "losses of others: status $?: $(cat err)"
	! grep '^# lost' out || fail "losses of others are ours"
	# Records that make no sense: see test_reader()
	rewrite "$data/alternate.data" '$type = 10 if $type == 4' >odd.data
	refuse 234 "failed to process type: 10 .Invalid argument" -f -i odd.data
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	# Overlapping mappings of a process with the name of the kernel
	rewrite "$data/alternate.data" 'if ($type == 10 && length($body) > 112) {
		substr($body, 64, 20) = pack("a20", "[kernel.kallsyms]");
		substr($body, 8, 16) = pack("Q<2", 0x7f6cda400000 + 0x1000 * our $n++, 0x4000) }' >odd.data
	for report in --mappings --regions; do
		survives odd.data "name of the kernel" $report
		[ "$status" = 0 ] || fail "name of the kernel: status $status: $(cat err)"
	done

	# Half of the events, as with perf record -c 2. The header has the offset of the attributes.
	rewrite "$data/plain.data" 'our $n; $type = 40 if $type == 9 && $n++ % 2;
		substr($_, unpack("Q<", substr($_, 24, 8)) + 16, 8) = pack("Q<", 2)' >half.data
	refuse 195 "a part of the events only; record without -c and -F" -f -i half.data
	refuse 195 "no snapshot at these times" -f -i "$data/two.data" --target 1 --time 0s-1ms

	# An incomplete snapshot after the selected time.
	rewrite "$data/alternate.data" 'our $n; $type = 40 if $type == 9 && $n++ == 300' >incomplete.data
	perf damon report -f -i incomplete.data --wss >out 2>&1
	expect "; 1 incomplete one left out" out
	perf damon report -f -i incomplete.data --wss --tmax 1s >out 2>&1
	! grep incomplete out || fail "incomplete at another time"
	# The only snapshot that overlaps the selected time is incomplete.
	rewrite "$data/two.data" '$type = 40 if $type == 9 && int(unpack("x16Q<", $body) / 1000) == 21782376' >late.data
	refuse 195 "no whole snapshot at these times in late.data: events of each were lost; record with" \
		-f -i late.data --target 0 --time 1s-1.05s

	# Two kdamonds take snapshots in turn, and there are settings of one of them, of the first as it seems.
	rewrite "$data/alternate.data" 'if ($type == 9) {
		our ($left, $nr);
		$left = unpack("x68L<", $body), $nr++ if !$left;
		$left--;
		substr($body, 56, 4) = pack("L<", 9999) if $nr % 2 == 0 }' >odd.data
	perf damon report -f -i odd.data --guide >out 2>err || fail "two kdamonds: status $?: $(cat err)"
	[ "$(grep -c 'alternate (pid 157)' out)" = 1 ] || fail "two kdamonds have the same process: $(cat out)"
	expect "^target 0 of kdamond 9999: " out

	# A stream with an event of this name, but without its format.
	perl -e '
		sub record { pack("L<S<S<", $_[0], 0, 8 + length($_[1])) . $_[1] }
		print "PERFILE2", pack("Q<", 16),
			record(64, pack("L<L<Q<Q<Q<Q<Q<", 2, 128, 1, 1, 0x10406, 0, 1 << 18) . "\0" x 80 . pack("Q<", 77)),
			record(78, pack("Q<Q<a24", 2, 77, "damon:damon_aggregated")),
			record(9, pack("Q<L<L<Q<L<x52", 77, 5, 5, 1000, 52))' >stream.data
	for report in --raw --wss; do
		survives stream.data "no format" "$report"
		expect "no damon:damon_aggregated events" err
	done
}

# regions FILE: the regions in FILE that were accessed
regions()
{
	perf damon report -f -i "$1" --raw -x , | awk -F , '!/^#/ && $9 { print $6, $7, $9, $10 }'
}

# Filters are not losses, even if only the missing events tell of one: reports have what has passed.
test_filter()
{
	local file

	# The command line is in the header; nr_accesses is in the raw data.
	rewrite "$data/plain.data" 's/-o\0{6}(.{60})plain.data\0{5}/--filter$1nr_accesses > 0/s;
		$type = 40 if $type == 9 && !unpack("x84L<", $body)' >filtered.data
	rewrite filtered.data 's/--filter/--filled/' >unsaid.data
	regions "$data/plain.data" >expected
	[ "$(wc -l <expected)" -gt 30 ] || fail "nothing accessed"
	for file in filtered unsaid; do
		regions $file.data | cmp expected - || fail "$file: other regions"
		perf damon report -f -i $file.data --wss >out 2>err || fail "$file: status $?: $(cat err)"
		! grep "left out" out || fail "$file: losses"
		perf damon report -f -i "$data/plain.data" --wss | sed 1,3d >whole
		sed 1,4d out | cmp whole - || fail "$file: another working set"
	done
	expect "^# filter: unknown, as parts of all snapshots are missing, and none was lost; only" out
	perf damon report -f -i filtered.data -j >out
	expect '"filter":"nr_accesses > 0"' out
	perf damon report -f -i filtered.data >out
	expect "^# filter: nr_accesses > 0; only regions that pass it were recorded$" out
}

# typed ARGUMENT...: write plain.data to typed.data, as if "perf ARGUMENT..." had recorded it; of 11 arguments at most
typed()
{
	# Each argument is in 64 bytes, behind their number.
	# shellcheck disable=SC2016 # Perl in single quotes
	LC_ALL=C perl -0777 -e '
		$_ = <STDIN>;
		my $at = index($_, pack("a64", "record") . pack("L<a64", 64, "-B"));
		push(@ARGV, "--") while @ARGV < 11;
		for my $i (0 .. 10) { substr($_, $at + 68 * $i, 64) = pack("a64", $ARGV[$i]) }
		print' -- "$@" <"$data/plain.data" >typed.data
}

# The filter of another event, or of a command, is not ours.
test_typed_filters()
{
	local args event=damon:damon_aggregated

	for args in "-e $event" "-ae $event" "-e$event" "-aqe$event" "--event=$event" "--event $event" "-e sched:*,$event" \
		"-e damon:*" "-e d*:*agg*" "-e {sched:sched_switch,$event}" "-e {$event}:u" "-e $event:k" "-e a:b -e $event"; do
		# shellcheck disable=SC2086 # options
		(set -f && typed record $args --filter x)
		perf damon report -f -i typed.data >out 2>err || fail "$args: $(cat err)"
		grep -q '^# filter: x; only' out || fail "$args: no filter: $(head -n 3 out)"
	done
	for args in "record -e damon:damos_before_apply" "record -e $event,sched:sched_switch" "record -e $event -e a:b" \
		"record -e $event -- perf" "record -e {$event,cycles}" "damon record ls -e $event"; do
		# shellcheck disable=SC2086 # options
		(set -f && typed $args --filter x)
		perf damon report -f -i typed.data >out 2>err || fail "$args: $(cat err)"
		! grep '^# filter' out || fail "$args: a filter"
	done
}

# A kdamond that was held up within a snapshot has lost nothing: the second half is 101 ms late.
test_held_up()
{
	rewrite "$data/alternate.data" 'if ($type == 9 && our $n++ >= 300) {
		my $time = unpack("x16Q<", $body);
		our $first //= $time;
		substr($body, 16, 8) = pack("Q<", $time + 101e6) if $time < $first + 50e6 }' >late.data
	perf damon report -f -i late.data --guide >out
	expect ": 20 snapshots in " out
	! grep "left out" out || fail "a delay loses a snapshot"
	regions "$data/alternate.data" >expected
	regions late.data | cmp expected - || fail "a delay: other regions"
}

# without FILE CODE: write alternate.data to FILE, after running CODE for each event of its third snapshot
without()
{
	rewrite "$data/alternate.data" 'if ($type == 9) {
		# The time follows the address and the thread.
		my $time = unpack("x16Q<", $body);
		our ($first, $nr);
		$first //= $time;
		if (int(($time - $first) / 200e6 + 0.5) == 2) { '"$2"' } }' >"$1"
}

# The time of a missing snapshot is not drawn, and is not part of a work time.
test_gaps()
{
	local file

	without incomplete.data '$type = 40 if !$nr++'
	# The whole snapshot is replaced by a PERF_RECORD_LOST of 20 events, with the thread and time of its sample.
	without lost.data 'if ($nr++) {
			$type = 40;
		} else {
			$type = 2;
			$body = pack("Q<2", 0, 20) . "\0" x (length($body) - 40) . substr($body, 8, 16) . "\0" x 8;
		}'
	# A work time is two snapshots long. The third snapshot is missing, and the last one has no partner.
	perf damon report -f -i "$data/alternate.data" --raw -x , |
		awk -F , '!/^#/ && !seen[$5]++ { nr++; if (nr == 2 || nr > 4 && nr % 2) print $5 }' >expected
	[ "$(wc -l <expected)" = 9 ] || fail "not 20 snapshots"
	for file in incomplete.data lost.data; do
		perf damon report -f -i $file --wss --work-time 390ms --sortby time --range 0,101,1 -x , |
			awk -F , '!/^#/ && $6 && !seen[$6]++ { print $6 }' >out
		cmp expected out || fail "$file: other windows of time"
		perf damon report -f -i $file --points --tres 40ms --ares 1 -x , >out
		! awk -F , '!/^#/ && $5 > 400e6 && $5 < 600e6' out | grep . || fail "$file: cells of what is missing"
	done
	expect "^# lost: 20 events; record with a larger buffer (-m), larger intervals or fewer regions$" out
	perf damon report -f -i "$data/alternate.data" --points --tres 40ms --ares 1 -x , >out
	[ "$(awk -F , '!/^#/ && $5 > 400e6 && $5 < 600e6' out | wc -l)" = 4 ] || fail "not each cell"
}

# The aggregation interval has changed in the middle of a record: no percentage is above 100, and the change is told.
test_changed_settings()
{
	local factor accesses option

	while read -r factor accesses; do
		changed "$factor" "$accesses"
		for option in "" --heats --points --guide --regions --mappings "--wss --threshold 50%"; do
			# shellcheck disable=SC2086 # options
			perf damon report -f -i changed.data $option >out 2>err || fail "changed $option: $(cat err)"
			expect "^# settings changed while it was recorded$" out
			! grep -E '[^0-9.](100\.[0-9]*[1-9]|10[1-9]|1[1-9][0-9]|[2-9][0-9]{2}|[0-9]{4,})(\.[0-9]*)?%' out ||
				fail "changed, $factor times $accesses $option: more than 100 %"
			# shellcheck disable=SC2086 # options
			perf damon report -f -i changed.data $option -j >out 2>err || fail "changed $option: $(cat err)"
			expect '"settings_changed":true' out
		done
	done <<-'END'
		10 10
		10 1
		0.4 1
	END
	# Of 40 samples until then, and of at most 400 afterwards.
	changed 10 10
	perf damon report -f -i changed.data --regions >out
	expect '^ *100.0% ' out
	perf damon report -f -i changed.data --raw -j >out
	python3 - <<-'END' || fail "--raw -j: other samples"
		import json
		snapshots = json.load(open("out"))["snapshots"]
		assert {s["samples"] for s in snapshots[:10]} == {40}
		assert max(s["samples"] for s in snapshots[10:]) == 400
		assert all(r["accesses"] <= s["samples"] for s in snapshots for r in s["regions"])
	END
	# The monitor was held up once, for ten intervals: that is no change.
	rewrite "$data/alternate.data" 'if ($type == 9) {
		my $time = unpack("x16Q<", $body);
		our $first //= $time;
		substr($body, 16, 8) = pack("Q<", $time + 2e9) if $time > $first + 1900e6 }' >late.data
	perf damon report -f -i late.data >out 2>err || fail "late: $(cat err)"
	! grep 'settings changed' out || fail "held up once: a change of the settings"
}

# survives FILE WHAT OPTION...: report ends in time and without a signal. perf's own statuses may also be above
# 128, so check those of typical signals.
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

# compressed FILE CONTENT [CODE]: write zstd.data to FILE. The first compressed record is replaced by a zstd frame
# with one uncompressed block, the value of the Perl expression CONTENT. Perl CODE runs for the other ones.
compressed()
{
	rewrite "$data/zstd.data" 'our $n; my $size = length($body);
		if ($type == 81 && !$n++) {
			$size -= 9;
			$body = pack("L<", 0xfd2fb528) . "\0\x58" . substr(pack("L<", $size << 3), 0, 3) .
				pack("a$size", '"$2"');
		} elsif ($type == 81) { '"${3:-}"' }' >"$1"
}

# Decompressed records are checked like those in a file.
test_compressed()
{
	perf check feature -q zstd || return
	compressed none.data '""'
	refuse 234 "failed to process type: 0 .Invalid argument" -f -i none.data
	compressed odd.data 'pack("L<S<S<", 40, 0, 12)'
	refuse 234 "failed to process type: 40 .Invalid argument" -f -i odd.data
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	# perf record was killed: the last compressed record ends within an event.
	perf report -D -f -i "$data/zstd.data" 2>/dev/null |
		perl -ne 'next unless s/^\. +([0-9a-f]{4}):  (([0-9a-f]{2} )+).*/$2/s;
			$is_sample = /^09 00 00 00/ if $1 eq "0000";
			print pack("H*", s/ //gr) if $is_sample' >samples
	compressed killed.data 'do { open my $file, "samples"; local $/; <$file> }' '$type = 68'
	perf damon report -f -i killed.data --raw >out 2>err || fail "killed: status $?: $(cat err)"
	expect "^WARNING: the compressed data end within a record, which is left out$" err
	[ "$(wc -l <err)" = 1 ] || fail "killed: not one line: $(cat err)"
	perf damon report -f -i "$data/zstd.data" --raw >whole 2>err
	grep 0x out >regions
	[ "$(wc -l <regions)" -ge 30 ] || fail "killed: only $(wc -l <regions) regions"
	grep 0x whole | head -n "$(wc -l <regions)" | cmp - regions || fail "killed: other regions"
	rewrite "$data/zstd.data" '$body =~ s/./\xff/gs if $type == 81' >bad.data
	refuse 255 "failed to decompress .*: Unknown frame descriptor" -f -i bad.data
}

# damage FILE NEEDED: truncate FILE, and overwrite bytes, at many places. A report is impossible without the first
# NEEDED eighths.
damage()
{
	local file=$1 needed=$2 size i

	size=$(stat -c %s "$file")
	for i in 1 2 3 4 5 6 7; do
		head -c $((size * i / 8)) "$file" >short.data
		survives short.data "$(basename "$file") cut at $i/8"
		[ "$status" != 0 ] || [ "$i" -ge "$needed" ] || fail "$(basename "$file") cut at $i/8: no error"
	done
	for ((i = 200; i < size; i += size / 50)); do
		cp "$file" bad.data
		printf '\377\377\377\377' | dd of=bad.data bs=1 seek=$i conv=notrunc status=none
		survives bad.data "damaged at $i"
	done
}

test_damaged_files()
{
	damage "$data/plain.data" 8
	# The settings and other data follow the formats of the events.
	damage "$data/zstd.data" 6
}

# The formats and settings are stored after the events. Reports work without the settings, but not without the
# formats.
test_cut_off()
{
	head -c 20000 "$data/alternate.data" >cut.data
	refuse 255 "^cut.data is cut off, or damaged: its header tells of more than its 20000 bytes$" -f -i cut.data
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	# The last byte belongs to data that no report needs.
	head -c -1 "$data/plain.data" >cut.data
	perf damon report -f -i cut.data --raw >out 2>err || fail "the last byte: status $?: $(cat err)"
	perf damon report -f -i "$data/plain.data" --raw | cmp - out || fail "the last byte: another report"
	# perf record was killed.
	LC_ALL=C perl -0777 -pe 'substr($_, 48, 8) = pack("Q<", 0)' "$data/plain.data" | head -c 20000 >cut.data
	survives cut.data "not finished"
	expect "Was the 'perf record' command properly terminated" err
	head -c 58000 "$data/alternate.data" >cut.data
	perf damon report -f -i cut.data --raw >out 2>err || fail "no description: status $?: $(cat err)"
	expect "^# settings: unknown, as the end of the file is missing; intervals and accesses are guesses$" out
	perf damon report -f -i "$data/alternate.data" --raw >expected
	[ "$(grep -c 0x expected)" = "$(grep -c 0x out)" ] || fail "no description: not all regions"
}

# all_of_perf TEXT FILE: perf's other commands end at the file with a message that contains TEXT
all_of_perf()
{
	local command

	for command in script "report --stdio"; do
		# shellcheck disable=SC2086 # options
		timeout 20 perf $command -f -i "$2" >out 2>err
		case $? in
		124|134|135|136|139) fail "$1: perf $command: a signal, or too slow" ;;
		esac
		expect "$1" err
	done
}

# What perf's reader checks, for all of its commands
test_reader()
{
	perf trace -f -i "$data/alternate.data" >out 2>err || fail "perf trace: status $?: $(cat err)"
	# Records of a newer kernel
	rewrite "$data/alternate.data" '$type = 40 if $type == 4' >odd.data
	perf script -f -i odd.data >out 2>err || fail "unknown records: status $?"
	expect "^Found [0-9]* unknown events" err
	perf script -f -i "$data/alternate.data" 2>/dev/null | cmp - out || fail "unknown records: others are missing"
	# Too short for its type
	rewrite "$data/alternate.data" '$type = 10 if $type == 4' >odd.data
	all_of_perf "failed to process type: 10 .Invalid argument" odd.data
	# A name without an end, and a build ID that is too long
	rewrite "$data/alternate.data" '$body =~ s/\0/x/g if $type == 3' >odd.data
	all_of_perf "failed to process type: 3 .Invalid argument" odd.data
	rewrite "$data/alternate.data" '$type == 10 and $misc |= 0x4000, substr($body, 32, 1) = "\xff"' >odd.data
	all_of_perf "failed to process type: 10 .Invalid argument" odd.data
	# Its own parent
	rewrite "$data/alternate.data" 'if ($type == 4) { $type = 7; substr($body, 0, 16) = pack("l<4", 2, 1, 2, 2) }' >odd.data
	all_of_perf "failed to process type: 7 .Invalid argument" odd.data
	# Too short for its sample_id, behind which is another record
	rewrite "$data/alternate.data" 'if ($type == 4) {
		substr($_, $at + 8, 8) = pack("L<S<S<", 40, 0, $size - 8);
		($type, $size, $body) = (14, 8, "") }' >odd.data
	all_of_perf "failed to process type: 14 .Bad address" odd.data
	# Compressed twice, and damaged
	if perf check feature -q zstd; then
		compressed odd.data 'pack("L<S<S<", 81, 0, 16) . "x" x 8'
		all_of_perf "failed to process type: 81 .Invalid argument" odd.data
		rewrite "$data/zstd.data" '$body =~ s/./\xff/gs if $type == 81' >odd.data
		all_of_perf "failed to decompress (B): .*: Unknown frame descriptor" odd.data
	fi
	# The last record is longer than what is left
	rewrite "$data/alternate.data" '$body .= substr($_, $at + $size, 8), $size += 8 if $at + $size == $end' >odd.data
	all_of_perf "failed to process type: [0-9]* .Invalid argument" odd.data
	# Overlapping mappings with the name of the kernel: with a sanitizer, an error if perf takes them for the kernel's
	rewrite "$data/alternate.data" 'if ($type == 10 && length($body) > 112) {
		substr($body, 64, 20) = pack("a20", "[kernel.kallsyms]");
		substr($body, 8, 16) = pack("Q<2", 0x7f6cda400000 + 0x1000 * our $n++, 0x4000) }' >odd.data
	perf script -f -i odd.data --show-mmap-events >out 2>err || fail "the kernel's name: status $?: $(cat err)"
	# A file that is cut off
	head -c 20000 "$data/alternate.data" >cut.data
	all_of_perf "^cut.data is cut off, or damaged: its header tells of more than its 20000 bytes$" cut.data
	head -c 58000 "$data/alternate.data" >cut.data
	perf script -f -i cut.data >out 2>err || fail "without features: status $?"
	expect "^WARNING: the file is cut off: it has no feature [A-Z]*, nor those behind it$" err
}

# Recorded in a container, where no kdamond has a number: its common_pid tells which one it is.
test_container()
{
	rewrite "$data/alternate.data" 'substr($body, 8, 8) = pack("Q<", 0) if $type == 9' >container.data
	perf damon report -f -i container.data --raw -j >out 2>err || fail "container: $(cat err)"
	perf damon report -f -i "$data/alternate.data" --raw -j | grep -c '"kdamond": *158' >expected
	grep -c '"kdamond": *158' out | cmp - expected || fail "container: another kdamond: $(head -c 1000 out)"
}

# le64 NUMBER: print the little-endian bytes of NUMBER, as escapes for printf
le64()
{
	local i

	for ((i = 0; i < 64; i += 8)); do
		printf '\\x%02x' $(($1 >> i & 255))
	done
}

# All reports with malicious files.
test_hostile_files()
{
	local file report first all size

	# Change the type of the first event to a software event. The header has the offset of its attributes.
	cp "$data/plain.data" type.data
	first=$(od -A n --endian=little -t u8 -j 24 -N 8 type.data)
	printf '\1' | dd of=type.data bs=1 seek=$((first)) conv=notrunc status=none
	survives type.data "not a tracepoint"
	expect "no damon:damon_aggregated events" err

	# The data offset in the header is -8.
	cp "$data/plain.data" before.data
	size=$(($(od -A n --endian=little -t u8 -j 40 -N 8 before.data) + $(od -A n --endian=little -t u8 -j 48 -N 8 before.data)))
	printf %b "$(le64 -8)$(le64 $((size + 8)))" | dd of=before.data bs=1 seek=40 conv=notrunc status=none
	survives before.data "data before the file"
	expect "before.data is cut off" err

	# Each snapshot has one region that covers all pages of the address space.
	all=$(le64 0)$(le64 -4096)
	for file in alternate plain; do
		perl -0777 -pe 's/(\x34\0\0\0.{16})[\x01-\x40]\0{7}.{16}/$1\x01\0\0\0\0\0\0\0'"$all"'/gs' \
			"$data/$file.data" >all.data
		for report in --raw --heats --points --guide --nr-regions --regions --mappings --wss; do
			survives all.data "all addresses" "$report"
			[ "$status" = 0 ] || fail "$file: all addresses, $report: status $status"
		done
	done
	expect "p100 *16384PiB" out

	# One region has the invalid size of 2^64 - 1 bytes.
	all=$(le64 0)$(le64 -1)
	perl -0777 -pe 's/(\x34\0\0\0.{16})\x0d\0{7}.{16}/$1\x01\0\0\0\0\0\0\0'"$all"'/s' \
		"$data/alternate.data" >all.data
	survives all.data "too many addresses"
	expect "^# malformed: 1 event left out$" out
	expect "; 1 incomplete one left out$" out
}

test_options
test_parts
test_files
test_owners
test_full_disk
test_odd_records
test_gaps
test_changed_settings
test_filter
test_typed_filters
test_held_up
test_compressed
test_damaged_files
test_cut_off
test_hostile_files
test_reader
test_container
finish
