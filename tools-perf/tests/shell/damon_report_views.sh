#!/bin/bash
# DAMON report shows the part that is asked for, to people and machines
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2154 # Perl in single quotes, variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data
export LINES=25 COLUMNS=80

# report FILE OPTION...: write the report to out; fails if any error is printed
report()
{
	local file=$1

	shift
	perf damon report -f -i "$data/$file" "$@" >out 2>err || fail "$file $*: status $?"
	[ ! -s err ] || fail "$file $*: $(cat err)"
}

# The expected output of all these reports is in one file.
test_exact_output()
{
	expect_reports views.expected <<-'END'
		alternate.data --heats --time 1s-2s --ares 6
		alternate.data --heats --addr 0x7f6cda400000-0x7f6cdae00000 --ares 4 --tres 1s
		alternate.data --heats --all-areas --ares 2 --tres 10
		alternate.data --heats --addr 0x555b95f86000-0x7f6cda480000 --ares 64KiB --tres 4
		two.data --heats --addr 0x55cf1f000000-0x7f04bc800000 --target 0
		alternate.data --guide
		alternate.data --points --tres 2s --ares 32MiB
		alternate.data --wss --range 0,101,25
		alternate.data --wss --sortby time --range 0,101,25
		alternate.data --wss --work-time 1s --threshold 50%
		alternate.data --wss --raw-numbers --range 0,101,50
		alternate.data --raw-numbers
		alternate.data --wss --raw-numbers --work-time 1023ms --range 50,51,1
		alternate.data --nr-regions --range 0,101,50
		alternate.data --regions --tmax 2s
		alternate.data --regions -F size_bytes,start -s start --amin 0x7ffd00000000
		plain.data --regions --raw-numbers -F size_bytes,age_ns,start --amin 0x7ffd00000000
		alternate.data --regions --tmax 2s -F mapping,size_bytes,age -s mapping,size_bytes
		alternate.data --regions --tmax 2s -F mapping,size_bytes,age -s mapping,start
		alternate.data --mappings
		alternate.data --mappings --stdio -F mapping,wss_bytes -s mapping --threshold 10
		two.data
		two.data --wss --range 0,101,100
		two.data --guide --target 1
		two.data -x , --wss --range 50,51,1
		two.data -x ; --regions --tmax 1s
		two.data -x ; --mappings -F mapping,max_wss_bytes -s max_wss_bytes --addr 0x7ff000000000-0x7ffffffff000
		two.data -j --mappings -F frequency_percent,mapping -s frequency_percent,mapping --target 1 --addr 0x7ff000000000-0x7ffffffff000
		two.data -j --guide
		two.data --wss --range 50,51,1 --addr 0x7f45d7864000-0x7f45d8c0b000
		two.data --wss --range 50,51,1 --work-time 6.4279s
		two.data -x , --wss --range 50,51,1 --work-time 6.4279s --sortby time
		two.data -j --wss --range 50,51,1 --work-time 6.4279s
		two.data --heats --ares 2 --addr 0x7f45d7864000-0x7f45d8c0b000
		two.data -j --amax 0x555900000000
		two.data -j --wss --range 50,51,1 --amax 0x555900000000
		two.data -j --nr-regions --range 50,51,1 --amax 0x555900000000
		workers.data --mappings -s dso
		workers.data --mappings -s comm
		workers.data --mappings -s pid,dso -F dso,pid,overhead,wss_bytes --addr 0x7f0000000000-0x7ffffffff000
		workers.data --mappings -s +pid -F +comm --addr 0x7f0000000000-0x7ffffffff000
		workers.data --mappings -s size_bytes,comm -x ,
		workers.data --mappings -s pid -j
		workers.data --mappings -s dso,comm -F comm,dso,accesses -w 12,16,0
		workers.data --regions -s dso -w 0,0,10
		workers.data --regions -s comm,start -F +end --addr 0x7f0000000000-0x7ffffffff000
		workers.data --regions -s mapping -x ,
		plain.data --regions
		plain.data --mappings
		paddr.data --guide
		paddr.data --mappings
		paddr.data --mappings -s dso,pid
		children.data --wss --range 50,51,1
		children.data --wss --range 50,51,1 -j
		children.data --mappings -s comm
		children.data --mappings -s pid,comm -F pid,comm,wss_bytes
	END
}

