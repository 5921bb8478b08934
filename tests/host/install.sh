#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make install` installs works where it is installed
set -u

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
data=$PWD/tools-perf/tests/shell/damon/alternate.data
status=0

fail()
{
	echo "FAILED: $*"
	status=1
}

# With the PREFIX that perf was built for: with another one perf would be rebuilt.
prefix=$(cat build/.prefix)
env -u MAKEFLAGS -u MAKELEVEL make install PREFIX="$prefix" DESTDIR="$tmp" || exit 1
there=$tmp$prefix
export PATH=$there/bin:$PATH

perf damon report -f -i "$data" --guide >"$tmp/guide" || fail "perf damon: status $?"
perf-damon report -f -i "$data" --guide >"$tmp/out" || fail "perf-damon: status $?"
cmp "$tmp/guide" "$tmp/out" || fail "perf-damon is not perf damon"

PERF_EXEC_PATH=$there/libexec/perf-core perf script -l >"$tmp/out"
for script in damon-heats damon-wss; do
	grep -q "^ *$script " "$tmp/out" || fail "no script $script"
done

# shellcheck disable=SC2016 # for the other shell
bash -c '. "$1"; complete -p perf' - "$there/share/bash-completion/completions/perf" >"$tmp/out" || fail "no completion"
grep -q ' _perf perf$' "$tmp/out" || fail "no completion of perf"

if command -v man >/dev/null; then
	for command in "help damon" "damon --help"; do
		# shellcheck disable=SC2086 # words
		MANPATH=$there/share/man MANWIDTH=80 perf $command >"$tmp/out" 2>&1 || fail "perf $command: status $?"
		grep -q '^PERF-DAMON(1) ' "$tmp/out" || fail "perf $command: $(head -n 5 "$tmp/out")"
		grep -q 'perf damon record' "$tmp/out" || fail "perf $command: another page"
	done
fi
exit $status
