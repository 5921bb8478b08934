#!/bin/bash
# DAMON record and other tools
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# other_perf: print the path of a distribution's perf, which has no damon command
other_perf()
{
	local candidate

	for candidate in /usr/bin/perf /usr/bin/perf_*; do
		[ -x "$candidate" ] || continue
		! "$candidate" damon 2>&1 | grep -q 'perf damon' || continue
		echo "$candidate"
		return
	done
}

# readers: print all perfs that are to read our files: this one, those that the caller names, such as the perf of the
# same kernel, and a distribution's, if it can read the files of this perf record, which an older one may not
readers()
{
	local perf

	perf record -q -e dummy -o dummy.data true 2>/dev/null
	for perf in perf ${PERF_TEST_DAMON_READERS:-}; do
		echo "$perf"
	done
	perf=$(other_perf)
	! "${perf:-false}" script -f -i dummy.data >/dev/null 2>&1 || echo "$perf"
}

test_perf_script_and_report()
{
	local perf

	perf damon record -o own.data -- sleep 2 2>err
	for perf in $(readers); do
		"$perf" script -f -i own.data >out 2>err || fail "$perf script: $(cat err)"
		expect 'damon:damon_aggregated: target_id=0 nr_regions=' out
		"$perf" report -f -i own.data --stdio >out 2>err || fail "$perf report: $(cat err)"
		expect "of event 'damon:damon_aggregated'" out
		"$perf" report -f -i own.data --header-only >out 2>err || fail "$perf report: $(cat err)"
		expect "cmdline : .*perf damon record -o own.data -- sleep 2" out
	done
}

# recording_below PID: perf-damon, run by the distribution's perf PID, is recording
recording_below()
{
	local pid

	pid=$(pgrep -P "$1") && recording "$pid"
}

# record_as_perf_damon PERF SIGNAL [-]: PERF runs our perf-damon. Then PERF, or with - its group, gets SIGNAL.
record_as_perf_damon()
{
	local perf=$1 signal=$2 group=${3:-} outer inner

	# In a session of its own, so that the group can be interrupted as by a terminal.
	setsid "$perf" damon record -o dashed.data -p "$target" 2>err &
	outer=$!
	background+=("$outer")
	wait_for recording_below "$outer"
	inner=$(pgrep -P "$outer")
	sleep 1
	kill "-$signal" -- "$group$outer"
	{ wait "$outer"; } 2>/dev/null
	wait_for test ! -e "/proc/$inner"
	expect_idle "perf-damon, $signal"
	expect "Monitored 1 process" err
	"$perf" damon report -f -i dashed.data >out
	expect "^perl (pid $target): [1-9]" out
}

# A distribution's perf runs perf-damon: ^C reaches both processes, other signals only the outer one.
test_as_perf_damon()
{
	local perf PATH=$PWD/bin:$PATH

	perf=$(other_perf)
	[ -n "$perf" ] || return
	mkdir -p bin
	ln -sf "$(readlink -f "$(command -v perf)")" bin/perf-damon
	start_target
	record_as_perf_damon "$perf" INT -
	record_as_perf_damon "$perf" TERM
	record_as_perf_damon "$perf" KILL
}

# run_below PARENT ARGUMENT...: PARENT starts perf-damon, and ends before it
run_below()
{
	local pid

	"$@"
	pid=$(cat pid)
	sleep 2
	kill -0 "$pid" || fail "the end of $1 has ended perf-damon: $(cat err)"
	kill -TERM "$pid"
	wait_for test ! -e "/proc/$pid"
	expect_idle "$1"
}

# Only the end of perf ends perf-damon, not that of a script or a program whose name begins like that.
test_parent_like_perf()
{
	local PATH=$PWD/bin:$PATH

	mkdir -p bin
	ln -sf "$(readlink -f "$(command -v perf)")" bin/perf-damon
	start_target
	printf '#!/bin/bash\nperf-damon record -o script.data -p %d 2>err &\necho $! >pid\nsleep 3\n' "$target" >bin/perf-collect
	chmod 755 bin/perf-collect
	run_below perf-collect
	cp /bin/bash bin/perf-shell
	run_below perf-shell bin/perf-collect
}