# snapshots FILE OPTION...: print the times of the snapshots
snapshots()
{
	report "$@" --raw -x ,
	awk -F , '!/^#/ && $5 != last { print last = $5 }' out
}

# The times printed by --guide select the same snapshots again, even if a kdamond was late.
test_guide()
{
	local file target given printed

	while read -r file target given; do
		snapshots "$file" --target "$target" --time "$given" >first
		report "$file" --target "$target" --time "$given" --guide
		printed=$(sed -n 's/^time: //p' out)
		snapshots "$file" --target "$target" --time "$printed" >second
		cmp first second || fail "$file --time $given: other snapshots with --time $printed"
		report "$file" --target "$target" --time "$printed" --guide
		expect "^time: $printed$" out
	done <<-'END'
		alternate.data 0 1500ms-3s
		alternate.data 0 1%-99%
		two.data 0 2.5s-4s
		two.data 1 3s-3.1s
		plain.data 0 400ms-900ms
	END
	# The time of a cell of the map selects the snapshot that was counted in it.
	report two.data --target 0 --wss --time 3214035132ns-4285380176ns
	expect ": 1 snapshot in 2.[0-9]*s, each of 400ms$" out
}

# With -j, all reports are valid JSON. With -x, all rows have as many fields as the header.
test_machines()
{
	local file option

	for file in alternate two plain debian-6.12 plain-6.1; do
		for option in "" --raw --heats --points --guide --wss "--wss --sortby time" --nr-regions \
			      --regions --mappings; do
			# shellcheck disable=SC2086 # options
			report $file.data $option -j
			python3 -m json.tool <out >/dev/null || fail "$file $option: no JSON"
			# shellcheck disable=SC2086 # options
			report $file.data $option -x '|'
			awk -F '|' '/^# kdamond/ { nr = NF; next } /^#/ { next } NF != nr { bad++ } { n++ }
				    END { exit !n || bad }' out || fail "$file $option: bad fields"
		done
	done
	report two.data --raw -j
	python3 -c 'import json; exit({(s["pid"], s["comm"]) for s in json.load(open("out"))["snapshots"]} !=
				      {(179, "worker"), (180, "worker")})' || fail "--raw -j: no names"
	# A target without regions in the address range has the same keys.
	for option in "" --raw --heats --points --guide --wss --nr-regions --regions --mappings; do
		# shellcheck disable=SC2086 # options
		report two.data $option -j --amax 0x555900000000
		python3 -c 'import json; a, b = json.load(open("out"))["targets"]; exit(a.keys() != b.keys())' ||
			fail "$option: other keys of nothing: $(cat out)"
	done
	report alternate.data --guide -x '\t'
	expect $'\t' out

	# A separator may be long.
	local separator
	separator=$(printf '<%.0s' {1..64})
	report two.data --raw -x '|'
	tr -d '\n' <out | sed "s/|/$separator/g" >expected
	report two.data --raw -x "$separator"
	tr -d '\n' <out | cmp - expected || fail "a long separator: other fields"
}

# perf's verbose messages do not appear between the rows.
test_verbose()
{
	local option

	for option in --regions --mappings; do
		report alternate.data $option
		mv out quiet
		perf damon report -f -i "$data/alternate.data" $option -vv >out 2>/dev/null ||
			fail "$option -vv: status $?"
		cmp -s quiet out || fail "$option -vv: other rows"
	done
}

