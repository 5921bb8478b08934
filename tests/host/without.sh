#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# perf builds without libtraceevent, but without perf damon; without other libraries perf damon works
set -u

data=tools-perf/tests/shell/damon
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

fail()
{
	echo "FAILED: $*"
	status=1
}

bare=build/without/libtraceevent/perf
poor=build/without/options/perf
if [ ! -x $bare ] || [ ! -x $poor ]; then
	echo "needs what 'make perf-without' builds"
	exit 4
fi

$bare version || fail "perf version: status $?"
! $bare check feature -q libtraceevent || fail "this perf has libtraceevent"
# The same message as for any unknown command
! $bare damon report -f -i $data/alternate.data >"$tmp/out" 2>&1 || fail "perf damon without libtraceevent"
grep -q "^perf: 'damon' is not a perf-command" "$tmp/out" || fail "perf damon: $(cat "$tmp/out")"

! $poor check feature -q zstd || fail "this perf has zstd"
for test in tools-perf/tests/shell/damon_report_{config,errors,kernels,output,views}.sh; do
	PATH=$PWD/${poor%/perf}:$PATH bash "$test" || fail "$test: status $?"
done
# A compressed record is not taken for an empty one.
! $poor damon report -f -i $data/zstd.data >"$tmp/out" 2>&1 || fail "a compressed record without zstd"
echo "$data/zstd.data is compressed, and this perf was built without libzstd" |
	cmp - "$tmp/out" || fail "a compressed record: $(cat "$tmp/out")"
# Nor does a report without the browser that was asked for look like one with it.
! $poor damon report -f -i $data/alternate.data --mappings --tui >"$tmp/out" 2>&1 || fail "--tui without slang"
echo "--tui: this perf was built without the library of its browser, libslang2" |
	cmp - "$tmp/out" || fail "--tui without slang: $(cat "$tmp/out")"
exit $status
