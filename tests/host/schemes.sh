#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processes of tests/schemes that nobody disturbs find nothing wrong, but they do find a byte that was changed; the
# settings repeat with the seed
set -u

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0

fail()
{
	echo "FAILED: $*"
	cat "$dir/out"
	status=1
}

make -s build/schemes/torture || exit 1

torture()
{
	build/schemes/torture --idle --folder "$dir" --runs 10 --seed 1 "$@" >"$dir/out" 2>&1
}

# settings: what the last call has written, without what depends on the processes
settings()
{
	grep '^[01]/' "$dir/out" | grep -v /targets/
}

torture || fail "status $?"
grep -q '^10 runs, seed 1, [1-9][0-9]* bytes verified$' "$dir/out" || fail "no last line"

torture --verbose || fail "--verbose: status $?"
settings >"$dir/first"
torture --verbose || fail "--verbose: status $?"
settings >"$dir/second"
[ "$(wc -l <"$dir/first")" -gt 100 ] || fail "hardly any settings"
cmp "$dir/first" "$dir/second" || fail "other settings with the same seed"

if torture --runs 1000 --lose-byte; then
	fail "a changed byte was not found"
fi
grep -q '^process .* memory at 0x.*: expected 0x.., got 0x..; 1 bytes of that page' "$dir/out" || fail "no such message"
exit $status
