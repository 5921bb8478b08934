#!/bin/bash
# DAMON record of child processes
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

# Number of children of the storm
forks=${PERF_TEST_DAMON_FORKS:-500}

# A program that uses so many MiB for so many seconds
cat >busy.pl <<'PERL'
my ($size, $seconds) = @ARGV;
my $memory = "x" x ($size << 20);
my $end = time + $seconds;
while (time < $end) {
	$memory =~ tr/x/x/;
	select(undef, undef, undef, 0.001);
}
PERL

# snapshots_of FILE NAME: print the number of snapshots of each process with this name
snapshots_of()
{
	perf damon report -f -i "$1" --wss | sed -n "s/^$2 (pid [0-9]*): \([0-9]*\) snapshots\? in .*/\1/p"
}

# expect_snapshots FILE NAME: the process with this name has snapshots
expect_snapshots()
{
	[ -n "$(snapshots_of "$1" "$2")" ] && return
	fail "$1: no snapshot of $2"
	perf damon report -f -i "$1" --wss | grep "(pid"
	settings "$1"
}

# targets FILE: print the time of each change of the targets, in ms, and the targets
targets()
{
	perf script -D -f -i "$1" 2>/dev/null | tr -d '\0' |
		sed -n 's/^\.\.\. note:  damon:settings @\([0-9]*\)[0-9]\{6\} .* -p \([0-9,]*\).*/\1 \2/p'
}

# forks FILE: print the time of each fork, in ms, the new process and its parent; not of those before, whose time is 0
forks()
{
	perf script -f -i "$1" --show-task-events -F time,event 2>/dev/null |
		sed -n '/^ *0\.0*:/d; s/^ *\([0-9]*\)\.\([0-9]\{3\}\).*PERF_RECORD_FORK(\([0-9]*\):\3):(\([0-9]*\):.*/\1\2 \3 \4/p'
}

# A tree that began before, in each of several files
test_tree_of_files()
{
	local pid child file nr=0

	bash -c 'perl busy.pl 4 1000; :' &
	pid=$!
	background+=("$pid")
	wait_for pgrep -P "$pid" >/dev/null
	child=$(pgrep -P "$pid")
	background+=("$child")
	wait_for has_data "$child"
	perf damon record -o tree.data -p "$pid,$child" --switch-output=2s --duration 7s 2>err
	expect_status 0 $? "a tree in several files"
	for file in tree.data.*; do
		perf damon report -f -i "$file" --wss -j >out 2>err
		# The last one may have begun just before the end.
		! grep -q "^no snapshot in " err || continue
		expect "\"pid\":$child,\"parent_pid\":$pid," out
		nr=$((nr + 1))
	done
	[ "$nr" -ge 2 ] || fail "a tree in $nr files"
	kill "$child" "$pid"
	expect_idle "a tree in several files"
}

# A C project: what make calls is monitored: the compiler, and the program that is made.
test_make()
{
	mkdir project
	cat >project/busy.c <<-'C'
		#include <string.h>
		#include <unistd.h>
		/* Mapped when it starts: other kernels may not see what is mapped later. */
		char memory[8 << 20];
		int main(void)
		{
			for (int i = 0; i < 300; i++) {
				memset(memory, i, sizeof(memory));
				usleep(10000);
			}
			return memory[0] == 1;
		}
	C
	# shellcheck disable=SC2016 # variables of make
	printf 'check: busy\n\t./busy\nbusy: busy.c\n\t$(CC) -O1 -o $@ $<\n' >project/Makefile
	perf damon record -o make.data -- make -C project >out 2>err
	expect_status 0 $? "make"
	expect "Monitored [3-9][0-9]* processes for" err
	expect_snapshots make.data make
	expect_snapshots make.data busy
	# Its variable is most of what it accesses.
	perf damon report -f -i make.data --mappings -F accesses_percent,mapping >out 2>&1
	sed -n '/^busy /,/^$/p' out >busy
	expect "^ *[6-9][0-9]\.[0-9]%  .*/project/busy$" busy
	expect_idle "make"
}

# What a script calls, and what it becomes. Its status is passed on, and short children are counted.
test_script()
{
	cat >script.sh <<-'SH'
		/bin/true
		perl busy.pl 4 3
		exec -a last perl -e 'sleep 2; exit 5'
	SH
	perf damon record -o script.data -- bash script.sh 2>err
	expect_status 5 $? "script"
	expect "Monitored [23] processes for" err
	[ "$(snapshots_of script.data perl | wc -l)" = 2 ] ||
		fail "script: $(perf damon report -f -i script.data --wss | grep '(pid')"
	expect_idle "script"
}