# perf script record and report, with a running monitor.
test_scripts()
{
	local script

	if ! perf check feature -q libpython; then
		echo "needs a perf with Python"
		return
	fi
	start_target
	perf damon start -p "$target" >out || fail "start: $(cat out)"
	for script in damon-wss damon-heats; do
		rm -f perf.data
		PERF_EXEC_PATH=$(realpath "$data/../../..") perf script record $script -- sleep 2 >out 2>err ||
			fail "perf script record $script: $(cat err)"
		PERF_EXEC_PATH=$(realpath "$data/../../..") perf script report $script -f >$script.out 2>err ||
			fail "perf script report $script: $(cat err)"
	done
	perf damon stop
	expect '^ *p100 .*MiB' damon-wss.out
	expect '^ *0x[0-9a-f]* |.*[0-9].*|$' damon-heats.out
	expect_idle "scripts"
}

# A monitor configured without perf damon, recorded by perf record and trace-cmd.
test_plain_recorders()
{
	start_target
	echo 1 >$kdamonds/nr_kdamonds
	echo 1 >$kdamonds/0/contexts/nr_contexts
	echo vaddr >$kdamonds/0/contexts/0/operations
	echo 1 >$kdamonds/0/contexts/0/targets/nr_targets
	echo "$target" >$kdamonds/0/contexts/0/targets/0/pid_target
	echo on >$kdamonds/0/state

	perf record -a -e damon:damon_aggregated -o plain.data -- sleep 2 2>err || fail "perf record: $(cat err)"
	perf damon report -f -i plain.data >out || fail "report of perf record's file"
	expect "settings: unknown" out
	expect "^target 0 of kdamond [0-9]*: [1-9]" out
	perf report -f -i plain.data >out 2>err || fail "perf report: $(cat err)"
	grep '%' out | head -n 1 >first
	expect '^ *[0-9.]*%  *[0-9]*:kdamond\.[0-9]*  *\[0x[0-9a-f]*-0x[0-9a-f]*\] *$' first

	if command -v trace-cmd >/dev/null; then
		trace-cmd record -q -e damon:damon_aggregated -o trace.dat sleep 2 >out 2>&1 ||
			fail "trace-cmd record: $(cat out)"
		trace-cmd report -i trace.dat >out 2>err
		expect 'damon_aggregated:.*target_id=0 nr_regions=' out
	fi
	echo off >$kdamonds/0/state
	echo 0 >$kdamonds/nr_kdamonds
}

# archive FILE: print what perf archive packs of FILE
archive()
{
	local script

	for script in "$(perf --exec-path)"/perf-archive "$data"/../../../perf-archive.sh \
		"$data"/../../../../build/linux/tools/perf/perf-archive.sh; do
		[ ! -e "$script" ] || break
	done
	bash "$script" "$1" >packed 2>&1 || fail "perf archive: $(cat packed)"
	tar -tf "$1".tar.bz2
}

# The build IDs of the process's files are in the header, also of a compressed record. perf archive packs those of files
# that have most of a region.
test_build_ids()
{
	local file id name

	file=$(readlink -f "$(command -v sleep)")
	id=$(perf buildid-list -i "$file")
	HOME=$PWD perf damon record -o ids.data -- sleep 1 2>err
	HOME=$PWD perf damon record -z -o idsz.data -- sleep 1 2>err
	for name in ids idsz; do
		perf buildid-list -i $name.data >out
		expect "^$id $file$" out
		perf buildid-list -i $name.data --with-hits >out
		expect "^$id $file$" out
		HOME=$PWD archive $name.data >out
		expect "^\.build-id/${id:0:2}/${id:2}$" out
	done
}

# The kdamond has its name, and all events have a CPU.
test_kdamond()
{
	local nr

	perf damon record -o named.data -- sleep 2 2>err
	perf script -f -i named.data -F comm,cpu,event >out 2>err || fail "perf script: $(cat err)"
	nr=$(grep -c '^ *kdamond\.[0-9]* \[[0-9]*\] damon:damon_aggregated:' out)
	expect 'kdamond' out
	[ "$nr" = "$(wc -l <out)" ] || fail "no name, or no CPU: $(cat out)"
	perf script -f -i named.data -C "0-$(($(nproc --all) - 1))" >out 2>err || fail "perf script -C: $(cat err)"
	[ "$nr" = "$(wc -l <out)" ] || fail "perf script -C: not all events"
}

