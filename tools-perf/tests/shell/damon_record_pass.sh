#!/bin/bash
# DAMON record with options of perf record
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# A program that faults in some memory
# shellcheck disable=SC2016 # Perl in single quotes
faults=(perl -e 'while (1) { my $m = "x" x (4 << 20); undef $m; select(undef, undef, undef, 0.01) }')

# nr_events FILE EVENT: count the events of that name
nr_events()
{
	perf script -f -i "$1" -F event 2>/dev/null | grep -c "$2"
}

# expect_whole FILE: all of the events are those of whole snapshots
expect_whole()
{
	perf damon report -f -i "$1" >out 2>&1 || fail "$1: report: $(cat out)"
	expect "^perl (pid $target): [1-9]" out
	! grep "left out\|lost" out || fail "$1: something is missing"
}

# Each of DAMON's events is recorded, however few of the others, and without their call graphs. The settings have the
# time of the events' clock.
test_events()
{
	local since first

	perf damon record -o events.data -e page-faults -c 100 --call-graph fp -e sched:sched_switch/call-graph=no/ \
		--filter 'prev_pid > 0' -k CLOCK_MONOTONIC_RAW --duration 3s -- "${faults[@]}" 2>err
	expect_status 0 $? "events"
	perf evlist -f -v -i events.data >out
	expect 'damon:damon_aggregated: .* sample_freq }: 1,.*|PERIOD|' out
	! grep '^damon:damon_aggregated: .*CALLCHAIN' out || fail "call graphs of DAMON's events"
	expect 'page-faults: .* sample_freq }: 100,.*CALLCHAIN' out
	perf script -f -i events.data -F event,pid,time,trace 2>/dev/null >lines
	expect ' page-faults:' lines
	expect ' sched:sched_switch:' lines
	! grep 'prev_pid=0 ' lines || fail "--filter: others"
	perf report -f -i events.data --stdio --header >out 2>err || fail "perf report: $(cat err)"
	expect "of event 'damon:damon_aggregated'" out
	expect "of event 'page-faults'" out
	expect "clockid: monotonic_raw" out
	since=$(perf script -D -f -i events.data 2>/dev/null | tr -d '\0' | sed -n 's/^\.\.\. note:  damon:settings @\([0-9]*\)[0-9]\{9\} .*/\1/p')
	first=$(sed -n '1s/^ *[0-9]* *\([0-9]*\)\..*/\1/p' lines)
	[ "$since" -ge $((first - 2)) ] || fail "settings at $since, events at $first"
	[ "$since" -le $((first + 2)) ] || fail "settings at $since, events at $first"
	target=$(awk '/ page-faults:/ { print $1; exit }' lines)
	expect_whole events.data
	expect_idle "events"
}

# Without a process, -e is for all processes.
test_events_of_all()
{
	# fork() makes the pages of the shell fault.
	bash -c 'while :; do /bin/true; done' &
	background+=($!)
	perf damon record -o all.data -a -e page-faults -c 10 --duration 2s 2>err
	expect_status 0 $? "events with -a"
	perf script -f -i all.data -F event,pid 2>/dev/null | grep -q "$! *page-faults" || fail "-a: no page faults of others"
	perf damon report -f -i all.data >out 2>&1
	expect "^physical memory: [1-9]" out
	kill $!
}

# Lost events of others are not those of DAMON.
test_lost_events_of_others()
{
	perf damon record -o lost.data -m 4 -e page-faults -c 1 --call-graph dwarf --duration 2s -- "${faults[@]}" 2>err
	expect_status 0 $? "lost events"
	expect "perf record: [1-9][0-9]* lost samples" err
	perf report -f -i lost.data --stdio -n 2>/dev/null | grep 'Total Lost Samples: [1-9]\|of event' >out
	perf damon report -f -i lost.data -j >out.json 2>err
	grep -A 2 "of event 'damon:damon_aggregated'" out | grep -q 'Lost Samples: [1-9]' ||
		expect '"lost_events":0,' out.json
}

# mapped: what is mapped in the file that was dumped, whether it was accessed or not
mapped()
{
	grep "MMAP.* $target/$target: " dump | sed 's/.* //' | sort -u
}

