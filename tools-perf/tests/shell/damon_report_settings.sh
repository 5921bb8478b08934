#!/bin/bash
# DAMON report: settings that were stored as notes
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# add_note FILE TEXT: print FILE with a note in front of its data, as an update of its first event
add_note()
{
	LC_ALL=C perl -0777 -e '
		$_ = <STDIN>;
		my ($at, $size) = unpack("Q<Q<", substr($_, 40, 16));
		my $note = pack("a*x![Q]", "$ARGV[0]\0");
		my $record = pack("L<S<S<Q<Q<", 78, 0, 24 + length($note), 4, 0) . $note;
		my $features = unpack("%64b*", substr($_, 72, 32));
		substr($_, 48, 8) = pack("Q<", $size + length($record));
		for (my $i = 0; $i < $features; $i++) {
			my $section = $at + $size + 16 * $i;
			substr($_, $section, 8) = pack("Q<", unpack("Q<", substr($_, $section, 8)) + length($record));
		}
		substr($_, $at, 0) = $record;
		print' "$2" <"$1"
}

# first_time FILE: the time of its first event, in nanoseconds
first_time()
{
	perf script -f -i "$1" --ns -F time 2>/dev/null | head -n 1 | tr -d ' .:'
}

# expect_settings WHAT FILE: the report of FILE tells the settings of the note
expect_settings()
{
	perf damon report -f -i "$2" >out 2>err || fail "$1: $(cat err)"
	expect '^# settings: --ops vaddr --sample 5ms --aggr 100ms --update 2s --min-regions 10 --max-regions 20$' out
	expect '^pid 4711: [1-9][0-9]* snapshots' out
}

note="damon:settings @5000 kdamond $(perf script -f -i "$data/plain.data" -F tid 2>/dev/null | awk 'NR == 1 { print $1 }'): "
note+='--ops vaddr --sample 5ms --aggr 100ms --update 2s --min-regions 10 --max-regions 20 --new 5 -p 4711'

perf damon report -f -i "$data/plain.data" >out 2>err
expect '^# settings: unknown' out
add_note "$data/plain.data" "$note" >note.data
expect_settings "a note" note.data
perf inject -i note.data -o inject.data 2>err || fail "inject: $(cat err)"
expect_settings "perf inject" inject.data

# Notes that make no sense, or are of others, are passed over.
for text in "somebody else's" "damon:settings" "damon:settings @5 kdamond 2: --ops vaddr -p x" ""; do
	add_note "$data/plain.data" "$text" >bad.data
	perf damon report -f -i bad.data >out 2>err || fail "'$text': $(cat err)"
	expect '^# settings: unknown' out
	[ ! -s err ] || fail "'$text': $(cat err)"
done

# The interval grows in the middle: accesses are of the samples that each snapshot had, and the settings are all told.
changed 10 10
start=$(first_time "$data/alternate.data")
options="--update 1s --min-regions 10 --max-regions 1000 -p 157"
add_note changed.data "damon:settings @$((start + 1950000000)) kdamond 158: --ops vaddr --sample 5ms --aggr 2s $options" >note.data
add_note note.data "damon:settings @5000 kdamond 158: --ops vaddr --sample 5ms --aggr 200ms $options" >changed.data
perf damon report -f -i changed.data --regions >out 2>err || fail "changed: $(cat err)"
expect '^# settings: --ops vaddr --sample 5ms --aggr 200ms ' out
expect '^# settings since 2.15s: --ops vaddr --sample 5ms --aggr 2s ' out
expect '^alternate (pid 157): 20 snapshots in .*, each of 200ms to 2s$' out
expect '^ *100.0% ' out
perf damon report -f -i changed.data --raw -j >out 2>err || fail "changed: $(cat err)"
python3 - <<'END' || fail "--raw -j: other samples or settings: $(head -c 1000 out)"
import json
report = json.load(open("out"))
assert [s["samples"] for s in report["snapshots"]] == [40] * 10 + [400] * 10
assert [s["kdamond"] for s in report["all_settings"]] == [158, 158]
assert report["all_settings"][0]["since_ns"] == 0 and report["settings_changed"]
assert "--aggr 2s" in report["all_settings"][1]["settings"]
END
# A threshold is checked against the most samples.
perf damon report -f -i changed.data --wss --threshold 400 >out 2>err || fail "threshold: $(cat err)"
! perf damon report -f -i changed.data --wss --threshold 401 >out 2>err || fail "too high a threshold"
expect "401 is more than the 400 samples" err
# One in percent is another number before and after the change.
perf damon report -f -i changed.data --wss --threshold 12.5% >out 2>err || fail "threshold: $(cat err)"
expect "regions with accesses in at least 12.5% of the samples in the aggregation interval" out

# Another process becomes the target in the middle: it has snapshots of its own.
half=$((start + 1950000000))
options="--ops vaddr --sample 5ms --aggr 200ms --update 1s --min-regions 10 --max-regions 1000"
add_note "$data/alternate.data" "damon:settings @$half kdamond 158: $options -p 999" >note.data
add_note note.data "damon:settings @5000 kdamond 158: $options -p 157" >changed.data
for option in "" --guide --points --raw; do
	# shellcheck disable=SC2086 # options
	perf damon report -f -i changed.data $option >out 2>err || fail "another process $option: $(cat err)"
	expect '^# settings: .* --max-regions 1000 -p 157$' out
	expect '^# settings since 2.15s: .* --max-regions 1000 -p 999$' out
	expect '^alternate (pid 157): 10 snapshots' out
	expect '^pid 999: 10 snapshots' out
