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
		my ($at, $size) = unpack("QQ", substr($_, 40, 16));
		my $note = pack("a*x![Q]", "$ARGV[0]\0");
		my $record = pack("LSSQQ", 78, 0, 24 + length($note), 4, 0) . $note;
		my $features = unpack("%64b*", substr($_, 72, 32));
		substr($_, 48, 8) = pack("Q", $size + length($record));
		for (my $i = 0; $i < $features; $i++) {
			my $section = $at + $size + 16 * $i;
			substr($_, $section, 8) = pack("Q", unpack("Q", substr($_, $section, 8)) + length($record));
		}
		substr($_, $at, 0) = $record;
		print' "$2" <"$1"
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
finish