# A server that forks: Redis saves its data in a child. It has no name until then but its parent's.
test_server()
{
	local pid server child

	if ! command -v redis-cli redis-check-rdb >/dev/null; then
		echo "no Redis: its fork is not tested"
		return
	fi
	bash -c 'exec -a redis-server redis-check-rdb --port 6399 --save "" --enable-debug-command yes \
		--rdb-key-save-delay 3000' >redis.log 2>&1 &
	server=$!
	background+=("$server")
	wait_for redis-cli -p 6399 ping >/dev/null 2>&1
	redis-cli -p 6399 debug populate 1000 key 4096 >/dev/null
	perf damon record -o redis.data -p "$server" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	sleep 1
	redis-cli -p 6399 bgsave >/dev/null
	sleep 3
	wait_for grep -q "Background saving terminated" redis.log
	sleep 1
	kill -INT "$pid"
	wait "$pid"
	expect_status 130 $? "server"
	expect "Monitored 2 processes for" err
	child=$(forks redis.data | awk -v parent="$server" '$3 == parent { print $2 }')
	perf damon report -f -i redis.data --pid "$child" --mappings >out 2>&1
	expect "(pid $child): [1-9]" out
	# It has not called exec(): it has the mappings of its parent.
	expect "/redis-check-rdb$" out
	kill "$server"
	expect_idle "server"
}

# Monitored within two aggregation intervals of the fork; the time of the note is that of the kernel's change.
test_soon()
{
	local pid time since

	perf damon record -o soon.data --aggr 1s --sample 50ms -- bash -c 'sleep 4; perl busy.pl 4 8 & wait' 2>err
	expect_status 0 $? "soon"
	while read -r time pid _; do
		since=$(targets soon.data | awk -v pid="$pid" '$2 ~ "(^|,)" pid "(,|$)" { print $1; exit }')
		[ -n "$since" ] || fail "soon: process $pid is no target: $(targets soon.data)"
		# The note has a time between two snapshots, and an emulated machine may be late.
		[ $((since - time)) -lt 3500 ] || fail "soon: process $pid became a target after $((since - time)) ms"
	done < <(forks soon.data)
	# No snapshot is of the wrong process: each has its own memory.
	perf damon report -f -i soon.data --raw -x , >out
	awk -F , '/^[0-9]/ { n[$3]++ } END { exit(length(n) < 3) }' out || fail "soon: fewer than three processes"
}

# expect_all FILE PID PARENT: from the first to the last one of PID, each snapshot has PID and PARENT. On kernels
# where these have different kdamonds, PID has about as many as PARENT.
expect_all()
{
	perf damon report -f -i "$1" --raw -x , >raw
	awk -F , -v pid="$2" -v parent="$3" '
		!/^[0-9]/ || seen[$3, $5]++ { next }
		{ kdamonds[$1] }
		$3 == pid { if (!nr++) first = $5; last = $5 }
		$3 == parent { time[nr_times++] = $5 }
		END {
			for (i in time)
				both += time[i] > first && time[i] < last
			print nr + 0 " snapshots, and " both + 0 " of the parent behind the first"
			exit(nr < 10 || (length(kdamonds) == 1 ? both != nr - 1 : nr < both * 0.8))
		}' raw >all || fail "$1: snapshots are missing: process $2 has $(cat all)"
}

# A storm of short children: a child that lives on loses no snapshot, and the cost has a limit.
test_storm()
{
	local pid begin before ticks long parent short monitored

	cat >storm.pl <<-'PERL'
		my $long = fork || exec("perl", "busy.pl", 4, 1000);
		sleep 2;
		for (1 .. $ARGV[0]) {
			my $pid = fork || exit;
			waitpid($pid, 0);
		}
		open(my $forked, ">", "forked");
		sleep 2;
		kill("KILL", $long);
	PERL
	perf damon record -o storm.data -- perl storm.pl "$forks" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	begin=$SECONDS
	before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
	until [ -e forked ] || [ $((SECONDS - begin)) -gt 600 ]; do
		sleep 0.2
	done
	ticks=$(($(awk '{ print $14 + $15 }' "/proc/$pid/stat") - before))
	# A fifth of a CPU is 20 ticks of 100 in a second.
	[ "$ticks" -le $((25 * (SECONDS - begin) + 25)) ] ||
		fail "storm: perf damon record took $ticks ticks in $((SECONDS - begin)) s"
	wait "$pid"
	expect_status 0 $? "storm"
	read -r _ long parent < <(forks storm.data)
	expect_all storm.data "$long" "$parent"
	short=$(sed -n 's/.*: \([0-9]*\) child processe\?s\? .*too short.*/\1/p' err)
	monitored=$(sed -n 's/.*Monitored \([0-9]*\) processes for.*/\1/p' err)
	[ $((short + monitored - 2)) = "$forks" ] || fail "storm: $forks children are not: $(cat err)"
	echo "storm: $forks children, $ticks ticks in $((SECONDS - begin)) s; process $long: $(cat all)"
	expect_idle "storm"
}

