#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Processes that are watched exec, end, become zombies, and have their process id
# reused.

# shellcheck source=damon_trace.sh
. "$(dirname "$0")/damon_trace.sh"

# start COMMAND...: sets target; $line is the first line that the command prints
start()
{
	# shellcheck disable=SC2034 # coproc needs a name
	coproc HELPER { exec "$@"; }
	target=$HELPER_PID
	targets+=("$target")
	disown
	read -r line <&"${HELPER[0]}"
}

stop()
{
	# shellcheck disable=SC1083,SC2093 # file descriptors in an array
	exec {HELPER[0]}<&- {HELPER[1]}>&-
	kill_targets
}

# accessed_in START END: whether a region there has been accessed
accessed_in()
{
	awk -v start="$1" -v end="$2" '
	$5 && $3 < end && $4 > start	{ found = 1 }
	END				{ exit !found }' "$events"
}

trace_begin 17

# Exec: the process gets another address space, which the next update notices
mkfifo "$work/go"
sh -c "read -r go < '$work/go'; exec '$here/touch_memory' 64 32" > "$work/line" &
target=$!
targets+=("$target")
disown
damon_setup "$target"
put 200000 "$ATTRS/intervals/update_us"
put on "$KDAMOND/state"
echo > "$work/go"
eventually 10 test -s "$work/line"
# one update and two aggregations
sleep 0.5
trace 0.5
expect "after exec it is on" on cat "$KDAMOND/state"
read -r start end hot hot_end < "$work/line"
ktap_test_result "after exec the new memory is watched" accessed_in "$hot" "$hot_end"
kill_targets
ktap_test_result "at its end the kdamond ends" eventually 5 has off "$KDAMOND/state"

# The first thread of a process may end before the others.
start "$here/zombie" leader
read -r child start end <<< "$line"
damon_setup "$child"
expect_errno "on without a first thread" OK on "$KDAMOND/state"
trace 3
ktap_test_result "the other thread is seen" accessed_in "$start" "$end"
put off "$KDAMOND/state"
stop

# A zombie has no memory.
start "$here/zombie"
read -r child _ <<< "$line"
damon_setup "$child"
expect_errno "on for a zombie" ESRCH on "$KDAMOND/state"
start_idle
idle=$target
damon_setup "$child" "$idle"
expect_errno "on for a zombie and another one" OK on "$KDAMOND/state"
trace 0.5
expect "only the other one is seen" "1 " target_ids
put off "$KDAMOND/state"
stop

# A process id that is reused by another process
start "$here/reuse_pid"
child=$line
start_idle
damon_setup "$child" "$target"
put 100000 "$ATTRS/intervals/update_us"
put on "$KDAMOND/state"
trace 0.5
expect "two targets" "0 1 " target_ids
echo >&"${HELPER[1]}"
line=
read -r line <&"${HELPER[0]}"
if [ "$line" = "$child" ]; then
	sleep 0.3
	trace 0.5
	expect "who gets the id is not watched" "1 " target_ids
	expect_errno "commit" OK commit "$KDAMOND/state"
	sleep 0.3
	trace 0.5
	expect "also not after a commit" "1 " target_ids
	put "$child" "$CONTEXT/targets/0/pid_target"
	expect_errno "commit of the same id, written again" OK commit "$KDAMOND/state"
	sleep 0.3
	trace 0.5
	expect "means who has it now" "0 1 " target_ids

	# A refused commit changes nothing, so it does not pin a process.
	put "$child" "$CONTEXT/targets/0/pid_target"
	put "$NO_PID" "$CONTEXT/targets/1/pid_target"
	expect_errno "commit refused for another target" EINVAL commit "$KDAMOND/state"
	echo >&"${HELPER[1]}"
	read -r line <&"${HELPER[0]}"
	put "$target" "$CONTEXT/targets/1/pid_target"
	put commit "$KDAMOND/state"
	sleep 0.3
	trace 0.5
	expect "the id means who has it at the next one" "0 1 " target_ids
else
	for name in "who gets the id is not watched" commit \
		"also not after a commit" "commit of the same id, written again" \
		"means who has it now" "commit refused for another target" \
		"the id means who has it at the next one"; do
		ktap_test_skip "$name: no clone3 with set_tid"
	done
fi
put off "$KDAMOND/state"
put 1 "$CONTEXT/targets/nr_targets"
put "$child" "$CONTEXT/targets/0/pid_target"
expect_errno "on for who has it now" OK on "$KDAMOND/state"
stop

ktap_finished