# Different reports and options give the same numbers.
test_numbers()
{
	local number target

	report two.data --raw -x ,
	awk -F , '!/^#/ { if ($9) sum[$2 "," $5] += $8; else sum[$2 "," $5] += 0 }
		  END { for (i in sum) { split(i, a, ","); print a[1], sum[i] } }' out | sort -n >sums
	report two.data --wss -x , --range 0,101,100
	awk -F , '!/^#/ && $5 == "p0" || $5 == "p100" { print $2, $6 }' out | sort -n >ends
	for target in 0 1; do
		awk -v t=$target '$1 == t { print $2 }' sums | sort -n | sed -n '1p;$p'
	done >expected
	[ "$(wc -l <expected)" = 4 ] || fail "--raw: not the least and the most of two targets"
	awk '{ print $2 }' ends | cmp - expected || fail "--wss: not the sums of --raw"

	# A threshold in percent is the same as the equivalent number of accesses.
	report alternate.data --wss --threshold 50% -x ,
	mv out percent
	report alternate.data --wss --threshold 20 -x ,
	cmp percent out || fail "50% of 40 samples are not 20 accesses"
	report plain.data --wss --threshold 50%
	number=$(sed -n 's/.*at least \([0-9]*\) accesses of [0-9]* samples.*/\1/p' out)
	report plain.data --wss --threshold 50% -x ,
	mv out percent
	report plain.data --wss --threshold "$number" -x ,
	cmp percent out || fail "50% of a number that is a guess are not $number accesses"
	report alternate.data --wss --threshold 55%
	expect "at least 22 accesses of 40 samples" out

	# Work times are counted from the start of the record, even if the interval is a guess.
	report plain.data --wss --work-time 300ms -x ,
	mv out windows
	report plain.data --wss --work-time 300ms -x , --tmin 0s
	cmp windows out || fail "--work-time: other windows with --tmin 0s"

	# Sorting by age in intervals and by age in time is the same.
	report alternate.data --regions -s age,start
	mv out by_number
	report alternate.data --regions -s age_ns,start
	cmp by_number out || fail "-s age_ns is not -s age"

	# The percentages add up to 100.
	report alternate.data --mappings -x ,
	awk -F , '!/^#/ { sum += $5 } END { exit sum < 99.9 || sum > 100.1 }' out ||
		fail "the shares of mappings do not add up"
}

# rows OPTION...: print the rows of workers.data, with commas
rows()
{
	report workers.data "$@" -x ,
	grep -v '^#' out
}

# same_rows "OPTION..." "OPTION...": both print the same
same_rows()
{
	# shellcheck disable=SC2086 # options
	rows $1 >one
	# shellcheck disable=SC2086 # options
	rows $2 >other
	[ -s one ] || fail "$1: nothing"
	cmp one other || fail "$1 is not $2"
}

# With names in -s, rows of all processes that agree in them are one row.
test_groups()
{
	local libc=/usr/lib/x86_64-linux-gnu/libc.so.6

	# perf report's words and letter, titles, and more keys
	same_rows "--mappings -s dso" "--mappings -s mapping"
	same_rows "--mappings -F accesses,overhead,MONITORED -s comm" "--mappings -F accesses_percent,overhead,size_bytes -s comm"
	same_rows "--mappings -F +pid" "--mappings -F accesses,frequency,wss_bytes,greatest,size_bytes,mapping,pid"
	same_rows "--mappings -F +mapping,greatest" "--mappings"
	same_rows "--regions -s +end" "--regions -s frequency,age,size,start,end"
	report workers.data --mappings -t ';'
	mv out letter
	report workers.data --mappings -x ';'
	cmp out letter || fail "-t is not -x"
	report workers.data --mappings -F "working set" -x ,
	expect '^# kdamond,target,pid,comm,wss_bytes$' out

	rows --mappings -s dso >groups
	[ "$(grep -c ",$libc$" groups)" = 1 ] || fail "not one row for libc: $(cat groups)"
	# Sums of what each process has. All of them were monitored, but three not for the first 4 ms of 1.37 s.
	rows --mappings >each
	python3 - <<-'EOF' || fail "other sums"
		from collections import defaultdict
		size, most, wss = defaultdict(int), defaultdict(int), defaultdict(int)
		for line in open('each'):
		    fields = line.rstrip().split(',')
		    wss[fields[-1]] += int(fields[6])
		    most[fields[-1]] += int(fields[7])
		    size[fields[-1]] += int(fields[8])
		rows = [line.rstrip().split(',') for line in open('groups')]
		assert len(rows) == len(size) == 9
		assert abs(sum(float(row[0]) for row in rows) - 100) < 1e-5
		for row in rows:
		    assert int(row[4]) == size[row[-1]], row
		    assert int(row[3]) <= most[row[-1]], row
		    assert wss[row[-1]] * 0.995 - 1 < int(row[2]) <= wss[row[-1]], row
	EOF
	# A share is of all accesses, whatever the groups are.
	rows --mappings -s pid -F accesses >one
	[ "$(awk '{ sum += $1 } END { printf "%.3f", sum }' one)" = 100.000 ] || fail "shares: $(cat one)"
	# Processes that follow each other are no sum: only the second half of one, the first of the other
	rewrite "$data/workers.data" 'if ($type == 9) {
		my ($time, $target) = unpack("x16Q<x36Q<", $body);
		$type = 68 if $target > 1 || ($target ? $time < 77.5e9 : $time > 77.5e9);
	}' >turns.data
	perf damon report -f -i turns.data --mappings -s dso -x , >out 2>err || fail "turns: $(cat err)"
	[ "$(awk -F , -v libc=$libc '$NF == libc { print $5 }' out)" = 1974272 ] || fail "turns: a sum: $(cat out)"
	# The table of all, without rows of a process that has nothing there
	report workers.data --mappings -s dso --pid 855,858
	expect "^2 targets: 4 snapshots in 1.37s$" out
}