# read_by_others FILE: read it by other commands, each of which takes its time in a guest
read_by_others()
{
	perf script -D -f -i "$1" 2>/dev/null | tr -d '\0' >dump
	perf damon report -f -i "$1" --mappings -x , -F mapping -s mapping 2>&1 | sed '/^#/d; s/^[0-9]*,//' | sort >names
	perf buildid-list -f -i "$1" | awk '{ print $2 }' | sort >ids
	perf report -f -i "$1" --header --stdio 2>/dev/null >hists
}

# expect_complete FILE: it has all that whole.data has, which is the only file of a recording
expect_complete()
{
	local file=$1

	expect_whole "$file"
	expect "^# settings: --ops vaddr --sample 5ms --aggr 200ms " out
	read_by_others "$file"
	[ "$(grep -c 'note:  damon:settings @' dump)" = 1 ] || fail "$file: notes: $(grep note: dump)"
	mapped >maps
	cmp maps maps.whole || fail "$file: mappings: $(diff maps.whole maps)"
	cmp names names.whole || fail "$file: report: $(diff names.whole names)"
	cmp ids ids.whole || fail "$file: build IDs: $(diff ids.whole ids)"
	grep -c '^# [a-z]' hists >features
	cmp features features.whole || fail "$file: $(cat features) lines of header"
	expect "of event 'damon:damon_aggregated'" hists
}

# Without --switch-output, SIGUSR2 means nothing.
record_whole()
{
	local pid

	perf damon record -o whole.data -p "$target" --aggr 200ms 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	kill -USR2 "$pid"
	sleep 2
	kill -INT "$pid"
	{ wait "$pid"; } 2>/dev/null
	expect_status 130 $? "SIGUSR2"
	expect_whole whole.data
	read_by_others whole.data
	mapped >maps.whole
	mv names names.whole
	mv ids ids.whole
	grep -c '^# [a-z]' hists >features.whole
	expect 'perl$' maps.whole
	expect 'perl$' ids.whole
}

# nr_files NAME NUMBER: there are so many files
nr_files()
{
	[ "$(find . -name "$1.*" | wc -l)" -ge "$2" ]
}

# Files of two signals and of the end. Nothing is lost between them.
test_switch_by_signal()
{
	local pid file last=

	perf damon record -o signal.data -p "$target" --aggr 200ms --switch-output 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 2
	kill -USR2 "$pid"
	wait_for nr_files signal.data 1
	sleep 2
	kill -USR2 "$pid"
	wait_for nr_files signal.data 2
	sleep 2
	kill "$pid"
	{ wait "$pid"; } 2>/dev/null
	[ ! -e signal.data ] || fail "signal.data has not got the time"
	[ "$(find . -name 'signal.data.*' | wc -l)" = 3 ] || fail "files: $(ls) $(cat err)"
	for file in signal.data.*; do
		expect_complete "$file"
		perf script -f -i "$file" -F time 2>/dev/null | sed -n '1p;$p' >seconds
		[ -z "$last" ] || [ "$(echo "$(head -n 1 seconds | tr -d ' :') > $last" | bc)" = 1 ] ||
			fail "$file begins before the end of the one before"
		last=$(tail -n 1 seconds | tr -d ' :')
	done
	expect_idle "--switch-output"
}

# Settings that have changed are noted in the file of that time, and only the latest in those that follow.
test_switch_after_change()
{
	local pid attrs=$kdamonds/0/contexts/0/monitoring_attrs/intervals nr file

	perf damon start -p "$target" --aggr 200ms >out || fail "start: $(cat out)"
	perf damon record -o changed.data --switch-output 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 2
	echo 400000 >"$attrs"/aggr_us
	echo commit >"$kdamonds"/0/state
	# It looks about once a second, on a busy machine less often.
	for nr in {1..10}; do
		sleep 3
		kill -USR2 "$pid"
		wait_for nr_files changed.data "$nr"
		set -- changed.data.*
		settings "${!nr}" | grep -q 'aggr 400ms' && break
	done
	sleep 2
	kill -INT "$pid"
	{ wait "$pid"; } 2>/dev/null
	perf damon stop
	set -- changed.data.*
	for file; do
		settings "$file" | grep -o 'aggr [^ ]*' | tr '\n' ' '
		echo
	done >noted
	{
		yes 'aggr 200ms ' | head -n $((nr - 1))
		echo 'aggr 200ms aggr 400ms '
		echo 'aggr 400ms '
	} | diff - noted || fail "settings of other files"
	perf damon report -f -i "${!nr}" >out
	expect "^# settings since .* --aggr 400ms " out
	shift "$nr"
	perf damon report -f -i "$1" >out
	expect "^# settings: --ops vaddr --sample 5ms --aggr 400ms " out
	expect "^perl (pid $target): [1-9].* each of 400ms" out
}

