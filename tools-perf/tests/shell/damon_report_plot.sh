#!/bin/bash
# DAMON report draws pictures
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2154 # Perl in single quotes, variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# expect_picture FILE MAGIC OPTION...
expect_picture()
{
	local file=$1 magic=$2

	shift 2
	perf damon report -f -i "$data/alternate.data" --plot "$file" "$@" >out 2>err ||
		fail "$file $*: status $?"
	[ -z "$(cat out err)" ] || fail "$file $*: prints $(cat out err)"
	head -c 256 "$file" | grep -a -q "$magic" || fail "$file $*: is not what it should be"
}

# expect_labels FILE TEXT...: the SVG has these labels
expect_labels()
{
	local file=$1 text

	shift
	for text; do
		sed 's/&#160;/ /g' "$file" | grep -q -F ">$text<" || fail "$file: no label '$text'"
	done
}

test_pictures()
{
	expect_picture default.png PNG
	expect_picture heats.PNG PNG --heats
	expect_picture heats.svg '<svg' --heats
	expect_picture heats.pdf '%PDF' --heats
	expect_picture heats.jpeg JFIF --heats --all-areas --palette viridis
	expect_picture part.png PNG --time 1s-2s --addr 0x7f6cda400000-0x7f6cdae00000
	expect_picture wss.png PNG --wss
	expect_picture nr.png PNG --nr-regions
	expect_picture "it's a name.png" PNG
	expect_picture "'; system('touch hit'); \`touch hit\`; \"@x\" #.png" PNG
	expect_picture '|touch hit;.png' PNG
	expect_picture $'a\n!touch hit\n.png' PNG
	expect_picture "$PWD/absolute.png" PNG
	[ ! -e hit ] || fail "the name of a file is run as a command"
	expect_picture wss.svg '<svg' --wss
	expect_picture never.svg '<svg' --wss --threshold 100% --amax 0x555bc0000000
	expect_picture nr.svg '<svg' --nr-regions
	expect_labels heats.svg 'time (s)' 'address' 'accessed in % of the samples' '0x7f6cda400000' \
		'alternate (pid 157): hottest area, 66.18MiB'
	expect_labels wss.svg 'time (s)' 'working set (MiB)' 'percentile of snapshots' \
		'alternate (pid 157): working set over time' 'alternate (pid 157): distribution of the working set'
	expect_labels nr.svg 'time (s)' 'regions' 'percentile of snapshots'
	# gnuplot cannot draw an image of one row or one column.
	expect_picture cell.svg '<svg' --tres 1 --ares 1
	grep -q '<image' cell.svg || fail "one cell: nothing is drawn"
	expect_picture row.svg '<svg' --ares 1
	grep -q '<image' row.svg || fail "one row: nothing is drawn"
	cmp -s default.png heats.PNG || fail "the default is not the heat map"
	! cmp -s heats.PNG wss.png || fail "the working set looks like the heat map"
}

# cells COLUMNS ROWS: print the frequencies passed to gnuplot, one a line, in rows from the lowest address up
cells()
{
	local begin

	PATH=$PWD/bin:$PATH perf damon report -f -i "$data/alternate.data" --heats --tres "$1" --ares "$2" \
		--plot cells.png || fail "cells: status $?"
	begin=$(LC_ALL=C grep -a -b -o -m 1 'with image notitle' script)
	tail -c +$((${begin%%:*} + 20)) script | head -c $((4 * $1 * $2)) | od -An -v -w4 -t fF
}

# The drawn values are those that are printed.
test_cells()
{
	mkdir bin
	printf '#!/bin/sh\nexec cat >script\n' >bin/gnuplot
	chmod +x bin/gnuplot

	cells 4 3 | awk '{ printf "%.4f\n", $1 }' >drawn
	perf damon report -f -i "$data/alternate.data" --heats --tres 4 --ares 3 -x , | grep -v '^#' |
		sort -t , -k 6,6 -k 5,5n | awk -F , '{ printf "%.4f\n", $7 }' >printed
	[ "$(wc -l <printed)" = 12 ] || fail "cells: 12 are expected: $(cat printed)"
	diff printed drawn || fail "cells: drawn are not those that are printed"

	# With more than 65536 columns, products of two column numbers do not fit into 32 bits.
	cells 100000 2 | awk '$1 !~ /nan/ { printf "%.2f\n", $1 }' >drawn
	perf damon report -f -i "$data/alternate.data" --heats --tres 100000 --ares 2 -x , | grep -v '^#' |
		sort -t , -k 6,6 -k 5,5n | awk -F , '{ printf "%.2f\n", $7 }' >printed
	[ "$(wc -l <printed)" -gt 100000 ] || fail "cells: not most of 200000"
	cmp printed drawn || fail "cells: many drawn are not those that are printed"

	# Cells that were not monitored.
	perf damon report -f -i "$data/alternate.data" --heats --tres 80 --ares 320 -x , >printed
	[ "$(cells 80 320 | grep -c -v nan)" = "$(grep -c -v '^#' printed)" ] ||
		fail "cells: not those are left out that were not monitored"
	! cells 80 320 | grep -q '^ *-' || fail "cells: frequency is negative"
}