# guesses FILE OPTION...: print the guessed interval and number of samples
guesses()
{
	perf damon report -f --guide -j -i "$@" 2>&1 |
		sed -n 's/.*"aggr_ns":\([0-9]*\),"samples":\([0-9]*\),"guessed":true.*/\1 \2/p'
}

# Guesses are based on the whole record, whichever part is selected, so that frequencies are comparable.
test_guesses()
{
	local option

	[ "$(guesses "$data/plain.data" --amax 0x700000000000)" = "99984359 20" ] || fail "--amax: other guesses"
	# Hide the settings, as in a file that is not from perf damon record.
	LC_ALL=C sed 's/record\x00/recorx\x00/' "$data/two.data" >foreign.data
	for option in "--target 0" "--target 1" "--target 1 --amax 0x700000000000" "--target 1 --tmin 50%"; do
		# shellcheck disable=SC2086 # options
		[ "$(guesses foreign.data $option)" = "739413743 9" ] || fail "$option: other guesses"
	done
}

# Equivalent selections give the same report.
test_choices()
{
	local pid

	report two.data --guide -x ,
	pid=$(awk -F , '!/^#/ && $2 == 1 { print $3; exit }' out)
	report two.data --raw --target 1
	mv out expected
	report two.data --raw --pid "$pid"
	cmp expected out || fail "--pid $pid is not --target 1"
	perf damon report -f -i "$data/two.data" --raw --pid "1,1,$pid" >out 2>err || fail "--pid 1,1,$pid: status $?"
	cmp expected out || fail "--pid 1,1,$pid is not --target 1"
	[ "$(cat err)" = "--pid: no snapshot of 1" ] || fail "--pid 1,1,$pid: $(cat err)"
	report two.data --raw --pid "179,$pid" --target 1
	cmp expected out || fail "--pid 179,$pid --target 1 is not --target 1"
	perf damon report -f -i "$data/two.data" --raw --target 7,1,4 >out 2>err || fail "--target 7,1,4: status $?"
	cmp expected out || fail "--target 7,1,4 is not --target 1"
	[ "$(cat err)" = $'--target: no snapshot of 4\n--target: no snapshot of 7' ] || fail "--target 7,1,4: $(cat err)"

	# Times are relative to the whole record, whichever target is selected.
	report two.data --raw --time 8%-3s -x ,
	grep '^[0-9]*,1,' out >expected || fail "--time 8%-3s: nothing of target 1"
	report two.data --raw --time 8%-3s -x , --pid "$pid"
	grep -v '^#' out | cmp expected - || fail "--pid $pid: other times"

	report alternate.data --raw --addr 0-0x7f6cda500000
	mv out expected
	report alternate.data --raw --amax 0x7f6cda500000
	cmp expected out || fail "--amax is not the end of --addr"
	expect ' 0x7f6cda500000 ' out
	report alternate.data --guide --amax 0x7f0000000000
	[ "$(grep -c '^ *[0-9]* *0x' out)" = 2 ] || fail "--amax: areas above it"
}