# A file reaches its size by a snapshot, which is not cut in two, unless events of it were lost.
test_switch_by_size()
{
	local file nr=0

	perf damon record -q -o size.data -m 16 -p "$target" --aggr 100ms --min-regions 100 --max-regions 150 \
		--switch-output=100K --timestamp-boundary --duration 12s 2>err
	expect_status 0 $? "--switch-output=100K"
	for file in size.data.*; do
		perf damon report -f -i "$file" >out 2>&1
		# The last one may have begun just before the end.
		! grep -q "^no snapshot in " out || continue
		expect "^perl (pid $target): [1-9]" out
		expect "^# settings: --ops vaddr --sample 5ms --aggr 100ms " out
		grep -q "^# lost: " out || ! grep "left out" out || fail "$file: $(cat out)"
		nr=$((nr + 1))
	done
	[ "$nr" -ge 2 ] || fail "--switch-output=100K: $nr files"
}

# Each file is compressed for itself, and the last two of them are kept.
test_switch_by_time()
{
	local file zstd=()

	! perf version --build-options | grep -q 'zstd: \[ on' || zstd=(-z)
	perf damon record -q -o zstd.data "${zstd[@]}" -p "$target" --switch-output=2s --switch-max-files 2 --duration 7s 2>err
	expect_status 0 $? "--switch-output=2s"
	[ "$(find . -name 'zstd.data.*' | wc -l)" = 2 ] || fail "--switch-max-files 2: $(ls)"
	for file in zstd.data.*; do
		perf damon report -f -i "$file" >out 2>&1
		! grep -q "^no snapshot in " out || continue
		expect "^perl (pid $target): [1-9]" out
	done
}

# Two files, each with the events of the last moments.
test_overwrite()
{
	local pid file

	# A snapshot of more regions would not fit into a page.
	perf damon record -o over.data -m 1 --max-regions 40 -p "$target" --sample 1ms --aggr 20ms --overwrite --switch-output 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 4
	kill -USR2 "$pid"
	wait_for nr_files over.data 1
	sleep 2
	kill -INT "$pid"
	{ wait "$pid"; } 2>/dev/null
	[ "$(find . -name 'over.data.*' | wc -l)" = 2 ] || fail "--overwrite: $(ls) $(cat err)"
	for file in over.data.*; do
		perf damon report -f -i "$file" --mappings >out 2>&1 || fail "$file: $(cat out)"
		expect "^# settings: --ops vaddr --sample 1ms --aggr 20ms " out
		expect "^perl (pid $target): [1-9]" out
		expect "\[heap\]" out
		# No more than what fits into the buffers, one page for each CPU
		[ "$(nr_events "$file" damon_aggregated)" -le $(($(nproc) * 4096 / 80)) ] || fail "$file: not overwritten"
	done
}

# command COMMAND: give it by fifo 5, and wait for its acknowledgment from fifo 6
command()
{
	local ack

	echo "$1" >&5
	read -r -t 30 ack <&6 || fail "$1: no acknowledgment"
	[ "$ack" = ack ] || fail "$1: '$ack'"
	# Its end
	read -r -t 1 -d '' ack <&6
}

# The user's commands are answered in order, and events come only while they are enabled.
test_control()
{
	local pid

	mkfifo control ack
	exec 5<>control 6<>ack
	perf damon record -o control.data -p "$target" -D -1 --control fifo:control,ack 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	command ping
	sleep 1
	command enable
	sleep 2
	command disable
	sleep 3
	echo nonsense >&5
	command enable
	command evlist
	sleep 2
	command stop
	wait "$pid"
	expect_status 0 $? "--control"
	expect "--control: 'nonsense': there is no such command" err
	expect "^damon:damon_aggregated$" err
	# For three seconds nothing was monitored, so no snapshot counts for that time.
	perf damon report -f -i control.data --points --tres 500ms --ares 1 -x , >out
	awk -F , '!/^#/ { if (n++ && $5 - last > 1.5e9) gaps++; last = $5 } END { exit gaps != 1 }' out ||
		fail "not disabled once"
	perf damon report -f -i control.data >out
	[ "$(sed -n 's/^perl.* snapshots in \([0-9]*\).*/\1/p' out)" -ge 5 ] || fail "time of the record: $(cat out)"
	expect_idle "--control"
	exec 5>&- 6>&-
}

