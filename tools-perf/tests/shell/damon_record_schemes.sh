#!/bin/bash
# DAMON schemes: start, status and record
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # variables of lib/damon.sh

# shellcheck source=lib/damon.sh
. "$(dirname "$0")"/lib/damon.sh
need_monitor

schemes=$kdamonds/0/contexts/0/schemes
# Linux has the tracepoint of schemes since 6.7.
events=/sys/kernel/tracing/events/damon

# expect_file VALUE FILE: FILE of scheme 0 has VALUE
expect_file()
{
	[ "$(cat "$schemes/$2")" = "$1" ] || fail "$2 is $(cat "$schemes/$2"), not $1"
}

# Every part of a scheme is written as the kernel counts it, and read back as it was given.
test_start()
{
	local spec='pageout,size>=4KiB,frequency<=5%,age>=7s,quota=100MiB/s'

	perf damon start -p "$target" --scheme "$spec" >out 2>err || fail "start: $(cat err)"
	expect_file pageout 0/action
	expect_file 4096 0/access_pattern/sz/min
	expect_file 0 0/access_pattern/nr_accesses/min
	expect_file 1 0/access_pattern/nr_accesses/max
	expect_file 70 0/access_pattern/age/min
	expect_file 104857600 0/quotas/bytes
	expect_file 1000 0/quotas/reset_interval_ms
	perf damon status >out
	expect "^  scheme 0:   $spec$" out
	expect "^ *tried [0-9.KMGiB]* in [0-9]* regions, applied to" out
	perf damon stop || fail "stop"
	expect_idle "start with a scheme"

	printf '# two\n\nstat,frequency=0\n  stat,size=4KiB-2MiB,age<2s  \n' >schemes
	perf damon start -p "$target" --sample 10ms --scheme @schemes --scheme hugepage,frequency\>5% >out 2>err ||
		fail "start with a file: $(cat err)"
	expect_file 3 nr_schemes
	expect_file 0 0/access_pattern/nr_accesses/max
	expect_file 2097152 1/access_pattern/sz/max
	expect_file 19 1/access_pattern/age/max
	expect_file 1 2/access_pattern/nr_accesses/min
	perf damon status >out
	expect "^  scheme 2:   hugepage,frequency>=10%$" out
	perf damon stop || fail "stop"
}

# What not every kernel has is named, and nothing is left. Each line: what to monitor, a scheme, a file that it needs,
# and the value that is written there.
test_optional()
{
	local what scheme file value

	while read -r what scheme file value; do
		[ "$what" = -a ] || what="-p$target"
		if perf damon start "$what" --scheme "$scheme" >out 2>err; then
			expect_file "$value" "0/$file"
			perf damon status >out
			grep -qxF "  scheme 0:   $scheme" out || fail "$scheme: status: $(cat out)"
			perf damon stop || fail "stop"
		else
			[ "$(wc -l <err)" = 1 ] || fail "$scheme: more than one line: $(cat err)"
			expect "^--scheme: this kernel's DAMON " err
		fi
		expect_idle "$scheme"
	done <<-'END'
	-p stat,every=500ms apply_interval_us 500000
	-p stat,quota=10ms/s quotas/ms 10
	-p stat,not=addr:0x1000-0x2000 filters/0/addr_start 4096
	-p stat,only=target:0 filters/0/damon_target_idx 0
	-a pageout,only=memcg:/ filters/0/memcg_path /
	-a pageout,not=anon filters/0/type anon
	-a stat,only=young filters/0/matching N
	-a lru_prio,frequency>=50% action lru_prio
	-a lru_deprio,age>=5s action lru_deprio
	-a migrate_cold:0,age>=5s target_nid 0
	-a migrate_hot:0 action migrate_hot
	END
}

# refuse TEXT OPTION...: a mistake is named in the first line, before anything is changed
refuse()
{
	local text=$1

	shift
	! perf damon start "$@" >out 2>err || fail "no error: $*"
	head -n 1 err >line
	expect "$text" line
	expect_idle "$*"
}

