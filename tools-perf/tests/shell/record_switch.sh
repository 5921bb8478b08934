#!/bin/bash
# perf record: complete files of --switch-output, and mappings while events are disabled
# SPDX-License-Identifier: GPL-2.0

set -e

dir=$(mktemp -d /tmp/__perf_switch.XXXXXX)
targets=()

# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	trap - EXIT TERM INT
	[ ${#targets[@]} = 0 ] || kill -KILL "${targets[@]}" 2>/dev/null || :
	{ wait; } 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' TERM INT
cd "$dir"

fail()
{
	echo "FAILED: $*"
	exit 1
}

# tell TEXT...: give perf record commands, and wait for their acknowledgments
tell()
{
	local ack text

	for text; do
		echo "$text" >&3
		read -r -t 60 ack <&4 || fail "no acknowledgment of: $text"
		[ "${ack//[^a-z]/}" = ack ] || fail "'$ack' is no acknowledgment of: $text"
	done
}

# switch NUMBER [PID]: begin a new file, after which so many are finished. Meanwhile the process ends.
switch()
{
	local i

	kill -USR2 $record
	if [ $# = 2 ]; then
		sleep 0.2
		kill -KILL "$2"
		{ wait "$2" || :; } 2>/dev/null
	fi
	for ((i = 0; i < 100; i++)); do
		[ "$(find . -name 'switch.data.*' | wc -l)" -lt "$1" ] || return 0
		sleep 0.1
	done
	fail "no file $1: $(ls)"
}

# start_spinning: start a process that runs
start_spinning()
{
	bash -c 'while :; do :; done' &
	targets+=($!)
}

# expect_file FILE NOTES PID...: it can be read, and has these notes, and names and mappings of these processes
expect_file()
{
	local file=$1 notes=$2 pid
	shift 2

	[ "$(perf script -i "$file" -F event 2>err | grep -c task-clock)" -gt 0 ] || fail "$file: no events: $(cat err)"
	perf script -D -i "$file" 2>/dev/null | tr -d '\0' >dump
	[ "$(sed -n 's/^\.\.\. note:  //p' dump | tr '\n' ' ')" = "$notes" ] || fail "$file: notes: $(grep note: dump)"
	for pid; do
		grep -q "PERF_RECORD_COMM: bash:$pid/$pid" dump || fail "$file: no name of $pid"
		grep -q "PERF_RECORD_MMAP2 $pid/$pid: .*bash$" dump || fail "$file: no mappings of $pid"
	done
}

mkfifo ctl ack go
exec 3<>ctl 4<>ack 5<>go

zstd=()
! perf version --build-options | grep -q 'zstd: \[ on' || zstd=(-z)
start_spinning
start_spinning
start_spinning
start_spinning
# The first one ends, the last one while a file ends; the one before is not among those of -p.
perf record -q -e task-clock:u -c 1000000 "${zstd[@]}" -p "${targets[0]},${targets[1]},${targets[3]}" --buildid-mmap --switch-output \
	--control fifo:ctl,ack -o switch.data 2>err &
record=$!
tell ping 'note one'
sleep 0.5
kill -KILL "${targets[0]}"
{ wait "${targets[0]}" || :; } 2>/dev/null
switch 1
tell "maps ${targets[2]}" 'note two'
sleep 0.5
switch 2 "${targets[3]}"
sleep 0.5
echo 'note' >&3
read -r -t 60 ack <&4
tell 'note three'
switch 3
sleep 0.5
tell stop
wait $record || fail "perf record: $(cat err)"

set -- switch.data.*
[ $# = 4 ] || fail "files: $*"
expect_file "$1" 'one ' "${targets[0]}" "${targets[1]}" "${targets[3]}"
expect_file "$2" 'one two ' "${targets[1]}" "${targets[3]}"
expect_file "$3" 'one two three ' "${targets[1]}" "${targets[2]}" "${targets[3]}"
expect_file "$4" 'three ' "${targets[1]}" "${targets[2]}"

# What is mapped while events are disabled is known.
bash -c 'read -r <go; exec sleep 1000' &
targets+=($!)
perf record -q -e task-clock:u -D -1 -p $! --control fifo:ctl,ack -o disabled.data 2>err &
record=$!
tell ping
echo >&5
for ((i = 0; i < 100; i++)); do
	[ "$(cat "/proc/${targets[4]}/comm")" != sleep ] || break
	sleep 0.1
done
tell enable disable stop
wait $record || fail "perf record -D -1: $(cat err)"
perf script --show-mmap-events -F comm,tid -i disabled.data >maps 2>/dev/null
grep -q "MMAP2 ${targets[4]}/.*/sleep$" maps || fail "mappings before events were enabled: $(cat maps)"
