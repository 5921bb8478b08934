#!/bin/bash
# DAMON start, stop and status with a copy of sysfs
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154,SC2086 # variables of lib/damon.sh, and $kdamonds has no spaces

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh

export SYSFS_PATH=$dir/sysfs TRACEFS_PATH=$dir/tracefs
kdamonds=$SYSFS_PATH/kernel/mm/damon/admin/kdamonds

# put VALUE FILE...: make files with a value
put()
{
	local value=$1 file

	shift
	for file; do
		mkdir -p "$(dirname "$file")"
		echo "$value" >"$file"
	done
}

# make_kdamond INDEX PID AGGR_US: make the files of a kdamond that is off
make_kdamond()
{
	local kdamond=$kdamonds/$1 context=$kdamonds/$1/contexts/0

	put off "$kdamond/state"
	put "$2" "$kdamond/pid"
	put 1 "$kdamond/contexts/nr_contexts"
	put vaddr "$context"/{operations,avail_operations}
	put 5000 "$context/monitoring_attrs/intervals/sample_us"
	put "$3" "$context/monitoring_attrs/intervals/aggr_us"
	put 1000000 "$context/monitoring_attrs/intervals/update_us"
	put 10 "$context/monitoring_attrs/nr_regions/min"
	put 1000 "$context/monitoring_attrs/nr_regions/max"
	put 1 "$context/targets/nr_targets"
	put "$target" "$context/targets/0/pid_target"
}

# make_tree: begin anew, without a kdamond
make_tree()
{
	rm -rf "$SYSFS_PATH" "$TRACEFS_PATH"
	put 0 "$kdamonds/nr_kdamonds"
	put 123 "$TRACEFS_PATH/events/damon/damon_aggregated/id"
}

# expect_file VALUE FILE: FILE contains VALUE
expect_file()
{
	[ "$(cat "$2")" = "$1" ] || fail "$2: $(cat "$2"), expected $1"
}

# Before a kdamond is turned on, its files may have anything, such as intervals of 0.
test_no_intervals()
{
	local scheme=$kdamonds/0/contexts/0/schemes/0 file

	make_tree
	put 1 "$kdamonds/nr_kdamonds"
	make_kdamond 0 -1 0
	put 0 "$kdamonds/0/contexts/0/monitoring_attrs/intervals/sample_us"
	put 1 "$kdamonds/0/contexts/0/schemes/nr_schemes"
	put stat "$scheme/action"
	for file in sz nr_accesses age; do
		put 1 "$scheme/access_pattern/$file/min"
		put 2 "$scheme/access_pattern/$file/max"
	done
	perf damon status >out 2>err || fail "intervals of 0: status $?: $(cat err)"
	expect '^  scheme 0:   stat,size>=1B,size<=2B,' out
}

test_two_kdamonds()
{
	make_tree
	make_kdamond 0 4000001 100000
	make_kdamond 1 4000002 1000000
	put 2 $kdamonds/nr_kdamonds
	put on $kdamonds/1/state
	cat >expected <<-END
		kdamond 0: off; made by somebody else
		  settings:   --ops vaddr --sample 5ms --aggr 100ms --update 1s --min-regions 10 --max-regions 1000
		  process:    $target (sleep)
		kdamond 1: running, process 4000002; made by somebody else
		  settings:   --ops vaddr --sample 5ms --aggr 1s --update 1s --min-regions 10 --max-regions 1000
		  process:    $target (sleep)
	END
	perf damon status >out 2>err || fail "status: $?"
	diff expected out || fail "status of two"
	# Files that a user may read are enough.
	perf_as_nobody damon status >out 2>err || fail "status, not root: $? $(cat err)"
	diff expected out || fail "status, not root"
	chmod 600 $kdamonds/nr_kdamonds
	perf_as_nobody damon status >out 2>err
	expect_status 243 $? "status without permission"
	expect "not allowed to read how DAMON is used, .*: try sudo" err
}

# Status changes nothing: if tracefs is not mounted, as here in a namespace, it does not mount it. (Nor is debugfs, in
# which the kernel mounts it when somebody looks.)
test_no_mount()
{
	make_tree
	env -u TRACEFS_PATH unshare -m sh -c '
		while umount -l /sys/kernel/tracing || umount -l /sys/kernel/debug; do :; done 2>/dev/null
		cat /proc/self/mounts >before
		perf damon status -v >out 2>err || echo "status $?"
		cat /proc/self/mounts >after' >failure 2>&1 || return 0	# only root can try
	[ ! -s failure ] || fail "status -v: $(cat failure err)"
	expect "^no kdamond is running$" out
	diff before after || fail "status has mounted something"
}