# Options accept the addresses, times and sizes that reports print.
test_paste_back()
{
	local start end size time

	read -r _ start end size _ < <(perf damon report -f -i "$data/alternate.data" --guide |
		awk '$1 == 3')
	report alternate.data --guide --addr "$start-$end"
	expect "^ *1 *$start *$end *$size *100.0%" out
	report alternate.data --guide --time "$(sed -n 's/^time: //p' out)"
	expect "20 snapshots" out
	# Exact and rounded times of snapshots select these snapshots.
	report alternate.data --raw -x ,
	awk -F , '!/^#/ && !seen[$5]++ { print $5 }' out >snapshots
	[ "$(wc -l <snapshots)" = 20 ] || fail "--raw -x ,: not 20 times"
	while read -r time; do
		report alternate.data --regions --tmax "${time}ns" -j
		expect "\"time_ns\":$time," out
	done <snapshots
	report alternate.data --raw
	sed -n 's/^alternate.* at \([0-9.]*m\?s\): .*/\1/p' out >snapshots
	[ "$(wc -l <snapshots)" = 20 ] || fail "--raw: not 20 times"
	while read -r time; do
		report alternate.data --regions --tmax "$time"
		expect "^at $time:" out
	done <snapshots
	report alternate.data --wss --threshold 100.000000% --time 0.5s-4007601441ns
	# The map shows exactly the selected address range.
	report paddr.data --heats --addr 0-2GiB
	expect "^0-0x80000000, 2GiB" out
	report alternate.data --heats --ares "$size"
	[ "$(grep -c '^ *0x[0-9a-f]* |' out)" = 1 ] || fail "--ares: the size of the area is not one row"
}

# plain.data, changed to the formats of other kernels.
test_foreign_records()
{
	# No age before 6.1.
	LC_ALL=C sed 's/field:unsigned int age;/field:unsigned int xyz;/' "$data/plain.data" >ageless.data
	perf damon report -f -i ageless.data --raw >out || fail "no age: status $?"
	expect '0x[0-9a-f]* .* -$' out
	perf damon report -f -i ageless.data --regions >out || fail "no age: status $?"
	! grep -q age out || fail "--regions: an age out of nowhere"
	perf damon report -f -i ageless.data --regions -j | grep -q '"age":' && fail "-j: an age out of nowhere"
	perf damon report -f -i ageless.data --regions -F age,age_ns -j | grep -q '"age":null,"age_ns":null' ||
		fail "-j: an age that is known"
	perf damon report -f -i ageless.data --regions -F age,age_ns -x , >out
	expect '^165,0,,,,$' out
	perf damon report -f -i ageless.data --raw -j | grep -q '"age":null' || fail "-j: no null"

	# The target_id, which is the first field after the common ones, is a pointer.
	perl -0777 -pe 's/(\x34\0\0\0.{8})\0{8}/$1\x00\x10\xde\xc0\x81\x88\xff\xff/gs' \
		"$data/plain.data" >pointer.data
	perf damon report -f -i pointer.data >out 2>err || fail "pointer: status $?: $(cat err)"
	expect '^target 0xffff8881c0de1000 of kdamond' out
	perf damon report -f -i pointer.data --wss --target 0xffff8881c0de1000 >out 2>err ||
		fail "pointer chosen: $(cat err)"
	# As texts in JSON, where numbers are rounded beyond 2^53.
	perf damon report -f -i pointer.data --guide -j >out
	expect '"target":"0xffff8881c0de1000"' out
	expect '"start":"0x5564d5aad000","end":"0x' out
	perf damon report -f -i pointer.data --guide -x , >out
	expect '^165,0xffff8881c0de1000,,,1,0x5564d5aad000,' out
}