# span FILE: seconds from the first to the last event
span()
{
	perf script -f -i "$1" -F time 2>/dev/null | tr -d ' :' | awk 'NR == 1 { first = $1 } END { print int($1 - first) }'
}

# From a time on, and in periods, the last of which ends the recording.
test_delay()
{
	perf damon record -o delay.data -D 3000 -- sleep 5 2>err
	expect_status 0 $? "-D 3000"
	[ "$(span delay.data)" -le 3 ] || fail "-D 3000: $(span delay.data) seconds of sleep 5"
	perf damon report -f -i delay.data >out 2>&1 || fail "-D: $(cat out)"
	expect "^sleep (pid [0-9]*): [1-9]" out
	perf script -f -i delay.data --show-mmap-events -F comm,tid 2>/dev/null >out
	expect "MMAP.*/libc.so.6$" out

	perf damon record -o periods.data -D 500-1500,4000-5000 -p "$target" 2>err
	expect_status 0 $? "-D 500-1500,4000-5000"
	expect "Monitored 1 process for 5[.0-9]*s" err
	perf script -f -i periods.data -F time 2>/dev/null | tr -d ' :' |
		awk 'NR > 1 && $1 - last > 2 { n++ } { last = $1 } END { exit n != 1 }' || fail "periods: not two"
}

# The command runs as another user, in his groups and his home, and what is recorded is root's.
test_user()
{
	local user=nobody group

	# shellcheck disable=SC2016 # for the shell of the command
	perf damon record -o user.data --user $user -- sh -c 'id -un; id -G; echo "$HOME $USER $LOGNAME"; touch /tmp/x.$$ && stat -c %U /tmp/x.$$; ls -1 -x /proc/self/fd; sleep 1' >out 2>err
	expect_status 0 $? "--user"
	group=$(id -G $user)
	printf '%s\n%s\n%s %s %s\n%s\n0  1  2  3\n' $user "$group" "$(getent passwd $user | cut -d : -f 6)" $user $user $user | cmp - out ||
		fail "--user: $(cat out)"
	[ "$(stat -c %u user.data)" = 0 ] || fail "--user: the record is not ours"
	perf damon report -f -i user.data >out
	expect "^sh (pid [0-9]*): [1-9]" out
	perf damon record -q -o user.data --user "$(id -u $user)" -- sh -c 'id -un; sleep 1' >out 2>err
	expect "^$user$" out
	mkdir -m 700 private
	perf damon record -o no.data --user $user -- "$PWD"/private/program 2>err
	expect "private/program: Permission denied" err
	expect_idle "--user"
}

# Others are named, too, in a file that perf record could not finish.
test_killed()
{
	local pid

	# So many events that the buffers have been read.
	perf damon record -o killed.data -m 16 -p "$target" --sample 1ms --aggr 2ms --min-regions 500 \
		-e sched:sched_switch -e page-faults 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 2
	kill -KILL "$(recorder "$pid")"
	{ wait "$pid"; } 2>/dev/null
	expect "killed.data has what was recorded until then" err
	perf evlist -f -i killed.data >out
	expect '^sched:sched_switch$' out
	expect '^damon:damon_aggregated$' out
	perf damon report -f -i killed.data >out 2>&1
	expect "^perl (pid $target): [1-9]" out
	expect_idle "killed"
}

# refused MESSAGE OPTION...: one line says what is wrong, and nothing is changed
refused()
{
	local message=$1
	shift

	perf damon record -o refused.data "$@" >out 2>err && fail "accepted: $*"
	head -n 1 err >line
	expect "$message" line
	[ ! -e refused.data ] || fail "$*: a file"
	expect_idle "$*"
}

# More of them are tested without a monitor, in damon_habits.sh.
test_errors()
{
	refused "^-e: damon:damon_aggregated is recorded in any case" -e 'damon:*' -p "$target"
	refused "^event syntax error" -e no:such_event -p "$target"
}

test_events
test_events_of_all
test_lost_events_of_others
start_target
test_errors
record_whole
test_switch_by_signal
test_switch_after_change
test_switch_by_size
test_switch_by_time
test_overwrite
test_control
test_delay
test_user
test_killed
finish