# The state tells that a monitor is on. Its thread may have no number, or that of another process, as in a container.
test_container()
{
	local pid

	for pid in 4000000 $$ -1; do
		make_tree
		make_kdamond 0 $pid 100000
		perf damon start -p "$target" --aggr 1s >out 2>err
		expect_status 0 $? "start in a container"
		expect "^DAMON monitors; to record it: perf damon record" out
		[ ! -s err ] || fail "start in a container: $(cat err)"
		expect_file on $kdamonds/0/state
		expect_file 1000000 $kdamonds/0/contexts/0/monitoring_attrs/intervals/aggr_us
		expect_file "$target" $kdamonds/0/contexts/0/targets/0/pid_target
		perf damon status >out
		expect "^kdamond 0: running, .*; made by perf damon start$" out
		perf damon stop || fail "stop in a container"
		expect_file off $kdamonds/0/state
		expect_file 0 $kdamonds/nr_kdamonds
	done
}

# By its pidfd a process cannot be mistaken for a later one with its number.
test_pidfd()
{
	make_tree
	make_kdamond 0 4000000 100000
	put -1 $kdamonds/0/contexts/0/targets/0/pidfd_target
	perf damon start -p "$target" >out 2>err || fail "start by pidfd: $(cat err)"
	expect_file "$target" $kdamonds/0/contexts/0/targets/0/pid_target
	grep -q '^[0-9]\+$' $kdamonds/0/contexts/0/targets/0/pidfd_target || fail "no pidfd was written"
	put "$target" $kdamonds/0/contexts/0/targets/0/pidfd_target
	put 0 $kdamonds/0/contexts/0/targets/0/pid_target
	perf damon status >out
	expect "process:    $target (sleep)" out
	perf damon stop || fail "stop by pidfd"
}

# A mark that cannot be written is no reason not to monitor.
test_no_mark()
{
	[ "$(id -u)" = 0 ] || return
	make_tree
	make_kdamond 0 4000000 100000
	chown -R 65534 "$SYSFS_PATH"
	perf_as_nobody damon start -p "$target" >out 2>err || fail "start without a mark: $? $(cat err)"
	expect "cannot write /run/perf-damon, by which later commands know our kdamond" err
	expect_file on $kdamonds/0/state
}

# There may be more processes than files that a program may have open by default.
test_many_processes()
{
	local i pids=$target

	make_tree
	make_kdamond 0 4000000 100000
	for ((i = 1; i < 40; i++)); do
		sleep 1000 &
		background+=("$!")
		pids+=,$!
		put 0 $kdamonds/0/contexts/0/targets/$i/pid_target
	done
	(ulimit -S -n 30; perf damon start -p "$pids" >out 2>err) || fail "many processes: $(cat err)"
	expect_file 40 $kdamonds/0/contexts/0/targets/nr_targets
	expect_file "${pids##*,}" $kdamonds/0/contexts/0/targets/39/pid_target
	perf damon stop || fail "many processes: stop"
}

# A process whose first thread has ended is monitored, a kernel thread is not.
test_threads()
{
	local pid

	make_tree
	make_kdamond 0 4000000 100000
	if command -v python3 >/dev/null; then
		python3 -c '
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)' &
		pid=$!
		background+=("$pid")
		wait_for grep -q '^State:.*zombie' "/proc/$pid/status"
		perf damon start -p "$pid" >out 2>err || fail "first thread has ended: $(cat err)"
		expect_file "$pid" $kdamonds/0/contexts/0/targets/0/pid_target
		perf damon stop || fail "first thread has ended: stop"
		kill -KILL "$pid"
		{ wait "$pid"; } 2>/dev/null
	fi
	perf damon start -p 2 >out 2>err
	expect_status 234 $? "kernel thread"
	perf damon start -p "$target,4000000" >out 2>err
	expect_status 253 $? "no process"
	expect "no such process: 4000000" err
	expect_file off $kdamonds/0/state
}

# The name of a process may have characters beyond ASCII.
test_name()
{
	local pid

	make_tree
	make_kdamond 0 4000000 100000
	cp "$(readlink -f "$(command -v sleep)")" größe
	./größe 1000 &
	pid=$!
	background+=("$pid")
	wait_for grep -q größe "/proc/$pid/comm"
	perf damon start -p "$pid" >out 2>err || fail "a name beyond ASCII: $(cat err)"
	perf damon status >out
	expect "process:    $pid (größe)" out
	perf damon stop || fail "a name beyond ASCII: stop"
}

sleep 1000 &
target=$!
background+=("$target")
test_two_kdamonds
test_no_intervals
test_no_mount
test_container
test_pidfd
test_no_mark
test_many_processes
test_threads
test_name
finish
