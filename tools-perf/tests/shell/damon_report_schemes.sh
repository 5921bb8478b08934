#!/bin/bash
# DAMON report of what schemes did, and would have done
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

export LINES=25 COLUMNS=80
scheme='pageout,size>=4KiB,frequency<=5%,age>=1s'

# schemes.data and schemes-stock.data were recorded on our kernel and on Linux 6.12, in emulators that count
# instructions. There, the stock monitor sees no access if nothing evicts the TLB.
#	alternate --size 32 --hot 4 --period 3 --duration 30 &
#	perf damon record -p $! --aggr 400ms --max-regions 20 --duration 6s \
#		--scheme 'pageout,size>=64KiB,frequency=0,age>=800ms,quota=16MiB/s' --scheme 'stat,size>=4KiB,frequency>=50%'
test_exact_output()
{
	expect_reports schemes.expected <<-'END'
		schemes.data
		schemes.data --schemes
		schemes.data --schemes --tres 2s -x ,
		schemes.data --heats --all-areas
		schemes-stock.data --schemes
		schemes-stock.data --schemes --tres 3s -j
	END
}

# Rows by mapping and over time have the bytes of perf script's events: what is not in a row is not mapped.
test_events()
{
	local file

	for file in schemes schemes-stock; do
		perf script -f -i "$data/$file.data" -F event,trace 2>/dev/null |
			sed -n 's/.*damos_before_apply: .* scheme_idx=\([0-9]*\) .* \([0-9]*\)-\([0-9]*\): .*/\1 \2 \3/p' >events
		perf damon report -f -i "$data/$file.data" --schemes -j >json
		python3 - <<'END' || fail "$file: the rows are not the events"
import json
tried = [0, 0]
for line in open("events"):
    scheme, start, end = map(int, line.split())
    tried[scheme] += end - start
assert tried[0]
for scheme in json.load(open("json"))["targets"][0]["schemes"]:
    for table in "mappings", "times":
        rows = sum(row["tried_bytes"] for row in scheme[table])
        assert rows + scheme["unmapped_bytes"] == tried[scheme["scheme"]], (scheme["scheme"], table)
END
	done
}

test_what_if()
{
	perf damon report -f -i "$data/alternate.data" --what-if "$scheme" >out 2>err || fail "--what-if: $(cat err)"
	[ ! -s err ] || fail "--what-if: $(cat err)"
	diff "$data/alternate.what-if" out || fail "--what-if: prints something else"
}

# Each row of fields is for a time and a mapping. Their sums are those of JSON.
test_formats()
{
	perf damon report -f -i "$data/alternate.data" --what-if "$scheme" -x , >fields
	perf damon report -f -i "$data/alternate.data" --what-if "$scheme" -j >json
	python3 - <<'END' || fail "--what-if: -x and -j differ"
import json
rows = [line.strip().split(",") for line in open("fields") if not line.startswith("#")]
target = json.load(open("json"))["targets"][0]
for table, column, key in ("mappings", 11, "mapping"), ("times", 4, "time_ns"):
    assert target[table]
    for row in target[table]:
        mine = [r for r in rows if r[column] == str(row[key])]
        for i, name in (6, "acted_bytes"), (7, "again_1s_bytes"), (8, "again_10s_bytes"), (9, "again_60s_bytes"):
            assert sum(int(r[i]) for r in mine) == row[name], (row, name)
END
}

# What it counts as tried is what --raw has, in the units of the kernel.
test_tried()
{
	local tried expected

	perf damon report -f -i "$data/alternate.data" --what-if "$scheme" -j >json
	tried=$(sed -n 's/.*"tried_bytes":\([0-9]*\).*/\1/p' json)
	# 5 % of 40 samples are 2, and 1 s is 5 intervals of 200 ms.
	expected=$(perf damon report -f -i "$data/alternate.data" --raw -x , |
		awk -F , '!/^#/ && $8 >= 4096 && $9 <= 2 && $10 >= 5 { sum += $8 } END { printf "%.0f", sum }')
	[ "$tried" = "$expected" ] || fail "tried $tried bytes, not $expected"
	# Half as often
	perf damon report -f -i "$data/alternate.data" --what-if "$scheme,every=400ms" -j >json
	tried=$(sed -n 's/.*"tried_bytes":\([0-9]*\).*/\1/p' json)
	[ $((tried * 10 / expected)) = 4 ] || [ $((tried * 10 / expected)) = 5 ] ||
		fail "every=400ms: tried $tried bytes, and $expected if every 200ms"
}

# refuse TEXT OPTION...
refuse()
{
	local text=$1

	shift
	! perf damon report -f -i "$data/alternate.data" "$@" >out 2>err || fail "no error: $*"
	expect "$text" err
}

test_errors()
{
	refuse "'pagout' is no action: stat, pageout" --what-if pagout
	refuse "what is 'colour>=4KiB'" --what-if 'pageout,colour>=4KiB'
	refuse "'4' is not a size, such as 4KiB" --what-if 'pageout,size>=4'
	refuse "age: no region can be like that" --what-if 'pageout,age=7s-3s'
	refuse "to which node" --what-if migrate_cold
	refuse "quota: '100MiB' is neither a size nor a time in a time" --what-if pageout,quota=100MiB
	refuse "--wss cannot be used with --what-if" --what-if stat --wss
	refuse "--plot: there is no picture of --what-if" --what-if stat --plot map.png
	refuse "--tres: .* are too many" --what-if stat --tres 1ns
}

test_exact_output
test_events
test_what_if
test_formats
test_tried
test_errors
finish