# On a terminal, the colors are those of the selected palette.
test_palettes()
{
	command -v script >/dev/null || return
	script -qec "perf --no-pager damon report -f -i $data/alternate.data --heats --palette gray" /dev/null >out
	expect $'\033\[48;5;255m' out
	! grep -q $'\033\[48;5;229m' out || fail "--palette gray: colours of heat"
}

# Control characters in the names of a file and of the host are not printed.
test_hostile_names()
{
	LC_ALL=C perl -0777 -pe 's/alternate\0/a\n\e[5m# x\0/g; s/(\x40\0\0\0)damon\0/$1d\e[5m\0/; s/vaddr\0/v\e[5m\0/' \
		"$data/alternate.data" >hostile.data
	perf damon report -f -i hostile.data --mappings -x , >out 2>err || fail "hostile names: status $?"
	expect '^# recorded on: d?\[5m, ' out
	expect '^# settings: --ops v?\[5m ' out
	expect ',/usr/local/bin/a??\[5m# x$' out
	! LC_ALL=C grep -q '[[:cntrl:]]' out || fail "a name commands the terminal"

	# A character of two bytes, which are negative if a char is signed.
	LC_ALL=C perl -0777 -pe 's/alternate\0/\xc3\xa4lternat\0/g' "$data/alternate.data" >odd.data
	perf damon report -f -i odd.data --mappings -j >out 2>err || fail "UTF-8: status $?"
	expect '"mapping":"/usr/local/bin/älternat"' out

	# A control character of two bytes, and a truncated character.
	LC_ALL=C perl -0777 -pe 's/alternate\0/a\xc2\x9b5m# x\xc3\0/g' "$data/alternate.data" >hostile.data
	perf damon report -f -i hostile.data --mappings -j >out 2>err || fail "no text: status $?"
	expect '/usr/local/bin/a??5m# x?"' out
	python3 -c 'import json; json.load(open("out", encoding="utf-8"))' || fail "no text: no JSON"
}

# mappings FILE: print the rows of --mappings
mappings()
{
	perf damon report -f -i "$1" --mappings -x , 2>&1 | sed '/^#/d'
}

# Whose memory it is, although perf is told late, or something else lies below the program.
test_mappings()
{
	local anon=0x7f6cda400000 cache=0x7f6cde781000 above=0x7f6cde78c000

	mappings "$data/alternate.data" >expected
	# What mremap() has moved or grown is told only when the mappings are written again.
	rewrite "$data/alternate.data" 'if ($type == 10 && unpack("x8Q<", $body) == '$anon') {
		substr($body, -16, 8) = pack("Q<", 16_600_000_000);
	}' >late.data
	mappings late.data >out
	diff expected out || fail "the mapping of memory is unknown before perf is told of it"
	# A file below the program, and memory behind that: not the heap, which is behind the program.
	rewrite "$data/alternate.data" 'if ($type == 10) {
		my $start = unpack("x8Q<", $body);
		substr($body, 8, 8) = pack("Q<", 0x555b94000000) if $start == '$cache';
		substr($body, 8, 8) = pack("Q<", 0x555b94100000) if $start == '$above';
	}' >low.data
	mappings low.data >out
	expect "$(grep '\[heap\]' expected | sed 's/[][]/\\&/g')" out
}