# perf report shows where the heat is, with no other option: not all of it is in one mapping, unless stock DAMON says so.
test_heat()
{
	local most='[5-9][0-9]\.[0-9]*'

	is_ours || most='\(100\.00\|[5-9][0-9]\.[0-9]*\)'
	start_target
	perf damon record -p "$target" --duration 8s -o heat.data 2>err || fail "perf damon record: $(cat err)"
	perf report -f -i heat.data >out 2>err || fail "perf report: $(cat err)"
	grep '%' out | head -n 1 >first
	expect "^ *$most%  *$target:perl  *anon *$" first
	perf diff -f heat.data heat.data >out 2>err || fail "perf diff: $(cat err)"
	expect "^ *$most%  *+0\.00%  *perl  *anon *$" out
}

# perf inject keeps everything, whichever perf it is.
test_inject()
{
	local perf option

	perf damon record -o whole.data -- sleep 2 2>err
	perf damon report -f -i whole.data --mappings -x , >whole.mappings 2>err
	for perf in $(readers); do
		for option in --force -b --jit; do
			"$perf" inject -f $option -i whole.data -o injected.data 2>err || fail "$perf inject $option: $(cat err)"
			perf damon report -f -i injected.data --mappings -x , >injected.mappings 2>err
			cmp whole.mappings injected.mappings || fail "$perf inject $option: $(cat err)"
			cmp <(settings whole.data) <(settings injected.data) || fail "$perf inject $option: settings"
		done
	done

	perf damon record -q -o - -- sleep 2 >whole.stream 2>err
	perf damon report -i - --mappings -x , <whole.stream >whole.mappings 2>err
	for option in --force -b; do
		perf inject -f $option <whole.stream >injected.stream 2>err || fail "stream: $option: $(cat err)"
		perf damon report -i - --mappings -x , <injected.stream >injected.mappings 2>err
		cmp whole.mappings injected.mappings || fail "stream: $option: $(cat err)"
	done
}

# A monitor that was started before, recorded by plain perf with a filter. What the filter leaves out is not lost.
test_filter()
{
	start_target
	perf damon start -p "$target" --aggr 100ms 2>err || fail "perf damon start: $(cat err)"
	perf record -q -a -e damon:damon_aggregated --filter 'nr_accesses > 0' -o filtered.data -- sleep 2 2>err ||
		fail "perf record --filter: $(cat err)"
	perf damon stop 2>err || fail "perf damon stop: $(cat err)"
	perf damon report -f -i filtered.data --raw -x , >out 2>err || fail "filtered: status $?: $(cat err)"
	expect "^# filter: nr_accesses > 0; only regions that pass it were recorded$" out
	! grep "left out" out || fail "filtered: losses"
	[ "$(awk -F , '!/^#/ && $9' out | wc -l)" -ge 10 ] || fail "filtered: few regions: $(cat out)"
	! awk -F , '!/^#/ && !$9' out | grep . || fail "filtered: not accessed"
	perf damon report -f -i filtered.data >out 2>err || fail "filtered: status $?: $(cat err)"
	expect "^working set: " out
}

# Snapshots of a stream are printed while it is recorded.
test_stream()
{
	start_target
	perf damon record -q -o - -p "$target" --aggr 100ms --duration 8s 2>err |
		perf damon report -i - --raw >out 2>&1 &
	wait_for grep -q 0x out
	pgrep -x 'kdamond\.[0-9]+' >/dev/null || fail "nothing is printed before the end"
	wait %% || fail "stream: status $?: $(cat err out)"
}

test_perf_script_and_report
test_kdamond
test_heat
test_inject
test_build_ids
test_as_perf_damon
test_parent_like_perf
test_scripts
test_plain_recorders
test_filter
test_stream
finish