test_errors()
{
	refuse "'pagout' is no action: stat, pageout" -p "$target" --scheme pagout
	refuse "^--scheme: cold is only for addresses of processes" -a --scheme cold
	refuse "^--scheme: lru_prio is only for physical memory" -p "$target" --scheme lru_prio
	refuse "^--scheme: anon is only for physical memory" -p "$target" --scheme pageout,not=anon
	refuse "^--scheme: cannot read /none: No such file" -p "$target" --scheme @/none
}

# A recording has the scheme, its statistics, and the events of what it was tried on.
test_record()
{
	perf damon record -o scheme.data -p "$target" --scheme 'stat,size>=4KiB,frequency<=50%' --duration 4s 2>err ||
		fail "record: $(cat err)"
	expect_idle "record with a scheme"
	settings scheme.data >out
	expect ' --scheme stat,size>=4KiB,frequency<=50% -p ' out
	perf damon report -f -i scheme.data --schemes >out 2>err || fail "--schemes: $(cat err)"
	expect '^scheme 0: stat,size>=4KiB,frequency<=50%$' out
	expect '^tried on [0-9.]*[KMG]iB in [1-9][0-9]* regions, applied to 0B; over quota in 0 windows$' out
	[ -e "$events/damos_before_apply" ] || return
	# Rows of perf report are for whose memory it is. (The kdamond's are of before its settings were noted.)
	perf report -f -i scheme.data --stdio 2>/dev/null | awk '
		/^# Samples: .* of event/ { event = $NF }
		/^ / { print event, $2 }' >out
	expect "^'damon:damos_before_apply' $target:perl$" out
	expect "^'damon:damon_aggregated' $target:perl$" out
	perf damon report -f -i scheme.data --schemes -j >schemes.json
	perf damon report -f -i scheme.data --what-if 'stat,size>=4KiB,frequency<=50%' -j >what-if.json
	perf script -f -i scheme.data 2>/dev/null | sed -n 's/.*damos_before_apply: .* \([0-9]*\)-\([0-9]*\): .*/\1 \2/p' >events
	python3 - <<'END' || fail "--schemes, the events, the statistics and --what-if differ"
import json
events = sum(int(end) - int(start) for start, end in (line.split() for line in open("events")))
stats = json.load(open("schemes.json"))["targets"][0]["schemes"][0]["sz_tried"]
predicted = json.load(open("what-if.json"))["targets"][0]["tried_bytes"]
print(events, stats, predicted)
# Statistics end a little before the monitor is off; a snapshot may be cut off at the end.
assert 0 < stats <= events and stats > 0.8 * events
assert abs(predicted - events) < 0.2 * events
END
}

# A recording of what runs already has them, too.
test_running()
{
	[ -e "$events/damos_before_apply" ] || return
	perf damon start -p "$target" --scheme 'stat,size>=4KiB' >out 2>err || fail "start: $(cat err)"
	perf damon record -q -o running.data --duration 3s 2>err || fail "record what runs: $(cat err)"
	perf damon stop || fail "stop"
	perf damon report -f -i running.data --schemes -j >schemes.json
	python3 - <<'END' || fail "record what runs: --schemes has no rows or no statistics"
import json
scheme, = json.load(open("schemes.json"))["targets"][0]["schemes"]
assert scheme["spec"] == "stat,size>=4KiB" and scheme["sz_tried"]
assert sum(row["tried_bytes"] for row in scheme["times"])
END
}

# Without the tracepoint, as on Linux before 6.7, statistics are all that there is of schemes.
test_without_tracepoint()
{
	[ ! -e "$events/damos_before_apply" ] || mount -t tmpfs none "$events/damos_before_apply" || return
	perf damon record -o bare.data -p "$target" --scheme 'stat,size>=4KiB' --duration 3s 2>err ||
		fail "without the tracepoint: $(cat err)"
	umount "$events/damos_before_apply"
	expect_idle "without the tracepoint"
	expect "^this kernel has no tracepoint damon:damos_before_apply" err
	perf damon report -f -i bare.data --schemes >out 2>err || fail "without the tracepoint: $(cat err)"
	expect '^# tried on: .* is not in the record' out
	expect '^tried on [0-9.]*[KMG]iB in [1-9][0-9]* regions' out
}

