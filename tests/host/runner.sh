#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The test scripts are reliable: failures, hangs, lost results and splats never pass
set -u

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=0

# expect WHAT WANTED GOT
expect()
{
	[ "$2" = "$3" ] && return
	printf 'FAILED: %s\n--- wanted\n%s\n--- got\n%s\n' "$1" "$2" "$3"
	failures=$((failures + 1))
}

# verdicts_of COMMAND...: what one call of tests/lib.sh records
verdicts_of()
{
	(
		# shellcheck disable=SC2030 # each subshell has its own variables of tests/lib.sh
		LOGS=$tmp
		RESULTS=$tmp/results
		: >"$RESULTS"
		# shellcheck source=tests/lib.sh
		. tests/lib.sh
		"$@" >"$tmp/shown"
		cat "$RESULTS"
	)
}

expect "a test that succeeds" "pass t" "$(verdicts_of run_test t 5 4 true)"
expect "a test that fails" "fail t" "$(verdicts_of run_test t 5 4 false)"
expect "its log is named" "1" "$(grep -c "log: $tmp/t.log" "$tmp/shown")"
expect "a test that skips" "skip t" "$(verdicts_of run_test t 5 4 sh -c 'exit 4')"
expect "another status does not skip" "fail t" "$(verdicts_of run_test t 5 4 sh -c 'exit 2')"
expect "a test that hangs" "fail t" "$(verdicts_of run_test t 1 4 sleep 60)"
expect "a test that is missing" "fail t" "$(verdicts_of run_test t 5 4 /nonexistent)"

# ktap STATUS LINE...: verdicts for a program that prints these lines and exits with STATUS
ktap()
{
	local status=$1
	shift
	verdicts_of run_ktap k 5 sh -c "printf '%s\n' \"\$@\"; exit $status" sh "$@"
}

expect "flat results" $'pass k: a\nfail k: b\nskip k: c' \
	"$(ktap 1 'TAP version 13' 1..3 'ok 1 a' 'not ok 2 b' 'ok 3 c # SKIP no')"
expect "nested results count once" $'pass k: a\nfail k: b' \
	"$(ktap 0 1..1 '    1..2' '    ok 1 a' '    not ok 2 b' 'not ok 1 suite')"
expect "a suite that fails beside its tests" $'pass k: a\nfail k: suite' \
	"$(ktap 0 1..1 '    1..1' '    ok 1 a' 'not ok 1 suite')"
expect "a program that dies" $'pass k: a\nfail k: status 1' "$(ktap 1 1..1 'ok 1 a')"
expect "fewer results than planned" $'pass k: a\nfail k: 1 results, 2 planned' "$(ktap 0 1..2 'ok 1 a')"
expect "no results" "fail k: no result" "$(ktap 0 'TAP version 13')"
expect "all skipped" "skip k" "$(ktap 4 '1..0 # SKIP no such thing')"
expect "a hanging program" $'pass k: a\nfail k: time limit' \
	"$(verdicts_of run_ktap k 1 sh -c 'echo 1..1; echo ok 1 a; sleep 60')"

expect "a number that is none" $'pass k: a\nfail k: mistake in the test' \
	"$(verdicts_of run_ktap k 5 bash -c 'echo 1..1; if [ "" -gt 0 ]; then echo not ok 1 a; else echo ok 1 a; fi')"
expect "a command that is none" "fail t" "$(verdicts_of run_test t 5 4 bash -c 'nonesuch; true')"

# summary_of VERDICT...: the last line and the status
summary_of()
{
	(
		RESULTS=$tmp/results
		printf '%s\n' "$@" >"$RESULTS"
		# shellcheck source=tests/lib.sh
		. tests/lib.sh
		summary
		echo $?
	)
}

expect "passed and skipped" $'1 passed, 0 failed, 1 skipped\n0' "$(summary_of 'pass a' 'skip b')"
expect "one failure" $'1 passed, 1 failed, 0 skipped\n1' "$(summary_of 'pass a' 'fail b')"
expect "nothing passed" $'0 passed, 0 failed, 1 skipped\n1' "$(summary_of 'skip a')"

# scan_of LINE: what tests/vm/scan says of a kernel log with this line
scan_of()
{
	printf '[    1.0] Linux version\n[    2.0] %s\n' "$1" >"$tmp/console"
	tests/vm/scan "$tmp/console" >/dev/null
	echo $?
}

expect "a clean log" 0 "$(scan_of 'eth0: link up, no errors; memory debug: off')"
for splat in 'WARNING: CPU: 0 PID: 1 at mm/damon/region.c:10 f+0x1/0x2' \
	'BUG: KASAN: slab-out-of-bounds in f+0x1/0x2' \
	'BUG: kernel NULL pointer dereference, address: 0000000000000008' \
	'Oops: general protection fault, probably for non-canonical address' \
	'UBSAN: shift-out-of-bounds in mm/damon/adapt.c:3:4' \
	'rcu: INFO: rcu_preempt self-detected stall on CPU' \
	'rcu: INFO: rcu_sched detected stalls on CPUs/tasks:' \
	'WARNING: possible circular locking dependency detected' \
	'WARNING: suspicious RCU usage' \
	'INFO: task kdamond.0:70 blocked for more than 120 seconds.' \
	'watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kdamond.0:70]' \
	'unreferenced object 0xffff888003a6ef00 (size 64):' \
	'kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)' \
	'Kernel panic - not syncing: Attempted to kill init!' \
	'Call Trace:'; do
	expect "a log with: $splat" 1 "$(scan_of "$splat")"
done

# guest_of SCRIPT: status of tests/vm/run with SCRIPT in place of QEMU; $log is the file of the kernel log
guest_of()
{
	mkdir -p "$tmp/bin" "$tmp/out"
	cat >"$tmp/bin/qemu-system-x86_64" <<FAKE
#!/bin/bash
while [ "\$1" != -serial ]; do [ \$# -gt 0 ] && shift || exit 1; done
log=\${2#file:}
echo 'Linux version' >"\$log"
$1
FAKE
	chmod +x "$tmp/bin/qemu-system-x86_64"
	PATH=$tmp/bin:$PATH tests/vm/run --kernel tests/vm/run --timeout 2 --out "$tmp/out" -- true 2>"$tmp/stderr"
	echo $?
}

# shellcheck disable=SC2016 # for the fake QEMU
{
expect "the command's status" 7 "$(guest_of 'echo 7 >"$(dirname "$log")/.status"')"
expect "a hung guest" 124 "$(guest_of 'exec sleep 60')"
expect "a guest that dies" 125 "$(guest_of 'exit 0')"
expect "a splat in the log" 125 \
	"$(guest_of 'echo "BUG: x" >>"$log"; echo 0 >"$(dirname "$log")/.status"')"
}

exit $((failures > 0))
