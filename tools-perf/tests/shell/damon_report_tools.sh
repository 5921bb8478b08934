#!/bin/bash
# DAMON report by perf's other commands
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# rows: the rows of a report on the standard input, without its titles and without spaces that only align
rows()
{
	sed -n '/^ *[0-9.]*%/ { s/^ *//; s/  */ /g; s/ *$//; p }'
}

# expect_rows FILE OPTION...: the rows of perf report of FILE are those on the standard input
expect_rows()
{
	local file=$1

	shift
	perf report -f -i "$data/$file" "$@" >out 2>err || fail "perf report $file: status $?: $(cat err)"
	diff - <(rows <out) || fail "perf report $file $*"
}

# Without any option, perf report shows where the heat is: process and mapping. What a record does not tell is the GiB.
test_heat()
{
	expect_rows alternate.data <<-'END'
	99.87% 157:alternate anon
	0.05% 157:alternate alternate
	0.03% 157:alternate ld-linux-x86-64.so.2
	0.03% 157:alternate libc.so.6
	0.02% 157:alternate [stack]
	0.00% 157:alternate [vvar]
	0.00% 157:alternate [unknown]
	END
	expect_rows debian-6.12.data <<-'END'
	99.52% 178:alternate anon
	0.30% 178:alternate alternate
	0.18% 178:alternate [stack]
	0.00% 178:alternate [heap]
	0.00% 178:alternate [vdso]
	0.00% 178:alternate [vvar]
	0.00% 178:alternate [unknown]
	END
	expect_rows plain-6.1.data <<-'END'
	99.26% 89:kdamond.0 [0x7ff580000000-0x7ff5c0000000]
	0.74% 89:kdamond.0 [0x0-0x40000000]
	0.00% 89:kdamond.0 [0x7ffe00000000-0x7ffe40000000]
	END
	# What schemes were tried on, and the heat
	expect_rows schemes.data <<-'END'
	97.56% 848:alternate anon
	1.82% 848:alternate alternate
	0.31% 848:alternate [stack]
	0.31% 848:alternate [heap]
	99.65% 848:alternate anon
	0.16% 848:alternate alternate
	0.11% 848:alternate [stack]
	0.08% 848:alternate [heap]
	0.00% 848:alternate [unknown]
	END
	expect_rows two.data <<-'END'
	62.04% 180:worker anon
	34.76% 179:worker anon
	3.09% 179:worker libc.so.6
	0.05% 180:worker [stack]
	0.05% 179:worker [stack]
	0.00% 179:worker [heap]
	0.00% 179:worker perl
	0.00% 179:worker [unknown]
	0.00% 180:worker [heap]
	0.00% 180:worker perl
	0.00% 180:worker [unknown]
	END
	# Nothing was accessed, and the record has no name of the kdamond.
	expect_rows paddr.data <<-'END'
	0.00% 184:kdamond [0x0-0x40000000]
	0.00% 184:kdamond [0x40000000-0x80000000]
	END
}

# The first row is that of perf damon report --mappings.
test_same_heat()
{
	local file share

	for file in alternate debian-6.12 zstd tools; do
		share=$(perf damon report -f -i "$data/$file.data" --mappings -x , 2>/dev/null |
			awk -F , '!/^#/ { print $5; exit $NF != "[anon]" }') || fail "$file: no row of anonymous memory"
		perf report -f -i "$data/$file.data" 2>/dev/null | rows | head -n 1 >first
		awk -v share="$share" '{ exit !($1 - share < 0.5 && share - $1 < 0.5 && $NF == "anon") }' first ||
			fail "$file: $(cat first), but $share"
	done
}

# Options are those of any record. A region counts once, whatever it is sorted by.
test_options()
{
	local nr

	nr=$(perf script -f -i "$data/alternate.data" 2>/dev/null | grep -c damon_aggregated)
	perf report -f -i "$data/alternate.data" -s target_id,nr_accesses -F overhead,sample >out 2>err ||
		fail "-s: status $?: $(cat err)"
	rows <out >sorted
	[ "$(awk '{ nr += $2 } END { print nr }' sorted)" = "$nr" ] || fail "not $nr samples: $(cat sorted)"
	expect '^15\.80% 31 0 40$' sorted
	expect '^0\.00% [0-9]* 0 0$' sorted
	expect_rows alternate.data -s comm <<<'100.00% alternate'
	expect_rows alternate.data -F overhead,dso --dsos '[stack]' <<<'0.02% [stack]'
	expect_rows two.data -s pid --pid 179 <<<'37.91% 179:worker'
	expect_rows zstd.data -s +nr_accesses --percent-limit 20 <<<'61.14% 471:alternate anon 40'
	expect_rows plain.data -s comm <<<'100.00% kdamond.1'
	# An address in the mapping of which most of the region is
	perf report -f -i "$data/debian-6.12.data" -s dso,sym >out 2>err || fail "-s sym: status $?: $(cat err)"
	rows <out >sorted
	head -n 1 sorted >first
	expect '^[0-9.]*% anon \[\.\] 0x00007f' first
}