# start_redis, start_sqlite, start_python: programs of Debian's packages at their work, whose process is $program. The
# file ready has something once they have filled their memory.
# shellcheck disable=SC2317 # called by their names
start_redis()
{
	local server

	server=$(command -v redis-server || command -v redis-check-rdb) || return
	# It tells by its name what it is to be.
	ln -sf "$server" redis-server
	./redis-server --save '' --port 0 --unixsocket "$dir/socket" --enable-debug-command yes >/dev/null &
	program=$!
	background+=("$program")
	wait_for redis-cli -s "$dir/socket" ping >/dev/null 2>&1
	redis-cli -s "$dir/socket" debug populate 20000 key 1024 >ready
	redis-benchmark -s "$dir/socket" -q -t set,get -r 2000 -d 1024 -P 16 -l >/dev/null 2>&1 &
	background+=("$!")
}

# shellcheck disable=SC2317
start_sqlite()
{
	command -v sqlite3 >/dev/null || return
	mkfifo feed
	{
		echo "CREATE TABLE pairs(key INTEGER PRIMARY KEY, value TEXT);
			WITH RECURSIVE one(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one LIMIT 100000)
			INSERT INTO pairs SELECT i, printf('%.*c', 400, 'v') FROM one;"
		# The last rows, again and again
		while :; do
			echo "WITH RECURSIVE one(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one LIMIT 5000)
				SELECT sum(length(value)) FROM one JOIN pairs ON key = 100000 - abs(random()) % 5000;"
		done
	} >feed 2>/dev/null &
	background+=("$!")
	stdbuf -oL sqlite3 <feed >ready &
	program=$!
	background+=("$program")
}

# shellcheck disable=SC2317
start_python()
{
	python3 -u -c 'import random
values = {str(i): str(i) * 50 for i in range(200000)}
keys = list(values)[:2000]
print("ready")
while True:
    values[random.choice(keys)].count("1")' >ready &
	program=$!
	background+=("$program")
}

# near NAME SPEC: what --what-if says of a record of $program without a scheme is within 20 % of what the same scheme is
# then tried on
near()
{
	perf damon record -q -o before.data -p "$program" --duration 8s 2>err || fail "$1: $(cat err)"
	perf damon record -q -o after.data -p "$program" --scheme "$2" --duration 8s 2>err ||
		fail "$1 with a scheme: $(cat err)"
	perf damon report -f -i before.data --what-if "$2" -j >before.json
	perf damon report -f -i after.data --schemes -j >after.json
	python3 - "$1" <<'END'
import json, sys
before, after = (json.load(open(f + ".json"))["targets"][0] for f in ("before", "after"))
# A snapshot each time that it is tried; both with what is not mapped, which the regions of stock DAMON have
predicted = before["tried_bytes"] / before["snapshots"]
tried = after["schemes"][0]["sz_tried"] / after["snapshots"]
print("%s: predicted %d bytes, tried on %d each time: %+.1f%%; snapshots: %d and %d" %
      (sys.argv[1], predicted, tried, 100 * (predicted / tried - 1), before["snapshots"], after["snapshots"]))
sys.exit(abs(predicted / tried - 1) > 0.2)
END
}

# On a busy machine a program may do more in one of the two recordings than in the other: once more then.
test_prediction()
{
	local name nr=0 spec='stat,size>=4KiB,frequency<=5%,age>=500ms' program

	for name in redis sqlite python; do
		program=
		rm -f ready
		start_$name
		[ -n "$program" ] || continue
		nr=$((nr + 1))
		until [ -s ready ]; do
			sleep 0.1
		done
		sleep 1
		near $name "$spec" || near $name "$spec" || fail "$name: another prediction"
		kill "$program" || fail "$name has ended"
	done
	[ $nr = 3 ] || echo "only $nr of redis, sqlite3 and python3 are there"
	[ $nr -gt 0 ] || fail "no program to predict"
}

start_target
test_start
test_optional
test_errors
test_record
test_running
test_without_tracepoint
test_prediction
finish