# A dashed line is where memory is left out: 20 KiB of the program and 132 KiB of its heap are shown below more.
test_breaks()
{
	PATH=$PWD/bin:$PATH perf damon report -f -i "$data/alternate.data" --plot a.png --ares 3 \
		--addr 0x555b95f86000-0x7f6cda43a000 || fail "breaks: status $?"
	sed -n 's/^set arrow .*first \([0-9.]*\) nohead.*/\1/p' script >drawn
	awk 'BEGIN { for (kib = 20; kib < 384; kib += 132) if (kib <= 152) printf "%.9g\n", kib * 3 / 384 }' |
		diff - drawn || fail "breaks: somewhere else"
	LC_ALL=C grep -a -q "^set ylabel 'address, without what is unmapped (dashed)'" script || fail "breaks: not said"
	PATH=$PWD/bin:$PATH perf damon report -f -i "$data/alternate.data" --plot a.png
	! LC_ALL=C grep -a -q "^set arrow" script || fail "breaks: where nothing is left out"
}

# Run without a path in argv[0]: otherwise perf also finds gnuplot in its own directory.
perf_alone()
{
	local perf

	perf=$(command -v perf)
	(PATH=/nonexistent exec -a perf "$perf" damon report -f -i "$data/alternate.data" --plot no.png >out 2>err)
}

test_no_gnuplot()
{
	perf_alone
	expect_status 254 $? "no gnuplot"
	expect "apt install gnuplot-nox" err
	[ "$(wc -l <err)" = 1 ] || fail "no gnuplot: more than one line: $(cat err)"
	[ ! -e no.png ] || fail "no gnuplot: leaves a file"
	echo older >no.png
	perf_alone
	expect older no.png
}

test_cannot_write()
{
	perf damon report -f -i "$data/alternate.data" --plot /nonexistent/a.png >out 2>err
	expect_status 254 $? "cannot write"
	expect "cannot write /nonexistent/a.png: No such file or directory" err
	mkdir -m 555 closed
	cp "$data/alternate.data" .
	perf_as_nobody damon report -f -i alternate.data --plot closed/a.png >out 2>err
	expect "cannot write closed/a.png: Permission denied" err
}

# Each value is drawn as a step that ends at its own time, or percentile.
test_steps()
{
	local nr

	PATH=$PWD/bin:$PATH perf damon report -f -i "$data/two.data" --pid 180 --wss --plot a.png || fail "steps: status $?"
	sed -n '/over_time <</,/^END/p' script | grep '^[0-9]' >drawn
	perf damon report -f -i "$data/two.data" --pid 180 --wss --sortby time --range 0,101,1 -x , |
		awk -F , '!/^#/ && $6 && !seen[$6]++ { printf "%.9g %.9g\n", $6 / 1e9, $7 / 2^20 }' >ends
	(awk '{ print "0.001347065", $2; exit }' ends; cat ends) | diff - drawn || fail "steps: not what is printed"
	! grep -q '^$' script || fail "steps: a gap where there is none"
	nr=$(grep -c 'with fsteps' script)
	[ "$nr" = 2 ] || fail "steps: $nr charts with steps that end at a number"
	PATH=$PWD/bin:$PATH perf damon report -f -i "$data/two.data" --wss --work-time 1s --plot a.png
	expect "percentile of work times" script
}

# The name of a process is a gnuplot command.
test_hostile_name()
{
	LC_ALL=C sed 's/alternate\x00/a\n!>hit #\x00/g' "$data/alternate.data" >hostile.data
	perf damon report -f -i hostile.data --wss >out 2>err
	expect '^a?!>hit # (pid' out
	perf damon report -f -i hostile.data --plot hostile.png >out 2>err || fail "hostile name: status $?"
	[ ! -e hit ] || fail "the name of a process is run as a command"
}

# gap FILE MILLISECONDS: FILE with the given interval, without its third to fifth snapshot
gap()
{
	rewrite "$data/$1" 'if ($type == 9) {
		my $time = unpack("x16Q<", $body);
		our ($first, $seen);
		$first //= $time;
		my $nr = int(($time - $first) / '"$2"'e6 + 0.5);
		# Keep one region of the third snapshot, which shows that events are missing.
		$type = 40 if $nr > 2 && $nr < 5 || $nr == 2 && $seen++;
	}' >gap.data
}

test_gaps()
{
	local file ms

	while read -r file ms; do
		gap "$file" "$ms"
		PATH=$PWD/bin:$PATH perf damon report -f -i gap.data --wss --plot a.png || fail "gap: $file: status $?"
		awk '/^$/ { print last; getline; print $1 } { last = $1 }' script >drawn
		perf damon report -f -i gap.data --raw -x , | awk -F , '!/^#/ && $5 != last { print last = $5 }' |
			awk -v ms="$ms" 'NR == 2 { print $1 / 1e9 } NR == 3 { print $1 / 1e9 - ms / 1e3 }' >expected
		# The interval of plain.data is a guess.
		paste expected drawn | awk '{ if (($1 - $2) ^ 2 > 1e-6) bad++ } END { exit bad || NR != 2 }' ||
			fail "gap: $file: not one, or somewhere else: $(paste expected drawn)"
	done <<-'END'
		alternate.data 200
		plain.data 100
	END
}

test_no_gnuplot
test_cannot_write
test_cells
test_breaks
test_steps
test_gaps
if ! command -v gnuplot >/dev/null; then
	[ "$failures" = 0 ] || exit 1
	echo "needs gnuplot"
	exit 2
fi
test_pictures
test_hostile_name
finish