done
perf damon report -f -i changed.data --raw --pid 999 -j >out 2>err || fail "another process: $(cat err)"
python3 - <<'END' || fail "another process: $(head -c 1000 out)"
import json
report = json.load(open("out"))
assert [s["pids"] for s in report["all_settings"]] == [[157], [999]]
assert [s["ranges"] for s in report["all_settings"]] == [[], []]
assert [t["pid"] for t in report["targets"]] == [999]
assert len(report["snapshots"]) == 10
END

# A process that is added has its name and its mappings, also in what was recorded before the note. There is another
# note behind the snapshots, and one of so many processes that not all are printed.
perf damon report -f -i "$data/two.data" --wss >expected
perf damon report -f -i "$data/two.data" --raw -x , >raw
start=$(first_time "$data/two.data")
options="--ops vaddr --sample 20ms --aggr 400ms --update 1s --min-regions 10 --max-regions 1000"
add_note "$data/two.data" "damon:settings @$((start + 9000000000)) kdamond 184: $options -p $(seq -s , 179 199)" >three.data
add_note three.data "damon:settings @$((start + 1000000000)) kdamond 184: $options -p 179,180" >note.data
add_note note.data "damon:settings @5000 kdamond 184: $options -p 179" >added.data
perf damon report -f -i added.data --wss >out 2>err || fail "added: $(cat err)"
expect '^# settings: .* -p 179$' out
expect '^# settings since 1.4s: .* -p 179,180$' out
expect '^# settings since 9.4s: .* -p 179,180,181,182,183,184,185,186,...$' out
sed 1,5d out >rest
sed 1,3d expected | cmp - rest || fail "added: another report"
perf damon report -f -i added.data --raw -x , | grep -v '^#' >out
grep -v '^#' raw | cmp - out || fail "added: other regions"

# A note may follow the snapshots that have its settings, as perf record writes it later.
# shellcheck disable=SC2016 # Perl in single quotes
LC_ALL=C perl -0777 -e '
	$_ = <STDIN>;
	my ($at, $size) = unpack("Q<Q<", substr($_, 40, 16));
	for my $i (1 .. 3) {
		my $length = unpack("x6S<", substr($_, $at, 8));
		my $note = substr($_, $at, $length, "");
		substr($_, $at + $size - $length, 0) = $note;
	}
	print' <added.data >behind.data
perf damon report -f -i behind.data --raw -x , | grep -v '^#' >out
grep -v '^#' raw | cmp - out || fail "noted behind the snapshots: other regions"

# A busy machine: five snapshots are six intervals apart. Only if no settings were noted may that be a change.
# shellcheck disable=SC2016 # Perl in single quotes
rewrite "$data/alternate.data" 'if ($type == 9) {
	my $time = unpack("x16Q<", $body);
	our $first //= $time;
	my $n = int(($time - $first) / 200e6 + 0.5) - 8;
	substr($body, 16, 8) = pack("Q<", $time + 1e9 * ($n > 5 ? 5 : $n)) if $n > 0 }' >busy.data
perf damon report -f -i busy.data >out 2>err || fail "busy: $(cat err)"
expect '^# settings changed while it was recorded$' out
add_note busy.data "damon:settings @5000 kdamond 158: --ops vaddr --sample 5ms --aggr 200ms -p 157" >note.data
perf damon report -f -i note.data >out 2>err || fail "busy: $(cat err)"
expect '^alternate (pid 157): 20 snapshots' out
! grep 'settings changed' out || fail "a busy machine: a change of the settings"

# Pauses between snapshots are by the interval of each kdamond, not by that of the first one. They count if a filter has
# left out regions: each snapshot here has one region, above that of the snapshot before.
# shellcheck disable=SC2016 # Perl in single quotes
rewrite "$data/plain.data" 's/-o\0{6}(.{60})plain.data\0{5}/--filter$1nr_accesses > 0/s;
	if ($type == 9) {
		my $time = unpack("x16Q<", $body);
		our ($n, $last);
		$n++ if $time - $last > 50e6;
		$type = 40 if $time - $last <= 50e6 || $n % 4 == 0;
		$last = $time;
		substr($body, 60, 4) = pack("L<", 20);
		substr($body, 68, 16) = pack("Q<2", $n << 30, ($n << 30) + 4096)
	}' >filtered.data
snapshots()
{
	perf damon report -f -i "$1" --raw -j | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["snapshots"]))'
}
add_note filtered.data "$note" >one.data
add_note one.data "damon:settings @5000 kdamond 1: --ops vaddr --sample 1s --aggr 100s -p 5" >two.data
[ "$(snapshots one.data)" = 9 ] || fail "snapshots of one kdamond: $(snapshots one.data)"
[ "$(snapshots two.data)" = 9 ] || fail "snapshots beside another kdamond: $(snapshots two.data)"
# So are PIDs.
perf damon report -f -i two.data --guide >out
expect '^pid 4711: 9 snapshots' out
finish
