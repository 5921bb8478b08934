#!/bin/bash
# DAMON report by perf script and perf report
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2154 # Perl in single quotes, variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_data

# perf damon script prints the same as perf script.
test_perf_script()
{
	perf script -f -i "$data/alternate.data" >expected 2>/dev/null
	perf damon script -f -i "$data/alternate.data" >out 2>err || fail "perf damon script: status $?"
	cmp expected out || fail "perf damon script is not perf script"
	expect "damon:damon_aggregated: target_id=0 nr_regions=" out
}

# perf report sorted by number of accesses.
test_perf_report()
{
	perf report -f -i "$data/alternate.data" --stdio -s target_id,nr_accesses -F overhead,sample \
		>out 2>err || fail "perf report: status $?: $(cat err)"
	expect "Samples: [0-9]*  *of event 'damon:damon_aggregated'" out
	expect '^ *[0-9.]*%  *[0-9]*  *0  *40 *$' out
}

test_python()
{
	if ! perf check feature -q libpython; then
		echo "needs a perf with Python"
		return
	fi
	# Directory of this perf's scripts.
	PERF_EXEC_PATH=$(realpath "$data/../../..")
	export PERF_EXEC_PATH
	perf script -l >out
	expect 'damon-heats  *heat map' out
	expect 'damon-wss  *percentiles' out

	# Compare the percentiles and the heat map of the scripts with perf damon report. They know no mappings.
	rewrite "$data/alternate.data" 'substr($body, 0, 8) = pack("L<L<", 1, 1) if $type == 10' >bare.data
	perf script report damon-wss -f -i bare.data >out 2>err ||
		fail "damon-wss: status $?: $(cat err)"
	awk '/MiB/ { print $1, $2 }' out >percentiles
	perf damon report -f -i bare.data --wss -x , |
		awk -F , '/^[0-9].*,p/ { printf "%s %.2f\n", $5, $6 / 2^20 }' >expected
	[ -s expected ] || fail "no percentiles"
	cmp expected percentiles || fail "damon-wss: not what --wss says"

	perf script report damon-heats -f -i bare.data >out 2>err ||
		fail "damon-heats: status $?: $(cat err)"
	grep '|' out | sed 's/^ *//' >rows
	perf damon report -f -i bare.data --heats --ares 16 | sed -n 's/^ *\(0x.*|\)$/\1/p' >expected
	[ "$(wc -l <expected)" = 16 ] || fail "not 16 rows"
	cmp expected rows || fail "damon-heats: not what --heats shows"
	python3 - "$PERF_EXEC_PATH"/scripts/python/damon-heats.py >out <<-'EOF' || fail "damon-heats: one snapshot"
	import sys
	exec(open(sys.argv[1]).read())
	damon__damon_aggregated('', {}, 0, 1, 0, 7, '', [], 0, 2, 0x1000, 0x9000, 3)
	damon__damon_aggregated('', {}, 0, 1, 9, 7, '', [], 0, 2, 0x9000, 0x11000, 0)
	trace_end()
	EOF
	[ "$(grep -c '|0|$' out) $(grep -c '|9|$' out)" = "8 8" ] || fail "damon-heats: one snapshot: $(cat out)"
	# An event without the field age.
	LC_ALL=C sed 's/field:unsigned int age;/field:unsigned int xyz;/' "$data/plain.data" >ageless.data
	perf script -f -i ageless.data -s "$PERF_EXEC_PATH"/scripts/python/damon-wss.py >out 2>err ||
		fail "ageless: status $?: $(cat err)"
	expect '12 snapshots' out

	# The end of one snapshot and the start of the next one were lost.
	python3 - "$PERF_EXEC_PATH"/scripts/python/damon-wss.py >out <<-'EOF'
	import sys
	exec(open(sys.argv[1]).read())
	for ns, regions in (0, range(10)), (100_000_000, range(5)), (200_000_000, range(5, 10)), (300_000_000, range(10)):
	    for i in regions:
	        damon__damon_aggregated('', {}, 0, 1, ns + i, 7, '', [], 0, 10, i << 20, (i + 1) << 20, 1)
	trace_end()
	EOF
	expect 'kdamond 7: 2 snapshots; 2 incomplete ones left out$' out
}

test_perf_script
test_perf_report
test_python
finish