# Records of two runs are compared by programs and mappings, as neither process IDs nor addresses are the same.
test_diff()
{
	perf diff -f "$data/alternate.data" "$data/zstd.data" >out 2>err || fail "perf diff: status $?: $(cat err)"
	diff - <(rows <out) <<-'END' || fail "perf diff"
	0.05% +0.06% alternate alternate
	99.87% -0.05% alternate anon
	0.00% +0.03% alternate [vvar]
	0.02% +0.00% alternate [stack]
	0.00% +0.00% alternate [unknown]
	0.03% alternate ld-linux-x86-64.so.2
	0.03% alternate libc.so.6
	END
	perf diff -f "$data/tools.data" "$data/tools.data" >out 2>err || fail "perf diff: status $?: $(cat err)"
	expect '^ *98\.51%  *+0\.00%  *alternate  *anon *$' out
	! grep dummy out || fail "a table of the dummy event"
	perf diff -f -s dso "$data/alternate.data" "$data/debian-6.12.data" 2>err | rows >out
	expect '^99\.87% -0\.35% anon$' out
}

# The kdamond has its name, and events have a CPU.
test_script()
{
	perf script -f -i "$data/tools.data" -F comm,cpu,event 2>err | sort -u >out
	expect '^ *kdamond\.[0-9]* \[00[01]\] damon:damon_aggregated:' out
	! grep -v 'kdamond\.[0-9]* \[00[01]\]' out || fail "another name"
	perf script -f -i "$data/tools.data" >all 2>err
	perf script -f -i "$data/tools.data" -C 0-1 >out 2>err || fail "perf script -C: $(cat err)"
	cmp all out || fail "perf script -C"
	perf report -f -i "$data/tools.data" -C 0-1 2>err | rows >out
	expect '^9[0-9]\.[0-9]*% [0-9]*:alternate anon$' out
}

test_build_ids()
{
	local options

	for options in "" --with-hits; do
		# shellcheck disable=SC2086 # none, or one
		perf buildid-list -f -i "$data/tools.data" $options >out 2>err || fail "perf buildid-list: $(cat err)"
		expect '^[0-9a-f]\{40\} /usr/local/bin/alternate$' out
		expect '^[0-9a-f]\{40\} \[kernel\.kallsyms\]$' out
	done
}

# Numbers are numbers in JSON.
test_json()
{
	rm -f out.json
	perf data convert -f -i "$data/tools.data" --to-json out.json >out 2>&1 || fail "perf data convert: $(cat out)"
	expect '"nr_accesses": [0-9][0-9]*,$' out.json
	expect '"start": [0-9][0-9]*,$' out.json
	! grep '"\(target_id\|nr_regions\|end\|age\)": "' out.json || fail "numbers are texts"
	expect '"comm": "kdamond\.[0-9]*"' out.json
	[ "$(grep -c '"nr_accesses":' out.json)" = "$(wc -l <all)" ] || fail "not all events"
}

# A stream of a file has all that the file has, whatever tracepoints this machine has, and is sorted by the same.
test_inject_to_stream()
{
	local file option

	for file in children debian-6.12 zstd; do
		perf inject -f -i "$data/$file.data" -o - >stream 2>err || fail "perf inject -o - $file: $(cat err)"
		for option in --guide --wss --mappings --regions; do
			perf damon report -f -i "$data/$file.data" $option >expected 2>err
			perf damon report -i - $option <stream 2>err | cmp expected - || fail "$file $option: $(cat err)"
		done
		perf report -f -i "$data/$file.data" --stdio 2>/dev/null | grep '^# Over\|%' >expected
		perf report -i - --stdio <stream 2>/dev/null | grep '^# Over\|%' | cmp expected - ||
			fail "perf report of a stream of $file"
		perf report -f -i "$data/$file.data" --header-only 2>/dev/null | grep '^# \(hostname\|os rel\|cpudesc\)' >expected
		perf report -i - --header-only <stream 2>/dev/null | grep '^# \(hostname\|os rel\|cpudesc\)' |
			cmp expected - || fail "header of a stream of $file"
	done
}