# More children than may be monitored: those that use CPU time are. The limit is not of processes that are given.
test_limit()
{
	cat >limit.sh <<-'SH'
		for i in 1 2 3; do
			sleep 20 &
		done
		sleep 3
		perl busy.pl 2 10 &
		perl busy.pl 2 10 &
		wait %4 %5
		kill %1 %2 %3
	SH
	perf damon record -o limit.data --max-children 2 -- bash limit.sh 2>err
	expect_status 0 $? "limit"
	expect "child process.* not monitored, by --max-children 2" err
	[ "$(snapshots_of limit.data perl | wc -l)" = 2 ] || fail "limit: no snapshots of both busy children"
	targets limit.data >changes
	awk 'split($2, pids, ",") > 3 { exit(1) }' changes || fail "limit: more than three targets: $(cat changes)"
	expect_idle "limit"
}

# A daemon: the process that was named ends, and its child goes on.
test_daemon()
{
	local pid parent

	mkfifo go
	perl -e 'open(my $go, "<", "go"); fork && exit; exec("perl", "busy.pl", 4, 6)' &
	parent=$!
	perf damon record -o daemon.data -p "$parent" 2>err &
	pid=$!
	background+=("$parent" "$pid")
	wait_for recording "$pid"
	: >go
	wait "$pid"
	expect_status 0 $? "daemon"
	expect "Monitored 2 processes for" err
	# perl is the name of both.
	[ "$(snapshots_of daemon.data perl | sort -n | tail -n 1)" -ge 5 ] ||
		fail "daemon: $(perf damon report -f -i daemon.data --wss | grep '(pid')"
	expect_idle "daemon"
}

# members_come_and_go NAME OPTION VALUE START...: of what START starts, all are monitored: the first one, and one that
# is started while it runs; the recording ends when all have ended that were there when it began
members_come_and_go()
{
	local pid first second name=$1 option=$2 value=$3

	shift 3
	"$@"
	first=$member
	perf damon record -o "$name.data" "$option" "$value" 2>err &
	pid=$!
	background+=("$pid")
	wait_for recording "$pid"
	"$@"
	second=$member
	sleep 8
	kill "$second"
	sleep 2
	kill "$first"
	wait "$pid"
	expect_status 0 $? "$name: $(cat err)"
	perf damon report -f -i "$name.data" --wss --range 50,51,1 >out
	for pid in "$first" "$second"; do
		expect "^perl (pid $pid): [1-9]" out
	done
	expect_idle "$name"
}

# shellcheck disable=SC2317 # called by members_come_and_go
in_cgroup()
{
	perl busy.pl 4 1000 &
	member=$!
	background+=("$member")
	wait_for has_data "$member"
	echo "$member" >"$cgroup/perf-damon/in/cgroup.procs"
}

# Also what is in a cgroup within it
test_cgroup()
{
	local cgroup member

	cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	if [ -z "$cgroup" ]; then
		cgroup=$PWD/cgroup
		mkdir "$cgroup"
		if ! mount -t cgroup2 none "$cgroup"; then
			echo "no cgroup2: -G is not tested"
			return
		fi
	fi
	perf damon record -o none.data -G perf-damon 2>err && fail "no error for a cgroup that is not there"
	expect "^-G: cannot read the processes of cgroup 'perf-damon'" err
	mkdir -p "$cgroup/perf-damon/in"
	perf damon record -o none.data -G perf-damon 2>err && fail "no error for a cgroup without processes"
	expect "^-G: no process is in cgroup 'perf-damon' yet" err
	expect_idle "no members"
	members_come_and_go cgroup -G perf-damon in_cgroup
}

# shellcheck disable=SC2317 # called by members_come_and_go
of_nobody()
{
	setpriv --reuid 65534 --clear-groups perl busy.pl 4 1000 &
	member=$!
	background+=("$member")
	wait_for has_data "$member"
}

test_user()
{
	local member

	perf damon record -o none.data -u no-such-user 2>err && fail "no error for a user that is not there"
	expect "^-u: there is no user 'no-such-user'" err
	chmod 755 . && chmod 644 busy.pl
	members_come_and_go user -u nobody of_nobody
}

test_tree_of_files
test_make
test_script
test_server
test_soon
test_storm
test_limit
test_daemon
test_cgroup
test_user
finish