# Only what is ever mapped counts: compare with the sums of what is in both --raw and the records of mappings.
test_unmapped()
{
	local file

	for file in alternate two debian-6.12; do
		perf script -f -i "$data/$file.data" --show-mmap-events 2>/dev/null |
			sed -n 's/.*MMAP2 \([0-9]*\)\/.*\[\(0x[0-9a-f]*\)(\(0x[0-9a-f]*\)).*/\1 \2 \3/p' >maps
		report $file.data --raw -x ,
		mv out raw
		report $file.data -j
		python3 - >expected <<-'EOF'
			from collections import defaultdict
			pages, monitored, used = defaultdict(set), defaultdict(int), defaultdict(int)
			for line in open('maps'):
			    pid, start, size = (int(word, 0) for word in line.split())
			    pages[pid] |= set(range(start >> 12, start + size >> 12))
			for line in open('raw'):
			    if line.startswith('#'):
			        continue
			    _, target, pid, _, time, start, end, _, accesses, *_ = line.split(',')
			    start, end = int(start, 0) >> 12, int(end, 0) >> 12
			    mapped = sum(start <= page < end for page in pages[int(pid)])
			    monitored[target, time] += mapped << 12
			    used[target, time] += mapped << 12 if int(accesses) else 0
			for target in sorted({target for target, _ in monitored}):
			    most = lambda sums: max(size for (n, _), size in sums.items() if n == target)
			    print(most(monitored), most(used))
		EOF
		python3 -c 'import json
for target in json.load(open("out"))["targets"]:
    print(target["max_bytes"], target["wss_bytes"]["p100"])' | diff expected - || fail "$file: not what is mapped"
	done
	# Memory that is accessed is mapped, even if the record never tells of it.
	rewrite "$data/alternate.data" 'substr($body, 0, 8) = pack("L<L<", 1, 1)
		if $type == 10 && unpack("x8Q<", $body) == 0x7f6cda400000' >untold.data
	perf damon report -f -i untold.data --mappings -x , | sed -n 's/\[unknown\]//p' >unknown
	awk -F , '$5 > 99 && $9 > 40 * 2^20 { found = 1 } END { exit !found }' unknown ||
		fail "hot memory without a mapping is lost: $(cat unknown)"
	perf damon report -f -i untold.data --guide >out
	expect ' 99\.[0-9]*%$' out
	perf damon report -f -i untold.data --regions --tmax 2s >out
	expect ' 43.87MiB .* \[unknown\]$' out
}

# Symbols are read from files below --symfs, too. Programs without symbols are reported, data files such as
# /etc/ld.so.cache are not.
test_symbols()
{
	local program=/usr/local/bin/alternate lib=/usr/lib/x86_64-linux-gnu

	mkdir -p "root$lib" root/usr/local/bin
	cp "$(readlink -f "$(command -v perf)")" root$program
	perf damon report -f -i "$data/alternate.data" --mappings -F symbol,mapping --symfs root >out 2>err ||
		fail "--symfs: status $?"
	! perf check feature -q libelf || expect "^  [^ ][^ ]* *$program$" out
	printf "no symbols of $lib/%s: it is not below --symfs\n" ld-linux-x86-64.so.2 libc.so.6 >expected
	sort err | diff expected - || fail "--symfs: other files that are not here"
	# A program that consists of an ELF header only.
	perl -e 'print pack("a7x9 S<2 L< Q<3 L< S<6", "\x7fELF\2\1\1", 2, 62, 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0)' \
		>root$lib/ld-linux-x86-64.so.2
	echo text >root$lib/libc.so.6
	perf damon report -f -i "$data/alternate.data" --mappings -F symbol,mapping --symfs root >out 2>err ||
		fail "stripped: status $?"
	if perf check feature -q libelf; then
		expect "^no symbols of $lib/ld-linux-x86-64.so.2: it has none (stripped?): install its debug symbols$" err
		expect "^no symbols of $lib/libc.so.6: Invalid ELF file$" err
		[ "$(wc -l <err)" = 2 ] || fail "stripped: not two lines: $(cat err)"
	fi
	perf damon report -f -i "$data/alternate.data" --mappings --symfs root >out 2>err || fail "no symbols: status $?"
	[ ! -s err ] || fail "symbols that nobody asks for: $(cat err)"
}

# Like perf report: without -i, read the standard input if it is a pipe.
test_pipe()
{
	report two.data --wss
	perf damon report --wss <"$data/two.data" >from_file 2>&1
	! cmp -s from_file out || fail "a file on the standard input is taken for a pipe"
	# shellcheck disable=SC2002 # a pipe
	cat "$data/two.data" | perf damon report --wss >from_pipe 2>err
	cmp from_pipe out || fail "a pipe is not read: $(cat err)"
}

test_exact_output
test_guide
test_pipe
test_machines
test_numbers
test_groups
test_guesses
test_choices
test_paste_back
test_foreign_records
test_hostile_names
test_mappings
test_unmapped
test_symbols
test_verbose
test_palettes
finish