# perf inject keeps the settings, and with them the process.
test_inject()
{
	local option perf

	settings "$data/tools.data" >noted
	expect '^kdamond [0-9]*: --ops vaddr .* -p [0-9]*$' noted
	perf report -f -i "$data/tools.data" 2>/dev/null | rows >expected
	perf damon report -f -i "$data/tools.data" --raw -x , 2>/dev/null >expected.raw
	# Those that the caller names, such as the perf of the same kernel, lose nothing, either.
	for perf in perf ${PERF_TEST_DAMON_READERS:-}; do
		for option in --force --build-ids --buildid-all --mmap2-buildid-all --jit --sched-stat --itrace=i; do
			"$perf" inject -f $option -i "$data/tools.data" -o injected.data 2>err ||
				fail "$perf inject $option: $(cat err)"
			settings injected.data | cmp noted - || fail "$perf inject $option: settings"
			perf report -f -i injected.data 2>/dev/null | rows | cmp expected - || fail "$perf inject $option"
			perf damon report -f -i injected.data --raw -x , 2>/dev/null | cmp expected.raw - ||
				fail "$perf inject $option: regions"
		done
	done
}

# Others print the same events, kdamonds and files, for all that they do not know of regions.
test_other_readers()
{
	local perf file

	for perf in ${PERF_TEST_DAMON_READERS:-}; do
		for file in tools schemes; do
			perf script -f -i "$data/$file.data" >expected 2>/dev/null
			"$perf" script -f -i "$data/$file.data" >out 2>err || fail "$perf script: $(cat err)"
			diff expected out || fail "$perf script prints something else"
			perf buildid-list -f -i "$data/$file.data" >expected
			"$perf" buildid-list -f -i "$data/$file.data" | diff expected - || fail "$perf buildid-list"
			"$perf" report -f -i "$data/$file.data" --stdio -s comm >out 2>err || fail "$perf report: $(cat err)"
			expect '^ *100.00%  *kdamond\.[0-9]* *$' out
		done
	done
}

# What is damaged is an error, or left out: a CPU whose socket is looked up, the size of a build ID, and that of tracing
# data, which would take years to read.
# shellcheck disable=SC2016 # Perl in single quotes
test_damaged()
{
	rewrite "$data/tools.data" 'substr($body, 32, 4) = pack("L<", 0x7fffffff) if $type == 9' >damaged.data
	perf report -f -i damaged.data >out 2>err || fail "no such CPU: status $?: $(cat err)"
	expect '^ *9[0-9]\.[0-9]*%  *[0-9]*:alternate  *anon' out
	rewrite "$data/tools.data" 's!\x14\0\0\0(/usr/local/bin/alternate)!\xff\0\0\0$1!' >damaged.data
	! cmp -s "$data/tools.data" damaged.data || fail "the build ID is not damaged"
	perf report -f -i damaged.data >out 2>err || fail "build ID: status $?: $(cat err)"
	expect '^ *9[0-9]\.[0-9]*%  *[0-9]*:alternate  *anon' out
	rewrite "$data/tools.data" 's!header_event\0.{8}!"header_event\0" . pack("Q<", 1 << 62)!se' >damaged.data
	timeout 60 perf report -f -i damaged.data >out 2>err
	[ $? != 124 ] || fail "tracing data: it takes too long"
}

# Commands for other events have nothing to show, but do not crash.
test_other_commands()
{
	local command status

	while read -r command; do
		# shellcheck disable=SC2086 # words
		perf $command -i "$data/tools.data" -f </dev/null >out 2>&1
		status=$?
		case $status in
		124|134|136|137|139) fail "perf $command: status $status" ;;
		esac
		! grep -i 'segmentation\|assert' out || fail "perf $command"
	done <<-'END'
	trace
	annotate --stdio
	mem report --stdio
	c2c report --stdio
	evlist -v
	kwork report
	lock contention
	sched timehist
	report --stdio --stats
	report --stdio --tasks
	report --stdio --hierarchy -s pid,dso
	report --stdio -g
	END
	perf report -f -i "$data/none.data" >out 2>&1
	expect 'has no samples' out
}

test_heat
test_same_heat
test_options
test_diff
test_script
test_build_ids
test_json
test_inject
test_other_readers
test_inject_to_stream
test_damaged
test_other_commands
finish
