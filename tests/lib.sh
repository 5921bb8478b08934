# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Functions to run tests and count verdicts, for the host and for the guest.
#
# RESULTS	file of verdicts, one a line: pass|fail|skip NAME
# LOGS		folder for the output of tests

VERDICTS=$(dirname "${BASH_SOURCE[0]}")/verdicts

# report NAME LOG SECONDS VERDICT...: record a test's verdicts, show them in one line, name the log of a failure
report()
{
	local name=$1 log=$2 seconds=$3 failed skipped passed word
	shift 3

	printf '%s\n' "$@" >>"$RESULTS"
	passed=$(printf '%s\n' "$@" | grep -c '^pass')
	failed=$(printf '%s\n' "$@" | grep '^fail')
	skipped=$(printf '%s\n' "$@" | grep -c '^skip')
	word=pass
	[ "$passed" -gt 0 ] || word=skip
	[ -z "$failed" ] || word=FAIL
	[ "$passed" -le 1 ] || word="$word $passed"
	[ "$skipped" = 0 ] || [ "$passed" = 0 ] || word="$word, skip $skipped"
	printf '%-54s %-14s %4d s\n' "$name" "$word" "$seconds"
	[ "$word" != skip ] || tail -n 1 "$log" | sed 's/^/    /'
	if [ -n "$failed" ]; then
		printf '%s\n' "$failed" | sed 's/^fail /    failed: /'
		tail -n 15 "$log" | sed 's/^/    | /'
		printf '    log: %s\n' "${log/#\/out/${OUT_ON_HOST:-/out}}"
	fi
}

# limited SECONDS LOG COMMAND...: run COMMAND with all output in LOG; returns its status, 124 at the time limit
limited()
{
	local limit=$1 log=$2
	shift 2
	timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1 </dev/null
}

# run_test NAME SECONDS SKIP COMMAND...: one verdict from the status; SKIP is the status that means skipped
run_test()
{
	local name=$1 limit=$2 skip=$3 log verdict=pass start=$SECONDS status=0
	shift 3
	log=$LOGS/${name//\//-}.log

	limited "$limit" "$log" "$@" || status=$?
	case $status in
	0)		;;
	"$skip")	verdict=skip ;;
	124|137)	verdict=fail; echo "ended by the time limit of $limit s" >>"$log" ;;
	*)		verdict=fail; echo "status $status" >>"$log" ;;
	esac
	! kernel_complains "$log" || verdict=fail
	! shell_complains "$log" || verdict=fail
	report "$name" "$log" $((SECONDS - start)) "$verdict $name"
}

# run_ktap NAME SECONDS COMMAND...: a verdict for each test that the KTAP output reports
run_ktap()
{
	local name=$1 limit=$2 log verdicts start=$SECONDS status=0
	shift 2
	log=$LOGS/${name//\//-}.log

	limited "$limit" "$log" "$@" || status=$?
	[ $status != 124 ] && [ $status != 137 ] || echo "ended by the time limit of $limit s" >>"$log"
	mapfile -t verdicts < <("$VERDICTS" "$name" "$status" "$log")
	! kernel_complains "$log" || verdicts+=("fail $name: kernel log")
	! shell_complains "$log" || verdicts+=("fail $name: mistake in the test")
	report "$name" "$log" $((SECONDS - start)) "${verdicts[@]}"
}

# shell_complains LOG: whether the shell failed to evaluate a condition: that counts as false, so the test may pass
shell_complains()
{
	grep -qE ': line [0-9]+: .*(integer expression expected|operator expected|too many arguments|command not found)$' "$1"
}

# kernel_complains LOG: kernel messages since the last call go to LOG.kernel, those of bugs to LOG, too. Only in the
# guest: messages of the host's kernel have nothing to do with the tests.
kernel_complains()
{
	local log=$1
	[ -n "${IN_GUEST:-}" ] || return 1
	dmesg --read-clear >"$log.kernel"
	! "$(dirname "$VERDICTS")/vm/scan" "$log.kernel" >>"$log"
}

# summary: print the last line; succeeds only if nothing failed and something passed
summary()
{
	local passed failed skipped
	passed=$(grep -c '^pass' "$RESULTS")
	failed=$(grep -c '^fail' "$RESULTS")
	skipped=$(grep -c '^skip' "$RESULTS")
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
